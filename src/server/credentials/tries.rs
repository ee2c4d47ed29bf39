//! How often one may be wrong about a password, by user and by where one comes from. Kept in memory only: it is forgotten soon.

use std::collections::{HashMap, VecDeque};

use crate::conversation::{Moment, Span, UserId};
use crate::platform::{Code, Refusal};

/// Wrong passwords for a user from one place within [`TRIES_WITHIN`].
pub const TRIES_MAX: u32 = 10;
/// Wrong passwords for a user from all places together where they were never let in, within [`TRIES_WITHIN`].
pub const TRIES_ELSEWHERE_MAX: u32 = 100;
/// The time within which tries are counted, from the first of them: a quarter of an hour.
pub const TRIES_WITHIN: Span = Span(15 * 60_000);
/// Counts that are kept. Where there are more, the oldest go: to push one out takes more work than it would have taken to wait.
const COUNTS_MAX: usize = 100_000;
/// Places that are remembered of a user who was let in.
const PLACES_MAX: usize = 8;
/// Bytes of a place that are looked at.
const PLACE_BYTES_MAX: usize = 64;

/// Whose tries: those for a user from a place, or from all places that are strange.
type Who = (UserId, Option<String>);

#[derive(Debug, Default)]
pub(super) struct Tries {
    counts: HashMap<Who, Count>,
    /// Where users were let in, in this run of the house: the last few places.
    places: HashMap<UserId, VecDeque<String>>,
}

#[derive(Debug)]
struct Count {
    tries: u32,
    since: Moment,
}

impl Count {
    fn is_over(&self, now: Moment) -> bool {
        now < self.since || now.since(self.since) >= TRIES_WITHIN // a clock that was set back locks nobody out
    }
}

impl Tries {
    /// Takes a try, or refuses it. It counts as wrong until it is known to be right, so that many at once are not more.
    pub(super) fn take(&mut self, user: &UserId, from: &str, now: Moment) -> Result<(), Refusal> {
        let whose = self.whose(user, from);
        for (who, most) in &whose {
            if let Some(count) = self.counts.get(who).filter(|count| !count.is_over(now))
                && count.tries >= *most
            {
                let left = TRIES_WITHIN.0 - now.since(count.since).0;
                let minutes = left.div_ceil(60_000);
                let sentence = format!(
                    "there were {most} wrong passwords within {} minutes; try again in {minutes}",
                    TRIES_WITHIN.0 / 60_000
                );
                return Err(Refusal::of(Code::TooMany, "", sentence));
            }
        }
        for (who, _) in whose {
            self.make_room(now);
            let count = self.counts.entry(who).or_insert(Count { tries: 0, since: now });
            if count.is_over(now) {
                *count = Count { tries: 0, since: now };
            }
            count.tries += 1;
        }
        Ok(())
    }

    /// The last try was right: it and those before it do not count any more.
    pub(super) fn right(&mut self, user: &UserId, from: &str) {
        for (who, _) in self.whose(user, from) {
            match &who.1 {
                Some(_) => drop(self.counts.remove(&who)),
                // Others may be guessing: only the own try is taken back.
                None => self
                    .counts
                    .get_mut(&who)
                    .into_iter()
                    .for_each(|count| count.tries = count.tries.saturating_sub(1)),
            }
        }
        let places = self.places.entry(user.clone()).or_default();
        places.retain(|place| *place != place_of(from));
        places.push_back(place_of(from));
        if places.len() > PLACES_MAX {
            places.pop_front();
        }
    }

    /// Which counts a try is part of, and how many each may have.
    fn whose(&self, user: &UserId, from: &str) -> Vec<(Who, u32)> {
        let user = if user.is_sound() { user.clone() } else { UserId::from("") };
        let place = place_of(from);
        let is_known = self.places.get(&user).is_some_and(|places| places.contains(&place));
        let elsewhere = (!is_known).then(|| ((user.clone(), None), TRIES_ELSEWHERE_MAX));
        [((user.clone(), Some(place)), TRIES_MAX)].into_iter().chain(elsewhere).collect()
    }

    fn make_room(&mut self, now: Moment) {
        if self.counts.len() < COUNTS_MAX {
            return;
        }
        self.counts.retain(|_, count| !count.is_over(now));
        if self.counts.len() >= COUNTS_MAX
            && let Some(oldest) =
                self.counts.iter().min_by_key(|(_, count)| count.since).map(|(who, _)| who.clone())
        {
            self.counts.remove(&oldest);
        }
    }
}

fn place_of(from: &str) -> String {
    let mut end = from.len().min(PLACE_BYTES_MAX);
    while !from.is_char_boundary(end) {
        end -= 1;
    }
    from[..end].to_string()
}
