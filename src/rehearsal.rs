//! Plays conversations with a bot, without a network and on a clock of one's own, and writes them down.
//!
//! Knows the engine and the words of transcripts. Never waits, never calls anybody.

mod session; // read this first
mod write;

pub use session::{Session, Told};
pub use write::lines;
