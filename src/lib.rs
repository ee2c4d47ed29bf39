//! Conversation bots as text, in one fast binary. The rooms, in reading order:
pub mod diagnostics;
pub mod language;
