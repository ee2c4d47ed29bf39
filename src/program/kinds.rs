//! The values in what a visitor says: "a table for four in Munich tomorrow" holds a number, a city and a day.
//!
//! [`find`] looks for one type of value, [`fill`] answers several questions out of one sentence. `docs/types.md` tells
//! bot designers what each type finds; its tables are tests. Nothing here knows what time it is: [`Here`] says so.

mod sentence; // read this first
mod here;
mod number;
mod numerals;
mod flag;
mod email;
mod phone;
mod date;
mod calendar;
mod relative;
mod time;
mod location;
mod list;
mod entity;
mod fill;
mod declared;

use std::collections::BTreeMap;
use std::ops::Range;

use super::matcher::Matcher;
use super::normal::Heard;
use crate::conversation::Value;
use sentence::Sentence;

pub(super) use declared::declared;
pub use entity::{Entity, EntityValue};
pub use fill::fill;
pub use here::Here;

/// What is looked for in an answer: the type of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any text; finds nothing by itself.
    Text,
    /// A number, in digits or in words.
    Number,
    /// Yes or no.
    Flag,
    /// Things in a row.
    List,
    /// What an integration answered; finds nothing by itself.
    Json,
    /// A day, kept as `2026-11-24`.
    Date,
    /// A time of day, kept as `14:30`.
    Time,
    /// An email address.
    Email,
    /// A phone number, kept as digits with a `+` if it had one.
    Phone,
    /// A place on the map: `lat` and `lon`.
    Location,
    /// A file; it comes as an event, never in a sentence.
    File,
    /// One of the bot's own entities, by its place in [`Lexicon::entities`].
    Entity(usize),
}

/// What a bot adds to the types that come with the language.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// Its entities.
    pub entities: Vec<Entity>,
    /// Its own `phrases "yes"`, if it has some; else those of the language count.
    pub yes: Option<Matcher>,
    /// Its own `phrases "no"`, if it has some.
    pub no: Option<Matcher>,
}

/// A value in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The bytes of the message, as typed, that say it.
    pub range: Range<usize>,
    /// What is kept.
    pub value: Value,
    /// False for a number that is part of a day, a time, an email address or a phone number: it is the answer to
    /// a question that is open ("In how many days?" "In 3 days."), but never fills one that was not asked.
    pub sure: bool,
}

/// The values of one type in a message, best first: in the order of the message, those that are not sure at the end.
/// They do not overlap. A message longer than a bot listens to holds none.
///
/// The work is linear in the message, but for entities with regexes (each is searched a few times at most).
pub fn find(kind: Kind, lexicon: &Lexicon, message: &str, here: &Here) -> Vec<Found> {
    match Heard::new(message) {
        Ok(heard) => Listening::new(&heard, lexicon, here).find(kind),
        Err(_) => Vec::new(),
    }
}

/// A message that is looked through, perhaps for several types.
struct Listening<'a> {
    heard: &'a Heard<'a>,
    sentence: Sentence<'a>,
    lexicon: &'a Lexicon,
    here: &'a Here,
}

impl<'a> Listening<'a> {
    fn new(heard: &'a Heard<'a>, lexicon: &'a Lexicon, here: &'a Here) -> Listening<'a> {
        Listening { heard, sentence: Sentence::new(heard.original()), lexicon, here }
    }

    fn find(&self, kind: Kind) -> Vec<Found> {
        let sentence = &self.sentence;
        match kind {
            Kind::Text | Kind::Json | Kind::File => Vec::new(),
            Kind::Number => self.numbers(),
            Kind::Flag => flag::all(self.heard.original(), self.lexicon, self.here),
            Kind::List => list::all(self.heard.original(), self.here),
            Kind::Date => found(sentence, date::all(sentence, self.here), |day| Value::text(day.to_string())),
            Kind::Time => found(sentence, time::all(sentence, self.here), |time| {
                Value::text(format!("{:02}:{:02}", time.hour(), time.minute()))
            }),
            Kind::Email => sure(email::all(self.heard.original())),
            Kind::Phone => found(sentence, phone::all(sentence, self.here), Value::text),
            Kind::Location => found(sentence, location::all(sentence), |(lat, lon)| {
                Value::map(BTreeMap::from([
                    ("lat".to_string(), Value::number(lat)),
                    ("lon".to_string(), Value::number(lon)),
                ]))
            }),
            Kind::Entity(number) => match self.lexicon.entities.get(number) {
                Some(entity) => sure(entity.all(self.heard)),
                None => Vec::new(),
            },
        }
    }

    /// Numbers that stand for themselves, then those that are part of something else.
    fn numbers(&self) -> Vec<Found> {
        let sentence = &self.sentence;
        let mut numbers = found(sentence, number::all(sentence, self.here), Value::number);
        let mut others: Vec<Range<usize>> =
            [Kind::Date, Kind::Time, Kind::Email, Kind::Phone, Kind::Location]
                .into_iter()
                .flat_map(|kind| self.find(kind))
                .map(|found| found.range)
                .collect();
        others.sort_unstable_by_key(|range| range.start);
        // The furthest end of all that begin up to here: a number overlaps one of them if it begins before that end.
        let mut ends: Vec<usize> = Vec::with_capacity(others.len());
        for other in &others {
            ends.push(other.end.max(ends.last().copied().unwrap_or(0)));
        }
        for number in &mut numbers {
            let before = others.partition_point(|other| other.start < number.range.end);
            number.sure = before == 0 || ends[before - 1] <= number.range.start;
        }
        numbers.sort_by_key(|number| !number.sure);
        numbers
    }
}

/// Values at tokens as values at bytes.
fn found<T>(sentence: &Sentence<'_>, all: Vec<(Range<usize>, T)>, keep: impl Fn(T) -> Value) -> Vec<Found> {
    all.into_iter()
        .map(|(tokens, value)| Found { range: sentence.bytes(tokens), value: keep(value), sure: true })
        .collect()
}

fn sure(all: Vec<(Range<usize>, Value)>) -> Vec<Found> {
    all.into_iter().map(|(range, value)| Found { range, value, sure: true }).collect()
}
