//! Why a line could not be read, told to its author: each beginner's slip by its own name.
//!
//! The method is the same throughout: change the line the way its author may have meant it, and see whether the
//! grammar takes it then. What it takes is offered as a fix.

mod letters;
mod braces;
mod quotes;
mod arrows;
mod marks;
mod parts;
mod first_word;

pub(super) use braces::{
    behind_brace, ended, is_else, is_if, late_brace, stray_brace, too_many_branches, unclosed_block,
};
pub(super) use first_word::{context_behind_brace, context_inside, reads_elsewhere};
pub(super) use letters::{quote_places, shortened};
pub(super) use marks::tabs;
pub(super) use quotes::{bad_escapes, unclosed_hole};

use std::cell::Cell;

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::parse::{Context, Trials, try_line};
use crate::language::slips::letters::word_length;

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

/// What is wrong with a line.
pub(super) fn explain(slip: &Slip<'_>) -> Finding {
    if slip.line().len() > SEARCHED_BYTES_MAX {
        return unreadable(slip);
    }
    const SEARCHES: &[fn(&Slip<'_>) -> Option<Finding>] = &[
        braces::brace_alone,
        braces::too_deep,
        marks::odd_space,
        quotes::curly_quotes,
        marks::bullet,
        marks::wrong_comment,
        first_word::kept_for_later,
        first_word::capital_word,
        braces::other_if,
        braces::missing_condition,
        marks::trailing_mark,
        marks::needless_colon,
        marks::needless_parentheses,
        braces::missing_brace,
        braces::user_says_without_braces,
        parts::name_of_several_words,
        quotes::single_quotes,
        arrows::wrong_arrow,
        parts::missing_name,
        parts::missing_type,
        parts::missing_kind,
        parts::missing_equals,
        parts::missing_unit,
        arrows::missing_arrow,
        arrows::missing_dialog,
        quotes::unclosed_text,
        quotes::unclosed_regex,
        braces::brace_in_line,
        parts::several_on_a_line,
        quotes::joined_texts,
        quotes::inner_quotes,
        quotes::missing_quotes,
        first_word::misplaced,
        first_word::unknown_word,
    ];
    let finding = SEARCHES.iter().find_map(|search| search(slip));
    finding.unwrap_or_else(|| unreadable(slip))
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
