//! What a script can tell from how a command ends.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

/// The exit codes, as every help ends with them.
pub(super) const CODES: &str = "Exit codes:
  0  all is well                         4  a file cannot be read or written
  1  the answer is no: errors, not       6  no such thing to show
     formatted, nothing fits            70  a bug in parlor, please report it
  2  the command was not understood    130  interrupted
  3  the bot cannot be loaded";

/// How a command ends. Of two, the greater one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// All is well.
    Ok = 0,
    /// The answer is no.
    No = 1,
    /// The command was not understood.
    Usage = 2,
    /// The bot, or a file beside it, cannot be loaded.
    NotLoaded = 3,
    /// A file cannot be read or written.
    Io = 4,
    /// There is no such thing to show.
    NotFound = 6,
    /// A bug in parlor.
    Bug = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// What was wrong, safe to print.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// A file that cannot be read or written.
    pub(super) fn io(doing: &str, path: &Path, error: impl Display) -> Failure {
        Failure::new(Exit::Io, format!("I can't {doing} `{}`: {error}", super::bots::shown(path)))
    }
}
