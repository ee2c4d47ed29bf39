//! `parlor conversations`: which there are, and what was said in one.

use serde_json::Value as Json;

use super::table::Table;
use super::{Exit, Failure, exit, moment_in, says, text, word};
use crate::cli::remote::{Ask, Remote, Server};
use crate::cli::terminal::Terminal;

/// Conversations that a list shows.
const SHOWN: usize = 50;

const EXAMPLES: &str = "Examples:
  parlor conversations                  those that are open
  parlor conversations --over           those that are over
  parlor conversations --skill Human    those for a skill
  parlor conversations 8ee23f0c-…       what was said in one";

/// List conversations, or read one
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The one to read
    #[arg(value_name = "ID", conflicts_with_all = ["over", "skill", "user"])]
    id: Option<String>,
    /// Those that are over
    #[arg(long)]
    over: bool,
    /// Only those for this skill
    #[arg(long, value_name = "SKILL")]
    skill: Option<String>,
    /// Only those that this user takes part in
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    match &args.id {
        Some(id) => one(&remote, id, args.json, terminal),
        None => list(&remote, args, terminal),
    }
}

fn list(remote: &Remote, args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let state = if args.over { "over" } else { "open" };
    let mut path = format!("/api/v1/conversations?state={state}&limit={SHOWN}");
    for (name, value) in [("skill", &args.skill), ("user", &args.user)] {
        path.extend(value.iter().map(|value| format!("&{name}={}", word(value))));
    }
    let answer = remote.ask(&Ask::get(path))?;
    if args.json {
        return super::document(&answer, terminal);
    }
    let mut table = Table::new(&["CONVERSATION", "TYPE", "SKILL", "STATE", "WHO", "TURNS", "BEGAN (UTC)"]);
    for one in answer["conversations"].as_array().into_iter().flatten() {
        let state = text(&one["state"]);
        table.row([
            text(&one["conversation"]),
            text(&one["channel"]),
            text(&one["skill"]),
            state.clone(),
            text(&one[&state]["user"]),
            text(&one["turn"]),
            moment_in(&one["began"]),
        ]);
    }
    table.print(terminal)?;
    if answer["conversations"].as_array().is_some_and(Vec::is_empty) {
        terminal.talk(if args.over { "none is over" } else { "none is open" });
    }
    if !answer["next"].is_null() {
        terminal.talk("there are more than these");
    }
    Ok(Exit::Ok)
}

fn one(remote: &Remote, id: &str, json: bool, terminal: &Terminal) -> Result<Exit, Failure> {
    let path = format!("/api/v1/conversations/{}", word(id));
    let mut conversation = remote.ask(&Ask::get(&path))?;
    let (mut events, mut after) = (Vec::new(), 0);
    loop {
        let page = remote.ask(&Ask::get(format!("{path}/events?after={after}")))?;
        let page_after = page["after"].as_u64().unwrap_or(after);
        events.extend(page["events"].as_array().cloned().unwrap_or_default());
        if page_after <= after {
            break;
        }
        after = page_after;
    }
    if json {
        conversation["events"] = Json::Array(events);
        return super::document(&conversation, terminal);
    }
    let began = moment_in(&conversation["began"]);
    says(
        terminal,
        &format!(
            "{}: {} for {}, {}, began {began} UTC",
            text(&conversation["conversation"]),
            text(&conversation["channel"]),
            text(&conversation["skill"]),
            text(&conversation["state"])
        ),
    )?;
    for event in &events {
        says(terminal, &line(event))?;
    }
    Ok(Exit::Ok)
}

/// An event in a line: when, what, and by whom.
pub(super) fn line(event: &Json) -> String {
    let kind = text(&event["type"]);
    let at = moment_in(&event["at"]);
    let by = who(&event["by"]);
    let mut line = match (event["text"].as_str(), by.is_empty()) {
        (Some(said), _) => format!("{at}  {by}: {}", said.replace('\n', " / ")),
        (None, true) => format!("{at}  {kind}"),
        (None, false) => format!("{at}  {kind}, {by}"),
    };
    let more = ["skill", "user", "role", "connector", "state", "why", "reason", "how", "stars"];
    for (name, value) in more.iter().filter_map(|name| Some((name, event.get(*name)?))) {
        let value = text(value);
        if value != "-" && !value.is_empty() {
            line.push_str(&format!(", {name} {value}"));
        }
    }
    line
}

fn who(by: &Json) -> String {
    let role = by["role"].as_str().unwrap_or_default();
    match by["user"].as_str() {
        Some(user) => format!("{role} {user}"),
        None => role.to_string(),
    }
}
