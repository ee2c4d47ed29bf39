//! Files that want to break the reader: huge ones, deep ones, and ones full of what has to be closed. Each is read
//! on a thread with the small stack that tests have, and none may take much longer than its size explains.

use std::time::{Duration, Instant};

use parlor::diagnostics::{FileId, Finding};
use parlor::language::{format, parse};

/// In a debug build reading is some ten times slower, and the machine may be busy: a reader that looks at
/// everything twice passes, one that looks at everything as often as there are letters does not.
const BYTES: usize = 64 * 1024;
const TIME_MAX: Duration = Duration::from_secs(20);

fn read(name: &str, text: String) -> Vec<Finding> {
    let begun = Instant::now();
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let reading = thread.spawn(move || {
        let (tree, findings) = parse(&text, FileId(0));
        format(&tree);
        findings
    });
    let findings =
        reading.expect("a thread begins").join().unwrap_or_else(|_| panic!("{name} breaks the reader"));
    assert!(begun.elapsed() < TIME_MAX, "{name} takes {:?}", begun.elapsed());
    assert!(findings.len() <= 220, "{name} has {} findings", findings.len());
    findings
}

fn filled(piece: &str) -> String {
    piece.repeat(BYTES / piece.len())
}

fn in_dialog(piece: &str) -> String {
    format!("dialog \"X\" {{\n{}\n}}\n", filled(piece))
}

#[test]
fn one_line_of_one_thing() {
    for piece in [
        "a", " ", "say ", "\"", "'", "(", "{", "}", "{{", "{%", "[", "/", "\\", "->", "#", "é", "🎉", "\0",
        "on ", "a { ",
    ] {
        read(piece, filled(piece));
    }
}

#[test]
fn lines_of_one_thing() {
    for piece in [
        "\n",
        "\r",
        "#\n",
        "}\n",
        "a\n",
        "a {\n",
        "dialog \"X\" {\n",
        "dialog \"X\"\n{\n",
        "say \"\"\"\n",
        "\"\"\"\n",
        "on a b\n",
        "dialog \"X\" {\n}\n",
        "end if\n",
        "} else {\n",
        "\ta\n",
        "dialog \"A\" {\n} x {\n",
    ] {
        read(piece, filled(piece));
        read(piece, in_dialog(piece));
    }
}

#[test]
fn one_statement_of_one_thing() {
    for (before, piece, after) in [
        ("say \"", "{{", "\""),
        ("say \"", "{% ", "\""),
        ("say \"", "\\q", "\""),
        ("say \"{{ ", "'\\'", "\""),
        ("say \"{{ ", "\\\"", " }}\""),
        ("say \"\"\"\n", "{{ '\\\n", "\n\"\"\""),
        ("set x = ", "'\\'", ""),
        ("set x = ", "\\'", ""),
        ("set x = ", "{  ", ""),
        ("set x = ", " ", "1"),
        ("user says {\n/", "[", "/\n}"),
        ("user says {\n", "\"a\" or ", "\"a\"\n}"),
        ("ask a \"b\" {\nwhen \"a\" ", "save ", "\n}"),
        ("ask a \"b\" {\nwhen \"a\" ", "save x = 1 ", "\n}"),
    ] {
        read(piece, format!("dialog \"X\" {{\n{before}{}{after}\n}}\n", filled(piece)));
    }
}

#[test]
fn ten_thousand_deep() {
    let findings = read("deep conditions", format!("dialog \"X\" {{\n{}", "if a {\n".repeat(10_000)));
    assert!(findings.iter().any(|finding| finding.slug.as_str() == "too-deep"));
    read(
        "deep and closed",
        format!("dialog \"X\" {{\n{}{}}}\n", "if a {\n".repeat(10_000), "}\n".repeat(10_000)),
    );
    read("deep unknown blocks", "a {\n".repeat(10_000));
    read("deep declarations", "dialog \"X\" {\nif a {\n".repeat(10_000));
    let chain = format!("dialog \"X\" {{\nif a {{\n{}}}\n}}\n", "} else if a {\n".repeat(10_000));
    let findings = read("a long chain of branches", chain);
    assert!(findings.iter().any(|finding| finding.slug.as_str() == "too-deep"));
}

#[test]
fn slips_that_invite_guessing() {
    for piece in [">", "a ", "1 ", "a. ", ": ", "next ", "say \"x\" ", "a or ", "\" ", "/ ", "- "] {
        for before in ["say ", "say \""] {
            read(piece, in_dialog(&format!("{before}{}\n", piece.repeat(1_900 / piece.len()))));
        }
    }
}
