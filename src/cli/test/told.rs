//! What a person reads when all tests were played: those that failed, side by side; and the sum of it in a line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;

use super::report::{Came, Report, Told, Turn};
use crate::cli::terminal::{Paint, paint};

/// How many rows of a table that fail alike are named.
const ROWS_SHOWN: usize = 10;

/// How tests are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The letters of a line.
    pub(super) width: usize,
    pub(super) color: bool,
    /// A line for every test, not only for those that failed.
    pub(super) verbose: bool,
}

/// The tests, in order. Rows of a table that fail in the same way are shown once.
pub(super) fn tests(report: &Report<'_>, look: Look) -> String {
    let mut out = String::new();
    let tests: Vec<&Told<'_>> = report.tests().collect();
    let alike = alike(&tests);
    for (number, told) in tests.iter().enumerate() {
        match told.came {
            Came::Failed(_) => match alike.get(&number) {
                Some(others) => failed(&mut out, told, others, look),
                None if look.verbose => out.push_str(&head(told, "failed", Paint::Red, look)),
                None => {}
            },
            // Nobody asked for this one to be skipped: it is always told.
            Came::PassedOver(why) => {
                let mut line = head(told, "skipped", Paint::Cyan, look);
                line.insert_str(line.len() - 1, &format!("  {}", visible(why)));
                out.push_str(&line);
            }
            _ if !look.verbose => {}
            Came::Passed(_) => out.push_str(&head(told, "ok", Paint::Green, look)),
            Came::Skipped(reason) => {
                let mut line = head(told, "skipped", Paint::Dim, look);
                if !reason.is_empty() {
                    line.insert_str(line.len() - 1, &format!("  {}", visible(reason)));
                }
                out.push_str(&line);
            }
            Came::Unchanged => out.push_str(&head(told, "unchanged", Paint::Dim, look)),
            Came::Left => out.push_str(&head(told, "not played", Paint::Red, look)),
        }
    }
    out
}

/// `failed "Three bad numbers" (bad = 12)  handoff.transcript:4`
pub(super) fn head(told: &Told<'_>, word: &str, color: Paint, look: Look) -> String {
    let row = told.row();
    let row = if row.is_empty() { row } else { format!(" ({row})") };
    let name = paint(look.color, Paint::Bold, &visible(&format!("\"{}\"", told.name())));
    let word = paint(look.color, color, word);
    format!("{word} {name}{}  {}:{}\n", visible(&row), visible(told.path()), told.line())
}

/// A test that failed, with other rows of its table that did the same.
pub(super) fn failed(out: &mut String, told: &Told<'_>, others: &[&Told<'_>], look: Look) {
    out.push_str(&head(told, "failed", Paint::Red, look));
    out.push_str(&told.screenplay(look.width, look.color));
    if !others.is_empty() {
        let mut rows: Vec<String> = others.iter().take(ROWS_SHOWN).map(|told| told.row()).collect();
        rows.extend((others.len() > ROWS_SHOWN).then(|| "…".to_string()));
        let more = format!("    and in {}: {}", count(others.len(), "more row"), rows.join("; "));
        out.push_str(&paint(look.color, Paint::Dim, &visible(&more)));
        out.push('\n');
    }
    out.push('\n');
}

/// Tests that failed, each first one of its kind with the other rows of its table that failed in the same way.
fn alike<'t, 'r>(tests: &[&'t Told<'r>]) -> BTreeMap<usize, Vec<&'t Told<'r>>> {
    let mut groups: BTreeMap<usize, Vec<&Told<'_>>> = BTreeMap::new();
    let mut met: BTreeMap<(usize, usize, String), usize> = BTreeMap::new();
    for (number, told) in tests.iter().enumerate() {
        if !matches!(told.came, Came::Failed(_)) {
            continue;
        }
        let key = (told.case.file, told.case.test, form(told));
        match met.get(&key).and_then(|first| groups.get_mut(first)) {
            Some(others) => others.push(told),
            None => {
                met.insert(key, number);
                groups.insert(number, Vec::new());
            }
        }
    }
    groups
}

/// What differs in a test, with the names of the columns in place of the values of its row.
fn form(told: &Told<'_>) -> String {
    let mut form = String::new();
    for turn in told.turns().iter().filter(|turn| !turn.good) {
        let Turn { happened, lines, broken, stopped, .. } = turn;
        let lines: Vec<_> = lines.iter().map(|line| (&line.expected, &line.said, line.good)).collect();
        form.push_str(&format!("{happened:?} {lines:?} {broken:?} {stopped:?}\n"));
    }
    let mut values: Vec<_> = told.values().iter().filter(|(_, value)| !value.is_empty()).collect();
    // The longest first: a value may stand in another.
    values.sort_by_key(|(name, value)| (std::cmp::Reverse(value.len()), *name));
    for (name, value) in values {
        form = in_place_of(&form, value, name);
    }
    form
}

/// The text with a name in place of a value, wherever that stands as a word of its own.
fn in_place_of(text: &str, value: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(value) {
        let before = text[..at].chars().next_back().filter(|letter| letter.is_alphanumeric());
        let behind = text[at + value.len()..].chars().next().filter(|letter| letter.is_alphanumeric());
        if before.is_none() && behind.is_none() {
            out.push_str(&text[done..at]);
            out.push_str(&format!("\u{0}{name}\u{0}"));
            done = at + value.len();
        }
    }
    out.push_str(&text[done..]);
    out
}

/// `12 passed, 1 failed, 2 skipped (0.01 s, seed 1)`, above it the tests that took long.
pub(super) fn summary(report: &Report<'_>, slow: Option<Duration>, color: bool) -> String {
    let mut said = String::new();
    if let Some(limit) = slow {
        let mut slow: Vec<&Told<'_>> =
            report.tests().filter(|told| is_played(told) && told.took >= limit).collect();
        slow.sort_by_key(|told| std::cmp::Reverse(told.took));
        for told in slow {
            let took = format!("{:.1} ms", told.took.as_secs_f64() * 1000.0);
            let look = Look { width: 0, color, verbose: false };
            said.push_str(&head(told, &format!("slow ({took})"), Paint::Cyan, look));
        }
    }
    let tally = report.tally;
    let good = if tally.failed == 0 { Paint::Green } else { Paint::Dim };
    let passed = format!("{} passed", tally.passed);
    let failed = format!("{} failed", tally.failed);
    said.push_str(&paint(color, good, &passed));
    said.push_str(", ");
    said.push_str(&if tally.failed > 0 { paint(color, Paint::Red, &failed) } else { failed });
    if tally.skipped > 0 {
        said.push_str(&format!(", {} skipped", tally.skipped));
    }
    if tally.unchanged > 0 {
        said.push_str(&format!(", {} unchanged, not played", tally.unchanged));
    }
    if tally.left > 0 {
        let left = format!("{} not played, as the time was over", tally.left);
        said.push_str(&format!(", {}", paint(color, Paint::Red, &left)));
    }
    if tally.broken > 0 {
        said.push_str(&format!(", {} not played", count(tally.broken, "transcript")));
    }
    let seconds = report.took.as_secs_f64();
    said.push_str(&paint(color, Paint::Dim, &format!(" ({seconds:.2} s, seed {})", report.seed)));
    said
}

fn is_played(told: &Told<'_>) -> bool {
    matches!(told.came, Came::Passed(_) | Came::Failed(_))
}
