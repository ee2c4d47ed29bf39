//! Who somebody is: passwords of people, API keys of bots, tokens of operators. Of none of them more than a hash is kept.
//!
//! Everything here asks the account as well: whom it does not have, or has as something else, is let in by nothing.

mod password; // what a good one is, and how it is kept
mod token; // what is shown once and sent with every call
mod tries; // how often one may be wrong

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::conversation::{Moment, UserId};
use crate::platform::{Account, Code, Kind, Refusal};
use crate::store::{Key, Store};

use super::record::{By, below, change_record, failed, parse, read};
use super::secret::Secret;
use password::Password;
pub use password::{PASSWORD_BYTES_MAX, PASSWORD_LETTERS_MIN};
use token::Kept;
pub use token::{TOKEN_LIFE_MAX, TOKENS_OF_USER_MAX, Token, TokenId};
use tries::Tries;
pub use tries::{TRIES_ELSEWHERE_MAX, TRIES_MAX, TRIES_WITHIN};

/// How often a password is hashed, so that guessing takes long. Passwords kept with less are hashed anew at their next login.
pub const PASSWORD_ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
/// Passwords that are looked at at once; each takes a processor for a good part of a second.
pub const LOGINS_AT_ONCE_MAX: usize = 4;

/// Who can show who they are, by what is kept in a store.
pub struct Credentials {
    store: Arc<dyn Store>,
    iterations: NonZeroU32,
    tries: Mutex<Tries>,
    at_once: AtomicUsize,
    spent: AtomicU64,
}

/// Somebody who has shown who they are, with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Who.
    pub user: UserId,
    /// Since when they have this password: what was signed for them before that counts no more.
    pub since: Moment,
}

impl Credentials {
    /// Over a store. `iterations` is [`PASSWORD_ITERATIONS`] but in tests, and only ever grows.
    pub fn new(store: Arc<dyn Store>, iterations: NonZeroU32) -> Credentials {
        let tries = Mutex::new(Tries::default());
        Credentials { store, iterations, tries, at_once: AtomicUsize::new(0), spent: AtomicU64::new(0) }
    }

    // ---- Passwords ----

    /// Refuses whoever is no person of the account, and so can have no password.
    pub fn is_person(&self, account: &Account, user: &UserId) -> Result<(), Refusal> {
        person(account, user)
    }

    /// Sets the password of a person. A bad one is refused with a sentence.
    pub fn set_password(
        &self,
        account: &Account,
        user: &UserId,
        password: &Secret,
        by: &By,
    ) -> Result<(), Refusal> {
        person(account, user)?;
        let words = [account.name.as_str(), user.as_str(), account.users[user].name.as_str()];
        let normal = password::good(password, &words)?;
        self.keep_password(account, user, &normal, by)
    }

    /// Gives a person a password that can be typed, as one needs for a first login.
    pub fn give_password(&self, account: &Account, user: &UserId, by: &By) -> Result<Secret, Refusal> {
        person(account, user)?;
        let password = password::typeable()?;
        self.keep_password(account, user, &password, by)?;
        Ok(password)
    }

    /// Since when a person has the password they have; nothing, if they have none.
    pub fn password_since(&self, account: &Account, user: &UserId) -> Result<Option<Moment>, Refusal> {
        Ok(self.password(account, user)?.map(|(_, password)| password.since))
    }

    /// Lets somebody in who knows their password. `from` is where they come from, an address as a rule.
    ///
    /// A wrong password, an unknown user and one without a password get the same answer after the same work. Wrong ones are
    /// counted by user and place: [`TRIES_MAX`] within [`TRIES_WITHIN`], and [`TRIES_ELSEWHERE_MAX`] from all places where
    /// the user was never let in. So a stranger does not lock out who comes from where they always do.
    pub fn log_in(
        &self,
        account: &Account,
        user: &UserId,
        password: &Secret,
        from: &str,
        now: Moment,
    ) -> Result<LoggedIn, Refusal> {
        let _turn = Turn::take(&self.at_once)?;
        self.tries().take(user, from, now)?;
        let kept = self.password(account, user)?;
        let normal = password::normal(password);
        let right = match (&kept, &normal) {
            (Some((key, kept)), Some(normal)) => {
                self.spent.fetch_add(kept.iterations.get().into(), Ordering::Relaxed);
                let fits = kept.fits(key, normal);
                self.spend(self.iterations.get().saturating_sub(kept.iterations.get()));
                fits
            }
            _ => {
                self.spend(self.iterations.get());
                false
            }
        };
        let (Some((key, kept)), Some(normal), true) = (kept, normal, right) else {
            let sentence = "there is no such user, or the password is another one";
            return Err(Refusal::of(Code::WrongLogin, "", sentence));
        };
        self.tries().right(user, from);
        if kept.iterations < self.iterations {
            let anew = self.hashed(&key, &normal, kept.since)?;
            // If it cannot be kept now, the next login does it.
            self.upgrade(&key, &kept, &anew, &By::new(user.clone(), now)).ok();
        }
        Ok(LoggedIn { user: user.clone(), since: kept.since })
    }

    /// How often something was hashed since this was made: by this, and not by a clock, tests see that answers take equally long.
    pub fn hashes_computed(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    fn password(&self, account: &Account, user: &UserId) -> Result<Option<(Key, Password)>, Refusal> {
        // An unknown name is looked up like a known one, if it can be a name at all.
        if !user.is_sound() {
            return Ok(None);
        }
        let key = Password::key(&account.name, user);
        let kept = read::<Password>(&*self.store, &key)?;
        Ok(kept.filter(|_| person(account, user).is_ok()).map(|kept| (key, kept)))
    }

    fn hashed(&self, key: &Key, normal: &Secret, since: Moment) -> Result<Password, Refusal> {
        self.spent.fetch_add(self.iterations.get().into(), Ordering::Relaxed);
        Password::of(key, normal, self.iterations, since)
    }

    /// The work of looking at a password, where there is none to look at.
    fn spend(&self, iterations: u32) {
        if let Some(iterations) = NonZeroU32::new(iterations) {
            self.spent.fetch_add(iterations.get().into(), Ordering::Relaxed);
            password::spend(iterations);
        }
    }

    fn keep_password(
        &self,
        account: &Account,
        user: &UserId,
        normal: &Secret,
        by: &By,
    ) -> Result<(), Refusal> {
        let key = Password::key(&account.name, user);
        let made = self.hashed(&key, normal, by.at)?;
        change_record(&*self.store, &key, (by, "set"), |kept: Option<Password>| {
            Ok((kept.as_ref() != Some(&made)).then(|| made.clone()))
        })
    }

    /// The same password, hashed more often, unless it was changed meanwhile.
    fn upgrade(&self, key: &Key, was: &Password, anew: &Password, by: &By) -> Result<(), Refusal> {
        change_record(&*self.store, key, (by, "hashed anew"), |kept: Option<Password>| {
            Ok((kept.as_ref() == Some(was)).then(|| anew.clone()))
        })
    }

    fn tries(&self) -> std::sync::MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- Tokens and API keys ----

    /// Makes a token for a person, or an API key for a bot user. What is given back is shown once: only a hash is kept.
    ///
    /// A user may have several, so that one can be put in another's place without a gap.
    pub fn new_token(
        &self,
        account: &Account,
        user: &UserId,
        name: &str,
        expires: Option<Moment>,
        by: &By,
    ) -> Result<(TokenId, Secret), Refusal> {
        let Some(about) = account.users.get(user) else { return Err(unknown(user)) };
        token::sound(name, expires, by.at)?;
        let own: Vec<Token> = self.tokens(account)?.into_iter().filter(|token| token.user == *user).collect();
        if own.len() >= TOKENS_OF_USER_MAX {
            let sentence = format!("a user has at most {TOKENS_OF_USER_MAX} of them; revoke one first");
            return Err(Refusal::of(Code::TooMany, "user", sentence));
        }
        if own.iter().any(|token| token.name == name) {
            let sentence = format!("`{user}` has one of the name `{name}` already");
            return Err(Refusal::of(Code::Exists, "name", sentence));
        }
        let (id, text) = token::random()?;
        let key = Kept::key(&account.name, &id);
        let token = Token {
            id: id.clone(),
            user: user.clone(),
            kind: about.kind,
            name: name.to_string(),
            by: by.by.clone(),
            made: by.at,
            expires,
            used: None,
        };
        let made = Kept::of(token, &key, &text);
        change_record(&*self.store, &key, (by, "made"), |kept: Option<Kept>| match kept {
            None => Ok(Some(made.clone())),
            Some(kept) if kept == made => Ok(None),
            Some(_) => Err(Refusal::of(Code::Exists, "", "that name is taken; try again")),
        })?;
        Ok((id, text))
    }

    /// The tokens and API keys of an account, the oldest first, also those that have expired.
    pub fn tokens(&self, account: &Account) -> Result<Vec<Token>, Refusal> {
        let kept = below(&*self.store, &[Kept::KIND, &account.name])?;
        let read = kept.iter().map(|(key, kept)| parse(key, &kept.image).map(|kept: Kept| kept.token));
        let mut tokens: Vec<Token> = read.collect::<Result<_, _>>()?;
        tokens.sort_by(|one, other| (one.made, &one.id).cmp(&(other.made, &other.id)));
        Ok(tokens)
    }

    /// Takes a token or an API key back, at once and for good.
    pub fn revoke(&self, account: &Account, id: &TokenId) -> Result<(), Refusal> {
        let key = Kept::key(&account.name, id);
        if read::<Kept>(&*self.store, &key)?.is_none() {
            let sentence = format!("there is no token or API key `{id}`");
            return Err(Refusal::of(Code::UnknownToken, "id", sentence));
        }
        self.store.erase(&key).map_err(failed)
    }

    /// Whose token or API key this is. All reasons why it is nobody's are the same answer.
    pub fn shown(&self, account: &Account, shown: &Secret, now: Moment) -> Result<Token, Refusal> {
        let nobodys =
            || Refusal::of(Code::WrongLogin, "", "it is no token or API key of this account, or no longer");
        let id = token::id_of(shown).ok_or_else(nobodys)?;
        let key = Kept::key(&account.name, &id);
        let kept: Kept = read(&*self.store, &key)?.ok_or_else(nobodys)?;
        let token = &kept.token;
        let counts = kept.fits(&key, shown)
            && token.expires.is_none_or(|end| now < end)
            && account.users.get(&token.user).is_some_and(|user| user.kind == token.kind);
        if !counts {
            return Err(nobodys());
        }
        if token.used.is_none_or(|used| used < token::day(now)) {
            let by = By::new(token.user.clone(), now);
            let today = token::day(now);
            let noted = change_record(&*self.store, &key, (&by, "used"), |kept: Option<Kept>| match kept {
                Some(mut kept) if kept.token.used.is_none_or(|used| used < today) => {
                    kept.token.used = Some(today);
                    Ok(Some(kept))
                }
                Some(_) => Ok(None),
                None => Err(nobodys()), // revoked meanwhile
            });
            // On a full disk it still is who it is.
            noted.or_else(|why| if why.code == Code::WrongLogin { Err(why) } else { Ok(()) })?;
        }
        Ok(kept.token)
    }

    // ---- Those who are gone ----

    /// Removes what is kept of users whom the account does not have any more, so that it is not that of somebody who gets the
    /// same name later. To be called when the account was changed. How many records.
    pub fn forget_gone(&self, account: &Account) -> Result<usize, Refusal> {
        let mut gone = Vec::new();
        for (key, _) in below(&*self.store, &[Password::KIND, &account.name])? {
            let user = key.words().nth(2).map(UserId::from);
            if user.is_some_and(|user| person(account, &user).is_err()) {
                gone.push(key);
            }
        }
        for token in self.tokens(account)? {
            if account.users.get(&token.user).is_none_or(|user| user.kind != token.kind) {
                gone.push(Kept::key(&account.name, &token.id));
            }
        }
        for key in &gone {
            self.store.erase(key).map_err(failed)?;
        }
        Ok(gone.len())
    }
}

/// Whether somebody is a person of the account.
fn person(account: &Account, user: &UserId) -> Result<(), Refusal> {
    match account.users.get(user).map(|user| user.kind) {
        Some(Kind::Human) => Ok(()),
        Some(Kind::Bot) => {
            let sentence = format!("`{user}` is a bot: it has an API key, and no password");
            Err(Refusal::of(Code::NotValid, "user", sentence))
        }
        None => Err(unknown(user)),
    }
}

fn unknown(user: &UserId) -> Refusal {
    let sentence = format!("the account has no user `{}`", user.as_str().escape_debug());
    Refusal::of(Code::UnknownUser, "user", sentence)
}

/// One of the few logins that are looked at at once.
struct Turn<'a>(&'a AtomicUsize);

impl Turn<'_> {
    fn take(at_once: &AtomicUsize) -> Result<Turn<'_>, Refusal> {
        let turn = Turn(at_once);
        if at_once.fetch_add(1, Ordering::Relaxed) >= LOGINS_AT_ONCE_MAX {
            let sentence =
                format!("{LOGINS_AT_ONCE_MAX} logins are being looked at, and no more at once; try again");
            return Err(Refusal::of(Code::TooMany, "", sentence));
        }
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
