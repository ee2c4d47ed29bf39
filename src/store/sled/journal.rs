//! What was changed last, in two files beside sled: one write and one trip to the disk make a whole group durable.
//!
//! The files take turns. While one is filled, what the other holds is settled in sled; then that one is written from its
//! front again, over blocks the disk has given already, which is twice as fast as growing. Groups are numbered over the life
//! of the store, so what is old needs no removing: sled knows the number of the last group that is settled, and the groups
//! that count are those behind it, without a gap.
//!
//! A group begins at a block of its own, so writing one never touches another. One that is broken off at the end was never
//! acknowledged. One that is broken while a later one is whole was, and the store is refused.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::damage::{damaged_within, unopened};
use super::recent::Recent;
use crate::store::{Append, Failure, Hash, Key};

/// The names of the files in the folder of the store.
pub(super) const NAMES: [&str; 2] = ["journal.0", "journal.1"];
/// Where groups begin.
const BLOCK: usize = 4096;
/// Bytes in front of a group's changes: the store, the number of the group, how many bytes follow, and the checksum of all
/// of it.
const HEAD: usize = 16 + 8 + 4 + 4;
/// Bytes of a group.
const GROUP_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// One change of a group.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'a> {
    /// An entry was added and the image replaced.
    Append { key: &'a Key, version: u64, live: bool, entry: &'a [u8], image: &'a [u8] },
    /// All that stood under a key was removed.
    Erase(&'a Key),
    /// The blob of this hash is there in whole.
    Blob(&'a Hash),
}

impl<'a> Change<'a> {
    /// What an append changes, if the key comes to this version by it.
    pub(super) fn of(append: &'a Append, version: u64) -> Change<'a> {
        let Append { key, entry, image, live, .. } = append;
        Change::Append { key, version, live: *live, entry, image }
    }
}

/// The two files, open for writing.
pub(super) struct Journal {
    store: u128,
    files: [File; 2],
    /// How many bytes each may have; one group more may begin below it.
    size: u64,
    /// Which of them is written.
    current: usize,
    /// Where its next group begins.
    end: u64,
    /// The number of the last group.
    last: u64,
    /// The group that is put together.
    group: Vec<u8>,
}

impl Journal {
    /// Opens the files of a store, or makes them. Whatever they hold is settled.
    pub(super) fn open(folder: &Path, size: u64, store: u128, last: u64) -> io::Result<Journal> {
        let open = |name: &str| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600).open(folder.join(name))
        };
        let files = [open(NAMES[0])?, open(NAMES[1])?];
        File::open(folder)?.sync_all()?;
        Ok(Journal { store, files, size, current: 0, end: 0, last, group: vec![0; HEAD] })
    }

    /// Adds a change to the next group.
    pub(super) fn put(&mut self, change: Change<'_>) {
        let group = &mut self.group;
        let sized = |group: &mut Vec<u8>, bytes: &[u8]| {
            group.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            group.extend_from_slice(bytes);
        };
        match change {
            Change::Append { key, version, live, entry, image } => {
                group.push(if live { b'l' } else { b'r' });
                sized(group, key.as_str().as_bytes());
                group.extend_from_slice(&version.to_be_bytes());
                sized(group, entry);
                sized(group, image);
            }
            Change::Erase(key) => {
                group.push(b'e');
                sized(group, key.as_str().as_bytes());
            }
            Change::Blob(hash) => {
                group.push(b'b');
                sized(group, &hash.0);
            }
        }
    }

    /// Forgets what was put.
    pub(super) fn forget(&mut self) {
        self.group.truncate(HEAD);
    }

    /// Whether the file has no room for what was put, and the other one is to be turned to.
    pub(super) fn is_full(&self) -> bool {
        self.end > 0 && self.end + self.group.len() as u64 > self.size
    }

    /// The next group begins the other file. What that one holds must be settled.
    pub(super) fn turn(&mut self) {
        self.current = 1 - self.current;
        self.end = 0;
    }

    /// The number of the last group that was written.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Writes what was put as one group, and returns when it is durable.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.group.len() > GROUP_BYTES_MAX {
            let what =
                format!("a group of {} bytes; at most {GROUP_BYTES_MAX} are written", self.group.len());
            return Err(io::Error::new(ErrorKind::InvalidInput, what));
        }
        let number = self.last + 1;
        let bytes = (self.group.len() - HEAD) as u32;
        self.group[..16].copy_from_slice(&self.store.to_be_bytes());
        self.group[16..24].copy_from_slice(&number.to_be_bytes());
        self.group[24..28].copy_from_slice(&bytes.to_be_bytes());
        let check = checksum(&self.group);
        self.group[28..HEAD].copy_from_slice(&check);
        self.group.resize(self.group.len().next_multiple_of(BLOCK), 0);
        let file = &self.files[self.current];
        file.write_all_at(&self.group, self.end)?;
        file.sync_data()?;
        self.end += self.group.len() as u64;
        self.last = number;
        self.forget();
        Ok(())
    }
}

/// Over all of a group but the place where it stands.
fn checksum(group: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&group[..28]);
    hasher.update(&group[HEAD..]);
    hasher.finalize().to_be_bytes()
}

/// Removes the files. Whatever they hold is settled.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    for name in NAMES {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    File::open(folder)?.sync_all()
}

/// What the files of a store hold behind the group that was settled last, each file by itself, in order.
pub(super) fn read(folder: &Path, store: u128, settled: u64) -> Result<Vec<Recent>, Failure> {
    let mut last = settled;
    let mut files = Vec::new();
    for name in NAMES {
        files.push(bytes_of(&folder.join(name)).map_err(|error| unopened(folder, &error))?);
    }
    let mut held = Vec::new();
    while let Some(file) = files.iter().find(|file| number_at(file, 0, store) == Some(last + 1)) {
        let mut recent = Recent::default();
        let mut at = 0;
        while number_at(file, at, store) == Some(last + 1)
            && let Some(changes) = group_at(file, at)
        {
            let unreadable = || damaged_within(folder, "a group of changes in its journal makes no sense");
            add_all(changes, &mut recent).ok_or_else(unreadable)?;
            last += 1;
            recent.last = last;
            at += (HEAD + changes.len()).next_multiple_of(BLOCK);
        }
        if recent.last == 0 {
            break;
        }
        held.push(recent);
    }
    for file in &files {
        let later = |at: &usize| {
            number_at(file, *at, store).is_some_and(|number| number > last) && group_at(file, *at).is_some()
        };
        if (0..file.len()).step_by(BLOCK).any(|at| later(&at)) {
            return Err(damaged_within(
                folder,
                &format!("group {} of its journal is not what was written, and later ones are", last + 1),
            ));
        }
    }
    Ok(held)
}

fn bytes_of(path: &PathBuf) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

/// The number that a group of this store has at a place, if there is one, broken or not.
fn number_at(file: &[u8], at: usize, store: u128) -> Option<u64> {
    let head = file.get(at..at + HEAD)?;
    let (of, rest) = head.split_first_chunk()?;
    (u128::from_be_bytes(*of) == store).then_some(u64::from_be_bytes(*rest.first_chunk()?))
}

/// The changes of the group at a place, if it is whole.
fn group_at(file: &[u8], at: usize) -> Option<&[u8]> {
    let bytes = u32::from_be_bytes(file.get(at + 24..at + 28)?.try_into().ok()?);
    let group = file.get(at..at + HEAD + bytes as usize)?;
    (checksum(group) == group[28..HEAD]).then_some(&group[HEAD..])
}

/// Adds the changes of a group; nothing, if they are none.
fn add_all(changes: &[u8], recent: &mut Recent) -> Option<()> {
    let mut rest = changes;
    while let Some((kind, more)) = rest.split_first() {
        rest = more;
        let name = sized(&mut rest)?;
        match kind {
            b'l' | b'r' => {
                let (version, more) = rest.split_first_chunk()?;
                rest = more;
                let (entry, image) = (sized(&mut rest)?, sized(&mut rest)?);
                let (key, version) = (key(name)?, u64::from_be_bytes(*version));
                recent.add(Change::Append { key: &key, version, live: *kind == b'l', entry, image });
            }
            b'e' => recent.add(Change::Erase(&key(name)?)),
            b'b' => recent.add(Change::Blob(&Hash(name.try_into().ok()?))),
            _ => return None,
        }
    }
    Some(())
}

fn key(name: &[u8]) -> Option<Key> {
    Key::read(std::str::from_utf8(name).ok()?)
}

fn sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (bytes, more) = rest.split_first_chunk()?;
    let (found, more) = more.split_at_checked(u32::from_be_bytes(*bytes) as usize)?;
    *rest = more;
    Some(found)
}
