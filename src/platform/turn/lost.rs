//! Whoever has a conversation is not there any more: another connector of the same bot takes it, or else people do.

use crate::conversation::{Author, Availability, ConnectorId, UserId};
use crate::platform::account::{Connector, Mind};
use crate::platform::fact::{CloseReason, Fact, RingEnd};
use crate::platform::take_turn::Turn;

impl<'w> Turn<'w> {
    /// Somebody has left the house. What rang at them rings elsewhere; what they held is taken over with the bot's state
    /// and all that is going on outside.
    pub(in crate::platform) fn lost(&mut self, user: &UserId, why: &str) {
        if let Some(ring) = self.conversation.queue().and_then(|queue| queue.ring.clone()) {
            if ring.user == *user {
                self.end_ring(ring.number, RingEnd::Withdrawn);
            }
            return;
        }
        if self.conversation.seat().is_none_or(|seat| seat.user != *user) {
            return;
        }
        let Some((_, connector)) = self.connector() else {
            return self.queue(self.conversation.skill.clone(), true, why); // a person
        };
        if let Some((id, other)) = self.same_bot(connector, Some(user)) {
            let (user, own) = (other.user.clone(), Some(id.clone()));
            self.happens(Fact::Seated { user, connector: own, greet_at: self.conversation.greet_at });
            if let Mind::Theirs(_) = other.mind {
                let last = self.conversation.awaited.map(|awaited| awaited.sequence);
                last.into_iter().for_each(|sequence| self.await_anew(sequence));
            } else {
                self.taken_up();
            }
            return;
        }
        if self.conversation.in_survey() {
            return self.close(Author::House, CloseReason::House, false);
        }
        let of_the_skill = self.skill().and_then(|skill| skill.fallback.clone());
        self.leave_seat(connector.fallback.clone().or(of_the_skill), why.to_string());
    }

    fn await_anew(&mut self, sequence: u64) {
        self.happens(Fact::Relieved);
        self.await_answer(sequence);
    }

    /// A connector of the same bot that can take a conversation: this one itself if it can, else the least busy.
    pub(in crate::platform) fn same_bot(
        &self,
        own: &Connector,
        not: Option<&UserId>,
    ) -> Option<(&'w ConnectorId, &'w Connector)> {
        let world = self.world;
        let fits = |other: &&Connector| {
            not != Some(&other.user)
                && other.mind == own.mind
                && other.channel == own.channel
                && other.deploy_to == own.deploy_to
                && world.floor.can_take(&other.user, other.channel, true)
        };
        let found = world.account.connectors.iter().filter(|(_, other)| fits(other));
        found.min_by_key(|(id, other)| (other.user != own.user, world.floor.load(&other.user), (*id).clone()))
    }

    /// A person was offline when an answer was due: somebody else answers.
    pub(in crate::platform) fn is_overdue(&mut self) {
        self.happens(Fact::Overdue);
        let Some(seat) = self.conversation.seat().filter(|seat| seat.connector.is_none()) else { return };
        let presence = self.world.floor.presence(&seat.user).unwrap_or_default();
        if presence.availability == Availability::Offline {
            let skill = self.conversation.skill.clone();
            self.queue(skill, true, "an answer is due, and who had it is not there");
        }
    }
}
