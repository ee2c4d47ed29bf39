//! `parlor token`: what operators and bots show with every call: made, listed, taken back.

mod new;
mod ls;
mod revoke;

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor token new ada --name laptop     a token for ada, shown once
  parlor token new shop-bot              an API key for a bot user
  parlor token ls                        who has which, and when they were last used
  parlor token revoke k7mqx2pd9rta       from now on it counts no more";

/// Make tokens for operators and API keys for bots, list them, and take them back
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    New(new::Args),
    Ls(ls::Args),
    Revoke(revoke::Args),
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.what {
        What::New(args) => new::run(args, terminal),
        What::Ls(args) => ls::run(args, terminal),
        What::Revoke(args) => revoke::run(args, terminal),
    }
}
