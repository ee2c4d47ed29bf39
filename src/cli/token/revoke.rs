//! `parlor token revoke`: a token or an API key that counts no more.

use crate::cli::account::{Folder, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::render::visible::visible;
use crate::server::TokenId;

const EXAMPLES: &str = "Examples:
  parlor token ls                       shows their ids
  parlor token revoke k7mqx2pd9rta      from now on it counts no more";

/// Take a token or an API key back
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Its id, as `parlor token ls` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    folder: Folder,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(id) = TokenId::read(&args.id) else {
        let message = format!("`{}` is not the id of a token", args.id);
        return Err(Failure::new(Exit::Usage, visible(&message)).help("parlor token ls shows their ids"));
    };
    let (data, account) = args.folder.set_up()?;
    data.credentials().revoke(&account, &id).map_err(refused)?;
    terminal.talk(&format!("{id} is revoked"));
    Ok(Exit::Ok)
}
