//! Building the machine: every matcher is filed under letters that a message must hold for it to fit.

use std::cmp::Reverse;
use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;
use rustc_hash::FxHashMap;

use super::{Any, Ends, Lead, Leaf, Matcher, NONE, Needle, Regexes, Starter, Starters, Trail, What};
use crate::program::normal::is_trailing;
use crate::program::pattern::{Literal, Pattern};

/// What is filed under a needle while the machine is being built.
#[derive(Default)]
struct Filed {
    own: u32,
    suffices: Vec<u32>,
    between: Vec<u32>,
}

impl Starters {
    /// Builds the machine from all starters of a bot, in the order in which they are written.
    pub fn build(starters: Vec<Starter>) -> Starters {
        let mut leaves = Vec::with_capacity(starters.len());
        let mut exact: FxHashMap<Box<str>, Vec<u32>> = FxHashMap::default();
        for (n, starter) in starters.iter().enumerate() {
            for (m, matcher) in starter.any.iter().enumerate() {
                flatten(matcher, n as u32, m as u32, &mut Vec::new(), &mut leaves, &mut exact);
            }
        }

        let costs = costs(&leaves);
        let cost = |text: &str| costs.get(text).copied().unwrap_or(1.0);
        let mut desk = Desk::default();
        let mut regexes = Regexes::default();
        let mut regex_needles: FxHashMap<&str, u32> = FxHashMap::default();
        for (n, leaf) in leaves.iter().enumerate() {
            let n = n as u32;
            // Where only this matcher is asked, finding its letters may settle it.
            let alone = leaf.lists.is_empty() && starters[leaf.starter as usize].but_not.is_empty();
            match &leaf.what {
                What::Exact(_) => {}
                What::Pattern(pattern, ends) => match pattern.found_suffices(*ends).filter(|_| alone) {
                    Some(found) => desk.file_found(n, &found, *ends),
                    None => desk.file(n, pattern, &cost),
                },
                What::Anything => desk.always(n, 0),
                What::Regex(regex) => match regex.needles() {
                    Some(needles) => {
                        for needle in needles {
                            let next = regexes.leads.len() as u32;
                            let id = *regex_needles.entry(needle).or_insert(next);
                            if id == next {
                                regexes.leads.push(Vec::new());
                            }
                            regexes.leads[id as usize].push(n);
                        }
                    }
                    None => regexes.always.push(n),
                },
            }
        }
        regexes.machine = machine(regex_needles.into_iter().collect());

        let Desk { ids, filed, chains: keys, sets, trails: count, leads: mut loose, .. } = desk;
        let mut key_of: Vec<&[u32]> = vec![&[]; count as usize];
        for (key, trail) in &keys {
            key_of[*trail as usize] = key;
        }
        let set_of: FxHashMap<u32, Vec<u32>> = sets.into_iter().collect();
        loose.sort_unstable_by_key(|(trail, lead)| (*trail, Reverse(lead.own_max), lead.leaf));
        let mut open: Vec<&[(u32, Lead)]> = loose.chunk_by(|one, other| one.0 == other.0).collect();
        open.sort_unstable_by_key(|leads| (Reverse(leads[0].1.own_max), leads[0].1.leaf, leads[0].0));
        let mut under: Vec<Vec<u32>> = vec![Vec::new(); filed.len()];
        let mut always = Vec::new();
        let (mut trails, mut chains, mut leads) = (Vec::with_capacity(open.len()), Vec::new(), Vec::new());
        for (rank, open) in open.iter().enumerate() {
            let trail = open[0].0;
            match (key_of[trail as usize], set_of.get(&trail)) {
                (_, Some(set)) => set.iter().for_each(|&needle| under[needle as usize].push(rank as u32)),
                ([needle, ..], None) => under[*needle as usize].push(rank as u32),
                ([], None) => always.push(rank as u32),
            }
            let start = (chains.len() as u32, leads.len() as u32);
            chains.extend(key_of[trail as usize].iter().skip(1));
            leads.extend(open.iter().map(|(_, lead)| *lead));
            trails
                .push(Trail { chain: (start.0, chains.len() as u32), leads: (start.1, leads.len() as u32) });
        }
        let mut needles = Vec::with_capacity(filed.len());
        let mut postings = Vec::new();
        let mut shadowed = Vec::new();
        for (it, mut under) in filed.iter().zip(under) {
            let start = (postings.len() as u32, shadowed.len() as u32);
            postings.append(&mut under);
            shadowed.extend(it.suffices.iter().skip(1).chain(it.between.iter().skip(1)));
            needles.push(Needle {
                own: it.own,
                suffices: it.suffices.first().copied().unwrap_or(NONE),
                between: it.between.first().copied().unwrap_or(NONE),
                postings: (start.0, postings.len() as u32),
                shadowed: (start.1, shadowed.len() as u32),
            });
        }
        let machine = machine(ids.into_iter().collect());
        Starters {
            starters,
            leaves,
            trails,
            chains,
            leads,
            machine,
            needles,
            postings,
            shadowed,
            always,
            exact,
            regexes,
        }
    }
}

/// Where leaves are filed while the machine is being built.
#[derive(Default)]
struct Desk<'a> {
    ids: FxHashMap<&'a str, u32>,
    filed: Vec<Filed>,
    /// Trails by the needle they are filed under, followed by their chain; nothing at all for the one that is always
    /// followed.
    chains: FxHashMap<Box<[u32]>, u32>,
    /// Trails filed under several needles, of which one has to be found.
    sets: Vec<(u32, Vec<u32>)>,
    trails: u32,
    /// What the trails lead to, in no order.
    leads: Vec<(u32, Lead)>,
    /// Room for the key of a trail.
    key: Vec<u32>,
}

impl<'a> Desk<'a> {
    fn needle(&mut self, literal: &'a Literal) -> u32 {
        let next = self.filed.len() as u32;
        let id = *self.ids.entry(&literal.text).or_insert(next);
        if id == next {
            self.filed.push(Filed { own: literal.own, ..Filed::default() });
        }
        id
    }

    fn file_found(&mut self, leaf: u32, found: &[&'a Literal], ends: Ends) {
        for literal in found {
            let id = self.needle(literal);
            let filed = &mut self.filed[id as usize];
            let list = if ends == Ends::Words { &mut filed.between } else { &mut filed.suffices };
            if list.last() != Some(&leaf) {
                list.push(leaf);
            }
        }
    }

    fn file(&mut self, leaf: u32, pattern: &'a Pattern, cost: &impl Fn(&str) -> f64) {
        let Some(ways) = pattern.ways() else {
            let Some(literals) = pattern.needles(cost) else {
                return self.always(leaf, pattern.own_max());
            };
            let set = literals.into_iter().map(|literal| self.needle(literal)).collect();
            self.sets.push((self.trails, set));
            self.leads.push((self.trails, Lead { leaf, own_max: pattern.own_max() }));
            self.trails += 1;
            return;
        };
        // The same few letters return in every way: each is looked up once.
        let mut known: Vec<Known<'a>> = Vec::new();
        pattern.literals(&mut |literal| {
            let needle = if is_telling(&literal.text) { self.needle(literal) } else { NONE };
            known.push(Known { literal, cost: cost(&literal.text), needle });
        });
        let mut key = std::mem::take(&mut self.key);
        for way in ways {
            key.clear();
            key.push(NONE);
            let mut least = f64::INFINITY;
            for literal in way.literals {
                let Some(known) = known.iter_mut().find(|known| std::ptr::eq(known.literal, literal)) else {
                    continue;
                };
                if known.cost < least {
                    if known.needle == NONE {
                        known.needle = self.needle(literal);
                    }
                    least = known.cost;
                    key[0] = known.needle;
                }
                if known.needle != NONE {
                    key.push(known.needle);
                }
            }
            let key = if key[0] == NONE { &[] } else { &*key };
            self.lead(key, Lead { leaf, own_max: way.own });
        }
        self.key = key;
    }

    /// No letters are certain: it is tried on every message.
    fn always(&mut self, leaf: u32, own_max: u32) {
        self.lead(&[], Lead { leaf, own_max });
    }

    fn lead(&mut self, key: &[u32], lead: Lead) {
        let trail = match self.chains.get(key) {
            Some(&trail) => trail,
            None => {
                self.chains.insert(key.into(), self.trails);
                self.trails += 1;
                self.trails - 1
            }
        };
        self.leads.push((trail, lead));
    }
}

/// Letters of the pattern that is being filed.
struct Known<'a> {
    literal: &'a Literal,
    cost: f64,
    /// None until it is worth looking for.
    needle: u32,
}

/// True for letters worth looking for even when others decide: single ones are found in nearly every message.
fn is_telling(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
    if text.is_ascii() { letters > 1 } else { letters > 0 }
}

fn flatten(
    matcher: &Matcher,
    starter: u32,
    number: u32,
    lists: &mut Vec<Arc<Any>>,
    leaves: &mut Vec<Leaf>,
    exact: &mut FxHashMap<Box<str>, Vec<u32>>,
) {
    let what = match matcher {
        Matcher::Any(list) => {
            let guarded = !list.but_not.is_empty();
            if guarded {
                lists.push(list.clone());
            }
            for one in &list.any {
                flatten(one, starter, number, lists, leaves, exact);
            }
            if guarded {
                lists.pop();
            }
            return;
        }
        Matcher::Exact(pattern) => {
            let mut text = String::new();
            pattern.literals(&mut |literal| text.push_str(&literal.text));
            text.truncate(text.trim_end_matches(is_trailing).len());
            exact.entry(text.into()).or_default().push(leaves.len() as u32);
            What::Exact(pattern.clone())
        }
        Matcher::Pattern(pattern) => What::Pattern(pattern.clone(), Ends::Message),
        Matcher::Words(pattern) => What::Pattern(pattern.clone(), Ends::Words),
        Matcher::Regex(regex) => What::Regex(regex.clone()),
        Matcher::Anything => What::Anything,
    };
    let own_max = match &what {
        What::Exact(pattern) | What::Pattern(pattern, _) => pattern.own_max(),
        What::Regex(_) | What::Anything => 0,
    };
    leaves.push(Leaf { starter, matcher: number, own_max, lists: lists.as_slice().into(), what });
}

/// How dear it is to look for some letters: the more patterns ask for them and the shorter they are, the more messages
/// hold them.
fn costs(leaves: &[Leaf]) -> FxHashMap<Box<str>, f64> {
    let mut asked: FxHashMap<&str, f64> = FxHashMap::default();
    for leaf in leaves {
        if let What::Pattern(pattern, _) = &leaf.what {
            pattern.literals(&mut |literal| *asked.entry(&literal.text).or_default() += 1.0);
        }
    }
    let cost = |text: &str, asked: f64| {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count().min(12);
        asked * 0.4f64.powi(letters as i32)
    };
    asked.into_iter().map(|(text, asked)| (text.into(), cost(text, asked))).collect()
}

fn machine(needles: Vec<(&str, u32)>) -> Option<DoubleArrayAhoCorasick<u32>> {
    if needles.is_empty() { None } else { DoubleArrayAhoCorasick::with_values(needles).ok() }
}
