//! A bot that is talked to while its author works on it: read again whenever its files change.

use std::path::{Path, PathBuf};

use crate::diagnostics::render::{Format, Style, render, summary, tally};
use crate::diagnostics::{Finding, Severity, Sources};
use crate::program::Program;
use crate::rehearsal::log;

use super::aside;
use crate::cli::bots::{Bot, Stamp, typed};
use crate::cli::environment;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;

/// A bot, and how its files were when it was read.
pub(in crate::cli) struct Living {
    /// Its folder.
    pub(in crate::cli) folder: PathBuf,
    environment: String,
    stamps: Vec<Stamp>,
    /// The last version without errors.
    pub(in crate::cli) program: Program,
    /// Which version it is.
    pub(in crate::cli) version: String,
    /// As messages name it.
    pub(in crate::cli) label: String,
}

impl Living {
    /// Reads the bot for the first time; one with errors cannot talk.
    pub(in crate::cli) fn read(
        path: &Path,
        environment: &str,
        terminal: &Terminal,
    ) -> Result<Living, Failure> {
        let bot = Bot::named(path, terminal)?;
        let stamps = Bot::stamps(&bot.folder);
        let program = check(&bot, environment, terminal)?;
        let (label, version, folder) = (bot.label(), version(&bot), bot.folder);
        Ok(Living { folder, environment: environment.to_string(), stamps, program, version, label })
    }

    /// Reads it again if a file was changed. True, if there is a new version without errors.
    pub(super) fn renew(&mut self, terminal: &Terminal) -> bool {
        let stamps = Bot::stamps(&self.folder);
        if stamps == self.stamps {
            return false;
        }
        self.stamps = stamps;
        let read = Bot::read(&self.folder, terminal)
            .and_then(|bot| Ok((check(&bot, &self.environment, terminal)?, version(&bot))));
        match read {
            Ok((program, version)) => {
                (self.program, self.version) = (program, version);
                aside(
                    terminal,
                    &format!("{} was changed and is read again; the conversation goes on.", self.label),
                );
                true
            }
            Err(failure) => {
                terminal.failed(&failure);
                aside(terminal, "The version before goes on talking.");
                false
            }
        }
    }
}

/// The version of a bot, made of its files.
fn version(bot: &Bot) -> String {
    // From the folder on: it is the same version wherever it lies.
    let name =
        |path: &'_ str| Path::new(path).strip_prefix(&bot.folder).unwrap_or(Path::new(path)).to_path_buf();
    let files: Vec<(String, &str)> = (bot.files.iter())
        .map(|file| (name(&file.path).to_string_lossy().into_owned(), file.text.as_str()))
        .collect();
    log::version(files.iter().map(|(name, text)| (name.as_str(), *text)))
}

/// The bot, compiled, in its environment. Errors are shown, warnings counted.
fn check(bot: &Bot, environment: &str, terminal: &Terminal) -> Result<Program, Failure> {
    let checked = bot.draft(None).check();
    let help = format!("parlor check {}", typed(&bot.folder));
    let Some(program) = checked.program else {
        let errors: Vec<Finding> =
            checked.findings.into_iter().filter(|finding| finding.severity() == Severity::Error).collect();
        show(bot, &checked.sources, &errors, terminal);
        let wrong = format!("{} has mistakes and cannot talk: {}", bot.label(), summary(&errors));
        return Err(Failure::new(Exit::NotLoaded, wrong).help(help));
    };
    if tally(&checked.findings, Severity::Warning) > 0 {
        aside(terminal, &format!("{}: {}; to read them: {help}", bot.label(), summary(&checked.findings)));
    }
    Ok(program.in_environment(environment::environment(bot, environment)))
}

fn show(bot: &Bot, sources: &Sources, findings: &[Finding], terminal: &Terminal) {
    let style = Style { color: terminal.talk_color, bot: typed(&bot.folder) };
    terminal.talk(render(Format::Human, sources, findings, &style).trim_end());
}
