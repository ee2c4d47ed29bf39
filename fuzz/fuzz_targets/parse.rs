//! No file breaks the reader; what it cannot read it tells, at places that exist; and what it prints it reads again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor::diagnostics::{FileId, Source, Sources, apply_fixes};
use parlor::language::{format, outline, parse};

fuzz_target!(|text: &str| {
    let (tree, findings) = parse(text, FileId(0));
    for finding in &findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        let places = finding.related.iter().map(|place| place.span).chain([finding.place.span]).chain(edits);
        for span in places {
            assert!(text.get(span.range()).is_some(), "{finding:?} points outside of the file");
        }
        let sources = Sources::new(vec![Source::new("fuzz", text)]);
        apply_fixes(&sources, std::slice::from_ref(finding));
    }
    let printed = format(&tree);
    if findings.is_empty() {
        let (again, findings) = parse(&printed, FileId(0));
        assert!(findings.is_empty(), "{findings:?} in what was printed:\n{printed}");
        assert!(outline(&tree) == outline(&again), "says something else:\n{printed}");
        assert_eq!(printed, format(&again), "printed again it is something else");
    }
});
