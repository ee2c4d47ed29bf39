//! Filters for texts: letter case, `trim replace split lines urlencode`.

use super::{Filter, useless};
use crate::conversation::Value;
use crate::program::formula::budget::{Budget, VALUE_BYTES_MAX};
use crate::program::formula::fault::Stop;
use crate::program::formula::print::{percent, text_of};

/// A text, or a number or flag as one.
fn text<'v>(filter: &str, value: &'v Value, budget: &mut Budget) -> Result<std::borrow::Cow<'v, str>, Stop> {
    match value {
        Value::List(_) | Value::Map(_) => Err(useless(filter, value)),
        value => {
            let text = text_of(value, budget)?;
            budget.reading(text.len())?;
            // Even what only names brought along is not worked on beyond this.
            if text.len() > VALUE_BYTES_MAX {
                budget.make(text.len())?;
            }
            Ok(text)
        }
    }
}

/// A changed text. Nothing stays nothing, so that a `default` behind still sees it.
pub(super) fn change(
    filter: Filter,
    value: Value,
    first: &Value,
    second: &Value,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    if matches!(value, Value::Nothing) {
        return Ok(value);
    }
    let name = match filter {
        Filter::Capitalize => "capitalize",
        Filter::Lower => "lower",
        Filter::Title => "title",
        Filter::Upper => "upper",
        Filter::Trim => "trim",
        _ => "replace",
    };
    let text = text(name, &value, budget)?;
    let changed = match filter {
        Filter::Lower => text.to_lowercase(),
        Filter::Upper => text.to_uppercase(),
        Filter::Capitalize => {
            let mut letters = text.chars();
            match letters.next() {
                Some(first) => first.to_uppercase().chain(letters.as_str().to_lowercase().chars()).collect(),
                None => String::new(),
            }
        }
        Filter::Title => titled(&text),
        Filter::Trim => match first {
            Value::Nothing => text.trim().to_string(),
            signs => {
                let signs: Vec<char> = text_of(signs, budget)?.chars().take(64).collect();
                budget.work(text.len() / 32 * signs.len())?;
                text.trim_matches(&signs[..]).to_string()
            }
        },
        _ => {
            let (from, to) = (text_of(first, budget)?, text_of(second, budget)?);
            let count = text.matches(&*from).count();
            let size = (text.len() - count * from.len()).saturating_add(count.saturating_mul(to.len()));
            budget.reading(text.len())?;
            budget.make(size)?;
            return Ok(Value::text(text.replace(&*from, &to)));
        }
    };
    budget.text(changed)
}

/// Words begin behind white space and `- ( { [ <`.
fn titled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if matches!(letter, '-' | '(' | '{' | '[' | '<') || letter.is_whitespace() {
            out.push(letter);
            begins = true;
        } else if begins {
            out.extend(letter.to_uppercase());
            begins = false;
        } else {
            out.extend(letter.to_lowercase());
        }
    }
    out
}

/// Parts of a text; without a separator its words.
pub(super) fn split(
    value: &Value,
    separator: &Value,
    most: &Value,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    if matches!(value, Value::Nothing) {
        return Ok(Value::list(Vec::new()));
    }
    let text = text("split", value, budget)?;
    let parts = match most {
        Value::Whole(most) if *most >= 0 => usize::try_from(*most).unwrap_or(usize::MAX).saturating_add(1),
        Value::Whole(_) | Value::Nothing => usize::MAX,
        _ => return Err(Stop::new("`split` needs a whole number of splits")),
    };
    match separator {
        Value::Nothing => pieces(words(&text, parts), budget),
        separator => {
            let separator = text_of(separator, budget)?;
            pieces(text.splitn(parts, &*separator), budget)
        }
    }
}

/// The words of a text; the last of `parts` takes all that is left.
fn words(text: &str, parts: usize) -> impl Iterator<Item = &str> {
    let (mut rest, mut left) = (text.trim_start(), parts);
    std::iter::from_fn(move || {
        if rest.is_empty() || left == 0 {
            return None;
        }
        left -= 1;
        if left == 0 {
            return Some(std::mem::take(&mut rest));
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        rest = rest[end..].trim_start();
        Some(word)
    })
}

/// The lines of a text, without their ends.
pub(super) fn lines(value: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    if matches!(value, Value::Nothing) {
        return Ok(Value::list(Vec::new()));
    }
    pieces(text("lines", value, budget)?.lines(), budget)
}

/// Stops making pieces as soon as they are too many for one value.
pub(super) fn pieces<'t>(parts: impl Iterator<Item = &'t str>, budget: &mut Budget) -> Result<Value, Stop> {
    let (mut list, mut size) = (Vec::new(), 2);
    for part in parts {
        size += part.len() + 3;
        if size > VALUE_BYTES_MAX {
            break;
        }
        list.push(Value::text(part));
    }
    budget.make(size)?;
    budget.work(list.len())?;
    Ok(Value::list(list))
}

/// Percent-encoded; a map as the query of a url, without what is nothing.
pub(super) fn url_encode(value: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    const KEPT: &[u8] = b"/.-_";
    let mut out = String::new();
    let full = match value {
        Value::Map(map) => {
            let mut full = false;
            for (name, item) in map.iter().filter(|(_, item)| !matches!(item, Value::Nothing)) {
                if !out.is_empty() {
                    out.push('&');
                }
                let item = text_of(item, budget)?;
                budget.reading(item.len())?;
                full = percent(name, KEPT, &mut out, VALUE_BYTES_MAX).is_err();
                out.push('=');
                full = full || percent(&item, KEPT, &mut out, VALUE_BYTES_MAX).is_err();
                if full {
                    break;
                }
            }
            full
        }
        value => percent(&text_of(value, budget)?, KEPT, &mut out, VALUE_BYTES_MAX).is_err(),
    };
    budget.make(if full { usize::MAX } else { out.len() })?;
    Ok(Value::text(out))
}
