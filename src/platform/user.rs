//! Somebody who works here, person or bot: whether they are there, and which of their logins counts.

use serde::{Deserialize, Serialize};

use crate::conversation::{Availability, Moment, UserId};

use super::fact::Answer;
use super::ledger::{Change, Small, Stamp};
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
    /// Which change it is of.
    pub stamp: Stamp,
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
    const LIVE: bool = true;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
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
