//! Turns that survive a crash: one contract, and the stores that keep it.
//!
//! Knows bytes, keys and versions. Never knows what a bot, a conversation or a skill is, and never decides anything:
//! it says whether an append is durable, and gives back what was appended.

mod contract; // read this first: the trait whose docs are the contract
mod key;
mod memory; // the contract in its plainest form, able to fail
mod sled; // the default: a folder on disk
mod committer; // many share one trip to the disk
pub mod backup; // all of a store as one file, and back
pub mod suite; // what every store passes

pub use committer::{Committer, GROUP_APPENDS_MAX, GROUP_BYTES_MAX};
pub use contract::{Append, Entry, Failure, Hash, Kept, Outcome, Store, Version, Which};
pub use contract::{BLOB_BYTES_MAX, ENTRY_BYTES_MAX, IMAGE_BYTES_MAX, KEY_BYTES_MAX};
pub use key::Key;
pub use memory::{Fault, Faults, Memory};
pub use sled::{Sizes, Sled};
