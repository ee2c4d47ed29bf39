//! Saving a file so that there is always either the old text or the new one, never half of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    swap(&file.on_disk, text, Some(permissions)).map_err(failed)
}

/// Writes a file, whether it is there already or not; its folder is. What is no file, such as a pipe, is written to.
pub(super) fn put(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::io("write", path, error);
    match fs::canonicalize(path) {
        Ok(there) if !there.is_file() => fs::write(&there, text).map_err(failed),
        Ok(there) => {
            let permissions = fs::metadata(&there).map_err(failed)?.permissions();
            swap(&there, text, Some(permissions)).map_err(failed)
        }
        Err(_) => swap(path, text, None).map_err(failed),
    }
}

/// Whether a file can be written there, found out without leaving anything behind.
pub(super) fn can_put(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::io("write", path, error);
    let there = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if there.is_dir() {
        return Err(failed(io::Error::other("it is a folder")));
    }
    if there.exists() && !there.is_file() {
        return Ok(());
    }
    if fs::metadata(&there).is_ok_and(|data| data.permissions().readonly()) {
        return Err(failed(io::Error::other("it is read-only")));
    }
    let folder = there.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let gone = io::Error::other("its folder is not there");
        return Err(failed(gone).help(format!("mkdir -p {}", super::bots::typed(folder))));
    }
    let draft = draft_of(&there);
    OpenOptions::new().write(true).create_new(true).open(&draft).map_err(failed)?;
    fs::remove_file(&draft).map_err(failed)
}

/// Writes beside the file, and puts that in its place.
fn swap(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let draft = draft_of(path);
    let written = write(&draft, text, permissions).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft); // the first failure is the one to tell
    }
    written
}

/// Where a file is written before it takes its place.
fn draft_of(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".parlor-{}", std::process::id()));
    path.with_file_name(name)
}

fn write(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}
