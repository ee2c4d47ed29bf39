//! Transcripts as text: `tests/transcripts/*.transcript`, sound or broken, and beside each its findings and its tree;
//! and what holds for every text.

use parlor::diagnostics::{FileId, Finding, Source, Sources, apply_fixes};
use parlor::language::transcript::syntax::{Does, Form, Piece, Words};
use parlor::language::transcript::{ROWS_MAX, SCENE_LINES_MAX, SCENES_MAX};
use parlor::language::transcript::{format, heard, label, outline, parse, said};
use proptest::prelude::*;

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

/// The one layout of a transcript, which says the same and does not change any more.
pub fn laid_out(source: &Source) -> String {
    let (tree, findings) = parse(&source.text, FileId(0));
    assert!(findings.is_empty(), "{} does not read: {}", source.path, told(source, &findings));
    let once = format(&source.text, &tree);
    let (again, findings) = parse(&once, FileId(0));
    let printed = Source::new(&*source.path, &*once);
    assert!(findings.is_empty(), "does not read any more: {}\n{once}", told(&printed, &findings));
    assert!(outline(&tree) == outline(&again), "{} says something else:\n{once}", source.path);
    assert_eq!(once, format(&once, &again), "{} changes when it is formatted again", source.path);
    once
}

#[test]
fn limits_are_told_with_their_values() {
    let many = |count: usize, line: &str| line.repeat(count);
    let rows = format!("test \"x\"\n  each a\n{}  user: {{{{ a }}}}\n", many(ROWS_MAX + 1, "    | 1 |\n"));
    let scenes: String = (0..=SCENES_MAX).map(|number| format!("test \"{number}\"\n")).collect();
    let lines = format!("test \"x\"\n{}", many(SCENE_LINES_MAX + 1, "  user: x\n"));
    for (text, limit) in [(rows, ROWS_MAX), (scenes, SCENES_MAX), (lines, SCENE_LINES_MAX)] {
        let (_, findings) = parse(&text, FileId(0));
        let [only] = findings.as_slice() else { panic!("{} findings", findings.len()) };
        assert_eq!(only.slug.as_str(), "too-large");
        assert!(only.message.contains(&limit.to_string()), "{}", only.message);
    }
    let (_, findings) = parse(&many(500, "no line at all\n"), FileId(0));
    assert_eq!(findings.len(), 201);
    assert!(findings[200].message.contains("300"), "{}", findings[200].message);
}

/// Texts that are hard for a reader which looks at a letter more than once.
#[test]
fn long_texts_are_read_in_one_go() {
    const LETTERS: usize = 20_000;
    for piece in [
        "{{",
        "<a:/",
        "<",
        "\\",
        "*",
        " ",
        "|",
        "\"",
        "bot: x\n  ",
        "# \n",
        "/",
        "\t",
        "{{ a }}",
        "a b ",
        "}\n",
        "\r",
    ] {
        for before in [
            "",
            "test \"x\"\n  bot: ",
            "test \"x\"\n  choices: ",
            "test \"x\"\n  bot: /",
            "bot {\n",
            "stub GET x -> 200 {",
            "test \"",
            "test \"x\"\n  each a = ",
        ] {
            let text = format!("{before}{}", piece.repeat(LETTERS / piece.len()));
            let (tree, findings) = parse(&text, FileId(0));
            assert!(
                !tree.header.is_empty()
                    || !tree.scenes.is_empty()
                    || !findings.is_empty()
                    || text.trim().is_empty()
                    || piece == "# \n"
            );
        }
    }
}

/// The words of a text behind a label, with what is found in them.
fn read_back(label: &str, written: &str) -> (Vec<Piece>, Vec<Finding>) {
    let text = format!("test \"x\"\n  bot: *\n  {label} {written}\n  user: end\n");
    let (tree, findings) = parse(&text, FileId(0));
    let words: Option<&Words> = tree.scenes.first().and_then(|scene| match &scene.lines.get(1)?.does {
        Does::User(words) | Does::Bot(_, words) | Does::Or(words) => Some(words),
        Does::Choices(choices) => choices.first(),
        Does::Agent(parlor::language::transcript::syntax::Act::Says(words)) => Some(words),
        _ => None,
    });
    match words.map(|words| &words.form) {
        Some(Form::Pieces(pieces)) if tree.scenes[0].lines.len() == 3 => (pieces.clone(), findings),
        _ => (Vec::new(), findings),
    }
}

/// Letters with the marks of the language among them.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(|letter| letter.to_string()),
        "[ -~\n]{1,3}",
        prop::sample::select(vec![
            "\n",
            "\n",
            " ",
            "\t",
            "\r\n",
            "\\",
            "*",
            "{{ x }}",
            "{{",
            "{",
            "<a>",
            "<a:/b/>",
            "/",
            "[accept]",
            "...",
            "|",
            "#",
            "user:",
            "note: x",
            "usr: x",
            "expect no more",
            "exepct no more",
            "test \"x\"",
            "wait 3m",
            "nto:",
            "or:",
            "\u{feff}",
            "}",
        ])
        .prop_map(str::to_string),
    ];
    prop::collection::vec(piece, 1..12)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("a text", |text| !text.is_empty())
}

/// Lines of transcripts, whole and broken.
fn lines() -> impl Strategy<Value = String> {
    let whole = include_str!("../transcripts/01-whole-language.transcript").lines();
    let broken = include_str!("../transcripts/04-slips.transcript").lines();
    let own = include_str!("../transcripts/02-own-bot.transcript").lines();
    let known: Vec<String> = whole.chain(broken).chain(own).map(str::to_string).collect();
    let line = prop_oneof![
        4 => prop::sample::select(known),
        1 => "[ ]{0,6}[ -~é“\t]{0,30}",
        1 => texts(),
    ];
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n      more\n"]);
    prop::collection::vec((line, end), 0..30)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

/// Transcripts without a slip, set in as somebody in a hurry does.
fn sound() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "given a.b = c d\n",
        "given x = {\n \"a\": 1\n}\n",
        "include x.transcript\n",
        "stub GET */x -> 200 {\n  \"a\": [\n   1\n ]\n}\n",
        "stub \"A\" drop\n",
        "stub * <x>{{ y }}/\\* -> failure \"too large\"\n",
    ]);
    let block = prop::sample::select(vec![
        "user: a\n",
        "user:   a\n     b\\ \n  \\user: c\n",
        "user:\n  below\n   \\x \n",
        "bot:\n  ...\n",
        "bot: ...\n",
        "bot: * a\n  or: b\n     c\n   choices: A |B\\ | C\n  card: {\"a\":\n    1}\nwithin: 2s\nexpect no more\n",
        "bot?: /a b/i\nexpect  matched pattern \"x\"\n",
        "bot!: {{  x.y }} <a> <b:/\\d/> | # \\u{1b}\n",
        "note: [x]\n or: /y/\n",
        "event: transfer to skill X\n  expect call \"A\"  failure\n",
        "begin\n",
        "wait 007m\n",
        "goto    \"X\\\"\"\n",
        "agent:  \\[ x\n  y\n",
        "agent: [transfer  A b ]\n",
        "answer:  success  [1,\n    2\n  ]\n",
        "happens:  file   received\n",
        "happens: step up{\"a\":1}\n",
        "stub get x timeout\n",
        "choices: a\n",
    ]);
    let each =
        prop::sample::select(vec!["", "each a , b\n|1|2|\n| 3 \\| |  é |\n", "each a=1|2 |  * {{ x }}\n"]);
    let between = || prop::sample::select(vec!["", "", "", "\n", "# x\n", "\n   # y\n\n\n", "\t# z\n\n"]);
    let set_in = |text: &str, by: usize| -> String {
        text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
    };
    let headers = prop::collection::vec((header, between()), 0..4);
    let lines = prop::collection::vec((block, 0usize..5, between()), 0..8);
    let scene = (between(), prop::sample::select(vec!["test", "opening"]), each, lines);
    (headers, prop::collection::vec(scene, 0..4), between()).prop_map(move |(headers, scenes, last)| {
        let mut out: String =
            headers.into_iter().map(|(header, between)| format!("{between}{header}")).collect();
        for (number, (between, sort, each, lines)) in scenes.into_iter().enumerate() {
            out.push_str(&format!("{between}{sort}  \"{number}\"  @a @skip( b )\n{each}"));
            lines
                .into_iter()
                .for_each(|(line, by, between)| out.push_str(&format!("{between}{}", set_in(line, by))));
        }
        out + last
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_as_itself(text in texts(), deeper in 3usize..20) {
        let letters = vec![Piece::Letters(text.clone())];
        for (label, written) in [("bot:", said(&text, deeper)), ("bot?:", said(&text, deeper)), ("or:", said(&text, deeper)), ("user:", heard(&text, deeper)), ("agent:", heard(&text, deeper)), ("choices:", label(&text))] {
            let (pieces, findings) = read_back(label, &written);
            prop_assert!(findings.is_empty(), "{findings:?}\n{label} {written}");
            prop_assert_eq!(&pieces, &letters, "{} {}", label, written);
        }
    }

    #[test]
    fn a_layout_says_the_same_and_stays(text in sound()) {
        let (_, findings) = parse(&text, FileId(0));
        let slips: Vec<_> = findings.iter().filter(|finding| finding.slug.as_str() != "detached-line").collect();
        prop_assert!(slips.is_empty(), "{}", told_of(&text, &findings));
        if findings.is_empty() {
            laid_out(&Source::new("a.transcript", &*text));
        }
    }

    #[test]
    fn every_line_is_in_the_tree_or_told(text in lines()) {
        let (tree, findings) = parse(&text, FileId(0));
        let sources = Sources::new(vec![Source::new("a.transcript", &*text)]);
        for finding in &findings {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
            let places = finding.related.iter().map(|place| place.span).chain([finding.place.span]).chain(edits);
            for span in places {
                prop_assert!(text.get(span.range()).is_some(), "{finding:?} points outside");
            }
            apply_fixes(&sources, std::slice::from_ref(finding));
        }
        let kept: Vec<_> = tree.header.iter().map(|header| header.span)
            .chain(tree.scenes.iter().flat_map(|scene| std::iter::once(scene.head).chain(scene.lines.iter().map(|line| line.span))))
            .collect();
        prop_assert!(kept.is_sorted_by_key(|span| span.start), "in order");
        let mut at = 0;
        let mut below = false; // a line that goes on with one that was told
        let mut in_bot = false; // … or stands in a bot that was
        for line in text.split_inclusive(['\n', '\r']) {
            let start = at + (line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len());
            let begins = at as u32;
            at += line.len();
            if line == "\n" {
                continue; // also the second half of "\r\n"
            }
            let bare = line.trim_matches([' ', '\t', '\n', '\r', '\u{feff}']);
            let inside = kept.iter().any(|span| span.contains(start));
            let told = findings.len() >= 200 || findings.iter().any(|finding| (begins..=at as u32).contains(&finding.place.span.start));
            in_bot = told && bare.starts_with("bot") && bare.ends_with('{') || in_bot && !told && !inside;
            below = in_bot || told || below && line.starts_with([' ', '\t', '}', ']']) && !inside;
            prop_assert!(bare.is_empty() || bare.starts_with('#') || inside || below, "{bare:?} is lost in\n{text}\n{}", told_of(&text, &findings));
        }
        if findings.is_empty() {
            laid_out(&Source::new("a.transcript", &*text));
        }
    }
}

fn told_of(text: &str, findings: &[Finding]) -> String {
    told(&Source::new("a.transcript", text), findings)
}
