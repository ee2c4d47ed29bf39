//! Values as texts and as JSON, never longer than there is room for.

use std::borrow::Cow;
use std::fmt::Write;

use super::budget::{Budget, VALUE_BYTES_MAX};
use super::fault::Stop;
use crate::conversation::Value;

/// Adds a value as a text says it; the text may become as large as a value.
pub(super) fn print(value: &Value, out: &mut String, budget: &mut Budget) -> Result<(), Stop> {
    print_within(value, out, VALUE_BYTES_MAX).or_else(|_| budget.make(usize::MAX))
}

/// There was no room.
pub(super) struct Full;

/// Adds a value as a text says it, as long as `out` stays within `most` bytes.
pub(super) fn print_within(value: &Value, out: &mut String, most: usize) -> Result<(), Full> {
    match value {
        Value::Text(text) => push(out, text, most),
        Value::List(_) | Value::Map(_) => json_within(value, out, most),
        // Shorter than any limit is long; at worst a fraction with three hundred digits.
        plain => {
            write!(out, "{plain}").map_err(|_| Full)?;
            if out.len() > most { Err(Full) } else { Ok(()) }
        }
    }
}

/// A value as a text: numbers and flags as they are printed.
pub(super) fn text_of<'v>(value: &'v Value, budget: &mut Budget) -> Result<Cow<'v, str>, Stop> {
    match value {
        Value::Text(text) => Ok(Cow::Borrowed(text)),
        other => {
            let mut out = String::new();
            print(other, &mut out, budget)?;
            Ok(Cow::Owned(out))
        }
    }
}

fn push(out: &mut String, text: &str, most: usize) -> Result<(), Full> {
    if out.len() + text.len() > most {
        return Err(Full);
    }
    out.push_str(text);
    Ok(())
}

/// Adds a value as JSON.
pub(super) fn json_within(value: &Value, out: &mut String, most: usize) -> Result<(), Full> {
    match value {
        Value::Nothing => push(out, "null", most),
        Value::Text(text) => {
            push(out, "\"", most)?;
            json_letters(text, out, most)?;
            push(out, "\"", most)
        }
        Value::List(list) => {
            push(out, "[", most)?;
            for (n, item) in list.iter().enumerate() {
                if n > 0 {
                    push(out, ",", most)?;
                }
                json_within(item, out, most)?;
            }
            push(out, "]", most)
        }
        Value::Map(map) => {
            push(out, "{", most)?;
            for (n, (name, item)) in map.iter().enumerate() {
                push(out, if n > 0 { ",\"" } else { "\"" }, most)?;
                json_letters(name, out, most)?;
                push(out, "\":", most)?;
                json_within(item, out, most)?;
            }
            push(out, "}", most)
        }
        Value::Number(_) => push(out, &serde_json::to_string(value).map_err(|_| Full)?, most),
        Value::Flag(_) | Value::Whole(_) => print_within(value, out, most),
    }
}

/// Adds the letters of a text as they stand between JSON's quotes.
pub(super) fn json_letters(text: &str, out: &mut String, most: usize) -> Result<(), Full> {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        push(out, &text[plain..at], most)?;
        push(out, escape, most)?;
        if escape.is_empty() {
            push(out, &format!("\\u{byte:04x}"), most)?;
        }
        plain = at + 1;
    }
    push(out, &text[plain..], most)
}

/// Adds a text percent-encoded: all but letters, digits and the signs in `kept`.
pub(super) fn percent(text: &str, kept: &[u8], out: &mut String, most: usize) -> Result<(), Full> {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").map_err(|_| Full)?;
        }
        if out.len() > most {
            return Err(Full);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_what_serde_makes_of_it() {
        let text = r#"{"a\n\u0001\"\\":[1,-2.5,"é\t\u007f",null,true,1e300],"b":{}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let mut out = String::new();
        assert!(json_within(&value, &mut out, 1000).is_ok());
        assert_eq!(out, serde_json::to_string(&value).unwrap());
        assert!(json_within(&value, &mut String::new(), 20).is_err());
    }
}
