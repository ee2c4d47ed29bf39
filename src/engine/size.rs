//! What a state may take: a turn that would make it too large takes its changes back.

use crate::conversation::{Effect, Value};

use super::limits::STATE_BYTES_MAX;
use super::state::State;
use super::step::Turn;
use super::trace::Listener;
use super::trail::Mark;

/// A variable that a turn has changed.
pub(super) struct Change<'t> {
    pub kept: Kept<'t>,
    pub name: String,
    /// What it was; nothing, if it had no value.
    pub before: Option<Value>,
}

/// Where a variable is kept.
#[derive(Clone, Copy)]
pub(super) enum Kept<'t> {
    /// For this visitor.
    ForGood,
    /// With the bot's variables.
    ForTheSession,
    /// In this dialog.
    In(&'t str),
}

impl<L: Listener> Turn<'_, L> {
    /// Keeps the state within its limit. First the oldest questions to go back to are forgotten, then the turn's
    /// changes of variables, then what was said, then what is known; in the end the conversation begins anew.
    pub(super) fn keep_small(&mut self) {
        let Some(bytes) = too_large(&self.state) else { return };
        while !self.state.trail.is_empty() && too_large(&self.state).is_some() {
            let older = self.state.trail.len().div_ceil(2);
            self.state.trail.drain(..older);
        }
        if too_large(&self.state).is_none() {
            return;
        }
        self.trouble(
            format!("the state would have {bytes} bytes, and it may have {STATE_BYTES_MAX}; this turn's changes are dropped"),
            None,
        );
        if !self.changes.is_empty() {
            self.take_changes_back();
            self.apologise();
        }
        let ways: [fn(&mut State); 4] = [
            |state| {
                state.reply.clear();
                state.held = None;
                state.stack.iter_mut().for_each(|frame| frame.heard = None);
            },
            |state| {
                state.knows.visitor = Value::Nothing;
                state.knows.conversation = Value::Nothing;
            },
            |state| state.knows.remembered.clear(),
            |state| {
                let (last, calls, begun) = (state.last, state.calls, state.begun);
                *state = State { last, calls, begun, ..State::default() };
            },
        ];
        for way in ways {
            if too_large(&self.state).is_none() {
                break;
            }
            way(&mut self.state);
        }
    }

    fn take_changes_back(&mut self) {
        let state = &mut self.state;
        for Change { kept, name, before } in self.changes.drain(..).rev() {
            let place = match kept {
                Kept::ForGood => &mut state.knows.remembered,
                Kept::ForTheSession => &mut state.variables,
                Kept::In(dialog) => match state.stack.iter_mut().find(|frame| frame.dialog == dialog) {
                    Some(frame) => &mut frame.variables,
                    None => continue,
                },
            };
            match before {
                Some(before) => place.insert(name, before),
                None => place.remove(&name),
            };
        }
        self.effects.retain(|effect| !matches!(effect, Effect::Remember { .. }));
    }
}

/// How many bytes a state has, if that is too many. Only one that may be too large is written to be counted.
fn too_large(state: &State) -> Option<usize> {
    // A character takes six bytes at most, and what stands around a name or value less than a hundred.
    const AT_MOST: usize = 6;
    const AROUND: usize = 100;
    let all = |map: &std::collections::BTreeMap<String, Value>| -> usize {
        map.iter().map(|(name, value)| name.len() + value.size() + AROUND).sum()
    };
    let frames = state.stack.iter().map(|frame| {
        let filled: usize = frame.filled.iter().map(|name| name.len() + 8).sum();
        let open = frame.open.as_ref().map_or(0, |open| open.question.len());
        let heard = frame.heard.as_ref().map_or(0, String::len);
        frame.dialog.len() + all(&frame.variables) + open + heard + filled + AROUND
    });
    let trail = state.trail.iter().flatten().map(|Mark(dialog, question, own)| {
        let filled: usize = own.iter().flat_map(|own| &own.filled).map(|name| name.len() + 8).sum();
        let own = own.as_ref().map_or(0, |own| all(&own.variables) + AROUND);
        dialog.len() + question.len() + 8 + filled + own
    });
    let known = state.knows.visitor.size() + state.knows.conversation.size() + all(&state.knows.remembered);
    let waiting = state
        .waiting
        .as_ref()
        .map_or(0, |waiting| waiting.dialog.len() + waiting.target.len() + all(&waiting.variables) + AROUND);
    let about = frames.sum::<usize>() + trail.sum::<usize>() + known + waiting + all(&state.variables);
    let held = if state.held.is_some() { STATE_BYTES_MAX } else { 0 };
    if (about + state.reply.len() + held + 4 * AROUND) * AT_MOST <= STATE_BYTES_MAX {
        return None;
    }
    Some(state.write().len()).filter(|bytes| *bytes > STATE_BYTES_MAX)
}
