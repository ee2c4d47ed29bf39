//! What a file gives to the program: its dialogs, integrations and types as they run, made once a file.

use std::sync::Arc;

use crate::conversation::Span;
use crate::language::syntax::{self, Argument, BotLine, Declaration};
use crate::program::dialog::{Dialog, Variable};
use crate::program::formula::Template;
use crate::program::integration::Integration;
use crate::program::lower::{self, Lines};
use crate::program::opening::Opening;
use crate::program::tables::APOLOGY;

/// The running part of one file. Cheap to clone: what is large is shared.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub settings: Option<Arc<Settings>>,
    pub variables: Vec<Arc<Variable>>,
    pub dialogs: Vec<Arc<Dialog>>,
    pub integrations: Vec<Arc<Integration>>,
    pub openings: Vec<Arc<Opening>>,
    /// Entities are finished once the lists of phrases of all files are known.
    pub entities: Vec<Arc<syntax::Entity>>,
    /// Lists of phrases, for rules.
    pub phrases: Vec<String>,
}

/// The settings of a bot.
#[derive(Debug)]
pub struct Settings {
    /// Its language: `en-US`.
    pub language: String,
    /// Its time zone, where it says so.
    pub zone: String,
    /// The dialog it begins with.
    pub entry: String,
    /// How long a session lasts without a word.
    pub session: Option<Span>,
    /// After how many misses in a row the escalation dialog begins.
    pub retry: Option<u32>,
    /// What the visitor reads when something breaks.
    pub apology: Template,
}

impl Part {
    /// The part of a file; meant for one without errors.
    pub(super) fn of(tree: &syntax::File, path: &str, text: &str) -> Part {
        let (path, lines) = (Arc::<str>::from(path), Lines::of(text));
        let mut part = Part::default();
        for item in tree.block.items() {
            match item {
                Declaration::Bot(bot) => part.bot(bot),
                Declaration::Dialog(dialog) => {
                    part.dialogs.push(Arc::new(lower::dialog(dialog, &path, &lines)))
                }
                Declaration::Integration(written) => {
                    part.integrations.push(Arc::new(Integration::of(written)))
                }
                Declaration::Hours(written) => part.openings.push(Arc::new(Opening::of(written))),
                Declaration::Entity(written) => part.entities.push(Arc::new(written.clone())),
                Declaration::Phrases(written) => part.phrases.push(written.name.value.clone()),
                Declaration::Intent(_) => {}
            }
        }
        part
    }

    fn bot(&mut self, bot: &syntax::Bot) {
        let first = |name: &str| {
            bot.block.items().find_map(|line| match line {
                BotLine::Setting(setting) if setting.name.text == name => setting.values.first(),
                _ => None,
            })
        };
        let word = |name: &str| match first(name) {
            Some(Argument::Value(value)) => Some(value.text.as_str()),
            _ => None,
        };
        let text = |name: &str| match first(name) {
            Some(Argument::Text(text)) => Some(text.value.as_str()),
            _ => None,
        };
        self.settings = Some(Arc::new(Settings {
            language: word("language").unwrap_or("en").to_string(),
            zone: word("zone").unwrap_or("UTC").to_string(),
            entry: text("entry").unwrap_or_default().to_string(),
            session: word("session").and_then(Span::read),
            retry: word("retry").and_then(|count| count.parse().ok()),
            apology: text("apology")
                .and_then(|apology| Template::read(apology).ok())
                .unwrap_or_else(|| Template::plain(APOLOGY)),
        }));
        for line in bot.block.items() {
            if let BotLine::Var(var) = line {
                self.variables.push(Arc::new(lower::variable(var)));
            }
        }
    }
}
