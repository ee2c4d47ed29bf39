//! A record read again says the same: facts fold to the image, and the bot thinks once more what it thought.

use std::collections::VecDeque;
use std::fmt;

use crate::conversation::{Author, Content, Effect, Message, Moment};

use super::conversation::{Conversation, as_channel_shows};
use super::fact::{Aside, Fact, Record};
use super::mind::Minds;

/// Where a record does not say the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// The turn.
    pub turn: u64,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "turn {}: {}", self.turn, self.what)
    }
}

/// Folds records to a conversation. What bots of ours heard, they think about again: they must come to the same.
pub fn replay<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    minds: &dyn Minds,
) -> Result<Option<Conversation>, Differs> {
    let mut conversation: Option<Conversation> = None;
    for record in records {
        let turn = record.turn;
        let differs = |what: String| Differs { turn, what };
        if let Some(Fact::Began { conversation: id, channel, visitor, .. }) = record.facts.first() {
            conversation = Some(Conversation::new(*id, *channel, visitor.clone(), record.at));
        }
        let Some(conversation) = &mut conversation else {
            return Err(differs("the first record does not begin a conversation".to_string()));
        };
        if turn != conversation.turn + 1 {
            return Err(differs(format!("it follows turn {}", conversation.turn)));
        }
        if record.at < conversation.at {
            return Err(differs("it is earlier than the turn before".to_string()));
        }
        (conversation.turn, conversation.at, conversation.writer) = (turn, record.at, record.writer);
        again(conversation, record, minds).map_err(differs)?;
    }
    Ok(conversation)
}

fn again(conversation: &mut Conversation, record: &Record, minds: &dyn Minds) -> Result<(), String> {
    let mut thought = None;
    let mut to_say: VecDeque<Message> = VecDeque::new();
    let mut aside = None;
    let paused = conversation.paused.clone();
    for fact in &record.facts {
        match fact {
            Fact::Heard(what) => {
                let held = conversation.bot.as_ref().ok_or("nobody is there to hear")?;
                thought =
                    minds.hear((&held.version, held.environment), held.state.as_deref(), record.at, what);
            }
            Fact::Thought { wake, state: None } => {
                if let Some(thought) = thought.take() {
                    let later = |wake: &Moment| *wake > record.at;
                    if thought.wake.filter(later) != *wake {
                        return Err(format!("the bot would wake at {:?}, not at {wake:?}", thought.wake));
                    }
                    to_say = said_of(&thought.effects, conversation);
                    conversation.apply(&Fact::Thought { state: Some(thought.state), wake: *wake });
                    continue;
                }
            }
            Fact::Beside { connector, what: Aside::Heard(what) } => {
                let beside = conversation.beside.get(connector).ok_or("nobody stands there to hear")?;
                let of = (&beside.version, beside.environment);
                aside = minds.hear(of, beside.state.as_deref(), record.at, what);
            }
            Fact::Beside { connector, what: Aside::Thought { state: None } } => {
                if let Some(thought) = aside.take() {
                    let what = Aside::Thought { state: Some(thought.state) };
                    conversation.apply(&Fact::Beside { connector: connector.clone(), what });
                    continue;
                }
            }
            Fact::WentOn => {
                let rest = paused.as_ref().map(|paused| paused.rest.as_slice()).unwrap_or_default();
                to_say = said_of(rest, conversation);
            }
            Fact::Said { by: Author::User(_), content: Content::Message(message), .. } => {
                if let Some(expected) = to_say.pop_front()
                    && expected != *message
                {
                    return Err(format!("the bot would say {expected:?}, not {message:?}"));
                }
            }
            Fact::Queued { .. } | Fact::Closed { .. } => to_say.clear(),
            _ => {}
        }
        conversation.apply(fact);
    }
    match to_say.pop_front() {
        Some(unsaid) => Err(format!("the bot would say {unsaid:?} as well")),
        None => Ok(()),
    }
}

/// What a bot says before it pauses or gives the conversation away.
fn said_of(effects: &[Effect], conversation: &Conversation) -> VecDeque<Message> {
    let mut said = VecDeque::new();
    for (number, effect) in effects.iter().enumerate() {
        match effect {
            Effect::Pause(_) if number + 1 < effects.len() => break,
            Effect::Transfer { .. } | Effect::Close { .. } => break,
            Effect::Note(text) => said.push_back(Message::Text(text.clone())),
            Effect::Say(message) => {
                let shown = as_channel_shows(message.clone(), conversation.channel);
                if !matches!(&shown, Message::Text(text) if text.trim().is_empty()) {
                    said.push_back(shown);
                }
            }
            _ => {}
        }
    }
    said
}
