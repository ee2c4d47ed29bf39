//! What the platform needs of our bots: that they hear something and think about it, within the turn.

use crate::conversation::{Effect, Happening, Moment, Span, VersionId};

use super::account::Environment;
use super::fact::State;

/// All versions of our bots that are at hand.
pub trait Minds {
    /// A bot hears something, where its values are those of an environment. No state: it has not heard anything before.
    /// Nothing, if this version is not at hand.
    fn hear(
        &self,
        of: (&VersionId, Environment),
        state: Option<&State>,
        at: Moment,
        what: &Happening,
    ) -> Option<Thought>;

    /// How long a session lasts without a word of the visitor.
    fn session(&self, version: &VersionId) -> Option<Span>;

    /// Whether an integration may be tried only once: a mail, or a request that changes something.
    fn once(&self, version: &VersionId, integration: &str) -> bool;
}

/// What comes of it.
#[derive(Debug, Clone)]
pub struct Thought {
    /// Where the bot is now.
    pub state: Box<State>,
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// When it wants to be woken.
    pub wake: Option<Moment>,
}

/// No bots at all.
impl Minds for () {
    fn hear(
        &self,
        _: (&VersionId, Environment),
        _: Option<&State>,
        _: Moment,
        _: &Happening,
    ) -> Option<Thought> {
        None
    }

    fn session(&self, _: &VersionId) -> Option<Span> {
        None
    }

    fn once(&self, _: &VersionId, _: &str) -> bool {
        false
    }
}
