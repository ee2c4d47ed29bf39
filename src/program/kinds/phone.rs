//! Phone numbers: `+49 (0)89 123-456` becomes `+4989123456`; order numbers, days and prices are left alone.

use std::ops::Range;

use super::date;
use super::here::Here;
use super::sentence::{Gap, Sentence};

const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// After one of these, any digits may be a phone number.
const CUES: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "call",
    "ring",
    "text",
    "whatsapp",
    "sms",
    "fax",
    "telefon",
    "telefonnummer",
    "handy",
    "handynummer",
    "mobil",
    "mobilnummer",
    "rückruf",
];

/// Groups of digits with what parts them.
struct Run<'s> {
    groups: Vec<&'s str>,
    /// The sign before each group but the first; a space where there is none.
    parts: Vec<char>,
    /// The token after each group.
    ends: Vec<usize>,
    plus: bool,
    bracket: bool,
}

/// All phone numbers, in order.
pub(super) fn all(sentence: &Sentence<'_>, here: &Here) -> Vec<(Range<usize>, String)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        let Some(run) = run(sentence, at) else {
            at += 1;
            continue;
        };
        // A run is a number or it is none: no part of a card number is a phone number.
        let last = run.ends.last().copied().unwrap_or(at + 1);
        let whole = at == 0 && (last..sentence.len()).all(|after| sentence.sign(after).is_some());
        at = match digits(sentence, at, run, whole, here) {
            Some((end, digits)) => {
                all.push((at..end, digits));
                end
            }
            None => last,
        };
    }
    all
}

/// The longest run of groups from here; none if none begins here.
fn run<'s>(sentence: &'s Sentence<'_>, start: usize) -> Option<Run<'s>> {
    let labelled = start > 0 && sentence.sign(start - 1) == Some(':');
    if !sentence.opens(start) && !labelled {
        return None;
    }
    let plus = sentence.sign(start) == Some('+');
    let mut at = start + usize::from(plus);
    let bracket = sentence.sign(at) == Some('(');
    at += usize::from(bracket);
    let mut run = Run { groups: Vec::new(), parts: Vec::new(), ends: Vec::new(), plus, bracket };
    let mut open = bracket;
    loop {
        let digits = sentence.digits(at);
        if digits.is_empty() {
            break;
        }
        run.groups.push(digits);
        at += 1;
        if open && sentence.sign(at) == Some(')') {
            open = false;
            at += 1;
        }
        run.ends.push(at);
        let part = sentence.sign(at);
        if let Some('(') = part
            && !open
            && sentence.sign(at + 2) == Some(')')
            && sentence.gap(at) != Gap::Line
        {
            open = true;
            run.parts.push('(');
            at += 1;
        } else if let Some(sign @ ('-' | '.' | '/')) = part
            && sentence.gap(at) != Gap::Line
            && sentence.gap(at + 1) != Gap::Line
            && !sentence.digits(at + 1).is_empty()
        {
            run.parts.push(sign);
            at += 1;
        } else if part.is_none()
            && !sentence.digits(at).is_empty()
            && (sentence.gap(at) == Gap::Space || sentence.glued(at) && sentence.sign(at - 1) == Some(')'))
        {
            run.parts.push(' ');
        } else {
            break;
        }
    }
    if open || run.groups.is_empty() { None } else { Some(run) }
}

fn digits(
    sentence: &Sentence<'_>,
    start: usize,
    mut run: Run<'_>,
    whole: bool,
    here: &Here,
) -> Option<(usize, String)> {
    // "089 123456 14:30": the last group belongs to something else.
    while run.ends.last().is_some_and(|end| !sentence.closes(*end)) {
        run.ends.pop();
        run.groups.pop();
        run.parts.pop();
    }
    let end = *run.ends.last()?;
    let mut digits = run.groups.concat();
    if !DIGITS.contains(&digits.len())
        || run.groups.iter().any(|group| group.len() > 12) && run.groups.len() > 1
    {
        return None;
    }
    if run.plus || digits.starts_with("00") {
        // "+49 (0)89": the zero is dialled only at home.
        if let Some(trunk) = run.parts.iter().position(|part| *part == '(')
            && run.groups[trunk + 1] == "0"
        {
            run.groups[trunk + 1] = "";
            digits = run.groups.concat();
        }
        let digits = if run.plus { digits.as_str() } else { &digits[2..] };
        let fits = digits.len() > 6 && !digits.starts_with('0');
        return fits.then(|| (end, format!("+{digits}")));
    }
    if date::is_written(sentence, start, here) || is_amount(&run) || is_address(&run) {
        return None;
    }
    let separated = run.groups.len() > 1 || run.bracket;
    let lengths: Vec<usize> = run.groups.iter().map(|group| group.len()).collect();
    let american = here.tag() == "en-us" || here.tag() == "en-ca";
    let shaped = matches!(lengths[..], [3, 3, 4])
        || matches!(lengths[..], [1, 3, 3, 4]) && run.groups[0] == "1"
        || american && lengths == [10] && digits.starts_with(|first| ('2'..='9').contains(&first));
    let national = digits.starts_with('0') && digits.len() >= if separated { 6 } else { 9 };
    let called = (start.saturating_sub(3)..start).any(|before| sentence.is(before, CUES));
    (whole || shaped || national || called || run.bracket && digits.len() >= 8).then_some((end, digits))
}

/// `1.234.567` and `1 000 000` are amounts.
fn is_amount(run: &Run<'_>) -> bool {
    run.groups.len() > 1
        && !run.bracket
        && (1..=3).contains(&run.groups[0].len())
        && !run.groups[0].starts_with('0')
        && run.groups[1..].iter().all(|group| group.len() == 3)
        && run.parts.iter().all(|part| *part == run.parts[0])
        && (run.parts[0] == '.' || run.parts[0] == ' ' && run.groups[1..].iter().all(|group| *group == "000"))
}

/// `192.168.178.100` is the address of a machine.
fn is_address(run: &Run<'_>) -> bool {
    run.groups.len() == 4
        && run.parts.iter().all(|part| *part == '.')
        && run.groups.iter().all(|group| group.parse::<u32>().is_ok_and(|part| part < 256))
}
