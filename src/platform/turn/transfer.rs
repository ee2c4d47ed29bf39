//! A conversation is given to somebody else: to a skill, to one user, or back to the queue.

use crate::conversation::{Author, SkillId, UserId};
use crate::platform::account::Mind;
use crate::platform::conversation::Place;
use crate::platform::fact::{Answer, Fact, RingEnd};
use crate::platform::input::To;
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::Turn;

impl Turn<'_> {
    /// A user gives it away: who has it, or a manager.
    pub(in crate::platform) fn asked_to_transfer(
        &mut self,
        author: Author,
        to: &To,
    ) -> Result<Answer, Refusal> {
        self.is_open()?;
        self.part_of(&author)?;
        if author == Author::Visitor {
            return Err(Refusal::of(Code::NotAllowed, "to", "a visitor does not transfer a conversation"));
        }
        if self.conversation.in_survey() {
            return Err(Refusal::of(Code::NotAllowed, "to", "a survey is not transferred"));
        }
        if let Author::User(user) = &author {
            let holds = self.conversation.seat().is_some_and(|seat| seat.user == *user);
            if !holds && !self.is_manager(user) {
                return Err(Refusal::of(
                    Code::NotAllowed,
                    "to",
                    format!("{user} does not have the conversation"),
                ));
            }
        }
        let known = |skill: &SkillId| match self.world.account.skills.contains_key(skill) {
            true => Ok(()),
            false => Err(Refusal::of(Code::UnknownSkill, "to", format!("there is no skill `{skill}`"))),
        };
        match to {
            To::Skill(skill) => known(skill)?,
            To::User(user, skill) => {
                known(skill)?;
                if !self.world.account.users.contains_key(user) {
                    return Err(Refusal::of(Code::UnknownUser, "to", format!("there is no user `{user}`")));
                }
            }
            To::Queue if self.conversation.seat().is_none() => {
                return Err(Refusal::of(Code::NobodyThere, "to", "nobody has it: it waits already"));
            }
            To::Queue => {}
        }
        let theirs = self.connector().filter(|(_, connector)| matches!(connector.mind, Mind::Theirs(_)));
        let wait = theirs.map(|(id, connector)| (id.clone(), connector.manners.accept_within));
        let fallback = theirs.and_then(|(_, connector)| connector.fallback.clone());
        match to {
            To::Skill(skill) => self.queue(skill.clone(), true, ""),
            To::User(user, skill) => self.queue_for(skill.clone(), user.clone()),
            To::Queue => self.queue(self.conversation.skill.clone(), true, ""),
        }
        if let Some((connector, wait)) = wait {
            self.happens(Fact::HandedOver { call: None, connector, until: self.now.after(wait), fallback });
        }
        Ok(Answer::Done)
    }

    /// It waits for anybody with a skill. Who had it is asked last.
    pub(in crate::platform) fn queue(&mut self, skill: SkillId, transferred: bool, why: &str) {
        self.wait_in(skill, transferred, None, why);
    }

    /// It waits for one user, and else for anybody with a skill.
    pub(in crate::platform) fn queue_for(&mut self, skill: SkillId, user: UserId) {
        let there = self.world.floor.can_take(&user, self.conversation.channel, true);
        self.wait_in(skill, true, Some(user).filter(|_| there), "");
    }

    fn wait_in(&mut self, skill: SkillId, transferred: bool, directed: Option<UserId>, why: &str) {
        if let Some(ring) = self.conversation.queue().and_then(|queue| queue.ring.as_ref()) {
            self.end_ring(ring.number, RingEnd::Withdrawn);
        }
        self.give_up_calls();
        let before = match &self.conversation.place {
            Place::Seat(seat) => Some(seat.user.clone()),
            _ => None,
        };
        let not = before.filter(|user| directed.as_ref() != Some(user));
        let why = why.to_string();
        self.happens(Fact::Queued { skill, transferred, directed, not, why });
    }

    /// Whoever has it leaves it, for somebody with another skill or the same.
    pub(in crate::platform) fn leave_seat(&mut self, skill: Option<SkillId>, why: String) {
        let known = |skill: &SkillId| self.world.account.skills.contains_key(skill);
        let skill = skill.filter(known).unwrap_or_else(|| self.conversation.skill.clone());
        self.queue(skill, true, &why);
    }
}
