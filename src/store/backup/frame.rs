//! How a backup is written: frames one behind the other, each with its length and checksum, and a footer over all.
//!
//! `PARLORBK`, format (4 bytes), checksum of both; then frames of kind (1), length (4), what it says, checksum of all that
//! (4). Numbers are big endian.

use std::io::{self, BufReader, BufWriter, Read, Write};

use super::Counts;
use crate::store::contract::{BLOB_BYTES_MAX, ENTRY_BYTES_MAX, IMAGE_BYTES_MAX, KEY_BYTES_MAX};
use crate::store::{Failure, Key};

/// What a backup begins with.
const MAGIC: &[u8; 8] = b"PARLORBK";
/// The format this program writes, and the only one it reads.
const FORMAT: u32 = 1;
/// What a frame may say at most.
const FRAME_BYTES_MAX: usize = BLOB_BYTES_MAX + ENTRY_BYTES_MAX + IMAGE_BYTES_MAX + KEY_BYTES_MAX + 64;

/// One thing in a backup.
pub(super) enum Frame {
    /// An entry of a key that has more.
    Entry { key: Key, entry: Vec<u8> },
    /// The newest entry of a key, and what it led to.
    Newest { key: Key, live: bool, entry: Vec<u8>, image: Vec<u8> },
    /// What came of a key is taken back: it was erased while the backup was made.
    Gone { key: Key },
    /// A blob.
    Blob { bytes: Vec<u8> },
}

impl Counts {
    /// What the footer says.
    fn footer(&self, all: &crc32fast::Hasher) -> Vec<u8> {
        let counts = [self.keys, self.entries, self.blobs];
        let mut said: Vec<u8> = counts.iter().flat_map(|count| count.to_be_bytes()).collect();
        said.extend_from_slice(&all.clone().finalize().to_be_bytes());
        said
    }
}

impl Frame {
    fn count(&self, counts: &mut Counts) {
        match self {
            Frame::Entry { .. } => counts.entries += 1,
            Frame::Newest { .. } => {
                counts.entries += 1;
                counts.keys += 1;
            }
            Frame::Gone { .. } => {}
            Frame::Blob { .. } => counts.blobs += 1,
        }
    }
}

fn with_length(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    into.extend_from_slice(bytes);
}

/// Takes frames, and writes them.
pub(super) struct Sink<W: Write> {
    out: BufWriter<W>,
    counts: Counts,
    /// Over the checksums of all frames.
    all: crc32fast::Hasher,
}

impl<W: Write> Sink<W> {
    pub(super) fn begin(out: W) -> Result<Sink<W>, Failure> {
        let mut sink =
            Sink { out: BufWriter::new(out), counts: Counts::default(), all: crc32fast::Hasher::new() };
        let head = [&MAGIC[..], &FORMAT.to_be_bytes()].concat();
        let check = crc32fast::hash(&head).to_be_bytes();
        sink.out.write_all(&head).and_then(|()| sink.out.write_all(&check)).map_err(unwritten)?;
        Ok(sink)
    }

    pub(super) fn put(&mut self, frame: &Frame) -> Result<(), Failure> {
        let mut said = Vec::new();
        let kind = match frame {
            Frame::Entry { key, entry } => {
                with_length(&mut said, key.as_str().as_bytes());
                with_length(&mut said, entry);
                b'E'
            }
            Frame::Newest { key, live, entry, image } => {
                with_length(&mut said, key.as_str().as_bytes());
                said.push(u8::from(*live));
                with_length(&mut said, entry);
                with_length(&mut said, image);
                b'N'
            }
            Frame::Gone { key } => {
                with_length(&mut said, key.as_str().as_bytes());
                b'G'
            }
            Frame::Blob { bytes } => {
                with_length(&mut said, bytes);
                b'B'
            }
        };
        frame.count(&mut self.counts);
        self.write(kind, &said)
    }

    /// Writes the footer; only now it is a backup.
    pub(super) fn end(mut self) -> Result<Counts, Failure> {
        let said = self.counts.footer(&self.all);
        self.write(b'F', &said)?;
        self.out.flush().map_err(unwritten)?;
        Ok(self.counts)
    }

    fn write(&mut self, kind: u8, said: &[u8]) -> Result<(), Failure> {
        let mut head = vec![kind];
        head.extend_from_slice(&(said.len() as u32).to_be_bytes());
        let check = checksum(&head, said);
        self.all.update(&check);
        let parts = [&head, said, &check[..]];
        parts.iter().try_for_each(|part| self.out.write_all(part)).map_err(unwritten)
    }
}

fn checksum(head: &[u8], said: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(said);
    hasher.finalize().to_be_bytes()
}

fn unwritten(error: io::Error) -> Failure {
    Failure::Broken(format!("The backup cannot be written: {error}. What was written of it is no backup."))
}

/// Reads frames, and looks whether each is as it was written.
pub(super) struct Frames<R: Read> {
    from: BufReader<R>,
    counts: Counts,
    all: crc32fast::Hasher,
    /// Where the next frame begins.
    at: u64,
}

impl<R: Read> Frames<R> {
    pub(super) fn begin(from: R) -> Result<Frames<R>, Failure> {
        let mut frames = Frames {
            from: BufReader::new(from),
            counts: Counts::default(),
            all: crc32fast::Hasher::new(),
            at: 0,
        };
        let head = frames.take(16)?;
        let (head, check) = head.split_at(12);
        if head[..8] != MAGIC[..] {
            return Err(Failure::Damaged("This is no backup of a store.".into()));
        }
        if check != crc32fast::hash(head).to_be_bytes() {
            return Err(frames.damaged());
        }
        let format = number(&head[8..]);
        if format as u32 != FORMAT {
            return Err(Failure::TooNew(format!(
                "The backup was written by a later version of this program (format {format}; this one reads {FORMAT}). Use \
                 that version."
            )));
        }
        Ok(frames)
    }

    /// The next frame; nothing behind the footer.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, Failure> {
        let begin = self.at;
        let head = self.take(5)?;
        let length = number(&head[1..]);
        if length > FRAME_BYTES_MAX {
            return Err(self.damaged());
        }
        let said = self.take(length)?;
        let check = self.take(4)?;
        if check != checksum(&head, &said) {
            self.at = begin;
            return Err(self.damaged());
        }
        let mut said = Said(&said);
        if head[0] == b'F' {
            return if self.is_end(said.0)? { Ok(None) } else { Err(self.damaged()) };
        }
        self.all.update(&check);
        let frame = said.frame(head[0]).filter(|_| said.0.is_empty());
        let frame = frame.ok_or_else(|| self.damaged())?;
        frame.count(&mut self.counts);
        Ok(Some(frame))
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether a footer counts what was read, and is the last.
    fn is_end(&mut self, said: &[u8]) -> Result<bool, Failure> {
        let behind = self.from.read(&mut [0]).map_err(unread)?;
        Ok(said == self.counts.footer(&self.all) && behind == 0)
    }

    fn take(&mut self, bytes: usize) -> Result<Vec<u8>, Failure> {
        let mut taken = Vec::new();
        self.from.by_ref().take(bytes as u64).read_to_end(&mut taken).map_err(unread)?;
        if taken.len() < bytes {
            return Err(Failure::Damaged(format!(
                "The backup is broken off after {} bytes: its end is missing. Use another one.",
                self.at + taken.len() as u64
            )));
        }
        self.at += bytes as u64;
        Ok(taken)
    }

    fn damaged(&self) -> Failure {
        Failure::Damaged(format!(
            "The backup is damaged: what stands at byte {} is not what was written. Use another one.",
            self.at
        ))
    }
}

fn unread(error: io::Error) -> Failure {
    Failure::Broken(format!("The backup cannot be read: {error}."))
}

/// A number of up to four bytes.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// What a frame says, read from the front.
struct Said<'a>(&'a [u8]);

impl Said<'_> {
    fn frame(&mut self, kind: u8) -> Option<Frame> {
        Some(match kind {
            b'E' => Frame::Entry { key: self.key()?, entry: self.bytes()? },
            b'N' => Frame::Newest {
                key: self.key()?,
                live: self.part(1)? == [1],
                entry: self.bytes()?,
                image: self.bytes()?,
            },
            b'G' => Frame::Gone { key: self.key()? },
            b'B' => Frame::Blob { bytes: self.bytes()? },
            _ => return None,
        })
    }

    fn part(&mut self, length: usize) -> Option<&[u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = number(self.part(4)?);
        self.part(length).map(<[u8]>::to_vec)
    }

    fn key(&mut self) -> Option<Key> {
        Key::read(std::str::from_utf8(&self.bytes()?).ok()?)
    }
}
