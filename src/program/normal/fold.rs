//! Folding letters, fast: each stretch of letters that can touch one another is folded by itself.

use std::ops::Range;
use std::sync::OnceLock;

use caseless::Caseless;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Quotes as people type them, before and after folding.
fn quote(letter: char) -> char {
    match letter {
        '`'
        | '\u{b4}'
        | '\u{2b9}'
        | '\u{2bb}'..='\u{2bd}'
        | '\u{2c8}'
        | '\u{2ca}'
        | '\u{2cb}'
        | '\u{374}'
        | '\u{384}'
        | '\u{1fbd}'
        | '\u{1fbf}'
        | '\u{1fef}'
        | '\u{1ffd}'
        | '\u{1ffe}'
        | '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{275b}'
        | '\u{275c}'
        | '\u{a78c}'
        | '\u{ff07}'
        | '\u{ff40}' => '\'',
        '\u{2ba}'
        | '\u{2dd}'
        | '\u{2ee}'
        | '\u{201c}'..='\u{201f}'
        | '\u{2033}'
        | '\u{2036}'
        | '\u{275d}'
        | '\u{275e}'
        | '\u{301d}'..='\u{301f}'
        | '\u{ff02}' => '"',
        other => other,
    }
}

/// Default_Ignorable_Code_Point: letters nobody sees, such as a soft hyphen. Held to the tables of `regex-syntax` by a test.
fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Quotes and NFKC_Casefold, letter by letter as the standard says it, until nothing changes. White space is kept.
pub(super) fn folded(text: &str) -> String {
    let mut now = text.to_owned();
    // Twice is usual. The bound only makes sure that this ends.
    for _ in 0..8 {
        let next: String = now
            .chars()
            .map(quote)
            .filter(|&letter| !is_ignorable(letter))
            .nfd()
            .default_case_fold()
            .nfkc()
            .default_case_fold()
            .nfkc()
            .collect();
        if next == now {
            break;
        }
        now = next;
    }
    now
}

/// What is known of a letter: what it folds to if that is one letter, and whether it can touch what stands before it.
#[derive(Clone, Copy)]
struct Known(u32);

impl Known {
    /// It cannot join with anything before it.
    const STARTS: u32 = 1 << 31;
    /// It folds to several letters, or in ways that depend on its neighbours.
    const SEVERAL: u32 = 1 << 30;
    /// Nobody sees it.
    const IGNORABLE: u32 = 1 << 29;

    fn compute(letter: char) -> Known {
        if is_ignorable(letter) {
            return Known(Known::IGNORABLE);
        }
        let folded = folded(letter.encode_utf8(&mut [0; 4]));
        let mut letters = folded.chars();
        let (Some(first), more) = (letters.next(), letters.next()) else { return Known(Known::SEVERAL) };
        let touches = |letter: char| {
            canonical_combining_class(letter) != 0
                || is_nfc_quick(std::iter::once(letter)) == IsNormalized::Maybe
        };
        let starts = if touches(letter) || touches(first) { 0 } else { Known::STARTS };
        Known(starts | if more.is_some() { Known::SEVERAL } else { first as u32 })
    }

    fn of(letter: char) -> Known {
        const BLOCK: usize = 128;
        static BLOCKS: [OnceLock<Box<[Known; BLOCK]>>; 0x2_0000 / BLOCK] =
            [const { OnceLock::new() }; 0x2_0000 / BLOCK];
        match letter {
            // Ideographs, Hangul syllables and most emoji stay as they are; so many that a table would not pay.
            '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{1f300}'..='\u{1faff}' => {
                return Known(letter as u32 | Known::STARTS);
            }
            _ => {}
        }
        let at = letter as usize;
        match BLOCKS.get(at / BLOCK) {
            Some(block) => block.get_or_init(|| {
                let first = (at / BLOCK * BLOCK) as u32;
                Box::new(std::array::from_fn(|n| {
                    char::from_u32(first + n as u32).map_or(Known(Known::SEVERAL), Known::compute)
                }))
            })[at % BLOCK],
            None => Known::compute(letter),
        }
    }

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    fn letter(self) -> Option<char> {
        if self.has(Known::SEVERAL | Known::IGNORABLE) { None } else { char::from_u32(self.0 & 0x1f_ffff) }
    }
}

/// Calls `each` with every stretch of letters that belong together (a letter and the accents on it) and what they fold to.
pub(super) fn segments(text: &str, mut each: impl FnMut(Range<usize>, &str)) {
    let mut start = 0;
    // What the segment folds to while it is a single letter, with perhaps ignorable ones behind it.
    let mut single: Option<char> = None;
    let mut close = |range: Range<usize>, single: Option<char>| {
        if range.is_empty() {
            return;
        }
        match single {
            Some(letter) => each(range, letter.encode_utf8(&mut [0; 4])),
            None => each(range.clone(), &folded(&text[range])),
        }
    };
    for (at, letter) in text.char_indices() {
        let known = Known::of(letter);
        if known.has(Known::STARTS) {
            close(start..at, single);
            start = at;
            single = known.letter();
        } else if !known.has(Known::IGNORABLE) {
            single = None;
        }
    }
    close(start..text.len(), single);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignorable_letters_are_those_of_the_standard() {
        let class = regex::Regex::new(r"^\p{Default_Ignorable_Code_Point}$").unwrap();
        for letter in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(is_ignorable(letter), class.is_match(letter.encode_utf8(&mut [0; 4])), "{letter:?}");
        }
    }

    #[test]
    fn every_letter_folds_alone_as_in_company() {
        // Beyond these two planes nothing folds but a block of ideographs, and the test would take seconds.
        for letter in (0..=0x1_ffff).chain(0x2_f800..=0x2_fa1f).filter_map(char::from_u32) {
            let text = format!("a{letter}b");
            let mut joined = String::new();
            segments(&text, |_, letters| joined.push_str(letters));
            assert_eq!(joined, folded(&text), "{letter:?}");
            assert_eq!(folded(&joined), joined, "{letter:?}");
        }
    }
}
