//! A conversation on a server as it goes on in a terminal: what is typed, what happens, and what keeps both going when the server is away.
//!
//! Everything arrives at one place, in order: `visit` and `agent` are loops over this news.

mod typed; // lines, from a keyboard or a pipe
mod screen; // where lines are shown
mod link; // the way to the server, tried again and again
mod teller; // what happens, as lines

use serde_json::Value as Json;

pub(super) use link::{Errand, Link, errands, follow};
pub(super) use screen::{Aways, Screen};
pub(super) use teller::{Shown, Teller, choices, turn_of};
pub(super) use typed::{Heard, Keyboard};

use super::remote::Trouble;

/// Something to deal with.
pub(super) enum News {
    /// A line was typed, or there will be none any more.
    Typed(Heard),
    /// Somebody is typing.
    Keys,
    /// What happened in a conversation, up to this turn.
    Happened { conversation: String, events: Vec<Json>, turn: u64 },
    /// Nothing more is heard of a conversation.
    Lost { conversation: String, why: Trouble },
    /// How things stand for whoever is logged in.
    Stands(Result<Json, Trouble>),
    /// What was asked for is done, or not. In the order in which it was asked.
    Done(Result<Json, Trouble>),
    /// One of the ways to the server does not get through.
    Away { way: &'static str, why: String },
    /// It does again.
    Back { way: &'static str },
}
