//! Slips with marks that other languages want and this one does not: bullets, semicolons, colons, parentheses, tabs.

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::slips::Slip;
use crate::language::slips::letters::{last_word, outside_quotes, shortened, without_comment};

pub(super) fn odd_space(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let odd = |letter: char| {
        matches!(
            letter,
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' | '\u{200b}' | '\u{feff}' | '\u{2060}'
        )
    };
    let places: Vec<(usize, char)> = outside_quotes(line).filter(|(_, letter)| odd(*letter)).collect();
    let (first, letter) = *places.first()?;
    let edits = places
        .iter()
        .map(|(at, letter)| (slip.place(*at..*at + letter.len_utf8()), " ".to_string()))
        .collect();
    Some(
        slip.find(
            Slug::NoBreakSpace,
            first..first + letter.len_utf8(),
            format!("here stands a special space (U+{:04X}), which looks like a space and is none", letter as u32),
        )
        .label("this one")
        .help("type a plain space; text copied from a web page or a word processor often brings such spaces along")
        .fix("put plain spaces", edits),
    )
}

/// `- "hello"`, as in a list of a word processor.
pub(super) fn bullet(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let mark = line.chars().next().filter(|mark| matches!(mark, '-' | '*' | '+' | '•' | '–'))?;
    let rest = line[mark.len_utf8()..].trim_start();
    slip.reads(rest).then(|| {
        slip.find(
            Slug::UnreadableLine,
            0..mark.len_utf8(),
            format!("a line needs no `{mark}` in front of it"),
        )
        .help(format!("write `{}`", shortened(rest)))
        .fix("take it out", vec![(slip.place(0..line.len() - rest.len()), String::new())])
    })
}

pub(super) fn wrong_comment(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    const MARKS: &[&str] = &["//", "/*", "--", "<!--", ";;", "%%", "rem ", "REM "];
    let say = |at: usize, mark: &str| {
        let finding = slip
            .find(
                Slug::WrongComment,
                at..at + mark.len(),
                format!("a comment begins with `#`, not with `{}`", mark.trim()),
            )
            .help("write `# …`, or `## …` for a note that is shown on hover and in the docs");
        let end = line.len();
        let text = line[at + mark.len()..].trim_end_matches("*/").trim_end_matches("-->").trim();
        finding.fix("begin it with `#`", vec![(slip.place(at..end), format!("# {text}"))])
    };
    if let Some(mark) = MARKS.iter().find(|mark| line.starts_with(**mark)) {
        return Some(say(0, mark));
    }
    if line.starts_with('*') {
        return Some(
            slip.find(
                Slug::WrongComment,
                0..1,
                "a comment begins with `#`, and has no middle or end of its own",
            )
            .help("write `#` in front of every line of the comment"),
        );
    }
    for (at, _) in outside_quotes(line) {
        for mark in ["//", "--", "/*"] {
            if line[at..].starts_with(mark)
                && at > 0
                && line[..at].ends_with(' ')
                && slip.reads(line[..at].trim_end())
            {
                return Some(say(at, mark));
            }
        }
    }
    None
}

pub(super) fn trailing_mark(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let mark = code.chars().last().filter(|mark| matches!(mark, ';' | ',' | '.'))?;
    let bare = code[..code.len() - 1].trim_end();
    slip.reads(bare).then(|| {
        slip.find(
            Slug::TrailingMark,
            code.len() - 1..code.len(),
            format!("a line needs no `{mark}` at its end"),
        )
        .help("one statement a line; the end of the line ends it")
        .fix("take it out", vec![(slip.place(bare.len()..code.len()), String::new())])
    })
}

pub(super) fn needless_colon(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    if !slip.block && code.ends_with(':') {
        let bare = code[..code.len() - 1].trim_end();
        if slip.reads_as_block(bare, slip.context) {
            slip.displaced.set(true);
            return Some(
                slip.find(
                    Slug::NeedlessColon,
                    code.len() - 1..code.len(),
                    "a block begins with `{`, not with `:`",
                )
                .help(format!("write `{bare} {{`, and `}}` on a line of its own behind its last line")),
            );
        }
    }
    for (at, _) in outside_quotes(code).filter(|(_, letter)| *letter == ':') {
        let without = format!("{} {}", code[..at].trim_end(), code[at + 1..].trim_start());
        if slip.reads(without.trim_end()) {
            let start = code[..at].trim_end().len();
            return Some(
                slip.find(
                    Slug::NeedlessColon,
                    at..at + 1,
                    format!("no `:` is needed behind `{}`", last_word(&code[..at])),
                )
                .help(format!("write `{}`", shortened(&without)))
                .fix("take it out", vec![(slip.place(start..at + 1), String::new())]),
            );
        }
    }
    None
}

/// `say("Hello")`
pub(super) fn needless_parentheses(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let (open, _) = outside_quotes(code).find(|(_, letter)| *letter == '(')?;
    let (close, _) = outside_quotes(code).filter(|(_, letter)| *letter == ')').last()?;
    let inner = code.get(open + 1..close)?;
    let meant = format!("{} {}{}", code[..open].trim_end(), inner.trim(), &code[close + 1..]);
    slip.reads(&meant).then(|| {
        slip.find(
            Slug::UnreadableLine,
            open..open + 1,
            format!("no parentheses are needed behind `{}`", last_word(&code[..open])),
        )
        .help(format!("write `{}`", shortened(&meant)))
        .fix(
            "take them out",
            vec![
                (slip.place(open..open + 1), if code[..open].ends_with(' ') { "" } else { " " }.to_string()),
                (slip.place(close..close + 1), String::new()),
            ],
        )
    })
}

/// Tabs at the start of lines: one finding a file, one fix for all.
pub(in crate::language) fn tabs(source: &str, file: FileId, long_texts: &[Span]) -> Option<Finding> {
    if !source.contains('\t') {
        return None;
    }
    let mut edits = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let lead = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        // The texts stand in the order of the file: the last one that begins above this line is the one to look at.
        let text = long_texts
            .partition_point(|text| text.range().start < at)
            .checked_sub(1)
            .map(|text| long_texts[text]);
        if lead.contains('\t') && !text.is_some_and(|text| text.contains(at)) {
            edits.push((Span::new(at, at + lead.len()), lead.replace('\t', "  ")));
        }
        at += line.len();
    }
    let first = edits.first()?.0;
    let lines = english::count(edits.len(), "line");
    Some(
        Finding::new(
            Slug::Tab,
            file,
            first,
            format!("{lines} of this file {} with a tab", if edits.len() == 1 { "begins" } else { "begin" }),
        )
        .help("indent with spaces, two a level; `parlor fmt` does it for you")
        .fix("put spaces", edits),
    )
}
