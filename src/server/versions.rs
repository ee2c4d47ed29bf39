//! The versions of bots: what was sent, by whom and with which words, in order: 1, 2, 3 …; and the bots that run, made of them.
//!
//! A version is its [`Bundle`], kept as a blob under its hash, and a record `version/ACCOUNT/BOT/NUMBER` that says what is
//! known of it. The number stands in the key, so that two who add at once cannot take the same one, and nothing lies
//! between taking it and keeping the rest: one append makes a version. A blob whose record never came is nobody's version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::connectors::bundle::{Changes, Tested, account_of_bots};
use crate::connectors::{Bots, Bundle};
use crate::conversation::{BotName, Moment, NAME_BYTES_MAX, UserId, VersionId};
use crate::diagnostics::Severity;
use crate::diagnostics::english::count;
use crate::diagnostics::render::tally;
use crate::platform::{Account, Code, Conversation, Deployed, Environment, Refusal};
use crate::store::{Append, Failure, Hash, Kept, Key, Outcome, Store, Version, Which};

/// Versions of one bot.
pub const VERSIONS_MAX: u32 = 99_999;
/// Bytes of the message of a version.
pub const VERSION_MESSAGE_BYTES_MAX: usize = 1_000;
/// Letters of a version's hash that are enough to name it, if no other version begins with them.
pub const HASH_LETTERS_MIN: usize = 6;
/// Letters of a version's hash as they are shown.
const HASH_LETTERS_SHOWN: usize = 12;
/// Records that are read at once.
const PAGE: usize = 256;
/// How often an append is tried that others came before, or that nobody knows the outcome of.
const ATTEMPTS_MAX: usize = 16;

/// One version of a bot, as it is kept. Of it, only what was confirmed ever changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotVersion {
    /// The how manieth of its bot, from 1.
    pub number: u32,
    /// Its hash.
    pub id: VersionId,
    /// What its author says of it.
    pub message: String,
    /// Who added it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// How many files it has.
    pub files: usize,
    /// Warnings that it was added with; a bot with errors is no version.
    pub warnings: usize,
    /// What came of its tests when it was added.
    pub tests: Tested,
    /// The differences from conversations on Demo that somebody has looked at and wants so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
}

/// Differences that somebody wants so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Which: the names of the differences.
    pub differences: BTreeSet<String>,
}

impl BotVersion {
    /// As people name it: `version 7 (3f9a01c2b4d5)`.
    pub fn label(&self) -> String {
        format!("version {} ({})", self.number, short(&self.id))
    }
}

/// A version that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// It.
    pub version: BotVersion,
    /// Whether it is new. If not, the same bot was there already, and the version is as it was then, message and all.
    pub new: bool,
}

/// The versions of all bots of an account. Cheap to clone; any thread may ask it, and it waits for the store.
///
/// Each command of an operator is one call, and what is served changes only by what the house is asked for:
///
/// | command | call | then ask the house for |
/// |---|---|---|
/// | deploy | [`Bundle::unpack`], [`add`](Versions::add), [`put`](Versions::put) | [`Ask::Deploy`](crate::platform::Ask::Deploy) to Demo |
/// | versions | [`list`](Versions::list), [`served`](Versions::served) | |
/// | diff | [`find`](Versions::find), [`changes`](Versions::changes) | |
/// | replay | [`gate`](Versions::gate): its `replay` | |
/// | confirm | [`confirm`](Versions::confirm) with the [names](super::Replay::names) that were shown | |
/// | promote | [`gate`](Versions::gate), [`put`](Versions::put) | what [`pass`](super::Gate::pass) gives |
/// | rollback | [`put`](Versions::put) for the version before | [`Ask::RollBack`](crate::platform::Ask::RollBack) |
///
/// ```
/// use std::sync::Arc;
/// use parlor::connectors::{Bots, Bundle};
/// use parlor::conversation::{BotName, Moment, UserId};
/// use parlor::platform::Account;
/// use parlor::server::Versions;
/// use parlor::store::Memory;
///
/// let text = r#"
///     bot "Shop" {
///       language en-US
///       entry "Welcome"
///     }
///     dialog "Welcome" {
///       say "Hello!"
///       transfer to skill "Human" say "Hold on..."
///     }
///     fallback dialog "Fallback" {
///       say "Sorry?"
///     }
/// "#;
/// let bundle = Bundle::of([("shop.dialog".to_string(), text.as_bytes().to_vec())])?;
/// let (shop, ann) = (BotName::from("shop"), UserId::from("ann"));
/// let versions = Versions::new(Arc::new(Memory::new()), "acme");
/// let added = versions.add(&shop, &bundle, "the first one", (&ann, Moment(0)), &mut || true)?;
/// assert_eq!(added.version.number, 1);
/// let (bots, account) = (Bots::new(), Account::default());
/// versions.put(&bots, &account, &shop, &added.version.id)?;
/// let gate = versions.gate(&account, &shop, &added.version, &mut || true)?;
/// assert!(!gate.is_open(), "the account has no skill `Human`:\n{gate}");
/// # Ok::<(), parlor::platform::Refusal>(())
/// ```
#[derive(Clone)]
pub struct Versions {
    pub(super) store: Arc<dyn Store>,
    pub(super) account: String,
}

impl Versions {
    /// Those that are kept in a store.
    pub fn new(store: Arc<dyn Store>, account: impl Into<String>) -> Versions {
        Versions { store, account: account.into() }
    }

    /// Adds a version of a bot, with its tests played as long as `goes_on`. The same bot once more is the same version.
    pub fn add(
        &self,
        bot: &BotName,
        bundle: &Bundle,
        message: &str,
        (by, at): (&UserId, Moment),
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Added, Refusal> {
        sound(bot, message, by)?;
        if let Some(version) = self.of(bot, bundle.id())? {
            self.store.put_blob(&bundle.pack()).map_err(failed)?; // mends it, should it have been lost
            return Ok(Added { version, new: false });
        }
        let checked = bundle.check(None);
        let warnings = tally(&checked.findings, Severity::Warning);
        let Some(program) = checked.program else {
            let errors = count(tally(&checked.findings, Severity::Error), "error");
            let sentence = format!("the bot has {errors} and cannot run; `parlor check` shows them");
            return Err(Refusal::of(Code::NotValid, "bundle", sentence));
        };
        let mut version = BotVersion {
            number: 0,
            id: bundle.id().clone(),
            message: message.to_string(),
            by: by.clone(),
            at,
            files: bundle.files().len(),
            warnings,
            tests: bundle.test(&program, goes_on),
            confirmed: None,
        };
        self.store.put_blob(&bundle.pack()).map_err(failed)?;
        for _ in 0..ATTEMPTS_MAX {
            let all = self.list(bot)?;
            if let Some(same) = all.iter().find(|other| other.id == version.id) {
                // Mine, if an append of mine has arrived that nobody knew of; else somebody was faster.
                let new = *same == BotVersion { number: same.number, ..version.clone() };
                return Ok(Added { version: same.clone(), new });
            }
            version.number = all.first().map_or(1, |newest| newest.number + 1);
            if version.number > VERSIONS_MAX {
                let sentence = format!("`{bot}` has {VERSIONS_MAX} versions, which is the most");
                return Err(Refusal::of(Code::TooMany, "bot", sentence));
            }
            if self.keep(bot, &version, Version::NONE, "added")? {
                return Ok(Added { version, new: true });
            }
        }
        Err(nobody_knows())
    }

    /// All versions of a bot, the newest first.
    pub fn list(&self, bot: &BotName) -> Result<Vec<BotVersion>, Refusal> {
        let prefix = format!("{}/", Key::of(&["version", &self.account, bot.as_str()]));
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.list(&prefix, Which::Live, after.as_ref(), PAGE).map_err(failed)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (key, kept) in page {
                all.push(read(&key, &kept)?);
            }
        }
        all.reverse();
        Ok(all)
    }

    /// The version that somebody means: by its number, or by the beginning of its hash.
    pub fn find(&self, bot: &BotName, named: &str) -> Result<BotVersion, Refusal> {
        let unknown = |sentence: String| Refusal::of(Code::UnknownVersion, "version", sentence);
        let digits = named.len() < HASH_LETTERS_MIN && named.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(number) = named.parse::<u32>().ok().filter(|_| digits) {
            return match self.record(bot, number)? {
                Some((version, _)) => Ok(version),
                None => Err(unknown(format!("`{bot}` has no version {number}"))),
            };
        }
        let hash = named.len() >= HASH_LETTERS_MIN && named.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hash {
            let sentence = format!(
                "a version is named by its number, or by {HASH_LETTERS_MIN} or more letters of its hash"
            );
            return Err(Refusal::of(Code::NotValid, "version", sentence));
        }
        let prefix = named.to_ascii_lowercase();
        let mut all = self.list(bot)?;
        all.retain(|version| version.id.as_str().starts_with(&prefix));
        match all.as_slice() {
            [version] => Ok(version.clone()),
            [] => Err(unknown(format!("`{bot}` has no version whose hash begins with `{prefix}`"))),
            [newest, .., oldest] => Err(unknown(format!(
                "{} versions of `{bot}` have a hash that begins with `{prefix}`, among them {} and {}: \
                 give more letters, or the number",
                all.len(),
                oldest.number,
                newest.number
            ))),
        }
    }

    /// The version of a bot with this hash.
    pub fn of(&self, bot: &BotName, id: &VersionId) -> Result<Option<BotVersion>, Refusal> {
        Ok(self.list(bot)?.into_iter().find(|version| version.id == *id))
    }

    /// The version that is served somewhere; nothing, if none is.
    pub fn served(&self, bot: &BotName, on: Environment) -> Result<Option<BotVersion>, Refusal> {
        let deployed = Deployed::kept(&*self.store, &self.account, bot).map_err(failed)?;
        match deployed.and_then(|deployed| deployed.served.get(&on).cloned()) {
            Some(served) => self.of(bot, &served.version),
            None => Ok(None),
        }
    }

    /// What a version is made of.
    pub fn bundle(&self, bot: &BotName, id: &VersionId) -> Result<Bundle, Refusal> {
        let unusable = |why: &str| {
            let sentence = format!("version {} of `{bot}` cannot be used: {why}", short(id));
            Refusal::of(Code::UnknownVersion, "version", sentence)
        };
        let hash = Hash::read(id.as_str()).ok_or_else(|| unusable("its name is no hash"))?;
        match self.store.blob(&hash) {
            Ok(Some(bytes)) => Bundle::unpack_as(id, &bytes).map_err(|refusal| unusable(&refusal.sentence)),
            Ok(None) => Err(unusable("its files are not there")),
            Err(Failure::Damaged(why)) => Err(unusable(&why)),
            Err(failure) => Err(failed(failure)),
        }
    }

    /// What has changed from one version to another.
    pub fn changes(&self, bot: &BotName, from: &BotVersion, to: &BotVersion) -> Result<Changes, Refusal> {
        Ok(self.bundle(bot, &from.id)?.changes(&self.bundle(bot, &to.id)?))
    }

    /// Puts a version at hand, with the values that the account gives in each environment: from then on it can be deployed.
    pub fn put(&self, bots: &Bots, account: &Account, bot: &BotName, id: &VersionId) -> Result<(), Refusal> {
        let bundle = self.bundle(bot, id)?;
        let Some(program) = bundle.check(None).program else {
            let sentence = format!("version {} of `{bot}` has errors for this version of parlor", short(id));
            return Err(Refusal::of(Code::UnknownVersion, "version", sentence));
        };
        let within =
            |environment| bundle.within(program.clone(), environment, &values_of(account, bot, environment));
        bots.put_both(id.clone(), within(Environment::Demo), within(Environment::Production));
        Ok(())
    }

    /// Before the house opens: puts at hand what is served, what was served before, and what open conversations have. A sentence for each that
    /// cannot be: the house runs without it, and says so to whoever comes. Done once more when the account was set up
    /// otherwise, it gives them the values of then.
    pub fn load(&self, bots: &Bots, account: &Account) -> Result<Vec<String>, Failure> {
        let mut wanted: BTreeSet<(BotName, VersionId)> = BTreeSet::new();
        for (bot, deployed) in Deployed::all(&*self.store, &self.account)? {
            for served in deployed.served.into_values() {
                wanted.extend(
                    [Some(served.version), served.before].into_iter().flatten().map(|id| (bot.clone(), id)),
                );
            }
        }
        self.conversations(Which::Live, &mut |conversation| {
            wanted.extend(conversation.bot.map(|held| (held.bot, held.version)));
        })?;
        let mut missing = Vec::new();
        for (bot, id) in wanted {
            match self.put(bots, account, &bot, &id) {
                Err(refusal) if refusal.code == Code::NoStore => {
                    return Err(Failure::Broken(refusal.sentence));
                }
                Err(refusal) => missing.push(refusal.sentence),
                Ok(()) => {}
            }
        }
        Ok(missing)
    }

    /// Somebody has looked at differences from conversations on Demo, and wants them so.
    pub fn confirm(
        &self,
        bot: &BotName,
        number: u32,
        differences: &BTreeSet<String>,
        (by, at): (&UserId, Moment),
    ) -> Result<BotVersion, Refusal> {
        sound(bot, "", by)?;
        if differences.len() > super::gate::REPLAYED_MAX || differences.iter().any(|name| name.len() > 64) {
            let sentence = format!("{} differences are the most", super::gate::REPLAYED_MAX);
            return Err(Refusal::of(Code::TooMany, "differences", sentence));
        }
        let confirmed = Confirmed { by: by.clone(), at, differences: differences.clone() };
        for _ in 0..ATTEMPTS_MAX {
            let Some((mut version, expected)) = self.record(bot, number)? else {
                let sentence = format!("`{bot}` has no version {number}");
                return Err(Refusal::of(Code::UnknownVersion, "version", sentence));
            };
            if version.confirmed.as_ref() == Some(&confirmed) {
                return Ok(version);
            }
            version.confirmed = Some(confirmed.clone());
            if self.keep(bot, &version, expected, "confirmed")? {
                return Ok(version);
            }
        }
        Err(nobody_knows())
    }

    // ------------------------------------------------------------------------------------------------ what is kept

    fn key(&self, bot: &BotName, number: u32) -> Key {
        Key::of(&["version", &self.account, bot.as_str(), &format!("{number:05}")])
    }

    fn record(&self, bot: &BotName, number: u32) -> Result<Option<(BotVersion, Version)>, Refusal> {
        let key = self.key(bot, number);
        let kept = self.store.newest(&key).map_err(failed)?;
        kept.map(|kept| Ok((read(&key, &kept)?, kept.version))).transpose()
    }

    /// Keeps a record. False: it is not known to be kept, and what is kept is to be looked at again.
    fn keep(
        &self,
        bot: &BotName,
        version: &BotVersion,
        expected: Version,
        did: &str,
    ) -> Result<bool, Refusal> {
        let json = |value: &BotVersion| {
            serde_json::to_vec(value)
                .map_err(|error| Refusal::of(Code::NotValid, "version", error.to_string()))
        };
        let by = version.confirmed.as_ref().map_or(&version.by, |confirmed| &confirmed.by);
        let append = Append {
            key: self.key(bot, version.number),
            expected,
            entry: format!("{by}: {did}").into_bytes(),
            image: json(version)?,
            live: true,
        };
        let outcomes = self.store.append(std::slice::from_ref(&append)).map_err(failed)?;
        match outcomes.first() {
            Some(Outcome::Appended(_)) => Ok(true),
            Some(Outcome::Conflict(_)) => Ok(false),
            _ => {
                let kept = self.store.newest(&append.key).map_err(failed)?;
                Ok(kept.is_some_and(|kept| kept.version != expected && kept.image == append.image))
            }
        }
    }

    /// Every conversation of the account, open ones or those that are over.
    pub(super) fn conversations(
        &self,
        which: Which,
        look: &mut dyn FnMut(Conversation),
    ) -> Result<(), Failure> {
        let prefix = format!("{}/", Key::of(&["conversation", &self.account]));
        let mut after = None;
        loop {
            let page = self.store.list(&prefix, which, after.as_ref(), PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, kept) in &page {
                let conversation = serde_json::from_slice(&kept.image)
                    .map_err(|error| Failure::Damaged(format!("`{key}` cannot be read: {error}")))?;
                look(conversation);
            }
        }
    }
}

/// The values that an account gives a bot in an environment.
pub(super) fn values_of(account: &Account, bot: &BotName, on: Environment) -> BTreeMap<String, String> {
    let named = account.bots.get(bot).and_then(|bot| bot.environment.as_ref());
    let values = named.and_then(|name| account.environments.get(name));
    values
        .map(|values| match on {
            Environment::Demo => values.demo.clone(),
            Environment::Production => values.production.clone(),
        })
        .unwrap_or_default()
}

/// What a bot has to know of the account it will live in.
pub(super) fn surroundings(account: &Account) -> crate::program::Account {
    account_of_bots(account)
}

/// The beginning of a hash, for people.
pub(super) fn short(id: &VersionId) -> &str {
    id.as_str().get(..HASH_LETTERS_SHOWN).unwrap_or(id.as_str())
}

pub(super) fn failed(failure: Failure) -> Refusal {
    let code = if matches!(failure, Failure::TooLarge(_)) { Code::TooLarge } else { Code::NoStore };
    Refusal::of(code, "", failure.to_string())
}

fn nobody_knows() -> Refusal {
    let sentence = "nobody knows whether it was kept: look at the versions, and try again";
    Refusal::of(Code::NoStore, "", sentence)
}

fn read(key: &Key, kept: &Kept) -> Result<BotVersion, Refusal> {
    serde_json::from_slice(&kept.image).map_err(|error| {
        let sentence = format!("the record of the version `{key}` is damaged: {error}");
        Refusal::of(Code::UnknownVersion, "version", sentence)
    })
}

fn sound(bot: &BotName, message: &str, by: &UserId) -> Result<(), Refusal> {
    let name = |good: bool, field: &str| match good {
        true => Ok(()),
        false => {
            let sentence = format!("a name is 1 to {NAME_BYTES_MAX} bytes without control characters");
            Err(Refusal::of(Code::NotValid, field, sentence))
        }
    };
    name(bot.is_sound(), "bot")?;
    name(by.is_sound(), "by")?;
    if message.len() > VERSION_MESSAGE_BYTES_MAX {
        let bytes = message.len();
        let sentence = format!("the message has {bytes} bytes, and {VERSION_MESSAGE_BYTES_MAX} is the most");
        return Err(Refusal::of(Code::TooLarge, "message", sentence));
    }
    if message.chars().any(|letter| letter.is_control() && letter != '\n') {
        let sentence = "a message is text without control characters, but for line ends";
        return Err(Refusal::of(Code::NotValid, "message", sentence));
    }
    Ok(())
}
