//! A contact center made for one test: a platform and a store, people who are there, and a clock that is moved by hand.
//!
//! Everything goes in as it would from outside. What the bot did is read off the facts that were kept, in the words of
//! the engine, so that a test compares both alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::connectors::Bots;
use crate::conversation::{
    Audience, Author, Availability, BotName, Channel, CommandId, ConnectorId, Content, ConversationId,
    Effect, Event, Happening, Knowledge, Moment, Outcome, Receiver, SkillId, Span, UserId, Value, VersionId,
    VisitorId,
};
use crate::engine::{self, State};
use crate::platform::{
    Answer, Ask, Caller, Code, Command, Conversation, EffectId, Environment, Errand, Fact, Input, Login,
    Mind, Output, Platform, Record, Refusal, Seat, Talk, keep, remembered,
};
use crate::rehearsal::{Stage, Stopped, Told};
use crate::store::{Memory, Store};

use super::account::{ACCOUNT, BOT, GREETS_AFTER, IDLE, Names, PERSON};
use super::listening::Listening;

/// The visitor of every test.
const VISITOR: &str = "visitor";
/// How long those who are there may say nothing before that is seen to.
const SIGN_OF_LIFE: Span = Span(10_000);
/// How often something may be due while a test waits once: rings that nobody takes come again and again.
const TICKS_MAX: usize = 1_000;
/// After how long something is tried again that was due and did not happen.
const AGAIN: Span = Span(1_000);

/// A contact center, and what a test knows of it.
pub(super) struct ContactCenter<'c> {
    pub(super) stage: &'c Stage<'c>,
    platform: Platform,
    store: Memory,
    bots: Arc<Listening>,
    /// What time it is in the house.
    clock: Moment,
    /// What time it is in the test: when the bot last heard something. Its pauses take no time there.
    pub(super) now: Moment,
    /// When everybody was last known to be there.
    alive: Moment,
    commands: u64,
    conversations: u128,
    logins: BTreeMap<UserId, Login>,
    /// Where the bot is.
    pub(super) state: State,
    /// The newest conversation, as it was kept.
    pub(super) conversation: Option<Arc<Conversation>>,
    /// Calls that somebody is to make: by the number the bot gave them.
    pub(super) calls: BTreeMap<u64, (EffectId, Login)>,
    /// The handover that was told of.
    handed_over: Option<u64>,
    /// Whether the test says that nobody takes what the bot hands over.
    pub(super) nobody_takes: bool,
    /// What came of the last thing that was asked of the platform.
    replied: Option<Result<Answer, Refusal>>,
    /// What the bot did since the test was last told.
    told: Told,
    /// What keeps the test from going on.
    stopped: Option<Stopped>,
}

impl<'c> ContactCenter<'c> {
    // -------------------------------------------------------------------------------------------- opening hours

    /// Opens one where all of them are there, and the bot is served.
    pub(super) fn open(stage: &'c Stage<'c>, names: &Names) -> Result<ContactCenter<'c>, String> {
        let (store, version) = (Memory::new(), VersionId::from("rehearsed"));
        // The bot speaks first when the visitor has been silent for a while: that is over when the test begins.
        let clock = Moment(stage.clock.0.saturating_sub(GREETS_AFTER.0 as i64));
        let known = stage.knowledge.remembered.clone();
        if !known.is_empty() {
            let brought = remembered(ACCOUNT, &VisitorId::from(VISITOR), known);
            store.append(&[brought]).map_err(|failure| failure.to_string())?;
        }
        let served = Bots::new();
        served.put(version.clone(), stage.program.clone());
        let bots = Arc::new(Listening::to(served));
        let account = names.account();
        let platform =
            Platform::open(account, bots.clone(), &store, 1, clock).map_err(|why| why.to_string())?;
        let mut center = ContactCenter {
            stage,
            platform,
            store,
            bots,
            clock,
            now: stage.clock,
            alive: clock,
            commands: 0,
            conversations: 0,
            logins: BTreeMap::new(),
            state: State::default(),
            conversation: None,
            calls: BTreeMap::new(),
            handed_over: None,
            nobody_takes: false,
            replied: None,
            told: Told::default(),
            stopped: None,
        };
        center.forget();
        center.staff(version).map_err(|refusal| refusal.to_string())?;
        Ok(center)
    }

    /// The bot is served, and everybody comes.
    fn staff(&mut self, version: VersionId) -> Result<(), Refusal> {
        let (to, move_open) = (Environment::Demo, false);
        self.command(operator(), Ask::Deploy { bot: BotName::from(BOT), version, to, move_open })?;
        let connectors: Vec<ConnectorId> = self.platform.account().connectors.keys().cloned().collect();
        for connector in connectors {
            self.command(operator(), Ask::Start(connector))?;
        }
        let users: Vec<UserId> = self.platform.account().users.keys().cloned().collect();
        users.iter().try_for_each(|user| self.log_in(user))
    }

    fn log_in(&mut self, user: &UserId) -> Result<(), Refusal> {
        if let Answer::LoggedIn(epoch) = self.command(operator(), Ask::LogIn(user.clone()))? {
            let login = Login { user: user.clone(), epoch };
            self.logins.insert(user.clone(), login.clone());
            if self.platform.account().connector_of(user).is_none() {
                self.command(Caller::User(login), Ask::Be(Availability::Online))?;
            }
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------- what the platform is told

    fn input(&mut self, input: Input) {
        for output in keep(&mut self.platform, &self.store, input, self.clock) {
            match output {
                Output::Happened { record, conversation } => self.note(&record, conversation),
                Output::Perform { what, by, .. } => {
                    if let Errand::Call { call, .. } = what.what {
                        self.calls.insert(call, (what.id, by));
                    }
                }
                Output::Reply { command, result, .. } if command == self.last_command() => {
                    self.replied = Some(result);
                }
                Output::Halt { why } => self.stop(Stopped::Impossible(why)),
                _ => {}
            }
        }
    }

    fn last_command(&self) -> CommandId {
        CommandId::from(self.commands.to_string())
    }

    /// Somebody asks for something.
    pub(super) fn command(&mut self, from: Caller, ask: Ask) -> Result<Answer, Refusal> {
        self.commands += 1;
        self.replied = None;
        let id = self.last_command();
        self.input(Input::Command(Command { id, reply_to: 0, from, ask }));
        let nobody = || Refusal::of(Code::NoStore, "", "the platform does not answer");
        self.replied.take().unwrap_or_else(|| Err(nobody()))
    }

    /// Something is asked for in the conversation.
    pub(super) fn talk(&mut self, from: Caller, talk: Talk) -> Result<(), Stopped> {
        let Some(id) = self.conversation.as_ref().map(|conversation| conversation.id) else {
            return Err(Stopped::Impossible("no conversation has begun".to_string()));
        };
        self.command(from, Ask::In(id, talk)).map(|_| ()).map_err(refused)
    }

    /// The visitor says something.
    pub(super) fn visitor_says(&mut self, content: Content) -> Result<(), Stopped> {
        self.begin()?;
        self.talk(visitor(), Talk::Say { content, audience: Audience::All })
    }

    /// A call comes back.
    pub(super) fn call_returns(&mut self, call: u64, outcome: Outcome) -> Result<(), Stopped> {
        let known = (self.conversation.as_ref().map(|image| image.id), self.calls.remove(&call));
        let (Some(conversation), Some((id, by))) = known else {
            let why = "the platform does not wait for this call any more";
            return Err(Stopped::NotHere(why.to_string()));
        };
        self.input(Input::Returned { conversation, id, by, outcome });
        Ok(())
    }

    /// The visitor comes, unless they are here already. The bot has the conversation then.
    pub(super) fn begin(&mut self) -> Result<(), Stopped> {
        if self.is_open() {
            return Ok(());
        }
        self.conversations += 1;
        // A bot numbers its calls anew in each conversation.
        self.calls.clear();
        self.handed_over = None;
        let Knowledge { visitor: known, conversation, .. } = self.stage.knowledge.clone();
        let mut context = match conversation {
            Value::Map(map) => (*map).clone(),
            _ => BTreeMap::new(),
        };
        context.insert("visitor".to_string(), known);
        let conversation = ConversationId(self.conversations);
        let (channel, skill, context) = (Channel::Messaging, SkillId::from(BOT), Value::map(context));
        let begin = Ask::Begin { conversation, channel, skill, context };
        self.command(visitor(), begin).map_err(refused)?;
        if !self.bot_has_it() {
            return Err(Stopped::Impossible("the bot did not get the conversation".to_string()));
        }
        // What the bot does when it learns whom it talks to belongs to no line of a test.
        self.told();
        Ok(())
    }

    /// It begins without a message: the visitor came, and said nothing.
    pub(super) fn greet(&mut self) -> Result<(), Stopped> {
        if self.is_open() {
            return Ok(());
        }
        self.clock = self.clock.max(Moment(self.now.0.saturating_sub(GREETS_AFTER.0 as i64)));
        self.begin()?;
        let greets = self.conversation.as_ref().and_then(|image| image.greet_at);
        self.clock = self.clock.max(greets.unwrap_or(self.clock));
        self.input(Input::Tick);
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------------ time

    /// Something is about to happen: it is as late in the house as in the test.
    pub(super) fn arrive(&mut self) {
        self.pass(self.now);
        self.clock = self.clock.max(self.now);
    }

    /// The bot goes on after its pauses.
    pub(super) fn pauses(&mut self) {
        let paused = |image: &Arc<Conversation>| Some((image.turn, image.paused.as_ref()?.until));
        let mut before = None;
        while let Some((turn, until)) = self.conversation.as_ref().and_then(paused) {
            if before.replace(turn) == Some(turn) {
                return; // it does not go on
            }
            self.clock = self.clock.max(until);
            self.input(Input::Tick);
        }
    }

    /// Time passes until there is something to tell, and when that was; nothing, if there is nothing up to this moment.
    pub(super) fn wait(&mut self, end: Moment) -> Option<Moment> {
        let image = self.conversation.as_ref().filter(|image| !image.is_over())?;
        let (mut turn, mut due) = (image.turn, image.wake(IDLE));
        let mut ticks = 0;
        while let Some(at) = due.map(|due| due.max(self.clock)).filter(|at| *at <= end) {
            ticks += 1;
            if ticks > TICKS_MAX {
                let why =
                    format!("the platform does more than {TICKS_MAX} things while nobody says anything");
                self.stop(Stopped::NotHere(why));
                return Some(self.clock);
            }
            self.pass(at);
            self.clock = self.clock.max(at);
            self.input(Input::Tick);
            if self.has_something_to_tell() {
                let at = self.clock;
                self.pauses();
                return Some(at);
            }
            let image = self.conversation.as_ref()?;
            due = match image.turn > turn {
                true => image.wake(IDLE),
                false => Some(self.clock.after(AGAIN)),
            };
            turn = image.turn;
        }
        None
    }

    /// Time passes in which nothing is due. Whoever has the conversation stays; the others are gone meanwhile, and back.
    fn pass(&mut self, to: Moment) {
        if to.since(self.alive) <= SIGN_OF_LIFE {
            return;
        }
        self.clock = self.clock.max(Moment(to.0.saturating_sub(1)));
        let ring = || self.conversation.as_ref()?.queue()?.ring.as_ref().map(|ring| &ring.user);
        let needed = self.seat().map(|seat| &seat.user).or_else(ring).cloned();
        let needed = needed.unwrap_or_else(|| UserId::from(BOT));
        // The first to speak is there before anybody looks who has been silent.
        self.lives(&needed);
        let others: Vec<UserId> = self.logins.keys().filter(|user| **user != needed).cloned().collect();
        for user in others {
            if let Err(refusal) = self.log_in(&user) {
                self.stop(Stopped::Impossible(refusal.to_string()));
            }
        }
        self.alive = self.clock;
    }

    fn lives(&mut self, user: &UserId) {
        if let Some(login) = self.logins.get(user).cloned()
            && let Err(refusal) = self.command(Caller::User(login), Ask::Alive)
        {
            self.stop(Stopped::Impossible(refusal.to_string()));
        }
    }

    // --------------------------------------------------------------------------------------------- who has it

    /// Whether there is a conversation that is not over.
    pub(super) fn is_open(&self) -> bool {
        self.conversation.as_ref().is_some_and(|image| !image.is_over())
    }

    /// Who has it.
    pub(super) fn seat(&self) -> Option<&Seat> {
        self.conversation.as_ref()?.seat()
    }

    /// Whether the bot has it.
    pub(super) fn bot_has_it(&self) -> bool {
        self.seat().is_some_and(|seat| seat.user.as_str() == BOT)
    }

    /// Whether the bot has handed it over, and nobody has taken it.
    pub(super) fn is_handed_over(&self) -> bool {
        self.conversation.as_ref().is_some_and(|image| image.handover.is_some())
    }

    /// Somebody, by their newest login.
    pub(super) fn user(&self, user: &UserId) -> Caller {
        let none = || Login { user: user.clone(), epoch: 0 };
        Caller::User(self.logins.get(user).cloned().unwrap_or_else(none))
    }

    /// The person who takes what nobody else is meant for.
    pub(super) fn person(&self) -> Caller {
        self.user(&UserId::from(PERSON))
    }

    // ----------------------------------------------------------------------------------------- what came of it

    /// What was kept, in the words of the engine.
    fn note(&mut self, record: &Record, image: Arc<Conversation>) {
        let of_bot = |by: &Author| matches!(by, Author::User(user) if user.as_str() == BOT);
        let mut queued: Option<(&SkillId, Option<&UserId>)> = None;
        for fact in &record.facts {
            let effect = match fact {
                Fact::Heard(_) => {
                    self.now = self.now.max(record.at);
                    continue;
                }
                Fact::Said { by, audience: Audience::All, content: Content::Message(message), .. }
                    if of_bot(by) =>
                {
                    Effect::Say(message.clone())
                }
                Fact::Said { by, audience: Audience::Staff, content: Content::Message(message), .. }
                    if of_bot(by) =>
                {
                    Effect::Note(message.to_text())
                }
                Fact::Logged(log) => Effect::Log(log.clone()),
                Fact::Paused { until, .. } => Effect::Pause(until.since(record.at)),
                Fact::Opened(open) => match &open.what {
                    Errand::Call { call, integration, with } => {
                        let with = match with {
                            Value::Map(with) => (**with).clone(),
                            _ => BTreeMap::new(),
                        };
                        Effect::Call { id: *call, integration: integration.clone(), with }
                    }
                    Errand::Remember { name, value } => {
                        Effect::Remember { name: name.clone(), value: value.clone() }
                    }
                },
                Fact::Queued { skill, directed, .. } => {
                    queued = Some((skill, directed.as_ref()));
                    continue;
                }
                Fact::HandedOver { call: Some(id), .. } if self.handed_over != Some(*id) => {
                    self.handed_over = Some(*id);
                    let Some((skill, directed)) = queued else { continue };
                    let (to, name) = self.receiver(skill, directed);
                    Effect::Transfer { id: *id, to, name, wait: None, fallback: None }
                }
                Fact::HandoverEnded { taken: false } if !self.nobody_takes => {
                    let why = "nobody has taken the conversation in time, and the platform has given it back to \
                               the bot: write `agent: [away]` where that is meant";
                    self.stop(Stopped::NotHere(why.to_string()));
                    continue;
                }
                Fact::DialogClosed { by, .. } if of_bot(by) => {
                    Effect::Close { survey: self.bots.overheard().survey }
                }
                Fact::Returned { id, .. } if self.waits_for(*id) => {
                    let why = "the platform has given the call up, as nothing was heard of it for so long";
                    self.stop(Stopped::NotHere(why.to_string()));
                    continue;
                }
                _ => continue,
            };
            self.told.effects.push(effect);
        }
        if let Some(state) = image.bot.as_ref().and_then(|bot| bot.state.as_ref()) {
            (self.state, _) = State::read(state.0.get().as_bytes());
        }
        self.conversation = Some(image);
        let overheard = std::mem::take(&mut self.bots.overheard().told);
        self.told.trace.extend(overheard.trace);
        self.told.private.extend(overheard.private);
    }

    /// Whether a call is still to be answered by the test.
    fn waits_for(&self, id: EffectId) -> bool {
        self.calls.values().any(|(call, _)| *call == id)
    }

    /// Whom a conversation waits for, as the bot has named them.
    fn receiver(&self, skill: &SkillId, directed: Option<&UserId>) -> (Receiver, String) {
        let Some(user) = directed else { return (Receiver::Skill, skill.to_string()) };
        match self.platform.account().connector_of(user) {
            Some((_, connector)) => {
                let (Mind::Ours(bot) | Mind::Theirs(bot)) = &connector.mind;
                (Receiver::Bot, bot.to_string())
            }
            None => (Receiver::Agent, user.to_string()),
        }
    }

    /// Whether the bot has heard or done something that the test has not been told of.
    fn has_something_to_tell(&self) -> bool {
        !self.told.effects.is_empty() || !self.told.trace.is_empty() || self.stopped.is_some()
    }

    /// What the bot did, told once.
    pub(super) fn told(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }

    /// The same, unless something keeps the test from going on.
    pub(super) fn tell(&mut self) -> Result<Told, Stopped> {
        match self.stopped.take() {
            Some(stopped) => Err(stopped),
            None => Ok(self.told()),
        }
    }

    /// Whom the bot has named so far.
    pub(super) fn named(&self) -> Vec<(Receiver, String)> {
        self.bots.overheard().named.clone()
    }

    /// Whether something keeps the test from going on.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    fn stop(&mut self, why: Stopped) {
        self.stopped.get_or_insert(why);
    }

    /// Nothing is known of a conversation that a person has closed, but what is kept for good.
    pub(super) fn forget(&mut self) {
        let knowledge = self.stage.knowledge.clone();
        let remembered = match &self.conversation {
            Some(_) => self.state.remembered().clone(),
            None => knowledge.remembered.clone(),
        };
        let event = Event { at: self.now, what: Happening::Knows(Knowledge { remembered, ..knowledge }) };
        self.state = engine::step(self.stage.program, State::default(), &event).state;
    }
}

/// Whoever runs the house.
pub(super) fn operator() -> Caller {
    Caller::Operator(UserId::from("operator"))
}

/// The visitor.
fn visitor() -> Caller {
    Caller::Visitor(VisitorId::from(VISITOR))
}

/// Why something was not done. What is too large for a platform is not so for a bot by itself.
fn refused(refusal: Refusal) -> Stopped {
    match refusal.code {
        Code::TooLarge => Stopped::NotHere(format!("the platform does not take it: {}", refusal.sentence)),
        _ => Stopped::Impossible(format!("the platform does not do it: {}", refusal.sentence)),
    }
}
