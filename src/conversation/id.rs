//! Names of what takes part in conversations. Cheap to clone; a conversation's own name is a number of 128 bits.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a name, as it stands in the key of a record: there, `/` and `%` take three.
pub const NAME_BYTES_MAX: usize = 128;

/// How many bytes a name takes in a key.
pub fn name_bytes(name: &str) -> usize {
    name.chars().map(|letter| if matches!(letter, '/' | '%') { 3 } else { letter.len_utf8() }).sum()
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// As it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether it is one that may be kept: not empty, not too long, without control characters.
            pub fn is_sound(&self) -> bool {
                !self.0.is_empty()
                    && name_bytes(&self.0) <= NAME_BYTES_MAX
                    && !self.0.chars().any(char::is_control)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> $name {
                $name(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Somebody who works here: a person or a bot.
    UserId
    /// Somebody who visits.
    VisitorId
    /// What some users can do, and conversations ask for.
    SkillId
    /// How a bot is reached and what it may do.
    ConnectorId
    /// A bot.
    BotName
    /// One version of a bot: the hash of its files.
    VersionId
    /// What a client calls one of its commands, so that it can be sent twice and done once.
    CommandId
}

/// A conversation. Written as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(pub u128);

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            (number >> 96) as u32,
            (number >> 80) as u16,
            (number >> 64) as u16,
            (number >> 48) as u16,
            number & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ConversationId {
    type Err = String;

    fn from_str(text: &str) -> Result<ConversationId, String> {
        let lengths = text.split('-').map(str::len);
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        if !lengths.eq([8, 4, 4, 4, 12]) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(
                "a conversation is named by a UUID, such as 0193a6f0-0000-7000-8000-000000000001".into()
            );
        }
        u128::from_str_radix(&digits, 16).map(ConversationId).map_err(|error| error.to_string())
    }
}

impl Serialize for ConversationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ConversationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ConversationId, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
