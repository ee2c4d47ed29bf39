//! What a file of the journal holds goes to sled, where it stays. A crash on the way is harmless: the journal still has it,
//! and settling it again comes to the same.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sled::Batch;

use super::damage::Fault;
use super::disk::Disk;
use super::marker::Marker;
use super::recent::{Recent, Shelf};
use super::tally::Tally;
use super::{names, pieces};
use crate::store::Key;

/// Bytes that go to sled in one batch; one key more may begin below it.
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// The marker is written anew when what is settled has doubled, or grown by so much.
const MARKER_STEP_BYTES: u64 = 16 * 1024 * 1024;
const MARKER_STEP_CHANGES: u64 = 10_000;

/// Settles all that a file holds, and returns when it is durable in sled.
pub(super) fn settle(
    folder: &Path,
    data: &Disk,
    recent: &Recent,
    tally: &mut Tally,
    marker: &Mutex<Marker>,
) -> Result<(), Fault> {
    let mut batch = Batch::default();
    for (key, _) in recent.shelves.iter().filter(|(_, shelf)| shelf.erased) {
        erase(folder, data, key, tally, marker)?;
    }
    let (mut waiting, mut packed) = (0, 0);
    for (key, shelf) in &recent.shelves {
        let bytes = put(data, &mut batch, key, shelf)?;
        packed += bytes;
        waiting += bytes as usize + shelf.newest.as_ref().map_or(0, |kept| kept.image.len());
        if waiting >= BATCH_BYTES_MAX {
            waiting = 0;
            data.tree.apply_batch(std::mem::take(&mut batch))?;
        }
    }
    for hash in &recent.blobs {
        pieces::put(&mut batch, &names::whole_blob(hash), 0, &[], None);
    }
    // Last of all the number of the group: until then all of it is done again.
    tally.changes += recent.changes;
    tally.bytes += packed;
    tally.settled = recent.last;
    tally.put(&mut batch);
    data.tree.apply_batch(batch)?;
    data.sync()?;
    let mut marker = marker.lock().unwrap_or_else(PoisonError::into_inner);
    let grown = |now, then: u64, step| now > then && now >= then.saturating_mul(2).min(then + step);
    if grown(tally.bytes, marker.bytes, MARKER_STEP_BYTES)
        || grown(tally.changes, marker.changes, MARKER_STEP_CHANGES)
    {
        marker.bytes = tally.bytes;
        marker.changes = marker.changes.max(tally.changes);
        marker.write(folder)?;
    }
    Ok(())
}

/// Puts the entries and the image of a key; how many bytes the entries have.
fn put(data: &Disk, batch: &mut Batch, key: &Key, shelf: &Shelf) -> Result<u64, Fault> {
    let Some(newest) = &shelf.newest else { return Ok(0) };
    for live in [true, false] {
        let name = names::image(key, live);
        let before = pieces::head(&data.tree, &name)?.map(|(_, bytes)| bytes);
        if live == newest.live {
            pieces::put(batch, &name, newest.version.0, &newest.image, before);
        } else if let Some(before) = before {
            pieces::remove(batch, &name, before);
        }
    }
    Ok(shelf.entries.settle(batch, key, shelf.first()))
}

/// Removes all that sled has of a key.
fn erase(
    folder: &Path,
    data: &Disk,
    key: &Key,
    tally: &mut Tally,
    marker: &Mutex<Marker>,
) -> Result<(), Fault> {
    let mut batch = Batch::default();
    let mut bytes = 0;
    for found in data.tree.scan_prefix(names::entries(key)) {
        let (name, piece) = found?;
        bytes += pieces::bytes_of(&piece);
        batch.remove(name);
    }
    for live in [true, false] {
        for found in data.tree.scan_prefix(names::image(key, live)).keys() {
            batch.remove(found?);
        }
    }
    // Done a second time it may find entries that were not counted yet: then it counts too few, which is harmless.
    tally.bytes = tally.bytes.saturating_sub(bytes);
    let mut marker = marker.lock().unwrap_or_else(PoisonError::into_inner);
    if tally.bytes < marker.bytes {
        // Sled may shrink its file at once, so the bound goes first.
        marker.bytes = tally.bytes.saturating_sub(MARKER_STEP_BYTES);
        marker.write(folder)?;
    }
    tally.put(&mut batch);
    data.tree.apply_batch(batch)?;
    Ok(())
}
