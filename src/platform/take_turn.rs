//! What durability is: one thing happens to a conversation, all that follows from it at once is one record, the record is
//! kept, and only then anything leaves the house.
//!
//! [`take_turn`] decides and touches nothing. What it decided is appended. Once that is durable, [`act`] says what leaves
//! the house, and says it from the record alone: whoever reads the record after a crash says the same again, under the
//! same names, so that doing it twice is harmless.

use std::collections::HashMap;

use crate::conversation::{
    Audience, Author, Channel, CommandId, ConnectorId, Content, ConversationId, Due, Effect, Log, Message,
    Moment, Outcome, Span, UserId,
};

use super::account::{Account, Connector, Environment, Manners, Mind, Permission, Skill};
use super::connector::RunState;
use super::conversation::{Conversation, Place, as_channel_shows};
use super::deployed::Deployments;
use super::fact::{Answer, EffectId, Errand, Fact, Record};
use super::floor::Floor;
use super::input::{Ask, Caller, Login, Talk};
use super::limits::*;
use super::mind::Minds;
use super::output::Output;
use super::refusal::{Code, Refusal};

/// Something that happens to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Somebody asks for something.
    Asked {
        /// Who.
        from: Caller,
        /// What they call it.
        command: CommandId,
        /// What for.
        ask: Ask,
    },
    /// The router offers it to somebody.
    Offered(UserId),
    /// A moment has come that it waited for.
    Woke,
    /// Something that was done outside came back.
    Returned {
        /// What.
        id: EffectId,
        /// Who did it.
        by: Login,
        /// What came of it.
        outcome: Outcome,
    },
    /// Something that the house does itself is done.
    Done(EffectId),
    /// Something that may be tried only once is about to be.
    Tries(EffectId),
    /// Whoever holds it is here again, or here now: what is going on outside is taken up.
    TakenUp,
    /// Whoever holds it is not there any more.
    Lost {
        /// Who.
        user: UserId,
        /// Why.
        why: &'static str,
    },
    /// The visitor's client is not there any more.
    VisitorLeft,
    /// A turn of its bot came to more than can be kept.
    TooLarge,
    /// An earlier turn may still be on its way to the store, and must not arrive any more.
    Fence,
}

/// What a turn may look at besides its conversation.
pub struct World<'w> {
    /// How the account is set up.
    pub account: &'w Account,
    /// Who is there.
    pub floor: &'w Floor,
    /// Our bots.
    pub minds: &'w dyn Minds,
    /// Which versions are served.
    pub deployed: &'w Deployments,
    /// The state of a connector.
    pub runs: &'w HashMap<ConnectorId, RunState>,
    /// Which run of the house this is.
    pub writer: u64,
    /// Bytes that are free on the disk.
    pub free_space: u64,
}

/// A turn that was decided and is not kept yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What is to be kept; without facts, nothing is.
    pub record: Record,
    /// What it leads to.
    pub conversation: Conversation,
    /// The answer to whoever asked.
    pub answer: Answer,
}

/// Decides a turn. Nothing is changed anywhere, and a refusal leaves nothing half done.
pub fn take_turn(
    before: Option<&Conversation>,
    id: ConversationId,
    what: &What,
    world: &World<'_>,
    now: Moment,
) -> Result<Taken, Refusal> {
    if let (Some(before), What::Asked { from, command, .. }) = (before, what)
        && let Some(answer) = before.answered.to(&from.author(), command)
    {
        let record = Record { turn: before.turn, at: before.at, writer: world.writer, facts: Vec::new() };
        return Ok(Taken { record, conversation: before.clone(), answer });
    }
    let conversation = match (before, what) {
        (Some(before), _) => before.clone(),
        (None, What::Asked { from: Caller::Visitor(visitor), ask: Ask::Begin { channel, .. }, .. }) => {
            Conversation::new(id, *channel, visitor.clone(), now)
        }
        (None, _) => {
            let sentence = format!("there is no conversation {id}");
            return Err(Refusal::of(Code::UnknownConversation, "conversation", sentence));
        }
    };
    let mut turn = Turn::new(world, conversation, now);
    let answer = turn.take(what, before.is_none())?;
    turn.read_along();
    if let What::Asked { from, command, .. } = what
        && !turn.facts.is_empty()
    {
        let (by, command) = (from.author(), command.clone());
        turn.happens(Fact::Answered { by, command, answer: answer.clone() });
    }
    Ok(turn.finish(answer))
}

/// What leaves the house for a turn that is durable. `holder`: the login of whoever has the conversation, if they are
/// there.
pub fn act(record: &Record, after: &Conversation, holder: Option<&Login>) -> Vec<Output> {
    let seated = record.facts.iter().any(|fact| matches!(fact, Fact::Seated { .. }));
    let mut outputs = if seated { act_again(after, holder) } else { Vec::new() };
    for fact in &record.facts {
        match fact {
            Fact::Opened(open) if !open.once && !seated => outputs.extend(perform(after, open.id, holder)),
            Fact::Begun(id) => outputs.extend(perform(after, *id, holder)),
            Fact::Awaited(awaited) if awaited.resent > 0 => {
                outputs.extend(after.seat().map(|seat| Output::Resend {
                    conversation: after.id,
                    sequence: awaited.sequence,
                    to: seat.user.clone(),
                }));
            }
            _ => {}
        }
    }
    outputs
}

/// What leaves the house once more when somebody takes a conversation up: all that has not come back and may be done
/// twice, under its old name.
pub fn act_again(conversation: &Conversation, holder: Option<&Login>) -> Vec<Output> {
    let again = conversation.effects.iter().filter(|open| !open.once);
    again.filter_map(|open| perform(conversation, open.id, holder)).collect()
}

fn perform(conversation: &Conversation, id: EffectId, holder: Option<&Login>) -> Option<Output> {
    let what = conversation.effect(id).filter(|open| matches!(open.what, Errand::Call { .. }))?.clone();
    let (by, visitor) = (holder?.clone(), conversation.visitor.clone());
    Some(Output::Perform { conversation: conversation.id, visitor, what, by })
}

/// A turn while it is decided.
pub(super) struct Turn<'w> {
    pub world: &'w World<'w>,
    pub now: Moment,
    pub conversation: Conversation,
    pub facts: Vec<Fact>,
    /// Effects of this turn so far.
    pub errands: u32,
    /// How often a bot was told something in this turn.
    pub heard: u32,
    /// Bytes that bots have said in this turn.
    pub said_bytes: usize,
}

impl<'w> Turn<'w> {
    fn new(world: &'w World<'w>, mut conversation: Conversation, now: Moment) -> Turn<'w> {
        let now = now.max(conversation.at); // a clock may be set back; a conversation's is not
        conversation.turn += 1;
        conversation.at = now;
        conversation.writer = world.writer;
        Turn { world, now, conversation, facts: Vec::new(), errands: 0, heard: 0, said_bytes: 0 }
    }

    /// Something happens: it is written down, and the conversation is as it says from now on.
    pub(super) fn happens(&mut self, fact: Fact) {
        self.conversation.apply(&fact);
        self.facts.push(fact);
    }

    fn take(&mut self, what: &What, new: bool) -> Result<Answer, Refusal> {
        match what {
            What::Asked { ask: Ask::Begin { skill, context, channel, .. }, from, .. } => {
                return self.begin(new, from, skill, *channel, context);
            }
            What::Asked { from, ask: Ask::In(_, talk), .. } => return self.talk(from, talk),
            What::Asked { .. } => {}
            What::Offered(user) => self.offered(user),
            What::Woke => self.woke(),
            What::Returned { id, by, outcome } => self.returned(*id, by, outcome),
            What::Done(id) => self.done(*id),
            What::Tries(id) => self.tries(*id),
            What::TakenUp => self.taken_up(),
            What::Lost { user, why } => self.lost(user, why),
            What::VisitorLeft => self.visitor_left(),
            What::TooLarge => self.too_large(),
            What::Fence => {} // the turn itself is what it is for
        }
        Ok(Answer::Done)
    }

    fn talk(&mut self, from: &Caller, talk: &Talk) -> Result<Answer, Refusal> {
        let author = self.author(from)?;
        match talk {
            Talk::Say { content, audience } => self.asked_to_say(author, content, *audience),
            Talk::Receive { status, of } => self.receive(author, *status, of),
            Talk::Do(_) | Talk::Alive => self.part_of(&author).map(|()| Answer::Done), // not kept
            Talk::Happens { name, data } => self.happens_outside(author, name, data),
            Talk::Accept { ring } => self.accept(author, *ring),
            Talk::Reject { ring } => self.reject(author, *ring),
            Talk::Take => self.take_from_queue(author),
            Talk::Transfer(to) => self.asked_to_transfer(author, to),
            Talk::Close { survey } => self.asked_to_close(author, *survey),
            Talk::Join(role) => self.join(author, *role),
            Talk::Leave => self.leave(author),
            Talk::SetDue(due) => self.asked_to_set_due(author, *due),
            Talk::Rate(stars) => self.rate(author, *stars),
        }
    }

    fn finish(mut self, answer: Answer) -> Taken {
        self.settle_due();
        let (turn, at) = (self.conversation.turn, self.conversation.at);
        let record = Record { turn, at, writer: self.world.writer, facts: self.facts };
        Taken { record, conversation: self.conversation, answer }
    }

    /// Something that waits for a person is due some time.
    fn settle_due(&mut self) {
        let conversation = &self.conversation;
        let waits = match &conversation.place {
            Place::Queue(_) => !conversation.last_said.is_empty(),
            Place::Seat(seat) => seat.connector.is_none() && self.facts.iter().any(by_the_visitor),
            Place::Over { .. } => false,
        };
        if waits && conversation.due_at.is_none() && conversation.channel == Channel::Messaging {
            let at = self.now.after(self.due_within());
            self.happens(Fact::DueAt(Some(at)));
        }
    }

    pub(super) fn due_within(&self) -> Span {
        let times = self.skill().map(|skill| skill.due).unwrap_or_default();
        match self.conversation.due {
            Due::Urgent => times.urgent,
            Due::Normal => times.normal,
            Due::Prioritized => times.prioritized,
            Due::Within(span) => span,
        }
    }

    // ---------------------------------------------------------------------------------------------- who and what

    /// Who asks, if they may at all: visitors in their own conversations, users by their newest login.
    fn author(&self, from: &Caller) -> Result<Author, Refusal> {
        match from {
            Caller::Visitor(visitor) if *visitor == self.conversation.visitor => Ok(Author::Visitor),
            Caller::Visitor(_) => {
                let id = self.conversation.id;
                Err(Refusal::of(
                    Code::UnknownConversation,
                    "conversation",
                    format!("there is no conversation {id}"),
                ))
            }
            Caller::User(login) => self.world.newest(login).map(|()| Author::User(login.user.clone())),
            Caller::Operator(_) => Ok(Author::House),
        }
    }

    pub(super) fn is_open(&self) -> Result<(), Refusal> {
        if self.conversation.is_over() {
            return Err(Refusal::of(Code::Closed, "conversation", "the conversation is over"));
        }
        Ok(())
    }

    /// The user who asks, if they work here and take part or may step in.
    pub(super) fn part_of(&self, author: &Author) -> Result<(), Refusal> {
        match author {
            Author::User(user) if !self.conversation.has(user) && !self.is_manager(user) => {
                Err(Refusal::of(Code::NotAParticipant, "conversation", format!("{user} takes no part in it")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_manager(&self, user: &UserId) -> bool {
        self.world.account.may(user, Permission::StepIn)
    }

    pub(super) fn skill(&self) -> Option<&'w Skill> {
        self.world.account.skills.get(&self.conversation.skill)
    }

    /// The connector that has the conversation.
    pub(super) fn connector(&self) -> Option<(&'w ConnectorId, &'w Connector)> {
        let id = self.conversation.seat()?.connector.as_ref()?;
        self.world.account.connectors.get_key_value(id)
    }

    pub(super) fn manners(&self) -> Manners {
        self.connector().map(|(_, connector)| connector.manners.clone()).unwrap_or_default()
    }

    /// Whether a bot of ours has it.
    pub(super) fn is_ours(&self) -> bool {
        self.connector().is_some_and(|(_, connector)| matches!(connector.mind, Mind::Ours(_)))
    }

    // ------------------------------------------------------------------------------------------- what is written

    /// Somebody says something in the dialog that runs; its number.
    pub(super) fn said(&mut self, by: Author, audience: Audience, content: Content) -> u64 {
        let dialog = self.conversation.dialog();
        let sequence = self.conversation.dialogs[dialog as usize].next;
        self.happens(Fact::Said { dialog, sequence, by, audience, content });
        sequence
    }

    /// Who has it says something.
    pub(super) fn holder_says(&mut self, message: Message) {
        let Some(seat) = self.conversation.seat() else { return };
        let by = Author::User(seat.user.clone());
        let message = as_channel_shows(message, self.conversation.channel);
        if matches!(&message, Message::Text(text) if text.trim().is_empty()) {
            return;
        }
        let bytes = serde_json::to_vec(&message).map_or(usize::MAX, |json| json.len());
        self.said_bytes = self.said_bytes.saturating_add(bytes);
        if self.said_bytes > BOT_SAYS_BYTES_MAX {
            return self.trouble(format!("{BOT_SAYS_BYTES_MAX} bytes are the most that a bot says at once"));
        }
        self.said(by, Audience::All, Content::Message(message));
    }

    pub(super) fn trouble(&mut self, what: impl Into<String>) {
        self.happens(Fact::Logged(Log::Trouble { what: what.into(), place: None }));
    }

    // ----------------------------------------------------------------------------------------------------- time

    /// Whatever is due now is done, in a fixed order. What is not due any more does nothing.
    fn woke(&mut self) {
        let due = |at: Option<Moment>| at.is_some_and(|at| at <= self.now);
        let conversation = &self.conversation;
        if conversation.is_over() {
            return;
        }
        let idle = self.idle();
        if due(Some(conversation.last_word.after(idle))) {
            return self.idle_close();
        }
        let queue = conversation.queue();
        if due(queue.and_then(|queue| queue.ring.as_ref().map(|ring| ring.until))) {
            self.ring_expired();
        } else if due(queue.and_then(|queue| queue.again)) {
            self.happens(Fact::RingsAgain);
        }
        if self.is_due(|conversation| conversation.handover.as_ref().map(|handover| handover.until)) {
            self.nobody_took_it();
        }
        if self.is_due(|conversation| conversation.paused.as_ref().map(|paused| paused.until)) {
            self.go_on();
        }
        if self.is_due(|conversation| conversation.hear_at) {
            self.heard_enough();
        }
        if self.is_due(|conversation| conversation.greet_at) {
            self.greet();
        }
        if self.conversation.bot_listens()
            && self.is_due(|conversation| conversation.bot.as_ref().and_then(|bot| bot.wake))
        {
            self.wake_bot();
        }
        if self.is_due(|conversation| conversation.awaited.map(|awaited| awaited.until)) {
            self.still_no_answer();
        }
        self.give_up_on_effects();
        if self.is_due(|conversation| conversation.due_at.filter(|_| !conversation.overdue)) {
            self.is_overdue();
        }
    }

    fn is_due(&self, at: impl Fn(&Conversation) -> Option<Moment>) -> bool {
        at(&self.conversation).is_some_and(|at| at <= self.now)
    }

    pub(super) fn idle(&self) -> Span {
        self.world.idle(&self.conversation)
    }
}

impl World<'_> {
    /// After how long without a word a conversation is closed.
    pub fn idle(&self, conversation: &Conversation) -> Span {
        match conversation.in_survey() {
            true => Span(SURVEY_IDLE_MS),
            false => self.account.skills.get(&conversation.skill).map_or(Span(IDLE_MS), |skill| skill.idle),
        }
    }

    /// Whether a login is the newest of its user.
    pub fn newest(&self, login: &Login) -> Result<(), Refusal> {
        match self.floor.presence(&login.user) {
            Some(presence) if presence.epoch == login.epoch && login.epoch > 0 => Ok(()),
            _ => {
                let sentence = format!("this login of {} has ended", login.user);
                Err(Refusal::of(Code::StaleLogin, "login", sentence))
            }
        }
    }

    /// The version of a bot that is served, and how often open conversations were moved to another.
    pub fn version(&self, connector: &Connector) -> Option<(crate::conversation::VersionId, u64)> {
        let Mind::Ours(bot) = &connector.mind else { return None };
        self.deployed.served(bot, connector.deploy_to)
    }

    /// Where a connector serves.
    pub fn environment(&self, connector: &ConnectorId) -> Option<Environment> {
        self.account.connectors.get(connector).map(|connector| connector.deploy_to)
    }
}

fn by_the_visitor(fact: &Fact) -> bool {
    matches!(fact, Fact::Said { by: Author::Visitor, .. })
}

/// Refuses what is larger than it may be.
pub(super) fn fits(bytes: usize, limit: usize, field: &str) -> Result<(), Refusal> {
    if bytes > limit {
        let sentence = format!("{bytes} bytes are too many: {limit} is the most");
        return Err(Refusal::of(Code::TooLarge, field, sentence));
    }
    Ok(())
}

pub(super) type Effects = std::collections::VecDeque<Effect>;
