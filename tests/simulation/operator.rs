//! The operator: starts and stops connectors, deploys and rolls back, changes how much everybody can take.

use parlor::conversation::{BotName, UserId, VersionId};
use parlor::platform::{Answer, Ask, Caller, Environment, Refusal};

use crate::bots::HELPER;
use crate::house::{House, Who};
use crate::scenario::Operating;

impl House<'_> {
    /// The operator does something, again and again until it is acknowledged.
    pub fn operator_does(&mut self, operating: &Operating) {
        let connector = |number: &usize| self.scenario.connectors[*number].clone();
        let ask = match operating {
            Operating::Start(number) => Ask::Start(connector(number)),
            Operating::Stop { connector: number, now } => {
                Ask::Stop { connector: connector(number), now: *now }
            }
            Operating::Deploy { bot, version, move_open } => Ask::Deploy {
                bot: BotName::from(*bot),
                version: VersionId::from(*version),
                to: Environment::Production,
                move_open: *move_open,
            },
            Operating::RollBack { move_open } => Ask::RollBack {
                bot: BotName::from(HELPER),
                on: Environment::Production,
                move_open: *move_open,
            },
            Operating::SetUp { chats, messagings } => {
                let mut account = self.account.clone();
                for agent in &self.scenario.agents {
                    if let Some(user) = account.users.get_mut(agent) {
                        (user.chats, user.messagings) = (*chats, *messagings);
                    }
                }
                let hash = account.keep(&self.disk.memory).expect("a store in memory keeps it");
                Ask::SetUp(Box::new(account), hash)
            }
        };
        self.send(Who::Operator, Caller::Operator(UserId::from("op")), ask, None, 1);
    }

    /// The operator is answered.
    pub fn operator_is_answered(&mut self, ask: &Ask, answer: &Result<Answer, Refusal>) {
        if let (Ask::SetUp(account, _), Ok(_)) = (ask, answer) {
            self.account = (**account).clone();
        }
    }
}
