//! `parlor user password`: a new password, typed without being shown, read from the standard input, or made.

use crate::cli::account::{Folder, by, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::hidden;
use crate::cli::terminal::Terminal;
use crate::diagnostics::render::visible::visible;
use crate::server::PASSWORD_BYTES_MAX;

const EXAMPLES: &str = "Examples:
  parlor user password ada                     asks for it twice
  parlor user password ada --random            makes one that can be typed, and shows it once
  pass show ada | parlor user password ada     from a program";

/// Give somebody a new password; it is typed and not shown, or read from the standard input
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The user
    #[arg(value_name = "USER")]
    user: String,
    #[command(flatten)]
    folder: Folder,
    /// Make one, and print it: it is shown this once
    #[arg(long)]
    random: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    let (credentials, user) = (data.credentials(), args.user.as_str().into());
    credentials.is_person(&account, &user).map_err(refused)?;
    if args.random {
        let password = credentials.give_password(&account, &user, &by()).map_err(refused)?;
        terminal.data(&format!("{}\n", password.expose()))?;
    } else {
        let password = hidden::ask("new password", PASSWORD_BYTES_MAX)?;
        credentials.set_password(&account, &user, &password, &by()).map_err(refused)?;
    }
    terminal.talk(&visible(&format!("{user} has a new password")));
    Ok(Exit::Ok)
}
