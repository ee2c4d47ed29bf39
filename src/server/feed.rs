//! Who follows what: a conversation turn by turn, or whatever concerns a user.
//!
//! A conversation's turns are numbered, so whoever follows it says after which one they want to hear more, and misses
//! nothing: what they are too slow for is read from the store. A user's feed only says that something has changed; they
//! look at what they have now, and so cannot miss anything either.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::{broadcast, watch};

use crate::conversation::{Author, ConversationId, Doing, UserId};
use crate::platform::{Conversation, Fact, Place, Record};
use crate::store::{Failure, Key, Store, Version};

use super::hall::{Hall, SHARDS};

/// Turns of a conversation that wait in memory for who follows it; the rest is read from the store.
pub const TURNS_WAITING_MAX: usize = 16;
/// Turns that are read at once.
pub const TURNS_AT_ONCE: usize = 128;

/// Something that happens in a conversation.
#[derive(Debug, Clone)]
pub enum News {
    /// Turns, in order, without a gap.
    Turns(Vec<Arc<Record>>),
    /// What somebody does; it is not kept.
    Doing(Author, Doing),
    /// There will be nothing more: the house has ended.
    End,
}

#[derive(Clone)]
enum Told {
    Turn(Arc<Record>),
    Doing(Author, Doing),
}

/// Feeds of those who are followed.
pub(super) struct Feeds {
    run: u64,
    conversations: [Mutex<Followed>; SHARDS],
    /// How many conversations are followed: as a rule, few of many.
    followed: AtomicUsize,
    users: Mutex<FxHashMap<UserId, watch::Sender<u64>>>,
    floor: watch::Sender<u64>,
    changes: AtomicU64,
}

type Followed = FxHashMap<ConversationId, broadcast::Sender<Told>>;

/// Whom each open conversation concerns: whose ring, seat or part it is. Only who tells knows it.
#[derive(Default)]
pub(super) struct Concerned(FxHashMap<ConversationId, Vec<UserId>>);

impl Feeds {
    pub(super) fn new(run: u64) -> Feeds {
        Feeds {
            run,
            conversations: Default::default(),
            followed: AtomicUsize::new(0),
            users: Mutex::default(),
            floor: watch::Sender::new(0),
            changes: AtomicU64::new(0),
        }
    }

    pub(super) fn run(&self) -> u64 {
        self.run
    }

    // --------------------------------------------------------------------------------------- by who tells for the house

    pub(super) fn happened(&self, concerned: &mut Concerned, record: Arc<Record>, now: &Conversation) {
        if record.facts.iter().any(is_about_place) {
            self.place_changed(concerned, now);
        }
        self.tell(now.id, || Told::Turn(record));
    }

    pub(super) fn doing(&self, conversation: ConversationId, by: Author, doing: Doing) {
        self.tell(conversation, || Told::Doing(by, doing));
    }

    fn tell(&self, conversation: ConversationId, told: impl FnOnce() -> Told) {
        if self.followed.load(Ordering::Acquire) == 0 {
            return;
        }
        if let Some(feed) = self.shard(conversation).get(&conversation) {
            feed.send(told()).ok(); // who has just left does not hear it
        }
    }

    fn place_changed(&self, concerned: &mut Concerned, now: &Conversation) {
        let mut users: Vec<UserId> = now.others.iter().map(|other| other.user.clone()).collect();
        match &now.place {
            Place::Seat(seat) => users.push(seat.user.clone()),
            Place::Queue(queue) => users.extend(queue.ring.iter().map(|ring| ring.user.clone())),
            Place::Over { .. } => {}
        }
        let known = match now.is_over() {
            true => concerned.0.remove(&now.id),
            false => concerned.0.insert(now.id, users.clone()),
        };
        match known {
            Some(before) => before.iter().chain(&users).for_each(|user| self.user_changed(user)),
            // A conversation from before this run: nobody knows whom it concerned.
            None if now.turn > 1 => self.everybody_changed(),
            None => users.iter().for_each(|user| self.user_changed(user)),
        }
        self.floor_changed();
    }

    pub(super) fn user_changed(&self, user: &UserId) {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = users.get(user) {
            feed.send_replace(self.change());
        }
    }

    pub(super) fn everybody_changed(&self) {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.values().for_each(|feed| _ = feed.send_replace(self.change()));
    }

    pub(super) fn floor_changed(&self) {
        self.floor.send_replace(self.change());
    }

    fn change(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::Relaxed) + 1
    }

    // ------------------------------------------------------------------------------------------ by those who follow

    /// A user is one of the account, so there are never more of these than users.
    pub(super) fn follow_user(&self, user: &UserId) -> watch::Receiver<u64> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.entry(user.clone()).or_insert_with(|| watch::Sender::new(self.change())).subscribe()
    }

    pub(super) fn follow_floor(&self) -> watch::Receiver<u64> {
        self.floor.subscribe()
    }

    fn follow(&self, id: ConversationId) -> broadcast::Receiver<Told> {
        let mut shard = self.shard(id);
        let feed = shard.entry(id).or_insert_with(|| {
            self.followed.fetch_add(1, Ordering::Release);
            broadcast::channel(TURNS_WAITING_MAX).0
        });
        feed.subscribe()
    }

    fn unfollow(&self, id: ConversationId, told: broadcast::Receiver<Told>) {
        let mut shard = self.shard(id);
        drop(told);
        if shard.get(&id).is_some_and(|feed| feed.receiver_count() == 0) {
            shard.remove(&id);
            self.followed.fetch_sub(1, Ordering::Release);
        }
    }

    fn shard(&self, id: ConversationId) -> MutexGuard<'_, Followed> {
        self.conversations[id.0 as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody may have another part in the conversation now.
fn is_about_place(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Began { .. }
            | Fact::Queued { .. }
            | Fact::Rang { .. }
            | Fact::RingEnded { .. }
            | Fact::Seated { .. }
            | Fact::Joined(_)
            | Fact::Left(_)
            | Fact::Closed { .. }
    )
}

/// Somebody who follows a conversation.
pub struct Following {
    hall: Arc<Hall>,
    feeds: Arc<Feeds>,
    id: ConversationId,
    told: Option<broadcast::Receiver<Told>>,
    /// Whether the store has nothing more than what was read or is told.
    caught_up: bool,
}

impl Following {
    pub(super) fn new(hall: Arc<Hall>, feeds: Arc<Feeds>, id: ConversationId) -> Following {
        let told = Some(feeds.follow(id));
        Following { hall, feeds, id, told, caught_up: false }
    }

    /// What has happened after a turn, as far as it is kept by now.
    pub async fn now(&mut self, turn: u64) -> Result<Vec<Arc<Record>>, Failure> {
        let turns = self.read(turn).await?;
        self.caught_up = turns.is_empty();
        Ok(turns)
    }

    /// What happens after a turn: at once, if anything has; else as soon as something does.
    pub async fn after(&mut self, turn: u64) -> Result<News, Failure> {
        loop {
            if !self.caught_up {
                let turns = self.read(turn).await?;
                if !turns.is_empty() {
                    return Ok(News::Turns(turns));
                }
                self.caught_up = true;
            }
            let Some(told) = &mut self.told else { return Ok(News::End) };
            match told.recv().await {
                Ok(Told::Doing(by, doing)) => return Ok(News::Doing(by, doing)),
                Ok(Told::Turn(record)) if record.turn == turn + 1 => return Ok(News::Turns(vec![record])),
                Ok(Told::Turn(record)) if record.turn <= turn => {} // it was read already
                // Too slow, and some of it is gone; or one that was ahead of what we know.
                Ok(Told::Turn(_)) | Err(broadcast::error::RecvError::Lagged(_)) => self.caught_up = false,
                Err(broadcast::error::RecvError::Closed) => return Ok(News::End),
            }
        }
    }

    async fn read(&self, after: u64) -> Result<Vec<Arc<Record>>, Failure> {
        let key = self.hall.key("conversation", &self.id.to_string());
        self.hall.read(move |store| turns_after(store, &key, after)).await
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(told) = self.told.take() {
            self.feeds.unfollow(self.id, told);
        }
    }
}

/// Turns of a conversation after one, in order, so many at once.
pub(super) fn turns_after(store: &dyn Store, key: &Key, after: u64) -> Result<Vec<Arc<Record>>, Failure> {
    // Stores number what stands under a key as they like; most count. So the turn is looked for where it would stand then,
    // and where it is not, all are gone through.
    let guess = Version(after.saturating_sub(1));
    let mut turns = read(store, key, guess, TURNS_AT_ONCE + 1)?;
    if after == 0 || turns.first().is_some_and(|(_, first)| first.turn == after) {
        return Ok(turns.into_iter().map(|(_, turn)| turn).filter(|turn| turn.turn > after).collect());
    }
    let mut version = Version::NONE;
    loop {
        turns = read(store, key, version, TURNS_AT_ONCE)?;
        let Some((last, _)) = turns.last() else { return Ok(Vec::new()) };
        version = *last;
        let later: Vec<_> =
            turns.into_iter().map(|(_, turn)| turn).filter(|turn| turn.turn > after).collect();
        if !later.is_empty() {
            return Ok(later);
        }
    }
}

fn read(
    store: &dyn Store,
    key: &Key,
    after: Version,
    limit: usize,
) -> Result<Vec<(Version, Arc<Record>)>, Failure> {
    let entries = store.read(key, after, limit)?;
    let decoded = entries.into_iter().map(|entry| {
        let record = serde_json::from_slice(&entry.bytes);
        let record =
            record.map_err(|error| Failure::Damaged(format!("a turn of `{key}` cannot be read: {error}")));
        Ok((entry.version, Arc::new(record?)))
    });
    decoded.collect()
}
