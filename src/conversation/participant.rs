//! Who takes part in a conversation, and what passes between them.

use serde::{Deserialize, Serialize};

use super::{Message, UserId, Value};

/// How the visitor talks to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// While a page is open; over when the visitor leaves.
    Chat,
    /// For days, with breaks.
    Messaging,
}

/// What somebody is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The visitor.
    Consumer,
    /// Who answers.
    Assigned,
    /// Who may step in.
    Manager,
    /// Who only reads.
    Reader,
    /// A bot that asks how it was.
    Surveyor,
}

/// Somebody who works here and takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor.
    Visitor,
    /// Somebody who works here.
    User(UserId),
    /// The house itself.
    House,
}

/// Who may read something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// All.
    #[default]
    All,
    /// All but the visitor.
    Staff,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words, choices, a picture or a card.
    Message(Message),
    /// A choice that was tapped.
    Chosen {
        /// What stood on it.
        label: String,
        /// What it means.
        payload: String,
    },
    /// A file.
    File(Value),
    /// Anything else a channel can send, such as a place on a map.
    Rich(Value),
}

/// What somebody does with a message of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It has arrived.
    Accepted,
    /// It was read.
    Read,
    /// A button of it was pressed.
    Used,
}

/// What somebody is doing, for the others to see; never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Is there.
    Active,
    /// Is elsewhere.
    Inactive,
    /// Writes.
    Composing,
    /// Stopped writing.
    Paused,
    /// Left.
    Gone,
}

/// Whether somebody takes conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// New ones and those handed over.
    Online,
    /// Only those handed over.
    Occupied,
    /// None, for a moment.
    BackSoon,
    /// None.
    Away,
    /// Not there.
    #[default]
    Offline,
}

impl Content {
    /// Words.
    pub fn text(text: impl Into<String>) -> Content {
        Content::Message(Message::Text(text.into()))
    }
}
