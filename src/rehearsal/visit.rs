//! A conversation as somebody walks through it who tries things: what they can do next, and who has the conversation.
//!
//! The same rules as in a test (`play.rs`), but one act at a time, and cheap to clone at every fork.

use crate::conversation::{Effect, Happening, Knowledge, Message, Moment, Outcome, Span, Value};
use crate::program::Program;

use super::session::{Session, Told};

/// Something that may be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The conversation begins without a message.
    Begin,
    /// The visitor says something.
    Say(String),
    /// Time passes.
    Wait(Span),
    /// The call that waits is answered.
    Answer(Outcome),
    /// An event.
    Happens(String, Value),
    /// A human accepts.
    Accept,
    /// Nobody accepts.
    Away,
    /// An answer to a call that nobody waits for: late, a second one, or to a call that never was.
    Stray(u64, Outcome),
}

/// Who has the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The bot.
    Bot,
    /// Nobody: it waits for a human.
    Queue(u64),
    /// A human.
    Agent,
    /// Nobody: it is closed.
    Closed,
}

/// A conversation, and who has it.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Where the bot is.
    pub session: Session,
    /// Who has the conversation.
    pub holder: Holder,
    /// The labels of the choices shown last.
    pub shown: Vec<String>,
    /// The integration that is called and has not answered.
    pub calls: Option<String>,
    /// When something other than waiting was done first.
    pub began: Option<Moment>,
}

impl Visit {
    /// A conversation that has not begun.
    pub fn new(program: &Program, knowledge: &Knowledge, clock: Moment) -> Visit {
        let session = Session::forgetful(program.clone(), knowledge.clone(), clock);
        Visit { session, holder: Holder::Bot, shown: Vec::new(), calls: None, began: None }
    }

    /// Whether a visitor who says something now is heard by the bot.
    pub fn hears(&self) -> bool {
        matches!(self.holder, Holder::Bot | Holder::Closed)
    }

    /// Does it. What cannot be done here leads to nothing.
    pub fn act(&mut self, act: &Act) -> Told {
        if !matches!(act, Act::Wait(_)) {
            self.began.get_or_insert(self.session.now());
        }
        let told = match act {
            Act::Begin => self.session.happen(Happening::Began),
            Act::Say(text) if self.hears() => {
                self.holder = Holder::Bot;
                self.session.say(text)
            }
            Act::Wait(span) if self.holder == Holder::Bot => self.session.wait(*span),
            Act::Wait(span) => {
                self.session.set_now(self.session.now().after(*span));
                Told::default()
            }
            Act::Answer(outcome) => self.session.answer(outcome.clone()).unwrap_or_default(),
            Act::Happens(name, data) => {
                self.holder = Holder::Bot;
                self.session.happen(happening(name, data))
            }
            Act::Accept => match self.holder {
                Holder::Queue(id) => {
                    self.holder = Holder::Agent;
                    let outcome = Outcome::Success { status: 0, body: Value::Nothing };
                    self.session.happen(Happening::Returned { id, outcome })
                }
                _ => Told::default(),
            },
            Act::Away => {
                let reason = "timeout".to_string();
                let happening = match self.holder {
                    Holder::Queue(id) => {
                        let outcome = Outcome::Failure { reason, status: 0, body: Value::Nothing };
                        Happening::Returned { id, outcome }
                    }
                    Holder::Agent => Happening::EscalationFailed { reason },
                    Holder::Bot | Holder::Closed => return Told::default(),
                };
                self.holder = Holder::Bot;
                self.session.happen(happening)
            }
            Act::Stray(id, outcome) => {
                self.session.happen(Happening::Returned { id: *id, outcome: outcome.clone() })
            }
            Act::Say(_) => Told::default(),
        };
        self.take_note(&told);
        told
    }

    fn take_note(&mut self, told: &Told) {
        for effect in &told.effects {
            match effect {
                Effect::Say(Message::Choices(question)) => {
                    self.shown = question.choices.iter().map(|choice| choice.label.clone()).collect();
                }
                Effect::Call { integration, .. } => self.calls = Some(integration.clone()),
                Effect::Transfer { id, .. } => self.holder = Holder::Queue(*id),
                Effect::Close { .. } => self.holder = Holder::Closed,
                _ => {}
            }
        }
        if self.session.waits_for().is_none() {
            self.calls = None;
        }
    }
}

/// An event by its name, as a test writes it.
pub(super) fn happening(name: &str, data: &Value) -> Happening {
    match name {
        "escalation failed" => {
            let reason = data.member("reason").to_string();
            let reason = if reason.is_empty() { "timeout".to_string() } else { reason };
            Happening::EscalationFailed { reason }
        }
        _ => Happening::Other { name: name.to_string(), data: data.clone() },
    }
}
