//! Texts, questions and choices as messages.

use crate::conversation::{Choice, Choices, Effect, Message, Shown, Value};
use crate::program::formula::{MADE_BYTES_MAX, WORK_MAX};

use super::answer::Offer;
use super::limits::SAID_BYTES_MAX;
use super::step::{Asked, Turn};
use super::trace::Listener;

/// Channels that show choices as text only.
const TEXT_CHANNELS: &[&str] = &["sms", "whatsapp", "line", "twitter", "email", "terminal"];

impl<'t, L: Listener> Turn<'t, L> {
    /// Says a text; an empty one is not said.
    pub(super) fn say_text(&mut self, text: String) {
        if let Some(text) = self.fitting(text) {
            self.effects.push(Effect::Say(Message::Text(text)));
        }
    }

    /// Says the open question, with its choices.
    pub(super) fn say_question(&mut self, asked: Asked<'t>) -> Result<(), String> {
        let question = asked.question;
        let text = self.text_of(&question.text, &[])?;
        if !question.choose {
            self.say_text(text);
            return Ok(());
        }
        let offers = self.offers(asked).into_iter();
        if self.is_spent() {
            return Err(format!(
                "its choices take more than {WORK_MAX} units of work or {MADE_BYTES_MAX} bytes, the most a turn allows"
            ));
        }
        let choices = offers.map(|Offer { label, .. }| Choice { payload: label.clone(), label }).collect();
        let shown = if self.shows_numbers() { Shown::Numbers } else { Shown::Buttons };
        if let Some(text) = self.fitting(text) {
            self.effects.push(Effect::Say(Message::Choices(Choices { text, choices, shown })));
        }
        Ok(())
    }

    /// Whether the channel shows choices as a list to answer by number or letter.
    pub(super) fn shows_numbers(&self) -> bool {
        match self.state.knows.conversation.member("channel") {
            Value::Text(channel) => TEXT_CHANNELS.contains(&&*channel),
            _ => false,
        }
    }

    /// A text within the limit; nothing of an empty one.
    fn fitting(&mut self, mut text: String) -> Option<String> {
        if text.trim().is_empty() {
            return None;
        }
        if text.len() > SAID_BYTES_MAX {
            self.trouble(
                format!(
                    "a message of {} bytes is cut to the {SAID_BYTES_MAX} that a message may have",
                    text.len()
                ),
                None,
            );
            let end = (0..=SAID_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
        }
        Some(text)
    }
}
