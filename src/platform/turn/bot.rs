//! A bot of ours has a conversation: it hears what is said, speaks, pauses, greets, and goes over to another version.

use std::collections::BTreeMap;

use crate::conversation::{
    Audience, Author, Channel, ConnectorId, Content, Effect, Happening, Knowledge, Message, Moment, Outcome,
    Span, Value,
};
use crate::platform::account::{Connector, Mind};
use crate::platform::connector::RunState;
use crate::platform::fact::{Answer, CloseReason, EffectId, Errand, Fact, Open};
use crate::platform::limits::*;
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::{Effects, Turn, fits};

impl Turn<'_> {
    /// A bot has it from now on.
    pub(in crate::platform) fn seat_bot(&mut self, id: &ConnectorId, connector: &Connector) {
        let conversation = &self.conversation;
        let transferred = conversation.queue().is_some_and(|queue| queue.transferred);
        let speaks_first = conversation.channel == Channel::Chat;
        let nobody_spoke = conversation.unheard.is_empty();
        let greet_at = connector.manners.greet_after.map(|span| self.now.after(span));
        let greet_at = greet_at.filter(|_| nobody_spoke && !speaks_first && !transferred);
        let (user, own) = (connector.user.clone(), Some(id.clone()));
        self.happens(Fact::Seated { user, connector: own, greet_at });
        if self.conversation.handover.is_some() {
            self.happens(Fact::HandoverEnded { taken: true });
        }
        if let Some(why) = self.cannot_keep(id, connector, transferred) {
            return self.give_away(connector, why);
        }
        let Some((version, moves)) = self.world.version(connector) else { return };
        let Mind::Ours(bot) = &connector.mind else { return };
        let (bot, environment) = (bot.clone(), connector.deploy_to);
        let spoken_with = self.conversation.bot.as_ref().is_some_and(|held| held.bot == bot);
        self.happens(Fact::Pinned { bot, version, environment, moves, anew: false });
        if !spoken_with {
            self.knows();
        }
        let unheard = !self.conversation.unheard.is_empty();
        if transferred {
            let message = Value::text(self.conversation.last_said.as_str());
            let data = Value::map(BTreeMap::from([("message".to_string(), message)]));
            self.hear(Happening::Other { name: "transfer in".to_string(), data });
        } else if unheard {
            self.hear_what_was_said();
        } else if speaks_first {
            self.hear(Happening::Began);
        }
    }

    /// Why a connector cannot keep a conversation that it gets.
    fn cannot_keep(&self, id: &ConnectorId, connector: &Connector, transferred: bool) -> Option<String> {
        let floor = self.world.floor;
        // This one is counted if the floor has offered it.
        let open =
            floor.load(&connector.user) - usize::from(floor.rings_at(self.conversation.id, &connector.user));
        if open >= CONNECTOR_OPEN_MAX && !transferred {
            return Some(format!(
                "{open} conversations are open; {CONNECTOR_OPEN_MAX} are the most of a connector"
            ));
        }
        if self.world.runs.get(id) == Some(&RunState::VendorInterruption) {
            return Some("what thinks for it does not answer".to_string());
        }
        let Some((version, _)) = self.world.version(connector) else {
            return Some("no version of its bot is deployed".to_string());
        };
        self.world
            .minds
            .session(&version)
            .is_none()
            .then(|| format!("version {version} of its bot is not at hand"))
    }

    /// A connector hands over at once what it cannot keep.
    pub(in crate::platform) fn give_away(&mut self, connector: &Connector, why: String) {
        self.trouble(format!("`{}` cannot keep the conversation: {why}", connector.user));
        self.holder_says(Message::Text(connector.manners.transfer_message.clone()));
        self.leave_seat(connector.fallback.clone(), why);
    }

    /// The bot is told whom it talks to.
    pub(in crate::platform) fn knows(&mut self) {
        self.hear(Happening::Knows(self.knowledge()));
    }

    /// What a bot is told of whom it talks to.
    pub(in crate::platform) fn knowledge(&self) -> Knowledge {
        let conversation = &self.conversation;
        let channel = match conversation.channel {
            Channel::Chat => "chat",
            Channel::Messaging => "messaging",
        };
        let own = [
            ("id", Value::text(conversation.id.to_string())),
            ("channel", Value::text(channel)),
            ("skill", Value::text(conversation.skill.as_str())),
        ];
        let mut facts: BTreeMap<String, Value> = own.map(|(name, value)| (name.to_string(), value)).into();
        if let Value::Map(context) = &conversation.context {
            facts.extend(
                context
                    .iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "visitor" | "remembered"))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        let visitor = conversation.context.member("visitor");
        let remembered = match conversation.context.member("remembered") {
            Value::Map(map) => (*map).clone(),
            _ => BTreeMap::new(),
        };
        Knowledge { visitor, conversation: Value::map(facts), remembered }
    }

    /// The bot hears something, and does what it does about it.
    pub(in crate::platform) fn hear(&mut self, what: Happening) {
        self.heard += 1;
        if self.heard > BOT_TURNS_MAX {
            return self
                .trouble(format!("{BOT_TURNS_MAX} turns of a bot in one of the conversation are the most"));
        }
        self.move_to_newer_version(&what);
        let Some(held) = &self.conversation.bot else { return };
        let thought =
            self.world.minds.hear((&held.version, held.environment), held.state.as_deref(), self.now, &what);
        let Some(thought) = thought else {
            let why = format!("version {} of its bot is not at hand", held.version);
            return match self.connector() {
                Some((_, connector)) => self.give_away(connector, why),
                None => self.trouble(why),
            };
        };
        self.happens(Fact::Heard(what));
        let wake = thought.wake.filter(|wake| *wake > self.now);
        self.happens(Fact::Thought { state: Some(thought.state), wake });
        self.does(thought.effects.into(), self.now);
    }

    /// A new session takes the version that is served; so does the next turn, if open conversations were moved.
    fn move_to_newer_version(&mut self, what: &Happening) {
        let (Some((_, connector)), Some(held)) = (self.connector(), &self.conversation.bot) else { return };
        let Some((version, moves)) =
            self.world.version(connector).filter(|(version, _)| *version != held.version)
        else {
            return;
        };
        let session = self.world.minds.session(&held.version);
        let speaks = matches!(what, Happening::Said(_) | Happening::Other { .. });
        let over = speaks && session.is_none_or(|session| self.now.since(held.last) > session);
        if over || moves > held.moves {
            let (bot, environment) = (held.bot.clone(), connector.deploy_to);
            self.happens(Fact::Pinned { bot, version, environment, moves, anew: false });
        }
    }

    /// What a bot does, one thing after another, until it pauses. `since`: when it began to answer.
    fn does(&mut self, mut effects: Effects, since: Moment) {
        while let Some(effect) = effects.pop_front() {
            if !self.is_ours() || self.conversation.is_over() {
                return; // it has given the conversation away: nothing of it follows
            }
            match effect {
                Effect::Say(message) => self.holder_says(message),
                Effect::Note(text) => {
                    let by = self.conversation.seat().map(|seat| Author::User(seat.user.clone()));
                    self.said(by.unwrap_or(Author::House), Audience::Staff, Content::text(text));
                }
                Effect::Pause(_) if effects.is_empty() => {} // nothing follows
                Effect::Pause(span) => {
                    let until = self.now.after(Span(span.0.min(BLOCKED_MS)));
                    return self.happens(Fact::Paused { since, until, rest: effects.into() });
                }
                Effect::RespondWithin(due) => self.set_due(due),
                Effect::Call { id, integration, with } => {
                    let held = self.conversation.bot.as_ref();
                    let once = held.is_some_and(|held| self.world.minds.once(&held.version, &integration));
                    self.open(Errand::Call { call: id, integration, with: Value::map(with) }, once);
                }
                Effect::Remember { name, value } => self.open(Errand::Remember { name, value }, false),
                Effect::Transfer { id, to, name, wait, fallback } => {
                    self.hand_over(id, to, &name, wait, fallback);
                }
                Effect::Close { survey } => {
                    let by = self.conversation.seat().map(|seat| Author::User(seat.user.clone()));
                    self.close(by.unwrap_or(Author::House), CloseReason::Agent, survey);
                }
                Effect::Log(log) => self.happens(Fact::Logged(log)),
            }
        }
    }

    pub(in crate::platform) fn open(&mut self, what: Errand, once: bool) {
        if self.conversation.effects.len() >= EFFECTS_OPEN_MAX {
            return self.trouble(format!("{EFFECTS_OPEN_MAX} calls that have not come back are the most"));
        }
        self.errands += 1;
        let id = EffectId { turn: self.conversation.turn, number: self.errands };
        let until = self.now.after(Span(EFFECT_PATIENCE_MS));
        self.happens(Fact::Opened(Open { id, what, once, begun: false, until }));
    }

    // ------------------------------------------------------------------------------------------------- hearing

    /// The visitor has said something to a bot: it hears at once, or what comes next as well.
    pub(in crate::platform) fn hear_or_gather(&mut self) {
        let join = self.manners().join;
        let conversation = &self.conversation;
        if conversation.paused.is_some() {
            return; // blocked: it is looked at when the bot has gone on
        }
        if conversation.channel == Channel::Messaging && join > Span(0) && !conversation.in_survey() {
            if conversation.hear_at.is_none() {
                let until = self.now.after(join);
                self.happens(Fact::Gathering { until });
            }
            return;
        }
        self.hear_what_was_said();
    }

    /// The bot hears all that the visitor said meanwhile: words as one, everything else for itself.
    pub(in crate::platform) fn hear_what_was_said(&mut self) {
        let unheard = self.conversation.unheard.clone();
        let too_old = self.manners().too_old;
        let fresh = unheard.iter().any(|unheard| self.now.since(unheard.at) <= too_old);
        if !fresh || !self.is_ours() {
            self.happens(Fact::Unanswered);
            if !unheard.is_empty() {
                self.trouble("what the visitor said has waited for too long, and is not answered");
            }
            return;
        }
        let mut words = String::new();
        let mut heard = Vec::new();
        for unheard in &unheard {
            match unheard.words() {
                Some(text) if words.is_empty() => words.push_str(text),
                Some(text) => {
                    words.push(' ');
                    words.push_str(text);
                }
                None => {
                    if !words.is_empty() {
                        heard.push(Happening::Said(std::mem::take(&mut words)));
                    }
                    heard.push(unheard.what.clone());
                }
            }
        }
        if !words.is_empty() {
            heard.push(Happening::Said(words));
        }
        if heard.is_empty() {
            heard.push(Happening::Said(String::new())); // an empty message is a message too
        }
        for what in heard {
            if self.is_ours() && !self.conversation.is_over() {
                self.hear(what);
            }
        }
    }

    /// The visitor has had time to say more. What they said while the bot speaks is looked at when it has gone on.
    pub(in crate::platform) fn heard_enough(&mut self) {
        match &self.conversation.paused {
            Some(paused) => self.happens(Fact::Gathering { until: paused.until.after(Span(1)) }),
            None => self.hear_what_was_said(),
        }
    }

    /// A turn of the bot came to more than can be kept: it begins anew, and somebody else has the conversation.
    pub(in crate::platform) fn too_large(&mut self) {
        let Some((_, connector)) = self.connector() else { return };
        if let Some(held) = &self.conversation.bot {
            let (bot, version) = (held.bot.clone(), held.version.clone());
            let (environment, moves) = (held.environment, held.moves);
            self.happens(Fact::Pinned { bot, version, environment, moves, anew: true });
        }
        self.give_away(connector, "its turn came to more than can be kept".to_string());
    }

    /// Nobody has said anything: the bot does.
    pub(in crate::platform) fn greet(&mut self) {
        self.hear(Happening::Began);
    }

    pub(in crate::platform) fn wake_bot(&mut self) {
        match self.conversation.bot_listens() && self.is_ours() {
            true => self.hear(Happening::Woke),
            false => self.happens(Fact::Thought { state: None, wake: None }),
        }
    }

    /// The pause is over.
    pub(in crate::platform) fn go_on(&mut self) {
        let Some(paused) = self.conversation.paused.clone() else { return };
        self.happens(Fact::WentOn);
        self.does(paused.rest.into(), paused.since);
        if self.conversation.paused.is_some() || !self.is_ours() {
            return;
        }
        let blocked = |at| at >= paused.since && at <= paused.since.after(Span(BLOCKED_MS));
        let unheard = &self.conversation.unheard;
        if unheard.is_empty() {
            return;
        }
        match unheard.iter().all(|unheard| blocked(unheard.at)) {
            true => self.happens(Fact::Unanswered),
            false => self.hear_what_was_said(),
        }
    }

    /// The house says that something has happened.
    pub(in crate::platform) fn happens_outside(
        &mut self,
        author: Author,
        name: &str,
        data: &Value,
    ) -> Result<Answer, Refusal> {
        self.is_open()?;
        if author != Author::House {
            return Err(Refusal::of(Code::NotAllowed, "name", "only the house says what has happened"));
        }
        fits(name.len() + data.size(), CONTENT_BYTES_MAX, "data")?;
        let reason = Some(data.member("reason").to_string()).filter(|reason| !reason.is_empty());
        match name {
            "escalation failed" if self.conversation.handover.is_some() => {
                self.handover_failed(&reason.unwrap_or_else(|| "timeout".to_string()));
            }
            _ if !self.is_ours() || self.conversation.paused.is_some() => {}
            "escalation failed" => {
                let reason = reason.unwrap_or_else(|| "timeout".to_string());
                self.hear(Happening::EscalationFailed { reason });
            }
            _ => self.hear(Happening::Other { name: name.to_string(), data: data.clone() }),
        }
        Ok(Answer::Done)
    }

    /// The bot is answered.
    pub(in crate::platform) fn answer_bot(&mut self, call: u64, outcome: Outcome) {
        self.hear(Happening::Returned { id: call, outcome });
    }
}
