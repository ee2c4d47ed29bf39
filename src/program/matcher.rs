//! One matcher as an author writes it: does this message fit it, with how many letters of its own, and what does it keep?

mod regex;

use std::sync::Arc;

use super::normal::Heard;
use super::pattern::{Ends, Pattern, Walk};
use crate::language::pattern as written;

pub use regex::{REGEX_BYTES_MAX, Regex, RegexSlip};

/// Room to match in: one per thread, used again for the next message.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) walk: Walk,
    pub(crate) hits: super::starters::Hits,
}

impl Scratch {
    /// Room to match in.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// How many places of messages were looked at so far: a measure of work that no clock disturbs.
    pub fn work(&self) -> u64 {
        self.walk.work()
    }
}

/// How well a message fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// How many characters of the message's normal form are the matcher's own letters.
    pub own: u32,
    /// True if only a regex fits: it comes after everything else.
    pub regex: bool,
}

impl Fit {
    /// True if this fit wins over `other`, whatever the order in which they are written.
    pub fn beats(self, other: Fit) -> bool {
        if self.regex != other.regex { other.regex } else { self.own > other.own }
    }
}

/// What a message is held against. Cheap to clone, and the same for all threads.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// `"hello"`: the whole message.
    Exact(Pattern),
    /// `pattern "*(a|b)*"`: the whole message.
    Pattern(Pattern),
    /// `words "a"`: a stretch of the message between word boundaries.
    Words(Pattern),
    /// `/[A-Z]-\d+/`: searched in the message as typed.
    Regex(Arc<Regex>),
    /// `anything`
    Anything,
    /// `phrases "yes"`: a list of its own.
    Any(Arc<Any>),
}

/// A list of matchers of which one has to fit, and some that must not.
#[derive(Debug, Clone, Default)]
pub struct Any {
    /// One of these fits.
    pub any: Vec<Matcher>,
    /// None of these fits.
    pub but_not: Vec<Matcher>,
}

impl Matcher {
    /// `"hello"`
    pub fn exact(text: &str) -> Matcher {
        Matcher::Exact(Pattern::literal(text))
    }

    /// `pattern "…"`
    pub fn pattern(written: &written::Pattern) -> Matcher {
        Matcher::Pattern(Pattern::new(written))
    }

    /// `words "…"`
    pub fn words(written: &written::Pattern) -> Matcher {
        Matcher::Words(Pattern::new(written))
    }

    /// `/…/`, or `/…/i` if case is to be ignored.
    pub fn regex(source: &str, ignore_case: bool) -> Result<Matcher, RegexSlip> {
        Regex::new(source, ignore_case).map(|regex| Matcher::Regex(Arc::new(regex)))
    }

    /// `phrases "…"`
    pub fn phrases(any: Vec<Matcher>, but_not: Vec<Matcher>) -> Matcher {
        Matcher::Any(Arc::new(Any { any, but_not }))
    }

    /// The pattern in it, and what its ends have to meet.
    pub(crate) fn as_pattern(&self) -> Option<(&Pattern, Ends)> {
        match self {
            Matcher::Exact(pattern) | Matcher::Pattern(pattern) => Some((pattern, Ends::Message)),
            Matcher::Words(pattern) => Some((pattern, Ends::Words)),
            Matcher::Regex(_) | Matcher::Anything | Matcher::Any(_) => None,
        }
    }

    /// How well the message fits, if it does.
    pub fn fits(&self, heard: &Heard, scratch: &mut Scratch) -> Option<Fit> {
        match self {
            Matcher::Exact(pattern) | Matcher::Pattern(pattern) => {
                pattern.own(heard, Ends::Message, &mut scratch.walk).map(|own| Fit { own, regex: false })
            }
            Matcher::Words(pattern) => {
                pattern.own(heard, Ends::Words, &mut scratch.walk).map(|own| Fit { own, regex: false })
            }
            Matcher::Regex(regex) => regex.fits(heard).then_some(Fit { own: 0, regex: true }),
            Matcher::Anything => Some(Fit { own: 0, regex: false }),
            Matcher::Any(list) => list.best(heard, scratch).map(|(fit, _)| fit),
        }
    }

    /// True if own letters can account for every letter and digit of the message: in some fit there is no letter or
    /// digit that a `*`, a capture or nothing at all stands for, and at least one character is the matcher's own.
    pub fn covers(&self, heard: &Heard, scratch: &mut Scratch) -> bool {
        match self {
            Matcher::Any(list) => {
                !fits_any(&list.but_not, heard, scratch)
                    && list.any.iter().any(|one| one.covers(heard, scratch))
            }
            _ => match self.as_pattern() {
                // Counting the letters is nearly always enough.
                Some((pattern, ends)) => {
                    pattern.own_max() >= heard.letters().max(1)
                        && self.fits(heard, scratch).is_some_and(|fit| fit.own >= heard.letters().max(1))
                        && pattern.covers(heard, ends)
                }
                None => false,
            },
        }
    }

    /// Which alternates of its pattern the message takes, counted from 0 in the order in which they are written. Empty
    /// if it does not fit, and for what is no pattern.
    pub fn alternates(&self, heard: &Heard) -> Vec<usize> {
        self.as_pattern().map(|(pattern, ends)| pattern.alternates(heard, ends)).unwrap_or_default()
    }

    /// What it keeps of the message, by name, in the letters in which it was typed. Empty if it does not fit.
    pub fn captures<'m, 'h>(&'m self, heard: &Heard<'h>, scratch: &mut Scratch) -> Vec<(&'m str, &'h str)> {
        match self {
            Matcher::Any(list) => match list.best(heard, scratch) {
                Some((_, one)) => one.captures(heard, scratch),
                None => Vec::new(),
            },
            _ => match self.as_pattern() {
                Some((pattern, ends)) => {
                    let kept = pattern.captures(heard, ends);
                    kept.into_iter().map(|(name, stretch)| (name, heard.typed(stretch))).collect()
                }
                None => Vec::new(),
            },
        }
    }
}

impl Any {
    /// The matcher that fits best, the first written of equals.
    fn best(&self, heard: &Heard, scratch: &mut Scratch) -> Option<(Fit, &Matcher)> {
        if fits_any(&self.but_not, heard, scratch) {
            return None;
        }
        let mut best: Option<(Fit, &Matcher)> = None;
        for one in &self.any {
            if let Some(fit) = one.fits(heard, scratch)
                && best.is_none_or(|(other, _)| fit.beats(other))
            {
                best = Some((fit, one));
            }
        }
        best
    }
}

/// True if one of these fits.
pub(crate) fn fits_any(list: &[Matcher], heard: &Heard, scratch: &mut Scratch) -> bool {
    list.iter().any(|one| one.fits(heard, scratch).is_some())
}
