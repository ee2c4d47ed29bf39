//! Where a bot is in a conversation, and what it remembers: by name, so that it outlives a version of the bot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{Knowledge, Moment, Span, Value};

use super::trail::Mark;

/// The form this version writes; older ones are read, newer ones are begun anew.
pub const FORM: u16 = 2;

/// All that a bot keeps of a conversation. Starts empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct State {
    /// The form it is written in.
    pub(super) form: u16,
    /// Whom the bot talks to.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) knows: Knowledge,
    /// Whether the session has begun.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) begun: bool,
    /// When the visitor last spoke, or the conversation began.
    pub(super) last: Moment,
    /// Since when nothing has been heard, and the silence that has been answered since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quiet: Option<Quiet>,
    /// The bot's variables of this session.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) variables: BTreeMap<String, Value>,
    /// Dialogs, the one that runs last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stack: Vec<Frame>,
    /// The call or transfer that has not come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting: Option<Waiting>,
    /// The questions asked, the open one last, each with its stack.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) trail: Vec<Vec<Mark>>,
    /// What began the session, until `on start` is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<Held>,
    /// What the visitor said last.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) reply: String,
    /// How many calls and transfers there were.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) calls: u64,
    /// Handovers that failed in a row.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) failures: u32,
}

/// A dialog on the stack.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frame {
    /// Its name.
    pub dialog: String,
    /// Its own variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Value>,
    /// The question that waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// Whether it runs in place: the question beneath it is not said again when it ends.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) in_place: bool,
    /// Fields of a `collect` that are filled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) filled: Vec<String>,
    /// The message that started it, until a `collect` has looked through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) heard: Option<String>,
}

/// A question that waits for an answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Open {
    /// Its name.
    pub question: String,
    /// Answers in a row that fitted nothing.
    #[serde(skip_serializing_if = "is_default")]
    pub misses: u32,
}

/// A silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Quiet {
    pub since: Moment,
    pub answered: Span,
}

/// What began a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Held {
    /// The conversation itself.
    Began,
    /// A message.
    Said(String),
}

/// A call or transfer that has not come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiting {
    pub id: u64,
    /// When it left.
    #[serde(default)]
    pub since: Moment,
    /// The dialog it stands in.
    pub dialog: String,
    /// Which of the calls and transfers of that dialog, counted from 0.
    pub number: u32,
    /// What it calls, to find it again in another version of the bot.
    pub target: String,
    /// The dialog's variables, once a transfer has emptied the stack.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Value>,
    /// Whether the conversation has been handed over.
    #[serde(default, skip_serializing_if = "is_default")]
    pub left: bool,
    /// Whether somebody seemed to take it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub taken: bool,
    /// Messages and calls in its dialog before it, its own included.
    #[serde(default, skip_serializing_if = "is_default")]
    pub says: u32,
    /// Jumps from dialog to dialog before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hops: u32,
}

impl Default for State {
    fn default() -> State {
        State {
            form: FORM,
            knows: Knowledge::default(),
            begun: false,
            last: Moment::default(),
            quiet: None,
            variables: BTreeMap::new(),
            stack: Vec::new(),
            waiting: None,
            trail: Vec::new(),
            held: None,
            reply: String::new(),
            calls: 0,
            failures: 0,
        }
    }
}

impl State {
    /// As it is stored: JSON.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What was stored. A state of a later form, or none at all, begins anew, and the sentence says why.
    pub fn read(stored: &[u8]) -> (State, Option<String>) {
        if stored.is_empty() {
            return (State::default(), None);
        }
        match serde_json::from_slice::<State>(stored) {
            Ok(state) if state.form <= FORM => (state, None),
            Ok(state) => (
                State::default(),
                Some(format!("the state has form {}, and this version reads up to {FORM}", state.form)),
            ),
            Err(error) => (State::default(), Some(format!("the state cannot be read: {error}"))),
        }
    }

    /// The question that waits for an answer, with its dialog.
    pub fn open(&self) -> Option<(&str, &Open)> {
        let frame = self.stack.last()?;
        frame.open.as_ref().map(|open| (frame.dialog.as_str(), open))
    }

    /// The call or transfer that has not come back.
    pub fn waits_for(&self) -> Option<u64> {
        self.waiting.as_ref().filter(|waiting| !waiting.left).map(|waiting| waiting.id)
    }

    /// The variables that have a value, those of the dialog that runs first.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Value)> {
        let own = self.stack.last().into_iter().flat_map(|frame| &frame.variables);
        own.chain(&self.variables).chain(&self.knows.remembered).map(|(name, value)| (name.as_str(), value))
    }

    /// Whom the bot talks to.
    pub fn knows(&self) -> &Knowledge {
        &self.knows
    }

    /// What is kept for the visitor, for good.
    pub fn remembered(&self) -> &BTreeMap<String, Value> {
        &self.knows.remembered
    }

    /// What the visitor said last.
    pub fn reply(&self) -> &str {
        &self.reply
    }

    /// Dialogs on the stack, the one that runs last.
    pub fn stack(&self) -> &[Frame] {
        &self.stack
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
