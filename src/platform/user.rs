//! Somebody who works here, person or bot: whether they are there, and which of their logins counts.

use serde::{Deserialize, Serialize};

use crate::conversation::{Availability, Moment, UserId};

use super::fact::Answer;
use super::ledger::{Change, Small};
use super::refusal::{Code, Refusal};

/// The record of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Presence {
    /// The newest login; 0: none yet.
    pub epoch: u64,
    /// Whether they take conversations.
    pub availability: Availability,
    /// When that changed.
    pub at: Moment,
    /// Changes so far.
    pub turn: u64,
    /// Which run of the house wrote it.
    pub writer: u64,
}

/// Something that happens to a user.
#[derive(Debug, Clone, PartialEq)]
pub enum Comes {
    /// They come. `ready`: they take conversations at once, as bots do.
    In {
        /// Whether they take conversations at once.
        ready: bool,
    },
    /// They go, in this login.
    Out {
        /// The login.
        epoch: u64,
    },
    /// They take conversations, or none.
    Is {
        /// The login.
        epoch: u64,
        /// What they say.
        availability: Availability,
    },
    /// Nothing was heard of this login for too long: it has ended.
    Silent {
        /// The login.
        epoch: u64,
    },
    /// They let a chat ring until it stopped.
    LetRing,
}

impl Small for Presence {
    type Id = UserId;
    type Ask = Comes;
    const KIND: &'static str = "user";

    fn live(&self) -> bool {
        true
    }

    fn stamp(&mut self, turn: u64, writer: u64) {
        (self.turn, self.writer) = (turn, writer);
    }

    fn stamped(&self) -> (u64, u64) {
        (self.turn, self.writer)
    }

    fn decide(&self, comes: &Comes, now: Moment) -> Result<Change<Presence>, Refusal> {
        let current = |epoch: u64| match epoch == self.epoch {
            true => Ok(()),
            false => Err(Refusal::of(Code::StaleLogin, "login", format!("login {epoch} has ended"))),
        };
        let mut next = Presence { at: now, ..self.clone() };
        let mut answer = Answer::Done;
        match comes {
            Comes::In { ready } => {
                next.epoch += 1;
                let ready = if *ready { Availability::Online } else { self.availability };
                next.availability = ready;
                answer = Answer::LoggedIn(next.epoch);
            }
            Comes::Out { epoch } => {
                current(*epoch)?;
                next.availability = Availability::Offline;
                next.epoch += 1; // what is still on its way comes too late
            }
            Comes::Silent { epoch } => {
                current(*epoch)?;
                next.availability = Availability::Offline;
                next.epoch += 1;
            }
            Comes::Is { epoch, availability } => {
                current(*epoch)?;
                next.availability = *availability;
            }
            Comes::LetRing if self.availability == Availability::Online => {
                next.availability = Availability::Away;
            }
            Comes::LetRing => {}
        }
        Ok(Change { image: next, entry: format!("{comes:?}"), answer })
    }
}
