//! Lines of a conversation: what is shown, and what is kept for its transcript.

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
    /// Whether it stands in the transcript.
    pub(super) kept: bool,
}

impl Line {
    pub(super) fn both(text: impl Into<String>) -> Line {
        Line { text: text.into(), shown: true, kept: true }
    }

    pub(super) fn kept(text: impl Into<String>) -> Line {
        Line { text: text.into(), shown: false, kept: true }
    }

    /// A remark about the conversation, shown only; transcripts pass over lines like it.
    pub(super) fn remark(text: impl AsRef<str>) -> Line {
        Line { text: format!("# {}", text.as_ref()), shown: true, kept: false }
    }
}

/// What a bot did. Somebody who types sees choices with their numbers, where the channel has numbers.
pub(super) fn of_effects(effects: &[Effect], program: &Program, typed: bool) -> Vec<Line> {
    let mut out = Vec::new();
    for effect in effects {
        match effect {
            Effect::Say(Message::Choices(question)) if typed && question.shown == Shown::Numbers => {
                let mut said = lines(std::slice::from_ref(effect)).into_iter();
                out.extend(said.next().map(Line::both));
                out.extend(said.map(Line::kept));
                for (number, choice) in question.choices.iter().enumerate() {
                    let text = format!("  {}. {}", number + 1, choice.label);
                    out.push(Line { text, shown: true, kept: false });
                }
            }
            Effect::Call { with, .. } => {
                out.extend(lines(std::slice::from_ref(effect)).into_iter().map(Line::both));
                for (name, value) in with {
                    let text = format!("  # {name} = {}", written(name, value, program));
                    out.push(Line { text, shown: true, kept: false });
                }
            }
            _ => out.extend(lines(std::slice::from_ref(effect)).into_iter().map(Line::both)),
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

/// The same, as a transcript keeps them.
pub(super) fn kept_text(lines: &[Line]) -> String {
    let kept = lines.iter().filter(|line| line.kept).flat_map(|line| line.text.split('\n'));
    kept.map(|part| format!("  {}\n", visible(part))).collect()
}
