//! A store on a disk that changed what was written: it gives true bytes, or refuses with a sentence, and never starts empty.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use parlor::store::{Append, Entry, Failure, Hash, Kept, Key, Sizes, Sled, Store, Version, Which};

use super::folder::{Folder, copy};

/// Numbers that look like chance, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// All that a store holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Truth {
    keys: BTreeMap<Key, (Kept, Vec<Entry>)>,
    blobs: BTreeMap<Hash, Vec<u8>>,
}

/// A store like those of real life: long and short conversations, live and at rest, one erased, some blobs; opened twice.
fn real(folder: &Path) -> Truth {
    let mut dice = Dice(1);
    let mut truth = Truth::default();
    for round in 0..2 {
        // With a small journal, so that sled is given things again and again, as it is in a longer life.
        let store = Sled::open_with(folder, Sizes { journal: 16 * 1024, ..Sizes::default() }).unwrap();
        for turn in 0..250_u64 {
            let key = Key::of(&["conversation", "acme", &format!("{:04}", dice.below(40))]);
            let bytes = |dice: &mut Dice, most| -> Vec<u8> {
                (0..1 + dice.below(most)).map(|_| dice.below(256) as u8).collect()
            };
            let size = if turn % 25 == 0 { 20_000 } else { 1_500 };
            let (entry, image) = (bytes(&mut dice, 900), bytes(&mut dice, size));
            let expected = truth.keys.get(&key).map_or(Version::NONE, |(kept, _)| kept.version);
            let live = dice.below(4) > 0;
            let append =
                Append { key: key.clone(), expected, entry: entry.clone(), image: image.clone(), live };
            store.append(&[append]).unwrap();
            let version = Version(expected.0 + 1);
            let (kept, entries) =
                truth.keys.entry(key).or_insert_with(|| (Kept { version, image: vec![], live }, vec![]));
            *kept = Kept { version, image, live };
            entries.push(Entry { version, bytes: entry });
        }
        let blob = vec![round; 40_000];
        truth.blobs.insert(store.put_blob(&blob).unwrap(), blob);
        let gone = Key::of(&["conversation", "acme", &format!("{:04}", round)]);
        store.erase(&gone).unwrap();
        truth.keys.remove(&gone);
    }
    truth
}

/// What came of a damaged store.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Came {
    /// It was not opened.
    Refused,
    /// It was opened, and told of the damage when it was read.
    Told,
    /// It was opened, and all of it is there.
    Whole,
}

/// Whether what was read is as it was left, or at least a true beginning of that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    All,
    Beginning,
}

/// Opens a store and reads all of it; a wrong or a missing byte is a failed test.
fn open_and_read(folder: &Path, truth: &Truth, holds: Holds, what: &str) -> Came {
    let sentence = |failure: &Failure| {
        let said = failure.to_string();
        let good = said.contains(&folder.display().to_string()) && said.ends_with('.');
        assert!(good, "{what}: not a sentence for people: {said}");
    };
    let store = match Sled::open(folder) {
        Ok(store) => store,
        Err(failure) => {
            sentence(&failure);
            return Came::Refused;
        }
    };
    let mut came = Came::Whole;
    let mut told = |failure: Failure| {
        sentence(&failure);
        came = Came::Told;
    };
    if holds == Holds::Beginning {
        for (key, (kept, entries)) in &truth.keys {
            match store.read(key, Version::NONE, usize::MAX) {
                Ok(read) => assert!(entries.starts_with(&read), "{what}: the entries of {key}"),
                Err(failure) => told(failure),
            }
            match store.newest(key) {
                Ok(Some(newest)) if newest.version == kept.version => {
                    assert_eq!(newest, *kept, "{what}: {key}")
                }
                Ok(_) => {}
                Err(failure) => told(failure),
            }
        }
        let mut there = 0;
        for which in [Which::Live, Which::AtRest] {
            there += store.list("", which, None, usize::MAX).map_or(1, |listed| listed.len());
        }
        assert!(there > 0, "{what}: it was started empty");
        return came;
    }
    for (key, (kept, entries)) in &truth.keys {
        match store.newest(key) {
            Ok(newest) => assert_eq!(newest.as_ref(), Some(kept), "{what}: the newest of {key}"),
            Err(failure) => told(failure),
        }
        match store.read(key, Version::NONE, usize::MAX) {
            Ok(read) => assert!(read == *entries, "{what}: the entries of {key}"),
            Err(failure) => told(failure),
        }
    }
    for which in [Which::Live, Which::AtRest] {
        match store.list("", which, None, usize::MAX) {
            Ok(listed) => {
                let live = which == Which::Live;
                let expected = truth.keys.iter().filter(|(_, (kept, _))| kept.live == live);
                assert!(
                    listed
                        .iter()
                        .map(|(key, kept)| (key, kept))
                        .eq(expected.map(|(key, (kept, _))| (key, kept))),
                    "{what}: the list of {which:?}"
                );
            }
            Err(failure) => told(failure),
        }
    }
    for (hash, bytes) in &truth.blobs {
        match store.blob(hash) {
            Ok(blob) => assert!(blob.as_ref() == Some(bytes), "{what}: the blob {hash}"),
            Err(failure) => told(failure),
        }
    }
    came
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            files.extend(self::files(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}

fn flip(path: &Path, at: u64, bit: u8) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1 << bit]).unwrap();
}

/// How many flips are tried in each file; the data file has as many more as it is worth.
fn tries() -> u64 {
    std::env::var("PARLOR_DAMAGE_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(60)
}

#[test]
fn a_flipped_bit_is_noticed_or_does_not_matter() {
    let folder = Folder::new();
    let (sound, damaged) = (folder.path().join("sound"), folder.path().join("damaged"));
    let truth = real(&sound);
    assert_eq!(open_and_read(&sound, &truth, Holds::All, "nothing changed"), Came::Whole);
    let mut dice = Dice(7);
    let mut all = BTreeMap::new();
    for file in files(&sound) {
        let within = file.strip_prefix(&sound).unwrap();
        let size = fs::metadata(&file).unwrap().len();
        for _ in 0..if within.ends_with("db") { tries() } else { tries() / 6 } {
            let (at, bit) = (dice.below(size), dice.below(8) as u8);
            copy(&sound, &damaged);
            flip(&damaged.join(within), at, bit);
            let what = format!("bit {bit} of byte {at} of {}", within.display());
            *all.entry(open_and_read(&damaged, &truth, Holds::All, &what)).or_insert(0) += 1;
            fs::remove_dir_all(&damaged).unwrap();
        }
    }
    assert!(all.contains_key(&Came::Refused), "too few flips met data: {all:?}");
}

#[test]
fn an_image_that_was_changed_wherever_it_stands_is_noticed() {
    let folder = Folder::new();
    let (sound, damaged) = (folder.path().join("sound"), folder.path().join("damaged"));
    let truth = real(&sound);
    let data = fs::read(sound.join("sled/db")).unwrap();
    for (key, (kept, _)) in truth.keys.iter().filter(|(_, (kept, _))| kept.image.len() > 64).take(8) {
        // Sled keeps older copies as well: one of them is the one that is read.
        let places: Vec<usize> = memchr::memmem::find_iter(&data, &kept.image[..64]).collect();
        assert!(!places.is_empty(), "{key} stands nowhere");
        copy(&sound, &damaged);
        for place in places {
            flip(&damaged.join("sled/db"), place as u64 + 40, 5);
        }
        let came = open_and_read(&damaged, &truth, Holds::All, &format!("the image of {key} was changed"));
        assert_ne!(came, Came::Whole, "{key}");
        fs::remove_dir_all(&damaged).unwrap();
    }
}

#[test]
fn a_store_cut_short_after_it_was_closed_is_refused() {
    let folder = Folder::new();
    let (sound, damaged) = (folder.path().join("sound"), folder.path().join("damaged"));
    let truth = real(&sound);
    let size = fs::metadata(sound.join("sled/db")).unwrap().len();
    for cut in [1, 2, 511, 4_096, 524_288, size / 2, size - 1, size] {
        copy(&sound, &damaged);
        OpenOptions::new().write(true).open(damaged.join("sled/db")).unwrap().set_len(size - cut).unwrap();
        let came = open_and_read(&damaged, &truth, Holds::All, &format!("{cut} bytes cut off"));
        assert_eq!(came, Came::Refused, "{cut} bytes cut off");
        let left = fs::metadata(damaged.join("sled/db")).unwrap().len();
        assert_eq!(left, size - cut, "what is left was not touched");
        fs::remove_dir_all(&damaged).unwrap();
    }
}

#[test]
fn a_store_whose_process_was_killed_is_whole_and_one_that_was_cut_short_then_is_not_started_empty() {
    let folder = Folder::new();
    let (first, open, killed) =
        (folder.path().join("first"), folder.path().join("open"), folder.path().join("killed"));
    let truth = real(&first);
    // What a kill leaves is what stands on the disk while the store is open.
    let store = Sled::open(&first).unwrap();
    let key = Key::of(&["conversation", "acme", "0039"]);
    let kept = truth.keys[&key].0.clone();
    let append =
        Append { key: key.clone(), expected: kept.version, entry: vec![1], image: vec![2], live: kept.live };
    store.append(&[append]).unwrap();
    copy(&first, &open);
    drop(store);
    let mut truth = truth;
    let version = Version(kept.version.0 + 1);
    let (newest, entries) = truth.keys.get_mut(&key).unwrap();
    *newest = Kept { version, image: vec![2], live: kept.live };
    entries.push(Entry { version, bytes: vec![1] });

    copy(&open, &killed);
    assert_eq!(open_and_read(&killed, &truth, Holds::All, "killed"), Came::Whole);
    assert!(!killed.join("journal.0").exists(), "a store that was closed needs no journal");
    let size = fs::metadata(open.join("sled/db")).unwrap().len();
    let mut dice = Dice(3);
    for _ in 0..tries() / 2 {
        fs::remove_dir_all(&killed).unwrap();
        copy(&open, &killed);
        let left = dice.below(size);
        OpenOptions::new().write(true).open(killed.join("sled/db")).unwrap().set_len(left).unwrap();
        open_and_read(&killed, &truth, Holds::Beginning, &format!("killed, then cut to {left} bytes"));
    }
}

/// The turns of a store at work: which key, the entry, the image.
fn at_work() -> impl Iterator<Item = (Key, Vec<u8>, Vec<u8>)> {
    (0..60_u64).map(|turn| {
        let key = Key::of(&["conversation", "acme", &format!("{}", turn % 7)]);
        (key, vec![turn as u8; 700], vec![turn as u8; 900])
    })
}

/// Does them, and ends without closing anything.
fn work_and_end(folder: &Path) {
    let store = Sled::open_with(folder, Sizes { journal: 64 * 1024, ..Sizes::default() }).unwrap();
    for (key, entry, image) in at_work() {
        let expected = store.newest(&key).unwrap().map_or(Version::NONE, |kept| kept.version);
        store.append(&[Append { key, expected, entry, image, live: true }]).unwrap();
    }
    std::process::abort();
}

/// What is left of a store whose process ended when some of its journal was settled and some was not: where it is, and what
/// it holds. The other process is this test, started again.
fn ended_at_work(folder: &Path, this: &str) -> (PathBuf, Truth) {
    const STORE: &str = "PARLOR_TEST_WORK";
    if let Some(store) = std::env::var_os(STORE) {
        work_and_end(Path::new(&store));
    }
    let ended = folder.join("ended");
    let mut other = Command::new(std::env::current_exe().unwrap());
    other.args(["--exact", this, "--test-threads=1"]).env(STORE, &ended);
    assert!(!other.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    let mut truth = Truth::default();
    for (key, entry, image) in at_work() {
        let nothing = || (Kept { version: Version::NONE, image: vec![], live: true }, vec![]);
        let (kept, entries) = truth.keys.entry(key).or_insert_with(nothing);
        let version = Version(kept.version.0 + 1);
        *kept = Kept { version, image, live: true };
        entries.push(Entry { version, bytes: entry });
    }
    (ended, truth)
}

#[test]
fn a_group_of_the_journal_that_was_changed_is_noticed_unless_it_is_the_last() {
    let folder = Folder::new();
    let this = "store::damage::a_group_of_the_journal_that_was_changed_is_noticed_unless_it_is_the_last";
    let (open, truth) = ended_at_work(folder.path(), this);
    let copied = folder.path().join("copied");
    copy(&open, &copied);
    assert_eq!(open_and_read(&copied, &truth, Holds::All, "ended at work"), Came::Whole);
    let mut all = BTreeMap::new();
    for name in ["journal.0", "journal.1"] {
        let size = fs::metadata(open.join(name)).unwrap().len();
        for group in 0..size / 4096 {
            for at in [0, 16, 24, 28, 40, 1_000] {
                fs::remove_dir_all(&copied).unwrap();
                copy(&open, &copied);
                flip(&copied.join(name), group * 4096 + at, 3);
                let what = format!("byte {at} of block {group} of {name}");
                *all.entry(open_and_read(&copied, &truth, Holds::Beginning, &what)).or_insert(0) += 1;
            }
        }
        // Without it, too much is missing.
        fs::remove_dir_all(&copied).unwrap();
        copy(&open, &copied);
        fs::remove_file(copied.join(name)).unwrap();
        open_and_read(&copied, &truth, Holds::Beginning, &format!("{name} is gone"));
    }
    // The last twelve groups at least are not settled, and all of them but the last have later ones behind them.
    assert!(all[&Came::Refused] >= 6 * 11, "{all:?}");
    assert!(!all.contains_key(&Came::Told), "{all:?}");
}

#[test]
fn a_journal_that_was_cut_off_is_a_true_beginning() {
    let folder = Folder::new();
    let this = "store::damage::a_journal_that_was_cut_off_is_a_true_beginning";
    let (open, truth) = ended_at_work(folder.path(), this);
    let copied = folder.path().join("copied");
    copy(&open, &copied);
    let mut dice = Dice(5);
    for _ in 0..tries() / 2 {
        let name = ["journal.0", "journal.1"][dice.below(2) as usize];
        let left = dice.below(fs::metadata(open.join(name)).unwrap().len());
        fs::remove_dir_all(&copied).unwrap();
        copy(&open, &copied);
        OpenOptions::new().write(true).open(copied.join(name)).unwrap().set_len(left).unwrap();
        open_and_read(&copied, &truth, Holds::Beginning, &format!("{name} cut to {left} bytes"));
    }
}
