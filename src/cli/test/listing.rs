//! What would be played, a line a test, without playing it.

use serde::Serialize;

use crate::diagnostics::render::visible::{visible, visible_json};
use crate::rehearsal::{Bindings, row_name};

use super::choice::Choice;
use super::suite::Suite;

/// A test with a row of its table, for programs.
#[derive(Serialize)]
struct Entry<'l> {
    file: &'l str,
    line: usize,
    name: &'l str,
    row: &'l Bindings,
    tags: Vec<&'l str>,
}

/// The lines, in the order of the files.
pub(super) fn lines(suite: &Suite, choice: &Choice, json: bool) -> String {
    let mut cases = choice.cases.clone();
    cases.sort();
    let mut out = String::new();
    for case in cases {
        let file = &suite.files[case.file];
        let test = &file.script.tests[case.test];
        let row = &test.rows[case.row];
        let entry = Entry { file: &file.path, line: file.line(test), name: &test.name, row, tags: test.tags.iter().map(|(name, _)| name.as_str()).collect() };
        match json {
            true => out.push_str(&visible_json(&serde_json::to_string(&entry).unwrap_or_default())),
            false => {
                let row = if row.is_empty() { String::new() } else { format!(" ({})", row_name(row)) };
                let tags: String = entry.tags.iter().map(|tag| format!(" @{tag}")).collect();
                let line = format!("{}:{}  \"{}\"{row}{tags}", entry.file, entry.line, entry.name);
                out.push_str(&visible(&line));
                out.push('\n');
            }
        }
    }
    out
}
