//! What is left of a seed when everything is taken out that its failure does not need.

use std::collections::BTreeSet;

use crate::house::{House, Outcomes};
use crate::scenario::{Do, Scenario};

/// How many scenarios are tried at most.
const TRIES_MAX: u32 = 3_000;

/// Takes steps out as long as the same promise is broken. The scenario that is left.
pub fn shrink(scenario: &Scenario, promise: &str, run: fn(&Scenario, bool) -> Outcomes) -> Scenario {
    let all = (0..scenario.steps.len()).filter(|step| scenario.keeps(*step));
    let mut kept: BTreeSet<usize> = all.collect();
    let mut tries = 0;
    let mut fails = |keep: &BTreeSet<usize>| {
        tries += 1;
        let cut = Scenario { keep: Some(keep.clone()), ..scenario.clone() };
        tries <= TRIES_MAX && run(&cut, false).broken.is_some_and(|broken| broken.promise == promise)
    };
    // Whole visits first, and everything else that belongs together.
    let groups: BTreeSet<_> = kept.iter().map(|step| group(&scenario.steps[*step].what)).collect();
    let mut groups: Vec<_> = groups.into_iter().collect();
    let mut size = groups.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < groups.len() {
            let out: BTreeSet<_> = groups[at..(at + size).min(groups.len())].iter().copied().collect();
            let rest: BTreeSet<usize> = kept
                .iter()
                .copied()
                .filter(|step| !out.contains(&group(&scenario.steps[*step].what)))
                .collect();
            if rest.len() < kept.len() && fails(&rest) {
                kept = rest;
                groups.retain(|group| !out.contains(group));
            } else {
                at += size;
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    // Then single steps, until none can go.
    let mut size = kept.len().div_ceil(2).max(1);
    loop {
        let before = kept.len();
        let steps: Vec<usize> = kept.iter().copied().collect();
        for some in steps.chunks(size) {
            let rest: BTreeSet<usize> = kept.iter().copied().filter(|step| !some.contains(step)).collect();
            if fails(&rest) {
                kept = rest;
            }
        }
        if size == 1 && kept.len() == before {
            return Scenario { keep: Some(kept), ..scenario.clone() };
        }
        size = size.div_ceil(2);
    }
}

/// What a step belongs to.
fn group(what: &Do) -> (u8, usize) {
    match what {
        Do::Visitor(number, _) => (0, *number),
        Do::Agent(number, _) => (1, *number),
        Do::Connector(number, _) => (2, *number),
        Do::Operator(_) => (3, 0),
        Do::Crash { .. } => (4, 0),
        Do::Disk(_) => (5, 0),
    }
}

/// Lets a scenario happen; a panic is a broken promise as well.
pub fn run(scenario: &Scenario, with_trace: bool) -> Outcomes {
    let caught = std::panic::catch_unwind(|| House::run(scenario, with_trace));
    caught.unwrap_or_else(|panic| {
        let how = panic.downcast_ref::<String>().cloned();
        let how = how.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
        let broken = crate::witness::Broken { promise: "nothing panics", how: how.unwrap_or_default() };
        Outcomes { broken: Some(broken), deeds: Default::default(), trace: String::new() }
    })
}
