//! What lies between two accounts, in users' words: what is new, what is gone, and which field of what becomes what.

use std::fmt;

use serde::Serialize;

use super::Account;
use super::block::{Tree, tell};

/// One thing that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What: `connector shop-1`.
    pub what: String,
    /// How.
    #[serde(flatten)]
    pub how: How,
}

/// How something is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum How {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// A field of it.
    Changed {
        /// Which.
        field: String,
        /// As it was.
        was: String,
        /// As it becomes.
        becomes: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match &self.how {
            How::Added => write!(f, "+ {what}"),
            How::Removed => write!(f, "- {what}"),
            How::Changed { field, was, becomes } => write!(f, "{what}: {field} {was} → {becomes}"),
        }
    }
}

/// What there is many of, and how one of it is called.
const KINDS: &[(&str, &str)] = &[
    ("skills", "skill"),
    ("agent groups", "agent group"),
    ("profiles", "profile"),
    ("users", "user"),
    ("campaigns", "campaign"),
    ("engagements", "engagement"),
    ("environments", "environment"),
    ("bots", "bot"),
    ("connectors", "connector"),
];

/// What makes one account out of the other: nothing, if they are the same.
pub fn changes(was: &Account, becomes: &Account) -> Vec<Change> {
    let mut changes = Vec::new();
    let (Tree::Map(mut before), Tree::Map(mut after)) = (tell(was, true), tell(becomes, true)) else {
        return changes;
    };
    if was.name.is_empty() && !becomes.name.is_empty() {
        changes.push(Change { what: format!("account {}", becomes.name), how: How::Added });
        before.retain(|(name, _)| name != "account");
        after.retain(|(name, _)| name != "account");
    }
    fields(&mut changes, "account", "", &before, &after);
    changes
}

/// Compares the fields of two of the same kind. `before`: the fields that lead to these.
fn fields(
    changes: &mut Vec<Change>,
    what: &str,
    before: &str,
    was: &[(String, Tree)],
    becomes: &[(String, Tree)],
) {
    let mut names: Vec<&String> = becomes.iter().map(|(name, _)| name).collect();
    names
        .extend(was.iter().map(|(name, _)| name).filter(|name| !becomes.iter().any(|(own, _)| own == *name)));
    for name in names {
        let of = |fields: &[(String, Tree)]| {
            fields.iter().find(|(own, _)| own == name).map(|(_, tree)| tree.clone())
        };
        let (was, becomes) = (of(was).unwrap_or(Tree::Nothing), of(becomes).unwrap_or(Tree::Nothing));
        if was == becomes {
            continue;
        }
        if let Some((_, one)) = KINDS.iter().find(|(many, _)| many == name) {
            let whole = if what == "account" { String::new() } else { format!("{what}, ") };
            several(changes, &format!("{whole}{one}"), &was, &becomes);
            continue;
        }
        let field = format!("{before}{name}");
        match (&was, &becomes) {
            (Tree::Map(was), Tree::Map(becomes)) => {
                fields(changes, what, &format!("{field}, "), was, becomes)
            }
            _ => {
                let how = How::Changed { field, was: was.said(), becomes: becomes.said() };
                changes.push(Change { what: what.to_string(), how });
            }
        }
    }
}

/// Compares things by their names.
fn several(changes: &mut Vec<Change>, one: &str, was: &Tree, becomes: &Tree) {
    let (was, becomes) = (named(was), named(becomes));
    for (name, tree) in &becomes {
        let what = format!("{one} {name}");
        match (was.iter().find(|(own, _)| own == name), tree) {
            (None, _) => changes.push(Change { what, how: How::Added }),
            (Some((_, Tree::Map(was))), Tree::Map(becomes)) => fields(changes, &what, "", was, becomes),
            _ => {}
        }
    }
    for (name, _) in was.iter().filter(|(name, _)| !becomes.iter().any(|(own, _)| own == name)) {
        changes.push(Change { what: format!("{one} {name}"), how: How::Removed });
    }
}

/// Things with their names; those of a list have nothing else.
fn named(tree: &Tree) -> Vec<(String, Tree)> {
    match tree {
        Tree::Map(things) => things.clone(),
        Tree::List(names) => names.iter().map(|name| (name.said(), Tree::Nothing)).collect(),
        _ => Vec::new(),
    }
}
