//! An integration as it runs: its lines as templates, what it saves, and the names it uses.

use crate::language::syntax;
use crate::program::dialog::Path;
use crate::program::expression;
use crate::program::formula::{Formula, Template};

/// An integration.
#[derive(Debug)]
pub struct Integration {
    /// Its name.
    pub name: String,
    /// `api`, `escalate` and so on.
    pub kind: String,
    /// Its lines, in order.
    pub lines: Vec<Line>,
    /// `save x = …`, done on success.
    pub saves: Vec<(Path, Formula)>,
    /// The names its templates use, but for `env` and `secret`, which the performer knows.
    pub uses: Vec<String>,
}

/// A line of an integration.
#[derive(Debug)]
pub struct Line {
    /// Its word.
    pub name: String,
    /// What follows: texts as templates, plain words as they are.
    pub values: Vec<Template>,
}

impl Integration {
    pub(super) fn of(written: &syntax::Integration) -> Integration {
        let mut integration = Integration {
            name: written.name.value.clone(),
            kind: written.kind.text.clone(),
            lines: Vec::new(),
            saves: Vec::new(),
            uses: Vec::new(),
        };
        for line in written.block.items() {
            match line {
                syntax::IntegrationLine::Save(save) => {
                    let formula = save.value.as_ref().and_then(|value| Formula::read(&value.source).ok());
                    if let (Some(path), Some(formula)) = (&save.path, formula) {
                        let mut parts = path.text.split('.').map(str::to_string);
                        let path = Path { root: parts.next().unwrap_or_default(), members: parts.collect() };
                        integration.saves.push((path, formula));
                    }
                }
                syntax::IntegrationLine::Field(field) => integration.line(field),
            }
        }
        integration.uses.sort();
        integration.uses.dedup();
        integration
    }

    fn line(&mut self, field: &syntax::Setting) {
        let mut values = Vec::with_capacity(field.values.len());
        for value in &field.values {
            match value {
                syntax::Argument::Text(text) => {
                    if expression::has_holes(&text.value)
                        && let Ok(reading) = expression::read_template(&text.value)
                    {
                        let names = reading.names.into_iter().map(|used| used.root);
                        self.uses.extend(names.filter(|name| !matches!(name.as_str(), "env" | "secret")));
                    }
                    values.push(Template::read(&text.value).unwrap_or_else(|_| Template::plain("")));
                }
                syntax::Argument::Value(value) => values.push(Template::plain(&value.text)),
            }
        }
        self.lines.push(Line { name: field.name.text.clone(), values });
    }

    /// The first text of a line.
    pub fn text(&self, name: &str) -> Option<&Template> {
        self.lines.iter().find(|line| line.name == name)?.values.last()
    }
}
