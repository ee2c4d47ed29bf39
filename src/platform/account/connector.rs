//! How a bot is reached: who thinks, as whom it logs in, what it serves, and where.

use serde::{Deserialize, Serialize};

use crate::conversation::{BotName, Channel, SkillId, UserId};

use super::block::{Block, Form};
use super::value::words;
use super::{Environment, Manners};

/// How a bot is reached, and what it may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// The bot user it logs in as; no other connector has the same.
    pub user: UserId,
    /// Who thinks.
    pub mind: Mind,
    /// As what it takes part.
    #[serde(default)]
    pub role: Role,
    /// What it serves.
    pub channel: Channel,
    /// Which version of the bot it serves.
    #[serde(default)]
    pub deploy_to: Environment,
    /// Where conversations go that it cannot keep.
    #[serde(default)]
    pub fallback: Option<SkillId>,
    /// How it behaves.
    #[serde(default)]
    pub manners: Manners,
}

/// Who thinks behind a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mind {
    /// A bot of ours: it answers within the turn.
    Ours(BotName),
    /// Somebody else's bot: it is told what happens, and answers with commands when it has thought.
    Theirs(BotName),
}

/// As what a bot takes part in conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It has conversations.
    #[default]
    Agent,
    /// It steps into those of others.
    Manager,
}

words! { Role, "a role":
    Agent "Agent"
    Manager "Manager"
}

impl Default for Connector {
    /// A form that nobody has filled in yet: it has neither a bot nor a user.
    fn default() -> Connector {
        Connector {
            user: "".into(),
            mind: Mind::Ours("".into()),
            role: Role::Agent,
            channel: Channel::Messaging,
            deploy_to: Environment::Demo,
            fallback: None,
            manners: Manners::default(),
        }
    }
}

impl Block for Connector {
    fn fields(&mut self, form: &mut Form<'_>) {
        let (mut ours, mut theirs) = match &self.mind {
            Mind::Ours(bot) => (Some(bot.clone()).filter(|bot| !bot.as_str().is_empty()), None),
            Mind::Theirs(bot) => (None, Some(bot.clone())),
        };
        form.field("bot", &mut ours);
        form.field("vendor bot", &mut theirs);
        match (&ours, &theirs) {
            (Some(_), Some(_)) => form.only_one("bot", "vendor bot"),
            (None, None) => form.one_needed("bot", "vendor bot"),
            _ => {}
        }
        if let Some(mind) = ours.map(Mind::Ours).or(theirs.map(Mind::Theirs)) {
            self.mind = mind;
        }
        form.needed("user", &mut self.user);
        form.field("role", &mut self.role);
        form.needed("conversation type", &mut self.channel);
        form.field("deploy to", &mut self.deploy_to);
        form.field("fallback skill", &mut self.fallback);
        form.field("transfer message", &mut self.manners.transfer_message);
        form.field("settings", &mut self.manners);
    }
}
