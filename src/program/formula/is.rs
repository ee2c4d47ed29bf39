//! `value is test`: which tests there are and what they find.

use super::Names;
use super::budget::Budget;
use super::compare::{contains, equal, ordered};
use super::fault::{Stop, kind};
use super::node::Operator;
use super::print::text_of;
use crate::conversation::Value;
use crate::language::pattern::parse_pattern;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::pattern::Pattern;

/// A test behind `is`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Boolean,
    Defined,
    DivisibleBy,
    EndingWith,
    Even,
    False,
    Float,
    In,
    Integer,
    Iterable,
    Like,
    Lower,
    Mapping,
    Number,
    Odd,
    Open,
    Sequence,
    StartingWith,
    String,
    True,
    Undefined,
    Upper,
    Equal,
    Unequal,
    /// `lt`, `le`, `gt`, `ge`
    Sized(Operator),
}

/// Every test: its name, and whether something stands behind it.
pub(super) const TESTS_BY_NAME: &[(&str, Test, bool)] = &[
    ("boolean", Test::Boolean, false),
    ("defined", Test::Defined, false),
    ("divisibleby", Test::DivisibleBy, true),
    ("endingwith", Test::EndingWith, true),
    ("eq", Test::Equal, true),
    ("equalto", Test::Equal, true),
    ("even", Test::Even, false),
    ("false", Test::False, false),
    ("float", Test::Float, false),
    ("ge", Test::Sized(Operator::GreaterOrEqual), true),
    ("greaterthan", Test::Sized(Operator::Greater), true),
    ("gt", Test::Sized(Operator::Greater), true),
    ("in", Test::In, true),
    ("integer", Test::Integer, false),
    ("iterable", Test::Iterable, false),
    ("le", Test::Sized(Operator::LessOrEqual), true),
    ("lessthan", Test::Sized(Operator::Less), true),
    ("like", Test::Like, true),
    ("lower", Test::Lower, false),
    ("lt", Test::Sized(Operator::Less), true),
    ("mapping", Test::Mapping, false),
    ("ne", Test::Unequal, true),
    ("none", Test::Undefined, false),
    ("number", Test::Number, false),
    ("odd", Test::Odd, false),
    ("open", Test::Open, false),
    ("sequence", Test::Sequence, false),
    ("startingwith", Test::StartingWith, true),
    ("string", Test::String, false),
    ("true", Test::True, false),
    ("undefined", Test::Undefined, false),
    ("upper", Test::Upper, false),
];

impl Test {
    /// The test of this name, and whether something stands behind it.
    pub(super) fn find(name: &str) -> Option<(Test, bool)> {
        TESTS_BY_NAME.iter().find(|(known, ..)| *known == name).map(|(_, test, arg)| (*test, *arg))
    }

    /// Whether the value passes.
    pub(super) fn passes(
        self,
        value: &Value,
        arg: &Value,
        names: &dyn Names,
        budget: &mut Budget,
    ) -> Result<bool, Stop> {
        Ok(match self {
            Test::Boolean => matches!(value, Value::Flag(_)),
            Test::Defined => !matches!(value, Value::Nothing),
            Test::Undefined => matches!(value, Value::Nothing),
            Test::True => matches!(value, Value::Flag(true)),
            Test::False => matches!(value, Value::Flag(false)),
            Test::Number => matches!(value, Value::Whole(_) | Value::Number(_)),
            Test::Integer => matches!(value, Value::Whole(_)),
            Test::Float => matches!(value, Value::Number(_)),
            Test::String => matches!(value, Value::Text(_)),
            Test::Sequence => matches!(value, Value::List(_)),
            Test::Mapping => matches!(value, Value::Map(_)),
            Test::Iterable => matches!(value, Value::List(_) | Value::Map(_) | Value::Text(_)),
            Test::Even => matches!(value, Value::Whole(whole) if whole % 2 == 0),
            Test::Odd => matches!(value, Value::Whole(whole) if whole % 2 != 0),
            Test::DivisibleBy => match (value, arg) {
                (Value::Whole(value), Value::Whole(by)) => value.checked_rem(*by) == Some(0) || *by == -1,
                (value, by) => match (value.as_number(), by.as_number()) {
                    (Some(value), Some(by)) => value % by == 0.0,
                    _ => false,
                },
            },
            Test::StartingWith | Test::EndingWith => {
                if matches!(value, Value::Nothing) || matches!(arg, Value::Nothing) {
                    return Ok(false);
                }
                let (text, part) = (text_of(value, budget)?, text_of(arg, budget)?);
                budget.reading(part.len())?;
                if self == Test::StartingWith { text.starts_with(&*part) } else { text.ends_with(&*part) }
            }
            Test::Lower => cased(value, char::is_lowercase, char::is_uppercase, budget)?,
            Test::Upper => cased(value, char::is_uppercase, char::is_lowercase, budget)?,
            Test::In => contains(arg, value, budget)?,
            Test::Equal => equal(value, arg, budget)?,
            Test::Unequal => !equal(value, arg, budget)?,
            Test::Sized(op) => ordered(op, value, arg, budget)?,
            Test::Open => match value {
                Value::Text(hours) => names.is_open(hours),
                other => {
                    return Err(Stop::new(format!(
                        "opening hours are named by a text, not by {}",
                        kind(other)
                    )));
                }
            },
            Test::Like => {
                let Value::Text(pattern) = arg else {
                    return Err(Stop::new(format!("a pattern is a text, not {}", kind(arg))));
                };
                budget.work(1 + pattern.len())?;
                // What the text says may come from a visitor, so it is not repeated in the fault.
                let pattern =
                    parse_pattern(pattern).map_err(|_| Stop::new("this text cannot be read as a pattern"))?;
                return like(value, &Pattern::new(&pattern), budget);
            }
        })
    }
}

/// All letters that have a case have this one, and there is one.
fn cased(
    value: &Value,
    wanted: fn(char) -> bool,
    other: fn(char) -> bool,
    budget: &mut Budget,
) -> Result<bool, Stop> {
    let Value::Text(text) = value else {
        return Ok(false);
    };
    budget.reading(text.len())?;
    let mut found = false;
    for letter in text.chars() {
        let changes = || {
            letter.to_lowercase().any(|one| one != letter) || letter.to_uppercase().any(|one| one != letter)
        };
        if other(letter) || (!wanted(letter) && changes()) {
            return Ok(false);
        }
        found = found || wanted(letter);
    }
    Ok(found)
}

/// Whether a value, as a text, fits a pattern as a whole message would. Nothing fits none.
pub(super) fn like(value: &Value, pattern: &Pattern, budget: &mut Budget) -> Result<bool, Stop> {
    let text = match value {
        Value::Nothing => return Ok(false),
        Value::List(_) | Value::Map(_) => {
            return Err(Stop::new(format!("{} cannot be like a pattern", kind(value))));
        }
        value => text_of(value, budget)?,
    };
    budget.work(1 + text.len() / 8)?;
    let heard = Heard::new(&text).map_err(|slip| Stop::new(slip.to_string()))?;
    let mut scratch = Scratch::new();
    let fits = Matcher::Pattern(pattern.clone()).fits(&heard, &mut scratch).is_some();
    budget.work(usize::try_from(scratch.work() / 8).unwrap_or(usize::MAX))?;
    Ok(fits)
}

/// The pattern behind `is like`, read once.
pub(super) fn pattern(text: &str) -> Result<Pattern, String> {
    parse_pattern(text).map(|pattern| Pattern::new(&pattern)).map_err(|slip| slip.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::expression::TESTS;

    #[test]
    fn every_test_that_the_checker_knows_is_there() {
        let known: Vec<&str> = TESTS_BY_NAME.iter().map(|(name, ..)| *name).collect();
        assert_eq!(known, TESTS);
        let pattern = pattern("*(track|where)*").unwrap();
        assert!(like(&Value::text("Where is it?"), &pattern, &mut Budget::new()).unwrap());
    }
}
