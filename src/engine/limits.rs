//! Every limit of a turn, with its unit. Hitting one is a sentence for the visitor and a line in the log that names it.

/// Messages and calls in one dialog without a question in between.
pub const SAYS_MAX: u32 = 10;
/// Jumps from dialog to dialog in one turn.
pub const HOPS_MAX: u32 = 5;
/// Steps in one turn, of any kind.
pub const STEPS_MAX: u32 = 1_000;
/// Dialogs on the stack; beyond that the lowest is forgotten.
pub const STACK_MAX: usize = 20;
/// Questions that `-> back` can return to.
pub const TRAIL_MAX: usize = 20;
/// Bytes of one message to the visitor.
pub const SAID_BYTES_MAX: usize = 8 * 1024;
/// Bytes of one variable.
pub const VARIABLE_BYTES_MAX: usize = 8 * 1024;
/// How deep lists and maps may be nested in a variable.
pub const VARIABLE_DEPTH_MAX: usize = 32;
/// Bytes of a whole state, as JSON.
pub const STATE_BYTES_MAX: usize = 32 * 1024;
/// Choices shown at once; a longer list is cut, and the log says so.
pub const CHOICES_SHOWN_MAX: usize = 50;
/// How many milliseconds a call keeps the bot from answering further messages.
pub const BUSY_MS: u64 = 15_000;
/// Handovers that fail in a row before the bot gives up.
pub const FAILURES_MAX: u32 = 3;
/// How many milliseconds a session lasts without a word, where the bot does not say.
pub const SESSION_MS: u64 = 3_600_000;
