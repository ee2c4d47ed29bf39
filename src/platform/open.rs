//! The platform as it comes out of the store, after whatever happened: the floor, the timers, and what is still to be done.

use std::sync::Arc;

use crate::conversation::Moment;
use crate::store::{Failure, Kept, Key, Store, Which};

use super::account::Account;
use super::connector::Switch;
use super::conversation::Conversation;
use super::deployed::Deployed;
use super::handle::Platform;
use super::ledger::{Small, read_image};
use super::mind::Minds;
use super::user::Presence;

/// Records that are read at once.
const PAGE: usize = 1_024;

impl Platform {
    /// Opens an account from what is kept of it. `writer`: a number that no other run of the house has had.
    pub fn open(
        account: Account,
        minds: Arc<dyn Minds + Send + Sync>,
        store: &dyn Store,
        writer: u64,
        now: Moment,
    ) -> Result<Platform, Failure> {
        let mut platform = Platform::new(account, minds, writer, now);
        let name = platform.account.name.clone();
        each(store, Deployed::KIND, &name, |id, kept| {
            let (version, image) = known::<Deployed>(&id, kept)?;
            platform.deployed.note(id.as_str().into(), (*image).clone());
            platform.bots.put(id.as_str().into(), version, image);
            Ok(())
        })?;
        each(store, Switch::KIND, &name, |id, kept| {
            let (version, image) = known::<Switch>(&id, kept)?;
            platform.wanted.insert(id.as_str().into(), image.wanted);
            platform.switches.put(id.as_str().into(), version, image);
            Ok(())
        })?;
        let mut users = Vec::new();
        each(store, Presence::KIND, &name, |id, kept| {
            let (version, image) = known::<Presence>(&id, kept)?;
            platform.users.put(id.as_str().into(), version, image);
            users.push(id.as_str().into());
            Ok(())
        })?;
        each(store, "conversation", &name, |id, kept| {
            let (_, image) = known::<Conversation>(&id, kept)?;
            platform.floor.note(&image, false);
            platform.schedule(image.id, Some(&image));
            platform.take_up_at_home(&image);
            Ok(())
        })?;
        users.iter().for_each(|user| platform.user_is_known(user));
        let connectors: Vec<_> = platform.account.connectors.keys().cloned().collect();
        connectors.iter().for_each(|id| platform.connector_changed(id));
        Ok(platform)
    }
}

/// Every live record of a kind.
fn each(
    store: &dyn Store,
    kind: &str,
    account: &str,
    mut take: impl FnMut(String, Kept) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let prefix = format!("{}/", Key::of(&[kind, account]));
    let mut after = None;
    loop {
        let page = store.list(&prefix, Which::Live, after.as_ref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for (key, kept) in page {
            let id = key.words().nth(2).unwrap_or_default();
            take(id, kept)?;
        }
    }
}

fn known<T: serde::de::DeserializeOwned>(
    id: &str,
    kept: Kept,
) -> Result<(crate::store::Version, Arc<T>), Failure> {
    let unreadable = |why: String| Failure::Damaged(format!("what is kept of `{id}` cannot be read: {why}"));
    read_image::<T>(Some(kept)).map_err(unreadable)?.ok_or_else(|| unreadable("nothing is there".to_string()))
}
