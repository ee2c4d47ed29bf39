//! The way to the server: whatever is asked is asked again until it is answered, and whoever is not known any more shows who they are again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::cli::remote::{Ask, BackOff, Remote, Trouble, word};

use super::News;

/// How long the server may wait before it says that nothing has happened.
const WAIT: Duration = Duration::from_secs(25);
/// How soon somebody who was told nothing asks again, if the server did not wait.
const PAUSE: Duration = Duration::from_millis(250);
/// Who was heard within this time is logged in elsewhere now, if their login has ended: the server gives silence longer.
const SILENCE: Duration = Duration::from_secs(45);
/// How often one may have to show who they are again before one thing is answered.
const RENEWALS_MAX: u32 = 3;

/// Shows the server again who asks.
type Renew = Box<dyn Fn(&Remote) -> Result<(), Trouble> + Send + Sync>;

/// The way to a server.
pub(in crate::cli) struct Link {
    pub(in crate::cli) remote: Remote,
    renew: Renew,
    known: Mutex<Known>,
    tell: Sender<News>,
}

struct Known {
    /// How often who asks was shown again.
    times: u64,
    heard: Instant,
}

impl Link {
    pub(in crate::cli) fn new(remote: Remote, tell: Sender<News>, renew: Renew) -> Arc<Link> {
        let known = Mutex::new(Known { times: 0, heard: Instant::now() });
        Arc::new(Link { remote, renew, known, tell })
    }

    /// Asks until there is an answer. Whatever changes something has to carry an id: it may arrive twice.
    pub(in crate::cli) fn insist(&self, way: &'static str, ask: &Ask) -> Result<Json, Trouble> {
        let (mut pause, mut away, mut renewals) = (BackOff::default(), false, 0);
        let answer = loop {
            let times = self.known().times;
            let mut trouble = match self.remote.ask(ask) {
                Ok(json) => {
                    self.known().heard = Instant::now();
                    break Ok(json);
                }
                Err(trouble) => trouble,
            };
            if (trouble.is("bad-pass") || trouble.is("stale-login")) && renewals < RENEWALS_MAX {
                renewals += 1;
                match self.again(times, trouble) {
                    Ok(()) => continue,
                    Err(other) => trouble = other,
                }
            }
            if !trouble.passes() {
                break Err(trouble);
            }
            if !away {
                away = true;
                self.told(News::Away { way, why: trouble.sentence() });
            }
            std::thread::sleep(pause.next(trouble.seconds()));
        };
        if away {
            self.told(News::Back { way });
        }
        answer
    }

    /// Shows the server again who asks, unless somebody has done so meanwhile.
    fn again(&self, times: u64, trouble: Trouble) -> Result<(), Trouble> {
        let mut known = self.known();
        if known.times != times {
            return Ok(());
        }
        // Two terminals that take the login from each other would go on for ever.
        if trouble.is("stale-login") && known.heard.elapsed() < SILENCE {
            return Err(trouble);
        }
        (self.renew)(&self.remote)?;
        known.times += 1;
        known.heard = Instant::now();
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self, news: News) {
        let _ = self.tell.send(news); // nobody listens: it is over
    }

    /// How things stand for whoever is logged in, told whenever it is otherwise.
    pub(in crate::cli) fn watch(self: &Arc<Link>) {
        let link = self.clone();
        std::thread::spawn(move || {
            let mut revision = String::new();
            loop {
                let path = format!("/api/v1/me/events?revision={}&wait={}", word(&revision), WAIT.as_secs());
                let begun = Instant::now();
                let stands = link.insist("me", &Ask::get(path).waits(WAIT));
                let known = stands.as_ref().ok().and_then(|stands| stands["revision"].as_str());
                let same = known == Some(&revision);
                revision = known.unwrap_or_default().to_string();
                let over = stands.is_err();
                if !same && link.tell.send(News::Stands(stands)).is_err() || over {
                    return;
                }
                if same && begun.elapsed() < PAUSE {
                    std::thread::sleep(PAUSE);
                }
            }
        });
    }
}

/// The path of what happens in a conversation after a turn.
fn events_path(conversation: &str, after: u64, wait: Duration) -> String {
    format!("/api/v1/conversations/{}/events?after={after}&wait={}", word(conversation), wait.as_secs())
}

/// The events of an answer, and the turn they lead to.
fn events_of(mut answer: Json) -> Result<(Vec<Json>, u64), Trouble> {
    let turn = answer["after"].as_u64();
    match (answer["events"].take(), turn) {
        (Json::Array(events), Some(turn)) => Ok((events, turn)),
        _ => Err(Trouble::Nonsense("this is no server of Parlor: it does not say what has happened".into())),
    }
}

impl Link {
    /// What has happened in a conversation after a turn, as far as it has.
    pub(in crate::cli) fn so_far(&self, conversation: &str, after: u64) -> Result<(Vec<Json>, u64), Trouble> {
        let path = events_path(conversation, after, Duration::ZERO);
        events_of(self.insist("so far", &Ask::get(path))?)
    }
}

/// Tells what happens in a conversation after a turn, until it is over or nobody wants to know any more.
pub(in crate::cli) fn follow(link: &Arc<Link>, conversation: &str, mut after: u64, enough: Arc<AtomicBool>) {
    let (link, conversation) = (link.clone(), conversation.to_string());
    std::thread::spawn(move || {
        while !enough.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let ask = Ask::get(events_path(&conversation, after, WAIT)).waits(WAIT);
            let (events, turn) = match link.insist("events", &ask).and_then(events_of) {
                Ok(happened) => happened,
                Err(why) => return link.told(News::Lost { conversation, why }),
            };
            after = turn;
            if events.is_empty() {
                if begun.elapsed() < PAUSE {
                    std::thread::sleep(PAUSE); // a server that is closing does not wait
                }
                continue;
            }
            let over = events.iter().any(|event| event["type"] == "closed");
            link.told(News::Happened { conversation: conversation.clone(), events, turn });
            if over {
                return;
            }
        }
    });
}

/// Something to be done on the server.
pub(in crate::cli) struct Errand {
    pub(in crate::cli) ask: Ask,
    /// Whether it is worth nothing later: it is tried once, and nobody hears of it.
    pub(in crate::cli) fleeting: bool,
}

/// Does errands one after another; of each that is not fleeting, what comes of it is told.
pub(in crate::cli) fn errands(link: &Arc<Link>) -> Sender<Errand> {
    let link = link.clone();
    let (give, given) = channel::<Errand>();
    std::thread::spawn(move || {
        for Errand { ask, fleeting } in given {
            if fleeting {
                let _ = link.remote.ask(&ask); // nobody misses it
                continue;
            }
            let done = link.insist("errands", &ask);
            link.told(News::Done(done));
        }
    });
    give
}
