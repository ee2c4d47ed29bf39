//! What is wrong with a bot, where, and how we say it.
//!
//! A finding is data: which mistake it is (its slug), what is wrong in the author's words, the
//! places it concerns, what to type instead, and, where that is safe, an edit a machine can make.
//! Phases find, one file speaks: only [`render`] knows carets, colours and JSON shapes.
//!
//! Knows nothing of the grammar, of bots, or of terminals beyond "colour or not".

mod source;
mod span;
mod slug;
mod finding;
mod fix;
pub mod english;
mod pages;
pub mod render;

pub use finding::{Finding, Place, Severity};
pub use fix::{Edit, Fix, apply_fixes};
pub use pages::{Page, page};
pub use slug::Slug;
pub use source::{FILE_BYTES_MAX, FileId, Source, Sources};
pub use span::Span;
