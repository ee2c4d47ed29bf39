//! Why an expression has no value, said so that its author sees what to change: what failed, and what its names held.

use std::fmt;

use super::Names;
use super::node::Node;
use crate::conversation::Value;

/// How many names a fault tells about.
const NAMES_MAX: usize = 5;
/// How many characters of a text a fault shows.
const SHOWN_MAX: usize = 40;

/// Why an expression has no value. Its message is for the log; it never holds what is secret or private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What failed, and what the names in it held:
    /// "`order_no + 1`: a text and a number cannot be added (order_no is 'A-1')".
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

/// What went wrong, before it is known in which expression. Two words wide, so that results stay as small as values.
#[derive(Debug)]
pub(super) struct Stop(Box<str>);

impl Stop {
    /// Says what went wrong, in words that hold no values: they might be private.
    #[cold]
    pub(super) fn new(what: impl Into<String>) -> Stop {
        Stop(what.into().into_boxed_str())
    }

    /// Says in which expression, and what its names held.
    #[cold]
    pub(super) fn fault(self, source: &str, node: &Node, names: &dyn Names) -> Fault {
        let mut used = Vec::new();
        node.names(&mut used);
        let mut shown: Vec<String> = Vec::new();
        for path in used {
            let root = path.first().copied().unwrap_or_default();
            let name = path.join(".");
            if root == "secret" || names.is_private(root) || shown.iter().any(|one| one.starts_with(&name)) {
                continue;
            }
            let value = path.iter().skip(1).fold(names.value(root), |value, member| value.member(member));
            shown.push(format!("{name} is {}", show(&value)));
            if shown.len() == NAMES_MAX {
                break;
            }
        }
        let shown = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) };
        Fault { message: format!("`{}`: {}{shown}", source.trim(), self.0) }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Text(text) if text.chars().nth(SHOWN_MAX).is_some() => {
            format!("'{}…'", text.chars().take(SHOWN_MAX).collect::<String>())
        }
        Value::Text(text) => format!("'{text}'"),
        Value::List(list) => format!("a list of {}", list.len()),
        Value::Map(map) => format!("a map of {}", map.len()),
        Value::Nothing => "nothing".to_string(),
        plain => plain.to_string(),
    }
}

/// What sort of value it is, in a fault's words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nothing => "nothing",
        Value::Flag(_) => "a flag",
        Value::Whole(_) | Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

/// "two texts", "a text and a number".
pub(super) fn kinds(left: &Value, right: &Value) -> String {
    match (kind(left), kind(right)) {
        (one, other) if one != other => format!("{one} and {other}"),
        ("nothing", _) => "nothing and nothing".to_string(),
        (both, _) => format!("two {}s", both.trim_start_matches("a ")),
    }
}
