//! The platform in real time: one thread that decides, one that commits, and as many as you like that tell and are told.
//!
//! Knows `platform` and `store`, and `connectors` for the bots that it keeps. Never decides anything about a conversation, and never says a word that is not durable.

mod house; // read this first: a platform, a store and a clock, running
mod inbox; // how anybody tells it something
mod point; // where a test may end it
mod secret; // a text that is not printed
mod vault; // secrets, sealed
mod credentials; // who somebody is
mod record; // how both are kept
mod hex;
mod versions; // the versions of bots, as they were sent
mod gate; // what keeps one of them from Production
#[cfg(feature = "serve")]
mod hall; // what all doors share
#[cfg(feature = "serve")]
mod feed; // who follows what
#[cfg(feature = "serve")]
mod happenings; // what happened last
#[cfg(feature = "serve")]
pub mod pass; // what visitors and users are known by
#[cfg(feature = "serve")]
pub mod runner; // the connectors of our bots
#[cfg(feature = "serve")]
pub mod http; // the doors for programs and pages

pub use credentials::{
    Credentials, LOGINS_AT_ONCE_MAX, LoggedIn, PASSWORD_BYTES_MAX, PASSWORD_ITERATIONS, PASSWORD_LETTERS_MIN,
    TOKEN_LIFE_MAX, TOKENS_OF_USER_MAX, TRIES_ELSEWHERE_MAX, TRIES_MAX, TRIES_WITHIN, Token, TokenId,
};
#[cfg(feature = "serve")]
pub use feed::{Following, News, TURNS_AT_ONCE, TURNS_WAITING_MAX};
pub use gate::{Gate, Hurdle, Obstacle, Otherwise, Place, REPLAYED_MAX, Replay};
#[cfg(feature = "serve")]
pub use hall::{Errands, Hall};
#[cfg(feature = "serve")]
pub use happenings::{HAPPENINGS_MAX, Happened, What};
pub use house::{House, Opening, Outbox, new_writer, now};
pub use inbox::{INPUTS_WAITING_MAX, Inbox};
pub use point::{Passes, Point};
pub use record::By;
pub use secret::Secret;
pub use vault::{KEY_FILE_BYTES_MAX, SECRET_BYTES_MAX, SECRET_NAME_BYTES_MAX, SecretName, Vault};
pub use versions::{
    Added, BotVersion, Confirmed, HASH_LETTERS_MIN, VERSION_MESSAGE_BYTES_MAX, VERSIONS_MAX, Versions,
};
