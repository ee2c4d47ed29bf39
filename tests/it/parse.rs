//! What a file yields: its findings, one a line, and then the tree, printed. One case a file in `tests/parse`.

use parlor::diagnostics::{FileId, Finding, Source};
use parlor::language::{format, parse};

use crate::golden;

/// `line:column slug message`, one finding a line.
pub fn told(source: &Source, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let (line, column) = source.line_column(finding.place.span.start as usize);
        out.push_str(&format!("{line}:{column} {} {}\n", finding.slug, finding.message));
    }
    out
}

#[test]
fn every_file_gives_a_tree_and_its_slips() {
    golden::compare("parse", "parsed", 40, |name, bytes| {
        let (source, unread) = Source::from_bytes(name, bytes, FileId(0));
        let (tree, findings) = parse(&source.text, FileId(0));
        let all: Vec<Finding> = unread.into_iter().chain(findings).collect();
        format!("{}---\n{}", told(&source, &all), format(&tree))
    });
}

/// Wherever a good bot is cut off, what is whole before the cut is in the tree, and no more is told than the line that
/// was cut and the blocks that lost their ends.
#[test]
fn a_file_cut_anywhere_keeps_what_is_whole() {
    for text in [include_str!("../../bots/acme/acme.dialog"), include_str!("../../bots/tasks/tasks.dialog")] {
        let text = &text[..text.len().min(1_500)];
        for cut in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let cut = &text[..cut];
            let (tree, findings) = parse(cut, FileId(0));
            let source = Source::new("cut.dialog", cut);
            let opened = cut.lines().filter(|line| line.ends_with('{')).count();
            let closed = cut.lines().filter(|line| line.trim_start().starts_with('}')).count();
            assert!(
                findings.len() <= 1 + opened - closed,
                "{} at the end of\n{cut}",
                told(&source, &findings)
            );
            let whole = cut.matches("\n}\n").count();
            assert!(
                tree.block.lines.len() >= whole,
                "{} of {whole} blocks in\n{cut}",
                tree.block.lines.len()
            );
        }
    }
}
