//! How a participant is reached: our bots, and in time other people's bots and LivePerson's cloud.
//!
//! Knows `engine`, `program` and `platform`. Never decides who gets a conversation.

mod bot; // the only file where the engine and the platform meet

pub use bot::Bots;
