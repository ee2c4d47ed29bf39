//! The values of `env.yaml` that a bot gets in its environment.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use crate::conversation::Value;

use super::bots::{Bot, BotFile};

#[derive(Deserialize, Default)]
struct Environments {
    #[serde(default)]
    demo: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    production: BTreeMap<String, serde_json::Value>,
}

/// The values of an environment; one that is used and missing is its own name.
pub(super) fn environment(bot: &Bot, name: &str) -> Value {
    values(&bot.files, name)
}

/// The same for files that are no folder.
pub(super) fn values(files: &[BotFile], name: &str) -> Value {
    let written = files.iter().find(|file| file.path.ends_with("env.yaml"));
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
            files.iter().flat_map(|file| used.captures_iter(&file.text)).map(|found| found[1].to_string())
        {
            map.entry(name.clone()).or_insert_with(|| Value::text(name));
        }
    }
    Value::map(map)
}
