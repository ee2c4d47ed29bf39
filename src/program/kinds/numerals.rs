//! Numbers in words: "twenty-one", "three hundred and five", "a dozen", "einundzwanzig".

use super::here::Language;
use super::sentence::Sentence;

const ENGLISH: &[(&str, i64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// As they stand in compounds; `ß` is `ss` in the normal form.
const GERMAN: &[(&str, i64)] = &[
    ("null", 0),
    ("eins", 1),
    ("zwei", 2),
    ("zwo", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("fuenf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("elf", 11),
    ("zwölf", 12),
    ("zwoelf", 12),
    ("sechzehn", 16),
    ("siebzehn", 17),
    ("zwanzig", 20),
    ("dreissig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
    ("fuenfzig", 50),
    ("sechzig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
    ("neunzig", 90),
];

/// Words before "one" that make it a pronoun.
const POINTING: &[&str] = &[
    "the", "this", "that", "which", "any", "every", "each", "no", "another", "other", "first", "second",
    "third", "last", "next", "previous", "right", "wrong", "same", "new", "old", "a",
];

/// The number in words that begins at a token, and the token after it.
pub(super) fn at(sentence: &Sentence<'_>, at: usize, language: Language) -> Option<(usize, f64)> {
    match language {
        Language::English => english(sentence, at),
        Language::German => german(sentence, at),
        Language::Other => None,
    }
}

/// Whether a word stands there that means one thing: "a", "eine".
pub(super) fn article(sentence: &Sentence<'_>, at: usize, language: Language) -> bool {
    match language {
        Language::English => sentence.is(at, &["a", "an"]) && sentence.len() > 1,
        Language::German => sentence.is(at, &["ein", "eine", "einen", "einem", "einer", "eines"]),
        Language::Other => false,
    }
}

/// What a word makes of the number before it: "2 million".
pub(super) fn scale(word: &str, language: Language) -> Option<f64> {
    match (language, word) {
        (Language::English, "hundred") => Some(1e2),
        (Language::English, "thousand") | (Language::German, "tausend") => Some(1e3),
        (Language::English, "million") | (Language::German, "million" | "millionen") => Some(1e6),
        (Language::English, "billion") | (Language::German, "milliarde" | "milliarden") => Some(1e9),
        (Language::English, "dozen") | (Language::German, "dutzend") => Some(12.0),
        _ => None,
    }
}

fn english(sentence: &Sentence<'_>, start: usize) -> Option<(usize, f64)> {
    if sentence.is(start, &["minus", "negative"]) {
        return positive(sentence, start + 1).map(|(end, number)| (end, -number));
    }
    positive(sentence, start)
}

fn positive(sentence: &Sentence<'_>, start: usize) -> Option<(usize, f64)> {
    const FIXED: &[(&str, f64)] =
        &[("a couple of", 2.0), ("a pair of", 2.0), ("half a dozen", 6.0), ("a half dozen", 6.0)];
    for (words, number) in FIXED {
        if let Some(end) = sentence.says(start, words) {
            return Some((end, *number));
        }
    }
    let (mut sum, mut group, mut scale_before) = (0.0, None, f64::INFINITY);
    let mut at = start;
    // "a hundred": the article counts only before what it multiplies.
    if sentence.is(at, &["a"]) && scale(sentence.word(at + 1), Language::English).is_some() {
        group = Some(1);
        at += 1;
    } else if sentence.is(at, &["one"])
        && (sentence.follows(at, POINTING) || sentence.says(at + 1, "of").is_some())
    {
        return None;
    }
    let mut small_may_follow = group.is_none();
    loop {
        let word = sentence.word(at);
        if small_may_follow && let Some((end, small)) = english_small(sentence, at) {
            group = Some(group.unwrap_or(0) + small);
            at = end;
            small_may_follow = false;
        } else if word == "hundred" && group.is_some_and(|group| (1..100).contains(&group)) {
            group = group.map(|group| group * 100);
            at += 1;
            small_may_follow = true;
        } else if let Some(factor) = scale(word, Language::English)
            && word != "hundred"
            && factor < scale_before
            && let Some(times) = group
        {
            sum += times as f64 * factor;
            group = None;
            scale_before = factor;
            at += 1;
            // Nothing is added to a dozen.
            small_may_follow = word != "dozen";
        } else if word == "and" && small_may_follow && at > start && english_small(sentence, at + 1).is_some()
        {
            at += 1;
        } else {
            break;
        }
    }
    if at == start || group.is_none() && sum == 0.0 {
        return None;
    }
    let mut number = sum + group.unwrap_or(0) as f64;
    if let Some(end) = sentence.says(at, "and a half") {
        return Some((end, number + 0.5));
    }
    if sentence.is(at, &["point"]) {
        let mut digits = String::new();
        while digits.len() < 6
            && let Some((_, digit @ 0..=9)) =
                ENGLISH.iter().find(|(word, _)| *word == sentence.word(at + 1 + digits.len()))
        {
            digits.push_str(&digit.to_string());
        }
        if let Ok(fraction) = format!("0.{digits}0").parse::<f64>() {
            number += fraction;
            at += if digits.is_empty() { 0 } else { 1 + digits.len() };
        }
    }
    Some((at, number))
}

/// Up to ninety-nine.
fn english_small(sentence: &Sentence<'_>, at: usize) -> Option<(usize, i64)> {
    let look = |at: usize| {
        let word = sentence.word(at);
        ENGLISH.iter().find(|(name, _)| *name == word).map(|(_, number)| *number)
    };
    let first = look(at)?;
    if first < 20 {
        return Some((at + 1, first));
    }
    let unit = if sentence.glued_sign(at + 1, '-') && sentence.glued(at + 2) { at + 2 } else { at + 1 };
    match look(unit) {
        Some(second @ 1..=9) => Some((unit + 1, first + second)),
        _ => Some((at + 1, first)),
    }
}

fn german(sentence: &Sentence<'_>, start: usize) -> Option<(usize, f64)> {
    if sentence.is(start, &["minus"]) {
        return german(sentence, start + 1)
            .filter(|(_, number)| *number >= 0.0)
            .map(|(end, number)| (end, -number));
    }
    if let Some(end) = sentence.says(start, "ein halbes dutzend") {
        return Some((end, 6.0));
    }
    let word = sentence.word(start);
    let number = match word {
        "anderthalb" | "eineinhalb" => return Some((start + 1, 1.5)),
        _ => match word.strip_suffix("einhalb").and_then(german_whole) {
            Some(whole) => return Some((start + 1, whole as f64 + 0.5)),
            None => german_whole(word),
        },
    };
    let times = number.or_else(|| article(sentence, start, Language::German).then_some(1));
    if let Some(factor) = scale(sentence.word(start + 1), Language::German)
        && let Some(times) = times
    {
        return Some((start + 2, times as f64 * factor));
    }
    if sentence.is(start + 1, &["komma"])
        && let Some(whole) = number
        && let Some(digit @ 0..=9) = german_whole(sentence.word(start + 2))
    {
        return Some((start + 3, whole as f64 + digit as f64 / 10.0));
    }
    number.map(|number| (start + 1, number as f64))
}

/// A German number in one word, below a million.
pub(super) fn german_whole(word: &str) -> Option<i64> {
    // The longest has about sixty letters.
    if word.is_empty() || word.len() > 100 {
        return None;
    }
    match word.split_once("tausend") {
        Some((before, after)) => {
            Some(1000 * factor(before, german_hundreds)? + rest(after, german_hundreds)?)
        }
        None => german_hundreds(word),
    }
}

fn german_hundreds(word: &str) -> Option<i64> {
    match word.split_once("hundert") {
        Some((before, after)) => Some(100 * factor(before, german_small)? + rest(after, german_small)?),
        None => german_small(word),
    }
}

fn german_small(word: &str) -> Option<i64> {
    let look = |word: &str| GERMAN.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    if let Some(number) = look(word) {
        return Some(number);
    }
    if let Some(unit @ 3..=9) = word.strip_suffix("zehn").and_then(look) {
        return Some(unit + 10);
    }
    let (unit, ten) = word.split_once("und")?;
    let unit = if unit == "ein" { 1 } else { look(unit).filter(|unit| (2..10).contains(unit))? };
    Some(unit + look(ten).filter(|ten| ten % 10 == 0 && *ten >= 20)?)
}

fn factor(word: &str, read: impl Fn(&str) -> Option<i64>) -> Option<i64> {
    match word {
        "" | "ein" => Some(1),
        _ => read(word),
    }
}

fn rest(word: &str, read: impl Fn(&str) -> Option<i64>) -> Option<i64> {
    match word {
        "" => Some(0),
        _ => read(word).or_else(|| read(word.strip_prefix("und")?)),
    }
}
