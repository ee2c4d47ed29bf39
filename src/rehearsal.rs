//! Plays conversations with a bot, without a network and on a clock of one's own, and writes them down.
//!
//! Knows the engine and the words of transcripts. Never waits, never calls anybody.

mod session; // read this first: a conversation, one happening at a time
mod given;
mod write;

// Tests: what is expected, and what the bot does.
mod script; // what happens in a test, and what is expected then
mod play; // read this third: a test as it goes
mod partner; // whom it talks to
mod compare;
mod shape;
mod stub;
pub mod botium; // the same for conversations written for Botium
mod why_not;
mod bless;
mod wildcard;

// What a bot is made of, and how much of it was passed through.
mod parts;
mod coverage;
mod graph; // as a picture
mod markup;

// What nobody has tried yet.
mod visit; // a conversation as somebody walks through it who tries things
mod ideas; // what might be tried next
mod put_down; // what was tried, as a test
mod crawl;
mod mutate;
mod fuzz;

// Conversations that were held.
pub mod log; // a line a turn
pub mod mask; // without what is nobody's business
pub mod record; // as tests
pub mod replay; // again, with another version of the bot

pub use bless::{Blessing, written as said_written};
pub use compare::Pair;
pub use coverage::{Coverage, Passed, Share};
pub use crawl::{ACTS_MAX, CRAWL_STEPS_MAX, Crawled, Reach, STALE_MAX, STATES_MAX, crawl};
pub use fuzz::{Fuzz, Fuzzed, Invariant, Violation};
pub use given::{GIVABLE, give};
pub use graph::{DeadEnd, Edge, Graph, Is, Node, Way};
pub use ideas::{ANSWERS_MAX, Ideas, Nearness, OUTCOMES_MAX};
pub use markup::escaped;
pub use mutate::{MUTANTS_MAX, Mutant, Mutation, mutants};
pub use partner::{Bare, Cue, Partner};
pub use parts::{Kind, NoSuchPart, Part, PartId, Parts, Unknown};
pub use play::{
    Audience, CALLS_MAX, Lived, Played, Said, Stage, Stopped, TURNS_MAX, Why, place, play, play_with, shown,
    written,
};
pub use put_down::{Done, PutDown};
pub use script::{At, Beat, CLOCK, Claim, Expected, Label, Script, Test, What, moment, row_name};
pub use session::{Happened, Session, Told};
pub use shape::{Bindings, Shape, folded, spoken};
pub use visit::{Act, Holder, Visit};
pub use why_not::why_not;
pub use write::lines;
