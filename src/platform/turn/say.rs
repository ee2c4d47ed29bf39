//! Somebody says something, gets it, or shows what they do.

use crate::conversation::{Audience, Author, Content, Due, Participant, Receipt, Role};
use crate::platform::account::Mind;
use crate::platform::fact::{Answer, Fact};
use crate::platform::limits::{CONTENT_BYTES_MAX, PARTICIPANTS_MAX, RECEIPT_MESSAGES_MAX};
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::{Turn, fits};

impl Turn<'_> {
    pub(in crate::platform) fn asked_to_say(
        &mut self,
        author: Author,
        content: &Content,
        audience: Audience,
    ) -> Result<Answer, Refusal> {
        self.is_open()?;
        self.part_of(&author)?;
        if author == Author::Visitor && audience != Audience::All {
            return Err(Refusal::of(Code::NotAllowed, "audience", "a visitor speaks to all"));
        }
        let bytes = serde_json::to_vec(content).map_or(usize::MAX, |json| json.len());
        fits(bytes, CONTENT_BYTES_MAX, "content")?;
        let sequence = self.said(author.clone(), audience, content.clone());
        match author {
            Author::Visitor => self.answer_visitor(sequence),
            Author::User(user)
                if audience == Audience::All
                    && self.conversation.seat().is_some_and(|seat| seat.user == user) =>
            {
                self.has_answered();
            }
            _ => {}
        }
        Ok(Answer::Sequence(sequence))
    }

    /// The visitor has said something: whoever has the conversation hears it now, soon, or by reading it.
    fn answer_visitor(&mut self, sequence: u64) {
        match self.connector().map(|(_, connector)| &connector.mind) {
            Some(Mind::Ours(_)) => self.hear_or_gather(),
            Some(Mind::Theirs(_)) => self.await_answer(sequence),
            None => {}
        }
    }

    pub(in crate::platform) fn receive(
        &mut self,
        by: Author,
        status: Receipt,
        of: &[u64],
    ) -> Result<Answer, Refusal> {
        self.is_open()?;
        self.part_of(&by)?;
        if of.is_empty() || of.len() > RECEIPT_MESSAGES_MAX {
            let sentence = format!("a receipt names 1 to {RECEIPT_MESSAGES_MAX} messages, not {}", of.len());
            return Err(Refusal::of(Code::TooMany, "of", sentence));
        }
        let dialog = self.conversation.dialog();
        let sequence = self.conversation.dialogs[dialog as usize].next;
        if let Some(unknown) = of.iter().find(|number| **number >= sequence) {
            return Err(Refusal::of(
                Code::UnknownMessage,
                "of",
                format!("there is no message {unknown} yet"),
            ));
        }
        self.happens(Fact::Received { dialog, sequence, by, status, of: of.to_vec() });
        Ok(Answer::Sequence(sequence))
    }

    pub(in crate::platform) fn join(&mut self, author: Author, role: Role) -> Result<Answer, Refusal> {
        self.is_open()?;
        let Author::User(user) = author else {
            return Err(Refusal::of(Code::NotAllowed, "role", "only users join a conversation"));
        };
        if !matches!(role, Role::Manager | Role::Reader) {
            return Err(Refusal::of(Code::NotValid, "role", "one joins as a manager or as a reader"));
        }
        if !self.is_manager(&user) {
            return Err(Refusal::of(
                Code::NotAllowed,
                "role",
                format!("{user} may not step into conversations"),
            ));
        }
        if self.conversation.has(&user) {
            return Ok(Answer::Done);
        }
        if self.conversation.others.len() >= PARTICIPANTS_MAX {
            let sentence = format!("{PARTICIPANTS_MAX} participants are the most");
            return Err(Refusal::of(Code::TooMany, "role", sentence));
        }
        self.happens(Fact::Joined(Participant { user, role }));
        Ok(Answer::Done)
    }

    pub(in crate::platform) fn leave(&mut self, author: Author) -> Result<Answer, Refusal> {
        if let Author::User(user) = author
            && self.conversation.others.iter().any(|other| other.user == user)
        {
            self.happens(Fact::Left(user));
        }
        Ok(Answer::Done)
    }

    pub(in crate::platform) fn asked_to_set_due(
        &mut self,
        author: Author,
        due: Due,
    ) -> Result<Answer, Refusal> {
        self.is_open()?;
        self.part_of(&author)?;
        if author == Author::Visitor {
            return Err(Refusal::of(
                Code::NotAllowed,
                "due",
                "a visitor does not say how soon answers are due",
            ));
        }
        self.set_due(due);
        Ok(Answer::Done)
    }

    pub(in crate::platform) fn set_due(&mut self, due: Due) {
        self.happens(Fact::DueChanged(due));
        if self.conversation.due_at.is_some() {
            let at = self.now.after(self.due_within());
            self.happens(Fact::DueAt(Some(at)));
        }
    }

    pub(in crate::platform) fn rate(&mut self, author: Author, stars: u8) -> Result<Answer, Refusal> {
        self.is_open()?;
        if author != Author::Visitor {
            return Err(Refusal::of(Code::NotAllowed, "stars", "only the visitor says how it was"));
        }
        if !(1..=5).contains(&stars) {
            return Err(Refusal::of(Code::NotValid, "stars", format!("stars are 1 to 5, not {stars}")));
        }
        self.happens(Fact::Rated { stars });
        Ok(Answer::Done)
    }
}
