//! The bot as it thinks in its seat, with an ear for what it tried, what won and why.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::connectors::Bots;
use crate::conversation::{Effect, Happening, Moment, Receiver, Span, VersionId};
use crate::platform::{Environment, Minds, State, Thought};
use crate::rehearsal::Told;

/// Our bots, and what was overheard of them.
pub(super) struct Listening {
    bots: Bots,
    overheard: Mutex<Overheard>,
}

/// What the facts of a conversation do not say.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    /// What was tried, and what won.
    pub(super) told: Told,
    /// Whom it wanted to give the conversation to.
    pub(super) named: Vec<(Receiver, String)>,
    /// Whether a survey may follow, when it last closed one.
    pub(super) survey: bool,
}

impl Listening {
    pub(super) fn to(bots: Bots) -> Listening {
        Listening { bots, overheard: Mutex::default() }
    }

    pub(super) fn overheard(&self) -> MutexGuard<'_, Overheard> {
        self.overheard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Minds for Listening {
    fn hear(
        &self,
        of: (&VersionId, Environment),
        state: Option<&State>,
        at: Moment,
        what: &Happening,
    ) -> Option<Thought> {
        let mut overheard = self.overheard();
        let thought = self.bots.think(of, state, at, what, &mut overheard.told)?;
        for effect in &thought.effects {
            match effect {
                Effect::Transfer { to, name, fallback, .. } => {
                    overheard.named.push((*to, name.clone()));
                    overheard.named.extend(fallback.iter().map(|skill| (Receiver::Skill, skill.clone())));
                }
                Effect::Close { survey } => overheard.survey = *survey,
                _ => {}
            }
        }
        Some(thought)
    }

    fn session(&self, version: &VersionId) -> Option<Span> {
        self.bots.session(version)
    }

    fn once(&self, version: &VersionId, integration: &str) -> bool {
        self.bots.once(version, integration)
    }
}
