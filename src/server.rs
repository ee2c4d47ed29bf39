//! The platform in real time: one thread that decides, one that commits, and as many as you like that tell and are told.
//!
//! Knows `platform` and `store`. Never decides anything about a conversation, and never says a word that is not durable.

mod house; // read this first: a platform, a store and a clock, running
mod inbox; // how anybody tells it something
mod point; // where a test may end it

pub use house::{House, Opening, Outbox, new_writer, now};
pub use inbox::{INPUTS_WAITING_MAX, Inbox};
pub use point::{Passes, Point};
