//! Transcripts as text: `tests/transcripts/*.transcript`, sound or broken, and beside each its findings and its tree.

use parlor::diagnostics::{FileId, Finding, Source};
use parlor::language::transcript::{outline, parse};

use crate::golden;
use crate::parse::told;

#[test]
fn every_transcript_gives_a_tree_and_its_slips() {
    golden::compare("transcripts", "read", 7, |name, bytes| {
        let (source, unread) = Source::from_bytes(name, bytes, FileId(0));
        let (tree, findings) = parse(&source.text, FileId(0));
        let all: Vec<Finding> = unread.into_iter().chain(findings).collect();
        format!("{}---\n{}\n", told(&source, &all), outline(&tree))
    });
}
