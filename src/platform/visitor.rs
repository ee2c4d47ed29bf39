//! What is kept of a visitor beyond a conversation: the values bots remember.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::conversation::{ConversationId, Moment, Value, VisitorId};
use crate::store::{Append, Key, Version};

use super::fact::{Answer, EffectId};
use super::ledger::{Change, Small, Stamp};
use super::limits::{EFFECTS_KEPT, REMEMBERED_BYTES_MAX, REMEMBERED_MAX};
use super::refusal::{Code, Refusal};

/// The record of a visitor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Visitor {
    /// What bots remember.
    pub remembered: BTreeMap<String, Value>,
    /// The last effects that were done here: none is done twice.
    pub done: VecDeque<(ConversationId, EffectId)>,
    /// Which change it is of.
    pub stamp: Stamp,
}

/// What a store is to keep, so that bots remember these values of a visitor whom it has never seen.
pub fn remembered(account: &str, visitor: &VisitorId, values: BTreeMap<String, Value>) -> Append {
    let visitor_of = Key::of(&[Visitor::KIND, account, visitor.as_str()]);
    let stamp = Stamp { turn: 1, writer: 0 };
    let image = Visitor { remembered: values, stamp, ..Visitor::default() };
    Append {
        key: visitor_of,
        expected: Version(0),
        entry: b"brought along".to_vec(),
        image: serde_json::to_vec(&image).unwrap_or_default(),
        live: Visitor::LIVE,
    }
}

/// Something that is done with a visitor's record.
#[derive(Debug, Clone, PartialEq)]
pub enum Memory {
    /// It is looked at.
    Look,
    /// A value is kept.
    Keep {
        /// By which conversation.
        conversation: ConversationId,
        /// By which effect.
        effect: EffectId,
        /// Its name.
        name: String,
        /// The value.
        value: Value,
    },
}

impl Small for Visitor {
    type Id = VisitorId;
    type Ask = Memory;
    const KIND: &'static str = "visitor";
    const LIVE: bool = false;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn decide(&self, memory: &Memory, _: Moment) -> Result<Change<Visitor>, Refusal> {
        let same = || Change { image: self.clone(), entry: String::new(), answer: Answer::Done };
        let Memory::Keep { conversation, effect, name, value } = memory else { return Ok(same()) };
        if self.done.contains(&(*conversation, *effect)) {
            return Ok(same());
        }
        let mut next = self.clone();
        match value {
            Value::Nothing => next.remembered.remove(name),
            value => next.remembered.insert(name.clone(), value.clone()),
        };
        let size: usize = next.remembered.iter().map(|(name, value)| name.len() + value.size()).sum();
        if size > REMEMBERED_BYTES_MAX || next.remembered.len() > REMEMBERED_MAX {
            let sentence = format!(
                "{REMEMBERED_MAX} values of {REMEMBERED_BYTES_MAX} bytes are the most that is kept of a visitor"
            );
            return Err(Refusal::of(Code::TooLarge, name, sentence));
        }
        if next.done.len() >= EFFECTS_KEPT {
            next.done.pop_front();
        }
        next.done.push_back((*conversation, *effect));
        Ok(Change { image: next, entry: format!("{conversation} {effect} {name}"), answer: Answer::Done })
    }
}
