//! The contact center over HTTP: conversations, the people and bots in them, and all an operator does, as JSON.
//!
//! ```text
//! a connection ─▶ how often? ─▶ Host, Origin ─▶ its route ─▶ who? may they? ─▶ does the body fit? ─▶ the hall
//! ```

mod route; // read this first: the table of all paths
mod doors; // the way of every request
mod call; // one request, read
mod problem; // and refused
mod guard; // which names and sites count
mod rate; // how often one may ask
mod metrics; // what is counted
mod listen; // sockets

mod conversations;
mod messages;
mod events;
mod handing;
mod login;
mod me;
mod account;
mod skills;
mod agents;
mod connectors;
mod bots;
mod visitors;
mod status;
mod logs;
mod audit;
mod openapi;
mod health;

use std::sync::Arc;
use std::time::Duration;

use super::pass::Passes;
use super::{Credentials, Hall};
use crate::connectors::Bots;
use doors::Doors;
use metrics::Metrics;
use rate::Rate;

pub use doors::{Manner, Peer};
pub use listen::{CONNECTIONS_MAX, HEADER_BYTES_MAX, HEADER_SECONDS_MAX, listen, serve, tls};
pub use rate::{ADDRESSES_MAX, STREAMS_MAX, STREAMS_OF_ADDRESS_MAX};

/// Bytes of a JSON body: a message, or the context of a conversation, with room for how it is written.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a body may take to come.
pub const BODY_SECONDS_MAX: Duration = Duration::from_secs(20);
/// Bytes of a query.
pub const QUERY_BYTES_MAX: usize = 2_048;
/// Seconds that a long poll may wait.
pub const WAIT_SECONDS_MAX: u64 = 55;
/// How often a stream says that it is still there.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a reader may take nothing of a stream.
pub const READER_SECONDS_MAX: Duration = Duration::from_secs(30);

/// What the doors of a house are made of.
pub struct Parts {
    /// The house.
    pub hall: Arc<Hall>,
    /// What visitors and users are known by.
    pub passes: Passes,
    /// Passwords, keys and tokens.
    pub credentials: Arc<Credentials>,
    /// The versions of bots that are at hand: the same ones that the house thinks with.
    pub bots: Arc<Bots>,
    /// How the doors are.
    pub manner: Manner,
}

/// The paths of a house: what [`serve`] answers with.
pub fn app(parts: Parts) -> axum::Router {
    let Parts { hall, passes, credentials, bots, manner } = parts;
    let rate = Arc::new(Rate::new(manner.requests_per_second));
    let (metrics, changing) = (Metrics::default(), tokio::sync::Mutex::default());
    Arc::new(Doors { hall, passes, credentials, bots, manner, rate, metrics, changing }).router()
}

/// All methods and paths there are, in the order of the table.
pub fn paths() -> Vec<(String, String)> {
    route::routes().map(|route| (route.method.to_string(), route.path.to_string())).collect()
}
