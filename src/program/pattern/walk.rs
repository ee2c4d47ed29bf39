//! Trying one pattern on one message: does it fit, and how many letters of the message can it claim as its own?
//!
//! The pattern is walked once from left to right with every place of the message it can have reached, each with the
//! most own letters so far. So the work is at most pattern times message, whatever either of them is.

use memchr::memmem;

use super::{Ends, Heard, Literal, Step, may_end};

/// A place in the message, and the most own letters with which it can be reached.
type Place = (u32, u32);

/// All the places that may have been reached.
#[derive(Debug, Default, Clone)]
struct Front {
    /// Exactly here. Ascending, each place once.
    at: Vec<Place>,
    /// Here and anywhere after: a star has passed. Ascending, and so are the letters: else the later place says nothing.
    from: Vec<Place>,
    /// At every word boundary with no letters: the beginning of `words`, spelled out only where it must be.
    bounds: bool,
}

impl Front {
    fn clear(&mut self) {
        self.at.clear();
        self.from.clear();
        self.bounds = false;
    }

    fn is_empty(&self) -> bool {
        self.at.is_empty() && self.from.is_empty() && !self.bounds
    }

    fn copy(&mut self, other: &Front) {
        self.at.clone_from(&other.at);
        self.from.clone_from(&other.from);
        self.bounds = other.bounds;
    }

    fn add(&mut self, other: &Front) {
        self.at.extend_from_slice(&other.at);
        self.from.extend_from_slice(&other.from);
        self.bounds |= other.bounds;
    }

    /// Restores the order after places were added, and drops those that say nothing.
    fn tidy(&mut self) {
        if self.from.len() > 1 {
            self.from.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
            let mut most = None;
            self.from.retain(|&(_, own)| {
                let says_more = most.is_none_or(|most| own > most);
                most = most.max(Some(own));
                says_more
            });
        }
        if self.at.len() > 1 {
            self.at.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
            self.at.dedup_by_key(|place| place.0);
        }
    }
}

/// Room to walk in, used again for the next pattern.
#[derive(Debug, Default)]
pub struct Walk {
    spare: Vec<Front>,
    work: u64,
}

impl Walk {
    /// How many places were looked at so far, over all patterns.
    pub fn work(&self) -> u64 {
        self.work
    }

    pub(super) fn own(&mut self, steps: &[Step], heard: &Heard, ends: Ends) -> Option<u32> {
        let mut front = self.spare.pop().unwrap_or_default();
        front.clear();
        match ends {
            Ends::Message => front.at.push((0, 0)),
            Ends::Words => front.bounds = true,
        }
        self.steps(steps, heard, &mut front, false);
        let open = front.from.last().map(|place| place.1);
        let here =
            front.at.iter().filter(|place| may_end(heard, ends, place.0 as usize)).map(|place| place.1).max();
        let own = open.max(here).max(front.bounds.then_some(0));
        self.spare.push(front);
        own
    }

    /// `star_after`: a star comes next, so that of several places with the same letters the first one says it all.
    fn steps(&mut self, steps: &[Step], heard: &Heard, front: &mut Front, star_after: bool) {
        for (n, step) in steps.iter().enumerate() {
            if front.is_empty() {
                return;
            }
            let star_after = steps.get(n + 1).map_or(star_after, |next| matches!(next, Step::Star));
            match step {
                Step::Literal(literal) => self.literal(literal, heard, front, star_after),
                Step::Star => self.star(front),
                Step::Capture(_) => self.capture(heard, front),
                Step::Group(ways) => self.group(ways, heard, front, star_after),
            }
            self.work += 1 + front.at.len() as u64 + front.from.len() as u64;
        }
    }

    fn literal(&mut self, literal: &Literal, heard: &Heard, front: &mut Front, star_after: bool) {
        let text = heard.normal().as_bytes();
        let needle = literal.text.as_bytes();
        let length = needle.len() as u32;
        front.at.retain_mut(|place| {
            let fits = text[place.0 as usize..].starts_with(needle);
            *place = (place.0 + length, place.1 + literal.own);
            fits
        });
        if front.bounds {
            let mut next = 0;
            while let Some(found) = find(text, needle, next) {
                self.work += 1;
                if heard.is_word_bound(found) {
                    front.at.push((found as u32 + length, literal.own));
                    if star_after {
                        break;
                    }
                }
                next = found + 1;
            }
            front.bounds = false;
        }
        let mut next = 0;
        let mut level = 0;
        while level < front.from.len() {
            next = next.max(front.from[level].0 as usize);
            let Some(found) = find(text, needle, next) else { break };
            self.work += 1;
            while front.from.get(level + 1).is_some_and(|later| later.0 as usize <= found) {
                level += 1;
            }
            front.at.push((found as u32 + length, front.from[level].1 + literal.own));
            next = found + 1;
            level += usize::from(star_after);
        }
        front.from.clear();
        if front.at.len() > 1 {
            front.tidy();
        }
    }

    fn star(&mut self, front: &mut Front) {
        if front.bounds {
            front.from.push((0, 0));
            front.bounds = false;
        }
        front.from.append(&mut front.at);
        front.tidy();
    }

    fn capture(&mut self, heard: &Heard, front: &mut Front) {
        self.star(front);
        let text = heard.normal();
        front.from.retain_mut(|place| match text[place.0 as usize..].chars().next() {
            Some(letter) => {
                place.0 += letter.len_utf8() as u32;
                true
            }
            None => false,
        });
    }

    fn group(&mut self, ways: &[Box<[Step]>], heard: &Heard, front: &mut Front, star_after: bool) {
        let mut reached = self.spare.pop().unwrap_or_default();
        let mut branch = self.spare.pop().unwrap_or_default();
        reached.clear();
        for way in ways {
            branch.copy(front);
            self.work += 1 + branch.at.len() as u64;
            self.steps(way, heard, &mut branch, star_after);
            reached.add(&branch);
        }
        reached.tidy();
        std::mem::swap(front, &mut reached);
        self.spare.push(reached);
        self.spare.push(branch);
    }
}

fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let found = match needle {
        [byte] => memchr::memchr(*byte, rest),
        _ => memmem::find(rest, needle),
    };
    found.map(|found| found + from)
}
