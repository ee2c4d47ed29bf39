//! `parlor secret rm`: a secret is gone; or all of them, when their key is lost.

use super::named::On;
use crate::cli::account::{Folder, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::server::{SecretName, Vault};

const EXAMPLES: &str = "Examples:
  parlor secret rm shop ORDERS_KEY                    remove it on Demo
  parlor secret rm shop ORDERS_KEY --on production    remove it on Production
  parlor secret rm --all --yes                        give all up, when their key is lost for good";

/// Remove a secret, or all of them when their key is lost
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The environment
    #[arg(value_name = "ENVIRONMENT", requires = "name")]
    environment: Option<String>,
    /// The name of the secret
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Where bots find it
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = On::Demo)]
    on: On,
    #[command(flatten)]
    folder: Folder,
    /// Remove all secrets of the data folder; no key is needed for it
    #[arg(long, conflicts_with = "environment")]
    all: bool,
    /// Do not ask
    #[arg(long, requires = "all")]
    yes: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    if args.all {
        if !args.yes {
            let failure =
                Failure::new(Exit::Usage, "nothing was removed: all secrets would be gone for good");
            return Err(failure.help("add --yes if that is what you want"));
        }
        let gone = Vault::give_up(&*data.store).map_err(refused)?;
        terminal.talk(&format!("{} removed", count(gone, "secret")));
        return Ok(Exit::Ok);
    }
    let (Some(environment), Some(name)) = (args.environment.clone(), args.name.clone()) else {
        let failure = Failure::new(Exit::Usage, "I don't know which secret to remove");
        return Err(failure.help("name an environment and a secret; parlor secret ls shows them"));
    };
    let name = SecretName { account: account.name, environment, name, on: args.on.into() };
    Vault::remove(&*data.store, &name).map_err(refused)?;
    terminal.talk(&visible(&format!("{} of {} is removed on {}", name.name, name.environment, name.place())));
    Ok(Exit::Ok)
}
