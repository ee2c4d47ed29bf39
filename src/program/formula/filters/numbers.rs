//! Filters that make numbers: `abs int float round`.

use super::useless;
use crate::conversation::Value;
use crate::program::formula::arithmetic::{negative, number};
use crate::program::formula::budget::Budget;
use crate::program::formula::fault::Stop;

pub(super) fn abs(value: Value) -> Result<Value, Stop> {
    match value {
        Value::Whole(whole) if whole < 0 => negative(&value),
        Value::Number(value) => number(value.abs()),
        Value::Whole(_) => Ok(value),
        other => Err(useless("abs", &other)),
    }
}

/// What is no number becomes the default, or is a fault; nothing becomes the default, or 0.
pub(super) fn int(value: Value, default: Value, base: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let base = match base {
        Value::Nothing => 10,
        Value::Whole(base @ 2..=36) => *base as u32,
        _ => return Err(Stop::new("`int` knows the bases 2 to 36")),
    };
    let made = match &value {
        Value::Nothing => Some(Value::Whole(0)).filter(|_| matches!(default, Value::Nothing)),
        Value::Flag(flag) => Some(Value::Whole(i64::from(*flag))),
        Value::Whole(_) => return Ok(value),
        Value::Number(value) => return number(value.trunc()),
        Value::Text(text) => {
            budget.reading(text.len())?;
            match parse_whole(text, base) {
                Some(whole) => Some(Value::Whole(whole)),
                None => text.parse::<f64>().ok().and_then(|value| number(value.trunc()).ok()),
            }
        }
        Value::List(_) | Value::Map(_) => None,
    };
    or_default(made, default, "int", &value)
}

/// `-12`, `+12`, and for their bases `0x1f`, `0o17`, `0b11`.
fn parse_whole(text: &str, base: u32) -> Option<i64> {
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = match digits.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &digits[prefix.len()..],
        _ => digits,
    };
    // Longer than any whole number is, and then no second sign is hidden in it either.
    if digits.len() > 70 || digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(&[sign, digits].concat(), base).ok()
}

/// As `int`, with a fraction.
pub(super) fn float(value: Value, default: Value, budget: &mut Budget) -> Result<Value, Stop> {
    let made = match &value {
        Value::Nothing => Some(Value::Whole(0)).filter(|_| matches!(default, Value::Nothing)),
        Value::Flag(flag) => Some(Value::Whole(i64::from(*flag))),
        Value::Whole(_) | Value::Number(_) => return Ok(value),
        Value::Text(text) => {
            budget.reading(text.len())?;
            text.parse::<f64>().ok().and_then(|value| number(value).ok())
        }
        Value::List(_) | Value::Map(_) => None,
    };
    or_default(made, default, "float", &value)
}

fn or_default(made: Option<Value>, default: Value, filter: &str, value: &Value) -> Result<Value, Stop> {
    match (made, default) {
        (Some(made), _) => Ok(made),
        (None, Value::Nothing) => Err(match value {
            Value::Text(_) => {
                Stop::new(format!("`{filter}` finds no number in this text, and is given no default"))
            }
            other => useless(filter, other),
        }),
        (None, default) => Ok(default),
    }
}

/// Halves go to the even neighbour, as in minijinja and Python.
pub(super) fn round(
    value: Value,
    precision: &Value,
    method: &Value,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let precision = match precision {
        Value::Nothing => 0,
        Value::Whole(precision) => (*precision).clamp(-400, 400) as i32,
        _ => return Err(Stop::new("`round` needs a whole number of places")),
    };
    let method = match method {
        Value::Nothing => "common",
        Value::Text(text) if matches!(&**text, "common" | "ceil" | "floor") => text,
        _ => return Err(Stop::new("`round` knows \"common\", \"ceil\" and \"floor\"")),
    };
    match value {
        Value::Whole(_) if precision >= 0 => Ok(value),
        Value::Whole(whole) => round_whole(whole, precision, method),
        Value::Number(value) if precision >= 0 && method == "common" => {
            budget.work(precision as usize / 4)?;
            // Writing it down rounds the digits themselves, where a multiplication would add an error first.
            let written = format!("{value:.places$}", places = precision as usize);
            number(written.parse::<f64>().unwrap_or(value))
        }
        Value::Number(value) => {
            let factor = 10f64.powi(precision);
            let scaled = value * factor;
            if !scaled.is_finite() {
                return Ok(Value::Number(value));
            }
            let rounded = match method {
                "ceil" => scaled.ceil(),
                "floor" => scaled.floor(),
                _ => scaled.round_ties_even(),
            };
            if factor == 0.0 { number(0.0) } else { number(rounded / factor) }
        }
        other => Err(useless("round", &other)),
    }
}

fn round_whole(whole: i64, precision: i32, method: &str) -> Result<Value, Stop> {
    let whole = i128::from(whole);
    // Beyond these places there is nothing left of any whole number.
    let factor = 10i128.pow(precision.unsigned_abs().min(20));
    let (quotient, rest) = (whole.div_euclid(factor), whole.rem_euclid(factor));
    let up = match method {
        "ceil" => rest > 0,
        "floor" => false,
        _ => rest * 2 > factor || (rest * 2 == factor && quotient % 2 != 0),
    };
    let rounded = (quotient + i128::from(up)) * factor;
    i64::try_from(rounded).map_or_else(|_| number(rounded as f64), |rounded| Ok(Value::Whole(rounded)))
}
