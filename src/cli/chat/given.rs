//! What is known before a conversation begins: `--given visitor.name=Dana`, and the values of `env.yaml`.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use crate::conversation::{Knowledge, Value};
use crate::diagnostics::render::visible::visible;
use crate::program::Program;

use crate::cli::bots::Bot;
use crate::cli::exit::{Exit, Failure};

/// A `--given`, as typed.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: String,
}

impl Given {
    pub(super) fn read(text: &str) -> Result<Given, String> {
        let (name, value) = text.split_once('=').ok_or("a name, `=` and a value")?;
        Ok(Given { name: name.trim().to_string(), value: value.trim().to_string() })
    }
}

/// What the bot is told at first.
pub(super) fn knowledge(given: &[Given], channel: &str, program: &Program) -> Result<Knowledge, Failure> {
    let conversation = BTreeMap::from([("channel".to_string(), Value::text(channel))]);
    let mut knowledge = Knowledge { conversation: Value::map(conversation), ..Knowledge::default() };
    for Given { name, value } in given {
        let mut parts: Vec<&str> = name.split('.').collect();
        let root = parts.remove(0);
        let remembered = program.variable(root).is_some_and(|variable| variable.remember);
        match (root, parts.as_slice()) {
            ("visitor", [_, ..]) => put(&mut knowledge.visitor, &parts, text_or_json(value)),
            ("conversation", [_, ..]) => put(&mut knowledge.conversation, &parts, text_or_json(value)),
            (_, []) if remembered => {
                let json = serde_json::from_str(value);
                knowledge
                    .remembered
                    .insert(root.to_string(), json.unwrap_or_else(|_| Value::text(value.as_str())));
            }
            _ => {
                let why = format!("`{}` is not known before a conversation begins", visible(name));
                let help = "there are `visitor.…`, `conversation.…`, and variables declared with `remember`";
                return Err(Failure::new(Exit::Usage, why).help(help));
            }
        }
    }
    Ok(knowledge)
}

/// A text, unless it is a list or a map.
fn text_or_json(value: &str) -> Value {
    let json = value.starts_with(['[', '{']).then(|| serde_json::from_str(value).ok()).flatten();
    json.unwrap_or_else(|| Value::text(value))
}

fn put(place: &mut Value, names: &[&str], value: Value) {
    let Some((name, rest)) = names.split_first() else {
        *place = value;
        return;
    };
    let mut map = match place {
        Value::Map(map) => (**map).clone(),
        _ => BTreeMap::new(),
    };
    put(map.entry(name.to_string()).or_default(), rest, value);
    *place = Value::map(map);
}

#[derive(Deserialize, Default)]
struct Environments {
    #[serde(default)]
    demo: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    production: BTreeMap<String, serde_json::Value>,
}

/// The values of an environment; one that is used and missing is its own name.
pub(super) fn environment(bot: &Bot, name: &str) -> Value {
    let written = bot.files.iter().find(|file| file.path.ends_with("env.yaml"));
    let all: Environments =
        written.and_then(|file| serde_yaml::from_str(&file.text).ok()).unwrap_or_default();
    let values = if name == "production" { all.production } else { all.demo };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        value => value.to_string(),
    };
    let mut map: BTreeMap<String, Value> =
        values.into_iter().map(|(name, value)| (name, Value::text(text(value)))).collect();
    if let Ok(used) = Regex::new(r"\benv\.([\p{L}_][\p{L}\p{N}_]*)") {
        for name in
            bot.files.iter().flat_map(|file| used.captures_iter(&file.text)).map(|found| found[1].to_string())
        {
            map.entry(name.clone()).or_insert_with(|| Value::text(name));
        }
    }
    Value::map(map)
}
