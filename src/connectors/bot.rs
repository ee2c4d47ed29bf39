//! Our bots in a seat: what the platform tells a bot becomes an event of the engine, and what the engine gives back is
//! what the bot thinks.

use std::collections::HashMap;
use std::sync::RwLock;

use crate::conversation::{Effect, Event, Happening, Log, Moment, Span, VersionId};
use crate::engine::{self, Listener, SESSION_MS};
use crate::platform::{Environment, Minds, State, Thought};
use crate::program::Program;

/// The versions of our bots that are at hand.
#[derive(Default)]
pub struct Bots {
    versions: RwLock<HashMap<VersionId, AtHand>>,
}

/// One version, as it runs in each environment.
struct AtHand {
    demo: Program,
    production: Program,
}

/// The methods that may be sent twice.
const TWICE_IS_HARMLESS: &[&str] = &["get", "put", "delete"];

impl Bots {
    /// None yet.
    pub fn new() -> Bots {
        Bots::default()
    }

    /// A version is at hand from now on, with the same values everywhere.
    pub fn put(&self, version: VersionId, program: Program) {
        self.put_both(version, program.clone(), program);
    }

    /// A version is at hand from now on, with the values of each environment.
    pub fn put_both(&self, version: VersionId, demo: Program, production: Program) {
        let mut versions = self.versions.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        versions.insert(version, AtHand { demo, production });
    }

    /// Whether a version is at hand.
    pub fn has(&self, version: &VersionId) -> bool {
        self.program(version, Environment::Demo).is_some()
    }

    /// What a version thinks of what it hears, for somebody who also wants to know why.
    pub fn think<L: Listener>(
        &self,
        (version, environment): (&VersionId, Environment),
        state: Option<&State>,
        at: Moment,
        what: &Happening,
        listener: &mut L,
    ) -> Option<Thought> {
        let program = self.program(version, environment)?;
        let (state, lost) =
            engine::State::read(state.map(|state| state.0.get().as_bytes()).unwrap_or_default());
        let event = Event { at, what: heard(&program, &state, what) };
        let mut step = engine::step_with(&program, state, &event, listener);
        if let Some(what) = lost {
            step.effects.insert(0, Effect::Log(Log::Trouble { what, place: None }));
        }
        let state = serde_json::value::to_raw_value(&step.state).ok()?;
        Some(Thought { state: Box::new(State(state)), effects: step.effects, wake: step.wake })
    }

    pub(super) fn program(&self, version: &VersionId, environment: Environment) -> Option<Program> {
        let versions = self.versions.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let at_hand = versions.get(version)?;
        Some(match environment {
            Environment::Demo => at_hand.demo.clone(),
            Environment::Production => at_hand.production.clone(),
        })
    }
}

impl Minds for Bots {
    fn hear(
        &self,
        of: (&VersionId, Environment),
        state: Option<&State>,
        at: Moment,
        what: &Happening,
    ) -> Option<Thought> {
        self.think(of, state, at, what, &mut ())
    }

    fn session(&self, version: &VersionId) -> Option<Span> {
        self.program(version, Environment::Demo)
            .map(|program| program.settings().session.unwrap_or(Span(SESSION_MS)))
    }

    fn once(&self, version: &VersionId, integration: &str) -> bool {
        let Some(program) = self.program(version, Environment::Demo) else { return false };
        let Some(integration) = program.integration(integration) else { return false };
        match integration.kind.as_str() {
            "email" | "function" => true,
            "api" => !integration.lines.iter().any(|line| TWICE_IS_HARMLESS.contains(&line.name.as_str())),
            _ => false,
        }
    }
}

/// A bot that has no dialog for conversations that come from somebody else hears what the visitor said last, unless that
/// is what it heard last: who gets a conversation back does not answer the same message twice.
pub(super) fn heard(program: &Program, state: &engine::State, what: &Happening) -> Happening {
    match what {
        Happening::Other { name, data } if name == "transfer in" && program.on(name).is_none() => {
            match data.member("message").to_string() {
                message if message.trim() == state.reply() => what.clone(),
                message => Happening::Said(message),
            }
        }
        _ => what.clone(),
    }
}
