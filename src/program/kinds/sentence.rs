//! A message cut into words, digits and signs, each with its place: what the finders of numbers, days and times read.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::program::normal::normal;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Letters; an apostrophe between letters belongs to them.
    Word,
    /// 0 to 9.
    Digits,
    /// Any other sign, one at a time.
    Sign,
}

/// What stands before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing: it touches the one before.
    None,
    /// White space.
    Space,
    /// The end of a line.
    Line,
}

#[derive(Debug)]
struct Token {
    range: Range<usize>,
    gap: Gap,
    sort: Sort,
    /// In the normal form; digits as ASCII, every dash as `-`.
    said: String,
}

/// A message in tokens. All questions about tokens that are not there are answered with no.
#[derive(Debug)]
pub(super) struct Sentence<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Sentence<'a> {
    pub(super) fn new(text: &'a str) -> Sentence<'a> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut gap = Gap::Line;
        let mut letters = text.char_indices().peekable();
        while let Some((start, letter)) = letters.next() {
            if letter.is_whitespace() {
                let line = matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}');
                gap = gap.max(if line { Gap::Line } else { Gap::Space });
                continue;
            }
            let mut end = start + letter.len_utf8();
            let (sort, said) = if let Some(first) = digit(letter) {
                let mut said = String::from(first);
                while let Some((at, next)) = letters.peek().and_then(|&(at, next)| Some((at, digit(next)?))) {
                    said.push(next);
                    end = at + text[at..].chars().next().map_or(0, char::len_utf8);
                    letters.next();
                }
                (Sort::Digits, said)
            } else if is_letter(letter) {
                while let Some(&(at, next)) = letters.peek() {
                    let inside = is_letter(next)
                        || matches!(next, '\'' | '’')
                            && text[at + next.len_utf8()..].chars().next().is_some_and(char::is_alphabetic);
                    if !inside {
                        break;
                    }
                    end = at + next.len_utf8();
                    letters.next();
                }
                (Sort::Word, normal(&text[start..end]))
            } else {
                let said = match letter {
                    '\u{2010}'..='\u{2015}' | '\u{2212}' => "-".to_string(),
                    _ => normal(&text[start..end]),
                };
                (Sort::Sign, said)
            };
            if !said.is_empty() {
                tokens.push(Token { range: start..end, gap, sort, said });
                gap = Gap::None;
            }
        }
        Sentence { text, tokens }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The bytes of some tokens.
    pub(super) fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        match (
            self.tokens.get(tokens.start),
            tokens.end.checked_sub(1).and_then(|last| self.tokens.get(last)),
        ) {
            (Some(first), Some(last)) if first.range.start <= last.range.end => {
                first.range.start..last.range.end
            }
            _ => 0..0,
        }
    }

    fn sort(&self, at: usize) -> Option<Sort> {
        self.tokens.get(at).map(|token| token.sort)
    }

    /// The word there, in the normal form; empty if there is none.
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).filter(|token| token.sort == Sort::Word).map_or("", |token| &token.said)
    }

    /// Whether one of these words stands there.
    pub(super) fn is(&self, at: usize, words: &[&str]) -> bool {
        words.contains(&self.word(at)) && self.sort(at) == Some(Sort::Word)
    }

    /// Whether one of these words stands before.
    pub(super) fn follows(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is(before, words))
    }

    /// The digits there; empty if there are none.
    pub(super) fn digits(&self, at: usize) -> &str {
        self.tokens.get(at).filter(|token| token.sort == Sort::Digits).map_or("", |token| &token.said)
    }

    /// The number of so many digits there.
    pub(super) fn whole(&self, at: usize, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let said = self.digits(at);
        if said.is_empty() || !digits.contains(&said.len()) { None } else { said.parse().ok() }
    }

    /// The sign there.
    pub(super) fn sign(&self, at: usize) -> Option<char> {
        self.tokens.get(at).filter(|token| token.sort == Sort::Sign)?.said.chars().next()
    }

    /// Whether a word with a capital letter stands there.
    pub(super) fn is_capital(&self, at: usize) -> bool {
        let token = self.tokens.get(at).filter(|token| token.sort == Sort::Word);
        token.and_then(|token| self.text[token.range.clone()].chars().next()).is_some_and(char::is_uppercase)
    }

    /// What stands before a token.
    pub(super) fn gap(&self, at: usize) -> Gap {
        self.tokens.get(at).map_or(Gap::Line, |token| token.gap)
    }

    /// Whether this token touches the one before.
    pub(super) fn glued(&self, at: usize) -> bool {
        self.gap(at) == Gap::None
    }

    /// Whether this sign stands there and touches the one before.
    pub(super) fn glued_sign(&self, at: usize, sign: char) -> bool {
        self.glued(at) && self.sign(at) == Some(sign)
    }

    /// Whether a narrow or hard space, as it stands between thousands, is all there is before a token.
    pub(super) fn hard_space(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| self.tokens.get(before)) else { return false };
        let Some(token) = self.tokens.get(at) else { return false };
        matches!(&self.text[before.range.end..token.range.start], "\u{a0}" | "\u{202f}" | "\u{2009}")
    }

    /// The token after some words, if they stand there.
    pub(super) fn says(&self, at: usize, words: &str) -> Option<usize> {
        let mut next = at;
        for word in words.split(' ') {
            if self.word(next) != word || next > at && self.gap(next) == Gap::Line {
                return None;
            }
            next += 1;
        }
        Some(next)
    }

    /// The token after the first of these that stands there.
    pub(super) fn says_one(&self, at: usize, all: &[&str]) -> Option<usize> {
        all.iter().find_map(|words| self.says(at, words))
    }

    /// Whether something that stands for itself may begin here: it is no part of a longer thing like `A-12` or `1.2`.
    pub(super) fn opens(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        if !self.glued(at) {
            return true;
        }
        match self.sign(before) {
            None => false,
            Some(',') => !(self.glued(before) && before > 0 && !self.digits(before - 1).is_empty()),
            Some(sign) => !STICKY.contains(sign),
        }
    }

    /// Whether something that stands for itself may end before this token.
    pub(super) fn closes(&self, at: usize) -> bool {
        if !self.glued(at) {
            return true;
        }
        let Some(sign) = self.sign(at) else { return false };
        match self.sort(at + 1) {
            Some(next) if self.glued(at + 1) => match next {
                Sort::Sign => true,
                Sort::Word => !STICKY.contains(sign),
                Sort::Digits => !STICKY.contains(sign) && sign != ',',
            },
            _ => sign != '@',
        }
    }
}

/// Signs that make one thing of what stands on both sides of them.
const STICKY: &str = "-./_#@:+&\\^'=*";

fn digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        // Full width, as keyboards for Chinese and Japanese write them.
        '\u{ff10}'..='\u{ff19}' => char::from_digit(letter as u32 - 0xff10, 10),
        _ => None,
    }
}

fn is_letter(letter: char) -> bool {
    let unseen = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    letter.is_alphanumeric() && digit(letter).is_none() || is_combining_mark(letter) || unseen
}
