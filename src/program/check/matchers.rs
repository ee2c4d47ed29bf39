//! Patterns, words and regexes: can they be read, and do they fit what their author had in mind?

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::pattern::{self, parse_pattern};
use crate::language::place_in_text;
use crate::language::syntax::{MatcherKind, Text};
use crate::program::check::structure;
use crate::program::expression;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::survey::{MatcherRole, Survey};

/// A matcher that works.
pub(in crate::program) struct Compiled {
    pub matcher: Matcher,
    /// The variables it sets.
    pub captures: Vec<String>,
}

/// Compiles every matcher of a file, in the order of the survey; one that cannot be used has its finding.
pub(in crate::program) fn compile(
    survey: &Survey<'_>,
    source: &str,
    file: FileId,
    out: &mut Vec<Finding>,
) -> Vec<Option<Compiled>> {
    let mut check = Check { source, file, out };
    survey.matchers.iter().map(|at| check.matcher(&at.matcher.kind, at.role)).collect()
}

struct Check<'a> {
    source: &'a str,
    file: FileId,
    out: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn matcher(&mut self, kind: &MatcherKind, role: MatcherRole) -> Option<Compiled> {
        let plain = |matcher| Some(Compiled { matcher, captures: Vec::new() });
        match kind {
            MatcherKind::Exact(text) => {
                if self.template(text, false) {
                    return None;
                }
                if text.value.trim().is_empty() {
                    self.find(
                        Slug::NeverFits,
                        text.span,
                        "no message fits an empty text".to_string(),
                        "write what a visitor says, or take the line out",
                    );
                }
                plain(Matcher::exact(&text.value))
            }
            MatcherKind::Pattern(text) => self.pattern(text, role, true),
            MatcherKind::Words(text) => self.pattern(text, role, false),
            MatcherKind::Regex(regex) => match Matcher::regex(&regex.source, regex.ignore_case) {
                Ok(matcher) => {
                    if searches_for_nothing(&regex.source) {
                        self.anything(regex.span, "regex", role);
                    }
                    plain(matcher)
                }
                Err(slip) => {
                    // Offsets of the source are those of the file, but for `\/`, which is rare enough.
                    let start = regex.span.start as usize + 1;
                    let end = regex.span.end as usize;
                    let span =
                        Span::new((start + slip.span.start).min(end), (start + slip.span.end).min(end));
                    let span = if self.source.is_char_boundary(span.start as usize)
                        && self.source.is_char_boundary(span.end as usize)
                    {
                        span
                    } else {
                        regex.span
                    };
                    self.out.push(
                        Finding::new(Slug::UnusableRegex, self.file, span, slip.message)
                            .maybe_help(slip.help),
                    );
                    None
                }
            },
            MatcherKind::Anything => plain(Matcher::Anything),
            MatcherKind::Phrases(_)
            | MatcherKind::Intent(_)
            | MatcherKind::Success
            | MatcherKind::Failure
            | MatcherKind::Silence(_) => None,
        }
    }

    fn pattern(&mut self, text: &Text, role: MatcherRole, whole: bool) -> Option<Compiled> {
        if self.template(text, true) {
            return None;
        }
        let pattern = match parse_pattern(&text.value) {
            Ok(pattern) => pattern,
            Err(slip) => {
                let span = place_in_text(self.source, text, true, slip.span);
                self.out.push(
                    Finding::new(Slug::UnusablePattern, self.file, span, slip.message).maybe_help(slip.help),
                );
                return None;
            }
        };
        for (name, range) in pattern.captures() {
            let span = place_in_text(self.source, text, true, range);
            self.out.extend(structure::reserved(name, self.file, span));
        }
        let tasted = self.taste(text, &pattern, role, whole);
        let captures: Vec<String> =
            pattern.captures().into_iter().map(|(name, _)| name.to_string()).collect();
        let matcher = if whole { Matcher::pattern(&pattern) } else { Matcher::words(&pattern) };
        // To keep the whole answer under a name is what a rule may well be for.
        let kept = !captures.is_empty() && matches!(role, MatcherRole::Rule(_));
        let letters = pattern.items.iter().any(|item| matches!(item, pattern::Item::Literal { .. }));
        if tasted && !letters && !kept && fits_anything(&matcher) {
            self.anything(text.span, "pattern", role);
        }
        Some(Compiled { matcher, captures })
    }

    /// A matcher that takes every message.
    fn anything(&mut self, span: Span, what: &str, role: MatcherRole) {
        let help = match role {
            MatcherRole::Rule(_) => "write `when anything` if that is meant; it says so plainly",
            MatcherRole::StarterExcept => {
                "as it stands it keeps every message out: name what should not start the dialog"
            }
            _ => "name at least one word; what no dialog understands is for the `fallback dialog`",
        };
        let shown = self.source.get(span.range()).unwrap_or("").trim_matches(['"', '/']);
        let message = format!("the {what} `{shown}` fits whatever a visitor says");
        self.find(Slug::FitsAnything, span, message, help);
    }

    /// A pattern that works, but hardly as meant; whether all is well.
    fn taste(&mut self, text: &Text, pattern: &pattern::Pattern, role: MatcherRole, whole: bool) -> bool {
        if whole {
            let grouped = pattern.items.iter().any(|item| matches!(item, pattern::Item::Group { .. }));
            let inside = text.value.trim().trim_matches('*');
            let place = match role {
                MatcherRole::Rule(_) | MatcherRole::Entity => "or",
                MatcherRole::StarterExcept => "but not ",
                MatcherRole::Starter | MatcherRole::Phrases => "",
            };
            for (letters, range) in pattern.inside_words() {
                let span = place_in_text(self.source, text, true, range);
                self.find(
                    Slug::FiresInsideWords,
                    span,
                    format!(
                        "`{letters}` fires inside longer words too, since `*` stands on both sides of it"
                    ),
                    &match (grouped, place) {
                        (false, _) => format!("write `words \"{inside}\"`, which takes whole words only"),
                        (_, "or") => {
                            format!("take it out here and add `or words \"{letters}\"` behind the pattern")
                        }
                        (_, place) => format!(
                            "take it out here and write `{place}words \"{letters}\"` on a line of its own"
                        ),
                    },
                );
            }
        }
        if spaces_meet(&pattern.items) {
            self.find(
                Slug::NeverFits,
                text.span,
                "here two spaces meet, and a message never has two in a row".to_string(),
                "keep only one of them: `a (b|c)` instead of `a ( b| c)`",
            );
            return false;
        }
        true
    }

    /// Templates are no part of matchers.
    fn template(&mut self, text: &Text, pattern: bool) -> bool {
        let found = expression::has_holes(&text.value);
        if found {
            let at = text.value.find("{{").or_else(|| text.value.find("{%")).unwrap_or(0);
            let span = place_in_text(self.source, text, pattern, at..(at + 2).min(text.value.len()));
            self.find(
                Slug::TemplateInMatcher,
                span,
                "what a message is compared with is fixed text, and `{{ … }}` is not".to_string(),
                "compare with a condition: `when anything and if reply == name`; `{name}` in a pattern keeps what the visitor says",
            );
        }
        found
    }

    fn find(&mut self, slug: Slug, span: Span, message: String, help: &str) {
        self.out.push(Finding::new(slug, self.file, span, message).help(help));
    }
}

/// Whether a matcher takes whatever is said: what has nothing in common fits it all the same.
fn fits_anything(matcher: &Matcher) -> bool {
    const SAID: &[&str] = &["7", "hello", "où est-il?", "123 456", "A b-c", "jetzt", "ok thanks"];
    let mut scratch = Scratch::new();
    let mut fits =
        |said: &&str| Heard::new(said).is_ok_and(|heard| matcher.fits(&heard, &mut scratch).is_some());
    SAID.iter().all(&mut fits)
}

/// Whether a regex fits every message; it is not compiled for that, since a bot may have thousands.
fn searches_for_nothing(source: &str) -> bool {
    let plain: String = source.chars().filter(|letter| !matches!(letter, '(' | ')')).collect();
    let whole = plain.starts_with('^') && plain.ends_with('$');
    let inside = plain.trim_start_matches('^').trim_end_matches('$');
    match inside {
        ".*" | ".+" | r"[\s\S]*" | r"[\s\S]+" => true,
        "" | "." | ".?" | r"\w*" | r"\S*" | r"\S+" | r"\S" | r"\d*" | r"\s*" => !whole,
        _ => false,
    }
}

/// Whether every way through the pattern has two spaces in a row somewhere.
fn spaces_meet(items: &[pattern::Item]) -> bool {
    let ends = |item: &pattern::Item, at_end: bool| -> bool {
        let blank = |text: &str| {
            if at_end { text.ends_with(char::is_whitespace) } else { text.starts_with(char::is_whitespace) }
        };
        match item {
            pattern::Item::Literal { text, .. } => blank(text),
            pattern::Item::Group { alternates, .. } => alternates.iter().all(|way| {
                let edge = if at_end { way.items.last() } else { way.items.first() };
                matches!(edge, Some(pattern::Item::Literal { text, .. }) if blank(text))
            }),
            _ => false,
        }
    };
    items.windows(2).any(|pair| ends(&pair[0], true) && ends(&pair[1], false))
}
