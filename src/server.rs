//! The platform in real time: one thread that decides, one that commits, and as many as you like that tell and are told.
//!
//! Knows `platform` and `store`, and `connectors` for the bots that it keeps. Never decides anything about a conversation, and never says a word that is not durable.

mod house; // read this first: a platform, a store and a clock, running
mod inbox; // how anybody tells it something
mod point; // where a test may end it
mod versions; // the versions of bots, as they were sent
mod gate; // what keeps one of them from Production

pub use gate::{Gate, Hurdle, Obstacle, Otherwise, Place, REPLAYED_MAX, Replay};
pub use house::{House, Opening, Outbox, new_writer, now};
pub use inbox::{INPUTS_WAITING_MAX, Inbox};
pub use point::{Passes, Point};
pub use versions::{
    Added, BotVersion, Confirmed, HASH_LETTERS_MIN, VERSION_MESSAGE_BYTES_MAX, VERSIONS_MAX, Versions,
};
