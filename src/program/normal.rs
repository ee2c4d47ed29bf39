//! What a message is compared as: letter case, curly quotes, stray spaces and ways to encode a letter stop mattering.
//!
//! The normal form of a text: curly quotes, primes and accents standing alone become `'` or `"`, then NFKC_Casefold,
//! then every run of white space becomes one space and the ends are trimmed. `normal(normal(x)) == normal(x)`.

mod fold;
mod origin;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use origin::Origins;
use unicode_segmentation::UnicodeSegmentation;

/// The longest message that is listened to, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// A message longer than [`MESSAGE_BYTES_MAX`]: it is refused, never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// How long it is, in bytes.
    pub bytes: usize,
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this message has {} bytes, more than the {MESSAGE_BYTES_MAX} a bot listens to", self.bytes)
    }
}

impl std::error::Error for TooLong {}

/// The normal form of a text of any length.
pub fn normal(text: &str) -> String {
    let mut out = String::new();
    normal_into(text, &mut out);
    out
}

/// One stretch of literal text of a pattern: as [`normal`], but a space at either end is kept, since a `*` or
/// a group stands there.
pub(crate) fn normal_run(text: &str) -> String {
    // The folded text is asked, not the written one: some letters fold to a space and a mark.
    let folded = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(fold::folded(text)) };
    let mut out = normal(text);
    if folded.starts_with(char::is_whitespace) {
        out.insert(0, ' ');
    }
    if out != " " && folded.ends_with(char::is_whitespace) {
        out.push(' ');
    }
    out
}

/// Fills `out` with the normal form of `text`.
fn normal_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        ascii_into(text.as_bytes(), out);
    } else {
        out.clear();
        out.reserve(text.len() + 8);
        fold::segments(text, |_, letters| {
            for letter in letters.chars() {
                push(out, letter);
            }
        });
        if out.ends_with(' ') {
            out.pop();
        }
    }
}

/// Adds one folded letter, collapsing white space; false if it was dropped.
fn push(out: &mut String, letter: char) -> bool {
    if !letter.is_whitespace() {
        out.push(letter);
        return true;
    }
    let keep = !out.is_empty() && !out.ends_with(' ');
    if keep {
        out.push(' ');
    }
    keep
}

/// What each ASCII byte folds to.
const ASCII: [u8; 128] = {
    let mut table = [0u8; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'\t'..=b'\r' => b' ',
            b'`' => b'\'',
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
};

fn ascii_into(text: &[u8], out: &mut String) {
    let mut bytes = std::mem::take(out).into_bytes();
    bytes.clear();
    bytes.resize(text.len(), 0);
    let mut filled = 0;
    // As if a space stood before the text: leading white space vanishes like any second space.
    let mut last = b' ';
    for &byte in text {
        let folded = ASCII[usize::from(byte & 127)];
        bytes[filled] = folded;
        filled += usize::from(folded != b' ' || last != b' ');
        last = folded;
    }
    filled -= usize::from(filled > 0 && last == b' ');
    bytes.truncate(filled);
    // Never fails: all is ASCII. The check costs a few nanoseconds and spares an `unsafe`.
    *out = String::from_utf8(bytes).unwrap_or_default();
}

/// True for what may stand at the end of any message beyond what a pattern asks.
pub(crate) fn is_trailing(letter: char) -> bool {
    matches!(letter, ' ' | '.' | '!' | '?' | '。')
}

/// A message as it was typed and as it is compared.
#[derive(Debug)]
pub struct Heard<'a> {
    original: &'a str,
    normal: Cow<'a, str>,
    body: usize,
    origins: OnceCell<Origins>,
    bounds: OnceCell<Vec<u64>>,
}

impl<'a> Heard<'a> {
    /// Listens to a message.
    pub fn new(message: &'a str) -> Result<Heard<'a>, TooLong> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(TooLong { bytes: message.len() });
        }
        Ok(Heard::of(message, Cow::Owned(normal(message))))
    }

    /// Listens to a message, keeping the normal form in `room`: nothing is allocated once it is large enough.
    pub fn within(message: &'a str, room: &'a mut String) -> Result<Heard<'a>, TooLong> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(TooLong { bytes: message.len() });
        }
        normal_into(message, room);
        Ok(Heard::of(message, Cow::Borrowed(room)))
    }

    /// A text that is taken as its own normal form, spaces side by side and all.
    pub(crate) fn already_normal(text: &'a str) -> Heard<'a> {
        Heard::of(text, Cow::Borrowed(text))
    }

    fn of(original: &'a str, normal: Cow<'a, str>) -> Heard<'a> {
        let body = normal.trim_end_matches(is_trailing).len();
        Heard { original, normal, body, origins: OnceCell::new(), bounds: OnceCell::new() }
    }

    /// As it was typed.
    pub fn original(&self) -> &'a str {
        self.original
    }

    /// As it is compared.
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// Where the run of spaces and `. ! ? 。` at the end of the normal form begins.
    pub fn body(&self) -> usize {
        self.body
    }

    /// How many letters and digits the normal form has.
    pub fn letters(&self) -> u32 {
        self.normal.chars().filter(|letter| letter.is_alphanumeric()).count() as u32
    }

    /// The original letters behind a stretch of the normal form. A letter that was typed as one and compared as
    /// several (`ß`, `ﬁ`) is given back whole.
    pub fn typed(&self, stretch: Range<usize>) -> &'a str {
        self.original.get(self.place(stretch)).unwrap_or_default()
    }

    /// Where those letters stand in the message as typed.
    pub(crate) fn place(&self, stretch: Range<usize>) -> Range<usize> {
        self.origins.get_or_init(|| Origins::of(self.original)).typed(stretch)
    }

    /// True if a word of the normal form begins or ends at this byte (UAX #29).
    pub(crate) fn is_word_bound(&self, at: usize) -> bool {
        let text = self.normal.as_bytes();
        if at == 0 || at >= text.len() {
            return at <= text.len();
        }
        // Nearly every question is about a letter beside a space or a letter: no need to split the whole message.
        let (before, after) = (text[at - 1], text[at]);
        match (before.is_ascii_alphanumeric(), after.is_ascii_alphanumeric()) {
            (true, true) => return false,
            (true, false) if after == b' ' => return true,
            (false, true) if before == b' ' => return true,
            _ => {}
        }
        let bounds = self.bounds.get_or_init(|| {
            let mut bounds = vec![0u64; text.len() / 64 + 1];
            for (start, _) in self.normal.split_word_bound_indices() {
                bounds[start / 64] |= 1 << (start % 64);
            }
            bounds
        });
        bounds.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}
