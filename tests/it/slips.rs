//! What a beginner is told. `tests/slips/*.dialog` are small whole bots with one slip each, `*.rendered` the whole
//! message as the terminal shows it.

use parlor::diagnostics::apply_fixes;
use parlor::diagnostics::render::{Format, Style, render};
use parlor::program::Draft;

use crate::golden;

#[test]
fn every_slip_is_told_once_and_in_full() {
    golden::compare("slips", "rendered", 60, |name, bytes| {
        let mut draft = Draft::new();
        draft.put(name, String::from_utf8(bytes).expect("a slip is text"));
        let checked = draft.check();
        assert_eq!(checked.findings.len(), 1, "{name}: one slip is one finding, and no more");
        let mut out = render(Format::Human, &checked.sources, &checked.findings, &Style::default());
        let (changed, made) = apply_fixes(&checked.sources, &checked.findings);
        if !made.is_empty() {
            draft.put(name, changed[0].1.clone());
            let after = draft.check().findings;
            let left: Vec<String> = after.iter().map(|finding| finding.slug.to_string()).collect();
            out.push_str(&format!(
                "after the fix: {}\n",
                if left.is_empty() { "nothing left".to_string() } else { left.join(", ") }
            ));
        }
        out
    });
}
