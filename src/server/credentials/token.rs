//! Tokens of operators and API keys of bots: made at random, shown once, sent with every call, and kept as a hash.

use std::fmt;

use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::conversation::{Moment, NAME_BYTES_MAX, Span, UserId, name_bytes};
use crate::platform::{Code, Kind, Refusal};
use crate::server::hex::Hex;
use crate::server::secret::Secret;
use crate::store::Key;

use super::password::{is_letters, random_letters};

/// Tokens or API keys that a user has at once.
pub const TOKENS_OF_USER_MAX: usize = 16;
/// For how long a token is valid at most, if it expires at all: ten years.
pub const TOKEN_LIFE_MAX: Span = Span(3_650 * DAY_MS as u64);
/// What all of them begin with, so that whoever finds one knows what it is.
const MARK: &str = "parlor_";
/// Letters of an id: 60 bits.
const ID_LETTERS: usize = 12;
/// Letters of what is secret: 260 bits.
const SECRET_LETTERS: usize = 52;
const DAY_MS: i64 = 24 * 3_600_000;

/// What a token or an API key is called: no secret, and unlike all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(String);

impl TokenId {
    /// An id as it is written; nothing, if it is none.
    pub fn read(text: &str) -> Option<TokenId> {
        (text.len() == ID_LETTERS && is_letters(text)).then(|| TokenId(text.to_string()))
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a token or an API key once it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is called.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// A person's is a token, a bot's an API key.
    pub kind: Kind,
    /// What it is for, in the words of who made it.
    pub name: String,
    /// Who made it.
    pub by: UserId,
    /// When.
    pub made: Moment,
    /// From when on it counts no more.
    pub expires: Option<Moment>,
    /// The beginning of the day on which it was last used.
    pub used: Option<Moment>,
}

/// The record of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) token: Token,
    hash: Hex,
}

impl Kept {
    /// What is kept of a token under a key.
    pub(super) fn of(token: Token, key: &Key, text: &Secret) -> Kept {
        // The hash is of the text and the key of the record, so that it counts in no other place.
        let hash = hmac::sign(&bound(key), text.expose().as_bytes());
        Kept { token, hash: Hex(hash.as_ref().to_vec()) }
    }

    /// The first word of its key.
    pub(super) const KIND: &'static str = "token";

    /// Where it is kept.
    pub(super) fn key(account: &str, id: &TokenId) -> Key {
        Key::of(&[Kept::KIND, account, &id.0])
    }

    /// Whether it was this one that was shown. Takes equally long, wherever the two differ.
    pub(super) fn fits(&self, key: &Key, shown: &Secret) -> bool {
        hmac::verify(&bound(key), shown.expose().as_bytes(), &self.hash.0).is_ok()
    }
}

fn bound(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.as_str().as_bytes())
}

/// A new one: what it is called, and what is shown.
pub(super) fn random() -> Result<(TokenId, Secret), Refusal> {
    let id = random_letters(ID_LETTERS)?.expose().to_string();
    let secret = random_letters(SECRET_LETTERS)?;
    let text = format!("{MARK}{id}_{}", secret.expose());
    Ok((TokenId(id), Secret::new(text)))
}

/// What the token that somebody shows is called; nothing, if it is none.
pub(super) fn id_of(shown: &Secret) -> Option<TokenId> {
    let (id, secret) = shown.expose().strip_prefix(MARK)?.split_once('_')?;
    let is_secret = secret.len() == SECRET_LETTERS && is_letters(secret);
    TokenId::read(id).filter(|_| is_secret)
}

/// Whether something may be the name of a token that ends then.
pub(super) fn sound(name: &str, expires: Option<Moment>, now: Moment) -> Result<(), Refusal> {
    if name.is_empty() || name_bytes(name) > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        let sentence = format!("a name is 1 to {NAME_BYTES_MAX} bytes without control characters");
        return Err(Refusal::of(Code::NotValid, "name", sentence));
    }
    if expires.is_some_and(|end| end <= now || end > now.after(TOKEN_LIFE_MAX)) {
        let days = TOKEN_LIFE_MAX.0 / DAY_MS.unsigned_abs();
        let sentence = format!("it expires later than now, and within {days} days");
        return Err(Refusal::of(Code::NotValid, "expires", sentence));
    }
    Ok(())
}

/// The beginning of a day.
pub(super) fn day(now: Moment) -> Moment {
    Moment(now.0.div_euclid(DAY_MS) * DAY_MS)
}
