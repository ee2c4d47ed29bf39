//! Secrets of bots, sealed: who has the data folder or a backup of it, and not the key file, has none of them.
//!
//! Every secret is a record of its own, `secret/ACCOUNT/ENVIRONMENT/demo/NAME`, whose image is the sealed value and whose
//! entries say who changed it when. The key is a file outside the data folder. Another record, sealed too, shows that the key
//! is the right one before anything is read or written with it.

mod key; // how something is sealed and opened
mod key_file; // where the key is

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::conversation::name_bytes;
use crate::platform::{Code, Environment, Refusal};
use crate::store::{Kept, Key as Name, Store, Which};

use super::house::now;
use super::record::{By, below, change, failed};
use super::secret::Secret;
use key::Key;
pub(super) use key::fill;
pub use key_file::KEY_FILE_BYTES_MAX;
use key_file::Keys;

/// Bytes of a secret.
pub const SECRET_BYTES_MAX: usize = 8 * 1024;
/// Bytes of the name of a secret.
pub const SECRET_NAME_BYTES_MAX: usize = 64;
/// The first word of the keys of secrets.
const KIND: &str = "secret";
/// What the sealed record says by which the key is known.
const CHECK: &[u8] = b"parlor";

/// Which secret: one of an environment of an account, on Demo or on Production.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName {
    /// The account.
    pub account: String,
    /// The environment.
    pub environment: String,
    /// Its name, as `secret.NAME` says it.
    pub name: String,
    /// Where bots find it.
    pub on: Environment,
}

impl SecretName {
    fn key(&self) -> Result<Name, Refusal> {
        let bad = |field, why: String| Err(Refusal::of(Code::NotValid, field, why));
        for (field, word) in [("account", &self.account), ("environment", &self.environment)] {
            if word.is_empty() || word.chars().any(char::is_control) {
                return bad(field, format!("`{}` is no name", word.escape_debug()));
            }
        }
        let mut letters = self.name.chars();
        let begins = letters.next().is_some_and(|letter| letter == '_' || letter.is_alphabetic());
        if !begins || !letters.all(|letter| letter == '_' || letter.is_alphanumeric()) {
            let why = "the name of a secret is letters, digits and `_`, and begins with no digit";
            return bad("name", why.to_string());
        }
        if name_bytes(&self.name) > SECRET_NAME_BYTES_MAX {
            let why = format!("the name of a secret has at most {SECRET_NAME_BYTES_MAX} bytes");
            return bad("name", why);
        }
        let on = self.place().to_lowercase();
        Ok(Name::of(&[KIND, &self.account, &self.environment, &on, &self.name]))
    }

    /// Where bots find it, as users say it.
    pub fn place(&self) -> &'static str {
        match self.on {
            Environment::Demo => "Demo",
            Environment::Production => "Production",
        }
    }

    fn read(key: &Name) -> Option<SecretName> {
        let words: Vec<String> = key.words().collect();
        let [_, account, environment, on, name] = <[String; 5]>::try_from(words).ok()?;
        let on = match on.as_str() {
            "demo" => Environment::Demo,
            "production" => Environment::Production,
            _ => return None,
        };
        Some(SecretName { account, environment, name, on })
    }
}

/// The secrets of a store, with the key that opens them.
pub struct Vault {
    store: Arc<dyn Store>,
    file: PathBuf,
    keys: Keys,
}

impl Vault {
    /// Where the key file of a data folder is, if nobody says otherwise: `data.key` beside `data`.
    pub fn beside(data: &Path) -> PathBuf {
        key_file::beside(data)
    }

    /// Opens the secrets of a store with a key file, which may not be in `data`, the folder of the store.
    ///
    /// A key is made if there is none and nothing is sealed. If secrets are there and the key is not, or is another one, this
    /// is refused and nothing is changed. A change of the key that was broken off is brought to its end.
    pub fn open(store: Arc<dyn Store>, key_file: &Path, data: Option<&Path>) -> Result<Vault, Refusal> {
        let file = key_file.to_path_buf();
        let check = store.newest(&check_name()).map_err(failed)?.map(|kept| kept.image);
        let has_secrets = has_secrets(&*store)?;
        match (key_file::read(key_file, data)?, check) {
            (Some(keys), Some(check)) if keys.opens(&check_name(), &check).is_some() => {
                let mut vault = Vault { store, file, keys };
                vault.finish_rotation(&By::new("parlor", now()))?;
                Ok(vault)
            }
            (keys, _) if has_secrets => {
                let what = match keys {
                    Some(_) => "is not the key that the secrets in the data folder are sealed with",
                    None => "is missing, and the data folder has secrets that are sealed with its key",
                };
                Err(Refusal::of(
                    Code::KeyFile,
                    "",
                    format!(
                        "the key file `{}` {what}: put the right one there, or name it with --key-file; if it is lost for \
                         good, so are the secrets, and `parlor secret rm --all --yes` makes room for new ones",
                        file.display()
                    ),
                ))
            }
            (keys, _) => {
                let keys = match keys {
                    Some(keys) => keys,
                    None => {
                        let keys = Keys { key: Key::random()?, old: None };
                        key_file::write(&file, &keys)?;
                        keys
                    }
                };
                let mut vault = Vault { store, file, keys };
                let by = By::new("parlor", now());
                vault.write_check(&by)?;
                vault.finish_rotation(&by)?;
                Ok(vault)
            }
        }
    }

    /// Sets a secret.
    pub fn set(&self, name: &SecretName, secret: &Secret, by: &By) -> Result<(), Refusal> {
        let key = name.key()?;
        let value = secret.expose();
        if value.is_empty() {
            return Err(Refusal::of(Code::NotValid, "value", "a secret has at least one letter"));
        }
        if value.len() > SECRET_BYTES_MAX {
            let sentence = format!("a secret has at most {SECRET_BYTES_MAX} bytes");
            return Err(Refusal::of(Code::TooLarge, "value", sentence));
        }
        change(&*self.store, &key, (by, "set"), |kept| {
            let is_so = kept.and_then(|kept| self.keys.opens(&key, &kept.image));
            match is_so.is_some_and(|now| *now == value.as_bytes()) {
                true => Ok(None),
                false => self.keys.key.seal(&key, value.as_bytes()).map(Some),
            }
        })
    }

    /// A secret, for the one who performs calls; nothing, if it is not set.
    pub fn get(&self, name: &SecretName) -> Result<Option<Secret>, Refusal> {
        let key = name.key()?;
        let Some(kept) = self.store.newest(&key).map_err(failed)? else { return Ok(None) };
        let opened = self.opened(&key, &kept.image)?;
        match std::str::from_utf8(&opened) {
            Ok(text) => Ok(Some(Secret::new(text.to_string()))),
            Err(_) => Err(damaged(&key)),
        }
    }

    /// The names of the secrets of an account that are set. They are not sealed.
    pub fn names(store: &dyn Store, account: &str) -> Result<Vec<SecretName>, Refusal> {
        let secrets = below(store, &[KIND, account])?;
        let mut names: Vec<SecretName> =
            secrets.iter().filter_map(|(key, _)| SecretName::read(key)).collect();
        names.sort();
        Ok(names)
    }

    /// Removes a secret for good, also one that no key opens. Refused, if it is not set.
    pub fn remove(store: &dyn Store, name: &SecretName) -> Result<(), Refusal> {
        let key = name.key()?;
        if store.newest(&key).map_err(failed)?.is_none() {
            let sentence = format!("`{}` is not set on {}", name.name, name.place());
            return Err(Refusal::of(Code::UnknownSecret, "name", sentence));
        }
        store.erase(&key).map_err(failed)
    }

    /// Removes all secrets of a store, also those that no key opens. How many.
    pub fn give_up(store: &dyn Store) -> Result<usize, Refusal> {
        let secrets = below(store, &[KIND])?;
        for (key, _) in &secrets {
            store.erase(key).map_err(failed)?;
        }
        store.erase(&check_name()).map_err(failed)?;
        Ok(secrets.len())
    }

    /// Makes a new key and seals every secret with it. If it is broken off, the next [`open`](Vault::open) goes on with it:
    /// the key file has both keys until nothing is sealed with the old one.
    ///
    /// What was derived from the old key ends with it: whoever is logged in has to log in again.
    pub fn rotate(&mut self, by: &By) -> Result<(), Refusal> {
        self.finish_rotation(by)?;
        self.all_open()?;
        let keys = Keys { key: Key::random()?, old: Some(self.keys.key.clone()) };
        key_file::write(&self.file, &keys)?;
        self.keys = keys;
        self.finish_rotation(by)
    }

    fn finish_rotation(&mut self, by: &By) -> Result<(), Refusal> {
        if self.keys.old.is_none() {
            return Ok(());
        }
        let secrets = self.all_open()?;
        for (key, _) in &secrets {
            change(&*self.store, key, (by, "sealed with a new key"), |kept| match kept {
                Some(kept) if !self.keys.key.has_sealed(&kept.image) => {
                    self.keys.key.seal(key, &self.opened(key, &kept.image)?).map(Some)
                }
                _ => Ok(None),
            })?;
        }
        self.write_check(by)?;
        let keys = Keys { key: self.keys.key.clone(), old: None };
        key_file::write(&self.file, &keys)?;
        self.keys = keys;
        Ok(())
    }

    /// All secrets. Each must open before any is changed: a damaged one is told while its key is still there.
    fn all_open(&self) -> Result<Vec<(Name, Kept)>, Refusal> {
        let secrets = below(&*self.store, &[KIND])?;
        for (key, kept) in &secrets {
            self.opened(key, &kept.image)?;
        }
        Ok(secrets)
    }

    fn write_check(&self, by: &By) -> Result<(), Refusal> {
        let name = check_name();
        change(&*self.store, &name, (by, "key"), |kept| {
            match kept.is_some_and(|kept| self.keys.key.open(&name, &kept.image).is_some()) {
                true => Ok(None),
                false => self.keys.key.seal(&name, CHECK).map(Some),
            }
        })
    }

    /// A key for another purpose, such as signing passes: always the same for the same purpose and key file.
    pub fn subkey(&self, purpose: &str) -> [u8; 32] {
        self.keys.key.derive(&["purpose ", purpose])
    }

    fn opened(&self, key: &Name, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        self.keys.opens(key, sealed).ok_or_else(|| damaged(key))
    }
}

impl Keys {
    /// What was sealed, by whichever key it was.
    fn opens(&self, name: &Name, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let opened = self.key.open(name, sealed);
        opened.or_else(|| self.old.as_ref()?.open(name, sealed)).map(Zeroizing::new)
    }
}

fn check_name() -> Name {
    Name::of(&["vault", "key"])
}

fn has_secrets(store: &dyn Store) -> Result<bool, Refusal> {
    Ok(!store.list(&format!("{KIND}/"), Which::Live, None, 1).map_err(failed)?.is_empty())
}

fn damaged(key: &Name) -> Refusal {
    let sentence = format!(
        "the record `{key}` does not open with the key: it was changed, or stood elsewhere; remove the secret and set it anew"
    );
    Refusal::of(Code::NoStore, "", sentence)
}
