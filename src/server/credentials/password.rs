//! A password: what a good one is, how it is kept, and one that is made for somebody.

use std::num::NonZeroU32;

use ring::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::conversation::{Moment, UserId};
use crate::platform::{Code, Refusal};
use crate::server::hex::Hex;
use crate::server::secret::Secret;
use crate::server::vault::fill;
use crate::store::Key;

/// Letters that a new password has at least.
pub const PASSWORD_LETTERS_MIN: usize = 12;
/// Bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Different letters that a new password has at least.
const DIFFERENT_MIN: usize = 5;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// What stands in passwords that many have. Short passwords are refused anyway.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "qwertyuiop",
    "qwertzuiop",
    "1q2w3e4r",
    "1qaz2wsx",
    "123456789",
    "987654321",
    "abcdefgh",
    "iloveyou",
    "letmein",
    "changeme",
    "administrator",
];

/// The letters of what is made at random: 32, none of which looks like another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The record of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Password {
    /// How often it was hashed.
    pub(super) iterations: NonZeroU32,
    /// Since when it is this one.
    pub(super) since: Moment,
    salt: Hex,
    hash: Hex,
}

impl Password {
    /// The first word of its key.
    pub(super) const KIND: &'static str = "password";

    /// Where the password of a user is kept.
    pub(super) fn key(account: &str, user: &UserId) -> Key {
        Key::of(&[Password::KIND, account, user.as_str()])
    }

    /// One that is to be kept under a key.
    pub(super) fn of(
        key: &Key,
        normal: &Secret,
        iterations: NonZeroU32,
        since: Moment,
    ) -> Result<Password, Refusal> {
        let mut salt = vec![0; SALT_BYTES];
        fill(&mut salt)?;
        let mut hash = vec![0; 32];
        let bytes = normal.expose().as_bytes();
        pbkdf2::derive(PBKDF2_HMAC_SHA256, iterations, &salted(&salt, key), bytes, &mut hash);
        Ok(Password { iterations, since, salt: Hex(salt), hash: Hex(hash) })
    }

    /// Whether it is this one.
    pub(super) fn fits(&self, key: &Key, normal: &Secret) -> bool {
        let salt = salted(&self.salt.0, key);
        let bytes = normal.expose().as_bytes();
        // Of an empty hash, ring would say that everything fits as far as there is something to compare.
        self.hash.0.len() == 32
            && pbkdf2::verify(PBKDF2_HMAC_SHA256, self.iterations, &salt, bytes, &self.hash.0).is_ok()
    }
}

/// The key of the record is part of the salt, so that the record of one user is of no use as that of another.
fn salted(salt: &[u8], key: &Key) -> Vec<u8> {
    [salt, key.as_str().as_bytes()].concat()
}

/// The work of [`Password::fits`], for nothing.
pub(super) fn spend(iterations: NonZeroU32) {
    let mut hash = [0; 32];
    pbkdf2::derive(PBKDF2_HMAC_SHA256, iterations, &[0; SALT_BYTES], b"", &mut hash);
    std::hint::black_box(hash);
}

/// As it is hashed, whichever keyboard it was typed on; nothing, if it is too long to be one.
pub(super) fn normal(password: &Secret) -> Option<Secret> {
    let text = password.expose();
    if text.is_empty() || text.len() > PASSWORD_BYTES_MAX {
        return None;
    }
    let mut normal = String::with_capacity(8 * PASSWORD_BYTES_MAX);
    normal.extend(text.nfkc());
    Some(Secret::new(normal))
}

/// A password that is good enough to be a new one, as it is hashed. `words` are those one would guess first.
pub(super) fn good(password: &Secret, words: &[&str]) -> Result<Secret, Refusal> {
    let bad = |sentence: String| Err(Refusal::of(Code::NotValid, "password", sentence));
    let text = password.expose();
    if text.len() > PASSWORD_BYTES_MAX {
        return bad(format!("a password has at most {PASSWORD_BYTES_MAX} bytes"));
    }
    if text.chars().any(char::is_control) {
        return bad("a password has no control characters".to_string());
    }
    let letters = text.graphemes(true).count();
    let Some(normal) = normal(password).filter(|_| letters >= PASSWORD_LETTERS_MIN) else {
        return bad(format!(
            "a new password has at least {PASSWORD_LETTERS_MIN} letters, and this one has {letters}; a few words do"
        ));
    };
    let lower = Secret::new(normal.expose().to_lowercase());
    let mut different: Vec<char> = lower.expose().chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return bad(format!("a new password has at least {DIFFERENT_MIN} different letters"));
    }
    let guessed = |word: &str| lower.expose().contains(&word.to_lowercase());
    if let Some(word) = COMMON.iter().find(|word| guessed(word)) {
        return bad(format!("`{word}` stands in it, which is among the first that are guessed"));
    }
    if words.iter().any(|word| word.chars().count() >= 3 && guessed(word)) {
        return bad("the name of the user or the account stands in it".to_string());
    }
    Ok(normal)
}

/// A password of 80 bits that one can read out and type.
pub(super) fn typeable() -> Result<Secret, Refusal> {
    let letters = random_letters(16)?;
    let mut password = String::with_capacity(19);
    for (number, letter) in letters.expose().chars().enumerate() {
        if number > 0 && number % 4 == 0 {
            password.push('-');
        }
        password.push(letter);
    }
    Ok(Secret::new(password))
}

/// So many letters at random, each of five bits.
pub(super) fn random_letters(count: usize) -> Result<Secret, Refusal> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; count]);
    fill(&mut bytes)?;
    Ok(Secret::new(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()))
}

/// Whether a text is made of such letters.
pub(super) fn is_letters(text: &str) -> bool {
    text.bytes().all(|letter| LETTERS.contains(&letter))
}
