//! Conversations written for Botium, played with the same machinery as transcripts.
//!
//! What differs: a `#bot` section takes one message, the oldest nobody took, and asks things of it that transcripts
//! have no words for; variables have a `$` and are put into texts as they are said.

mod script; // read this first: sections become what happens and what is expected
mod ask;
mod memory;
mod json_path;
mod write;

pub use ask::{ANOTHER_TEXT, Ask, Heard, WILDCARDS_MAX, value_at};
pub use memory::Memory;
pub use script::{Act, Companions, Queue, partials_of, script};
pub use write::{Written, write};
