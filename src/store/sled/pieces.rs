//! Values cut into pieces, each with a checksum: what sled keeps well, and what shows when it was changed.
//!
//! Sled writes a page of up to sixteen values at a time, and what is larger than 128 KB it puts into a file of its own,
//! which it never syncs. So no value may be so large that sixteen of them do not fit.

use sled::{Batch, IVec, Tree};

use super::damage::Fault;

/// Bytes of a piece. With the largest key, twenty of them stay below what sled keeps in its log.
pub(super) const PIECE_BYTES_MAX: usize = 5 * 1024;
/// Bytes in front of each piece: its checksum, the version it belongs to, and the length of the whole value.
const HEAD: usize = 4 + 8 + 4;

/// A whole value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) version: u64,
    pub(super) bytes: Vec<u8>,
}

/// How many pieces so many bytes make; none at all still makes one.
fn count(bytes: usize) -> usize {
    bytes.div_ceil(PIECE_BYTES_MAX).max(1)
}

fn piece_name(name: &[u8], number: usize) -> Vec<u8> {
    [name, &(number as u16).to_be_bytes()].concat()
}

/// The checksum covers the name as well, so that values which changed places are noticed.
fn checksum(name: &[u8], rest: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(name);
    hasher.update(rest);
    hasher.finalize().to_be_bytes()
}

/// The pieces of a value: their names and what they are kept as.
pub(super) fn cut<'a>(
    name: &'a [u8],
    version: u64,
    bytes: &'a [u8],
) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a {
    (0..count(bytes.len())).map(move |number| {
        let from = number * PIECE_BYTES_MAX;
        let part = &bytes[from..bytes.len().min(from + PIECE_BYTES_MAX)];
        let name = piece_name(name, number);
        let mut piece = Vec::with_capacity(HEAD + part.len());
        piece.extend_from_slice(&[0; 4]);
        piece.extend_from_slice(&version.to_be_bytes());
        piece.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        piece.extend_from_slice(part);
        let check = checksum(&name, &piece[4..]);
        piece[..4].copy_from_slice(&check);
        (name, piece)
    })
}

/// Writes a value in place of one that had so many bytes.
pub(super) fn put(batch: &mut Batch, name: &[u8], version: u64, bytes: &[u8], before: Option<usize>) {
    for (name, piece) in cut(name, version, bytes) {
        batch.insert(name, piece);
    }
    for number in count(bytes.len())..before.map_or(0, count) {
        batch.remove(piece_name(name, number));
    }
}

/// How many bytes of a value a piece holds.
pub(super) fn bytes_of(piece: &[u8]) -> u64 {
    piece.len().saturating_sub(HEAD) as u64
}

/// Removes a value that has so many bytes.
pub(super) fn remove(batch: &mut Batch, name: &[u8], bytes: usize) {
    for number in 0..count(bytes) {
        batch.remove(piece_name(name, number));
    }
}

/// A value; nothing, if there is none.
pub(super) fn get(tree: &Tree, name: &[u8]) -> Result<Option<Value>, Fault> {
    let first = piece_name(name, 0);
    let Some(piece) = tree.get(&first)? else { return Ok(None) };
    let mut whole = Whole::begin(&first, &piece)?;
    while !whole.complete() {
        let next = piece_name(name, whole.pieces);
        let piece = tree.get(&next)?.ok_or(Fault::Changed)?;
        whole.add(&next, &piece)?;
    }
    Ok(Some(whole.value))
}

/// The version of a value and how many bytes it has, by its first piece alone; nothing, if there is none.
pub(super) fn head(tree: &Tree, name: &[u8]) -> Result<Option<(u64, usize)>, Fault> {
    let first = piece_name(name, 0);
    let Some(piece) = tree.get(&first)? else { return Ok(None) };
    let (version, length, _) = opened(&first, &piece)?;
    Ok(Some((version, length)))
}

/// The values of a row of pieces, as a scan gives them, each with its name.
pub(super) fn values(
    scan: impl Iterator<Item = sled::Result<(IVec, IVec)>>,
) -> impl Iterator<Item = Result<(IVec, Value), Fault>> {
    let mut scan = scan;
    std::iter::from_fn(move || {
        let (first, piece) = match scan.next()? {
            Ok(found) => found,
            Err(error) => return Some(Err(error.into())),
        };
        Some(assemble(&first, &piece, &mut scan))
    })
}

fn assemble(
    first: &IVec,
    piece: &[u8],
    scan: &mut impl Iterator<Item = sled::Result<(IVec, IVec)>>,
) -> Result<(IVec, Value), Fault> {
    let length = first.len().checked_sub(2).ok_or(Fault::Changed)?;
    let name = first.subslice(0, length);
    if first[length..] != [0, 0] {
        return Err(Fault::Changed);
    }
    let mut whole = Whole::begin(first, piece)?;
    while !whole.complete() {
        let (next, piece) = scan.next().ok_or(Fault::Changed)??;
        if next != piece_name(&name, whole.pieces) {
            return Err(Fault::Changed);
        }
        whole.add(&next, &piece)?;
    }
    Ok((name, whole.value))
}

/// A value of which some pieces are there.
struct Whole {
    value: Value,
    length: usize,
    pieces: usize,
}

impl Whole {
    fn begin(name: &[u8], piece: &[u8]) -> Result<Whole, Fault> {
        let (version, length, bytes) = opened(name, piece)?;
        if bytes.len() != length.min(PIECE_BYTES_MAX) {
            return Err(Fault::Changed);
        }
        let mut value = Value { version, bytes: Vec::with_capacity(length) };
        value.bytes.extend_from_slice(bytes);
        Ok(Whole { value, length, pieces: 1 })
    }

    fn add(&mut self, name: &[u8], piece: &[u8]) -> Result<(), Fault> {
        let (version, length, bytes) = opened(name, piece)?;
        let expected = (self.length - self.value.bytes.len()).min(PIECE_BYTES_MAX);
        if version != self.value.version || length != self.length || bytes.len() != expected {
            return Err(Fault::Changed);
        }
        self.value.bytes.extend_from_slice(bytes);
        self.pieces += 1;
        Ok(())
    }

    fn complete(&self) -> bool {
        self.value.bytes.len() == self.length
    }
}

/// What a piece holds, if its checksum is right: the version, the length of the whole, and its own bytes.
fn opened<'a>(name: &[u8], piece: &'a [u8]) -> Result<(u64, usize, &'a [u8]), Fault> {
    let (head, bytes) = piece.split_at_checked(HEAD).ok_or(Fault::Changed)?;
    if head[..4] != checksum(name, &piece[4..]) {
        return Err(Fault::Changed);
    }
    let version = head[4..12].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let length = head[12..].iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    Ok((version, length, bytes))
}
