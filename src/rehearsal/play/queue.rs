//! How a test of Botium goes: what the bot says waits in a queue, and each `#bot` section takes the oldest message.

use crate::conversation::{Message, Span, Value};
use crate::language::transcript::syntax::Manner;
use crate::rehearsal::Expected;
use crate::rehearsal::botium::{ANOTHER_TEXT, Act, Heard, Memory, value_at};
use crate::rehearsal::partner::Cue;

use super::{Beat, Label, Pair, Player, Said, Stopped, written};

/// How long a section waits for its message, as Botium does unless it is told otherwise.
const PATIENCE: Span = Span(10_000);

impl Player<'_> {
    pub(super) fn beat_of_botium(&mut self, beat: &Beat) {
        self.now.said = std::mem::take(&mut self.left);
        self.now.waited = self.now.said.len();
        self.happen(&beat.what, false);
        let mut next = 0;
        for (number, line) in beat.expected.iter().enumerate() {
            let said = self.oldest(next);
            let good = match said {
                None => {
                    self.refuse("nothing was said in time".to_string());
                    false
                }
                Some(at) => match self.take(line, at) {
                    Ok(()) => {
                        next = at + 1;
                        true
                    }
                    // It may be said, and another section looks at the message.
                    Err(_) if line.manner == Manner::May => {
                        self.now.pairs.push(Pair { expected: Some(number), said: None, good: true });
                        continue;
                    }
                    Err(why) => {
                        next = at + 1;
                        self.refuse(why);
                        false
                    }
                },
            };
            self.now.pairs.push(Pair { expected: Some(number), said, good });
            if !good {
                return;
            }
        }
        let waits = self.now.said.iter().skip(next).filter(|said| said.label == Label::Bot);
        self.left = waits.cloned().collect();
    }

    /// Why a section is not content. Nothing is said of a text: both are shown side by side.
    fn refuse(&mut self, why: String) {
        if why != ANOTHER_TEXT {
            self.now.stopped.get_or_insert(Stopped::Impossible(why));
        }
    }

    /// The oldest message from here on; time passes until there is one.
    fn oldest(&mut self, next: usize) -> Option<usize> {
        loop {
            let waits = self.now.said.iter().skip(next).position(|said| said.label == Label::Bot);
            if let Some(at) = waits {
                return Some(next + at);
            }
            if self.now.stopped.is_some() || !self.sleep(PATIENCE) {
                return None;
            }
        }
    }

    /// Time passes until the bot wakes; false, if it does not in this time.
    fn sleep(&mut self, longest: Span) -> bool {
        let start = self.partner.now();
        self.wakes(start, start.after(longest))
    }

    /// A section takes a message, if it is content with it.
    fn take(&mut self, line: &Expected, at: usize) -> Result<(), String> {
        self.note_answers();
        let said = &self.now.said[at];
        let heard = Heard { said, answered: &self.answered };
        let mut seed = self.queue.map_or(0, |queue| queue.seed);
        let mut known = self.bindings.clone();
        for ask in line.asks.iter().flatten() {
            let mut memory = Memory { known: &known, now: self.partner.now(), dice: &mut seed };
            let caught = ask.fits(&heard, &mut memory)?;
            known.extend(caught);
        }
        self.bindings = known;
        self.queue.iter_mut().for_each(|queue| queue.seed = seed);
        self.taken = said.message.clone();
        if let Some(Message::Choices(question)) = &said.message {
            let choices = question.choices.iter();
            self.choices = choices.map(|choice| (choice.label.clone(), choice.payload.clone())).collect();
        }
        Ok(())
    }

    /// What has answered: the dialog, and the intent if the line of the starter names one.
    fn note_answers(&mut self) {
        for why in &self.now.why {
            let line = why.place.as_ref().and_then(|place| self.line(place)).unwrap_or_default();
            let intent = line.strip_prefix("intent ").map(|name| name.trim().trim_matches('"').to_string());
            for name in intent.into_iter().chain([why.dialog.clone()]) {
                if !self.answered.contains(&name) {
                    self.answered.push(name);
                }
            }
        }
    }

    fn put_into(&mut self, text: &str) -> String {
        let mut seed = self.queue.map_or(0, |queue| queue.seed);
        let mut memory = Memory { known: &self.bindings, now: self.partner.now(), dice: &mut seed };
        let text = memory.put_into(text);
        self.queue.iter_mut().for_each(|queue| queue.seed = seed);
        text
    }

    pub(super) fn act_of_botium(&mut self, act: &Act) {
        match act {
            Act::Says(text) => {
                let text = self.put_into(text);
                self.hears(text);
            }
            Act::SaysOneOf(column) => {
                let sample = self.bindings.get(column).cloned().unwrap_or_default();
                let text = self.put_into(&sample);
                self.hears(text);
            }
            Act::Chooses(payload, text) => {
                let payload = self.put_into(payload);
                // Whoever names a button by what stands on it means what it sends.
                let meant = text.iter().chain([&payload]).map(|text| text.to_lowercase()).collect::<Vec<_>>();
                let named = self.choices.iter().find(|(label, _)| meant.contains(&label.to_lowercase()));
                let sent = named.map_or(payload, |(_, own)| own.clone());
                self.hears(sent);
            }
            Act::Sends(uri) => {
                let uri = self.put_into(uri);
                self.answered.clear();
                let name = uri.rsplit(['/', '\\']).next().unwrap_or(&uri).to_string();
                let data = [("name", name), ("url", uri)];
                let data = data.map(|(name, text)| (name.to_string(), Value::text(text))).into();
                self.now.happened = "happens: file received".to_string();
                self.cue(Cue::Happens("file received", &Value::map(data)), false);
            }
            Act::Set(name, value) => {
                let value = self.put_into(value);
                self.now.happened = format!("set: {name} = {value}");
                self.bindings.insert(name.clone(), value);
            }
            Act::Clear(name) => {
                self.now.happened = format!("clear: {name}");
                self.bindings.remove(name);
            }
            Act::Assign(name, path) => {
                self.now.happened = format!("set: {name} = {path}");
                let data = value_at(self.taken.as_ref(), path);
                match data {
                    Some(value) => {
                        self.bindings.insert(name.clone(), value);
                    }
                    None => {
                        let why = format!("nothing is at `{path}` in the last message");
                        self.now.stopped = Some(Stopped::Impossible(why));
                    }
                }
            }
            Act::Awaits(time) => {
                self.now.happened = format!("wait: {}", written(*time));
                if !self.now.said.iter().any(|said: &Said| said.label == Label::Bot) && !self.sleep(*time) {
                    self.partner.arrive(self.partner.now().after(*time));
                }
            }
            Act::Skips => {
                self.now.happened = "skip: what nobody took".to_string();
                self.now.said.clear();
                self.now.waited = 0;
            }
        }
    }

    fn hears(&mut self, text: String) {
        self.answered.clear();
        self.say(text, false);
    }
}
