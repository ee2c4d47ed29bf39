//! Opening hours: whether a place is open at a moment, and when it opens next.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::conversation::{Moment, Value};
use crate::language::syntax;

/// How many days ahead the next opening is looked for.
const DAYS_AHEAD: i32 = 14;

/// The opening hours of a place.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its name.
    pub name: String,
    zone: Option<String>,
    /// Which days, and when; later lines win.
    lines: Vec<(Days, Vec<(u32, u32)>)>,
}

#[derive(Debug, Clone)]
enum Days {
    Date(Date),
    /// From Monday on, which days.
    Week([bool; 7]),
}

impl Opening {
    /// What is written, without errors; a line that cannot be read is left out.
    pub(super) fn of(written: &syntax::Hours) -> Opening {
        let mut opening = Opening { name: written.name.value.clone(), zone: None, lines: Vec::new() };
        for line in written.block.items() {
            let (first, rest) = line.text.split_once(char::is_whitespace).unwrap_or((&line.text, ""));
            let rest = rest.trim();
            if first == "zone" {
                opening.zone = Some(rest.to_string());
            } else if let Some(days) = days(first) {
                let times =
                    if rest == "closed" { Vec::new() } else { rest.split(',').filter_map(times).collect() };
                opening.lines.push((days, times));
            }
        }
        opening
    }

    /// Whether it is open.
    pub fn is_open(&self, at: Moment, zone: &str) -> bool {
        let now = self.local(at, zone);
        let minute = minute_of(now);
        self.times(now.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// `hours.Office` in expressions: `open`, `opens` (`08:00`, or `Monday 08:00`), `closes`.
    pub fn value(&self, at: Moment, zone: &str, language: &str) -> Value {
        let now = self.local(at, zone);
        let minute = minute_of(now);
        let today = self.times(now.date());
        let closes = today.iter().find(|(from, to)| (*from..*to).contains(&minute)).map(|(_, to)| clock(*to));
        let mut opens = None;
        for ahead in 0..=DAYS_AHEAD {
            let Ok(date) = now.date().checked_add(ahead.days()) else { break };
            let next = self
                .times(date)
                .iter()
                .map(|(from, _)| *from)
                .filter(|from| ahead > 0 || *from > minute)
                .min();
            if let Some(from) = next {
                opens = Some(match ahead {
                    0 => clock(from),
                    _ => format!("{} {}", day_name(date.weekday(), language), clock(from)),
                });
                break;
            }
        }
        let text = |text: Option<String>| text.map_or(Value::Nothing, Value::text);
        Value::map(BTreeMap::from([
            ("open".to_string(), Value::Flag(closes.is_some())),
            ("opens".to_string(), text(opens)),
            ("closes".to_string(), text(closes)),
        ]))
    }

    fn local(&self, at: Moment, zone: &str) -> DateTime {
        local(at, self.zone.as_deref().unwrap_or(zone))
    }

    /// When it is open on a day: what the last line says that speaks of it.
    fn times(&self, date: Date) -> &[(u32, u32)] {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        let speaks = |days: &Days| match days {
            Days::Date(day) => *day == date,
            Days::Week(week) => week[weekday],
        };
        self.lines.iter().rev().find(|(days, _)| speaks(days)).map_or(&[], |(_, times)| times)
    }
}

/// The date and time of day of a moment in a time zone; one that nobody knows counts as UTC.
pub(super) fn local(at: Moment, zone: &str) -> DateTime {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    zone.to_datetime(Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// `now` in expressions.
pub(super) fn now(at: Moment, zone: &str) -> Value {
    let now = local(at, zone);
    let entries = [
        ("date", Value::text(now.date().to_string())),
        ("time", Value::text(format!("{:02}:{:02}", now.hour(), now.minute()))),
        ("weekday", Value::text(day_name(now.weekday(), "en").to_lowercase())),
        ("year", Value::Whole(now.year().into())),
        ("month", Value::Whole(now.month().into())),
        ("day", Value::Whole(now.day().into())),
        ("hour", Value::Whole(now.hour().into())),
        ("minute", Value::Whole(now.minute().into())),
    ];
    Value::map(entries.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

fn minute_of(now: DateTime) -> u32 {
    u32::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap_or(0)
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn days(text: &str) -> Option<Days> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(Days::Date(date));
    }
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let number = |name: &str| NAMES.iter().position(|known| *known == name);
    let mut week = [false; 7];
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last) = (number(from)?, number(to)?);
        loop {
            week[day] = true;
            if day == last {
                break;
            }
            day = (day + 1) % 7;
        }
    }
    Some(Days::Week(week))
}

fn times(text: &str) -> Option<(u32, u32)> {
    let minutes = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
    };
    let (from, to) = text.split_once('-')?;
    Some((minutes(from)?, minutes(to)?))
}

fn day_name(day: Weekday, language: &str) -> &'static str {
    const DAYS: &[(&str, [&str; 7])] = &[
        ("en", ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
        ("de", ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]),
        ("fr", ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]),
        ("es", ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]),
    ];
    let language = language.split('-').next().unwrap_or("");
    let names = DAYS.iter().find(|(known, _)| *known == language).unwrap_or(&DAYS[0]).1;
    names[usize::from(day.to_monday_zero_offset().unsigned_abs())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Opening {
        let source = "hours \"Office\" {\n  zone Europe/Berlin\n  mon-fri 08:00-12:00, 13:00-17:00\n  2026-11-24 closed\n}\n";
        let (file, findings) = crate::language::parse(source, Default::default());
        assert!(findings.is_empty());
        let hours = file.block.items().next();
        let Some(syntax::Declaration::Hours(hours)) = hours else { panic!("hours") };
        Opening::of(hours)
    }

    #[test]
    fn later_lines_win_and_the_next_opening_is_found() {
        let office = office();
        let at = |text: &str| Moment(text.parse::<Timestamp>().unwrap().as_millisecond());
        assert!(office.is_open(at("2026-11-20T09:00:00Z"), "UTC")); // a Friday, 10:00 in Berlin
        assert!(!office.is_open(at("2026-11-20T11:30:00Z"), "UTC"));
        assert!(!office.is_open(at("2026-11-24T09:00:00Z"), "UTC"));
        let noon = office.value(at("2026-11-20T11:30:00Z"), "UTC", "en");
        assert_eq!(noon.member("opens"), Value::text("13:00"));
        let evening = office.value(at("2026-11-23T20:00:00Z"), "UTC", "en");
        assert_eq!(evening.member("opens"), Value::text("Wednesday 08:00"));
        assert_eq!(now(at("2026-11-22T09:00:00Z"), "UTC").member("weekday"), Value::text("sunday"));
    }
}
