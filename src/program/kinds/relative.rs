//! Days as seen from today: "tomorrow", "next Friday", "in 3 days", "end of the month".

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::calendar::{month, next, ordinal, weekday};
use super::here::{Here, Language};
use super::number::count;
use super::sentence::Sentence;

/// The day that is meant from this token on, and the token after it.
pub(super) fn at(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    // No such day begins with a sign.
    if sentence.sign(at).is_some() {
        return None;
    }
    match here.language() {
        Language::English => english(sentence, at, here),
        Language::German => german(sentence, at, here),
        Language::Other => None,
    }
}

const ENGLISH_DAYS: &[(&str, i32)] = &[
    ("the day after tomorrow", 2),
    ("day after tomorrow", 2),
    ("the day before yesterday", -2),
    ("day before yesterday", -2),
    ("today", 0),
    ("tonight", 0),
    ("this morning", 0),
    ("this afternoon", 0),
    ("this evening", 0),
    ("tomorrow", 1),
    ("tmrw", 1),
    ("yesterday", -1),
];

const GERMAN_DAYS: &[(&str, i32)] =
    &[("heute", 0), ("übermorgen", 2), ("uebermorgen", 2), ("vorgestern", -2), ("gestern", -1)];

fn english(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let today = here.today();
    for (words, days) in ENGLISH_DAYS {
        if let Some(end) = sentence.says(at, words) {
            return Some((end, today.checked_add(i64::from(*days).days()).ok()?));
        }
    }
    if let Some(from) = sentence.says(at, "in")
        && let Some((end, span)) = span(sentence, from, here)
    {
        return Some((end, today.checked_add(span).ok()?));
    }
    if let Some((end, span)) = span(sentence, at, here) {
        if let Some(end) = sentence.says(end, "ago") {
            return Some((end, today.checked_sub(span).ok()?));
        }
        let from = sentence.says(end, "from")?;
        return match sentence.says_one(from, &["now", "today"]) {
            Some(end) => Some((end, today.checked_add(span).ok()?)),
            None => {
                let end = sentence.says(from, "tomorrow")?;
                Some((end, today.tomorrow().ok()?.checked_add(span).ok()?))
            }
        };
    }
    let the = sentence.says(at, "the").unwrap_or(at);
    edge(sentence, the, here)
        .or_else(|| whole_weeks(sentence, at, here))
        .or_else(|| named(sentence, at, here))
        .or_else(|| day_of_month(sentence, at, here))
}

fn german(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let today = here.today();
    for (word, days) in GERMAN_DAYS {
        if let Some(end) = sentence.says(at, word) {
            // "heute in einer Woche"
            if let Some(from) = sentence.says(end, "in")
                && let Some((end, span)) = span(sentence, from, here)
            {
                return Some((end, today.checked_add(i64::from(*days).days()).ok()?.checked_add(span).ok()?));
            }
            return Some((end, today.checked_add(i64::from(*days).days()).ok()?));
        }
    }
    // "Guten Morgen" and "heute Morgen" speak of the morning.
    const MORNINGS: &[&str] =
        &["guten", "schönen", "am", "heute", "gestern", "jeden", "diesen", "den", "einen"];
    if sentence.is(at, &["morgen"]) {
        let of_the_day = at > 0 && weekday(sentence, at - 1, here).is_some();
        let morning = sentence.follows(at, MORNINGS) || of_the_day;
        return if morning { None } else { Some((at + 1, today.tomorrow().ok()?)) };
    }
    if let Some(from) = sentence.says(at, "in")
        && let Some((end, span)) = span(sentence, from, here)
    {
        return Some((end, today.checked_add(span).ok()?));
    }
    if let Some(from) = sentence.says(at, "vor")
        && let Some((end, span)) = span(sentence, from, here)
    {
        return Some((end, today.checked_sub(span).ok()?));
    }
    edge(sentence, at, here)
        .or_else(|| whole_weeks(sentence, at, here))
        .or_else(|| named(sentence, at, here))
        .or_else(|| day_of_month(sentence, at, here))
}

/// "3 days", "two weeks", "einem Monat"
fn span(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Span)> {
    let (end, number) = count(sentence, at, here)?;
    if number < 0 {
        return None;
    }
    let span = Span::new();
    let span = match (here.language(), sentence.word(end)) {
        (Language::English, "day" | "days" | "day's" | "days'")
        | (Language::German, "tag" | "tage" | "tagen") => span.try_days(number),
        (Language::English, "week" | "weeks" | "week's") | (Language::German, "woche" | "wochen") => {
            span.try_weeks(number)
        }
        (Language::English, "month" | "months" | "month's")
        | (Language::German, "monat" | "monate" | "monaten") => span.try_months(number),
        (Language::English, "year" | "years" | "year's")
        | (Language::German, "jahr" | "jahre" | "jahren") => span.try_years(number),
        _ => return None,
    };
    let end = sentence.says(end + 1, "time").unwrap_or(end + 1);
    Some((end, span.ok()?))
}

/// "end of the month", "beginning of next month", "end of December"
fn edge(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let today = here.today();
    let single: &[(&str, Date)] =
        &[("monatsende", today.last_of_month()), ("jahresende", today.last_of_year())];
    if here.language() == Language::German
        && let Some((_, date)) = single.iter().find(|(word, _)| sentence.is(at, &[word]))
    {
        return Some((at + 1, *date));
    }
    let (of, last) = match here.language() {
        Language::English => match sentence.says(at, "end of") {
            Some(of) => (of, true),
            None => (sentence.says_one(at, &["beginning of", "start of"])?, false),
        },
        _ => match sentence.says(at, "ende") {
            Some(of) => (of, true),
            None => (sentence.says(at, "anfang")?, false),
        },
    };
    let side = |date: Date| if last { date.last_of_month() } else { date.first_of_month() };
    let year_side = |date: Date| if last { date.last_of_year() } else { date.first_of_year() };
    if last
        && let Some(end) =
            sentence.says_one(of, &["the month", "this month", "month", "des monats", "diesen monats"])
    {
        return Some((end, side(today)));
    }
    if last
        && let Some(end) =
            sentence.says_one(of, &["the year", "this year", "year", "des jahres", "dieses jahres"])
    {
        return Some((end, year_side(today)));
    }
    let next_month = ["next month", "nächsten monats", "naechsten monats", "kommenden monats"];
    if let Some(end) = sentence.says_one(of, &next_month) {
        return Some((end, side(today.checked_add(1.month()).ok()?)));
    }
    if let Some(end) = sentence.says_one(of, &["next year", "nächsten jahres", "naechsten jahres"]) {
        return Some((end, year_side(today.checked_add(1.year()).ok()?)));
    }
    let (end, named) = month(sentence, of, here)?;
    // The month that is not over yet, or has not begun.
    let first = next(named.into(), 1, here)?;
    let running = today.month() == named && (last || today.day() == 1);
    Some((end, side(if running { today } else { first })))
}

/// "next week", "next month", "this weekend"
fn whole_weeks(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let today = here.today();
    let monday = next_monday(today)?;
    const WEEKS: &[&str] = &[
        "next week",
        "nächste woche",
        "naechste woche",
        "nächster woche",
        "kommende woche",
        "kommender woche",
    ];
    if let Some(end) = sentence.says_one(at, WEEKS) {
        let on = sentence.says_one(end, &["on", "am"]).unwrap_or(end);
        return match weekday(sentence, on, here) {
            Some((end, day)) => Some((end, in_week(monday, day)?)),
            None => Some((end, monday)),
        };
    }
    if let Some(end) =
        sentence.says_one(at, &["next month", "nächsten monat", "naechsten monat", "nächster monat"])
    {
        return Some((end, today.checked_add(1.month()).ok()?.first_of_month()));
    }
    if let Some(end) = sentence.says_one(at, &["next year", "nächstes jahr", "naechstes jahr"]) {
        return Some((end, today.checked_add(1.year()).ok()?.first_of_year()));
    }
    let next_weekend = ["next weekend", "nächstes wochenende", "naechstes wochenende", "nächsten wochenende"];
    if let Some(end) = sentence.says_one(at, &next_weekend) {
        return Some((end, in_week(monday, Weekday::Saturday)?));
    }
    let weekend =
        ["weekend", "the weekend", "this weekend", "wochenende", "dieses wochenende", "diesem wochenende"];
    let end = sentence.says_one(at, &weekend)?;
    Some((end, on_or_after(today, Weekday::Saturday)?))
}

/// "Friday", "this Friday", "next Friday", "last Friday", "Friday next week"
fn named(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    const THIS: &[&str] = &["this", "diesen", "diesem", "dieser"];
    const COMING: &[&str] = &["coming", "the coming", "this coming", "kommenden", "kommender", "kommendem"];
    const NEXT: &[&str] = &["next", "nächsten", "nächster", "nächstem", "naechsten", "naechster"];
    const LAST: &[&str] = &["last", "letzten", "letzter", "letztem", "vergangenen"];
    let today = here.today();
    let day_after = |words: &[&str]| {
        let end = sentence.says_one(at, words)?;
        weekday(sentence, end, here)
    };
    if let Some((end, day)) = day_after(COMING) {
        return Some((end, on_or_after(today.tomorrow().ok()?, day)?));
    }
    if let Some((end, day)) = day_after(THIS) {
        return Some((end, on_or_after(today, day)?));
    }
    if let Some((end, day)) = day_after(NEXT) {
        return Some((end, in_week(next_monday(today)?, day)?));
    }
    if let Some((end, day)) = day_after(LAST) {
        let yesterday = today.yesterday().ok()?;
        return Some((end, today.checked_sub((i64::from(day.until(yesterday.weekday())) + 1).days()).ok()?));
    }
    let (end, day) = weekday(sentence, at, here)?;
    let weeks = ["next week", "of next week", "nächste woche", "naechste woche", "nächster woche"];
    if let Some(end) = sentence.says_one(end, &weeks) {
        return Some((end, in_week(next_monday(today)?, day)?));
    }
    // Who means today says so: on a Friday, "Friday" is a week away.
    Some((end, on_or_after(today.tomorrow().ok()?, day)?))
}

/// "on the 24th", "am 24."
fn day_of_month(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    const BEFORE: &[&str] = &[
        "on the",
        "by the",
        "until the",
        "till the",
        "from the",
        "before the",
        "after the",
        "am",
        "bis zum",
        "ab dem",
    ];
    // What may follow; "on the 2nd floor" is no day.
    const BEHIND: &[&str] = &[
        "at", "around", "for", "please", "with", "and", "or", "in", "if", "to", "until", "till", "from",
        "we", "i", "um", "für", "bitte", "mit", "und", "oder", "ab", "bis", "gegen", "wir",
    ];
    let from = sentence.says_one(at, BEFORE)?;
    let (end, day) = ordinal(sentence, from, here)?;
    if !sentence.word(end).is_empty() && !sentence.is(end, BEHIND) {
        return None;
    }
    let today = here.today();
    let months = (0..=12).filter_map(|ahead: i64| today.first_of_month().checked_add(ahead.months()).ok());
    let date = months.filter_map(|first| first.with().day(day).build().ok()).find(|date| *date >= today)?;
    Some((end, date))
}

fn on_or_after(from: Date, day: Weekday) -> Option<Date> {
    from.checked_add(i64::from(from.weekday().until(day)).days()).ok()
}

fn next_monday(today: Date) -> Option<Date> {
    on_or_after(today.tomorrow().ok()?, Weekday::Monday)
}

fn in_week(monday: Date, day: Weekday) -> Option<Date> {
    monday.checked_add(i64::from(day.to_monday_zero_offset()).days()).ok()
}
