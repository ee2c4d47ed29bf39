//! A bot that is rehearsed without a visitor: compiled, in its demo environment, with its parts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::render::tally;
use crate::diagnostics::{Severity, Sources, english};
use crate::program::Program;
use crate::rehearsal::Parts;

use super::bots::{Bot, not_loaded, typed};
use super::environment;
use super::exit::Failure;
use super::terminal::Terminal;

/// A bot, ready to be talked to.
pub(super) struct RehearsedBot {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// As messages name it.
    pub(super) label: String,
    /// As it was read.
    pub(super) bot: Bot,
    pub(super) program: Program,
    pub(super) sources: Sources,
    pub(super) parts: Arc<Parts>,
}

impl RehearsedBot {
    /// Reads and compiles it; one with errors cannot answer.
    pub(super) fn read(path: &Path, terminal: &Terminal) -> Result<RehearsedBot, Failure> {
        let bot = Bot::named(path, terminal)?;
        let checked = bot.draft(None).check();
        let label = bot.label();
        let Some(program) = checked.program else {
            let errors = english::count(tally(&checked.findings, Severity::Error), "error");
            return Err(not_loaded(format!("{label} has {errors} and cannot answer"))
                .help(format!("parlor check {}", typed(&bot.folder))));
        };
        let program = program.in_environment(environment::environment(&bot, "demo"));
        let parts = Arc::new(Parts::of(&program));
        Ok(RehearsedBot { folder: bot.folder.clone(), label, program, sources: checked.sources, parts, bot })
    }
}
