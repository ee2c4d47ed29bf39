//! `parlor secret ls`: which secrets are set and which are missing; never what they are.

use std::collections::BTreeSet;

use serde_json::json;

use crate::cli::account::{Folder, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::{Paint, Terminal};
use crate::diagnostics::render::visible::visible_json;
use crate::platform::Environment;
use crate::server::Vault;

const EXAMPLES: &str = "Examples:
  parlor secret ls           which are set on Demo and Production, and which are missing
  parlor secret ls --json    for a program";

/// List secrets by name: which are set, and which are missing
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// A secret that the account lists, or that is set.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    environment: String,
    name: String,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    let set = Vault::names(&*data.store, &account.name).map_err(refused)?;
    let line = |environment: &str, name: &str| Line { environment: environment.into(), name: name.into() };
    let listed: BTreeSet<Line> = account
        .environments
        .iter()
        .flat_map(|(environment, values)| values.secrets.iter().map(move |name| line(environment, name)))
        .collect();
    let kept: BTreeSet<Line> = set.iter().map(|name| line(&name.environment, &name.name)).collect();
    let is_set = |line: &Line, on| {
        set.iter().any(|name| name.on == on && name.name == line.name && name.environment == line.environment)
    };
    let lines: Vec<&Line> = listed.union(&kept).collect();
    if args.json {
        let document: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({
                    "environment": line.environment, "name": line.name, "listed": listed.contains(line),
                    "demo": is_set(line, Environment::Demo), "production": is_set(line, Environment::Production),
                })
            })
            .collect();
        let text = serde_json::to_string_pretty(&json!({ "secrets": document })).unwrap_or_default();
        terminal.data(&visible_json(&text))?;
        return Ok(Exit::Ok);
    }
    let mut printed = String::new();
    for line in &lines {
        let name = format!("{} {}", line.environment, line.name);
        let on = |on| match (is_set(line, on), listed.contains(*line)) {
            (true, true) => "set",
            (true, false) => "set, and no bot finds it",
            (false, true) => "missing",
            (false, false) => "not set",
        };
        let (demo, production) = (on(Environment::Demo), on(Environment::Production));
        let text = format!("{name}: Demo {demo}, Production {production}");
        let paint = if text.contains("missing") { Paint::Red } else { Paint::Green };
        printed.push_str(&terminal.paint(paint, &text));
        printed.push('\n');
    }
    if lines.is_empty() {
        terminal.talk("no environment lists secrets, and none are set");
    }
    terminal.data(&printed)?;
    Ok(Exit::Ok)
}
