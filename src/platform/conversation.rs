//! A conversation as it stands: all that is needed to go on with it, from one read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{
    Audience, Author, BotName, Channel, ConnectorId, Content, ConversationId, Due, Effect, Happening,
    Message, Moment, Participant, SkillId, Span, UserId, Value, VersionId, VisitorId,
};

use super::account::Environment;
use super::answers::Answers;
use super::fact::{Aside, CloseReason, EffectId, Errand, Fact, Open, RingEnd, State, is_default};
use super::limits::{DECLINED_MAX, RING_AGAIN_MS, UNHEARD_BYTES_MAX, UNHEARD_MAX};

/// A conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its name.
    pub id: ConversationId,
    /// Turns so far.
    pub turn: u64,
    /// When the last one was.
    pub at: Moment,
    /// Which run of the house wrote it.
    pub writer: u64,
    /// When it began.
    pub began: Moment,
    /// How the visitor talks to us.
    pub channel: Channel,
    /// The visitor.
    pub visitor: VisitorId,
    /// What is known of them and of where they come from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub context: Value,
    /// The skill it asks for, or was taken from.
    pub skill: SkillId,
    /// Who has it.
    pub place: Place,
    /// Others who take part.
    #[serde(default, skip_serializing_if = "is_default")]
    pub others: Vec<Participant>,
    /// The conversation itself, and a survey after it.
    pub dialogs: Vec<Dialog>,
    /// Rings so far.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rings: u64,
    /// How soon answers are due.
    #[serde(default = "normal", skip_serializing_if = "is_normal")]
    pub due: Due,
    /// When the next answer is due.
    #[serde(default, skip_serializing_if = "is_default")]
    pub due_at: Option<Moment>,
    /// Whether it is overdue, and that has been seen to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub overdue: bool,
    /// When somebody last said something, or it went to somebody else.
    pub last_word: Moment,
    /// How the visitor found it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stars: Option<u8>,
    /// The bot that has it or had it last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bot: Option<Held>,
    /// The bots of ours with the role Manager, by connector.
    #[serde(default, skip_serializing_if = "is_default")]
    pub beside: BTreeMap<ConnectorId, Beside>,
    /// What the visitor said that no bot has heard yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unheard: Vec<Unheard>,
    /// When the bot hears it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hear_at: Option<Moment>,
    /// When the bot greets.
    #[serde(default, skip_serializing_if = "is_default")]
    pub greet_at: Option<Moment>,
    /// What the bot does after a pause.
    #[serde(default, skip_serializing_if = "is_default")]
    pub paused: Option<Paused>,
    /// Bots that have had it since the visitor last said something.
    #[serde(default, skip_serializing_if = "is_default")]
    pub passes: u32,
    /// A bot's handover that nobody has taken yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub handover: Option<Handover>,
    /// Somebody else's bot that has not answered yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub awaited: Option<Awaited>,
    /// What is done outside and has not come back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub effects: Vec<Open>,
    /// The last commands that were done, and their answers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub answered: Answers,
    /// What the visitor said last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_said: String,
}

/// Who has a conversation: nobody yet, one, or nobody any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// It waits.
    Queue(Queue),
    /// Somebody has it.
    Seat(Seat),
    /// It is over.
    Over {
        /// Who ended it.
        by: Author,
        /// Why.
        reason: CloseReason,
    },
}

/// A conversation that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Since when.
    pub since: Moment,
    /// Whether somebody had it before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transferred: bool,
    /// Who is asked first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub directed: Option<UserId>,
    /// At whom it rings.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ring: Option<Ring>,
    /// Who let it pass.
    #[serde(default, skip_serializing_if = "is_default")]
    pub declined: Vec<UserId>,
    /// When they are asked again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub again: Option<Moment>,
}

/// Somebody who has a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Who.
    pub user: UserId,
    /// Through which connector, if it is a bot.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connector: Option<ConnectorId>,
}

/// A conversation that rings at somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The how manieth.
    pub number: u64,
    /// At whom.
    pub user: UserId,
    /// How long.
    pub until: Moment,
}

/// One of the dialogs of a conversation: the first is the conversation itself, a second one the survey after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialog {
    /// The number that the next message or receipt gets.
    pub next: u64,
    /// When it began.
    pub opened: Moment,
    /// When it was over, and who ended it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub closed: Option<(Moment, Author)>,
}

/// A bot that has a conversation, or had it last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub bot: BotName,
    /// In which version.
    pub version: VersionId,
    /// Whose values it finds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub environment: Environment,
    /// How often open conversations of the bot had been moved when that version was taken.
    #[serde(default, skip_serializing_if = "is_default")]
    pub moves: u64,
    /// Where the bot is. Nothing: it has not been told anything.
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: Option<Box<State>>,
    /// When the visitor last said something to it.
    pub last: Moment,
    /// When it wants to be woken.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wake: Option<Moment>,
}

/// A bot that stands beside whoever has a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Which.
    pub bot: BotName,
    /// In which version.
    pub version: VersionId,
    /// Whose values it finds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub environment: Environment,
    /// Where the bot is. Nothing: it has not been told anything.
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: Option<Box<State>>,
}

/// Something the visitor said that no bot has heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unheard {
    /// When.
    pub at: Moment,
    /// What.
    pub what: Happening,
}

/// A bot that waits before it goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paused {
    /// Since when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// What it does then.
    pub rest: Vec<Effect>,
}

/// A conversation that a bot hands over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handover {
    /// The call that the bot is answered with.
    pub call: Option<u64>,
    /// The connector whose bot gets it back.
    pub connector: ConnectorId,
    /// Until when somebody may take it.
    pub until: Moment,
    /// Where it goes then.
    pub fallback: Option<SkillId>,
}

/// Somebody else's bot that has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The last message it was given.
    pub sequence: u64,
    /// How often it was given it again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resent: u32,
    /// Whether the visitor was asked to begin anew.
    #[serde(default, skip_serializing_if = "is_default")]
    pub asked: bool,
    /// When something is done about it.
    pub until: Moment,
}

/// Bytes of the visitor's last message that are kept beside the record.
const LAST_SAID_BYTES: usize = 1_024;

/// What a bot is told when a visitor says this.
pub(super) fn as_bots_hear(content: &Content) -> Happening {
    match content {
        Content::Message(message) => Happening::Said(message.to_text()),
        Content::Chosen { payload, .. } => Happening::Said(payload.clone()),
        Content::File(data) => Happening::Other { name: "file received".to_string(), data: data.clone() },
        Content::Rich(data) => {
            Happening::Other { name: "rich content received".to_string(), data: data.clone() }
        }
    }
}

impl Conversation {
    /// One that begins with its first fact.
    pub(super) fn new(id: ConversationId, channel: Channel, visitor: VisitorId, at: Moment) -> Conversation {
        Conversation {
            id,
            turn: 0,
            at,
            writer: 0,
            began: at,
            channel,
            visitor,
            context: Value::Nothing,
            skill: SkillId::from(""),
            place: Place::Queue(Queue::since(at)),
            others: Vec::new(),
            dialogs: vec![Dialog { next: 0, opened: at, closed: None }],
            rings: 0,
            due: Due::Normal,
            due_at: None,
            overdue: false,
            last_word: at,
            stars: None,
            bot: None,
            beside: BTreeMap::new(),
            unheard: Vec::new(),
            hear_at: None,
            greet_at: None,
            paused: None,
            passes: 0,
            handover: None,
            awaited: None,
            effects: Vec::new(),
            answered: Answers::default(),
            last_said: String::new(),
        }
    }

    // ------------------------------------------------------------------------------------------ what it is like

    /// Who has it.
    pub fn seat(&self) -> Option<&Seat> {
        match &self.place {
            Place::Seat(seat) => Some(seat),
            _ => None,
        }
    }

    /// How it waits, if it does.
    pub fn queue(&self) -> Option<&Queue> {
        match &self.place {
            Place::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over { .. })
    }

    /// The number of the dialog that runs.
    pub fn dialog(&self) -> u32 {
        (self.dialogs.len() - 1) as u32
    }

    /// Whether its survey has begun.
    pub fn in_survey(&self) -> bool {
        self.dialogs.len() > 1
    }

    /// Whether somebody who works here takes part in it.
    pub fn has(&self, user: &UserId) -> bool {
        self.seat().is_some_and(|seat| seat.user == *user)
            || self.others.iter().any(|other| other.user == *user)
    }

    /// When something is to be done if nothing happens before. `idle`: after how long without a word it is closed.
    pub fn wake(&self, idle: Span) -> Option<Moment> {
        if self.is_over() {
            return None;
        }
        let queue = self.queue();
        let bot = self.bot.as_ref().filter(|_| self.bot_listens());
        [
            Some(self.last_word.after(idle)),
            queue.and_then(|queue| queue.ring.as_ref().map(|ring| ring.until).or(queue.again)),
            self.hear_at,
            self.greet_at,
            self.paused.as_ref().map(|paused| paused.until),
            self.handover.as_ref().map(|handover| handover.until),
            self.awaited.map(|awaited| awaited.until),
            self.due_at.filter(|_| !self.overdue && self.seat().is_some()),
            bot.and_then(|bot| bot.wake),
            self.effects.iter().map(|open| open.until).min(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Whether a bot of ours has it and is not waiting before it goes on.
    pub fn bot_listens(&self) -> bool {
        self.paused.is_none()
            && self.bot.is_some()
            && self.seat().is_some_and(|seat| seat.connector.is_some())
    }

    // --------------------------------------------------------------------------------------- what a fact changes

    /// Takes a fact in. This is the only way in which a conversation changes.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::Began { context, .. } => self.context = context.clone(),
            Fact::Said { dialog, sequence, by, audience, content } => {
                self.count(*dialog, *sequence);
                self.last_word = self.at;
                match by {
                    Author::Visitor => self.visitor_said(content),
                    Author::User(_) if *audience == Audience::All => {
                        (self.due_at, self.overdue) = (None, false)
                    }
                    _ => {}
                }
            }
            Fact::Received { dialog, sequence, .. } => self.count(*dialog, *sequence),
            Fact::Queued { skill, transferred, directed, not, .. } => {
                self.skill = skill.clone();
                let directed = directed.clone();
                let declined = not.iter().cloned().collect();
                // Who had it is asked last, not never.
                let again = not.as_ref().map(|_| self.at.after(Span(RING_AGAIN_MS)));
                let queue =
                    Queue { transferred: *transferred, directed, declined, again, ..Queue::since(self.at) };
                self.place = Place::Queue(queue);
                self.last_word = self.at;
                (self.greet_at, self.hear_at, self.paused, self.awaited) = (None, None, None, None);
            }
            Fact::Rang { ring, user, until } => {
                self.rings = *ring;
                if let Place::Queue(queue) = &mut self.place {
                    queue.ring = Some(Ring { number: *ring, user: user.clone(), until: *until });
                }
            }
            Fact::RingEnded { how, again, .. } => self.ring_ended(*how, *again),
            Fact::RingsAgain => {
                if let Place::Queue(queue) = &mut self.place {
                    (queue.declined, queue.again) = (Vec::new(), None);
                }
            }
            Fact::Seated { user, connector, greet_at } => {
                self.place = Place::Seat(Seat { user: user.clone(), connector: connector.clone() });
                self.greet_at = *greet_at;
                self.passes = if connector.is_some() { self.passes.saturating_add(1) } else { 0 };
                self.others.retain(|other| other.user != *user);
                if connector.is_none() {
                    self.unheard.clear();
                }
            }
            Fact::Joined(participant) => self.others.push(participant.clone()),
            Fact::Left(user) => self.others.retain(|other| other.user != *user),
            Fact::DueChanged(due) => self.due = *due,
            Fact::DueAt(at) => (self.due_at, self.overdue) = (*at, false),
            Fact::Overdue => self.overdue = true,
            Fact::DialogOpened => {
                self.dialogs.push(Dialog { next: 0, opened: self.at, closed: None });
                self.last_word = self.at;
            }
            Fact::DialogClosed { dialog, by } => {
                if let Some(dialog) = self.dialogs.get_mut(*dialog as usize) {
                    dialog.closed = Some((self.at, by.clone()));
                }
                self.nothing_pends();
            }
            Fact::Closed { by, reason } => {
                self.place = Place::Over { by: by.clone(), reason: *reason };
                self.others.clear();
                self.beside.clear();
                self.nothing_pends();
            }
            Fact::Rated { stars } => self.stars = Some(*stars),
            Fact::Pinned { bot, version, environment, moves, anew } => {
                let before = self.bot.take().filter(|held| held.bot == *bot && !anew);
                let (state, wake) = before.map_or((None, None), |held| (held.state, held.wake));
                let (bot, version, environment) = (bot.clone(), version.clone(), *environment);
                let (moves, last) = (*moves, self.at);
                self.bot = Some(Held { bot, version, environment, moves, state, last, wake });
            }
            Fact::Heard(what) => {
                if matches!(what, Happening::Said(_) | Happening::Other { .. } | Happening::Began) {
                    (self.greet_at, self.hear_at) = (None, None);
                    self.unheard.clear();
                    self.bot.iter_mut().for_each(|bot| bot.last = self.at);
                }
            }
            Fact::Thought { state, wake } => {
                if let Some(bot) = &mut self.bot {
                    bot.state = state.clone().or_else(|| bot.state.take());
                    bot.wake = *wake;
                }
            }
            Fact::Beside { connector, what } => self.aside(connector, what),
            Fact::Gathering { until } => (self.hear_at, self.greet_at) = (Some(*until), None),
            Fact::Unanswered => (self.unheard, self.hear_at) = (Vec::new(), None),
            Fact::Paused { since, until, rest } => {
                self.paused = Some(Paused { since: *since, until: *until, rest: rest.clone() });
            }
            Fact::WentOn => self.paused = None,
            Fact::HandedOver { call, connector, until, fallback } => {
                let (connector, fallback) = (connector.clone(), fallback.clone());
                self.handover = Some(Handover { call: *call, connector, until: *until, fallback });
            }
            Fact::HandoverEnded { taken } => {
                self.handover = None;
                if !taken {
                    self.unheard.clear();
                }
            }
            Fact::Awaited(awaited) => self.awaited = Some(*awaited),
            Fact::Relieved => self.awaited = None,
            Fact::Opened(open) => self.effects.push(open.clone()),
            Fact::Begun(id) => {
                self.effects.iter_mut().filter(|open| open.id == *id).for_each(|open| open.begun = true)
            }
            Fact::Returned { id, .. } | Fact::GivenUp(id) => self.effects.retain(|open| open.id != *id),
            Fact::Logged(_) => {}
            Fact::Answered { by, command, answer } => self.answered.keep(by, command, answer),
        }
    }

    fn count(&mut self, dialog: u32, sequence: u64) {
        if let Some(dialog) = self.dialogs.get_mut(dialog as usize) {
            dialog.next = sequence + 1;
        }
    }

    fn aside(&mut self, connector: &ConnectorId, what: &Aside) {
        match what {
            Aside::Pinned { bot, version, environment } => {
                let before = self.beside.remove(connector).filter(|beside| beside.bot == *bot);
                let state = before.and_then(|beside| beside.state);
                let (bot, version, environment) = (bot.clone(), version.clone(), *environment);
                self.beside.insert(connector.clone(), Beside { bot, version, environment, state });
            }
            Aside::Heard(_) => {}
            Aside::Thought { state } => {
                if let (Some(beside), Some(state)) = (self.beside.get_mut(connector), state) {
                    beside.state = Some(state.clone());
                }
            }
            Aside::Forgot => {
                self.beside.get_mut(connector).into_iter().for_each(|beside| beside.state = None)
            }
        }
    }

    fn visitor_said(&mut self, content: &Content) {
        self.passes = 0;
        let what = as_bots_hear(content);
        if let Happening::Said(text) = &what {
            let end = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
            let end = end.take_while(|end| *end <= LAST_SAID_BYTES).last().unwrap_or(0);
            self.last_said = text[..end].to_string();
        }
        // A person reads for themselves; bots are told.
        if self.seat().is_none_or(|seat| seat.connector.is_some()) {
            self.unheard.push(Unheard { at: self.at, what });
            let size = |unheard: &Unheard| match &unheard.what {
                Happening::Said(text) => text.len(),
                Happening::Other { data, .. } => data.size(),
                _ => 0,
            };
            let bytes = self.unheard.iter().map(size).sum::<usize>();
            if self.unheard.len() > 1 && (self.unheard.len() > UNHEARD_MAX || bytes > UNHEARD_BYTES_MAX) {
                self.unheard.remove(0);
            }
        }
    }

    fn ring_ended(&mut self, how: RingEnd, again: Moment) {
        let Place::Queue(queue) = &mut self.place else { return };
        let Some(ring) = queue.ring.take() else { return };
        if queue.directed.as_ref() == Some(&ring.user) {
            queue.directed = None;
        }
        if how != RingEnd::Withdrawn {
            if queue.declined.len() >= DECLINED_MAX {
                queue.declined.remove(0);
            }
            queue.declined.push(ring.user);
            queue.again = Some(again);
        }
    }

    /// Nothing that was to happen in a dialog happens any more.
    fn nothing_pends(&mut self) {
        // What the house itself keeps for the visitor outlives the conversation.
        self.effects.retain(|open| matches!(open.what, Errand::Remember { .. }));
        self.unheard.clear();
        (self.greet_at, self.hear_at, self.paused, self.awaited) = (None, None, None, None);
        (self.handover, self.due_at) = (None, None);
        if let Some(bot) = &mut self.bot {
            bot.wake = None;
        }
    }

    /// The effect of a name that has not come back.
    pub fn effect(&self, id: EffectId) -> Option<&Open> {
        self.effects.iter().find(|open| open.id == id)
    }
}

impl Queue {
    fn since(at: Moment) -> Queue {
        Queue { since: at, transferred: false, directed: None, ring: None, declined: Vec::new(), again: None }
    }
}

impl Unheard {
    /// The words, if it is words.
    pub fn words(&self) -> Option<&str> {
        match &self.what {
            Happening::Said(text) => Some(text),
            _ => None,
        }
    }
}

/// What a channel without buttons shows.
pub(super) fn as_channel_shows(content: Message, channel: Channel) -> Message {
    match (&content, channel) {
        (Message::Choices(_), Channel::Chat) => Message::Text(content.to_text()),
        _ => content,
    }
}

fn normal() -> Due {
    Due::Normal
}

fn is_normal(due: &Due) -> bool {
    *due == Due::Normal
}
