//! Building the machine: every matcher is filed under letters that a message must hold for it to fit.

use std::cmp::Reverse;
use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;
use rustc_hash::FxHashMap;

use super::{Any, Ends, Leaf, Matcher, NONE, Needle, Regexes, Starter, Starters, What};
use crate::program::normal::is_trailing;

/// What is filed under a needle while the machine is being built.
#[derive(Default)]
struct Filed {
    own: u32,
    suffices: Vec<u32>,
    between: Vec<u32>,
    needed: Vec<u32>,
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

        let mut ranked: Vec<u32> = (0..leaves.len() as u32).collect();
        ranked.sort_unstable_by_key(|&leaf| (Reverse(leaves[leaf as usize].own_max), leaf));
        let mut rank_of = vec![0u32; leaves.len()];
        for (rank, &leaf) in ranked.iter().enumerate() {
            rank_of[leaf as usize] = rank as u32;
        }

        let cost = costs(&leaves);
        let mut filed: FxHashMap<&str, Filed> = FxHashMap::default();
        let mut always = Vec::new();
        let mut regexes = Regexes::default();
        let mut regex_needles: FxHashMap<&str, u32> = FxHashMap::default();
        let filed_elsewhere: std::collections::HashSet<u32, rustc_hash::FxBuildHasher> =
            exact.values().flatten().copied().collect();
        for (n, leaf) in leaves.iter().enumerate() {
            let n = n as u32;
            // Where only this matcher is asked, finding its letters may settle it.
            let alone = leaf.lists.is_empty() && starters[leaf.starter as usize].but_not.is_empty();
            match &leaf.what {
                _ if filed_elsewhere.contains(&n) => {}
                What::Pattern(pattern, ends) => {
                    if let Some(found) = pattern.found_suffices(*ends).filter(|_| alone) {
                        for literal in found {
                            let filed = filed.entry(&literal.text).or_default();
                            filed.own = literal.own;
                            let list =
                                if *ends == Ends::Words { &mut filed.between } else { &mut filed.suffices };
                            if list.last() != Some(&n) {
                                list.push(n);
                            }
                        }
                    } else if let Some(needed) = pattern.needles(&cost) {
                        for literal in needed {
                            let filed = filed.entry(&literal.text).or_default();
                            filed.own = literal.own;
                            filed.needed.push(n);
                        }
                    } else {
                        always.push(rank_of[n as usize]);
                    }
                }
                What::Anything => always.push(rank_of[n as usize]),
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
        always.sort_unstable();
        regexes.machine = machine(regex_needles.into_iter().collect());

        let mut filed: Vec<(&str, Filed)> = filed.into_iter().collect();
        // In order, so that the same bot always becomes the same machine.
        filed.sort_unstable_by_key(|(text, _)| *text);
        let mut needles = Vec::with_capacity(filed.len());
        let mut postings = Vec::new();
        let mut shadowed = Vec::new();
        for (_, it) in &filed {
            let start = (postings.len() as u32, shadowed.len() as u32);
            postings.extend(it.needed.iter().map(|&leaf| rank_of[leaf as usize]));
            postings[start.0 as usize..].sort_unstable();
            shadowed.extend(it.suffices.iter().skip(1).chain(it.between.iter().skip(1)));
            needles.push(Needle {
                own: it.own,
                suffices: it.suffices.first().copied().unwrap_or(NONE),
                between: it.between.first().copied().unwrap_or(NONE),
                postings: (start.0, postings.len() as u32),
                shadowed: (start.1, shadowed.len() as u32),
            });
        }
        let machine = machine(filed.iter().enumerate().map(|(n, (text, _))| (*text, n as u32)).collect());
        Starters { starters, leaves, ranked, machine, needles, postings, shadowed, always, exact, regexes }
    }
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
            What::Pattern(pattern.clone(), Ends::Message)
        }
        Matcher::Pattern(pattern) => What::Pattern(pattern.clone(), Ends::Message),
        Matcher::Words(pattern) => What::Pattern(pattern.clone(), Ends::Words),
        Matcher::Regex(regex) => What::Regex(regex.clone()),
        Matcher::Anything => What::Anything,
    };
    let own_max = match &what {
        What::Pattern(pattern, _) => pattern.own_max(),
        What::Regex(_) | What::Anything => 0,
    };
    leaves.push(Leaf { starter, matcher: number, own_max, lists: lists.as_slice().into(), what });
}

/// How dear it is to look for some letters: the more patterns ask for them and the shorter they are, the more messages
/// hold them.
fn costs(leaves: &[Leaf]) -> impl Fn(&str) -> f64 + use<> {
    let mut asked: FxHashMap<&str, u32> = FxHashMap::default();
    for leaf in leaves {
        if let What::Pattern(pattern, _) = &leaf.what {
            pattern.literals(&mut |literal| *asked.entry(&literal.text).or_default() += 1);
        }
    }
    let asked: FxHashMap<Box<str>, u32> = asked.into_iter().map(|(text, n)| (text.into(), n)).collect();
    move |text: &str| {
        let asked = f64::from(asked.get(text).copied().unwrap_or(1));
        asked * 0.4f64.powi(text.chars().filter(|letter| letter.is_alphanumeric()).count().min(12) as i32)
    }
}

fn machine(needles: Vec<(&str, u32)>) -> Option<DoubleArrayAhoCorasick<u32>> {
    if needles.is_empty() { None } else { DoubleArrayAhoCorasick::with_values(needles).ok() }
}
