//! Entries of a key in packs: those that are settled together make one value, so that sled has few large ones to keep, not
//! many small ones.
//!
//! A pack is named by the version of its last entry: who reads on from a version finds the pack with the next one first.

use sled::{Batch, Tree};

use super::damage::Fault;
use super::{names, pieces};
use crate::store::{Entry, Key, Version};

/// Bytes of a pack; one entry more may begin below it.
const PACK_BYTES_MAX: usize = 32 * 1024;

/// Entries one behind the other, each with its length.
#[derive(Debug, Default)]
pub(super) struct Pack {
    bytes: Vec<u8>,
    count: u64,
}

impl Pack {
    /// Adds an entry.
    pub(super) fn push(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(&(entry.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(entry);
        self.count += 1;
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The entries, from the version of the first on.
    pub(super) fn entries(&self, first: u64) -> impl Iterator<Item = Entry> + '_ {
        unpack(&self.bytes)
            .zip(first..)
            .filter_map(|(entry, number)| Some(Entry { version: Version(number), bytes: entry?.to_vec() }))
    }

    /// Writes it, from the version of its first entry on, as packs of a good size. How many bytes these have.
    pub(super) fn settle(&self, batch: &mut Batch, key: &Key, first: u64) -> u64 {
        let (mut from, mut to, mut next) = (0, 0, first);
        let mut put = |from: usize, to: usize, last: u64| {
            pieces::put(batch, &names::entry(key, last), last, &self.bytes[from..to], None);
        };
        for entry in unpack(&self.bytes).flatten() {
            to += 4 + entry.len();
            next += 1;
            if to - from >= PACK_BYTES_MAX {
                put(from, to, next - 1);
                from = to;
            }
        }
        if to > from {
            put(from, to, next - 1);
        }
        to as u64
    }
}

/// A pack of one entry.
pub(super) fn of_one(entry: &[u8]) -> Vec<u8> {
    [&(entry.len() as u32).to_be_bytes(), entry].concat()
}

/// The entries of a pack; nothing in place of one that is broken off.
pub(super) fn unpack(bytes: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let taken = rest
            .split_first_chunk()
            .and_then(|(length, more)| more.split_at_checked(u32::from_be_bytes(*length) as usize));
        let Some((entry, more)) = taken else {
            rest = &[];
            return Some(None);
        };
        rest = more;
        Some(Some(entry))
    })
}

/// Entries of a key that sled has, those after a version and before another, so many at most.
pub(super) fn read(
    tree: &Tree,
    key: &Key,
    after: u64,
    before: u64,
    limit: usize,
) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    if after >= before {
        return Ok(entries);
    }
    let mut expected = after + 1;
    let range = names::entry(key, expected)..names::entry(key, u64::MAX);
    let mut packs = pieces::values(tree.range(range));
    while expected < before && entries.len() < limit {
        let (name, pack) = packs.next().ok_or(Fault::Changed)??;
        let last = pack.version;
        let count = unpack(&pack.bytes).count() as u64;
        let first = (last + 1).checked_sub(count).ok_or(Fault::Changed)?;
        if name != names::entry(key, last) || !(first..=last).contains(&expected) {
            return Err(Fault::Changed);
        }
        for (entry, number) in unpack(&pack.bytes).zip(first..) {
            let bytes = entry.ok_or(Fault::Changed)?;
            if number < expected {
                continue;
            }
            if expected >= before || entries.len() >= limit {
                break;
            }
            entries.push(Entry { version: Version(number), bytes: bytes.to_vec() });
            expected += 1;
        }
    }
    Ok(entries)
}
