//! A conversation with a bot, one happening at a time, that can be undone.

use crate::conversation::{Effect, Event, Happening, Knowledge, Moment, Outcome, Span};
use crate::engine::{State, Step, Trace, start_with, step_with};
use crate::program::Program;

/// How many happenings can be undone.
const UNDO_MAX: usize = 200;

/// A conversation that is rehearsed.
#[derive(Debug, Clone)]
pub struct Session {
    program: Program,
    state: State,
    now: Moment,
    wake: Option<Moment>,
    before: Vec<(State, Moment, Option<Moment>)>,
    /// How many happenings are kept to be undone.
    undo_max: usize,
}

/// What a happening led to.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What the bot did, in order.
    pub effects: Vec<Effect>,
    /// What was tried, what won and why.
    pub trace: Vec<Trace>,
}

impl Session {
    /// A conversation that has not begun.
    pub fn new(program: Program, knowledge: Knowledge, now: Moment) -> Session {
        Session { undo_max: UNDO_MAX, ..Session::forgetful(program, knowledge, now) }
    }

    /// One of which nothing can be undone.
    pub fn forgetful(program: Program, knowledge: Knowledge, now: Moment) -> Session {
        let (state, before) = (State::default(), Vec::new());
        let mut session = Session { program, state, now, wake: None, before, undo_max: 0 };
        session.step(Happening::Knows(knowledge));
        session
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
        let mut trace = Vec::new();
        let step = start_with(&self.program, self.state.clone(), dialog, self.now, &mut trace)?;
        self.note_down();
        Some(self.took(step, trace))
    }

    fn note_down(&mut self) {
        if self.undo_max == 0 {
            return;
        }
        self.before.push((self.state.clone(), self.now, self.wake));
        if self.before.len() > self.undo_max {
            self.before.remove(0);
        }
    }

    fn step(&mut self, what: Happening) -> Told {
        let event = Event { at: self.now, what };
        let mut trace = Vec::new();
        let step = step_with(&self.program, std::mem::take(&mut self.state), &event, &mut trace);
        self.took(step, trace)
    }

    fn took(&mut self, step: Step, trace: Vec<Trace>) -> Told {
        self.state = step.state;
        self.wake = step.wake;
        Told { effects: step.effects, trace }
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
            Some((state, now, wake)) => {
                (self.state, self.now, self.wake) = (state, now, wake);
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
