//! The store one gets without asking: a folder on disk, kept by sled.
//!
//! A group of changes goes to a journal first: one write, one fdatasync, and it is acknowledged. From there a thread of the
//! store's own settles it in sled, where it stays: entries, images, blobs and a tally in one tree. Readers look at what the
//! journal holds, then at sled. Beside sled's folder stand the two files of the `journal`, a `lock`, so that one process has
//! the store, and a `marker`, which knows how much must be there.

mod opening; // read this first: what is looked at before sled sees anything
mod marker; // how much must be there, outside of the data
mod tally; // and inside
mod journal; // where a change is made durable
mod recent; // what the journal holds, for readers
mod settle; // and how it comes to sled
mod names; // where what stands there
mod packs; // entries, many in one value
mod pieces; // values with checksums
mod disk; // flush is not enough
mod migrate; // older formats
mod damage; // the sentences

use std::collections::HashMap;
use std::fs::File;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ::sled::Batch;

use super::{Append, Entry, Failure, Hash, Kept, Key, Outcome, Store, Version, Which, backup};
use damage::{Fault, broken, said};
use disk::Disk;
use journal::{Change, Journal};
use marker::{Marker, Stage};
use recent::{Both, Recent};
use tally::Tally;

/// How much room a store takes for its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of sled's cache.
    pub cache: u64,
    /// Bytes of each of the two files of the journal; one group more may begin below it. What they hold stands in memory as
    /// well, and is settled again after a crash.
    pub journal: u64,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes { cache: 128 * 1024 * 1024, journal: 4 * 1024 * 1024 }
    }
}

/// How long an append waits for a file of the journal to be settled.
const SETTLING_MAX: Duration = Duration::from_secs(60);
/// How long a store that failed waits for sled to end.
const CLOSING_MAX: Duration = Duration::from_secs(5);
/// So many changes are worth a second look at sled when it is closed.
const CHANGES_MANY: u64 = 20_000;
/// Pieces of a blob that are written in one batch.
const BLOB_PIECES_AT_ONCE: usize = 200;

/// A store in a folder.
pub struct Sled {
    inside: Arc<Inside>,
    /// Whoever changes something has this.
    writer: Mutex<Writer>,
    /// The thread that settles.
    keeper: Option<JoinHandle<()>>,
}

/// What the store shares with the thread that settles.
struct Inside {
    folder: PathBuf,
    sizes: Sizes,
    /// How many changes there were when it was opened.
    opened_at: u64,
    /// Sled, and the lock on the folder; nothing, once it is closed.
    open: Option<(Disk, File)>,
    /// What the journal holds.
    recent: RwLock<Both>,
    /// What is settled.
    tally: Mutex<Tally>,
    marker: Mutex<Marker>,
    /// Why it refuses everything.
    refuses: OnceLock<Failure>,
}

struct Writer {
    journal: Journal,
    /// How many changes were made, settled or not, and how many the marker knows of.
    changes: u64,
    marked: u64,
    /// Where what is to be settled is handed to; nothing, once the store is being closed.
    settle: Option<Sender<Arc<Recent>>>,
    settled: Receiver<()>,
    /// Whether something is being settled.
    settling: bool,
}

impl Sled {
    /// Opens the store of a folder, and makes one if the folder is empty or not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Sled, Failure> {
        Sled::open_with(folder, Sizes::default())
    }

    /// The same, with room of these sizes.
    pub fn open_with(folder: impl Into<PathBuf>, sizes: Sizes) -> Result<Sled, Failure> {
        let folder = folder.into();
        let opening::Opened { lock, data, tally, marker, journal } = opening::open(&folder, sizes)?;
        let changes = tally.changes;
        let inside = Arc::new(Inside {
            folder,
            sizes,
            opened_at: changes,
            open: Some((data, lock)),
            recent: RwLock::default(),
            tally: Mutex::new(tally),
            marker: Mutex::new(marker),
            refuses: OnceLock::new(),
        });
        let (settle, work) = mpsc::channel::<Arc<Recent>>();
        let (done, settled) = mpsc::channel();
        let keeper = {
            let inside = inside.clone();
            let keep = move || {
                let all = |recent: Arc<Recent>| inside.settle(&recent).is_ok() && done.send(()).is_ok();
                let _ended = work.iter().all(all);
            };
            thread::Builder::new().name("keeper".into()).spawn(keep)
        };
        let keeper = keeper.map_err(|error| broken(&inside.folder, &error.to_string()))?;
        let writer = Writer { journal, changes, marked: 0, settle: Some(settle), settled, settling: false };
        let store = Sled { inside, writer: Mutex::new(writer), keeper: Some(keeper) };
        if backup::is_unfinished(&store)? {
            return Err(damage::half_restored(store.folder()));
        }
        Ok(store)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.inside.folder
    }

    /// Changes something. Whatever goes wrong, nobody knows what is durable.
    fn changing<T>(
        &self,
        what: impl Fn() -> String,
        work: impl FnOnce(&Disk, &mut Writer) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let inside = &*self.inside;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = inside.within(what, |data| work(data, &mut writer)).map_err(|why| inside.refuse(why))?;
        // Another thread may have seen the store fail meanwhile: then nothing is acknowledged any more.
        inside.refuses.get().map_or(Ok(done), |why| Err(why.clone()))
    }

    /// Makes a group of changes durable, and then readers see it.
    fn keep<'a>(
        &self,
        writer: &mut Writer,
        changes: impl Iterator<Item = Change<'a>> + Clone,
    ) -> Result<(), Fault> {
        writer.journal.forget();
        changes.clone().for_each(|change| writer.journal.put(change));
        if writer.journal.is_full() {
            self.turn(writer)?;
            writer.journal.turn();
        }
        writer.journal.write()?;
        {
            let mut recent = self.inside.recent.write().unwrap_or_else(PoisonError::into_inner);
            let before = recent.written.changes;
            changes.for_each(|change| recent.written.add(change));
            recent.written.last = writer.journal.last();
            writer.changes += recent.written.changes - before;
        }
        if writer.changes >= writer.marked.saturating_mul(2) {
            let mut marker = self.inside.marker();
            if writer.changes >= marker.changes.saturating_mul(2) {
                marker.changes = writer.changes;
                marker.write(self.folder())?;
            }
            writer.marked = marker.changes;
        }
        Ok(())
    }

    /// Hands on what was written, to be settled, and waits until what was handed on before is.
    fn turn(&self, writer: &mut Writer) -> Result<(), Fault> {
        self.wait(writer)?;
        let settling = {
            let mut recent = self.inside.recent.write().unwrap_or_else(PoisonError::into_inner);
            if recent.written.changes == 0 {
                return Ok(());
            }
            let settling = Arc::new(std::mem::take(&mut recent.written));
            recent.settling = Some(settling.clone());
            settling
        };
        writer.settling = writer.settle.as_ref().is_some_and(|settle| settle.send(settling).is_ok());
        Ok(())
    }

    /// Waits until nothing is being settled.
    fn wait(&self, writer: &mut Writer) -> Result<(), Fault> {
        if writer.settling && writer.settled.recv_timeout(SETTLING_MAX).is_err() {
            let seconds = SETTLING_MAX.as_secs();
            let slow = || {
                broken(self.folder(), &format!("its disk took more than {seconds} s to take a few megabytes"))
            };
            return Err(self.inside.refuses.get().cloned().unwrap_or_else(slow).into());
        }
        writer.settling = false;
        Ok(())
    }
}

impl Inside {
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

    fn refuse(&self, why: Failure) -> Failure {
        self.refuses.get_or_init(|| why).clone()
    }

    /// Settles what a file of the journal holds; then the file may be written again.
    fn settle(&self, recent: &Recent) -> Result<(), Failure> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let what = || "what its journal holds".to_string();
        self.within(what, |data| settle::settle(&self.folder, data, recent, &mut tally, &self.marker))
            .map_err(|why| self.refuse(why))?;
        let settled = self.recent.write().unwrap_or_else(PoisonError::into_inner).settling.take();
        drop(settled); // it may be large, and nobody waits for that
        Ok(())
    }

    /// While a reader has this, nothing they can see changes.
    fn recent(&self) -> RwLockReadGuard<'_, Both> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn marker(&self) -> MutexGuard<'_, Marker> {
        self.marker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far a key has come.
    fn version(&self, data: &Disk, key: &Key) -> Result<u64, Fault> {
        if let Some(shelf) = self.recent().shelf(key) {
            return Ok(shelf.newest.as_ref().map_or(0, |kept| kept.version.0));
        }
        for live in [true, false] {
            if let Some((version, _)) = pieces::head(&data.tree, &names::image(key, live))? {
                return Ok(version);
            }
        }
        nothing_under(data, key).map(|()| 0)
    }
}

/// The newest image that sled has of a key.
fn newest(data: &Disk, key: &Key) -> Result<Option<Kept>, Fault> {
    for live in [true, false] {
        if let Some(value) = pieces::get(&data.tree, &names::image(key, live))? {
            return Ok(Some(Kept { version: Version(value.version), image: value.bytes, live }));
        }
    }
    nothing_under(data, key).map(|()| None)
}

/// Where there are entries, there is an image.
fn nothing_under(data: &Disk, key: &Key) -> Result<(), Fault> {
    match data.tree.scan_prefix(names::entries(key)).next() {
        None => Ok(()),
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
                let mut versions: HashMap<&Key, u64> = HashMap::with_capacity(appends.len());
                let mut outcomes = Vec::with_capacity(appends.len());
                for append in appends {
                    let version = match versions.get_mut(&append.key) {
                        Some(version) => version,
                        None => {
                            let version = self.inside.version(data, &append.key);
                            let tell = |fault: Fault| fault.tell(self.folder(), &under(&append.key));
                            versions.entry(&append.key).or_insert(version.map_err(tell)?)
                        }
                    };
                    if append.expected.0 != *version {
                        outcomes.push(Outcome::Conflict(Version(*version)));
                        continue;
                    }
                    *version += 1;
                    outcomes.push(Outcome::Appended(Version(*version)));
                }
                let done = |(append, outcome)| match outcome {
                    &Outcome::Appended(version) => Some(Change::of(append, version.0)),
                    _ => None,
                };
                let changes = appends.iter().zip(&outcomes).filter_map(done);
                if changes.clone().next().is_some() {
                    self.keep(writer, changes)?;
                }
                Ok(outcomes)
            },
        )
    }

    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        self.inside.within(
            || under(key),
            |data| match self.inside.recent().shelf(key) {
                Some(shelf) => Ok(shelf.newest.clone()),
                None => newest(data, key),
            },
        )
    }

    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.inside.within(
            || under(key),
            |data| {
                let recent = self.inside.recent();
                let (on_disk, shelves) = recent.shelves(key);
                let end = match shelves.first() {
                    Some(shelf) => shelf.first(),
                    None => newest(data, key)?.map_or(0, |kept| kept.version.0) + 1,
                };
                let mut entries = Vec::new();
                if on_disk {
                    entries = packs::read(&data.tree, key, after.0, end, limit)?;
                }
                let more = shelves.iter().flat_map(|shelf| shelf.entries.entries(shelf.first()));
                let more = more.filter(|entry| entry.version > after);
                let room = limit - entries.len();
                entries.extend(more.take(room));
                Ok(entries)
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
        let after = after.filter(|after| after.as_str() >= prefix);
        let from = match after {
            // Behind all pieces of that key; no key has a one in it.
            Some(after) => [&[names::images(live)], after.as_str().as_bytes(), &[1]].concat(),
            None => begin.clone(),
        };
        self.inside.within(
            || format!("the list of keys that begin with `{prefix}`"),
            |data| {
                let recent = self.inside.recent();
                let mut changed = recent.newest_from(after.map_or(prefix, Key::as_str), prefix);
                if let Some(after) = after {
                    changed.remove(after);
                }
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
                    if !changed.contains_key(&key) {
                        let version = Version(value.version);
                        listed.push((key, Kept { version, image: value.bytes, live }));
                    }
                }
                let scanned = listed.len();
                let changed = changed.into_iter().filter_map(|(key, kept)| Some((key, kept?)));
                let changed = changed.filter(|(_, kept)| kept.live == live).take(limit);
                listed.extend(changed.map(|(key, kept)| (key.clone(), kept.clone())));
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
            |data, writer| match self.inside.version(data, key)? {
                0 => Ok(()),
                _ => self.keep(writer, std::iter::once(Change::Erase(key))),
            },
        )
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        let hash = Hash::of(bytes)?;
        let what = || format!("the blob {hash}");
        let there = |data: &Disk| {
            Ok(self.inside.recent().has_blob(&hash)
                || pieces::head(&data.tree, &names::whole_blob(&hash))?.is_some())
        };
        if self.inside.within(what, there)? {
            return Ok(hash);
        }
        // Nobody sees the pieces before they are all there, so nobody has to wait for them either.
        let put = |data: &Disk| {
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
                    return data.sync();
                }
                data.tree.apply_batch(batch)?;
            }
        };
        self.inside.within(what, put).map_err(|why| self.inside.refuse(why))?;
        self.changing(what, |_, writer| self.keep(writer, std::iter::once(Change::Blob(&hash))))?;
        Ok(hash)
    }

    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
        self.inside.within(
            || format!("the blob {hash}"),
            |data| {
                let there = self.inside.recent().has_blob(hash)
                    || pieces::head(&data.tree, &names::whole_blob(hash))?.is_some();
                if !there {
                    return Ok(None);
                }
                let value = pieces::get(&data.tree, &names::blob(hash))?.ok_or(Fault::Changed)?;
                if Hash::of(&value.bytes)? == *hash { Ok(Some(value.bytes)) } else { Err(Fault::Changed) }
            },
        )
    }

    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
        self.inside.within(
            || "the list of blobs".into(),
            |data| {
                let recent = self.inside.recent();
                let from = after
                    .map_or_else(|| b"h".to_vec(), |after| [&names::whole_blob(after)[..], &[1]].concat());
                let names = pieces::values(data.tree.range(from..b"i".to_vec()));
                let hashes = names.map(|found| names::hash_of(&found?.0).ok_or(Fault::Changed)).take(limit);
                let mut hashes = hashes.collect::<Result<Vec<Hash>, Fault>>()?;
                let settling = recent.settling.iter().flat_map(|settling| &settling.blobs);
                let new = settling
                    .chain(&recent.written.blobs)
                    .filter(|hash| after.is_none_or(|after| *hash > after));
                hashes.extend(new);
                hashes.sort();
                hashes.dedup();
                hashes.truncate(limit);
                Ok(hashes)
            },
        )
    }

    fn free_space(&self) -> Result<Option<u64>, Failure> {
        if let Some(why) = self.inside.refuses.get() {
            return Err(why.clone());
        }
        match rustix::fs::statvfs(self.folder()) {
            Ok(disk) => Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize))),
            Err(error) => Err(broken(self.folder(), &error.to_string())),
        }
    }
}

/// Settles what is not yet, so that the journal is not needed any more.
impl Drop for Sled {
    fn drop(&mut self) {
        let settle = |_: &Disk, writer: &mut Writer| {
            self.turn(writer)?;
            self.wait(writer)
        };
        self.changing(|| "the end".into(), settle).ok();
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        writer.settle = None;
        // Once the thread has ended, this is the last to hold what is inside.
        while writer.settled.recv_timeout(CLOSING_MAX).is_ok() {}
        if let Some(keeper) = self.keeper.take().filter(JoinHandle::is_finished) {
            keeper.join().ok();
        }
    }
}

/// Closes it, so that the next to open it knows exactly how much must be there.
impl Drop for Inside {
    fn drop(&mut self) {
        let Some((data, lock)) = self.open.take() else { return };
        let recent = self.recent.get_mut().unwrap_or_else(PoisonError::into_inner);
        if self.refuses.get().is_some() || recent.settling.is_some() || recent.written.changes > 0 {
            // Sled may wait for ever for a thread of its own that panicked; nobody waits for ever for sled.
            let (done, wait) = mpsc::channel();
            thread::spawn(move || {
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
        let tally = self.tally.get_mut().unwrap_or_else(PoisonError::into_inner);
        if tally.changes - self.opened_at >= CHANGES_MANY {
            // Sled notes where everything stands only when it is opened. Who opens it next shall not have to look for it.
            let looked = catch_unwind(AssertUnwindSafe(|| drop(Disk::open(&self.folder, self.sizes.cache))));
            if looked.is_err() || !disk::let_go(&self.folder).unwrap_or(false) {
                return;
            }
        }
        let size = || {
            let file = File::open(disk::file_of(&self.folder))?;
            file.sync_all()?;
            journal::remove(&self.folder)?;
            file.metadata().map(|found| found.len())
        };
        if let Ok(size) = size() {
            let marker = self.marker.get_mut().unwrap_or_else(PoisonError::into_inner);
            (marker.stage, marker.changes, marker.bytes) = (Stage::Closed(size), tally.changes, tally.bytes);
            // Without it the store counts as killed, which it survives as well.
            marker.write(&self.folder).ok();
        }
    }
}
