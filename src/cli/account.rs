//! `parlor account`: how a contact center is set up, as a file: what is in a data folder, what would change, and the change.

mod file; // an account file, read
mod folder; // a data folder
mod apply;
mod diff;
mod export;
mod told; // changes, printed

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

pub(super) use file::{for_check, sound};
pub(super) use folder::{Data, Folder, by, refused};

const EXAMPLES: &str = "Examples:
  parlor account diff acme.account.yaml       what the file would change
  parlor account apply acme.account.yaml      change it, after a look
  parlor account export > acme.account.yaml   what is set up, as a file";

/// Set up a contact center from a file: skills, users, bots and connectors
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Apply(apply::Args),
    Diff(diff::Args),
    Export(export::Args),
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.what {
        What::Apply(args) => apply::run(args, terminal),
        What::Diff(args) => diff::run(args, terminal),
        What::Export(args) => export::run(args, terminal),
    }
}
