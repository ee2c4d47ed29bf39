//! `parlor agents`: who works here, whether they are there, and how much they have.

use super::table::Table;
use super::{Exit, Failure, exit, text};
use crate::cli::remote::{Ask, Server};
use crate::cli::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor agents           people and bots, with their conversations
  parlor agents --json    for a program";

/// List who works here: people and bots, whether they are there, and what they have
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    server: Server,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let answer = args.server.open()?.ask(&Ask::get("/api/v1/agents"))?;
    if args.json {
        return super::document(&answer, terminal);
    }
    let mut table = Table::new(&["USER", "TYPE", "PROFILE", "SKILLS", "AVAILABILITY", "HAS", "CONNECTOR"]);
    for agent in answer["agents"].as_array().into_iter().flatten() {
        let fields = ["user", "type", "profile", "skills", "availability", "conversations", "connector"];
        table.row(fields.map(|name| text(&agent[name])));
    }
    table.print(terminal)?;
    Ok(Exit::Ok)
}
