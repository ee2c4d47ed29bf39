//! A checked, compiled, immutable bot: flat tables, and one machine for all that starts a dialog.
//!
//! [`Draft`] takes the files and says what is wrong with them; without errors it yields a [`Program`]. Knows what a
//! bot means; never looks at a conversation, a clock, a disk or the network.

mod draft; // read this first
mod answers;
mod said;
mod likely;
mod survey;
mod facts;
mod flow;
mod whole;
mod starting;
mod check;

mod lower;
mod parts;
mod tables;
mod opening;

pub mod account;
pub mod dialog;
pub mod environment;
pub mod expression;
pub mod formula;
pub mod integration;
pub mod kinds;
pub mod matcher;
pub mod normal;
pub mod overlap;
pub mod pattern;
pub mod phrases;
pub mod starters;

use std::sync::Arc;

pub use account::{Account, AccountSkill};
pub use answers::{Answer, Overlap, Overlaps, Verdict};
pub use check::integrations::{Holds, KINDS, KindOf};
pub use check::structure::RESERVED;
pub use dialog::Dialog;
pub use draft::{BOT_BYTES_MAX, Checked, Draft, FILES_MAX};
pub use normal::TooLong;
pub use opening::Opening;
pub use parts::Settings;
pub use said::StarterLine;
pub use tables::APOLOGY;

use crate::conversation::Value;
use tables::Tables;

/// A bot without errors. Cheap to clone; the same for all conversations and all threads.
#[derive(Debug, Clone)]
pub struct Program {
    tables: Arc<Tables>,
    /// The values of the environment it runs in.
    environment: Value,
}
