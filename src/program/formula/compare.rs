//! Which of two values is equal, smaller, or inside the other.

use std::cmp::Ordering;

use super::budget::Budget;
use super::fault::{Stop, kind, kinds};
use super::node::Operator;
use super::print::text_of;
use crate::conversation::Value;

/// `==`: values of different kinds are never equal; `7` and `7.0` are.
pub(super) fn equal(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Stop> {
    Ok(match (left, right) {
        (Value::Nothing, Value::Nothing) => true,
        (Value::Flag(one), Value::Flag(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => {
            one.len() == other.len() && {
                budget.reading(one.len())?;
                one == other
            }
        }
        (Value::List(one), Value::List(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            budget.work(one.len())?;
            for (one, other) in one.iter().zip(other.iter()) {
                if !equal(one, other, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(one), Value::Map(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            budget.work(one.len())?;
            for ((name, one), (other_name, other)) in one.iter().zip(other.iter()) {
                budget.reading(name.len())?;
                if name != other_name || !equal(one, other, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => numbers(left, right) == Some(Ordering::Equal),
    })
}

/// `<` and its kin: numbers by size, texts letter by letter, lists item by item. Nothing is neither smaller nor larger.
pub(super) fn ordered(op: Operator, left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Stop> {
    let ordering = match (left, right) {
        (Value::Nothing, _) | (_, Value::Nothing) => return Ok(false),
        (Value::Text(one), Value::Text(other)) => {
            budget.reading(one.len().min(other.len()))?;
            one.cmp(other)
        }
        (Value::List(one), Value::List(other)) => {
            budget.weigh(if one.len() < other.len() { left } else { right })?;
            order(left, right)
        }
        _ => match numbers(left, right) {
            Some(ordering) => ordering,
            None => {
                return Err(Stop::new(format!("{} cannot be compared by size", kinds(left, right))));
            }
        },
    };
    Ok(match op {
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    })
}

/// Which of two numbers is smaller, exactly; none if one is no number.
fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Whole(one), Value::Whole(other)) => Some(one.cmp(other)),
        (Value::Whole(one), Value::Number(other)) => Some(whole_and_number(*one, *other)),
        (Value::Number(one), Value::Whole(other)) => Some(whole_and_number(*other, *one).reverse()),
        (Value::Number(one), Value::Number(other)) => Some((one + 0.0).total_cmp(&(other + 0.0))),
        _ => None,
    }
}

/// Without rounding either: sorting relies on an order without contradictions.
fn whole_and_number(whole: i64, number: f64) -> Ordering {
    // The first powers of two beyond what a whole number can be.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return if number.is_sign_negative() { Ordering::Greater } else { Ordering::Less };
    }
    if number >= BEYOND {
        return Ordering::Less;
    }
    if number < -BEYOND {
        return Ordering::Greater;
    }
    whole.cmp(&(number.trunc() as i64)).then_with(|| 0.0f64.total_cmp(&(number.fract() + 0.0)))
}

/// An order over all values, for sorting: nothing, flags, numbers, texts, lists, maps.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    fn rank(value: &Value) -> u8 {
        match value {
            Value::Nothing => 0,
            Value::Flag(_) => 1,
            Value::Whole(_) | Value::Number(_) => 2,
            Value::Text(_) => 3,
            Value::List(_) => 4,
            Value::Map(_) => 5,
        }
    }
    match (left, right) {
        (Value::Flag(one), Value::Flag(other)) => one.cmp(other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::List(one), Value::List(other)) => {
            let sides = one.iter().zip(other.iter()).map(|(one, other)| order(one, other));
            sides.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
        }
        (Value::Map(one), Value::Map(other)) => {
            let entry = |(one, other): ((&String, &Value), (&String, &Value))| {
                one.0.cmp(other.0).then_with(|| order(one.1, other.1))
            };
            let sides = one.iter().zip(other.iter()).map(entry);
            sides.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
        }
        _ => numbers(left, right).unwrap_or_else(|| rank(left).cmp(&rank(right))),
    }
}

/// `needle in hay`: an item of a list, a name of a map, a stretch of a text. In nothing there is nothing.
pub(super) fn contains(hay: &Value, needle: &Value, budget: &mut Budget) -> Result<bool, Stop> {
    match hay {
        Value::Nothing => Ok(false),
        Value::Text(hay) => match needle {
            // Every text contains the empty one, and a missing value must not stand for that.
            Value::Nothing => Ok(false),
            needle => {
                let needle = text_of(needle, budget)?;
                budget.reading(hay.len() + needle.len())?;
                Ok(hay.contains(&*needle))
            }
        },
        Value::List(list) => {
            for item in list.iter() {
                budget.work(1)?;
                if equal(item, needle, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => match needle {
            Value::Text(name) => Ok(map.contains_key(&**name)),
            Value::Nothing => Ok(false),
            other => Ok(map.contains_key(&*text_of(other, budget)?)),
        },
        other => Err(Stop::new(format!("{} has nothing in it that `in` could find", kind(other)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_compared_exactly() {
        let large = Value::Whole(9_007_199_254_740_993);
        assert_eq!(order(&large, &Value::Number(9_007_199_254_740_992.0)), Ordering::Greater);
        assert_eq!(
            order(&Value::Whole(i64::MAX), &Value::Number(9_223_372_036_854_775_808.0)),
            Ordering::Less
        );
        assert_eq!(
            order(&Value::Whole(i64::MIN), &Value::Number(-9_223_372_036_854_775_808.0)),
            Ordering::Equal
        );
        assert_eq!(order(&Value::Whole(-2), &Value::Number(-1.5)), Ordering::Less);
        assert_eq!(order(&Value::Whole(-1), &Value::Number(-1.5)), Ordering::Greater);
        assert_eq!(order(&Value::Whole(0), &Value::Number(-0.0)), Ordering::Equal);
    }
}
