//! How inputs become turns, turns become appends, and appends that are durable become what leaves the house.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::conversation::{
    Availability, BotName, Channel, CommandId, ConnectorId, ConversationId, Moment, Span, UserId, Value,
    VisitorId,
};
use crate::store::{self, Append, Kept, Key};

use super::account::{Account, Mind};
use super::audit::Audit;
use super::connector::{Links, RunState, Switch, Wanted};
use super::conversation::Conversation;
use super::deployed::{Deployed, Deployments, Release};
use super::fact::{Answer, EffectId, Errand, Fact, Record, RingEnd};
use super::floor::{Floor, Presence};
use super::input::{Ask, Caller, Command, Input, Login, Talk};
use super::ledger::{Ledger, Next, Pending, Settled, Small};
use super::limits::*;
use super::mind::Minds;
use super::output::{Output, Ticket};
use super::refusal::{Code, Refusal};
use super::setup::Setup;
use super::take_turn::{What, World, act, act_again, take_turn};
use super::user::{self, Comes};
use super::visitor::{Memory, Visitor};

/// A small record's ledger.
type Ledgers<T> = Ledger<<T as Small>::Id, T, Wish<<T as Small>::Ask>, Answer>;

/// One account, as it runs.
pub struct Platform {
    pub(super) account: Account,
    pub(super) minds: Arc<dyn Minds + Send + Sync>,
    pub(super) writer: u64,
    pub(super) now: Moment,
    pub(super) free_space: u64,
    pub(super) floor: Floor,
    pub(super) deployed: Deployments,
    pub(super) conversations: Ledger<ConversationId, Conversation, Asked, Turned>,
    pub(super) users: Ledgers<user::Presence>,
    pub(super) visitors: Ledgers<Visitor>,
    pub(super) switches: Ledgers<Switch>,
    pub(super) bots: Ledgers<Deployed>,
    pub(super) audit: Ledgers<Audit>,
    pub(super) setup: Ledgers<Setup>,
    pub(super) wanted: BTreeMap<ConnectorId, Wanted>,
    pub(super) links: BTreeMap<ConnectorId, Links>,
    runs: HashMap<ConnectorId, RunState>,
    timers: BTreeSet<(Moment, Timer)>,
    wakes: HashMap<ConversationId, Moment>,
    /// When somebody was last heard of: users by name, visitors by their chat.
    alive: HashMap<Timer, Moment>,
    tickets: HashMap<Ticket, Subject>,
    last_ticket: u64,
    /// Records that may have something to do.
    work: VecDeque<Subject>,
    out: Vec<Output>,
    /// Where turns are written before it is known how long they are.
    scratch: Vec<u8>,
    halted: Option<String>,
}

/// Something asked of a conversation, and whom to answer.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    what: What,
    reply: Option<Reply>,
}

/// Something asked of a small record, and whom to answer.
#[derive(Debug, Clone)]
pub(super) struct Wish<A> {
    ask: A,
    reply: Option<Reply>,
    /// A line for the audit log.
    line: Option<(UserId, String)>,
    /// What waits for it: a conversation that begins, or an effect that is done by it.
    then: Then,
}

#[derive(Debug, Clone)]
enum Then {
    Nothing,
    Begin(Box<Command>),
    Done(ConversationId, EffectId),
}

/// Whom a command's answer goes to.
#[derive(Debug, Clone)]
struct Reply {
    to: u64,
    command: CommandId,
}

/// What a conversation's turn was, until it is durable.
#[derive(Debug)]
pub(super) struct Turned {
    record: Arc<Record>,
    answer: Answer,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Conversation(ConversationId),
    User(UserId),
    Visitor(VisitorId),
    Switch(ConnectorId),
    Bot(BotName),
    Audit,
    Setup,
}

/// Something that time does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Timer {
    Conversation(ConversationId),
    Visitor(ConversationId),
    User(UserId),
    Connector(ConnectorId),
}

impl Platform {
    pub(super) fn new(
        account: Account,
        minds: Arc<dyn Minds + Send + Sync>,
        writer: u64,
        now: Moment,
    ) -> Platform {
        let mut floor = Floor::default();
        floor.set_up(&account);
        Platform {
            account,
            minds,
            writer,
            now,
            free_space: u64::MAX,
            floor,
            deployed: Deployments::default(),
            conversations: Ledger::new(RESIDENT_MAX),
            users: Ledger::new(usize::MAX),
            visitors: Ledger::new(VISITORS_RESIDENT_MAX),
            switches: Ledger::new(usize::MAX),
            bots: Ledger::new(usize::MAX),
            audit: Ledger::new(usize::MAX),
            setup: Ledger::new(usize::MAX),
            wanted: BTreeMap::new(),
            links: BTreeMap::new(),
            runs: HashMap::new(),
            timers: BTreeSet::new(),
            wakes: HashMap::new(),
            alive: HashMap::new(),
            tickets: HashMap::new(),
            last_ticket: 0,
            work: VecDeque::new(),
            out: Vec::new(),
            scratch: Vec::new(),
            halted: None,
        }
    }

    /// Something happens. What is to be done about it, in this order; nothing of a turn before it is durable.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        self.now = self.now.max(now);
        if let Some(why) = &self.halted {
            // Nothing is acknowledged any more.
            return match input {
                Input::Command(command) => {
                    let refusal = Refusal::of(Code::NoStore, "", format!("nothing can be kept: {why}"));
                    vec![Output::Reply { to: command.reply_to, command: command.id, result: Err(refusal) }]
                }
                _ => Vec::new(),
            };
        }
        match input {
            Input::Command(command) => self.command(command),
            Input::Stored { ticket, outcome } => self.stored(ticket, outcome),
            Input::Read { ticket, kept } => self.was_read(ticket, kept),
            Input::StoreFailed(failure) => {
                let why = failure.to_string();
                self.out.clear();
                self.halted = Some(why.clone());
                return vec![Output::Halt { why }];
            }
            Input::Returned { conversation, id, by, outcome } => {
                self.tell(conversation, What::Returned { id, by, outcome });
            }
            Input::FreeSpace(bytes) => self.free_space = bytes,
            Input::Tick => {}
        }
        self.let_time_pass();
        self.work();
        std::mem::take(&mut self.out)
    }

    /// When it wants to be told that time has passed.
    pub fn next_wake(&self) -> Option<Moment> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// How the account is set up.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Who is there and what waits.
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// The state of a connector.
    pub fn run_state(&self, connector: &ConnectorId) -> RunState {
        self.runs.get(connector).copied().unwrap_or_default()
    }

    /// A conversation as it is kept, if it is in memory.
    pub fn conversation(&self, id: ConversationId) -> Option<&Arc<Conversation>> {
        self.conversations.image(&id)
    }

    /// The newest login of a user who is there.
    fn login(&self, user: &UserId) -> Option<Login> {
        let presence = self.floor.presence(user)?;
        (presence.availability != Availability::Offline)
            .then(|| Login { user: user.clone(), epoch: presence.epoch })
    }

    // ------------------------------------------------------------------------------------------------ commands

    fn command(&mut self, command: Command) {
        let reply = Reply { to: command.reply_to, command: command.id.clone() };
        if let Err(refusal) = self.take_command(command) {
            self.answer(Some(reply), Err(refusal));
        }
    }

    fn take_command(&mut self, command: Command) -> Result<(), Refusal> {
        if !command.id.is_sound() {
            return Err(Refusal::of(
                Code::NotValid,
                "id",
                "a command's name is 1 to 128 letters without controls",
            ));
        }
        let reply = Some(Reply { to: command.reply_to, command: command.id.clone() });
        if let Caller::User(login) = &command.from {
            self.world().newest(login)?;
            self.alive.insert(Timer::User(login.user.clone()), self.now);
        }
        let operator = match &command.from {
            Caller::Operator(name) => Ok(name.clone()),
            _ => Err(Refusal::of(Code::NotAllowed, "", "only an operator does that")),
        };
        let login = match &command.from {
            Caller::User(login) => Ok(login.clone()),
            _ => Err(Refusal::of(Code::NotAllowed, "", "only a user does that")),
        };
        match &command.ask {
            Ask::Begin { conversation, .. } => {
                if let Caller::Visitor(visitor) = &command.from {
                    let (visitor, then) = (visitor.clone(), Then::Begin(Box::new(command)));
                    let wish = Wish { ask: Memory::Look, reply, line: None, then };
                    return self.wish(
                        Subject::Visitor(visitor.clone()),
                        |platform| &mut platform.visitors,
                        visitor,
                        wish,
                    );
                }
                self.ask(*conversation, command)
            }
            Ask::In(conversation, _) => self.ask(*conversation, command),
            Ask::LogIn(user) => {
                operator?;
                if !self.account.users.contains_key(user) {
                    return Err(Refusal::of(Code::UnknownUser, "user", format!("there is no user `{user}`")));
                }
                let ready = self.account.connector_of(user).is_some();
                self.come(user.clone(), Comes::In { ready }, reply)
            }
            Ask::LogOut => {
                let Login { user, epoch } = login?;
                self.come(user, Comes::Out { epoch }, reply)
            }
            Ask::Be(availability) => {
                let Login { user, epoch } = login?;
                self.come(user, Comes::Is { epoch, availability: *availability }, reply)
            }
            Ask::Alive => {
                login?;
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
            Ask::Report { service, vendor } => {
                let user = login?.user;
                let Some(id) = self.account.connector_of(&user).map(|(id, _)| id.clone()) else {
                    return Err(Refusal::of(
                        Code::UnknownConnector,
                        "",
                        format!("{user} is no connector's user"),
                    ));
                };
                let links = self.links.entry(id.clone()).or_default();
                (links.service, links.vendor) = (*service, *vendor);
                self.connector_changed(&id);
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
            Ask::Start(connector) => self.switch(operator?, connector, Wanted::Started, reply),
            Ask::Stop { connector, now } => {
                let wanted = if *now { Wanted::Stopped } else { Wanted::Draining };
                self.switch(operator?, connector, wanted, reply)
            }
            Ask::Deploy { bot, version, to, move_open } => {
                let operator = operator?;
                if self.minds.session(version).is_none() {
                    let sentence = format!("version {version} is not at hand");
                    return Err(Refusal::of(Code::UnknownVersion, "version", sentence));
                }
                let release = Release::Deploy { version: version.clone(), to: *to, move_open: *move_open };
                self.release(operator, bot, release, reply)
            }
            Ask::RollBack { bot, on, move_open } => {
                self.release(operator?, bot, Release::RollBack { on: *on, move_open: *move_open }, reply)
            }
            Ask::SetUp(account, hash) => {
                let operator = operator?;
                if let Some(fault) = account.faults().into_iter().next() {
                    return Err(Refusal::of(Code::NotValid, "account", fault));
                }
                if account.name != self.account.name {
                    let sentence =
                        format!("this is the account `{}`, not `{}`", self.account.name, account.name);
                    return Err(Refusal::of(Code::NotValid, "account", sentence));
                }
                let line = Some((operator.clone(), format!("set the account up as {hash}")));
                let wish = Wish { ask: (operator, account.clone(), *hash), reply, line, then: Then::Nothing };
                self.wish(Subject::Setup, |platform| &mut platform.setup, (), wish)
            }
            Ask::Erase(visitor) => {
                self.write_down(operator?, format!("erase visitor {visitor}"));
                self.out.push(Output::Forget(visitor.clone()));
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
        }
    }

    /// A command in a conversation.
    fn ask(&mut self, conversation: ConversationId, command: Command) -> Result<(), Refusal> {
        let reply = Some(Reply { to: command.reply_to, command: command.id.clone() });
        let what = What::Asked { from: command.from, command: command.id, ask: command.ask };
        self.work.push_back(Subject::Conversation(conversation));
        self.conversations.ask(&conversation, Asked { what, reply }).map_err(|_| too_many())
    }

    /// Something else that happens to a conversation.
    fn tell(&mut self, conversation: ConversationId, what: What) {
        self.work.push_back(Subject::Conversation(conversation));
        // Where too much waits already it is told again: by its timer, at the next login, or by whoever answers twice.
        let _ = self.conversations.ask(&conversation, Asked { what, reply: None });
    }

    fn wish<T: Small>(
        &mut self,
        subject: Subject,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
        id: T::Id,
        wish: Wish<T::Ask>,
    ) -> Result<(), Refusal> {
        self.work.push_back(subject);
        ledger(self).ask(&id, wish).map_err(|_| too_many())
    }

    fn come(&mut self, user: UserId, ask: Comes, reply: Option<Reply>) -> Result<(), Refusal> {
        let wish = Wish { ask, reply, line: None, then: Then::Nothing };
        self.wish(Subject::User(user.clone()), |platform| &mut platform.users, user, wish)
    }

    fn switch(
        &mut self,
        by: UserId,
        connector: &ConnectorId,
        wanted: Wanted,
        reply: Option<Reply>,
    ) -> Result<(), Refusal> {
        if !self.account.connectors.contains_key(connector) {
            let sentence = format!("there is no connector `{connector}`");
            return Err(Refusal::of(Code::UnknownConnector, "connector", sentence));
        }
        let line = Some((by.clone(), format!("connector {connector}: {wanted:?}")));
        let wish = Wish { ask: (Some(by), wanted), reply, line, then: Then::Nothing };
        self.wish(
            Subject::Switch(connector.clone()),
            |platform| &mut platform.switches,
            connector.clone(),
            wish,
        )
    }

    fn release(
        &mut self,
        by: UserId,
        bot: &BotName,
        release: Release,
        reply: Option<Reply>,
    ) -> Result<(), Refusal> {
        let line = Some((by.clone(), format!("bot {bot}: {release:?}")));
        let command = reply.as_ref().map_or_else(|| CommandId::from(""), |reply| reply.command.clone());
        let wish = Wish { ask: (by, command, release), reply, line, then: Then::Nothing };
        self.wish(Subject::Bot(bot.clone()), |platform| &mut platform.bots, bot.clone(), wish)
    }

    fn write_down(&mut self, by: UserId, did: String) {
        let wish = Wish { ask: (by, did), reply: None, line: None, then: Then::Nothing };
        let _ = self.wish(Subject::Audit, |platform| &mut platform.audit, (), wish);
    }

    fn answer(&mut self, reply: Option<Reply>, result: Result<Answer, Refusal>) {
        if let Some(Reply { to, command }) = reply {
            self.out.push(Output::Reply { to, command, result });
        }
    }

    // ---------------------------------------------------------------------------------------------------- work

    /// Everything that can be decided now is, and what waits is given to whoever is free.
    fn work(&mut self) {
        loop {
            while let Some(subject) = self.work.pop_front() {
                self.look_at(&subject);
            }
            let Some(decision) = self.floor.route() else { break };
            // Nothing else is decided about it until this is.
            self.floor.offer(&decision);
            self.tell(decision.conversation, What::Offered(decision.user));
        }
    }

    fn look_at(&mut self, subject: &Subject) {
        match subject {
            Subject::Conversation(id) => self.look_at_conversation(*id),
            Subject::User(id) => self.look_at_small(subject, id, |platform| &mut platform.users),
            Subject::Visitor(id) => self.look_at_small(subject, id, |platform| &mut platform.visitors),
            Subject::Switch(id) => self.look_at_small(subject, id, |platform| &mut platform.switches),
            Subject::Bot(id) => self.look_at_small(subject, id, |platform| &mut platform.bots),
            Subject::Audit => self.look_at_small(subject, &(), |platform| &mut platform.audit),
            Subject::Setup => self.look_at_small(subject, &(), |platform| &mut platform.setup),
        }
    }

    fn look_at_conversation(&mut self, id: ConversationId) {
        loop {
            match self.conversations.next(&id) {
                Next::Nothing => return,
                Next::Read => return self.read(Subject::Conversation(id)),
                Next::Decide(asked, image, version) => {
                    if self.decide(id, asked, image, version) {
                        return;
                    }
                }
            }
        }
    }

    /// A command that is not refused shows that its visitor is there, and may show others what somebody does.
    fn notice(&mut self, conversation: &Conversation, what: &What) {
        let What::Asked { from, ask, .. } = what else { return };
        if matches!(from, Caller::Visitor(_))
            && conversation.channel == Channel::Chat
            && !conversation.is_over()
        {
            self.hear_of_visitor(conversation.id);
        }
        if let Ask::In(conversation, Talk::Do(doing)) = ask {
            self.out.push(Output::Doing { conversation: *conversation, by: from.author(), doing: *doing });
        }
    }

    /// Decides one turn. True, if it is on its way to the store.
    fn decide(
        &mut self,
        id: ConversationId,
        asked: Asked,
        image: Option<Arc<Conversation>>,
        version: store::Version,
    ) -> bool {
        let taken = take_turn(image.as_deref(), id, &asked.what, &self.world(), self.now);
        let taken = taken.and_then(|taken| {
            let entry = written(&mut self.scratch, &taken.record);
            let bytes = written(&mut self.scratch, &taken.conversation);
            super::take_turn::fits(entry.len(), store::ENTRY_BYTES_MAX, "")?;
            super::take_turn::fits(bytes.len(), store::IMAGE_BYTES_MAX, "")?;
            Ok((taken, entry, bytes))
        });
        match taken {
            Err(refusal) => {
                match &image {
                    Some(image) => self.floor.note(image, false),
                    None => self.floor.forget(id), // there is no such conversation
                }
                let too_large = refusal.code == Code::TooLarge && refusal.field.is_empty();
                self.answer(asked.reply, Err(refusal));
                self.schedule(id, image.as_deref());
                if too_large && asked.what != What::TooLarge {
                    self.tell(id, What::TooLarge);
                }
                false
            }
            Ok((taken, ..)) if taken.record.facts.is_empty() => {
                self.notice(&taken.conversation, &asked.what);
                self.answer(asked.reply, Ok(taken.answer));
                if let Some(image) = image {
                    self.floor.note(&image, false);
                    self.schedule(id, Some(&image));
                    if asked.what == What::TakenUp {
                        self.take_up(&image, u64::MAX);
                    }
                }
                false
            }
            Ok((taken, entry, bytes)) => {
                self.floor.note(&taken.conversation, true);
                self.notice(&taken.conversation, &asked.what);
                // One that is over is looked at again after a crash as long as the house has something to do for it.
                let live = !taken.conversation.is_over() || !taken.conversation.effects.is_empty();
                let key = self.key("conversation", &id.to_string());
                let append = Append { key, expected: version, entry, image: bytes, live };
                let turned = Turned { record: Arc::new(taken.record), answer: taken.answer };
                let pending = Pending { image: Arc::new(taken.conversation), ask: asked, turned };
                self.conversations.keep(&id, pending);
                self.append(Subject::Conversation(id), append);
                true
            }
        }
    }

    fn look_at_small<T: Small>(
        &mut self,
        subject: &Subject,
        id: &T::Id,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
    ) {
        loop {
            match ledger(self).next(id) {
                Next::Nothing => return,
                Next::Read => return self.read(subject.clone()),
                Next::Decide(wish, image, version) => {
                    let before = image.as_deref().cloned().unwrap_or_default();
                    match before.decide(&wish.ask, self.now) {
                        Err(refusal) => {
                            if let Then::Done(conversation, effect) = wish.then {
                                self.tell(conversation, What::Done(effect)); // it cannot be done: it is not tried again
                            }
                            self.answer(wish.reply, Err(refusal));
                        }
                        Ok(change) if change.entry.is_empty() => {
                            self.small_done(subject, wish, change.answer)
                        }
                        Ok(mut change) => {
                            change.image.stamp(before.stamped().0 + 1, self.writer);
                            let image = serde_json::to_vec(&change.image).unwrap_or_default();
                            let (key, live) = (self.key_of(subject), change.image.live());
                            let entry = change.entry.into_bytes();
                            let append = Append { key, expected: version, entry, image, live };
                            let (image, turned) = (Arc::new(change.image), change.answer);
                            ledger(self).keep(id, Pending { image, ask: wish, turned });
                            return self.append(subject.clone(), append);
                        }
                    }
                }
            }
        }
    }

    // --------------------------------------------------------------------------------------------------- store

    fn append(&mut self, subject: Subject, append: Append) {
        let ticket = self.ticket(subject);
        self.out.push(Output::Append { ticket, append });
    }

    fn read(&mut self, subject: Subject) {
        let key = self.key_of(&subject);
        let ticket = self.ticket(subject);
        self.out.push(Output::Read { ticket, key });
    }

    fn ticket(&mut self, subject: Subject) -> Ticket {
        self.last_ticket += 1;
        self.tickets.insert(Ticket(self.last_ticket), subject);
        Ticket(self.last_ticket)
    }

    fn key(&self, kind: &str, name: &str) -> Key {
        Key::of(&[kind, &self.account.name, name])
    }

    fn key_of(&self, subject: &Subject) -> Key {
        match subject {
            Subject::Conversation(id) => self.key("conversation", &id.to_string()),
            Subject::User(id) => self.key(user::Presence::KIND, id.as_str()),
            Subject::Visitor(id) => self.key(Visitor::KIND, id.as_str()),
            Subject::Switch(id) => self.key(Switch::KIND, id.as_str()),
            Subject::Bot(id) => self.key(Deployed::KIND, id.as_str()),
            Subject::Audit => Key::of(&[Audit::KIND, &self.account.name]),
            Subject::Setup => Key::of(&[Setup::KIND, &self.account.name]),
        }
    }

    fn stored(&mut self, ticket: Ticket, outcome: store::Outcome) {
        let Some(subject) = self.tickets.remove(&ticket) else { return };
        match &subject {
            Subject::Conversation(id) => {
                let settled = self.conversations.stored(id, outcome);
                self.settle_conversation(*id, settled);
            }
            Subject::User(id) => {
                let settled = self.users.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Visitor(id) => {
                let settled = self.visitors.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Switch(id) => {
                let settled = self.switches.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Bot(id) => {
                let settled = self.bots.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Audit => {
                let settled = self.audit.stored(&(), outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Setup => {
                let settled = self.setup.stored(&(), outcome);
                self.settle_small(&subject, settled);
            }
        }
        self.work.push_back(subject);
    }

    fn was_read(&mut self, ticket: Ticket, kept: Option<Kept>) {
        let Some(subject) = self.tickets.remove(&ticket) else { return };
        match &subject {
            Subject::Conversation(id) => match self.conversations.read(id, kept) {
                Ok(settled) => {
                    if matches!(settled, Settled::Undone | Settled::Nothing) {
                        match self.conversations.image(id).cloned() {
                            Some(image) => {
                                self.floor.note(&image, false);
                                self.schedule(*id, Some(&image));
                            }
                            None => self.floor.forget(*id),
                        }
                    }
                    self.settle_conversation(*id, settled);
                }
                Err(why) => {
                    self.floor.forget(*id);
                    let asks = self.conversations.give_up(id);
                    asks.into_iter().for_each(|asked| self.answer(asked.reply, Err(unreadable(&why))));
                }
            },
            Subject::User(id) => self.small_read(&subject, id, kept, |platform| &mut platform.users),
            Subject::Visitor(id) => self.small_read(&subject, id, kept, |platform| &mut platform.visitors),
            Subject::Switch(id) => self.small_read(&subject, id, kept, |platform| &mut platform.switches),
            Subject::Bot(id) => self.small_read(&subject, id, kept, |platform| &mut platform.bots),
            Subject::Audit => self.small_read(&subject, &(), kept, |platform| &mut platform.audit),
            Subject::Setup => self.small_read(&subject, &(), kept, |platform| &mut platform.setup),
        }
        self.work.push_back(subject);
    }

    fn small_read<T: Small>(
        &mut self,
        subject: &Subject,
        id: &T::Id,
        kept: Option<Kept>,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
    ) {
        match ledger(self).read(id, kept) {
            Ok(settled) => self.settle_small(subject, settled),
            Err(why) => {
                let wishes = ledger(self).give_up(id);
                wishes.into_iter().for_each(|wish| self.answer(wish.reply, Err(unreadable(&why))));
            }
        }
    }

    // ----------------------------------------------------------------------------------------- commit, then act

    /// A conversation's turn is durable, or not, or nobody knows.
    fn settle_conversation(&mut self, id: ConversationId, settled: Settled<Conversation, Asked, Turned>) {
        match settled {
            Settled::Nothing => {}
            Settled::Read => self.read(Subject::Conversation(id)),
            Settled::Undone => self.floor.set_busy(id, false),
            Settled::Kept(Pending { image, ask, turned }) => {
                self.answer(ask.reply, Ok(turned.answer));
                self.happened(image.clone(), turned.record);
                if ask.what == What::TakenUp {
                    self.take_up(&image, image.turn); // what this very turn opened is being done already
                }
            }
            Settled::Late(image, turned) => self.happened(image, turned.record),
        }
    }

    /// A turn is durable: what follows from it leaves the house.
    fn happened(&mut self, image: Arc<Conversation>, record: Arc<Record>) {
        self.floor.note(&image, false);
        self.schedule(image.id, Some(&image));
        self.out.push(Output::Happened { record: record.clone(), conversation: image.clone() });
        let holder = image.seat().and_then(|seat| self.login(&seat.user));
        self.out.extend(act(&record, &image, holder.as_ref()));
        self.follow(&record, &image);
        if image.is_over() {
            self.conversations.drop(&image.id);
        }
    }

    /// What follows a durable turn inside the house. All of it can be seen from the record and the image, so that it is
    /// taken up again after a crash.
    fn follow(&mut self, record: &Record, image: &Conversation) {
        let seated = record.facts.iter().any(|fact| matches!(fact, Fact::Seated { .. }));
        for fact in &record.facts {
            match fact {
                Fact::Opened(open) if !seated => self.see_to(image, open.id),
                Fact::RingEnded { how: RingEnd::Expired, .. } if image.channel == Channel::Chat => {
                    // Who let a chat ring until it stopped is away.
                    if let Some(user) = image.queue().and_then(|queue| queue.declined.last()) {
                        let _ = self.come(user.clone(), Comes::LetRing, None);
                    }
                }
                _ => {}
            }
        }
        if seated {
            let open: Vec<EffectId> = image.effects.iter().map(|open| open.id).collect();
            open.into_iter().for_each(|id| self.see_to(image, id));
        }
        self.stop_what_has_drained();
    }

    /// What may be tried only once is written down before it is; what the house does itself is done.
    fn see_to(&mut self, image: &Conversation, id: EffectId) {
        let Some(open) = image.effect(id) else { return };
        match &open.what {
            Errand::Call { .. } if open.once && !open.begun => {
                if image.seat().is_some_and(|seat| self.login(&seat.user).is_some()) {
                    self.tell(image.id, What::Tries(id));
                }
            }
            Errand::Call { .. } => {}
            Errand::Remember { name, value } => {
                let (conversation, name, value) = (image.id, name.clone(), value.clone());
                let ask = Memory::Keep { conversation, effect: id, name, value };
                let wish = Wish { ask, reply: None, line: None, then: Then::Done(conversation, id) };
                let visitor = image.visitor.clone();
                let _ = self.wish(
                    Subject::Visitor(visitor.clone()),
                    |platform| &mut platform.visitors,
                    visitor,
                    wish,
                );
            }
        }
    }

    /// What the house does itself is taken up after a start; the rest is, once its connector is here.
    pub(super) fn take_up_at_home(&mut self, image: &Conversation) {
        let own = image.effects.iter().filter(|open| matches!(open.what, Errand::Remember { .. }));
        let own: Vec<EffectId> = own.map(|open| open.id).collect();
        own.into_iter().for_each(|id| self.see_to(image, id));
    }

    /// Whoever has a conversation is here: what is going on outside since before a turn is taken up.
    fn take_up(&mut self, image: &Conversation, before: u64) {
        let holder = image.seat().and_then(|seat| self.login(&seat.user));
        let own = |output: &Output| matches!(output, Output::Perform { what, .. } if what.id.turn >= before);
        self.out.extend(act_again(image, holder.as_ref()).into_iter().filter(|output| !own(output)));
        let open = image.effects.iter().map(|open| open.id).filter(|id| id.turn < before);
        let open: Vec<EffectId> = open.collect();
        open.into_iter().for_each(|id| self.see_to(image, id));
    }

    fn settle_small<T, A>(&mut self, subject: &Subject, settled: Settled<T, Wish<A>, Answer>) {
        match settled {
            Settled::Nothing => {}
            Settled::Undone | Settled::Late(..) => self.small_changed(subject),
            Settled::Read => self.read(subject.clone()),
            Settled::Kept(pending) => self.small_done(subject, pending.ask, pending.turned),
        }
    }

    /// The account is set up so from now on.
    fn set_up(&mut self, account: Account) {
        let before = std::mem::replace(&mut self.account, account);
        self.floor.set_up(&self.account);
        let connectors: Vec<ConnectorId> = self.account.connectors.keys().cloned().collect();
        connectors.iter().for_each(|id| self.connector_changed(id));
        // Whoever is not of the house any more, or is somebody else now, leaves all that they had.
        let users = before.users.keys().filter(|user| {
            let of = |account: &Account| {
                account.connector_of(user).map(|(id, connector)| (id.clone(), connector.mind.clone()))
            };
            !self.account.users.contains_key(*user) || of(&before) != of(&self.account)
        });
        let users: Vec<UserId> = users.cloned().collect();
        for user in users {
            for conversation in self.floor.all_of(&user) {
                self.tell(
                    conversation,
                    What::Lost { user: user.clone(), why: "the account was set up otherwise" },
                );
            }
        }
    }

    /// A small record is another now: what is known of it elsewhere follows.
    fn small_changed(&mut self, subject: &Subject) {
        match subject {
            Subject::User(user) => self.user_changed(user),
            Subject::Switch(connector) => {
                let wanted = self.switches.image(connector).map(|switch| switch.wanted).unwrap_or_default();
                self.wanted.insert(connector.clone(), wanted);
                self.connector_changed(connector);
                self.stop_what_has_drained();
            }
            Subject::Bot(bot) => {
                if let Some(deployed) = self.bots.image(bot) {
                    self.deployed.note(bot.clone(), (**deployed).clone());
                }
                let served =
                    self.account.connectors.iter().filter(|(_, own)| own.mind == Mind::Ours(bot.clone()));
                let served: Vec<ConnectorId> = served.map(|(id, _)| id.clone()).collect();
                served.iter().for_each(|id| self.connector_changed(id));
            }
            Subject::Setup => {
                if let Some(account) = self.setup.image(&()).and_then(|setup| setup.account.clone()) {
                    self.set_up(*account);
                }
            }
            Subject::Visitor(_) | Subject::Conversation(_) | Subject::Audit => {}
        }
    }

    /// Something asked of a small record is done and durable.
    fn small_done<A>(&mut self, subject: &Subject, wish: Wish<A>, answer: Answer) {
        self.small_changed(subject);
        if let Some((by, did)) = wish.line {
            self.write_down(by, did);
        }
        match wish.then {
            Then::Nothing => self.answer(wish.reply, Ok(answer)),
            Then::Done(conversation, effect) => self.tell(conversation, What::Done(effect)),
            Then::Begin(command) => {
                let reply = wish.reply;
                let command = self.with_what_is_remembered(*command, subject);
                if let Some(conversation) = command.ask.conversation()
                    && let Err(refusal) = self.ask(conversation, command)
                {
                    self.answer(reply, Err(refusal));
                }
            }
        }
    }

    /// What bots remember of a visitor is known in their next conversation.
    fn with_what_is_remembered(&self, mut command: Command, subject: &Subject) -> Command {
        let Subject::Visitor(visitor) = subject else { return command };
        let remembered =
            self.visitors.image(visitor).map(|visitor| visitor.remembered.clone()).unwrap_or_default();
        if let Ask::Begin { context, .. } = &mut command.ask {
            let mut map = match context {
                Value::Map(map) => (**map).clone(),
                _ => Default::default(),
            };
            map.remove("remembered"); // only we say what we remember
            if !remembered.is_empty() {
                map.insert("remembered".to_string(), Value::map(remembered));
            }
            *context = if map.is_empty() { Value::Nothing } else { Value::map(map) };
        }
        command
    }

    // ------------------------------------------------------------------------------------- people and connectors

    /// A user's record is another now.
    fn user_changed(&mut self, user: &UserId) {
        let before = self.floor.presence(user).unwrap_or_default();
        self.user_is_known(user);
        let now = self.floor.presence(user).unwrap_or_default();
        if now.epoch != before.epoch && self.login(user).is_some() {
            self.floor.acting_for(user).into_iter().for_each(|held| self.tell(held, What::TakenUp));
        }
    }

    /// A user's record is known: the floor, the timers and the connector follow, and so does what the user held, if they
    /// are not there.
    pub(super) fn user_is_known(&mut self, user: &UserId) {
        let Some(record) = self.users.image(user).cloned() else { return };
        let login = Login { user: user.clone(), epoch: record.epoch };
        let there = record.availability != Availability::Offline;
        let connector = self.account.connector_of(user).map(|(id, _)| id.clone());
        self.floor.set_presence(user, Presence::of(record.epoch, record.availability));
        self.out.push(Output::Presence { login, availability: record.availability });
        if there {
            let timer = Timer::User(user.clone());
            self.alive.insert(timer.clone(), self.now);
            let silent = if connector.is_some() { CONNECTOR_SILENT_MS } else { PERSON_SILENT_MS };
            self.timers.insert((self.now.after(Span(silent)), timer));
        }
        match connector {
            Some(id) => {
                self.links.entry(id.clone()).or_default().there = there;
                self.connector_changed(&id);
                if !there {
                    self.lose(user, "its connector is silent");
                }
            }
            None if !there => self.lose(user, "who had it has left"),
            None => {}
        }
    }

    /// A user is not there any more. Chats and a bot's conversations go to others; a person's messaging waits for them.
    fn lose(&mut self, user: &UserId, why: &'static str) {
        let is_bot = self.account.connector_of(user).is_some();
        for conversation in self.floor.all_of(user) {
            if is_bot || self.floor.is_chat(conversation) || self.floor.rings_at(conversation, user) {
                self.tell(conversation, What::Lost { user: user.clone(), why });
            }
        }
    }

    /// What is wanted of a connector, or how its links are, is something else now.
    pub(super) fn connector_changed(&mut self, id: &ConnectorId) {
        let Some(connector) = self.account.connectors.get(id).cloned() else { return };
        let wanted = self.wanted.get(id).copied().unwrap_or_default();
        let mut links = self.links.get(id).copied().unwrap_or_default();
        if let Mind::Ours(bot) = &connector.mind {
            // A bot of ours answers if its version is at hand.
            let version = self.deployed.served(bot, connector.deploy_to);
            links.vendor &= version.is_some_and(|(version, _)| self.minds.session(&version).is_some());
        }
        let (before, state) = (self.run_state(id), RunState::of(wanted, links));
        let presence = self.floor.presence(&connector.user).unwrap_or_default();
        let new = state.takes_new(wanted) && presence.availability == Availability::Online;
        let transferred = state.takes_transferred(wanted) && presence.availability != Availability::Offline;
        self.floor.set_presence(&connector.user, Presence { new, transferred, ..presence });
        if before != state {
            self.runs.insert(id.clone(), state);
            self.out.push(Output::Connector { connector: id.clone(), state });
        }
        if wanted == Wanted::Stopped {
            self.lose(&connector.user, "its connector was stopped");
        }
        let retry = match state {
            RunState::VendorInterruption => Some(PROBE_MS),
            RunState::ServiceInterruption => Some(RESTART_MS),
            RunState::Offline if wanted != Wanted::Stopped => Some(RESTART_MS),
            _ => None,
        };
        let next = retry.map(|span| self.now.after(Span(span)));
        let links = self.links.entry(id.clone()).or_default();
        if next.is_none() || links.next.is_none() {
            links.next = next;
            if let Some(at) = next {
                self.timers.insert((at, Timer::Connector(id.clone())));
                if state == RunState::Offline {
                    self.out.push(Output::Run(id.clone()));
                }
            }
        }
    }

    /// A connector that was to finish what it has, and has finished, is stopped.
    fn stop_what_has_drained(&mut self) {
        let draining = self.wanted.iter().filter(|(_, wanted)| **wanted == Wanted::Draining);
        let empty = draining.filter(|(id, _)| {
            self.account.connectors.get(*id).is_none_or(|connector| self.floor.load(&connector.user) == 0)
        });
        let empty: Vec<ConnectorId> = empty.map(|(id, _)| id.clone()).collect();
        for id in empty {
            self.wanted.insert(id.clone(), Wanted::Stopped);
            let wish = Wish { ask: (None, Wanted::Stopped), reply: None, line: None, then: Then::Nothing };
            let _ = self.wish(Subject::Switch(id.clone()), |platform| &mut platform.switches, id, wish);
        }
    }

    // ----------------------------------------------------------------------------------------------------- time

    fn hear_of_visitor(&mut self, conversation: ConversationId) {
        let timer = Timer::Visitor(conversation);
        if self.alive.insert(timer.clone(), self.now).is_none() {
            self.timers.insert((self.now.after(Span(VISITOR_GONE_MS)), timer));
        }
    }

    /// When a conversation is looked at again, if nothing happens before.
    pub(super) fn schedule(&mut self, id: ConversationId, image: Option<&Conversation>) {
        let at = image.and_then(|image| image.wake(self.world().idle(image)));
        // What was due and could not be done is tried again, but not at once and for ever.
        let at = at.map(|at| if at <= self.now { self.now.after(Span(AGAIN_MS)) } else { at });
        let before = match at {
            Some(at) => self.wakes.insert(id, at),
            None => self.wakes.remove(&id),
        };
        if before != at
            && let Some(before) = before
        {
            self.timers.remove(&(before, Timer::Conversation(id)));
        }
        if let Some(at) = at {
            self.timers.insert((at, Timer::Conversation(id)));
        }
        match image {
            // A chat lives as long as its visitor's client: after a start, that has as long as ever.
            Some(image) if image.channel == Channel::Chat && !image.is_over() => {
                if !self.alive.contains_key(&Timer::Visitor(id)) {
                    self.hear_of_visitor(id);
                }
            }
            _ => {
                self.alive.remove(&Timer::Visitor(id));
            }
        }
    }

    fn let_time_pass(&mut self) {
        while let Some((at, timer)) = self.timers.first().filter(|(at, _)| *at <= self.now).cloned() {
            self.timers.remove(&(at, timer.clone()));
            match &timer {
                Timer::Conversation(id) => {
                    // Its turn puts the timer back, if it is still wanted.
                    self.wakes.remove(id);
                    self.tell(*id, What::Woke);
                }
                Timer::Visitor(id) => {
                    let Some(seen) = self.alive.get(&timer).copied() else { continue };
                    let gone = seen.after(Span(VISITOR_GONE_MS));
                    if gone <= self.now {
                        self.alive.remove(&timer);
                        self.tell(*id, What::VisitorLeft);
                    } else {
                        self.timers.insert((gone, timer));
                    }
                }
                Timer::User(user) => {
                    let Some(presence) = self.floor.presence(user) else { continue };
                    if presence.availability == Availability::Offline {
                        continue;
                    }
                    let is_bot = self.account.connector_of(user).is_some();
                    let silent = if is_bot { CONNECTOR_SILENT_MS } else { PERSON_SILENT_MS };
                    let seen = self.alive.get(&timer).copied().unwrap_or(at);
                    let gone = seen.after(Span(silent));
                    if gone <= self.now {
                        let _ = self.come(user.clone(), Comes::Silent { epoch: presence.epoch }, None);
                    } else {
                        self.timers.insert((gone, timer));
                    }
                }
                Timer::Connector(id) => {
                    let links = self.links.entry(id.clone()).or_default();
                    if links.next != Some(at) {
                        continue; // its state was another meanwhile
                    }
                    links.next = None;
                    match self.run_state(id) {
                        RunState::VendorInterruption => self.out.push(Output::Probe(id.clone())),
                        RunState::ServiceInterruption => self.out.push(Output::Run(id.clone())),
                        _ => {}
                    }
                    self.connector_changed(id);
                }
            }
        }
    }

    pub(super) fn world(&self) -> World<'_> {
        World {
            account: &self.account,
            floor: &self.floor,
            minds: &*self.minds,
            deployed: &self.deployed,
            runs: &self.runs,
            writer: self.writer,
            free_space: self.free_space,
        }
    }
}

/// As JSON, in a piece of memory of the very size.
fn written(scratch: &mut Vec<u8>, value: &impl serde::Serialize) -> Vec<u8> {
    scratch.clear();
    match serde_json::to_writer(&mut *scratch, value) {
        Ok(()) => scratch.as_slice().to_vec(),
        Err(_) => Vec::new(),
    }
}

fn too_many() -> Refusal {
    let sentence = format!("{COMMANDS_WAITING_MAX} commands wait for this already, which is the most");
    Refusal::of(Code::TooMany, "", sentence)
}

fn unreadable(why: &str) -> Refusal {
    Refusal::of(Code::NoStore, "", format!("what is kept of it cannot be read: {why}"))
}
