//! How anybody tells a running house something: from any thread, in order, and never so much that it drowns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;

use crate::platform::{Code, Input, Platform, Refusal, Ticket};
use crate::store::{Failure, Outcome};

/// Inputs that wait to be handled; beyond that, commands are refused. Everything else comes of what is open already, and is
/// always taken.
pub const INPUTS_WAITING_MAX: usize = 65_536;

/// Where a house is told things. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    inputs: Sender<Told>,
    waiting: Arc<AtomicUsize>,
}

/// What the thread of a house is told.
pub(super) enum Told {
    /// By whoever is outside.
    Input(Input),
    /// By the committer: what came of a group.
    Settled(Result<Vec<(Ticket, Outcome)>, Failure>),
    /// By whoever wants to see how things are.
    Look(Box<dyn FnOnce(&Platform) + Send>),
    /// That it is to end once nothing is under way.
    Close,
}

impl Inbox {
    pub(super) fn new(inputs: Sender<Told>) -> Inbox {
        Inbox { inputs, waiting: Arc::new(AtomicUsize::new(0)) }
    }

    /// Tells it something. What is refused was not taken and is not answered otherwise.
    pub fn tell(&self, input: Input) -> Result<(), Refusal> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let refused = if before >= INPUTS_WAITING_MAX && matches!(input, Input::Command(_)) {
            let sentence = format!("{INPUTS_WAITING_MAX} inputs wait already, which is the most");
            Refusal::of(Code::TooMany, "", sentence)
        } else if self.inputs.send(Told::Input(input)).is_ok() {
            return Ok(());
        } else {
            Refusal::of(Code::NoStore, "", "the house is closed")
        };
        self.taken();
        Err(refused)
    }

    /// Lets somebody see how things are, once all that was told before is handled. It is called on the thread that decides,
    /// so it takes what it wants and returns; where the house has ended, it is never called.
    pub fn look(&self, look: impl FnOnce(&Platform) + Send + 'static) {
        self.send(Told::Look(Box::new(look)));
    }

    /// One that waited is being handled.
    pub(super) fn taken(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn send(&self, told: Told) {
        // Nobody there: the house has ended, and has said why.
        self.inputs.send(told).ok();
    }
}
