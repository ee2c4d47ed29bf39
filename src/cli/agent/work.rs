//! What happens to somebody who works here, and what they do about it.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use std::collections::VecDeque;

use serde_json::{Value as Json, json};

use crate::cli::exit::{Exit, Failure};
use crate::cli::live::{Aways, Errand, Heard, Keyboard, Link, News, Screen, Shown, follow, turn_of};
use crate::cli::remote::{Ask, Trouble, new_id, word};

use super::command::{COMMANDS, Command, To};
use super::held::{Held, Ring};
use super::login::State;

/// How often the others are told at most that somebody is writing.
const WRITING_EVERY: Duration = Duration::from_secs(5);
/// Conversations that are listed as waiting.
const WAITING_MAX: u32 = 50;

pub(super) struct Work<'t> {
    link: Arc<Link>,
    errands: Sender<Errand>,
    screen: Screen<'t>,
    keyboard: Keyboard,
    held: Held,
    user: String,
    state: State,
    /// What was asked for and is not done yet, in order.
    asked: VecDeque<Asked>,
    aways: Aways,
    /// How things stood when they were told last.
    stands: Json,
    /// What stands on the screen already, as it was typed there.
    typed: Vec<(usize, String)>,
    wrote: Option<Instant>,
    leaving: bool,
}

/// What was asked for.
enum Asked {
    /// Said in a conversation: its number, and what.
    Said(usize, String),
    State(&'static str),
    List,
    Other,
}

impl<'t> Work<'t> {
    pub(super) fn new(
        link: Arc<Link>,
        errands: Sender<Errand>,
        screen: Screen<'t>,
        keyboard: Keyboard,
        user: &str,
        state: State,
    ) -> Work<'t> {
        Work {
            link,
            errands,
            screen,
            keyboard,
            held: Held::new(user),
            user: user.to_string(),
            state,
            asked: VecDeque::new(),
            aways: Aways::default(),
            stands: Json::Null,
            typed: Vec::new(),
            wrote: None,
            leaving: false,
        }
    }

    pub(super) fn go_on(mut self, news: &Receiver<News>) -> Result<Exit, Failure> {
        loop {
            let reminder = self.held.next_reminder().filter(|_| self.screen.is_typed());
            let next = match reminder {
                Some(at) => news.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(News::Typed(Heard::Line(line))) => self.hear(&line)?,
                Ok(News::Typed(Heard::Unfit(why))) => self.screen.error(&why),
                Ok(News::Typed(Heard::End)) => self.leaving = true,
                Ok(News::Typed(Heard::Interrupted)) => return Ok(Exit::Interrupted),
                Ok(News::Typed(Heard::Failed(why))) => return Err(Failure::new(Exit::Io, why)),
                Ok(News::Keys) => self.writing(),
                Ok(News::Happened { conversation, events, turn }) => {
                    self.happened(&conversation, &events, turn)?
                }
                Ok(News::Lost { conversation, why }) => self.lost(&conversation, &why)?,
                Ok(News::Stands(stands)) => self.stands(stands?)?,
                Ok(News::Done(done)) => self.done(done)?,
                Ok(News::Away { way, why }) => self.aways.away(way, &why, &mut self.screen),
                Ok(News::Back { way }) => self.aways.back(way, &mut self.screen),
                Err(RecvTimeoutError::Timeout) => {
                    for (number, left) in self.held.reminders() {
                        self.tell(number, &format!("still rings for {left} s"))?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Ok),
            }
            if self.screen.is_closed() {
                self.leaving = true;
            }
            if self.leaving && self.asked.is_empty() {
                let gone = self.link.remote.ask(&Ask::delete("/api/v1/login"));
                if let Err(trouble) = gone {
                    self.screen.error(&format!("you are not logged out: {}", trouble.sentence()));
                }
                return Ok(Exit::Ok);
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- what happens

    /// How things stand: what rings here, and what there is to do.
    fn stands(&mut self, stands: Json) -> Result<(), Failure> {
        let list = |name: &str| stands[name].as_array().cloned();
        let (Some(rings), Some(conversations)) = (list("rings"), list("conversations")) else {
            let why = "this is no server of Parlor: it does not say what there is to do".to_string();
            return Err(Trouble::Nonsense(why).into());
        };
        for summary in &conversations {
            let turn = summary["turn"].as_u64().unwrap_or_default();
            let Some(known) = self.held.known(summary) else { continue };
            // What was given away since is not taken back by older news.
            if known.mine || turn <= known.since {
                continue;
            }
            (known.mine, known.since, known.ring, known.ends) = (true, turn, None, "");
            known.enough = Arc::new(AtomicBool::new(false));
            let (number, channel, skill) = (known.number, known.channel.clone(), known.skill.clone());
            follow(&self.link, &known.id, known.turn, known.enough.clone());
            self.held.front.get_or_insert(number);
            self.tell(number, &format!("is yours: {channel}, skill {skill}"))?;
        }
        let now = stands["now"].as_i64().unwrap_or_default();
        for summary in &rings {
            let ring = summary["ring"].as_u64().unwrap_or_default();
            let left = summary["until"].as_i64().unwrap_or_default().saturating_sub(now).max(0) as u64;
            let Some(known) = self.held.known(summary) else { continue };
            if known.ring.as_ref().is_some_and(|known| known.number == ring) {
                continue;
            }
            known.ring = Some(Ring::new(ring, Duration::from_millis(left)));
            let (number, channel, skill) = (known.number, known.channel.clone(), known.skill.clone());
            let seconds = left.div_ceil(1_000);
            self.tell(
                number,
                &format!("rings for {seconds} s: {channel}, skill {skill}; /accept or /reject"),
            )?;
        }
        let mut over = Vec::new();
        for known in &mut self.held.all {
            let rings = rings.iter().any(|summary| summary["conversation"] == known.id.as_str());
            if !rings && known.ring.take().is_some() && !known.mine {
                over.push(known.number);
            }
        }
        for number in over {
            self.tell(number, "rings no more")?;
        }
        let (before, now) = (&self.stands["availability"], &stands["availability"]);
        if !before.is_null() && before != now {
            let said = now.as_str().unwrap_or_default().replace('_', " ");
            self.screen.remark(&format!("you are {said}"));
        }
        self.stands = stands;
        self.keyboard_says();
        Ok(())
    }

    fn happened(&mut self, id: &str, events: &[Json], turn: u64) -> Result<(), Failure> {
        let (typed, user) = (self.screen.is_typed(), self.user.clone());
        let Some(known) = self.held.of(id).filter(|known| known.mine) else { return Ok(()) };
        let (number, shown) = (known.number, known.turn);
        let mut lines = Vec::new();
        let mut gone = None;
        for event in events.iter().filter(|event| turn_of(event).is_none_or(|turn| turn > shown)) {
            let kind = event["type"].as_str().unwrap_or_default();
            if kind == "doing" && !typed {
                continue; // it is about a moment that is over when somebody reads it
            }
            if kind == "said" && known.teller.is_own(event) {
                let said = event["text"].as_str().unwrap_or_default();
                if let Some(at) =
                    self.typed.iter().position(|(to, typed)| (*to, typed.as_str()) == (number, said))
                {
                    self.typed.remove(at);
                    continue;
                }
            }
            lines.extend(known.teller.lines(event));
            let own = |field: &Json| *field == user.as_str();
            let leaves = match kind {
                "closed" | "waits" => true,
                "held" => !own(&event["by"]["user"]),
                "left" => own(&event["user"]),
                _ => false,
            };
            // What was before it came here is history.
            if let Some(at) = turn_of(event).filter(|at| leaves && *at > known.since) {
                gone = Some(at);
                break;
            }
        }
        known.turn = known.turn.max(gone.unwrap_or(turn));
        self.show(number, &lines)?;
        if let Some(at) = gone {
            self.gone(number, at)?;
        }
        Ok(())
    }

    /// Nothing more is heard of a conversation.
    fn lost(&mut self, id: &str, why: &Trouble) -> Result<(), Failure> {
        let Some(known) = self.held.of(id).filter(|known| known.mine) else { return Ok(()) };
        let (number, turn) = (known.number, known.turn);
        let ends = if known.ends.is_empty() { "is not yours any more" } else { known.ends };
        match why.is("not-a-participant") || why.is("unknown-conversation") {
            true => self.tell(number, ends)?,
            false => return Err(why.clone().into()),
        }
        self.gone(number, turn)
    }

    fn gone(&mut self, number: usize, turn: u64) -> Result<(), Failure> {
        let before = self.held.front;
        self.held.is_gone(number, turn);
        if let Some(front) = self.held.front.filter(|_| self.held.front != before) {
            self.tell(front, "is in front now")?;
        }
        self.keyboard_says();
        Ok(())
    }

    /// What was asked for is done, or not.
    fn done(&mut self, done: Result<Json, Trouble>) -> Result<(), Failure> {
        match (self.asked.pop_front(), done) {
            (Some(Asked::List), Ok(found)) => self.list(Some(&found)),
            (Some(Asked::List), Err(_)) => self.list(None),
            (Some(Asked::State(state)), Ok(_)) => {
                *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
                Ok(())
            }
            (Some(Asked::Said(number, said)), Err(trouble)) => {
                self.typed.retain(|typed| *typed != (number, said.clone()));
                self.screen.error(&trouble.sentence());
                Ok(())
            }
            (_, Err(trouble)) => {
                self.screen.error(&trouble.sentence());
                Ok(())
            }
            (_, Ok(_)) => Ok(()),
        }
    }

    // ----------------------------------------------------------------------------------------------- what is done

    fn hear(&mut self, line: &str) -> Result<(), Failure> {
        let done = match Command::read(line) {
            Ok(command) => self.obey(command)?,
            Err(why) => Err(why),
        };
        if let Err(why) = done {
            self.screen.error(&why);
        }
        Ok(())
    }

    /// Does what a command asks for, or says why not.
    fn obey(&mut self, command: Command) -> Result<Result<(), String>, Failure> {
        let nobody = || Err("no conversation is in front; /list shows what there is".to_string());
        let front = self.held.in_front().map(|front| (front.number, front.id.clone(), front.skill.clone()));
        match (command, front) {
            (Command::Nothing, _) => {}
            (Command::Quit, _) => self.leaving = true,
            (Command::Help, _) => {
                let list = COMMANDS.iter().map(|(command, does)| format!("{command:<20}  {does}"));
                list.for_each(|line| self.screen.remark(&line));
            }
            (Command::List, _) => {
                let path = format!("/api/v1/conversations?state=open&limit={WAITING_MAX}");
                self.ask(Ask::get(path), Asked::List);
            }
            (Command::State(state), _) => {
                let ask = Ask::put("/api/v1/me/availability", &json!({ "availability": state }));
                self.ask(ask, Asked::State(state));
            }
            (Command::Accept(number), _) => return self.ring(number, "accept"),
            (Command::Reject(number), _) => return self.ring(number, "reject"),
            (Command::Take(number), _) => match self.held.numbered(number) {
                Some(known) => {
                    let id = known.id.clone();
                    self.change(&id, "take", json!({}), Asked::Other)?;
                }
                None => return Ok(Err(format!("there is no conversation {number}; /list numbers them"))),
            },
            (Command::Switch(number), _) => match self.held.numbered(number).filter(|known| known.mine) {
                Some(_) => {
                    self.held.front = Some(number);
                    self.keyboard_says();
                    self.tell(number, "is in front now")?;
                }
                None => return Ok(Err(format!("conversation {number} is not yours; /list shows what is"))),
            },
            (_, None) => return Ok(nobody()),
            (Command::Say(text), Some((number, id, _))) => {
                self.said(number, &text);
                self.change(&id, "messages", json!({ "text": text }), Asked::Said(number, text.clone()))?;
            }
            (Command::Note(text), Some((number, id, _))) => {
                let body = json!({ "text": text, "audience": "staff" });
                self.change(&id, "messages", body, Asked::Said(number, text.clone()))?;
            }
            (Command::Transfer(to), Some((_, id, skill))) => {
                let body = match to {
                    To::Queue => json!({}),
                    To::Skill(skill) => json!({ "skill": skill }),
                    To::User(user) => json!({ "user": user, "skill": skill }),
                };
                self.ends(&id, "was given away by you");
                self.change(&id, "transfer", body, Asked::Other)?;
            }
            (Command::Close { survey }, Some((_, id, _))) => {
                self.ends(&id, "closed by you");
                self.change(&id, "close", json!({ "survey": survey }), Asked::Other)?;
            }
        }
        Ok(Ok(()))
    }

    /// What was typed stands on the screen already, when the conversation has it.
    fn said(&mut self, number: usize, text: &str) {
        if self.screen.is_typed() {
            self.typed.push((number, text.to_string()));
        }
    }

    fn ends(&mut self, id: &str, how: &'static str) {
        if let Some(known) = self.held.of(id) {
            known.ends = how;
        }
    }

    /// Accepts or rejects what rings.
    fn ring(&mut self, number: Option<usize>, what: &str) -> Result<Result<(), String>, Failure> {
        let mut rings = self.held.all.iter().filter_map(|known| Some((known, known.ring.as_ref()?)));
        let found = rings.find(|(known, _)| number.is_none_or(|number| number == known.number));
        let Some((id, ring)) = found.map(|(known, ring)| (known.id.clone(), ring.number)) else {
            let why = match number {
                Some(number) => format!("conversation {number} does not ring"),
                None => "nothing rings".to_string(),
            };
            return Ok(Err(why));
        };
        self.change(&id, what, json!({ "ring": ring }), Asked::Other)?;
        Ok(Ok(()))
    }

    /// Asks for something in a conversation: however often it is sent, it happens once.
    fn change(&mut self, id: &str, what: &str, mut body: Json, asked: Asked) -> Result<(), Failure> {
        body["id"] = new_id()?.into();
        self.ask(Ask::post(format!("/api/v1/conversations/{}/{what}", word(id)), &body), asked);
        Ok(())
    }

    fn ask(&mut self, ask: Ask, asked: Asked) {
        self.asked.push_back(asked);
        let _ = self.errands.send(Errand { ask, fleeting: false }); // who does them lives as long as this
    }

    /// Lets the visitor see that somebody is writing.
    fn writing(&mut self) {
        if self.wrote.is_some_and(|wrote| wrote.elapsed() < WRITING_EVERY) {
            return;
        }
        if let Some(front) = self.held.in_front() {
            let path = format!("/api/v1/conversations/{}/doing", word(&front.id));
            let ask = Ask::post(path, &json!({ "doing": "composing" }));
            let _ = self.errands.send(Errand { ask, fleeting: true }); // as above
            self.wrote = Some(Instant::now());
        }
    }

    // ---------------------------------------------------------------------------------------------- what is shown

    /// What rings, what is held and what waits; the last by number, if the profile shows it.
    fn list(&mut self, open: Option<&Json>) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for known in &self.held.all {
            let front = if self.held.front == Some(known.number) { ", in front" } else { "" };
            match (&known.ring, known.mine) {
                (Some(_), _) => {
                    lines.push((known.number, format!("rings: {}, skill {}", known.channel, known.skill)))
                }
                (None, true) => lines.push((
                    known.number,
                    format!("is yours: {}, skill {}{front}", known.channel, known.skill),
                )),
                (None, false) => {}
            }
        }
        let open = open.and_then(|open| open["conversations"].as_array()).cloned();
        for summary in open.iter().flatten().filter(|summary| summary["state"] == "waits") {
            if let Some(known) = self.held.known(summary) {
                lines.push((known.number, format!("waits: {}, skill {}", known.channel, known.skill)));
            }
        }
        lines.sort();
        let nothing = lines.is_empty();
        for (number, line) in lines {
            self.tell(number, &line)?;
        }
        let waiting: Vec<String> = self.stands["waiting"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, count)| count.as_u64() != Some(0))
            .map(|(skill, count)| format!("{count} for skill {skill}"))
            .collect();
        match (waiting.is_empty(), nothing) {
            (false, _) => self.screen.show(&[Shown::remark(format!("waiting: {}", waiting.join(", ")))]),
            (true, true) => self.screen.show(&[Shown::remark("nothing rings, and nothing waits")]),
            (true, false) => Ok(()),
        }
    }

    /// Says something about a conversation.
    fn tell(&mut self, number: usize, what: &str) -> Result<(), Failure> {
        self.screen.show(&[Shown { text: format!("# [{number}] {what}"), dim: true }])
    }

    /// Shows lines of a conversation, with its number.
    fn show(&mut self, number: usize, lines: &[Shown]) -> Result<(), Failure> {
        let lines: Vec<Shown> = lines
            .iter()
            .map(|line| match line.text.strip_prefix("# ").filter(|_| line.dim) {
                Some(remark) => Shown { text: format!("# [{number}] {remark}"), dim: true },
                None => Shown { text: format!("[{number}] {}", line.text), dim: line.dim },
            })
            .collect();
        self.screen.show(&lines)
    }

    fn keyboard_says(&self) {
        self.keyboard.prompt(match self.held.front {
            Some(front) => format!("[{front}] you: "),
            None => "you: ".to_string(),
        });
    }
}
