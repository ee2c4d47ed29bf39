//! Demo and Production, and the values that bots find there: named ones for each, and the names of secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::block::{Block, Form};
use super::value::words;

/// Which version of a bot is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For trying it out.
    #[default]
    Demo,
    /// For visitors.
    Production,
}

/// The values that bots of an environment find.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Values {
    /// On Demo, by name.
    pub demo: BTreeMap<String, String>,
    /// On Production, by name.
    pub production: BTreeMap<String, String>,
    /// Names of values that stand in no file: they are kept apart, encrypted.
    pub secrets: BTreeSet<String>,
}

words! { Environment, "an environment":
    Demo "Demo"
    Production "Production"
}

impl Block for Values {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("demo", &mut self.demo);
        form.field("production", &mut self.production);
        form.names_only("secrets", &mut self.secrets);
    }
}
