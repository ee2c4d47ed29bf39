//! A pattern made ready to be tried on messages: what it asks, in the normal form, and what it can at most claim.

mod needles;
mod table;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use super::normal::{Heard, is_trailing, normal_run};
use crate::language::pattern::{self as written, Item};

pub(crate) use needles::Way;
pub(crate) use walk::Walk;

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Letters in the normal form, never none.
    Literal(Literal),
    /// Any characters; never two side by side.
    Star,
    /// One of several ways.
    Group(Box<[Box<[Step]>]>),
    /// At least one character, kept under the name of this number.
    Capture(u16),
}

/// Letters a pattern asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) text: Box<str>,
    /// How many characters that is.
    pub(crate) own: u32,
}

/// What a pattern's ends have to meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The whole message, but for what may trail it.
    Message,
    /// A stretch that begins and ends at a word boundary.
    Words,
}

/// A pattern in the normal form. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    steps: Box<[Step]>,
    names: Box<[Box<str>]>,
    own_max: u32,
    bytes_min: usize,
}

impl Pattern {
    /// Makes a pattern ready.
    pub fn new(written: &written::Pattern) -> Pattern {
        let mut names = Vec::new();
        let mut steps = steps(&written.items, &mut names);
        // The ends of a message are trimmed, so those of a pattern are: some letters fold to a space and a mark.
        if let Some(Step::Literal(first)) = steps.first_mut() {
            *first = Literal::new(first.text.trim_start());
        }
        if let Some(Step::Literal(last)) = steps.last_mut() {
            *last = Literal::new(last.text.trim_end());
        }
        steps.retain(|step| !matches!(step, Step::Literal(literal) if literal.text.is_empty()));
        Pattern::of(steps, names)
    }

    /// A text without any sign.
    pub(crate) fn literal(text: &str) -> Pattern {
        let literal = Literal::new(&super::normal::normal(text));
        let steps = if literal.text.is_empty() { Vec::new() } else { vec![Step::Literal(literal)] };
        Pattern::of(steps, Vec::new())
    }

    fn of(steps: Vec<Step>, names: Vec<Box<str>>) -> Pattern {
        let (own_max, bytes_min) = (own_max(&steps), bytes_min(&steps));
        Pattern(Arc::new(Parts { steps: steps.into(), names: names.into(), own_max, bytes_min }))
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    /// The most own letters any message can give it.
    pub(crate) fn own_max(&self) -> u32 {
        self.0.own_max
    }

    /// True if it keeps something under a name.
    pub(crate) fn has_captures(&self) -> bool {
        !self.0.names.is_empty()
    }

    /// The most own letters with which it fits, if it does.
    pub(crate) fn own(&self, heard: &Heard, ends: Ends, walk: &mut Walk) -> Option<u32> {
        if heard.normal().len() < self.0.bytes_min {
            return None;
        }
        walk.own(&self.0.steps, heard, ends)
    }

    /// True if its own letters can account for every letter and digit of the message.
    pub(crate) fn covers(&self, heard: &Heard, ends: Ends) -> bool {
        table::Table::covering(self, heard, ends).own().is_some_and(|own| own > 0)
    }

    /// What it keeps, by name, as stretches of the normal form. Empty if it does not fit.
    pub(crate) fn captures(&self, heard: &Heard, ends: Ends) -> Vec<(&str, Range<usize>)> {
        if !self.has_captures() {
            return Vec::new();
        }
        let kept = table::Table::fitting(self, heard, ends).captures();
        kept.into_iter()
            .filter_map(|(n, range)| Some((&**self.0.names.get(usize::from(n))?, range)))
            .collect()
    }

    /// Which alternates the best fit takes, counted from 0 in the order in which they are written, those inside of
    /// others as well; none if it does not fit.
    pub(crate) fn alternates(&self, heard: &Heard, ends: Ends) -> Vec<usize> {
        match self.0.steps.iter().any(|step| matches!(step, Step::Group(_))) {
            true => table::Table::fitting(self, heard, ends).alternates(),
            false => Vec::new(),
        }
    }

    /// From the first to the last letter of the normal form that it asks for or keeps; none if it does not fit.
    pub(crate) fn stretch(&self, heard: &Heard, ends: Ends) -> Option<Range<usize>> {
        table::Table::fitting(self, heard, ends).stretch()
    }

    /// Needles: any message that fits holds at least one of the best of these sets; none if no letters are certain.
    pub(crate) fn needles(&self, cost: &impl Fn(&str) -> f64) -> Option<Vec<&Literal>> {
        needles::best(&self.0.steps, cost)
    }

    /// Every way through it, if there are but a few.
    pub(crate) fn ways(&self) -> Option<Vec<Way<'_>>> {
        needles::ways(&self.0.steps)
    }

    /// The alternates, if it is `*(a|b)*` or `*a*` and so fits as soon as one of them is found.
    pub(crate) fn found_suffices(&self, ends: Ends) -> Option<Vec<&Literal>> {
        needles::suffice(&self.0.steps, ends)
    }

    /// Every literal in it.
    pub(crate) fn literals<'a>(&'a self, each: &mut impl FnMut(&'a Literal)) {
        fn visit<'a>(steps: &'a [Step], each: &mut impl FnMut(&'a Literal)) {
            for step in steps {
                match step {
                    Step::Literal(literal) => each(literal),
                    Step::Group(ways) => ways.iter().for_each(|way| visit(way, each)),
                    Step::Star | Step::Capture(_) => {}
                }
            }
        }
        visit(&self.0.steps, each);
    }
}

impl Literal {
    pub(crate) fn new(text: &str) -> Literal {
        Literal { own: text.chars().count() as u32, text: text.into() }
    }
}

fn steps(items: &[Item], names: &mut Vec<Box<str>>) -> Vec<Step> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Literal { text, .. } => {
                let text = normal_run(text);
                if !text.is_empty() {
                    out.push(Step::Literal(Literal::new(&text)));
                }
            }
            Item::Star { .. } if matches!(out.last(), Some(Step::Star)) => {}
            Item::Star { .. } => out.push(Step::Star),
            Item::Group { alternates, .. } => {
                let ways = alternates.iter().map(|way| steps(&way.items, names).into_boxed_slice()).collect();
                out.push(Step::Group(ways));
            }
            Item::Capture { name, .. } => {
                out.push(Step::Capture(names.len() as u16));
                names.push(name.as_str().into());
            }
        }
    }
    out
}

fn own_max(steps: &[Step]) -> u32 {
    let own = |step: &Step| match step {
        Step::Literal(literal) => literal.own,
        Step::Star | Step::Capture(_) => 0,
        Step::Group(ways) => ways.iter().map(|way| own_max(way)).max().unwrap_or(0),
    };
    steps.iter().map(own).sum()
}

fn bytes_min(steps: &[Step]) -> usize {
    let bytes = |step: &Step| match step {
        Step::Literal(literal) => literal.text.len(),
        Step::Star => 0,
        Step::Capture(_) => 1,
        Step::Group(ways) => ways.iter().map(|way| bytes_min(way)).min().unwrap_or(0),
    };
    steps.iter().map(bytes).sum()
}

/// True if a pattern may stop at this byte of the normal form.
pub(crate) fn may_end(heard: &Heard, ends: Ends, at: usize) -> bool {
    match ends {
        Ends::Message => at >= heard.body() && heard.normal().is_char_boundary(at),
        Ends::Words => heard.is_word_bound(at),
    }
}

/// True if letters that no pattern asks for leave it covering the message.
pub(crate) fn is_free(letter: char) -> bool {
    debug_assert!(!is_trailing(letter) || !letter.is_alphanumeric());
    !letter.is_alphanumeric()
}
