//! The tests of one bot for other commands: what they cover, and whether another version of the bot still passes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::crew::{Case, Count, Orders, claims_coverage, play_all, play_one};
use super::suite::{Suite, Wishes};
use crate::cli::exit::Failure;
use crate::cli::terminal::Terminal;
use crate::program::Program;
use crate::rehearsal::{Audience, CLOCK, Coverage, Parts, Stage, play};

/// The tests that lie in the folder of a bot and are about it.
pub(in crate::cli) struct Tests {
    suite: Suite,
    cases: Vec<Case>,
    folder: PathBuf,
}

/// A test, and where it went.
pub(in crate::cli) struct Rehearsed {
    case: Case,
    /// Its name.
    pub(in crate::cli) name: String,
    /// Whether it passes today.
    pub(in crate::cli) passes: bool,
    /// The files and lines of the bot that it goes through.
    pub(in crate::cli) lines: Vec<(Arc<str>, u32)>,
}

impl Tests {
    /// Reads them. Transcripts that are not sound are left out, and told.
    pub(in crate::cli) fn of(folder: &Path, terminal: &Terminal) -> Result<Tests, Failure> {
        let suite = Suite::read(&[folder.to_path_buf()], Wishes::default(), terminal)?;
        let folder = std::fs::canonicalize(folder).map_err(|error| Failure::io("read", folder, error))?;
        let mut tests = Tests { suite, cases: Vec::new(), folder };
        for (file, read) in tests.suite.files.iter().enumerate() {
            let own = read.bot.is_some_and(|bot| tests.is_own(bot));
            if !read.is_sound() {
                terminal.talk(&format!(
                    "{} has mistakes and is left out",
                    crate::cli::bots::shown(Path::new(&read.path))
                ));
            } else if own {
                let written =
                    read.script.tests.iter().enumerate().filter(|(_, test)| test.skipped().is_none());
                tests.cases.extend(
                    written
                        .flat_map(|(test, it)| (0..it.rows.len()).map(move |row| Case { file, test, row })),
                );
            }
        }
        Ok(tests)
    }

    fn is_own(&self, bot: usize) -> bool {
        let of = self.suite.bots[bot].folder.as_deref();
        of.and_then(|of| std::fs::canonicalize(of).ok()).is_some_and(|of| of == self.folder)
    }

    /// How many there are, a row of a table each.
    pub(in crate::cli) fn count(&self) -> usize {
        self.cases.len()
    }

    /// What all of them together cover.
    pub(in crate::cli) fn coverage(&self, parts: &Arc<Parts>) -> Coverage {
        let outcomes = play_all(&self.suite, &self.cases, Orders::count(1, Count::Together), &mut |_, _| {});
        let mut all = Coverage::new(parts.clone());
        for (bot, coverage) in outcomes.coverage.iter().enumerate() {
            if self.is_own(bot) {
                all.merge(coverage);
            }
        }
        all
    }

    /// Plays each of them once, and notes where it goes.
    pub(in crate::cli) fn each(&self) -> Vec<Rehearsed> {
        let mut coverage: Vec<Coverage> =
            self.suite.bots.iter().map(|bot| Coverage::new(bot.parts.clone())).collect();
        let each = self.cases.iter().map(|case| {
            let outcome = play_one(&self.suite, *case, Orders::count(1, Count::Each), &mut coverage);
            let file = &self.suite.files[case.file];
            let parts = file.bot.map(|bot| &self.suite.bots[bot].parts);
            let mut lines: Vec<(Arc<str>, u32)> = outcome
                .parts
                .iter()
                .filter_map(|part| parts?.get(*part))
                .map(|part| (part.path.clone(), part.line))
                .collect();
            lines.dedup();
            let name = file.script.tests[case.test].name.clone();
            Rehearsed { case: *case, name, passes: outcome.failed.is_none(), lines }
        });
        each.collect()
    }

    /// Whether another version of the bot passes a test.
    pub(in crate::cli) fn passes(&self, test: &Rehearsed, program: &Program) -> bool {
        let case = test.case;
        let file = &self.suite.files[case.file];
        let Some(bot) = file.bot.map(|bot| &self.suite.bots[bot]) else { return true };
        let program = program.clone().in_environment(bot.program.environment());
        let stage = Stage {
            program: &program,
            sources: &bot.sources,
            clock: file.script.clock.unwrap_or(CLOCK),
            knowledge: &file.knowledge,
            stubs: &file.script.stubs,
        };
        let test = &file.script.tests[case.test];
        let row = &test.rows[case.row];
        // Parts are made only for a test that asks where it has been.
        let played = match claims_coverage(test) {
            true => {
                let parts = Arc::new(Parts::of(&program));
                play(&stage, test, row, &mut Counting(Coverage::new(parts)))
            }
            false => play(&stage, test, row, &mut ()),
        };
        played.passed()
    }
}

/// Counts for the lines `expect coverage` of a test.
struct Counting(Coverage);

impl Audience for Counting {
    fn see(&mut self, trace: &[crate::engine::Trace], _: Option<&str>) {
        self.0.note(trace);
    }

    fn has_seen(&self, part: &str) -> Option<Result<bool, String>> {
        Some(self.0.find(part).map(|part| self.0.count(part) > 0).map_err(|unknown| unknown.to_string()))
    }
}

/// How a transcript that lies there names a bot: nothing if it lies in the bot's folder.
pub(in crate::cli) fn name_of_bot(transcript: Option<&Path>, bot: &Path) -> Option<String> {
    let bot = std::fs::canonicalize(bot).ok()?;
    let own = bot.file_name()?.to_str()?.to_string();
    let Some(transcript) = transcript else { return Some(own) };
    let folder = match transcript.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = std::fs::canonicalize(folder).ok()?;
    if folder.starts_with(&bot) {
        return None;
    }
    let there = folder.join("it.transcript");
    let found = super::suite::named(&there, &own).and_then(|found| std::fs::canonicalize(found).ok());
    match found {
        Some(found) if found == bot => Some(own),
        _ => Some(bot.to_string_lossy().into_owned()),
    }
}
