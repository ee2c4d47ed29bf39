//! Somebody else's bot has a conversation and does not answer: it is asked again, then the visitor is told, then it goes
//! to people.

use crate::conversation::{Message, Span};
use crate::platform::conversation::Awaited;
use crate::platform::fact::Fact;
use crate::platform::limits::IDLE_MS;
use crate::platform::take_turn::Turn;

impl Turn<'_> {
    /// The visitor has said something to somebody else's bot.
    pub(in crate::platform) fn await_answer(&mut self, sequence: u64) {
        self.happens(Fact::Unanswered); // whoever it is reads the messages themselves
        let before = self.conversation.awaited;
        if before.is_some_and(|before| before.sequence < sequence && !before.asked) {
            return; // the first one that was not answered counts
        }
        let asked = before.is_some_and(|before| before.asked);
        let until = self.now.after(self.manners().resend_after);
        self.happens(Fact::Awaited(Awaited { sequence, resent: 0, asked, until }));
    }

    /// Who has it has said something.
    pub(in crate::platform) fn has_answered(&mut self) {
        if self.conversation.awaited.is_some() {
            self.happens(Fact::Relieved);
        }
    }

    /// The ladder: again, begin anew, hand over.
    pub(in crate::platform) fn still_no_answer(&mut self) {
        let Some(awaited) = self.conversation.awaited else { return };
        let Some((_, connector)) = self.connector() else { return self.happens(Fact::Relieved) };
        let manners = &connector.manners;
        if awaited.resent < manners.resends && !(awaited.asked && awaited.resent > 0) {
            let resent = awaited.resent + 1;
            let longer = Span(manners.resend_after.0.saturating_mul(u64::from(resent) + 1));
            let until = self.now.after(longer);
            return self.happens(Fact::Awaited(Awaited { resent, until, ..awaited }));
        }
        self.trouble(format!("`{}` has not answered message {}", connector.user, awaited.sequence));
        if let Some(message) = manners.stuck_message.clone().filter(|_| !awaited.asked) {
            self.holder_says(Message::Text(message));
            let until = self.now.after(Span(IDLE_MS)); // now it is the visitor's turn
            return self.happens(Fact::Awaited(Awaited { asked: true, resent: 0, until, ..awaited }));
        }
        self.happens(Fact::Relieved);
        if let Some(skill) = manners.stuck_skill.clone() {
            self.holder_says(Message::Text(manners.stuck_transfer_message.clone()));
            self.leave_seat(Some(skill), "the bot does not answer".to_string());
        }
    }
}
