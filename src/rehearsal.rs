//! Plays conversations with a bot, without a network and on a clock of one's own, and writes them down.
//!
//! Knows the engine and the words of transcripts. Never waits, never calls anybody.

mod session; // read this first
mod write;

mod parts; // what a bot is made of
mod coverage; // and how much of it was passed through
mod graph; // the bot as a picture
mod markup;

pub use coverage::{Coverage, Passed, Share};
pub use graph::{DeadEnd, Edge, Graph, Is, Node, Way};
pub use parts::{Kind, NoSuchPart, Part, PartId, Parts, Unknown};
pub use session::{Session, Told};
pub use write::lines;
