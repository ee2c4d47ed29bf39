//! A conversation is offered to somebody, who takes it, lets it pass, or says nothing; or somebody takes it themselves.

use crate::conversation::{Author, Channel, Span, UserId};
use crate::platform::account::Mind;
use crate::platform::conversation::Ring;
use crate::platform::fact::{Answer, Fact, RingEnd};
use crate::platform::limits::{CHAT_RING_MS, MESSAGING_RING_MS, RING_AGAIN_MS};
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::Turn;

impl Turn<'_> {
    /// The router offers it to somebody. A bot of ours has it at once; at anybody else it rings.
    pub(in crate::platform) fn offered(&mut self, user: &UserId) {
        let (id, channel, floor) = (self.conversation.id, self.conversation.channel, self.world.floor);
        let Some(queue) = self.conversation.queue().filter(|queue| queue.ring.is_none()) else {
            return; // somebody was faster
        };
        // What was decided about it meanwhile may have given the slot to somebody else.
        if !floor.rings_at(id, user) && !floor.can_take(user, channel, queue.transferred) {
            return;
        }
        if let Some((id, connector)) = self.world.account.connector_of(user)
            && matches!(connector.mind, Mind::Ours(_))
        {
            return self.seat_bot(id, connector);
        }
        let time = match self.conversation.channel {
            Channel::Chat => CHAT_RING_MS,
            Channel::Messaging => MESSAGING_RING_MS,
        };
        let (ring, until) = (self.conversation.rings + 1, self.now.after(Span(time)));
        self.happens(Fact::Rang { ring, user: user.clone(), until });
    }

    /// The ring that a user may answer.
    fn own_ring(&self, author: &Author, number: u64) -> Result<(Ring, UserId), Refusal> {
        self.is_open()?;
        let Author::User(user) = author else {
            return Err(Refusal::of(Code::NotAllowed, "ring", "only users take conversations"));
        };
        if let Some(seat) = self.conversation.seat().filter(|seat| seat.user != *user) {
            return Err(Refusal::of(Code::Taken, "ring", format!("taken by {}", self.nickname(&seat.user))));
        }
        let ring = self.conversation.queue().and_then(|queue| queue.ring.clone());
        match ring.filter(|ring| ring.number == number && ring.user == *user && self.now < ring.until) {
            Some(ring) => Ok((ring, user.clone())),
            None => Err(Refusal::of(Code::RingOver, "ring", format!("ring {number} is over"))),
        }
    }

    pub(in crate::platform) fn accept(&mut self, author: Author, number: u64) -> Result<Answer, Refusal> {
        let (_, user) = self.own_ring(&author, number)?;
        self.seat(user);
        Ok(Answer::Done)
    }

    pub(in crate::platform) fn reject(&mut self, author: Author, number: u64) -> Result<Answer, Refusal> {
        let (ring, _) = self.own_ring(&author, number)?;
        self.end_ring(ring.number, RingEnd::Rejected);
        Ok(Answer::Done)
    }

    pub(in crate::platform) fn ring_expired(&mut self) {
        if let Some(ring) = self.conversation.queue().and_then(|queue| queue.ring.as_ref()) {
            self.end_ring(ring.number, RingEnd::Expired);
        }
    }

    pub(in crate::platform) fn end_ring(&mut self, ring: u64, how: RingEnd) {
        let again = self.now.after(Span(RING_AGAIN_MS));
        self.happens(Fact::RingEnded { ring, how, again });
    }

    /// Somebody takes it out of the queue: valid if nobody has it. Where it rings, the ring is over.
    pub(in crate::platform) fn take_from_queue(&mut self, author: Author) -> Result<Answer, Refusal> {
        self.is_open()?;
        let Author::User(user) = author else {
            return Err(Refusal::of(Code::NotAllowed, "", "only users take conversations"));
        };
        if let Some(seat) = self.conversation.seat() {
            return match seat.user == user {
                true => Ok(Answer::Done),
                false => Err(Refusal::of(Code::Taken, "", format!("taken by {}", self.nickname(&seat.user)))),
            };
        }
        let own = self.world.account.users.get(&user);
        if !self.is_manager(&user) && !own.is_some_and(|own| own.skills.contains(&self.conversation.skill)) {
            let skill = &self.conversation.skill;
            return Err(Refusal::of(
                Code::NotAllowed,
                "",
                format!("{user} does not have the skill `{skill}`"),
            ));
        }
        let ring = self.conversation.queue().and_then(|queue| queue.ring.clone());
        let rings_here = ring.as_ref().is_some_and(|ring| ring.user == user);
        if !rings_here && !self.world.floor.has_room(&user, self.conversation.channel) {
            return Err(Refusal::of(Code::NoCapacity, "", format!("{user} has as many as they can take")));
        }
        if let Some(ring) = ring.filter(|_| !rings_here) {
            self.end_ring(ring.number, RingEnd::Withdrawn);
        }
        self.seat(user);
        Ok(Answer::Done)
    }

    /// Somebody has it from now on: a person, or somebody else's bot.
    fn seat(&mut self, user: UserId) {
        let connector = self.world.account.connector_of(&user).map(|(id, _)| id.clone());
        let is_person = connector.is_none();
        self.happens(Fact::Seated { user, connector, greet_at: None });
        if is_person {
            self.was_taken();
        } else {
            let waits = !self.conversation.unheard.is_empty();
            self.happens(Fact::Unanswered);
            if self.conversation.handover.is_some() {
                self.happens(Fact::HandoverEnded { taken: true });
            }
            if waits {
                let last =
                    self.conversation.dialogs[self.conversation.dialog() as usize].next.saturating_sub(1);
                self.await_answer(last);
            }
        }
    }

    pub(in crate::platform) fn nickname(&self, user: &UserId) -> String {
        let own = self.world.account.users.get(user).map(|own| own.nickname.clone());
        own.filter(|name| !name.is_empty()).unwrap_or_else(|| user.to_string())
    }
}
