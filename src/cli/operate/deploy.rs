//! `parlor deploy`: a bot's folder becomes a version on the server, and visitors talk to it.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use ureq::http::Method;

use super::{
    Exit, Failure, On, WORK_SECONDS, bot_name, exit, gate, insist, new_id, path_of, read, says, word,
};
use crate::cli::bots::shown;
use crate::cli::bundle;
use crate::cli::remote::{Ask, PATIENCE, Remote, Server, Trouble};
use crate::cli::terminal::Terminal;
use crate::diagnostics::Severity;
use crate::diagnostics::english::count;
use crate::diagnostics::render::tally;
use crate::server::BotVersion;

const EXAMPLES: &str = "Examples:
  parlor deploy bots/acme -m \"shorter greeting\"             a new version, on Demo
  parlor deploy bots/acme --to production                   the same, through the gate
  parlor deploy bots/acme --server https://chat.example.com --token-file ada.token";

/// Send a bot to a running server, as a version that visitors talk to
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// Where it is served: demo or production
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = On::Demo)]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    to: On,
    /// What is new in it
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    message: String,
    /// The bot's name on the server; the name of its folder, if not said
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
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
    let name = match &args.name {
        Some(name) => name.clone(),
        None => {
            let whole = std::fs::canonicalize(&args.bot).unwrap_or_else(|_| args.bot.clone());
            whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
    };
    let name = bot_name(&name)?.to_string();
    let folder = shown(&args.bot);
    terminal.talk(&format!("{folder}: reading and checking"));
    let bundle = bundle::bundle(&args.bot, &|said| terminal.talk(said))
        .map_err(|why| Failure::new(Exit::NotLoaded, why))?;
    let errors = tally(&bundle.check(None).findings, Severity::Error);
    if errors > 0 {
        let message = format!("{folder} has {} and was not sent", count(errors, "error"));
        return Err(Failure::new(Exit::No, message).help(format!("parlor check {folder} shows them")));
    }
    let bytes = bundle.pack();
    let files = bundle.files().len();
    terminal.talk(&format!(
        "{folder}: sending {} with {} to {}; its tests are played there",
        count(files, "file"),
        count(bytes.len(), "byte"),
        remote.shown()
    ));
    let path = format!("{}/versions?message={}", path_of(&name), word(&args.message));
    let send = Ask::whole(Method::POST, path, "application/octet-stream", bytes);
    let added = insist(&remote, &send.waits(Duration::from_secs(WORK_SECONDS)))?;
    let is_new = added["new"] == true;
    let version: BotVersion = read(added["version"].clone())?;
    if !args.json {
        let warnings = match version.warnings {
            0 => String::new(),
            warnings => format!(", {}", count(warnings, "warning")),
        };
        let is = if is_new { "is new" } else { "was there already" };
        says(
            terminal,
            &format!("{name}: {} {is}: {}{warnings}", version.label(), count(version.files, "file")),
        )?;
        says(terminal, &format!("  {}", version.tests))?;
    }
    match serve(&remote, &name, &version, args.to, args.move_open)? {
        Ok(()) => {}
        Err(gate) => {
            if args.json {
                super::document(&json!({ "version": version, "new": is_new, "gate": gate }), terminal)?;
            } else {
                terminal.data(&gate::shown(&gate))?;
            }
            return Ok(Exit::No);
        }
    }
    if args.json {
        return super::document(
            &json!({ "version": version, "new": is_new, "to": args.to.word() }),
            terminal,
        );
    }
    says(terminal, &format!("{name}: {} is on {} now", version.label(), args.to.shown()))?;
    Ok(Exit::Ok)
}

/// Has a version served; or the gate that keeps it back.
pub(super) fn serve(
    remote: &Remote,
    bot: &str,
    version: &BotVersion,
    to: On,
    move_open: bool,
) -> Result<Result<(), Json>, Failure> {
    let body = json!({ "id": new_id()?, "version": version.id, "to": to.word(), "move_open": move_open });
    let ask = Ask::post(format!("{}/deploy", path_of(bot)), &body).waits(Duration::from_secs(WORK_SECONDS));
    match remote.insist(&ask, PATIENCE) {
        Ok(_) => Ok(Ok(())),
        Err(Trouble::Refused(problem)) if problem.whole["gate"].is_object() => {
            Ok(Err(problem.whole["gate"].clone()))
        }
        Err(trouble) => Err(trouble.into()),
    }
}
