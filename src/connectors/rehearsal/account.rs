//! The account a test is played in: the bot's own skill, a person for everything, and whomever the bot or the test names.

use std::collections::{BTreeMap, BTreeSet};

use crate::conversation::{BotName, Channel, ConnectorId, Receiver, SkillId, Span, UserId};
use crate::platform::{Account, Connector, Environment, Manners, Mind, Skill, User};
use crate::program::Program;
use crate::program::dialog::Does;
use crate::program::formula::Template;
use crate::rehearsal::{Test, What};

/// The account.
pub(super) const ACCOUNT: &str = "rehearsal";
/// The bot that is tested.
pub(super) const BOT: &str = "rehearsed bot";
/// Who takes whatever nobody else is meant for.
pub(super) const PERSON: &str = "rehearsal person";
/// The skill of that person.
pub(super) const PEOPLE: &str = "rehearsal people";

/// How long the visitor says nothing until the bot begins.
pub(super) const GREETS_AFTER: Span = Span(3_000);
/// No conversation of a test is closed because nobody says anything: a hundred years.
pub(super) const IDLE: Span = Span(100 * 365 * 24 * 3_600_000);

/// How many conversations one may have at once: more than a test has.
const ROOM: u32 = 1_000;

/// Whom a bot can name, and the people of its test.
#[derive(Debug, Default)]
pub(super) struct Names {
    named: BTreeSet<(u8, String)>,
    /// Whether some are known only when the bot says them.
    pub(super) open: bool,
}

/// An order for the receivers: the kinds one after another.
fn rank(to: Receiver) -> u8 {
    match to {
        Receiver::Skill => 0,
        Receiver::Agent => 1,
        Receiver::Bot => 2,
    }
}

impl Names {
    /// Those that stand in the bot and in the test.
    pub(super) fn of(program: &Program, test: &Test) -> Names {
        let mut names = Names::default();
        for step in program.dialogs().flat_map(|dialog| &dialog.steps) {
            if let Does::Transfer(transfer) = &step.does {
                names.template(transfer.to, Some(&transfer.name));
            }
        }
        for integration in program.integrations().filter_map(|name| program.integration(name)) {
            if integration.kind == "escalate" {
                names.template(Receiver::Agent, integration.text("agent"));
                names.template(Receiver::Skill, integration.text("skill"));
                names.template(Receiver::Skill, integration.text("fallback"));
            }
        }
        for beat in &test.beats {
            if let What::HandOn(skill) = &beat.what {
                names.named.insert((rank(Receiver::Skill), skill.clone()));
            }
        }
        names
    }

    fn template(&mut self, to: Receiver, name: Option<&Template>) {
        match name.map(|name| name.as_plain()) {
            Some(Some(name)) => {
                self.named.insert((rank(to), name.to_string()));
            }
            Some(None) => self.open = true,
            None => {}
        }
    }

    /// Adds those that the bot has named. True, if one is new.
    pub(super) fn add(&mut self, named: Vec<(Receiver, String)>) -> bool {
        let before = self.named.len();
        self.named.extend(named.into_iter().map(|(to, name)| (rank(to), name)));
        self.named.len() > before
    }

    fn all(&self, to: Receiver) -> impl Iterator<Item = &str> {
        let named = self.named.iter().filter(move |(rank_of, name)| *rank_of == rank(to) && !name.is_empty());
        named.map(|(_, name)| name.as_str())
    }

    /// An account with all of them.
    pub(super) fn account(&self) -> Account {
        let skill = |name: &str| (SkillId::from(name), Skill { idle: IDLE, ..Skill::default() });
        let user = |skills: Vec<SkillId>, manager: bool| User {
            skills,
            chats: ROOM,
            messagings: ROOM,
            profile: if manager { "Agent Manager" } else { "Agent" }.to_string(),
            ..User::default()
        };
        let connector = |name: &str, mind: Mind, manners: Manners| Connector {
            user: UserId::from(name),
            mind,
            channel: Channel::Messaging,
            deploy_to: Environment::Demo,
            manners,
            ..Connector::default()
        };
        let mut skills: BTreeMap<SkillId, Skill> =
            self.all(Receiver::Skill).chain([BOT, PEOPLE]).map(skill).collect();
        let known = skills.keys().filter(|name| name.as_str() != BOT).cloned().collect();
        let mut users = BTreeMap::from([
            (UserId::from(BOT), user(vec![SkillId::from(BOT)], false)),
            (UserId::from(PERSON), user(known, true)),
        ]);
        let manners = Manners { greet_after: Some(GREETS_AFTER), join: Span(0), ..Manners::default() };
        let mut connectors = BTreeMap::from([(
            ConnectorId::from(BOT),
            connector(BOT, Mind::Ours(BotName::from(BOT)), manners),
        )]);
        // Somebody who is named has a skill that nobody else has: what is for them rings only at them.
        for name in self.all(Receiver::Agent) {
            let own = format!("agent {name}");
            skills.extend([skill(&own)]);
            users.insert(UserId::from(name), user(vec![SkillId::from(own)], false));
        }
        for name in self.all(Receiver::Bot) {
            let own = format!("bot {name}");
            skills.extend([skill(&own)]);
            users.insert(UserId::from(own.as_str()), user(vec![SkillId::from(own.as_str())], false));
            let theirs = Mind::Theirs(BotName::from(name));
            connectors.insert(ConnectorId::from(own.as_str()), connector(&own, theirs, Manners::default()));
        }
        Account { name: ACCOUNT.to_string(), skills, users, connectors, ..Account::default() }
    }
}
