//! `parlor import`: what was written for other tools, as files of Parlor. Nothing that is there is overwritten.

mod botium;

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor import botium tests                        a transcript beside each .convo.txt
  parlor import botium tests -o bots/acme/tests     into a folder of their own
  parlor import botium tests --bot bots/acme        in the words that this bot says";

/// Make files of Parlor out of what was written for other tools
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, clap::Subcommand)]
enum From {
    Botium(botium::Args),
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.from {
        From::Botium(args) => botium::run(args, terminal),
    }
}
