//! The rarer questions about a fit, answered with a table from the end of the message: what a capture keeps, and
//! whether a pattern's own letters cover the message.
//!
//! What a capture keeps, exactly: of all fits take those with the most own letters; among these, reading from left to
//! right, the first choice counts first. A stretch of `words` begins as early as it can, a group takes the alternate
//! written first that it can, a `*` takes as few characters as it can, a capture as few as it can but at least one.

use std::ops::Range;

use super::{Ends, Heard, Literal, Pattern, Step, is_free, may_end};

/// A pattern laid out flat; every step leads to the next one or forward.
enum Flat<'a> {
    Literal(&'a Literal),
    Star,
    Capture(u16),
    /// One of these is the next step.
    Split(Vec<usize>),
    Jump(usize),
    End,
}

impl Flat<'_> {
    fn ways(&self) -> &[usize] {
        match self {
            Flat::Split(ways) => ways,
            _ => &[],
        }
    }
}

/// For every step and every byte of the message, the most own letters from there to the end.
pub(super) struct Table<'a> {
    flat: Vec<Flat<'a>>,
    /// One more than the letters; 0 if the end cannot be reached.
    rows: Vec<Vec<u16>>,
    text: &'a str,
    /// Where the pattern may begin, in order of preference.
    starts: Vec<usize>,
}

impl<'a> Table<'a> {
    /// All fits.
    pub(super) fn fitting(pattern: &'a Pattern, heard: &'a Heard, ends: Ends) -> Table<'a> {
        Table::new(pattern, heard, ends, |_| true)
    }

    /// The fits in which only own letters stand for letters and digits.
    pub(super) fn covering(pattern: &'a Pattern, heard: &'a Heard, ends: Ends) -> Table<'a> {
        Table::new(pattern, heard, ends, is_free)
    }

    fn new(pattern: &'a Pattern, heard: &'a Heard, ends: Ends, may_skip: impl Fn(char) -> bool) -> Table<'a> {
        let text = heard.normal();
        let mut flat = Vec::new();
        lay(pattern.steps(), &mut flat);
        flat.push(Flat::End);

        // What may be skipped at a byte; 0 where nothing may, which is the case inside a letter as well.
        let mut skip = vec![0usize; text.len() + 1];
        for (at, letter) in text.char_indices() {
            if may_skip(letter) {
                skip[at] = letter.len_utf8();
            }
        }
        let before =
            text.char_indices().find(|&(_, letter)| !may_skip(letter)).map_or(text.len(), |(at, _)| at);
        let after = text
            .char_indices()
            .rev()
            .find(|&(_, letter)| !may_skip(letter))
            .map_or(0, |(at, letter)| at + letter.len_utf8());
        let starts = match ends {
            Ends::Message => vec![0],
            Ends::Words => (0..=before).filter(|&at| may_end(heard, ends, at)).collect(),
        };
        let end: Vec<u16> =
            (0..=text.len()).map(|at| u16::from(at >= after && may_end(heard, ends, at))).collect();

        let mut rows: Vec<Vec<u16>> = vec![Vec::new(); flat.len()];
        for n in (0..flat.len()).rev() {
            let next = |n: usize| -> &[u16] { &rows[n] };
            let mut row = vec![0u16; text.len() + 1];
            match &flat[n] {
                Flat::End => row.clone_from(&end),
                Flat::Literal(literal) => {
                    let next = next(n + 1);
                    for (at, cell) in row.iter_mut().enumerate() {
                        if text.as_bytes()[at..].starts_with(literal.text.as_bytes()) {
                            let then = next[at + literal.text.len()];
                            *cell = if then == 0 { 0 } else { then.saturating_add(literal.own as u16) };
                        }
                    }
                }
                Flat::Star => {
                    let next = next(n + 1);
                    for at in (0..row.len()).rev() {
                        let further = if skip[at] > 0 { row[at + skip[at]] } else { 0 };
                        row[at] = next[at].max(further);
                    }
                }
                Flat::Capture(_) => {
                    let next = next(n + 1);
                    for at in (0..row.len()).rev().filter(|&at| skip[at] > 0) {
                        row[at] = next[at + skip[at]].max(row[at + skip[at]]);
                    }
                }
                Flat::Split(ways) => {
                    for &way in ways {
                        for (cell, &then) in row.iter_mut().zip(next(way)) {
                            *cell = (*cell).max(then);
                        }
                    }
                }
                Flat::Jump(to) => row.copy_from_slice(next(*to)),
            }
            rows[n] = row;
        }
        Table { flat, rows, text, starts }
    }

    /// The most own letters, if there is a fit.
    pub(super) fn own(&self) -> Option<u32> {
        let best = self.starts.iter().map(|&at| self.rows[0][at]).max()?;
        u32::from(best).checked_sub(1)
    }

    /// What each capture on the preferred way keeps.
    pub(super) fn captures(&self) -> Vec<(u16, Range<usize>)> {
        let mut out = Vec::new();
        self.walk(|name, range| out.extend(name.map(|name| (name, range))));
        out
    }

    /// From the first to the last letter that is asked for or kept on the preferred way.
    pub(super) fn stretch(&self) -> Option<Range<usize>> {
        let mut stretch: Option<Range<usize>> = None;
        self.walk(|_, range| {
            stretch = Some(stretch.as_ref().map_or(range.start, |stretch| stretch.start)..range.end);
        });
        stretch
    }

    /// Which alternates the preferred way takes, counted from 0 in the order in which they are written.
    pub(super) fn alternates(&self) -> Vec<usize> {
        let mut starts: Vec<usize> = self.flat.iter().flat_map(Flat::ways).copied().collect();
        starts.sort_unstable();
        let mut taken = Vec::new();
        self.walk_with(|_, _| {}, |way| taken.extend(starts.binary_search(&way)));
        taken
    }

    /// Follows the preferred way and shows what stands for each literal and each capture.
    fn walk(&self, each: impl FnMut(Option<u16>, Range<usize>)) {
        self.walk_with(each, |_| {});
    }

    /// The same, and shows where the alternates it takes begin.
    fn walk_with(&self, mut each: impl FnMut(Option<u16>, Range<usize>), mut takes: impl FnMut(usize)) {
        let Some(mut left) = self.own().map(|own| own as u16 + 1) else { return };
        let Some(mut at) = self.starts.iter().copied().find(|&at| self.rows[0][at] == left) else {
            return;
        };
        let mut n = 0;
        loop {
            match &self.flat[n] {
                Flat::End => return,
                Flat::Literal(literal) => {
                    each(None, at..at + literal.text.len());
                    at += literal.text.len();
                    left -= literal.own as u16;
                    n += 1;
                }
                Flat::Star => {
                    at = self.first(n + 1, at, left);
                    n += 1;
                }
                Flat::Capture(name) => {
                    let one = self.text[at..].chars().next().map_or(0, char::len_utf8);
                    let end = self.first(n + 1, at + one, left);
                    each(Some(*name), at..end);
                    at = end;
                    n += 1;
                }
                Flat::Split(ways) => match ways.iter().find(|&&way| self.rows[way][at] == left) {
                    Some(&way) => {
                        takes(way);
                        n = way;
                    }
                    None => return,
                },
                Flat::Jump(to) => n = *to,
            }
        }
    }

    /// The first letter from `at` on where step `n` still gets what is left.
    fn first(&self, n: usize, at: usize, left: u16) -> usize {
        let row = &self.rows[n];
        (at..row.len()).find(|&at| self.text.is_char_boundary(at) && row[at] == left).unwrap_or(at)
    }
}

fn lay<'a>(steps: &'a [Step], flat: &mut Vec<Flat<'a>>) {
    for step in steps {
        match step {
            Step::Literal(literal) => flat.push(Flat::Literal(literal)),
            Step::Star => flat.push(Flat::Star),
            Step::Capture(name) => flat.push(Flat::Capture(*name)),
            Step::Group(ways) => {
                let split = flat.len();
                flat.push(Flat::Split(Vec::new()));
                let mut starts = Vec::with_capacity(ways.len());
                let mut jumps = Vec::with_capacity(ways.len());
                for way in ways {
                    starts.push(flat.len());
                    lay(way, flat);
                    jumps.push(flat.len());
                    flat.push(Flat::Jump(0));
                }
                let after = flat.len();
                flat[split] = Flat::Split(starts);
                for jump in jumps {
                    flat[jump] = Flat::Jump(after);
                }
            }
        }
    }
}
