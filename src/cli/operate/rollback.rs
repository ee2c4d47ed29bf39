//! `parlor rollback`: the version before is served again.

use serde_json::json;

use super::{Exit, Failure, On, exit, insist, new_id, path_of, says, served, version};
use crate::cli::remote::{Ask, Server};
use crate::cli::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor rollback acme                 Production serves the version before; open conversations keep theirs
  parlor rollback acme --move-open     and open conversations go over with their next turn
  parlor rollback acme --on demo       the same on Demo";

/// Serve the version before again
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The bot, by its name
    #[arg(value_name = "BOT")]
    bot: String,
    /// Where: production, if not said, or demo
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = On::Production)]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    on: On,
    /// Take open conversations over with their next turn
    #[arg(long)]
    move_open: bool,
    #[command(flatten)]
    server: Server,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let (bot, on) = (&args.bot, args.on);
    let before = served(&remote, bot, on)?;
    let body = json!({ "id": new_id()?, "on": on.word(), "move_open": args.move_open });
    insist(&remote, &Ask::post(format!("{}/rollback", path_of(bot)), &body))?;
    let now = served(&remote, bot, on)?.map(|id| version(&remote, bot, &id)).transpose()?;
    if args.json {
        let document = json!({ "on": on.word(), "was": before, "version": now, "move_open": args.move_open });
        return super::document(&document, terminal);
    }
    let label = now.map_or_else(|| "the version before".to_string(), |now| now.label());
    let open = match args.move_open {
        true => "open conversations go over to it with their next turn",
        false => "open conversations keep the version they have",
    };
    says(terminal, &format!("{}: {label} is on {} again; {open}", super::name_of(bot), on.shown()))?;
    Ok(Exit::Ok)
}
