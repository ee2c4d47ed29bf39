//! What can happen in a conversation, as it is written down. A conversation is nothing but its facts, one after another.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::account::Environment;
use super::conversation::Awaited;
use crate::conversation::{
    Audience, Author, BotName, Channel, CommandId, ConnectorId, Content, ConversationId, Due, Effect,
    Happening, Log, Moment, Outcome, Participant, Receipt, SkillId, UserId, Value, VersionId, VisitorId,
};

/// One turn of a conversation: what happened at one moment, kept together or not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The how manieth, from 1.
    pub turn: u64,
    /// When. Never earlier than the turn before.
    pub at: Moment,
    /// Which run of the house wrote it.
    pub writer: u64,
    /// What happened.
    pub facts: Vec<Fact>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The conversation began.
    Began {
        /// Its name.
        conversation: ConversationId,
        /// How the visitor talks to us.
        channel: Channel,
        /// Who.
        visitor: VisitorId,
        /// What is known of them and of where they come from.
        #[serde(default, skip_serializing_if = "is_nothing")]
        context: Value,
    },
    /// Somebody said something.
    Said {
        /// In which dialog.
        dialog: u32,
        /// The number in it.
        sequence: u64,
        /// Who.
        by: Author,
        /// Who may read it.
        #[serde(default, skip_serializing_if = "is_for_all")]
        audience: Audience,
        /// What.
        content: Content,
    },
    /// Somebody got or read messages.
    Received {
        /// In which dialog.
        dialog: u32,
        /// The number in it.
        sequence: u64,
        /// Who.
        by: Author,
        /// What they did with them.
        status: Receipt,
        /// Which messages.
        of: Vec<u64>,
    },
    /// It waits for somebody with a skill.
    Queued {
        /// Which.
        skill: SkillId,
        /// Whether somebody had it before.
        #[serde(default, skip_serializing_if = "is_default")]
        transferred: bool,
        /// Whom to ask first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        directed: Option<UserId>,
        /// Who does not get it: it was taken from them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not: Option<UserId>,
        /// Why nobody has it any more, where it was taken from somebody.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// It rings at somebody.
    Rang {
        /// The how manieth ring of this conversation.
        ring: u64,
        /// At whom.
        user: UserId,
        /// How long.
        until: Moment,
    },
    /// It does not ring any more, and nobody has accepted.
    RingEnded {
        /// Which ring.
        ring: u64,
        /// How it ended.
        how: RingEnd,
        /// When those who let it pass may be asked again, if nobody else is there.
        again: Moment,
    },
    /// Those who let it pass are asked again.
    RingsAgain,
    /// Somebody has it now.
    Seated {
        /// Who.
        user: UserId,
        /// Through which connector, if it is a bot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector: Option<ConnectorId>,
        /// When the bot greets, if nobody says anything before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        greet_at: Option<Moment>,
    },
    /// Somebody else takes part.
    Joined(Participant),
    /// Somebody else takes no part any more.
    Left(UserId),
    /// An answer is due in another time from now on.
    DueChanged(Due),
    /// An answer is due then; nothing: none is.
    DueAt(Option<Moment>),
    /// The answer that was due was not given in time.
    Overdue,
    /// Another dialog began: a survey.
    DialogOpened,
    /// A dialog is over.
    DialogClosed {
        /// Which.
        dialog: u32,
        /// Who ended it.
        by: Author,
    },
    /// The whole conversation is over.
    Closed {
        /// Who ended it.
        by: Author,
        /// Why.
        reason: CloseReason,
    },
    /// How the visitor found it.
    Rated {
        /// From 1 to 5.
        stars: u8,
    },
    /// The bot that has it from now on, in this version.
    Pinned {
        /// The bot.
        bot: BotName,
        /// Which version of it.
        version: VersionId,
        /// Whose values it finds.
        #[serde(default, skip_serializing_if = "is_default")]
        environment: Environment,
        /// How often open conversations of the bot had been moved to another version then.
        #[serde(default, skip_serializing_if = "is_default")]
        moves: u64,
        /// Whether it begins anew.
        #[serde(default, skip_serializing_if = "is_default")]
        anew: bool,
    },
    /// The bot was told something.
    Heard(Happening),
    /// It thought about it. Its state stands in the image: whoever replays the record works it out again.
    Thought {
        /// Where the bot is now.
        #[serde(skip)]
        state: Option<Box<State>>,
        /// When it wants to be woken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wake: Option<Moment>,
    },
    /// What the visitor says until then is heard as one.
    Gathering {
        /// Until when.
        until: Moment,
    },
    /// What the visitor said is not answered.
    Unanswered,
    /// The bot waits before it goes on.
    Paused {
        /// Since when.
        since: Moment,
        /// Until when.
        until: Moment,
        /// What it does then.
        rest: Vec<Effect>,
    },
    /// It has gone on.
    WentOn,
    /// The bot hands the conversation over.
    HandedOver {
        /// The call that the bot is answered with; nothing, if it does not wait for one.
        call: Option<u64>,
        /// The connector whose bot gets it back, if nobody takes it.
        connector: ConnectorId,
        /// Until when somebody may take it.
        until: Moment,
        /// Where it goes then, before the bot gets it back.
        fallback: Option<SkillId>,
    },
    /// Somebody took what the bot handed over, or nobody did.
    HandoverEnded {
        /// Whether somebody did.
        taken: bool,
    },
    /// A bot of ours with the role Manager stands beside whoever has the conversation.
    Beside {
        /// Its connector.
        connector: ConnectorId,
        /// What happened to it.
        what: Aside,
    },
    /// Somebody else's bot is waited for.
    Awaited(Awaited),
    /// It is not waited for any more.
    Relieved,
    /// Something is to be done outside.
    Opened(Open),
    /// What may be done only once is tried now.
    Begun(EffectId),
    /// What came of it.
    Returned {
        /// Which.
        id: EffectId,
        /// What.
        outcome: Outcome,
    },
    /// Nobody waits any more for what comes of it.
    GivenUp(EffectId),
    /// A line of the log.
    Logged(Log),
    /// A client's command was done, with this answer.
    Answered {
        /// Whose.
        by: Author,
        /// The command.
        command: CommandId,
        /// The answer.
        answer: Answer,
    },
}

/// What happens to a bot that stands beside whoever has the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aside {
    /// It is there from now on, in this version.
    Pinned {
        /// The bot.
        bot: BotName,
        /// Which version of it.
        version: VersionId,
        /// Whose values it finds.
        #[serde(default, skip_serializing_if = "is_default")]
        environment: Environment,
    },
    /// It was told something.
    Heard(Happening),
    /// It thought about it. Its state stands in the image.
    Thought {
        /// Where it is now.
        #[serde(skip)]
        state: Option<Box<State>>,
    },
    /// What it knew is forgotten: it begins anew.
    Forgot,
}

/// How a ring ended that nobody accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingEnd {
    /// They said no.
    Rejected,
    /// They said nothing.
    Expired,
    /// It is not for them any more.
    Withdrawn,
}

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The visitor ended it.
    Visitor,
    /// Somebody who works here ended it, or a bot.
    Agent,
    /// Nobody said anything for too long.
    Idle,
    /// The visitor of a chat has left.
    VisitorLeft,
    /// The house ended it.
    House,
}

/// What leaves the house and comes back with an outcome: the how manieth of which turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId {
    /// The turn it was decided in.
    pub turn: u64,
    /// Its number there.
    pub number: u32,
}

/// Something that is done outside and has not come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// Its name: whoever does it twice says this name twice.
    pub id: EffectId,
    /// What.
    pub what: Errand,
    /// Whether it may be tried only once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub once: bool,
    /// Whether it has been tried, if it may be only once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub begun: bool,
    /// When it has failed, if nothing is heard.
    pub until: Moment,
}

/// What is done outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// An integration of the bot.
    Call {
        /// What the bot calls it.
        call: u64,
        /// The integration.
        integration: String,
        /// The values of the names it uses.
        with: Value,
    },
    /// Keep a value for the visitor.
    Remember {
        /// Its name.
        name: String,
        /// The value.
        value: Value,
    },
}

/// The answer to a command that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done.
    Done,
    /// A conversation has begun.
    Began(ConversationId),
    /// A message or receipt has this number.
    Sequence(u64),
    /// A user is logged in: every command of theirs carries this number.
    LoggedIn(u64),
}

/// A bot's state, as it is kept: JSON that nobody here looks into.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(pub Box<RawValue>);

impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        self.0.get() == other.0.get()
    }
}

impl std::fmt::Display for EffectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.turn, self.number)
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_nothing(value: &Value) -> bool {
    *value == Value::Nothing
}

fn is_for_all(audience: &Audience) -> bool {
    *audience == Audience::All
}
