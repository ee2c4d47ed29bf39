//! What is wrong with an account although each of its fields is right: names that nothing has, users that two connectors
//! want, skills that fall back in a circle, and what works, but hardly as meant.

use std::collections::{BTreeMap, BTreeSet};

use regex::RegexBuilder;

use crate::conversation::{Channel, ConnectorId, SkillId, UserId};
use crate::diagnostics::english::{did_you_mean, list};
use crate::diagnostics::{Finding, Slug};
use crate::platform::limits::{CONNECTORS_ADVISED, FILTER_BYTES_MAX};

use super::block::{Reading, element, named};
use super::value::Words;
use super::{Account, BuiltIn, Environment, Kind, Mind, Permission, Role};

/// Looks at all of an account.
pub(super) fn check(account: &Account, reading: &mut Reading) {
    let mut look = Look { account, reading };
    look.names();
    look.profiles();
    look.users();
    look.engagements();
    look.environments();
    look.connectors();
    look.fallbacks();
    look.production();
}

struct Look<'a> {
    account: &'a Account,
    reading: &'a mut Reading,
}

impl Look<'_> {
    /// A name that something must have.
    fn known<'n>(
        &mut self,
        slug: Slug,
        path: &[&str],
        what: &str,
        name: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) {
        if names.clone().any(|known| known == name) || name.is_empty() {
            return;
        }
        let message = format!("{} names the {what} `{name}`, which the account does not have", named(path));
        let shown: Vec<&str> = names.clone().take(9).collect();
        let help = did_you_mean(name, names).unwrap_or_else(|| match shown.len() {
            0 => format!("the account has no {what} at all: add it"),
            1..9 => format!("add it, or write {}", list(shown, "or")),
            _ => "add it, or correct the name".to_string(),
        });
        self.reading.wrong(slug, self.reading.value_at(path), message, Some(help));
    }

    fn skill(&mut self, path: &[&str], name: &SkillId) {
        let names = self.account.skills.keys().map(SkillId::as_str);
        self.known(Slug::UnknownSkill, path, "skill", name.as_str(), names);
    }

    fn error(&mut self, path: &[&str], message: String, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_string());
        let message = format!("{} {message}", named(path));
        self.reading.wrong(Slug::WrongValue, self.reading.value_at(path), message, help);
    }

    fn names(&mut self) {
        let name = SkillId::from(self.account.name.as_str());
        if !name.is_sound() && self.reading.has(&["account"]) {
            self.error(
                &["account"],
                "is no name".to_string(),
                "give the account a short name, such as `acme`",
            );
        }
        for (name, skill) in &self.account.skills {
            let path = ["skills", name.as_str()];
            if let Some(fallback) = &skill.fallback {
                self.skill(&[&path[..], &["fallback skill"]].concat(), fallback);
            }
            if let Some(survey) = &skill.survey {
                let names = self.account.connectors.keys().map(ConnectorId::as_str);
                let path = [&path[..], &["survey"]].concat();
                self.known(Slug::UnknownName, &path, "connector", survey.as_str(), names);
            }
        }
        for (name, bot) in &self.account.bots {
            let path = ["bots", name.as_str()];
            if let Some(environment) = &bot.environment {
                let names = self.account.environments.keys().map(String::as_str);
                let path = [&path[..], &["environment"]].concat();
                self.known(Slug::UnknownName, &path, "environment", environment, names);
            }
            if let Some(folder) = bot.folder.as_deref()
                && (folder.is_empty() || folder.starts_with('.') || folder.contains(['/', '\\', '\0']))
            {
                let path = [&path[..], &["folder"]].concat();
                self.error(
                    &path,
                    format!("is `{folder}`, which is not the name of a folder"),
                    "write its name alone, without `/` or `..`",
                );
            }
        }
    }

    fn profiles(&mut self) {
        for name in self.account.profiles.keys().filter(|name| BuiltIn::named(name).is_some()) {
            let message = format!("the profile `{name}` is one that every account has already");
            let at = self.reading.key_at(&["profiles", name]);
            let help = format!("give yours a name of its own, with `like: {name}`");
            self.reading.wrong(Slug::DuplicateName, at, message, Some(help));
        }
    }

    fn users(&mut self) {
        for (name, user) in &self.account.users {
            let path = ["users", name.as_str()];
            for skill in &user.skills {
                self.skill(&[&path[..], &["skills", &element(skill.as_str())]].concat(), skill);
            }
            if let Some(group) = &user.group {
                let names = self.account.groups.iter().map(String::as_str);
                self.known(Slug::UnknownName, &[&path[..], &["group"]].concat(), "agent group", group, names);
            }
            let built_in = BuiltIn::ALL.iter().map(|(_, word)| *word);
            let names = built_in.chain(self.account.profiles.keys().map(String::as_str));
            self.known(
                Slug::UnknownName,
                &[&path[..], &["profile"]].concat(),
                "profile",
                &user.profile,
                names,
            );
            let avatar = user.avatar.as_str();
            if !avatar.is_empty() && !avatar.starts_with("https://") && !avatar.starts_with('/') {
                let path = [&path[..], &["avatar"]].concat();
                self.error(
                    &path,
                    format!("is `{avatar}`, which is no address"),
                    "begin it with `https://`, or with `/` for a picture of the house's own",
                );
            }
            if let (Kind::Bot, [_, second, ..]) = (user.kind, user.skills.as_slice()) {
                let place = element(second.as_str());
                let path = [&path[..], &["skills", &place]].concat();
                let message = format!("the bot user `{name}` has a second skill, `{second}`");
                let help =
                    "give each bot user one skill, so that what reaches a bot can be seen from its skill";
                self.reading.wrong(
                    Slug::SecondSkill,
                    self.reading.value_at(&path),
                    message,
                    Some(help.to_string()),
                );
            }
        }
    }

    fn engagements(&mut self) {
        for (campaign, own) in &self.account.campaigns {
            for (name, engagement) in &own.engagements {
                let path = ["campaigns", campaign, "engagements", name];
                self.skill(&[&path[..], &["skill"]].concat(), &engagement.skill);
                for origin in &engagement.origins {
                    if !is_origin(origin) {
                        let place = element(origin);
                        let path = [&path[..], &["allowed origins", &place]].concat();
                        self.error(&path, format!("has `{origin}`, which is no origin"), "write scheme, host and, if there is one, port: `https://shop.example.com`; `http` only for this machine");
                    }
                }
                if !is_language(&engagement.language) {
                    let path = [&path[..], &["language"]].concat();
                    self.error(
                        &path,
                        format!("is `{}`, which is no language", engagement.language),
                        "write it as in `en-US`",
                    );
                }
            }
        }
    }

    fn environments(&mut self) {
        for (name, values) in &self.account.environments {
            let path = ["environments", name];
            let lists = [("demo", &values.demo), ("production", &values.production)];
            for (list, own) in lists {
                for value in own.keys() {
                    let path = [&path[..], &[list, value]].concat();
                    if values.secrets.contains(value) {
                        // Its name is shown, never the line with the value.
                        let place = element(value);
                        let at = self.reading.value_at(&["environments", name, "secrets", &place]);
                        let message = format!("the secret `{value}` has its value in {}", named(&path));
                        let help = "take the value out of the file, and change the secret: who has read the file knows it";
                        self.reading.wrong(Slug::SecretInAccount, at, message, Some(help.to_string()));
                    }
                    if !is_variable(value) {
                        let message = format!("{} has a name that bots cannot write", named(&path));
                        let at = self.reading.key_at(&path);
                        let help = "use letters, digits and `_`: bots say `env.NAME`";
                        self.reading.wrong(Slug::WrongValue, at, message, Some(help.to_string()));
                    }
                }
            }
            for secret in &values.secrets {
                if !is_variable(secret) {
                    let place = element(secret);
                    let path = [&path[..], &["secrets", &place]].concat();
                    self.error(
                        &path,
                        format!("has `{secret}`, a name that bots cannot write"),
                        "use letters, digits and `_`: bots say `env.NAME`",
                    );
                }
            }
        }
    }

    fn connectors(&mut self) {
        let mut users: BTreeMap<&UserId, &ConnectorId> = BTreeMap::new();
        for (name, connector) in &self.account.connectors {
            let path = ["connectors", name.as_str()];
            let field = |field| [&path[..], &[field]].concat();
            if let Mind::Ours(bot) = &connector.mind {
                let names = self.account.bots.keys().map(|bot| bot.as_str());
                self.known(Slug::UnknownName, &field("bot"), "bot", bot.as_str(), names);
            }
            if let Some(skill) = &connector.fallback {
                self.skill(&field("fallback skill"), skill);
            }
            if let Some(skill) = &connector.manners.stuck_skill {
                let path = [&path[..], &["settings", "escalationSkillIdOnStuckConversation"]].concat();
                self.skill(&path, skill);
            }
            for filter in &connector.manners.filter {
                if let Err(error) = RegexBuilder::new(filter).size_limit(FILTER_BYTES_MAX).build() {
                    let place = element(filter);
                    let path = [&path[..], &["settings", "filterPatterns", &place]].concat();
                    let why = error.to_string();
                    let why = why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                    self.error(&path, format!("has a regex that cannot be used: {why}"), "");
                }
            }
            let bots = self.account.users.iter().filter(|(_, user)| user.kind == Kind::Bot);
            let bots: Vec<&str> = bots.map(|(name, _)| name.as_str()).collect();
            let Some(user) = self.account.users.get(&connector.user) else {
                self.known(
                    Slug::UnknownName,
                    &field("user"),
                    "bot user",
                    connector.user.as_str(),
                    bots.into_iter(),
                );
                continue;
            };
            let own = &connector.user;
            if user.kind == Kind::Human {
                self.error(
                    &field("user"),
                    format!("names `{own}`, who is a human"),
                    "connectors log in as users of the type `bot`",
                );
            }
            if let Some(other) = users.insert(own, name) {
                let at = self.reading.value_at(&field("user"));
                let first = self.reading.value_at(&["connectors", other.as_str(), "user"]);
                let file = self.reading.file();
                let message = format!("the connectors `{other}` and `{name}` both log in as `{own}`");
                let finding = Finding::new(Slug::SharedUser, file, at, message)
                    .related(file, first, "the other one")
                    .help("give each connector a bot user of its own: a second login ends the first");
                self.reading.found(finding);
            }
            let (room, slots) = match connector.channel {
                Channel::Chat => (user.chats, "max chats"),
                Channel::Messaging => (user.messagings, "max messaging"),
            };
            if room == 0 && user.kind == Kind::Bot {
                let message = format!("is {}, and `{own}` has no room for that", connector.channel.word());
                self.error(
                    &field("conversation type"),
                    message,
                    &format!("add `{slots}: 50` below the user `{own}`"),
                );
            }
            if connector.role == Role::Manager && !self.account.may(own, Permission::StepIn) {
                let profile = &user.profile;
                let message = format!(
                    "is Manager, and the profile of `{own}`, `{profile}`, may not {}",
                    Permission::StepIn
                );
                self.error(
                    &field("role"),
                    message,
                    &format!("add `profile: Agent Manager` below the user `{own}`"),
                );
            }
        }
    }

    /// Skills that fall back to each other in a circle: a conversation would go round for ever.
    fn fallbacks(&mut self) {
        let mut told: BTreeSet<&SkillId> = BTreeSet::new();
        for start in self.account.skills.keys() {
            let (mut circle, mut at) = (vec![start], start);
            while let Some(next) = self.account.skills.get(at).and_then(|skill| skill.fallback.as_ref()) {
                if let Some(begin) = circle.iter().position(|skill| *skill == next) {
                    circle.drain(..begin);
                    break;
                }
                circle.push(next);
                at = next;
            }
            let last = circle.last().and_then(|last| self.account.skills.get(*last));
            let closes = last.and_then(|skill| skill.fallback.as_ref()) == circle.first().copied();
            if !closes || circle.iter().any(|skill| told.contains(skill)) {
                continue;
            }
            told.extend(&circle);
            let way: Vec<&str> = circle.iter().chain(circle.first()).map(|skill| skill.as_str()).collect();
            let path = ["skills", circle[0].as_str(), "fallback skill"];
            let message = format!("skills fall back in a circle: {}", way.join(" → "));
            let help = "let one of them fall back to a skill outside of the circle, or to none";
            self.reading.wrong(
                Slug::FallbackLoop,
                self.reading.value_at(&path),
                message,
                Some(help.to_string()),
            );
        }
    }

    /// Skills in Production that one connector serves: nobody takes over when it is lost.
    fn production(&mut self) {
        let mut serving: BTreeMap<(&SkillId, Channel), Vec<&ConnectorId>> = BTreeMap::new();
        let own = self.account.connectors.iter().filter(|(_, own)| own.deploy_to == Environment::Production);
        for (name, connector) in own {
            let user = self.account.users.get(&connector.user);
            for skill in user.iter().flat_map(|user| &user.skills) {
                serving.entry((skill, connector.channel)).or_default().push(name);
            }
        }
        for ((skill, channel), connectors) in serving {
            if let [only] = connectors.as_slice() {
                let message = format!(
                    "`{only}` is the only connector in Production that serves {} of the skill `{skill}`",
                    channel.word()
                );
                let help = format!(
                    "add another one with a bot user of its own: with {CONNECTORS_ADVISED} one takes over from the other"
                );
                let at = self.reading.key_at(&["connectors", only.as_str()]);
                self.reading.wrong(Slug::LoneConnector, at, message, Some(help));
            }
        }
    }
}

/// Whether bots can write it behind `env.`.
fn is_variable(name: &str) -> bool {
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    name.chars().all(letter) && !name.starts_with(|first: char| first.is_numeric())
}

/// Whether a browser could say that a page comes from there.
fn is_origin(text: &str) -> bool {
    let (host, needs_tls) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => (host, false),
        (None, Some(host)) => (host, true),
        (None, None) => return false,
    };
    let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let sound = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let port_sound = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    name.split('.').all(sound) && port_sound && (!needs_tls || matches!(name, "localhost" | "127.0.0.1"))
}

/// Whether it is written as languages are: `en`, `en-US`, `zh-Hant-TW`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    first
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
