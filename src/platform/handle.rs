//! How inputs become turns, turns become appends, and appends that are durable become what leaves the house.

mod commands; // read this first: what can be asked for
mod work; // whatever can be decided is
mod shelf; // what is asked of the store
mod commit; // commit, then act
mod people; // who comes and goes
mod clock; // what time does

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
use super::ledger::{Ledger, Next, Pending, Settled, Small, Stamp};
use super::limits::*;
use super::mind::Minds;
use super::output::{Output, Ticket};
use super::refusal::{Code, Refusal};
use super::setup::Setup;
use super::take_turn::{What, World, act, act_again, fits, take_turn};
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

    /// What is wanted of a connector.
    pub fn wanted(&self, connector: &ConnectorId) -> Wanted {
        self.wanted.get(connector).copied().unwrap_or_default()
    }

    /// How the links of a connector are, as far as it has said.
    pub fn links(&self, connector: &ConnectorId) -> Links {
        self.links.get(connector).copied().unwrap_or_default()
    }

    /// Which versions of bots are served.
    pub fn deployed(&self) -> &Deployments {
        &self.deployed
    }

    /// A conversation as it is kept, if it is in memory.
    pub fn conversation(&self, id: ConversationId) -> Option<&Arc<Conversation>> {
        self.conversations.image(&id)
    }

    /// The newest login of a user who is there.
    pub(super) fn login(&self, user: &UserId) -> Option<Login> {
        let presence = self.floor.presence(user)?;
        (presence.availability != Availability::Offline)
            .then(|| Login { user: user.clone(), epoch: presence.epoch })
    }

    pub(in crate::platform) fn world(&self) -> World<'_> {
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
