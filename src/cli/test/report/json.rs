//! All tests as lines of JSON, for programs: first the number of their form, then one object a test, last the sum.
//! The form only grows; its number says if it ever changes.

use serde::Serialize;

use crate::diagnostics::render::visible::visible_json;

use super::{Came, Report, Told, Turn};

/// The number of the form.
const FORM: u32 = 1;

#[derive(Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
enum Entry<'j> {
    Start { form: u32, parlor: &'j str, seed: u64 },
    Transcript { file: &'j str, line: usize, outcome: &'j str, message: &'j str },
    Test(Test<'j>),
    Summary(Summary),
}

#[derive(Serialize)]
struct Test<'j> {
    file: &'j str,
    line: usize,
    name: &'j str,
    row: &'j std::collections::BTreeMap<String, String>,
    tags: Vec<&'j str>,
    outcome: &'j str,
    /// Why it was not played.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'j str>,
    /// Milliseconds.
    took: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<At<'j>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beats: Vec<Beat>,
}

#[derive(Serialize)]
struct At<'j> {
    file: &'j str,
    line: usize,
}

#[derive(Serialize)]
struct Beat {
    happened: String,
    passed: bool,
    lines: Vec<Line>,
    claims: Vec<Claim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    why: Vec<Why>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Line {
    expected: Option<String>,
    said: Option<String>,
    good: bool,
}

#[derive(Serialize)]
struct Claim {
    expected: String,
    why: String,
}

#[derive(Serialize)]
struct Why {
    word: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Change {
    name: String,
    before: String,
    after: String,
}

#[derive(Serialize)]
struct Summary {
    passed: usize,
    failed: usize,
    skipped: usize,
    unchanged: usize,
    #[serde(rename = "not played")]
    left: usize,
    #[serde(rename = "broken transcripts")]
    broken: usize,
    took: f64,
}

/// The lines.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut out = String::new();
    let start = Entry::Start { form: FORM, parlor: env!("CARGO_PKG_VERSION"), seed: report.seed };
    push(&mut out, &start);
    for transcript in &report.transcripts {
        if let Some(wrong) = &transcript.wrong {
            let (file, line, message) = (transcript.path, wrong.line, wrong.message.as_str());
            push(&mut out, &Entry::Transcript { file, line, outcome: "broken", message });
        }
        for told in &transcript.tests {
            push(&mut out, &Entry::Test(test(told)));
        }
    }
    let tally = report.tally;
    push(
        &mut out,
        &Entry::Summary(Summary {
            passed: tally.passed,
            failed: tally.failed,
            skipped: tally.skipped,
            unchanged: tally.unchanged,
            left: tally.left,
            broken: tally.broken,
            took: milliseconds(report.took),
        }),
    );
    out
}

fn push(out: &mut String, entry: &Entry<'_>) {
    out.push_str(&visible_json(&serde_json::to_string(entry).unwrap_or_default()));
}

fn test<'j>(told: &'j Told<'_>) -> Test<'j> {
    let (outcome, reason) = match told.came {
        Came::Passed(_) => ("passed", None),
        Came::Failed(_) => ("failed", None),
        Came::Skipped(reason) | Came::PassedOver(reason) => ("skipped", Some(reason)),
        Came::Unchanged => ("unchanged", None),
        Came::Left => ("not played", Some("the time was over")),
    };
    let failed = matches!(told.came, Came::Failed(_));
    let difference = told.difference();
    Test {
        file: told.path(),
        line: told.line(),
        name: told.name(),
        row: told.values(),
        tags: told.tags().collect(),
        outcome,
        reason,
        took: milliseconds(told.took),
        at: difference.as_ref().map(|difference| At { file: difference.path, line: difference.line }),
        message: difference.map(|difference| difference.message),
        beats: if failed { told.turns().into_iter().map(beat).collect() } else { Vec::new() },
    }
}

fn beat(turn: Turn) -> Beat {
    Beat {
        happened: turn.happened,
        passed: turn.good,
        lines: turn
            .lines
            .into_iter()
            .map(|line| Line { expected: line.expected, said: line.said, good: line.good })
            .collect(),
        claims: turn.broken.into_iter().map(|(expected, why)| Claim { expected, why }).collect(),
        stopped: turn.stopped.map(|(why, _)| why),
        why: turn.why.into_iter().map(|(word, text)| Why { word, text }).collect(),
        changes: turn
            .changes
            .into_iter()
            .map(|(name, before, after)| Change { name, before, after })
            .collect(),
    }
}

fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
