//! Edits a machine can make.

use std::collections::BTreeMap;

use super::{FileId, Finding, Sources, Span};

/// An edit that mends a finding without changing what the author meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command: "write `say`".
    pub title: String,
    /// The stretches to replace.
    pub edits: Vec<Edit>,
}

/// One stretch to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// What to take out.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// The new texts of the files that the fixes of these findings change, and which findings were mended. A fix that
/// touches a stretch another one has changed already is left for the next run, so that nothing is lost.
pub fn apply_fixes<'f>(
    sources: &Sources,
    findings: &'f [Finding],
) -> (Vec<(FileId, String)>, Vec<&'f Finding>) {
    let mut taken: BTreeMap<(FileId, u32), &Edit> = BTreeMap::new();
    let mut mended = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let free = fix.edits.iter().all(|edit| {
            let before = taken.range(..=(edit.file, edit.span.start)).next_back();
            let behind = taken.range((edit.file, edit.span.start)..).next();
            !before.into_iter().chain(behind).any(|(_, other)| touch(edit, other))
        });
        if free {
            taken.extend(fix.edits.iter().map(|edit| ((edit.file, edit.span.start), edit)));
            mended.push(finding);
        }
    }
    let mut changed = Vec::new();
    for (file, source) in sources.iter() {
        let mut edits = taken.range((file, 0)..=(file, u32::MAX)).map(|(_, edit)| *edit).peekable();
        if edits.peek().is_none() {
            continue;
        }
        let mut text = String::with_capacity(source.text.len());
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            text.push_str(&source.text[at..range.start]);
            text.push_str(&edit.text);
            at = range.end;
        }
        text.push_str(&source.text[at..]);
        changed.push((file, text));
    }
    (changed, mended)
}

fn touch(one: &Edit, other: &Edit) -> bool {
    one.file == other.file && one.span.start <= other.span.end && other.span.start <= one.span.end
}
