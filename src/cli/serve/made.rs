//! An account for somebody who has a bot and nothing else: enough of everything to talk to it and to take over from it.

use std::collections::BTreeMap;

use crate::conversation::{Channel, ConnectorId, SkillId, UserId};
use crate::platform::{
    Account, Bot, Campaign, Connector, Engagement, Environment, Kind, Manners, Mind, Skill, User,
};

use super::shelf::Packed;

const PEOPLE: &str = "Human";
/// Conversations that a bot user has at once: as many as are advised.
const BOT_SLOTS: u32 = 50;
const PERSON_SLOTS: u32 = 5;

/// An account named after the first bot.
pub(super) fn for_bots(first: &Packed, bots: &[Packed]) -> Account {
    let mut account = Account { name: first.bot.to_string(), ..Account::default() };
    account.skills.insert(PEOPLE.into(), Skill::default());
    let person = |profile: &str, skills: Vec<SkillId>| User {
        profile: profile.into(),
        messagings: if skills.is_empty() { 0 } else { PERSON_SLOTS },
        chats: if skills.is_empty() { 0 } else { PERSON_SLOTS },
        skills,
        ..User::default()
    };
    account.users.insert("admin".into(), person("Administrator", Vec::new()));
    let agent = User { nickname: "Agent".into(), ..person("Agent", vec![PEOPLE.into()]) };
    account.users.insert("agent".into(), agent);
    let mut engagements = BTreeMap::new();
    for Packed { bot, .. } in bots {
        let (skill, title) = match bots.len() {
            1 => ("Bot".to_string(), "Talk to us".to_string()),
            _ => (format!("Bot {bot}"), format!("Talk to {bot}")),
        };
        let skill = SkillId::from(skill);
        account.skills.insert(skill.clone(), Skill { fallback: Some(PEOPLE.into()), ..Skill::default() });
        account.bots.insert(bot.clone(), Bot::default());
        for (name, channel) in [("messaging", Channel::Messaging), ("chat", Channel::Chat)] {
            let (id, slots) = (format!("{bot}-{name}"), BOT_SLOTS);
            let (chats, messagings) = if channel == Channel::Chat { (slots, 0) } else { (0, slots) };
            let user = User {
                kind: Kind::Bot,
                nickname: bot.to_string(),
                skills: vec![skill.clone()],
                chats,
                messagings,
                ..User::default()
            };
            account.users.insert(UserId::from(id.as_str()), user);
            let connector = Connector {
                user: UserId::from(id.as_str()),
                mind: Mind::Ours(bot.clone()),
                channel,
                deploy_to: Environment::Demo,
                fallback: Some(PEOPLE.into()),
                manners: Manners::default(),
                ..Connector::default()
            };
            account.connectors.insert(ConnectorId::from(id), connector);
        }
        engagements.insert(title, Engagement { skill, ..Engagement::default() });
    }
    let campaign = Campaign { goal: "Interact with consumers".into(), engagements };
    account.campaigns.insert("Visitors".into(), campaign);
    account
}
