//! A tree as text without places and empty lines: two files say the same when their outlines are equal.

use crate::language::syntax::{Declaration, File};

/// The outline of a file.
pub fn outline(file: &File) -> String {
    let mut block = file.block.clone();
    for line in &mut block.lines {
        // The spaces between days and times are a column, as the formatter sets it.
        if let Declaration::Hours(hours) = &mut line.item {
            for value in hours.block.lines.iter_mut().map(|line| &mut line.item) {
                value.text = value.text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
    }
    without_places(&format!("{block:#?}"))
}

/// A printed tree without its places and empty lines.
pub(super) fn without_places(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() / 2);
    let mut skipping = false;
    for line in whole.lines() {
        let bare = line.trim();
        match (skipping, bare) {
            (true, "}," | "}") => skipping = false,
            // Whether a text stands on one line or on several is layout, as empty lines are.
            (true, _) | (false, "Blank," | "long: true," | "long: false,") => {}
            (false, _) if bare.ends_with("Span {") => skipping = true,
            (false, _) => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    // A list that held nothing but empty lines is an empty list.
    let mut lines: Vec<&str> = Vec::new();
    for line in out.lines() {
        match lines.last() {
            Some(last) if line.trim() == "]," && last.ends_with(": [") => {
                lines.pop();
            }
            _ if line.trim_end().ends_with(": [],") => {}
            _ => lines.push(line),
        }
    }
    lines.join("\n")
}
