//! `/[A-Z]-\d{5}/i`: a regex an author wrote, checked when the bot is read and compiled when it is first needed.

use std::ops::Range;
use std::sync::OnceLock;

use regex_syntax::ast::{self, parse::ParserBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::program::normal::Heard;

/// The longest regex, in bytes.
pub const REGEX_BYTES_MAX: usize = 2_000;

/// How deep a regex may be nested.
const NEST_MAX: u32 = 64;

/// The most memory one compiled regex may take, in bytes.
const SIZE_MAX: usize = 1 << 20;

/// Below this weight a regex surely compiles within `SIZE_MAX`, so that nobody has to try when the bot is read.
const WEIGHT_SURE: u64 = 8_000;

/// What is wrong with a regex, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexSlip {
    /// The bytes of the regex's text to point at.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to type instead.
    pub help: Option<String>,
}

/// A regex. It sees the message as typed, trimmed; it searches; `\d` is 0-9.
#[derive(Debug)]
pub struct Regex {
    /// As handed to the regex crate.
    source: String,
    ignore_case: bool,
    /// Lower-case ASCII letters; any message that fits holds one of these runs, case aside.
    needles: Option<Vec<String>>,
    compiled: OnceLock<Option<regex::Regex>>,
}

impl Regex {
    /// Reads a regex without compiling it, unless it is so large that only compiling tells whether it is usable.
    pub fn new(source: &str, ignore_case: bool) -> Result<Regex, RegexSlip> {
        if source.len() > REGEX_BYTES_MAX {
            return Err(RegexSlip {
                span: 0..source.len(),
                message: format!("this regex has {} bytes, and {REGEX_BYTES_MAX} is the most", source.len()),
                help: Some("write several shorter ones: any of them may fit".into()),
            });
        }
        // Once as written, so that a slip points into the author's text.
        ParserBuilder::new()
            .nest_limit(NEST_MAX)
            .build()
            .parse(source)
            .map_err(|error| slip(error.kind(), error.span()))?;
        let unusable = |help: &str| RegexSlip {
            span: 0..source.len(),
            message: "this regex cannot be used".into(),
            help: Some(help.into()),
        };
        let plain_digits = ascii_digits(source);
        let hir = regex_syntax::ParserBuilder::new()
            .nest_limit(NEST_MAX + 1)
            .case_insensitive(ignore_case)
            .build()
            .parse(&plain_digits)
            .map_err(|error| match error {
                regex_syntax::Error::Translate(error) => RegexSlip {
                    // The text differs only behind a `\d`; there the whole regex is pointed at.
                    span: if plain_digits == source { bytes(error.span()) } else { 0..source.len() },
                    message: format!("this regex cannot be used: {}", lower(&error.kind().to_string())),
                    help: None,
                },
                _ => unusable("write it without classes inside classes"),
            })?;
        let regex =
            Regex { needles: needles(&hir), source: plain_digits, ignore_case, compiled: OnceLock::new() };
        if weight(&hir) > WEIGHT_SURE && regex.compiled().is_none() {
            return Err(RegexSlip {
                span: 0..source.len(),
                message: "this regex grows too large".into(),
                help: Some("repeat less in it: `{1,100}` is written out a hundred times".into()),
            });
        }
        Ok(regex)
    }

    fn compiled(&self) -> Option<&regex::Regex> {
        self.compiled
            .get_or_init(|| {
                regex::RegexBuilder::new(&self.source)
                    .case_insensitive(self.ignore_case)
                    .nest_limit(NEST_MAX + 1)
                    .size_limit(SIZE_MAX)
                    .dfa_size_limit(SIZE_MAX)
                    .build()
                    .ok()
            })
            .as_ref()
    }

    pub(crate) fn fits(&self, heard: &Heard) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(heard.original().trim()))
    }

    /// Where it is found in the message as typed, and what it keeps there: its first group, if it has one and that
    /// took part, else all of it.
    pub(crate) fn stretches(&self, heard: &Heard, most: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let Some(regex) = self.compiled() else { return Vec::new() };
        let text = heard.original().trim();
        let offset = heard.original().len() - heard.original().trim_start().len();
        let moved = |found: regex::Match<'_>| found.start() + offset..found.end() + offset;
        regex
            .captures_iter(text)
            .take(most)
            .filter_map(|captures| {
                let whole = captures.get(0)?;
                Some((moved(whole), moved(captures.get(1).unwrap_or(whole))))
            })
            .collect()
    }

    /// Short messages that fit it.
    pub(crate) fn samples(&self) -> Vec<String> {
        let parsed = regex_syntax::ParserBuilder::new()
            .nest_limit(NEST_MAX + 1)
            .case_insensitive(self.ignore_case)
            .build()
            .parse(&self.source);
        parsed.map(|hir| super::said_by_regex::texts(&hir)).unwrap_or_default()
    }

    /// Any message that fits holds one of these, once its ASCII letters are lower-case; none if no letters are certain.
    pub(crate) fn needles(&self) -> Option<&[String]> {
        self.needles.as_deref()
    }
}

/// `\d` as 0-9, inside classes as well, and `\D` as anything else.
fn ascii_digits(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut letters = source.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

fn bytes(span: &ast::Span) -> Range<usize> {
    span.start.offset..span.end.offset
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn slip(kind: &ast::ErrorKind, span: &ast::Span) -> RegexSlip {
    let (message, help) = match kind {
        ast::ErrorKind::UnsupportedLookAround => (
            "this regex looks around, which could make it slow".to_owned(),
            "write what must not be there as `but not /…/`, or what may stand around as part of the regex",
        ),
        ast::ErrorKind::UnsupportedBackreference => (
            "this regex refers back to a group, which could make it slow".to_owned(),
            "write out what the group stands for once more",
        ),
        ast::ErrorKind::GroupUnclosed => (
            "this `(` is never closed".to_owned(),
            "write `)` where the group ends, or `\\(` for the letter itself",
        ),
        ast::ErrorKind::GroupUnopened => (
            "this `)` closes nothing".to_owned(),
            "write `(` where the group begins, or `\\)` for the letter itself",
        ),
        ast::ErrorKind::ClassUnclosed => (
            "this `[` is never closed".to_owned(),
            "write `]` where the class ends, or `\\[` for the letter itself",
        ),
        ast::ErrorKind::RepetitionMissing => (
            "there is nothing to repeat here".to_owned(),
            "write `\\*`, `\\+` or `\\?` for the letter itself",
        ),
        ast::ErrorKind::EscapeUnexpectedEof => {
            ("`\\` stands at the end of the regex".to_owned(), "write `\\\\` for the letter itself")
        }
        ast::ErrorKind::NestLimitExceeded(_) => {
            ("this regex is nested too deep".to_owned(), "write several simpler ones: any of them may fit")
        }
        other => (
            format!("this regex cannot be read: {}", lower(&other.to_string())),
            "`\\` before a sign such as `( ) [ ] { } . * + ? | ^ $ \\` makes it a letter",
        ),
    };
    RegexSlip { span: bytes(span), message, help: Some(help.to_owned()) }
}

/// An upper bound, in rough steps, of how large a regex gets.
fn weight(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) => 4 * class.ranges().len() as u64 + 1,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() as u64 + 1,
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1));
            weight(&repetition.sub).saturating_add(2).saturating_mul(times)
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().map(weight).fold(2, |sum: u64, one| sum.saturating_add(one).saturating_add(1))
        }
    }
}

/// Sets of letters of which any fitting message holds one, case aside; the set whose shortest member is longest.
fn needles(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Capture(capture) => needles(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needles(&repetition.sub),
        HirKind::Alternation(all) => {
            let sets: Option<Vec<_>> = all.iter().map(needles).collect();
            sets.map(|sets| sets.concat())
        }
        HirKind::Concat(all) => {
            let mut best: Option<Vec<String>> = None;
            let mut offer = |set: Vec<String>| {
                let shortest = |set: &[String]| set.iter().map(String::len).min().unwrap_or(0);
                if best.as_deref().is_none_or(|best| shortest(&set) > shortest(best)) {
                    best = Some(set);
                }
            };
            let mut run = String::new();
            for part in all {
                let mut certain = String::new();
                if letters(part, &mut certain) {
                    run.push_str(&certain);
                    continue;
                }
                runs(&std::mem::take(&mut run)).for_each(|run| offer(vec![run]));
                needles(part).into_iter().for_each(&mut offer);
            }
            runs(&run).for_each(|run| offer(vec![run]));
            best
        }
        _ => {
            let mut certain = String::new();
            if !letters(hir, &mut certain) {
                return None;
            }
            runs(&certain).max_by_key(String::len).map(|run| vec![run])
        }
    }
}

/// The letters `hir` stands for, lower-case, if there is but one way to say it, ASCII case aside.
fn letters(hir: &Hir, out: &mut String) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                out.push_str(&text.to_ascii_lowercase());
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            let mut all = class.ranges().iter().flat_map(|range| range.start()..=range.end()).take(3);
            match (all.next(), all.next(), all.next()) {
                (Some(one), Some(other), None) if one.is_ascii() && one.eq_ignore_ascii_case(&other) => {
                    out.push(one.to_ascii_lowercase());
                    true
                }
                _ => false,
            }
        }
        HirKind::Capture(capture) => letters(&capture.sub, out),
        HirKind::Concat(all) => all.iter().all(|part| letters(part, out)),
        _ => false,
    }
}

/// The needles in a run: white space may be trimmed off a message, so none is looked for.
fn runs(text: &str) -> impl Iterator<Item = String> {
    text.split(char::is_whitespace).filter(|run| !run.is_empty()).map(str::to_owned)
}
