//! What testers write: `.transcript` files, conversations as plain text that a bot must hold.
//!
//! The same machinery as for dialogs: `grammar/transcript.pest` reads every file to its end, one slip costs one line,
//! and every slip has its finding.

pub mod syntax; // read this first
