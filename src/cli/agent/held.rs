//! The conversations of this terminal: each has a number by which it is called for as long as the terminal is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::cli::live::Teller;

/// How long before a ring is over it is said again that it rings.
const REMINDERS: &[Duration] = &[Duration::from_secs(30), Duration::from_secs(10), Duration::from_secs(5)];

/// A conversation.
pub(super) struct Conversation {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) skill: String,
    pub(super) channel: String,
    pub(super) teller: Teller,
    /// The last turn that was shown.
    pub(super) turn: u64,
    /// Whether whoever works here takes part, since which turn, or since which one not any more.
    pub(super) mine: bool,
    pub(super) since: u64,
    pub(super) ring: Option<Ring>,
    /// What was asked for that ends it here: it is told so if the server has nothing more to say to whoever gave it away.
    pub(super) ends: &'static str,
    pub(super) enough: Arc<AtomicBool>,
}

/// That it rings here.
pub(super) struct Ring {
    pub(super) number: u64,
    until: Instant,
    /// How many reminders are left.
    reminders: usize,
}

impl Ring {
    pub(super) fn new(number: u64, left: Duration) -> Ring {
        let reminders = REMINDERS.iter().filter(|before| **before < left).count();
        Ring { number, until: Instant::now() + left, reminders }
    }

    fn next(&self) -> Option<Instant> {
        let before = REMINDERS.get(REMINDERS.len().checked_sub(self.reminders)?)?;
        self.until.checked_sub(*before)
    }
}

/// All of them, in the order of their numbers.
pub(super) struct Held {
    user: String,
    pub(super) all: Vec<Conversation>,
    /// The number of the one that is typed to.
    pub(super) front: Option<usize>,
}

impl Held {
    pub(super) fn new(user: &str) -> Held {
        Held { user: user.to_string(), all: Vec::new(), front: None }
    }

    /// The one of a summary; it gets a number when it is seen first.
    pub(super) fn known(&mut self, summary: &Json) -> Option<&mut Conversation> {
        let text = |name: &str| summary[name].as_str().unwrap_or_default().to_string();
        let id = summary["conversation"].as_str()?;
        let at = match self.all.iter().position(|known| known.id == id) {
            Some(at) => at,
            None => {
                self.all.push(Conversation {
                    number: self.all.len() + 1,
                    id: id.to_string(),
                    skill: String::new(),
                    channel: text("channel"),
                    teller: Teller::for_user(&self.user),
                    turn: 0,
                    mine: false,
                    since: 0,
                    ring: None,
                    ends: "",
                    enough: Arc::new(AtomicBool::new(false)),
                });
                self.all.len() - 1
            }
        };
        let known = self.all.get_mut(at)?;
        known.skill = text("skill");
        Some(known)
    }

    pub(super) fn of(&mut self, id: &str) -> Option<&mut Conversation> {
        self.all.iter_mut().find(|known| known.id == id)
    }

    pub(super) fn numbered(&self, number: usize) -> Option<&Conversation> {
        self.all.get(number.checked_sub(1)?)
    }

    /// The one that is typed to.
    pub(super) fn in_front(&self) -> Option<&Conversation> {
        self.front.and_then(|front| self.numbered(front))
    }

    /// It is somebody else's now: another one comes to the front.
    pub(super) fn is_gone(&mut self, number: usize, turn: u64) {
        if let Some(gone) = number.checked_sub(1).and_then(|at| self.all.get_mut(at)) {
            (gone.mine, gone.since) = (false, turn);
            gone.enough.store(true, Ordering::Relaxed);
        }
        if self.front == Some(number) {
            self.front = self.all.iter().find(|other| other.mine).map(|other| other.number);
        }
    }

    /// When to remind somebody of a ring next.
    pub(super) fn next_reminder(&self) -> Option<Instant> {
        self.all.iter().filter_map(|known| known.ring.as_ref()?.next()).min()
    }

    /// Numbers of what still rings, and for how many seconds, where it is time to say so again.
    pub(super) fn reminders(&mut self) -> Vec<(usize, u64)> {
        let now = Instant::now();
        let mut due = Vec::new();
        for known in &mut self.all {
            if let Some(ring) = &mut known.ring
                && ring.next().is_some_and(|next| next <= now)
            {
                ring.reminders -= 1;
                due.push((
                    known.number,
                    ring.until.saturating_duration_since(now).as_secs_f64().round() as u64,
                ));
            }
        }
        due
    }
}
