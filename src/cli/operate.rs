//! What operators type to a running server: bots deployed, connectors run, and how all of it is.

mod table; // things in columns
mod gate; // what keeps a version from Production, shown

pub(super) mod deploy;
pub(super) mod versions;
pub(super) mod diff;
pub(super) mod promote;
pub(super) mod rollback;
pub(super) mod connectors;
pub(super) mod status;
pub(super) mod logs;
pub(super) mod conversations;
pub(super) mod agents;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::conversation::{BotName, Moment};
use crate::diagnostics::render::visible::visible_json;
use crate::server::BotVersion;

use super::exit;
use super::exit::{Exit, Failure};
use super::remote::{Ask, PATIENCE, Remote, new_id, word};
use super::terminal::{Paint, Terminal};

/// How long a server may check, test or replay before it answers.
const WORK_SECONDS: u64 = 120;

/// Where a version can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum On {
    Demo,
    Production,
}

impl On {
    fn word(self) -> &'static str {
        match self {
            On::Demo => "demo",
            On::Production => "production",
        }
    }

    fn shown(self) -> &'static str {
        match self {
            On::Demo => "Demo",
            On::Production => "Production",
        }
    }
}

/// Prints a document for a program.
fn document(json: &Json, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(json).unwrap_or_default();
    terminal.data(&visible_json(&text))?;
    Ok(Exit::Ok)
}

/// Something that only whoever has the right does: sent again with the same id while the server is away.
fn insist(remote: &Remote, ask: &Ask) -> Result<Json, Failure> {
    Ok(remote.insist(ask, PATIENCE)?)
}

/// What an answer says, as the thing it is.
fn read<T: DeserializeOwned>(json: Json) -> Result<T, Failure> {
    serde_json::from_value(json).map_err(|_| {
        let failure = Failure::new(Exit::Io, "the server answers with something this parlor does not know");
        failure.help("parlor status says which version of parlor the server is")
    })
}

/// The path of a bot on the server. A folder will do: the bot has its name.
fn path_of(bot: &str) -> String {
    format!("/api/v1/bots/{}", word(name_of(bot)))
}

/// The name of a bot, typed as such or as its folder.
fn name_of(bot: &str) -> &str {
    let bot = bot.trim_end_matches('/');
    bot.rsplit('/').next().unwrap_or(bot)
}

/// The hash that is served somewhere; nothing, if none is.
fn served(remote: &Remote, bot: &str, on: On) -> Result<Option<String>, Failure> {
    let bots = remote.ask(&Ask::get("/api/v1/bots"))?;
    let name = name_of(bot);
    let own = bots["bots"].as_array().into_iter().flatten().find(|own| own["bot"].as_str() == Some(name));
    match own {
        Some(own) => Ok(own[on.word()].as_str().map(str::to_string)),
        None => {
            let said = crate::diagnostics::render::visible::brief(name);
            let failure = Failure::new(Exit::NotFound, format!("the account has no bot `{said}`"));
            Err(failure.help("parlor status shows which bots there are"))
        }
    }
}

fn version(remote: &Remote, bot: &str, named: &str) -> Result<BotVersion, Failure> {
    read(remote.ask(&Ask::get(format!("{}/versions/{}", path_of(bot), word(named))))?)
}

/// A moment as people read it.
fn moment(at: Moment) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0);
    at.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

fn moment_in(json: &Json) -> String {
    json.as_i64().map(|at| moment(Moment(at))).unwrap_or_default()
}

/// A text of an answer; a dash, where there is none.
fn text(json: &Json) -> String {
    match json {
        Json::Null => "-".to_string(),
        Json::String(text) => text.clone(),
        Json::Array(items) if items.is_empty() => "-".to_string(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        json => json.to_string(),
    }
}

/// A hash as it is shown.
fn short(id: &str) -> &str {
    const LETTERS_SHOWN: usize = 12;
    id.get(..LETTERS_SHOWN).unwrap_or(id)
}

fn says(terminal: &Terminal, line: &str) -> Result<(), Failure> {
    terminal.data(&format!("{}\n", crate::diagnostics::render::visible::visible(line)))
}

fn bot_name(bot: &str) -> Result<BotName, Failure> {
    let name = BotName::from(name_of(bot));
    match name.is_sound() {
        true => Ok(name),
        false => Err(Failure::new(Exit::Usage, "that is no name that a bot can have")),
    }
}
