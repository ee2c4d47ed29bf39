//! What authors write: text to tree and back.
//!
//! [`parse`] never fails: it yields a tree and findings, and one slip costs one line. [`format()`] prints a tree
//! in the one true layout. The only room that knows pest; it knows nothing of what a bot means.

pub mod syntax; // read this first
mod parse;
mod slips;
mod text;
mod outline;
mod format;
pub mod transcript;
pub mod botium;
pub mod pattern;
pub mod words;

pub use format::format;
pub use outline::outline;
pub use parse::{DEPTH_MAX, parse};
pub use text::{pattern_in, place_in_text};
