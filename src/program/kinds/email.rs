//! Email addresses: `anna@example.com` out of "mail me at anna@Example.com.", the domain in small letters.

use std::ops::Range;

use crate::conversation::Value;

const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;

/// All addresses, in order.
pub(super) fn all(message: &str) -> Vec<(Range<usize>, Value)> {
    let mut all: Vec<(Range<usize>, Value)> = Vec::new();
    for (at, _) in message.match_indices('@') {
        let floor = all.last().map_or(0, |(range, _)| range.end);
        if let Some(range) = around(message, at, floor) {
            let (local, domain) = (&message[range.start..at], &message[at + 1..range.end]);
            let address = Value::text(format!("{local}@{}", domain.to_lowercase()));
            all.push((range, address));
        }
    }
    all
}

fn around(message: &str, at: usize, floor: usize) -> Option<Range<usize>> {
    let before = &message.as_bytes()[floor..at];
    let local = before.iter().rev().take(LOCAL_BYTES_MAX + 1).take_while(|byte| is_local(**byte)).count();
    if local > LOCAL_BYTES_MAX {
        return None;
    }
    let mut start = at - local;
    // Quotes and the like around an address, not in it.
    start +=
        message[start..at].find(|sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '+'))?;
    let name = &message[start..at];
    let touches =
        message[..start].chars().next_back().is_some_and(|sign| sign.is_alphanumeric() || sign == '@');
    if name.ends_with('.') || name.contains("..") || touches {
        return None;
    }
    let after = &message[at + 1..];
    let domain = after
        .char_indices()
        .take(DOMAIN_BYTES_MAX + 1)
        .find(|(_, sign)| !(sign.is_alphanumeric() || matches!(sign, '.' | '-')))
        .map_or(after.len(), |(end, _)| end);
    let domain = after[..domain].trim_end_matches(['.', '-']);
    let next = after[domain.len()..].chars().next();
    let labels_fit = domain.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    });
    let (_, top) = domain.rsplit_once('.')?;
    let top_fits = top.chars().count() >= 2
        && top.chars().all(|letter| letter.is_alphabetic() || top.starts_with("xn--"));
    let fits = domain.len() <= DOMAIN_BYTES_MAX && labels_fit && top_fits && !matches!(next, Some('@' | '_'));
    fits.then_some(start..at + 1 + domain.len())
}

fn is_local(byte: u8) -> bool {
    // The standard allows more signs; before an address they are far more often those of a link.
    byte.is_ascii_alphanumeric() || b".!#$%&'+_~-".contains(&byte)
}
