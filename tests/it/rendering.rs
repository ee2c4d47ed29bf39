//! Findings as they are printed: the whole text, asserted.

use parlor::diagnostics::render::{Format, Style, render, summary};
use parlor::diagnostics::{FileId, Finding, Slug, Source, Sources, Span};

fn files(files: &[(&str, &str)]) -> Sources {
    Sources::new(files.iter().map(|(path, text)| Source::new(*path, *text)).collect())
}

/// The stretch of the first occurrence of `words` in a file.
fn at(sources: &Sources, file: u32, words: &str) -> Span {
    let start = sources
        .get(FileId(file))
        .and_then(|source| source.text.find(words))
        .expect("the file has these words");
    Span::new(start, start + words.len())
}

fn finding(sources: &Sources, file: u32, words: &str, slug: Slug, message: &str) -> Finding {
    Finding::new(slug, FileId(file), at(sources, file, words), message)
}

fn written(format: Format, sources: &Sources, finding: &Finding) -> String {
    let style = Style { color: false, bot: "bots/acme".to_string() };
    render(format, sources, std::slice::from_ref(finding), &style)
}

fn human(sources: &Sources, finding: &Finding) -> String {
    written(Format::Human, sources, finding)
}

/// Two files and a finding with everything: a label, places in both files, help and a fix.
fn rich() -> (Sources, Finding) {
    let sources = files(&[
        (
            "bots/acme/acme.dialog",
            "bot \"Acme\" {\n}\n\ndialog \"A\" {\n  say \"x\" -> dialog \"Nowhere\"\n}\n",
        ),
        ("bots/acme/other, too.dialog", "# 😀 漢字\ndialog \"Now here\" {\n}\n"),
    ]);
    let place = at(&sources, 0, "\"Nowhere\"");
    let finding = Finding::new(Slug::UnknownDialog, FileId(0), place, "there is no dialog `Nowhere`")
        .label("no dialog has this name")
        .related(FileId(0), at(&sources, 0, "dialog \"A\""), "in this dialog")
        .related(FileId(1), at(&sources, 1, "\"Now here\""), "the nearest one")
        .help("did you mean `Now here`? 100% sure")
        .fix("write `Now here`", vec![(place, "\"Now here\"".to_string())]);
    (sources, finding)
}

#[test]
fn a_finding_with_everything() {
    let (sources, finding) = rich();
    assert_eq!(
        human(&sources, &finding),
        r#"error[unknown-dialog]: there is no dialog `Nowhere`
 --> bots/acme/acme.dialog:5:21
  |
4 | dialog "A" {
  | ---------- in this dialog
5 |   say "x" -> dialog "Nowhere"
  |                     ^^^^^^^^^ no dialog has this name
  |
 ::: bots/acme/other, too.dialog:2:8
  |
2 | dialog "Now here" {
  |        ---------- the nearest one
  |
help: did you mean `Now here`? 100% sure
fix: parlor check bots/acme --fix (write `Now here`)    more: parlor explain unknown-dialog

"#
    );
}

#[test]
fn in_colour() {
    let sources = files(&[("a.dialog", "sya\n")]);
    let finding = finding(&sources, 0, "sya", Slug::UnknownWord, "no `sya`").help("`say`");
    let style = Style { color: true, bot: String::new() };
    let text = render(Format::Human, &sources, &[finding], &style);
    assert_eq!(
        text.replace('\u{1b}', "ESC"),
        r#"ESC[1mESC[91merror[unknown-word]ESC[0mESC[1m: no `sya`ESC[0m
 ESC[1mESC[94m--> ESC[0ma.dialog:1:1
  ESC[1mESC[94m|ESC[0m
ESC[1mESC[94m1ESC[0m ESC[1mESC[94m|ESC[0m sya
  ESC[1mESC[94m|ESC[0m ESC[1mESC[91m^^^ESC[0m
  ESC[1mESC[94m|ESC[0m
ESC[1mESC[96mhelpESC[0m: `say`
ESC[2mmore: parlor explain unknown-wordESC[0m

"#
    );
}

#[test]
fn a_tab_before_the_place() {
    let sources = files(&[("a.dialog", "dialog \"A\" {\n\tsya \"hi\"\n}\n")]);
    let finding = finding(&sources, 0, "sya", Slug::UnknownWord, "I don't know the word `sya`")
        .help("did you mean `say`?");
    assert_eq!(
        human(&sources, &finding),
        r#"error[unknown-word]: I don't know the word `sya`
 --> a.dialog:2:2
  |
2 |     sya "hi"
  |     ^^^
  |
help: did you mean `say`?
more: parlor explain unknown-word

"#
    );
}

#[test]
fn emoji_and_wide_letters_before_the_place() {
    let sources = files(&[("a.dialog", "say \"😀 漢字 é e\u{301}\" -> nowhere\n")]);
    let finding =
        finding(&sources, 0, "nowhere", Slug::UnknownLabel, "there is no step `nowhere`").label("here");
    assert_eq!(
        human(&sources, &finding),
        r#"error[unknown-label]: there is no step `nowhere`
 --> a.dialog:1:20
  |
1 | say "😀 漢字 é é" -> nowhere
  |                      ^^^^^^^ here
more: parlor explain unknown-label

"#
    );
}

#[test]
fn escapes_and_reversed_text_are_shown_and_not_obeyed() {
    let text = "\u{feff}say \"\u{1b}[31m\u{202e}\u{9b}2J\" -> no\u{200b}where\r\n";
    let sources = files(&[("a\u{1b}[2J.dialog", text)]);
    let mut finding = finding(
        &sources,
        0,
        "no\u{200b}where",
        Slug::UnknownLabel,
        "no \u{1b}]0;title\u{7} step\nerror: fake",
    )
    .label("\u{202e}label")
    .help("help\u{85}\t");
    assert_eq!(
        human(&sources, &finding),
        r#"error[unknown-label]: no \u{1b}]0;title\u{7} step\nerror: fake
 --> a\u{1b}[2J.dialog:1:20
  |
1 | say "\u{1b}[31m\u{202e}\u{9b}2J" -> no\u{200b}where
  |                                     ^^^^^^^^^^^^^^^ \u{202e}label
  |
help: help\u{85}\t
more: parlor explain unknown-label

"#
    );
    finding.place.span = Span::at(text.find(" ->").expect("an arrow"));
    finding = finding.fix("\u{1b}", vec![(Span::at(0), "\u{9b}\u{202e}".to_string())]);
    for format in [Format::Human, Format::Short, Format::Json, Format::Sarif, Format::Github] {
        let text = written(format, &sources, &finding);
        let raw = |letter: char| {
            letter != '\n' && (letter.is_control() || "\u{202e}\u{200b}\u{feff}".contains(letter))
        };
        assert!(!text.contains(raw), "{format:?}: {text:?}");
    }
}

#[test]
fn windows_line_ends() {
    let sources = files(&[("a.dialog", "say \"a\"\r\nsay \"b\"\r\nsay \"c\"\r\n")]);
    let finding = finding(&sources, 0, "say \"b\"\r\n", Slug::UnknownWord, "a whole line").label("this one");
    assert_eq!(
        human(&sources, &finding),
        r#"error[unknown-word]: a whole line
 --> a.dialog:2:1
  |
2 | say "b"
  | ^^^^^^^ this one
more: parlor explain unknown-word

"#
    );
}

#[test]
fn the_end_of_a_file_and_an_empty_one() {
    let sources = files(&[("a.dialog", "dialog \"A\" {\n"), ("b.dialog", "")]);
    let finding = Finding::new(Slug::UnclosedBlock, FileId(0), Span::at(13), "this block is not closed")
        .help("add `}`");
    assert_eq!(
        human(&sources, &finding),
        r#"error[unclosed-block]: this block is not closed
 --> a.dialog:2:1
  |
2 |
  | ^
  |
help: add `}`
more: parlor explain unclosed-block

"#
    );
    let finding =
        Finding::new(Slug::MissingBot, FileId(1), Span::at(0), "no file has a `bot` block").help("add one");
    assert_eq!(
        human(&sources, &finding),
        r#"error[missing-bot]: no file has a `bot` block
--> b.dialog:1:1
 |
help: add one
more: parlor explain missing-bot

"#
    );
}

#[test]
fn several_lines() {
    let lines: String = (1..=9).map(|number| format!("  say \"{number}\"\n")).collect();
    let sources = files(&[("a.dialog", &format!("dialog \"A\" {{\n{lines}}}\n"))]);
    let block = Span::new(11, sources.get(FileId(0)).map_or(0, |source| source.text.len()));
    let finding =
        Finding::new(Slug::UnreachableStep, FileId(0), block, "nothing leads here").label("this block");
    assert_eq!(
        human(&sources, &finding),
        r#"warning[unreachable-step]: nothing leads here
  --> a.dialog:1:12
   |
 1 |   dialog "A" {
   |  ____________^
 2 | |   say "1"
 3 | |   say "2"
 4 | |   say "3"
...  |
10 | |   say "9"
11 | | }
   | |_^ this block
more: parlor explain unreachable-step

"#
    );
}

#[test]
fn a_long_line_is_cut_around_each_place() {
    let long = format!("say \"{}HERE{}\" THERE\n", "ä".repeat(5000), "b".repeat(5000));
    let sources = files(&[("a.dialog", &long)]);
    let there = at(&sources, 0, "THERE");
    let finding = finding(&sources, 0, "HERE", Slug::TooLong, "too long").label("here").related(
        FileId(0),
        there,
        "and there",
    );
    assert_eq!(
        human(&sources, &finding),
        r#"warning[too-long]: too long
 --> a.dialog:1:5006
  |
1 | …ääääääääääääääääääääääääääääääääääääääääääääääääääHEREbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
  |                                                    ^^^^ here
  |
 ::: a.dialog:1:10012
  |
1 | …bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" THERE
  |                                                    ----- and there
more: parlor explain too-long

"#
    );
}

#[test]
fn one_line_each() {
    let (sources, finding) = rich();
    assert_eq!(
        written(Format::Short, &sources, &finding),
        "bots/acme/acme.dialog:5:21: error[unknown-dialog]: there is no dialog `Nowhere` (did you mean `Now here`? 100% sure)\n"
    );
}

#[test]
fn notes_of_a_github_workflow() {
    let (sources, mut finding) = rich();
    assert_eq!(
        written(Format::Github, &sources, &finding),
        "::error file=bots/acme/acme.dialog,line=5,col=21,endLine=5,endColumn=30,title=unknown-dialog::there is no dialog `Nowhere` (did you mean `Now here`? 100%25 sure)\n"
    );
    finding.place.file = FileId(1);
    finding.place.span = Span::new(at(&sources, 1, "dialog").start as usize, 1000);
    finding.help = None;
    assert_eq!(
        written(Format::Github, &sources, &finding),
        "::error file=bots/acme/other%2C too.dialog,line=2,col=1,endLine=4,title=unknown-dialog::there is no dialog `Nowhere`\n"
    );
}

#[test]
fn one_json_document() {
    let (sources, finding) = rich();
    let written: serde_json::Value =
        serde_json::from_str(&written(Format::Json, &sources, &finding)).expect("it is JSON");
    let position = |line: usize, column: usize, offset: usize| serde_json::json!({ "line": line, "column": column, "offset": offset });
    let place = serde_json::json!({
        "path": "bots/acme/acme.dialog", "start": position(5, 21, 49), "end": position(5, 30, 58), "text": "\"Now here\"",
    });
    assert_eq!(
        written,
        serde_json::json!({
            "version": 1,
            "errors": 1,
            "warnings": 0,
            "findings": [{
                "slug": "unknown-dialog",
                "severity": "error",
                "message": "there is no dialog `Nowhere`",
                "help": "did you mean `Now here`? 100% sure",
                "path": "bots/acme/acme.dialog",
                "start": position(5, 21, 49),
                "end": position(5, 30, 58),
                "label": "no dialog has this name",
                "related": [
                    { "path": "bots/acme/acme.dialog", "start": position(4, 1, 16), "end": position(4, 11, 26), "label": "in this dialog" },
                    { "path": "bots/acme/other, too.dialog", "start": position(2, 8, 21), "end": position(2, 18, 31), "label": "the nearest one" },
                ],
                "fix": { "title": "write `Now here`", "edits": [place] },
            }],
        })
    );
    let empty = render(Format::Json, &sources, &[], &Style::default());
    assert_eq!(empty, "{\n  \"version\": 1,\n  \"findings\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n");
}

#[test]
fn a_sarif_log() {
    let (sources, finding) = rich();
    let log: serde_json::Value =
        serde_json::from_str(&written(Format::Sarif, &sources, &finding)).expect("it is JSON");
    let region = |line: usize, from: usize, to: usize| serde_json::json!({ "startLine": line, "startColumn": from, "endLine": line, "endColumn": to });
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "unknown-dialog");
    assert_eq!(
        log["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"],
        Slug::UnknownDialog.title()
    );
    let result = &log["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"unknown-dialog".into(), &"error".into()));
    assert_eq!(result["locations"][0]["physicalLocation"]["region"], region(5, 21, 30));
    assert_eq!(
        result["relatedLocations"][1]["physicalLocation"]["artifactLocation"]["uri"],
        "bots/acme/other%2C%20too.dialog"
    );
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["deletedRegion"], region(5, 21, 30));
    assert_eq!(change["insertedContent"]["text"], "\"Now here\"");
}

#[test]
fn the_last_word() {
    let (sources, first) = rich();
    let warning = finding(&sources, 1, "dialog", Slug::UnreachableDialog, "nothing leads here");
    assert_eq!(summary(&[]), "no findings");
    assert_eq!(summary(std::slice::from_ref(&warning)), "1 warning in 1 file");
    assert_eq!(
        summary(&[first.clone(), first, warning]),
        "2 errors and 1 warning in 2 files, 2 can be fixed by --fix"
    );
}

/// Whatever the places are, also ones that no phase should make, something is written.
#[test]
fn no_place_is_too_odd() {
    let texts =
        ["", "\n", "\u{feff}", "a\r\n\r\n\tß\u{1b}😀\u{202e}x\r\n", "x\n\n", "\r\r", "a\u{2028}b\n\u{301}"];
    let formats = [Format::Human, Format::Short, Format::Json, Format::Sarif, Format::Github];
    for text in texts {
        let sources = files(&[("a", text), ("b", "")]);
        for start in 0..text.len() + 2 {
            for end in 0..text.len() + 3 {
                let span = Span { start: start as u32, end: end as u32 };
                let finding = Finding::new(Slug::Tab, FileId(0), span, "")
                    .label(text)
                    .related(FileId(0), Span { start: end as u32, end: start as u32 }, "x")
                    .related(FileId(0), Span::at(start / 2), "")
                    .related(FileId(1), span, "y")
                    .related(FileId(7), span, "z");
                for format in formats {
                    assert!(!written(format, &sources, &finding).is_empty());
                }
            }
        }
    }
}
