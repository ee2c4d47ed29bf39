//! `parlor backup`: all that a contact center keeps in one file, read again before it counts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::diagnostics::english::count;
use crate::store::backup::{self, Counts};

use super::account::Folder;
use super::bots::{shown, typed};
use super::exit;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor backup data monday.backup                        all that is in the folder, as one file
  parlor backup /var/lib/parlor/data /backup/monday       of a service that is stopped";

/// Nobody but its owner reads it.
const MODE: u32 = 0o600;

/// Write all that a contact center keeps to one file
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The data folder, which no server has open
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The file to write; it is not there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let draft = draft(args)?;
    let folder = Folder::at(&args.folder);
    let Some(data) = folder.look()? else {
        let message = format!("there is nothing in `{}`", shown(&args.folder));
        return Err(Failure::new(Exit::NotFound, message).help("name the data folder of a server"));
    };
    let failed = |error| Failure::io("write", &draft, error);
    let opened = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&draft);
    let mut opened = opened.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            failed(error).help(format!("it was broken off: rm {}", typed(&draft)))
        }
        _ => failed(error),
    })?;
    let written = (|| {
        let mut progress = Progress::megabytes(None, terminal);
        let written = backup::write(&*data.store, Metered::new(&mut opened, &mut progress));
        progress.clear();
        let counts = written.map_err(|trouble| folder.failed(trouble))?;
        opened.sync_all().map_err(failed)?;
        let (read, bytes) = whole(&draft, terminal)?;
        if read != counts {
            return Err(Failure::new(Exit::Io, "the backup reads otherwise than it was written"));
        }
        fs::rename(&draft, &args.file).map_err(|error| Failure::io("write", &args.file, error))?;
        let beside = parent(&args.file);
        File::open(beside).and_then(|beside| beside.sync_all()).map_err(failed)?;
        Ok((counts, bytes))
    })();
    let (counts, bytes) = match written {
        Ok(done) => done,
        Err(failure) => {
            let _ = fs::remove_file(&draft); // what is wrong was said already
            return Err(failure);
        }
    };
    terminal.talk(&format!("{}: {}, read again and whole", shown(&args.file), told(counts, bytes)));
    terminal.talk("the key file is in no backup: keep a copy of it elsewhere");
    Ok(Exit::Ok)
}

/// Where it is written before it counts.
fn draft(args: &Args) -> Result<PathBuf, Failure> {
    let Some(name) = args.file.file_name() else {
        return Err(Failure::new(Exit::Usage, format!("`{}` names no file", shown(&args.file))));
    };
    if args.file.symlink_metadata().is_ok() {
        let message = format!("`{}` is there already", shown(&args.file));
        return Err(Failure::new(Exit::No, message).help("give each backup a name of its own"));
    }
    let folder = parent(&args.file);
    let at = folder.canonicalize().map_err(|error| Failure::io("write into", folder, error))?;
    if args.folder.canonicalize().is_ok_and(|data| at.starts_with(data)) {
        let message = "a backup does not belong into the folder it is of";
        return Err(Failure::new(Exit::No, message).help("write it elsewhere, best to another disk"));
    }
    let mut name = name.to_os_string();
    name.push(".part");
    Ok(args.file.with_file_name(name))
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a backup to its end: what it has, and how many bytes it is.
pub(super) fn whole(file: &Path, terminal: &Terminal) -> Result<(Counts, u64), Failure> {
    let (opened, bytes) = open(file)?;
    let mut progress = Progress::megabytes(Some(bytes), terminal);
    let read = backup::check(Metered::new(opened, &mut progress));
    progress.clear();
    let counts = read.map_err(|trouble| Failure::new(Exit::NotLoaded, trouble.to_string()))?;
    Ok((counts, bytes))
}

/// Opens a backup.
pub(super) fn open(file: &Path) -> Result<(File, u64), Failure> {
    let failed = |error| Failure::io("read", file, error);
    let opened = File::open(file).map_err(failed)?;
    let about = opened.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    Ok((opened, about.len()))
}

/// What a backup has, for people.
pub(super) fn told(counts: Counts, bytes: u64) -> String {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    format!(
        "{} in {}, {}, {} KB",
        count(number(counts.entries), "entry"),
        count(number(counts.keys), "record"),
        count(number(counts.blobs), "blob"),
        bytes.div_ceil(1024)
    )
}

/// Bytes that pass, counted for whoever watches.
pub(super) struct Metered<'p, T> {
    inner: T,
    bytes: u64,
    progress: &'p mut Progress,
}

impl<'p, T> Metered<'p, T> {
    pub(super) fn new(inner: T, progress: &'p mut Progress) -> Metered<'p, T> {
        Metered { inner, bytes: 0, progress }
    }

    fn pass(&mut self, bytes: usize) -> usize {
        self.bytes += bytes as u64;
        self.progress.show_bytes(self.bytes);
        bytes
    }
}

impl<T: Read> Read for Metered<'_, T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(into)?;
        Ok(self.pass(bytes))
    }
}

impl<T: Write> Write for Metered<'_, T> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let bytes = self.inner.write(from)?;
        Ok(self.pass(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
