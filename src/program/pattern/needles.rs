//! Which letters a message must hold for a pattern to fit: what spares trying it on every message.
//!
//! A pattern of few ways is filed way by way: each knows all its letters and so the most it can claim, exactly. One of
//! many ways is filed as a whole, under a set of letters of which every fitting message holds one.

use super::{Ends, Literal, Step};

/// How many ways a pattern may have to be filed way by way.
const WAYS_MAX: usize = 24;

/// One way through a pattern: all the letters it asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way<'a> {
    pub(crate) literals: Vec<&'a Literal>,
    pub(crate) own: u32,
}

/// Every way through a pattern; none if there are too many.
pub(super) fn ways(steps: &[Step]) -> Option<Vec<Way<'_>>> {
    go(steps, vec![Way::default()])
}

fn go<'a>(steps: &'a [Step], mut so_far: Vec<Way<'a>>) -> Option<Vec<Way<'a>>> {
    for step in steps {
        match step {
            Step::Literal(literal) => so_far.iter_mut().for_each(|way| {
                way.literals.push(literal);
                way.own += literal.own;
            }),
            Step::Star | Step::Capture(_) => {}
            Step::Group(alternates) => {
                if so_far.len() * alternates.len() > WAYS_MAX {
                    return None;
                }
                let mut all = Vec::with_capacity(so_far.len() * alternates.len());
                for alternate in alternates {
                    all.extend(go(alternate, so_far.clone())?);
                }
                if all.len() > WAYS_MAX {
                    return None;
                }
                so_far = all;
            }
        }
    }
    Some(so_far)
}

/// The set with the least cost of which every fitting message holds one member.
pub(super) fn best<'a>(steps: &'a [Step], cost: &impl Fn(&str) -> f64) -> Option<Vec<&'a Literal>> {
    choose(steps, cost).map(|(_, set)| set)
}

fn choose<'a>(steps: &'a [Step], cost: &impl Fn(&str) -> f64) -> Option<(f64, Vec<&'a Literal>)> {
    let of = |step: &'a Step| match step {
        Step::Literal(literal) => Some((cost(&literal.text), vec![literal])),
        Step::Star | Step::Capture(_) => None,
        Step::Group(ways) => {
            let mut sum = 0.0;
            let mut all = Vec::new();
            for way in ways {
                let (cost, set) = choose(way, cost)?;
                sum += cost;
                all.extend(set);
            }
            Some((sum, all))
        }
    };
    steps.iter().filter_map(of).min_by(|one, other| one.0.total_cmp(&other.0))
}

/// The alternates of `*(a|b|(c|d))*`; with word ends also of `(a|b)`. Finding one is fitting.
pub(super) fn suffice(steps: &[Step], ends: Ends) -> Option<Vec<&Literal>> {
    let core = match (ends, steps) {
        (Ends::Message, [Step::Star, core, Step::Star]) | (Ends::Words, [core]) => core,
        _ => return None,
    };
    let mut out = Vec::new();
    alternates(core, &mut out).then_some(out)
}

fn alternates<'a>(step: &'a Step, out: &mut Vec<&'a Literal>) -> bool {
    match step {
        Step::Literal(literal) => {
            out.push(literal);
            true
        }
        Step::Group(ways) => ways.iter().all(|way| matches!(&**way, [only] if alternates(only, out))),
        Step::Star | Step::Capture(_) => false,
    }
}
