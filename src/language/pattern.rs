//! What `pattern "*(track|where)*(order|parcel)*"` says: a tree a check can point into, or the slip that spoils it.
//!
//! `*` is any characters, none included; `( | )` are alternates; `{name}` captures at least one character; `\`
//! makes a sign a letter; all else is literal.

mod read;

use std::ops::Range;

pub use read::{PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX, PatternSlip, parse_pattern};

/// A pattern as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What has to follow one another.
    pub items: Vec<Item>,
}

/// One piece of a pattern, with the bytes where it stands in the pattern's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Letters that stand for themselves, escapes resolved; as long as possible and never empty.
    Literal {
        /// The letters.
        text: String,
        /// Where they stand.
        span: Range<usize>,
    },
    /// `*`
    Star {
        /// Where it stands.
        span: Range<usize>,
    },
    /// `(a|b)`
    Group {
        /// One of them is said; never none.
        alternates: Vec<Alternate>,
        /// Where it stands, parentheses included.
        span: Range<usize>,
    },
    /// `{name}`
    Capture {
        /// The variable it sets.
        name: String,
        /// Where it stands, braces included.
        span: Range<usize>,
    },
}

/// One way to go on inside parentheses; perhaps empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternate {
    /// What has to follow one another.
    pub items: Vec<Item>,
    /// Where it stands between the bars.
    pub span: Range<usize>,
}

impl Pattern {
    /// True if every message fits, so that nothing else is ever asked.
    pub fn fits_anything(&self) -> bool {
        reach(&self.items).any
    }

    /// True if a message that says nothing fits.
    pub fn fits_empty(&self) -> bool {
        let reach = reach(&self.items);
        reach.any || reach.empty
    }

    /// True if a `*` stands anywhere in it.
    pub fn has_star(&self) -> bool {
        fn star(items: &[Item]) -> bool {
            items.iter().any(|item| match item {
                Item::Star { .. } => true,
                Item::Group { alternates, .. } => alternates.iter().any(|way| star(&way.items)),
                Item::Literal { .. } | Item::Capture { .. } => false,
            })
        }
        star(&self.items)
    }

    /// The names it captures, as written, and where.
    pub fn captures(&self) -> Vec<(&str, Range<usize>)> {
        fn collect<'a>(items: &'a [Item], out: &mut Vec<(&'a str, Range<usize>)>) {
            for item in items {
                match item {
                    Item::Capture { name, span } => out.push((name, span.clone())),
                    Item::Group { alternates, .. } => {
                        alternates.iter().for_each(|way| collect(&way.items, out))
                    }
                    Item::Literal { .. } | Item::Star { .. } => {}
                }
            }
        }
        let mut out = Vec::new();
        collect(&self.items, &mut out);
        out
    }

    /// Letters, three at most, with a `*` directly on both sides: `*rep*` fires on "repeat". Scripts that write
    /// without spaces between words are left in peace.
    pub fn inside_words(&self) -> Vec<(&str, Range<usize>)> {
        let mut out = Vec::new();
        inside_words(&self.items, false, false, &mut out);
        out
    }
}

/// What can be reached without saying a letter.
#[derive(Clone, Copy)]
struct Reach {
    /// By saying nothing.
    empty: bool,
    /// By saying anything, through at least one star.
    any: bool,
}

fn reach(items: &[Item]) -> Reach {
    let mut so_far = Reach { empty: true, any: false };
    for item in items {
        let next = match item {
            Item::Literal { .. } | Item::Capture { .. } => Reach { empty: false, any: false },
            Item::Star { .. } => Reach { empty: false, any: true },
            Item::Group { alternates, .. } => alternates.iter().map(|way| reach(&way.items)).fold(
                Reach { empty: false, any: false },
                |one, other| Reach { empty: one.empty || other.empty, any: one.any || other.any },
            ),
        };
        so_far = Reach {
            any: (so_far.any && (next.any || next.empty)) || (so_far.empty && next.any),
            empty: so_far.empty && next.empty,
        };
    }
    so_far
}

fn inside_words<'a>(items: &'a [Item], before: bool, after: bool, out: &mut Vec<(&'a str, Range<usize>)>) {
    let star = |item: &Item| matches!(item, Item::Star { .. });
    for (n, item) in items.iter().enumerate() {
        let before = if n == 0 { before } else { star(&items[n - 1]) };
        let after = items.get(n + 1).map_or(after, star);
        match item {
            Item::Literal { text, span } if before && after && is_short_word(text) => {
                out.push((text, span.clone()));
            }
            Item::Group { alternates, .. } => {
                for way in alternates {
                    inside_words(&way.items, before, after, out);
                }
            }
            _ => {}
        }
    }
}

fn is_short_word(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(|letter| letter.is_alphanumeric() && letter < '\u{e00}')
}
