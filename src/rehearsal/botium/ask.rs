//! What a `#bot` section asks of the message it takes: a text, buttons, pictures, data.

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use crate::conversation::Message;
use crate::rehearsal::{At, Bindings, Said};

use super::json_path::JsonPath;
use super::memory::{Memory, Piece};

/// How many `*` a text may have.
pub const WILDCARDS_MAX: usize = 10;
/// How many bytes a regex may take when it is compiled.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;

/// Why a section is not content with a message whose text is another one.
pub const ANOTHER_TEXT: &str = "another text is said";

/// One thing that is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Its line.
    pub at: At,
    /// The hook; empty for the text itself.
    pub name: String,
    /// Whether it must not be so.
    pub not: bool,
    /// What is asked.
    pub of: Of,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum Of {
    /// The text holds one of these, whatever its capitals; `*` is any text, `$name` is captured.
    Like(Vec<String>),
    /// The data has these members.
    Data(Json),
    /// The text is like one of these, or like all.
    Texts {
        /// How they are compared.
        how: How,
        /// Whether capitals make no difference.
        ignore_case: bool,
        /// Whether all have to fit.
        all: bool,
        /// With which they are compared.
        texts: Vec<String>,
    },
    /// Each of these is there.
    Has(Part, Vec<String>),
    /// So many are there.
    Counts(Part, Count),
    /// The path leads to something, or to something like this.
    Path(JsonPath, Option<String>),
    /// The path leads to so many values.
    PathCounts(JsonPath, Count),
    /// This dialog or intent has answered.
    Intent(String),
}

/// How two texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Equals,
    Contains,
    /// With `*`, somewhere in the text.
    Wildcard,
    /// With `*`, the whole text.
    WildcardExact,
    Regexp,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Buttons,
    Media,
    Cards,
}

/// `>=2`, `3`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    relation: Relation,
    number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Count {
    /// Reads it; nothing written means "some".
    pub fn read(text: &str) -> Option<Count> {
        let signs = [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("==", Relation::Equal),
            ("<", Relation::Less),
            (">", Relation::More),
            ("=", Relation::Equal),
        ];
        let text = text.trim();
        if text.is_empty() {
            return Some(Count { relation: Relation::More, number: 0 });
        }
        let (relation, rest) = signs
            .iter()
            .find_map(|(sign, relation)| Some((*relation, text.strip_prefix(sign)?)))
            .unwrap_or((Relation::Equal, text));
        Some(Count { relation, number: rest.trim().parse().ok()? })
    }

    fn holds(self, number: usize) -> bool {
        let number = number as u64;
        match self.relation {
            Relation::Less => number < self.number,
            Relation::AtMost => number <= self.number,
            Relation::Equal => number == self.number,
            Relation::AtLeast => number >= self.number,
            Relation::More => number > self.number,
        }
    }
}

/// A message that was taken.
pub struct Heard<'h> {
    /// As it was read.
    pub said: &'h Said,
    /// The dialogs and intents that answered since the visitor spoke.
    pub answered: &'h [String],
}

impl Ask {
    /// Whether it is so, and what is captured on the way; otherwise why not.
    pub fn fits(&self, heard: &Heard<'_>, memory: &mut Memory<'_>) -> Result<Bindings, String> {
        let mut caught = Bindings::new();
        let so = self.is_so(heard, memory, &mut caught);
        match (so, self.not) {
            (Ok(()), true) => Err(format!("{}it is so, and must not be", self.prefix())),
            (Err(why), false) => Err(format!("{}{why}", self.prefix())),
            (Err(_), true) => Ok(Bindings::new()),
            (Ok(()), false) => Ok(caught),
        }
    }

    fn prefix(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}: ", self.name) }
    }

    fn is_so(&self, heard: &Heard<'_>, memory: &mut Memory<'_>, caught: &mut Bindings) -> Result<(), String> {
        let message = heard.said.message.as_ref();
        let text = || normal(&message.map(text_of).unwrap_or_default());
        let counted = |count: &Count, number: usize, what: &str| match count.holds(number) {
            true => Ok(()),
            false => Err(format!("there are {number} {what}")),
        };
        match &self.of {
            Of::Like(texts) => {
                let text = text();
                let good = texts.iter().any(|wanted| like(&text, wanted, memory, Some(caught)));
                if good { Ok(()) } else { Err(ANOTHER_TEXT.to_string()) }
            }
            Of::Data(wanted) => within(wanted, &data_of(message), memory, caught, 0),
            Of::Texts { how, ignore_case, all, texts } => {
                let text = text();
                let mut missing = Vec::new();
                for wanted in texts {
                    let wanted = normal(&memory.put_into(wanted));
                    if !compared(&text, &wanted, *how, *ignore_case)? {
                        missing.push(format!("`{wanted}`"));
                    }
                }
                let good = if *all { missing.is_empty() } else { missing.len() < texts.len() };
                if good { Ok(()) } else { Err(format!("the text has no {}", missing.join(", "))) }
            }
            Of::Has(part, texts) => {
                let there = parts(*part, message);
                for wanted in texts {
                    if !there.iter().any(|own| like(&normal(own), wanted, memory, None)) {
                        let others = if there.is_empty() { "nothing".to_string() } else { there.join(" | ") };
                        return Err(format!("`{wanted}` is not there, but {others}"));
                    }
                }
                if texts.is_empty() && there.is_empty() { Err("there are none".to_string()) } else { Ok(()) }
            }
            Of::Counts(part, count) => counted(count, parts(*part, message).len(), "of them"),
            Of::PathCounts(path, count) => {
                counted(count, path.values(&data_of(message)).len(), "values there")
            }
            Of::Path(path, wanted) => {
                let data = data_of(message);
                let there = path.values(&data);
                let Some(wanted) = wanted else {
                    return if there.is_empty() { Err("nothing is there".to_string()) } else { Ok(()) };
                };
                let good = there.iter().any(|value| like(&normal(&plain(value)), wanted, memory, None));
                let others: Vec<String> = there.iter().map(|value| plain(value)).collect();
                if good { Ok(()) } else { Err(format!("there is `{}`", others.join("`, `"))) }
            }
            Of::Intent(name) => {
                let good = heard.answered.iter().any(|own| own.to_lowercase() == name.to_lowercase());
                match heard.answered {
                    _ if good => Ok(()),
                    [] => Err("nothing answered".to_string()),
                    others => Err(format!("what answered is \"{}\"", others.join("\", \""))),
                }
            }
        }
    }
}

/// The text of a message.
pub fn text_of(message: &Message) -> String {
    match message {
        Message::Choices(question) => question.text.clone(),
        Message::Image { alt, .. } => alt.clone(),
        message => message.to_text(),
    }
}

/// The data of a message: that of a card is the card itself.
fn data_of(message: Option<&Message>) -> Json {
    match message {
        Some(Message::Card(json)) => json.clone(),
        Some(message) => serde_json::to_value(message).unwrap_or_default(),
        None => Json::Null,
    }
}

/// What a path leads to in a message, as text.
pub fn value_at(message: Option<&Message>, path: &str) -> Option<String> {
    let data = data_of(message);
    JsonPath::read(path).ok()?.values(&data).first().map(|value| plain(value))
}

/// The buttons, pictures or texts of a message.
fn parts(part: Part, message: Option<&Message>) -> Vec<String> {
    let typed = |json: &Json, kind: &str, names: &[&str]| {
        let Ok(all) = JsonPath::read("$..*") else { return Vec::new() };
        let mut values = all.values(json);
        values.push(json);
        let of_kind = values.into_iter().filter(|value| value.get("type").is_some_and(|own| own == kind));
        of_kind
            .filter_map(|value| names.iter().find_map(|name| Some(value.get(name)?.as_str()?.to_string())))
            .collect()
    };
    match (part, message) {
        (Part::Buttons, Some(Message::Choices(question))) => {
            question.choices.iter().map(|choice| choice.label.clone()).collect()
        }
        (Part::Buttons, Some(Message::Card(json))) => typed(json, "button", &["title", "label", "text"]),
        (Part::Media, Some(Message::Image { url, .. })) => vec![url.clone()],
        (Part::Media, Some(Message::Card(json))) => typed(json, "image", &["url"]),
        (Part::Cards, Some(card @ Message::Card(_))) => card.to_text().lines().map(str::to_string).collect(),
        _ => Vec::new(),
    }
}

/// Whether a text holds another one, whatever its capitals: `*` is any text, `$name` what is known or will be.
fn like(text: &str, wanted: &str, memory: &mut Memory<'_>, caught: Option<&mut Bindings>) -> bool {
    let (mut source, mut names) = (String::new(), Vec::new());
    for piece in memory.pieces(&normal(wanted)) {
        match piece {
            Piece::Letters(letters) | Piece::Value(letters) => source.push_str(&wild(&letters)),
            Piece::Unknown(name) if caught.is_some() => {
                source.push_str(r"(\S+)");
                names.push(name);
            }
            Piece::Unknown(name) => source.push_str(&regex::escape(&name)),
        }
    }
    let Ok(regex) = built(&source, true) else { return false };
    let Some(found) = regex.captures(text) else { return false };
    if let Some(caught) = caught {
        for (number, name) in names.into_iter().enumerate() {
            let value = found.get(number + 1).map_or("", |value| value.as_str());
            caught.insert(name, value.to_string());
        }
    }
    true
}

fn compared(text: &str, wanted: &str, how: How, ignore_case: bool) -> Result<bool, String> {
    let source = match how {
        How::Equals => format!("^{}$", regex::escape(wanted)),
        How::Contains => regex::escape(wanted),
        How::Wildcard => wild(wanted),
        How::WildcardExact => format!("^{}$", wild(wanted)),
        How::Regexp => wanted.to_string(),
    };
    Ok(built(&source, ignore_case)?.is_match(text))
}

/// A text with `*` as the source of a regex.
pub fn wild(text: &str) -> String {
    text.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")
}

/// A regex, or why it cannot be used.
pub fn built(source: &str, ignore_case: bool) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(source);
    builder.case_insensitive(ignore_case).size_limit(COMPILED_BYTES_MAX).build().map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or(&text).trim_start_matches("error: ").to_string()
    })
}

/// How deep data is compared.
const DATA_DEPTH_MAX: usize = 64;

/// Whether everything written is in the data.
fn within(
    wanted: &Json,
    data: &Json,
    memory: &mut Memory<'_>,
    caught: &mut Bindings,
    depth: usize,
) -> Result<(), String> {
    if depth > DATA_DEPTH_MAX {
        return Err(format!("the data is more than {DATA_DEPTH_MAX} levels deep"));
    }
    match (wanted, data) {
        (Json::Null, _) => Ok(()),
        (Json::Object(wanted), Json::Object(there)) => wanted.iter().try_for_each(|(name, wanted)| {
            let value = there.get(name).ok_or_else(|| format!("the data has no `{name}`"))?;
            within(wanted, value, memory, caught, depth + 1)
        }),
        (Json::Array(wanted), Json::Array(there)) if wanted.len() == there.len() => wanted
            .iter()
            .zip(there)
            .try_for_each(|(wanted, value)| within(wanted, value, memory, caught, depth + 1)),
        (Json::Object(_) | Json::Array(_), there) => Err(format!("the data has `{}` there", plain(there))),
        (wanted, there) => match like(&normal(&plain(there)), &plain(wanted), memory, Some(caught)) {
            true => Ok(()),
            false => Err(format!("the data has `{}` and not `{}`", plain(there), plain(wanted))),
        },
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// A text without tags, with its entities as letters, and white space folded.
pub fn normal(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        bare.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            rest = &rest[at..];
            break;
        };
        let tag = &rest[at + 1..at + end];
        if tag.starts_with("br") || tag.starts_with('p') || tag == "/p" {
            bare.push(' ');
        }
        rest = &rest[at + end + 1..];
    }
    bare.push_str(rest);
    let bare: String = bare.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    // The ampersand first, as Botium does it: `&amp;lt;` is a `<`.
    let entities = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\"")];
    let letters = entities.iter().fold(bare, |text, (entity, letter)| text.replace(entity, letter));
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}
