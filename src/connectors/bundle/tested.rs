//! The conversations that are written down for a bot, played as `parlor test` plays them, from its bundle alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostics::english::count;
use crate::diagnostics::{FileId, Finding, Severity, Slug, Source, Sources};
use crate::engine::Trace;
use crate::language;
use crate::language::transcript::syntax::{Setting, Transcript};
use crate::platform::Environment;
use crate::program::Program;
use crate::rehearsal::{
    Audience, CLOCK, Claim, Coverage, Lived, Parts, Played, Script, Stage, Test, place, play,
};

use super::Bundle;

/// Tests of a bundle that are played, each row of a table one.
pub const TESTS_MAX: usize = 20_000;
/// Tests that failed which are told by name; the others are counted.
pub const FAILED_KEPT: usize = 10;
/// Files that a transcript may include, in all.
const INCLUDED_MAX: usize = 100;
/// Letters of the name of a test that failed, and of the sentence on why.
const WHY_LETTERS_MAX: usize = 200;

/// What came of the tests of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// How many went as it is written.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How many are not to be played: `@skip`.
    pub skipped: usize,
    /// How many were left when the time was up, or there were too many; a file that was not read counts as one.
    pub left: usize,
    /// Of those that failed, the first.
    pub failures: Vec<Failed>,
}

/// A test that did not go as it is written, or a transcript that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The transcript.
    pub file: String,
    /// The line where it went another way.
    pub line: usize,
    /// The name of the test; nothing, where the transcript itself has a mistake.
    pub test: String,
    /// What happened there.
    pub why: String,
}

impl Tested {
    /// Whether all that there are went as it is written.
    pub fn is_green(&self) -> bool {
        self.failed == 0 && self.left == 0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Tested::default()
    }

    fn fails(&mut self, failed: Failed) {
        self.failed += 1;
        if self.failures.len() < FAILED_KEPT {
            self.failures.push(failed);
        }
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no tests");
        }
        write!(f, "{} passed", count(self.passed, "test"))?;
        for (number, what) in [(self.failed, "failed"), (self.skipped, "skipped"), (self.left, "not played")]
        {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        match self.test.as_str() {
            "" => f.write_str(&self.why),
            test => write!(f, "\"{test}\": {}", self.why),
        }
    }
}

impl Bundle {
    /// Plays the tests in its transcripts with the bot, compiled. A transcript that brings a bot of its own says nothing of
    /// this one and is passed over. It stops when `goes_on` says no; that is asked before each file and each test.
    pub fn test(&self, program: &Program, goes_on: &mut dyn FnMut() -> bool) -> Tested {
        let none = BTreeMap::new();
        let demo = self.within(program.clone(), Environment::Demo, &none);
        let production = self.within(program.clone(), Environment::Production, &none);
        let sources = self.check_sources();
        let mut parts = None;
        let (mut tested, mut played) = (Tested::default(), 0);
        for (name, _) in self.files().filter(|(name, _)| name.ends_with(".transcript")) {
            if !goes_on() {
                tested.left += 1; // however many it has
                continue;
            }
            let mut file = self.read(name);
            if file.script.own_bot.is_some() {
                continue;
            }
            let program = if file.script.env.as_deref() == Some("production") { &production } else { &demo };
            let (knowledge, wrong) = file.script.knowledge(program);
            file.findings.extend(wrong);
            file.findings.extend(file.script.unknown_names(program));
            if let Some(slip) = file.findings.iter().find(|finding| finding.severity() == Severity::Error) {
                let why = cut(&slip.message);
                let (path, line) = file.line(slip.place.file, slip.place.span.start as usize);
                tested.fails(Failed { file: path, line, test: String::new(), why });
                continue;
            }
            let stage = Stage {
                program,
                sources: &sources,
                clock: file.script.clock.unwrap_or(CLOCK),
                knowledge: &knowledge,
                stubs: &file.script.stubs,
            };
            for test in &file.script.tests {
                if test.skipped().is_some() {
                    tested.skipped += test.rows.len();
                    continue;
                }
                for row in &test.rows {
                    if played >= TESTS_MAX || !goes_on() {
                        tested.left += 1;
                        continue;
                    }
                    played += 1;
                    let went = match claims_coverage(test) {
                        true => {
                            let parts = parts.get_or_insert_with(|| Arc::new(Parts::of(program)));
                            play(&stage, test, row, &mut Counting(Coverage::new(parts.clone())))
                        }
                        false => play(&stage, test, row, &mut ()),
                    };
                    match went.passed() {
                        true => tested.passed += 1,
                        false => tested.fails(file.failed(test, &went)),
                    }
                }
            }
        }
        tested
    }

    fn check_sources(&self) -> Sources {
        let files = self.files().filter(|(name, _)| !name.ends_with(".transcript"));
        Sources::new(files.map(|(name, text)| Source::new(name, text)).collect())
    }

    /// A transcript with the files it includes; all of them lie in the bundle.
    fn read(&self, name: &str) -> Read {
        let parse = |name: &str, number: usize| {
            let text = self.text(name).unwrap_or_default();
            language::transcript::parse(text, FileId(number as u32))
        };
        let (tree, mut findings) = parse(name, 0);
        let (mut names, mut trees) = (vec![name.to_string()], vec![tree]);
        let mut next = 0;
        while next < trees.len() {
            for (path, span) in includes(&trees[next]) {
                let wrong = |why: String| Finding::new(Slug::WrongValue, FileId(next as u32), span, why);
                match inside(&names[next], &path).filter(|there| self.text(there).is_some()) {
                    None => findings.push(wrong(format!("there is no file `{path}` in the bot's folder"))),
                    Some(there) if names.contains(&there) => {}
                    Some(_) if trees.len() > INCLUDED_MAX => {
                        findings.push(wrong(format!("more than {INCLUDED_MAX} files are included")));
                    }
                    Some(there) => {
                        let (tree, slips) = parse(&there, trees.len());
                        findings.extend(slips);
                        names.push(there);
                        trees.push(tree);
                    }
                }
            }
            next += 1;
        }
        let (script, wrong) = Script::of(&trees);
        findings.extend(wrong);
        let sources = names.iter().map(|name| Source::new(name, self.text(name).unwrap_or_default()));
        Read { sources: Sources::new(sources.collect()), script, findings }
    }
}

/// A transcript, read.
struct Read {
    sources: Sources,
    script: Script,
    findings: Vec<Finding>,
}

impl Read {
    fn line(&self, file: FileId, at: usize) -> (String, usize) {
        let source = self.sources.get(file);
        source.map_or((String::new(), 1), |source| (source.path.clone(), source.line_column(at).0))
    }

    fn failed(&self, test: &Test, went: &Played) -> Failed {
        let beat = went.beats.iter().position(|beat| !beat.passed()).unwrap_or(0);
        let (at, why) = match (test.beats.get(beat), went.beats.get(beat)) {
            (Some(written), Some(lived)) => {
                let line = lived.pairs.iter().find(|pair| !pair.good).and_then(|pair| pair.expected);
                let line = line.and_then(|line| written.expected.get(line)).map(|line| line.at);
                let claim = lived.broken.first().and_then(|(number, _)| written.claims.get(*number));
                let at = line.or(claim.map(|(at, _)| *at)).unwrap_or_else(|| place(test, written));
                (at, why(lived))
            }
            (_, Some(lived)) => (test.at, why(lived)),
            _ => (test.at, "it could not begin".to_string()),
        };
        let (file, line) = self.line(at.file, at.span.start as usize);
        Failed { file, line, test: cut(&test.name), why: cut(&why) }
    }
}

/// Why a beat is not as expected.
fn why(lived: &Lived) -> String {
    if let Some(stopped) = &lived.stopped {
        return stopped.to_string();
    }
    if let Some((_, why)) = lived.broken.first() {
        return why.clone();
    }
    let wrong = lived.pairs.iter().find(|pair| !pair.good);
    match wrong.and_then(|pair| pair.said).and_then(|said| lived.said.get(said)) {
        Some(said) => format!("after `{}` comes `{}: {}`", lived.happened, said.label.word(), said.text),
        None => format!("after `{}` this line does not come", lived.happened),
    }
}

fn cut(why: &str) -> String {
    match why.char_indices().nth(WHY_LETTERS_MAX) {
        Some((at, _)) => format!("{}…", &why[..at]),
        None => why.to_string(),
    }
}

fn includes(tree: &Transcript) -> Vec<(String, crate::diagnostics::Span)> {
    let paths = tree.header.iter().filter_map(|line| match &line.setting {
        Setting::Include(path) => Some((path.text.clone(), path.span)),
        _ => None,
    });
    paths.collect()
}

/// The name in the bundle that a path leads to, seen from a file in it; nothing, if it leads out.
fn inside(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!path.starts_with('/')).then(|| parts.join("/"))
}

/// Whether a test speaks of where it has been; for all others nothing has to be counted.
fn claims_coverage(test: &Test) -> bool {
    test.beats.iter().any(|beat| beat.claims.iter().any(|(_, claim)| matches!(claim, Claim::Coverage(_))))
}

/// Counts for the lines `expect coverage` of a test.
struct Counting(Coverage);

impl Audience for Counting {
    fn see(&mut self, trace: &[Trace], _: Option<&str>) {
        self.0.note(trace);
    }

    fn has_seen(&self, part: &str) -> Option<Result<bool, String>> {
        Some(self.0.find(part).map(|part| self.0.count(part) > 0).map_err(|unknown| unknown.to_string()))
    }
}
