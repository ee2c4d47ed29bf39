//! A disk that runs full: the store stops, and all it acknowledged is there once there is room again.

use std::path::Path;
use std::process::{Command, Stdio};

use parlor::store::{Append, Failure, Key, Outcome, Sled, Store, Version};

use super::folder::Folder;

/// A file system of its own in memory, gone with the test.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path, megabytes: u64) -> Option<Small<'a>> {
        std::fs::create_dir_all(at).expect("the folder can be made");
        let size = format!("size={megabytes}m");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then_some(Small(at))
    }

    fn grow(&self, megabytes: u64) {
        let size = format!("remount,size={megabytes}m");
        let done = Command::new("mount").args(["-o", &size]).arg(self.0).status();
        assert!(done.is_ok_and(|status| status.success()), "the small disk does not grow");
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0).status().ok();
    }
}

fn key(number: u64) -> Key {
    Key::of(&["conversation", "acme", &number.to_string()])
}

fn append(number: u64, version: u64) -> Append {
    let entry = format!("{number} {version} ").repeat(120).into_bytes();
    Append { key: key(number), expected: Version(version - 1), image: entry.clone(), entry, live: true }
}

#[test]
fn a_full_disk_stops_the_store_and_takes_nothing_that_was_acknowledged() {
    for megabytes in [6, 7, 9, 12] {
        let folder = Folder::new();
        let Some(disk) = Small::mount(folder.path(), megabytes) else {
            eprintln!("SKIPPED: a full disk is not tried, because this user may not mount one");
            return;
        };
        let path = folder.path().join("store");
        let store = Sled::open(&path).expect("it opens");
        assert!(store.free_space().unwrap().unwrap() < megabytes << 20);
        let mut acknowledged = 0;
        let why = 'full: {
            for version in 1..10_000 {
                for number in 0..8 {
                    match store.append(&[append(number, version)]) {
                        Ok(outcomes) => assert_eq!(outcomes, [Outcome::Appended(Version(version))]),
                        Err(why) => break 'full why,
                    }
                    acknowledged += 1;
                }
            }
            panic!("the disk has {megabytes} MB and is not full after {acknowledged} appends");
        };
        assert!(matches!(why, Failure::Broken(_)), "{why:?}");
        assert_eq!(store.newest(&key(0)), Err(why.clone()), "it refuses everything afterwards");
        assert!(acknowledged > 100, "only {acknowledged} appends");
        drop(store);

        disk.grow(64);
        let store = Sled::open(&path).unwrap_or_else(|again| panic!("{why}, and with room: {again}"));
        for number in 0..8 {
            let entries = store.read(&key(number), Version::NONE, usize::MAX).expect("it can be read");
            let least = (acknowledged + 7 - number) / 8;
            assert!(entries.len() as u64 >= least, "{} of {least} entries", entries.len());
            for (entry, version) in entries.iter().zip(1..) {
                assert_eq!(entry.bytes, append(number, version).entry);
            }
            let next = entries.len() as u64 + 1;
            let outcomes = store.append(&[append(number, next)]).expect("there is room");
            assert_eq!(outcomes, [Outcome::Appended(Version(next))]);
        }
        drop(store);
        drop(disk);
    }
}
