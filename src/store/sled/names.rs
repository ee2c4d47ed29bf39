//! Where what stands in sled's one tree: entries by key and version, live images together, blobs by hash.
//!
//! A key ends with a zero byte, which no key has within, so that keys are ordered here as they are elsewhere.

use crate::store::{Hash, Key};

/// The tree.
pub(super) const TREE: &str = "parlor";
/// What counts all the rest.
pub(super) const TALLY: &[u8] = b"t";

fn name(letter: u8, key: &Key) -> Vec<u8> {
    let mut name = Vec::with_capacity(key.as_str().len() + 12);
    name.push(letter);
    name.extend_from_slice(key.as_str().as_bytes());
    name.push(0);
    name
}

/// What all entries of a key begin with.
pub(super) fn entries(key: &Key) -> Vec<u8> {
    name(b'l', key)
}

/// One entry of a key.
pub(super) fn entry(key: &Key, version: u64) -> Vec<u8> {
    let mut name = entries(key);
    name.extend_from_slice(&version.to_be_bytes());
    name
}

/// What all images begin with, live or at rest.
pub(super) fn images(live: bool) -> u8 {
    if live { b'i' } else { b'r' }
}

/// The image of a key that is live, or at rest.
pub(super) fn image(key: &Key, live: bool) -> Vec<u8> {
    name(images(live), key)
}

/// The key of an image's name.
pub(super) fn key_of_image(name: &[u8]) -> Option<Key> {
    let [_, key @ .., 0] = name else { return None };
    Key::read(std::str::from_utf8(key).ok()?)
}

/// The bytes of a blob.
pub(super) fn blob(hash: &Hash) -> Vec<u8> {
    [b"b", &hash.0[..]].concat()
}

/// What says that a blob is there in whole. It is written last.
pub(super) fn whole_blob(hash: &Hash) -> Vec<u8> {
    [b"h", &hash.0[..]].concat()
}

/// The hash of such a name.
pub(super) fn hash_of(name: &[u8]) -> Option<Hash> {
    Some(Hash(name.get(1..)?.try_into().ok()?))
}
