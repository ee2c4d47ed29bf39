//! What people and bots can do, and visitors ask for: how soon an answer is due, and where a conversation goes else.

use serde::{Deserialize, Serialize};

use crate::conversation::{ConnectorId, SkillId, Span};
use crate::platform::limits::{DUE_MAX, DUE_MIN, IDLE_MAX, IDLE_MIN, IDLE_MS};

use super::block::{Block, Form};

/// Something that people and bots can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Skill {
    /// How soon an answer is due.
    pub due: DueTimes,
    /// After how long without a word a conversation is closed.
    pub idle: Span,
    /// The connector of the bot that asks how it was, once a conversation of messaging is over.
    pub survey: Option<ConnectorId>,
    /// Where a conversation goes when a bot is lost and no other one can take it.
    pub fallback: Option<SkillId>,
}

/// How soon an answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DueTimes {
    /// As a rule.
    pub normal: Span,
    /// Where it is urgent.
    pub urgent: Span,
    /// Where it goes before the others.
    pub prioritized: Span,
}

impl Default for Skill {
    fn default() -> Skill {
        Skill { due: DueTimes::default(), idle: Span(IDLE_MS), survey: None, fallback: None }
    }
}

impl Default for DueTimes {
    fn default() -> DueTimes {
        DueTimes { normal: Span(1_200_000), urgent: Span(300_000), prioritized: Span(600_000) }
    }
}

impl Block for Skill {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("due", &mut self.due);
        form.within("idle", &mut self.idle, IDLE_MIN..=IDLE_MAX);
        form.field("survey", &mut self.survey);
        form.field("fallback skill", &mut self.fallback);
    }
}

impl Block for DueTimes {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.within("normal", &mut self.normal, DUE_MIN..=DUE_MAX);
        form.within("urgent", &mut self.urgent, DUE_MIN..=DUE_MAX);
        form.within("prioritized", &mut self.prioritized, DUE_MIN..=DUE_MAX);
    }
}
