//! What came of all tests: a view of the suite and its outcomes, from which every report is written.

mod junit;
mod tap;
mod json;
mod github;
mod html;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use crate::diagnostics::render::tally;
use crate::diagnostics::{Severity, english};
use crate::rehearsal::{At, Bindings, Played, Test, place, row_name, shown};

use super::choice::Choice;
use super::crew::{Case, Outcome};
use super::screenplay::{Page, answered, expected_text, hindrance, line, missing, screenplay, text_of};
use super::suite::{File, Loaded, Suite};
use crate::cli::exit::{Exit, Failure};
use crate::cli::save;
use crate::cli::terminal::Terminal;

/// How wide the screenplays in reports are.
const WIDTH: usize = 120;

// ------------------------------------------------------------------------------------- which reports, and where

/// A report that is asked for: `junit=target/tests.xml`, `tap=-`.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    kind: Kind,
    /// Where it goes; nothing for the standard output.
    path: Option<PathBuf>,
}

/// What a report is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Junit,
    Tap,
    Json,
    Github,
    Html,
}

const KINDS: &[(&str, Kind)] = &[
    ("junit", Kind::Junit),
    ("tap", Kind::Tap),
    ("json", Kind::Json),
    ("github", Kind::Github),
    ("html", Kind::Html),
];

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        let names = || english::list(KINDS.iter().map(|(name, _)| *name), "or");
        let Some((kind, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
            return Err(format!("a kind, `=` and a path: junit=tests.xml; the kinds are {}", names()));
        };
        let kind = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| format!("the kinds are {}", names()))?;
        Ok(Wanted { kind, path: (path != "-").then(|| PathBuf::from(path)) })
    }
}

impl Wanted {
    /// Whether it goes to the standard output, so that nothing else may.
    pub(super) fn is_data(&self) -> bool {
        self.path.is_none()
    }

    /// Whether it shows conversations that went as expected.
    pub(super) fn keeps_all(&self) -> bool {
        self.kind == Kind::Html
    }

    fn text(&self, report: &Report<'_>) -> String {
        match self.kind {
            Kind::Junit => junit::text(report),
            Kind::Tap => tap::text(report),
            Kind::Json => json::text(report),
            Kind::Github => github::text(report),
            Kind::Html => html::text(report),
        }
    }
}

/// Makes sure, before anything is played, that all reports can be written.
pub(super) fn prepare(wanted: &[Wanted]) -> Result<(), Failure> {
    for (number, report) in wanted.iter().enumerate() {
        if wanted[..number].iter().any(|before| before.path == report.path) {
            let to = report
                .path
                .as_ref()
                .map_or("the standard output".to_string(), |path| format!("`{}`", shown_path(path)));
            let why = format!("two reports cannot both be written to {to}");
            return Err(Failure::new(Exit::Usage, why).help("give each a path of its own"));
        }
        if let Some(path) = &report.path {
            save::can_write(path)?;
        }
    }
    Ok(())
}

/// Writes all reports.
pub(super) fn write(wanted: &[Wanted], report: &Report<'_>, terminal: &Terminal) -> Result<(), Failure> {
    for wanted in wanted {
        let text = wanted.text(report);
        match &wanted.path {
            Some(path) => save::write(path, &text)?,
            None => terminal.data(&text)?,
        }
    }
    Ok(())
}

fn shown_path(path: &Path) -> String {
    crate::cli::bots::shown(path)
}

// ------------------------------------------------------------------------------------------------ what came of it

/// What came of all tests, in the order of the files.
pub(super) struct Report<'r> {
    pub(super) transcripts: Vec<Transcript<'r>>,
    pub(super) tally: Tally,
    pub(super) took: Duration,
    /// The order in which the tests were played.
    pub(super) seed: u64,
}

/// How many came to what.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    pub(super) unchanged: usize,
    /// Not played, since the time was over.
    pub(super) left: usize,
    /// Transcripts that cannot be played.
    pub(super) broken: usize,
}

impl Tally {
    /// Both together.
    pub(super) fn and(self, other: Tally) -> Tally {
        Tally {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            unchanged: self.unchanged + other.unchanged,
            left: self.left + other.left,
            broken: self.broken + other.broken,
        }
    }

    /// The tests together.
    pub(super) fn tests(&self) -> usize {
        self.passed + self.failed + self.skipped + self.unchanged + self.left
    }
}

/// A transcript, and what came of its tests.
pub(super) struct Transcript<'r> {
    pub(super) path: &'r str,
    /// Why it cannot be played.
    pub(super) wrong: Option<Wrong>,
    pub(super) tests: Vec<Told<'r>>,
}

/// Why a transcript cannot be played.
pub(super) struct Wrong {
    pub(super) line: usize,
    /// In one sentence.
    pub(super) message: String,
    /// All of it, as `parlor` prints it.
    pub(super) whole: String,
}

/// A test with a row of its table, and what came of it.
pub(super) struct Told<'r> {
    pub(super) case: Case,
    file: &'r File,
    bot: Option<&'r Loaded>,
    test: &'r Test,
    row: &'r Bindings,
    pub(super) came: Came<'r>,
    pub(super) took: Duration,
}

/// What came of a test.
#[derive(Clone, Copy)]
pub(super) enum Came<'r> {
    /// All is as expected; the conversation, if it was kept.
    Passed(Option<&'r Played>),
    Failed(&'r Played),
    /// Not played, as its `@skip` says, and why.
    Skipped(&'r str),
    /// Passed over: what it says cannot happen with what it was played through.
    PassedOver(&'r str),
    /// Nothing has touched it since it passed.
    Unchanged,
    /// The time was over before.
    Left,
}

/// The first thing that is not as expected.
pub(super) struct Difference<'r> {
    pub(super) path: &'r str,
    pub(super) line: usize,
    pub(super) message: String,
}

/// Something that happened in a test, and what came of it.
#[derive(Default)]
pub(super) struct Turn {
    /// In the words of a transcript: `user: hello`.
    pub(super) happened: String,
    pub(super) good: bool,
    /// What was expected beside what was read.
    pub(super) lines: Vec<Line>,
    /// What must be so and is not, and why.
    pub(super) broken: Vec<(String, String)>,
    /// What keeps the test from going on, and the line to paste, if that helps.
    pub(super) stopped: Option<(String, Option<String>)>,
    /// What answered, and why something else did not.
    pub(super) why: Vec<(&'static str, String)>,
    /// Variables: name, before, after.
    pub(super) changes: Vec<(String, String, String)>,
}

/// A line of the comparison.
pub(super) struct Line {
    pub(super) expected: Option<String>,
    pub(super) said: Option<String>,
    pub(super) good: bool,
}

impl<'r> Report<'r> {
    pub(super) fn of(
        suite: &'r Suite,
        choice: &Choice,
        outcomes: &'r [Outcome],
        took: Duration,
        seed: u64,
    ) -> Report<'r> {
        let mut told: Vec<Told<'r>> = Vec::with_capacity(choice.cases.len() + choice.skipped.len());
        let mut tell = |case: Case, came: Came<'r>, took: Duration| {
            let file = &suite.files[case.file];
            let test = &file.script.tests[case.test];
            let bot = file.bot.map(|bot| &suite.bots[bot]);
            told.push(Told { case, file, bot, test, row: &test.rows[case.row], came, took });
        };
        for outcome in outcomes {
            let came = match (&outcome.failed, &outcome.passed_over) {
                (Some(played), _) => Came::Failed(played),
                (None, Some(why)) => Came::PassedOver(why),
                (None, None) => Came::Passed(outcome.kept.as_ref()),
            };
            tell(outcome.case, came, outcome.took);
        }
        let played: std::collections::HashSet<Case> = outcomes.iter().map(|outcome| outcome.case).collect();
        for case in choice.cases.iter().filter(|case| !played.contains(case)) {
            tell(*case, Came::Left, Duration::ZERO);
        }
        for case in &choice.skipped {
            let test = &suite.files[case.file].script.tests[case.test];
            tell(*case, Came::Skipped(test.skipped().unwrap_or_default()), Duration::ZERO);
        }
        for case in &choice.unchanged {
            tell(*case, Came::Unchanged, Duration::ZERO);
        }
        told.sort_by_key(|told| told.case);
        let mut report = Report { transcripts: Vec::new(), tally: Tally::default(), took, seed };
        let mut told = told.into_iter().peekable();
        for (number, file) in suite.files.iter().enumerate() {
            let mut tests = Vec::new();
            while let Some(one) = told.next_if(|told| told.case.file == number) {
                let tally = &mut report.tally;
                *match one.came {
                    Came::Passed(_) => &mut tally.passed,
                    Came::Failed(_) => &mut tally.failed,
                    Came::Skipped(_) | Came::PassedOver(_) => &mut tally.skipped,
                    Came::Unchanged => &mut tally.unchanged,
                    Came::Left => &mut tally.left,
                } += 1;
                tests.push(one);
            }
            let wrong = wrong(file);
            report.tally.broken += usize::from(wrong.is_some());
            if wrong.is_some() || !tests.is_empty() {
                report.transcripts.push(Transcript { path: &file.path, wrong, tests });
            }
        }
        report
    }

    /// All tests, in order.
    pub(super) fn tests(&self) -> impl Iterator<Item = &Told<'r>> {
        self.transcripts.iter().flat_map(|transcript| &transcript.tests)
    }
}

/// Why a transcript cannot be played, if it cannot.
fn wrong(file: &File) -> Option<Wrong> {
    if file.is_sound() {
        return None;
    }
    let whole = file.told(false);
    let error = file.findings.iter().find(|finding| finding.severity() == Severity::Error);
    Some(match error {
        Some(finding) => {
            let start = finding.place.span.start as usize;
            let line = file.sources.get(finding.place.file).map_or(1, |source| source.line_column(start).0);
            let more = tally(&file.findings, Severity::Error) - 1;
            let more = if more == 0 {
                String::new()
            } else {
                format!(", and {}", english::count(more, "more error"))
            };
            Wrong { line, message: format!("{}{more}", finding.message), whole }
        }
        None => Wrong { line: 1, message: "its bot cannot be loaded".to_string(), whole },
    })
}

impl<'r> Told<'r> {
    pub(super) fn path(&self) -> &'r str {
        &self.file.path
    }

    pub(super) fn name(&self) -> &'r str {
        &self.test.name
    }

    /// `bad = 12345`; nothing for a test without a table.
    pub(super) fn row(&self) -> String {
        row_name(self.row)
    }

    /// Its name, and its row behind it in parentheses.
    pub(super) fn name_and_row(&self) -> String {
        match self.row.is_empty() {
            true => self.test.name.clone(),
            false => format!("{} ({})", self.test.name, self.row()),
        }
    }

    /// The values of its row.
    pub(super) fn values(&self) -> &'r Bindings {
        self.row
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &'r str> {
        self.test.tags.iter().map(|(name, _)| name.as_str())
    }

    /// The line where the test begins.
    pub(super) fn line(&self) -> usize {
        self.file.line(self.test)
    }

    fn at(&self, at: At) -> (&'r str, usize) {
        let source = self.file.sources.get(at.file);
        source.map_or((&self.file.path, 1), |source| {
            (&source.path, source.line_column(at.span.start as usize).0)
        })
    }

    /// Both columns, for paper: nothing of a test that did not fail.
    pub(super) fn paper(&self) -> String {
        self.screenplay(WIDTH, false)
    }

    /// Both columns, so wide.
    pub(super) fn screenplay(&self, width: usize, color: bool) -> String {
        let (Came::Failed(played), Some(bot)) = (self.came, self.bot) else { return String::new() };
        let page = Page { width, color, program: &bot.program, sources: &self.file.sources };
        screenplay(&page, self.test, played)
    }

    /// What happened in it, as far as it is known.
    pub(super) fn turns(&self) -> Vec<Turn> {
        let (Came::Failed(played) | Came::Passed(Some(played))) = self.came else { return Vec::new() };
        let turn = |number: usize| {
            let (written, lived) = (&self.test.beats[number], &played.beats[number]);
            let mut why = answered(lived);
            if let Some(bot) = self.bot.filter(|_| !lived.passed()) {
                why.extend(missing(&bot.program, self.test, number, lived));
            }
            let lines = lived.pairs.iter().map(|pair| Line {
                expected: pair
                    .expected
                    .map(|line| expected_text(&self.file.sources, &written.expected[line])),
                said: pair.said.map(|said| line(&lived.said[said])),
                good: pair.good,
            });
            Turn {
                happened: lived.happened.clone(),
                good: lived.passed(),
                lines: lines.collect(),
                broken: lived
                    .broken
                    .iter()
                    .map(|(claim, why)| (text_of(&self.file.sources, written.claims[*claim].0), why.clone()))
                    .collect(),
                stopped: lived.stopped.as_ref().map(|stopped| {
                    let (why, paste) = hindrance(stopped);
                    (why, paste.map(str::to_string))
                }),
                why,
                changes: lived
                    .changes
                    .iter()
                    .map(|(name, before, after)| (name.clone(), shown(before), shown(after)))
                    .collect(),
            }
        };
        (0..played.beats.len()).map(turn).collect()
    }

    /// The first thing that is not as expected; nothing, if all is.
    pub(super) fn difference(&self) -> Option<Difference<'r>> {
        let Came::Failed(played) = self.came else { return None };
        let number = played.beats.iter().position(|lived| !lived.passed())?;
        let (written, lived) = (&self.test.beats[number], &played.beats[number]);
        let here = place(self.test, written);
        let (at, message) = if let Some(stopped) = &lived.stopped {
            (here, hindrance(stopped).0)
        } else if let Some(pair) = lived.pairs.iter().find(|pair| !pair.good) {
            let expected =
                pair.expected.map(|line| expected_text(&self.file.sources, &written.expected[line]));
            let said = pair.said.map(|said| line(&lived.said[said]).replace('\n', " "));
            let message = match (expected, said) {
                (Some(expected), Some(said)) => format!("expected `{expected}`, and came `{said}`"),
                (Some(expected), None) => format!("expected `{expected}`, and it did not come"),
                (None, said) => format!("not expected, and came `{}`", said.unwrap_or_default()),
            };
            (pair.expected.map_or(here, |line| written.expected[line].at), message)
        } else {
            let (claim, why) = lived.broken.first()?;
            let at = written.claims[*claim].0;
            (at, format!("`{}`: {why}", text_of(&self.file.sources, at)))
        };
        let (path, line) = self.at(at);
        Some(Difference { path, line, message })
    }
}

/// So many milliseconds, thousandths behind the point.
fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}
