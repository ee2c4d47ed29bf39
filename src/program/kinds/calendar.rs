//! Names of months and days, ordinals, and days written out: `2026-12-24`, `24.12.`, `December 24th`.

use jiff::civil::{Date, Weekday};

use super::here::{Here, Language};
use super::numerals::german_whole;
use super::sentence::Sentence;

const ENGLISH_MONTHS: [&[&str]; 12] = [
    &["january", "jan"],
    &["february", "feb"],
    &["march", "mar"],
    &["april", "apr"],
    &["may"],
    &["june", "jun"],
    &["july", "jul"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct"],
    &["november", "nov"],
    &["december", "dec"],
];

const GERMAN_MONTHS: [&[&str]; 12] = [
    &["januar", "jänner", "jan"],
    &["februar", "feber", "feb"],
    &["märz", "maerz", "mär", "mrz"],
    &["april", "apr"],
    &["mai"],
    &["juni", "jun"],
    &["juli", "jul"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["oktober", "okt"],
    &["november", "nov"],
    &["dezember", "dez"],
];

/// From Monday on; names, then short forms, then short forms that are also other words.
const ENGLISH_DAYS: [[&[&str]; 2]; 7] = [
    [&["monday"], &["mon"]],
    [&["tuesday", "tues", "tue"], &[]],
    [&["wednesday"], &["wed"]],
    [&["thursday", "thurs", "thur", "thu"], &[]],
    [&["friday", "fri"], &[]],
    [&["saturday"], &["sat"]],
    [&["sunday"], &["sun"]],
];

const GERMAN_DAYS: [[&[&str]; 2]; 7] = [
    [&["montag"], &["mo"]],
    [&["dienstag"], &["di"]],
    [&["mittwoch"], &["mi"]],
    [&["donnerstag"], &["do"]],
    [&["freitag"], &["fr"]],
    [&["samstag", "sonnabend"], &["sa"]],
    [&["sonntag"], &["so"]],
];

/// Words before a day that make a short form one.
const BEFORE_DAYS: &[&str] = &[
    "on",
    "this",
    "next",
    "last",
    "coming",
    "by",
    "until",
    "till",
    "from",
    "am",
    "bis",
    "ab",
    "vom",
    "diesen",
    "nächsten",
    "naechsten",
    "kommenden",
    "letzten",
];

const ENGLISH_ORDINALS: [&str; 31] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "thirtieth",
    "",
];

/// The month of that name at a token; the token after it.
pub(super) fn month(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, i8)> {
    let names = match here.language() {
        Language::English => &ENGLISH_MONTHS,
        Language::German => &GERMAN_MONTHS,
        Language::Other => return None,
    };
    let word = sentence.word(at);
    let month = names.iter().position(|names| names.contains(&word))? as i8 + 1;
    // "Dec. 24"; a full stop at the end of a sentence is left alone.
    let dotted = sentence.glued_sign(at + 1, '.') && !sentence.digits(at + 2).is_empty();
    Some((at + 1 + usize::from(dotted), month))
}

/// The day of the week at a token; the token after it.
pub(super) fn weekday(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Weekday)> {
    let names = match here.language() {
        Language::English => &ENGLISH_DAYS,
        Language::German => &GERMAN_DAYS,
        Language::Other => return None,
    };
    let mut word = sentence.word(at);
    if here.language() == Language::German {
        const PARTS: &[&str] = &["nachmittag", "vormittag", "abend", "morgen", "mittag", "nacht"];
        word = PARTS
            .iter()
            .find_map(|part| word.strip_suffix(part))
            .filter(|day| day.ends_with('g'))
            .unwrap_or(word);
    }
    let alone = sentence.len() <= 2 && at == 0 && (sentence.len() == 1 || sentence.sign(1).is_some());
    let day = names.iter().position(|[sure, short]| {
        sure.contains(&word)
            || short.contains(&word)
                && (alone
                    || sentence.follows(at, BEFORE_DAYS)
                    || sentence.sign(at + 1).is_some_and(|sign| matches!(sign, '.' | ','))
                        && !sentence.digits(at + 2).is_empty())
    })?;
    let dotted = sentence.glued_sign(at + 1, '.') && !sentence.digits(at + 2).is_empty();
    Some((at + 1 + usize::from(dotted), Weekday::from_monday_zero_offset(day as i8).ok()?))
}

/// "24th", "24.", "twenty-fourth", "vierundzwanzigsten": surely a day of a month.
pub(super) fn ordinal(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, i8)> {
    if !sentence.opens(at) {
        return None;
    }
    if let Some(day @ 1..=31) = sentence.whole(at, 1..=2) {
        let day = day as i8;
        return match here.language() {
            Language::English if sentence.glued(at + 1) && sentence.is(at + 1, &["st", "nd", "rd", "th"]) => {
                Some((at + 2, day))
            }
            Language::German if sentence.glued_sign(at + 1, '.') && sentence.closes(at + 1) => {
                Some((at + 2, day))
            }
            _ => None,
        };
    }
    let word = sentence.word(at);
    if word.is_empty() {
        return None;
    }
    let look = |word: &str| ENGLISH_ORDINALS.iter().position(|name| *name == word).map(|day| day as i8 + 1);
    match here.language() {
        Language::English => match look(word) {
            Some(day) => Some((at + 1, day)),
            None => {
                let ten = match word {
                    "twenty" => 20,
                    "thirty" => 30,
                    _ => return None,
                };
                let next = at + 1 + usize::from(sentence.glued_sign(at + 1, '-'));
                look(sentence.word(next))
                    .filter(|unit| *unit < 10 && ten + unit <= 31)
                    .map(|unit| (next + 1, ten + unit))
            }
        },
        Language::German => {
            let stem = ["en", "er", "e"].iter().find_map(|ending| word.strip_suffix(ending))?;
            let day = match stem {
                "erst" => 1,
                "dritt" => 3,
                "siebt" => 7,
                "acht" => 8,
                _ => match stem.strip_suffix("st").and_then(german_whole) {
                    Some(day @ 20..=31) => day,
                    _ => stem.strip_suffix('t').and_then(german_whole).filter(|day| (2..20).contains(day))?,
                },
            };
            Some((at + 1, day as i8))
        }
        Language::Other => None,
    }
}

/// A day with its month, however it is written; the token after it.
pub(super) fn written(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let parts = [year_first, numeric, day_month, month_day];
    parts.into_iter().find_map(|read| read(sentence, at, here))
}

/// `2026-12-24`, with or without a time behind it.
fn year_first(sentence: &Sentence<'_>, at: usize, _: &Here) -> Option<(usize, Date)> {
    let year = sentence.whole(at, 4..=4)?;
    let sign = sentence.sign(at + 1).filter(|sign| matches!(sign, '-' | '/' | '.'))?;
    let month = sentence.whole(at + 2, 1..=2)?;
    let day = sentence.whole(at + 4, 1..=2)?;
    let glued = (at + 1..at + 5).all(|part| sentence.glued(part)) && sentence.sign(at + 3) == Some(sign);
    let timed = sentence.glued(at + 5) && sentence.is(at + 5, &["t"]) && sentence.glued(at + 6);
    if !glued || !sentence.opens(at) || !(sentence.closes(at + 5) || timed) {
        return None;
    }
    Some((at + 5, date(year, month, day)?))
}

/// `24.12.2026`, `24.12.`, `12/24/2026`, `24/12`
fn numeric(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let first = sentence.whole(at, 1..=2)?;
    let sign = sentence.sign(at + 1).filter(|sign| matches!(sign, '-' | '/' | '.'))?;
    let second = sentence.whole(at + 2, 1..=2)?;
    let near = |part: usize| sentence.glued(part) || sign == '.' && here.language() != Language::English;
    if !sentence.opens(at) || !sentence.glued(at + 1) || !near(at + 2) {
        return None;
    }
    let month_first = here.month_first() && sign != '.';
    if sentence.glued_sign(at + 3, sign)
        && near(at + 4)
        && let Some(year) = sentence.whole(at + 4, 4..=4).or_else(|| sentence.whole(at + 4, 2..=2))
        && sentence.closes(at + 5)
    {
        let year = if sentence.digits(at + 4).len() == 2 { century(year, here) } else { year };
        return Some((at + 5, either(first, second, month_first, |month, day| date(year, month, day))?));
    }
    // Without a year less is certain: "1.2" and "24/7" are something else.
    let end = match sign {
        '/' if sentence.closes(at + 3) && (first, second) != (24, 7) => at + 3,
        '.' if here.language() != Language::English
            && sentence.glued_sign(at + 3, '.')
            && sentence.closes(at + 3) =>
        {
            at + 4
        }
        '.' if here.language() == Language::German
            && sentence.glued(at + 2)
            && sentence.closes(at + 3)
            && sentence.follows(at, &["am", "vom", "bis", "zum", "den", "dem", "ab"]) =>
        {
            at + 3
        }
        _ => return None,
    };
    Some((end, either(first, second, month_first, |month, day| next(month, day, here))?))
}

/// `24 Dec`, `the 24th of December 2026`, `24. Dezember`
fn day_month(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let start = sentence.says(at, "the").unwrap_or(at);
    let (end, day) = match ordinal(sentence, start, here) {
        Some(found) => found,
        None => {
            let day = sentence.whole(start, 1..=2).filter(|_| sentence.opens(start))?;
            (start + 1, day as i8)
        }
    };
    let end = sentence.says(end, "of").unwrap_or(end);
    let end = if sentence.glued_sign(end, '-') { end + 1 } else { end };
    let (end, month) = month(sentence, end, here)?;
    let end =
        if sentence.glued_sign(end, '-') && sentence.whole(end + 1, 4..=4).is_some() { end + 1 } else { end };
    with_year(sentence, end, month.into(), day.into(), here)
}

/// `December 24th, 2026`, `Dec 24`
fn month_day(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    if here.language() != Language::English {
        return None;
    }
    let (end, month) = month(sentence, at, here)?;
    let end = sentence.says(end, "the").unwrap_or(end);
    let (end, day) = match ordinal(sentence, end, here) {
        Some(found) => found,
        None => {
            let day = sentence
                .whole(end, 1..=2)
                .filter(|_| !sentence.glued(end) || sentence.sign(end - 1) == Some('.'));
            (end + 1, day.filter(|_| sentence.closes(end + 1))? as i8)
        }
    };
    with_year(sentence, end, month.into(), day.into(), here)
}

fn with_year(
    sentence: &Sentence<'_>,
    end: usize,
    month: i64,
    day: i64,
    here: &Here,
) -> Option<(usize, Date)> {
    let at = if sentence.sign(end) == Some(',') { end + 1 } else { end };
    match sentence.whole(at, 4..=4) {
        Some(year @ 1900..=2199) if sentence.closes(at + 1) => Some((at + 1, date(year, month, day)?)),
        _ => Some((end, next(month, day, here)?)),
    }
}

/// Either way round: what cannot be a month is the day.
fn either(
    first: i64,
    second: i64,
    month_first: bool,
    read: impl Fn(i64, i64) -> Option<Date>,
) -> Option<Date> {
    let (month, day) = if month_first { (first, second) } else { (second, first) };
    if month > 12 { read(day, month) } else { read(month, day) }
}

/// The year of two digits that lies less than eighty years back and at most twenty ahead.
fn century(year: i64, here: &Here) -> i64 {
    let latest = i64::from(here.today().year()) + 20;
    latest - (latest - year).rem_euclid(100)
}

/// The next such day, today included; a 29th of February may be years away.
pub(super) fn next(month: i64, day: i64, here: &Here) -> Option<Date> {
    let year = i64::from(here.today().year());
    (year..=year + 8).filter_map(|year| date(year, month, day)).find(|date| *date >= here.today())
}

/// The day, if there is one.
pub(super) fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}
