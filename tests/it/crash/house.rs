//! The side that crashes: a house over a store on disk, told by lines of JSON and telling by lines of JSON.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parlor::conversation::{Content, ConversationId, Outcome, Value};
use parlor::platform::{Answer, Ask, Caller, EffectId, Input, Login, Open, Output, Record, Refusal, Talk};
use parlor::server::{House, Inbox, Opening, Point};
use parlor::store::{Key, Sizes, Sled, Store, Version};
use serde::{Deserialize, Serialize};

use super::center;

/// A journal that is full every few turns, so that some of the crashes come while it is settled.
const SIZES: Sizes = Sizes { cache: 16 * 1024 * 1024, journal: 96 * 1024 };
/// Where it keeps its store.
const STORE: &str = "PARLOR_TEST_HOUSE";
/// The point at which it ends itself, and at which pass.
const END_AT: &str = "PARLOR_TEST_END_AT";
/// What it exits with when nothing can be promised any more.
pub const HALTED: i32 = 70;
/// Every line it writes begins so; what else is written is of the test.
const MARK: &str = "house: ";
/// Connectors say that they are there, as often as this.
const ALIVE_EVERY: Duration = Duration::from_secs(2);
const OPERATOR: u64 = u64::MAX;

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A visitor begins or says something.
    Command { conversation: usize, id: String, say: Option<String> },
    /// What was done outside.
    Returned { conversation: ConversationId, id: EffectId, by: Login, outcome: Outcome },
    /// All records after a turn are to be told again.
    Resume { conversation: usize, after: u64 },
}

/// What it tells.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tells {
    Replied { conversation: usize, id: String, result: Result<Answer, Refusal> },
    Happened { conversation: ConversationId, record: Record },
    Perform { conversation: ConversationId, what: Open, by: Login },
}

/// Whether this process is one.
pub fn is_one() -> bool {
    std::env::var_os(STORE).is_some()
}

/// A test again, as a house.
pub fn start(this: &str, store: &std::path::Path, end_at: Option<(Point, u64)>) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("the test has a path"));
    command.args(["--exact", this, "--nocapture", "--test-threads=1"]).env(STORE, store);
    if let Some((point, pass)) = end_at {
        command.env(END_AT, format!("{point:?} {pass}"));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("the test starts again")
}

/// A line that a house wrote; nothing, if it is the test's own, or was cut off.
pub fn read(line: &[u8]) -> Option<Tells> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (_, json) = line.split_once(MARK)?;
    Some(serde_json::from_str(json).expect("a house writes what it means"))
}

fn tell(tells: &[Tells]) {
    let mut out = std::io::stdout().lock();
    for tells in tells {
        let json = serde_json::to_string(tells).expect("it is JSON");
        // Whoever is not there any more is not told.
        writeln!(out, "{MARK}{json}").ok();
    }
    out.flush().ok();
}

fn command(id: String, reply_to: u64, from: Caller, ask: Ask) -> Input {
    Input::Command(parlor::platform::Command { id: id.into(), reply_to, from, ask })
}

fn operator(inbox: &Inbox, number: usize, ask: Ask) {
    inbox.tell(command(format!("o{number}"), OPERATOR, Caller::Operator("ops".into()), ask)).ok();
}

/// The end at a point, if one is wanted.
fn end_at() -> Option<(Point, u64)> {
    let text = std::env::var(END_AT).ok()?;
    let (name, pass) = text.split_once(' ')?;
    let point = Point::ALL.into_iter().find(|point| format!("{point:?}") == name)?;
    Some((point, pass.parse().ok()?))
}

/// Runs until standard input ends, and closes.
pub fn run() {
    let folder = PathBuf::from(std::env::var_os(STORE).expect("a house has a store"));
    let store: Arc<dyn Store> = Arc::new(Sled::open_with(folder, SIZES).expect("what a crash leaves opens"));
    let account = center::account();
    let mut opening = Opening::new(account.clone(), center::bots(), store.clone());
    if let Some((wanted, pass)) = end_at() {
        let passed = AtomicU64::new(0);
        opening.passes = Arc::new(move |point| {
            if point == wanted && passed.fetch_add(1, Ordering::Relaxed) + 1 == pass {
                std::process::abort();
            }
        });
    }
    let house = House::open(opening, |inbox| {
        let inbox = inbox.clone();
        move |outputs| outputs_to_tell(&inbox, &account, outputs)
    });
    let house = house.expect("the house opens");
    for (number, ask) in center::operator().into_iter().enumerate() {
        operator(house.inbox(), number, ask);
    }
    let inbox = house.inbox().clone();
    for line in std::io::stdin().lock().lines() {
        let told = serde_json::from_str(&line.expect("it is text")).expect("it is JSON");
        hear(&inbox, &*store, told);
    }
    house.close().expect("it closes");
}

fn outputs_to_tell(inbox: &Inbox, account: &parlor::platform::Account, outputs: Vec<Output>) {
    let mut tells = Vec::new();
    for output in outputs {
        match output {
            Output::Reply { to: OPERATOR, .. } => {}
            Output::Reply { to, command, result } => {
                tells.push(Tells::Replied { conversation: to as usize, id: command.to_string(), result });
            }
            Output::Happened { record, conversation } => {
                tells.push(Tells::Happened { conversation: conversation.id, record: (*record).clone() });
            }
            Output::Perform { conversation, what, by, .. } => {
                tells.push(Tells::Perform { conversation, what, by });
            }
            Output::Run(connector) => {
                operator(inbox, 0, Ask::LogIn(account.connectors[&connector].user.clone()));
            }
            Output::Presence { login, .. } => keep_alive(inbox.clone(), login),
            Output::Halt { .. } => {
                tell(&tells);
                std::process::exit(HALTED)
            }
            _ => {}
        }
    }
    tell(&tells);
}

/// A connector that is there says so as long as its login lasts.
fn keep_alive(inbox: Inbox, login: Login) {
    std::thread::spawn(move || {
        let alive = command("alive".into(), OPERATOR, Caller::User(login), Ask::Alive);
        while inbox.tell(alive.clone()).is_ok() {
            std::thread::sleep(ALIVE_EVERY);
        }
    });
}

fn hear(inbox: &Inbox, store: &dyn Store, told: Told) {
    match told {
        Told::Command { conversation, id, say } => {
            let (named, from) = (center::id(conversation), format!("visitor-{conversation}"));
            let ask = match say {
                None => Ask::Begin {
                    conversation: named,
                    channel: parlor::conversation::Channel::Messaging,
                    skill: center::SKILLS[conversation % 2].into(),
                    context: Value::Nothing,
                },
                Some(text) => {
                    let content = Content::text(text);
                    Ask::In(named, Talk::Say { content, audience: Default::default() })
                }
            };
            let input = command(id, conversation as u64, Caller::Visitor(from.into()), ask);
            inbox.tell(input).expect("the house takes it");
        }
        Told::Returned { conversation, id, by, outcome } => {
            inbox.tell(Input::Returned { conversation, id, by, outcome }).expect("the house takes it");
        }
        Told::Resume { conversation, after } => {
            let conversation = center::id(conversation);
            let records = records(store, conversation, after).into_iter();
            let tells = records.map(|record| Tells::Happened { conversation, record });
            tell(&tells.collect::<Vec<_>>());
        }
    }
}

/// What is kept of a conversation after a turn: each turn is one version of its key.
pub fn records(store: &dyn Store, conversation: ConversationId, after: u64) -> Vec<Record> {
    let key = Key::of(&["conversation", "acme", &conversation.to_string()]);
    let entries = store.read(&key, Version::NONE, usize::MAX).expect("it can be read");
    let records = entries.iter().map(|entry| serde_json::from_slice::<Record>(&entry.bytes));
    let records: Result<Vec<Record>, _> = records.collect();
    records.expect("it is what was kept").into_iter().filter(|record| record.turn > after).collect()
}
