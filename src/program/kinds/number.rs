//! Numbers in digits: `4`, `-3.5`, `1.234,56`, `20 %`, `2 million`; those in words are handed on.

use std::ops::Range;

use super::here::Here;
use super::numerals;
use super::sentence::Sentence;

/// More digits are a card or an order, not a number somebody means.
const DIGITS_MAX: usize = 15;

/// All numbers, in order.
pub(super) fn all(sentence: &Sentence<'_>, here: &Here) -> Vec<(Range<usize>, f64)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        let number = written(sentence, at, here).or_else(|| spoken(sentence, at, here));
        at = match number {
            Some((end, number)) => {
                all.push((at..end, number));
                end
            }
            None => at + 1,
        };
    }
    all
}

/// A whole number of things: "3", "three", "a", "a couple of"; the token after it.
pub(super) fn count(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, i64)> {
    if let Some(number) = sentence.whole(at, 1..=5) {
        return (sentence.opens(at) && sentence.closes(at + 1)).then_some((at + 1, number));
    }
    if let Some((end, number)) = numerals::at(sentence, at, here.language()) {
        return (number.fract() == 0.0 && number.abs() < 1e6).then_some((end, number as i64));
    }
    numerals::article(sentence, at, here.language()).then_some((at + 1, 1))
}

fn spoken(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, f64)> {
    if !sentence.opens(at) {
        return None;
    }
    let (end, number) = match numerals::at(sentence, at, here.language()) {
        Some(found) => found,
        // "eine" is an article in any longer sentence.
        None if sentence.len() == 1 && numerals::article(sentence, at, here.language()) => (at + 1, 1.0),
        None => return None,
    };
    let end = percent(sentence, end);
    sentence.closes(end).then_some((end, number))
}

fn written(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, f64)> {
    let mut first = at;
    let negative = match sentence.sign(at) {
        Some(sign @ ('-' | '+')) => {
            first += 1;
            sign == '-'
        }
        _ => false,
    };
    // "#5" is number five.
    let opens = sentence.opens(at)
        || first == at && at > 0 && sentence.sign(at - 1) == Some('#') && sentence.opens(at - 1);
    if !opens || first > at && !sentence.glued(first) {
        return None;
    }
    let (mut end, mut number) = if sentence.sign(first) == Some('.') && sentence.glued(first + 1) {
        (first + 2, fraction("0", sentence.digits(first + 1))?)
    } else {
        grouped(sentence, first, here)?
    };
    if !sentence.glued(end)
        && let Some(scale) = numerals::scale(sentence.word(end), here.language())
    {
        number *= scale;
        end += 1;
    }
    let end = percent(sentence, end);
    (sentence.closes(end) && number.abs() < 1e15).then_some((end, if negative { -number } else { number }))
}

fn percent(sentence: &Sentence<'_>, at: usize) -> usize {
    match sentence.sign(at) {
        Some('%') => at + 1,
        _ => sentence.says_one(at, &["percent", "per cent", "prozent"]).unwrap_or(at),
    }
}

/// Digits with what separates them.
fn grouped(sentence: &Sentence<'_>, first: usize, here: &Here) -> Option<(usize, f64)> {
    let mut groups = vec![sentence.digits(first)];
    let mut separators = Vec::new();
    let mut at = first + 1;
    if groups[0].is_empty() {
        return None;
    }
    loop {
        let digits = sentence.digits(at + 1);
        match sentence.sign(at) {
            Some(sign @ ('.' | ',' | '\''))
                if sentence.glued(at) && sentence.glued(at + 1) && !digits.is_empty() =>
            {
                separators.push(sign);
                groups.push(digits);
                at += 2;
            }
            None if sentence.hard_space(at) && sentence.digits(at).len() == 3 => {
                separators.push(' ');
                groups.push(sentence.digits(at));
                at += 1;
            }
            _ => break,
        }
    }
    if groups.iter().map(|group| group.len()).sum::<usize>() > DIGITS_MAX {
        return None;
    }
    Some((at, read(&groups, &separators, here.decimal_point())?))
}

/// Which of the separators part thousands and which one is the decimal sign.
fn read(groups: &[&str], separators: &[char], decimal_point: bool) -> Option<f64> {
    let thousands = |groups: &[&str]| {
        groups.len() == 1
            || (1..=3).contains(&groups[0].len())
                && !groups[0].starts_with('0')
                && groups[1..].iter().all(|group| group.len() == 3)
    };
    let whole = |groups: &[&str]| thousands(groups).then(|| groups.concat());
    let decimal = |groups: &[&str]| {
        let (last, before) = groups.split_last()?;
        fraction(&whole(before)?, last)
    };
    let Some((last, before)) = separators.split_last() else { return groups.concat().parse().ok() };
    let same = |all: &[char]| all.windows(2).all(|pair| pair[0] == pair[1]);
    match last {
        _ if !before.is_empty() && same(separators) => whole(groups)?.parse().ok(),
        '.' | ',' if !before.is_empty() => {
            if same(before) {
                decimal(groups)
            } else {
                None
            }
        }
        _ if !before.is_empty() => None,
        '.' | ',' => {
            let is_decimal = (*last == '.') == decimal_point;
            // What cannot be thousands is a fraction, whatever the language: people write both.
            if is_decimal || !thousands(groups) { decimal(groups) } else { whole(groups)?.parse().ok() }
        }
        _ => whole(groups)?.parse().ok(),
    }
}

fn fraction(whole: &str, digits: &str) -> Option<f64> {
    if digits.is_empty() { None } else { format!("{whole}.{digits}").parse().ok() }
}
