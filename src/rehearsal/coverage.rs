//! How much of a bot conversations have passed through: how often each part, which share of each kind, and what is left.

mod table;
mod lcov;
mod json;
mod html;

use std::sync::Arc;

use crate::engine::Trace;

use super::parts::{Kind, NoSuchPart, Part, PartId, Parts};

/// How often each part of a bot was passed through.
#[derive(Debug, Clone)]
pub struct Coverage {
    parts: Arc<Parts>,
    counts: Vec<u32>,
    unknown: u64,
}

/// How many of some parts are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// So many were passed through.
    pub covered: usize,
    /// Of so many that can be.
    pub all: usize,
}

impl Share {
    /// In percent, rounded down to a tenth, so that 100 says all. Of nothing, all is covered.
    pub fn percent(self) -> f64 {
        match self.all {
            0 => 100.0,
            all => (self.covered * 1000 / all) as f64 / 10.0,
        }
    }
}

/// A test, or anything else with a name, and the parts it passes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Its name.
    pub name: String,
    /// The parts, in their order.
    pub parts: Vec<PartId>,
}

impl Coverage {
    /// Nothing is covered yet.
    pub fn new(parts: Arc<Parts>) -> Coverage {
        Coverage { counts: vec![0; parts.len()], parts, unknown: 0 }
    }

    /// The parts it counts.
    pub fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Counts what a turn passed through.
    pub fn note(&mut self, trace: &[Trace]) {
        let Coverage { parts, counts, unknown } = self;
        for happened in trace {
            let touch = |part: PartId| {
                if let Some(count) = counts.get_mut(part.0 as usize) {
                    *count = count.saturating_add(1);
                }
            };
            *unknown += u64::from(parts.touched(happened, touch).is_err());
        }
    }

    /// Adds what another one counted; parts that only the other bot has are left out.
    pub fn merge(&mut self, other: &Coverage) {
        self.unknown += other.unknown;
        if Arc::ptr_eq(&self.parts, &other.parts) {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
            return;
        }
        let parts = other.parts.iter().map(|(id, part)| (part.address.as_str(), other.count(id)));
        self.unknown += self.add(parts);
    }

    /// Adds counts by address, and says how many parts this bot does not have.
    fn add<'a>(&mut self, counted: impl Iterator<Item = (&'a str, u32)>) -> u64 {
        let parts = self.parts.clone();
        let known: std::collections::HashMap<&str, PartId> =
            parts.iter().map(|(id, part)| (part.address.as_str(), id)).collect();
        let mut unknown = 0;
        for (address, times) in counted.filter(|(_, times)| *times > 0) {
            match known.get(address).and_then(|id| self.counts.get_mut(id.0 as usize)) {
                Some(count) => *count = count.saturating_add(times),
                None => unknown += 1,
            }
        }
        unknown
    }

    /// How often a part was passed through.
    pub fn count(&self, part: PartId) -> u32 {
        self.counts.get(part.0 as usize).copied().unwrap_or(0)
    }

    /// What happened that the bot has no part for: it happened in another version of it.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The part with an address.
    pub fn find(&self, address: &str) -> Result<PartId, NoSuchPart> {
        self.parts.find(address)
    }

    /// The parts that were passed through.
    pub fn covered(&self) -> impl Iterator<Item = PartId> {
        self.parts.iter().map(|(id, _)| id).filter(|id| self.count(*id) > 0)
    }

    /// The parts that were not, in the order of files and lines, without those that never can be.
    pub fn uncovered(&self) -> impl Iterator<Item = (PartId, &Part)> {
        self.parts.iter().filter(|(id, part)| part.never.is_none() && self.count(*id) == 0)
    }

    /// How many parts of a kind are covered.
    pub fn of_kind(&self, kind: Kind) -> Share {
        self.share(|part| part.kind == kind)
    }

    /// How many parts of any kind are covered.
    pub fn total(&self) -> Share {
        self.share(|_| true)
    }

    /// How many of some parts are covered.
    pub fn share(&self, wanted: impl Fn(&Part) -> bool) -> Share {
        let mut share = Share::default();
        for (id, _) in self.parts.iter().filter(|(_, part)| part.never.is_none() && wanted(part)) {
            share.all += 1;
            share.covered += usize::from(self.count(id) > 0);
        }
        share
    }
}
