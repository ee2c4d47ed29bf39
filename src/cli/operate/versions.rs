//! `parlor versions`: what was deployed of a bot, by whom and with which words, and what is served where.

use serde_json::json;

use super::table::Table;
use super::{Exit, Failure, On, exit, moment, path_of, read, served, short};
use crate::cli::remote::{Ask, Server};
use crate::cli::terminal::Terminal;
use crate::server::BotVersion;

const EXAMPLES: &str = "Examples:
  parlor versions acme           the newest first, and which are served
  parlor versions acme --json    for a program";

/// List the versions of a bot, and which of them is served where
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The bot, by its name
    #[arg(value_name = "BOT")]
    bot: String,
    #[command(flatten)]
    server: Server,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let (demo, production) =
        (served(&remote, &args.bot, On::Demo)?, served(&remote, &args.bot, On::Production)?);
    let answer = remote.ask(&Ask::get(format!("{}/versions", path_of(&args.bot))))?;
    let versions: Vec<BotVersion> = read(answer["versions"].clone())?;
    if args.json {
        let document = json!({ "versions": versions, "demo": demo, "production": production });
        return super::document(&document, terminal);
    }
    let mut table = Table::new(&["VERSION", "HASH", "SERVED", "WHEN (UTC)", "BY", "TESTS", "MESSAGE"]);
    for version in &versions {
        let on = [(&demo, On::Demo), (&production, On::Production)];
        let on = on.iter().filter(|(id, _)| id.as_deref() == Some(version.id.as_str()));
        let on: Vec<&str> = on.map(|(_, on)| on.shown()).collect();
        table.row([
            version.number.to_string(),
            short(version.id.as_str()).to_string(),
            if on.is_empty() { "-".to_string() } else { on.join(", ") },
            moment(version.at),
            version.by.to_string(),
            version.tests.to_string(),
            version.message.clone(),
        ]);
    }
    if versions.is_empty() {
        terminal.talk("there is no version yet: parlor deploy makes one");
    }
    table.print(terminal)?;
    Ok(Exit::Ok)
}
