//! How a connector is: what its operator wants, what its links say, and the state that follows from both.

use serde::{Deserialize, Serialize};

use crate::conversation::{ConnectorId, Moment, UserId};

use super::fact::Answer;
use super::ledger::{Change, Small, Stamp};
use super::refusal::Refusal;

/// What an operator wants of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// That it takes nothing.
    #[default]
    Stopped,
    /// That it serves.
    Started,
    /// That it finishes what it has and takes nothing new.
    Draining,
}

/// The record of a connector: what is wanted of it, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Switch {
    /// What is wanted.
    pub wanted: Wanted,
    /// Who wanted it.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
    /// Which change it is of.
    pub stamp: Stamp,
}

impl Small for Switch {
    type Id = ConnectorId;
    type Ask = (Option<UserId>, Wanted);
    const KIND: &'static str = "connector";
    const LIVE: bool = true;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn decide(&self, (by, wanted): &Self::Ask, now: Moment) -> Result<Change<Switch>, Refusal> {
        let entry = format!("{wanted:?}");
        let image = Switch { wanted: *wanted, by: by.clone(), at: now, ..self.clone() };
        Ok(Change { image, entry, answer: Answer::Done })
    }
}

/// What a connector does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It takes nothing.
    #[default]
    Offline,
    /// It serves.
    Online,
    /// What thinks for it does not answer: each new conversation is handed over at once.
    VendorInterruption,
    /// The contact center does not answer it: it takes nothing, and is restarted once a minute.
    ServiceInterruption,
}

/// The links of a connector, as it reports them. Not kept: they are seen anew after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// Whether its user is logged in and alive.
    pub there: bool,
    /// Whether the contact center answers it.
    pub service: bool,
    /// Whether what thinks for it answers.
    pub vendor: bool,
    /// When it is restarted or probed next.
    pub next: Option<Moment>,
}

impl Default for Links {
    fn default() -> Links {
        Links { there: false, service: true, vendor: true, next: None }
    }
}

impl RunState {
    /// The state that follows from what is wanted and how the links are.
    pub fn of(wanted: Wanted, links: Links) -> RunState {
        match (wanted, links) {
            (Wanted::Stopped, _) => RunState::Offline,
            (_, Links { service: false, .. }) => RunState::ServiceInterruption,
            (_, Links { there: false, .. }) => RunState::Offline,
            (_, Links { vendor: false, .. }) => RunState::VendorInterruption,
            _ => RunState::Online,
        }
    }

    /// Whether it takes new conversations: one with a vendor interruption does, to hand them over.
    pub fn takes_new(self, wanted: Wanted) -> bool {
        wanted == Wanted::Started && matches!(self, RunState::Online | RunState::VendorInterruption)
    }

    /// Whether it takes conversations that somebody else had.
    pub fn takes_transferred(self, wanted: Wanted) -> bool {
        wanted == Wanted::Started && self == RunState::Online
    }
}
