//! What a line that is typed asks for: words for the bot, or a command.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::conversation::{Outcome, Span, Value};
use crate::diagnostics::english::{did_you_mean, list};
use crate::diagnostics::render::visible::visible;
use crate::language::words::REASONS;

use super::clock;
use crate::cli::exit::{Exit, Failure};

/// The commands, with what follows them and what they do.
pub(super) const COMMANDS: &[(&str, &str, &str)] = &[
    ("/vars", "", "the variables that have a value"),
    ("/trace", "on|off", "after each turn: what was tried, what won and why, what was done"),
    ("/undo", "", "take the last turn back"),
    ("/goto", "\"Dialog\"", "begin a dialog"),
    ("/wait", "5m", "let time pass: ms, s, m, h, d"),
    ("/answer", "success {json}", "answer a call: success, success {json}, @file.json, failure timeout"),
    ("/event", "file received {json}", "let something happen; /event alone lists what can"),
    ("/save", "FILE", "write the conversation as a transcript"),
    ("/restart", "", "begin a new conversation"),
    ("/help", "", "this list"),
    ("/quit", "", "end; the end of the input does so too"),
];

/// What can happen besides messages, answers and time, with what it is good for.
pub(super) const EVENTS: &[(&str, &str)] = &[
    ("file received", "the visitor sent a file"),
    ("file failed", "a file could not be received"),
    ("rich content received", "the visitor used a card"),
    ("step up", "the visitor was recognised"),
    ("transfer in", "the conversation was handed to the bot"),
    ("escalation failed", "nobody could take over"),
];

/// The largest answer that is read from a file: 4 MiB.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What a line asks for.
#[derive(Debug)]
pub(super) enum Command {
    Say(String),
    Vars,
    /// On or off; the other one of what it is, if nothing is said.
    Trace(Option<bool>),
    Undo,
    Goto(String),
    /// How long, and as typed.
    Wait(Span, String),
    Answer(Outcome),
    /// Its name, and what comes with it.
    Event(&'static str, Value),
    /// What can happen.
    Events,
    Save(PathBuf),
    Restart,
    Help,
    Quit,
}

impl Command {
    /// Whether the line answers a call, rightly or not.
    pub(super) fn is_answer(line: &str) -> bool {
        line.split_whitespace().next() == Some("/answer")
    }

    pub(super) fn read(line: &str) -> Result<Command, Failure> {
        let line = line.trim();
        if let Some(said) = line.strip_prefix("//") {
            return Ok(Command::Say(format!("/{said}")));
        }
        if !line.starts_with('/') {
            return Ok(Command::Say(line.to_string()));
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match (word, rest) {
            ("/vars", "") => Ok(Command::Vars),
            ("/trace", "") => Ok(Command::Trace(None)),
            ("/trace", "on") => Ok(Command::Trace(Some(true))),
            ("/trace", "off") => Ok(Command::Trace(Some(false))),
            ("/undo", "") => Ok(Command::Undo),
            ("/restart", "") => Ok(Command::Restart),
            ("/help", "") => Ok(Command::Help),
            ("/quit", "") => Ok(Command::Quit),
            ("/goto", name) if !name.is_empty() => Ok(Command::Goto(bare(name).to_string())),
            ("/save", path) if !path.is_empty() => Ok(Command::Save(PathBuf::from(bare(path)))),
            ("/wait", time) if clock::span(time).is_some() => {
                let span = clock::span(time).unwrap_or_default();
                Ok(Command::Wait(span, time.to_string()))
            }
            ("/event", "") => Ok(Command::Events),
            ("/event", rest) => event(rest),
            ("/answer", rest) if !rest.is_empty() => outcome(rest).map(Command::Answer),
            _ => Err(not_understood(word)),
        }
    }
}

fn not_understood(word: &str) -> Failure {
    match COMMANDS.iter().find(|(name, _, _)| *name == word) {
        Some((name, with, does)) => Failure::new(Exit::Usage, format!("`{name}` is not used like that"))
            .help(format!("{} — {does}", format!("{name} {with}").trim_end())),
        None => {
            let failure = Failure::new(Exit::Usage, format!("there is no command `{}`", visible(word)));
            let near = did_you_mean(word, COMMANDS.iter().map(|(name, _, _)| *name));
            failure.help(near.unwrap_or_else(|| {
                "/help lists the commands; to say something that begins with `/`, begin with `//`".to_string()
            }))
        }
    }
}

/// Without quotes around it.
fn bare(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// `file received`, `file received {json}`
fn event(text: &str) -> Result<Command, Failure> {
    let (name, data) = match text.find('{') {
        Some(brace) => (text[..brace].trim_end(), json(&text[brace..], "what comes with it")?),
        None => (text, Value::Nothing),
    };
    if let Some((known, _)) = EVENTS.iter().find(|(known, _)| *known == name) {
        return Ok(Command::Event(known, data));
    }
    let failure = Failure::new(Exit::Usage, format!("there is no event `{}`", visible(name)));
    let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
    Err(failure.help(match name {
        "start" => "it begins before the first message: /restart, and then a message".to_string(),
        "silence" => "time brings silences: /wait 5m".to_string(),
        "session expired" => "time ends sessions: /wait 2h, and then a message".to_string(),
        _ => did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("there are {}", list(&names, "and"))),
    }))
}

/// `success`, `success {json}`, `@file.json`, `failure timeout`
fn outcome(text: &str) -> Result<Outcome, Failure> {
    if let Some(path) = text.strip_prefix('@') {
        return file(Path::new(bare(path)));
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match word {
        "success" if rest.is_empty() => Ok(success(Value::Nothing)),
        "success" => match rest.strip_prefix('@') {
            Some(path) => file(Path::new(bare(path))),
            None => json(rest, "the answer").map(success),
        },
        "failure" if rest.is_empty() => {
            Ok(Outcome::Failure { reason: "unknown".to_string(), status: 0, body: Value::Nothing })
        }
        "failure" if REASONS.contains(&rest) => {
            Ok(Outcome::Failure { reason: rest.to_string(), status: 0, body: Value::Nothing })
        }
        "failure" => {
            let help = did_you_mean(rest, REASONS.iter().copied());
            let help = help.unwrap_or_else(|| format!("there are {}", list(REASONS, "and")));
            Err(Failure::new(Exit::Usage, format!("nothing fails with the reason `{}`", visible(rest)))
                .help(help))
        }
        _ => Err(not_understood("/answer")),
    }
}

fn success(body: Value) -> Outcome {
    Outcome::Success { status: 200, body }
}

fn json(text: &str, what: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{what} is no JSON: {}", visible(&error.to_string())))
            .help("for instance: {\"order\": {\"status\": \"shipped\"}}")
    })
}

fn file(path: &Path) -> Result<Outcome, Failure> {
    let failed = |error| Failure::io("read", path, error);
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(ANSWER_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > ANSWER_BYTES_MAX {
        return Err(failed(std::io::Error::other(format!("it has more than {ANSWER_BYTES_MAX} bytes"))));
    }
    json(&text, "the answer").map(success)
}
