//! The bots of an account: where their files are, and which values they find.

use serde::{Deserialize, Serialize};

use super::block::{Block, Form};

/// A bot of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bot {
    /// The name of its folder; nothing: its own name.
    pub folder: Option<String>,
    /// The environment whose values it finds.
    pub environment: Option<String>,
}

impl Block for Bot {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("folder", &mut self.folder);
        form.field("environment", &mut self.environment);
    }
}
