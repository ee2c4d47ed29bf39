//! A text that nobody is to read by accident: a secret, a password, a token. It prints as nothing and is wiped when dropped.

use std::fmt;

use zeroize::Zeroize;

/// A secret text. It cannot be printed or serialized; [`expose`](Secret::expose) is the one way to what it says.
///
/// Its bytes are overwritten when it is dropped. Copies that were made before it became a `Secret`, or that the machine made
/// in swap, are out of reach. Two cannot be compared: who checks one compares hashes, which takes equally long wherever they
/// differ.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text over.
    pub fn new(text: String) -> Secret {
        Secret(text)
    }

    /// What it says: for the one who performs a call or checks a password, and never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
