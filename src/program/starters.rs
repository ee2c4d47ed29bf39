//! Which dialog a message starts: all starters of a bot in one machine, asked once per message.
//!
//! Of the starters that fit, the one whose own letters account for most characters of the message wins, and of equals
//! the one written first. Regexes come after everything else.

mod build;
mod search;

use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;
use rustc_hash::FxHashMap;

use super::matcher::{Any, Fit, Matcher, Regex, Scratch, fits_any};
use super::normal::Heard;
use super::pattern::{Ends, Pattern};

pub(crate) use search::Hits;

/// What starts one dialog.
#[derive(Debug, Clone, Default)]
pub struct Starter {
    /// One of these fits.
    pub any: Vec<Matcher>,
    /// None of these fits.
    pub but_not: Vec<Matcher>,
}

/// All starters of a bot. Immutable, and the same for all threads.
pub struct Starters {
    starters: Vec<Starter>,
    /// Every matcher, those of phrases by themselves, in the order in which they are written.
    leaves: Vec<Leaf>,
    /// What leads to leaves; the one that can claim most comes first, of equals the first written. The place is the rank.
    trails: Vec<Trail>,
    /// Needles in the order in which they have to be found, trail after trail.
    chains: Vec<u32>,
    /// Where the trails lead, trail after trail, likewise ordered.
    leads: Vec<Lead>,
    /// Finds every needle in a message; its values count through `needles`. None if there are no needles.
    machine: Option<DoubleArrayAhoCorasick<u32>>,
    needles: Vec<Needle>,
    /// Ranks of the trails filed under a needle, needle after needle, ascending.
    postings: Vec<u32>,
    /// Leaves of which a needle alone decides, but that are not the first written of their needle.
    shadowed: Vec<u32>,
    /// Ranks of the trails filed under no needle, ascending.
    always: Vec<u32>,
    /// Exact samples by their normal form, without what may trail a message.
    exact: FxHashMap<Box<str>, Vec<u32>>,
    regexes: Regexes,
}

#[derive(Debug)]
struct Leaf {
    starter: u32,
    matcher: u32,
    /// The most own letters it can claim.
    own_max: u32,
    /// Lists around it of which the `but not` must not fit.
    lists: Box<[Arc<Any>]>,
    what: What,
}

#[derive(Debug)]
enum What {
    /// Looked up and not looked for.
    Exact(Pattern),
    Pattern(Pattern, Ends),
    Regex(Arc<Regex>),
    Anything,
}

/// Letters that lead to leaves if they are found one after the other. Leaves that ask for the same letters share it, so
/// that a message without them costs nothing for each.
#[derive(Debug, Clone, Copy)]
struct Trail {
    chain: (u32, u32),
    leads: (u32, u32),
}

/// One reason to try a leaf.
#[derive(Debug, Clone, Copy)]
struct Lead {
    leaf: u32,
    /// The most own letters that can come of it.
    own_max: u32,
}

/// Letters that are looked for.
#[derive(Debug, Clone, Copy)]
struct Needle {
    /// How many characters.
    own: u32,
    /// The leaf written first that fits wherever this is found.
    suffices: u32,
    /// The leaf written first that fits wherever this is found between word boundaries.
    between: u32,
    postings: (u32, u32),
    shadowed: (u32, u32),
}

/// No leaf.
const NONE: u32 = u32::MAX;

#[derive(Default)]
struct Regexes {
    machine: Option<DoubleArrayAhoCorasick<u32>>,
    /// For each needle, the leaves it leads to.
    leads: Vec<Vec<u32>>,
    /// Leaves that no needle speaks for.
    always: Vec<u32>,
}

/// The starter that wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Win {
    /// Which starter, as counted by who built them.
    pub starter: usize,
    /// Which of its matchers.
    pub matcher: usize,
    /// How many characters of the message are its own letters.
    pub own: u32,
    /// True if only a regex fits.
    pub regex: bool,
}

/// A starter that fits, for those who ask why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The starter and its best matcher.
    pub win: Win,
    /// Which of the starter's `but not` keeps it out.
    pub excluded: Option<usize>,
}

impl std::fmt::Debug for Starters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Starters").field("starters", &self.starters).finish_non_exhaustive()
    }
}

impl Starters {
    /// The starters, in the order in which they were written.
    pub fn starters(&self) -> &[Starter] {
        &self.starters
    }

    /// The starter that answers this message.
    pub fn winner(&self, heard: &Heard, scratch: &mut Scratch) -> Option<Win> {
        self.search(heard, scratch).map(|(leaf, fit)| self.win(leaf, fit))
    }

    /// Every starter that fits, the winner first and the others in the order in which they would win; then those that
    /// a `but not` keeps out.
    pub fn candidates(&self, heard: &Heard, scratch: &mut Scratch) -> Vec<Candidate> {
        self.fitting(heard, scratch, true)
    }

    fn fitting(&self, heard: &Heard, scratch: &mut Scratch, regexes: bool) -> Vec<Candidate> {
        let mut best: FxHashMap<u32, (u32, Fit)> = FxHashMap::default();
        self.visit(heard, scratch, regexes, &mut |leaf, fit| {
            let found = best.entry(self.leaves[leaf as usize].starter).or_insert((leaf, fit));
            if fit.beats(found.1) || (fit == found.1 && leaf < found.0) {
                *found = (leaf, fit);
            }
        });
        let mut out: Vec<Candidate> = best
            .into_values()
            .map(|(leaf, fit)| {
                let win = self.win(leaf, fit);
                let but_not = &self.starters[win.starter].but_not;
                let excluded = but_not.iter().position(|one| one.fits(heard, scratch).is_some());
                Candidate { win, excluded }
            })
            .collect();
        out.sort_unstable_by_key(|one| {
            (one.excluded.is_some(), one.win.regex, std::cmp::Reverse(one.win.own), one.win.starter)
        });
        out
    }

    /// The first of the starters that fit whose own letters account for every letter and digit of the message: the one
    /// that may interrupt a question which would accept anything.
    pub fn interrupter(&self, heard: &Heard, scratch: &mut Scratch) -> Option<Win> {
        // Those whose letters are too few to account for all are not worth a closer look.
        let letters = heard.letters().max(1);
        let all = self.fitting(heard, scratch, false);
        all.into_iter()
            .filter(|one| one.excluded.is_none() && one.win.own >= letters)
            .find(|one| self.covers(one.win.starter, heard, scratch))
            .map(|one| one.win)
    }

    /// True if own letters of a matcher of this starter can account for every letter and digit of the message; no
    /// `but not` of the starter is asked.
    pub fn covers(&self, starter: usize, heard: &Heard, scratch: &mut Scratch) -> bool {
        self.starters.get(starter).is_some_and(|it| it.any.iter().any(|one| one.covers(heard, scratch)))
    }

    /// What the winning matcher keeps of the message, by name.
    pub fn captures<'s, 'h>(
        &'s self,
        win: &Win,
        heard: &Heard<'h>,
        scratch: &mut Scratch,
    ) -> Vec<(&'s str, &'h str)> {
        let matcher = self.starters.get(win.starter).and_then(|starter| starter.any.get(win.matcher));
        matcher.map(|matcher| matcher.captures(heard, scratch)).unwrap_or_default()
    }

    fn win(&self, leaf: u32, fit: Fit) -> Win {
        let Leaf { starter, matcher, .. } = self.leaves[leaf as usize];
        Win { starter: starter as usize, matcher: matcher as usize, own: fit.own, regex: fit.regex }
    }

    /// How many bytes the machine takes, about; the patterns themselves not counted.
    pub fn heap_bytes(&self) -> usize {
        let machine =
            |machine: &Option<DoubleArrayAhoCorasick<u32>>| machine.as_ref().map_or(0, |it| it.heap_bytes());
        machine(&self.machine)
            + machine(&self.regexes.machine)
            + self.needles.len() * size_of::<Needle>()
            + (self.postings.len() + self.shadowed.len() + self.chains.len()) * 4
            + self.trails.len() * size_of::<Trail>()
            + self.leads.len() * size_of::<Lead>()
            + self.leaves.len() * size_of::<Leaf>()
    }
}
