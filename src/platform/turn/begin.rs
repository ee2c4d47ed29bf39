//! A visitor comes: a conversation begins, and waits for somebody with a skill.

use crate::conversation::{Channel, SkillId, Value};
use crate::platform::fact::{Answer, Fact};
use crate::platform::input::Caller;
use crate::platform::limits::{CONTEXT_BYTES_MAX, FREE_SPACE_MIN};
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::{Turn, fits};

impl Turn<'_> {
    pub(in crate::platform) fn begin(
        &mut self,
        new: bool,
        from: &Caller,
        skill: &SkillId,
        channel: Channel,
        context: &Value,
    ) -> Result<Answer, Refusal> {
        let id = self.conversation.id;
        if !new {
            return Err(Refusal::of(
                Code::Exists,
                "conversation",
                format!("there is a conversation {id} already"),
            ));
        }
        let Caller::Visitor(visitor) = from else {
            return Err(Refusal::of(Code::NotAllowed, "conversation", "only visitors begin conversations"));
        };
        if !visitor.is_sound() {
            return Err(Refusal::of(Code::NotValid, "visitor", "this is no name of a visitor"));
        }
        if !self.world.account.skills.contains_key(skill) {
            return Err(Refusal::of(Code::UnknownSkill, "skill", format!("there is no skill `{skill}`")));
        }
        fits(context.size(), CONTEXT_BYTES_MAX, "context")?;
        if self.world.free_space < FREE_SPACE_MIN {
            let free = self.world.free_space;
            let sentence = format!(
                "the disk is nearly full: {free} bytes are free, and new conversations need {FREE_SPACE_MIN}"
            );
            return Err(Refusal::of(Code::NoSpace, "", sentence));
        }
        let (visitor, context) = (visitor.clone(), context.clone());
        self.happens(Fact::Began { conversation: id, channel, visitor, context });
        self.queue(skill.clone(), false, "");
        Ok(Answer::Began(id))
    }
}
