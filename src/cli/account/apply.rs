//! `parlor account apply`: the account as a file says it, after a look at what changes; all of it, or nothing.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use super::folder::Folder;
use super::{file, told};
use crate::cli::bots::shown;
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;

const EXAMPLES: &str = "Examples:
  parlor account apply acme.account.yaml              show what changes, ask, and do it
  parlor account apply acme.account.yaml --yes        the same without a question, for scripts
  parlor account apply acme.account.yaml --dry-run    show what changes, and leave it";

/// Set the account up as a file says, after a look at what changes
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The account, as YAML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    folder: Folder,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Print findings and changes as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let read = file::read(&args.file)?;
    let Some(account) = read.account.clone() else {
        match args.json {
            true => told::document(&read, &[], false, terminal)?,
            false => drop(file::account(read, terminal)?),
        }
        terminal.talk("nothing was applied");
        return Ok(Exit::No);
    };
    let asks = !args.yes && !args.dry_run;
    if asks && (args.json || !std::io::stdin().is_terminal()) {
        let failure = Failure::new(Exit::Usage, "nothing was applied: nobody is here to be asked");
        return Err(failure.help("add --yes to apply it, or --dry-run to see what changes"));
    }
    // A folder is made only once something is to be kept in it.
    let data = if args.yes { Some(args.folder.open()?) } else { args.folder.look()? };
    let set_up = data.as_ref().and_then(|data| data.account.as_ref());
    let changes = told::between(set_up, &account)
        .map_err(|why| Failure::new(Exit::No, format!("nothing was applied: {why}")))?;
    if !args.json {
        file::account(read.clone(), terminal)?;
        told::show(&changes, terminal)?;
    }
    let folder = shown(args.folder.path()).to_string();
    let applies = !changes.is_empty() && !args.dry_run && (!asks || agreed(changes.len(), &folder)?);
    if applies {
        match data {
            Some(data) => data.set_up(&account)?,
            None => {
                let data = args.folder.open()?;
                if data.account.is_some() {
                    let message = "nothing was applied: somebody else has set the account up meanwhile";
                    return Err(Failure::new(Exit::No, message).help("run the command again"));
                }
                data.set_up(&account)?;
            }
        }
    }
    if args.json {
        told::document(&read, &changes, applies, terminal)?;
    }
    terminal.talk(&match (changes.len(), applies) {
        (0, _) => format!("{folder}: as the file says, nothing to apply"),
        (number, true) => format!("{folder}: {} applied", count(number, "change")),
        (number, false) => format!("{folder}: {} not applied", count(number, "change")),
    });
    Ok(if applies || args.dry_run || changes.is_empty() { Exit::Ok } else { Exit::No })
}

/// Asks whether to do it; no answer is a no.
fn agreed(changes: usize, folder: &str) -> Result<bool, Failure> {
    let mut out = std::io::stderr().lock();
    let asked =
        write!(out, "apply {} to {folder}? [y/N] ", count(changes, "change")).and_then(|()| out.flush());
    let mut answer = String::new();
    let heard = asked.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    heard.map_err(|error| Failure::new(Exit::Io, format!("I can't ask: {error}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
