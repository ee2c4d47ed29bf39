//! Personal data out of a conversation, so that it can be kept and shown: other letters and digits of the same shape.
//!
//! The same value gets the same mask everywhere in a conversation, so that a bot goes the same way. A mask is made of
//! the name of the conversation and of how many values came before, never of the value: nobody can work it back.

use std::sync::LazyLock;

use regex::Regex;

use crate::conversation::{Knowledge, Value};

/// How many values one mask hides; what comes after is hidden by the masks of a shape it shares, letter for letter.
const HIDDEN_MAX: usize = 10_000;
/// A value shorter than this is hidden only where it stands as a word of its own.
const PART_LETTERS_MIN: usize = 4;
/// Digits from which on a number is known however it is grouped.
const GROUPED_DIGITS_MIN: usize = 6;
/// How often another mask is tried for a value that happens to come out as one of those to be hidden.
const TRIES_MAX: u64 = 100;

/// What is hidden, and what stands in its place.
#[derive(Debug, Clone)]
pub struct Mask {
    seed: u64,
    hidden: Vec<Hidden>,
    emails: usize,
}

#[derive(Debug, Clone)]
struct Hidden {
    /// The value, in small letters.
    letters: Vec<char>,
    /// As many letters in their place.
    instead: Vec<char>,
    /// Another text in its place, of any length.
    whole: Option<String>,
    /// Only its digits, for a number that may be grouped in other ways.
    digits: Vec<char>,
    /// Whether other digits may stand before it: those of a country.
    ending: bool,
}

impl Mask {
    /// A mask that hides nothing yet. Conversations of different names are masked differently.
    pub fn new(conversation: &str) -> Mask {
        let seed = conversation.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Mask { seed, hidden: Vec::new(), emails: 0 }
    }

    /// Hides a value: its texts and numbers, wherever they stand.
    pub fn hide(&mut self, value: &Value) {
        match value {
            Value::Nothing | Value::Flag(_) => {}
            Value::Whole(_) | Value::Number(_) => self.hide_whole(&value.to_string()),
            Value::Text(text) => self.hide_whole(text),
            Value::List(list) => list.iter().for_each(|value| self.hide(value)),
            Value::Map(map) => map.values().for_each(|value| self.hide(value)),
        }
    }

    /// Hides a text, wherever it stands.
    pub fn hide_whole(&mut self, text: &str) {
        self.keep(text.trim(), 0, None);
    }

    /// Hides the digits that a text and the number made of it end with: `020 7946 0123` and `+442079460123`.
    pub fn hide_ending(&mut self, text: &str, number: &str) {
        let number: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let of_number =
            |part: &str| part.chars().all(|letter| letter.is_ascii_digit() || is_between_digits(letter));
        for run in text.split(|letter: char| !of_number(letter.encode_utf8(&mut [0; 4]))) {
            let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
            let shared =
                digits.iter().rev().zip(number.iter().rev()).take_while(|(one, other)| one == other).count();
            if shared >= GROUPED_DIGITS_MIN && shared < digits.len().max(number.len()) {
                let ending: String = digits[digits.len() - shared..].iter().collect();
                let known = self.hidden.len();
                self.keep(&ending, 0, None);
                if self.hidden.len() > known {
                    let letters: Vec<char> = ending.chars().collect();
                    let kept = self.hidden.iter_mut().filter(|hidden| hidden.letters == letters);
                    kept.for_each(|hidden| hidden.ending = true);
                }
            }
        }
    }

    /// Hides each word of a name by itself.
    pub fn hide_name(&mut self, name: &str) {
        for word in
            name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 1)
        {
            self.keep(word, 0, None);
        }
    }

    /// Hides what is known of a visitor.
    pub fn hide_visitor(&mut self, knowledge: &Knowledge) {
        /// What says nothing about who it is.
        const OPEN: &[&str] = &["language", "locale", "country", "timezone", "zone"];
        let Value::Map(known) = &knowledge.visitor else { return };
        for (name, value) in known.iter().filter(|(name, _)| !OPEN.contains(&name.as_str())) {
            self.hide_personal_value(value);
            self.hide_names(name, value);
        }
    }

    fn hide_names(&mut self, name: &str, value: &Value) {
        match value {
            Value::Text(text) if !self.knows(text) && name.contains("name") => self.hide_name(text),
            Value::Text(text) if !self.knows(text) => self.hide_whole(text),
            Value::List(list) => list.iter().for_each(|value| self.hide_names(name, value)),
            Value::Map(map) => map.iter().for_each(|(name, value)| self.hide_names(name, value)),
            _ => {}
        }
    }

    /// Hides the e-mail addresses, telephone, card and account numbers in a text.
    pub fn hide_personal(&mut self, text: &str) {
        static EMAIL: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+").ok());
        static IBAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b").ok()
        });
        static NUMBER: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\+?\(?\d(?:[ ()/.-]{0,2}\d){6,18}").ok());
        static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})").ok()
        });
        let found = |regex: &Option<Regex>, text: &str| -> Vec<String> {
            regex
                .iter()
                .flat_map(|regex| regex.find_iter(text))
                .map(|found| found.as_str().to_string())
                .collect()
        };
        for email in found(&EMAIL, text) {
            if !self.knows(&email) {
                self.emails += 1;
                let whole = format!("person{}@example.com", self.emails);
                self.keep(&email, 0, Some(whole));
            }
        }
        for iban in found(&IBAN, text) {
            // Two letters for the country; and a word of letters only is none.
            if iban.chars().filter(char::is_ascii_digit).count() >= 8 {
                self.keep(&iban, 2, None);
            }
        }
        for number in found(&NUMBER, text) {
            let digits = number.chars().filter(char::is_ascii_digit).count();
            let is_day = DAY.as_ref().is_some_and(|day| day.is_match(&number));
            let is_phone = number.starts_with(['+', '0', '(']) || digits >= 9;
            if is_day || !is_phone {
                continue;
            }
            // A telephone number stays one of the same country.
            let kept = match number.as_bytes() {
                [b'+', ..] => 3,
                [b'0', b'0', ..] => 4,
                [b'0', ..] => 2,
                _ => 0,
            };
            self.keep(&number, kept, None);
        }
    }

    /// The same for everything in a value.
    pub fn hide_personal_value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.hide_personal(text),
            // A long number; shorter ones are moments and counts more often than cards.
            Value::Whole(number) if number.unsigned_abs() >= 10_u64.pow(14) => {
                self.hide_whole(&number.to_string());
            }
            Value::List(list) => list.iter().for_each(|value| self.hide_personal_value(value)),
            Value::Map(map) => map.iter().for_each(|(name, value)| {
                self.hide_personal(name);
                self.hide_personal_value(value);
            }),
            _ => {}
        }
    }

    fn knows(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().map(small).collect();
        self.hidden.iter().any(|hidden| hidden.letters == letters)
    }

    /// Keeps a text to be hidden; its first letters may stay. One without letters and digits says nothing.
    fn keep(&mut self, text: &str, stays: usize, whole: Option<String>) {
        let letters: Vec<char> = text.chars().map(small).collect();
        if !letters.iter().any(|letter| letter.is_alphanumeric())
            || self.hidden.iter().any(|hidden| hidden.letters == letters)
            || self.hidden.len() >= HIDDEN_MAX
        {
            return;
        }
        let number = self.hidden.len() as u64;
        // What a longer value holds of a shorter one that is hidden already is masked as that one is.
        let known: Vec<(usize, Vec<char>)> = self
            .hidden_in(&letters)
            .into_iter()
            .map(|(start, end, hidden)| {
                let mut mask = String::new();
                hidden.write(&letters[start..end], &mut mask);
                (start, mask.chars().collect())
            })
            .collect();
        let instead = (0..TRIES_MAX)
            .map(|attempt| shaped(&letters, stays, self.seed ^ (number << 16) ^ (attempt << 48)))
            .find(|instead| {
                *instead != letters && !self.hidden.iter().any(|hidden| holds(instead, &hidden.letters))
            })
            .unwrap_or_else(|| {
                letters.iter().map(|letter| if letter.is_alphanumeric() { 'x' } else { *letter }).collect()
            });
        let mut instead = instead;
        for (start, mask) in known {
            if let Some(part) = instead.get_mut(start..start + mask.len()) {
                part.copy_from_slice(&mask);
            }
        }
        let digits: Vec<char> = letters.iter().copied().filter(char::is_ascii_digit).collect();
        let grouped = digits.len() >= GROUPED_DIGITS_MIN
            && letters
                .iter()
                .all(|letter| letter.is_ascii_digit() || is_between_digits(*letter) || *letter == '+');
        let digits = if grouped { digits } else { Vec::new() };
        self.hidden.push(Hidden { letters, instead, whole, digits, ending: false });
        // The longest comes first: what holds another is replaced as a whole.
        self.hidden.sort_by_key(|hidden| std::cmp::Reverse(hidden.letters.len()));
    }

    /// A text with everything replaced that is hidden.
    pub fn text(&self, text: &str) -> String {
        if self.hidden.is_empty() {
            return text.to_string();
        }
        let letters: Vec<char> = text.chars().collect();
        let lower: Vec<char> = letters.iter().map(|letter| small(*letter)).collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (start, end, hidden) in self.hidden_in(&lower) {
            out.extend(&letters[at..start]);
            hidden.write(&letters[start..end], &mut out);
            at = end;
        }
        out.extend(&letters[at..]);
        out
    }

    /// Where something stands that is hidden, in small letters.
    fn hidden_in(&self, letters: &[char]) -> Vec<(usize, usize, &Hidden)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < letters.len() {
            match self.hidden.iter().find_map(|hidden| Some((hidden, hidden.stands(letters, at)?))) {
                Some((hidden, end)) => {
                    found.push((at, end, hidden));
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// The same for a value.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::Nothing | Value::Flag(_) => value.clone(),
            Value::Whole(_) | Value::Number(_) => {
                let written = value.to_string();
                let masked = self.text(&written);
                match masked == written {
                    true => value.clone(),
                    false => masked.parse().map_or(Value::Nothing, Value::Whole),
                }
            }
            Value::Text(text) => Value::text(self.text(text)),
            Value::List(list) => Value::list(list.iter().map(|value| self.value(value)).collect()),
            Value::Map(map) => {
                Value::map(map.iter().map(|(name, value)| (self.text(name), self.value(value))).collect())
            }
        }
    }

    /// The same for JSON.
    pub fn json(&self, json: &serde_json::Value) -> serde_json::Value {
        let masked = self.value(&Value::from(json.clone()));
        serde_json::to_value(masked).unwrap_or_default()
    }
}

impl Hidden {
    /// Where it ends, if it stands here.
    fn stands(&self, text: &[char], at: usize) -> Option<usize> {
        let end = at + self.letters.len();
        let here = text.get(at..end).is_some_and(|part| part == self.letters);
        let short = self.letters.len() < PART_LETTERS_MIN;
        if here && !(short && (is_inside(text, at) || is_inside(text, end))) {
            return Some(end);
        }
        self.grouped(text, at)
    }

    /// The same for a number whose digits are grouped in another way.
    fn grouped(&self, text: &[char], at: usize) -> Option<usize> {
        if self.digits.is_empty() || text[at] != self.digits[0] || !self.ending && is_inside(text, at) {
            return None;
        }
        let mut wanted = self.digits.iter();
        let mut last = at;
        let mut next = wanted.next();
        for (place, letter) in text.iter().enumerate().skip(at) {
            match next {
                Some(digit) if digit == letter => {
                    last = place;
                    next = wanted.next();
                }
                Some(_) if is_between_digits(*letter) => {}
                Some(_) => return None,
                None => break,
            }
        }
        (next.is_none() && !is_inside(text, last + 1)).then_some(last + 1)
    }

    /// Writes what stands in its place, with capitals where there were some.
    fn write(&self, found: &[char], out: &mut String) {
        if let Some(whole) = &self.whole {
            out.push_str(whole);
            return;
        }
        let same = found.len() == self.instead.len()
            && found.iter().zip(&self.letters).all(|(found, own)| small(*found) == *own);
        if same {
            out.extend(
                found
                    .iter()
                    .zip(&self.instead)
                    .map(|(found, new)| if found.is_uppercase() { new.to_ascii_uppercase() } else { *new }),
            );
            return;
        }
        let mut digits = self.instead.iter().filter(|letter| letter.is_ascii_digit());
        out.extend(found.iter().map(|letter| match letter.is_ascii_digit() {
            true => digits.next().copied().unwrap_or('0'),
            false => *letter,
        }));
    }
}

/// Whether a text holds another.
fn holds(text: &[char], part: &[char]) -> bool {
    text.windows(part.len().max(1)).any(|window| window == part)
}

/// Whether a word or number goes on over this place.
fn is_inside(text: &[char], at: usize) -> bool {
    let letter = |at: usize| text.get(at).is_some_and(|letter| letter.is_alphanumeric());
    at > 0 && letter(at - 1) && letter(at)
}

fn is_between_digits(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '/' | '.' | '(' | ')' | '\u{a0}')
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Letters and digits of the same shape: words that can be said, and numbers that do not begin with 0.
fn shaped(letters: &[char], stays: usize, seed: u64) -> Vec<char> {
    const CONSONANTS: &[u8] = b"bdfghklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let mut dice = seed;
    let mut roll = |sides: usize| {
        // splitmix64
        dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    };
    let mut out: Vec<char> = Vec::with_capacity(letters.len());
    let mut in_word = 0;
    for (place, letter) in letters.iter().enumerate() {
        let after_digit = out.last().is_some_and(char::is_ascii_digit);
        let new = match letter {
            _ if place < stays => *letter,
            '0' if !after_digit => '0',
            letter if letter.is_numeric() => char::from(b'1' + roll(9) as u8),
            letter if letter.is_alphabetic() => {
                let from = if in_word % 2 == 0 { CONSONANTS } else { VOWELS };
                char::from(from[roll(from.len())])
            }
            letter => *letter,
        };
        in_word = if letter.is_alphabetic() { in_word + 1 } else { 0 };
        out.push(new);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut mask = Mask::new("c");
        mask.hide_personal(text);
        mask.text(text)
    }

    #[test]
    fn personal_data_is_found_and_keeps_its_shape() {
        assert_eq!(masked("write to dana.smith@acme.co.uk!"), "write to person1@example.com!");
        for (text, shape) in [
            ("call +49 170 1234567 please", r"^call \+49 \d{3} \d{7} please$"),
            ("0170/1234567", r"^0\d{3}/\d{7}$"),
            ("card 4111 1111 1111 1111", r"^card \d{4} \d{4} \d{4} \d{4}$"),
            ("DE89 3704 0044 0532 0130 00", r"^DE\d{2}( \d{4}){4} \d{2}$"),
        ] {
            let out = masked(text);
            assert!(Regex::new(shape).unwrap().is_match(&out), "{out}");
            assert_ne!(out, text);
        }
        for text in ["A-12345", "on 2026-11-20", "on 20.11.2026 at 10:00", "4711", "12345678 pieces", "a@b"] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_value_has_one_mask_in_all_its_forms() {
        let mut mask = Mask::new("c");
        mask.hide(&Value::text("A-12345"));
        mask.hide(&Value::text("4111111111111111"));
        mask.hide_name("Dana O'Hara");
        let (upper, lower) = (mask.text("A-12345"), mask.text("a-12345"));
        assert_ne!(upper, "A-12345");
        assert_eq!(upper.to_lowercase(), lower);
        assert_eq!(mask.text("4111 1111 1111 1111").replace(' ', ""), mask.text("4111111111111111"));
        let name = mask.text("Dana");
        assert_eq!(
            mask.text("Hi Dana, DANA and Danas"),
            format!("Hi {name}, {} and {name}s", name.to_uppercase())
        );
        assert_eq!(Mask::new("c").text("Dana"), "Dana");
    }

    #[test]
    fn a_number_that_was_worked_out_has_the_mask_of_what_it_was_worked_out_of() {
        let mut mask = Mask::new("c");
        mask.hide_ending("call me on 020 7946 0123 at 3pm", "+442079460123");
        mask.hide(&Value::text("+442079460123"));
        let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let (said, kept) = (mask.text("on 020 7946 0123 at 3pm"), digits(mask.text("+442079460123")));
        assert!(said.starts_with("on 0") && said.ends_with(" at 3pm"), "{said}");
        assert_eq!(digits(said)[1..11], kept[2..]);
        assert_ne!(kept, "442079460123");
    }

    #[test]
    fn short_values_are_hidden_as_words_only() {
        let mut mask = Mask::new("c");
        mask.hide(&Value::Whole(42));
        assert_eq!(mask.text("A-420 and 142"), "A-420 and 142");
        assert_ne!(mask.text("I am 42."), "I am 42.");
        assert_ne!(mask.value(&Value::Whole(42)), Value::Whole(42));
    }
}
