//! Findings as one JSON document, for programs. Its shape only grows; `version` says if it ever changes.

use serde::Serialize;

use super::lines::{Lines, Position};
use super::visible::visible_json;
use super::{Severity, tally};
use crate::diagnostics::{Edit, FileId, Finding, Fix, Place, Span};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    slug: &'a str,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Stretch<'a>,
    label: &'a str,
    related: Vec<Related<'a>>,
    fix: Option<Mend<'a>>,
}

#[derive(Serialize)]
struct Stretch<'a> {
    path: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Stretch<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Mend<'a> {
    title: &'a str,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    place: Stretch<'a>,
    text: &'a str,
}

/// The document.
pub(super) fn render(lines: &Lines<'_>, findings: &[Finding]) -> String {
    let document = Document {
        version: 1,
        findings: findings.iter().map(|finding| entry(lines, finding)).collect(),
        errors: tally(findings, Severity::Error),
        warnings: tally(findings, Severity::Warning),
    };
    visible_json(&serde_json::to_string_pretty(&document).unwrap_or_default())
}

fn entry<'a>(lines: &'a Lines<'_>, finding: &'a Finding) -> Entry<'a> {
    let related =
        |place: &'a Place| Related { place: stretch(lines, place.file, place.span), label: &place.label };
    Entry {
        slug: finding.slug.as_str(),
        severity: finding.severity(),
        message: &finding.message,
        help: finding.help.as_deref(),
        place: stretch(lines, finding.place.file, finding.place.span),
        label: &finding.place.label,
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().map(|fix| mend(lines, fix)),
    }
}

fn mend<'a>(lines: &'a Lines<'_>, fix: &'a Fix) -> Mend<'a> {
    let replacement =
        |edit: &'a Edit| Replacement { place: stretch(lines, edit.file, edit.span), text: &edit.text };
    Mend { title: &fix.title, edits: fix.edits.iter().map(replacement).collect() }
}

fn stretch<'a>(lines: &'a Lines<'_>, file: FileId, span: Span) -> Stretch<'a> {
    let (start, end) = lines.ends(file, span);
    Stretch { path: lines.path(file), start, end }
}
