//! How a participant is reached: our bots, and in time other people's bots and LivePerson's cloud.
//!
//! Knows `engine`, `program` and `platform`, and `rehearsal` for tests. Never decides who gets a conversation.

pub mod bundle; // read this first: a bot as one string of bytes, named by what it holds
mod bot; // the only file where the engine and the platform meet
mod held; // what a bot of ours did in a conversation, as a log
mod rehearsal; // a test of a bot in a contact center made for it

pub use bot::Bots;
pub use bundle::Bundle;
pub use held::logs;
pub use rehearsal::play_through;
