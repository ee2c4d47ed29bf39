//! Looks for conversations to what no test covers: from every state of a bot it tries what the bot itself gives ideas
//! for, nearest things first, and puts every conversation down that gets somewhere new.
//!
//! Deterministic: the same bot and the same limits give the same conversations. Time is counted in steps, never by a
//! clock.

mod alike;
mod missing;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::engine::Trace;

use super::coverage::Coverage;
use super::ideas::{Ideas, Nearness};
use super::parts::{Kind, PartId};
use super::play::{Audience, Stage};
use super::put_down::{Done, PutDown};
use super::visit::{Act, Visit};
use alike::Alike;

/// How many steps are tried, where nobody says.
pub const CRAWL_STEPS_MAX: usize = 100_000;
/// How many acts a conversation has at most, where nobody says.
pub const ACTS_MAX: usize = 16;
/// How many states are kept at once, each to be gone on from.
pub const STATES_MAX: usize = 50_000;
/// How many steps may find nothing new before a crawl gives up.
pub const STALE_MAX: usize = 10_000;
/// How often a part is tried to be put down that is not covered when its conversation is played.
const TRIES_MAX: u32 = 3;

/// How far a crawl goes.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// Steps that are tried.
    pub steps: usize,
    /// Acts of one conversation.
    pub acts: usize,
}

impl Default for Reach {
    fn default() -> Reach {
        Reach { steps: CRAWL_STEPS_MAX, acts: ACTS_MAX }
    }
}

/// What came of a crawl.
#[derive(Debug)]
pub struct Crawled {
    /// The conversations, as tests of a transcript.
    pub tests: Vec<String>,
    /// What is covered now, by what was covered before and by these tests.
    pub coverage: Coverage,
    /// The parts that are still not covered, and why, as far as that is known.
    pub missing: Vec<(PartId, String)>,
    /// How many steps were tried.
    pub steps: usize,
    /// The limit that ended the crawl before everything was tried.
    pub ended_by: Option<String>,
}

/// A conversation that was found.
struct Found {
    done: Vec<Done>,
    text: String,
}

/// A state one can go on from.
struct Place {
    visit: Option<Visit>,
    from: Option<usize>,
    done: Option<Done>,
    acts: usize,
}

/// Counts what a conversation that is put down goes through.
struct Counting<'c>(&'c mut Coverage);

impl Audience for Counting<'_> {
    fn see(&mut self, trace: &[Trace], _: Option<&str>) {
        self.0.note(trace);
    }
}

/// Crawls a bot. `coverage`: what is covered already.
pub fn crawl(stage: &Stage<'_>, coverage: Coverage, reach: Reach) -> Crawled {
    let mut crawler = Crawler {
        stage,
        reach,
        ideas: Ideas::of(stage.program, stage.clock),
        alike: Alike::of(stage.program),
        coverage,
        places: Vec::new(),
        open: BinaryHeap::new(),
        seen: HashSet::new(),
        tries: HashMap::new(),
        found: Vec::new(),
        steps: 0,
        last_new: 0,
        ended_by: None,
    };
    crawler.run();
    let Crawler { coverage, found, steps, ended_by, .. } = crawler;
    let missing = missing::missing(stage, &coverage, ended_by.as_deref());
    Crawled { tests: longest(found), coverage, missing, steps, ended_by }
}

struct Crawler<'c> {
    stage: &'c Stage<'c>,
    reach: Reach,
    ideas: Ideas,
    alike: Alike,
    coverage: Coverage,
    places: Vec<Place>,
    /// Places to go on from: the nearest first, of equals the one found first.
    open: BinaryHeap<Reverse<(u32, usize)>>,
    seen: HashSet<Vec<u8>>,
    tries: HashMap<PartId, u32>,
    found: Vec<Found>,
    steps: usize,
    /// The step that found something new last.
    last_new: usize,
    ended_by: Option<String>,
}

impl Crawler<'_> {
    fn run(&mut self) {
        let start = Visit::new(self.stage.program, self.stage.knowledge, self.stage.clock);
        self.places.push(Place { visit: Some(start), from: None, done: None, acts: 0 });
        self.open.push(Reverse((0, 0)));
        while let Some(Reverse((far, place))) = self.open.pop() {
            let Some(visit) = self.places[place].visit.take() else { continue };
            if self.places[place].acts >= self.reach.acts {
                self.ended_by =
                    Some(format!("the most acts of a conversation are {} (--depth)", self.reach.acts));
                continue;
            }
            for (act, nearness) in self.ideas.next(&visit) {
                if self.coverage.uncovered().next().is_none() {
                    self.ended_by = None;
                    return;
                }
                if self.steps >= self.reach.steps {
                    self.ended_by = Some(format!("the most steps are {} (--limit)", self.reach.steps));
                    return;
                }
                if self.steps - self.last_new >= STALE_MAX {
                    self.ended_by = Some(format!("{STALE_MAX} steps in a row without anything new"));
                    return;
                }
                self.try_act(&visit, place, act, far, nearness);
            }
        }
    }

    fn try_act(&mut self, visit: &Visit, from: usize, act: Act, far: u32, nearness: Nearness) {
        self.steps += 1;
        let mut next = visit.clone();
        let answers = matches!(act, Act::Answer(_)).then(|| visit.calls.clone()).flatten();
        let told = next.act(&act);
        let done = Done { act, answers };
        let new = self.new_parts(&told.trace);
        if let Some(part) = new.first() {
            // A call that waits still needs its answers before the conversation can be put down.
            match next.session.waits_for() {
                None => self.put_down(*part, from, &done),
                Some(_) => self.put_down_answered(*part, from, &done, next.clone()),
            }
        }
        if self.places.len() >= STATES_MAX {
            self.ended_by = Some(format!("the most states are {STATES_MAX}"));
            return;
        }
        if self.seen.insert(self.alike.key(&next)) || !new.is_empty() {
            let acts = self.places[from].acts + 1;
            // Where something new was found, there may be more.
            let far = if new.is_empty() { far + nearness as u32 } else { far };
            self.open.push(Reverse((far, self.places.len())));
            self.places.push(Place { visit: Some(next), from: Some(from), done: Some(done), acts });
        }
    }

    /// The parts that a turn passes through and nothing has before, the most telling one first.
    fn new_parts(&self, trace: &[Trace]) -> Vec<PartId> {
        let parts = self.coverage.parts();
        let mut new: Vec<PartId> = Vec::new();
        for happened in trace {
            // What only another version of the bot has cannot happen here.
            let _ = parts.touched(happened, |part| {
                let known = self.coverage.count(part) > 0 || new.contains(&part);
                let given_up = self.tries.get(&part).is_some_and(|tries| *tries >= TRIES_MAX);
                if !known && !given_up {
                    new.push(part);
                }
            });
        }
        let telling = |part: &PartId| match parts.get(*part).map(|part| part.kind) {
            Some(Kind::Rule) => 0,
            Some(Kind::Alternative) => 1,
            Some(Kind::Starter) => 2,
            Some(Kind::Outcome) => 3,
            Some(Kind::Edge) => 4,
            _ => 5,
        };
        new.sort_by_key(|part| (telling(part), *part));
        new
    }

    /// Answers the calls of a conversation as well as can be, and puts it down.
    fn put_down_answered(&mut self, part: PartId, from: usize, done: &Done, mut visit: Visit) {
        let mut all = vec![done.clone()];
        for _ in 0..self.reach.acts {
            if visit.session.waits_for().is_none() {
                break;
            }
            let answers = visit.calls.clone();
            let Some((act, _)) = self.ideas.next(&visit).into_iter().next() else { break };
            visit.act(&act);
            all.push(Done { act, answers });
        }
        self.put_down_all(part, from, &all);
    }

    fn put_down(&mut self, part: PartId, from: usize, done: &Done) {
        self.put_down_all(part, from, std::slice::from_ref(done));
    }

    fn put_down_all(&mut self, part: PartId, from: usize, last: &[Done]) {
        let mut done: Vec<Done> = Vec::new();
        let mut at = Some(from);
        while let Some(place) = at {
            done.extend(self.places[place].done.clone());
            at = self.places[place].from;
        }
        done.reverse();
        done.extend_from_slice(last);
        let Some(named) = self.coverage.parts().get(part) else { return };
        let (name, by_starter) = (&named.address, matches!(named.kind, Kind::Starter | Kind::Alternative));
        let put_down = PutDown::of(&format!("crawl: {name}"), &done);
        let mut coverage = Coverage::new(self.coverage.parts().clone());
        let played = put_down.play(self.stage, &mut Counting(&mut coverage));
        let can_be_played = played.beats.iter().all(|beat| beat.stopped.is_none());
        if !can_be_played || coverage.count(part) == 0 {
            *self.tries.entry(part).or_default() += 1;
            return;
        }
        self.last_new = self.steps;
        self.coverage.merge(&coverage);
        self.found.push(Found { text: put_down.text(&played, by_starter), done });
    }
}

/// The tests without those that another one goes through on its way.
fn longest(found: Vec<Found>) -> Vec<String> {
    let begins =
        |one: &Found, other: &Found| other.done.len() > one.done.len() && other.done.starts_with(&one.done);
    let needed = |one: &&Found| !found.iter().any(|other| begins(one, other));
    found.iter().filter(needed).map(|one| one.text.clone()).collect()
}
