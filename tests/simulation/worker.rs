//! Those who work here: people, and the processes behind connectors. They come and go, fall silent, answer late, twice or
//! never; what they do about a conversation they decide when they see it.

use std::collections::BTreeSet;

use parlor::conversation::{
    Audience, Author, Availability, ConnectorId, Content, ConversationId, Moment, Outcome, Role, SkillId,
    Span, UserId, Value,
};
use parlor::platform::{
    Answer, Ask, Caller, Conversation, EffectId, Fact, Input, Login, Mind, Open, Refusal, Talk, To,
};

use crate::dice::Dice;
use crate::house::{Event, House, Who, short};
use crate::scenario::{Scenario, Serving, Working};

/// Milliseconds between two signs of life.
const PERSON_BEAT_MS: u64 = 20_000;
const CONNECTOR_BEAT_MS: u64 = 5_000;

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Person,
    /// The process behind a connector of ours: it performs calls.
    Ours,
    /// Somebody else's bot.
    Theirs,
}

/// Somebody who works here.
#[derive(Debug)]
pub struct Worker {
    user: UserId,
    kind: Kind,
    connector: Option<ConnectorId>,
    login: Option<u64>,
    /// Whether a login was asked for.
    coming: bool,
    /// Whether they want to be here.
    wants: Option<Availability>,
    silent_until: Moment,
    /// The links of a connector.
    links: (bool, bool),
    /// Rings they have made up their minds about, and times they got a conversation.
    minded: BTreeSet<(ConversationId, u64)>,
    beating: bool,
}

/// What a worker has made up their mind to do.
#[derive(Debug, Clone)]
pub enum Acting {
    /// Comes, if they are not here.
    Comes,
    /// Says in what availability they are, or how their links are.
    Reports,
    /// Takes what rings.
    Accepts(ConversationId, u64),
    /// Lets it ring elsewhere.
    Rejects(ConversationId, u64),
    /// Says something.
    Says(ConversationId),
    /// Gives it away.
    Transfers(ConversationId),
    /// Ends it.
    Closes(ConversationId),
    /// What was done outside comes back well or badly, in the login it was asked of.
    Returns(ConversationId, EffectId, Login, bool),
    /// Says one more thing in a login that has ended.
    SpeaksStale(Login),
}

impl Worker {
    /// All of them: people first, then connectors.
    pub fn all(scenario: &Scenario) -> Vec<Worker> {
        let new = |user: &UserId, kind, connector| Worker {
            user: user.clone(),
            kind,
            connector,
            login: None,
            coming: false,
            wants: None,
            silent_until: Moment(0),
            links: (true, true),
            minded: BTreeSet::new(),
            beating: false,
        };
        let people = scenario.agents.iter().map(|agent| new(agent, Kind::Person, None));
        let connectors = scenario.account.connectors.iter().map(|(id, connector)| {
            let kind = match connector.mind {
                Mind::Ours(_) => Kind::Ours,
                Mind::Theirs(_) => Kind::Theirs,
            };
            new(&connector.user, kind, Some(id.clone()))
        });
        people.chain(connectors).collect()
    }

    fn here(&self, now: Moment) -> Option<Login> {
        let epoch = self.login.filter(|_| now >= self.silent_until)?;
        Some(Login { user: self.user.clone(), epoch })
    }
}

impl House<'_> {
    fn worker_of(&self, user: &UserId) -> Option<usize> {
        self.workers.iter().position(|worker| worker.user == *user)
    }

    /// Dice for what a worker does about something.
    fn mind(&self, names: &[u64]) -> Dice {
        Dice::of(&[&[self.scenario.seed, 3], names].concat())
    }

    // --------------------------------------------------------------------------------------- what was set out to do

    /// A person does something by themselves.
    pub fn agent_does(&mut self, number: usize, working: &Working) {
        let now = self.now;
        let login = self.workers[number].here(now);
        let held = |house: &House<'_>, all: bool| {
            let floor =
                house.platform.as_ref().map(|platform| platform.floor().picture()).unwrap_or_default();
            let own = floor.holds.into_iter().filter(|(user, _)| all || *user == house.workers[number].user);
            own.flat_map(|(_, held)| held).next()
        };
        match (working, login) {
            (Working::LogsIn, None) => {
                self.workers[number].wants = Some(Availability::Online);
                self.comes(number);
            }
            (Working::LogsInTwice, _) => {
                let stale = self.workers[number].here(now);
                self.workers[number].wants = Some(Availability::Online);
                self.workers[number].coming = false;
                self.comes(number);
                if let Some(stale) = stale {
                    self.later(Span(2_000), Event::Acts(number, Acting::SpeaksStale(stale)));
                }
            }
            (Working::FallsSilent(span), _) => self.falls_silent(number, *span),
            (_, None) => {}
            (Working::LogsIn, Some(_)) => {}
            (Working::LogsOut, Some(login)) => {
                self.workers[number].wants = None;
                self.send(Who::Worker(number), Caller::User(login), Ask::LogOut, None, 1);
            }
            (Working::Is(availability), Some(login)) => {
                self.workers[number].wants = Some(*availability);
                self.send(Who::Worker(number), Caller::User(login), Ask::Be(*availability), None, 1);
            }
            (Working::Takes, Some(login)) => {
                // Out of the queue, and now and then what somebody else has already.
                let floor =
                    self.platform.as_ref().map(|platform| platform.floor().picture()).unwrap_or_default();
                let first = floor.lines.into_values().flatten().next().or_else(|| held(self, true));
                if let Some(id) = first {
                    self.send(Who::Worker(number), Caller::User(login), Ask::In(id, Talk::Take), None, 2);
                }
            }
            (Working::Transfers, Some(_)) => {
                if let Some(id) = held(self, number == 0) {
                    self.acts(number, Acting::Transfers(id));
                }
            }
            (Working::Closes, Some(_)) => {
                if let Some(id) = held(self, number == 0) {
                    self.acts(number, Acting::Closes(id));
                }
            }
            (Working::StepsIn, Some(login)) => {
                if let Some(id) = held(self, true) {
                    let from = Caller::User(login);
                    let join = Ask::In(id, Talk::Join(Role::Manager));
                    self.send(Who::Worker(number), from.clone(), join, None, 1);
                    let words = self.words(number, Audience::Staff);
                    self.send(Who::Worker(number), from.clone(), Ask::In(id, words), None, 2);
                    self.send(Who::Worker(number), from, Ask::In(id, Talk::Leave), None, 1);
                }
            }
        }
    }

    /// A connector fares so.
    pub fn connector_fares(&mut self, number: usize, serving: &Serving) {
        let number = self.scenario.agents.len() + number;
        match serving {
            Serving::FallsSilent(span) => self.falls_silent(number, *span),
            Serving::Links { service, vendor } => {
                self.workers[number].links = (*service, *vendor);
                self.acts(number, Acting::Reports);
            }
        }
    }

    fn falls_silent(&mut self, number: usize, span: Span) {
        self.workers[number].silent_until = self.now.after(span);
        self.later(span, Event::Beats(Who::Worker(number)));
        self.later(Span(span.0 + 10), Event::Acts(number, Acting::Comes));
    }

    // ------------------------------------------------------------------------------------------------- coming, going

    /// Somebody logs in, unless they are about to already.
    fn comes(&mut self, number: usize) {
        let worker = &mut self.workers[number];
        if worker.coming || self.left || self.now < worker.silent_until {
            return;
        }
        worker.coming = true;
        let (door, user) = (Caller::Operator(UserId::from("door")), worker.user.clone());
        self.send(Who::Worker(number), door, Ask::LogIn(user), None, 1);
    }

    /// A worker is answered.
    pub fn worker_is_answered(&mut self, number: usize, ask: &Ask, answer: &Result<Answer, Refusal>) {
        match (ask, answer) {
            (Ask::LogIn(_), Ok(Answer::LoggedIn(epoch))) => {
                let worker = &mut self.workers[number];
                worker.coming = false;
                worker.login = worker.login.max(Some(*epoch));
                if !std::mem::replace(&mut worker.beating, true) {
                    self.beats(Who::Worker(number));
                }
                self.acts(number, Acting::Reports);
            }
            (Ask::LogIn(_), _) => self.workers[number].coming = false,
            _ => {}
        }
    }

    /// Word of somebody's login and availability.
    pub fn worker_is(&mut self, login: &Login, availability: Availability) {
        self.note(|| format!("{} is {availability:?} in login {}", login.user, login.epoch));
        let Some(number) = self.worker_of(&login.user) else { return };
        let mut dice = self.mind(&[1, number as u64, login.epoch, self.now.0 as u64]);
        let worker = &mut self.workers[number];
        if worker.login.is_some_and(|own| own < login.epoch) {
            worker.login = None; // the socket closes
            if worker.wants.is_some() || worker.kind != Kind::Person {
                self.later(dice.span(100, 8_000), Event::Acts(number, Acting::Comes));
            }
        } else if worker.kind == Kind::Person
            && availability == Availability::Away
            && worker.wants == Some(Availability::Online)
        {
            self.later(dice.span(500, 20_000), Event::Acts(number, Acting::Reports));
        }
    }

    /// The house has gone down, and with it the processes behind connectors of ours, which are part of it. Everybody else
    /// goes on in the login they have.
    pub fn workers_lose_touch(&mut self) {
        for worker in self.workers.iter_mut().filter(|worker| worker.kind == Kind::Ours) {
            (worker.login, worker.coming) = (None, false);
        }
    }

    /// Whether somebody is there in the newest login, and knows it.
    pub fn is_here(&self, user: &UserId) -> bool {
        let own = self.workers.iter().find(|worker| worker.user == *user).and_then(|worker| worker.login);
        self.is_there(user).is_some_and(|login| own == Some(login.epoch))
    }

    /// A connector is to be brought up.
    pub fn worker_is_brought_up(&mut self, connector: &ConnectorId) {
        let number = self.workers.iter().position(|worker| worker.connector.as_ref() == Some(connector));
        let Some(number) = number else { return };
        let mut dice = self.mind(&[2, number as u64, self.now.0 as u64]);
        if dice.chance(70) {
            self.workers[number].links = (true, true);
        }
        let acting = if self.workers[number].login.is_some() { Acting::Reports } else { Acting::Comes };
        self.later(dice.span(20, 500), Event::Acts(number, acting));
    }

    /// What thinks for a connector is asked whether it is there.
    pub fn worker_is_probed(&mut self, connector: &ConnectorId) {
        self.worker_is_brought_up(connector);
    }

    /// Somebody says that they are there.
    pub fn beats(&mut self, who: Who) {
        let Who::Worker(number) = who else {
            if let Who::Visitor(number) = who {
                self.visitor_beats(number);
            }
            return;
        };
        let worker = &self.workers[number];
        if self.left || worker.login.is_none() {
            self.workers[number].beating = false;
            return;
        }
        let pause = if worker.kind == Kind::Person { PERSON_BEAT_MS } else { CONNECTOR_BEAT_MS };
        if let Some(login) = worker.here(self.now) {
            self.whisper(Caller::User(login), Ask::Alive);
        }
        self.later(Span(pause), Event::Beats(who));
    }

    // ----------------------------------------------------------------------------------------------- conversations

    /// Everybody sees that something has happened to a conversation, and makes up their mind.
    pub fn workers_see(&mut self, facts: &[Fact], conversation: &Conversation) {
        if let Some(ring) = conversation.queue().and_then(|queue| queue.ring.as_ref())
            && let Some(number) = self.worker_of(&ring.user)
        {
            self.rings_at(number, conversation.id, ring.number, ring.until);
        }
        if let Some(seat) = conversation.seat()
            && let Some(number) = self.worker_of(&seat.user)
        {
            let spoken = facts.iter().any(|fact| matches!(fact, Fact::Said { by: Author::Visitor, .. }));
            let seated = facts.iter().any(|fact| matches!(fact, Fact::Seated { .. }));
            if spoken || seated {
                self.has(number, conversation, spoken);
            }
        }
    }

    /// The house is open again: everybody looks at what there is.
    pub fn workers_look_around(&mut self) {
        let open: BTreeSet<ConversationId> = self.visitors.iter().map(|visitor| visitor.id).collect();
        for id in open {
            if let Some(conversation) = self.kept(id).filter(|conversation| !conversation.is_over()) {
                self.workers_see(&[], &conversation);
            }
        }
        for number in 0..self.workers.len() {
            let worker = &self.workers[number];
            if worker.kind == Kind::Ours {
                let mut dice = self.mind(&[10, number as u64, self.now.0 as u64]);
                // A few do not come back, and are missed.
                let soon = if dice.chance(90) { dice.span(20, 3_000) } else { dice.span(20_000, 60_000) };
                self.later(soon, Event::Acts(number, Acting::Comes));
            } else if worker.links != (true, true) {
                self.acts(number, Acting::Reports);
            }
        }
    }

    fn rings_at(&mut self, number: usize, id: ConversationId, ring: u64, until: Moment) {
        let worker = &mut self.workers[number];
        if self.left || worker.here(self.now).is_none() || !worker.minded.insert((id, ring)) {
            return;
        }
        let theirs = worker.kind == Kind::Theirs;
        let mut dice = self.mind(&[4, number as u64, id.0 as u64, ring]);
        let soon = dice.later(self.now, 50, if theirs { 500 } else { 5_000 });
        let accepts = Event::Acts(number, Acting::Accepts(id, ring));
        match dice.below(if theirs { 12 } else { 20 }) {
            0 => self.at(dice.later(Moment(until.0 - 70), 0, 80), None, accepts), // at the last moment
            1 => self.at(soon, None, Event::Acts(number, Acting::Rejects(id, ring))),
            2 => {
                self.at(soon, None, accepts.clone());
                self.at(soon, None, accepts);
            }
            3 => {
                self.at(soon, None, accepts);
                self.at(soon, None, Event::Acts(number, Acting::Rejects(id, ring)));
            }
            12..=14 => {} // lets it ring
            15 => self.at(soon, None, Event::Acts(number, Acting::Accepts(id, ring.wrapping_sub(1)))),
            _ => self.at(soon, None, accepts),
        }
    }

    /// Somebody has a conversation, and the visitor has spoken, or it has just come.
    fn has(&mut self, number: usize, conversation: &Conversation, spoken: bool) {
        let worker = &self.workers[number];
        if self.left || worker.kind == Kind::Ours || worker.here(self.now).is_none() {
            return;
        }
        let (id, theirs) = (conversation.id, worker.kind == Kind::Theirs);
        let mut dice = self.mind(&[5, number as u64, id.0 as u64, conversation.turn]);
        let soon = dice.span(100, if theirs { 2_000 } else { 8_000 });
        let what = match dice.below(24) {
            0 | 1 => Acting::Closes(id),
            2 | 3 => Acting::Transfers(id),
            4 | 5 => return,
            6 | 7 if theirs => {
                // Later than anybody waits.
                let late = dice.span(5_000, 150_000);
                return self.later(late, Event::Acts(number, Acting::Says(id)));
            }
            8 => {
                self.later(soon, Event::Acts(number, Acting::Says(id)));
                Acting::Says(id)
            }
            _ if spoken => Acting::Says(id),
            _ => return,
        };
        self.later(soon, Event::Acts(number, what));
    }

    /// Somebody else's bot is given a message again.
    pub fn worker_is_asked_again(&mut self, id: ConversationId, user: &UserId) {
        let Some(number) = self.worker_of(user) else { return };
        self.note(|| format!("resend to {user}"));
        let mut dice = self.mind(&[6, number as u64, id.0 as u64, self.now.0 as u64]);
        if dice.chance(60) {
            self.later(dice.span(50, 5_000), Event::Acts(number, Acting::Says(id)));
        }
    }

    /// The process behind a connector does something outside; it comes back once, late, twice or never.
    pub fn worker_performs(&mut self, id: ConversationId, open: &Open, by: Login) {
        let Some(number) = self.worker_of(&by.user) else { return };
        if self.now < self.workers[number].silent_until && open.once {
            return;
        }
        let mut dice = self.mind(&[7, number as u64, id.0 as u64, open.id.turn, self.now.0 as u64]);
        let returns = Event::Acts(number, Acting::Returns(id, open.id, by, dice.chance(70)));
        match dice.below(10) {
            0 => {}
            1 => self.later(dice.span(5_000, 200_000), returns),
            2 => {
                self.later(dice.span(10, 3_000), returns.clone());
                self.later(dice.span(10, 60_000), returns);
            }
            _ => self.later(dice.span(10, 3_000), returns),
        }
    }

    fn words(&self, number: usize, audience: Audience) -> Talk {
        let content = Content::text(format!("I see. ({number}.{})", self.witness.sent.len()));
        Talk::Say { content, audience }
    }

    /// A worker does what they have made up their mind to.
    pub fn acts(&mut self, number: usize, acting: Acting) {
        if let Acting::Returns(conversation, id, by, well) = acting {
            self.note(|| format!("{by:?} returns {id} of {}", short(conversation)));
            // Every outcome is one of its kind, so that it is known which one was heard.
            let body = Value::text(self.witness.returns(conversation, &by));
            let outcome = match well {
                true => Outcome::Success { status: 200, body },
                false => Outcome::Failure { reason: "status".to_string(), status: 500, body },
            };
            let input = Input::Returned { conversation, id, by, outcome };
            return self.at(self.now.after(Span(5)), None, Event::Arrives(input));
        }
        if self.left {
            return;
        }
        if let Acting::SpeaksStale(login) = acting {
            self.send(Who::Worker(number), Caller::User(login), Ask::Be(Availability::Online), None, 1);
            return;
        }
        let worker = &self.workers[number];
        let Some(login) = worker.here(self.now) else {
            let wanted = worker.wants.is_some() || worker.kind != Kind::Person;
            if matches!(acting, Acting::Comes) && wanted && worker.login.is_none() {
                self.comes(number);
            }
            return;
        };
        let (kind, wants, links) = (worker.kind, worker.wants, worker.links);
        let from = Caller::User(login);
        let ask = match acting {
            Acting::Reports if kind == Kind::Person => Ask::Be(wants.unwrap_or(Availability::Away)),
            Acting::Reports => Ask::Report { service: links.0, vendor: links.1 },
            Acting::Accepts(id, ring) => Ask::In(id, Talk::Accept { ring }),
            Acting::Rejects(id, ring) => Ask::In(id, Talk::Reject { ring }),
            Acting::Says(id) => {
                let words = self.words(number, Audience::All);
                Ask::In(id, words)
            }
            Acting::Closes(id) => Ask::In(id, Talk::Close { survey: id.0 % 2 == 0 }),
            Acting::Transfers(id) => {
                let mut dice = self.mind(&[8, number as u64, id.0 as u64, self.now.0 as u64]);
                let skill = SkillId::from(*dice.pick(&["people", "people", "experts", "bots", "vendors"]));
                let to = match dice.below(3) {
                    0 => To::Skill(skill),
                    1 => To::User(
                        self.workers[dice.below(self.workers.len() as u64) as usize].user.clone(),
                        skill,
                    ),
                    _ => To::Queue,
                };
                Ask::In(id, Talk::Transfer(to))
            }
            Acting::Comes | Acting::Returns(..) | Acting::SpeaksStale(_) => return,
        };
        let mut dice = self.mind(&[9, number as u64, self.witness.sent.len() as u64]);
        let copies = if dice.chance(10) { 2 } else { 1 };
        self.send(Who::Worker(number), from, ask, None, copies);
    }
}
