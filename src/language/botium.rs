//! What testers bring along from Botium: `.convo.txt`, `.pconvo.txt`, `.utterances.txt` and `.scriptingmemory.txt`.
//!
//! Lines and words only, so they are read by hand: a section begins with `#`, a hook with its name. Reading never
//! fails; what Parlor does not do gives a finding with its line. What hooks mean is for `rehearsal` to say.

pub mod syntax; // read this first
pub mod hooks; // the names of hooks, and which of them do something here
mod read;

pub use read::{SECTIONS_MAX, asserts, read_convo, read_memory, read_utterances};
