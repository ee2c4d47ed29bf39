//! What is done outside the house, and comes back: once, late, twice or never.

use crate::conversation::{Outcome, Value};
use crate::platform::fact::{EffectId, Errand, Fact, Open};
use crate::platform::input::Login;
use crate::platform::take_turn::Turn;

impl Turn<'_> {
    /// Somebody says what came of it. Only who has the conversation, in their newest login, is listened to.
    pub(in crate::platform) fn returned(&mut self, id: EffectId, by: &Login, outcome: &Outcome) {
        let seated = self.conversation.seat().is_some_and(|seat| seat.user == by.user);
        if !seated || self.world.newest(by).is_err() {
            return; // late: somebody else has it now
        }
        self.came_back(id, outcome.clone());
    }

    /// The house has done it itself.
    pub(in crate::platform) fn done(&mut self, id: EffectId) {
        self.came_back(id, Outcome::Success { status: 0, body: Value::Nothing });
    }

    fn came_back(&mut self, id: EffectId, outcome: Outcome) {
        let Some(open) = self.conversation.effect(id).cloned() else { return }; // a second time: once is enough
        match open.what {
            Errand::Call { call, .. } => {
                self.happens(Fact::Returned { id, outcome: outcome.clone() });
                if self.is_ours() {
                    self.answer_bot(call, outcome);
                }
            }
            Errand::Remember { .. } => self.happens(Fact::Returned { id, outcome }),
        }
    }

    /// What may be tried only once is about to be.
    pub(in crate::platform) fn tries(&mut self, id: EffectId) {
        if self.conversation.effect(id).is_some_and(|open| open.once && !open.begun) {
            self.happens(Fact::Begun(id));
        }
    }

    /// Whoever has it is here, maybe again. What was tried and may be tried only once is lost for all we know;
    /// everything else is done again under its old name, which needs no fact.
    pub(in crate::platform) fn taken_up(&mut self) {
        let lost: Vec<EffectId> =
            self.conversation.effects.iter().filter(|open| open.begun).map(|open| open.id).collect();
        for id in lost {
            self.came_back(id, failure("unknown"));
        }
    }

    /// What was not heard of for too long has failed.
    pub(in crate::platform) fn give_up_on_effects(&mut self) {
        let now = self.now;
        let late = |open: &&Open| open.until <= now && matches!(open.what, Errand::Call { .. });
        let late: Vec<EffectId> = self.conversation.effects.iter().filter(late).map(|open| open.id).collect();
        for id in late {
            self.came_back(id, failure("timeout"));
        }
    }

    /// Nobody who waited for calls has the conversation any more.
    pub(in crate::platform) fn give_up_calls(&mut self) {
        let calls = self.conversation.effects.iter().filter(|open| matches!(open.what, Errand::Call { .. }));
        let calls: Vec<EffectId> = calls.map(|open| open.id).collect();
        calls.into_iter().for_each(|id| self.happens(Fact::GivenUp(id)));
    }
}

pub(in crate::platform) fn failure(reason: &str) -> Outcome {
    Outcome::Failure { reason: reason.to_string(), status: 0, body: Value::Nothing }
}
