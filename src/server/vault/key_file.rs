//! The file with the key: outside the data folder, for its owner alone, and replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::platform::{Code, Refusal};
use crate::server::hex::Hex;

use super::key::{KEY_BYTES, Key};

/// Bytes of a key file.
pub const KEY_FILE_BYTES_MAX: usize = 4096;

const HEAD: &str =
    "# The key to the secrets of a Parlor data folder. Keep a copy in a safe place, away from backups.";
const FORMAT: &str = "parlor-key 1";

/// What stands in a key file: the key, and while it is being replaced, the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) key: Key,
    pub(super) old: Option<Key>,
}

/// Where the key file of a data folder is by itself: beside it, `data.key` beside `data`.
pub(super) fn beside(data: &Path) -> PathBuf {
    let data = match data.file_name() {
        Some(_) => data.to_path_buf(),
        None => fs::canonicalize(data).unwrap_or_else(|_| data.to_path_buf()),
    };
    let mut name = data.file_name().unwrap_or("parlor".as_ref()).to_os_string();
    name.push(".key");
    data.with_file_name(name)
}

/// Reads a key file; nothing, if there is none. `data` is the folder that it may not be in.
pub(super) fn read(path: &Path, data: Option<&Path>) -> Result<Option<Keys>, Refusal> {
    if let Some(data) = data {
        outside(path, data)?;
    }
    let cannot = |error: std::io::Error| refused(path, &format!("cannot be read: {error}"));
    match fs::metadata(path) {
        Ok(about) if about.is_file() => {} // to open anything else may wait for ever
        Ok(_) => return Err(refused(path, "is not a file")),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error)),
    }
    let file = File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let why = format!(
            "may be read or changed by others (its mode is {mode:03o}): type `chmod 600` for it, and think about whether \
             somebody has read it: then `parlor secret rotate` makes a new key"
        );
        return Err(refused(path, &why));
    }
    let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_BYTES_MAX + 1));
    file.take(KEY_FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(cannot)?;
    if text.len() > KEY_FILE_BYTES_MAX {
        let why = format!("is no key file: it has more than {KEY_FILE_BYTES_MAX} bytes");
        return Err(refused(path, &why));
    }
    let keys = parse(&text);
    keys.map(Some).ok_or_else(|| {
        refused(
            path,
            "is no key file as Parlor writes it: put the right one there, from where you keep a copy",
        )
    })
}

fn parse(text: &str) -> Option<Keys> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    if lines.next()? != FORMAT {
        return None;
    }
    let (mut key, mut old) = (None, None);
    for line in lines {
        let (word, digits) = line.split_once(' ')?;
        let bytes = Zeroizing::new(Hex::read(digits.trim())?.0);
        let bytes = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).ok()?;
        let place = match word {
            "key" => &mut key,
            "old" => &mut old,
            _ => return None,
        };
        if place.replace(Key::of(bytes)).is_some() {
            return None;
        }
    }
    Some(Keys { key: key?, old })
}

/// Writes a key file in place of what is there. After a crash there is the one or the other.
pub(super) fn write(path: &Path, keys: &Keys) -> Result<(), Refusal> {
    let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_BYTES_MAX));
    text.push_str(&format!("{HEAD}\n{FORMAT}"));
    for (word, key) in std::iter::once(("key", &keys.key)).chain(keys.old.iter().map(|old| ("old", old))) {
        text.push_str(&format!("\n{word} "));
        key.bytes().iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
    }
    text.push('\n');
    replace(path, text.as_bytes()).map_err(|error| refused(path, &format!("cannot be written: {error}")))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let new = path.with_file_name(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {} // one that a crash has left
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let done = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path));
    if let Err(error) = done {
        fs::remove_file(&new).ok(); // the error that counts is the first
        return Err(error);
    }
    File::open(folder(path))?.sync_all()
}

/// The folder a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A key in the data folder would be in every copy of it.
fn outside(path: &Path, data: &Path) -> Result<(), Refusal> {
    let cannot = |path: &Path, error| refused(path, &format!("cannot be looked for: {error}"));
    let data = fs::canonicalize(data).map_err(|error| cannot(data, error))?;
    let parent = folder(path);
    let within = fs::canonicalize(parent).map_err(|error| cannot(parent, error))?;
    let itself = fs::canonicalize(path).unwrap_or_else(|_| within.clone());
    if within.starts_with(&data) || itself.starts_with(&data) {
        return Err(refused(
            path,
            "is in the data folder, so every copy of that would have it: move it elsewhere",
        ));
    }
    Ok(())
}

fn refused(path: &Path, why: &str) -> Refusal {
    Refusal::of(Code::KeyFile, "", format!("the key file `{}` {why}", path.display()))
}
