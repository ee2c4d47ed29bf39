//! Changes of an account as they are printed: a line each for people, a document for programs.

use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::terminal::{Paint, Terminal};
use crate::diagnostics::render::visible::visible_json;
use crate::diagnostics::render::{Format, Style, render};
use crate::platform::{Account, Change, How, ReadAccount, changes};

/// What a file makes of what is set up. Another name is another account, and never what was meant.
pub(super) fn between(was: Option<&Account>, becomes: &Account) -> Result<Vec<Change>, String> {
    match was {
        Some(was) if was.name != becomes.name => Err(format!(
            "the data folder is that of the account `{}`, and the file is one of `{}`",
            was.name, becomes.name
        )),
        Some(was) => Ok(changes(was, becomes)),
        None => Ok(changes(&Account::default(), becomes)),
    }
}

/// Prints changes for people.
pub(super) fn show(changes: &[Change], terminal: &Terminal) -> Result<(), Failure> {
    let lines = changes.iter().map(|change| {
        let paint = match change.how {
            How::Added => Paint::Green,
            How::Removed => Paint::Red,
            How::Changed { .. } => Paint::Cyan,
        };
        format!("{}\n", terminal.paint(paint, &change.to_string()))
    });
    terminal.data(&lines.collect::<String>())
}

/// Prints what was found and what changes, as one document: that of `parlor check`, and more.
pub(super) fn document(
    read: &ReadAccount,
    changes: &[Change],
    applied: bool,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let findings = render(Format::Json, &read.sources, &read.findings, &Style::default());
    let mut document: Value = serde_json::from_str(&findings).unwrap_or_else(|_| json!({}));
    document["changes"] = json!(changes);
    document["applied"] = json!(applied);
    terminal.data(&visible_json(&serde_json::to_string_pretty(&document).unwrap_or_default()))
}
