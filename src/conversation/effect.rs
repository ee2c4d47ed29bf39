//! What a bot does about what happens, in order. It never does it itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Message, Span, Value};

/// One thing to be done, by whoever runs the bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Say it to the visitor.
    Say(Message),
    /// Show it to agents only.
    Note(String),
    /// Wait before what follows, with typing shown.
    Pause(Span),
    /// How soon an answer is due from now on.
    RespondWithin(Due),
    /// Perform an integration and send what comes back as [`Happening::Returned`](super::Happening::Returned).
    Call {
        /// To be sent back with the outcome.
        id: u64,
        /// The integration.
        integration: String,
        /// The values of the names it uses. Never a secret: the performer knows those.
        with: BTreeMap<String, Value>,
    },
    /// Hand the conversation over. A failure comes back as `Returned`.
    Transfer {
        /// To be sent back with the outcome.
        id: u64,
        /// To whom.
        to: Receiver,
        /// The name of the skill, agent or bot.
        name: String,
        /// How long somebody may take to accept it, where the bot says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<Span>,
        /// The skill to try then, where the bot says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<String>,
    },
    /// Close the conversation.
    Close {
        /// Whether a survey may follow.
        survey: bool,
    },
    /// Keep a value for this visitor, for good.
    Remember {
        /// The variable.
        name: String,
        /// Its value.
        value: Value,
    },
    /// Write it to the log.
    Log(Log),
}

/// Who receives a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receiver {
    /// Anybody with a skill.
    Skill,
    /// One agent.
    Agent,
    /// Another bot.
    Bot,
}

/// How soon an answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// As fast as can be.
    Urgent,
    /// As always.
    Normal,
    /// Before the others.
    Prioritized,
    /// Within a time.
    Within(Span),
}

/// A line for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Log {
    /// `log "event" "detail"`, written by the author.
    Custom {
        /// Its name.
        event: String,
        /// What happened.
        detail: String,
    },
    /// Something went wrong in the bot; the visitor has got a sentence.
    Trouble {
        /// What went wrong, with the values it went wrong with.
        what: String,
        /// The file and line, where there is one.
        place: Option<String>,
    },
}
