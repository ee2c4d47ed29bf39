//! How visitors come in: campaigns, and their engagements, each of which leads to a skill.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{Channel, SkillId};

use super::block::{Block, Form};
use super::value::words;

/// Engagements that serve one purpose.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Campaign {
    /// What it is for.
    pub goal: String,
    /// Its engagements, by name.
    pub engagements: BTreeMap<String, Engagement>,
}

/// A way for visitors to come in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Engagement {
    /// Where it stands.
    pub source: Source,
    /// What it begins.
    pub channel: Channel,
    /// Where its conversations go.
    pub skill: SkillId,
    /// The sites that may show it, such as `https://shop.example.com`; none: only the house's own pages.
    pub origins: Vec<String>,
    /// The language its visitors are spoken to.
    pub language: String,
}

/// Where an engagement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// On pages.
    #[default]
    Web,
    /// In an app of one's own.
    App,
}

words! { Source, "an engagement source":
    Web "web"
    App "app"
}

words! { Channel, "a conversation type":
    Chat "Chat"
    Messaging "Messaging"
}

impl Default for Engagement {
    fn default() -> Engagement {
        Engagement {
            source: Source::Web,
            channel: Channel::Messaging,
            skill: "".into(),
            origins: Vec::new(),
            language: "en-US".to_string(),
        }
    }
}

impl Block for Campaign {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("goal", &mut self.goal);
        form.field("engagements", &mut self.engagements);
    }
}

impl Block for Engagement {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("source", &mut self.source);
        form.needed("conversation type", &mut self.channel);
        form.needed("skill", &mut self.skill);
        form.field("allowed origins", &mut self.origins);
        form.field("language", &mut self.language);
    }
}
