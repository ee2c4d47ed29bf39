//! A platform that runs: it is told things by anybody, keeps its turns in groups, and tells what comes of them in order.
//!
//! One thread decides and never waits for the disk; another commits. So the house goes on deciding for some conversations
//! while the turns of others become durable, and the more there is to do, the more turns share a trip to the disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};

use crate::conversation::Moment;
use crate::platform::{Account, Code, Fact, Input, Minds, Output, Platform, Refusal, Ticket};
use crate::store::{Append, Committer, Failure, Store};

use super::inbox::{Inbox, Told};
use super::point::{Passes, Point};

/// How often it is looked how much room the disk has left.
const FREE_SPACE_EVERY: Duration = Duration::from_secs(3);
/// Inputs that are handled before what comes of them is given out.
const INPUTS_AT_ONCE: usize = 256;

/// What a house is opened with.
pub struct Opening {
    /// How the account is set up.
    pub account: Account,
    /// Our bots.
    pub minds: Arc<dyn Minds + Send + Sync>,
    /// Where turns are kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    /// What is called at each [`Point`]; as a rule, nothing is done there.
    pub passes: Passes,
}

impl Opening {
    /// With the clock of the machine.
    pub fn new(account: Account, minds: Arc<dyn Minds + Send + Sync>, store: Arc<dyn Store>) -> Opening {
        Opening { account, minds, store, clock: Arc::new(now), passes: Arc::new(|_| {}) }
    }
}

/// What time it is by the clock of the machine.
pub fn now() -> Moment {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What is given out: everything the platform wants done but appends and reads, in order, several at once. It is called on
/// the thread that decides, so it hands on and returns.
pub trait Outbox: FnMut(Vec<Output>) + Send + 'static {}

impl<F: FnMut(Vec<Output>) + Send + 'static> Outbox for F {}

/// A platform that runs. Dropping it is closing it.
pub struct House {
    inbox: Inbox,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl House {
    /// Opens an account from its store, and runs it. `outbox` gives it back what it is told of by `inbox`.
    pub fn open<O: Outbox>(opening: Opening, outbox: impl FnOnce(&Inbox) -> O) -> Result<House, Failure> {
        let Opening { account, minds, store, clock, passes } = opening;
        let platform = Platform::open(account, minds, &*store, new_writer()?, clock())?;
        let (inputs, told) = mpsc::channel();
        let inbox = Inbox::new(inputs);
        let committer = {
            let (inbox, passes) = (inbox.clone(), passes.clone());
            Committer::new(store.clone(), move |settled| {
                passes(Point::AfterCommit);
                inbox.send(Told::Settled(settled));
            })?
        };
        let running = Running {
            platform,
            store,
            clock,
            passes,
            committer,
            appends: Vec::new(),
            under_way: 0,
            next: VecDeque::new(),
            out: Vec::new(),
            outbox: outbox(&inbox),
            inbox: inbox.clone(),
        };
        let thread = thread::Builder::new()
            .name("house".into())
            .spawn(move || running.run(&told))
            .map_err(|error| Failure::Broken(format!("The thread of the house does not start: {error}.")))?;
        Ok(House { inbox, thread: Some(thread) })
    }

    /// Where it is told things.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Takes nothing more, keeps and tells what is under way, and ends. The sentence says why it ended before, if it did.
    pub fn close(mut self) -> Result<(), String> {
        self.inbox.send(Told::Close);
        self.join()
    }

    /// Waits until it ends: by itself, it does only when nothing can be promised any more.
    pub fn join(&mut self) -> Result<(), String> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err("the thread of the house panicked".into()),
            None => Ok(()),
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.inbox.send(Told::Close);
        self.join().ok();
    }
}

/// A number that no other run has had.
pub fn new_writer() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| Failure::Broken("The machine has no random numbers to give.".into()))?;
    Ok(u64::from_be_bytes(bytes))
}

/// What the thread of a house has.
struct Running<O> {
    platform: Platform,
    store: Arc<dyn Store>,
    clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    passes: Passes,
    committer: Committer<Ticket>,
    /// What is to be appended.
    appends: Vec<(Ticket, Append)>,
    /// Appends that nothing was heard of yet.
    under_way: usize,
    /// What is to be handled before anything else: what was read.
    next: VecDeque<Input>,
    /// What is to be given out.
    out: Vec<Output>,
    outbox: O,
    inbox: Inbox,
}

/// Whether it goes on.
enum Goes {
    On,
    /// Nothing more is taken.
    Closing,
    /// Nothing can be promised any more.
    Halted(String),
}

impl<O: Outbox> Running<O> {
    fn run(mut self, told: &Receiver<Told>) -> Result<(), String> {
        let mut goes = Goes::On;
        let mut look_at = Instant::now();
        loop {
            if Instant::now() >= look_at {
                look_at = Instant::now() + FREE_SPACE_EVERY;
                self.look_at_free_space();
            } else {
                self.handle(Input::Tick); // what is due is done, however much else there is
            }
            self.read_on();
            for _ in 0..INPUTS_AT_ONCE {
                let Ok(told) = told.try_recv() else { break };
                self.take(told, &mut goes);
            }
            self.hand_in();
            self.give_out(&mut goes);
            match goes {
                Goes::Halted(why) => return Err(why),
                Goes::Closing if self.under_way == 0 => return Ok(()),
                _ => {}
            }
            match told.recv_timeout(self.patience(look_at)) {
                Ok(told) => self.take(told, &mut goes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => goes = Goes::Closing,
            }
        }
    }

    /// How long nothing may happen before it looks by itself.
    fn patience(&self, look_at: Instant) -> Duration {
        let until_look = look_at.saturating_duration_since(Instant::now());
        let until_due = self.platform.next_wake().map(|at| at.since((self.clock)()).0);
        let until_due = until_due.map_or(until_look, |span| Duration::from_millis(span.max(1)));
        until_look.min(until_due)
    }

    fn take(&mut self, told: Told, goes: &mut Goes) {
        match told {
            Told::Input(input) => {
                self.inbox.taken();
                match (&goes, input) {
                    (Goes::On, input) => self.handle(input),
                    (_, Input::Command(command)) => {
                        let refusal = Refusal::of(Code::NoStore, "", "the house is closing");
                        let (to, command) = (command.reply_to, command.id);
                        self.out.push(Output::Reply { to, command, result: Err(refusal) });
                    }
                    _ => {} // what came of an effect is asked for again by the next run
                }
            }
            Told::Settled(Ok(outcomes)) => {
                self.under_way -= outcomes.len();
                for (ticket, outcome) in outcomes {
                    self.handle(Input::Stored { ticket, outcome });
                }
            }
            Told::Settled(Err(failure)) => self.handle(Input::StoreFailed(failure)),
            Told::Look(look) => look(&self.platform),
            Told::Close => *goes = Goes::Closing,
        }
        self.read_on();
    }

    fn read_on(&mut self) {
        while let Some(input) = self.next.pop_front() {
            self.handle(input);
        }
    }

    fn handle(&mut self, input: Input) {
        for output in self.platform.handle(input, (self.clock)()) {
            match output {
                Output::Append { ticket, append } => self.appends.push((ticket, append)),
                Output::Read { ticket, key } => self.next.push_back(match self.store.newest(&key) {
                    Ok(kept) => Input::Read { ticket, kept },
                    Err(failure) => Input::StoreFailed(failure),
                }),
                output => {
                    if let Output::Happened { record, .. } = &output
                        && record.facts.iter().any(|fact| matches!(fact, Fact::Begun(_)))
                    {
                        (self.passes)(Point::AfterBegun);
                    }
                    self.out.push(output);
                }
            }
        }
    }

    /// What was decided goes to the disk, together: the fewer trips, the more turns.
    fn hand_in(&mut self) {
        for (ticket, append) in std::mem::take(&mut self.appends) {
            (self.passes)(Point::BeforeCommit);
            self.under_way += 1;
            if let Err(failure) = self.committer.append(ticket, append) {
                self.next.push_back(Input::StoreFailed(failure));
            }
        }
        self.read_on();
    }

    /// What has come together is given out; after a halt, nothing else is.
    fn give_out(&mut self, goes: &mut Goes) {
        if self.out.is_empty() {
            return;
        }
        let out = std::mem::take(&mut self.out);
        let halt = out.iter().find_map(|output| match output {
            Output::Halt { why } => Some(why.clone()),
            _ => None,
        });
        (self.outbox)(out);
        (self.passes)(Point::AfterAct);
        if let Some(why) = halt {
            *goes = Goes::Halted(why);
        }
    }

    fn look_at_free_space(&mut self) {
        match self.store.free_space() {
            Ok(Some(bytes)) => self.handle(Input::FreeSpace(bytes)),
            Ok(None) => {}
            Err(failure) => self.handle(Input::StoreFailed(failure)),
        }
    }
}
