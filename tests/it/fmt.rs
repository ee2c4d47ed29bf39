//! The one true layout: `tests/fmt/*.dialog` and `*.transcript` as authors type, `*.formatted` as the formatter leaves it.

use parlor::diagnostics::{FileId, Source};
use parlor::language::{format, outline, parse};

use crate::golden;
use crate::parse::told;
use crate::transcripts::laid_out;

#[test]
fn every_file_gets_the_one_layout() {
    golden::compare("fmt", "formatted", 10, |name, bytes| {
        let (source, _) = Source::from_bytes(name, bytes, FileId(0));
        if name.ends_with(".transcript") {
            return laid_out(&source);
        }
        let (tree, findings) = parse(&source.text, FileId(0));
        let findings: Vec<_> =
            findings.into_iter().filter(|finding| finding.slug.as_str() != "tab").collect();
        assert!(findings.is_empty(), "{name} does not read: {}", told(&source, &findings));
        let once = format(&tree);
        let (again, findings) = parse(&once, FileId(0));
        assert!(
            findings.is_empty(),
            "{name} does not read any more: {}",
            told(&Source::new(name, &*once), &findings)
        );
        assert!(outline(&tree) == outline(&again), "{name} says something else:\n{once}");
        assert_eq!(once, format(&again), "{name} changes when it is formatted again");
        once
    });
}
