//! How a store is opened: nobody else has it, it is what was left, and only then sled sees it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ring::rand::{SecureRandom, SystemRandom};

use super::damage::{Fault, broken, damaged, damaged_within, said, unopened};
use super::disk::{self, Disk};
use super::journal::{self, Journal};
use super::marker::{Marker, Stage};
use super::migrate::{self, STEPS};
use super::settle::settle;
use super::tally::Tally;
use crate::store::{Failure, Sizes};

/// What stands in the folder of a store.
const OURS: &[&str] = &["lock", "marker", "marker.new", "sled", journal::NAMES[0], journal::NAMES[1]];

/// A store that is open.
pub(super) struct Opened {
    pub(super) lock: File,
    pub(super) data: Disk,
    pub(super) tally: Tally,
    pub(super) marker: Marker,
    pub(super) journal: Journal,
}

/// Opens the store of a folder; makes one, if the folder is empty or not there.
pub(super) fn open(folder: &Path, sizes: Sizes) -> Result<Opened, Failure> {
    let on_disk = |error: io::Error| unopened(folder, &error);
    make_folder(folder).map_err(on_disk)?;
    refuse_other_files(folder)?;
    let lock = lock(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(on_disk)?;
    let there = disk::folder_of(folder).try_exists().map_err(on_disk)?;
    let (data, tally, marker) = match Marker::read(folder)? {
        None if there => return Err(damaged(folder, "there is data, but its file `marker` is missing")),
        None => make(folder, sizes)?,
        Some(marker) if marker.format > migrate::format(STEPS) => return Err(too_new(folder, marker.format)),
        Some(marker) if marker.stage == Stage::New => {
            // Nothing was acknowledged yet: what was begun is begun again.
            if there {
                fs::remove_dir_all(disk::folder_of(folder)).map_err(on_disk)?;
            }
            journal::remove(folder).map_err(on_disk)?;
            make(folder, sizes)?
        }
        Some(marker) => go_on(folder, sizes, marker)?,
    };
    let journal = Journal::open(folder, sizes.journal, tally.store, tally.settled).map_err(on_disk)?;
    Ok(Opened { lock, data, tally, marker, journal })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.try_exists()? {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// A folder with somebody else's files is not made a store.
fn refuse_other_files(folder: &Path) -> Result<(), Failure> {
    let names = || -> io::Result<Vec<String>> {
        let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    };
    let mut names = names().map_err(|error| unopened(folder, &error))?;
    names.retain(|name| !OURS.contains(&name.as_str()));
    names.sort();
    match names.first() {
        None => Ok(()),
        Some(name) => Err(Failure::Damaged(format!(
            "`{}` is no store of its own: there is `{name}` in it. Give the store an empty folder, or move that away.",
            folder.display()
        ))),
    }
}

fn lock(folder: &Path) -> Result<File, Failure> {
    let on_disk = |error: io::Error| unopened(folder, &error);
    let mut options = OpenOptions::new();
    let path = folder.join("lock");
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(on_disk)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::Error(error)) => return Err(on_disk(error)),
        Err(fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).ok();
            let holder = holder.trim();
            let holder = if holder.is_empty() { "another process" } else { &format!("process {holder}") };
            return Err(in_use(folder, holder));
        }
    }
    let process = format!("{}\n", std::process::id());
    file.set_len(0).and_then(|()| file.write_all(process.as_bytes())).map_err(on_disk)?;
    Ok(file)
}

fn in_use(folder: &Path, holder: &str) -> Failure {
    Failure::InUse(format!(
        "The store in `{}` is open in {holder}. Stop that first: one process has a store at a time.",
        folder.display()
    ))
}

fn too_new(folder: &Path, format: u32) -> Failure {
    Failure::TooNew(format!(
        "The store in `{}` was written by a later version of this program (format {format}; this one reads up to {}). \
         Nothing was changed. Use that version.",
        folder.display(),
        migrate::format(STEPS)
    ))
}

/// Makes a store. Until the marker says that it is open, whatever is there is made anew.
fn make(folder: &Path, sizes: Sizes) -> Result<(Disk, Tally, Marker), Failure> {
    let mut random = [0; 16];
    SystemRandom::new().fill(&mut random).map_err(|_| broken(folder, "the system has no random numbers"))?;
    let (format, store) = (migrate::format(STEPS), u128::from_be_bytes(random));
    let mut marker = Marker { format, store, stage: Stage::New, changes: 0, bytes: 0 };
    marker.write(folder)?;
    let tally = Tally { format, store, changes: 0, bytes: 0, settled: 0 };
    let (data, _) = open_data(folder, sizes)?;
    within(folder, || {
        let mut batch = sled::Batch::default();
        tally.put(&mut batch);
        data.commit(batch)?;
        Ok(disk::sync_files(folder)?)
    })?;
    marker.stage = Stage::Open;
    marker.write(folder)?;
    Ok((data, tally, marker))
}

/// Opens what was left, after a look at whether it is all there.
fn go_on(folder: &Path, sizes: Sizes, mut marker: Marker) -> Result<(Disk, Tally, Marker), Failure> {
    let size = match fs::metadata(disk::file_of(folder)) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(damaged(folder, "its data file `sled/db` is missing"));
        }
        Err(error) => return Err(unopened(folder, &error)),
    };
    let least = match marker.stage {
        Stage::Closed(size) => size,
        _ => marker.bytes,
    };
    if size < least {
        return Err(damaged(
            folder,
            &format!("its data file `sled/db` has {size} bytes, and must have at least {least}"),
        ));
    }
    if !disk::let_go(folder).map_err(|error| unopened(folder, &error))? {
        return Err(in_use(folder, "another program that holds its data file"));
    }
    // From here on sled may shrink its file.
    marker.stage = Stage::Open;
    marker.write(folder)?;

    let (data, there) = open_data(folder, sizes)?;
    let tally = within(folder, || if there { Tally::read(&data.tree) } else { Ok(None) })?;
    let Some(mut tally) = tally else {
        let changes = marker.changes;
        return Err(damaged_within(
            folder,
            &format!("it is empty, and at least {changes} changes were made to it"),
        ));
    };
    if tally.store != marker.store {
        return Err(damaged_within(folder, "its data and its file `marker` are of different stores"));
    }
    if tally.format > migrate::format(STEPS) {
        return Err(too_new(folder, tally.format));
    }
    let held = journal::read(folder, tally.store, tally.settled)?;
    let changes = tally.changes + held.iter().map(|held| held.changes).sum::<u64>();
    if changes < marker.changes {
        return Err(damaged_within(
            folder,
            &format!("its end is missing: it knows {changes} changes, of at least {}", marker.changes),
        ));
    }
    within(folder, || migrate::migrate(&data, &mut tally, STEPS))?;
    if marker.format != tally.format {
        marker.format = tally.format;
        marker.write(folder)?;
    }
    // What was acknowledged and not settled, a file at a time: a crash on the way leaves what it would have found.
    let marker = Mutex::new(marker);
    for held in held {
        within(folder, || settle(folder, &data, &held, &mut tally, &marker))?;
    }
    let marker = marker.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((data, tally, marker))
}

fn open_data(folder: &Path, sizes: Sizes) -> Result<(Disk, bool), Failure> {
    within(folder, || Disk::open(folder, sizes.cache))
}

/// Does something with sled, which may panic where it does not understand its data.
fn within<T>(folder: &Path, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|fault| fault.tell(folder, "a part of its data")),
        Err(panic) => {
            Err(damaged_within(folder, &format!("sled stopped while reading it ({})", said(&*panic))))
        }
    }
}
