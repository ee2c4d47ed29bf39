//! A house that is served over HTTP, with its bots logged in and its visitors inside.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parlor::conversation::{ConversationId, Moment, Span, VisitorId};
use parlor::platform::{Ask, Caller, Input};
use parlor::server::http::{Manner, Parts, app, listen, serve};
use parlor::server::pass::{Bearer, Passes};
use parlor::server::{Credentials, Hall, Opening, Point, now, runner};
use parlor::store::{Sled, Store};
use tokio::runtime::{Builder, Runtime};

use super::center;
use super::visitors::Request;

pub struct Served {
    pub address: SocketAddr,
    hall: Arc<Hall>,
    passes: Passes,
    runtime: Runtime,
    turns: Arc<AtomicU64>,
}

impl Served {
    /// With room for so many conversations, and messages joined for so long.
    pub fn open(folder: &Path, conversations: u32, join: Span) -> Served {
        let store: Arc<dyn Store> =
            Arc::new(Sled::open_with(folder, center::SIZES).expect("the store opens"));
        let mut account = center::account(conversations);
        account.connectors.values_mut().for_each(|connector| connector.manners.join = join);
        let bots = center::bots();
        let mut opening = Opening::new(account.clone(), bots.clone(), store.clone());
        let turns = Arc::new(AtomicU64::new(0));
        let count = turns.clone();
        opening.passes = Arc::new(move |point| {
            if point == Point::BeforeCommit {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let runtime =
            Builder::new_multi_thread().enable_all().thread_name("doors").build().expect("it starts");
        let (hall, errands) = Hall::open(opening, runtime.handle()).expect("the house opens");
        let passes = Passes::new(&[7; 32]);
        let credentials = Arc::new(Credentials::new(store, NonZeroU32::MIN));
        let parts = Parts {
            hall: hall.clone(),
            passes: passes.clone(),
            credentials,
            bots,
            manner: Manner::default(),
        };
        let listener = runtime.block_on(listen(([127, 0, 0, 1], 0).into())).expect("it listens");
        let address = listener.local_addr().expect("it listens");
        runtime.spawn(serve(listener, app(parts), None, std::future::pending()));
        runtime.spawn(runner::run(hall.clone(), errands));
        for input in center::operator(&account) {
            let Input::Command(command) = input else { continue };
            if !matches!(command.ask, Ask::LogIn(_)) {
                runtime.block_on(hall.ask(command.from, command.id, command.ask)).expect("it is done");
            }
        }
        Served { address, hall, passes, runtime, turns }
    }

    /// How many turns were decided.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// So many conversations begin; how each is talked to.
    pub fn begin(&self, conversations: u32) -> Vec<Request> {
        let begin = |number: u32| async move {
            let id = ConversationId(center::id(number).0);
            let visitor: VisitorId = format!("visitor-{number}").into();
            let ask = Ask::Begin {
                conversation: id,
                channel: parlor::conversation::Channel::Messaging,
                skill: "Help".into(),
                context: parlor::conversation::Value::Nothing,
            };
            self.hall.ask(Caller::Visitor(visitor), "begin".into(), ask).await.expect("it begins");
        };
        let all = async {
            for number in 0..conversations {
                begin(number).await;
            }
        };
        self.runtime.block_on(all);
        let until = Moment(now().0 + 3_600_000);
        let request = |number: u32| Request {
            path: format!("/api/v1/conversations/{}/messages", center::id(number)),
            pass: self.passes.give(&Bearer::Visitor(format!("visitor-{number}").into()), until),
            turn: 0,
        };
        (0..conversations).map(request).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.hall.close().expect("nothing went wrong");
    }
}
