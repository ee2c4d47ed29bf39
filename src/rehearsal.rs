//! Plays conversations with a bot, without a network and on a clock of one's own, and writes them down.
//!
//! Knows the engine and the words of transcripts. Never waits, never calls anybody.

mod session; // read this first: a conversation, one happening at a time
mod script; // what happens in a test, and what is expected then
mod play; // read this third: a test as it goes
mod compare;
mod shape;
mod stub;
pub mod botium; // the same for conversations written for Botium
mod why_not;
mod given;
mod write;

mod parts; // what a bot is made of
mod coverage; // and how much of it was passed through

pub use compare::Pair;
pub use coverage::{Coverage, Passed, Share};
pub use given::{GIVABLE, give};
pub use parts::{Kind, NoSuchPart, Part, PartId, Parts, Unknown};
pub use play::{Audience, CALLS_MAX, Lived, Played, Said, Stage, Stopped, TURNS_MAX, Why, place, play, shown, written};
pub use script::{At, Beat, CLOCK, Claim, Expected, Label, Script, Test, What, moment, row_name};
pub use session::{Session, Told};
pub use shape::{Bindings, Shape, folded};
pub use why_not::why_not;
pub use write::lines;
