//! A starter that another one always beats, so that its dialog never starts.

use super::parts;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::pattern::{Ends, Step};
use crate::program::starters::Starters;

/// How many ways to say a starter are looked at; with more of them nothing is said.
const WAYS_MAX: usize = 64;

/// Stands for whatever a visitor says where a `*` or a capture stands. No letter of a pattern can claim it, so that
/// only a `*` of another starter can take it, and that one takes anything else as well.
const FRESH: char = '\u{fdd0}';

/// A way to say a pattern, and how many of its letters are its own.
#[derive(Clone, Default)]
struct Way {
    text: String,
    own: u32,
}

/// The starters that beat this one whatever a visitor says; none if it may win some day.
pub fn never_wins(starters: &Starters, starter: usize, scratch: &mut Scratch) -> Option<Vec<usize>> {
    let mut by = Vec::new();
    for matcher in starters.starters().get(starter)?.any.iter().flat_map(parts) {
        let mut beaten = |text: &str, own: Option<u32>, words: bool| {
            let heard = Heard::already_normal(text);
            starters.beaten_by(starter, own, words, &heard, scratch)
        };
        let fresh = FRESH.to_string();
        match matcher {
            // Any message at all may be one that fits: only a starter that fits everything beats these.
            Matcher::Regex(_) => by.push(beaten(&fresh, None, false)?),
            Matcher::Anything => by.push(beaten(&fresh, Some(0), false)?),
            Matcher::Any(_) => return None,
            Matcher::Exact(_) | Matcher::Pattern(_) | Matcher::Words(_) => {
                let (pattern, ends) = matcher.as_pattern()?;
                // Only of a sample is it certain where its words end in every message it fits.
                let words = matches!(matcher, Matcher::Exact(_));
                for way in ways(pattern.steps(), vec![Way::default()])? {
                    if way.own == 0 && way.text.is_empty() {
                        return None;
                    }
                    let text =
                        if ends == Ends::Words { format!("{FRESH}{}{FRESH}", way.text) } else { way.text };
                    by.push(beaten(&text, Some(way.own), words)?);
                }
            }
        }
    }
    by.sort_unstable();
    by.dedup();
    (!by.is_empty()).then_some(by)
}

fn ways(steps: &[Step], mut so_far: Vec<Way>) -> Option<Vec<Way>> {
    for step in steps {
        match step {
            Step::Literal(literal) => so_far.iter_mut().for_each(|way| {
                way.text.push_str(&literal.text);
                way.own += literal.own;
            }),
            Step::Star | Step::Capture(_) => so_far.iter_mut().for_each(|way| way.text.push(FRESH)),
            Step::Group(alternates) => {
                let mut all = Vec::new();
                for alternate in alternates {
                    all.extend(ways(alternate, so_far.clone())?);
                    if all.len() > WAYS_MAX {
                        return None;
                    }
                }
                so_far = all;
            }
        }
    }
    Some(so_far)
}
