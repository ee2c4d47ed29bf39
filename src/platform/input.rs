//! What the platform is told: commands, what came of what it wanted, and that time has passed.

use serde::{Deserialize, Serialize};

use crate::conversation::{
    Audience, Author, Availability, BotName, Channel, CommandId, ConnectorId, Content, ConversationId, Doing,
    Due, Outcome, Receipt, Role, SkillId, UserId, Value, VersionId, VisitorId,
};
use crate::store;

use super::account::{Account, Environment};
use super::fact::EffectId;
use super::output::Ticket;

/// Something the platform is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Somebody asks for something.
    Command(Command),
    /// What came of an append.
    Stored {
        /// Which.
        ticket: Ticket,
        /// What.
        outcome: store::Outcome,
    },
    /// What was read.
    Read {
        /// For what.
        ticket: Ticket,
        /// The newest, if there is any.
        kept: Option<store::Kept>,
    },
    /// The store can promise nothing any more.
    StoreFailed(store::Failure),
    /// Something that was done outside came back.
    Returned {
        /// In which conversation.
        conversation: ConversationId,
        /// What.
        id: EffectId,
        /// Who did it.
        by: Login,
        /// What came of it.
        outcome: Outcome,
    },
    /// How many bytes are free on the disk.
    FreeSpace(u64),
    /// Time has passed, and nothing else.
    Tick,
}

/// Something that somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What the client calls it. The same command sent twice is done once and gets the same answer.
    pub id: CommandId,
    /// Where the answer goes: the caller's own number.
    pub reply_to: u64,
    /// Who asks.
    pub from: Caller,
    /// What for.
    pub ask: Ask,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Caller {
    /// A visitor.
    Visitor(VisitorId),
    /// Somebody who works here, by their login.
    User(Login),
    /// Whoever runs the house, by name.
    Operator(UserId),
}

/// A login: every command of a user carries it, and only the newest of a user counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub user: UserId,
    /// The how manieth login.
    pub epoch: u64,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Something in a conversation.
    In(ConversationId, Talk),
    /// A conversation. Its name is the caller's choice, and unguessable.
    Begin {
        /// Its name.
        conversation: ConversationId,
        /// How the visitor talks to us.
        channel: Channel,
        /// What it needs.
        skill: SkillId,
        /// What is known of the visitor and of where they come from.
        context: Value,
    },
    /// A user comes. Whoever asks has made sure who it is.
    LogIn(UserId),
    /// A user goes.
    LogOut,
    /// A user takes conversations, or none.
    Be(Availability),
    /// A user or connector is alive.
    Alive,
    /// A connector says how its links are.
    Report {
        /// Whether the contact center answers it.
        service: bool,
        /// Whether what thinks for it answers.
        vendor: bool,
    },
    /// A connector is to run.
    Start(ConnectorId),
    /// A connector is to stop.
    Stop {
        /// Which.
        connector: ConnectorId,
        /// At once, handing over what is open; else it takes nothing new and finishes.
        now: bool,
    },
    /// A version of a bot is served from now on.
    Deploy {
        /// The bot.
        bot: BotName,
        /// The version.
        version: VersionId,
        /// Where.
        to: Environment,
        /// Whether open conversations go over to it with their next turn, not with their next session.
        move_open: bool,
    },
    /// The version before is served again.
    RollBack {
        /// The bot.
        bot: BotName,
        /// Where.
        on: Environment,
        /// Whether open conversations go over to it with their next turn.
        move_open: bool,
    },
    /// The account is set up otherwise: the configuration and its hash, once it is [kept](Account::keep).
    SetUp(Box<Account>, store::Hash),
    /// All that is kept of a visitor is to be removed.
    Erase(VisitorId),
    /// An operator did something beside the platform, and that belongs into the audit log.
    WriteDown(String),
}

/// What can be asked for in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Talk {
    /// Say something.
    Say {
        /// What.
        content: Content,
        /// Who may read it.
        audience: Audience,
    },
    /// Messages were got or read.
    Receive {
        /// What was done with them.
        status: Receipt,
        /// Their numbers.
        of: Vec<u64>,
    },
    /// Show the others what one is doing.
    Do(Doing),
    /// The visitor's client is there.
    Alive,
    /// Whoever runs the house says that something has happened: `step up`, `file failed`, `escalation failed`. A bot that
    /// has the conversation is told.
    Happens {
        /// What, in the words of the language.
        name: String,
        /// What came with it; for `escalation failed` a `reason`.
        data: Value,
    },
    /// Take what rings.
    Accept {
        /// Which ring.
        ring: u64,
    },
    /// Let it ring elsewhere.
    Reject {
        /// Which ring.
        ring: u64,
    },
    /// Take it out of the queue.
    Take,
    /// Give it to somebody else.
    Transfer(To),
    /// End it.
    Close {
        /// Whether the visitor may be asked how it was.
        survey: bool,
    },
    /// Take part beside who has it.
    Join(Role),
    /// Take no part any more.
    Leave,
    /// Say how soon answers are due.
    SetDue(Due),
    /// Say how it was, from 1 to 5.
    Rate(u8),
}

/// Whom a conversation is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Anybody with a skill.
    Skill(SkillId),
    /// Somebody, or else anybody with a skill.
    User(UserId, SkillId),
    /// Whoever comes next.
    Queue,
}

impl Caller {
    /// As whom they do something in a conversation.
    pub fn author(&self) -> Author {
        match self {
            Caller::Visitor(_) => Author::Visitor,
            Caller::User(login) => Author::User(login.user.clone()),
            Caller::Operator(_) => Author::House,
        }
    }
}

impl Ask {
    /// The conversation it is about.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Ask::In(conversation, _) | Ask::Begin { conversation, .. } => Some(*conversation),
            _ => None,
        }
    }
}
