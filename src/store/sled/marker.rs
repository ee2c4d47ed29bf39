//! A small file beside the data that knows how much must be there, so that a store which has lost it is refused instead of
//! started empty.
//!
//! It is looked at before sled opens anything, because sled mends what it takes for a crash by cutting it off. The data file
//! itself grows and shrinks as sled likes; but it is never smaller than the entries in it, and once the store is closed
//! nobody touches it. So a closed store is known to be whole, and one whose process was killed to have lost at most what came
//! after the marker was last written, and that only if its disk also lost what it had said to be durable.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::damage::{broken, damaged, of_disk, unopened};
use crate::store::Failure;

/// Its name in the folder of the store.
const NAME: &str = "marker";
/// The first line of it.
const TITLE: &str = "Parlor store. Do not edit, move or delete: without it the data is not opened.";

/// What must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// The format of the data.
    pub(super) format: u32,
    /// Which store it is: a random number, which stands in the data as well.
    pub(super) store: u128,
    /// How far it got.
    pub(super) stage: Stage,
    /// At least this many changes were made: appends, erasures, blobs.
    pub(super) changes: u64,
    /// The entries have at least this many bytes, and so has the data file.
    pub(super) bytes: u64,
}

/// How far a store got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is being made: nothing was acknowledged yet, so what is there may be thrown away.
    New,
    /// It is open, or its process was killed.
    Open,
    /// It was closed, and then its data file had this many bytes.
    Closed(u64),
}

impl Marker {
    /// The marker of a folder; nothing, if there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Marker>, Failure> {
        let bytes = match fs::read(folder.join(NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unopened(folder, &error)),
        };
        let marker = std::str::from_utf8(&bytes).ok().and_then(Marker::parse);
        let unreadable = || damaged(folder, "its file `marker` is not as it was written");
        marker.ok_or_else(unreadable).map(Some)
    }

    /// Replaces the marker of a folder, durably: whenever the power goes, the old or the new one is there.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let new = folder.join("marker.new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(self.print().as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, folder.join(NAME))?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|error| broken(folder, &format!("its marker cannot be written: {}", of_disk(&error))))
    }

    fn print(&self) -> String {
        let stage = match self.stage {
            Stage::New => "new".into(),
            Stage::Open => "open".into(),
            Stage::Closed(size) => format!("closed {size}"),
        };
        let Marker { format, store, changes, bytes, .. } = self;
        let lines = format!(
            "{TITLE}\nformat {format}\nstore {store:032x}\nstage {stage}\nchanges {changes}\nbytes {bytes}\n"
        );
        format!("{lines}check {:08x}\n", crc32fast::hash(lines.as_bytes()))
    }

    fn parse(text: &str) -> Option<Marker> {
        let (lines, check) = text.split_at_checked(text.rfind("check ")?)?;
        if check != format!("check {:08x}\n", crc32fast::hash(lines.as_bytes())) {
            return None;
        }
        let mut values = lines.lines().skip(1).filter_map(|line| Some(line.split_once(' ')?.1));
        Some(Marker {
            format: values.next()?.parse().ok()?,
            store: u128::from_str_radix(values.next()?, 16).ok()?,
            stage: match values.next()? {
                "new" => Stage::New,
                "open" => Stage::Open,
                other => Stage::Closed(other.strip_prefix("closed ")?.parse().ok()?),
            },
            changes: values.next()?.parse().ok()?,
            bytes: values.next()?.parse().ok()?,
        })
    }
}
