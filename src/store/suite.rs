//! What every store passes: for whoever writes one of their own, and for the stores of this house.
//!
//! [`everything`] tries each promise of the contract; [`hold`] does any row of operations and compares the store with a
//! plain model after each, so that a property test can look for rows that part the two.

use std::collections::BTreeMap;
use std::thread;

use super::contract::{BLOB_BYTES_MAX, ENTRY_BYTES_MAX, IMAGE_BYTES_MAX, KEY_BYTES_MAX};
use super::{Append, Entry, Failure, Hash, Kept, Key, Outcome, Store, Version, Which};

/// A place for a store: called again, once the store it gave before is dropped, it opens the same one, as after a restart.
pub type Place = Box<dyn Fn() -> Result<Box<dyn Store>, Failure>>;

/// What was not as promised, in a sentence.
pub type Broken = String;

/// Something to do with a store. Keys are numbers; [`key`] has their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Appends, all in one call.
    Append(Vec<Planned>),
    /// Erases a key.
    Erase(u8),
    /// Keeps a blob.
    PutBlob(Vec<u8>),
    /// Reads so many entries, those after the entry of that number.
    Read {
        /// Of this key.
        key: u8,
        /// After the entry of this number, counted from one.
        after: u8,
        /// So many at most.
        limit: usize,
    },
    /// Lists keys that begin with so many letters of a key, those after another.
    List {
        /// This key,
        like: u8,
        /// so many letters of it.
        letters: u8,
        /// Live or at rest.
        which: Which,
        /// Those after this key.
        after: Option<u8>,
        /// So many at most.
        limit: usize,
    },
    /// Closes the store and opens it again.
    Reopen,
}

/// An append to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// To this key.
    pub key: u8,
    /// What is expected.
    pub expects: Expects,
    /// What happened.
    pub entry: Vec<u8>,
    /// What it led to.
    pub image: Vec<u8>,
    /// Whether the key is live then.
    pub live: bool,
}

/// Which version an append expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// The newest as it was before the call. The second append to a key in one call conflicts, then.
    Newest,
    /// That nothing was appended.
    Nothing,
    /// One before the newest.
    Older,
    /// One that was never given.
    Never,
}

/// The key of a number: some are beginnings of others, some need escaping, one is as long as a key may be.
pub fn key(number: u8) -> Key {
    match number % 12 {
        0 => Key::of(&["a"]),
        1 => Key::of(&["a", "b"]),
        2 => Key::of(&["a", "b", "c"]),
        3 => Key::of(&["a!"]),
        4 => Key::of(&["ab"]),
        5 => Key::of(&["a", "%/\0"]),
        6 => Key::of(&["conversation", "acme", "0193"]),
        7 => Key::of(&["conversation", "acme", "0194"]),
        8 => Key::of(&["conversation", "zoé", "\u{10ffff}"]),
        9 => Key::of(&["z", &"z".repeat(KEY_BYTES_MAX - 2)]),
        10 => Key::of(&["user", ""]),
        _ => Key::of(&["user", "anna"]),
    }
}

/// What a store should hold: the contract written down as simply as it can be.
#[derive(Debug, Default)]
struct Model {
    keys: BTreeMap<Key, Stack>,
    blobs: BTreeMap<Hash, Vec<u8>>,
}

#[derive(Debug)]
struct Stack {
    entries: Vec<Entry>,
    kept: Kept,
}

/// Does these operations, in a store that is empty at first, and compares it with a plain model after each.
pub fn hold(place: &Place, operations: &[Operation]) -> Result<(), Broken> {
    let mut store = open(place)?;
    let mut model = Model::default();
    for (number, operation) in operations.iter().enumerate() {
        if *operation == Operation::Reopen {
            drop(store);
            store = open(place)?;
            model.compare(&*store).map_err(|why| format!("operation {number}, opened again: {why}"))?;
        } else {
            model
                .operate(&*store, operation)
                .map_err(|why| format!("operation {number}, {operation:?}: {why}"))?;
        }
    }
    model.compare(&*store).map_err(|why| format!("in the end: {why}"))?;
    drop(store);
    model.compare(&*open(place)?).map_err(|why| format!("in the end, opened again: {why}"))
}

fn open(place: &Place) -> Result<Box<dyn Store>, Broken> {
    place().map_err(|why| format!("the store does not open: {why}"))
}

fn fine<T>(answer: Result<T, Failure>) -> Result<T, Broken> {
    answer.map_err(|why| format!("the store failed: {why}"))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, expected: T) -> Result<(), Broken> {
    if got == expected {
        return Ok(());
    }
    let (got, expected) = (format!("{got:?}"), format!("{expected:?}"));
    Err(format!("{what} is {}, and should be {}", shortened(&got), shortened(&expected)))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}… ({} letters)", &text[..end], text.chars().count()),
        None => text.into(),
    }
}

impl Model {
    fn newest(&self, key: &Key) -> Version {
        self.keys.get(key).map_or(Version::NONE, |stack| stack.kept.version)
    }

    fn operate(&mut self, store: &dyn Store, operation: &Operation) -> Result<(), Broken> {
        match operation {
            Operation::Append(planned) => self.append(store, planned),
            Operation::Erase(number) => {
                let key = key(*number);
                fine(store.erase(&key))?;
                self.keys.remove(&key);
                same("the newest of an erased key", fine(store.newest(&key))?, None)
            }
            Operation::PutBlob(bytes) => {
                let hash = fine(store.put_blob(bytes))?;
                same("the name of the blob", hash, fine(Hash::of(bytes))?)?;
                self.blobs.insert(hash, bytes.clone());
                same("the blob", fine(store.blob(&hash))?.as_ref(), Some(bytes))
            }
            Operation::Read { key: number, after, limit } => {
                let key = key(*number);
                let entries = self.keys.get(&key).map_or(&[][..], |stack| &stack.entries);
                let from = usize::from(*after).min(entries.len());
                let after = entries[..from].last().map_or(Version::NONE, |entry| entry.version);
                let expected: Vec<Entry> = entries[from..].iter().take(*limit).cloned().collect();
                same("what was read", fine(store.read(&key, after, *limit))?, expected)
            }
            Operation::List { like, letters, which, after, limit } => {
                let prefix: String = key(*like).as_str().chars().take(usize::from(*letters)).collect();
                let after = after.map(key);
                let expected = self.list(&prefix, *which, after.as_ref(), *limit);
                same("the list", fine(store.list(&prefix, *which, after.as_ref(), *limit))?, expected)
            }
            Operation::Reopen => Ok(()),
        }
    }

    fn append(&mut self, store: &dyn Store, planned: &[Planned]) -> Result<(), Broken> {
        let appends: Vec<Append> = planned
            .iter()
            .map(|planned| {
                let key = key(planned.key);
                let newest = self.newest(&key);
                let expected = match planned.expects {
                    Expects::Newest => newest,
                    Expects::Nothing => Version::NONE,
                    Expects::Older => match self.keys.get(&key).map_or(&[][..], |stack| &stack.entries) {
                        [.., before, _] => before.version,
                        _ => Version::NONE,
                    },
                    Expects::Never => Version(u64::MAX),
                };
                let Planned { entry, image, live, .. } = planned.clone();
                Append { key, expected, entry, image, live }
            })
            .collect();
        let outcomes = fine(store.append(&appends))?;
        same("the number of outcomes", outcomes.len(), appends.len())?;
        for (append, outcome) in appends.into_iter().zip(outcomes) {
            let newest = self.newest(&append.key);
            match outcome {
                Outcome::Appended(version) if append.expected == newest && version > newest => {
                    let kept = Kept { version, image: append.image, live: append.live };
                    let stack = self
                        .keys
                        .entry(append.key)
                        .or_insert_with(|| Stack { entries: Vec::new(), kept: kept.clone() });
                    stack.kept = kept;
                    stack.entries.push(Entry { version, bytes: append.entry });
                }
                Outcome::Conflict(version) if append.expected != newest && version == newest => {}
                wrong => {
                    let expected = append.expected;
                    return Err(format!("{}, at {newest:?}, expected {expected:?}: {wrong:?}", append.key));
                }
            }
        }
        for planned in planned {
            let key = key(planned.key);
            same(
                "the newest",
                fine(store.newest(&key))?,
                self.keys.get(&key).map(|stack| stack.kept.clone()),
            )?;
        }
        Ok(())
    }

    fn list(&self, prefix: &str, which: Which, after: Option<&Key>, limit: usize) -> Vec<(Key, Kept)> {
        self.keys
            .iter()
            .filter(|(key, stack)| {
                key.as_str().starts_with(prefix)
                    && after.is_none_or(|after| *key > after)
                    && stack.kept.live == (which == Which::Live)
            })
            .take(limit)
            .map(|(key, stack)| (key.clone(), stack.kept.clone()))
            .collect()
    }

    /// Whether the store holds this and nothing else.
    fn compare(&self, store: &dyn Store) -> Result<(), Broken> {
        for number in 0..12 {
            let key = key(number);
            let stack = self.keys.get(&key);
            same("the newest", fine(store.newest(&key))?, stack.map(|stack| stack.kept.clone()))?;
            let entries = stack.map_or(&[][..], |stack| &stack.entries);
            same("the entries", fine(store.read(&key, Version::NONE, usize::MAX))?.as_slice(), entries)?;
        }
        for which in [Which::Live, Which::AtRest] {
            let listed = fine(store.list("", which, None, usize::MAX))?;
            same("the list", listed, self.list("", which, None, usize::MAX))?;
        }
        let hashes: Vec<Hash> = self.blobs.keys().copied().collect();
        same("the list of blobs", fine(store.blobs(None, usize::MAX))?, hashes)?;
        for (hash, bytes) in &self.blobs {
            same("the blob", fine(store.blob(hash))?.as_ref(), Some(bytes))?;
        }
        Ok(())
    }
}

/// A promise: its sentence, and what holds a store to it.
type Promise = (&'static str, fn(&Place) -> Result<(), Broken>);

/// Every promise that can be held in a sentence.
const PROMISES: &[Promise] = &[
    ("an append expects the newest version, and versions grow", versions),
    ("what conflicts changes nothing", conflicts),
    ("the appends of a call are taken in order, each by itself", in_order),
    ("entries are read in order, from any version, as many as asked for", reading),
    ("a key is live or at rest as its newest append said", live),
    ("keys are listed by prefix, in order, page by page", listing),
    ("erasing removes all of a key and nothing else, and twice is harmless", erasing),
    ("a blob is kept under its hash, once", blobs),
    ("what is as large as it may be is kept", largest),
    ("what is too large is refused with the limit, with all of its call, and the store goes on", too_large),
    ("everything is there after opening again", opening_again),
    ("of those who append to a key at once, each version has one winner", races),
    ("a reader sees versions that only grow, each with all its entries", readers),
];

/// Holds a store to every promise, each in a place of its own, and says which it broke.
pub fn everything(fresh: &dyn Fn() -> Place) -> Result<(), Broken> {
    let broken: Vec<Broken> = PROMISES
        .iter()
        .filter_map(|(promise, keeps)| {
            keeps(&fresh()).err().map(|why| format!("It does not hold that {promise}: {why}."))
        })
        .collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn append(number: u8, expected: Version, entry: &str, live: bool) -> Append {
    Append { key: key(number), expected, entry: entry.into(), image: format!("after {entry}").into(), live }
}

/// Appends something that must be appended.
fn appended(store: &dyn Store, append: Append) -> Result<Version, Broken> {
    match fine(store.append(&[append]))?.as_slice() {
        [Outcome::Appended(version)] => Ok(*version),
        other => Err(format!("an append that should be done came to {other:?}")),
    }
}

fn versions(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    same("the newest of an unknown key", fine(store.newest(&key(0)))?, None)?;
    let mut version = Version::NONE;
    for number in 0..20 {
        let next = appended(&*store, append(0, version, &format!("entry {number}"), true))?;
        if next <= version {
            return Err(format!("{next:?} came after {version:?}"));
        }
        version = next;
        let image = format!("after entry {number}").into();
        same("the newest", fine(store.newest(&key(0)))?, Some(Kept { version, image, live: true }))?;
    }
    Ok(())
}

fn conflicts(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let first = appended(&*store, append(0, Version::NONE, "first", true))?;
    let second = appended(&*store, append(0, first, "second", true))?;
    for expected in [Version::NONE, first, Version(u64::MAX)] {
        let outcome = fine(store.append(&[append(0, expected, "late", false)]))?;
        same("the outcome", outcome, vec![Outcome::Conflict(second)])?;
    }
    let outcome = fine(store.append(&[append(1, first, "to nothing", true)]))?;
    same("the outcome at a key without entries", outcome, vec![Outcome::Conflict(Version::NONE)])?;
    same("the key without entries", fine(store.newest(&key(1)))?, None)?;
    same("the number of entries", fine(store.read(&key(0), Version::NONE, 9))?.len(), 2)?;
    let kept = fine(store.newest(&key(0)))?;
    same("the newest", kept, Some(Kept { version: second, image: b"after second".into(), live: true }))
}

fn in_order(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let outcomes = fine(store.append(&[
        append(0, Version::NONE, "first", true),
        append(0, Version::NONE, "too late", false),
        append(1, Version::NONE, "other", false),
    ]))?;
    match outcomes.as_slice() {
        [Outcome::Appended(first), Outcome::Conflict(newest), Outcome::Appended(_)] if first == newest => {}
        other => return Err(format!("the outcomes were {other:?}")),
    }
    same("the first key", fine(store.newest(&key(0)))?.map(|kept| kept.live), Some(true))?;
    same("the other key", fine(store.newest(&key(1)))?.map(|kept| kept.live), Some(false))?;
    same("what comes of nothing", fine(store.append(&[]))?, vec![])
}

fn reading(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let mut versions = vec![Version::NONE];
    for number in 0..30 {
        let last = versions[versions.len() - 1];
        versions.push(appended(&*store, append(0, last, &format!("entry {number}"), number % 2 == 0))?);
        appended(&*store, append(1, Version::NONE, "beside", true)).ok();
    }
    for (from, after) in versions.iter().enumerate() {
        for limit in [0, 1, 7, usize::MAX] {
            let got = fine(store.read(&key(0), *after, limit))?;
            let expected: Vec<Entry> = (from..30)
                .take(limit)
                .map(|number| Entry {
                    version: versions[number + 1],
                    bytes: format!("entry {number}").into(),
                })
                .collect();
            same("what was read", got, expected)?;
        }
    }
    same("what is after the end", fine(store.read(&key(0), Version(u64::MAX), 9))?, vec![])?;
    same("what an unknown key has", fine(store.read(&key(2), Version::NONE, 9))?, vec![])
}

fn live(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let mut version = Version::NONE;
    for live in [true, false, false, true, true, false] {
        version = appended(&*store, append(0, version, "turned", live))?;
        for (which, there) in [(Which::Live, live), (Which::AtRest, !live)] {
            let listed = fine(store.list("", which, None, 9))?;
            let expected = Kept { version, image: b"after turned".into(), live };
            let expected: Vec<_> = there.then(|| (key(0), expected)).into_iter().collect();
            same(&format!("the list of {which:?}"), listed, expected)?;
        }
    }
    Ok(())
}

fn listing(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let mut all: Vec<Key> = (0..12).map(key).collect();
    for number in (0..12).rev() {
        appended(&*store, append(number, Version::NONE, "there", true))?;
    }
    all.sort();
    for prefix in ["", "a", "a/", "a/b", "conversation/acme/", "nothing"] {
        let expected: Vec<Key> = all.iter().filter(|key| key.as_str().starts_with(prefix)).cloned().collect();
        for page in [1, 2, 5, 100] {
            let (mut got, mut after) = (Vec::new(), None);
            loop {
                let found = fine(store.list(prefix, Which::Live, after.as_ref(), page))?;
                if found.len() > page {
                    return Err(format!("a page of {page} has {} keys", found.len()));
                }
                let Some((last, _)) = found.last() else { break };
                after = Some(last.clone());
                got.extend(found.into_iter().map(|(key, _)| key));
                if got.len() > all.len() {
                    return Err("listing page by page does not end".into());
                }
            }
            same(&format!("the list of `{prefix}` in pages of {page}"), got, expected.clone())?;
        }
    }
    same("a list of none", fine(store.list("", Which::Live, None, 0))?, vec![])?;
    same("what is at rest", fine(store.list("", Which::AtRest, None, 9))?, vec![])
}

fn erasing(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    fine(store.erase(&key(0)))?;
    let mut version = Version::NONE;
    for number in 0..300 {
        version = appended(&*store, append(0, version, &format!("entry {number}"), true))?;
    }
    let image = vec![7; IMAGE_BYTES_MAX];
    appended(&*store, Append { image, ..append(0, version, "last", false) })?;
    appended(&*store, append(1, Version::NONE, "stays", true))?;
    for _ in 0..2 {
        fine(store.erase(&key(0)))?;
        same("the newest", fine(store.newest(&key(0)))?, None)?;
        same("the entries", fine(store.read(&key(0), Version::NONE, 9))?, vec![])?;
        same("what is at rest", fine(store.list("", Which::AtRest, None, 9))?, vec![])?;
        same("what stays", fine(store.read(&key(1), Version::NONE, 9))?.len(), 1)?;
    }
    appended(&*store, append(0, Version::NONE, "anew", true))?;
    let entries = fine(store.read(&key(0), Version::NONE, 9))?;
    same("what was appended anew", entries.len(), 1)?;
    drop(store);
    let entries = fine(open(place)?.read(&key(0), Version::NONE, 9))?;
    same("what was appended anew, opened again", entries.len(), 1)
}

fn blobs(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let unknown = fine(Hash::of(b"unknown"))?;
    same("an unknown blob", fine(store.blob(&unknown))?, None)?;
    let mut hashes = Vec::new();
    for size in [0, 1, 5_000, 5_120, 5_121, 32_768, 65_536, 300_000] {
        let bytes: Vec<u8> = (0..size).map(|at: usize| (at * 31 / 7) as u8).collect();
        for _ in 0..2 {
            let hash = fine(store.put_blob(&bytes))?;
            same("its name", hash, fine(Hash::of(&bytes))?)?;
            same("the blob", fine(store.blob(&hash))?.as_deref(), Some(bytes.as_slice()))?;
        }
        hashes.push(fine(Hash::of(&bytes))?);
    }
    hashes.sort();
    same("the list of blobs", fine(store.blobs(None, 99))?, hashes.clone())?;
    same("the second page", fine(store.blobs(Some(&hashes[2]), 2))?, hashes[3..5].to_vec())?;
    drop(store);
    same("the list of blobs, opened again", fine(open(place)?.blobs(None, 99))?, hashes)
}

fn largest(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let mut version = Version::NONE;
    for byte in 1..4 {
        let (entry, image) = (vec![byte; ENTRY_BYTES_MAX], vec![byte; IMAGE_BYTES_MAX]);
        version = appended(
            &*store,
            Append { key: key(9), expected: version, entry: entry.clone(), image: image.clone(), live: true },
        )?;
        let read = fine(store.read(&key(9), Version::NONE, 9))?.pop().map(|entry| entry.bytes);
        same("the entry", read, Some(entry))?;
        same("the image", fine(store.newest(&key(9)))?, Some(Kept { version, image, live: true }))?;
    }
    version = appended(
        &*store,
        Append { key: key(9), expected: version, entry: vec![], image: vec![], live: true },
    )?;
    let kept = Kept { version, image: vec![], live: true };
    same("an image without bytes", fine(store.newest(&key(9)))?, Some(kept))?;
    let read = fine(store.read(&key(9), Version::NONE, 9))?.pop().map(|entry| entry.bytes);
    same("an entry without bytes", read, Some(vec![]))
}

fn too_large(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let fits = append(0, Version::NONE, "fits", true);
    for (wrong, limit) in [
        (
            Append { entry: vec![0; ENTRY_BYTES_MAX + 1], ..append(1, Version::NONE, "", true) },
            ENTRY_BYTES_MAX,
        ),
        (
            Append { image: vec![0; IMAGE_BYTES_MAX + 1], ..append(1, Version::NONE, "", true) },
            IMAGE_BYTES_MAX,
        ),
        (
            Append { key: Key::of(&[&"k".repeat(KEY_BYTES_MAX + 1)]), ..append(1, Version::NONE, "", true) },
            KEY_BYTES_MAX,
        ),
    ] {
        match store.append(&[fits.clone(), wrong]) {
            Err(Failure::TooLarge(why)) if why.contains(&limit.to_string()) => {}
            other => return Err(format!("what is larger than {limit} came to {other:?}")),
        }
    }
    match store.put_blob(&vec![0; BLOB_BYTES_MAX + 1]) {
        Err(Failure::TooLarge(why)) if why.contains(&BLOB_BYTES_MAX.to_string()) => {}
        other => return Err(format!("a blob that is too large came to {other:?}")),
    }
    same("what came in the same call", fine(store.newest(&key(0)))?, None)?;
    appended(&*store, fits).map(|_| ())
}

fn opening_again(place: &Place) -> Result<(), Broken> {
    let mut model = Model::default();
    for round in 0..4 {
        let store = open(place)?;
        model.compare(&*store)?;
        for number in 0..12 {
            let planned = Planned {
                key: number,
                expects: Expects::Newest,
                entry: vec![round; 100 * usize::from(number)],
                image: vec![round; 900 * usize::from(number)],
                live: (number + round) % 3 > 0,
            };
            model.operate(&*store, &Operation::Append(vec![planned]))?;
        }
        model.operate(&*store, &Operation::Erase(round))?;
        model.operate(&*store, &Operation::PutBlob(vec![round; 9_000]))?;
    }
    model.compare(&*open(place)?)
}

/// How many append at once, and how often each does.
const AT_ONCE: usize = 4;
const TIMES: usize = 25;

fn races(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    let writers = thread::scope(|scope| {
        let writers: Vec<_> = (0..AT_ONCE)
            .map(|writer| {
                let store = &*store;
                scope.spawn(move || -> Result<(), Broken> {
                    let (mut newest, mut won) = (Version::NONE, 0);
                    while won < TIMES {
                        let append = append(0, newest, &format!("writer {writer}, {won}"), true);
                        newest = match fine(store.append(&[append]))?.as_slice() {
                            [Outcome::Appended(version)] => {
                                won += 1;
                                *version
                            }
                            [Outcome::Conflict(version)] if *version > newest => *version,
                            other => return Err(format!("in a race an append came to {other:?}")),
                        };
                    }
                    Ok(())
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join()).collect::<Vec<_>>()
    });
    for writer in writers {
        writer.map_err(|_| Broken::from("a writer panicked"))??;
    }
    let entries = fine(store.read(&key(0), Version::NONE, usize::MAX))?;
    for writer in 0..AT_ONCE {
        let of = format!("writer {writer}, ");
        let own: Vec<String> = entries
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned())
            .filter(|entry| entry.starts_with(&of))
            .collect();
        let expected: Vec<String> = (0..TIMES).map(|won| format!("{of}{won}")).collect();
        same(&format!("what writer {writer} appended"), own, expected)?;
    }
    same("the number of entries", entries.len(), AT_ONCE * TIMES)
}

fn readers(place: &Place) -> Result<(), Broken> {
    let store = open(place)?;
    thread::scope(|scope| {
        let reader = scope.spawn(|| -> Result<(), Broken> {
            let mut seen = 0;
            while seen < TIMES {
                let listed = fine(store.list("a", Which::Live, None, 1))?.pop();
                let entries = fine(store.read(&key(0), Version::NONE, usize::MAX))?;
                let newest = fine(store.newest(&key(0)))?;
                let (listed, newest) =
                    (listed.map(|(_, kept)| kept.version), newest.map(|kept| kept.version));
                let read = entries.last().map(|entry| entry.version);
                if listed > read || read > newest || entries.len() < seen {
                    return Err(format!(
                        "one after the other, the list has {listed:?}, the entries {read:?}, the newest {newest:?}"
                    ));
                }
                seen = entries.len();
            }
            Ok(())
        });
        let mut version = Version::NONE;
        for number in 0..TIMES {
            version = appended(&*store, append(0, version, &format!("entry {number}"), true))?;
        }
        reader.join().map_err(|_| Broken::from("a reader panicked"))?
    })
}
