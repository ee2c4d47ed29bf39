//! `parlor promote`: the version on Demo goes to Production, if nothing keeps it back.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{
    Exit, Failure, On, WORK_SECONDS, deploy, exit, gate, insist, path_of, says, served, version, word,
};
use crate::cli::remote::{Ask, Server};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;

const EXAMPLES: &str = "Examples:
  parlor promote acme --dry-run     what would keep it back, and nothing more
  parlor promote acme               to Production with it
  parlor promote acme --confirm     what it says otherwise than it did on Demo is wanted so";

/// Put the version that Demo serves on Production, through the gate
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The bot, by its name
    #[arg(value_name = "BOT")]
    bot: String,
    /// Which version, by number or hash; what Demo serves, if not said
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Confirm the differences from conversations on Demo: you have looked at them, and want them so
    #[arg(long)]
    confirm: bool,
    /// Take open conversations over with their next turn
    #[arg(long)]
    move_open: bool,
    /// Only look at the gate
    #[arg(long, conflicts_with = "confirm")]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
    /// Print the gate as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let (bot, path) = (&args.bot, path_of(&args.bot));
    let named = match &args.version {
        Some(named) => named.clone(),
        None => served(&remote, bot, On::Demo)?.ok_or_else(|| {
            Failure::new(Exit::No, "Demo serves no version of it").help("parlor deploy puts one there")
        })?,
    };
    let version = version(&remote, bot, &named)?;
    terminal.talk(&format!(
        "{}: checking, testing, and holding the conversations of Demo again",
        version.label()
    ));
    let look =
        Ask::get(format!("{path}/gate?version={}", version.number)).waits(Duration::from_secs(WORK_SECONDS));
    let mut gate = remote.ask(&look)?;
    if args.confirm && gate::needs_only_confirming(&gate) {
        let names = gate::names(&gate);
        let body = json!({ "version": version.number.to_string(), "differences": names });
        if !args.json {
            terminal.data(&gate::shown(&gate))?;
        }
        insist(&remote, &Ask::post(format!("{path}/confirm"), &body))?;
        terminal.talk(&format!("{} confirmed", count(names.len(), "difference")));
        gate = remote.ask(&look)?;
    }
    let is_open = gate["obstacles"].as_array().is_some_and(Vec::is_empty);
    let tell = |gate: &Json, promoted: bool| {
        if args.json {
            return super::document(&json!({ "gate": gate, "promoted": promoted }), terminal).map(drop);
        }
        terminal.data(&gate::shown(gate))
    };
    if !is_open || args.dry_run {
        tell(&gate, false)?;
        if gate::needs_only_confirming(&gate) {
            terminal.talk(&format!("parlor promote {} --confirm says that this is wanted so", word(bot)));
        }
        return Ok(if is_open { Exit::Ok } else { Exit::No });
    }
    if let Err(gate) = deploy::serve(&remote, bot, &version, On::Production, args.move_open)? {
        tell(&gate, false)?;
        return Ok(Exit::No);
    }
    tell(&gate, true)?;
    if !args.json {
        says(terminal, &format!("{}: {} is on Production now", super::name_of(bot), version.label()))?;
    }
    Ok(Exit::Ok)
}
