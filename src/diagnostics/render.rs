//! Findings as people and machines want to read them: with carets, as one line each, or as JSON.
//!
//! The only place that knows carets, colours, boxes and JSON shapes. What comes from files is never printed
//! raw: a terminal escape or a reversed-text mark inside a bot is shown, not obeyed.

mod github;
mod human;
mod json;
mod lines;
mod sarif;
mod short;
mod view;
pub mod visible;

use super::english::count;
use super::{Finding, Severity, Sources};
use lines::Lines;

/// A way to write findings down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The line itself, with carets under the mistake and what to type instead.
    #[default]
    Human,
    /// One line each, as editors and `grep` want them.
    Short,
    /// One JSON document with everything.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// How findings look to a person; the formats for machines ignore it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// The bot as it is typed on the command line, to name in "parlor check BOT --fix".
    pub bot: String,
}

/// The findings, written down. JSON and SARIF are one document, also without findings.
pub fn render(format: Format, sources: &Sources, findings: &[Finding], style: &Style) -> String {
    let lines = Lines::new(sources);
    match format {
        Format::Human => human::render(&lines, findings, style),
        Format::Short => short::render(&lines, findings),
        Format::Json => json::render(&lines, findings),
        Format::Sarif => sarif::render(&lines, findings),
        Format::Github => github::render(&lines, findings),
    }
}

/// How many findings have this severity.
pub fn tally(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity() == severity).count()
}

/// "2 errors and 1 warning in 3 files, 1 can be fixed by --fix".
pub fn summary(findings: &[Finding]) -> String {
    let (errors, warnings) = (tally(findings, Severity::Error), tally(findings, Severity::Warning));
    let found = match (errors, warnings) {
        (0, 0) => return "no findings".to_string(),
        (_, 0) => count(errors, "error"),
        (0, _) => count(warnings, "warning"),
        _ => format!("{} and {}", count(errors, "error"), count(warnings, "warning")),
    };
    let mut files: Vec<_> = findings.iter().map(|finding| finding.place.file).collect();
    files.sort();
    files.dedup();
    let fixable = findings.iter().filter(|finding| finding.fix.is_some()).count();
    let fixable = match fixable {
        0 => String::new(),
        _ => format!(", {fixable} can be fixed by --fix"),
    };
    format!("{found} in {}{fixable}", count(files.len(), "file"))
}
