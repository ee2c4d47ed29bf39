//! `parlor secret`: the values that bots need and nobody is to read, sealed in the data folder.

mod set;
mod ls;
mod rm;
mod rotate;
mod named; // which secret, as it is typed

use std::path::PathBuf;

use crate::server::Vault;

use super::account::{Data, Folder, refused};
use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor secret set shop ORDERS_KEY --on demo    asks for the value, and shows nothing of it
  parlor secret set shop ORDERS_KEY < key.txt    takes it from a file
  parlor secret ls                               which are set, and which are missing";

/// Keep values that bots need and nobody is to read
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Set(set::Args),
    Ls(ls::Args),
    Rm(rm::Args),
    Rotate(rotate::Args),
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.what {
        What::Set(args) => set::run(args, terminal),
        What::Ls(args) => ls::run(args, terminal),
        What::Rm(args) => rm::run(args, terminal),
        What::Rotate(args) => rotate::run(args, terminal),
    }
}

/// Where the key is.
#[derive(Debug, clap::Args)]
pub(super) struct KeyFile {
    /// The file with the key; by default the data folder's name with `.key` behind it, or PARLOR_KEY_FILE
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl KeyFile {
    pub(super) fn path(&self, folder: &Folder) -> PathBuf {
        let told = || std::env::var_os("PARLOR_KEY_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.key_file.clone().or_else(told).unwrap_or_else(|| Vault::beside(folder.path()))
    }

    pub(super) fn open(&self, folder: &Folder, data: &Data) -> Result<Vault, Failure> {
        Vault::open(data.store.clone(), &self.path(folder), Some(folder.path())).map_err(refused)
    }
}
