//! The words as data: what a conversation is made of, whoever takes part in it.
//!
//! Values, messages, events and effects, and moments of time. Plain data: no behaviour, no IO, and never "now".

mod event; // read this first: what can happen
mod effect; // and what can be done about it
mod message;
mod participant; // who takes part, and what passes between them
mod id;
mod value;
mod time;

pub use effect::{Due, Effect, Log, Receiver};
pub use event::{Event, Happening, Knowledge, Outcome};
pub use id::{
    BotName, CommandId, ConnectorId, ConversationId, NAME_BYTES_MAX, SkillId, UserId, VersionId, VisitorId,
    name_bytes,
};
pub use message::{Choice, Choices, Message, Shown};
pub use participant::{Audience, Author, Availability, Channel, Content, Doing, Participant, Receipt, Role};
pub use time::{Moment, Span};
pub use value::Value;
