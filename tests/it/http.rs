//! The doors over HTTP, through real sockets: what they do, what they refuse, and that nothing is lost when they close.

pub mod client;
mod conversations;
mod people;
mod guest;
mod operators;
mod refusals;
mod limits;
mod table;
mod manual;
mod command;
mod tls;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use parlor::connectors::Bots;
use parlor::conversation::{Moment, UserId};
use parlor::platform::{Account, Ask, Caller, Environment};
use parlor::program::Draft;
use parlor::server::http::{Manner, Parts, app, listen, serve};
use parlor::server::pass::Passes;
use parlor::server::{By, Credentials, Hall, Opening, Secret, runner};
use parlor::store::{Memory, Store, Which};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use client::{Reply, Wire};

/// When tests are played.
const NOW: i64 = 1_750_000_000_000;
/// The password of everybody here.
const PASSWORD: &str = "correct horse battery";

/// A house that is served.
pub struct Served {
    pub address: SocketAddr,
    pub hall: Arc<Hall>,
    pub store: Arc<Memory>,
    pub credentials: Arc<Credentials>,
    pub clock: Arc<AtomicI64>,
    pub passes: Passes,
    /// A connection that is open from before: machines have only so many ports.
    wire: Mutex<Option<Wire>>,
    runtime: Option<Runtime>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http")
}

fn bots() -> Arc<Bots> {
    let bots = Bots::new();
    let mut draft = Draft::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/tiny");
    for entry in std::fs::read_dir(file).expect("the bot is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".dialog") {
            draft.put(name, std::fs::read_to_string(entry.path()).expect("it is text"));
        }
    }
    let program = draft.check().program.expect("the bot is sound");
    bots.put("first".into(), program.clone());
    bots.put("second".into(), program);
    Arc::new(bots)
}

/// A house over a store of its own, with its connectors started.
pub fn served() -> Served {
    served_so(Manner::default())
}

pub fn served_so(manner: Manner) -> Served {
    let bytes = std::fs::read(folder().join("shop.account.yaml")).expect("the account is there");
    let read = Account::read("shop.account.yaml", bytes);
    let account = read.account.unwrap_or_else(|| panic!("{:?}", read.findings));
    let served = over(Arc::new(Memory::new()), account.clone(), manner);
    let by = By::new("ada", Moment(NOW));
    for user in ["ada", "cora", "kim", "sam"] {
        let password = Secret::new(PASSWORD.to_string());
        served.credentials.set_password(&account, &user.into(), &password, &by).expect("it is a good one");
    }
    served.operate(Ask::Deploy {
        bot: "tiny".into(),
        version: "first".into(),
        to: Environment::Demo,
        move_open: false,
    });
    served.operate(Ask::Start("tiny-messaging".into()));
    served.operate(Ask::Start("tiny-chat".into()));
    served.until(|served| {
        let connectors = served.token("ada").get("/api/v1/connectors").ok();
        let online = connectors["connectors"].as_array().into_iter().flatten();
        online.filter(|one| one["state"] == "online").count() == 2
    });
    served
}

/// A house over a store, as it was left.
pub fn over(store: Arc<Memory>, account: Account, manner: Manner) -> Served {
    over_tls(store, account, manner, None)
}

pub fn over_tls(
    store: Arc<Memory>,
    account: Account,
    manner: Manner,
    tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
) -> Served {
    let clock = Arc::new(AtomicI64::new(NOW));
    let bots = bots();
    let mut opening = Opening::new(account, bots.clone(), store.clone());
    let time = clock.clone();
    opening.clock = Arc::new(move || Moment(time.load(Ordering::SeqCst)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("it starts");
    let (hall, errands) = Hall::open(opening, runtime.handle()).expect("it opens");
    let iterations = NonZeroU32::new(1).expect("it is one");
    let credentials = Arc::new(Credentials::new(store.clone(), iterations));
    let passes = Passes::new(&[7; 32]);
    let router = app(Parts {
        hall: hall.clone(),
        passes: passes.clone(),
        credentials: credentials.clone(),
        bots,
        manner,
    });
    let listener = runtime.block_on(listen(([127, 0, 0, 1], 0).into())).expect("it listens");
    let address = listener.local_addr().expect("it listens");
    let (stop, stopped) = oneshot::channel::<()>();
    let served =
        runtime.spawn(serve(listener, router, tls, async move { stopped.await.unwrap_or_default() }));
    runtime.spawn(runner::run(hall.clone(), errands));
    let (runtime, stop, served) = (Some(runtime), Some(stop), Some(served));
    let wire = Mutex::new(None);
    Served { address, hall, store, credentials, clock, passes, wire, runtime, stop, served }
}

impl Served {
    /// Closes it as a signal does: nothing new, what is under way is answered, and the house ends.
    pub fn close(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        self.hall.start_closing();
        self.stop.take().map(|stop| stop.send(()));
        if let Some(served) = self.served.take() {
            runtime.block_on(served).expect("it ends");
        }
        self.hall.close().expect("nothing went wrong");
        runtime.shutdown_background();
    }

    /// What whoever runs the house does before anybody is let in.
    pub fn operate(&self, ask: Ask) {
        let runtime = self.runtime.as_ref().expect("it runs");
        let id = format!("{ask:?}");
        let id = id.get(..60).unwrap_or(&id).into();
        runtime.block_on(self.hall.ask(Caller::Operator("ada".into()), id, ask)).expect("it is done");
    }

    /// Looks again until something is so. What is waited for is sure to come; no time is waited for.
    pub fn until(&self, is: impl Fn(&Served) -> bool) {
        while !is(self) {
            std::thread::yield_now();
        }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let request = written(method, path, headers, body);
        let open = self.wire.lock().expect("nobody panicked with it").take();
        let mut answered = open.map(|mut wire| (wire.send(&request), wire.reply(), wire));
        // A connection that the server has closed meanwhile has no answer.
        answered = answered.filter(|(_, reply, _)| reply.status > 0);
        let ((), reply, wire) = answered.unwrap_or_else(|| {
            let mut wire = Wire::to(self.address);
            (wire.send(&request), wire.reply(), wire)
        });
        // Who is refused may not have been read to the end.
        if (200..300).contains(&reply.status) {
            *self.wire.lock().expect("nobody panicked with it") = Some(wire);
        }
        reply
    }

    pub fn nobody(&self) -> Asking<'_> {
        Asking { served: self, bearer: String::new() }
    }

    pub fn bearer(&self, bearer: &str) -> Asking<'_> {
        Asking { served: self, bearer: bearer.to_string() }
    }

    /// Somebody with a token of theirs.
    pub fn token(&self, user: &str) -> Asking<'_> {
        let account = self.hall.account();
        let by = By::new("ada", Moment(NOW));
        let user = UserId::from(user);
        let old = self.credentials.tokens(&account).expect("they are read");
        for token in old.iter().filter(|token| token.user == user) {
            self.credentials.revoke(&account, &token.id).expect("it is there");
        }
        let (_, token) =
            self.credentials.new_token(&account, &user, "test", None, &by).expect("there is room");
        self.bearer(token.expose())
    }

    /// Somebody who logs in.
    pub fn login(&self, user: &str) -> Asking<'_> {
        let body = json!({ "user": user, "password": PASSWORD });
        let reply = self.nobody().post("/api/v1/login", &body).ok();
        self.bearer(reply["token"].as_str().expect("there is a pass"))
    }

    /// A visitor who has begun a conversation, and its path.
    pub fn visitor(&self) -> (Asking<'_>, String) {
        let begun = self.nobody().post("/api/v1/conversations", &json!({ "skill": "Bot" })).ok();
        let path =
            format!("/api/v1/conversations/{}", begun["conversation"].as_str().expect("it has a name"));
        let visitor = self.bearer(begun["token"].as_str().expect("there is a pass"));
        self.until(|_| visitor.get(&path).ok()["state"] == "held");
        (visitor, path)
    }

    /// All that is kept, but who has used a token.
    pub fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        for which in [Which::Live, Which::AtRest] {
            let page = self.store.list("", which, None, 10_000).expect("it is read");
            kept.extend(page.into_iter().map(|(key, kept)| {
                format!("{key} {:?} {}", kept.version, String::from_utf8_lossy(&kept.image))
            }));
        }
        kept.retain(|record| !record.starts_with("token/"));
        kept
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.close();
        }
    }
}

/// Somebody who asks.
pub struct Asking<'a> {
    served: &'a Served,
    pub bearer: String,
}

impl Asking<'_> {
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &Json::Null)
    }

    pub fn post(&self, path: &str, body: &Json) -> Reply {
        self.send("POST", path, body)
    }

    pub fn send(&self, method: &str, path: &str, body: &Json) -> Reply {
        let bearer = format!("Bearer {}", self.bearer);
        let mut headers = vec![("Content-Type", "application/json")];
        if !self.bearer.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.served.send(method, path, &headers, &body)
    }

    /// Says something.
    pub fn say(&self, path: &str, id: &str, text: &str) -> Json {
        self.post(&format!("{path}/messages"), &json!({ "id": id, "text": text })).ok()
    }

    /// Follows something as a stream of events.
    pub fn stream(&self, path: &str) -> Wire {
        let bearer = format!("Bearer {}", self.bearer);
        let headers = [("Accept", "text/event-stream"), ("Authorization", bearer.as_str())];
        let mut wire = Wire::to(self.served.address);
        wire.send(&written("GET", path, &headers, ""));
        let head = wire.head();
        assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")), "{head:?}");
        wire
    }

    /// What was said in a conversation, by whom.
    pub fn said(&self, path: &str) -> Vec<String> {
        let events = self.get(&format!("{path}/events")).ok();
        said(&events["events"])
    }
}

/// What was said in events: `visitor: hello`.
pub fn said(events: &Json) -> Vec<String> {
    let events = events.as_array().into_iter().flatten().filter(|event| event["type"] == "said");
    events
        .map(|event| {
            let of = |value: &Json| value.as_str().unwrap_or_default().to_string();
            format!("{}: {}", of(&event["by"]["role"]), of(&event["text"]))
        })
        .collect()
}

/// A request as it goes over the wire.
pub fn written(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request.push_str("Host: localhost\r\n");
    }
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body);
    request.into_bytes()
}
