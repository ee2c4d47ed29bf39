//! What a record is kept under: a path of words, such as `conversation/acme/0193…`.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::contract::KEY_BYTES_MAX;

/// The name of something kept. Words between slashes; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(Arc<str>);

impl Key {
    /// A key of these words. What may not stand in a key (`/`, control characters, `%`) is written as `%` and two
    /// digits, and a word without letters as `%`, so that different words are different keys.
    pub fn of(words: &[&str]) -> Key {
        let mut key = String::with_capacity(words.iter().map(|word| word.len() + 1).sum());
        for (number, word) in words.iter().enumerate() {
            if number > 0 {
                key.push('/');
            }
            if word.is_empty() {
                key.push('%');
            }
            for letter in word.chars() {
                match letter {
                    '/' | '%' => key.push_str(&format!("%{:02x}", letter as u32)),
                    _ if letter.is_control() => key.push_str(&format!("%{:02x}", letter as u32)),
                    _ => key.push(letter),
                }
            }
        }
        if words.is_empty() {
            key.push('%');
        }
        Key(key.into())
    }

    /// A key as it was written by a store; nothing, if it is none.
    pub fn read(text: &str) -> Option<Key> {
        let good = !text.is_empty()
            && text.len() <= KEY_BYTES_MAX
            && text.split('/').all(|word| !word.is_empty())
            && !text.chars().any(|letter| letter.is_control());
        good.then(|| Key(text.into()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words, as they were given.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.0.split('/').map(|word| {
            if word == "%" {
                return String::new();
            }
            let mut pieces = word.split('%');
            let mut out = pieces.next().unwrap_or_default().to_string();
            for piece in pieces {
                let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
                out.push(code.map_or('%', char::from));
                out.push_str(piece.get(2..).unwrap_or_default());
            }
            out
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Key, String> {
        Key::read(&text).ok_or_else(|| format!("`{}` is not the key of a record", text.escape_debug()))
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.0.as_ref().into()
    }
}

/// Keys are ordered as their texts are, so a range of keys can begin with any text.
impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}
