//! `parlor user`: the people of a contact center, and what they log in with.

mod password;

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor user password ada             asks for a new password, and shows nothing of it
  parlor user password ada --random    makes one, and shows it once";

/// Give people passwords
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Password(password::Args),
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.what {
        What::Password(args) => password::run(args, terminal),
    }
}
