//! A store that takes its time and has its bad days: answers get lost, appends arrive late, and a crash takes what was
//! on its way. What it holds is durable; the platform learns of it only as the simulation lets it.

use std::collections::{BTreeMap, VecDeque};

use parlor::conversation::{Moment, Span};
use parlor::platform::Ticket;
use parlor::store::{Append, Memory, Outcome, Store};

use crate::dice::Dice;

/// What goes wrong with an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is done and answered so much later.
    Slow(Span),
    /// It is done at once and answered so much later: answers of other keys overtake it.
    SlowAnswer(Span),
    /// The answer is lost: nobody knows whether it was done.
    Unknown {
        /// Whether it was.
        done: bool,
    },
    /// The answer is lost, and the append arrives so much later.
    Late(Span),
    /// The store breaks.
    Breaks {
        /// Whether the append was done before.
        done: bool,
    },
}

/// An append that has not arrived.
#[derive(Debug, Clone)]
pub struct Flight {
    /// Who asked, to be answered; nobody, if they were told already that the outcome is unknown.
    pub ticket: Option<Ticket>,
    /// What.
    pub append: Append,
    /// When its outcome is told.
    pub answered: Moment,
}

/// What becomes of an append.
pub enum Fate {
    /// It arrives then; the flight says what follows.
    Arrives(Moment, u64),
    /// Its outcome is never known; if it arrives at all, then.
    Unknown { told: Moment, arrives: Option<(Moment, u64)> },
    /// The store breaks, after the append was done, if it says when it arrives.
    Breaks { told: Moment, arrives: Option<(Moment, u64)> },
}

/// The store of a simulation.
#[derive(Debug, Default)]
pub struct Disk {
    /// What is durable.
    pub memory: Memory,
    flights: BTreeMap<u64, Flight>,
    last: u64,
    planned: VecDeque<Trouble>,
    /// Troubles that have happened.
    pub troubles: u64,
}

impl Disk {
    /// Something will go wrong with one of the next appends.
    pub fn plan(&mut self, trouble: Trouble) {
        self.planned.push_back(trouble);
    }

    /// Nothing goes wrong from now on.
    pub fn heal(&mut self) {
        self.planned.clear();
    }

    /// An append is on its way.
    pub fn take(&mut self, ticket: Ticket, append: Append, now: Moment, dice: &mut Dice) -> Fate {
        let slow = dice.chance(4);
        let arrives = if slow { dice.later(now, 5, 400) } else { dice.later(now, 0, 3) };
        let answered = dice.later(arrives, 0, 3);
        let trouble = self.planned.pop_front();
        self.troubles += u64::from(trouble.is_some());
        let mut fly = |ticket, answered| {
            self.last += 1;
            self.flights.insert(self.last, Flight { ticket, append: append.clone(), answered });
            self.last
        };
        match trouble {
            None => Fate::Arrives(arrives, fly(Some(ticket), answered)),
            Some(Trouble::Slow(span)) => {
                Fate::Arrives(arrives.after(span), fly(Some(ticket), answered.after(span)))
            }
            Some(Trouble::SlowAnswer(span)) => {
                Fate::Arrives(arrives, fly(Some(ticket), answered.after(span)))
            }
            Some(Trouble::Unknown { done }) => {
                let arrives = done.then(|| (arrives, fly(None, answered)));
                Fate::Unknown { told: answered, arrives }
            }
            Some(Trouble::Late(span)) => {
                Fate::Unknown { told: answered, arrives: Some((answered.after(span), fly(None, answered))) }
            }
            Some(Trouble::Breaks { done }) => {
                let arrives = done.then(|| (arrives, fly(None, answered)));
                Fate::Breaks { told: answered, arrives }
            }
        }
    }

    /// An append arrives: it is done, if its key is at the expected version.
    pub fn arrive(&mut self, flight: u64) -> Option<(Flight, Outcome)> {
        let flight = self.flights.remove(&flight)?;
        let outcomes = self.memory.append(std::slice::from_ref(&flight.append));
        let outcome = outcomes.expect("a store in memory takes what fits")[0];
        Some((flight, outcome))
    }

    /// Flights that a crash finds, in order: each is lost or arrives before anybody reads again.
    pub fn flying(&self) -> Vec<u64> {
        self.flights.keys().copied().collect()
    }

    /// A flight will never arrive.
    pub fn lose(&mut self, flight: u64) {
        self.flights.remove(&flight);
    }

    /// Whether nothing is on its way.
    pub fn is_quiet(&self) -> bool {
        self.flights.is_empty()
    }
}
