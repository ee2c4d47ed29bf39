//! Every way a store can be refused, and what a person reads then: `tests/store/refusals.txt`.

use std::fs::{self, OpenOptions};
use std::path::Path;

use parlor::store::{Append, Failure, Key, Sled, Store, Version};

use super::folder::{Folder, copy};

fn append(number: u64) -> Append {
    let key = Key::of(&["conversation", "acme", "1"]);
    Append { key, expected: Version(number), entry: vec![1; 900], image: vec![2; 900], live: true }
}

/// A store with so many appends, closed.
fn store(folder: &Path, appends: u64) {
    let store = Sled::open(folder).unwrap();
    (0..appends).for_each(|number| assert!(store.append(&[append(number)]).is_ok()));
}

fn set_length(file: &Path, bytes: u64) {
    OpenOptions::new().write(true).open(file).unwrap().set_len(bytes).unwrap();
}

/// Changes lines of a marker and makes its checksum right again.
fn rewrite_marker(store: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(store.join("marker")).unwrap();
    let lines: String =
        text.lines().filter(|line| !line.starts_with("check")).map(|line| change(line) + "\n").collect();
    let check = crc32fast::hash(lines.as_bytes());
    fs::write(store.join("marker"), format!("{lines}check {check:08x}\n")).unwrap();
}

/// A way to spoil a store.
type Way = (&'static str, fn(&Path));

const WAYS: &[Way] = &[
    ("The marker is gone", |store| fs::remove_file(store.join("marker")).unwrap()),
    ("The marker is empty", |store| set_length(&store.join("marker"), 0)),
    ("The marker lost its last letter", |store| {
        let size = fs::metadata(store.join("marker")).unwrap().len();
        set_length(&store.join("marker"), size - 1);
    }),
    ("A number in the marker was edited", |store| {
        let text = fs::read_to_string(store.join("marker")).unwrap();
        fs::write(store.join("marker"), text.replace("changes 3", "changes 2")).unwrap();
    }),
    ("The data folder is gone", |store| fs::remove_dir_all(store.join("sled")).unwrap()),
    ("The data file is gone", |store| fs::remove_file(store.join("sled/db")).unwrap()),
    ("The data file is empty", |store| set_length(&store.join("sled/db"), 0)),
    ("The data file was cut short after the store was closed", |store| {
        let size = fs::metadata(store.join("sled/db")).unwrap().len();
        set_length(&store.join("sled/db"), size - 1);
    }),
    ("The data file was cut short after the process was killed", |store| {
        rewrite_marker(
            store,
            |line| if line.starts_with("stage") { "stage open".into() } else { line.into() },
        );
        set_length(&store.join("sled/db"), 2_000);
    }),
    ("The data file is full of zeros", |store| {
        let size = fs::metadata(store.join("sled/db")).unwrap().len();
        fs::remove_dir_all(store.join("sled")).unwrap();
        fs::create_dir(store.join("sled")).unwrap();
        fs::write(store.join("sled/db"), vec![0; size as usize]).unwrap();
    }),
    ("What sled keeps of its pages was changed", |store| {
        let snapshot = fs::read_dir(store.join("sled"))
            .unwrap()
            .flatten()
            .find(|entry| entry.file_name().to_string_lossy().starts_with("snap."));
        fs::write(snapshot.expect("sled has a snapshot").path(), "nothing of the kind").unwrap();
    }),
    ("What sled keeps of its settings was changed", |store| {
        fs::write(store.join("sled/conf"), "segment_size: 3\n").unwrap()
    }),
    ("The data is that of another store", |store| {
        let other = store.with_extension("other");
        self::store(&other, 9);
        fs::remove_dir_all(store.join("sled")).unwrap();
        copy(&other.join("sled"), &store.join("sled"));
        rewrite_marker(
            store,
            |line| if line.starts_with("stage") { "stage open".into() } else { line.into() },
        );
    }),
    ("The data is older than the marker", |store| {
        rewrite_marker(
            store,
            |line| if line.starts_with("changes") { "changes 4".into() } else { line.into() },
        );
    }),
    ("A later version wrote it", |store| {
        rewrite_marker(
            store,
            |line| if line.starts_with("format") { "format 7".into() } else { line.into() },
        );
    }),
    ("The folder has files of somebody else", |store| {
        fs::remove_dir_all(store).unwrap();
        fs::create_dir(store).unwrap();
        fs::write(store.join("thesis.odt"), "Chapter 1").unwrap();
    }),
    ("The folder is a file", |store| {
        fs::remove_dir_all(store).unwrap();
        fs::write(store, "Chapter 1").unwrap();
    }),
];

fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Broken(_) => "Broken",
        Failure::Damaged(_) => "Damaged",
        Failure::TooLarge(_) => "TooLarge",
        Failure::InUse(_) => "InUse",
        Failure::TooNew(_) => "TooNew",
    }
}

#[test]
fn every_refusal_says_what_is_wrong_and_what_to_do() {
    let mut told = String::new();
    let mut tell = |way: &str, folder: &Path, failure: Option<Failure>| {
        let failure = failure.unwrap_or_else(|| panic!("{way}: it was opened"));
        let said = failure.to_string().replace(&folder.display().to_string(), "STORE");
        let said = said.replace(&format!("process {}", std::process::id()), "process 4711");
        told.push_str(&format!("{way}\n  {}: {said}\n\n", kind(&failure)));
    };
    for (way, spoil) in WAYS {
        let folder = Folder::new();
        let path = folder.path().join("store");
        store(&path, 3);
        drop(Sled::open(&path).unwrap());
        spoil(&path);
        tell(way, &path, Sled::open(&path).err());
    }
    let folder = Folder::new();
    let path = folder.path().join("store");
    let store = Sled::open(&path).unwrap();
    tell("Another process has it", &path, Sled::open(&path).err());
    let large = Append { entry: vec![0; 50_000], ..append(0) };
    tell("An entry is too large", &path, store.append(&[large]).err());
    // The disk takes no marker: a folder stands where it is written.
    fs::create_dir(path.join("marker.new")).unwrap();
    tell("The disk fails", &path, store.append(&[append(0)]).err());
    tell("After that, an append", &path, store.append(&[append(1)]).err());
    tell("After that, reading", &path, store.newest(&append(0).key).err());
    tell("After that, a blob", &path, store.put_blob(b"text").err());

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/refusals.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&golden, &told).unwrap();
    }
    assert_eq!(fs::read_to_string(&golden).unwrap_or_default(), told, "UPDATE=1 rewrites it");
}

#[test]
fn what_was_never_finished_being_made_is_made_anew() {
    let folder = Folder::new();
    let path = folder.path().join("store");
    store(&path, 0);
    rewrite_marker(&path, |line| if line.starts_with("stage") { "stage new".into() } else { line.into() });
    fs::write(path.join("sled/db"), "half of it").unwrap();
    store(&path, 2);
    assert_eq!(Sled::open(&path).unwrap().newest(&append(0).key).unwrap().unwrap().version, Version(2));
}

#[test]
fn nobody_else_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.path().join("store");
    store(&path, 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn nothing_is_kept_where_sled_does_not_sync_it() {
    let folder = Folder::new();
    let store = Sled::open(folder.path().join("store")).unwrap();
    // The largest of everything, so that pages of sled are as large as they get.
    let keys: Vec<Key> =
        (0..80).map(|number| Key::of(&[&format!("{number:02}{}", "k".repeat(254))])).collect();
    for round in 0..4_u8 {
        for key in &keys {
            let entry = vec![round; 5 * 1024];
            let append = Append {
                key: key.clone(),
                expected: Version(u64::from(round)),
                image: entry.clone(),
                entry,
                live: true,
            };
            store.append(&[append]).unwrap();
        }
        let large = vec![round; 1_000_000];
        store.put_blob(&large).unwrap();
    }
    let aside = fs::read_dir(store.folder().join("sled/blobs")).unwrap().count();
    assert_eq!(aside, 0, "sled put pages into files of their own, which it never syncs");
}
