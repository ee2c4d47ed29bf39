//! What a bot did, as lines of a transcript.

use crate::conversation::{Effect, Log, Message, Receiver};

/// The lines for some effects: `bot: …`, `note: …`, `event: …`. Lines of one message that follow the first are set in.
pub fn lines(effects: &[Effect]) -> Vec<String> {
    let mut lines = Vec::new();
    for effect in effects {
        match effect {
            Effect::Say(message) => say(message, &mut lines),
            Effect::Note(text) => lines.push(format!("note: {}", set_in(text))),
            Effect::Call { integration, .. } => lines.push(format!("event: call \"{integration}\"")),
            Effect::Transfer { to, name, .. } => {
                let to = match to {
                    Receiver::Skill => "skill",
                    Receiver::Agent => "agent",
                    Receiver::Bot => "bot",
                };
                lines.push(format!("event: transfer to {to} {name}"));
            }
            Effect::Close { survey: true } => lines.push("event: closed".to_string()),
            Effect::Close { survey: false } => lines.push("event: closed without survey".to_string()),
            Effect::Log(Log::Custom { event, detail }) if detail.is_empty() => {
                lines.push(format!("event: log {event}"))
            }
            Effect::Log(Log::Custom { event, detail }) => {
                lines.push(format!("event: log {event}: {}", set_in(detail)))
            }
            Effect::Log(Log::Trouble { what, place }) => {
                let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                lines.push(format!("event: trouble: {}{place}", set_in(what)));
            }
            Effect::Pause(_) | Effect::RespondWithin(_) | Effect::Remember { .. } => {}
        }
    }
    lines
}

fn say(message: &Message, lines: &mut Vec<String>) {
    match message {
        Message::Text(text) => lines.push(format!("bot: {}", set_in(text))),
        Message::Choices(question) => {
            lines.push(format!("bot: {}", set_in(&question.text)));
            let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
            if !labels.is_empty() {
                lines.push(format!("  choices: {}", labels.join(" | ")));
            }
        }
        Message::Image { url, alt } if alt.is_empty() => lines.push(format!("bot: [image] {url}")),
        Message::Image { url, alt } => lines.push(format!("bot: [image] {url} ({})", set_in(alt))),
        Message::Card(json) => lines.push(format!("bot: [card] {}", set_in(&json.to_string()))),
    }
}

/// A text of several lines, the later ones set in.
fn set_in(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}
