//! What a variable with a type holds: a value that plainly is of the type, whatever form it came in.
//!
//! Answers of integrations say "12" where they mean 12, and 12 where an order number is meant. A variable that is declared
//! as a number holds a number, and one declared as a text a text, so that a condition on it means what it says.

use crate::conversation::Value;

/// The value as a variable of this type holds it; nothing, if it is not plainly of the type. The types that expressions
/// know nothing about (days, places, entities …) hold what they are given.
pub(in crate::program) fn declared(kind: &str, value: Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Nothing) => Some(Value::Nothing),
        ("number", Value::Text(text)) => number(text.trim()),
        ("number", value) => Some(value).filter(|value| value.as_number().is_some()),
        ("flag", Value::Text(text)) => match text.trim() {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => None,
        },
        ("flag", value) => Some(value).filter(|value| matches!(value, Value::Flag(_))),
        ("list", value) => Some(value).filter(|value| matches!(value, Value::List(_))),
        ("text", Value::List(_) | Value::Map(_)) => None,
        ("text", Value::Text(text)) => Some(Value::Text(text)),
        ("text", plain) => Some(Value::text(plain.to_string())),
        (_, value) => Some(value),
    }
}

/// `12`, `-3`, `2.50`: digits, with a sign and a point at most, and no more of them than a number keeps.
fn number(text: &str) -> Option<Value> {
    const DIGITS_MAX: usize = 15;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let short = digits.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX;
    (plain(whole) && plain(fraction) && short).then(|| text.parse().ok().map(Value::number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_holds_what_plainly_is_of_its_type() {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (kind, given, kept) in [
            ("number", "12", Some("12")),
            ("number", "\" -2.50 \"", Some("-2.5")),
            ("number", "\"007\"", Some("7")),
            ("number", "\"three\"", None),
            ("number", "\"1e9\"", None),
            ("number", "\"1.\"", None),
            ("number", "\"+1\"", None),
            ("number", "\"\"", None),
            ("number", "\"NaN\"", None),
            ("number", "\"1234567890123456\"", None),
            ("number", "true", None),
            ("number", "null", Some("null")),
            ("flag", "\"false\"", Some("false")),
            ("flag", "1", None),
            ("flag", "\"no\"", None),
            ("list", "[1]", Some("[1]")),
            ("list", "\"a, b\"", None),
            ("text", "12", Some("\"12\"")),
            ("text", "2.5", Some("\"2.5\"")),
            ("text", "true", Some("\"true\"")),
            ("text", "{\"a\":1}", None),
            ("json", "{\"a\":1}", Some("{\"a\":1}")),
            ("date", "\"24 Nov\"", Some("\"24 Nov\"")),
            ("city", "7", Some("7")),
        ] {
            assert_eq!(declared(kind, json(given)), kept.map(json), "{given} as {kind}");
        }
    }
}
