//! What an account has: skills, the people and bots with them, connectors, and how each of them behaves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{BotName, Channel, ConnectorId, SkillId, Span, UserId};

use super::limits::{IDLE_MS, RETENTION_DAYS};

/// An account as it was set up. It changes as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// What people and bots can do, and visitors ask for.
    pub skills: BTreeMap<SkillId, Skill>,
    /// Who works here.
    pub users: BTreeMap<UserId, User>,
    /// How bots are reached.
    pub connectors: BTreeMap<ConnectorId, Connector>,
    /// For how many days closed conversations are kept.
    pub retention_days: u32,
}

/// Something that people and bots can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Skill {
    /// How soon an answer is due.
    pub due: DueTimes,
    /// After how long without a word a conversation is closed.
    pub idle: Span,
    /// The connector of the bot that asks how it was, once a conversation of messaging is over.
    pub survey: Option<ConnectorId>,
    /// Where a conversation goes when a bot is lost and no other one can take it.
    pub fallback: Option<SkillId>,
}

/// How soon an answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DueTimes {
    /// As a rule.
    pub normal: Span,
    /// Where it is urgent.
    pub urgent: Span,
    /// Where it goes before the others.
    pub prioritized: Span,
}

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The name that visitors read.
    pub nickname: String,
    /// What they can do.
    pub skills: Vec<SkillId>,
    /// How many chats at once.
    pub chats: u32,
    /// How many conversations of messaging at once.
    pub messagings: u32,
    /// Whether they may step into conversations of others, take them over and close them.
    pub manager: bool,
}

/// How a bot is reached, and what it may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// The bot user it logs in as; no other connector has the same.
    pub user: UserId,
    /// Who thinks.
    pub mind: Mind,
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

/// How a connector behaves: times and sentences, each with its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// How long the visitor may be silent before the bot speaks first, in messaging; nothing: it never does.
    pub greet_after: Option<Span>,
    /// Messages that arrive within this time are heard as one, in messaging.
    pub join: Span,
    /// A message that has waited longer than this for the bot is not answered any more.
    pub too_old: Span,
    /// After how long a message that a bot of somebody else has not answered is sent to it again.
    pub resend_after: Span,
    /// How often it is sent again.
    pub resends: u32,
    /// What the visitor is told when the bot does not answer at all; nothing: nothing is said.
    pub stuck_message: Option<String>,
    /// Where the conversation goes then.
    pub stuck_skill: Option<SkillId>,
    /// What the visitor is told then.
    pub stuck_transfer_message: String,
    /// How long somebody may take to accept a conversation that the bot hands over.
    pub accept_within: Span,
    /// What the visitor is told when the bot cannot keep a conversation.
    pub transfer_message: String,
    /// Whether a bot that gets a conversation begins with the visitor's last message, whatever was said since.
    pub skip_agent_message: bool,
}

impl Default for Account {
    fn default() -> Account {
        Account {
            name: String::new(),
            skills: BTreeMap::new(),
            users: BTreeMap::new(),
            connectors: BTreeMap::new(),
            retention_days: RETENTION_DAYS,
        }
    }
}

impl Default for Skill {
    fn default() -> Skill {
        Skill { due: DueTimes::default(), idle: Span(IDLE_MS), survey: None, fallback: None }
    }
}

impl Default for DueTimes {
    fn default() -> DueTimes {
        DueTimes { normal: Span(1_200_000), urgent: Span(300_000), prioritized: Span(600_000) }
    }
}

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            greet_after: Some(Span(3_000)),
            join: Span(300),
            too_old: Span(30 * 60_000),
            resend_after: Span(60_000),
            resends: 1,
            stuck_message: None,
            stuck_skill: None,
            stuck_transfer_message: "I'll connect you with somebody who can help.".to_string(),
            accept_within: Span(180_000),
            transfer_message: "One moment, I'll connect you with somebody who can help.".to_string(),
            skip_agent_message: false,
        }
    }
}

impl Account {
    /// The connector that a user logs in for; nothing, if the user is a person.
    pub fn connector_of(&self, user: &UserId) -> Option<(&ConnectorId, &Connector)> {
        self.connectors.iter().find(|(_, connector)| connector.user == *user)
    }

    /// What is wrong with it, in sentences.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut skill = |name: &SkillId, where_: String| {
            if !self.skills.contains_key(name) {
                faults.push(format!("{where_} names the skill `{name}`, which the account does not have"));
            }
        };
        for (name, own) in &self.skills {
            own.fallback.iter().for_each(|fallback| skill(fallback, format!("skill `{name}`")));
        }
        for (name, user) in &self.users {
            user.skills.iter().for_each(|own| skill(own, format!("user `{name}`")));
        }
        for (name, connector) in &self.connectors {
            let named = connector.fallback.iter().chain(&connector.manners.stuck_skill);
            named.for_each(|own| skill(own, format!("connector `{name}`")));
        }
        for (name, connector) in &self.connectors {
            if !self.users.contains_key(&connector.user) {
                let user = &connector.user;
                faults
                    .push(format!("connector `{name}` logs in as `{user}`, whom the account does not have"));
            }
            let same = self.connectors.iter().find(|(_, other)| other.user == connector.user);
            if let Some((other, _)) = same.filter(|(other, _)| *other != name) {
                faults.push(format!("connectors `{other}` and `{name}` log in as the same user"));
            }
        }
        for (name, skill) in &self.skills {
            let survey = skill.survey.as_ref();
            if let Some(survey) = survey.filter(|survey| !self.connectors.contains_key(survey)) {
                faults.push(format!(
                    "skill `{name}` has its survey asked by `{survey}`, which is no connector"
                ));
            }
        }
        faults
    }
}
