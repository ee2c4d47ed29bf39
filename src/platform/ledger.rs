//! Keyed records that change one turn at a time: read when they are needed, kept before anybody hears of it.
//!
//! A record is free, being read, or being kept. What is asked of it meanwhile waits in order. An append that nobody knows
//! the outcome of is settled by reading the newest: it carries the run of the house that wrote it and its turn.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::conversation::Moment;
use crate::store::{Kept, Outcome, Version};

use super::fact::Answer;
use super::limits::COMMANDS_WAITING_MAX;
use super::refusal::Refusal;

/// A record that is small and decides for itself: a user, a visitor, a connector, a bot, the audit log.
pub trait Small: Clone + Default + Serialize + DeserializeOwned {
    /// What it is called.
    type Id: Clone + Eq + Hash;
    /// What can be asked of it.
    type Ask: Clone;
    /// The first word of its key.
    const KIND: &'static str;

    /// Whether it is among the live records.
    const LIVE: bool;

    /// Which change it is of.
    fn stamp(&mut self) -> &mut Stamp;
    /// What comes of something that is asked of it.
    fn decide(&self, ask: &Self::Ask, now: Moment) -> Result<Change<Self>, Refusal>;
}

/// Which change of a record this is, so that no two are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// Changes so far.
    pub turn: u64,
    /// Which run of the house wrote it.
    pub writer: u64,
}

/// A change that was decided and is not kept yet.
#[derive(Debug, Clone)]
pub struct Change<T> {
    /// What the record is then.
    pub image: T,
    /// What happened, for its entry. Empty: nothing, and nothing is kept.
    pub entry: String,
    /// The answer to whoever asked.
    pub answer: Answer,
}

/// All records of one kind that are in memory.
#[derive(Debug)]
pub(super) struct Ledger<I, T, A, P> {
    slots: HashMap<I, Slot<T, A, P>>,
    /// In which order records were used, to let go of the oldest.
    used: VecDeque<(I, u64)>,
    uses: u64,
    resident: usize,
    resident_max: usize,
}

#[derive(Debug)]
struct Slot<T, A, P> {
    version: Version,
    /// Whether `image` is what is kept: nothing, if nothing is.
    known: bool,
    image: Option<Arc<T>>,
    state: State<T, A, P>,
    asks: VecDeque<A>,
    /// Turns that were not kept when that was looked at. One of them may still be on its way.
    lost: VecDeque<(Arc<T>, P)>,
    used: u64,
}

/// Turns that may still be on their way which are remembered.
const LOST_MAX: usize = 4;

#[derive(Debug)]
enum State<T, A, P> {
    Free,
    Reading,
    Keeping(Pending<T, A, P>),
    Unsure(Pending<T, A, P>),
}

/// A turn on its way to the store.
#[derive(Debug)]
pub(super) struct Pending<T, A, P> {
    pub image: Arc<T>,
    pub ask: A,
    pub turned: P,
}

/// What a record needs next.
pub(super) enum Next<T, A> {
    /// Nothing: it is busy, or nobody asks.
    Nothing,
    /// To be read.
    Read,
    /// That this is decided. The version is what an append expects.
    Decide(A, Option<Arc<T>>, Version),
}

/// What came of an append or a read.
pub(super) enum Settled<T, A, P> {
    /// Nothing anybody has to know.
    Nothing,
    /// It is kept.
    Kept(Pending<T, A, P>),
    /// It is not: what is kept is another one, and it will be decided again.
    Undone,
    /// One that was given up is kept after all. Whoever asked for it will be answered when it is decided again.
    Late(Arc<T>, P),
    /// Nobody knows: it is to be read.
    Read,
}

impl<I: Clone + Eq + Hash, T, A, P> Ledger<I, T, A, P> {
    pub(super) fn new(resident_max: usize) -> Ledger<I, T, A, P> {
        Ledger { slots: HashMap::new(), used: VecDeque::new(), uses: 0, resident: 0, resident_max }
    }

    /// Something is known to be kept, as when the house opens. It need not stay in memory.
    pub(super) fn put(&mut self, id: I, version: Version, image: Arc<T>) {
        let slot = self.slots.entry(id.clone()).or_default();
        (slot.version, slot.known) = (version, true);
        self.resident += usize::from(slot.image.replace(image).is_none());
        self.touch(&id);
    }

    /// Something is asked. Given back, if too much waits already.
    pub(super) fn ask(&mut self, id: &I, ask: A) -> Result<(), A> {
        let slot = self.slots.entry(id.clone()).or_default();
        if slot.asks.len() >= COMMANDS_WAITING_MAX {
            return Err(ask);
        }
        slot.asks.push_back(ask);
        Ok(())
    }

    /// Whether a turn that was given up may still be on its way.
    pub(super) fn may_be_late(&self, id: &I) -> bool {
        self.slots.get(id).is_some_and(|slot| !slot.lost.is_empty())
    }

    /// Something is asked that goes before everything else.
    pub(super) fn ask_first(&mut self, id: &I, ask: A) {
        self.slots.entry(id.clone()).or_default().asks.push_front(ask);
    }

    /// What a record needs next.
    pub(super) fn next(&mut self, id: &I) -> Next<T, A> {
        let Some(slot) = self.slots.get_mut(id) else { return Next::Nothing };
        if !matches!(slot.state, State::Free) {
            return Next::Nothing;
        }
        if slot.asks.is_empty() {
            if slot.known && slot.image.is_none() {
                self.slots.remove(id); // it does not exist
            }
            return Next::Nothing;
        }
        if !slot.known {
            slot.state = State::Reading;
            return Next::Read;
        }
        match slot.asks.pop_front() {
            Some(ask) => Next::Decide(ask, slot.image.clone(), slot.version),
            None => Next::Nothing,
        }
    }

    /// A turn is on its way to the store.
    pub(super) fn keep(&mut self, id: &I, pending: Pending<T, A, P>) {
        self.slots.entry(id.clone()).or_default().state = State::Keeping(pending);
    }

    /// What came of an append.
    pub(super) fn stored(&mut self, id: &I, outcome: Outcome) -> Settled<T, A, P> {
        let Some(slot) = self.slots.get_mut(id) else { return Settled::Nothing };
        let pending = match std::mem::replace(&mut slot.state, State::Free) {
            State::Keeping(pending) => pending,
            state => {
                slot.state = state;
                return Settled::Nothing;
            }
        };
        match outcome {
            Outcome::Appended(version) => {
                slot.version = version;
                slot.lost.clear(); // whatever is still on its way finds another version
                self.resident += usize::from(slot.image.replace(pending.image.clone()).is_none());
                self.touch(id);
                Settled::Kept(pending)
            }
            Outcome::Conflict(_) => {
                slot.asks.push_front(pending.ask);
                slot.known = false;
                self.resident -= usize::from(slot.image.take().is_some());
                Settled::Undone
            }
            Outcome::Unknown => {
                slot.state = State::Unsure(pending);
                Settled::Read
            }
        }
    }

    /// What was read. An error: nobody can read it.
    pub(super) fn read(&mut self, id: &I, kept: Option<Kept>) -> Result<Settled<T, A, P>, String>
    where
        T: Serialize + DeserializeOwned,
    {
        let bytes = kept.as_ref().map(|kept| kept.image.clone()).unwrap_or_default();
        let (version, mut image) = match read_image::<T>(kept)? {
            Some((version, image)) => (version, Some(image)),
            None => (Version::NONE, None),
        };
        // Turns are told apart by all that they led to: two that were decided one after the other have the same number.
        let is = |image: &Arc<T>| serde_json::to_vec(&**image).is_ok_and(|own| own == bytes);
        let Some(slot) = self.slots.get_mut(id) else { return Ok(Settled::Nothing) };
        let moved = version != slot.version;
        let late =
            slot.lost.iter().position(|(lost, _)| moved && is(lost)).and_then(|late| slot.lost.remove(late));
        if moved {
            slot.lost.clear(); // whatever is still on its way finds another version
        }
        let settled = match std::mem::replace(&mut slot.state, State::Free) {
            State::Reading => late.map_or(Settled::Nothing, |(late, turned)| Settled::Late(late, turned)),
            State::Unsure(pending) if is(&pending.image) => Settled::Kept(pending),
            State::Unsure(pending) => {
                slot.asks.push_front(pending.ask);
                if !moved {
                    if slot.lost.len() >= LOST_MAX {
                        slot.lost.pop_front();
                    }
                    slot.lost.push_back((pending.image, pending.turned));
                }
                late.map_or(Settled::Undone, |(late, turned)| Settled::Late(late, turned))
            }
            state => {
                slot.state = state;
                return Ok(Settled::Nothing);
            }
        };
        match &settled {
            Settled::Kept(Pending { image: own, .. }) | Settled::Late(own, _) => image = Some(own.clone()),
            _ => {}
        }
        self.resident -= usize::from(slot.image.is_some());
        (slot.version, slot.known, slot.image) = (version, true, image);
        self.resident += usize::from(slot.image.is_some());
        self.touch(id);
        Ok(settled)
    }

    /// All that waits for a record whose contents nobody can read.
    pub(super) fn give_up(&mut self, id: &I) -> Vec<A> {
        let Some(slot) = self.slots.remove(id) else { return Vec::new() };
        self.resident -= usize::from(slot.image.is_some());
        let pending = match slot.state {
            State::Keeping(pending) | State::Unsure(pending) => Some(pending.ask),
            State::Free | State::Reading => None,
        };
        pending.into_iter().chain(slot.asks).collect()
    }

    /// The image of a record, if it is in memory.
    pub(super) fn image(&self, id: &I) -> Option<&Arc<T>> {
        self.slots.get(id)?.image.as_ref()
    }

    /// Lets go of a record that nobody will need soon.
    pub(super) fn drop(&mut self, id: &I) {
        if let Some(slot) = self.slots.get(id)
            && slot.asks.is_empty()
            && matches!(slot.state, State::Free)
        {
            self.resident -= usize::from(slot.image.is_some());
            self.slots.remove(id);
        }
    }

    fn touch(&mut self, id: &I) {
        if self.resident_max == usize::MAX {
            return;
        }
        self.uses += 1;
        if let Some(slot) = self.slots.get_mut(id) {
            slot.used = self.uses;
        }
        self.used.push_back((id.clone(), self.uses));
        while self.resident > self.resident_max || self.used.len() > self.resident_max.saturating_mul(4) {
            let Some((oldest, used)) = self.used.pop_front() else { break };
            let Some(slot) = self.slots.get(&oldest) else { continue };
            let idle = slot.used == used && slot.asks.is_empty() && matches!(slot.state, State::Free);
            if idle {
                self.resident -= usize::from(slot.image.is_some());
                self.slots.remove(&oldest);
            } else if slot.used == used {
                self.used.push_back((oldest, used));
                break; // it is at work: it will be looked at again
            }
        }
    }
}

impl<T, A, P> Default for Slot<T, A, P> {
    fn default() -> Slot<T, A, P> {
        Slot {
            version: Version::NONE,
            known: false,
            image: None,
            state: State::Free,
            asks: VecDeque::new(),
            lost: VecDeque::new(),
            used: 0,
        }
    }
}

/// An image as it was kept.
pub(super) fn read_image<T: DeserializeOwned>(
    kept: Option<Kept>,
) -> Result<Option<(Version, Arc<T>)>, String> {
    let Some(kept) = kept else { return Ok(None) };
    let image = serde_json::from_slice::<T>(&kept.image).map_err(|error| error.to_string())?;
    Ok(Some((kept.version, Arc::new(image))))
}
