//! Who works here, person or bot: what visitors see of them, what they can do, and how much at once.

use serde::{Deserialize, Serialize};

use crate::conversation::SkillId;
use crate::platform::limits::SLOTS_MAX;

use super::block::{Block, Form};
use super::value::words;

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// Person or bot.
    pub kind: Kind,
    /// Their name among colleagues.
    pub name: String,
    /// The name that visitors read.
    pub nickname: String,
    /// The address of their picture.
    pub avatar: String,
    /// The agent group they belong to.
    pub group: Option<String>,
    /// The profile they have, one of the four or one of the account's own.
    pub profile: String,
    /// What they can do.
    pub skills: Vec<SkillId>,
    /// How many chats at once.
    pub chats: u32,
    /// How many conversations of messaging at once.
    pub messagings: u32,
}

/// Person or bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Logs in with a password.
    #[default]
    Human,
    /// Logs in by an API key.
    Bot,
}

words! { Kind, "a type of user":
    Human "human"
    Bot "bot"
}

impl Default for User {
    fn default() -> User {
        User {
            kind: Kind::Human,
            name: String::new(),
            nickname: String::new(),
            avatar: String::new(),
            group: None,
            profile: "Agent".to_string(),
            skills: Vec::new(),
            chats: 0,
            messagings: 0,
        }
    }
}

impl Block for User {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("type", &mut self.kind);
        form.field("name", &mut self.name);
        form.field("nickname", &mut self.nickname);
        form.field("avatar", &mut self.avatar);
        form.field("group", &mut self.group);
        form.field("profile", &mut self.profile);
        form.field("skills", &mut self.skills);
        form.within("max chats", &mut self.chats, 0..=SLOTS_MAX);
        form.within("max messaging", &mut self.messagings, 0..=SLOTS_MAX);
    }
}
