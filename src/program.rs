//! A checked, compiled, immutable bot: flat tables, and one machine for all that starts a dialog.
//!
//! [`Draft`] takes the files and says what is wrong with them; without errors it yields a [`Program`]. Knows what a
//! bot means; never looks at a conversation, a clock, a disk or the network.

mod draft; // read this first
mod answers;
mod survey;
mod facts;
mod flow;
mod whole;
mod starting;
mod check;

pub mod account;
pub mod expression;
pub mod formula;
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
pub use draft::{BOT_BYTES_MAX, Checked, Draft, FILES_MAX};
pub use normal::TooLong;

use crate::diagnostics::Sources;
use starting::Starting;
use whole::Whole;

/// A bot without errors. Cheap to clone; the same for all conversations and all threads.
#[derive(Debug, Clone)]
pub struct Program {
    tables: Arc<Tables>,
}

#[derive(Debug)]
struct Tables {
    name: String,
    dialogs: Vec<Dialog>,
    starting: Starting,
    /// Path and line of every starter's lines, for those who ask why.
    places: Vec<Vec<(String, usize)>>,
}

/// A dialog of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// Its name.
    pub name: String,
    /// What starts it, as its author wrote it: `dialog`, `fallback dialog`, `on silence 20m dialog`.
    pub kind: String,
}

impl Program {
    fn new(name: &str, whole: &Whole<'_>, starting: Starting, sources: &Sources) -> Program {
        let dialogs = whole
            .dialogs()
            .map(|(_, dialog)| Dialog { name: dialog.name.clone(), kind: dialog.sort.words() })
            .collect();
        let places = answers::places(&starting, sources);
        Program { tables: Arc::new(Tables { name: name.to_string(), dialogs, starting, places }) }
    }

    /// The bot's name.
    pub fn name(&self) -> &str {
        &self.tables.name
    }

    /// Its dialogs, in the order of files and lines.
    pub fn dialogs(&self) -> &[Dialog] {
        &self.tables.dialogs
    }

    /// How many dialogs it has.
    pub fn dialog_count(&self) -> usize {
        self.tables.dialogs.len()
    }
}
