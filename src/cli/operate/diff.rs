//! `parlor diff`: what lies between two versions of a bot, file by file.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use similar::TextDiff;

use super::{Exit, Failure, On, exit, path_of, read, served, version};
use crate::cli::remote::{Ask, Remote, Server};
use crate::cli::terminal::{Paint, Terminal};
use crate::connectors::Bundle;
use crate::server::BotVersion;

const EXAMPLES: &str = "Examples:
  parlor diff acme          from what Production serves to the newest version
  parlor diff acme 3        from version 3 to the newest
  parlor diff acme 3 5      from version 3 to version 5";

/// See what has changed between two versions of a bot
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(in crate::cli) struct Args {
    /// The bot, by its name
    #[arg(value_name = "BOT")]
    bot: String,
    /// From which version, by number or hash; what Production serves, or else the version before
    #[arg(value_name = "A")]
    from: Option<String>,
    /// To which; the newest, if not said
    #[arg(value_name = "B")]
    to: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print the changes as JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.server.open()?;
    let bot = &args.bot;
    let (from, to) = between(&remote, args)?;
    let path = format!("{}/changes?from={}&to={}", path_of(bot), from.number, to.number);
    let changes = remote.ask(&Ask::get(path))?;
    let (old, new) = (files(&remote, bot, &from)?, files(&remote, bot, &to)?);
    let names: BTreeSet<&str> = old.files().chain(new.files()).map(|(name, _)| name).collect();
    let changed: Vec<&str> = names.into_iter().filter(|name| old.text(name) != new.text(name)).collect();
    let unified = |name: &str| {
        let (was, becomes) = (old.text(name), new.text(name));
        let side = |side: &str, text: Option<&str>| match text {
            Some(_) => format!("{side}/{name}"),
            None => "/dev/null".to_string(),
        };
        let diff = TextDiff::from_lines(was.unwrap_or_default(), becomes.unwrap_or_default());
        diff.unified_diff().context_radius(3).header(&side("a", was), &side("b", becomes)).to_string()
    };
    if args.json {
        let files: Vec<Json> =
            changed.iter().map(|name| json!({ "name": name, "diff": unified(name) })).collect();
        let document = json!({ "from": from, "to": to, "changes": changes, "files": files });
        return super::document(&document, terminal);
    }
    let mut printed = String::new();
    for name in &changed {
        for line in unified(name).lines() {
            let paint = match line.bytes().next() {
                _ if line.starts_with("+++") || line.starts_with("---") => Some(Paint::Bold),
                Some(b'+') => Some(Paint::Green),
                Some(b'-') => Some(Paint::Red),
                Some(b'@') => Some(Paint::Cyan),
                _ => None,
            };
            let plain = || crate::diagnostics::render::visible::visible(line).into_owned();
            printed.push_str(&paint.map_or_else(plain, |paint| terminal.paint(paint, line)));
            printed.push('\n');
        }
    }
    terminal.talk(&format!("from {} to {}", from.label(), to.label()));
    if changed.is_empty() {
        terminal.talk("nothing is otherwise");
    }
    terminal.data(&printed)?;
    Ok(Exit::Ok)
}

fn between(remote: &Remote, args: &Args) -> Result<(BotVersion, BotVersion), Failure> {
    let bot = &args.bot;
    let answer = remote.ask(&Ask::get(format!("{}/versions", path_of(bot))))?;
    let all: Vec<BotVersion> = read(answer["versions"].clone())?;
    let none = || Failure::new(Exit::NotFound, "there is no version yet").help("parlor deploy makes one");
    let to = match &args.to {
        Some(to) => version(remote, bot, to)?,
        None => all.first().cloned().ok_or_else(none)?,
    };
    let from = match &args.from {
        Some(from) => version(remote, bot, from)?,
        None => {
            let production = served(remote, bot, On::Production)?;
            let own = all.iter().find(|version| production.as_deref() == Some(version.id.as_str()));
            let before = || all.iter().find(|version| version.number < to.number);
            own.or_else(before).cloned().ok_or_else(|| {
                Failure::new(Exit::NotFound, "there is one version only, and nothing to hold it against")
            })?
        }
    };
    Ok((from, to))
}

fn files(remote: &Remote, bot: &str, version: &BotVersion) -> Result<Bundle, Failure> {
    let ask = Ask::get(format!("{}/versions/{}/bundle", path_of(bot), version.number));
    let (_, bytes) = remote.send(&ask)?;
    Bundle::unpack_as(&version.id, &bytes).map_err(|refusal| {
        Failure::new(Exit::Io, format!("the files of {} came damaged: {}", version.label(), refusal.sentence))
    })
}
