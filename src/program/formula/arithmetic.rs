//! `+ - * / // % **` and `~`: never a wrap, never infinite, and never a guess what a text means as a number.

use super::budget::Budget;
use super::fault::{Stop, kind, kinds};
use super::node::Operator;
use super::print::print;
use crate::conversation::Value;

/// A number that was reckoned.
pub(super) fn number(number: f64) -> Result<Value, Stop> {
    if !number.is_finite() {
        return Err(Stop::new("the result is no number that can be written down"));
    }
    Ok(Value::number(number))
}

/// `left op right`
pub(super) fn apply(op: Operator, left: Value, right: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    match (op, &left, right) {
        (Operator::Join, ..) => return join(left, right, budget),
        (Operator::Add, Value::Whole(one), Value::Whole(other)) => {
            return one
                .checked_add(*other)
                .map_or_else(|| number(*one as f64 + *other as f64), |sum| Ok(Value::Whole(sum)));
        }
        (Operator::Add, Value::Text(one), Value::Text(other)) => {
            budget.make(one.len() + other.len())?;
            return Ok(Value::text([&**one, &**other].concat()));
        }
        (Operator::Add, Value::List(one), Value::List(other)) => {
            budget.work(one.len() + other.len())?;
            return budget.whole(Value::list(one.iter().chain(other.iter()).cloned().collect()));
        }
        (Operator::Multiply, Value::Text(_) | Value::List(_), Value::Whole(times)) => {
            return repeat(&left, *times, budget);
        }
        (Operator::Multiply, Value::Whole(times), Value::Text(_) | Value::List(_)) => {
            return repeat(right, *times, budget);
        }
        (Operator::Subtract, Value::Whole(one), Value::Whole(other)) => {
            if let Some(whole) = one.checked_sub(*other) {
                return Ok(Value::Whole(whole));
            }
        }
        (Operator::Multiply, Value::Whole(one), Value::Whole(other)) => {
            if let Some(whole) = one.checked_mul(*other) {
                return Ok(Value::Whole(whole));
            }
        }
        (Operator::Divide, Value::Whole(one), Value::Whole(other)) => {
            if one.checked_rem(*other) == Some(0)
                && let Some(whole) = one.checked_div(*other)
            {
                return Ok(Value::Whole(whole));
            }
        }
        (Operator::DivideWhole, Value::Whole(one), Value::Whole(other)) => {
            if let Some((whole, _)) = floor_whole(*one, *other) {
                return Ok(Value::Whole(whole));
            }
        }
        (Operator::Remainder, Value::Whole(one), Value::Whole(other)) => {
            if let Some((_, rest)) = floor_whole(*one, *other) {
                return Ok(Value::Whole(rest));
            }
        }
        (Operator::Power, Value::Whole(one), Value::Whole(other)) => {
            if let Some(whole) = u32::try_from(*other).ok().and_then(|other| one.checked_pow(other)) {
                return Ok(Value::Whole(whole));
            }
        }
        _ => {}
    }
    let (Some(one), Some(other)) = (left.as_number(), right.as_number()) else {
        return Err(Stop::new(format!("{} cannot be {}", kinds(&left, right), done(op))));
    };
    match op {
        Operator::Add => number(one + other),
        Operator::Subtract => number(one - other),
        Operator::Multiply => number(one * other),
        Operator::Divide | Operator::DivideWhole | Operator::Remainder if other == 0.0 => {
            Err(Stop::new("nothing can be divided by zero"))
        }
        Operator::Divide => number(one / other),
        Operator::DivideWhole => number(floor_number(one, other).0),
        Operator::Remainder => number(floor_number(one, other).1),
        _ => number(one.powf(other)),
    }
}

fn done(op: Operator) -> &'static str {
    match op {
        Operator::Add => "added",
        Operator::Subtract => "subtracted",
        Operator::Multiply => "multiplied",
        Operator::Power => "raised to a power",
        _ => "divided",
    }
}

/// Rounded down, as Python does it: the rest has the sign of the divisor.
fn floor_whole(one: i64, other: i64) -> Option<(i64, i64)> {
    let (whole, rest) = (one.checked_div(other)?, one.checked_rem(other)?);
    if rest != 0 && (rest < 0) != (other < 0) {
        Some((whole.checked_sub(1)?, rest + other))
    } else {
        Some((whole, rest))
    }
}

fn floor_number(one: f64, other: f64) -> (f64, f64) {
    let mut rest = one % other;
    let mut whole = (one - rest) / other;
    if rest != 0.0 && (rest < 0.0) != (other < 0.0) {
        rest += other;
        whole -= 1.0;
    }
    let floored = whole.floor();
    (if whole - floored > 0.5 { floored + 1.0 } else { floored }, rest)
}

/// `-x`
pub(super) fn negative(value: &Value) -> Result<Value, Stop> {
    match value {
        Value::Whole(whole) => {
            whole.checked_neg().map_or_else(|| number(-(*whole as f64)), |whole| Ok(Value::Whole(whole)))
        }
        Value::Number(value) => number(-value),
        other => Err(Stop::new(format!("{} cannot be negative", kind(other)))),
    }
}

fn repeat(value: &Value, times: i64, budget: &mut Budget) -> Result<Value, Stop> {
    let Ok(times) = usize::try_from(times) else {
        return Err(Stop::new(format!("{} cannot be repeated a negative number of times", kind(value))));
    };
    match value {
        Value::List(list) => {
            // A place in a list counts at least a byte: what is refused here would be refused once made.
            budget.make(list.len().saturating_mul(times))?;
            budget.work(list.len().saturating_mul(times))?;
            let items = std::iter::repeat_n(list.iter(), times).flatten().cloned().collect();
            budget.whole(Value::list(items))
        }
        Value::Text(text) => {
            budget.make(text.len().saturating_mul(times))?;
            Ok(Value::text(text.repeat(times)))
        }
        _ => Ok(Value::Nothing),
    }
}

/// `a ~ b`, both as a text says them.
fn join(left: Value, right: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let mut out = String::new();
    print(&left, &mut out, budget)?;
    print(right, &mut out, budget)?;
    budget.text(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_never_wrap() {
        let mut budget = Budget::new();
        let ops = [
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::DivideWhole,
            Operator::Remainder,
        ];
        for one in [i64::MIN, -1, 0, 1, i64::MAX] {
            for other in [i64::MIN, -1, 1, i64::MAX] {
                for op in ops {
                    let exact = match op {
                        Operator::Add => i128::from(one) + i128::from(other),
                        Operator::Subtract => i128::from(one) - i128::from(other),
                        Operator::Multiply => i128::from(one) * i128::from(other),
                        Operator::DivideWhole => i128::from(one).div_euclid(i128::from(other)),
                        _ => continue,
                    };
                    let got = apply(op, Value::Whole(one), &Value::Whole(other), &mut budget).unwrap();
                    let got = got.as_number().unwrap();
                    if op != Operator::DivideWhole || other > 0 {
                        assert!(
                            (got - exact as f64).abs() <= (exact as f64).abs() * 1e-15,
                            "{one} {op:?} {other}: {got}"
                        );
                    }
                }
            }
        }
    }
}
