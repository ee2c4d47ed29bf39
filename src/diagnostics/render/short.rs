//! A finding as one line, for editors and for `grep`: `path:line:column: error[slug]: message (help)`.

use super::lines::Lines;
use super::visible::{brief, visible};
use crate::diagnostics::Finding;

/// All findings, one line each.
pub(super) fn render(lines: &Lines<'_>, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (start, _) = lines.ends(finding.place.file, finding.place.span);
        let path = visible(lines.path(finding.place.file));
        let (word, slug, message) = (finding.severity().word(), finding.slug, brief(&finding.message));
        text.push_str(&format!("{path}:{}:{}: {word}[{slug}]: {message}", start.line, start.column));
        if let Some(help) = &finding.help {
            text.push_str(&format!(" ({})", brief(help)));
        }
        text.push('\n');
    }
    text
}
