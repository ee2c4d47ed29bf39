//! Findings as annotations of a GitHub workflow: they appear beside the line in the pull request.

use super::lines::Lines;
use super::visible::{brief, visible};
use crate::diagnostics::Finding;

/// All findings, one workflow command each.
pub(super) fn render(lines: &Lines<'_>, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (start, end) = lines.ends(finding.place.file, finding.place.span);
        let columns = match start.line == end.line {
            true => format!("col={},endLine={},endColumn={}", start.column, end.line, end.column),
            false => format!("col={},endLine={}", start.column, end.line),
        };
        let message = match &finding.help {
            Some(help) => format!("{} ({help})", finding.message),
            None => finding.message.clone(),
        };
        text.push_str(&format!(
            "::{} file={},line={},{columns},title={}::{}\n",
            finding.severity().word(),
            property(&visible(lines.path(finding.place.file))),
            start.line,
            property(finding.slug.as_str()),
            data(&brief(&message)),
        ));
    }
    text
}

/// Text behind the `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, where a comma or colon would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
