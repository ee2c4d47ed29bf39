//! A process that is killed loses nothing it acknowledged, and while it lives no other has its store.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use parlor::store::{Append, Failure, Key, Outcome, Sizes, Sled, Store, Version};

use super::folder::Folder;

/// Where the other process keeps its store.
const STORE: &str = "PARLOR_TEST_STORE";

fn key(number: u64) -> Key {
    Key::of(&["conversation", "acme", &number.to_string()])
}

/// Appends to ten keys in turn, for ever, and says so after each.
fn append_for_ever(folder: &Path) {
    // Its journal is full every few groups, so that some of the kills come while it is settled.
    let sizes = Sizes { journal: 40 * 1024, ..Sizes::default() };
    let store = Sled::open_with(folder, sizes).expect("the store opens");
    let mut turn = store.newest(&key(0)).expect("it can be read").map_or(0, |kept| kept.version.0);
    loop {
        let appends: Vec<Append> = (0..10)
            .map(|number| {
                let expected = store.newest(&key(number)).expect("it can be read");
                let expected = expected.map_or(Version::NONE, |kept| kept.version);
                let entry = format!("{number} {}", expected.0 + 1).into_bytes();
                Append { key: key(number), expected, image: entry.repeat(50), entry, live: true }
            })
            .collect();
        let outcomes = store.append(&appends).expect("it can be appended");
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Appended(_))));
        turn += 1;
        println!("acknowledged {turn}");
        std::io::stdout().flush().expect("the other side listens");
    }
}

#[test]
fn a_killed_process_loses_nothing_and_while_it_lives_no_other_opens_its_store() {
    if let Some(folder) = std::env::var_os(STORE) {
        return append_for_ever(Path::new(&folder));
    }
    let folder = Folder::new();
    let path = folder.path().join("store");
    let mut acknowledged = 0;
    for round in 1..=5 {
        let before = acknowledged;
        let this =
            "store::process::a_killed_process_loses_nothing_and_while_it_lives_no_other_opens_its_store";
        let mut other = Command::new(std::env::current_exe().expect("the test has a path"))
            .args(["--exact", this, "--nocapture", "--test-threads=1"])
            .env(STORE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test starts again");
        let mut lines = BufReader::new(other.stdout.take().expect("it writes")).lines();
        let mut said = |until: u64| {
            for line in lines.by_ref() {
                let line = line.expect("it writes text");
                if let Some((_, turn)) = line.split_once("acknowledged ") {
                    acknowledged = turn.trim().parse().expect("it writes a number");
                }
                if acknowledged >= until {
                    break;
                }
            }
            acknowledged
        };
        let until = said(before + 1) + 40;
        match Sled::open(&path) {
            Err(Failure::InUse(why)) => {
                assert!(why.contains(&format!("is open in process {}.", other.id())), "{why}");
            }
            Err(other) => panic!("refused for another reason: {other}"),
            Ok(_) => panic!("two processes have the store"),
        }
        said(until);
        other.kill().expect("it can be killed");
        other.wait().expect("it ends");
        acknowledged = said(u64::MAX);
        assert!(acknowledged >= until, "round {round}: it ended by itself");

        let store = Sled::open(&path).expect("what a kill leaves opens");
        for number in 0..10 {
            let entries = store.read(&key(number), Version::NONE, usize::MAX).expect("it can be read");
            let expected: Vec<Vec<u8>> =
                (1..=entries.len()).map(|version| format!("{number} {version}").into_bytes()).collect();
            assert!(entries.len() as u64 >= acknowledged, "round {round}: an acknowledged append is lost");
            assert!(entries.iter().map(|entry| &entry.bytes).eq(&expected), "round {round}: not in order");
            let newest = store.newest(&key(number)).expect("it can be read").expect("it is there");
            assert_eq!(newest.image, expected[entries.len() - 1].repeat(50));
        }
    }
}
