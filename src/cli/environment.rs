//! The values of `env.yaml` that a bot gets in its environment.

use crate::conversation::Value;
use crate::program::environment;

use super::bots::{Bot, BotFile};

/// The values of an environment; one that is used and missing is its own name.
pub(super) fn environment(bot: &Bot, name: &str) -> Value {
    values(&bot.files, name)
}

/// The same for files that are no folder.
pub(super) fn values(files: &[BotFile], name: &str) -> Value {
    let files = files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    let values = environment::values(files, name).into_iter();
    Value::map(values.map(|(name, value)| (name, Value::text(value))).collect())
}
