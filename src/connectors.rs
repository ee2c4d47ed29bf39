//! How a participant is reached: our bots, and in time other people's bots and LivePerson's cloud.
//!
//! Knows `engine`, `program` and `platform`, and `rehearsal` for tests. Never decides who gets a conversation.

mod bot; // the only file where the engine and the platform meet
mod rehearsal; // a test of a bot in a contact center made for it

pub use bot::Bots;
pub use rehearsal::play_through;
