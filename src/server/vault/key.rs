//! The key that secrets are sealed with: what is sealed under one name opens under that name and with that key only.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroize;

use crate::platform::{Code, Refusal};
use crate::store::Key as Name;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes that say which key something is sealed with.
const MARK_BYTES: usize = 8;
/// How it is sealed: the first byte of all that is.
const FORMAT: u8 = 1;

/// A key, as it stands in the key file. Nothing is sealed with it directly, but with what is derived from it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key([u8; KEY_BYTES]);

impl Key {
    /// One that nobody has had.
    pub(super) fn random() -> Result<Key, Refusal> {
        let mut key = Key([0; KEY_BYTES]);
        fill(&mut key.0)?;
        Ok(key)
    }

    pub(super) fn of(bytes: [u8; KEY_BYTES]) -> Key {
        Key(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// A key for one purpose. Who has it knows nothing of this key, nor of those for other purposes.
    pub(super) fn derive<const BYTES: usize>(&self, purpose: &[&str]) -> [u8; BYTES] {
        struct Length(usize);
        impl KeyType for Length {
            fn len(&self) -> usize {
                self.0
            }
        }
        let words: Vec<&[u8]> = purpose.iter().map(|word| word.as_bytes()).collect();
        let pseudorandom = Salt::new(HKDF_SHA256, b"parlor key 1").extract(&self.0);
        let mut derived = [0; BYTES];
        let filled = pseudorandom.expand(&words, Length(BYTES)).and_then(|okm| okm.fill(&mut derived));
        assert!(filled.is_ok(), "so few bytes can always be derived");
        derived
    }

    /// Which key this is. It says nothing about the key.
    fn mark(&self) -> [u8; MARK_BYTES] {
        self.derive(&["mark"])
    }

    fn sealing(&self) -> Result<LessSafeKey, Refusal> {
        let mut key: [u8; KEY_BYTES] = self.derive(&["seal"]);
        let sealing = UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new);
        key.zeroize();
        sealing.map_err(|_| Refusal::of(Code::KeyFile, "", "the key cannot be used"))
    }

    /// Seals a text under a name.
    pub(super) fn seal(&self, name: &Name, text: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut sealed = vec![FORMAT];
        sealed.extend(self.mark());
        sealed.extend(nonce);
        // Room for all of it at once, so that no half of the text stays behind where it stood before.
        let mut within = Vec::with_capacity(text.len() + AES_256_GCM.tag_len());
        within.extend(text);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let done = self.sealing()?.seal_in_place_append_tag(nonce, aad(name), &mut within);
        done.map_err(|_| Refusal::of(Code::TooLarge, "", "it is too large to be sealed"))?;
        sealed.extend(within);
        Ok(sealed)
    }

    /// Opens what was sealed under a name; nothing, if it is not that, or has been changed.
    pub(super) fn open(&self, name: &Name, sealed: &[u8]) -> Option<Vec<u8>> {
        if !self.has_sealed(sealed) {
            return None;
        }
        let (nonce, within) = sealed.get(1 + MARK_BYTES..)?.split_first_chunk::<NONCE_LEN>()?;
        let mut within = within.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.sealing().ok()?.open_in_place(nonce, aad(name), &mut within).ok()?.len();
        within.truncate(length);
        Some(within)
    }

    /// Whether something says that it was sealed with this key.
    pub(super) fn has_sealed(&self, sealed: &[u8]) -> bool {
        sealed.first() == Some(&FORMAT) && sealed.get(1..1 + MARK_BYTES) == Some(&self.mark()[..])
    }
}

/// What is sealed under one name does not open under another.
fn aad(name: &Name) -> Aad<Vec<u8>> {
    Aad::from([&b"parlor 1 "[..], name.as_str().as_bytes()].concat())
}

/// Fills bytes at random.
pub(in crate::server) fn fill(bytes: &mut [u8]) -> Result<(), Refusal> {
    let filled = SystemRandom::new().fill(bytes);
    filled.map_err(|_| Refusal::of(Code::NoStore, "", "the machine has no random numbers to give"))
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
