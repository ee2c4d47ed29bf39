//! All tables of a program, and how the engine reads them: dialogs, variables, types and hours by name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::conversation::{Moment, Span, Value};
use crate::diagnostics::Sources;
use crate::language::pattern::parse_pattern;
use crate::language::{syntax, words};
use crate::program::dialog::{Dialog, Question, Starts, Variable, When};
use crate::program::integration::Integration;
use crate::program::kinds::{self, Entity, EntityValue, Here, Kind, Lexicon};
use crate::program::matcher::Matcher;
use crate::program::opening::{self, Opening};
use crate::program::parts::{Part, Settings};
use crate::program::starters::{Starters, Win};
use crate::program::starting::Starting;
use crate::program::{Program, answers};

/// What a visitor reads when something breaks and the bot has no apology of its own.
pub const APOLOGY: &str = "Sorry, something went wrong. Please try again.";

/// All tables of a bot, with the names in them.
#[derive(Debug)]
pub(super) struct Tables {
    name: String,
    pub(super) starting: Starting,
    /// Path and line of every line of every starter, for those who ask why.
    pub(super) places: Vec<Vec<(String, usize)>>,
    settings: Arc<Settings>,
    variables: Vec<Arc<Variable>>,
    variable_of: HashMap<String, usize>,
    /// Names that logs and recordings mask.
    private: HashSet<String>,
    dialogs: Vec<Arc<Dialog>>,
    dialog_of: HashMap<String, usize>,
    integrations: HashMap<String, Arc<Integration>>,
    openings: HashMap<String, Arc<Opening>>,
    lexicon: Lexicon,
    entity_of: HashMap<String, usize>,
    phrases: HashMap<String, Matcher>,
    /// The dialogs that wait for an event other than silence.
    on: HashMap<String, usize>,
    silences: Vec<(Span, usize)>,
    fallback: Option<usize>,
    escalation: Option<usize>,
}

impl Tables {
    /// Puts the tables of all files together.
    pub(super) fn of(
        name: &str,
        parts: impl Iterator<Item = Part>,
        starting: Starting,
        sources: &Sources,
    ) -> Option<Tables> {
        let mut all = Part::default();
        for part in parts {
            all.settings = all.settings.or(part.settings);
            all.variables.extend(part.variables);
            all.dialogs.extend(part.dialogs);
            all.integrations.extend(part.integrations);
            all.openings.extend(part.openings);
            all.entities.extend(part.entities);
            all.phrases.extend(part.phrases);
        }
        let dialogs = all.dialogs;
        let at = |wanted: &dyn Fn(&Starts) -> bool| dialogs.iter().position(|dialog| wanted(&dialog.starts));
        let on = dialogs.iter().enumerate().filter_map(|(number, dialog)| match &dialog.starts {
            Starts::On(event, None) => Some((event.clone(), number)),
            _ => None,
        });
        let silences = dialogs.iter().enumerate().filter_map(|(number, dialog)| match &dialog.starts {
            Starts::On(event, Some(time)) if event == "silence" => Some((*time, number)),
            _ => None,
        });
        let names = all.phrases.iter().map(String::as_str).chain(words::PHRASES.iter().copied());
        let phrases: HashMap<String, Matcher> =
            names.filter_map(|name| Some((name.to_string(), starting.phrases(name)?))).collect();
        let entities = all.entities.iter().map(|entity| finished(entity, &phrases)).collect();
        let own = |name: &str| {
            all.phrases.iter().any(|known| known == name).then(|| phrases.get(name).cloned()).flatten()
        };
        Some(Tables {
            name: name.to_string(),
            places: answers::places(&starting, sources),
            starting,
            settings: all.settings?,
            variable_of: all
                .variables
                .iter()
                .enumerate()
                .map(|(number, variable)| (variable.name.clone(), number))
                .collect(),
            private: (all.variables.iter().filter(|variable| variable.private))
                .map(|variable| &variable.name)
                .chain(dialogs.iter().flat_map(|dialog| &dialog.private))
                .cloned()
                .collect(),
            variables: all.variables,
            on: on.collect(),
            silences: silences.collect(),
            fallback: at(&|starts| *starts == Starts::Fallback),
            escalation: at(&|starts| *starts == Starts::Escalation),
            dialog_of: dialogs
                .iter()
                .enumerate()
                .map(|(number, dialog)| (dialog.name.clone(), number))
                .collect(),
            dialogs,
            integrations: all
                .integrations
                .into_iter()
                .map(|integration| (integration.name.clone(), integration))
                .collect(),
            openings: all.openings.into_iter().map(|opening| (opening.name.clone(), opening)).collect(),
            lexicon: Lexicon { entities, yes: own("yes"), no: own("no") },
            entity_of: all
                .entities
                .iter()
                .enumerate()
                .map(|(number, entity)| (entity.name.value.clone(), number))
                .collect(),
            phrases,
        })
    }
}

/// An entity with its matchers.
fn finished(written: &syntax::Entity, phrases: &HashMap<String, Matcher>) -> Entity {
    let matcher = |written: &syntax::Matcher| {
        Some(match &written.kind {
            syntax::MatcherKind::Exact(text) => Matcher::exact(&text.value),
            syntax::MatcherKind::Pattern(text) => Matcher::pattern(&parse_pattern(&text.value).ok()?),
            syntax::MatcherKind::Words(text) => Matcher::words(&parse_pattern(&text.value).ok()?),
            syntax::MatcherKind::Regex(regex) => Matcher::regex(&regex.source, regex.ignore_case).ok()?,
            syntax::MatcherKind::Phrases(name) => phrases.get(&name.value)?.clone(),
            _ => return None,
        })
    };
    let values = written.block.items().map(|value| {
        let own_name = match value.matchers.first().map(|first| &first.kind) {
            Some(syntax::MatcherKind::Exact(text)) => Some(Value::text(text.value.as_str())),
            _ => None,
        };
        EntityValue {
            matchers: value.matchers.iter().filter_map(matcher).collect(),
            value: value.value.as_ref().map(crate::program::lower::literal).or(own_name),
        }
    });
    Entity::new(written.name.value.clone(), values.collect())
}

impl Question {
    /// The silences its rules wait for.
    pub fn silences(&self) -> impl Iterator<Item = Span> {
        let rules = self.rules.iter().filter_map(|rule| match &rule.when {
            When::Fits(any) => Some(any),
            _ => None,
        });
        rules.flatten().filter_map(|fits| match fits {
            crate::program::dialog::Fits::Silence(time) => Some(*time),
            _ => None,
        })
    }
}

impl Program {
    /// Puts the parts of all files together; nothing without a `bot` block.
    pub(super) fn of(
        name: &str,
        parts: impl Iterator<Item = Part>,
        starting: Starting,
        sources: &Sources,
    ) -> Option<Program> {
        let tables = Tables::of(name, parts, starting, sources)?;
        Some(Program { tables: Arc::new(tables), environment: Value::Nothing })
    }

    /// The bot's name.
    pub fn name(&self) -> &str {
        &self.tables.name
    }

    /// Its dialogs, in the order of files and lines.
    pub fn dialogs(&self) -> impl Iterator<Item = &Dialog> {
        self.tables.dialogs.iter().map(|dialog| &**dialog)
    }

    /// How many dialogs it has.
    pub fn dialog_count(&self) -> usize {
        self.tables.dialogs.len()
    }

    /// The settings of its `bot` block.
    pub fn settings(&self) -> &Settings {
        &self.tables.settings
    }

    /// A dialog.
    pub fn dialog(&self, name: &str) -> Option<&Dialog> {
        self.tables.dialog_of.get(name).map(|number| &*self.tables.dialogs[*number])
    }

    /// The dialog for what nothing understands.
    pub fn fallback(&self) -> Option<&Dialog> {
        self.tables.fallback.map(|number| &*self.tables.dialogs[number])
    }

    /// The dialog for too many misses.
    pub fn escalation(&self) -> Option<&Dialog> {
        self.tables.escalation.map(|number| &*self.tables.dialogs[number])
    }

    /// The dialog that waits for an event other than silence.
    pub fn on(&self, event: &str) -> Option<&Dialog> {
        self.tables.on.get(event).map(|number| &*self.tables.dialogs[*number])
    }

    /// The dialog that waits for this silence.
    pub fn on_silence(&self, time: Span) -> Option<&Dialog> {
        let found = self.tables.silences.iter().find(|(known, _)| *known == time);
        found.map(|(_, number)| &*self.tables.dialogs[*number])
    }

    /// The silences that dialogs wait for.
    pub fn silences(&self) -> impl Iterator<Item = Span> {
        self.tables.silences.iter().map(|(time, _)| *time)
    }

    /// The variables of the bot.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.tables.variables.iter().map(|variable| &**variable)
    }

    /// A variable of the bot.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.tables.variable_of.get(name).map(|number| &*self.tables.variables[*number])
    }

    /// Whether logs and recordings mask what has this name, in the bot or in one of its dialogs.
    pub fn is_private(&self, name: &str) -> bool {
        self.tables.private.contains(name)
    }

    /// A list of phrases, of the bot or of its language.
    pub fn phrases(&self, name: &str) -> Option<&Matcher> {
        self.tables.phrases.get(name)
    }

    /// The names of its integrations.
    pub fn integrations(&self) -> impl Iterator<Item = &str> {
        self.tables.integrations.keys().map(String::as_str)
    }

    /// An integration.
    pub fn integration(&self, name: &str) -> Option<&Integration> {
        self.tables.integrations.get(name).map(|integration| &**integration)
    }

    /// The machine of all starters.
    pub fn starters(&self) -> &Starters {
        self.tables.starting.machine()
    }

    /// The dialog that a starter starts.
    pub fn started_by(&self, win: &Win) -> Option<&Dialog> {
        self.dialog(&self.tables.starting.dialogs().get(win.starter)?.name)
    }

    /// The file and line of what won.
    pub fn starter_place(&self, win: &Win) -> Option<String> {
        let (path, line) = self.tables.places.get(win.starter)?.get(self.tables.starting.line(win))?;
        Some(format!("{path}:{line}"))
    }

    // ---------------------------------------------------------------------------------------------- types

    /// The type a question looks for: its own, else that of the bot's variable of its name.
    pub fn kind_of(&self, question: &Question) -> Kind {
        let name = question.kind.as_deref().or_else(|| Some(self.variable(&question.name)?.kind.as_str()));
        name.and_then(|name| self.kind(name)).unwrap_or(Kind::Text)
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        Some(match name {
            "text" => Kind::Text,
            "number" => Kind::Number,
            "flag" => Kind::Flag,
            "list" => Kind::List,
            "json" => Kind::Json,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "email" => Kind::Email,
            "phone" => Kind::Phone,
            "location" => Kind::Location,
            "file" => Kind::File,
            entity => Kind::Entity(*self.tables.entity_of.get(entity)?),
        })
    }

    /// Whether a type finds nothing by itself, so that any answer will do.
    pub fn finds_nothing(&self, kind: &Kind) -> bool {
        matches!(kind, Kind::Text | Kind::Json)
    }

    /// Whether any words make a value of this type: a list of things, unlike a number or a day.
    pub fn takes_any_words(&self, kind: &Kind) -> bool {
        self.finds_nothing(kind) || *kind == Kind::List
    }

    /// The value of a type in a message.
    pub fn find(&self, kind: &Kind, message: &str, at: Moment) -> Option<Value> {
        if self.finds_nothing(kind) {
            return None;
        }
        kinds::find(*kind, &self.tables.lexicon, message, &self.here(at))
            .into_iter()
            .next()
            .map(|found| found.value)
    }

    /// The values in a message for several questions.
    pub fn fill<'q>(&self, wanted: &[&'q Question], message: &str, at: Moment) -> Vec<(&'q Question, Value)> {
        let kinds: Vec<(usize, Kind)> =
            wanted.iter().enumerate().map(|(number, question)| (number, self.kind_of(question))).collect();
        let found = kinds::fill(&kinds, &self.tables.lexicon, message, &self.here(at));
        found.into_iter().map(|(number, found)| (wanted[number], found.value)).collect()
    }

    fn here(&self, at: Moment) -> Here {
        Here::new(at, &self.tables.settings.zone, &self.tables.settings.language)
    }

    // ------------------------------------------------------------------------------------ what is given

    /// The values of the environment the bot runs in.
    pub fn environment(&self) -> Value {
        self.environment.clone()
    }

    /// The same bot with the values of an environment.
    pub fn in_environment(mut self, values: Value) -> Program {
        self.environment = values;
        self
    }

    /// `now` in expressions.
    pub fn now(&self, at: Moment) -> Value {
        opening::now(at, &self.tables.settings.zone)
    }

    /// `hours` in expressions.
    pub fn hours(&self, at: Moment) -> Value {
        let settings = &self.tables.settings;
        let each = self
            .tables
            .openings
            .iter()
            .map(|(name, opening)| (name.clone(), opening.value(at, &settings.zone, &settings.language)));
        Value::map(each.collect())
    }

    /// Whether a place is open.
    pub fn is_open(&self, name: &str, at: Moment) -> bool {
        self.tables.openings.get(name).is_some_and(|opening| opening.is_open(at, &self.tables.settings.zone))
    }
}
