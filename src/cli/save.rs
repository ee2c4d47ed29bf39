//! Saving a file so that there is always either the old text or the new one, never half of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::bots::BotFile;
use super::exit::Failure;

/// Writes a new text in place of the one that was read. Permissions stay. A file that is not to be written, or
/// that somebody else has changed meanwhile, is left alone.
pub(super) fn replace(file: &BotFile, was: &str, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::io("write", Path::new(&file.path), error);
    let permissions = fs::metadata(&file.on_disk).map_err(failed)?.permissions();
    if permissions.readonly() {
        return Err(failed(io::Error::other("it is read-only")));
    }
    if fs::read(&file.on_disk).map_err(failed)? != was.as_bytes() {
        let changed = io::Error::other("somebody else has changed it meanwhile");
        return Err(failed(changed).help("run the command again"));
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(file.on_disk.file_name().unwrap_or_default());
    name.push(format!(".parlor-{}", std::process::id()));
    let draft = file.on_disk.with_file_name(name);
    let written = create(&draft, text, permissions).and_then(|()| fs::rename(&draft, &file.on_disk));
    if written.is_err() {
        let _ = fs::remove_file(&draft); // the first failure is the one to tell
    }
    written.map_err(failed)
}

fn create(path: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}

/// Writes a file that may be there already: always whole, never half of it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::io("write", path, error);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".parlor-{}", std::process::id()));
    let draft = path.with_file_name(name);
    let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft); // the first failure is the one to tell
    }
    written.map_err(failed)
}
