//! `value | filter(…)`: which filters there are, what they are given, and who does the work.

mod lists;
mod numbers;
mod texts;

use super::budget::{Budget, VALUE_BYTES_MAX};
use super::fault::{Stop, kind};
use super::print::{json_within, text_of};
use crate::conversation::Value;

pub(super) use lists::{items_of, path};

/// The most arguments a filter takes.
pub(super) const ARGS_MAX: usize = 3;

/// What a filter is given, in the order of its parameters; nothing, where it is given nothing.
pub(super) type Args = [Value; ARGS_MAX];

/// A filter that is applied to one value. `map`, `select` and their kin are parts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Abs,
    Batch,
    Bool,
    Capitalize,
    Default,
    First,
    Float,
    GroupBy,
    Int,
    Items,
    Join,
    Last,
    Length,
    Lines,
    List,
    Lower,
    Max,
    Min,
    Replace,
    Reverse,
    Round,
    Slice,
    Sort,
    Split,
    String,
    Sum,
    Title,
    ToJson,
    Trim,
    Unique,
    Upper,
    UrlEncode,
}

/// How a filter is written.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) filter: Filter,
    /// The names of its parameters.
    pub(super) params: &'static [&'static str],
    /// How many of them have to be given.
    pub(super) needed: usize,
    /// How many of them may be given without their names.
    pub(super) by_place: usize,
}

const fn signature(
    name: &'static str,
    filter: Filter,
    params: &'static [&'static str],
    needed: usize,
    by_place: usize,
) -> Signature {
    Signature { name, filter, params, needed, by_place }
}

/// Every filter, as minijinja documents its parameters.
pub(super) const SIGNATURES: &[Signature] = &[
    signature("abs", Filter::Abs, &[], 0, 0),
    signature("batch", Filter::Batch, &["count", "fill_with"], 1, 2),
    signature("bool", Filter::Bool, &[], 0, 0),
    signature("capitalize", Filter::Capitalize, &[], 0, 0),
    signature("count", Filter::Length, &[], 0, 0),
    signature("d", Filter::Default, &["default_value", "boolean"], 0, 2),
    signature("default", Filter::Default, &["default_value", "boolean"], 0, 2),
    signature("first", Filter::First, &[], 0, 0),
    signature("float", Filter::Float, &["default"], 0, 1),
    signature("groupby", Filter::GroupBy, &["attribute", "default", "case_sensitive"], 1, 1),
    signature("int", Filter::Int, &["default", "base"], 0, 2),
    signature("items", Filter::Items, &[], 0, 0),
    signature("join", Filter::Join, &["d", "attribute"], 0, 2),
    signature("last", Filter::Last, &[], 0, 0),
    signature("length", Filter::Length, &[], 0, 0),
    signature("lines", Filter::Lines, &[], 0, 0),
    signature("list", Filter::List, &[], 0, 0),
    signature("lower", Filter::Lower, &[], 0, 0),
    signature("max", Filter::Max, &["attribute", "case_sensitive"], 0, 0),
    signature("min", Filter::Min, &["attribute", "case_sensitive"], 0, 0),
    signature("replace", Filter::Replace, &["from", "to"], 2, 2),
    signature("reverse", Filter::Reverse, &[], 0, 0),
    signature("round", Filter::Round, &["precision", "method"], 0, 2),
    signature("slice", Filter::Slice, &["count", "fill_with"], 1, 2),
    signature("sort", Filter::Sort, &["attribute", "case_sensitive", "reverse"], 0, 0),
    signature("split", Filter::Split, &["sep", "maxsplits"], 0, 2),
    signature("string", Filter::String, &[], 0, 0),
    signature("sum", Filter::Sum, &["attribute", "start"], 0, 2),
    signature("title", Filter::Title, &[], 0, 0),
    signature("tojson", Filter::ToJson, &["indent"], 0, 1),
    signature("trim", Filter::Trim, &["chars"], 0, 1),
    signature("unique", Filter::Unique, &["attribute", "case_sensitive"], 0, 0),
    signature("upper", Filter::Upper, &[], 0, 0),
    signature("urlencode", Filter::UrlEncode, &[], 0, 0),
];

impl Filter {
    /// The filter of this name.
    pub(super) fn find(name: &str) -> Option<&'static Signature> {
        SIGNATURES.iter().find(|signature| signature.name == name)
    }

    /// Applies it.
    pub(super) fn apply(self, value: Value, args: Args, budget: &mut Budget) -> Result<Value, Stop> {
        let [first, second, third] = args;
        match self {
            Filter::Default => Ok(match value {
                value if matches!(value, Value::Nothing) || (second.is_true() && !value.is_true()) => {
                    match first {
                        Value::Nothing => Value::text(""),
                        first => first,
                    }
                }
                value => value,
            }),
            Filter::Bool => Ok(Value::Flag(value.is_true())),
            Filter::Length => length(&value, budget),
            Filter::String => match value {
                Value::Text(_) => Ok(value),
                other => {
                    let text = text_of(&other, budget)?.into_owned();
                    budget.text(text)
                }
            },
            Filter::ToJson => to_json(&value, &first, budget),
            Filter::Abs => numbers::abs(value),
            Filter::Int => numbers::int(value, first, &second, budget),
            Filter::Float => numbers::float(value, first, budget),
            Filter::Round => numbers::round(value, &first, &second, budget),
            Filter::Capitalize
            | Filter::Lower
            | Filter::Title
            | Filter::Upper
            | Filter::Trim
            | Filter::Replace => texts::change(self, value, &first, &second, budget),
            Filter::Split => texts::split(&value, &first, &second, budget),
            Filter::Lines => texts::lines(&value, budget),
            Filter::UrlEncode => texts::url_encode(&value, budget),
            Filter::Reverse => lists::reverse(value, budget),
            Filter::First => lists::first(&value),
            Filter::Last => lists::last(&value),
            Filter::List => lists::list(value, budget),
            Filter::Items => lists::items(&value, budget),
            Filter::Join => lists::join(&value, &first, &second, budget),
            Filter::Batch => lists::batch(&value, &first, &second, budget),
            Filter::Slice => lists::slice(&value, &first, &second, budget),
            Filter::Sort => lists::sort(&value, &first, second.is_true(), third.is_true(), budget),
            Filter::Min => lists::extreme(&value, &first, second.is_true(), false, budget),
            Filter::Max => lists::extreme(&value, &first, second.is_true(), true, budget),
            Filter::Unique => lists::unique(&value, &first, second.is_true(), budget),
            Filter::GroupBy => lists::group_by(&value, &first, second, third.is_true(), budget),
            Filter::Sum => lists::sum(&value, &first, second, budget),
        }
    }
}

/// What a filter says of a value it has no use for.
#[cold]
pub(super) fn useless(filter: &str, value: &Value) -> Stop {
    Stop::new(format!("`{filter}` has no use for {}", kind(value)))
}

fn length(value: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let length = match value {
        Value::Nothing => 0,
        Value::Text(text) => {
            budget.reading(text.len())?;
            text.chars().count()
        }
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        other => return Err(useless("length", other)),
    };
    Ok(Value::Whole(length as i64))
}

/// As JSON, in one line or, with an indent, in many.
fn to_json(value: &Value, indent: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let indent = match indent {
        Value::Nothing | Value::Flag(false) => None,
        Value::Flag(true) => Some(2),
        Value::Whole(indent @ 0..=16) => Some(*indent as usize),
        _ => return Err(Stop::new("`tojson` indents by 0 to 16 spaces")),
    };
    let mut out = String::new();
    if json_within(value, &mut out, VALUE_BYTES_MAX).is_err() {
        budget.make(usize::MAX)?;
    }
    let Some(indent) = indent else {
        return budget.text(out);
    };
    // The short form is within bounds; a line and its indent for every sign of it bound the long one.
    let signs = out.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{' | b']' | b'}' | b':')).count();
    budget.work(signs)?;
    let spaces = " ".repeat(indent);
    let mut pretty = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut pretty, formatter);
    serde::Serialize::serialize(value, &mut serializer)
        .map_err(|_| Stop::new("it cannot be written as JSON"))?;
    budget.text(String::from_utf8(pretty).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::expression::FILTERS;

    #[test]
    fn every_filter_that_the_checker_knows_is_there() {
        const PARTS: [&str; 5] = ["map", "reject", "rejectattr", "select", "selectattr"];
        let mut known: Vec<&str> = SIGNATURES.iter().map(|signature| signature.name).chain(PARTS).collect();
        known.sort_unstable();
        assert_eq!(known, FILTERS);
        assert!(
            SIGNATURES.iter().all(|one| one.params.len() <= ARGS_MAX && one.by_place <= one.params.len())
        );
    }
}
