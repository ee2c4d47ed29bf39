//! Slips with texts and regexes: quotes, backslashes, and the braces of `{{ … }}`.

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::slips::Slip;
use crate::language::slips::letters::{indent_of, outside_quotes, quote_places, shortened, without_comment};
use crate::language::text::hole_length;

pub(super) fn curly_quotes(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let curly = |letter: char| matches!(letter, '“' | '”' | '„' | '‟' | '«' | '»' | '″');
    let places: Vec<(usize, char)> = outside_quotes(line).filter(|(_, letter)| curly(*letter)).collect();
    let (first, letter) = *places.first()?;
    let straight: String = line.chars().map(|letter| if curly(letter) { '"' } else { letter }).collect();
    let finding = slip
        .find(
            Slug::CurlyQuotes,
            first..first + letter.len_utf8(),
            "these are curly quotes, and a text stands in straight ones",
        )
        .label(format!("`{letter}` instead of `\"`"))
        .help("write `\"…\"`; word processors and phones turn straight quotes into curly ones by themselves");
    if !slip.reads(&straight) {
        return Some(finding);
    }
    let edits = places
        .iter()
        .map(|(at, letter)| (slip.place(*at..*at + letter.len_utf8()), "\"".to_string()))
        .collect();
    Some(finding.fix("write straight quotes", edits))
}

pub(super) fn single_quotes(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let opens = line
        .char_indices()
        .find(|(at, letter)| *letter == '\'' && (*at == 0 || line[..*at].ends_with(' ')))?
        .0;
    let last = line.rfind('\'').filter(|last| *last > opens)?;
    let meant =
        format!("{}\"{}\"{}", &line[..opens], &line[opens + 1..last].replace('"', "\\\""), &line[last + 1..]);
    slip.reads(&meant).then(|| {
        slip.find(Slug::SingleQuotes, opens..last + 1, "a text stands in double quotes")
            .help("write `\"…\"`; single quotes are for texts inside of expressions and `{{ … }}`")
            .fix(
                "write double quotes",
                vec![
                    (slip.place(opens..opens + 1), "\"".to_string()),
                    (slip.place(last..last + 1), "\"".to_string()),
                ],
            )
    })
}

pub(super) fn unclosed_text(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let quotes: Vec<usize> = quote_places(line);
    if line.contains("\"\"\"") {
        return long_text(slip, quotes.len());
    }
    if quotes.len().is_multiple_of(2) {
        return None;
    }
    // The missing quote closes the last text, in front of an arrow if there is one, or else at the line's end.
    let open = *quotes.last()?;
    let tail = &line[open + 1..];
    let before_arrow = tail.find(" -> ").map(|at| open + 1 + at);
    for close in before_arrow.into_iter().chain([line.len()]) {
        let meant = format!("{}\"{}", &line[..close], &line[close..]);
        if slip.reads(&meant) {
            let finding = slip
                .find(Slug::UnclosedText, open..close, "this text has no closing quote")
                .label("it begins here")
                .help(format!("write `{}`", shortened(&meant)));
            return Some(finding.fix("close it", vec![(slip.place(close..close), "\"".to_string())]));
        }
    }
    // … or it should have opened an earlier one.
    let word = slip.first_word();
    for (at, _) in line.char_indices().filter(|(at, _)| *at > word.len() && line[..*at].ends_with(' ')) {
        let meant = format!("{}\"{}", &line[..at], &line[at..]);
        if slip.reads(&meant) {
            return Some(
                slip.find(Slug::UnclosedText, at..line.len(), "this text has no opening quote")
                    .help(format!("write `{}`", shortened(&meant)))
                    .fix("open it", vec![(slip.place(at..at), "\"".to_string())]),
            );
        }
    }
    Some(
        slip.find(
            Slug::UnclosedText,
            open..line.len(),
            "a quote is missing: here a text begins that never ends",
        )
        .help("every text stands between two `\"` on one line; a `\"` inside of it is written `\\\"`"),
    )
}

/// A `"""` that does not end its line, or has no other one alone on its line.
pub(super) fn long_text(slip: &Slip<'_>, quotes: usize) -> Option<Finding> {
    let line = slip.line();
    let open = line.find("\"\"\"")?;
    let short = line.replace("\"\"\"", "\"");
    if quotes.is_multiple_of(2) && slip.reads(&short) {
        let places: Vec<usize> = line.match_indices("\"\"\"").map(|(at, _)| at).collect();
        return Some(
            slip.find(Slug::UnclosedText, open..open + 3, "`\"\"\"` is for texts of several lines")
                .help(format!("write `{}`", shortened(&short)))
                .fix(
                    "write single ones",
                    places.iter().map(|at| (slip.place(at + 1..at + 3), String::new())).collect(),
                ),
        );
    }
    let behind = slip.source[slip.span.range().end..]
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .find(|line| line.contains("\"\"\""));
    if let Some(text) =
        behind.filter(|_| line.ends_with("\"\"\"")).and_then(|line| line.trim_end().strip_suffix("\"\"\""))
    {
        let at = text.as_ptr() as usize - slip.source.as_ptr() as usize + text.len();
        let indent = indent_of(slip.source, slip.span.start as usize);
        return Some(
            Finding::new(
                Slug::UnclosedText,
                slip.file,
                Span::new(at, at + 3),
                "the `\"\"\"` that closes a text stands alone on its line",
            )
            .related(slip.file, slip.place(open..open + 3), "the text begins here")
            .help("put it on a line of its own")
            .fix("break the line", vec![(Span::at(at), format!("\n{indent}"))]),
        );
    }
    Some(
        slip.find(Slug::UnclosedText, open..open + 3, "this long text is not closed")
            .label("it begins here")
            .help("`\"\"\"` ends its line, the text follows on lines of its own, and a `\"\"\"` alone on its line closes it"),
    )
}

/// `say "I know "orders" only"`
pub(super) fn inner_quotes(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let quotes = quote_places(line);
    let first = *quotes.first()?;
    for last in quotes.iter().copied().skip(2).rev() {
        let inner = &line[first + 1..last];
        let meant = format!("{}{}{}", &line[..=first], inner.replace('"', "\\\""), &line[last..]);
        if inner.contains("\\\"") || !slip.reads(&meant) {
            continue;
        }
        let edits = quotes
            .iter()
            .filter(|at| first < **at && **at < last)
            .map(|at| (slip.place(*at..*at), "\\".to_string()))
            .collect();
        return Some(
            slip.find(
                Slug::UnclosedText,
                quotes[1]..quotes[1] + 1,
                "this `\"` ends the text, and more of it follows",
            )
            .help(format!("a quote inside of a text is written `\\\"`: `{}`", shortened(&meant)))
            .fix("put backslashes", edits),
        );
    }
    None
}

/// `"Hi " + visitor.name`
pub(super) fn joined_texts(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let beside_text =
        |at: usize| line[..at].trim_end().ends_with('"') || line[at + 1..].trim_start().starts_with('"');
    let (at, _) = outside_quotes(line)
        .find(|(at, letter)| matches!(letter, '+' | '~' | '&' | '.') && beside_text(*at))?;
    let mark = &line[at..at + 1];
    (!matches!(slip.first_word(), "set" | "if" | "var" | "remember")).then(|| {
        slip.find(Slug::UnreadableLine, at..at + 1, format!("texts are not put together with `{mark}`"))
            .help("write the value into the text, between double braces: `say \"Hi {{ visitor.name }}\"`")
    })
}

pub(super) fn missing_quotes(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let (failed, _) = slip.failure(line, slip.context)?;
    let word_starts = std::iter::once(failed).chain(
        line[..failed].char_indices().rev().filter(|(_, letter)| *letter == ' ').map(|(at, _)| at + 1),
    );
    for start in
        word_starts.filter(|start| *start > 0 && *start < line.len() && line.is_char_boundary(*start))
    {
        let start = start + (line[start..].len() - line[start..].trim_start().len());
        if line[start..].starts_with('"') {
            continue;
        }
        let rest = &line[start..];
        let stops = [" ->", " say \"", " save", " or ", " but not ", " and if ", " {", "."];
        let mut ends: Vec<usize> =
            stops.iter().filter_map(|stop| rest.find(stop).map(|at| start + at)).collect();
        ends.push(without_comment(line).len());
        ends.retain(|end| *end > start);
        ends.sort_unstable();
        for end in ends {
            let text = &line[start..end];
            if text.contains('"') || text.starts_with(['-', '=', '{', '+']) {
                continue;
            }
            let meant = format!("{}\"{text}\"{}", &line[..start], &line[end..]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(
                        Slug::MissingQuotes,
                        start..end,
                        format!("`{}` is a text, and a text stands in quotes", shortened(text)),
                    )
                    .help(format!("write `{}`", shortened(&meant)))
                    .fix(
                        "put quotes",
                        vec![
                            (slip.place(start..start), "\"".to_string()),
                            (slip.place(end..end), "\"".to_string()),
                        ],
                    ),
                );
            }
        }
    }
    None
}

pub(super) fn unclosed_regex(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let (open, _) = outside_quotes(line)
        .find(|(at, letter)| *letter == '/' && (*at == 0 || line[..*at].ends_with(' ')))?;
    let ends = [" save ", " save", " say \"", " -> ", " and if ", " but not ", " or "];
    let stops = ends.iter().filter_map(|end| line[open..].find(end).map(|at| open + at)).chain([line.len()]);
    for close in stops {
        for (mark, skip) in [("/", 0), ("/i", 2)] {
            if skip == 2 && !line[..close].ends_with("/i") {
                continue;
            }
            let meant = format!("{}{mark}{}", &line[..close - skip], &line[close..]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(Slug::UnclosedRegex, open..close, "this regex has no closing `/`")
                        .help(format!("write `{}`", shortened(&meant)))
                        .fix("close it", vec![(slip.place(close - skip..close), mark.to_string())]),
                );
            }
        }
    }
    None
}

/// Backslashes in a text that escape nothing: one finding for all of them.
pub(in crate::language) fn bad_escapes(file: FileId, raw: &str, places: &[usize], text: Span) -> Finding {
    let start = text.start as usize;
    let first = places.first().copied().unwrap_or(0);
    let next = raw.get(first + 1..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
    let place = Span::new(start + first, start + first + 1 + next.len_utf8());
    let (title, message) = match places {
        [_] => ("double the backslash", format!("`\\{next}` means nothing in a text")),
        _ => (
            "double the backslashes",
            format!("`\\{next}` and {} more like it mean nothing in a text", places.len() - 1),
        ),
    };
    Finding::new(Slug::BadEscape, file, place, message)
        .help("a text knows `\\\"`, `\\\\` and `\\n`; for a backslash itself write `\\\\`")
        .fix(title, places.iter().map(|at| (Span::at(start + at), "\\".to_string())).collect())
}

/// A `{{` in a text without its `}}`.
pub(in crate::language) fn unclosed_hole(file: FileId, raw: &str, text: Span) -> Option<Finding> {
    let mut at = 0;
    while let Some(found) = raw[at..].find("{{") {
        at += found;
        let rest = &raw[at..];
        let end = match hole_length(rest) {
            // `{{ name } and {{ other }}`: the hole ends, but not where its author meant it to.
            Some(length) if rest[2..length].contains("{{") => {
                rest[2..].find("{{").map_or(length, |next| next + 2)
            }
            Some(length) => {
                at += length;
                continue;
            }
            None => rest.find(['\n', '"']).unwrap_or(rest.len()),
        };
        let start = text.start as usize + at;
        let finding =
            Finding::new(Slug::UnclosedHole, file, Span::new(start, start + 2), "this `{{` has no `}}`")
                .help("write `{{ name }}`, with two braces at both ends");
        // Another hole that begins before the brace would stay open.
        let closes = |close: &usize| {
            !rest[2..*close].contains("{{")
                && hole_length(&format!("{}}}}}{}", &rest[..*close], &rest[close + 1..])) == Some(close + 2)
        };
        return Some(match rest[..end].find('}').filter(closes) {
            Some(close) => {
                finding.fix("close it", vec![(Span::new(start + close, start + close + 1), "}}".to_string())])
            }
            None => finding,
        });
    }
    None
}
