//! Findings as SARIF 2.1.0, which code scanning services read; fixes included.

use serde_json::{Value, json};

use super::lines::Lines;
use super::visible::visible_json;
use crate::diagnostics::{FileId, Finding, Fix, Severity, Slug, Span};

/// The log of one run.
pub(super) fn render(lines: &Lines<'_>, findings: &[Finding]) -> String {
    let mut slugs: Vec<Slug> = findings.iter().map(|finding| finding.slug).collect();
    slugs.sort();
    slugs.dedup();
    let results: Vec<Value> = findings.iter().map(|finding| result(lines, &slugs, finding)).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "parlor",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": slugs.iter().map(|slug| rule(*slug)).collect::<Vec<Value>>(),
            } },
            "columnKind": "unicodeCodePoints",
        }],
    });
    log["runs"][0]["results"] = Value::Array(results); // moved, not copied
    visible_json(&serde_json::to_string_pretty(&log).unwrap_or_default())
}

fn rule(slug: Slug) -> Value {
    json!({
        "id": slug.as_str(),
        "shortDescription": { "text": slug.title() },
        "help": { "text": format!("{}. More: parlor explain {slug}", slug.title()) },
        "defaultConfiguration": { "level": level(slug.severity()) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(lines: &Lines<'_>, slugs: &[Slug], finding: &Finding) -> Value {
    let message = match &finding.help {
        Some(help) => format!("{}\n\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.slug.as_str(),
        "ruleIndex": slugs.binary_search(&finding.slug).unwrap_or(0),
        "level": level(finding.severity()),
        "message": { "text": message },
        "locations": [location(lines, finding.place.file, finding.place.span, &finding.place.label)],
    });
    if !finding.related.is_empty() {
        let places =
            finding.related.iter().map(|place| location(lines, place.file, place.span, &place.label));
        result["relatedLocations"] = places.collect();
    }
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([mend(lines, fix)]);
    }
    result
}

fn location(lines: &Lines<'_>, file: FileId, span: Span, label: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(lines.path(file)) },
            "region": region(lines, file, span),
        },
    });
    if !label.is_empty() {
        location["message"] = json!({ "text": label });
    }
    location
}

fn region(lines: &Lines<'_>, file: FileId, span: Span) -> Value {
    let (start, end) = lines.ends(file, span);
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

fn mend(lines: &Lines<'_>, fix: &Fix) -> Value {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.file).collect();
    files.sort();
    files.dedup();
    let changes = files.into_iter().map(|file| {
        let edits = fix.edits.iter().filter(|edit| edit.file == file);
        let replacements = edits.map(|edit| {
            json!({ "deletedRegion": region(lines, file, edit.span), "insertedContent": { "text": edit.text } })
        });
        json!({
            "artifactLocation": { "uri": uri(lines.path(file)) },
            "replacements": replacements.collect::<Vec<Value>>(),
        })
    });
    json!({ "description": { "text": fix.title }, "artifactChanges": changes.collect::<Vec<Value>>() })
}

/// A path as a URI: relative ones stay relative.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(byte as char)
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
