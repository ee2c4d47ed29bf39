//! The questions `-> back` can return to, each with the stack as it was when the question was asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::Value;

use super::limits::TRAIL_MAX;
use super::state::{Frame, Open, State};
use super::step::{Turn, find_question};
use super::trace::Listener;
use super::walk::Now;

/// A dialog on the stack of a question that was asked: its name, its open question, and what it held then. Only what
/// differs is written: from what it held at the question after, or holds on the stack now. Nothing, if nothing differs.
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
    /// Its own variables. Nothing is written for one that had no value then and has one after.
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
    fn of(frame: &Frame) -> Own {
        let Frame { variables, filled, in_place, .. } = frame;
        Own { variables: variables.clone(), filled: filled.clone(), in_place: *in_place }
    }

    /// What differs from what the dialog held after.
    fn without(mut self, after: &Own) -> Option<Own> {
        if self == *after {
            return None;
        }
        for name in after.variables.keys() {
            self.variables.entry(name.clone()).or_default();
        }
        self.variables.retain(|name, value| after.variables.get(name) != Some(value));
        Some(self)
    }

    /// All of it again: what differs, and what was the same after.
    fn with(differs: Option<Own>, after: &Own) -> Own {
        let Some(mut own) = differs else { return after.clone() };
        for (name, value) in &after.variables {
            own.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        own.variables.retain(|_, value| *value != Value::Nothing);
        own
    }
}

impl State {
    /// Before a turn changes anything: the last question of the trail, the open one, says all that its dialogs hold.
    pub(super) fn unfold_trail(&mut self) {
        for Mark(dialog, _, own) in self.trail.last_mut().into_iter().flatten() {
            if let Some(now) = self.stack.iter().find(|frame| frame.dialog == *dialog) {
                *own = Some(Own::with(own.take(), &Own::of(now)));
            }
        }
    }

    /// After a turn: what the stack says already is left out.
    pub(super) fn fold_trail(&mut self) {
        for Mark(dialog, _, own) in self.trail.last_mut().into_iter().flatten() {
            if let Some(now) = self.stack.iter().find(|frame| frame.dialog == *dialog) {
                *own = own.take().and_then(|own| own.without(&Own::of(now)));
            }
        }
    }

    /// A question is asked: the trail ends with it, and with the stack as it is.
    pub(super) fn mark(&mut self) {
        let open = |frame: &Frame| {
            let question = frame.open.as_ref()?.question.clone();
            Some(Mark(frame.dialog.clone(), question, Some(Own::of(frame))))
        };
        let here: Vec<Mark> = self.stack.iter().filter_map(open).collect();
        let asks_the_same = |last: &Vec<Mark>| {
            last.iter().map(|mark| (&mark.0, &mark.1)).eq(here.iter().map(|mark| (&mark.0, &mark.1)))
        };
        if self.trail.last().is_some_and(asks_the_same) {
            self.forget_from(self.trail.len() - 1);
        }
        for Mark(dialog, _, own) in self.trail.last_mut().into_iter().flatten() {
            if let Some(Mark(_, _, Some(after))) = here.iter().find(|mark| mark.0 == *dialog) {
                *own = own.take().and_then(|own| own.without(after));
            }
        }
        self.trail.push(here);
        // The open one is none to go back to.
        if self.trail.len() > TRAIL_MAX + 1 {
            self.trail.remove(0);
        }
    }

    /// Forgets the questions from a place on. The one before says all that its dialogs held.
    fn forget_from(&mut self, place: usize) {
        if let Some(last) = place.checked_sub(1) {
            for at in 0..self.trail[last].len() {
                self.trail[last][at].2 = self.own_then(last, &self.trail[last][at].0);
            }
        }
        self.trail.truncate(place);
    }

    /// All that a dialog held when the question at this place was asked; a state of the first form may not say.
    fn own_then(&self, place: usize, dialog: &str) -> Option<Own> {
        let later = self.trail[place..].iter().map_while(|stack| stack.iter().find(|mark| mark.0 == dialog));
        let mut later: Vec<&Mark> = later.collect();
        // The last of them has nothing after it to leave anything to.
        let last = later.pop()?.2.clone();
        let now = || self.stack.iter().find(|frame| frame.dialog == dialog).map(Own::of);
        let last = last.or_else(now)?;
        Some(later.into_iter().rev().fold(last, |after, mark| Own::with(mark.2.clone(), &after)))
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
            |frame: &&Frame| frame.open.as_ref().is_some_and(|open| known(&frame.dialog, &open.question));
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
                // A state of the first form does not say what a dialog held that had been left.
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
