//! `env.yaml`: the values each environment gives the bot, and the names of its secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::program::facts::What;
use crate::program::whole::Whole;

/// The largest `env.yaml`, in bytes.
pub const ENV_BYTES_MAX: usize = 256 * 1024;

/// The environments there are.
const ENVIRONMENTS: &[&str] = &["demo", "production"];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    demo: BTreeMap<String, Scalar>,
    #[serde(default)]
    production: BTreeMap<String, Scalar>,
    #[serde(default)]
    secrets: BTreeSet<String>,
}

/// A value of any simple type; it reaches the bot as text.
#[derive(Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "only whether it can be read matters here")]
enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

/// Compares what the bot reads with what the file names.
pub(in crate::program) fn check(whole: &Whole<'_>, file: FileId, text: &str, out: &mut Vec<Finding>) {
    if text.len() > ENV_BYTES_MAX {
        out.push(
            Finding::new(
                Slug::TooLarge,
                file,
                Span::at(0),
                format!("`env.yaml` has {} bytes, and {ENV_BYTES_MAX} is the most", text.len()),
            )
            .help("it holds short values such as addresses; content belongs into the bot"),
        );
        return;
    }
    let written = match read(text) {
        Ok(written) => written,
        Err(error) => {
            let at = error.location().map_or(0, |place| place.index().min(text.len()));
            let line = text[..floor(text, at)].rfind('\n').map_or(0, |at| at + 1);
            let end = text[line..].find('\n').map_or(text.len(), |at| line + at);
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or("it cannot be read");
            out.push(
                Finding::new(Slug::UnreadableEnv, file, Span::new(line, end), format!("`env.yaml` cannot be used: {words}"))
                    .help("it has `demo:` and `production:` with a value for each name, and `secrets:` with a list of names"),
            );
            return;
        }
    };
    let values: BTreeSet<&String> = written.demo.keys().chain(written.production.keys()).collect();
    for (used_in, used) in whole.uses() {
        let (known, what, help) = match used.what {
            What::Env => (
                values.contains(&used.name),
                "value",
                format!("add it under `demo:` and `production:`: `{}: …`", used.name),
            ),
            What::Secret => (
                written.secrets.contains(&used.name),
                "secret",
                format!("add it to the list under `secrets:`: `- {}`", used.name),
            ),
            _ => continue,
        };
        if known {
            continue;
        }
        let names: Vec<&str> = match used.what {
            What::Env => values.iter().map(|name| name.as_str()).collect(),
            _ => written.secrets.iter().map(String::as_str).collect(),
        };
        let finding = Finding::new(
            Slug::UnknownValue,
            used_in,
            used.span,
            format!("`env.yaml` names no {what} `{}`", used.name),
        )
        .help(help);
        out.push(finding.maybe_help(english::did_you_mean(&used.name, names)));
    }
    for (name, (here, there)) in values
        .iter()
        .map(|name| (name, (written.demo.contains_key(*name), written.production.contains_key(*name))))
    {
        if here == there {
            continue;
        }
        let (has, lacks) =
            if here { (ENVIRONMENTS[0], ENVIRONMENTS[1]) } else { (ENVIRONMENTS[1], ENVIRONMENTS[0]) };
        let at = text.find(name.as_str()).unwrap_or(0);
        out.push(
            Finding::new(
                Slug::UnknownValue,
                file,
                Span::new(at, at + name.len()),
                format!("`{name}` has a value in {has} and none in {lacks}"),
            )
            .help(format!("add it under `{lacks}:`; the same bot runs in both")),
        );
    }
}

fn read(text: &str) -> Result<Written, serde_yaml::Error> {
    if text.trim().is_empty() {
        return Ok(Written::default());
    }
    serde_yaml::from_str(text)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
