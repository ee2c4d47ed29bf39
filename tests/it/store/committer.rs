//! Many who append share one trip to the disk: each is told once, in order, and a failure ends it all.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use parlor::store::{
    Append, Committer, Failure, Fault, Faults, GROUP_APPENDS_MAX, Key, Memory, Outcome, Sled,
};
use parlor::store::{Entry, Hash, Kept, Store, Version, Which};

use super::folder::Folder;

fn append(writer: u64, turn: u64) -> Append {
    let key = Key::of(&["conversation", "acme", &writer.to_string()]);
    Append { key, expected: Version(turn), entry: vec![1; 40], image: vec![2; 40], live: true }
}

type Told = Result<Vec<(u64, Outcome)>, Failure>;

fn committer(store: Arc<dyn Store>) -> (Committer<u64>, mpsc::Receiver<Told>) {
    let (told, hear) = mpsc::channel();
    (Committer::new(store, move |outcomes| told.send(outcomes).expect("somebody hears")).unwrap(), hear)
}

/// A store whose disk stands still until it is let go, and that notes how large groups are.
struct Slow {
    memory: Memory,
    go: Mutex<mpsc::Receiver<()>>,
    groups: Mutex<Vec<usize>>,
}

impl Store for Slow {
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
        self.go.lock().unwrap().recv().ok();
        self.groups.lock().unwrap().push(appends.len());
        self.memory.append(appends)
    }
    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        self.memory.newest(key)
    }
    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.memory.read(key, after, limit)
    }
    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure> {
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
fn what_waits_while_the_disk_works_goes_together_and_closing_waits_for_all() {
    let (let_go, go) = mpsc::channel();
    let store = Arc::new(Slow { memory: Memory::new(), go: Mutex::new(go), groups: Mutex::default() });
    let (committer, hear) = committer(store.clone());
    committer.append(0, append(0, 0)).unwrap();
    for writer in 1..=1_000 {
        committer.append(writer, append(writer, 0)).unwrap();
    }
    drop(let_go); // the disk never stands still again
    committer.close().unwrap();
    let told: Vec<(u64, Outcome)> = hear.iter().flat_map(|told| told.unwrap()).collect();
    let expected: Vec<(u64, Outcome)> =
        (0..=1_000).map(|ticket| (ticket, Outcome::Appended(Version(1)))).collect();
    assert_eq!(told, expected);
    let groups = store.groups.lock().unwrap();
    assert_eq!(groups.iter().sum::<usize>(), 1_001);
    assert!(groups.iter().all(|group| *group <= GROUP_APPENDS_MAX), "{groups:?}");
    assert!(groups.len() <= 4, "they did not go together: {groups:?}");
}

#[test]
fn a_group_is_no_larger_than_it_may_be() {
    let (let_go, go) = mpsc::channel();
    let store = Arc::new(Slow { memory: Memory::new(), go: Mutex::new(go), groups: Mutex::default() });
    let (committer, hear) = committer(store.clone());
    for writer in 0..200 {
        committer.append(writer, Append { entry: vec![0; 48 * 1024], ..append(writer, 0) }).unwrap();
    }
    drop(let_go);
    committer.close().unwrap();
    assert_eq!(hear.iter().map(|told| told.unwrap().len()).sum::<usize>(), 200);
    let groups = store.groups.lock().unwrap();
    assert!(groups.iter().all(|group| *group <= 86), "more than four megabytes and one: {groups:?}");
}

#[test]
fn a_failure_is_told_once_and_everything_after_is_refused() {
    let memory = Memory::new();
    memory.plan(Faults::from([(3, Fault::Breaks { done: false })]));
    let (committer, hear) = committer(Arc::new(memory));
    for turn in 0..2 {
        committer.append(turn, append(0, turn)).unwrap();
        assert_eq!(hear.recv().unwrap(), Ok(vec![(turn, Outcome::Appended(Version(turn + 1)))]));
    }
    committer.append(2, append(0, 2)).unwrap();
    let why = hear.recv().unwrap().unwrap_err();
    assert!(matches!(why, Failure::Broken(_)));
    assert_eq!(committer.append(3, append(1, 0)), Err(why.clone()));
    assert_eq!(committer.close(), Err(why));
    assert!(hear.recv().is_err(), "it was told more than once");
}

#[test]
fn one_that_is_too_large_is_refused_alone() {
    let (committer, hear) = committer(Arc::new(Memory::new()));
    let large = Append { entry: vec![0; 50_000], ..append(0, 0) };
    assert!(matches!(committer.append(1, large), Err(Failure::TooLarge(_))));
    committer.append(2, append(0, 0)).unwrap();
    committer.close().unwrap();
    assert_eq!(hear.recv().unwrap(), Ok(vec![(2, Outcome::Appended(Version(1)))]));
}

#[test]
fn whoever_is_told_may_be_the_last_to_hold_it() {
    let (told, hear) = mpsc::channel();
    let held: Arc<Mutex<Option<Committer<u64>>>> = Arc::default();
    let inside = held.clone();
    let committer = Committer::new(Arc::new(Memory::new()), move |outcomes: Told| {
        drop(inside.lock().unwrap().take()); // drops the committer on its own thread
        told.send(outcomes).unwrap();
    });
    let mut place = held.lock().unwrap();
    place.insert(committer.unwrap()).append(1, append(0, 0)).unwrap();
    drop(place);
    assert_eq!(hear.recv().unwrap(), Ok(vec![(1, Outcome::Appended(Version(1)))]));
}

#[test]
fn many_writers_on_sled_lose_nothing() {
    let folder = Folder::new();
    let path = folder.path().join("store");
    let (committer, hear) = committer(Arc::new(Sled::open(&path).unwrap()));
    let mut turns: BTreeMap<u64, u64> = (0..50).map(|writer| (writer, 0)).collect();
    for writer in turns.keys() {
        committer.append(*writer, append(*writer, 0)).unwrap();
    }
    let mut open = 50;
    while open > 0 {
        for (writer, outcome) in hear.recv().unwrap().unwrap() {
            let turn = turns.get_mut(&writer).unwrap();
            *turn += 1;
            assert_eq!(outcome, Outcome::Appended(Version(*turn)));
            if *turn < 20 {
                committer.append(writer, append(writer, *turn)).unwrap();
            } else {
                open -= 1;
            }
        }
    }
    drop(committer); // and with it the store
    let store = Sled::open(&path).unwrap();
    for writer in turns.keys() {
        assert_eq!(store.read(&append(*writer, 0).key, Version::NONE, 99).unwrap().len(), 20);
    }
}
