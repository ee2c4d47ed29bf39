//! What one file of the journal holds, at hand: it is durable and not in sled yet, and readers look here first.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::Change;
use super::packs::Pack;
use crate::store::{Hash, Kept, Key, Version};

/// The changes of a file of the journal, by what they lead to.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pub(super) shelves: BTreeMap<Key, Shelf>,
    /// The blobs that have come to be there.
    pub(super) blobs: BTreeSet<Hash>,
    /// How many changes.
    pub(super) changes: u64,
    /// The number of the last group of them.
    pub(super) last: u64,
}

/// What was changed under a key.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Whether what stood there before is gone.
    pub(super) erased: bool,
    /// What was appended since.
    pub(super) entries: Pack,
    /// The newest image; nothing, if nothing was appended since it was erased.
    pub(super) newest: Option<Kept>,
}

impl Shelf {
    /// The version of its first entry, or the one behind the newest.
    pub(super) fn first(&self) -> u64 {
        let newest = self.newest.as_ref().map_or(0, |kept| kept.version.0);
        newest + 1 - self.entries.count()
    }
}

impl Recent {
    /// Adds a change that is durable.
    pub(super) fn add(&mut self, change: Change<'_>) {
        self.changes += 1;
        match change {
            Change::Append { key, version, live, entry, image } => {
                // Most keys are there: a clone of one that is would be for nothing.
                let shelf = match self.shelves.get_mut(key) {
                    Some(shelf) => shelf,
                    None => self.shelves.entry(key.clone()).or_default(),
                };
                shelf.entries.push(entry);
                let newest =
                    shelf.newest.get_or_insert(Kept { version: Version(0), image: Vec::new(), live });
                newest.version = Version(version);
                newest.live = live;
                newest.image.clear();
                newest.image.extend_from_slice(image);
            }
            Change::Erase(key) => {
                self.shelves.insert(key.clone(), Shelf { erased: true, ..Shelf::default() });
            }
            Change::Blob(hash) => {
                self.blobs.insert(*hash);
            }
        }
    }
}

/// What the journal holds in all: of the file that is being settled, and of the one that is written.
#[derive(Debug, Default)]
pub(super) struct Both {
    pub(super) settling: Option<std::sync::Arc<Recent>>,
    pub(super) written: Recent,
}

impl Both {
    /// What was changed under a key last; nothing, if sled knows all of it.
    pub(super) fn shelf(&self, key: &Key) -> Option<&Shelf> {
        let settling = || self.settling.as_ref()?.shelves.get(key);
        self.written.shelves.get(key).or_else(settling)
    }

    /// All that was changed under a key, in order, and whether what sled has comes before it.
    pub(super) fn shelves(&self, key: &Key) -> (bool, Vec<&Shelf>) {
        let settling = self.settling.as_ref().and_then(|settling| settling.shelves.get(key));
        let mut shelves: Vec<&Shelf> = settling.into_iter().chain(self.written.shelves.get(key)).collect();
        let erased = shelves.iter().rposition(|shelf| shelf.erased);
        shelves.drain(..erased.unwrap_or(0));
        (erased.is_none(), shelves)
    }

    /// The newest images of keys from a place on, with the keys of those that were erased.
    pub(super) fn newest_from<'a>(
        &'a self,
        from: &'a str,
        prefix: &'a str,
    ) -> BTreeMap<&'a Key, Option<&'a Kept>> {
        let within = |recent: &'a Recent| {
            let range =
                recent.shelves.range::<str, _>((std::ops::Bound::Included(from), std::ops::Bound::Unbounded));
            range.take_while(|(key, _)| key.as_str().starts_with(prefix))
        };
        let settling = self.settling.iter().flat_map(|settling| within(settling));
        let all = settling.chain(within(&self.written));
        all.map(|(key, shelf)| (key, shelf.newest.as_ref())).collect()
    }

    /// Whether a blob has come to be there.
    pub(super) fn has_blob(&self, hash: &Hash) -> bool {
        self.written.blobs.contains(hash)
            || self.settling.as_ref().is_some_and(|settling| settling.blobs.contains(hash))
    }
}
