//! A connector of an account added, changed or taken out: the account as it would be, read as its file would be.

use serde_json::{Map, Value as Json};

use crate::conversation::ConnectorId;

use super::block::{Tree, tell};
use super::{Account, ReadAccount};

const CONNECTORS: &str = "connectors";

impl Account {
    /// The account with a connector that has these fields, as they are named in the file. Of a connector that is there, what
    /// is not named stays as it is; what is null becomes as it is by default.
    pub fn with_connector(&self, id: &ConnectorId, fields: &Map<String, Json>) -> ReadAccount {
        let mut whole = tell(self, false);
        overlay(below(below(&mut whole, CONNECTORS), id.as_str()), fields);
        self.edited(&whole)
    }

    /// The account without a connector.
    pub fn without_connector(&self, id: &ConnectorId) -> ReadAccount {
        let mut whole = tell(self, false);
        if let Tree::Map(connectors) = below(&mut whole, CONNECTORS) {
            connectors.retain(|(name, _)| name != id.as_str());
        }
        self.edited(&whole)
    }

    fn edited(&self, whole: &Tree) -> ReadAccount {
        Account::read("account", super::write::write(whole).into_bytes())
    }
}

/// A field of a tree, made if it is not there.
fn below<'t>(tree: &'t mut Tree, name: &str) -> &'t mut Tree {
    if !matches!(tree, Tree::Map(_)) {
        *tree = Tree::Map(Vec::new());
    }
    let Tree::Map(fields) = tree else { return tree };
    let at = fields.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
        fields.push((name.to_string(), Tree::Nothing));
        fields.len() - 1
    });
    &mut fields[at].1
}

fn overlay(tree: &mut Tree, fields: &Map<String, Json>) {
    for (name, value) in fields {
        match value {
            Json::Null => {
                if let Tree::Map(own) = tree {
                    own.retain(|(own, _)| own != name);
                }
            }
            Json::Object(within) => overlay(below(tree, name), within),
            value => *below(tree, name) = written(value),
        }
    }
}

/// What JSON says, as it stands in the file.
fn written(value: &Json) -> Tree {
    match value {
        Json::String(text) if is_time(text) => Tree::Word(text.clone()),
        Json::String(text) => Tree::Text(text.clone()),
        Json::Array(items) => Tree::List(items.iter().map(written).collect()),
        value => Tree::Word(value.to_string()),
    }
}

/// Whether it reads as a time, such as `90s`: those stand in the file without quotes.
fn is_time(text: &str) -> bool {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    unit.len() < text.len() && matches!(unit, "ms" | "s" | "m" | "h" | "d")
}
