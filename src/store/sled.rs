//! The store one gets without asking: a folder on disk, kept by sled.
//!
//! One tree holds entries, images, blobs and a tally. A group of appends is one batch, then sled's flush, then fdatasync;
//! only then it is acknowledged, and only then readers see it. Beside sled's folder stand a `lock`, so that one process has
//! the store, and a `marker`, which knows how much must be there.

mod opening; // read this first: what is looked at before sled sees anything
mod marker; // how much must be there, outside of the data
mod tally; // and inside
mod names; // where what stands
mod pieces; // values with checksums
mod disk; // flush is not enough
mod migrate; // older formats
mod pending; // what is not durable yet, and nobody reads
mod damage; // the sentences

use std::collections::HashMap;
use std::fs::File;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, mpsc};
use std::time::Duration;

use ::sled::Batch;

use super::{Append, Entry, Failure, Hash, Kept, Key, Outcome, Store, Version, Which, backup};
use damage::{Fault, broken, said};
use disk::Disk;
use marker::{Marker, Stage};
use pending::Pending;
use tally::Tally;

/// Bytes of sled's cache, unless one says otherwise.
pub const CACHE_BYTES: u64 = 128 * 1024 * 1024;
/// The marker is written anew when entries or changes have doubled, or grown by so many.
const MARKER_STEP_BYTES: u64 = 16 * 1024 * 1024;
const MARKER_STEP_CHANGES: u64 = 10_000;
/// How long a store that failed waits for sled to end.
const CLOSING_MAX: Duration = Duration::from_secs(5);
/// Pieces of a blob that are written in one batch.
const BLOB_PIECES_AT_ONCE: usize = 200;

/// A store in a folder.
pub struct Sled {
    folder: PathBuf,
    /// Nothing, once it is closed.
    open: Option<(Disk, File)>,
    /// Whoever changes something has this.
    writer: Mutex<Writer>,
    pending: RwLock<Pending>,
    /// Why it refuses everything.
    refuses: OnceLock<Failure>,
}

struct Writer {
    tally: Tally,
    marker: Marker,
    /// The newest images of keys that were appended to lately: what is appended to once mostly is again.
    recent: HashMap<Key, Kept>,
}

/// Keys of which the newest image is kept in memory for the next append.
const RECENT_MAX: usize = 2_048;

/// A key while a group is put together.
struct Standing<'a> {
    /// As it is durable.
    before: Option<Kept>,
    version: u64,
    /// The newest append of the group to it.
    newest: Option<&'a Append>,
}

impl Sled {
    /// Opens the store of a folder, and makes one if the folder is empty or not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Sled, Failure> {
        Sled::open_with_cache(folder, CACHE_BYTES)
    }

    /// The same, with so many bytes of cache.
    pub fn open_with_cache(folder: impl Into<PathBuf>, cache_bytes: u64) -> Result<Sled, Failure> {
        let folder = folder.into();
        let opening::Opened { lock, data, tally, marker } = opening::open(&folder, cache_bytes)?;
        let store = Sled {
            folder,
            open: Some((data, lock)),
            writer: Mutex::new(Writer { tally, marker, recent: HashMap::new() }),
            pending: RwLock::default(),
            refuses: OnceLock::new(),
        };
        if backup::is_unfinished(&store)? {
            return Err(damage::half_restored(&store.folder));
        }
        Ok(store)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Works with sled. What sled says no to, or panics at, ends the work of the store for good.
    fn within<T>(
        &self,
        what: impl Fn() -> String,
        work: impl FnOnce(&Disk) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        if let Some(why) = self.refuses.get() {
            return Err(why.clone());
        }
        let (data, _) = self.open.as_ref().ok_or_else(|| broken(&self.folder, "it is closed"))?;
        match catch_unwind(AssertUnwindSafe(|| work(data))) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Fault::Changed)) => Err(Fault::Changed.tell(&self.folder, &what())),
            Ok(Err(fault)) => Err(self.refuse(fault.tell(&self.folder, &what()))),
            Err(panic) => {
                let why = format!("sled panicked at {} ({})", what(), said(&*panic));
                Err(self.refuse(broken(&self.folder, &why)))
            }
        }
    }

    /// The same for what changes something: whatever goes wrong, nobody knows what is durable.
    fn changing<T>(
        &self,
        what: impl Fn() -> String,
        work: impl FnOnce(&Disk, &mut Writer) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.within(what, |data| work(data, &mut writer)).map_err(|why| self.refuse(why))?;
        // Another thread may have seen the store fail meanwhile: then nothing is acknowledged any more.
        self.refuses.get().map_or(Ok(done), |why| Err(why.clone()))
    }

    fn refuse(&self, why: Failure) -> Failure {
        self.refuses.get_or_init(|| why).clone()
    }

    /// Writes a group and makes it durable. Until then readers see what was before.
    fn commit(&self, data: &Disk, batch: Batch, pending: Pending) -> Result<(), Fault> {
        *self.pending.write().unwrap_or_else(PoisonError::into_inner) = pending;
        data.commit(batch)?;
        *self.pending.write().unwrap_or_else(PoisonError::into_inner) = Pending::default();
        Ok(())
    }

    /// While a reader has this, nothing begins to change.
    fn pending(&self) -> RwLockReadGuard<'_, Pending> {
        self.pending.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_marker(&self, writer: &mut Writer) -> Result<(), Failure> {
        let Writer { tally, marker, .. } = writer;
        let grown = |now, then: u64, step| now > then && now >= then.saturating_mul(2).min(then + step);
        if grown(tally.bytes, marker.bytes, MARKER_STEP_BYTES)
            || grown(tally.changes, marker.changes, MARKER_STEP_CHANGES)
        {
            (marker.bytes, marker.changes) = (tally.bytes, tally.changes);
            marker.write(&self.folder)?;
        }
        Ok(())
    }
}

/// The newest image of a key, durable or not.
fn newest(data: &Disk, key: &Key) -> Result<Option<Kept>, Fault> {
    for live in [true, false] {
        if let Some(value) = pieces::get(&data.tree, &names::image(key, live))? {
            return Ok(Some(Kept { version: Version(value.version), image: value.bytes, live }));
        }
    }
    // Where there are entries, there is an image.
    match data.tree.scan_prefix(names::entries(key)).next() {
        None => Ok(None),
        Some(found) => found.map_err(Fault::Sled).and(Err(Fault::Changed)),
    }
}

fn under(key: &Key) -> String {
    format!("what stands under `{key}`")
}

impl Store for Sled {
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
        appends.iter().try_for_each(Append::fits)?;
        self.changing(
            || "a group of appends".into(),
            |data, writer| {
                let mut keys: HashMap<&Key, Standing> = HashMap::with_capacity(appends.len());
                let mut outcomes = Vec::with_capacity(appends.len());
                let mut batch = Batch::default();
                let before = writer.tally.changes;
                for append in appends {
                    let standing = match keys.entry(&append.key) {
                        std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                        std::collections::hash_map::Entry::Vacant(new) => {
                            let before = match writer.recent.remove(&append.key) {
                                Some(recent) => Some(recent),
                                None => newest(data, &append.key)
                                    .map_err(|fault| fault.tell(&self.folder, &under(&append.key)))?,
                            };
                            let version = before.as_ref().map_or(0, |kept| kept.version.0);
                            new.insert(Standing { before, version, newest: None })
                        }
                    };
                    if append.expected.0 != standing.version {
                        outcomes.push(Outcome::Conflict(Version(standing.version)));
                        continue;
                    }
                    standing.version += 1;
                    standing.newest = Some(append);
                    let name = names::entry(&append.key, standing.version);
                    pieces::put(&mut batch, &name, standing.version, &append.entry, None);
                    writer.tally.changes += 1;
                    writer.tally.bytes += append.entry.len() as u64;
                    outcomes.push(Outcome::Appended(Version(standing.version)));
                }
                if writer.tally.changes == before {
                    return Ok(outcomes);
                }
                let mut pending = Pending::default();
                let mut recent = Vec::with_capacity(keys.len());
                for (key, Standing { before, version, newest }) in keys {
                    let Some(newest) = newest else { continue };
                    let (image, live) = (newest.image.clone(), newest.live);
                    recent.push((key.clone(), Kept { version: Version(version), image, live }));
                    let name = names::image(key, newest.live);
                    let was = before.as_ref().map(|kept| (kept.live, kept.image.len()));
                    let overwritten = was.filter(|(live, _)| *live == newest.live).map(|(_, bytes)| bytes);
                    pieces::put(&mut batch, &name, version, &newest.image, overwritten);
                    if let Some((live, bytes)) = was.filter(|(live, _)| *live != newest.live) {
                        pieces::remove(&mut batch, &names::image(key, live), bytes);
                    }
                    pending.keys.insert(key.clone(), before);
                }
                writer.tally.put(&mut batch);
                self.commit(data, batch, pending)?;
                if writer.recent.len() + recent.len() > RECENT_MAX {
                    writer.recent.clear();
                }
                writer.recent.extend(recent.into_iter().take(RECENT_MAX));
                self.keep_marker(writer)?;
                Ok(outcomes)
            },
        )
    }

    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        self.within(
            || under(key),
            |data| {
                let pending = self.pending();
                pending.keys.get(key).map_or_else(|| newest(data, key), |before| Ok(before.clone()))
            },
        )
    }

    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.within(
            || under(key),
            |data| {
                let pending = self.pending();
                let kept = match pending.keys.get(key) {
                    Some(before) => before.clone(),
                    None => newest(data, key)?,
                };
                let end = kept.map_or(0, |kept| kept.version.0);
                let mut expected = after.0;
                let mut entries = Vec::new();
                if after.0 >= end {
                    return Ok(entries);
                }
                let range = names::entry(key, after.0 + 1)..names::entry(key, end + 1);
                for found in pieces::values(data.tree.range(range)).take(limit) {
                    let (name, value) = found?;
                    expected += 1;
                    if value.version != expected || name != names::entry(key, expected) {
                        return Err(Fault::Changed);
                    }
                    entries.push(Entry { version: Version(expected), bytes: value.bytes });
                }
                let all = usize::try_from(end - after.0).unwrap_or(usize::MAX).min(limit);
                if entries.len() == all { Ok(entries) } else { Err(Fault::Changed) }
            },
        )
    }

    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure> {
        let live = which == Which::Live;
        let begin = [&[names::images(live)], prefix.as_bytes()].concat();
        let from = match after {
            // Behind all pieces of that key; no key has a one in it.
            Some(after) if after.as_str() >= prefix => {
                [&[names::images(live)], after.as_str().as_bytes(), &[1]].concat()
            }
            _ => begin.clone(),
        };
        self.within(
            || format!("the list of keys that begin with `{prefix}`"),
            |data| {
                let pending = self.pending();
                let range = (Bound::Included(from), Bound::Unbounded);
                let scan = data.tree.range::<Vec<u8>, _>(range).take_while(|found| match found {
                    Ok((name, _)) => name.starts_with(&begin),
                    Err(_) => true,
                });
                let mut listed = Vec::new();
                let mut images = pieces::values(scan);
                while listed.len() < limit {
                    let Some(found) = images.next() else { break };
                    let (name, value) = found?;
                    let key = names::key_of_image(&name).ok_or(Fault::Changed)?;
                    if !pending.keys.contains_key(&key) {
                        let version = Version(value.version);
                        listed.push((key, Kept { version, image: value.bytes, live }));
                    }
                }
                let before = pending.keys.iter().filter_map(|(key, before)| Some((key, before.as_ref()?)));
                let before = before.filter(|(key, before)| {
                    key.as_str().starts_with(prefix)
                        && before.live == live
                        && after.is_none_or(|after| *key > after)
                });
                let scanned = listed.len();
                listed.extend(before.map(|(key, before)| (key.clone(), before.clone())));
                if listed.len() > scanned {
                    listed.sort_by(|(one, _), (other, _)| one.cmp(other));
                    listed.truncate(limit);
                }
                Ok(listed)
            },
        )
    }

    fn erase(&self, key: &Key) -> Result<(), Failure> {
        self.changing(
            || under(key),
            |data, writer| {
                writer.recent.remove(key);
                let mut batch = Batch::default();
                let (mut there, mut bytes) = (false, 0);
                let entries = data.tree.scan_prefix(names::entries(key));
                for found in entries {
                    let (name, piece) = found?;
                    there = true;
                    bytes += pieces::bytes_of(&piece);
                    batch.remove(name);
                }
                for live in [true, false] {
                    for found in data.tree.scan_prefix(names::image(key, live)).keys() {
                        there = true;
                        batch.remove(found?);
                    }
                }
                if !there {
                    return Ok(());
                }
                let Writer { tally, marker, .. } = writer;
                tally.bytes = tally.bytes.saturating_sub(bytes);
                if tally.bytes < marker.bytes {
                    // Sled may shrink its file at once, so the bound goes first.
                    marker.bytes = tally.bytes.saturating_sub(MARKER_STEP_BYTES);
                    marker.write(&self.folder)?;
                }
                tally.changes += 1;
                tally.put(&mut batch);
                let mut pending = Pending::default();
                pending.keys.insert(key.clone(), None);
                self.commit(data, batch, pending)
            },
        )
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        let hash = Hash::of(bytes)?;
        let what = || format!("the blob {hash}");
        let there = self.within(what, |data| {
            let pending = self.pending();
            Ok(pending.blob != Some(hash) && pieces::get(&data.tree, &names::whole_blob(&hash))?.is_some())
        })?;
        if there {
            return Ok(hash);
        }
        // Nobody sees the pieces before they are all there, so nobody has to wait for them either.
        self.within(what, |data| {
            let name = names::blob(&hash);
            let mut pieces = pieces::cut(&name, 0, bytes);
            loop {
                let mut batch = Batch::default();
                let mut some = false;
                for (name, piece) in pieces.by_ref().take(BLOB_PIECES_AT_ONCE) {
                    batch.insert(name, piece);
                    some = true;
                }
                if !some {
                    return Ok(());
                }
                data.tree.apply_batch(batch)?;
            }
        })
        .map_err(|why| self.refuse(why))?;
        self.changing(what, |data, writer| {
            let mut batch = Batch::default();
            writer.tally.changes += 1;
            writer.tally.put(&mut batch);
            pieces::put(&mut batch, &names::whole_blob(&hash), 0, &[], None);
            self.commit(data, batch, Pending { blob: Some(hash), ..Pending::default() })
        })?;
        Ok(hash)
    }

    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
        self.within(
            || format!("the blob {hash}"),
            |data| {
                let pending = self.pending();
                let whole = pieces::get(&data.tree, &names::whole_blob(hash))?;
                if pending.blob == Some(*hash) || whole.is_none() {
                    return Ok(None);
                }
                let value = pieces::get(&data.tree, &names::blob(hash))?.ok_or(Fault::Changed)?;
                if Hash::of(&value.bytes)? == *hash { Ok(Some(value.bytes)) } else { Err(Fault::Changed) }
            },
        )
    }

    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
        self.within(
            || "the list of blobs".into(),
            |data| {
                let pending = self.pending();
                let from = after
                    .map_or_else(|| b"h".to_vec(), |after| [&names::whole_blob(after)[..], &[1]].concat());
                let names = pieces::values(data.tree.range(from..b"i".to_vec()));
                let hashes = names.map(|found| names::hash_of(&found?.0).ok_or(Fault::Changed));
                hashes
                    .filter(|hash| !matches!(hash, Ok(hash) if pending.blob == Some(*hash)))
                    .take(limit)
                    .collect()
            },
        )
    }

    fn free_space(&self) -> Result<Option<u64>, Failure> {
        if let Some(why) = self.refuses.get() {
            return Err(why.clone());
        }
        match rustix::fs::statvfs(&self.folder) {
            Ok(disk) => Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize))),
            Err(error) => Err(broken(&self.folder, &error.to_string())),
        }
    }
}

/// Closes it, so that the next to open it knows exactly how much must be there.
impl Drop for Sled {
    fn drop(&mut self) {
        let synced = self.changing(|| "the end".into(), |data, _| data.sync());
        let Some((data, lock)) = self.open.take() else { return };
        if synced.is_err() {
            // Sled may wait for ever for a thread of its own that panicked; nobody waits for ever for sled.
            let (done, wait) = mpsc::channel();
            std::thread::spawn(move || {
                catch_unwind(AssertUnwindSafe(|| drop(data))).ok();
                drop(lock);
                done.send(()).ok();
            });
            wait.recv_timeout(CLOSING_MAX).ok();
            return;
        }
        let closed = catch_unwind(AssertUnwindSafe(|| drop(data)));
        if closed.is_err() || !disk::let_go(&self.folder).unwrap_or(false) {
            return;
        }
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let (tally, mut marker) = (writer.tally.clone(), writer.marker.clone());
        let size = || {
            let file = File::open(disk::file_of(&self.folder))?;
            file.sync_all()?;
            file.metadata().map(|found| found.len())
        };
        if let Ok(size) = size() {
            (marker.stage, marker.changes, marker.bytes) = (Stage::Closed(size), tally.changes, tally.bytes);
            // Without it the store counts as killed, which it survives as well.
            marker.write(&self.folder).ok();
        }
    }
}
