//! No bot breaks the checker, and what it finds it finds at places that exist.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor::diagnostics::apply_fixes;
use parlor::diagnostics::render::{Format, Style, render};
use parlor::program::Draft;

fuzz_target!(|text: &str| {
    let mut draft = Draft::new();
    draft.put("bot.dialog", text);
    let checked = draft.check();
    for finding in &checked.findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        let places = finding.related.iter().map(|place| place.span).chain([finding.place.span]).chain(edits);
        for span in places {
            assert!(text.get(span.range()).is_some(), "{finding:?} points outside of the file");
        }
    }
    for format in [Format::Human, Format::Short, Format::Json] {
        render(format, &checked.sources, &checked.findings, &Style::default());
    }
    apply_fixes(&checked.sources, &checked.findings);
});
