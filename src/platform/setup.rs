//! How an account came to be as it is: which configuration counts, by the hash of all of it. The configuration itself is a
//! blob, so that it changes as a whole and earlier ones can be looked at.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::conversation::{Moment, UserId};
use crate::store::{Failure, Hash, Key, Store, Which};

use super::account::Account;
use super::fact::Answer;
use super::handle::Platform;
use super::input::{Ask, Caller, Command, Input};
use super::keep::keep;
use super::ledger::{Change, Small, Stamp};
use super::output::Output;
use super::refusal::Refusal;

/// Names of accounts that are looked at; a house has one.
const NAMES_MAX: usize = 16;

/// The record of an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Setup {
    /// The hash of the configuration.
    pub hash: String,
    /// Who set it up so.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
    /// The configuration itself, if it was set up in this run of the house.
    #[serde(skip)]
    pub account: Option<Box<Account>>,
    /// Which change it is of.
    pub stamp: Stamp,
}

impl Small for Setup {
    type Id = ();
    /// Who, which configuration, and its hash.
    type Ask = (UserId, Box<Account>, Hash);
    const KIND: &'static str = "account";
    const LIVE: bool = true;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn decide(&self, (by, account, hash): &Self::Ask, now: Moment) -> Result<Change<Setup>, Refusal> {
        let hash = hash.to_string();
        let entry = format!("{by}: {hash}");
        let image =
            Setup { hash, by: Some(by.clone()), at: now, account: Some(account.clone()), ..self.clone() };
        Ok(Change { image, entry, answer: Answer::Done })
    }
}

impl Account {
    /// Keeps a configuration, so that it can be [set up](super::Ask::SetUp); its hash.
    pub fn keep(&self, store: &dyn Store) -> Result<Hash, Failure> {
        let json = serde_json::to_vec(self).map_err(|error| Failure::Broken(error.to_string()))?;
        store.put_blob(&json)
    }

    /// An account as it was last set up; nothing, if it never was.
    pub fn kept(store: &dyn Store, name: &str) -> Result<Option<Account>, Failure> {
        let Some(kept) = store.newest(&Key::of(&[Setup::KIND, name]))? else { return Ok(None) };
        let damaged = |why: String| Failure::Damaged(format!("the account `{name}` cannot be read: {why}"));
        let setup: Setup = serde_json::from_slice(&kept.image).map_err(|error| damaged(error.to_string()))?;
        let hash = Hash::read(&setup.hash).ok_or_else(|| damaged("its hash is none".to_string()))?;
        let Some(json) = store.blob(&hash)? else {
            return Err(damaged("the configuration is not there".to_string()));
        };
        serde_json::from_slice(&json).map(Some).map_err(|error| damaged(error.to_string()))
    }

    /// The names of the accounts that were set up in a store.
    pub fn names(store: &dyn Store) -> Result<Vec<String>, Failure> {
        let prefix = format!("{}/", Key::of(&[Setup::KIND]));
        let kept = store.list(&prefix, Which::Live, None, NAMES_MAX)?;
        Ok(kept.into_iter().filter_map(|(key, _)| key.words().nth(1)).collect())
    }

    /// Sets the account up in a store that no house has open, and writes down who did. The sentence says why it was refused.
    ///
    /// The conversations of the store are left alone: nobody is there to have them, and time stands still for them.
    pub fn set_up(&self, store: &dyn Store, by: UserId, writer: u64, now: Moment) -> Result<(), String> {
        let hash = self.keep(store).map_err(|failure| failure.to_string())?;
        let empty = Account { name: self.name.clone(), ..Account::default() };
        let mut platform = Platform::new(empty, Arc::new(()), writer, now);
        let command = Command {
            id: format!("set-up-{writer}").as_str().into(),
            reply_to: 0,
            from: Caller::Operator(by),
            ask: Ask::SetUp(Box::new(self.clone()), hash),
        };
        let replies = keep(&mut platform, store, Input::Command(command), now);
        let answer = replies.into_iter().find_map(|output| match output {
            Output::Reply { result, .. } => Some(result.map(|_| ()).map_err(|refusal| refusal.to_string())),
            Output::Halt { why } => Some(Err(why)),
            _ => None,
        });
        answer.unwrap_or_else(|| Err("nothing was heard of it".to_string()))
    }
}
