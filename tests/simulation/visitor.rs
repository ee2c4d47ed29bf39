//! Visitors: they come, speak fast or slowly, send things twice, are cut off, and read what they missed.

use std::collections::VecDeque;

use parlor::conversation::{Audience, Channel, Content, ConversationId, Moment, Receipt, Value, VisitorId};
use parlor::platform::{Answer, Ask, Caller, Conversation, Record, Refusal, Talk};
use parlor::store::{Key, Store, Version};

use crate::dice::{Dice, mark};
use crate::house::{Event, House, Who};
use crate::scenario::{Scenario, Visiting};

/// Milliseconds between two signs of life of a chat's client.
const BEAT_MS: u64 = 11_000;

/// A visitor in their conversation.
#[derive(Debug)]
pub struct Visitor {
    /// The conversation.
    pub id: ConversationId,
    name: VisitorId,
    dice: Dice,
    /// What they will send, one after another.
    outbox: VecDeque<Ask>,
    /// What they wait for before they send the next.
    waiting: Option<usize>,
    /// What was acknowledged last.
    last: Option<usize>,
    begun: bool,
    over: bool,
    away_until: Moment,
    /// Marks of the turns they have seen, in order.
    pub seen: Vec<u64>,
}

impl Visitor {
    /// Somebody who has not come yet.
    pub fn new(scenario: &Scenario, number: usize) -> Visitor {
        Visitor {
            id: ConversationId(u128::from(scenario.seed) << 64 | number as u128),
            name: VisitorId::from(format!("visitor-{}", number % 20)),
            dice: Dice::of(&[scenario.seed, 2, number as u64]),
            outbox: VecDeque::new(),
            waiting: None,
            last: None,
            begun: false,
            over: false,
            away_until: Moment(0),
            seen: Vec::new(),
        }
    }

    /// Whether they are cut off.
    pub fn is_away(&self, now: Moment) -> bool {
        now < self.away_until
    }
}

impl House<'_> {
    /// A visitor does what they came for.
    pub fn visitor_does(&mut self, number: usize, visiting: &Visiting) {
        let visit = &self.scenario.visits[number];
        let words = self.witness.sent.len();
        let visitor = &mut self.visitors[number];
        if !visitor.begun && *visiting != Visiting::Begins {
            return;
        }
        let id = visitor.id;
        let ask = match visiting {
            Visiting::Begins => {
                visitor.begun = true;
                self.deeds.conversations += 1;
                let (channel, skill) = (visit.channel, visit.skill.clone());
                if channel == Channel::Chat {
                    self.later(parlor::conversation::Span(BEAT_MS), Event::Beats(Who::Visitor(number)));
                }
                Ask::Begin { conversation: id, channel, skill, context: Value::Nothing }
            }
            // Every message is one of its kind, so that one cannot be taken for another.
            Visiting::Says(text) => {
                let said = visitor.outbox.len();
                let content = Content::text(format!("{text} ({words}.{said})"));
                Ask::In(id, Talk::Say { content, audience: Audience::All })
            }
            Visiting::Reads => {
                let of: Vec<u64> = self
                    .kept(id)
                    .and_then(|conversation| {
                        let next = conversation.dialogs.last()?.next;
                        (next > 0).then(|| vec![next - 1])
                    })
                    .unwrap_or_default();
                if of.is_empty() {
                    return;
                }
                Ask::In(id, Talk::Receive { status: Receipt::Read, of })
            }
            Visiting::Rates => Ask::In(id, Talk::Rate(visitor.dice.between(1, 5) as u8)),
            Visiting::Closes => Ask::In(id, Talk::Close { survey: visitor.dice.chance(50) }),
            Visiting::Vanishes(span) => {
                visitor.away_until = self.now.after(*span);
                let back = visitor.away_until;
                return self.at(back, None, Event::Beats(Who::Visitor(number)));
            }
        };
        self.visitors[number].outbox.push_back(ask);
        self.visitor_sends(number);
    }

    /// A visitor sends what they have to send.
    fn visitor_sends(&mut self, number: usize) {
        let visit = &self.scenario.visits[number];
        loop {
            let visitor = &mut self.visitors[number];
            if self.left || visitor.is_away(self.now) || (visit.patient && visitor.waiting.is_some()) {
                return;
            }
            let Some(ask) = visitor.outbox.pop_front() else { return };
            let copies = if visitor.dice.chance(visit.twice) { 2 } else { 1 };
            let after = visitor.last.filter(|_| visit.patient);
            let from = Caller::Visitor(visitor.name.clone());
            let sent = self.send(Who::Visitor(number), from, ask, after, copies);
            self.visitors[number].waiting = Some(sent);
        }
    }

    /// A visitor is answered, and goes on.
    pub fn visitor_is_answered(&mut self, number: usize, sent: usize, answer: &Result<Answer, Refusal>) {
        let visitor = &mut self.visitors[number];
        if answer.is_ok() {
            visitor.last = Some(sent);
        }
        if visitor.waiting == Some(sent) {
            visitor.waiting = None;
        }
        self.visitor_sends(number);
    }

    /// A visitor's client says that it is there, and reads what it missed.
    pub fn visitor_beats(&mut self, number: usize) {
        let visitor = &self.visitors[number];
        if self.left || visitor.over {
            return;
        }
        if visitor.is_away(self.now) {
            return;
        }
        self.visitor_reads(number);
        self.visitor_sends(number);
        let visitor = &self.visitors[number];
        if self.scenario.visits[number].channel == Channel::Chat && !visitor.over {
            let (from, id) = (Caller::Visitor(visitor.name.clone()), visitor.id);
            self.whisper(from, Ask::In(id, Talk::Alive));
            self.later(parlor::conversation::Span(BEAT_MS), Event::Beats(Who::Visitor(number)));
        }
    }

    /// A visitor sees a turn, or finds that they have missed some.
    pub fn visitor_sees(&mut self, mark: u64, record: &Record, conversation: &Conversation) {
        let number = (conversation.id.0 & 0xffff_ffff) as usize;
        let visitor = &mut self.visitors[number];
        if visitor.is_away(self.now) {
            return;
        }
        let turn = record.turn as usize;
        visitor.over |= conversation.is_over();
        match visitor.seen.get(turn - 1) {
            Some(seen) if *seen != mark => {
                let how = format!("{}, turn {turn}", conversation.id);
                self.witness.breaks("what was seen stays", how);
            }
            Some(_) => {}
            None if visitor.seen.len() == turn - 1 => visitor.seen.push(mark),
            None => self.visitor_reads(number),
        }
    }

    /// A visitor reads the record from where they were.
    fn visitor_reads(&mut self, number: usize) {
        let visitor = &mut self.visitors[number];
        let key = Key::of(&["conversation", &self.account.name, &visitor.id.to_string()]);
        let after = Version(visitor.seen.len() as u64);
        let entries = self.disk.memory.read(&key, after, usize::MAX).expect("a store in memory can be read");
        visitor.seen.extend(entries.iter().map(|entry| mark(&entry.bytes)));
    }
}
