//! What expressions can name: the bot's variables, what is given, and what the turn has brought.

use std::collections::BTreeMap;

use crate::conversation::Value;
use crate::program::formula::Names;

use super::step::Turn;

/// The names of a turn, with those that only a rule or a list brings.
pub(super) struct Scope<'a, 't, L> {
    pub turn: &'a Turn<'t, L>,
    pub local: &'a [(String, Value)],
}

impl<L> Names for Scope<'_, '_, L> {
    fn value(&self, name: &str) -> Value {
        if let Some((_, value)) = self.local.iter().rev().find(|(known, _)| known == name) {
            return value.clone();
        }
        let turn = self.turn;
        let own = turn.state.stack.last().and_then(|frame| frame.variables.get(name));
        let known =
            own.or_else(|| turn.state.variables.get(name)).or_else(|| turn.state.knows.remembered.get(name));
        if let Some(value) = known {
            return value.clone();
        }
        match name {
            "visitor" => turn.state.knows.visitor.clone(),
            "conversation" => turn.state.knows.conversation.clone(),
            "reply" => Value::text(turn.state.reply.as_str()),
            "response" => turn.response.clone(),
            "event" => turn.event.clone(),
            "env" => turn.program.environment(),
            "now" => turn.program.now(turn.at),
            "hours" => turn.program.hours(turn.at),
            _ => Value::Nothing,
        }
    }

    fn is_open(&self, hours: &str) -> bool {
        self.turn.program.is_open(hours, self.turn.at)
    }

    fn is_private(&self, name: &str) -> bool {
        name == "secret" || self.turn.program.is_private(name)
    }
}

/// A map as a value.
pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(name, value)| (name.to_string(), value)).collect::<BTreeMap<_, _>>())
}
