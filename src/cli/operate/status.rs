//! `parlor status`: how a server is at a glance, and what to look at.

use serde_json::{Value as Json, json};

use super::table::Table;
use super::{Exit, Failure, Paint, exit, says, short, text};
use crate::cli::remote::{Ask, Server};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;

const EXAMPLES: &str = "Examples:
  parlor status           what is open, what waits, what runs, and what to look at
  parlor status --json    for a program";

/// See how a server is: what is open and waits, what runs, and what to look at
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    server: Server,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let mut status = remote.ask(&Ask::get("/api/v1/status"))?;
    status["bots"] = remote.ask(&Ask::get("/api/v1/bots"))?["bots"].take();
    if args.json {
        return super::document(&status, terminal);
    }
    let (account, release) = (text(&status["account"]), text(&status["parlor"]));
    says(terminal, &format!("account {account} at {}, parlor {release}", remote.shown()))?;
    let open = status["open"].as_u64().unwrap_or(0) as usize;
    let waiting: Vec<String> = status["waiting"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, number)| **number != json!(0))
        .map(|(skill, number)| format!("{number} for {skill}"))
        .collect();
    let waiting = if waiting.is_empty() {
        "nobody waits".to_string()
    } else {
        format!("waiting: {}", waiting.join(", "))
    };
    says(terminal, &format!("{}, {waiting}", count(open, "open conversation")))?;
    let mut bots = Table::new(&["BOT", "DEMO", "PRODUCTION"]);
    for bot in status["bots"].as_array().into_iter().flatten() {
        let on = |name: &str| short(&text(&bot[name])).to_string();
        bots.row([text(&bot["bot"]), on("demo"), on("production")]);
    }
    terminal.data("\n")?;
    bots.print(terminal)?;
    terminal.data("\n")?;
    connectors(&status["connectors"]).print(terminal)?;
    let warnings: Vec<&Json> = status["warnings"].as_array().into_iter().flatten().collect();
    if !warnings.is_empty() {
        terminal.data("\n")?;
    }
    for warning in warnings {
        let warning = terminal.paint(Paint::Red, &text(warning));
        terminal.data(&format!("warning: {warning}\n"))?;
    }
    Ok(Exit::Ok)
}

/// Connectors, with what is known of each shown apart.
pub(super) fn connectors(all: &Json) -> Table {
    let mut table = Table::new(&[
        "CONNECTOR",
        "BOT",
        "TYPE",
        "ROLE",
        "SERVES",
        "STATE",
        "ITSELF",
        "CONTACT CENTER",
        "THINKS",
        "OPEN",
    ]);
    for one in all.as_array().into_iter().flatten() {
        let fact = |name: &str| text(&one["facts"][name]);
        let plain = |name: &str| text(&one[name]);
        table.row([
            plain("connector"),
            plain("bot"),
            plain("channel"),
            plain("role"),
            plain("deploy to"),
            plain("state"),
            fact("connector"),
            fact("contact center"),
            fact("bot"),
            plain("open"),
        ]);
    }
    table
}
