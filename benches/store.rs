//! How many turns a second become durable: by hand on bare sled, through the store, and through the committer, with the
//! same bytes, at 1, 16 and 256 writers.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use criterion::Criterion;
use parlor::store::{Append, Committer, Key, Memory, Outcome, Sled, Store, Version};

/// Bytes of an entry and of an image.
const ENTRY: usize = 512;
const IMAGE: usize = 1024;
/// How long each side is measured; the sides take turns, and the best round counts.
const ROUND: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 3;

fn key(writer: usize) -> Key {
    Key::of(&["conversation", "acme", &format!("0193a4c2-7b1e-7c3d-9f10-{writer:012}")])
}

fn append(writer: usize, turn: u64) -> Append {
    let entry = (0..ENTRY).map(|at| (at as u64 * 31 + turn) as u8).collect();
    let image = (0..IMAGE).map(|at| (at as u64 * 17 + turn) as u8).collect();
    Append { key: key(writer), expected: Version(turn), entry, image, live: true }
}

/// A side: does one group for all writers, each at this turn.
type Side<'a> = (&'static str, Box<dyn FnMut(u64) + 'a>);

/// Batch, flush, fdatasync, and nothing else: what sled itself costs.
fn bare(folder: &Path, writers: usize) -> Side<'static> {
    let db = sled::Config::new().path(folder).cache_capacity(128 << 20).open().expect("it opens");
    let tree = db.open_tree("parlor").expect("it opens");
    let file = std::fs::File::open(folder.join("db")).expect("it opens");
    let side = move |turn: u64| {
        let mut batch = sled::Batch::default();
        for writer in 0..writers {
            let append = append(writer, turn);
            let entry = [b"l", append.key.as_str().as_bytes(), &[0], &(turn + 1).to_be_bytes()].concat();
            batch.insert(entry, append.entry);
            batch.insert([b"i", append.key.as_str().as_bytes()].concat(), append.image);
        }
        tree.apply_batch(batch).expect("written");
        db.flush().expect("flushed");
        file.sync_data().expect("synced");
    };
    ("bare sled", Box::new(side))
}

fn through_store(store: &Sled, writers: usize) -> Side<'_> {
    let side = move |turn| {
        let appends: Vec<Append> = (0..writers).map(|writer| append(writer, turn)).collect();
        let outcomes = store.append(&appends).expect("appended");
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Appended(Version(turn + 1))));
    };
    ("store", Box::new(side))
}

/// Writers that hand in their next turn as soon as they are told of the last: here all of them at one place.
fn through_committer(folder: PathBuf, writers: usize) -> Side<'static> {
    let store = Arc::new(Sled::open(folder).expect("it opens"));
    let (told, hear) = mpsc::channel();
    let committer =
        Committer::new(store, move |outcomes| told.send(outcomes).expect("heard")).expect("it starts");
    let side = move |turn| {
        for writer in 0..writers {
            committer.append(writer, append(writer, turn)).expect("taken");
        }
        let mut open = writers;
        while open > 0 {
            for (_, outcome) in hear.recv().expect("told").expect("appended") {
                assert_eq!(outcome, Outcome::Appended(Version(turn + 1)));
                open -= 1;
            }
        }
    };
    ("committer", Box::new(side))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let memory = Memory::new();
    let mut turn = 0;
    criterion.bench_function("an append in memory", |bencher| {
        bencher.iter(|| {
            turn += 1;
            memory.append(black_box(&[append(0, turn - 1)])).expect("appended")
        });
    });

    let folder = std::env::temp_dir().join(format!("parlor-bench-store-{}", std::process::id()));
    for writers in [1, 16, 256] {
        let at = |name: &str| folder.join(format!("{name}-{writers}"));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let store = Sled::open(at("store")).expect("it opens");
        let mut sides = [
            bare(&at("bare"), writers),
            through_store(&store, writers),
            through_committer(at("committer"), writers),
        ];
        let mut turns = [0; 3];
        let mut best = [0.0_f64; 3];
        for _ in 0..ROUNDS {
            for ((turn, best), (_, side)) in turns.iter_mut().zip(&mut best).zip(&mut sides) {
                let (start, from) = (Instant::now(), *turn);
                while start.elapsed() < ROUND {
                    side(*turn);
                    *turn += 1;
                }
                let done = (*turn - from) * writers as u64;
                *best = best.max(done as f64 / start.elapsed().as_secs_f64());
            }
        }
        for ((name, _), best_of) in sides.iter().zip(best) {
            println!(
                "{writers:>4} writers, {name:<10} {best_of:>9.0} appends/s  {:.2} of bare sled",
                best_of / best[0]
            );
        }
        drop(sides);
        drop(store);
        std::fs::remove_dir_all(&folder).ok();
    }
}
