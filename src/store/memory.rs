//! A store in memory: the contract in its plainest form, and one that fails when a test wants it to.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Append, Entry, Failure, Hash, Kept, Key, Outcome, Store, Version, Which};

/// Keeps everything in memory. All of it counts as durable: what a crash leaves is what [`restart`](Memory::restart) and
/// [`durable`](Memory::durable) give, so that a simulation can stop a platform between any two appends and go on.
#[derive(Debug, Default)]
pub struct Memory {
    inside: Mutex<Inside>,
}

/// What goes wrong with an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store breaks: the call ends with an error, and so does every later one until a restart.
    Breaks {
        /// Whether the append was done before.
        done: bool,
    },
    /// The answer is lost: [`Outcome::Unknown`].
    Unknown {
        /// Whether the append was done all the same.
        done: bool,
    },
    /// The answer is lost, and the append is still on its way: it arrives right before the next call that appends, or
    /// with a restart, if the key is at the expected version then.
    Late,
}

/// What goes wrong, by the number of the append, counted from one over the life of the store.
pub type Faults = BTreeMap<u64, Fault>;

#[derive(Debug, Default, Clone)]
struct Inside {
    live: BTreeMap<Key, Shelf>,
    at_rest: BTreeMap<Key, Shelf>,
    blobs: BTreeMap<Hash, Arc<[u8]>>,
    /// How many appends were asked for.
    appends: u64,
    faults: Faults,
    late: VecDeque<Append>,
    broken: bool,
    free_space: Option<u64>,
}

/// What stands under a key. Its version is the number of its entries.
#[derive(Debug, Default, Clone)]
struct Shelf {
    entries: Vec<Arc<[u8]>>,
    image: Arc<[u8]>,
}

impl Shelf {
    fn version(&self) -> Version {
        Version(self.entries.len() as u64)
    }

    fn kept(&self, live: bool) -> Kept {
        Kept { version: self.version(), image: self.image.to_vec(), live }
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// Plans what goes wrong from now on, in place of what was planned.
    pub fn plan(&self, faults: Faults) {
        self.inside().faults = faults;
    }

    /// How many appends were asked for until now: the next has the number after.
    pub fn appends(&self) -> u64 {
        self.inside().appends
    }

    /// Says how many bytes are free; nothing is the default.
    pub fn set_free_space(&self, bytes: Option<u64>) {
        self.inside().free_space = bytes;
    }

    /// What a restart of the process makes of it: what was done is there, what was on its way arrives, and a broken store
    /// works again. What is planned for later appends stays planned.
    pub fn restart(&self) {
        let mut inside = self.inside();
        inside.broken = false;
        inside.arrive();
    }

    /// A store of its own with what is durable at this moment: what was done, and nothing that is on its way.
    /// Costs time by the number of keys; bytes are shared.
    pub fn durable(&self) -> Memory {
        let mut inside = self.inside().clone();
        inside.late.clear();
        inside.faults.clear();
        inside.broken = false;
        Memory { inside: Mutex::new(inside) }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, Inside>, Failure> {
        let inside = self.inside();
        if inside.broken { Err(broken()) } else { Ok(inside) }
    }
}

fn broken() -> Failure {
    Failure::Broken("The store in memory broke, as it was told to.".into())
}

impl Inside {
    fn shelf(&self, key: &Key) -> Option<(&Shelf, bool)> {
        let live = self.live.get(key).map(|shelf| (shelf, true));
        live.or_else(|| self.at_rest.get(key).map(|shelf| (shelf, false)))
    }

    /// Adds the entry and replaces the image, if the key is at the expected version.
    fn do_append(&mut self, append: &Append) -> Outcome {
        let (was, is) = if self.live.contains_key(&append.key) {
            (Some(true), &mut self.live)
        } else if self.at_rest.contains_key(&append.key) {
            (Some(false), &mut self.at_rest)
        } else {
            (None, if append.live { &mut self.live } else { &mut self.at_rest })
        };
        let newest = is.get(&append.key).map_or(Version::NONE, Shelf::version);
        if append.expected != newest {
            return Outcome::Conflict(newest);
        }
        let shelf = is.entry(append.key.clone()).or_default();
        shelf.entries.push(append.entry.as_slice().into());
        shelf.image = append.image.as_slice().into();
        let version = shelf.version();
        if was == Some(!append.live) {
            let shelf = std::mem::take(shelf);
            is.remove(&append.key);
            let other = if append.live { &mut self.live } else { &mut self.at_rest };
            other.insert(append.key.clone(), shelf);
        }
        Outcome::Appended(version)
    }

    /// Lets arrive what was on its way.
    fn arrive(&mut self) {
        while let Some(append) = self.late.pop_front() {
            self.do_append(&append);
        }
    }
}

impl Store for Memory {
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
        let mut inside = self.working()?;
        appends.iter().try_for_each(Append::fits)?;
        inside.arrive();
        let mut outcomes = Vec::with_capacity(appends.len());
        for append in appends {
            inside.appends += 1;
            let number = inside.appends;
            outcomes.push(match inside.faults.remove(&number) {
                None => inside.do_append(append),
                Some(Fault::Breaks { done }) => {
                    if done {
                        inside.do_append(append);
                    }
                    inside.broken = true;
                    return Err(broken());
                }
                Some(Fault::Unknown { done }) => {
                    if done {
                        inside.do_append(append);
                    }
                    Outcome::Unknown
                }
                Some(Fault::Late) => {
                    inside.late.push_back(append.clone());
                    Outcome::Unknown
                }
            });
        }
        Ok(outcomes)
    }

    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        Ok(self.working()?.shelf(key).map(|(shelf, live)| shelf.kept(live)))
    }

    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        let inside = self.working()?;
        let entries = inside.shelf(key).map_or(&[][..], |(shelf, _)| &shelf.entries);
        let from = usize::try_from(after.0).map_or(entries.len(), |after| after.min(entries.len()));
        Ok(entries[from..]
            .iter()
            .zip(from as u64 + 1..)
            .take(limit)
            .map(|(bytes, version)| Entry { version: Version(version), bytes: bytes.to_vec() })
            .collect())
    }

    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure> {
        let inside = self.working()?;
        let shelves = if which == Which::Live { &inside.live } else { &inside.at_rest };
        let from = match after {
            Some(after) if after.as_str() >= prefix => Bound::Excluded(after.as_str()),
            _ => Bound::Included(prefix),
        };
        Ok(shelves
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.as_str().starts_with(prefix))
            .take(limit)
            .map(|(key, shelf)| (key.clone(), shelf.kept(which == Which::Live)))
            .collect())
    }

    fn erase(&self, key: &Key) -> Result<(), Failure> {
        let mut inside = self.working()?;
        inside.live.remove(key);
        inside.at_rest.remove(key);
        Ok(())
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        let mut inside = self.working()?;
        let hash = Hash::of(bytes)?;
        inside.blobs.entry(hash).or_insert_with(|| bytes.into());
        Ok(hash)
    }

    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.working()?.blobs.get(hash).map(|bytes| bytes.to_vec()))
    }

    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
        let inside = self.working()?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(inside.blobs.range((from, Bound::Unbounded)).map(|(hash, _)| *hash).take(limit).collect())
    }

    fn free_space(&self) -> Result<Option<u64>, Failure> {
        Ok(self.working()?.free_space)
    }
}
