//! Things in a row: "cheese, ham and olives" is three texts. Only for the question that is open: any words make a list.

use super::Found;
use super::here::{Here, Language};
use crate::conversation::Value;

/// The whole message as one list; none if nothing is in it.
pub(super) fn all(message: &str, here: &Here) -> Vec<Found> {
    let start = message.len() - message.trim_start().len();
    let body = message.trim().trim_end_matches(['.', '!', '?', '。']);
    let mut items: Vec<&str> = Vec::new();
    for part in body.split([',', ';', '\n', '&', '、', '，']) {
        let mut rest = part.trim();
        rest = joining(here).iter().find_map(|word| after_word(rest, word)).unwrap_or(rest);
        while let Some((item, after)) = parted(rest, joining(here)) {
            items.push(item);
            rest = after;
        }
        items.push(rest);
    }
    let items: Vec<Value> =
        items.into_iter().map(str::trim).filter(|item| !item.is_empty()).map(Value::text).collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![Found { range: start..start + body.len(), value: Value::list(items), sure: true }]
}

fn joining(here: &Here) -> &'static [&'static str] {
    match here.language() {
        Language::English => &["and"],
        Language::German => &["und", "sowie"],
        Language::Other => match here.tag().split('-').next().unwrap_or("") {
            "fr" => &["et"],
            "es" => &["y", "e"],
            "it" | "pt" => &["e"],
            "nl" => &["en"],
            _ => &[],
        },
    }
}

/// What stands behind the word at the beginning of a part: ", and olives".
fn after_word<'a>(part: &'a str, word: &str) -> Option<&'a str> {
    let head = part.get(..word.len())?;
    let rest = part.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// What stands before and behind the first such word.
fn parted<'a>(part: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    for piece in part.split_inclusive(char::is_whitespace) {
        let bare = piece.trim_end();
        if at > 0 && bare.len() < piece.len() && words.iter().any(|word| bare.eq_ignore_ascii_case(word)) {
            return Some((part[..at].trim_end(), part[at + piece.len()..].trim_start()));
        }
        at += piece.len();
    }
    None
}
