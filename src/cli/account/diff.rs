//! `parlor account diff`: what a file would change, and nothing is changed.

use std::path::PathBuf;

use super::folder::Folder;
use super::{file, told};
use crate::cli::bots::shown;
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;

const EXAMPLES: &str = "Examples:
  parlor account diff acme.account.yaml                   against what is in ./data
  parlor account diff acme.account.yaml --data /srv/acme  against another data folder
  parlor account diff acme.account.yaml --json            for a program";

/// See what an account file would change; ends with 1 if there is anything
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The account, as YAML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    folder: Folder,
    /// Print findings and changes as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let read = file::read(&args.file)?;
    let Some(account) = &read.account else {
        match args.json {
            true => told::document(&read, &[], false, terminal)?,
            false => drop(file::account(read, terminal)?),
        }
        return Ok(Exit::No);
    };
    let data = args.folder.look()?;
    let set_up = data.as_ref().and_then(|data| data.account.as_ref());
    let changes = told::between(set_up, account).map_err(|why| Failure::new(Exit::No, why))?;
    let exit = if changes.is_empty() { Exit::Ok } else { Exit::No };
    if args.json {
        told::document(&read, &changes, false, terminal)?;
        return Ok(exit);
    }
    let is_new = set_up.is_none();
    file::account(read, terminal)?;
    told::show(&changes, terminal)?;
    let folder = shown(args.folder.path()).to_string();
    terminal.talk(&match (is_new, changes.len()) {
        (true, _) => format!("{folder}: no account yet"),
        (false, 0) => format!("{folder}: as the file says"),
        (false, number) => format!("{folder}: {}", count(number, "change")),
    });
    Ok(exit)
}
