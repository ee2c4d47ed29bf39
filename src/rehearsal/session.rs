//! A conversation with a bot, one happening at a time, that can be undone.

use crate::conversation::{Effect, Event, Happening, Knowledge, Moment, Outcome, Span, Value};
use crate::engine::{Listener, State, Step, Trace, start_with, step_with};
use crate::program::Program;

use super::log::{Beside, What};

/// How many happenings can be undone.
const UNDO_MAX: usize = 200;

/// A conversation that is rehearsed.
#[derive(Debug, Clone)]
pub struct Session {
    program: Program,
    state: State,
    now: Moment,
    wake: Option<Moment>,
    before: Vec<Before>,
    /// How many happenings are kept to be undone.
    undo_max: usize,
    /// Everything that happened, if it is written down.
    record: Option<Vec<Happened>>,
}

/// How it was before something happened.
#[derive(Debug, Clone)]
struct Before {
    state: State,
    now: Moment,
    wake: Option<Moment>,
    /// How much was written down.
    written: usize,
}

/// Something that happened, written down.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
    /// The question that was open.
    pub asked: Option<String>,
    /// What came of it.
    pub told: Told,
    /// The dialog that has the conversation now.
    pub dialog: Option<String>,
}

/// What a happening led to.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What the bot did, in order.
    pub effects: Vec<Effect>,
    /// What was tried, what won and why.
    pub trace: Vec<Trace>,
    /// What private variables were given. Nobody is to read it: it is for those who have to leave it out.
    pub private: Vec<Value>,
}

impl Listener for Told {
    fn hear(&mut self, trace: Trace) {
        self.trace.push(trace);
    }

    fn hear_private(&mut self, value: &Value) {
        self.private.push(value.clone());
    }
}

impl Session {
    /// A conversation that has not begun.
    pub fn new(program: Program, knowledge: Knowledge, now: Moment) -> Session {
        Session { undo_max: UNDO_MAX, ..Session::forgetful(program, knowledge, now) }
    }

    /// One of which nothing can be undone.
    pub fn forgetful(program: Program, knowledge: Knowledge, now: Moment) -> Session {
        Session::begin(program, knowledge, now, None)
    }

    /// One that is written down.
    pub fn recorded(program: Program, knowledge: Knowledge, now: Moment) -> Session {
        Session { undo_max: UNDO_MAX, ..Session::begin(program, knowledge, now, Some(Vec::new())) }
    }

    fn begin(program: Program, knowledge: Knowledge, now: Moment, record: Option<Vec<Happened>>) -> Session {
        let (state, before) = (State::default(), Vec::new());
        let mut session = Session { program, state, now, wake: None, before, undo_max: 0, record };
        session.step(Happening::Knows(knowledge));
        session
    }

    /// Everything that happened, if it is written down.
    pub fn record(&self) -> &[Happened] {
        self.record.as_deref().unwrap_or_default()
    }

    /// Goes on with another version of the bot, at the same point.
    pub fn replace(&mut self, program: Program) {
        self.program = program;
    }

    /// The bot.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Where the bot is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What time it is in this conversation.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The call that waits for an answer.
    pub fn waits_for(&self) -> Option<u64> {
        self.state.waits_for()
    }

    /// Something happens.
    pub fn happen(&mut self, what: Happening) -> Told {
        self.note_down();
        self.step(what)
    }

    /// Begins a dialog as if a starter of it had fired; nothing, if the bot has none of this name.
    pub fn go_to(&mut self, dialog: &str) -> Option<Told> {
        let mut told = Told::default();
        let step = start_with(&self.program, self.state.clone(), dialog, self.now, &mut told)?;
        self.note_down();
        let asked = self.asked();
        Some(self.took(step, told, asked, || What::Beside(Beside::Goto(dialog.to_string()))))
    }

    /// The visitor says something while somebody else has the conversation: the bot does not hear it.
    pub fn pass_over(&mut self, text: &str) {
        self.note_down();
        let (at, dialog) = (self.now, self.dialog());
        if let Some(record) = &mut self.record {
            let what = What::Beside(Beside::Unheard(text.to_string()));
            record.push(Happened { at, what, asked: None, told: Told::default(), dialog });
        }
    }

    /// The question that is open, where somebody writes it down.
    fn asked(&self) -> Option<String> {
        self.record.as_ref()?;
        self.state.open().map(|(_, open)| open.question.clone())
    }

    fn dialog(&self) -> Option<String> {
        self.state.stack().last().map(|frame| frame.dialog.clone())
    }

    fn note_down(&mut self) {
        if self.undo_max == 0 {
            return;
        }
        let written = self.record().len();
        self.before.push(Before { state: self.state.clone(), now: self.now, wake: self.wake, written });
        if self.before.len() > self.undo_max {
            self.before.remove(0);
        }
    }

    fn step(&mut self, what: Happening) -> Told {
        let event = Event { at: self.now, what };
        let mut told = Told::default();
        let asked = self.asked();
        let step = step_with(&self.program, std::mem::take(&mut self.state), &event, &mut told);
        self.took(step, told, asked, || What::Happened(event.what))
    }

    fn took(&mut self, step: Step, told: Told, asked: Option<String>, what: impl FnOnce() -> What) -> Told {
        self.state = step.state;
        self.wake = step.wake;
        let told = Told { effects: step.effects, ..told };
        let (at, dialog) = (self.now, self.dialog());
        if let Some(record) = &mut self.record {
            record.push(Happened { at, what: what(), asked, told: told.clone(), dialog });
        }
        told
    }

    /// The visitor says something.
    pub fn say(&mut self, text: &str) -> Told {
        self.happen(Happening::Said(text.to_string()))
    }

    /// Time passes; what the bot wanted to be woken for happens on the way.
    pub fn wait(&mut self, span: Span) -> Told {
        self.note_down();
        let end = self.now.after(span);
        let mut told = Told::default();
        while let Some(next) = self.wait_for_wake(end) {
            told.effects.extend(next.effects);
            told.trace.extend(next.trace);
            told.private.extend(next.private);
        }
        self.now = end;
        told
    }

    /// Time passes until the bot is woken once; nothing, if that is not before this moment.
    pub fn wait_for_wake(&mut self, end: Moment) -> Option<Told> {
        let wake = self.wake.filter(|wake| *wake <= end)?;
        self.now = self.now.max(wake);
        let told = self.step(Happening::Woke);
        if self.wake == Some(wake) {
            self.wake = None; // it wants to be woken in the past: once is enough
        }
        Some(told)
    }

    /// The call that waits is answered.
    pub fn answer(&mut self, outcome: Outcome) -> Option<Told> {
        let id = self.waits_for()?;
        Some(self.happen(Happening::Returned { id, outcome }))
    }

    /// Takes the last happening back. False if there is none.
    pub fn undo(&mut self) -> bool {
        match self.before.pop() {
            Some(Before { state, now, wake, written }) => {
                (self.state, self.now, self.wake) = (state, now, wake);
                self.record.iter_mut().for_each(|record| record.truncate(written));
                true
            }
            None => false,
        }
    }

    /// When the bot wants to be woken, if nothing happens before.
    pub fn wake(&self) -> Option<Moment> {
        self.wake
    }

    /// Sets the clock, for a conversation in real time; never back.
    pub fn set_now(&mut self, now: Moment) {
        self.now = self.now.max(now);
    }
}
