//! What an account has: skills, the people and bots with them, connectors, and how each of them behaves.
//!
//! It is plain data. People write it as YAML: [`Account::read`] says what is wrong with a file, each mistake with its place,
//! [`Account::write`] gives it back in the one layout, and [`changes`] is what lies between two of them.

mod block; // read this first: fields are named once, and by that read, written and compared
mod value; // what a field can hold
mod yaml; // a file to things with places
mod read; // things with places to an account
mod whole; // what no field can see by itself
mod write; // and back
mod edit; // one connector of it, changed
mod difference; // what has changed, in users' words

mod skill;
mod profile;
mod user;
mod campaign;
mod environment;
mod bot;
mod connector;
mod manners;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::conversation::{BotName, ConnectorId, NAME_BYTES_MAX, SkillId, UserId};

use super::limits::RETENTION_DAYS;

pub use bot::Bot;
pub use campaign::{Campaign, Engagement, Source};
pub use connector::{Connector, Mind, Role};
pub use difference::{Change, How, changes};
pub use environment::{Environment, Values};
pub use manners::{Manners, ReceiptOf, Tiles};
pub use profile::{BuiltIn, Permission, Profile};
pub use read::ReadAccount;
pub use skill::{DueTimes, Skill};
pub use user::{Kind, User};

/// An account as it was set up. It changes as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// For how many days closed conversations are kept.
    pub retention_days: u32,
    /// What people and bots can do, and visitors ask for.
    pub skills: BTreeMap<SkillId, Skill>,
    /// Into which groups its people are parted.
    pub groups: BTreeSet<String>,
    /// Profiles of its own, beside the four that every account has.
    pub profiles: BTreeMap<String, Profile>,
    /// Who works here.
    pub users: BTreeMap<UserId, User>,
    /// How visitors come in.
    pub campaigns: BTreeMap<String, Campaign>,
    /// The values that bots find.
    pub environments: BTreeMap<String, Values>,
    /// The bots of ours.
    pub bots: BTreeMap<BotName, Bot>,
    /// How bots are reached.
    pub connectors: BTreeMap<ConnectorId, Connector>,
}

impl Default for Account {
    fn default() -> Account {
        Account {
            name: String::new(),
            retention_days: RETENTION_DAYS,
            skills: BTreeMap::new(),
            groups: BTreeSet::new(),
            profiles: BTreeMap::new(),
            users: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            environments: BTreeMap::new(),
            bots: BTreeMap::new(),
            connectors: BTreeMap::new(),
        }
    }
}

impl Account {
    /// The connector that a user logs in for; nothing, if the user is a person.
    pub fn connector_of(&self, user: &UserId) -> Option<(&ConnectorId, &Connector)> {
        self.connectors.iter().find(|(_, connector)| connector.user == *user)
    }

    /// Whether a user may do something: what their profile says. Whom the account does not have may do nothing.
    pub fn may(&self, user: &UserId, what: Permission) -> bool {
        let Some(user) = self.users.get(user) else { return false };
        match BuiltIn::named(&user.profile) {
            Some(profile) => profile.may(what),
            None => self.profiles.get(&user.profile).is_some_and(|profile| profile.may(what)),
        }
    }

    /// What is wrong with it, in sentences.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let users = self.users.keys().map(UserId::as_str);
        let names = users.chain(self.connectors.keys().map(ConnectorId::as_str));
        for name in names.chain(self.skills.keys().map(SkillId::as_str)).chain([self.name.as_str()]) {
            if !SkillId::from(name).is_sound() {
                faults.push(format!(
                    "`{name}` is no name: a name is 1 to {NAME_BYTES_MAX} bytes without control characters"
                ));
            }
        }
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
