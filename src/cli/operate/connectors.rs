//! `parlor connectors`: how bots are reached: listed, added, changed, started and stopped.

mod fields; // what a connector has, as it is typed

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use ureq::http::Method;

use super::{Exit, Failure, exit, insist, new_id, says, status, text, word};
use crate::cli::remote::{Ask, Remote, Server};
use crate::cli::terminal::Terminal;
use fields::Fields;

/// How long a restart waits for a connector to finish what it has.
const DRAIN_SECONDS_MAX: Duration = Duration::from_secs(600);
/// How long a start waits for a connector to come online.
const START_SECONDS_MAX: Duration = Duration::from_secs(5);
/// How often it looks.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

const EXAMPLES: &str = "Examples:
  parlor connectors ls                                    how each is
  parlor connectors add shop-2 --bot shop --user shop-bot-2 --type messaging --fallback Human
  parlor connectors start shop-2                          it serves from now on
  parlor connectors stop shop-2                           it finishes what it has, and takes nothing new
  parlor connectors stop shop-2 --now                     it hands over what it has
  parlor connectors edit shop-2 --set messageDelay=2s     while it is stopped";

/// List, add, change, start, stop and remove the connectors of bots
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List them, each with what is known of it
    #[command(help_template = crate::cli::HELP)]
    Ls(Ls),
    /// Add one; it is started by itself
    #[command(help_template = crate::cli::HELP)]
    Add(Change),
    /// Change one that is stopped
    #[command(help_template = crate::cli::HELP)]
    Edit(Change),
    /// Start one
    #[command(help_template = crate::cli::HELP)]
    Start(One),
    /// Stop one: it finishes what it has first
    #[command(help_template = crate::cli::HELP)]
    Stop(Stop),
    /// Stop one, and start it again once it has finished
    #[command(help_template = crate::cli::HELP)]
    Restart(Stop),
    /// Remove one that is stopped
    #[command(help_template = crate::cli::HELP)]
    Rm(One),
}

#[derive(Debug, clap::Args)]
struct Ls {
    #[command(flatten)]
    server: Server,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct One {
    /// The connector, by its name
    #[arg(value_name = "CONNECTOR")]
    connector: String,
    #[command(flatten)]
    server: Server,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Stop {
    #[command(flatten)]
    one: One,
    /// At once: what it has is handed over
    #[arg(long)]
    now: bool,
}

#[derive(Debug, clap::Args)]
struct Change {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    fields: Fields,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.what {
        What::Ls(args) => list(args, terminal),
        What::Add(args) => change(args, Method::POST, terminal),
        What::Edit(args) => change(args, Method::PATCH, terminal),
        What::Start(one) => {
            let remote = one.server.open()?;
            let said = start(&remote, one)?;
            tell(&remote, one, said, terminal)
        }
        What::Stop(args) => {
            let remote = args.one.server.open()?;
            stop(&remote, args)?;
            let said =
                if args.now { "is stopped" } else { "takes nothing new, and stops when it has finished" };
            tell(&remote, &args.one, said, terminal)
        }
        What::Restart(args) => {
            let remote = args.one.server.open()?;
            stop(&remote, args)?;
            wait(&remote, &args.one, terminal)?;
            let said = start(&remote, &args.one)?;
            tell(&remote, &args.one, said, terminal)
        }
        What::Rm(one) => {
            let remote = one.server.open()?;
            let answer = insist(&remote, &Ask::delete(path(&one.connector)))?;
            told(&answer, one.json, terminal)
        }
    }
}

fn path(connector: &str) -> String {
    format!("/api/v1/connectors/{}", word(connector))
}

fn list(args: &Ls, terminal: &Terminal) -> Result<Exit, Failure> {
    let answer = args.server.open()?.ask(&Ask::get("/api/v1/connectors"))?;
    if args.json {
        return super::document(&answer, terminal);
    }
    status::connectors(&answer["connectors"]).print(terminal)?;
    Ok(Exit::Ok)
}

fn change(args: &Change, method: Method, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.one.server.open()?;
    let mut body = args.fields.body()?;
    body["id"] = new_id()?.into();
    let path = format!("{}?dry-run={}", path(&args.one.connector), args.dry_run);
    let ask = Ask::whole(method, path, "application/json", body.to_string().into_bytes());
    told(&insist(&remote, &ask)?, args.one.json, terminal)
}

/// What has changed in the account.
fn told(answer: &Json, json: bool, terminal: &Terminal) -> Result<Exit, Failure> {
    if json {
        return super::document(answer, terminal);
    }
    let changes = answer["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for change in changes {
        let what = text(&change["what"]);
        says(
            terminal,
            &match change["how"].as_str() {
                Some("added") => format!("+ {what}"),
                Some("removed") => format!("- {what}"),
                _ => {
                    let (field, was) = (text(&change["field"]), text(&change["was"]));
                    format!("{what}: {field} {was} → {}", text(&change["becomes"]))
                }
            },
        )?;
    }
    for finding in answer["findings"].as_array().into_iter().flatten() {
        terminal.talk(&crate::diagnostics::render::visible::brief(&format!(
            "warning: {}",
            text(&finding["message"])
        )));
    }
    match (changes.is_empty(), answer["applied"] == true) {
        (true, _) => terminal.talk("nothing to change"),
        (false, false) => terminal.talk("not applied"),
        (false, true) => {}
    }
    Ok(Exit::Ok)
}

/// Starts it, and sees whether it comes; what there is to say of that.
fn start(remote: &Remote, one: &One) -> Result<&'static str, Failure> {
    let body = json!({ "id": new_id()? });
    insist(remote, &Ask::post(format!("{}/start", path(&one.connector)), &body))?;
    let begun = Instant::now();
    loop {
        match look(remote, one)?["state"].as_str() {
            Some("online") => return Ok("is online"),
            Some("offline") if begun.elapsed() < START_SECONDS_MAX => std::thread::sleep(LOOKS_EVERY),
            Some("offline") => return Ok("is to run, and has not come online yet"),
            _ => return Ok("runs, and cannot serve yet: parlor status says what is missing"),
        }
    }
}

fn stop(remote: &Remote, args: &Stop) -> Result<(), Failure> {
    let body = json!({ "id": new_id()?, "how": if args.now { "now" } else { "drain" } });
    insist(remote, &Ask::post(format!("{}/stop", path(&args.one.connector)), &body)).map(drop)
}

/// A connector as it is.
fn look(remote: &Remote, one: &One) -> Result<Json, Failure> {
    let answer = remote.ask(&Ask::get("/api/v1/connectors"))?;
    let all = answer["connectors"].as_array().into_iter().flatten();
    let own = all.into_iter().find(|own| own["connector"].as_str() == Some(one.connector.as_str()));
    own.cloned().ok_or_else(|| Failure::new(Exit::NotFound, "the connector is not there any more"))
}

/// Waits until it has finished what it has.
fn wait(remote: &Remote, one: &One, terminal: &Terminal) -> Result<(), Failure> {
    let (begun, mut said) = (Instant::now(), false);
    loop {
        let own = look(remote, one)?;
        if own["wanted"] == "stopped" {
            return Ok(());
        }
        if begun.elapsed() > DRAIN_SECONDS_MAX {
            let seconds = DRAIN_SECONDS_MAX.as_secs();
            let message = format!("it has not finished within {seconds} seconds, and goes on finishing");
            return Err(Failure::new(Exit::No, message).help("--now hands over what it has"));
        }
        if !said && own["open"] != 0 {
            terminal.talk(&format!("it finishes what it has: {} open", text(&own["open"])));
            said = true;
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

fn tell(remote: &Remote, one: &One, said: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    if one.json {
        return super::document(&look(remote, one)?, terminal);
    }
    says(terminal, &format!("{} {said}", one.connector))?;
    Ok(Exit::Ok)
}
