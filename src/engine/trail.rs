//! The questions `-> back` can return to, each with the stack as it was when the question was asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::Value;

use super::limits::TRAIL_MAX;
use super::state::{Frame, Open, State};
use super::step::{Turn, find_question};
use super::trace::Listener;
use super::walk::Now;

/// A dialog on the stack of a question that was asked: its name, its open question, and what it held then. What it held
/// is left out where it is the same at the question after, or in the dialog as it stands on the stack now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mark(
    pub String,
    pub String,
    #[serde(default, skip_serializing_if = "Option::is_none")] pub Option<Own>,
);

/// What a dialog held when a question was asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Own {
    /// Its own variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Value>,
    /// Fields of a `collect` that were filled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// Whether it ran in place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_place: bool,
}

impl Own {
    fn by(frame: &Frame) -> Own {
        Own { variables: frame.variables.clone(), filled: frame.filled.clone(), in_place: frame.in_place }
    }

    fn is_by(&self, frame: &Frame) -> bool {
        self.variables == frame.variables && self.filled == frame.filled && self.in_place == frame.in_place
    }
}

impl State {
    /// Before a turn changes anything: the open question, the last of the trail, is told what its dialogs hold.
    pub(super) fn unfold_trail(&mut self) {
        for Mark(dialog, _, own) in self.trail.last_mut().into_iter().flatten() {
            if own.is_none() {
                *own = self.stack.iter().find(|frame| frame.dialog == *dialog).map(Own::by);
            }
        }
    }

    /// After a turn: what the stack says already is left out.
    pub(super) fn fold_trail(&mut self) {
        for Mark(dialog, _, own) in self.trail.last_mut().into_iter().flatten() {
            let now = self.stack.iter().find(|frame| frame.dialog == *dialog);
            if now.zip(own.as_ref()).is_some_and(|(frame, own)| own.is_by(frame)) {
                *own = None;
            }
        }
    }

    /// A question is asked: the trail ends with it, and with the stack as it is.
    pub(super) fn mark(&mut self) {
        let open = |frame: &Frame| {
            frame.open.as_ref().map(|open| Mark(frame.dialog.clone(), open.question.clone(), None))
        };
        let mut here: Vec<Mark> = self.stack.iter().filter_map(open).collect();
        let asked_again = |last: &&Vec<Mark>| {
            last.len() == here.len()
                && last.iter().zip(&here).all(|(one, other)| (&one.0, &one.1) == (&other.0, &other.1))
        };
        if self.trail.last().filter(asked_again).is_some() {
            self.forget_from(self.trail.len() - 1);
        }
        for Mark(dialog, _, own) in &mut here {
            *own = self.stack.iter().find(|frame| frame.dialog == *dialog).map(Own::by);
        }
        // What has not changed since the question before is written once.
        for Mark(dialog, _, before) in self.trail.last_mut().into_iter().flatten() {
            if let Some(now) = here.iter().find(|now| now.0 == *dialog)
                && *before == now.2
            {
                *before = None;
            }
        }
        self.trail.push(here);
        // The open one is none to go back to.
        if self.trail.len() > TRAIL_MAX + 1 {
            self.trail.remove(0);
        }
    }

    /// Forgets the questions from a place on. The one before keeps what it left to them to say.
    fn forget_from(&mut self, place: usize) {
        if let Some(last) = place.checked_sub(1) {
            for at in 0..self.trail[last].len() {
                let own = self.own_then(last, &self.trail[last][at].0);
                self.trail[last][at].2 = own;
            }
        }
        self.trail.truncate(place);
    }

    /// What a dialog held when the question at this place was asked.
    fn own_then(&self, place: usize, dialog: &str) -> Option<Own> {
        let marks = self.trail[place..].iter().map_while(|stack| stack.iter().find(|mark| mark.0 == dialog));
        let own = marks.filter_map(|mark| mark.2.clone()).next();
        own.or_else(|| self.stack.iter().find(|frame| frame.dialog == dialog).map(Own::by))
    }
}

impl<'t, L: Listener> Turn<'t, L> {
    /// To the question asked before the open one, with the stack as it was then.
    pub(super) fn back(&mut self) -> Now {
        let program = self.program;
        let known = |dialog: &str, question: &str| {
            program.dialog(dialog).and_then(|dialog| find_question(dialog, question)).is_some()
        };
        let is_open =
            |stack: &&Frame| stack.open.as_ref().is_some_and(|open| known(&stack.dialog, &open.question));
        let open = self.state.stack.iter().rev().find(is_open).map(|frame| {
            (frame.dialog.clone(), frame.open.as_ref().map(|open| open.question.clone()).unwrap_or_default())
        });
        let trail = &self.state.trail;
        let end = open
            .and_then(|open| {
                trail.iter().rposition(|stack| {
                    stack.last().is_some_and(|mark| (&mark.0, &mark.1) == (&open.0, &open.1))
                })
            })
            .unwrap_or(trail.len());
        // A question that this version of the bot has lost is passed over.
        let before = trail[..end].iter().rposition(|stack| stack.iter().all(|mark| known(&mark.0, &mark.1)));
        let Some(before) = before else {
            // Nothing was asked before: the open question stands as it is.
            self.state.trail.clear();
            self.leave_unasked();
            return self.ask_again();
        };
        let marks = self.state.trail[before].clone();
        let own: Vec<Option<Own>> = marks.iter().map(|mark| self.state.own_then(before, &mark.0)).collect();
        self.state.forget_from(before);
        self.state.stack.clear();
        self.state.waiting = None; // whoever goes elsewhere does not wait for a call any more
        for (Mark(dialog, question, _), own) in marks.into_iter().zip(own) {
            match (own, program.dialog(&dialog)) {
                (Some(Own { variables, filled, in_place }), _) => {
                    self.state.stack.push(Frame { dialog, variables, filled, in_place, ..Frame::default() })
                }
                // A state of an earlier form does not say what a dialog held that had been left.
                (None, Some(known)) => self.put(known, false),
                (None, None) => continue,
            }
            if let Some(frame) = self.state.stack.last_mut() {
                frame.filled.retain(|name| *name != question);
                frame.open = Some(Open { question, misses: 0 });
            }
        }
        self.ask_again()
    }

    fn ask_again(&mut self) -> Now {
        match self.asked() {
            Some(asked) => self.ask(asked),
            None => Now::Still,
        }
    }
}
