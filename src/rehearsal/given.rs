//! What is known before a conversation begins: `given visitor.name = Dana`, the channel, the visitor's language.

use std::collections::BTreeMap;

use crate::conversation::{Knowledge, Value};
use crate::program::Program;

/// What a bot may be given, for those who tried something else.
pub const GIVABLE: &str = "there are `visitor.…`, `conversation.…`, and variables declared with `remember`";

/// Adds something that is known. False, if a bot cannot be given this.
pub fn give(knowledge: &mut Knowledge, program: &Program, name: &str, value: &str) -> bool {
    let mut parts = name.split('.');
    let root = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    if rest.iter().any(|part| part.is_empty()) {
        return false;
    }
    match (root, rest.as_slice()) {
        ("visitor", [_, ..]) => put(&mut knowledge.visitor, &rest, text_or_json(value)),
        ("conversation", [_, ..]) => put(&mut knowledge.conversation, &rest, text_or_json(value)),
        (_, []) if program.variable(root).is_some_and(|variable| variable.remember) => {
            let json = serde_json::from_str(value);
            let value = json.unwrap_or_else(|_| Value::text(value));
            knowledge.remembered.insert(root.to_string(), value);
        }
        _ => return false,
    }
    true
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
