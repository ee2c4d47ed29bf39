//! No transcript breaks the reader; what it cannot read it tells, at places that exist; what it lays out it reads again;
//! and any text can be written so that it reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor::diagnostics::{FileId, Source, Sources, apply_fixes};
use parlor::language::transcript::syntax::{Does, Form, Piece};
use parlor::language::transcript::{format, heard, outline, parse, said};

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
    let printed = format(text, &tree);
    if findings.is_empty() {
        let (again, findings) = parse(&printed, FileId(0));
        assert!(findings.is_empty(), "{findings:?} in what was laid out:\n{printed}");
        assert!(outline(&tree) == outline(&again), "says something else:\n{printed}");
        assert_eq!(printed, format(&printed, &again), "laid out again it is something else");
    }
    if !text.is_empty() {
        let written = format!("test \"x\"\n  user: {}\n  bot: {}\n", heard(text, 4), said(text, 4));
        let (tree, findings) = parse(&written, FileId(0));
        assert!(findings.is_empty(), "{findings:?} in\n{written}");
        for line in &tree.scenes[0].lines {
            let (Does::User(words) | Does::Bot(_, words)) = &line.does else { panic!("another line in\n{written}") };
            let Form::Pieces(pieces) = &words.form else { panic!("a regex in\n{written}") };
            assert_eq!(pieces, &[Piece::Letters(text.to_string())], "in\n{written}");
        }
    }
});
