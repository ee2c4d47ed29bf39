//! `parlor logs`: what happens on a server, as it happens; what was said only if it is asked for.

use std::time::Duration;

use super::conversations::line;
use super::{Exit, Failure, exit, says, text, word};
use crate::cli::remote::{Ask, BackOff, Server};
use crate::cli::terminal::Terminal;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible_json;

/// How long a server waits for something to tell.
const WAIT_SECONDS: u64 = 25;

const EXAMPLES: &str = "Examples:
  parlor logs                             what has happened last
  parlor logs -f                          and what happens from now on, until Ctrl-C
  parlor logs -f --texts                  with what is said, if you may read it
  parlor logs -f --json                   a line of JSON each";

/// See what happens on a server: metadata, and texts only if asked for
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// Go on with what happens, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Only this conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Also what is said; for whoever may step into conversations
    #[arg(long)]
    texts: bool,
    #[command(flatten)]
    server: Server,
    /// Print them as JSON, one on a line
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let (mut after, mut known, mut wait) = (0, false, 0);
    let mut pause = BackOff::default();
    while !terminal.is_closed() {
        let mut path = format!("/api/v1/logs?after={after}&wait={wait}&texts={}", args.texts);
        path.extend(args.conversation.iter().map(|id| format!("&conversation={}", word(id))));
        let answer = match remote.ask(&Ask::get(path).waits(Duration::from_secs(wait))) {
            Ok(answer) => answer,
            // Whoever follows has waited for it to come back once it was there.
            Err(trouble) if known && args.follow && trouble.passes() => {
                if wait > 0 {
                    terminal.talk(&format!("{}; I try again", trouble.sentence()));
                }
                wait = 0;
                std::thread::sleep(pause.next(trouble.seconds()));
                continue;
            }
            Err(trouble) => return Err(trouble.into()),
        };
        (known, wait) = (true, WAIT_SECONDS);
        pause.reset();
        after = answer["after"].as_u64().unwrap_or(after);
        if let Some(lost) = answer["lost"].as_u64().filter(|lost| *lost > 0) {
            terminal.talk(&format!("{} before this are not kept any more", count(lost as usize, "line")));
        }
        for event in answer["logs"].as_array().into_iter().flatten() {
            if args.json {
                terminal.data(&visible_json(&event.to_string()))?;
                continue;
            }
            let of = text(&event["conversation"]);
            let of = if of == "-" { String::new() } else { format!("  {of}") };
            says(terminal, &format!("{}{of}", line(event)))?;
        }
        if !args.follow {
            break;
        }
    }
    Ok(Exit::Ok)
}
