//! Who did what: one line for everything an operator did, kept for good.

use serde::{Deserialize, Serialize};

use crate::conversation::{Moment, UserId};

use super::fact::Answer;
use super::ledger::{Change, Small, Stamp};
use super::refusal::Refusal;

/// The record of the audit log: how long it is. Its lines are its entries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audit {
    /// Which change it is of.
    pub stamp: Stamp,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: UserId,
    /// What they did.
    pub did: String,
}

impl Small for Audit {
    type Id = ();
    type Ask = (UserId, String);
    const KIND: &'static str = "audit";
    const LIVE: bool = false;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn decide(&self, (by, did): &Self::Ask, now: Moment) -> Result<Change<Audit>, Refusal> {
        let line = Line { at: now, by: by.clone(), did: did.clone() };
        let entry = serde_json::to_string(&line).unwrap_or_default();
        Ok(Change { image: self.clone(), entry, answer: Answer::Done })
    }
}
