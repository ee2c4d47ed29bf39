//! Why a line could not be read, told to its author: each beginner's slip by its own name.
//!
//! The method is the same throughout: change the line the way its author may have meant it, and see whether the
//! grammar takes it then. What it takes is offered as a fix.

use std::cell::Cell;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::parse::{Context, DEPTH_MAX, ELSE_IF_MAX, Trials, try_line};
use crate::language::text::hole_length;
use crate::language::words;

/// Lines longer than this are not searched for slips, only reported.
const SEARCHED_BYTES_MAX: usize = 2_000;

/// A line that could not be read.
pub(super) struct Slip<'a> {
    pub source: &'a str,
    pub file: FileId,
    /// The line without white space at its ends; for the head of a block, without its `{`.
    pub span: Span,
    pub context: Context,
    /// The block it stands in.
    pub inside: Option<Span>,
    /// Whether it is the head of a block.
    pub block: bool,
    pub trials: &'a Trials,
    /// Set when the line should have opened a block: what follows is then in the wrong place.
    pub displaced: &'a Cell<bool>,
}

impl<'a> Slip<'a> {
    fn line(&self) -> &'a str {
        &self.source[self.span.range()]
    }

    fn find(&self, slug: Slug, at: std::ops::Range<usize>, message: impl Into<String>) -> Finding {
        Finding::new(slug, self.file, self.place(at), message)
    }

    /// A stretch of the line as a place in the file.
    fn place(&self, at: std::ops::Range<usize>) -> Span {
        let start = self.span.start as usize;
        Span::new(start + at.start, start + at.end)
    }

    /// Whether the grammar takes this text as such a line.
    fn reads_as(&self, line: &str, context: Context) -> bool {
        match self.block {
            true => self.reads_as_block(line, context),
            false => self.trials.reads(line, context),
        }
    }

    fn reads(&self, line: &str) -> bool {
        self.reads_as(line, self.context)
    }

    /// Whether the grammar takes this text as the first line of a block, its `{` left out.
    fn reads_as_block(&self, head: &str, context: Context) -> bool {
        self.trials.reads(&format!("{head} {{\n}}"), context)
    }

    fn failure(&self, line: &str, context: Context) -> Option<(usize, Vec<&'static str>)> {
        let whole = if self.block { format!("{line} {{\n}}") } else { line.to_string() };
        try_line(&whole, context).map(|(at, expected)| (at.min(line.len()), expected))
    }

    fn first_word(&self) -> &'a str {
        let line = self.line();
        &line[..word_length(line)]
    }
}

fn word_length(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(text.len())
}

/// What is wrong with a line.
pub(super) fn explain(slip: &Slip<'_>) -> Finding {
    if slip.line().len() > SEARCHED_BYTES_MAX {
        return unreadable(slip);
    }
    const SEARCHES: &[fn(&Slip<'_>) -> Option<Finding>] = &[
        brace_alone,
        too_deep,
        odd_space,
        curly_quotes,
        bullet,
        wrong_comment,
        kept_for_later,
        capital_word,
        other_if,
        missing_condition,
        trailing_mark,
        needless_colon,
        needless_parentheses,
        missing_brace,
        user_says_without_braces,
        name_of_several_words,
        single_quotes,
        wrong_arrow,
        missing_name,
        missing_type,
        missing_kind,
        missing_equals,
        missing_unit,
        missing_arrow,
        missing_dialog,
        unclosed_text,
        unclosed_regex,
        brace_in_line,
        several_on_a_line,
        joined_texts,
        inner_quotes,
        missing_quotes,
        misplaced,
        unknown_word,
    ];
    let finding = SEARCHES.iter().find_map(|search| search(slip));
    finding.unwrap_or_else(|| unreadable(slip))
}

/// Whether the line is fine as such, only not where it stands.
pub(super) fn reads_elsewhere(slip: &Slip<'_>) -> bool {
    const ELSEWHERE: &[Context] =
        &[Context::Steps, Context::Rules, Context::Listen, Context::Bot, Context::Integration];
    slip.line().len() <= SEARCHED_BYTES_MAX
        && ELSEWHERE.iter().any(|context| *context != slip.context && slip.reads_as(slip.line(), *context))
}

// ------------------------------------------------------------------------------------------- the searches

fn brace_alone(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    (line == "{").then(|| {
        slip.displaced.set(true);
        slip.find(Slug::BraceOnNextLine, 0..1, "this `{` opens a block without a first line")
            .help("write what the block belongs to in front of it: `dialog \"Welcome\" {`")
    })
}

fn too_deep(slip: &Slip<'_>) -> Option<Finding> {
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
pub(super) fn too_many_branches(file: FileId, at: Span) -> Finding {
    let message =
        format!("this `if` has more than {ELSE_IF_MAX} `else if`, and that is as many as there can be");
    Finding::new(Slug::TooDeep, file, Span::new(at.range().start, at.range().start + 1), message)
        .help("ask in two steps, or keep the answers in a `choose`, an `entity` or an integration")
}

fn balanced(code: &str) -> bool {
    outside_quotes(code).filter(|(_, letter)| *letter == '{').count() != 1
}

fn odd_space(slip: &Slip<'_>) -> Option<Finding> {
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

fn curly_quotes(slip: &Slip<'_>) -> Option<Finding> {
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

/// `- "hello"`, as in a list of a word processor.
fn bullet(slip: &Slip<'_>) -> Option<Finding> {
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

fn wrong_comment(slip: &Slip<'_>) -> Option<Finding> {
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

fn kept_for_later(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let say_any = line.strip_prefix("say").is_some_and(|rest| rest.trim_start().starts_with("any"));
    let text_block = slip.block && word == "text" && line.contains('"');
    let disabled = slip.block && line.trim_end().ends_with(" disabled");
    let kept = if say_any {
        "say any"
    } else if text_block {
        "text \"…\" { }"
    } else if disabled {
        "disabled"
    } else if words::LATER.contains(&word) {
        word
    } else {
        return None;
    };
    Some(
        slip.find(
            Slug::KeptForLater,
            0..word.len().max(1),
            format!("`{kept}` is kept for a later version and does nothing yet"),
        )
        .help(
            "leave it out for now; `parlor explain kept-for-later` lists these words and what to write today",
        ),
    )
}

fn capital_word(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let lower = word.to_lowercase();
    let known = words_of(slip.context).contains(&lower.as_str()) || words::MATCHERS.contains(&lower.as_str());
    if lower == word || !known {
        return None;
    }
    let mut edits = vec![(slip.place(0..word.len()), lower.clone())];
    // `User Says`, `But Not`: the words that follow, up to the first that is written in small letters.
    let mut at = word.len();
    for piece in line[at..].split_inclusive(' ') {
        let bare = piece.trim();
        if bare.is_empty()
            || bare.chars().all(|letter| letter.is_ascii_alphabetic()) && bare != bare.to_lowercase()
        {
            let offset = at + (piece.len() - piece.trim_start().len());
            if !bare.is_empty() {
                edits.push((slip.place(offset..offset + bare.len()), bare.to_lowercase()));
            }
            at += piece.len();
        } else {
            break;
        }
    }
    Some(
        slip.find(Slug::CapitalWord, 0..word.len(), format!("the word is `{lower}`, in small letters"))
            .help(format!("write `{lower}`; capitals count everywhere but in what visitors type"))
            .fix("write it in small letters", edits),
    )
}

/// `elseif`, `elif`, `end if` and an `else` that has lost its `if`.
fn other_if(slip: &Slip<'_>) -> Option<Finding> {
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

fn missing_condition(slip: &Slip<'_>) -> Option<Finding> {
    (slip.line() == "if").then(|| {
        slip.find(Slug::UnreadableLine, 0..2, "this `if` has no condition")
            .help("write what must be true: `if status == \"shipped\" {`")
    })
}

fn trailing_mark(slip: &Slip<'_>) -> Option<Finding> {
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

fn needless_colon(slip: &Slip<'_>) -> Option<Finding> {
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
fn needless_parentheses(slip: &Slip<'_>) -> Option<Finding> {
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

/// A line that can only be the first one of a block, and does not open it.
fn missing_brace(slip: &Slip<'_>) -> Option<Finding> {
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
fn user_says_without_braces(slip: &Slip<'_>) -> Option<Finding> {
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

/// `order number: ask …`
fn name_of_several_words(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let (colon, _) = outside_quotes(line).find(|(_, letter)| *letter == ':')?;
    let name = line[..colon].trim_end();
    let meant = format!("{}{}", name.replace([' ', '-'], "_"), &line[colon..]);
    (name.contains([' ', '-']) && slip.reads(&meant)).then(|| {
        slip.find(
            Slug::UnreadableLine,
            0..name.len(),
            format!("`{}` is no name for a step: a name is one word", shortened(name)),
        )
        .help(format!("write `{}`", shortened(&meant)))
        .fix("make it one word", vec![(slip.place(0..name.len()), name.replace([' ', '-'], "_"))])
    })
}

fn single_quotes(slip: &Slip<'_>) -> Option<Finding> {
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

fn wrong_arrow(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    const ARROWS: &[&str] = &[
        "=>",
        "→",
        "⇒",
        "-->",
        "–>",
        "—>",
        ">>",
        "==>",
        "goto dialog",
        "go to dialog",
        "jump to dialog",
        "goto",
        "go to",
        "jump to",
        "then ->",
        "then",
        "- >",
        "= >",
        ">",
    ];
    for (at, _) in outside_quotes(line) {
        for arrow in ARROWS {
            let word = arrow.starts_with(|letter: char| letter.is_ascii_alphabetic());
            if !line[at..].starts_with(arrow) || word && at > 0 && !line[..at].ends_with(' ') {
                continue;
            }
            let keep = if arrow.ends_with("dialog") { "-> dialog" } else { "->" };
            let meant = format!("{}{keep} {}", &line[..at], line[at + arrow.len()..].trim_start());
            if slip.reads(&meant) {
                return Some(
                    slip.find(
                        Slug::WrongArrow,
                        at..at + arrow.len(),
                        format!("the arrow is written `->`, not `{arrow}`"),
                    )
                    .help(format!("write `{}`", shortened(&meant)))
                    .fix("write `->`", vec![(slip.place(at..at + arrow.len()), keep.to_string())]),
                );
            }
        }
    }
    None
}

fn missing_name(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if !matches!(word, "ask" | "choose") {
        return None;
    }
    let rest = line[word.len()..].trim_start();
    let meant = format!("{word} answer {rest}");
    (rest.starts_with('"') && slip.reads(&meant)).then(|| {
        slip.find(Slug::MissingName, 0..word.len(), format!("this `{word}` has no name for its answer"))
            .label("a name belongs behind this word")
            .help(format!("write `{}`, with a name of your choice; it keeps the answer, and `-> name` leads back to the question", shortened(&meant)))
    })
}

/// `var order_no`, without a type.
fn missing_type(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if !matches!(word, "var" | "remember") {
        return None;
    }
    let rest = line[word.len()..].trim_start();
    let name = &rest[..word_length(rest)];
    let end = line.len() - rest.len() + name.len();
    let value = line[end..].trim_start().trim_start_matches('=').trim_start();
    let kind = match value.chars().next() {
        Some('0'..='9' | '-') => "number",
        Some('t' | 'f') if value.starts_with("true") || value.starts_with("false") => "flag",
        Some('[') => "list",
        Some('{') => "json",
        _ => "text",
    };
    let meant = format!("{} {kind}{}", &line[..end], &line[end..]);
    (!name.is_empty() && slip.reads(&meant)).then(|| {
        slip.find(Slug::UnknownType, end - name.len()..end, format!("the variable `{name}` has no type"))
            .help(format!(
                "write `{}`; the types are {}, or an entity's name",
                shortened(&meant),
                english::list(words::TYPES, "and")
            ))
    })
}

/// `integration "X" {`, without its kind.
fn missing_kind(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let meant = format!("{code} api");
    (slip.block && slip.first_word() == "integration" && slip.reads(&meant)).then(|| {
        slip.find(Slug::UnknownKind, 0..code.len(), "this integration has no kind")
            .label("its kind belongs behind its name")
            .help(format!(
                "write `{} {{` for a call over the web; the kinds are {}",
                shortened(&meant),
                english::list(words::KINDS, "and")
            ))
    })
}

/// `set x "new"`, `set x to "new"`, `x = "new"`
fn missing_equals(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if slip.context != Context::Steps || slip.block {
        return None;
    }
    if word != "set" {
        let meant = format!("set {line}");
        let assigns = outside_quotes(line).any(|(_, letter)| letter == '=') && slip.reads(&meant);
        return assigns.then(|| {
            slip.find(Slug::UnknownWord, 0..word.len().max(1), "a value is kept with `set`")
                .help(format!("write `{}`", shortened(&meant)))
                .fix("write `set`", vec![(slip.place(0..0), "set ".to_string())])
        });
    }
    let rest = line[3..].trim_start();
    let name = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')))?;
    let from = line.len() - rest.len() + name;
    let rest = line[from..].trim_start();
    let value =
        ["==", ":=", "to ", "="].iter().find_map(|sign| rest.strip_prefix(sign)).unwrap_or(rest).trim_start();
    let to = line.len() - value.len();
    let meant = format!("{} = {value}", &line[..from]);
    slip.reads(&meant).then(|| {
        slip.find(Slug::UnreadableLine, from..to.max(from + 1), "between a name and its value stands `=`")
            .help(format!("write `{}`", shortened(&meant)))
            .fix("write `=`", vec![(slip.place(from..to), " = ".to_string())])
    })
}

fn missing_unit(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    for (at, _) in
        outside_quotes(line).filter(|(at, letter)| letter.is_ascii_digit() && line[..*at].ends_with(' '))
    {
        let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
        let rest = &line[at + digits..];
        let gap = rest.len() - rest.trim_start().len();
        let unit_word = &rest[gap..][..word_length(&rest[gap..])];
        let unit = match unit_word.to_lowercase().as_str() {
            "second" | "seconds" | "sec" | "secs" => Some("s"),
            "minute" | "minutes" | "min" | "mins" => Some("m"),
            "hour" | "hours" | "hr" | "hrs" => Some("h"),
            "day" | "days" => Some("d"),
            "millisecond" | "milliseconds" | "msec" => Some("ms"),
            lower if words::UNITS.contains(&lower) && (gap > 0 || lower != unit_word) => {
                words::UNITS.iter().find(|unit| **unit == lower).copied()
            }
            _ => None,
        };
        let number = &line[at..at + digits];
        if let Some(unit) = unit {
            let end = at + digits + gap + unit_word.len();
            let meant = format!("{}{unit}{}", &line[..at + digits], &line[end..]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(Slug::MissingUnit, at..end, format!("a time is written `{number}{unit}`"))
                        .help("the units are `ms`, `s`, `m`, `h` and `d`, right behind the number")
                        .fix(
                            format!("write `{number}{unit}`"),
                            vec![(slip.place(at + digits..end), unit.to_string())],
                        ),
                );
            }
        }
        let meant = format!("{}s{}", &line[..at + digits], rest);
        if slip.reads(&meant) {
            return Some(
                slip.find(Slug::MissingUnit, at..at + digits, format!("{number} what? a time needs its unit"))
                    .help(format!("write `{number}s` for seconds or `{number}m` for minutes; `ms`, `h` and `d` are there too")),
            );
        }
    }
    None
}

fn missing_arrow(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    for (at, _) in outside_quotes(code) {
        let rest = &code[at..];
        let begins_word = at == 0 || code[..at].ends_with(' ');
        let is_action =
            words::ACTIONS.contains(&rest) || rest.starts_with("dialog \"") || rest.starts_with("dialog\"");
        if begins_word && is_action {
            let meant = format!("{}-> {rest}", &code[..at]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(
                        Slug::MissingArrow,
                        at..code.len(),
                        format!("an arrow is missing in front of `{}`", shortened(rest)),
                    )
                    .help(format!("write `-> {}`", shortened(rest)))
                    .fix("put the arrow", vec![(slip.place(at..at), "-> ".to_string())]),
                );
            }
        }
    }
    None
}

/// `-> "Welcome"` and `-> Track Order`
fn missing_dialog(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let arrow = outside_quotes(code).map(|(at, _)| at).filter(|at| code[*at..].starts_with("->")).last()?;
    let rest = code[arrow + 2..].trim_start();
    let from = code.len() - rest.len();
    if rest.starts_with('"') {
        let meant = format!("{}dialog {rest}", &code[..from]);
        return slip.reads(&meant).then(|| {
            slip.find(Slug::WrongArrow, arrow..code.len(), "an arrow to a dialog needs the word `dialog`")
                .help(format!("write `-> dialog {}`", shortened(rest)))
                .fix("write `dialog`", vec![(slip.place(from..from), "dialog ".to_string())])
        });
    }
    let plain = rest.contains(' ') && !rest.contains('"') && !rest.starts_with("dialog ");
    (plain && slip.reads(&format!("{}dialog \"{rest}\"", &code[..from]))).then(|| {
        slip.find(
            Slug::UnreadableLine,
            from..code.len(),
            format!("`{}` is no place to go: the name of a step is one word", shortened(rest)),
        )
        .help(format!(
            "write `-> dialog \"{rest}\"` if that is a dialog, and `-> {}` if it is a step",
            rest.replace(' ', "_")
        ))
    })
}

fn unclosed_text(slip: &Slip<'_>) -> Option<Finding> {
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
fn long_text(slip: &Slip<'_>, quotes: usize) -> Option<Finding> {
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

fn unclosed_regex(slip: &Slip<'_>) -> Option<Finding> {
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

fn brace_in_line(slip: &Slip<'_>) -> Option<Finding> {
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

fn several_on_a_line(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    for (at, letter) in outside_quotes(line) {
        let mark = matches!(letter, ';' | ',');
        if !mark && !line[..at].ends_with(' ') {
            continue;
        }
        let (one, other) = (line[..at].trim_end(), line[at + usize::from(mark)..].trim_start());
        if one.is_empty() || other.is_empty() || !slip.trials.reads(one, slip.context) || !slip.reads(other) {
            continue;
        }
        // Two words of an expression read as two statements only if the second begins like one.
        if !words_of(slip.context).contains(&&other[..word_length(other)])
            && !other.starts_with("->")
            && !other.starts_with('"')
        {
            continue;
        }
        let indent = indent_of(slip.source, slip.span.start as usize);
        let start = line.len() - other.len();
        return Some(
            slip.find(
                Slug::SeveralOnALine,
                start..line.len(),
                format!("`{}` belongs on a line of its own", shortened(other)),
            )
            .help("one statement a line")
            .fix("break the line", vec![(slip.place(one.len()..start), format!("\n{indent}"))]),
        );
    }
    None
}

/// `"Hi " + visitor.name`
fn joined_texts(slip: &Slip<'_>) -> Option<Finding> {
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

/// `say "I know "orders" only"`
fn inner_quotes(slip: &Slip<'_>) -> Option<Finding> {
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

fn missing_quotes(slip: &Slip<'_>) -> Option<Finding> {
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

fn misplaced(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    const PLACES: &[(Context, &str)] = &[
        (Context::Steps, "a step, and steps stand in a dialog, in `if` or behind a rule: `when … {`"),
        (
            Context::Rules,
            "a rule, and rules stand between the braces of `ask`, `choose`, `call` or `transfer`",
        ),
        (Context::Listen, "a way to listen, and such lines stand in `user says { }` or in `phrases`"),
        (Context::Top, "a declaration, and declarations stand at the top of a file, outside of all braces"),
        (Context::Bot, "a setting of the bot, and settings stand in the `bot \"…\" { }` block"),
        (Context::Integration, "a line of an integration, and such lines stand in its block"),
    ];
    for (context, what) in PLACES.iter().filter(|(context, _)| *context != slip.context) {
        let known = match context {
            Context::Listen => {
                words::MATCHERS.contains(&word) || word == "but" || line.starts_with(['"', '/'])
            }
            Context::Rules => words::RULES.contains(&word) || line.starts_with('"') && line.contains("->"),
            Context::Bot => BOT_LINES.contains(&word),
            Context::Integration => matches!(
                word,
                "get"
                    | "post"
                    | "put"
                    | "patch"
                    | "delete"
                    | "header"
                    | "query"
                    | "body"
                    | "timeout"
                    | "save"
            ),
            Context::Steps => {
                words::STEPS.contains(&word) || line.starts_with("->") || line[word.len()..].starts_with(':')
            }
            _ => words::DECLARATIONS.contains(&word),
        };
        if known && slip.reads_as(line, *context) {
            let finding =
                slip.find(Slug::MisplacedLine, 0..word.len().max(1), format!("this line is {what}"));
            let help = match (context, slip.context) {
                (Context::Steps, Context::Rules) => Some("say when it is done, with a rule: `otherwise say \"…\"`; or move it behind the closing `}`".to_string()),
                (Context::Listen, Context::Steps) => Some(format!("put it into the dialog's starter: `user says {{ {} }}`", shortened(line))),
                (Context::Listen, Context::Rules) => Some(format!("begin it with `when`: `when {} -> next`", shortened(line))),
                (Context::Rules, Context::Steps) => Some("move it between the braces of the question before it; a question without braces gets some: `ask name \"…\" {`".to_string()),
                (Context::Top, _) => Some("close the blocks above it with `}` first".to_string()),
                (_, Context::Top) => Some("move it into its block; is a `}` above it one too many?".to_string()),
                _ => None,
            };
            return Some(finding.maybe_help(help));
        }
    }
    None
}

fn unknown_word(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let known = words_of(slip.context);
    if word.is_empty()
        || known.contains(&word)
        || words::MATCHERS.contains(&word) && slip.context == Context::Listen
    {
        return None;
    }
    let what = match slip.context {
        Context::Top => "a file is made of blocks that begin with",
        Context::Rules => "a rule begins with a choice in \"quotes\" or with",
        Context::Listen => "such a line is a text in \"quotes\", a /regex/, `but not`, or begins with",
        _ => "a line here begins with",
    };
    let nearest = meant_by(word, slip.context).or_else(|| english::nearest(word, known.iter().copied()));
    let finding = slip.find(Slug::UnknownWord, 0..word.len(), format!("I don't know the word `{word}`"));
    let Some(nearest) = nearest else {
        return Some(finding.help(format!("{what} {}", english::list(known, "or"))));
    };
    let finding = finding.help(format!("did you mean `{nearest}`?"));
    let meant = format!("{nearest}{}", &line[word.len()..]);
    if slip.reads(&meant) {
        return Some(
            finding.fix(format!("write `{nearest}`"), vec![(slip.place(0..word.len()), nearest.to_string())]),
        );
    }
    Some(finding)
}

/// Words of other languages and tools, and what they are called here.
fn meant_by(word: &str, context: Context) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let steps = matches!(context, Context::Steps);
    Some(match lower.as_str() {
        "print" | "send" | "reply" | "message" | "text" | "answer" | "tell" | "echo" | "utter" if steps => {
            "say"
        }
        "input" | "prompt" | "question" | "listen" if steps => "ask",
        "menu" | "buttons" | "options" | "choices" | "select" | "quick" if steps => "choose",
        "invoke" | "run" | "fetch" | "request" | "integration" if steps => "call",
        "escalate" | "handoff" | "handover" | "forward" if steps => "transfer",
        "let" | "assign" if steps => "set",
        "wait" | "sleep" | "delay" if steps => "pause",
        "form" if steps => "collect",
        "default" | "else" | "nomatch" if context == Context::Rules => "otherwise",
        "on" | "case" | "if" if context == Context::Rules => "when",
        "flow" | "story" | "topic" | "intent" | "node" if context == Context::Top => "dialog",
        "regex" | "like" | "matches" if context == Context::Listen => "pattern",
        "contains" | "keyword" | "keywords" | "word" if context == Context::Listen => "words",
        "phrase" if context == Context::Listen => "phrases",
        _ => return None,
    })
}

/// The last resort: how far it could be read, and what would have fitted there.
fn unreadable(slip: &Slip<'_>) -> Finding {
    let line = slip.line();
    let (at, expected) = slip.failure(line, slip.context).unwrap_or((0, Vec::new()));
    let mut at = at + line.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
    if !line.is_char_boundary(at) || line.len() > SEARCHED_BYTES_MAX {
        at = 0;
    }
    let rest = &line[at..];
    let length = match rest.chars().next() {
        Some(letter) if letter.is_alphanumeric() => word_length(rest),
        Some(letter) => letter.len_utf8(),
        None => 0,
    };
    let message = match (at, rest.is_empty()) {
        (_, true) => "this line ends too early".to_string(),
        (0, _) => "I can't read this line".to_string(),
        _ => format!("I can't read this line from `{}` on", shortened(rest)),
    };
    let finding = slip.find(Slug::UnreadableLine, at..at + length, message);
    // Where a word of the language is missing, the whole line is shown with it.
    let missing = expected
        .iter()
        .flat_map(|words| words.split('`'))
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    let with = |word: &str| format!("{}{word} {}", &line[..at], &line[at..]);
    let found: Vec<&str> = missing
        .filter(|word| !word.is_empty() && line.len() <= SEARCHED_BYTES_MAX && slip.reads(&with(word)))
        .collect();
    if let [word, others @ ..] = found.as_slice() {
        let finding = finding.help(format!("write `{}`", shortened(&with(word))));
        return if others.is_empty() {
            finding.fix(format!("write `{word}`"), vec![(slip.place(at..at), format!("{word} "))])
        } else {
            finding
        };
    }
    match expected.split_last() {
        None => finding.help("one statement a line: a known word, and behind it texts in \"quotes\""),
        Some((only, [])) => finding.help(format!("here I expected {only}")),
        Some((last, rest)) => finding.help(format!("here I expected {} or {last}", rest.join(", "))),
    }
}

const BOT_LINES: &[&str] = &["language", "entry", "session", "retry", "apology", "zone", "var", "remember"];

fn words_of(context: Context) -> &'static [&'static str] {
    match context {
        Context::Top => words::DECLARATIONS,
        Context::Bot => BOT_LINES,
        Context::Integration => &[
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "header",
            "query",
            "body",
            "credential",
            "timeout",
            "retry",
            "save",
            "skill",
            "message",
        ],
        Context::Listen => words::MATCHERS,
        Context::Intent => &["domain"],
        Context::Entity | Context::Hours => &[],
        Context::Steps => words::STEPS,
        Context::Rules => words::RULES,
    }
}

/// What the lines inside a block should be, told from its first line, however that is written.
pub(super) fn context_inside(head: &str, context: Context) -> Option<Context> {
    let word = &head[..word_length(head)];
    let known = words_of(context);
    let lower = word.to_lowercase();
    let meant = known
        .iter()
        .copied()
        .find(|known| *known == lower)
        .or_else(|| meant_by(word, context))
        .or_else(|| english::nearest(word, known.iter().copied()));
    match (context, meant) {
        (Context::Top, Some("bot")) => Some(Context::Bot),
        (Context::Top, Some("integration")) => Some(Context::Integration),
        (Context::Top, Some("phrases")) => Some(Context::Listen),
        (Context::Top, Some("intent")) => Some(Context::Intent),
        (Context::Top, Some("entity")) => Some(Context::Entity),
        (Context::Top, Some("hours")) => Some(Context::Hours),
        (Context::Top, Some(_)) | (Context::Steps, Some("if" | "collect")) => Some(Context::Steps),
        (Context::Steps, Some("user")) => Some(Context::Listen),
        (Context::Steps, Some("ask" | "choose" | "call" | "transfer")) => Some(Context::Rules),
        (Context::Rules, _) => Some(Context::Steps),
        _ => None,
    }
}

/// Whether the first line of a block begins an `if`, or goes on with one.
pub(super) fn is_if(head: &str) -> bool {
    matches!(head[..word_length(head)].to_lowercase().as_str(), "if" | "elseif" | "elif" | "elsif")
        || is_else(head)
}

/// Whether it is an `else`, with or without an `if`.
pub(super) fn is_else(head: &str) -> bool {
    head[..word_length(head)].eq_ignore_ascii_case("else")
}

/// The same for a line behind a closing brace: nearly always it means `else`.
pub(super) fn context_behind_brace(head: &str) -> Option<Context> {
    context_inside(head, Context::Steps).or(Some(Context::Steps))
}

// ------------------------------------------------------------------------------- slips with a place of their own

/// `end if` where a `}` should be.
pub(super) fn ended(source: &str, file: FileId, at: Span) -> Finding {
    Finding::new(Slug::UnknownWord, file, at, format!("I don't know `{}`", &source[at.range()]))
        .help("a block ends with `}` on a line of its own")
        .fix("write `}`", vec![(at, "}".to_string())])
}

/// A `{` on a line of its own, below what it belongs to.
pub(super) fn late_brace(source: &str, file: FileId, at: Span) -> Finding {
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
pub(super) fn unclosed_block(source: &str, file: FileId, block: Span) -> Finding {
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
pub(super) fn stray_brace(file: FileId, at: Span) -> Finding {
    Finding::new(
        Slug::StrayBrace,
        file,
        Span::new(at.start as usize, at.start as usize + 1),
        "this `}` closes nothing: every block above is closed already",
    )
    .help("take it out, or look for a `}` too many above it")
}

/// What stands behind a closing brace.
pub(super) fn behind_brace(source: &str, file: FileId, at: Span) -> Finding {
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

/// Backslashes in a text that escape nothing: one finding for all of them.
pub(super) fn bad_escapes(file: FileId, raw: &str, places: &[usize], text: Span) -> Finding {
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
pub(super) fn unclosed_hole(file: FileId, raw: &str, text: Span) -> Option<Finding> {
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
        return Some(match rest[..end].find('}').filter(|close| !rest[2..*close].contains('{')) {
            Some(close) => {
                finding.fix("close it", vec![(Span::new(start + close, start + close + 1), "}}".to_string())])
            }
            None => finding,
        });
    }
    None
}

/// Tabs at the start of lines: one finding a file, one fix for all.
pub(super) fn tabs(source: &str, file: FileId, long_texts: &[Span]) -> Option<Finding> {
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

// ------------------------------------------------------------------------------------------------ letters

/// The letters of a line that stand outside of "texts" and comments, with their places.
fn outside_quotes(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut inside = false;
    let mut escaped = false;
    let mut comment = false;
    line.char_indices().filter(move |(_, letter)| {
        if comment {
            return false;
        }
        if inside {
            if escaped {
                escaped = false;
            } else if *letter == '\\' {
                escaped = true;
            } else if *letter == '"' {
                inside = false;
            }
            return false;
        }
        match letter {
            '"' => {
                inside = true;
                false
            }
            '#' => {
                comment = true;
                false
            }
            _ => true,
        }
    })
}

/// Where the quotes stand that are not escaped.
fn quote_places(line: &str) -> Vec<usize> {
    let mut escaped = false;
    let mut places = Vec::new();
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => places.push(at),
            _ => {}
        }
    }
    places
}

/// The line up to its comment, without white space at its end.
fn without_comment(line: &str) -> &str {
    let mut inside = false;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            '#' if !inside => return line[..at].trim_end(),
            _ => {}
        }
    }
    line.trim_end()
}

fn indent_of(source: &str, at: usize) -> String {
    let start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    source[start..at].chars().take_while(|letter| letter.is_whitespace()).collect()
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    text.rsplit(' ').next().unwrap_or(text)
}

/// A piece of a line short enough to stand in a sentence.
fn shortened(text: &str) -> String {
    const LETTERS: usize = 60;
    let text = text.trim();
    match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_string(),
    }
}
