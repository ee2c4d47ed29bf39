//! The newest of what happened in the whole house, in one line: for whoever watches it run.
//!
//! Only the tail is kept, and only in memory. Whoever is slower than that is told how much they have missed; each
//! conversation itself is kept whole.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::conversation::{ConnectorId, ConversationId, Moment};
use crate::platform::{Record, RunState};

/// Happenings that are kept.
pub const HAPPENINGS_MAX: usize = 1_000;
/// Numbers for each millisecond since 1970, so that those of a later run are greater than those of an earlier one.
const NUMBERS_PER_MS: u64 = 1_000;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its number: greater than those of all before it, also before the house was started again.
    pub number: u64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// A turn of a conversation.
    Turn(ConversationId, Arc<Record>),
    /// A connector is in another state.
    Connector(ConnectorId, RunState, Moment),
}

/// The tail.
pub(super) struct Happenings {
    first: u64,
    kept: Mutex<VecDeque<Happened>>,
    newest: watch::Sender<u64>,
}

impl Happenings {
    pub(super) fn new(now: Moment) -> Happenings {
        let first = u64::try_from(now.0).unwrap_or(0).saturating_mul(NUMBERS_PER_MS);
        Happenings { first, kept: Mutex::default(), newest: watch::Sender::new(first) }
    }

    pub(super) fn note(&self, what: What) {
        let number = *self.newest.borrow() + 1;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == HAPPENINGS_MAX {
            kept.pop_front();
        }
        kept.push_back(Happened { number, what });
        drop(kept);
        self.newest.send_replace(number);
    }

    /// What came after a number, and how much of that is not kept any more.
    pub(super) fn after(&self, number: u64) -> (Vec<Happened>, u64) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let later: Vec<Happened> = kept.iter().filter(|one| one.number > number).cloned().collect();
        let lost = later.first().map_or(0, |first| first.number - number.max(self.first) - 1);
        (later, lost)
    }

    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}
