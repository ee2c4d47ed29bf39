//! What an operator should look at: too many conversations in one place, or too few connectors.

use std::collections::BTreeMap;

use crate::conversation::{BotName, ConnectorId, SkillId};

use super::account::{Environment, Mind, Role};
use super::handle::Platform;
use super::limits::{BOT_OPEN_ADVISED, CONNECTOR_OPEN_ADVISED, CONNECTOR_OPEN_MAX, CONNECTORS_ADVISED};

/// Something an operator should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A connector has more conversations than is good for it.
    BusyConnector(ConnectorId, usize),
    /// A bot has more conversations than is good for it.
    BusyBot(BotName, usize),
    /// A skill in Production is served by too few connectors: nobody takes over when one is lost.
    FewConnectors(SkillId, usize),
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Warning::BusyConnector(connector, open) => write!(
                f,
                "connector `{connector}` has {open} open conversations; {CONNECTOR_OPEN_ADVISED} are advised, \
                 and beyond {CONNECTOR_OPEN_MAX} each new one is handed over"
            ),
            Warning::BusyBot(bot, open) => {
                write!(f, "bot `{bot}` has {open} open conversations; {BOT_OPEN_ADVISED} are advised")
            }
            Warning::FewConnectors(skill, connectors) => write!(
                f,
                "skill `{skill}` has {connectors} connector in Production; with {CONNECTORS_ADVISED} one can take over \
                 from the other"
            ),
        }
    }
}

impl Platform {
    /// What an operator should look at now.
    pub fn warnings(&self) -> Vec<Warning> {
        let account = self.account();
        let (mut warnings, mut bots, mut skills) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for (id, connector) in &account.connectors {
            let open = self.floor().load(&connector.user);
            let (Mind::Ours(bot) | Mind::Theirs(bot)) = &connector.mind;
            *bots.entry(bot).or_insert(0) += open;
            if open > CONNECTOR_OPEN_ADVISED {
                warnings.push(Warning::BusyConnector(id.clone(), open));
            }
            if connector.deploy_to == Environment::Production && connector.role == Role::Agent {
                let own =
                    account.users.get(&connector.user).map(|user| user.skills.as_slice()).unwrap_or_default();
                own.iter().for_each(|skill| *skills.entry(skill).or_insert(0) += 1);
            }
        }
        let busy = bots.into_iter().filter(|(_, open)| *open > BOT_OPEN_ADVISED);
        warnings.extend(busy.map(|(bot, open)| Warning::BusyBot(bot.clone(), open)));
        let few = skills.into_iter().filter(|(_, connectors)| *connectors < CONNECTORS_ADVISED);
        warnings.extend(few.map(|(skill, connectors)| Warning::FewConnectors(skill.clone(), connectors)));
        warnings
    }
}
