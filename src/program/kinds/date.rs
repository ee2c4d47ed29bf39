//! Days: "tomorrow", "next Friday", "24 Dec", "in two weeks"; where several readings fit, the longest.

use std::ops::Range;

use jiff::civil::Date;

use super::here::Here;
use super::sentence::Sentence;
use super::{calendar, relative};

/// All days, in order.
pub(super) fn all(sentence: &Sentence<'_>, here: &Here) -> Vec<(Range<usize>, Date)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        let readings = [
            calendar::written(sentence, at, here),
            dated(sentence, at, here),
            relative::at(sentence, at, here),
        ];
        // The first of those that are equally long.
        let longest = readings.into_iter().flatten().rev().max_by_key(|(end, _)| *end);
        at = match longest {
            Some((end, date)) if end > at => {
                all.push((at..end, date));
                end
            }
            _ => at + 1,
        };
    }
    all
}

/// Whether a day in digits begins here.
pub(super) fn is_written(sentence: &Sentence<'_>, at: usize, here: &Here) -> bool {
    calendar::written(sentence, at, here).is_some()
}

/// `Friday, 24 December`: the day of the week says nothing new.
fn dated(sentence: &Sentence<'_>, at: usize, here: &Here) -> Option<(usize, Date)> {
    let (end, _) = calendar::weekday(sentence, at, here)?;
    let end = if sentence.sign(end) == Some(',') { end + 1 } else { end };
    let end = sentence.says_one(end, &["den", "der", "dem", "on"]).unwrap_or(end);
    calendar::written(sentence, end, here)
}
