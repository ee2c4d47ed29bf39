//! Many who append share one trip to the disk: a thread takes what is waiting, appends it as a group, and tells how it went.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use super::{Append, Failure, Outcome, Store};

/// Appends of a group.
pub const GROUP_APPENDS_MAX: usize = 512;
/// Bytes of a group; one append more may begin below it.
pub const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Appends for many. A ticket is whatever its holder knows their append by.
///
/// Who hands in an append is not held up; what is waiting is bounded by them, who have one append under way for each key. A
/// failure of the store is told once, in place of the outcomes of its group. From then on everything is refused, and what
/// was handed in and not told of is unknown.
pub struct Committer<Ticket> {
    /// Nothing, once it is closed.
    queue: Option<Sender<(Ticket, Append)>>,
    thread: Option<JoinHandle<()>>,
    refuses: Arc<OnceLock<Failure>>,
}

impl<Ticket: Send + 'static> Committer<Ticket> {
    /// Starts the thread. `tell` is called on it, with the outcomes of each group, in the order handed in; what it does
    /// holds up the next group.
    pub fn new(
        store: Arc<dyn Store>,
        tell: impl Fn(Result<Vec<(Ticket, Outcome)>, Failure>) + Send + 'static,
    ) -> Result<Committer<Ticket>, Failure> {
        let (queue, waiting) = mpsc::channel();
        let refuses = Arc::new(OnceLock::new());
        let failed = refuses.clone();
        let thread = thread::Builder::new()
            .name("committer".into())
            .spawn(move || commit(&*store, &waiting, &failed, tell))
            .map_err(|error| Failure::Broken(format!("The thread that appends does not start: {error}.")))?;
        Ok(Committer { queue: Some(queue), thread: Some(thread), refuses })
    }

    /// Hands in an append. Refused at once, and nothing done: one that is too large, and any after a failure.
    pub fn append(&self, ticket: Ticket, append: Append) -> Result<(), Failure> {
        if let Some(why) = self.refuses.get() {
            return Err(why.clone());
        }
        append.fits()?;
        let sent = self.queue.as_ref().map(|queue| queue.send((ticket, append)));
        if let Some(Ok(())) = sent {
            return Ok(());
        }
        Err(self.refuses.get().cloned().unwrap_or_else(ended))
    }

    /// Waits until all that was handed in is told of.
    pub fn close(mut self) -> Result<(), Failure> {
        self.end()?;
        self.refuses.get().map_or(Ok(()), |why| Err(why.clone()))
    }
}

impl<Ticket> Committer<Ticket> {
    fn end(&mut self) -> Result<(), Failure> {
        drop(self.queue.take());
        match self.thread.take() {
            // Whoever is told may be the last to hold it; a thread does not wait for itself.
            Some(thread) if thread.thread().id() != thread::current().id() => {
                thread.join().map_err(|_| ended())
            }
            _ => Ok(()),
        }
    }
}

/// Dropping it is closing it: what was handed in is still appended.
impl<Ticket> Drop for Committer<Ticket> {
    fn drop(&mut self) {
        self.end().ok();
    }
}

fn ended() -> Failure {
    Failure::Broken("The thread that appends has ended: whoever it told of an outcome panicked.".into())
}

/// What the thread does.
fn commit<Ticket>(
    store: &dyn Store,
    waiting: &Receiver<(Ticket, Append)>,
    refuses: &OnceLock<Failure>,
    tell: impl Fn(Result<Vec<(Ticket, Outcome)>, Failure>),
) {
    while let Ok(first) = waiting.recv() {
        let mut bytes = first.1.bytes();
        let (mut tickets, mut appends) = (vec![first.0], vec![first.1]);
        while appends.len() < GROUP_APPENDS_MAX && bytes < GROUP_BYTES_MAX {
            let Ok((ticket, append)) = waiting.try_recv() else { break };
            bytes += append.bytes();
            tickets.push(ticket);
            appends.push(append);
        }
        match store.append(&appends) {
            Ok(outcomes) => tell(Ok(tickets.into_iter().zip(outcomes).collect())),
            Err(why) => {
                // First refused, then told: who is told may hand in something.
                let why = refuses.get_or_init(|| why).clone();
                return tell(Err(why));
            }
        }
    }
}
