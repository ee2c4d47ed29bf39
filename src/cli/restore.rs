//! `parlor restore`: a data folder made of a backup, for a server that starts as if nothing had happened.

use std::path::PathBuf;

use crate::server::Vault;
use crate::store::Sled;
use crate::store::backup;

use super::account::Folder;
use super::backup::{Metered, open, told, whole};
use super::bots::{shown, typed};
use super::exit;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor restore monday.backup data        make the folder data of it
  parlor restore monday.backup try-out     look at it elsewhere, beside the server that runs";

/// Make a data folder of a backup
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data folder to make; it is not there yet, or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let is_empty = match std::fs::read_dir(&args.folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Failure::io("read", &args.folder, error)),
    };
    if !is_empty {
        let message = format!("`{}` is not empty; nothing was changed", shown(&args.folder));
        return Err(Failure::new(Exit::No, message).help("move it away, or name a new folder"));
    }
    // A backup that is not whole makes nothing.
    let (_, bytes) = whole(&args.file, terminal)?;
    let folder = Folder::at(&args.folder);
    let (opened, _) = open(&args.file)?;
    let store = Sled::open(&args.folder).map_err(|trouble| folder.failed(trouble))?;
    let mut progress = Progress::megabytes(Some(bytes), terminal);
    let restored = backup::restore(&store, Metered::new(opened, &mut progress));
    progress.clear();
    let counts = restored.map_err(|trouble| {
        let again = format!("rm -r {}, and restore it again", typed(&args.folder));
        folder.failed(trouble).help(again)
    })?;
    terminal.talk(&format!("{}: {} restored", shown(&args.folder), told(counts, bytes)));
    let key = Vault::beside(&args.folder);
    if !key.exists() {
        terminal.talk(&format!("the key file is in no backup: put your copy to {}", shown(&key)));
    }
    Ok(Exit::Ok)
}
