//! What was tried, what won and why: for the chat window, tests and pages. Costs nothing where nobody listens.

use crate::conversation::Value;
use crate::program::dialog::{Rule, StepAt};
use crate::program::starters::Win;

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
    /// A starter won.
    Started {
        /// Which one.
        win: Win,
        /// The message it answers.
        heard: String,
    },
    /// A dialog began, whatever led to it.
    Entered {
        /// The dialog.
        dialog: String,
    },
    /// A step was done.
    Ran {
        /// The dialog.
        dialog: String,
        /// The step.
        step: StepAt,
        /// The line.
        line: u32,
    },
    /// The condition of an `if` was worked out.
    Branched {
        /// The dialog.
        dialog: String,
        /// The `if`.
        step: StepAt,
        /// Whether it holds.
        holds: bool,
    },
    /// A question, call or transfer does what one of its rules says.
    Applied {
        /// The dialog.
        dialog: String,
        /// The question, call or transfer.
        step: StepAt,
        /// The rule, counted from 0; none, if the question took the answer by itself: by its type, or as any answer.
        rule: Option<u32>,
        /// The line of the rule, or of the question.
        line: u32,
    },
    /// An arrow of a rule was followed, or that of a question or call itself. A step that is an arrow only runs.
    Went {
        /// The dialog.
        dialog: String,
        /// The question, call or transfer.
        step: StepAt,
        /// The rule, counted from 0; none, if it is the arrow of the step itself.
        rule: Option<u32>,
    },
    /// A call or a transfer came back.
    Returned {
        /// The dialog.
        dialog: String,
        /// The call or transfer.
        step: StepAt,
        /// Its line.
        line: u32,
        /// The integration; empty for a transfer without one.
        integration: String,
        /// Why it failed; none, if it succeeded.
        failure: Option<String>,
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
}

/// Which of these rules it is, counted from 0.
pub(super) fn number_of(rules: &[Rule], rule: &Rule) -> Option<u32> {
    rules.iter().position(|one| std::ptr::eq(one, rule)).map(|number| number as u32)
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
