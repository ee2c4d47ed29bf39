//! Why something is not done: a code that programs can hold on to, a sentence for people, and the field it is about.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A command that was refused. Nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which kind.
    pub code: Code,
    /// What is wrong, with the limit where there is one.
    pub sentence: String,
    /// The field of the command it is about; empty, if none.
    pub field: String,
}

/// The kinds of refusals. Nothing is renamed once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// There is no such conversation.
    UnknownConversation,
    /// There is no such skill.
    UnknownSkill,
    /// There is no such user.
    UnknownUser,
    /// There is no such connector.
    UnknownConnector,
    /// There is no such bot or version.
    UnknownVersion,
    /// There is no such message.
    UnknownMessage,
    /// There is no such secret or environment.
    UnknownSecret,
    /// There is no such token or API key.
    UnknownToken,
    /// Who asks has not shown who they are.
    WrongLogin,
    /// The key file is missing, open to others, in the wrong place, or another one.
    KeyFile,
    /// A conversation of that name exists already.
    Exists,
    /// The conversation is over.
    Closed,
    /// The login has ended: the same user has logged in elsewhere, or was silent for too long.
    StaleLogin,
    /// Who asks has no part in the conversation.
    NotAParticipant,
    /// Who asks may not do that.
    NotAllowed,
    /// Somebody else has it.
    Taken,
    /// The ring is over.
    RingOver,
    /// Nobody holds the conversation.
    NobodyThere,
    /// The user can take no more.
    NoCapacity,
    /// It is too large.
    TooLarge,
    /// There are too many of them.
    TooMany,
    /// It is no value of its field.
    NotValid,
    /// The disk is nearly full.
    NoSpace,
    /// The house cannot keep anything at the moment.
    NoStore,
}

impl Code {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::UnknownConversation => "unknown-conversation",
            Code::UnknownSkill => "unknown-skill",
            Code::UnknownUser => "unknown-user",
            Code::UnknownConnector => "unknown-connector",
            Code::UnknownVersion => "unknown-version",
            Code::UnknownMessage => "unknown-message",
            Code::UnknownSecret => "unknown-secret",
            Code::UnknownToken => "unknown-token",
            Code::WrongLogin => "wrong-login",
            Code::KeyFile => "key-file",
            Code::Exists => "exists",
            Code::Closed => "closed",
            Code::StaleLogin => "stale-login",
            Code::NotAParticipant => "not-a-participant",
            Code::NotAllowed => "not-allowed",
            Code::Taken => "taken",
            Code::RingOver => "ring-over",
            Code::NobodyThere => "nobody-there",
            Code::NoCapacity => "no-capacity",
            Code::TooLarge => "too-large",
            Code::TooMany => "too-many",
            Code::NotValid => "not-valid",
            Code::NoSpace => "no-space",
            Code::NoStore => "no-store",
        }
    }
}

impl Refusal {
    /// A refusal about a field.
    pub fn of(code: Code, field: &str, sentence: impl Into<String>) -> Refusal {
        Refusal { code, sentence: sentence.into(), field: field.to_string() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.sentence, self.code.as_str())?;
        match self.field.as_str() {
            "" => f.write_str(")"),
            field => write!(f, ", in `{field}`)"),
        }
    }
}

impl std::error::Error for Refusal {}
