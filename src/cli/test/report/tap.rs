//! All tests in the Test Anything Protocol, version 14: a line a test, with YAML below those that failed.

use crate::diagnostics::render::visible::{visible, visible_json};

use super::{Came, Report, Told, milliseconds};

/// The document.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", report.tally.tests() + report.tally.broken);
    let mut number = 0;
    for transcript in &report.transcripts {
        if let Some(wrong) = &transcript.wrong {
            number += 1;
            out.push_str(&format!("not ok {number} - {}\n", description(transcript.path)));
            diagnosis(&mut out, &wrong.message, transcript.path, wrong.line, None, &wrong.whole);
        }
        for told in &transcript.tests {
            number += 1;
            test(&mut out, number, told);
        }
    }
    out
}

fn test(out: &mut String, number: usize, told: &Told<'_>) {
    let good = !matches!(told.came, Came::Failed(_) | Came::Left);
    let skip = match told.came {
        Came::Skipped("") | Came::PassedOver("") => " # SKIP".to_string(),
        Came::Skipped(reason) | Came::PassedOver(reason) => format!(" # SKIP {}", description(reason)),
        Came::Unchanged => " # SKIP unchanged since it passed".to_string(),
        _ => String::new(),
    };
    out.push_str(&format!(
        "{} {number} - {}: {}{skip}\n",
        if good { "ok" } else { "not ok" },
        description(told.path()),
        description(&told.name_and_row()),
    ));
    match told.came {
        Came::Failed(_) => {
            if let Some(difference) = told.difference() {
                let took = Some(milliseconds(told.took));
                diagnosis(out, &difference.message, difference.path, difference.line, took, &told.paper());
            }
        }
        Came::Left => diagnosis(out, "not played: the time was over", told.path(), told.line(), None, ""),
        Came::Passed(_) => {
            out.push_str(&format!("  ---\n  duration_ms: {}\n  ...\n", milliseconds(told.took)));
        }
        Came::Skipped(_) | Came::PassedOver(_) | Came::Unchanged => {}
    }
}

/// Why it is not ok.
fn diagnosis(out: &mut String, message: &str, path: &str, line: usize, took: Option<String>, whole: &str) {
    out.push_str(&format!(
        "  ---\n  message: {}\n  severity: fail\n  at:\n    file: {}\n    line: {line}\n",
        quoted(message),
        quoted(path)
    ));
    if let Some(took) = took {
        out.push_str(&format!("  duration_ms: {took}\n"));
    }
    if !whole.is_empty() {
        out.push_str("  screenplay: |2\n");
        for line in whole.lines() {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        }
    }
    out.push_str("  ...\n");
}

/// Text on the line of a test, where `#` would begin a directive.
fn description(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A text of YAML: JSON is YAML.
fn quoted(text: &str) -> String {
    visible_json(&serde_json::to_string(text).unwrap_or_default()).trim_end().to_string()
}
