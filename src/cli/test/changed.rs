//! Which tests nothing has touched since they passed: `.parlor/tests.json` in the current folder remembers it.
//!
//! A test that passed is kept with its own text and what it depends on, both as a hash: everything of its bot that may
//! change any conversation, and the dialogs that this one went through. What is kept under another form, or cannot be
//! read, is forgotten, and all tests are played.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::choice::Choice;
use super::crew::{Case, Outcome};
use super::suite::{File, Loaded, Suite};
use super::through::Through;
use crate::cli::bots::is_dialog;
use crate::cli::exit::Failure;
use crate::cli::save;
use crate::diagnostics::{FileId, Span};
use crate::language;
use crate::language::syntax::{Declaration, Step};

/// The folder where things are remembered that can be found out again.
const FOLDER: &str = ".parlor";
/// The file in it.
const FILE: &str = "tests.json";
/// The number of its form.
const FORM: u32 = 1;

/// The tests that passed, by transcript.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    form: u32,
    /// Another parlor may answer otherwise.
    parlor: String,
    transcripts: BTreeMap<String, Vec<Entry>>,
}

/// A test that passed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// The hash of its text, and of all that its transcript says for every test.
    text: String,
    /// The hash of what it depends on in its bot.
    bot: String,
    /// The dialogs it went through.
    touched: BTreeSet<String>,
}

impl Record {
    fn new() -> Record {
        Record { form: FORM, parlor: env!("CARGO_PKG_VERSION").to_string(), transcripts: BTreeMap::new() }
    }

    /// What is remembered in the current folder.
    pub(super) fn read() -> Record {
        let text = fs::read_to_string(Path::new(FOLDER).join(FILE)).unwrap_or_default();
        let new = Record::new();
        match serde_json::from_str::<Record>(&text) {
            Ok(record) if record.form == new.form && record.parlor == new.parlor => record,
            _ => new,
        }
    }

    /// Sets the tests aside that need not be played.
    pub(super) fn narrow(&self, suite: &Suite, hashes: &Hashes, choice: &mut Choice) {
        let mut known: HashMap<(usize, usize), bool> = HashMap::new();
        let mut unchanged = |case: &Case| {
            *known.entry((case.file, case.test)).or_insert_with(|| {
                let file = &suite.files[case.file];
                let Some(entries) = self.transcripts.get(&file.path) else { return false };
                let text = hashes.text(suite, *case);
                let bot = |entry: &Entry| hashes.bot(file, &entry.touched);
                entries.iter().any(|entry| entry.text == text && entry.bot == bot(entry))
            })
        };
        let (aside, left) = choice.cases.iter().partition(|case| unchanged(case));
        (choice.unchanged, choice.cases) = (aside, left);
    }

    /// Takes note of what was played, and keeps it in the current folder.
    pub(super) fn keep(
        mut self,
        suite: &Suite,
        hashes: &Hashes,
        outcomes: &[Outcome],
    ) -> Result<(), Failure> {
        self.transcripts.retain(|path, _| Path::new(path).is_file());
        let mut played: BTreeMap<(usize, usize), Vec<&Outcome>> = BTreeMap::new();
        for outcome in outcomes {
            played.entry((outcome.case.file, outcome.case.test)).or_default().push(outcome);
        }
        for (number, file) in suite.files.iter().enumerate() {
            let before = self.transcripts.remove(&file.path).unwrap_or_default();
            let mut entries = Vec::new();
            for (at, test) in file.script.tests.iter().enumerate() {
                let text = hashes.text(suite, Case { file: number, test: at, row: 0 });
                match played.get(&(number, at)) {
                    Some(rows) => {
                        let passed = rows.len() == test.rows.len()
                            && rows.iter().all(|row| row.failed.is_none() && row.passed_over.is_none());
                        if passed {
                            let touched: BTreeSet<String> =
                                rows.iter().flat_map(|row| row.touched.iter().cloned()).collect();
                            let bot = hashes.bot(file, &touched);
                            entries.push(Entry { name: test.name.clone(), text, bot, touched });
                        }
                    }
                    None => entries.extend(before.iter().find(|entry| entry.text == text).cloned()),
                }
            }
            if !entries.is_empty() {
                self.transcripts.insert(file.path.clone(), entries);
            }
        }
        let folder = Path::new(FOLDER);
        if !folder.is_dir() {
            fs::create_dir(folder).map_err(|error| Failure::io("make the folder", folder, error))?;
        }
        let json = serde_json::to_string_pretty(&self).unwrap_or_default();
        save::write(&folder.join(FILE), &format!("{json}\n"))
    }
}

/// The hashes of all transcripts and bots of a suite.
pub(super) struct Hashes {
    /// What each transcript says for all of its tests.
    headers: Vec<u64>,
    /// The bots.
    bots: Vec<Parts>,
    /// What they are played through: who passed through one thing may not pass through another.
    through: Through,
}

/// A bot, taken apart.
#[derive(Default)]
struct Parts {
    /// Each dialog, by name.
    dialogs: HashMap<String, u64>,
    /// Everything else, and all that decides which dialog answers.
    shared: u64,
}

impl Hashes {
    pub(super) fn of(suite: &Suite, through: Through) -> Hashes {
        Hashes {
            through,
            headers: suite.files.iter().map(header).collect(),
            bots: suite.bots.iter().map(parts).collect(),
        }
    }

    fn text(&self, suite: &Suite, case: Case) -> String {
        let file = &suite.files[case.file];
        let test = &file.script.tests[case.test];
        let own = file.sources.get(FileId(0)).map_or("", |source| source.slice(test.whole));
        hex(&(self.headers[case.file], own.trim_end(), self.through))
    }

    fn bot(&self, file: &File, touched: &BTreeSet<String>) -> String {
        let Some(parts) = file.bot.map(|bot| &self.bots[bot]) else { return String::new() };
        let dialogs: Vec<_> = touched.iter().map(|name| (name, parts.dialogs.get(name))).collect();
        hex(&(&file.env, parts.shared, dialogs))
    }
}

/// The text of a transcript without its tests: header, openings, stubs; and the files it includes.
fn header(file: &File) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (id, source) in file.sources.iter() {
        let tests = file.script.tests.iter().map(|test| test.whole).filter(|_| id == FileId(0));
        without(&source.text, tests).hash(&mut hasher);
    }
    hasher.finish()
}

/// Takes a bot apart. One that stands in a transcript is part of its header, and has no parts.
fn parts(bot: &Loaded) -> Parts {
    if bot.folder.is_none() {
        return Parts::default();
    }
    let mut parts = Parts::default();
    let mut shared = DefaultHasher::new();
    for (id, source) in bot.sources.iter() {
        source.path.hash(&mut shared);
        if !is_dialog(Path::new(&source.path)) {
            source.text.hash(&mut shared);
            continue;
        }
        let (tree, _) = language::parse(&source.text, id);
        let mut dialogs = Vec::new();
        for line in &tree.block.lines {
            let Declaration::Dialog(dialog) = &line.item else { continue };
            parts.dialogs.insert(dialog.name.value.clone(), hash(&source.slice(line.span).trim_end()));
            // What it is started by, and variables: they are seen from other dialogs as well.
            let head = Span::new(line.span.start as usize, dialog.block.span.start as usize);
            source.slice(head).hash(&mut shared);
            for step in &dialog.block.lines {
                if matches!(step.item, Step::UserSays(_) | Step::Var(_)) {
                    source.slice(step.span).hash(&mut shared);
                }
            }
            dialogs.push(line.span);
        }
        without(&source.text, dialogs.into_iter()).hash(&mut shared);
    }
    parts.shared = shared.finish();
    parts
}

/// The text without some stretches, and without empty lines.
fn without(text: &str, stretches: impl Iterator<Item = Span>) -> String {
    let mut stretches: Vec<(usize, usize)> =
        stretches.map(|span| (span.start as usize, span.end as usize)).collect();
    stretches.sort_unstable();
    let (mut left, mut done) = (String::new(), 0);
    for (start, end) in stretches {
        left.push_str(text.get(done..start).unwrap_or_default());
        done = end;
    }
    left.push_str(text.get(done..).unwrap_or_default());
    left.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [line, "\n"]).collect()
}

fn hash(what: &impl Hash) -> u64 {
    // Another Rust may hash otherwise: all tests are played once then.
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn hex(what: &impl Hash) -> String {
    format!("{:016x}", hash(what))
}
