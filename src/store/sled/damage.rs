//! What a person reads when a store is not as it was left: each way has its own sentence, and each says what to do.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::store::Failure;

/// What to do, in every sentence of damage.
const DO: &str = "Nothing was changed. Keep this folder as it is, and restore a backup into a new one";

/// Why something could not be done within the data.
#[derive(Debug)]
pub(super) enum Fault {
    /// What is read is not what was written.
    Changed,
    /// Sled said no.
    Sled(sled::Error),
    /// The disk did.
    Disk(io::Error),
    /// There is a sentence already.
    Told(Failure),
}

impl From<sled::Error> for Fault {
    fn from(error: sled::Error) -> Fault {
        Fault::Sled(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Disk(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::Told(failure)
    }
}

impl Fault {
    /// Its sentence; what was to be read is named as `what`.
    pub(super) fn tell(self, folder: &Path, what: &str) -> Failure {
        match self {
            Fault::Changed => damaged_within(folder, &format!("{what} is not what was written")),
            Fault::Sled(error) => of_sled(folder, error),
            Fault::Disk(error) => broken(folder, &of_disk(&error)),
            Fault::Told(failure) => failure,
        }
    }
}

/// A sentence about the folder of a store, with what to do.
pub(super) fn damaged(folder: &Path, what: &str) -> Failure {
    Failure::Damaged(format!("The store in `{}` is damaged: {what}. {DO}.", folder.display()))
}

/// The same, after sled has opened the data: it may have mended what it took for a crash.
pub(super) fn damaged_within(folder: &Path, what: &str) -> Failure {
    Failure::Damaged(format!(
        "The store in `{}` is damaged: {what}. Do not use it any more, and restore a backup into a new folder.",
        folder.display()
    ))
}

/// A disk, or sled, that did not do what it was asked for.
pub(super) fn broken(folder: &Path, what: &str) -> Failure {
    Failure::Broken(format!(
        "The store in `{}` stopped: {what}. What was acknowledged is kept; make room or mend the disk, and start again.",
        folder.display()
    ))
}

/// What a restore left that was broken off.
pub(super) fn half_restored(folder: &Path) -> Failure {
    Failure::Damaged(format!(
        "The store in `{}` has only a part of a backup: restoring it was broken off. Delete this folder, and restore the \
         backup again.",
        folder.display()
    ))
}

/// A folder, or a file in it, that the system does not give.
pub(super) fn unopened(folder: &Path, error: &io::Error) -> Failure {
    Failure::Broken(format!(
        "The store in `{}` cannot be opened: {}. Nothing was changed.",
        folder.display(),
        of_disk(error)
    ))
}

/// What the disk says went wrong.
pub(super) fn of_disk(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full".into(),
        _ => error.to_string(),
    }
}

/// What sled says went wrong.
pub(super) fn of_sled(folder: &Path, error: sled::Error) -> Failure {
    match error {
        sled::Error::Corruption { .. } => damaged_within(folder, "sled cannot read a part of the data"),
        sled::Error::Io(error) => broken(folder, &of_disk(&error)),
        other => broken(folder, &format!("sled says {other}")),
    }
}

/// What a panic says.
pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}
