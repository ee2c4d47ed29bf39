//! A bot being written: its files, each read once, checked as a whole as often as one likes.
//!
//! What a file contributes is kept until the file changes, so that an edit of one among thousands costs the
//! reading of one and a look at the whole.

use std::collections::BTreeMap;

use crate::diagnostics::{FileId, Finding, Severity, Slug, Source, Sources, Span};
use crate::language;
use crate::program::Program;
use crate::program::account::Account;
use crate::program::check;
use crate::program::environment::Needs;
use crate::program::facts::{Facts, What};
use crate::program::starting::Starting;
use crate::program::whole::Whole;

/// The most files a bot may have.
pub const FILES_MAX: usize = 10_000;
/// The most bytes they may have together: 64 MiB.
pub const BOT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The files of a bot.
#[derive(Debug, Default)]
pub struct Draft {
    files: BTreeMap<String, Written>,
    notes: Vec<Finding>,
    account: Option<Account>,
}

#[derive(Debug)]
struct Written {
    text: String,
    /// What it contributes, with the id it had when it was read; not yet known after an edit.
    facts: Option<(FileId, Facts)>,
}

/// What a check says.
#[derive(Debug)]
pub struct Checked {
    /// The files, in the order of their paths; findings point into them.
    pub sources: Sources,
    /// What is wrong, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// The bot, if it has no errors.
    pub program: Option<Program>,
}

impl Draft {
    /// A bot without files.
    pub fn new() -> Draft {
        Draft::default()
    }

    /// Adds a file, or gives it a new text: a `.dialog` file, or the bot's `env.yaml`.
    pub fn put(&mut self, path: impl Into<String>, text: impl Into<String>) {
        let (path, text) = (path.into(), text.into());
        match self.files.get_mut(&path) {
            Some(written) if written.text == text => {}
            Some(written) => *written = Written { text, facts: None },
            None => {
                self.files.insert(path, Written { text, facts: None });
            }
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Something that was found while reading the files: too large, no text. Its file id counts the files by path.
    pub fn note(&mut self, finding: Finding) {
        self.notes.push(finding);
    }

    /// The account the bot will live in: its skills are checked too.
    pub fn account(&mut self, account: Account) {
        self.account = Some(account);
    }

    /// Reads what has changed and checks the whole.
    pub fn check(&mut self) -> Checked {
        let sources = Sources::new(
            self.files.iter().map(|(path, written)| Source::new(path, written.text.clone())).collect(),
        );
        let mut findings = self.notes.clone();
        if let Some(finding) = self.over_a_limit() {
            findings.push(finding);
            return Checked { sources, findings, program: None };
        }
        for (number, (path, written)) in self.files.iter_mut().enumerate() {
            let file = FileId(number as u32);
            if !is_env(path) && written.facts.as_ref().is_none_or(|(known, _)| *known != file) {
                written.facts = match written.facts.take() {
                    Some((_, facts)) => Some((file, moved(facts, file))),
                    None => {
                        let (tree, syntax) = language::parse(&written.text, file);
                        Some((file, Facts::of(path, &written.text, file, &tree, syntax)))
                    }
                };
            }
        }
        let files: Vec<(FileId, &Facts)> = self
            .files
            .values()
            .filter_map(|written| written.facts.as_ref())
            .map(|(file, facts)| (*file, facts))
            .collect();
        findings.extend(files.iter().flat_map(|(_, facts)| facts.findings.iter().cloned()));
        let whole = Whole::new(&sources, files.clone(), !self.notes.is_empty());
        let language = whole.bot().map_or("en", |(_, bot)| bot.language.as_str());
        let starting = Starting::of(files.iter().copied(), language);
        check::names::check(&whole, self.account.as_ref(), &mut findings);
        check::variables::check(&whole, &mut findings);
        check::roads::check(&whole, &mut findings);
        check::starters::check(&whole, &starting, &mut findings);
        for (number, (path, written)) in self.files.iter().enumerate() {
            if is_env(path) {
                check::environment::check(&whole, FileId(number as u32), &written.text, &mut findings);
            }
        }
        check::bot::check(&whole, &mut findings);
        findings.sort_by_key(|finding| (finding.place.file, finding.place.span, finding.slug));
        let broken = findings.iter().any(|finding| finding.severity() == Severity::Error);
        let program = match (broken, whole.bot()) {
            (false, Some((_, bot))) => {
                Program::of(&bot.name, whole.files().map(|(_, facts)| facts.part.clone()), starting, &sources)
            }
            _ => None,
        };
        drop(whole);
        Checked { sources, findings, program }
    }

    /// The names that the bot reads of its environment, as far as it was read: known once it was checked.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        let facts = self.files.values().filter_map(|written| written.facts.as_ref());
        for used in facts.flat_map(|(_, facts)| &facts.uses) {
            match used.what {
                What::Env => needs.values.insert(used.name.clone()),
                What::Secret => needs.secrets.insert(used.name.clone()),
                _ => continue,
            };
        }
        needs
    }

    fn over_a_limit(&self) -> Option<Finding> {
        let bytes: usize = self.files.values().map(|written| written.text.len()).sum();
        let message = match (self.files.len(), bytes) {
            (files, _) if files > FILES_MAX => {
                format!("this bot has {files} files, and {FILES_MAX} is the most")
            }
            (_, bytes) if bytes > BOT_BYTES_MAX => {
                format!("the files of this bot have {bytes} bytes together, and {BOT_BYTES_MAX} is the most")
            }
            _ => return None,
        };
        Some(
            Finding::new(Slug::TooLarge, FileId(0), Span::at(0), message)
                .help("is this the folder of one bot? a bot is named by its own folder"),
        )
    }
}

/// Facts of a file whose place in the order has changed.
fn moved(mut facts: Facts, file: FileId) -> Facts {
    for finding in &mut facts.findings {
        finding.place.file = file;
        finding.related.iter_mut().for_each(|place| place.file = file);
        finding.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| edit.file = file);
    }
    facts
}

fn is_env(path: &str) -> bool {
    path.rsplit('/').next() == Some("env.yaml")
}
