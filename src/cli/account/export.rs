//! `parlor account export`: what is set up, as the file that would set it up again.

use super::folder::Folder;
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::render::visible::visible_json;

const EXAMPLES: &str = "Examples:
  parlor account export                            what is in ./data
  parlor account export --data /srv/acme           in another data folder
  parlor account export > acme.account.yaml        as a file";

/// Print the account as the file that would set it up again
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Print it as JSON, with what is as it is by default
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (_, account) = args.folder.set_up()?;
    let text = match args.json {
        true => visible_json(&serde_json::to_string_pretty(&account).unwrap_or_default()),
        false => account.write(),
    };
    terminal.data(&text)?;
    Ok(Exit::Ok)
}
