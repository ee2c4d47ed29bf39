//! `parlor secret set`: a value, typed without being shown or read from the standard input, and never an argument.

use super::KeyFile;
use super::named::{Named, On};
use crate::cli::account::{Folder, by, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::hidden;
use crate::cli::terminal::Terminal;
use crate::diagnostics::render::visible::visible;
use crate::server::SECRET_BYTES_MAX;

const EXAMPLES: &str = "Examples:
  parlor secret set shop ORDERS_KEY                        asks for the value on Demo
  parlor secret set shop ORDERS_KEY --on production        on Production
  parlor secret set shop ORDERS_KEY < key.txt              from a file
  pass show orders | parlor secret set shop ORDERS_KEY     from a program";

/// Set a secret; its value is typed and not shown, or read from the standard input
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    secret: Named,
    /// Where bots find it
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = On::Demo)]
    on: On,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    key_file: KeyFile,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    args.secret.listed(&account)?;
    let vault = args.key_file.open(&args.folder, &data)?;
    let name = args.secret.of(&account, args.on);
    let value = hidden::ask("secret", SECRET_BYTES_MAX)?;
    vault.set(&name, &value, &by()).map_err(refused)?;
    terminal.talk(&visible(&format!("{} of {} is set on {}", name.name, name.environment, name.place())));
    Ok(Exit::Ok)
}
