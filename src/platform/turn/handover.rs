//! A bot gives its conversation to people, and gets it back if nobody is there: the protocol of a failed escalation.

use crate::conversation::{Happening, Outcome, Receiver, SkillId, Span, UserId, Value};
use crate::platform::account::{Connector, Mind};
use crate::platform::fact::{Fact, RingEnd};
use crate::platform::limits::{BOT_PASSES_MAX, RING_AGAIN_MS};
use crate::platform::take_turn::Turn;

use super::effect::failure;

impl Turn<'_> {
    /// A bot of ours hands it over. What cannot be done at all is answered at once.
    pub(in crate::platform) fn hand_over(
        &mut self,
        call: u64,
        to: Receiver,
        name: &str,
        wait: Option<Span>,
        fallback: Option<String>,
    ) {
        let Some((id, connector)) = self.connector() else { return };
        if self.conversation.passes > BOT_PASSES_MAX {
            self.trouble(format!(
                "more than {BOT_PASSES_MAX} bots in a row have had the conversation, and its visitor has said nothing"
            ));
            return self.answer_bot(call, failure("refused"));
        }
        let (skill, directed) = match self.receiver(to, name, connector) {
            Ok(receiver) => receiver,
            Err(reason) => return self.answer_bot(call, failure(reason)),
        };
        let known = |skill: &SkillId| self.world.account.skills.contains_key(skill);
        let fallback = fallback.map(SkillId::from).filter(known);
        let fallback = fallback.or_else(|| connector.fallback.clone()).filter(|other| *other != skill);
        let until = self.now.after(wait.unwrap_or(connector.manners.accept_within));
        match directed {
            Some(user) => self.queue_for(skill, user),
            None => self.queue(skill, true, ""),
        }
        self.happens(Fact::HandedOver { call: Some(call), connector: id.clone(), until, fallback });
    }

    /// Who is meant: a skill, and somebody who is asked first. Nobody: one of the reasons of `response.reason`.
    pub(in crate::platform) fn receiver(
        &self,
        to: Receiver,
        name: &str,
        connector: &Connector,
    ) -> Result<(SkillId, Option<UserId>), &'static str> {
        let account = self.world.account;
        let of = |user: &UserId| {
            let first = account.users.get(user)?.skills.first()?;
            Some((first.clone(), Some(user.clone())))
        };
        match to {
            Receiver::Skill => {
                let skill = SkillId::from(name);
                account.skills.contains_key(&skill).then_some((skill, None)).ok_or("refused")
            }
            Receiver::Agent => of(&UserId::from(name)).ok_or("refused"),
            Receiver::Bot => {
                let same = |other: &&Connector| {
                    let (Mind::Ours(bot) | Mind::Theirs(bot)) = &other.mind;
                    bot.as_str() == name
                        && other.channel == connector.channel
                        && other.deploy_to == connector.deploy_to
                };
                let mut others = account.connectors.values().filter(same).peekable();
                if others.peek().is_none() {
                    return Err("refused");
                }
                let free = |other: &&Connector| self.world.floor.can_take(&other.user, other.channel, true);
                others.find(free).and_then(|other| of(&other.user)).ok_or("unreachable")
            }
        }
    }

    /// Somebody has it now: the bot learns that its handover has worked.
    pub(in crate::platform) fn was_taken(&mut self) {
        let Some(handover) = self.conversation.handover.clone() else { return };
        self.happens(Fact::HandoverEnded { taken: true });
        if let Some(call) = handover.call {
            let body = Value::Nothing;
            let outcome = Outcome::Success { status: 0, body };
            self.hear(Happening::Returned { id: call, outcome });
        }
    }

    /// Nobody took it in time: the fallback skill is tried, and then the bot has it back.
    pub(in crate::platform) fn nobody_took_it(&mut self) {
        let Some(handover) = self.conversation.handover.clone() else { return };
        let Some(queue) = self.conversation.queue() else {
            return self.happens(Fact::HandoverEnded { taken: true });
        };
        let (call, connector) = (handover.call, handover.connector.clone());
        if let Some(ring) = &queue.ring {
            // It rings at this moment: that is waited for.
            let (until, fallback) = (ring.until.after(Span(1)), handover.fallback);
            return self.happens(Fact::HandedOver { call, connector, until, fallback });
        }
        let own = self.world.account.connectors.get(&connector);
        if let Some(fallback) = handover.fallback {
            let until = self.now.after(own.map(|own| own.manners.accept_within).unwrap_or_default());
            self.queue(fallback, true, "nobody took it");
            return self.happens(Fact::HandedOver { call, connector, until, fallback: None });
        }
        self.handover_failed("timeout");
    }

    /// Nobody takes it: the bot has it back, if one of its connectors can.
    pub(in crate::platform) fn handover_failed(&mut self, reason: &str) {
        let Some(handover) = self.conversation.handover.clone() else { return };
        let (connector, own) =
            (handover.connector.clone(), self.world.account.connectors.get(&handover.connector));
        let Some(call) = handover.call else {
            return self.happens(Fact::HandoverEnded { taken: true }); // it waits on for whoever comes
        };
        if let Some(ring) = self.conversation.queue().and_then(|queue| queue.ring.as_ref()) {
            self.end_ring(ring.number, RingEnd::Withdrawn);
        }
        let Some((id, back)) = own.and_then(|own| self.same_bot(own, None)) else {
            // Nobody can give the bot its conversation back now: it waits, and that is tried again.
            let until = self.now.after(own.map_or(Span(RING_AGAIN_MS), |own| own.manners.accept_within));
            return self.happens(Fact::HandedOver { call: Some(call), connector, until, fallback: None });
        };
        self.happens(Fact::HandoverEnded { taken: false });
        self.happens(Fact::Seated { user: back.user.clone(), connector: Some(id.clone()), greet_at: None });
        self.answer_bot(call, failure(reason));
    }
}
