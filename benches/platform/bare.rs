//! Sled alone, with the very bytes that a house keeps: a thread that takes what waits, one batch, flush, fdatasync.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use parlor::conversation::Moment;
use parlor::platform::{Output, Platform};
use parlor::store::{Memory, Outcome, Store};

use super::center;

/// Appends of a group, as many as the house has.
const AT_ONCE: usize = parlor::store::GROUP_APPENDS_MAX;

/// What a house keeps of one turn.
pub struct Kept {
    pub entry: Vec<u8>,
    pub image: Vec<u8>,
}

/// What a house keeps of a conversation of so many turns.
pub fn turns(count: u32) -> Vec<Kept> {
    let store = Memory::new();
    let mut platform = center::still(&store, 1);
    let mut kept = Vec::new();
    let now = Moment(1_795_165_200_000);
    (0..=count).for_each(|turn| {
        let input = if turn == 0 { center::begin(0) } else { center::say(0, turn) };
        tell(&mut platform, &store, input, now, &mut kept);
    });
    kept
}

fn tell(
    platform: &mut Platform,
    store: &dyn Store,
    input: parlor::platform::Input,
    now: Moment,
    kept: &mut Vec<Kept>,
) {
    for output in platform.handle(input, now) {
        match output {
            Output::Append { ticket, append } => {
                let outcome = store.append(std::slice::from_ref(&append)).expect("memory keeps it")[0];
                assert!(matches!(outcome, Outcome::Appended(_)));
                if append.key.as_str().starts_with("conversation/") {
                    kept.push(Kept { entry: append.entry, image: append.image });
                }
                tell(platform, store, parlor::platform::Input::Stored { ticket, outcome }, now, kept);
            }
            Output::Read { ticket, key } => {
                let read = store.newest(&key).expect("memory reads");
                tell(platform, store, parlor::platform::Input::Read { ticket, kept: read }, now, kept);
            }
            _ => {}
        }
    }
}

/// A bare sled with clients that append, wait until it is durable, and append again.
pub struct Bare {
    appends: Sender<(u32, u32)>,
    done: Receiver<Vec<u32>>,
    turns: Vec<u32>,
    /// Trips to the disk so far.
    pub groups: u64,
}

impl Bare {
    pub fn open(folder: &Path, conversations: u32, kept: Vec<Kept>) -> Bare {
        let db = ::sled::Config::new()
            .path(folder)
            .cache_capacity(center::SIZES.cache)
            .open()
            .expect("sled opens");
        let tree = db.open_tree("t").expect("a tree opens");
        let file = File::open(folder.join("db")).expect("sled's file is there");
        let (appends, waiting) = channel::<(u32, u32)>();
        let (tell, done) = channel();
        let commit = move || {
            while let Ok(first) = waiting.recv() {
                let mut batch = ::sled::Batch::default();
                let group: Vec<(u32, u32)> =
                    std::iter::once(first).chain(waiting.try_iter().take(AT_ONCE - 1)).collect();
                for (conversation, turn) in &group {
                    let key = format!("conversation/acme/{}", center::id(*conversation));
                    // The first two are those of the beginning.
                    let kept = &kept[(*turn as usize + 2).min(kept.len() - 1)];
                    let entry = [b"e", key.as_bytes(), b"\0", &u64::from(*turn).to_be_bytes()].concat();
                    batch.insert(entry, &kept.entry[..]);
                    batch.insert([b"l", key.as_bytes()].concat(), &kept.image[..]);
                }
                tree.apply_batch(batch).expect("sled takes it");
                db.flush().expect("sled writes");
                file.sync_data().expect("the disk has it");
                if tell.send(group.into_iter().map(|(conversation, _)| conversation).collect()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("bare".into()).spawn(commit).expect("a thread starts");
        Bare { appends, done, turns: vec![0; conversations as usize], groups: 0 }
    }

    fn append(&mut self, conversation: u32) {
        let turn = &mut self.turns[conversation as usize];
        *turn += 1;
        self.appends.send((conversation, *turn)).expect("the committer runs");
    }

    /// All append at once, and again as soon as that is durable, for so long. Appends a second.
    pub fn hurry(&mut self, span: Duration) -> f64 {
        let begin = Instant::now();
        (0..self.turns.len() as u32).for_each(|conversation| self.append(conversation));
        let (mut under_way, mut turns) = (self.turns.len(), 0_u64);
        let mut took = span;
        while under_way > 0 {
            let group = self.done.recv().expect("the committer runs");
            self.groups += 1;
            for conversation in group {
                under_way -= 1;
                if begin.elapsed() < span {
                    turns += 1;
                    self.append(conversation);
                    under_way += 1;
                    took = begin.elapsed();
                }
            }
        }
        turns as f64 / took.as_secs_f64()
    }
}
