//! The values that a bot finds in its environment: those that its `env.yaml` gives, and for any other its own name.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize, Default)]
struct Environments {
    #[serde(default)]
    demo: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    production: BTreeMap<String, serde_json::Value>,
}

/// What a bot reads of its environment, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// `env.NAME`
    pub values: BTreeSet<String>,
    /// `secret.NAME`
    pub secrets: BTreeSet<String>,
}

/// The values that files, each a path and a text, give in an environment, `demo` or `production`. One that they use and
/// do not give is its own name.
pub fn values<'f>(
    files: impl Iterator<Item = (&'f str, &'f str)> + Clone,
    name: &str,
) -> BTreeMap<String, String> {
    let written = files.clone().find(|(path, _)| path.ends_with("env.yaml"));
    let all: Environments = written.and_then(|(_, text)| serde_yaml::from_str(text).ok()).unwrap_or_default();
    let values = if name == "production" { all.production } else { all.demo };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        value => value.to_string(),
    };
    let mut map: BTreeMap<String, String> =
        values.into_iter().map(|(name, value)| (name, text(value))).collect();
    if let Ok(used) = Regex::new(r"\benv\.([\p{L}_][\p{L}\p{N}_]*)") {
        let names = files.flat_map(|(_, text)| used.captures_iter(text)).map(|found| found[1].to_string());
        for name in names {
            map.entry(name.clone()).or_insert(name);
        }
    }
    map
}
