//! What was tried, what won and why: for the chat window, tests and pages. Costs nothing where nobody listens.

use crate::conversation::Value;

/// Something that happened inside a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Trace {
    /// A rule of the open question was tried.
    Tried {
        /// The question.
        question: String,
        /// The file and line of the rule.
        place: String,
        /// Whether it applies.
        fits: bool,
    },
    /// This answers.
    Won {
        /// `starter`, `rule`, `choice`, `number`, `type`, `anything`, `otherwise`, `retry`, `silence`, `fallback`,
        /// `escalation`, `apology`, `entry`, `event`, `returned`, `goto`
        kind: &'static str,
        /// The dialog.
        dialog: String,
        /// The file and line, where there is one.
        place: Option<String>,
        /// The characters of the message a starter accounts for.
        own: u32,
    },
    /// A step was done.
    Ran {
        /// The dialog.
        dialog: String,
        /// The line.
        line: u32,
    },
    /// A variable changed.
    Set {
        /// Its name.
        name: String,
        /// What it was.
        before: Value,
        /// What it is.
        after: Value,
    },
}

/// Somebody who wants to know.
pub trait Listener {
    /// Whether anybody listens; where nobody does, nothing is made to be heard.
    const LISTENS: bool = true;
    /// Takes note.
    fn hear(&mut self, trace: Trace);
    /// Is told what a private variable holds now. No trace says it; but who writes a conversation down has to know
    /// what to leave out.
    fn hear_private(&mut self, _value: &Value) {}
}

impl Listener for () {
    const LISTENS: bool = false;
    fn hear(&mut self, _: Trace) {}
}

impl Listener for Vec<Trace> {
    fn hear(&mut self, trace: Trace) {
        self.push(trace);
    }
}
