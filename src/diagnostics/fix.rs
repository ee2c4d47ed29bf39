//! Edits a machine can make.

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

/// The new texts of the files that the fixes of these findings change, and how many fixes were made. A fix
/// that touches a stretch another one has changed already is left for the next run, so that nothing is lost.
pub fn apply_fixes(sources: &Sources, findings: &[Finding]) -> (Vec<(FileId, String)>, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut made = 0;
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        let free = fix.edits.iter().all(|edit| !taken.iter().any(|other| touch(edit, other)));
        if free {
            taken.extend(&fix.edits);
            made += 1;
        }
    }
    let mut changed = Vec::new();
    for (file, source) in sources.iter() {
        let mut edits: Vec<&Edit> = taken.iter().copied().filter(|edit| edit.file == file).collect();
        if edits.is_empty() {
            continue;
        }
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
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
    (changed, made)
}

fn touch(one: &Edit, other: &Edit) -> bool {
    one.file == other.file && one.span.start <= other.span.end && other.span.start <= one.span.end
}
