//! Asking the machine: one pass over the message, then only those starters that could still win.

use super::{Ends, Fit, Heard, Leaf, NONE, Scratch, Starters, What, fits_any};

/// Which needles the message at hand holds, and where.
#[derive(Debug, Default)]
pub struct Hits {
    needles: Vec<Hit>,
    /// The number of the message on which a leaf was last tried.
    leaves: Vec<u32>,
    /// The number of the message at hand, so that nothing has to be wiped in between.
    now: u32,
    /// Lists of ranks that are being merged: what is left of each.
    lists: Vec<(u32, u32)>,
}

/// Where a needle was found.
#[derive(Debug, Clone, Copy, Default)]
struct Hit {
    /// The number of the message.
    message: u32,
    first_end: u32,
    last_start: u32,
}

impl Hits {
    fn begin(&mut self, needles: usize, leaves: usize) {
        self.lists.clear();
        if self.needles.len() < needles || self.leaves.len() < leaves || self.now == u32::MAX {
            self.needles.clear();
            self.needles.resize(needles, Hit::default());
            self.leaves.clear();
            self.leaves.resize(leaves, 0);
            self.now = 0;
        }
        self.now += 1;
    }

    fn first_time(&mut self, needle: u32, start: usize, end: usize) -> bool {
        let hit = &mut self.needles[needle as usize];
        let first = hit.message != self.now;
        if first {
            *hit = Hit { message: self.now, first_end: end as u32, last_start: 0 };
        }
        hit.last_start = start as u32;
        first
    }

    /// False if these cannot all be found one after the other.
    fn hold(&self, chain: &[u32]) -> bool {
        let mut end = 0;
        chain.iter().all(|&needle| {
            let hit = self.needles[needle as usize];
            let holds = hit.message == self.now && end <= hit.last_start;
            end = hit.first_end;
            holds
        })
    }

    fn first_try(&mut self, leaf: u32) -> bool {
        std::mem::replace(&mut self.leaves[leaf as usize], self.now) != self.now
    }
}

/// The best so far: most own letters, then written first.
#[derive(Clone, Copy)]
struct Best {
    own: u32,
    leaf: u32,
}

impl Best {
    fn offer(&mut self, own: u32, leaf: u32) {
        if self.leaf == NONE || own > self.own || (own == self.own && leaf < self.leaf) {
            *self = Best { own, leaf };
        }
    }

    /// True if a leaf that claims at most so much cannot win any more.
    fn beats(self, own_max: u32, leaf: u32) -> bool {
        self.leaf != NONE && (own_max < self.own || (own_max == self.own && leaf >= self.leaf))
    }
}

impl Starters {
    pub(super) fn search(&self, heard: &Heard, scratch: &mut Scratch) -> Option<(u32, Fit)> {
        let best = self.best(heard, scratch, Best { own: 0, leaf: NONE }, &|_| true);
        if best.leaf != NONE {
            return Some((best.leaf, Fit { own: best.own, regex: false }));
        }
        self.search_regexes(heard, scratch).map(|leaf| (leaf, Fit { own: 0, regex: true }))
    }

    /// The starter other than this one that would answer in its place, were the message only this starter's `own` letters:
    /// one that nothing keeps from fitting and that captures nothing. `own` is none for a regex. With `words`, stretches
    /// between word boundaries count as well.
    pub(crate) fn beaten_by(
        &self,
        starter: usize,
        own: Option<u32>,
        words: bool,
        heard: &Heard,
        scratch: &mut Scratch,
    ) -> Option<usize> {
        let first = self.leaves.partition_point(|leaf| (leaf.starter as usize) < starter) as u32;
        let start = own.map_or(Best { own: 0, leaf: NONE }, |own| Best { own, leaf: first });
        let best = self.best(heard, scratch, start, &|leaf: &Leaf| {
            leaf.starter as usize != starter
                && leaf.lists.is_empty()
                && self.starters[leaf.starter as usize].but_not.is_empty()
                && match &leaf.what {
                    What::Pattern(pattern, ends) => {
                        !pattern.has_captures() && (words || *ends == Ends::Message)
                    }
                    What::Exact(_) | What::Anything => true,
                    What::Regex(_) => false,
                }
        });
        let by = self.leaves.get(best.leaf as usize)?.starter as usize;
        (by != starter && best.leaf != start.leaf).then_some(by)
    }

    /// The best of the leaves that `may` win, if it is better than `best`; regexes are not asked.
    fn best(
        &self,
        heard: &Heard,
        scratch: &mut Scratch,
        mut best: Best,
        may: &impl Fn(&Leaf) -> bool,
    ) -> Best {
        let text = heard.normal();
        if !self.exact.is_empty()
            && let Some(samples) = self.exact.get(&text[..heard.body()])
        {
            for &leaf in samples {
                self.try_leaf(leaf, heard, scratch, &mut best, may);
            }
        }
        scratch.hits.begin(self.needles.len(), self.leaves.len());
        if let Some(machine) = &self.machine {
            for found in machine.find_overlapping_iter(text) {
                let needle = &self.needles[found.value() as usize];
                if needle.suffices != NONE && may(&self.leaves[needle.suffices as usize]) {
                    best.offer(needle.own, needle.suffices);
                }
                if needle.between != NONE
                    && !best.beats(needle.own, needle.between)
                    && may(&self.leaves[needle.between as usize])
                    && heard.is_word_bound(found.start())
                    && heard.is_word_bound(found.end())
                {
                    best.offer(needle.own, needle.between);
                }
                if scratch.hits.first_time(found.value(), found.start(), found.end())
                    && needle.postings.0 != needle.postings.1
                {
                    scratch.hits.lists.push(needle.postings);
                }
            }
        }
        self.merge(heard, scratch, &mut best, may);
        best
    }

    /// Tries what the needles lead to, the most promising first, until nothing left could win.
    fn merge(&self, heard: &Heard, scratch: &mut Scratch, best: &mut Best, may: &impl Fn(&Leaf) -> bool) {
        let mut lists = std::mem::take(&mut scratch.hits.lists);
        let mut always = self.always.iter().copied().peekable();
        loop {
            let from_lists = lists.iter().map(|list| self.postings[list.0 as usize]).min();
            let Some(rank) = from_lists.into_iter().chain(always.peek().copied()).min() else { break };
            let trail = self.trails[rank as usize];
            let leads = &self.leads[trail.leads.0 as usize..trail.leads.1 as usize];
            if leads.first().is_none_or(|lead| best.beats(lead.own_max, lead.leaf)) {
                break;
            }
            if scratch.hits.hold(&self.chains[trail.chain.0 as usize..trail.chain.1 as usize]) {
                for lead in leads {
                    if best.beats(lead.own_max, lead.leaf) {
                        break;
                    }
                    if scratch.hits.first_try(lead.leaf) {
                        self.try_leaf(lead.leaf, heard, scratch, best, may);
                    }
                }
            }
            always.next_if_eq(&rank);
            lists.retain_mut(|list| {
                if self.postings[list.0 as usize] == rank {
                    list.0 += 1;
                }
                list.0 < list.1
            });
        }
        lists.clear();
        scratch.hits.lists = lists;
    }

    fn try_leaf(
        &self,
        leaf: u32,
        heard: &Heard,
        scratch: &mut Scratch,
        best: &mut Best,
        may: &impl Fn(&Leaf) -> bool,
    ) {
        let it = &self.leaves[leaf as usize];
        if best.beats(it.own_max, leaf) || !may(it) {
            return;
        }
        if let Some(fit) = it.fits(heard, scratch)
            && !best.beats(fit.own, leaf)
            && it.is_let(heard, scratch)
            && !fits_any(&self.starters[it.starter as usize].but_not, heard, scratch)
        {
            best.offer(fit.own, leaf);
        }
    }

    /// The regex written first that fits.
    fn search_regexes(&self, heard: &Heard, scratch: &mut Scratch) -> Option<u32> {
        let mut leaves = self.regex_leaves(heard);
        leaves.sort_unstable();
        leaves.dedup();
        leaves.into_iter().find(|&leaf| {
            let it = &self.leaves[leaf as usize];
            it.fits(heard, scratch).is_some()
                && it.is_let(heard, scratch)
                && !fits_any(&self.starters[it.starter as usize].but_not, heard, scratch)
        })
    }

    /// The regexes that may fit, in no order, some of them twice.
    fn regex_leaves(&self, heard: &Heard) -> Vec<u32> {
        let mut leaves = self.regexes.always.clone();
        if let Some(machine) = &self.regexes.machine {
            // Not the normal form: a regex sees the message as it was typed.
            let text = heard.original().to_ascii_lowercase();
            for found in machine.find_overlapping_iter(&text) {
                leaves.extend_from_slice(&self.regexes.leads[found.value() as usize]);
            }
        }
        leaves
    }

    /// Calls `each` with every leaf that fits, as written; no `but not` of a starter is asked.
    pub(super) fn visit(
        &self,
        heard: &Heard,
        scratch: &mut Scratch,
        regexes: bool,
        each: &mut impl FnMut(u32, Fit),
    ) {
        let text = heard.normal();
        let mut leaves: Vec<u32> = self.exact.get(&text[..heard.body()]).cloned().unwrap_or_default();
        let ranks = |part: &[u32], leaves: &mut Vec<u32>| {
            for &rank in part {
                let (start, end) = self.trails[rank as usize].leads;
                leaves.extend(self.leads[start as usize..end as usize].iter().map(|lead| lead.leaf));
            }
        };
        scratch.hits.begin(self.needles.len(), self.leaves.len());
        if let Some(machine) = &self.machine {
            for found in machine.find_overlapping_iter(text) {
                if scratch.hits.first_time(found.value(), found.start(), found.end()) {
                    let needle = &self.needles[found.value() as usize];
                    leaves.extend([needle.suffices, needle.between].iter().filter(|&&leaf| leaf != NONE));
                    leaves.extend(&self.shadowed[needle.shadowed.0 as usize..needle.shadowed.1 as usize]);
                    ranks(
                        &self.postings[needle.postings.0 as usize..needle.postings.1 as usize],
                        &mut leaves,
                    );
                }
            }
        }
        ranks(&self.always, &mut leaves);
        if regexes {
            leaves.extend(self.regex_leaves(heard));
        }
        leaves.sort_unstable();
        leaves.dedup();
        for leaf in leaves {
            let it = &self.leaves[leaf as usize];
            if let Some(fit) = it.fits(heard, scratch)
                && it.is_let(heard, scratch)
            {
                each(leaf, fit);
            }
        }
    }
}

impl Leaf {
    fn fits(&self, heard: &Heard, scratch: &mut Scratch) -> Option<Fit> {
        match &self.what {
            What::Exact(pattern) => {
                pattern.own(heard, Ends::Message, &mut scratch.walk).map(|own| Fit { own, regex: false })
            }
            What::Pattern(pattern, ends) => {
                pattern.own(heard, *ends, &mut scratch.walk).map(|own| Fit { own, regex: false })
            }
            What::Regex(regex) => regex.fits(heard).then_some(Fit { own: 0, regex: true }),
            What::Anything => Some(Fit { own: 0, regex: false }),
        }
    }

    /// True if no list around it says `but not`.
    fn is_let(&self, heard: &Heard, scratch: &mut Scratch) -> bool {
        !self.lists.iter().any(|list| fits_any(&list.but_not, heard, scratch))
    }
}
