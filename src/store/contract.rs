//! The contract of a store: what an acknowledged append means, whatever is killed when.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Key;

/// Bytes of a key. Small, so that a few hundred of them fit into what a store writes at a time.
pub const KEY_BYTES_MAX: usize = 256;
/// Bytes of an entry.
pub const ENTRY_BYTES_MAX: usize = 48 * 1024;
/// Bytes of an image.
pub const IMAGE_BYTES_MAX: usize = 48 * 1024;
/// Bytes of a blob.
pub const BLOB_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Keeps what happened, by key.
///
/// **What is kept.** Under each key stand *entries*, one behind the other, and one *image*: what the newest of them led
/// to. An append adds an entry and replaces the image, both or neither. Entries are kept until the key is erased. What
/// does not change stands apart, as blobs, by the hash of their bytes.
///
/// **What an append promises.** [`append`](Store::append) returns when everything it answers with
/// [`Outcome::Appended`] is durable: it survives `kill -9` and a power cut the next instant. Appends of one call are
/// independent of each other and taken in order; each gets its own outcome.
///
/// - `Appended(version)`: `expected` was the version of the key, and now it is `version`. Versions of a key only grow;
///   they are opaque otherwise. The first append of a key expects [`Version::NONE`].
/// - `Conflict(version)`: somebody else was first, the key is at `version`, and nothing was changed.
/// - `Unknown`: it may have been appended or may still be, or not. Whoever asked reads the newest and looks whether it is
///   theirs; they never append blindly again.
///
/// **Failures.** An `Err` says that the store can no longer promise anything (a failing disk): what it was asked for is
/// unknown, and whoever has it stops acknowledging and exits. Damage found when reading is an `Err` as well; a store
/// never starts empty where something was, and never gives back bytes that are not those appended. Only
/// [`Failure::TooLarge`] says that nothing was done and the store goes on: one append that is too large refuses its whole
/// call ([`Append::fits`] tells beforehand).
///
/// **Order.** Entries of a key are read in the order appended, without a gap. What a reader has seen stays: nobody reads
/// what is not durable yet. While a key is erased, readers find nothing there; afterwards it is like new, so its next
/// append expects [`Version::NONE`].
///
/// **Live.** A key is live or at rest, as its newest append said. [`list`](Store::list) finds the live ones without
/// passing those at rest.
///
/// **One writer.** One process has a store open at a time; a second is refused. Methods may be called from any thread.
/// They block. Who reads never waits for an append to be durable; who changes something may wait for another who does
/// (a [`Committer`](super::Committer) makes one group of many).
///
/// Every store passes the public suite of this room.
pub trait Store: Send + Sync {
    /// Appends, each to its key, if that is at the expected version.
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure>;

    /// The newest image of a key; nothing, if nothing was appended.
    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure>;

    /// Entries of a key in order, those after a version, so many at most.
    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure>;

    /// The newest images of keys that begin with a prefix, ordered by key, those after a key, so many at most.
    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure>;

    /// Removes a key with all that stands under it, for good and durably. Twice is harmless.
    fn erase(&self, key: &Key) -> Result<(), Failure>;

    /// Keeps bytes under their hash, durably. Twice is harmless.
    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure>;

    /// The bytes of a hash; nothing, if there are none.
    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure>;

    /// The hashes of all blobs, in order, those after a hash, so many at most.
    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure>;

    /// How many bytes are free where it writes; nothing, if it does not write to a disk.
    fn free_space(&self) -> Result<Option<u64>, Failure>;
}

/// A store that several hold is one.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn append(&self, appends: &[Append]) -> Result<Vec<Outcome>, Failure> {
        (**self).append(appends)
    }

    fn newest(&self, key: &Key) -> Result<Option<Kept>, Failure> {
        (**self).newest(key)
    }

    fn read(&self, key: &Key, after: Version, limit: usize) -> Result<Vec<Entry>, Failure> {
        (**self).read(key, after, limit)
    }

    fn list(
        &self,
        prefix: &str,
        which: Which,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Kept)>, Failure> {
        (**self).list(prefix, which, after, limit)
    }

    fn erase(&self, key: &Key) -> Result<(), Failure> {
        (**self).erase(key)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        (**self).put_blob(bytes)
    }

    fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
        (**self).blob(hash)
    }

    fn blobs(&self, after: Option<&Hash>, limit: usize) -> Result<Vec<Hash>, Failure> {
        (**self).blobs(after, limit)
    }

    fn free_space(&self) -> Result<Option<u64>, Failure> {
        (**self).free_space()
    }
}

/// One append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// Under which key.
    pub key: Key,
    /// The version the key must be at.
    pub expected: Version,
    /// What happened.
    pub entry: Vec<u8>,
    /// What it led to.
    pub image: Vec<u8>,
    /// Whether the key is live from now on, or at rest.
    pub live: bool,
}

impl Append {
    /// Whether it is within the limits; a store refuses it otherwise, and all that came in the same call.
    pub fn fits(&self) -> Result<(), Failure> {
        fits("The key", self.key.as_str().len(), KEY_BYTES_MAX)?;
        fits("The entry", self.entry.len(), ENTRY_BYTES_MAX)?;
        fits("The image", self.image.len(), IMAGE_BYTES_MAX)
    }

    /// How much there is to write.
    pub fn bytes(&self) -> usize {
        2 * self.key.as_str().len() + self.entry.len() + self.image.len()
    }
}

fn fits(what: &str, bytes: usize, limit: usize) -> Result<(), Failure> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Failure::TooLarge(format!("{what} has {bytes} bytes; a store keeps at most {limit}.")))
}

/// How far a key has come. Versions of one key only grow; what they are otherwise is the store's own matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// Of a key under which nothing stands.
    pub const NONE: Version = Version(0);
}

/// What came of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable.
    Appended(Version),
    /// It was not done: the key is at another version.
    Conflict(Version),
    /// Nobody knows. Read the newest.
    Unknown,
}

/// The newest image of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The version of the key.
    pub version: Version,
    /// What its newest append led to.
    pub image: Vec<u8>,
    /// Whether it is live.
    pub live: bool,
}

/// One entry of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The version of the key once it was appended.
    pub version: Version,
    /// What happened.
    pub bytes: Vec<u8>,
}

/// Which keys to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are live.
    Live,
    /// Those at rest.
    AtRest,
}

/// The name of a blob: the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of these bytes; refused, if they are more than a blob may have.
    pub fn of(bytes: &[u8]) -> Result<Hash, Failure> {
        fits("The blob", bytes.len(), BLOB_BYTES_MAX)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let mut hash = [0; 32];
        hash.copy_from_slice(digest.as_ref());
        Ok(Hash(hash))
    }
}

impl Hash {
    /// A hash as it is written; nothing, if it is none.
    pub fn read(text: &str) -> Option<Hash> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
        }
        Some(Hash(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a store cannot do its work, in a sentence for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The disk, or what stands for it, failed.
    Broken(String),
    /// What was read is not what was written.
    Damaged(String),
    /// What was asked for is too large: the sentence names the limit.
    TooLarge(String),
    /// Another process has it open.
    InUse(String),
    /// It was written by a later version of this program.
    TooNew(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Broken(why)
            | Failure::Damaged(why)
            | Failure::TooLarge(why)
            | Failure::InUse(why)
            | Failure::TooNew(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}
