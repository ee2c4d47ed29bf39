//! Sled's part of a store, and the one way to make something durable with it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sled::{Batch, Db, Tree};

use super::damage::Fault;
use super::names;

/// How often sled tidies up, in milliseconds.
const FLUSH_EVERY_MS: u64 = 500;
/// How often it is asked whether sled has let go of its file, and how long to wait in between.
const TRIES_MAX: u32 = 300;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// What sled keeps.
pub(super) struct Disk {
    pub(super) db: Db,
    pub(super) tree: Tree,
    /// Its data file, held open so that an error of the disk is reported here, too.
    file: File,
    /// One at a time makes something durable.
    syncing: Mutex<()>,
}

/// Where sled keeps what belongs to a store.
pub(super) fn folder_of(folder: &Path) -> PathBuf {
    folder.join("sled")
}

/// The file with all of it.
pub(super) fn file_of(folder: &Path) -> PathBuf {
    folder_of(folder).join("db")
}

impl Disk {
    /// Opens what is there, or makes it anew. Sled may panic in here.
    pub(super) fn open(folder: &Path, cache_bytes: u64) -> Result<(Disk, bool), Fault> {
        // Segment size and compression stay as they are: sled forgets other settings in a power cut.
        let db = sled::Config::new()
            .path(folder_of(folder))
            .cache_capacity(cache_bytes)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .open()?;
        let there = db.tree_names().iter().any(|name| name == names::TREE.as_bytes());
        let tree = db.open_tree(names::TREE)?;
        let file = File::open(file_of(folder))?;
        Ok((Disk { db, tree, file, syncing: Mutex::new(()) }, there))
    }

    /// Writes a group, all of it or nothing, and returns when it is durable.
    pub(super) fn commit(&self, batch: Batch) -> Result<(), Fault> {
        self.tree.apply_batch(batch)?;
        self.sync()
    }

    /// Makes durable what was written. Sled's own flush asks the disk for nothing: it writes, and leaves the rest to the
    /// page cache. Only fdatasync reaches the disk.
    pub(super) fn sync(&self) -> Result<(), Fault> {
        let _one = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        self.db.flush()?;
        Ok(self.file.sync_data()?)
    }
}

/// Makes all files of a new store durable, also those sled never syncs.
pub(super) fn sync_files(folder: &Path) -> io::Result<()> {
    let inside = folder_of(folder);
    for entry in fs::read_dir(&inside)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(inside)?.sync_all()
}

/// Waits until no thread of sled holds the data file any more; whether it came to that.
pub(super) fn let_go(folder: &Path) -> io::Result<bool> {
    let file = File::open(file_of(folder))?;
    for _ in 0..TRIES_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}
