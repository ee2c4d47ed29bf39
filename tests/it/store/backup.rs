//! A backup holds all of a store, also while others append; a damaged one is refused; a restore is all or nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use parlor::store::backup::{self, Counts};
use parlor::store::{
    Append, Entry, Failure, Fault, Faults, Hash, Kept, Key, Memory, Outcome, Sled, Store, Version, Which,
};

use super::folder::Folder;

fn key(number: u64) -> Key {
    Key::of(&["conversation", "acme", &format!("{number:04}")])
}

fn append_next(store: &dyn Store, key: &Key, entry: Vec<u8>, image: Vec<u8>, live: bool) -> Version {
    let expected = store.newest(key).unwrap().map_or(Version::NONE, |kept| kept.version);
    let append = Append { key: key.clone(), expected, entry, image, live };
    match store.append(&[append]).unwrap()[..] {
        [Outcome::Appended(version)] => version,
        ref other => panic!("{other:?}"),
    }
}

/// Short and long keys, live and at rest, more than a page of each.
fn fill(store: &dyn Store) {
    for number in 0..200 {
        let entries = if number == 77 { 1_500 } else { number % 4 + 1 };
        for entry in 0..entries {
            let text = format!("{number} {entry}").into_bytes();
            append_next(store, &key(number), text.clone(), text.repeat(40), number % 3 > 0);
        }
    }
    append_next(store, &key(500), vec![5; 48 * 1024], vec![6; 48 * 1024], true);
    for size in [0_usize, 7, 100_000] {
        store.put_blob(&vec![3; size]).unwrap();
    }
}

/// All of a store, without the numbers of versions.
type All = (Vec<(Key, Vec<u8>, bool, Vec<Vec<u8>>)>, Vec<(Hash, Vec<u8>)>);

fn all(store: &dyn Store) -> All {
    let mut keys = Vec::new();
    for which in [Which::Live, Which::AtRest] {
        for (key, Kept { image, live, version }) in store.list("", which, None, usize::MAX).unwrap() {
            let entries = store.read(&key, Version::NONE, usize::MAX).unwrap();
            assert_eq!(entries.last().map(|entry| entry.version), Some(version));
            keys.push((key, image, live, entries.into_iter().map(|entry| entry.bytes).collect()));
        }
    }
    let hashes = store.blobs(None, usize::MAX).unwrap();
    let blobs = hashes.into_iter().map(|hash| (hash, store.blob(&hash).unwrap().expect("it is listed")));
    (keys, blobs.collect())
}

fn backup_of(store: &dyn Store) -> (Vec<u8>, Counts) {
    let mut bytes = Vec::new();
    let counts = backup::write(store, &mut bytes).unwrap();
    (bytes, counts)
}

#[test]
fn what_is_restored_is_what_was_there() {
    let folder = Folder::new();
    let memory = Memory::new();
    fill(&memory);
    let (bytes, counts) = backup_of(&memory);
    let entries = (0..200).map(|number| if number == 77 { 1_500 } else { number % 4 + 1 }).sum::<u64>() + 1;
    assert_eq!(counts, Counts { keys: 201, entries, blobs: 3 });
    assert_eq!(backup::check(&bytes[..]), Ok(counts));

    let sled = Sled::open(folder.path().join("one")).unwrap();
    assert_eq!(backup::restore(&sled, &bytes[..]), Ok(counts));
    assert_eq!(all(&sled), all(&memory));
    // And from there into a third; the backup of the same is the same.
    let (again, _) = backup_of(&sled);
    assert!(again == bytes, "a backup of the same differs");
    let third = Memory::new();
    backup::restore(&third, &again[..]).unwrap();
    assert_eq!(all(&third), all(&memory));
    // Versions go on growing.
    let before = sled.newest(&key(77)).unwrap().unwrap().version;
    assert!(append_next(&sled, &key(77), vec![1], vec![2], true) > before);
}

#[test]
fn a_backup_that_is_cut_or_changed_anywhere_is_refused() {
    let memory = Memory::new();
    for number in 0..3 {
        append_next(&memory, &key(number), vec![1; 9], vec![2; 9], number > 0);
        append_next(&memory, &key(number), vec![3; 9], vec![4; 9], number > 0);
    }
    memory.put_blob(b"text").unwrap();
    let (bytes, counts) = backup_of(&memory);
    assert_eq!(backup::check(&bytes[..]), Ok(counts));
    let refused = |bytes: &[u8], what: &str| {
        let checked = backup::check(bytes).expect_err(what);
        let new = Memory::new();
        assert_eq!(backup::restore(&new, bytes), Err(checked.clone()), "{what}");
        checked
    };
    for length in 0..bytes.len() {
        match refused(&bytes[..length], &format!("{length} bytes of it")) {
            Failure::Damaged(why) => {
                assert!(why.contains(&format!("broken off after {length} bytes")), "{why}")
            }
            other => panic!("{other:?}"),
        }
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            refused(&bytes, &format!("bit {bit} of byte {at}"));
        }
    }
    refused(&[&bytes[..], b"!"].concat(), "more behind the end");
    // Two backups one behind the other, and one whose frame is missing, have good frames only.
    refused(&[&bytes[..], &bytes].concat(), "two backups");
    let first = 16 + 5 + u32::from_be_bytes(bytes[17..21].try_into().unwrap()) as usize + 4;
    refused(&[&bytes[..16], &bytes[first..]].concat(), "the first frame missing");
}

#[test]
fn backups_are_refused_with_sentences() {
    let memory = Memory::new();
    append_next(&memory, &key(1), vec![1], vec![2], true);
    let (bytes, _) = backup_of(&memory);
    let told = |bytes: &[u8]| backup::check(bytes).unwrap_err().to_string();
    assert_eq!(told(b"PK\x03\x04 and so on, and on"), "This is no backup of a store.");
    assert_eq!(
        told(&bytes[..30]),
        "The backup is broken off after 30 bytes: its end is missing. Use another one."
    );
    let mut changed = bytes.clone();
    changed[24] ^= 1;
    assert_eq!(
        told(&changed),
        "The backup is damaged: what stands at byte 16 is not what was written. Use another one."
    );
    let mut later = bytes.clone();
    later[11] = 2;
    let check = crc32fast::hash(&later[..12]).to_be_bytes();
    later[12..16].copy_from_slice(&check);
    assert_eq!(
        told(&later),
        "The backup was written by a later version of this program (format 2; this one reads 1). Use that version."
    );
    assert_eq!(
        backup::restore(&memory, &bytes[..]).unwrap_err().to_string(),
        "A backup is restored into an empty store only, and there is `conversation/acme/0001` in this one. Nothing was \
         changed."
    );
    let blobs = Memory::new();
    blobs.put_blob(b"text").unwrap();
    assert_eq!(
        backup::restore(&blobs, &bytes[..]).unwrap_err().to_string(),
        "A backup is restored into an empty store only, and there are blobs in this one. Nothing was changed."
    );
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    assert_eq!(
        backup::write(&memory, Full).unwrap_err().to_string(),
        "The backup cannot be written: no storage space. What was written of it is no backup."
    );
}

#[test]
fn a_restore_that_is_broken_off_leaves_no_store_that_looks_whole() {
    let folder = Folder::new();
    let memory = Memory::new();
    fill(&memory);
    let (bytes, _) = backup_of(&memory);
    let path = folder.path().join("store");
    let store = Sled::open(&path).unwrap();
    backup::restore(&store, &bytes[..bytes.len() - 200_000]).unwrap_err();
    drop(store);
    let refused = Sled::open(&path).err().expect("it is refused").to_string();
    assert_eq!(
        refused.replace(&path.display().to_string(), "STORE"),
        "The store in `STORE` has only a part of a backup: restoring it was broken off. Delete this folder, and restore the \
         backup again."
    );
    // A store that does not answer breaks it off as well.
    let new = Memory::new();
    new.plan(Faults::from([(100, Fault::Unknown { done: true })]));
    let why = backup::restore(&new, &bytes[..]).unwrap_err().to_string();
    assert!(why.starts_with("The restore was broken off at `conversation/acme/"), "{why}");
    assert!(backup::is_unfinished(&new).unwrap());
}

/// A store to which others append, erase and turn between any two calls of the backup.
struct Busy {
    memory: Memory,
    turn: AtomicU64,
}

impl Busy {
    fn others(&self) {
        for _ in 0..3 {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let number = turn * 7 % 160;
            if number >= 150 && turn.is_multiple_of(5) {
                self.memory.erase(&key(number)).unwrap();
            }
            let next = self.memory.newest(&key(number)).unwrap().map_or(0, |kept| kept.version.0) + 1;
            let text = next.to_string().into_bytes();
            append_next(&self.memory, &key(number), text.clone(), text, next % 2 == 1 || number < 70);
        }
    }
}

impl Store for Busy {
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
        self.memory.append(appends)
    }
    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        self.others();
        self.memory.newest(key)
    }
    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.others();
        self.memory.read(key, after, limit)
    }
    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure> {
        self.others();
        self.memory.list(prefix, which, after, limit)
    }
    fn erase(&self, key: &Key) -> Result<(), Failure> {
        self.memory.erase(key)
    }
    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        self.memory.put_blob(bytes)
    }
    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
        self.memory.blob(hash)
    }
    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
        self.memory.blobs(after, limit)
    }
    fn free_space(&self) -> Result<Option<u64>, Failure> {
        self.memory.free_space()
    }
}

#[test]
fn a_backup_made_while_others_append_has_every_key_as_it_was_at_a_moment() {
    let busy = Busy { memory: Memory::new(), turn: AtomicU64::new(0) };
    (0..100).for_each(|_| busy.others());
    for _ in 0..30 {
        let (bytes, counts) = backup_of(&busy);
        let restored = Memory::new();
        assert_eq!(backup::restore(&restored, &bytes[..]), Ok(counts));
        for number in 0..160 {
            let Some(kept) = restored.newest(&key(number)).unwrap() else {
                assert!(number >= 150, "{number} was there all the time and is not in the backup");
                continue;
            };
            let entries = restored.read(&key(number), Version::NONE, usize::MAX).unwrap();
            let texts: Vec<Vec<u8>> = (1..=entries.len()).map(|text| text.to_string().into_bytes()).collect();
            assert!(entries.iter().map(|entry| &entry.bytes).eq(&texts), "{number}: not in order");
            assert_eq!(Some(&kept.image), texts.last(), "{number}: the image is of another moment");
        }
    }
}

#[test]
fn a_key_erased_in_the_middle_of_its_entries_is_not_in_the_backup() {
    struct Erasing(Memory);
    let store = Erasing(Memory::new());
    for number in 0..700_u64 {
        append_next(&store.0, &key(1), number.to_string().into_bytes(), vec![1], true);
    }
    append_next(&store.0, &key(2), vec![1], vec![1], true);
    impl Store for Erasing {
        fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
            self.0.append(appends)
        }
        fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
            self.0.newest(key)
        }
        fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
            if after > Version::NONE {
                self.0.erase(key)?;
            }
            self.0.read(key, after, limit)
        }
        fn list(
            &self,
            prefix: &str,
            which: Which,
            after: Option<&Key>,
            limit: usize,
        ) -> Result<Vec<(Key, Kept)>, Failure> {
            self.0.list(prefix, which, after, limit)
        }
        fn erase(&self, key: &Key) -> Result<(), Failure> {
            self.0.erase(key)
        }
        fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
            self.0.put_blob(bytes)
        }
        fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
            self.0.blob(hash)
        }
        fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
            self.0.blobs(after, limit)
        }
        fn free_space(&self) -> Result<Option<u64>, Failure> {
            self.0.free_space()
        }
    }
    let (bytes, _) = backup_of(&store);
    let restored = Memory::new();
    backup::restore(&restored, &bytes[..]).unwrap();
    assert_eq!(restored.newest(&key(1)).unwrap(), None);
    assert_eq!(restored.newest(&key(2)).unwrap().unwrap().version, Version(1));
}
