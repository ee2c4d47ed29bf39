//! What all doors share: a running house whose answers find who waits for them, and whose happenings find who looks.
//!
//! Nothing here decides anything. What a door asks for goes to the [`House`]; what comes of it is handed on by its thread,
//! which never waits for anybody: who reads slowly reads the rest from the store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot, watch};

use crate::conversation::{Availability, CommandId, ConversationId, Moment, UserId};
use crate::platform::{
    Account, Answer, Ask, Caller, Code, Command, Conversation, Input, Login, Output, Platform, Refusal,
};
use crate::store::{Failure, Key, Store};

use super::feed::{Feeds, Following};
use super::happenings::{Happened, Happenings, What};
use super::house::{House, Opening};
use super::inbox::Inbox;

/// Parts of what many look into at once: each has its own lock, so that they rarely wait for each other.
pub(super) const SHARDS: usize = 16;

/// What the house wants done outside, in order: for whoever runs its connectors.
pub type Errands = mpsc::UnboundedReceiver<Output>;

/// A running house, as all doors know it.
pub struct Hall {
    inbox: Inbox,
    store: Arc<dyn Store>,
    clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    waiting: Arc<Waiting>,
    feeds: Arc<Feeds>,
    happenings: Arc<Happenings>,
    logins: Arc<Logins>,
    /// As it was last seen: what doors check names and rights by.
    account: RwLock<Arc<Account>>,
    /// Whether nothing new is taken any more.
    closing: watch::Sender<bool>,
    /// Why the house has ended by itself.
    ended: watch::Receiver<Option<String>>,
    house: Mutex<Option<House>>,
}

impl Hall {
    /// Opens a house for all doors. What it wants done outside comes out beside it.
    pub fn open(opening: Opening) -> Result<(Arc<Hall>, Errands), Failure> {
        let (store, clock) = (opening.store.clone(), opening.clock.clone());
        let account = RwLock::new(Arc::new(opening.account.clone()));
        let waiting = Arc::new(Waiting::default());
        let feeds = Arc::new(Feeds::new(super::house::new_writer()?));
        let happenings = Arc::new(Happenings::new(clock()));
        let logins = Arc::new(Logins::default());
        let (hand_out, errands) = mpsc::unbounded_channel();
        let (ends, ended) = watch::channel(None);
        let mut outbox = {
            let (waiting, feeds, logins) = (waiting.clone(), feeds.clone(), logins.clone());
            let (happenings, clock) = (happenings.clone(), clock.clone());
            let mut concerned = super::feed::Concerned::default();
            move |output: Output| match output {
                Output::Reply { to, result, .. } => waiting.answer(to, result),
                Output::Happened { record, conversation } => {
                    happenings.note(What::Turn(conversation.id, record.clone()));
                    feeds.happened(&mut concerned, record, &conversation);
                }
                Output::Doing { conversation, by, doing } => feeds.doing(conversation, by, doing),
                Output::Halt { why } => {
                    waiting.give_up();
                    ends.send_replace(Some(why));
                }
                Output::Append { .. } | Output::Read { .. } => {} // between the house and its store
                errand => {
                    match &errand {
                        Output::Presence { login, availability } => {
                            logins.note(login, *availability);
                            feeds.user_changed(&login.user);
                        }
                        Output::Connector { connector, state } => {
                            happenings.note(What::Connector(connector.clone(), *state, clock()));
                            feeds.floor_changed();
                        }
                        _ => {}
                    }
                    // Nobody there: the house is closing, and its connectors are gone already.
                    hand_out.send(errand).ok();
                }
            }
        };
        let house =
            House::open(opening, |_| move |outputs: Vec<Output>| outputs.into_iter().for_each(&mut outbox))?;
        let (inbox, closing) = (house.inbox().clone(), watch::Sender::new(false));
        // What stands from before is told of with the first input.
        inbox.tell(Input::Tick).ok();
        let house = Mutex::new(Some(house));
        Ok((
            Arc::new(Hall {
                inbox,
                store,
                clock,
                waiting,
                feeds,
                happenings,
                logins,
                account,
                closing,
                ended,
                house,
            }),
            errands,
        ))
    }

    // ------------------------------------------------------------------------------------------------ what is asked

    /// Asks for something, and waits until it is durable or refused. Who stops waiting stops nothing.
    pub async fn ask(&self, from: Caller, id: CommandId, ask: Ask) -> Result<Answer, Refusal> {
        if *self.closing.borrow() {
            return Err(closed());
        }
        let (reply_to, answer) = self.waiting.expect();
        if let Err(refusal) = self.inbox.tell(Input::Command(Command { id, reply_to, from, ask })) {
            self.waiting.forget(reply_to);
            return Err(refusal);
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Says something whose answer nobody waits for, such as a sign of life.
    pub fn tell(&self, from: Caller, id: CommandId, ask: Ask) {
        self.inbox.tell(Input::Command(Command { id, reply_to: NOBODY, from, ask })).ok();
    }

    /// Says what came of something that was done outside.
    pub fn returned(&self, input: Input) -> Result<(), Refusal> {
        self.inbox.tell(input)
    }

    /// Sees how things are, between two turns: nothing, if the house has ended.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Platform) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (tell, seen) = oneshot::channel();
        self.inbox.look(move |platform| {
            tell.send(look(platform)).ok();
        });
        seen.await.map_err(|_| closed())
    }

    /// The account as it is set up.
    pub fn account(&self) -> Arc<Account> {
        self.account.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the account again: it was set up otherwise.
    pub async fn see_account(&self) -> Result<(), Refusal> {
        let account = Arc::new(self.look(|platform| platform.account().clone()).await?);
        *self.account.write().unwrap_or_else(PoisonError::into_inner) = account;
        self.feeds.everybody_changed();
        Ok(())
    }

    /// Whether a login is the newest of its user.
    pub fn is_newest(&self, login: &Login) -> bool {
        self.logins.newest(&login.user).is_some_and(|(epoch, _)| epoch == login.epoch)
    }

    /// Whether somebody takes conversations, as far as anything was heard of them.
    pub fn availability(&self, user: &UserId) -> Availability {
        self.logins.newest(user).map_or(Availability::Offline, |(_, availability)| availability)
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// Where everything is kept. It blocks: see [`Hall::read`].
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Reads from the store beside what else goes on.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || read(&*store)).await;
        read.unwrap_or_else(|_| Err(Failure::Broken("reading was given up".into())))
    }

    /// A conversation as it stands, open or over.
    pub async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, Failure> {
        let key = self.key("conversation", &id.to_string());
        let kept = self.read(move |store| store.newest(&key)).await?;
        let read = kept.map(|kept| serde_json::from_slice(&kept.image)).transpose();
        read.map_err(|error| Failure::Damaged(format!("conversation {id} cannot be read: {error}")))
    }

    /// The key of a record of this account.
    pub fn key(&self, kind: &str, name: &str) -> Key {
        Key::of(&[kind, &self.account().name, name])
    }

    // ---------------------------------------------------------------------------------------------- what is followed

    /// Follows a conversation from now on; what was before is read.
    pub fn follow(self: &Arc<Self>, id: ConversationId) -> Following {
        Following::new(self.clone(), self.feeds.clone(), id)
    }

    /// What concerns a user: a number that becomes another whenever something does.
    pub fn follow_user(&self, user: &UserId) -> watch::Receiver<u64> {
        self.feeds.follow_user(user)
    }

    /// Who waits and who is there: a number that becomes another whenever that does.
    pub fn follow_floor(&self) -> watch::Receiver<u64> {
        self.feeds.follow_floor()
    }

    /// What happened in the house after a number, and how much of that is not kept any more.
    pub fn happenings(&self, after: u64) -> (Vec<Happened>, u64) {
        self.happenings.after(after)
    }

    /// The number of the newest happening.
    pub fn follow_happenings(&self) -> watch::Receiver<u64> {
        self.happenings.follow()
    }

    /// Which run of the house these numbers are of.
    pub fn run(&self) -> u64 {
        self.feeds.run()
    }

    // ---------------------------------------------------------------------------------------------------- how it ends

    /// Becomes true when nothing new is taken any more.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Waits until the house has ended by itself; why.
    pub async fn ended(&self) -> String {
        let mut ended = self.ended.clone();
        let why = ended.wait_for(Option::is_some).await.map(|why| why.clone());
        why.ok().flatten().unwrap_or_else(|| "the house is closed".into())
    }

    /// Takes nothing new, answers what is under way, and ends. It blocks. The sentence says why it ended before, if it did.
    pub fn close(&self) -> Result<(), String> {
        self.closing.send_replace(true);
        let house = self.house.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = house.map_or(Ok(()), House::close);
        self.waiting.give_up();
        ended
    }

    /// Tells all who wait that nothing new is taken any more. What is under way goes on until [`Hall::close`].
    pub fn start_closing(&self) {
        self.closing.send_replace(true);
    }
}

fn closed() -> Refusal {
    Refusal::of(Code::NoStore, "", "the house is closing")
}

/// The number of those who do not wait.
const NOBODY: u64 = 0;

type Waits = FxHashMap<u64, oneshot::Sender<Result<Answer, Refusal>>>;

/// Who waits for an answer, by the number their command carries.
#[derive(Default)]
struct Waiting {
    last: AtomicU64,
    shards: [Mutex<Waits>; SHARDS],
}

impl Waiting {
    /// Somebody waits from now on: their number, and where the answer comes.
    fn expect(&self) -> (u64, oneshot::Receiver<Result<Answer, Refusal>>) {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (tell, answer) = oneshot::channel();
        self.shard(number).insert(number, tell);
        (number, answer)
    }

    fn answer(&self, number: u64, result: Result<Answer, Refusal>) {
        let waits = self.shard(number).remove(&number);
        // Who has stopped waiting does not hear it.
        waits.map(|waits| waits.send(result).ok());
    }

    fn forget(&self, number: u64) {
        self.shard(number).remove(&number);
    }

    /// Nobody is answered any more: each is told so.
    fn give_up(&self) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    fn shard(&self, number: u64) -> std::sync::MutexGuard<'_, Waits> {
        self.shards[number as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest login of everybody.
#[derive(Default)]
struct Logins(RwLock<FxHashMap<UserId, (u64, Availability)>>);

impl Logins {
    fn note(&self, login: &Login, availability: Availability) {
        let mut logins = self.0.write().unwrap_or_else(PoisonError::into_inner);
        logins.insert(login.user.clone(), (login.epoch, availability));
    }

    fn newest(&self, user: &UserId) -> Option<(u64, Availability)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(user).copied()
    }
}
