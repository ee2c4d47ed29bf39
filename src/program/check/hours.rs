//! Opening hours: days, dates, times and zones that can be read.

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::syntax::Value;
use crate::program::check::settings::is_zone;
use crate::program::survey::Survey;

/// The days of the week, as written.
pub const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Looks at every line of opening hours in a file; and at the events of `on` dialogs, which speak of time as well.
pub(in crate::program) fn check(survey: &Survey<'_>, source: &str, file: FileId, out: &mut Vec<Finding>) {
    for (hours, _) in &survey.hours {
        for line in hours.block.items() {
            if let Err((range, message, help)) = read(&line.text) {
                let start = line.span.start as usize;
                let span = Span::new(start + range.start, start + range.end);
                debug_assert!(source.is_char_boundary(span.start as usize));
                out.push(Finding::new(Slug::UnusableHours, file, span, message).help(help));
            }
        }
        let zones: Vec<&Value> = hours.block.items().filter(|line| line.text.starts_with("zone")).collect();
        if let [first, second, ..] = zones.as_slice() {
            out.push(
                Finding::new(Slug::DuplicateSetting, file, second.span, "`zone` is set twice")
                    .related(file, first.span, "the first one")
                    .help("keep one of the two lines"),
            );
        }
    }
    events(survey, file, out);
}

type Trouble = (std::ops::Range<usize>, String, String);

/// `zone Europe/Berlin`, `mon-fri 08:00-12:00, 13:00-17:00`, `sat,sun closed`, `2026-12-25 closed`
fn read(line: &str) -> Result<(), Trouble> {
    let first_end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (first, rest) = line.split_at(first_end);
    let offset = first_end + (rest.len() - rest.trim_start().len());
    let rest = rest.trim();
    let place = offset..offset + rest.len();
    if first == "zone" {
        return match is_zone(rest) {
            true => Ok(()),
            false => Err((
                place,
                format!("`{rest}` is no time zone"),
                "write a place of the time zone database: `zone Europe/Berlin`, or `zone UTC`".to_string(),
            )),
        };
    }
    let times_begin = line.find(|letter: char| letter.is_ascii_digit()).filter(|at| *at > first_end);
    let spaced = first.ends_with([',', '-']) || rest.starts_with([',', '-']);
    if let Some(at) =
        times_begin.filter(|_| spaced && !first.starts_with(|letter: char| letter.is_ascii_digit()))
    {
        let together: String = line[..at].chars().filter(|letter| !letter.is_whitespace()).collect();
        return Err((
            0..line[..at].trim_end().len(),
            "days stand together, without spaces".to_string(),
            format!("write `{together} {}`", &line[at..]),
        ));
    }
    if matches!(line, "24/7" | "always" | "daily") {
        return Err((
            0..line.len(),
            format!("`{line}` is no day"),
            "for each hour of the week write `mon-sun 00:00-24:00`".to_string(),
        ));
    }
    days(first)?;
    if rest.is_empty() {
        return Err((
            0..line.len(),
            format!("`{first}` has no times"),
            "write `mon-fri 08:00-17:00` or `sun closed`".to_string(),
        ));
    }
    if rest == "closed" {
        return Ok(());
    }
    if rest.eq_ignore_ascii_case("closed") {
        return Err((
            place,
            format!("`{rest}` are no opening times"),
            "write it small: `closed`".to_string(),
        ));
    }
    for piece in rest.split(',') {
        let at = offset
            + (piece.as_ptr() as usize - rest.as_ptr() as usize)
            + (piece.len() - piece.trim_start().len());
        let piece = piece.trim();
        span_of_day(piece).map_err(|(message, help)| (at..at + piece.len(), message, help))?;
    }
    Ok(())
}

/// Days, ranges of days, or a date.
fn days(text: &str) -> Result<(), Trouble> {
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return match is_date(text) {
            true => Ok(()),
            false => Err((
                0..text.len(),
                format!("`{text}` is no date"),
                "write year, month and day: `2026-12-25 closed`".to_string(),
            )),
        };
    }
    let mut at = 0;
    for part in text.split(',') {
        if part.split('-').count() > 2 {
            return Err((
                at..at + part.len(),
                format!("`{part}` has more than two ends"),
                "write the first and the last day, or the days one by one: `mon,wed,fri`".to_string(),
            ));
        }
        for day in part.split('-') {
            if !DAYS.contains(&day) {
                let known = DAYS.iter().copied().chain(["zone"]);
                let lower = day.to_lowercase();
                let long = DAYS.iter().find(|known| lower.starts_with(**known)).copied();
                let help = long
                    .map(|day| format!("did you mean `{day}`?"))
                    .or_else(|| english::did_you_mean(day, known))
                    .unwrap_or_else(|| {
                        format!(
                            "the days are {}; or write a date such as `2026-12-25`",
                            english::list(DAYS, "and")
                        )
                    });
                return Err((at..at + day.len(), format!("`{day}` is no day"), help));
            }
            at += day.len() + 1;
        }
    }
    Ok(())
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(())
            .and_then(|()| (text.len() == digits).then(|| text.parse::<u32>().ok())?)
    };
    match (number(year, 4), number(month, 2), number(day, 2)) {
        (Some(year), Some(month @ 1..=12), Some(day @ 1..)) => {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u32::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day <= days
        }
        _ => false,
    }
}

fn span_of_day(text: &str) -> Result<(), (String, String)> {
    let help = "write two times of 24 hours with a `-` between them: `08:00-17:00`, or `closed`".to_string();
    let Some((from, to)) = text.split_once('-') else {
        return Err((format!("`{text}` are no opening times"), help));
    };
    match (minutes(from.trim()), minutes(to.trim())) {
        (Some(from), Some(to)) if from < to => Ok(()),
        (Some(_), Some(_)) => Err((
            format!("`{text}` ends before it begins"),
            "for hours past midnight write two lines: `fri 20:00-24:00` and `sat 00:00-02:00`".to_string(),
        )),
        _ => match (two_digits(from.trim()), two_digits(to.trim())) {
            (Some(from), Some(to)) => {
                let with = "write hours and minutes with two digits each".to_string();
                Err((format!("`{text}` are no opening times"), format!("{with}: `{from}-{to}`")))
            }
            _ => Err((format!("`{text}` are no opening times"), help)),
        },
    }
}

/// `9:00`, `9`, `9am` and `5:30 pm` as `09:00`, `09:00`, `09:00` and `17:30`, if it can be told what is meant.
fn two_digits(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock.trim(), Some(0)),
        (_, Some(clock)) => (clock.trim(), Some(12)),
        _ => (lower.as_str(), None),
    };
    let (hours, minutes) = clock.split_once([':', '.']).unwrap_or((clock, "00"));
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let hours = match half {
        Some(half) => (1..=12).contains(&hours).then_some(hours % 12 + half)?,
        None => hours,
    };
    let text = format!("{hours:02}:{minutes:02}");
    self::minutes(&text).map(|_| text)
}

/// Minutes since midnight, of `08:00`; `24:00` ends a day.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60 || hours == 24 && minutes == 0).then_some(hours * 60 + minutes)
}

fn events(survey: &Survey<'_>, file: FileId, out: &mut Vec<Finding>) {
    use crate::language::{syntax::DialogKind, words};
    for (dialog, _) in &survey.dialogs {
        let DialogKind::On(event) = &dialog.kind else { continue };
        if !words::EVENTS.contains(&event.name.as_str()) {
            let finding = Finding::new(
                Slug::UnknownEvent,
                file,
                event.span,
                format!("there is no event `{}`", event.name),
            );
            let meant = match event.name.as_str() {
                "begin" | "open" | "welcome" => Some("start"),
                "idle" | "inactivity" | "timeout" | "no answer" => Some("silence"),
                "upload" | "file upload" | "file uploaded" | "file sent" => Some("file received"),
                "login" | "log in" | "sign in" | "authenticated" => Some("step up"),
                "expired" | "session end" | "session ended" => Some("session expired"),
                name => english::nearest(name, words::EVENTS.iter().copied()),
            };
            out.push(match meant {
                Some(nearest) => finding
                    .help(format!("did you mean `{nearest}`?"))
                    .fix(format!("write `{nearest}`"), vec![(event.span, nearest.to_string())]),
                None => finding.help(format!("the events are {}", english::list(words::EVENTS, "and"))),
            });
        } else if (event.name == "silence") != event.duration.is_some() {
            let message = if event.name == "silence" {
                "silence for how long?".to_string()
            } else {
                format!("`{}` takes no time", event.name)
            };
            let help = if event.name == "silence" {
                "write a time behind it: `on silence 20m dialog \"…\" {`"
            } else {
                "take the time out"
            };
            out.push(Finding::new(Slug::WrongValue, file, event.span, message).help(help));
        }
    }
}
