//! Which patterns meet: a message that two of them both fit, and starters that another one always beats.
//!
//! Both answers are sound rather than complete: what is said here is so, but not all that is so is said.

mod never_wins;
mod product;
mod samples;

use super::matcher::{Matcher, Scratch};
use super::normal::Heard;

pub use never_wins::never_wins;
pub use samples::{SAMPLES_MAX, samples};

/// A short message that fits both matchers; none if there is none, if it was not found within bounds, or if either is a
/// regex.
pub fn witness(one: &Matcher, other: &Matcher) -> Option<String> {
    let mut scratch = Scratch::new();
    for part in parts(one) {
        for other_part in parts(other) {
            // Asked once more in the real world: word boundaries and `but not` are only guessed at there.
            if let Some(message) = product::meet(part, other_part)
                && let Ok(heard) = Heard::new(&message)
                && one.fits(&heard, &mut scratch).is_some()
                && other.fits(&heard, &mut scratch).is_some()
            {
                return Some(message);
            }
        }
    }
    None
}

/// The matchers a list is made of.
pub(crate) fn parts(matcher: &Matcher) -> Vec<&Matcher> {
    match matcher {
        Matcher::Any(list) => list.any.iter().flat_map(parts).collect(),
        other => vec![other],
    }
}
