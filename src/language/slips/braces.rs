//! Slips with blocks: braces that are missing, too many, or in the wrong place.

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::parse::{Context, DEPTH_MAX, ELSE_IF_MAX};
use crate::language::slips::Slip;
use crate::language::slips::letters::{indent_of, outside_quotes, shortened, without_comment, word_length};

pub(super) fn brace_alone(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    (line == "{").then(|| {
        slip.displaced.set(true);
        slip.find(Slug::BraceOnNextLine, 0..1, "this `{` opens a block without a first line")
            .help("write what the block belongs to in front of it: `dialog \"Welcome\" {`")
    })
}

pub(super) fn too_deep(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    (!slip.block && code.len() > 1 && code.ends_with('{') && slip.inside.is_some() && !balanced(code)).then(
        || {
            let message =
                format!("this block stands inside {DEPTH_MAX} others, and that is as deep as blocks can go");
            slip.find(Slug::TooDeep, 0..code.len(), message)
                .help("move the inner steps to a dialog of their own and go there with `-> dialog \"…\"`")
        },
    )
}

/// An `else if` beyond the last one that is allowed.
pub(in crate::language) fn too_many_branches(file: FileId, at: Span) -> Finding {
    let message =
        format!("this `if` has more than {ELSE_IF_MAX} `else if`, and that is as many as there can be");
    Finding::new(Slug::TooDeep, file, Span::new(at.range().start, at.range().start + 1), message)
        .help("ask in two steps, or keep the answers in a `choose`, an `entity` or an integration")
}

fn balanced(code: &str) -> bool {
    outside_quotes(code).filter(|(_, letter)| *letter == '{').count() != 1
}

/// `elseif`, `elif`, `end if` and an `else` that has lost its `if`.
pub(super) fn other_if(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let lower = word.to_lowercase();
    if matches!(lower.as_str(), "elseif" | "elif" | "elsif") {
        return Some(
            slip.find(Slug::UnknownWord, 0..word.len(), format!("I don't know `{word}`"))
                .help("write `} else if … {`, on the line of the brace that closes the branch before it"),
        );
    }
    if lower == "else" {
        return Some(
            slip.find(Slug::MisplacedLine, 0..word.len(), "this `else` has no `if` in front of it")
                .help("`else` stands right behind the `}` of an `if`: `} else {`; in the rules of a question it is `otherwise`"),
        );
    }
    if !slip.block && matches!(lower.as_str(), "endif" | "fi" | "done")
        || lower == "end"
            && line.len() > 3
            && matches!(line[3..].trim_start(), "if" | "dialog" | "ask" | "choose")
    {
        return Some(
            slip.find(Slug::UnknownWord, 0..line.len(), format!("I don't know `{line}`"))
                .help("a block ends with `}` on a line of its own"),
        );
    }
    None
}

pub(super) fn missing_condition(slip: &Slip<'_>) -> Option<Finding> {
    (slip.line() == "if").then(|| {
        slip.find(Slug::UnreadableLine, 0..2, "this `if` has no condition")
            .help("write what must be true: `if status == \"shipped\" {`")
    })
}

/// A line that can only be the first one of a block, and does not open it.
pub(super) fn missing_brace(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    if slip.block || code.is_empty() || !slip.reads_as_block(code, slip.context) {
        return None;
    }
    slip.displaced.set(true);
    Some(
        slip.find(Slug::UnreadableLine, 0..code.len(), "this line opens a block, and its `{` is missing")
            .help(format!(
                "write `{} {{`, and `}}` on a line of its own behind its last line",
                shortened(code)
            ))
            .fix("put the brace", vec![(slip.place(code.len()..code.len()), " {".to_string())]),
    )
}

/// `user says "hello"`
pub(super) fn user_says_without_braces(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let rest = code.strip_prefix("user")?.trim_start().strip_prefix("say")?;
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let lines = rest.trim_start_matches(':').trim();
    (slip.context == Context::Steps && !slip.block && slip.reads_as(lines, Context::Listen)).then(|| {
        let meant = format!("user says {{ {lines} }}");
        slip.find(
            Slug::UnreadableLine,
            0..code.len() - rest.len(),
            "`user says` keeps its lines between braces",
        )
        .help(format!("write `{}`", shortened(&meant)))
        .fix("put braces", vec![(slip.place(0..code.len()), meant)])
    })
}

pub(super) fn brace_in_line(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let (open, _) = outside_quotes(code).find(|(_, letter)| *letter == '{')?;
    let head = code[..open].trim_end();
    if head.is_empty() || !slip.reads_as_block(head, slip.context) {
        return None;
    }
    let inner = code[open + 1..].trim();
    let finding = slip
        .find(Slug::BraceInLine, open..open + 1, "`{` ends its line, and more stands behind it")
        .help("put what follows on lines of its own, and the `}` alone on the last one");
    let Some(body) = inner.strip_suffix('}') else {
        slip.displaced.set(true);
        return Some(finding);
    };
    let indent = indent_of(slip.source, slip.span.start as usize);
    let body_lines = format!("{{\n{indent}  {}\n{indent}}}", body.trim());
    Some(finding.fix("break the line", vec![(slip.place(open..code.len()), body_lines)]))
}

/// A `{` on a line of its own, below what it belongs to.
pub(in crate::language) fn late_brace(source: &str, file: FileId, at: Span) -> Finding {
    let text = &source[at.range()];
    let brace = at.start as usize + text.rfind('{').unwrap_or(0);
    let before = source[..brace].trim_end().len();
    let finding = Finding::new(
        Slug::BraceOnNextLine,
        file,
        Span::new(brace, brace + 1),
        "this `{` belongs at the end of the line above",
    )
    .help("a block begins on the line of what it belongs to: `dialog \"Welcome\" {`");
    // A comment at the end of the line above would swallow the brace.
    let line_start = source[..before].rfind('\n').map_or(0, |at| at + 1);
    if without_comment(&source[line_start..before]).len() < before - line_start {
        return finding;
    }
    finding.fix("move it up", vec![(Span::new(before, brace + 1), " {".to_string())])
}

/// A block that is not closed where the next declaration begins, or the file ends.
pub(in crate::language) fn unclosed_block(source: &str, file: FileId, block: Span) -> Finding {
    let first_line = source[..block.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = block.end as usize;
    // The block whose closing brace stands at another indentation than its first line is the one that was forgotten.
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    let mut forgotten = None;
    let mut at = first_line;
    let mut long_text = false;
    for line in source[first_line..end].split_inclusive('\n') {
        let (code, start) = (without_comment(line.trim()), at);
        at += line.len();
        if code.matches("\"\"\"").count() % 2 == 1 {
            long_text = !long_text;
            continue;
        }
        if long_text {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if code.starts_with('}')
            && let Some((opened_indent, from, to)) = open.pop()
            && opened_indent > indent
            && forgotten.is_none()
        {
            forgotten = Some((from, to));
        }
        if code.ends_with('{') {
            open.push((indent, start + indent, start + indent + code.len()));
        }
    }
    let (from, to) =
        forgotten.or(open.first().map(|(_, from, to)| (*from, *to))).unwrap_or((first_line, end));
    let head = source[from..to].trim_end_matches('{').trim_end();
    let finding = Finding::new(
        Slug::UnclosedBlock,
        file,
        Span::new(from, to),
        format!("the block of `{}` is never closed", shortened(head)),
    )
    .label("it begins here")
    .help("write `}` on a line of its own behind its last line");
    let rest = &source[end..];
    let next = end + (rest.len() - rest.trim_start().len());
    let next_line = source[next..].find('\n').map_or(source.len(), |at| next + at);
    let indented = source[..next].ends_with([' ', '\t']);
    match source[next..next_line].trim_end() {
        line if indented && !line.is_empty() => finding
            .related(file, Span::new(next, next + line.len()), "here the next one begins already")
            .help("dialogs and the like do not stand inside each other: move this one out, and end the block above with a `}` on a line of its own"),
        "" => finding.related(file, Span::at(source.trim_end().len()), "the file ends here"),
        line => finding.related(file, Span::new(next, next + line.len()), "here the next one begins already"),
    }
}

/// A `}` with nothing to close.
pub(in crate::language) fn stray_brace(file: FileId, at: Span) -> Finding {
    Finding::new(
        Slug::StrayBrace,
        file,
        Span::new(at.start as usize, at.start as usize + 1),
        "this `}` closes nothing: every block above is closed already",
    )
    .help("take it out, or look for a `}` too many above it")
}

/// What stands behind a closing brace.
pub(in crate::language) fn behind_brace(source: &str, file: FileId, at: Span) -> Finding {
    let text = &source[at.range()];
    if matches!(text, ";" | "," | ")" | ");" | ".") {
        return Finding::new(
            Slug::TrailingMark,
            file,
            at,
            format!("a closing brace needs no `{text}` behind it"),
        )
        .help("`}` stands alone on its line")
        .fix("take it out", vec![(at, String::new())]);
    }
    let word = &text[..word_length(text)];
    let place = Span::new(at.start as usize, at.start as usize + word.len());
    match word.to_lowercase().as_str() {
        "elseif" | "elif" | "elsif" => {
            return Finding::new(Slug::UnknownWord, file, place, format!("I don't know `{word}`"))
                .help("write `} else if … {`")
                .fix("write `else if`", vec![(place, "else if".to_string())]);
        }
        "else" => {
            return Finding::new(Slug::UnreadableLine, file, place, "I can't read this `else`")
                .help("write `} else {` or `} else if … {`, directly behind the `}` of an `if`");
        }
        _ => {}
    }
    Finding::new(
        Slug::SeveralOnALine,
        file,
        at,
        format!("`{}` stands behind a closing brace", shortened(text)),
    )
    .help("`}` stands alone on its line; put what follows on the next one")
}

/// `end if` where a `}` should be.
pub(in crate::language) fn ended(source: &str, file: FileId, at: Span) -> Finding {
    Finding::new(Slug::UnknownWord, file, at, format!("I don't know `{}`", &source[at.range()]))
        .help("a block ends with `}` on a line of its own")
        .fix("write `}`", vec![(at, "}".to_string())])
}

/// Whether the first line of a block begins an `if`, or goes on with one.
pub(in crate::language) fn is_if(head: &str) -> bool {
    matches!(head[..word_length(head)].to_lowercase().as_str(), "if" | "elseif" | "elif" | "elsif")
        || is_else(head)
}

/// Whether it is an `else`, with or without an `if`.
pub(in crate::language) fn is_else(head: &str) -> bool {
    head[..word_length(head)].eq_ignore_ascii_case("else")
}
