//! How long a start takes, from nothing to the first turn that is kept, with a million conversations of which most are over.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parlor::platform::{Answer, CloseReason, Conversation, Place};
use parlor::store::{Append, Key, Sled, Store, Version};

use super::bare;
use super::center::{self, Center};
use super::clients::Clients;
use super::folder::Folder;

/// One in so many conversations is open.
const STEP: u32 = 10;
const ROUNDS: usize = 3;
/// Conversations that are written at once.
const AT_ONCE: u32 = 500;

/// How many are kept: a million, or as many as `PARLOR_BENCH_KEPT` says, in thousands.
fn kept() -> u32 {
    let thousands = std::env::var("PARLOR_BENCH_KEPT").ok();
    thousands.map_or(1_000, |text| text.parse::<u32>().expect("a number of thousands")) * 1_000
}

fn open() -> u32 {
    kept() / STEP
}

/// What a process says of its start, in seconds.
fn start(what: &str, folder: &Path) -> f64 {
    let this = std::env::current_exe().expect("it has a path");
    let said = Command::new(this).arg("opening").arg(what).arg(folder).output().expect("it starts again");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).expect("text").trim().parse().expect("a number")
}

pub fn measure() {
    let folder = Folder::new("opening");
    let kept = folder.path().join("kept");
    let begin = Instant::now();
    start("write", &kept);
    let (all, open) = (self::kept(), open());
    println!("{all} conversations written, {open} of them open, in {:.0} s", begin.elapsed().as_secs_f64());
    for _ in 0..ROUNDS {
        println!("after a clean stop: {:.2} s to the first turn (at most 1)", start("first", &kept));
    }
    for _ in 0..ROUNDS {
        kill(&kept);
        // The same files twice: whoever opens first mends them.
        let copy = folder.path().join("copy");
        copy_all(&kept, &copy);
        let bare = start("bare", &copy);
        std::fs::remove_dir_all(&copy).expect("it can be removed");
        let house = start("first", &kept);
        println!(
            "after kill -9: {house:.2} s to the first turn; sled alone {bare:.2} s; {:.2} s more (at most 1.5)",
            house - bare
        );
    }
}

/// A house at work in these files is killed.
fn kill(folder: &Path) {
    let this = std::env::current_exe().expect("it has a path");
    let mut work = Command::new(this);
    work.args(["opening", "work"]).arg(folder).stdout(Stdio::piped());
    let mut work = work.spawn().expect("it starts again");
    let mut lines = BufReader::new(work.stdout.take().expect("it writes")).lines();
    lines.next().expect("it says that it is at work").expect("text");
    std::thread::sleep(Duration::from_secs(3));
    work.kill().expect("it can be killed");
    work.wait().expect("it ends");
}

fn copy_all(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-r").arg(from).arg(to).status().expect("cp is there");
    assert!(done.success());
}

pub fn child(what: &str, folder: &Path) {
    let begin = Instant::now();
    match what {
        "write" => write(folder),
        "first" => {
            let store = Sled::open_with(folder, center::SIZES).expect("the store opens");
            let opened = begin.elapsed();
            let center = Center::over(Arc::new(store), open());
            let ready = begin.elapsed();
            center.tell(center::say(0, u32::MAX - std::process::id()));
            let answered = loop {
                if let Some(reply) = center.replies(Duration::from_secs(5)).pop() {
                    break reply.result.expect("it is done");
                }
            };
            assert!(matches!(answered, Answer::Sequence(_)));
            eprintln!("store {opened:.2?}, platform and its bots {:.2?}", ready - opened);
            println!("{}", begin.elapsed().as_secs_f64());
            return center.house.close().expect("the house closes");
        }
        "bare" => {
            let db =
                ::sled::Config::new().path(folder.join("sled")).cache_capacity(center::SIZES.cache).open();
            drop(db.expect("sled opens"));
        }
        "work" => {
            let mut clients = Clients::again(Center::open(folder, open()), 256);
            println!("at work");
            clients.hurry(Duration::from_secs(600));
        }
        _ => panic!("no such side: {what}"),
    }
    println!("{}", begin.elapsed().as_secs_f64());
}

/// A million conversations as a house would have left them: a beginning, a turn, and for most of them an end.
fn write(folder: &Path) {
    let turns = bare::turns(1);
    let [_, seated, answered] = &turns[..] else { panic!("three turns") };
    let image: Conversation = serde_json::from_slice(&answered.image).expect("it is what was kept");
    // The bots are there, so that they keep what they have.
    Center::open(folder, open()).house.close().expect("the house closes");
    let store = Sled::open_with(folder, center::SIZES).expect("the store opens");
    for group in 0..kept() / AT_ONCE {
        let mut appends = Vec::new();
        for conversation in group * AT_ONCE..(group + 1) * AT_ONCE {
            let is_open = conversation % STEP == 0;
            // Those that are open have the first numbers, so that whoever starts knows them.
            let number = if is_open { conversation / STEP } else { open() + conversation };
            let mut image = image.clone();
            image.id = center::id(number);
            image.visitor = format!("visitor-{number}").into();
            if let Place::Seat(seat) = &mut image.place {
                let connector = number / center::EACH;
                seat.user = format!("small-{connector}").into();
                seat.connector = Some(format!("connector-{connector}").into());
            }
            if !is_open {
                let by = parlor::conversation::Author::Visitor;
                image.place = Place::Over { by, reason: CloseReason::Visitor };
            }
            let image = serde_json::to_vec(&image).expect("it is JSON");
            let key = Key::of(&["conversation", "acme", &center::id(number).to_string()]);
            for (expected, entry) in [(0, &seated.entry), (1, &answered.entry)] {
                let (key, expected) = (key.clone(), Version(expected));
                let (entry, image) = (entry.clone(), image.clone());
                appends.push(Append { key, expected, entry, image, live: is_open });
            }
        }
        store.append(&appends).expect("it can be appended");
    }
}
