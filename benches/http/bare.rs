//! The floor: an axum handler that reads the same JSON, appends the same record to the same kind of store, and answers when it
//! is durable. No rights, no routing, no bot.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Path as In, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing::post};
use parlor::store::{Append, Committer, Key, Outcome, Sled, Store, Version};
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::visitors::Request;
use super::{center, kept};

#[derive(Deserialize)]
struct Said {
    id: String,
    text: String,
}

#[derive(Serialize)]
struct Answered {
    sequence: u64,
}

struct Inside {
    committer: Committer<oneshot::Sender<Outcome>>,
    kept: Vec<kept::Kept>,
}

pub struct Bare {
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Bare {
    pub fn open(folder: &Path) -> Bare {
        let runtime =
            Builder::new_multi_thread().enable_all().thread_name("bare").build().expect("it starts");
        let store: Arc<dyn Store> =
            Arc::new(Sled::open_with(folder, center::SIZES).expect("the store opens"));
        let committer =
            Committer::new(store, |settled: Result<Vec<(oneshot::Sender<Outcome>, Outcome)>, _>| {
                for (tell, outcome) in settled.expect("the store works") {
                    tell.send(outcome).ok();
                }
            });
        let inside = Inside { committer: committer.expect("the thread starts"), kept: kept::turns(400) };
        let app = Router::new().route("/{conversation}/messages", post(say)).with_state(Arc::new(inside));
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).expect("it listens");
        let address = listener.local_addr().expect("it listens");
        runtime.spawn(async move { axum::serve(listener, app).await });
        Bare { address, _runtime: runtime }
    }

    pub fn request(number: u32) -> Request {
        Request { path: format!("/{}/messages", center::id(number)), pass: "p".repeat(160), turn: 0 }
    }
}

async fn say(
    State(inside): State<Arc<Inside>>,
    In(conversation): In<String>,
    Json(said): Json<Said>,
) -> (StatusCode, Json<Answered>) {
    // The number of the turn is at the end of the command's name.
    let turn: u64 = said.id.rsplit('-').next().and_then(|digits| digits.parse().ok()).expect("a number");
    assert!(!said.text.is_empty());
    let kept = &inside.kept[(turn as usize + 2).min(inside.kept.len() - 1)];
    let (entry, image) = (kept.entry.clone(), kept.image.clone());
    let key = Key::of(&["conversation", "acme", &conversation]);
    let (tell, done) = oneshot::channel();
    let append = Append { key, expected: Version(turn), entry, image, live: true };
    inside.committer.append(tell, append).expect("it is taken");
    match done.await.expect("it is told") {
        Outcome::Appended(version) => (StatusCode::CREATED, Json(Answered { sequence: version.0 })),
        other => panic!("{other:?}"),
    }
}
