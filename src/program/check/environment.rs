//! `env.yaml`: the values each environment gives the bot, and the names of its secrets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::program::check::texts::is_own_network;
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
#[allow(dead_code, reason = "of most only whether they can be read matters here")]
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
            let at = floor(text, at).min(text.trim_end().len());
            let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let end = text[line..].find('\n').map_or(text.len(), |at| line + at);
            let words = why(&error.to_string(), &text[line..end]);
            out.push(
                Finding::new(Slug::UnreadableEnv, file, Span::new(line, end), format!("`env.yaml` cannot be used: {words}"))
                    .help("it has `demo:` and `production:` with a value for each name, and `secrets:` with a list of names"),
            );
            return;
        }
    };
    twice(file, text, out);
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
    for (name, value) in &written.production {
        if let Scalar::Text(value) = value
            && let Some(rest) = value.strip_prefix("http://")
            && !is_own_network(rest)
        {
            let host = rest.split(['/', ':', '?']).next().unwrap_or("");
            let from = text.find("\nproduction").unwrap_or(0);
            let at = from + text[from..].find("http://").unwrap_or(0);
            let at = text[from..].find(value.as_str()).map_or(at, |found| from + found);
            let span = Span::new(at, at + "http://".len());
            out.push(
                Finding::new(
                    Slug::PlainHttp,
                    file,
                    span,
                    format!(
                        "everybody on the way to `{host}` can read and change what `env.{name}` leads to"
                    ),
                )
                .help("write `https://`")
                .fix("write `https://`", vec![(span, "https://".to_string())]),
            );
        }
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
        let at = place_of(text, name);
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

/// Names that stand twice in one part; of these YAML keeps the last and says nothing.
fn twice(file: FileId, text: &str, out: &mut Vec<Finding>) {
    let mut part = "";
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let lead = line.len() - line.trim_start().len();
        let Some((name, _)) =
            line.trim_start().split_once(':').filter(|(name, _)| !name.starts_with(['#', '-']))
        else {
            continue;
        };
        if lead == 0 {
            part = name;
            seen.clear();
        } else if ENVIRONMENTS.contains(&part) {
            let span = Span::new(begin + lead, begin + lead + name.len());
            if let Some(first) = seen.insert(name.trim_end(), span) {
                out.push(
                    Finding::new(
                        Slug::UnreadableEnv,
                        file,
                        span,
                        format!("`{name}` stands twice under `{part}:`"),
                    )
                    .related(file, first, "the first one")
                    .help("keep one of the two lines"),
                );
            }
        }
    }
}

/// Where a name stands in front of its colon.
fn place_of(text: &str, name: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        let rest = &line[lead..];
        if rest.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':')) {
            return at + lead;
        }
        at += line.len();
    }
    0
}

/// What the reader of YAML says, in words for people.
fn why(words: &str, line: &str) -> String {
    let words = words.split(" at line ").next().unwrap_or(words);
    let words = words.rsplit_once("untagged enum ").map_or(words, |_| "value");
    match words {
        "value" => "a value is missing here, or it is no text, number, `true` or `false`".to_string(),
        _ if line.starts_with('\t') => {
            "a tab stands in front of this line, and YAML takes only spaces".to_string()
        }
        _ if words.contains("cannot start any token") || words.contains("unknown anchor") => {
            "a value that begins with a sign such as `@` or `*` stands in quotes".to_string()
        }
        _ if words.contains("end of stream") => "a quote or a bracket is never closed".to_string(),
        _ if words.contains("unknown field") => {
            let name = words.split('`').nth(1).unwrap_or("");
            format!("it has no part `{name}`, only `demo`, `production` and `secrets`")
        }
        _ if words.contains("invalid type") && words.contains("secrets") => {
            "`secrets:` is a list of names, each behind a dash".to_string()
        }
        _ if words.contains("invalid type") => {
            "each part has a name and a value a line: `NAME: value`".to_string()
        }
        _ if words.contains("duplicate") => "a name stands in it twice".to_string(),
        _ if words.contains("mapping values are not allowed") => {
            "a value with a `:` in it stands in quotes, and each name on a line of its own".to_string()
        }
        _ => format!("it is no YAML: {words}"),
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
