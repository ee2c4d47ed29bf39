//! What a line of a transcript is in a contact center: who does what there, so that it happens as it would outside.

use crate::conversation::{Audience, Content, Moment, Outcome, SkillId, UserId, Value};
use crate::engine::State;
use crate::platform::{Talk, To};
use crate::rehearsal::{Cue, Partner, Stopped, Told};

use super::account::{BOT, PEOPLE, PERSON};
use super::contact_center::{ContactCenter, operator};

impl Partner for ContactCenter<'_> {
    fn state(&self) -> &State {
        &self.state
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn cue(&mut self, cue: Cue<'_>) -> Result<Option<Told>, Stopped> {
        if !matches!(cue, Cue::Begins) {
            self.arrive();
        }
        let hears = !self.is_open() || self.bot_has_it();
        match cue {
            Cue::Begins => self.greet()?,
            Cue::Says(text) => {
                self.visitor_says(Content::text(text))?;
                self.pauses();
                let told = self.tell()?;
                return Ok(Some(told).filter(|_| hears));
            }
            Cue::Happens("file received", data) if hears => self.visitor_says(Content::File(data.clone()))?,
            Cue::Happens("rich content received", data) if hears => {
                self.visitor_says(Content::Rich(data.clone()))?;
            }
            Cue::Happens("transfer in", data) => self.transfer_in(data)?,
            Cue::Happens("escalation failed", data) => self.escalation_failed(data)?,
            Cue::Happens("file received" | "rich content received", _) => {
                return not_here("somebody else has the conversation, and gets what the visitor sends");
            }
            Cue::Happens(name, data) if hears => {
                self.begin()?;
                self.house_says(name, data)?;
            }
            Cue::Happens(name, _) => {
                return not_here(&format!(
                    "somebody else has the conversation, and no bot hears of `{name}`"
                ));
            }
            Cue::GoesTo(_) => return not_here("the platform cannot put a bot into a dialog, as `goto` does"),
            Cue::Answers(outcome) => self.answers(outcome)?,
            Cue::PersonTakes if !self.is_open() || self.bot_has_it() => {
                let why = "nobody asked for a human, so that there is nothing to accept";
                return Err(Stopped::Impossible(why.to_string()));
            }
            Cue::PersonTakes => self.person_takes()?,
            Cue::PersonSays(text) => {
                self.person_takes()?;
                let (content, audience) = (Content::text(text), Audience::All);
                self.holder_does(Talk::Say { content, audience })?;
            }
            Cue::PersonCloses => {
                self.person_takes()?;
                self.holder_does(Talk::Close { survey: false })?;
                self.forget();
            }
            Cue::PersonHandsOn(skill) => {
                self.person_takes()?;
                self.holder_does(Talk::Transfer(To::Skill(SkillId::from(skill))))?;
            }
            Cue::NobodyTakes => self.nobody_takes_it()?,
        }
        self.pauses();
        self.tell().map(Some)
    }

    fn answer(&mut self, id: u64, outcome: Outcome) -> Result<Told, Stopped> {
        self.arrive();
        self.call_returns(id, outcome)?;
        self.pauses();
        self.tell()
    }

    fn wait(&mut self, end: Moment) -> Result<Option<(Moment, Told)>, Stopped> {
        match ContactCenter::wait(self, end) {
            Some(at) => Ok(Some((at, self.tell()?))),
            None => Ok(None),
        }
    }

    fn arrive(&mut self, at: Moment) {
        self.now = self.now.max(at);
    }
}

impl ContactCenter<'_> {
    /// Somebody takes the conversation: whom it rings at, else the person; where a bot has it, the person steps in.
    fn person_takes(&mut self) -> Result<(), Stopped> {
        self.begin()?;
        if self.bot_has_it() {
            let to = To::User(UserId::from(PERSON), SkillId::from(PEOPLE));
            self.talk(self.person(), Talk::Transfer(to))?;
        }
        let Some(queue) = self.conversation.as_ref().and_then(|image| image.queue()) else { return Ok(()) };
        match queue.ring.clone() {
            Some(ring) => self.talk(self.user(&ring.user), Talk::Accept { ring: ring.number }),
            None => self.talk(self.person(), Talk::Take),
        }
    }

    /// Whoever has the conversation does something.
    fn holder_does(&mut self, talk: Talk) -> Result<(), Stopped> {
        let who = self.seat().map_or_else(|| UserId::from(PERSON), |seat| seat.user.clone());
        self.talk(self.user(&who), talk)
    }

    /// A colleague gives the conversation to the bot. It hears what the visitor said last.
    fn transfer_in(&mut self, data: &Value) -> Result<(), Stopped> {
        self.begin()?;
        if self.bot_has_it() {
            self.person_takes()?;
        }
        let message = data.member("message").to_string();
        let said = self.conversation.as_ref().map(|image| image.last_said.clone()).unwrap_or_default();
        if !message.is_empty() && message != said {
            self.visitor_says(Content::text(message.as_str()))?;
        }
        let last = if message.is_empty() { said } else { message };
        if self.stage.program.on("transfer in").is_none() && last.trim() != self.state.reply() {
            return not_here(&format!(
                "a bot without `on transfer in` answers what the visitor said last there, which is `{last}`"
            ));
        }
        self.talk(self.person(), Talk::Transfer(To::Skill(SkillId::from(BOT))))
    }

    fn escalation_failed(&mut self, data: &Value) -> Result<(), Stopped> {
        let reason = data.member("reason").to_string();
        if !self.is_handed_over() || !matches!(reason.as_str(), "" | "timeout") {
            self.begin()?;
            return self.house_says("escalation failed", data);
        }
        self.nobody_takes_it()
    }

    /// Whoever runs the house says that something has happened.
    fn house_says(&mut self, name: &str, data: &Value) -> Result<(), Stopped> {
        self.nobody_takes = name == "escalation failed"; // that is what it says
        self.talk(operator(), Talk::Happens { name: name.to_string(), data: data.clone() })
    }

    /// Time passes until the bot has back what it handed over.
    fn nobody_takes_it(&mut self) -> Result<(), Stopped> {
        if !self.is_open() || self.bot_has_it() {
            let why = "nobody asked for a human, so that nobody can be away";
            return Err(Stopped::Impossible(why.to_string()));
        }
        if !self.is_handed_over() {
            return not_here(
                "a conversation that a person has, or has handed on, does not go back to the bot",
            );
        }
        self.nobody_takes = true;
        while self.is_handed_over()
            && !self.is_stopped()
            && ContactCenter::wait(self, Moment(i64::MAX)).is_some()
        {}
        self.nobody_takes = false;
        Ok(())
    }

    /// The call that waits is answered, or else the handover.
    fn answers(&mut self, outcome: &Outcome) -> Result<(), Stopped> {
        if let Some(id) = self.state.waits_for() {
            return self.call_returns(id, outcome.clone());
        }
        if !self.is_handed_over() {
            return Err(Stopped::Impossible("no call waits for an answer here".to_string()));
        }
        match outcome {
            Outcome::Success { .. } => self.person_takes(),
            Outcome::Failure { reason, .. } if reason == "timeout" => self.nobody_takes_it(),
            Outcome::Failure { reason, .. } => {
                let data = [("reason".to_string(), Value::text(reason.as_str()))];
                self.house_says("escalation failed", &Value::map(data.into()))
            }
        }
    }
}

fn not_here<T>(why: &str) -> Result<T, Stopped> {
    Err(Stopped::NotHere(why.to_string()))
}
