//! What a bot says: text, choices, a picture, a card.

use serde::{Deserialize, Serialize};

/// One message to the visitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Words.
    Text(String),
    /// A question with choices.
    Choices(Choices),
    /// A picture.
    Image {
        /// Where it is.
        url: String,
        /// For those who cannot see it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        alt: String,
    },
    /// Rich content, as JSON of the channel.
    Card(serde_json::Value),
}

/// A question with choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The question.
    pub text: String,
    /// What there is to choose from.
    pub choices: Vec<Choice>,
    /// How the channel shows them.
    pub shown: Shown,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the visitor sees.
    pub label: String,
    /// What comes back when it is chosen.
    pub payload: String,
}

/// How a channel shows choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// As buttons or quick replies: a tap answers.
    #[default]
    Buttons,
    /// As a list with numbers, to answer by number or letter.
    Numbers,
}

impl Message {
    /// As plain text, for channels and windows that show nothing else.
    pub fn to_text(&self) -> String {
        match self {
            Message::Text(text) => text.clone(),
            Message::Choices(question) => {
                let mut text = question.text.clone();
                for (number, choice) in question.choices.iter().enumerate() {
                    text.push_str(&format!("\n{}. {}", number + 1, choice.label));
                }
                text
            }
            Message::Image { url, alt } if alt.is_empty() => url.clone(),
            Message::Image { url, alt } => format!("{alt}: {url}"),
            Message::Card(json) => card_text(json),
        }
    }
}

/// The texts of a card, in the order in which they stand in it.
fn card_text(json: &serde_json::Value) -> String {
    fn collect(json: &serde_json::Value, out: &mut Vec<String>, depth: usize) {
        const SAID: &[&str] = &["text", "title", "caption", "label", "alt"];
        match json {
            _ if depth > 32 => {}
            serde_json::Value::Array(list) => list.iter().for_each(|item| collect(item, out, depth + 1)),
            serde_json::Value::Object(map) => {
                for (name, value) in map {
                    match value {
                        serde_json::Value::String(text) if SAID.contains(&name.as_str()) => {
                            out.push(text.clone())
                        }
                        serde_json::Value::String(_) => {}
                        other => collect(other, out, depth + 1),
                    }
                }
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    collect(json, &mut texts, 0);
    texts.join("\n")
}
