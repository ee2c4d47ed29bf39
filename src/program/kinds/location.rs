//! Places on the map: `48.137, 11.575` or `48.137° N, 11.575° E`; names of places are entities, addresses are texts.

use std::ops::Range;

use super::sentence::Sentence;

/// All pairs of latitude and longitude, in order.
pub(super) fn all(sentence: &Sentence<'_>) -> Vec<(Range<usize>, (f64, f64))> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        at = match pair(sentence, at) {
            Some((end, place)) => {
                all.push((at..end, place));
                end
            }
            None => at + 1,
        };
    }
    all
}

fn pair(sentence: &Sentence<'_>, at: usize) -> Option<(usize, (f64, f64))> {
    // A link to a map (`?q=48.137,11.575`, `/@48.137,11.575`) is as good as a bare pair.
    let linked = at > 0 && matches!(sentence.sign(at - 1), Some('=' | '@' | ':'));
    if !sentence.opens(at) && !linked {
        return None;
    }
    let (end, lat) = degrees(sentence, at, ["n", "s"], 90.0)?;
    let next = if matches!(sentence.sign(end), Some(',' | ';' | '/')) { end + 1 } else { end };
    let (end, lon) = degrees(sentence, next, ["e", "w"], 180.0)?;
    let closes = sentence.closes(end) || sentence.sign(end) == Some('&') || sentence.sign(end) == Some(',');
    closes.then_some((end, (lat, lon)))
}

/// A number with at least three digits after the point: two prices are no place.
fn degrees(sentence: &Sentence<'_>, at: usize, sides: [&str; 2], most: f64) -> Option<(usize, f64)> {
    let (first, sign) = match sentence.sign(at) {
        Some('-') => (at + 1, -1.0),
        Some('+') => (at + 1, 1.0),
        _ => (at, 1.0),
    };
    let (whole, fraction) = (sentence.digits(first), sentence.digits(first + 2));
    let glued = sentence.glued_sign(first + 1, '.') && sentence.glued(first + 2);
    if !glued || !(1..=3).contains(&whole.len()) || !(3..=15).contains(&fraction.len()) {
        return None;
    }
    let mut degrees = sign * format!("{whole}.{fraction}").parse::<f64>().ok()?;
    let mut end = first + 3;
    if sentence.sign(end) == Some('°') {
        end += 1;
    }
    if sentence.is(end, &sides) {
        if sentence.word(end) == sides[1] {
            degrees = -degrees;
        }
        end += 1;
    }
    (degrees.abs() <= most).then_some((end, degrees))
}
