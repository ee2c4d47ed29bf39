//! `parlor token ls`: who has which tokens and API keys, and when they were last used.

use serde_json::{Value, json};

use crate::cli::account::{Folder, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::{Paint, Terminal};
use crate::conversation::Moment;
use crate::diagnostics::render::visible::visible_json;
use crate::platform::Kind;
use crate::server::now;

const EXAMPLES: &str = "Examples:
  parlor token ls           in ./data
  parlor token ls --json    for a program";

/// List tokens and API keys: whose they are, and when they were last used
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    let tokens = data.credentials().tokens(&account).map_err(refused)?;
    if args.json {
        let document: Vec<Value> = tokens.iter().map(|token| json!(token)).collect();
        let text = serde_json::to_string_pretty(&json!({ "tokens": document })).unwrap_or_default();
        terminal.data(&visible_json(&text))?;
        return Ok(Exit::Ok);
    }
    let mut printed = String::new();
    for token in &tokens {
        let what = if token.kind == Kind::Bot { "API key" } else { "token" };
        let over = token.expires.is_some_and(|end| end <= now());
        let until =
            token.expires.map(|end| format!(", {} {}", if over { "expired" } else { "until" }, day(end)));
        let used = token.used.map_or("never used".to_string(), |used| format!("last used {}", day(used)));
        let text = format!(
            "{} {what} {} `{}`: made {} by {}, {used}{}",
            token.user,
            token.id,
            token.name,
            day(token.made),
            token.by,
            until.unwrap_or_default()
        );
        printed.push_str(&terminal.paint(if over { Paint::Dim } else { Paint::Bold }, &text));
        printed.push('\n');
    }
    if tokens.is_empty() {
        terminal.talk("nobody has a token or an API key");
    }
    terminal.data(&printed)?;
    Ok(Exit::Ok)
}

/// The day of a moment, in UTC.
fn day(at: Moment) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0);
    at.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()).unwrap_or_default()
}
