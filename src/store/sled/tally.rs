//! What counts all that is settled in the data: it tells whether the end of the data is missing, and where the journal
//! goes on.

use sled::{Batch, Tree};

use super::damage::Fault;
use super::{names, pieces};

/// The numbers inside of the data; the marker has lower bounds of them outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    /// The format of the data.
    pub(super) format: u32,
    /// Which store it is.
    pub(super) store: u128,
    /// How many changes were made: appends, erasures, blobs.
    pub(super) changes: u64,
    /// How many bytes the entries have.
    pub(super) bytes: u64,
    /// The number of the last group of the journal that is in the data.
    pub(super) settled: u64,
}

impl Tally {
    /// Writes it with what it counts.
    pub(super) fn put(&self, batch: &mut Batch) {
        let mut bytes = self.format.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.store.to_be_bytes());
        bytes.extend_from_slice(&self.bytes.to_be_bytes());
        bytes.extend_from_slice(&self.settled.to_be_bytes());
        pieces::put(batch, names::TALLY, self.changes, &bytes, None);
    }

    /// As it was written; nothing, if it was not.
    pub(super) fn read(tree: &Tree) -> Result<Option<Tally>, Fault> {
        let Some(value) = pieces::get(tree, names::TALLY)? else { return Ok(None) };
        let tally = || {
            let (format, rest) = value.bytes.split_first_chunk()?;
            let (store, rest) = rest.split_first_chunk()?;
            let (bytes, settled) = rest.split_first_chunk()?;
            Some(Tally {
                format: u32::from_be_bytes(*format),
                store: u128::from_be_bytes(*store),
                changes: value.version,
                bytes: u64::from_be_bytes(*bytes),
                // There was no journal in format 1.
                settled: if settled.is_empty() { 0 } else { u64::from_be_bytes(settled.try_into().ok()?) },
            })
        };
        tally().ok_or(Fault::Changed).map(Some)
    }
}
