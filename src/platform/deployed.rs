//! Which version of a bot is served where, and which one was before.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::conversation::{BotName, CommandId, Moment, UserId, VersionId};
use crate::store::{Failure, Key, Store, Which};

use super::account::Environment;
use super::fact::Answer;
use super::ledger::{Change, Small, Stamp};
use super::limits::RELEASES_KEPT;
use super::refusal::{Code, Refusal};

/// The record of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deployed {
    /// What is served, by environment.
    pub served: BTreeMap<Environment, Served>,
    /// The last commands that were done, by whom: the same one sent again is done once.
    #[serde(default)]
    pub done: VecDeque<(UserId, CommandId)>,
    /// Which change it is of.
    pub stamp: Stamp,
}

/// What is served in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The version.
    pub version: VersionId,
    /// The one before it.
    pub before: Option<VersionId>,
    /// How often open conversations were moved to the version of that moment.
    pub moves: u64,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Something done to a bot's versions.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// A version is served from now on.
    Deploy {
        /// Which.
        version: VersionId,
        /// Where.
        to: Environment,
        /// Whether open conversations go over to it at once.
        move_open: bool,
    },
    /// The version before is served again.
    RollBack {
        /// Where.
        on: Environment,
        /// Whether open conversations go over to it at once.
        move_open: bool,
    },
}

/// What is served of all bots.
#[derive(Debug, Default)]
pub struct Deployments {
    bots: HashMap<BotName, Deployed>,
}

impl Deployments {
    /// The version of a bot that is served somewhere, and how often open conversations were moved.
    pub fn served(&self, bot: &BotName, environment: Environment) -> Option<(VersionId, u64)> {
        let served = self.bots.get(bot)?.served.get(&environment)?;
        Some((served.version.clone(), served.moves))
    }

    pub(super) fn note(&mut self, bot: BotName, deployed: Deployed) {
        self.bots.insert(bot, deployed);
    }
}

impl Deployed {
    /// What is kept of a bot; nothing, if no version of it was ever deployed.
    pub fn kept(store: &dyn Store, account: &str, bot: &BotName) -> Result<Option<Deployed>, Failure> {
        let kept = store.newest(&Key::of(&[Deployed::KIND, account, bot.as_str()]))?;
        kept.map(|kept| read(bot, &kept.image)).transpose()
    }

    /// What is kept of all bots of an account.
    pub fn all(store: &dyn Store, account: &str) -> Result<Vec<(BotName, Deployed)>, Failure> {
        const PAGE: usize = 256;
        let prefix = format!("{}/", Key::of(&[Deployed::KIND, account]));
        let mut all: Vec<(BotName, Deployed)> = Vec::new();
        let mut after = None;
        loop {
            let page = store.list(&prefix, Which::Live, after.as_ref(), PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(all) };
            after = Some(last.clone());
            for (key, kept) in page {
                let bot: BotName = key.words().nth(2).unwrap_or_default().into();
                all.push((bot.clone(), read(&bot, &kept.image)?));
            }
        }
    }
}

fn read(bot: &BotName, image: &[u8]) -> Result<Deployed, Failure> {
    serde_json::from_slice(image)
        .map_err(|error| Failure::Damaged(format!("what is served of `{bot}` cannot be read: {error}")))
}

impl Small for Deployed {
    type Id = BotName;
    /// Who, what they call it, and what.
    type Ask = (UserId, CommandId, Release);
    const KIND: &'static str = "bot";
    const LIVE: bool = true;

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn decide(&self, (by, command, release): &Self::Ask, now: Moment) -> Result<Change<Deployed>, Refusal> {
        let command = (by.clone(), command.clone());
        let mut next = self.clone();
        if next.done.contains(&command) {
            return Ok(Change { image: next, entry: String::new(), answer: Answer::Done });
        }
        if next.done.len() >= RELEASES_KEPT {
            next.done.pop_front();
        }
        next.done.push_back(command);
        let (on, move_open) = match release {
            Release::Deploy { to, move_open, .. } => (*to, *move_open),
            Release::RollBack { on, move_open } => (*on, *move_open),
        };
        let before = next.served.get(&on).cloned();
        let version = match (release, &before) {
            (Release::Deploy { version, .. }, _) => version.clone(),
            (Release::RollBack { .. }, Some(Served { before: Some(version), .. })) => version.clone(),
            (Release::RollBack { .. }, _) => {
                let sentence = "there is no version before this one to roll back to";
                return Err(Refusal::of(Code::UnknownVersion, "bot", sentence));
            }
        };
        let moves = before.as_ref().map_or(0, |before| before.moves) + u64::from(move_open);
        // The version that is served already once more: the one before it stays the one to roll back to.
        let before =
            before.and_then(|now| if now.version == version { now.before } else { Some(now.version) });
        let entry = format!("{by}: {release:?}");
        next.served.insert(on, Served { version, before, moves, by: by.clone(), at: now });
        Ok(Change { image: next, entry, answer: Answer::Done })
    }
}
