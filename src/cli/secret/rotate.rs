//! `parlor secret rotate`: a new key, and every secret sealed with it.

use super::KeyFile;
use crate::cli::account::{Folder, by, refused};
use crate::cli::bots::shown;
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor secret rotate                                       a new key in ./data.key
  parlor secret rotate --data /srv/acme                      in /srv/acme.key
  parlor secret rotate --key-file /run/keys/acme.key         in another file";

/// Make a new key and seal every secret with it; whoever is logged in logs in again
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    key_file: KeyFile,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, _) = args.folder.set_up()?;
    args.key_file.open(&args.folder, &data)?.rotate(&by()).map_err(refused)?;
    let path = args.key_file.path(&args.folder);
    terminal.talk(&format!("all secrets are sealed with the new key in {}", shown(&path)));
    terminal.talk("backups made until now open with the key before this one only; make a new one");
    Ok(Exit::Ok)
}
