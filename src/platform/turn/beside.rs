//! Bots with the role Manager stand beside whoever has a conversation: they read along, whisper to those who work here, and
//! may give it to somebody else. They never have it, and never speak to the visitor.

use std::collections::VecDeque;

use regex::RegexBuilder;

use crate::conversation::{
    Audience, Author, Availability, ConnectorId, Content, Effect, Happening, Message, Outcome, Participant,
    Receiver, Role as Part, Value,
};
use crate::platform::account::{Connector, Mind, Role};
use crate::platform::connector::RunState;
use crate::platform::conversation::as_bots_hear;
use crate::platform::fact::{Aside, Errand, Fact};
use crate::platform::input::To;
use crate::platform::limits::{
    BESIDE_MAX, BESIDE_SPARE_BYTES, BESIDE_STATE_BYTES_MAX, BESIDE_TURNS_MAX, BOT_SAYS_BYTES_MAX,
    FILTER_BYTES_MAX, PARTICIPANTS_MAX,
};
use crate::platform::take_turn::Turn;
use crate::store::{ENTRY_BYTES_MAX, IMAGE_BYTES_MAX};

use super::effect::failure;

impl<'w> Turn<'w> {
    /// Whoever stands beside comes when somebody has the conversation, and hears what its visitor has said in this turn.
    pub(in crate::platform) fn read_along(&mut self) {
        let said = self.facts.iter().filter_map(|fact| match fact {
            Fact::Said { by: Author::Visitor, content, .. } => Some(as_bots_hear(content)),
            _ => None,
        });
        let said: Vec<Happening> = said.collect();
        let seated = self.facts.iter().any(|fact| matches!(fact, Fact::Seated { .. }));
        if said.is_empty() && !seated {
            return;
        }
        let account = self.world.account;
        let managers = account.connectors.iter().filter(|(_, connector)| connector.role == Role::Manager);
        for (id, connector) in managers {
            if self.conversation.is_over() || self.conversation.in_survey() {
                return; // how it was is asked without anybody beside
            }
            if !self.stands_beside(id, connector) {
                continue;
            }
            if matches!(connector.mind, Mind::Ours(_)) && !connector.manners.no_messages {
                for what in said.iter().filter(|what| wants(connector, what)) {
                    self.tell_or_leave_out(id, connector, what);
                }
            }
        }
    }

    /// Whether a connector stands beside this conversation. It comes, if it is there and somebody has the conversation.
    fn stands_beside(&mut self, id: &ConnectorId, connector: &Connector) -> bool {
        let floor = self.world.floor;
        let online = |availability| availability == Availability::Online;
        let there = self.world.runs.get(id) == Some(&RunState::Online)
            && floor.presence(&connector.user).is_some_and(|presence| online(presence.availability));
        let user = &connector.user;
        let others = &self.conversation.others;
        if !there || others.iter().any(|other| other.user == *user) {
            return there;
        }
        let own = self.world.account.users.get(user).map(|own| own.skills.as_slice()).unwrap_or_default();
        let meant = connector.channel == self.conversation.channel
            && (own.is_empty() || own.contains(&self.conversation.skill))
            && self.conversation.seat().is_some_and(|seat| seat.user != *user)
            && self.is_manager(user);
        let beside = others.iter().filter(|other| self.world.account.connector_of(&other.user).is_some());
        if !meant || beside.count() >= BESIDE_MAX || others.len() >= PARTICIPANTS_MAX {
            return false;
        }
        self.happens(Fact::Joined(Participant { user: user.clone(), role: Part::Manager }));
        true
    }

    /// Whoever stands beside never keeps a turn from being kept: what would be too much is left out, all of it.
    fn tell_or_leave_out(&mut self, id: &'w ConnectorId, connector: &'w Connector, what: &Happening) {
        let before = (self.facts.len(), self.conversation.clone(), self.said_bytes);
        self.tell_beside(id, connector, what.clone());
        let bytes = |json: Result<Vec<u8>, _>| json.map_or(usize::MAX, |json| json.len());
        let (entry, image) =
            (bytes(serde_json::to_vec(&self.facts)), bytes(serde_json::to_vec(&self.conversation)));
        if entry > ENTRY_BYTES_MAX - BESIDE_SPARE_BYTES || image > IMAGE_BYTES_MAX - BESIDE_SPARE_BYTES {
            let (facts, conversation, said_bytes) = before;
            self.facts.truncate(facts);
            (self.conversation, self.said_bytes) = (conversation, said_bytes);
            let user = &connector.user;
            self.trouble(format!(
                "`{user}`, who stands beside, was not told: there is no room for it in this turn"
            ));
        }
    }

    /// A bot that stands beside is told something, and does what it does about it.
    fn tell_beside(&mut self, id: &'w ConnectorId, connector: &'w Connector, what: Happening) {
        let (Some((version, _)), Mind::Ours(bot)) = (self.world.version(connector), &connector.mind) else {
            return;
        };
        let environment = connector.deploy_to;
        let beside = self.conversation.beside.get(id);
        if !beside.is_some_and(|beside| beside.version == version && beside.environment == environment) {
            self.aside(id, Aside::Pinned { bot: bot.clone(), version: version.clone(), environment });
        }
        let mut to_hear = VecDeque::from([what]);
        if self.conversation.beside.get(id).is_none_or(|beside| beside.state.is_none()) {
            to_hear.push_front(Happening::Knows(self.knowledge()));
        }
        let mut turns = 0;
        while let Some(what) = to_hear.pop_front() {
            turns += 1;
            if turns > BESIDE_TURNS_MAX || self.conversation.is_over() {
                return;
            }
            let state = self.conversation.beside.get(id).and_then(|beside| beside.state.as_deref());
            let thought = self.world.minds.hear((&version, environment), state, self.now, &what);
            let Some(thought) = thought else {
                return self
                    .trouble(format!("version {version} of `{bot}`, which stands beside, is not at hand"));
            };
            let bytes = thought.state.0.get().len();
            self.aside(id, Aside::Heard(what));
            self.aside(id, Aside::Thought { state: Some(thought.state) });
            for effect in thought.effects {
                to_hear.extend(self.does_beside(connector, effect));
            }
            if bytes > BESIDE_STATE_BYTES_MAX {
                self.aside(id, Aside::Forgot);
                return self.trouble(format!(
                    "`{bot}` begins anew: what it knows has {bytes} bytes, and {BESIDE_STATE_BYTES_MAX} are the most of a bot \
                     that stands beside"
                ));
            }
        }
    }

    fn aside(&mut self, id: &ConnectorId, what: Aside) {
        self.happens(Fact::Beside { connector: id.clone(), what });
    }

    /// One thing that a bot does which stands beside; what it hears of that.
    fn does_beside(&mut self, connector: &Connector, effect: Effect) -> Option<Happening> {
        match effect {
            Effect::Say(message) => self.whisper(connector, message),
            Effect::Note(text) => self.whisper(connector, Message::Text(text)),
            Effect::Transfer { id, to, name, .. } => {
                let outcome = match self.transfer_from_beside(connector, to, &name) {
                    true => Outcome::Success { status: 0, body: Value::Nothing },
                    false => failure("refused"),
                };
                return Some(Happening::Returned { id, outcome });
            }
            Effect::Call { id, integration, .. } => {
                self.trouble(format!(
                    "`{}` stands beside, and calls nothing: \"{integration}\"",
                    connector.user
                ));
                return Some(Happening::Returned { id, outcome: failure("not performed") });
            }
            Effect::Remember { name, value } => self.open(Errand::Remember { name, value }, false),
            Effect::RespondWithin(due) => self.set_due(due),
            Effect::Close { .. } => {
                self.trouble(format!("`{}` stands beside, and closes nothing", connector.user));
            }
            Effect::Log(log) => self.happens(Fact::Logged(log)),
            Effect::Pause(_) => {} // nobody waits for it
        }
        None
    }

    /// What it says is for those who work here.
    fn whisper(&mut self, connector: &Connector, message: Message) {
        if matches!(&message, Message::Text(text) if text.trim().is_empty()) {
            return;
        }
        let bytes = serde_json::to_vec(&message).map_or(usize::MAX, |json| json.len());
        self.said_bytes = self.said_bytes.saturating_add(bytes);
        if self.said_bytes > BOT_SAYS_BYTES_MAX {
            return self.trouble(format!("{BOT_SAYS_BYTES_MAX} bytes are the most that bots say at once"));
        }
        self.said(Author::User(connector.user.clone()), Audience::Staff, Content::Message(message));
    }

    fn transfer_from_beside(&mut self, connector: &Connector, to: Receiver, name: &str) -> bool {
        let to = match self.receiver(to, name, connector) {
            Ok((skill, None)) => To::Skill(skill),
            Ok((skill, Some(user))) => To::User(user, skill),
            Err(_) => return false,
        };
        self.asked_to_transfer(Author::User(connector.user.clone()), &to).is_ok()
    }
}

/// Whether a connector wants to hear it: all, or what one of its filters fits.
fn wants(connector: &Connector, what: &Happening) -> bool {
    let filters = &connector.manners.filter;
    let Happening::Said(text) = what else { return filters.is_empty() };
    filters.is_empty()
        || filters.iter().any(|filter| {
            // Those of an account were tried when it was set up.
            let filter = RegexBuilder::new(filter).size_limit(FILTER_BYTES_MAX).build();
            filter.is_ok_and(|filter| filter.is_match(text))
        })
}
