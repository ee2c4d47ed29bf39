//! What the platform wants done, in this order. Nothing of a turn leaves before the turn is durable.

use std::sync::Arc;

use crate::conversation::{
    Author, Availability, CommandId, ConnectorId, ConversationId, Doing, UserId, VisitorId,
};
use crate::store;

use super::connector::RunState;
use super::conversation::Conversation;
use super::fact::{Answer, Open, Record};
use super::input::Login;
use super::refusal::Refusal;

/// Names what was asked of the store, so that the answer finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something the platform wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Append it, and say what came of it: [`Input::Stored`](super::Input::Stored).
    Append {
        /// To be sent back.
        ticket: Ticket,
        /// What.
        append: store::Append,
    },
    /// Read the newest of a key: [`Input::Read`](super::Input::Read).
    Read {
        /// To be sent back.
        ticket: Ticket,
        /// Which.
        key: store::Key,
    },
    /// Answer a command.
    Reply {
        /// Whom: the caller's own number.
        to: u64,
        /// Which.
        command: CommandId,
        /// What came of it.
        result: Result<Answer, Refusal>,
    },
    /// Something happened in a conversation, for all who look at it. It is durable.
    Happened {
        /// What.
        record: Arc<Record>,
        /// What it led to.
        conversation: Arc<Conversation>,
    },
    /// Do it, and say what came of it: [`Input::Returned`](super::Input::Returned).
    Perform {
        /// For which conversation.
        conversation: ConversationId,
        /// For which visitor.
        visitor: VisitorId,
        /// What.
        what: Open,
        /// Who: a connector's user. The outcome counts only in this login.
        by: Login,
    },
    /// Give a message to somebody else's bot once more.
    Resend {
        /// In which conversation.
        conversation: ConversationId,
        /// The message.
        sequence: u64,
        /// To whom.
        to: UserId,
    },
    /// Somebody does something that is not kept.
    Doing {
        /// In which conversation.
        conversation: ConversationId,
        /// Who.
        by: Author,
        /// What.
        doing: Doing,
    },
    /// A user's login or availability is this now. Sockets of earlier logins are closed.
    Presence {
        /// The newest login.
        login: Login,
        /// Whether they take conversations.
        availability: Availability,
    },
    /// A connector is in this state now.
    Connector {
        /// Which.
        connector: ConnectorId,
        /// In which state.
        state: RunState,
    },
    /// Bring a connector up, again if need be.
    Run(ConnectorId),
    /// Ask what thinks for a connector whether it is there, and [report](super::Ask::Report).
    Probe(ConnectorId),
    /// Remove all conversations and values of a visitor: see [`forget`](super::retention::forget).
    Forget(VisitorId),
    /// Nothing can be promised any more: acknowledge nothing, and exit.
    Halt {
        /// Why, for whoever runs it.
        why: String,
    },
}
