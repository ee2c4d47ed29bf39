//! What is kept for how long, and what is forgotten when a visitor asks for it. Both may be done twice.

use crate::conversation::{ConversationId, Moment, Span, VisitorId};
use crate::store::{Failure, Kept, Key, Store, Which};

use super::conversation::Conversation;
use super::ledger::Small;
use super::visitor::Visitor;

/// Records that are looked at before anything else gets its turn.
const PAGE: usize = 256;

/// What came of forgetting a visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Conversations that were removed.
    pub conversations: usize,
    /// Conversations that are still open: close them, and forget once more.
    pub open: Vec<ConversationId>,
}

/// Removes conversations that have been closed for longer than so many days. How many.
pub fn sweep(store: &dyn Store, account: &str, days: u32, now: Moment) -> Result<usize, Failure> {
    let age = Span(u64::from(days) * 24 * 3_600_000);
    let mut removed = 0;
    each(store, account, Which::AtRest, |key, conversation| {
        if conversation.at.after(age) < now {
            store.erase(key)?;
            removed += 1;
        }
        Ok(())
    })?;
    Ok(removed)
}

/// Removes all that is kept of a visitor: what bots remember, and every conversation that is over.
pub fn forget(store: &dyn Store, account: &str, visitor: &VisitorId) -> Result<Forgotten, Failure> {
    let mut forgotten = Forgotten::default();
    each(store, account, Which::AtRest, |key, conversation| {
        if conversation.visitor == *visitor {
            store.erase(key)?;
            forgotten.conversations += 1;
        }
        Ok(())
    })?;
    each(store, account, Which::Live, |_, conversation| {
        if conversation.visitor == *visitor {
            forgotten.open.push(conversation.id);
        }
        Ok(())
    })?;
    store.erase(&Key::of(&[Visitor::KIND, account, visitor.as_str()]))?;
    Ok(forgotten)
}

fn each(
    store: &dyn Store,
    account: &str,
    which: Which,
    mut look: impl FnMut(&Key, Conversation) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let prefix = format!("{}/", Key::of(&["conversation", account]));
    let mut after: Option<Key> = None;
    loop {
        let page: Vec<(Key, Kept)> = store.list(&prefix, which, after.as_ref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for (key, kept) in &page {
            match serde_json::from_slice(&kept.image) {
                Ok(conversation) => look(key, conversation)?,
                Err(error) => return Err(Failure::Damaged(format!("`{key}` cannot be read: {error}"))),
            }
        }
    }
}
