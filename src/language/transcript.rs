//! What testers write: `.transcript` files, conversations as plain text that a bot must hold.
//!
//! The same machinery as for dialogs: `grammar/transcript.pest` reads every file to its end, one slip costs one line,
//! and every slip has its finding.

pub mod syntax; // read this first
mod parse;
mod slips;
mod outline;
mod format;
mod write;

pub use format::format;
pub use outline::outline;
pub use parse::{ROWS_MAX, SCENE_LINES_MAX, SCENES_MAX, parse};
pub use write::{heard, label, said};
