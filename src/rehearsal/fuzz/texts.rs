//! What nobody expects a visitor to write, and a call to come back with.

use std::collections::BTreeMap;

use crate::conversation::{Outcome, Value};

use super::dice::Dice;

/// What `{{ 7919*7907 }}` comes to, if anybody works it out.
pub(super) const PRODUCT: &str = "62615533";
/// What a visitor may want to keep private; no bot writes it by itself.
pub(super) const SECRETS: &[&str] = &["qzx4711secret", "dana@example.com"];

const ODD: &[&str] = &[
    " ",
    "\n\n",
    ".",
    "?",
    "0",
    "-1",
    "3.14159",
    "99999999999999999999999999",
    "1e308",
    "1",
    "b)",
    "👍",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "İstanbul ẞ ﬁ Ǆ",
    "مرحبا بالعالم",
    "こんにちは。",
    "a\u{301}\u{301}\u{301}\u{200d}\u{202e}txt",
    "\u{0}\u{7}\u{1b}[31m",
    "<script>alert(1)</script>",
    "<b>bold</b> &amp; \"quotes\" 'single' \\ back",
    "{{ 7919*7907 }}",
    "{% for x in range(1000000) %}{{ x }}{% endfor %}",
    "{{ secret.TOKEN }}",
    "${7919*7907} #{1} %s %n",
    "'; DROP TABLE orders; --",
    "../../etc/passwd",
    "__agent_escalation_failed__",
    "qzx4711secret",
    "my mail is dana@example.com, thanks",
    "yes no yes no",
    "help agent human track order cancel",
    "*",
    "(a|b)*",
    "null",
    "true",
    "2026-02-30",
    "tomorrow at 25:99",
];

/// Something odd.
pub(super) fn odd(dice: &mut Dice) -> String {
    match dice.below(10) {
        0 => long(dice),
        1 => (0..dice.below(40)).map(|_| any_letter(dice)).collect(),
        2 => dice.below(1_000_000).to_string(),
        _ => dice.one_of(ODD).copied().unwrap_or(" ").to_string(),
    }
}

/// A long text, sometimes longer than a bot listens to.
fn long(dice: &mut Dice) -> String {
    let piece = dice.one_of(&["word ", "ü", "1234567890", "((((", "\"\\"]).copied().unwrap_or("x");
    piece.repeat(dice.below(4_000) as usize)
}

fn any_letter(dice: &mut Dice) -> char {
    let planes: [(u32, u64); 5] =
        [(0, 0x80), (0x80, 0x800), (0x800, 0x3000), (0x3000, 0x7000), (0x1f300, 0x400)];
    let (first, many) = dice.one_of(&planes).copied().unwrap_or((0, 0x80));
    char::from_u32(first + dice.below(many) as u32).unwrap_or('\u{fffd}')
}

/// A text that fits, with a slip in it.
pub(super) fn changed(text: &str, dice: &mut Dice) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len() as u64 + 1) as usize;
    match dice.below(8) {
        0 => {
            letters.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, letter)| letter).collect()
        }
        1 => text.to_uppercase(),
        2 => format!("  {text} !!! "),
        3 => format!("{text} {text}"),
        4 => format!("{text} {}", odd(dice)),
        5 => format!("{} {text}", odd(dice)),
        6 => letters[..at].iter().chain(letters[at..].first()).chain(&letters[at..]).collect(),
        _ => text.replace(' ', "\u{a0}\n"),
    }
}

/// What a call comes back with.
pub(super) fn outcome(dice: &mut Dice) -> Outcome {
    let reasons =
        ["timeout", "unreachable", "refused", "status", "too large", "bad answer", "busy", "unknown"];
    match dice.below(2) {
        0 => Outcome::Success { status: 200, body: body(dice) },
        _ => {
            let reason = dice.one_of(&reasons).copied().unwrap_or("unknown");
            let status = if reason == "status" { 503 } else { 0 };
            Outcome::Failure { reason: reason.to_string(), status, body: Value::Nothing }
        }
    }
}

/// What nobody expects in an answer.
pub(super) fn body(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Nothing,
        1 => Value::text("{{ 7919*7907 }}"),
        2 => Value::Whole(i64::MIN),
        3 => Value::list(vec![Value::Flag(true), Value::Nothing, Value::text("x")]),
        4 => Value::map(BTreeMap::from([("status".to_string(), Value::list(Vec::new()))])),
        5 => Value::text("x".repeat(dice.below(9_000) as usize)),
        6 => (0..dice.below(40)).fold(Value::text("deep"), |inner, _| Value::list(vec![inner])),
        _ => Value::map(BTreeMap::new()),
    }
}
