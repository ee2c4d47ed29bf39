//! From step to step until the bot listens again, or a call is on its way.

use crate::conversation::{Effect, Log, Message, Value};
use crate::program::dialog::{Dialog, Does, Go, StepAt};
use crate::program::formula::Budget;

use super::limits::{HOPS_MAX, SAYS_MAX, STEPS_MAX};
use super::listen::Caught;
use super::names::Scope;
use super::state::Open;
use super::step::{Asked, Turn, place};
use super::trace::{Listener, Trace};

/// Where a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// At a step of the dialog on top.
    At(StepAt),
    /// Behind the last step of the dialog on top.
    Over,
    /// Nothing more to do until the next event.
    Still,
}

impl Now {
    /// At a step, or at the end.
    pub(super) fn at(step: Option<StepAt>) -> Now {
        step.map_or(Now::Over, Now::At)
    }
}

impl<'t, L: Listener> Turn<'t, L> {
    /// Begins a dialog that a message or an event leads to. `caught` are the values of its pattern, `heard` is the
    /// message that a `collect` in it looks through.
    pub(super) fn enter(&mut self, dialog: &'t Dialog, caught: Option<Caught>, heard: Option<&str>) {
        self.put(dialog, false);
        for (name, value) in caught.into_iter().flatten() {
            self.keep(&name, value);
        }
        if let Some(frame) = self.state.stack.last_mut() {
            frame.heard = heard
                .filter(|_| dialog.steps.iter().any(|step| matches!(step.does, Does::Collect(_))))
                .map(str::to_string);
        }
        self.run(dialog.first);
    }

    /// Runs the dialog on top from a step on.
    pub(super) fn run(&mut self, first: Option<StepAt>) {
        self.run_from(Now::at(first));
    }

    pub(super) fn run_from(&mut self, mut now: Now) {
        let program = self.program;
        loop {
            now = match now {
                Now::Still => return,
                Now::Over => self.leave_dialog(),
                Now::At(at) => {
                    let Some(dialog) =
                        self.state.stack.last().and_then(|frame| program.dialog(&frame.dialog))
                    else {
                        return;
                    };
                    self.steps += 1;
                    if self.steps > STEPS_MAX {
                        self.fail(format!("more than {STEPS_MAX} steps in one turn"), dialog, at)
                    } else {
                        self.do_step(dialog, at)
                    }
                }
            };
        }
    }

    fn do_step(&mut self, dialog: &'t Dialog, at: StepAt) -> Now {
        let Some(step) = dialog.steps.get(at as usize) else { return Now::Over };
        if L::LISTENS {
            self.listener.hear(Trace::Ran { dialog: dialog.name.clone(), step: at, line: step.line });
        }
        let next = Now::at(step.next);
        if matches!(step.does, Does::Say(_) | Does::Image(..) | Does::Card(_) | Does::Call(_) | Does::Note(_))
            && let Err(message) = self.count_message()
        {
            return self.fail(message, dialog, at);
        }
        let done = match &step.does {
            Does::Nothing => Ok(()),
            Does::Say(text) => self.text_of(text, &[]).map(|text| self.say_text(text)),
            Does::Note(text) => self.text_of(text, &[]).map(|text| self.effects.push(Effect::Note(text))),
            Does::Image(url, alt) => {
                let (url, alt) = (self.text_of(url, &[]), self.text_of(alt, &[]));
                url.and_then(|url| alt.map(|alt| self.effects.push(Effect::Say(Message::Image { url, alt }))))
            }
            Does::Card(card) => {
                let json = self.spend(|budget| card.json(&Scope { turn: self, local: &[] }, budget));
                return match json.map(|json| serde_json::from_str(&json)) {
                    Ok(Ok(json)) => {
                        self.effects.push(Effect::Say(Message::Card(json)));
                        next
                    }
                    Ok(Err(error)) => self.fail(format!("the card is no JSON: {error}"), dialog, at),
                    Err(message) => self.fail(message, dialog, at),
                };
            }
            Does::Log(event, detail) => {
                let (event, detail) = (self.text_of(event, &[]), self.text_of(detail, &[]));
                event.and_then(|event| {
                    detail.map(|detail| self.effects.push(Effect::Log(Log::Custom { event, detail })))
                })
            }
            Does::Pause(time) => {
                self.effects.push(Effect::Pause(*time));
                Ok(())
            }
            Does::Respond(due) => {
                self.effects.push(Effect::RespondWithin(*due));
                Ok(())
            }
            Does::Set(path, formula) => {
                let value = self.work_out(formula, &Vec::new());
                let set = value.and_then(|value| self.assign(path, value, dialog, step.line));
                return match set {
                    Ok(()) => next,
                    Err(message) => self.fail(message, dialog, at),
                };
            }
            Does::If(condition, then, otherwise) => {
                return match self.value_of(condition, &[]) {
                    Ok(value) => {
                        let holds = value.is_true();
                        if L::LISTENS {
                            let dialog = dialog.name.clone();
                            self.listener.hear(Trace::Branched { dialog, step: at, holds });
                        }
                        Now::at(if holds { *then } else { *otherwise })
                    }
                    Err(message) => self.fail(message, dialog, at),
                };
            }
            Does::Ask(question) => return self.ask(Asked { dialog, at, question }),
            Does::Collect(asks) => return self.collect(dialog, at, asks),
            Does::Call(call) => return self.call(dialog, at, call),
            Does::Transfer(transfer) => return self.transfer(dialog, at, transfer),
            Does::Go(go) => return self.go(dialog, go),
            Does::Stay(at) => return self.stay(dialog, *at),
        };
        match done {
            Ok(()) => next,
            Err(message) => self.fail(message, dialog, at),
        }
    }

    /// One more message or call without a question.
    pub(super) fn count_message(&mut self) -> Result<(), String> {
        self.says += 1;
        match self.says {
            ..=SAYS_MAX => Ok(()),
            _ => Err(format!("more than {SAYS_MAX} messages and calls without a question")),
        }
    }

    // -------------------------------------------------------------------------------------------- questions

    /// Asks a question, and listens.
    pub(super) fn ask(&mut self, asked: Asked<'t>) -> Now {
        if let Err(message) = self.say_question(asked) {
            return self.fail(message, asked.dialog, asked.at);
        }
        self.says = 0;
        let question = asked.question.name.clone();
        if let Some(frame) = self.state.stack.last_mut() {
            frame.open = Some(Open { question, misses: 0 });
        }
        self.state.mark();
        Now::Still
    }

    /// `collect`: asks for the first field that is not filled yet.
    fn collect(&mut self, dialog: &'t Dialog, at: StepAt, asks: &'t [StepAt]) -> Now {
        if let Some(heard) = self.state.stack.last_mut().and_then(|frame| frame.heard.take()) {
            self.fill(dialog, at, &heard, None);
        }
        let filled = self.state.stack.last().map(|frame| frame.filled.clone()).unwrap_or_default();
        for ask in asks {
            if let Some(Does::Ask(question)) = dialog.steps.get(*ask as usize).map(|step| &step.does)
                && !filled.contains(&question.name)
            {
                return Now::At(*ask);
            }
        }
        Now::at(dialog.steps[at as usize].next)
    }

    /// Fills the typed fields of a `collect` that are not filled yet with what is found in a message. `except` is the
    /// question that has been answered by it already.
    pub(super) fn fill(&mut self, dialog: &'t Dialog, collect: StepAt, text: &str, except: Option<&str>) {
        let Some(Does::Collect(asks)) = dialog.steps.get(collect as usize).map(|step| &step.does) else {
            return;
        };
        let filled = self.state.stack.last().map(|frame| frame.filled.clone()).unwrap_or_default();
        let wanted: Vec<&crate::program::dialog::Question> = asks
            .iter()
            .filter_map(|ask| match &dialog.steps.get(*ask as usize)?.does {
                Does::Ask(question) => Some(&**question),
                _ => None,
            })
            .filter(|question| !filled.contains(&question.name))
            .collect();
        for (question, value) in self.program.fill(&wanted, text, self.at) {
            if Some(question.name.as_str()) != except {
                self.keep(&question.name, value);
                if let Some(frame) = self.state.stack.last_mut() {
                    frame.filled.push(question.name.clone());
                }
            }
        }
    }

    // -------------------------------------------------------------------------------------------- going

    /// Follows an arrow.
    pub(super) fn go(&mut self, dialog: &'t Dialog, go: &Go) -> Now {
        match go {
            Go::To(step) => Now::at(*step),
            Go::Wait => self.wait(),
            Go::Repeat => self.repeat(),
            Go::End => Now::Over,
            Go::EndAll => {
                self.state.stack.clear();
                Now::Still
            }
            Go::Back => self.back(),
            Go::Close { survey } => {
                self.effects.push(Effect::Close { survey: *survey });
                self.state.stack.clear();
                self.over = true;
                self.closed = true;
                Now::Still
            }
            Go::Dialog(name, label) => self.hop(dialog, name, label.as_deref()),
        }
    }

    /// `-> dialog`: takes the place of the dialog on top, or unwinds to where it stands already.
    fn hop(&mut self, from: &'t Dialog, name: &str, label: Option<&str>) -> Now {
        self.hops += 1;
        if self.hops > HOPS_MAX {
            return self.fail(
                format!("more than {HOPS_MAX} jumps from dialog to dialog without a question"),
                from,
                from.first.unwrap_or(0),
            );
        }
        let program = self.program;
        let Some(dialog) = program.dialog(name) else {
            return self.fail(format!("there is no dialog `{name}`"), from, from.first.unwrap_or(0));
        };
        // Whoever goes into the middle of a dialog that is there already finds its variables as they were.
        let there = self.state.stack.iter().find(|frame| label.is_some() && frame.dialog == name);
        let there = there.map(|frame| (frame.variables.clone(), frame.filled.clone()));
        self.state.stack.pop();
        self.put(dialog, false);
        if let (Some((variables, filled)), Some(frame)) = (there, self.state.stack.last_mut()) {
            (frame.variables, frame.filled) = (variables, filled);
        }
        let first = match label {
            Some(label) => dialog.labels.get(label).copied(),
            None => dialog.first,
        };
        Now::at(first)
    }

    /// `-> wait`: the question that was asked last stays open.
    fn wait(&mut self) -> Now {
        self.leave_unasked();
        Now::Still
    }

    /// `-> repeat`: says the question that was asked last again.
    fn repeat(&mut self) -> Now {
        self.leave_unasked();
        let Some(asked) = self.asked() else { return Now::Still };
        self.says = 0;
        match self.say_question(asked) {
            Ok(()) => Now::Still,
            Err(message) => self.fail(message, asked.dialog, asked.at),
        }
    }

    /// The end of a block behind `otherwise` or `when silence`: the question is open, and asked again if another one
    /// has been asked meanwhile.
    fn stay(&mut self, dialog: &'t Dialog, at: StepAt) -> Now {
        match dialog.steps.get(at as usize).map(|step| &step.does) {
            Some(Does::Ask(question)) if self.asked().is_none_or(|asked| asked.at != at) => {
                self.ask(Asked { dialog, at, question })
            }
            _ => Now::Still,
        }
    }

    /// Leaves dialogs that have asked nothing: nobody could ever answer them.
    pub(super) fn leave_unasked(&mut self) {
        while self.state.stack.last().is_some_and(|frame| frame.open.is_none()) {
            self.state.stack.pop();
        }
    }

    /// The dialog on top is over: the one beneath goes on with its question.
    fn leave_dialog(&mut self) -> Now {
        let in_place = self.state.stack.pop().is_some_and(|frame| frame.in_place);
        self.says = 0;
        if in_place {
            return Now::Still;
        }
        let Some(frame) = self.state.stack.last_mut() else { return Now::Still };
        let Some(open) = frame.open.as_mut() else { return Now::Over };
        open.misses = 0;
        match self.asked() {
            Some(asked) => self.ask(asked),
            None => Now::Over,
        }
    }

    // -------------------------------------------------------------------------------------------- trouble

    /// A step failed: the visitor has a sentence, the question stays open.
    pub(super) fn fail(&mut self, what: String, dialog: &Dialog, at: StepAt) -> Now {
        let line = dialog.steps.get(at as usize).map_or(0, |step| step.line);
        self.sorry(what, place(dialog, line));
        Now::Still
    }

    /// Logs what went wrong and apologises; a dialog with nothing to answer is left.
    pub(super) fn sorry(&mut self, what: String, place: Option<String>) {
        self.trouble(what, place);
        self.apologise();
        self.leave_unasked();
    }

    /// What the visitor reads when something breaks.
    pub(super) fn apologise(&mut self) {
        let program = self.program;
        // With a budget of its own: it may be that of the turn which is used up.
        let said = program.settings().apology.say(&Scope { turn: self, local: &[] }, &mut Budget::new());
        let said = said.ok().filter(|said| !said.trim().is_empty());
        self.say_text(said.unwrap_or_else(|| crate::program::APOLOGY.to_string()));
    }

    /// Values of some names, for a call.
    pub(super) fn values_of(&self, names: &[String]) -> std::collections::BTreeMap<String, Value> {
        use crate::program::formula::Names;
        let scope = Scope { turn: self, local: &[] };
        names
            .iter()
            .map(|name| (name.clone(), scope.value(name)))
            .filter(|(_, value)| *value != Value::Nothing)
            .collect()
    }
}
