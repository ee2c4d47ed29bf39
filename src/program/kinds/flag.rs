//! Yes and no: the language's phrases (or the bot's own), when they are all a clause says.

use std::ops::Range;

use super::here::Here;
use super::{Found, Lexicon};
use crate::conversation::Value;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::{Heard, normal};
use crate::program::phrases::built_in;

/// What may stand beside a yes or no without changing it.
const POLITE: &[&str] = &[
    "please",
    "thanks",
    "thank you",
    "sir",
    "madam",
    "bitte",
    "danke",
    "vielen dank",
    "merci",
    "gracias",
    "por favor",
];

/// The longest clause that is looked at, in bytes: no yes is longer.
const CLAUSE_BYTES_MAX: usize = 120;

/// Signs between clauses.
const PARTING: &str = ",.!?;:\n()。，！\u{2013}\u{2014}";

/// The whole message if it is a yes or a no, else its clauses that are.
pub(super) fn all(message: &str, lexicon: &Lexicon, here: &Here) -> Vec<Found> {
    let sides = [
        (true, lexicon.yes.as_ref(), built_in("yes", here.tag()).unwrap_or_default()),
        (false, lexicon.no.as_ref(), built_in("no", here.tag()).unwrap_or_default()),
    ];
    let mut scratch = Scratch::new();
    let mut found = |range: Range<usize>| {
        let flag = sides
            .iter()
            .find(|(_, own, phrases)| means(&message[range.clone()], *own, phrases, &mut scratch))?
            .0;
        Some(Found { range, value: Value::Flag(flag), sure: true })
    };
    if let Some(whole) = found(trimmed(message, 0..message.len())) {
        return vec![whole];
    }
    clauses(message).into_iter().filter_map(found).collect()
}

fn means(clause: &str, own: Option<&Matcher>, phrases: &[&str], scratch: &mut Scratch) -> bool {
    if clause.is_empty() || clause.len() > CLAUSE_BYTES_MAX {
        return false;
    }
    match own {
        Some(own) => Heard::new(clause).is_ok_and(|heard| own.fits(&heard, scratch).is_some()),
        None => says_only(normal(clause).trim_end_matches(['.', '!', '?', ' ', '。']), phrases),
    }
}

/// "yes of course please": phrases of one side and polite words, nothing else; the longest phrase first.
fn says_only(clause: &str, phrases: &[&str]) -> bool {
    let (mut rest, mut said) = (clause, false);
    while !rest.is_empty() {
        let takes = |phrase: &&str| {
            rest.strip_prefix(*phrase)
                .filter(|after| after.is_empty() || after.starts_with([' ', ',']))
                .map(str::len)
        };
        let shortest = |all: &[&str]| all.iter().filter_map(takes).min();
        let left = match (shortest(phrases), shortest(POLITE)) {
            (Some(phrase), polite) if polite.is_none_or(|polite| phrase <= polite) => {
                said = true;
                phrase
            }
            (_, Some(polite)) => polite,
            _ => return false,
        };
        rest = rest[rest.len() - left..].trim_start_matches([' ', ',']);
    }
    said
}

fn clauses(message: &str) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (at, sign) in message.char_indices() {
        // A hyphen parts clauses where a space stands before it.
        let dash = sign == '-' && message[..at].ends_with(char::is_whitespace);
        if dash || PARTING.contains(sign) {
            clauses.push(trimmed(message, start..at));
            start = at + sign.len_utf8();
        }
    }
    clauses.push(trimmed(message, start..message.len()));
    clauses
}

fn trimmed(message: &str, range: Range<usize>) -> Range<usize> {
    let text = &message[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}
