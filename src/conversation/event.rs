//! What can happen to a bot in a conversation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Moment, Value};

/// Something that happens, with its moment: bots have no clock of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What.
    pub what: Happening,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The bot is told whom it talks to, before anything else or when that changes.
    Knows(Knowledge),
    /// The conversation begins without a message of the visitor.
    Began,
    /// The visitor says something.
    Said(String),
    /// A moment has come that the bot asked to be woken at.
    Woke,
    /// A call or transfer came back.
    Returned {
        /// Which one.
        id: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// A transfer that seemed to succeed failed after all, and the bot has the conversation back.
    EscalationFailed {
        /// Why, in one of the words of `response.reason`.
        reason: String,
    },
    /// Something else that an `on` dialog can wait for: `file received`, `step up`, `transfer in` …
    Other {
        /// The event, in the words of the language.
        name: String,
        /// What came with it; `event` in expressions.
        data: Value,
    },
}

/// What a bot is told of the visitor and the conversation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Knowledge {
    /// `visitor` in expressions: name, language and what else is known.
    pub visitor: Value,
    /// `conversation` in expressions: id, channel, skill …
    pub conversation: Value,
    /// What earlier conversations kept with `remember`.
    pub remembered: BTreeMap<String, Value>,
}

/// What came of a call or transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success {
        /// A status, where there is one.
        #[serde(default)]
        status: i64,
        /// What came back.
        #[serde(default)]
        body: Value,
    },
    /// It was not.
    Failure {
        /// One of `timeout`, `unreachable`, `refused`, `status`, `too large`, `bad answer`, `denied`, `not performed`,
        /// `busy`, `unknown`.
        reason: String,
        /// A status, where there is one.
        #[serde(default)]
        status: i64,
        /// What came back, if anything did.
        #[serde(default)]
        body: Value,
    },
}
