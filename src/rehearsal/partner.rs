//! Whom a test talks to: a bot by itself, or a bot that sits in a whole contact center.

use crate::conversation::{Effect, Happening, Knowledge, Moment, Outcome, Value};
use crate::engine::State;

use super::play::{Stage, Stopped};
use super::session::{Session, Told};

/// Whoever has the bot that is tested, and plays the people around it.
pub trait Partner {
    /// Where the bot is.
    fn state(&self) -> &State;

    /// What time it is.
    fn now(&self) -> Moment;

    /// Something happens. What the bot does about it; nothing, if it does not hear of it.
    fn cue(&mut self, cue: Cue<'_>) -> Result<Option<Told>, Stopped>;

    /// A call comes back.
    fn answer(&mut self, id: u64, outcome: Outcome) -> Result<Told, Stopped>;

    /// Time passes until something is done, and when that was; nothing, if nothing is up to this moment.
    fn wait(&mut self, end: Moment) -> Result<Option<(Moment, Told)>, Stopped>;

    /// It is this moment now, unless it is later already.
    fn arrive(&mut self, at: Moment);
}

/// Something that happens in a test.
#[derive(Debug, Clone, Copy)]
pub enum Cue<'c> {
    /// The conversation begins without a message.
    Begins,
    /// The visitor says something.
    Says(&'c str),
    /// An event, with what came along.
    Happens(&'c str, &'c Value),
    /// A dialog begins as if its starter had fired.
    GoesTo(&'c str),
    /// The call or the handover that waits is answered.
    Answers(&'c Outcome),
    /// A person takes the conversation that waits for one.
    PersonTakes,
    /// A person says something, and has the conversation then.
    PersonSays(&'c str),
    /// A person closes it.
    PersonCloses,
    /// A person hands it on to a skill.
    PersonHandsOn(&'c str),
    /// Nobody takes it.
    NobodyTakes,
}

/// The bot by itself: nobody but the engine, and a note of who has the conversation.
pub struct Bare<'p> {
    stage: &'p Stage<'p>,
    session: Session,
    seat: Seat,
}

/// Who has the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seat {
    /// The bot.
    Bot,
    /// Nobody: it waits for a human; the transfer's id, if the bot sent it.
    Queue(Option<u64>),
    /// A human.
    Agent,
    /// Nobody: it is closed.
    Closed,
}

impl<'p> Bare<'p> {
    /// A conversation that has not begun.
    pub fn new(stage: &'p Stage<'p>) -> Bare<'p> {
        let session = Session::forgetful(stage.program.clone(), stage.knowledge.clone(), stage.clock);
        Bare { stage, session, seat: Seat::Bot }
    }

    /// The bot has given the conversation away, if it says so.
    fn seated(&mut self, told: Told) -> Told {
        for effect in &told.effects {
            match effect {
                Effect::Transfer { id, .. } => self.seat = Seat::Queue(Some(*id)),
                Effect::Close { .. } => self.seat = Seat::Closed,
                _ => {}
            }
        }
        told
    }

    /// The bot has the conversation, and hears something.
    fn hear(&mut self, what: Happening) -> Told {
        self.seat = Seat::Bot;
        let told = self.session.happen(what);
        self.seated(told)
    }

    /// A human takes the conversation, if it waits for one.
    fn accept(&mut self) -> Option<Told> {
        let told = match self.seat {
            Seat::Queue(Some(id)) => {
                let outcome = Outcome::Success { status: 0, body: Value::Nothing };
                Some(self.session.happen(Happening::Returned { id, outcome }))
            }
            _ => None,
        };
        self.seat = Seat::Agent;
        told
    }

    /// Nobody takes it: the bot has it back.
    fn away(&mut self) -> Result<Told, Stopped> {
        let happening = match self.seat {
            Seat::Queue(Some(id)) => {
                let outcome =
                    Outcome::Failure { reason: "timeout".to_string(), status: 0, body: Value::Nothing };
                Happening::Returned { id, outcome }
            }
            Seat::Queue(None) | Seat::Agent => Happening::EscalationFailed { reason: "timeout".to_string() },
            Seat::Bot | Seat::Closed => {
                let why = "nobody asked for a human, so that nobody can be away";
                return Err(Stopped::Impossible(why.to_string()));
            }
        };
        Ok(self.hear(happening))
    }

    /// A closed conversation is forgotten, but for what is kept for good.
    fn begin_anew(&mut self) {
        let mut knowledge: Knowledge = self.stage.knowledge.clone();
        knowledge.remembered = self.session.state().remembered().clone();
        let now = self.session.now();
        self.session = Session::forgetful(self.stage.program.clone(), knowledge, now);
    }

    fn answered(&mut self, outcome: &Outcome) -> Result<Told, Stopped> {
        if let Some(told) = self.session.answer(outcome.clone()) {
            return Ok(self.seated(told));
        }
        match self.seat {
            Seat::Queue(Some(id)) => {
                if matches!(outcome, Outcome::Failure { .. }) {
                    self.seat = Seat::Bot;
                }
                let told = self.session.happen(Happening::Returned { id, outcome: outcome.clone() });
                Ok(self.seated(told))
            }
            _ => Err(Stopped::Impossible("no call waits for an answer here".to_string())),
        }
    }
}

impl Partner for Bare<'_> {
    fn state(&self) -> &State {
        self.session.state()
    }

    fn now(&self) -> Moment {
        self.session.now()
    }

    fn cue(&mut self, cue: Cue<'_>) -> Result<Option<Told>, Stopped> {
        Ok(match cue {
            Cue::Begins => {
                let told = self.session.happen(Happening::Began);
                Some(self.seated(told))
            }
            // A human has it, or will: the bot does not hear.
            Cue::Says(_) if matches!(self.seat, Seat::Queue(_) | Seat::Agent) => None,
            Cue::Says(text) => Some(self.hear(Happening::Said(text.to_string()))),
            Cue::Happens("escalation failed", data) => {
                let reason = data.member("reason").to_string();
                let reason = if reason.is_empty() { "timeout".to_string() } else { reason };
                Some(self.hear(Happening::EscalationFailed { reason }))
            }
            Cue::Happens(name, data) => {
                Some(self.hear(Happening::Other { name: name.to_string(), data: data.clone() }))
            }
            Cue::GoesTo(dialog) => match self.session.go_to(dialog) {
                Some(told) => {
                    self.seat = Seat::Bot;
                    Some(self.seated(told))
                }
                None => return Err(Stopped::Impossible(format!("there is no dialog `{dialog}`"))),
            },
            Cue::Answers(outcome) => Some(self.answered(outcome)?),
            Cue::PersonTakes if matches!(self.seat, Seat::Bot | Seat::Closed) => {
                self.seat = Seat::Agent;
                let why = "nobody asked for a human, so that there is nothing to accept";
                return Err(Stopped::Impossible(why.to_string()));
            }
            Cue::PersonTakes | Cue::PersonSays(_) => self.accept(),
            Cue::PersonCloses => {
                let told = self.accept();
                self.begin_anew();
                self.seat = Seat::Closed;
                told
            }
            Cue::PersonHandsOn(_) => {
                let told = self.accept();
                self.seat = Seat::Queue(None);
                told
            }
            Cue::NobodyTakes => Some(self.away()?),
        })
    }

    fn answer(&mut self, id: u64, outcome: Outcome) -> Result<Told, Stopped> {
        let told = self.session.happen(Happening::Returned { id, outcome });
        Ok(self.seated(told))
    }

    fn wait(&mut self, end: Moment) -> Result<Option<(Moment, Told)>, Stopped> {
        if self.seat != Seat::Bot {
            return Ok(None);
        }
        let told = self.session.wait_for_wake(end);
        Ok(told.map(|told| (self.session.now(), self.seated(told))))
    }

    fn arrive(&mut self, at: Moment) {
        self.session.set_now(at);
    }
}
