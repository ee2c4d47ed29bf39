//! What a field can hold: texts, names, numbers, times, words of ours, and several of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::conversation::{BotName, ConnectorId, NAME_BYTES_MAX, SkillId, Span as Time, UserId, name_bytes};
use crate::diagnostics::Slug;
use crate::diagnostics::english::{did_you_mean, list};
use crate::platform::limits::ACCOUNT_TEXT_LETTERS_MAX;

use super::block::{Reading, Told, Tree, element, twice};
use super::yaml::{Entry, Node, What};

/// A name that things have in an account.
pub(super) trait Name: Clone + Ord {
    fn read(text: &str) -> Self;
    fn text(&self) -> &str;
}

impl Name for String {
    fn read(text: &str) -> String {
        text.to_string()
    }

    fn text(&self) -> &str {
        self
    }
}

macro_rules! names {
    ($($name:ident)*) => {$(
        impl Name for $name {
            fn read(text: &str) -> $name {
                text.into()
            }

            fn text(&self) -> &str {
                self.as_str()
            }
        }

        impl Told for $name {
            fn blank() -> $name {
                "".into()
            }

            fn tell(&self, _: bool) -> Tree {
                Tree::Text(self.as_str().to_string())
            }

            fn hear(&mut self, node: &Node, reading: &mut Reading) {
                match &node.what {
                    What::Text { text, .. } if is_name(text) => *self = text.as_str().into(),
                    What::Text { text, .. } => {
                        let message = format!("{} {}", reading.here(), why_no_name(text));
                        reading.wrong(Slug::WrongValue, node.span, message, None);
                    }
                    _ => reading.not_taken(node, "a name", None),
                }
            }
        }
    )*};
}

names! { SkillId UserId ConnectorId BotName }

/// Whether a text can be a name: the same for everything that has one.
fn is_name(text: &str) -> bool {
    SkillId::from(text).is_sound()
}

fn why_no_name(text: &str) -> String {
    match name_bytes(text) {
        0 => "is empty, and a name is not".to_string(),
        bytes if bytes > NAME_BYTES_MAX => {
            format!("takes {bytes} bytes, and a name may take at most {NAME_BYTES_MAX}")
        }
        _ => "has a control character, and a name may have none".to_string(),
    }
}

impl Told for String {
    fn blank() -> String {
        String::new()
    }

    fn tell(&self, _: bool) -> Tree {
        Tree::Text(self.clone())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        let What::Text { text, .. } = &node.what else {
            return reading.not_taken(node, "a text", Some("put it in double quotes".to_string()));
        };
        let letters = text.chars().count();
        if letters > ACCOUNT_TEXT_LETTERS_MAX {
            let message = format!(
                "{} has {letters} letters, and may have at most {ACCOUNT_TEXT_LETTERS_MAX}",
                reading.here()
            );
            return reading.wrong(Slug::TooLarge, node.span, message, None);
        }
        self.clone_from(text);
    }
}

impl Told for bool {
    fn blank() -> bool {
        false
    }

    fn tell(&self, _: bool) -> Tree {
        Tree::Word(self.to_string())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        match node.word() {
            Some("true" | "yes") => *self = true,
            Some("false" | "no") => *self = false,
            _ => reading.not_taken(node, "`true` or `false`", None),
        }
    }
}

impl Told for u32 {
    fn blank() -> u32 {
        0
    }

    fn tell(&self, _: bool) -> Tree {
        Tree::Word(self.to_string())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        let digits = node.word().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|word| word.parse().ok()) {
            Some(number) => *self = number,
            None => reading.not_taken(node, "a number such as `3`", None),
        }
    }
}

impl Told for Time {
    fn blank() -> Time {
        Time(0)
    }

    fn tell(&self, _: bool) -> Tree {
        let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
        let fits = units.iter().find(|(_, unit)| self.0 != 0 && self.0.is_multiple_of(*unit));
        Tree::Word(match fits {
            Some((name, unit)) => format!("{}{name}", self.0 / unit),
            None if self.0 == 0 => "0s".to_string(),
            None => format!("{}ms", self.0),
        })
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        match node.word().and_then(Time::read) {
            Some(time) => *self = time,
            None => {
                let bare = node.word().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
                let help = bare.map(|number| {
                    format!("add a unit: `{number}ms`, `{number}s`, `{number}m`, `{number}h` or `{number}d`")
                });
                reading.not_taken(node, "a time such as `72s`, `5m` or `7d`", help);
            }
        }
    }
}

impl<T: Told> Told for Option<T> {
    fn blank() -> Option<T> {
        None
    }

    fn tell(&self, all: bool) -> Tree {
        self.as_ref().map_or(Tree::Nothing, |value| value.tell(all))
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        if node.what == What::Nothing {
            *self = None;
            return;
        }
        let found = reading.findings.len();
        let mut value = T::blank();
        value.hear(node, reading);
        if reading.findings.len() == found {
            *self = Some(value);
        }
    }
}

impl<T: Told + PartialEq> Told for Vec<T> {
    fn blank() -> Vec<T> {
        Vec::new()
    }

    fn tell(&self, all: bool) -> Tree {
        Tree::List(self.iter().map(|item| item.tell(all)).collect())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        let items = match &node.what {
            What::List(items) => items,
            What::Nothing => return self.clear(),
            what => {
                let help =
                    matches!(what, What::Text { .. }).then(|| "write one too in brackets: `[…]`".into());
                return reading.not_taken(node, "a list such as `[one, two]`", help);
            }
        };
        self.clear();
        for item in items {
            let text = if let What::Text { text, .. } = &item.what { text.as_str() } else { "" };
            let entry = Entry { key: element(text), at: item.span, value: item.clone() };
            reading.within(&entry, |reading| {
                let found = reading.findings.len();
                let mut value = T::blank();
                value.hear(item, reading);
                if reading.findings.len() > found {
                    return;
                }
                if self.contains(&value) {
                    let message = format!("{} has {} twice", reading.here(), item.said());
                    let help = Some("take one of them out".to_string());
                    reading.wrong(Slug::DuplicateSetting, item.span, message, help);
                } else {
                    self.push(value);
                }
            });
        }
    }
}

impl<T: Told + Ord> Told for BTreeSet<T> {
    fn blank() -> BTreeSet<T> {
        BTreeSet::new()
    }

    fn tell(&self, all: bool) -> Tree {
        Tree::List(self.iter().map(|item| item.tell(all)).collect())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        let mut items = Vec::new();
        items.hear(node, reading);
        *self = items.into_iter().collect();
    }
}

impl<K: Name, T: Told> Told for BTreeMap<K, T> {
    fn blank() -> BTreeMap<K, T> {
        BTreeMap::new()
    }

    fn tell(&self, all: bool) -> Tree {
        Tree::Map(self.iter().map(|(name, value)| (name.text().to_string(), value.tell(all))).collect())
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        let entries = match &node.what {
            What::Map(entries) => entries,
            What::Nothing => return self.clear(),
            what => {
                let help = matches!(what, What::List(_)).then(|| "write `name:` instead of `- name`".into());
                return reading.not_taken(node, "`name:` for each, on a line of its own", help);
            }
        };
        self.clear();
        twice(entries, reading, Slug::DuplicateName);
        for entry in entries {
            if !is_name(&entry.key) {
                let message = format!("a name in {} {}", reading.here(), why_no_name(&entry.key));
                reading.wrong(Slug::WrongValue, entry.at, message, None);
                continue;
            }
            reading.within(entry, |reading| {
                let mut value = T::blank();
                value.hear(&entry.value, reading);
                self.entry(K::read(&entry.key)).or_insert(value);
            });
        }
    }
}

/// Values of which there are only some, each with its word.
pub(super) trait Words: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [(Self, &'static str)];
    /// One of them, in a sentence.
    const ONE: &'static str;

    /// The word for it.
    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    /// Takes over what is written.
    fn hear_word(&mut self, node: &Node, reading: &mut Reading) {
        let written = node.word().unwrap_or_default();
        if let Some((value, _)) = Self::ALL.iter().find(|(_, word)| *word == written) {
            *self = *value;
            return;
        }
        let words = Self::ALL.iter().map(|(_, word)| *word);
        let known = list(words.clone(), "or");
        let help = did_you_mean(written, words).unwrap_or_else(|| format!("write {known}"));
        reading.not_taken(node, Self::ONE, Some(help));
    }
}

/// Says which values there are, and the word for each.
macro_rules! words {
    ($name:ident, $one:literal: $($value:ident $word:literal)*) => {
        impl $crate::platform::account::value::Words for $name {
            const ALL: &'static [($name, &'static str)] = &[$(($name::$value, $word)),*];
            const ONE: &'static str = $one;
        }

        impl $crate::platform::account::block::Told for $name {
            fn blank() -> $name {
                use $crate::platform::account::value::Words;
                $name::ALL[0].0
            }

            fn tell(&self, _: bool) -> $crate::platform::account::block::Tree {
                use $crate::platform::account::value::Words;
                $crate::platform::account::block::Tree::Word(self.word().to_string())
            }

            fn hear(
                &mut self,
                node: &$crate::platform::account::yaml::Node,
                reading: &mut $crate::platform::account::block::Reading,
            ) {
                use $crate::platform::account::value::Words;
                self.hear_word(node, reading);
            }
        }
    };
}
pub(super) use words;
