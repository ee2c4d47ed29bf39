//! All of a store in one stream of bytes, and a new store made of that: for backups, and for moving to another kind of
//! store.
//!
//! The stream is a row of frames, each with its length and checksum: a header with the format, entries and images by key,
//! blobs, and a footer that counts them. Without the footer it is a broken-off backup, and refused.

mod frame; // how a frame is written and read

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};

use super::{Append, Entry, Failure, Hash, Kept, Key, Outcome, Store, Version, Which};
use frame::{Frame, Frames, Sink};

/// Keys that are looked for at once.
const KEYS_AT_ONCE: usize = 64;
/// Entries that are read at once.
const ENTRIES_AT_ONCE: usize = 256;
/// Entries that wait for being restored together, and bytes of them.
const WAITING_MAX: usize = 1024;
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much a backup has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Keys.
    pub keys: u64,
    /// Entries, also those of a key that was erased while the backup was made.
    pub entries: u64,
    /// Blobs.
    pub blobs: u64,
}

/// What stands in a new store while a restore is under way.
fn unfinished() -> Key {
    Key::of(&["restore", "unfinished"])
}

/// Whether a store is what a restore left that was broken off: then it has only a part, and is to be thrown away. Sled
/// looks for it when it opens a store.
pub fn is_unfinished(store: &dyn Store) -> Result<bool, Failure> {
    Ok(store.newest(&unfinished())?.is_some())
}

/// Writes all of a store.
///
/// Appends may go on meanwhile. Each key is in the backup as it was at one moment while the backup was made: its image,
/// and the entries that led to it. Different keys may be of different moments, so what one key says of another may be
/// older or newer than that. A key that is erased meanwhile is missing; one that is new may be. A key that was there all the time
/// is in it. Blobs come last, so those that a record names are in it, if they were kept before the record was appended.
pub fn write(store: &dyn Store, out: impl Write) -> Result<Counts, Failure> {
    let mut sink = Sink::begin(out)?;
    let mut after: Option<Key> = None;
    loop {
        let (keys, end) = page(store, after.as_ref())?;
        for (key, kept) in keys {
            write_key(store, &mut sink, &key, kept)?;
        }
        match end {
            Some(end) => after = Some(end),
            None => break,
        }
    }
    let mut after: Option<Hash> = None;
    loop {
        let hashes = store.blobs(after.as_ref(), KEYS_AT_ONCE)?;
        let Some(last) = hashes.last() else { break };
        after = Some(*last);
        for hash in hashes {
            if let Some(bytes) = store.blob(&hash)? {
                sink.put(&Frame::Blob { bytes })?;
            }
        }
    }
    sink.end()
}

/// The next keys, live or at rest, and where to go on. A key may turn from one to the other between two looks, so the
/// live ones are looked for twice.
fn page(store: &dyn Store, after: Option<&Key>) -> Result<(BTreeMap<Key, Kept>, Option<Key>), Failure> {
    let mut end: Option<Key> = None;
    let mut keys = BTreeMap::new();
    for which in [Which::Live, Which::AtRest, Which::Live] {
        let found = store.list("", which, after, KEYS_AT_ONCE)?;
        if let (KEYS_AT_ONCE, Some((last, _))) = (found.len(), found.last()) {
            end = Some(end.map_or_else(|| last.clone(), |end| end.min(last.clone())));
        }
        keys.extend(found);
    }
    if let Some(end) = &end {
        keys.retain(|key, _| key <= end);
    }
    Ok((keys, end))
}

/// Writes the entries of a key up to its image, and the image with the newest of them.
fn write_key(store: &dyn Store, sink: &mut Sink<impl Write>, key: &Key, kept: Kept) -> Result<(), Failure> {
    let mut after = Version::NONE;
    let mut written = false;
    loop {
        let mut entries = store.read(key, after, ENTRIES_AT_ONCE)?;
        entries.retain(|entry| entry.version <= kept.version);
        let newest = entries.pop_if(|entry| entry.version == kept.version);
        for Entry { version, bytes } in entries {
            after = version;
            written = true;
            sink.put(&Frame::Entry { key: key.clone(), entry: bytes })?;
        }
        if let Some(Entry { bytes, .. }) = newest {
            let Kept { image, live, .. } = kept;
            return sink.put(&Frame::Newest { key: key.clone(), live, entry: bytes, image });
        }
        // Where its newest entry is not there any more, it was erased meanwhile, and maybe begun anew.
        if store.newest(key)?.is_none_or(|now| now.version < kept.version) {
            return if written { sink.put(&Frame::Gone { key: key.clone() }) } else { Ok(()) };
        }
    }
}

/// Reads a backup to its end and looks whether it is whole, without a store.
pub fn check(from: impl Read) -> Result<Counts, Failure> {
    let mut frames = Frames::begin(from)?;
    while frames.next()?.is_some() {}
    Ok(frames.counts())
}

/// Makes an empty store hold what a backup holds.
///
/// Newest images, entries in their order, blobs, and what is live are as they were. Versions are those the new store gives: they
/// grow as they do in every store, and are the same numbers only by chance. The image between two entries is not kept, so
/// until a key is restored in whole it has an empty one.
///
/// A restore that is broken off leaves a part. The store says so when it is opened again, and has to be thrown away.
pub fn restore(store: &dyn Store, from: impl Read) -> Result<Counts, Failure> {
    for which in [Which::Live, Which::AtRest] {
        if let Some((key, _)) = store.list("", which, None, 1)?.pop() {
            return Err(not_empty(&format!("there is `{key}`")));
        }
    }
    if !store.blobs(None, 1)?.is_empty() {
        return Err(not_empty("there are blobs"));
    }
    let mut frames = Frames::begin(from)?;
    let mark =
        Append { key: unfinished(), expected: Version::NONE, entry: vec![], image: vec![], live: false };
    if !matches!(store.append(&[mark])?[..], [Outcome::Appended(_)]) {
        return Err(broken_off(&unfinished()));
    }
    let mut waiting = Waiting::default();
    while let Some(frame) = frames.next()? {
        match frame {
            Frame::Entry { key, entry } => {
                waiting.add(Append { key, expected: Version::NONE, entry, image: vec![], live: false });
            }
            Frame::Newest { key, live, entry, image } => {
                waiting.add(Append { key, expected: Version::NONE, entry, image, live });
            }
            Frame::Gone { key } => waiting.take_back(store, &key)?,
            Frame::Blob { bytes } => {
                store.put_blob(&bytes)?;
            }
        }
        if waiting.appends > WAITING_MAX || waiting.bytes > WAITING_BYTES_MAX {
            waiting.settle(store)?;
        }
    }
    waiting.settle(store)?;
    store.erase(&unfinished())?;
    Ok(frames.counts())
}

fn not_empty(what: &str) -> Failure {
    Failure::Damaged(format!(
        "A backup is restored into an empty store only, and {what} in this one. Nothing was changed."
    ))
}

/// Entries that are read and not restored yet. Those of different keys are appended together.
#[derive(Default)]
struct Waiting {
    keys: BTreeMap<Key, VecDeque<Append>>,
    appends: usize,
    bytes: usize,
    /// The key that came last: only of that one there may be more.
    last: Option<Key>,
    newest: BTreeMap<Key, Version>,
}

impl Waiting {
    fn add(&mut self, append: Append) {
        self.appends += 1;
        self.bytes += append.bytes();
        self.last = Some(append.key.clone());
        self.keys.entry(append.key.clone()).or_default().push_back(append);
    }

    /// Appends all that waits, a round for each entry of the longest key.
    fn settle(&mut self, store: &dyn Store) -> Result<(), Failure> {
        while !self.keys.is_empty() {
            let mut round = Vec::with_capacity(self.keys.len());
            self.keys.retain(|key, entries| {
                if let Some(mut append) = entries.pop_front() {
                    append.expected = self.newest.get(key).copied().unwrap_or_default();
                    round.push(append);
                }
                !entries.is_empty()
            });
            let outcomes = store.append(&round)?;
            for (append, outcome) in round.into_iter().zip(outcomes) {
                let Outcome::Appended(version) = outcome else {
                    return Err(broken_off(&append.key));
                };
                self.newest.insert(append.key, version);
            }
        }
        self.newest.retain(|key, _| Some(key) == self.last.as_ref());
        (self.appends, self.bytes) = (0, 0);
        Ok(())
    }

    /// What waits of a key, and what was restored of it, is taken back.
    fn take_back(&mut self, store: &dyn Store, key: &Key) -> Result<(), Failure> {
        self.keys.remove(key);
        self.newest.remove(key);
        store.erase(key)
    }
}

fn broken_off(key: &Key) -> Failure {
    Failure::Broken(format!(
        "The restore was broken off at `{key}`: another appends to the store, or it did not answer. Throw the new store \
         away and begin again."
    ))
}
