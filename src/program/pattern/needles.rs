//! Which letters a message must hold for a pattern to fit: what spares trying it on every message.

use super::{Ends, Literal, Step};

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
