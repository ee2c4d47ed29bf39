//! Times of day: `14:30`, "2pm", "half past two", "at 5", "14 Uhr 30", "halb drei".

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Time;

use super::here::{Here, Language};
use super::number::count;
use super::sentence::Sentence;

/// Words before a bare hour that make it a time.
const AT: &[&str] = &["at", "at around", "at about", "um", "gegen"];

/// All times, in order.
pub(super) fn all(sentence: &Sentence<'_>, here: &Here) -> Vec<(Range<usize>, Time)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        let found = soon(sentence, at, here).or_else(|| {
            let (end, hour, minute) = reading(sentence, at, here)?;
            let (end, hour) = part_of_day(sentence, at, end, hour, here);
            let hour = if hour == 24 && minute == 0 { 0 } else { hour };
            Some((end, Time::new(hour, minute, 0, 0).ok()?))
        });
        at = match found {
            Some((end, time)) if end > at => {
                all.push((at..end, time));
                end
            }
            _ => at + 1,
        };
    }
    all
}

/// Token after, hour, minute.
type Reading = Option<(usize, i8, i8)>;

fn reading(sentence: &Sentence<'_>, at: usize, here: &Here) -> Reading {
    let named = match here.language() {
        Language::English => english(sentence, at, here),
        Language::German => german(sentence, at, here),
        Language::Other => None,
    };
    named.or_else(|| clock(sentence, at, here)).or_else(|| said_at(sentence, at, here))
}

/// `14:30`, `2:30 pm`, `2pm`, `14h30`, `14.30 Uhr`, `14 Uhr`
fn clock(sentence: &Sentence<'_>, at: usize, here: &Here) -> Reading {
    let hour = sentence.whole(at, 1..=2).filter(|hour| *hour <= 24)? as i8;
    if !begins(sentence, at) {
        return None;
    }
    let minute = |part: usize| {
        let minute = sentence.whole(part, 2..=2).filter(|minute| *minute < 60 && sentence.glued(part))?;
        Some(minute as i8)
    };
    let colon = sentence.glued_sign(at + 1, ':');
    if (colon || sentence.glued_sign(at + 1, '.'))
        && let Some(minute) = minute(at + 2)
    {
        let mut end = at + 3;
        if colon && sentence.glued_sign(end, ':') {
            // Seconds, and parts of them, are nobody's appointment.
            sentence.whole(end + 1, 2..=2).filter(|_| sentence.glued(end + 1))?;
            end += 2;
            if sentence.glued_sign(end, '.')
                && sentence.glued(end + 1)
                && !sentence.digits(end + 1).is_empty()
            {
                end += 2;
            }
        }
        if let Some((end, hour)) = half_of_day(sentence, end, hour, here) {
            return Some((end, hour, minute));
        }
        if !sentence.glued(end)
            && here.language() == Language::German
            && let Some(end) = sentence.says(end, "uhr")
        {
            return Some((end, hour, minute));
        }
        let said = at > 0 && sentence.is(at - 1, &["at", "um", "gegen"]);
        return ((colon || said) && ends(sentence, end)).then_some((end, hour, minute));
    }
    if sentence.glued(at + 1) && sentence.is(at + 1, &["h"]) {
        let minute = minute(at + 2)?;
        return ends(sentence, at + 3).then_some((at + 3, hour, minute));
    }
    if let Some((end, hour)) = half_of_day(sentence, at + 1, hour, here) {
        return Some((end, hour, 0));
    }
    None
}

/// "am" and "pm", and the hour they make of the one before.
fn half_of_day(sentence: &Sentence<'_>, at: usize, hour: i8, here: &Here) -> Option<(usize, i8)> {
    // In German "am" is a preposition.
    if here.language() == Language::German {
        return None;
    }
    let (end, after_noon) = if sentence.is(at, &["am", "pm"]) {
        (at + 1, sentence.word(at) == "pm")
    } else if sentence.is(at, &["a", "p"]) && sentence.glued_sign(at + 1, '.') && sentence.is(at + 2, &["m"])
    {
        (at + 3 + usize::from(sentence.glued_sign(at + 3, '.')), sentence.word(at) == "p")
    } else {
        return None;
    };
    match (hour, after_noon) {
        (12, false) => Some((end, 0)),
        (1..=11, true) => Some((end, hour + 12)),
        (1..=12, _) => Some((end, hour)),
        // "14:30 pm" says it twice.
        (13..=23, true) => Some((end, hour)),
        _ => None,
    }
}

/// "at 5", "um fünf"
fn said_at(sentence: &Sentence<'_>, at: usize, here: &Here) -> Reading {
    let from = AT.iter().rev().find_map(|words| sentence.says(at, words))?;
    if here.language() == Language::German && sentence.is(at, &["at"]) {
        return None;
    }
    let fuller = match here.language() {
        Language::English => english(sentence, from, here),
        Language::German => german(sentence, from, here),
        Language::Other => None,
    };
    if let Some(fuller) = fuller.or_else(|| clock(sentence, from, here)) {
        return Some(fuller);
    }
    let (end, hour) = hour(sentence, from, 24, here).filter(|_| !sentence.is(from, &["ein"]))?;
    // "at 5 Main Street", "um 5 Euro": what follows is counted or is an address.
    const COUNTED: &[&str] = &[
        "percent", "euro", "euros", "dollars", "dollar", "pounds", "people", "persons", "guests", "places",
        "street", "st", "avenue", "ave", "road", "rd", "main", "prozent", "personen", "leute", "days",
        "weeks", "tage",
    ];
    const CAPITAL: &[&str] = &["i", "uhr"];
    let name = sentence.is_capital(end)
        && !sentence.is(end, CAPITAL)
        && super::calendar::weekday(sentence, end, here).is_none()
        && super::calendar::month(sentence, end, here).is_none();
    let amount = matches!(sentence.sign(end), Some('%' | '€' | '$' | '£'));
    if name || amount || sentence.is(end, COUNTED) || !ends(sentence, end) {
        return None;
    }
    Some((end, hour, 0))
}

fn english(sentence: &Sentence<'_>, at: usize, here: &Here) -> Reading {
    const NAMED: &[(&str, i8)] = &[
        ("12 noon", 12),
        ("twelve noon", 12),
        ("noon", 12),
        ("midday", 12),
        ("12 midnight", 0),
        ("twelve midnight", 0),
        ("midnight", 0),
    ];
    for (words, hour) in NAMED {
        // "12 noon" begins with digits.
        let end = match words.strip_prefix("12 ") {
            Some(word) => sentence.says(at + 1, word).filter(|_| sentence.digits(at) == "12"),
            None => sentence.says(at, words),
        };
        if let Some(end) = end {
            return Some((end, *hour, 0));
        }
    }
    let (past, minutes) = if let Some(end) = sentence.says(at, "half") {
        (end, 30)
    } else if let Some(end) = sentence.says_one(at, &["a quarter", "quarter"]) {
        (end, 15)
    } else if let Some((end, minutes @ 1..=29)) = count(sentence, at, here) {
        if let Some((end, hour)) = oclock(sentence, at, here) {
            return Some((end, hour, 0));
        }
        // "8 in the evening" needs no "at".
        if sentence
            .says_one(end, &["in the morning", "in the afternoon", "in the evening", "at night"])
            .is_some()
            && let Some((end, hour @ 1..=12)) = hour(sentence, at, 12, here)
            && begins(sentence, at)
        {
            return Some((end, hour, 0));
        }
        match sentence.says_one(end, &["minutes", "minute"]) {
            Some(end) => (end, minutes),
            // "two to four" are people or hours; "ten past two" is a time.
            None if sentence.is(end, &["past"])
                || sentence.follows(at, &["at", "around", "about", "by", "until"]) =>
            {
                (end, minutes)
            }
            None => return None,
        }
    } else {
        return None;
    };
    if !begins(sentence, at) {
        return None;
    }
    if let Some(of) = sentence.says_one(past, &["past", "after"]) {
        let (end, hour) = hour(sentence, of, 23, here)?;
        return Some((end, hour, minutes as i8));
    }
    if let Some(of) = sentence.says_one(past, &["to", "before", "till"])
        && minutes < 30
    {
        let (end, hour) = hour(sentence, of, 23, here)?;
        return Some((end, before(hour), 60 - minutes as i8));
    }
    // "half two" is British for 2:30.
    let (end, hour) = hour(sentence, past, 12, here).filter(|_| minutes == 30)?;
    (ends(sentence, end) && sentence.word(end).is_empty()).then_some((end, hour, 30))
}

/// "2 o'clock"
fn oclock(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, i8)> {
    let (end, hour) = hour(sentence, at, 24, here)?;
    let end = sentence.says_one(end, &["o'clock", "oclock", "o clock"])?;
    Some((end, hour))
}

fn german(sentence: &Sentence<'_>, at: usize, here: &Here) -> Reading {
    match sentence.word(at) {
        "mittags" | "mittag" => return Some((at + 1, 12, 0)),
        "mitternacht" => return Some((at + 1, 0, 0)),
        "halb" => {
            let (end, hour) = hour(sentence, at + 1, 12, here)?;
            return Some((end, before(hour), 30));
        }
        "dreiviertel" => {
            let (end, hour) = hour(sentence, at + 1, 12, here)?;
            return Some((end, before(hour), 45));
        }
        _ => {}
    }
    // "14 Uhr 30", "zwei Uhr"
    if let Some((end, hour)) = hour(sentence, at, 24, here)
        && begins(sentence, at)
        && let Some(end) = sentence.says(end, "uhr")
    {
        return match count(sentence, end, here) {
            Some((after, minute @ 0..=59)) if sentence.digits(end).len() != 1 && ends(sentence, after) => {
                Some((after, hour, minute as i8))
            }
            _ => Some((end, hour, 0)),
        };
    }
    let (past, minutes) = match sentence.says(at, "viertel") {
        Some(end) => (end, 15),
        None => {
            let (end, minutes) =
                count(sentence, at, here).filter(|(_, minutes)| (1..30).contains(minutes))?;
            (sentence.says_one(end, &["minuten", "minute"]).unwrap_or(end), minutes)
        }
    };
    let (of, ahead) = match sentence.says(past, "nach") {
        Some(of) => (of, true),
        None => (sentence.says(past, "vor")?, false),
    };
    // "fünf vor halb drei"
    if let Some(half) = sentence.says(of, "halb") {
        let (end, hour) = hour(sentence, half, 12, here)?;
        let minutes = if ahead { 30 + minutes } else { 30 - minutes };
        return Some((end, before(hour), minutes as i8));
    }
    let (end, hour) = hour(sentence, of, 23, here)?;
    let end = sentence.says(end, "uhr").unwrap_or(end);
    if ahead { Some((end, hour, minutes as i8)) } else { Some((end, before(hour), 60 - minutes as i8)) }
}

/// "in two hours", "in half an hour": from now.
fn soon(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Time)> {
    let from = sentence.says(at, "in").filter(|_| here.language() != Language::Other)?;
    let halves = ["half an hour", "einer halben stunde"];
    let (end, span) = if let Some(end) = sentence.says_one(from, &halves) {
        (end, 30.minutes())
    } else {
        let (end, number) = count(sentence, from, here).filter(|(_, number)| (0..=1000).contains(number))?;
        match sentence.word(end) {
            "hour" | "hours" | "stunde" | "stunden" => (end + 1, number.hours()),
            "minute" | "minutes" | "minuten" => (end + 1, number.minutes()),
            _ => return None,
        }
    };
    let then = here.now().checked_add(span).ok()?;
    Some((end, Time::new(then.hour(), then.minute(), 0, 0).ok()?))
}

/// "in the afternoon" behind a time, or "this evening at" before it, moves it past noon.
fn part_of_day(sentence: &Sentence<'_>, at: usize, end: usize, hour: i8, here: &Here) -> (usize, i8) {
    if here.language() == Language::Other {
        return (end, hour);
    }
    let moved = |part: &str| match (part, hour) {
        ("afternoon" | "evening" | "tonight" | "nachmittag" | "nachmittags" | "abend" | "abends", 1..=11) => {
            hour + 12
        }
        ("night" | "nachts", 6..=11) => hour + 12,
        ("night" | "nachts" | "abends" | "tonight", 12) => 0,
        _ => hour,
    };
    const PARTS: &[&str] = &[
        "morning",
        "afternoon",
        "evening",
        "night",
        "tonight",
        "morgens",
        "vormittags",
        "nachmittag",
        "nachmittags",
        "abend",
        "abends",
        "nachts",
        "früh",
    ];
    let behind = sentence
        .says_one(end, &["in the", "at", "this", "tomorrow", "am", "heute", "morgen"])
        .filter(|part| sentence.is(*part, PARTS))
        .unwrap_or(end);
    if sentence.is(behind, PARTS) {
        // Only what says nothing else is part of the time: "tomorrow evening" is a day as well.
        let shared = sentence.is(end, &["tomorrow", "tonight", "this", "heute", "morgen"]);
        return (if shared { end } else { behind + 1 }, moved(sentence.word(behind)));
    }
    let mut before = at;
    while before > 0
        && (sentence.is(before - 1, &["at", "um", "gegen", "around", "about"])
            || sentence.sign(before - 1) == Some(','))
    {
        before -= 1;
        if at - before > 3 {
            break;
        }
    }
    if before > 0 && sentence.is(before - 1, PARTS) {
        return (end, moved(sentence.word(before - 1)));
    }
    (end, hour)
}

/// An hour in digits or words, up to a limit.
fn hour(sentence: &Sentence<'_>, at: usize, most: i64, here: &Here) -> Option<(usize, i8)> {
    if sentence.digits(at).len() > 2 || sentence.is(at, &["a", "an", "eine", "einen", "einer", "einem"]) {
        return None;
    }
    // "um ein Uhr"
    let (end, hour) = count(sentence, at, here)?;
    (0..=most).contains(&hour).then_some((end, hour as i8))
}

/// The hour before, on the same half of the clock.
fn before(hour: i8) -> i8 {
    match hour {
        0 => 23,
        1 => 12,
        _ => hour - 1,
    }
}

/// A time may stand behind a dash ("10:00-12:00") and behind the `T` of a timestamp.
fn begins(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(first) = at.checked_sub(2).filter(|_| sentence.glued(at)) else { return sentence.opens(at) };
    let digits = !sentence.digits(first).is_empty();
    let stamp = digits && sentence.is(at - 1, &["t"]) && sentence.glued(at - 1);
    let until = sentence.sign(at - 1) == Some('-') && (digits || sentence.is(first, &["am", "pm", "m"]));
    stamp || until || sentence.opens(at)
}

fn ends(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence.closes(at) || sentence.is(at, &["z"]) || matches!(sentence.sign(at), Some('-' | '+'))
}
