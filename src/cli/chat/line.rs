//! Lines of a conversation, as they are shown.

use crate::conversation::{Effect, Message, Shown, Value};
use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::lines;

use crate::cli::terminal::{Paint, Terminal};

/// A line of the conversation; perhaps several, the later ones set in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it is printed.
    pub(super) shown: bool,
}

impl Line {
    pub(super) fn shown(text: impl Into<String>) -> Line {
        Line { text: text.into(), shown: true }
    }

    /// One that stands on the screen already, as it was typed there.
    pub(super) fn typed(text: impl Into<String>) -> Line {
        Line { text: text.into(), shown: false }
    }

    /// A remark about the conversation, which is no part of it.
    pub(super) fn remark(text: impl AsRef<str>) -> Line {
        Line { text: format!("# {}", text.as_ref()), shown: true }
    }
}

/// What a bot did. Somebody who types sees choices with their numbers, where the channel has numbers.
pub(super) fn of_effects(effects: &[Effect], program: &Program, typed: bool) -> Vec<Line> {
    let mut out = Vec::new();
    for effect in effects {
        match effect {
            Effect::Say(Message::Choices(question)) if typed && question.shown == Shown::Numbers => {
                let said = lines(std::slice::from_ref(effect)).into_iter();
                out.extend(said.take(1).map(Line::shown));
                for (number, choice) in question.choices.iter().enumerate() {
                    let text = format!("  {}. {}", number + 1, choice.label);
                    out.push(Line { text, shown: true });
                }
            }
            Effect::Call { with, .. } => {
                out.extend(lines(std::slice::from_ref(effect)).into_iter().map(Line::shown));
                for (name, value) in with {
                    let text = format!("  # {name} = {}", written(name, value, program));
                    out.push(Line { text, shown: true });
                }
            }
            _ => out.extend(lines(std::slice::from_ref(effect)).into_iter().map(Line::shown)),
        }
    }
    out
}

/// A value as an author would write it; a private one is not shown.
pub(super) fn written(name: &str, value: &Value, program: &Program) -> String {
    match program.is_private(name) && *value != Value::Nothing {
        true => "•••".to_string(),
        false => json(value),
    }
}

/// A value as JSON.
pub(super) fn json(value: &Value) -> String {
    match value {
        Value::Nothing => "none".to_string(),
        value => serde_json::to_string(value).unwrap_or_default(),
    }
}

/// Lines as they are printed: nothing in them steers the terminal.
pub(super) fn text(lines: &[Line], terminal: &Terminal) -> String {
    let mut out = String::new();
    for line in lines.iter().filter(|line| line.shown) {
        let aside = ["# ", "  # ", "note:", "event:", "answer:", "happens:", "wait:", "goto:"];
        let dim = aside.iter().any(|word| line.text.starts_with(word));
        for part in line.text.split('\n') {
            match dim {
                true => out.push_str(&terminal.paint(Paint::Dim, part)),
                false => out.push_str(&visible(part)),
            }
            out.push('\n');
        }
    }
    out
}
