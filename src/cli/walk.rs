//! The files of one kind in a folder, and in the folders inside it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::bots::{not_loaded, shown};
use super::exit::Failure;

/// How many files are looked for at most.
const FILES_MAX: usize = 10_000;
/// How many folders are looked into.
const FOLDERS_MAX: usize = 10_000;

/// A file found, not read yet.
pub(super) struct Found {
    /// Its path, as its author would name it.
    pub(super) shown: PathBuf,
    /// Where it lies; not the same, if it was found behind a link.
    pub(super) on_disk: PathBuf,
}

/// A walk through a folder.
struct Walk<'a> {
    folder: &'a Path,
    /// Which files are meant, by their names.
    wanted: fn(&Path) -> bool,
    /// The folder, links resolved.
    root: PathBuf,
    /// What was met already, links resolved.
    met: HashSet<PathBuf>,
    /// Folders to look into.
    open: Vec<PathBuf>,
    /// Links to follow when all else is done, so that what they lead to keeps its own name if it has one.
    links: Vec<PathBuf>,
    found: Vec<Found>,
}

/// All files below a folder that are meant. Hidden names are passed over; a link counts if it leads to a place in the
/// folder that was not met already; about others something is said.
pub(super) fn files(
    folder: &Path,
    wanted: fn(&Path) -> bool,
    say: &dyn Fn(&str),
) -> Result<Vec<Found>, Failure> {
    let root = fs::canonicalize(folder).map_err(|error| Failure::io("read the folder", folder, error))?;
    let (met, open) = (HashSet::from([root.clone()]), vec![folder.to_path_buf()]);
    let mut walk = Walk { folder, wanted, root, met, open, links: Vec::new(), found: Vec::new() };
    let mut folders = 0;
    loop {
        if let Some(next) = walk.open.pop() {
            folders += 1;
            walk.enter(&next)?;
        } else if let Some(link) = walk.links.pop() {
            walk.follow(&link, say);
        } else {
            return Ok(walk.found);
        }
        for (number, limit, what) in
            [(folders, FOLDERS_MAX, "folders"), (walk.found.len(), FILES_MAX, "files")]
        {
            if number > limit {
                let many = format!("`{}` has more than {limit} {what} in it", shown(folder));
                return Err(not_loaded(many).help("name a folder with fewer"));
            }
        }
    }
}

/// The path of something in a folder, as an author names it: nothing stands before it in the current folder.
pub(super) fn below(folder: &Path, path: &Path) -> PathBuf {
    match folder == Path::new(".") {
        true => path.strip_prefix(".").unwrap_or(path).to_path_buf(),
        false => path.to_path_buf(),
    }
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut entries = fs::read_dir(folder)
            .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
            .map_err(|error| Failure::io("read the folder", folder, error))?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type().map_err(|error| Failure::io("read", &path, error))?;
            if kind.is_symlink() {
                self.links.push(path);
            } else if kind.is_dir() || kind.is_file() && (self.wanted)(&path) {
                let target = fs::canonicalize(&path).map_err(|error| Failure::io("read", &path, error))?;
                self.take(path, target, kind.is_dir());
            }
        }
        Ok(())
    }

    fn follow(&mut self, link: &Path, say: &dyn Fn(&str)) {
        let Ok(target) = fs::canonicalize(link) else { return };
        let is_folder = target.is_dir();
        let is_file = (self.wanted)(link) && target.is_file();
        if !is_folder && !is_file {
            return;
        }
        if target.starts_with(&self.root) {
            self.take(link.to_path_buf(), target, is_folder);
        } else {
            say(&format!(
                "{} is left out: it is a link out of the folder",
                shown(&below(self.folder, link))
            ));
        }
    }

    fn take(&mut self, path: PathBuf, target: PathBuf, is_folder: bool) {
        if !self.met.insert(target.clone()) {
            return;
        }
        match is_folder {
            true => self.open.push(path),
            false => self.found.push(Found { shown: below(self.folder, &path), on_disk: target }),
        }
    }
}
