//! Filters for lists: order, groups, sums, first and last; for texts letter by letter, for maps name by name.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{texts, useless};
use crate::conversation::Value;
use crate::program::formula::arithmetic;
use crate::program::formula::budget::{Budget, VALUE_BYTES_MAX};
use crate::program::formula::compare::order;
use crate::program::formula::fault::{Stop, kind};
use crate::program::formula::node::Operator;
use crate::program::formula::print::{print_within, text_of};

/// What a loop goes through: the items of a list, the names of a map, the letters of a text. Nothing has none.
pub(in crate::program::formula) fn items_of<'v>(
    value: &'v Value,
    budget: &mut Budget,
) -> Result<Cow<'v, [Value]>, Stop> {
    Ok(match value {
        Value::Nothing => Cow::Borrowed(&[]),
        Value::List(list) => {
            budget.work(list.len())?;
            Cow::Borrowed(list)
        }
        Value::Map(map) => match texts::pieces(map.keys().map(String::as_str), budget)? {
            Value::List(names) => Cow::Owned(names.to_vec()),
            _ => Cow::Borrowed(&[]),
        },
        Value::Text(text) => {
            let letters = text.char_indices().map(|(at, letter)| &text[at..at + letter.len_utf8()]);
            match texts::pieces(letters, budget)? {
                Value::List(letters) => Cow::Owned(letters.to_vec()),
                _ => Cow::Borrowed(&[]),
            }
        }
        other => return Err(Stop::new(format!("there are no items in {}", kind(other)))),
    })
}

/// What stands behind dots: `"address.city"`, `"1.name"`.
pub(in crate::program::formula) fn path(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, name| match &value {
        Value::List(list) => {
            name.parse::<usize>().ok().and_then(|at| list.get(at)).cloned().unwrap_or_default()
        }
        value => value.member(name),
    })
}

/// The attribute of an item, or the item itself if none is asked for.
fn attribute<'v>(item: &'v Value, attribute: &Value, budget: &mut Budget) -> Result<Cow<'v, Value>, Stop> {
    match attribute {
        Value::Nothing => Ok(Cow::Borrowed(item)),
        Value::Text(text) => {
            budget.work(1 + text.len() / 32)?;
            Ok(Cow::Owned(path(item, text)))
        }
        Value::Whole(at) => Ok(Cow::Owned(path(item, &at.to_string()))),
        other => Err(Stop::new(format!("the name of an attribute cannot be {}", kind(other)))),
    }
}

/// What an item is compared as: without letter case, unless that is asked for.
fn key(item: &Value, by: &Value, case_sensitive: bool, budget: &mut Budget) -> Result<Value, Stop> {
    let key = attribute(item, by, budget)?;
    let work = budget.weigh(&key)?;
    match &*key {
        Value::Text(text) if !case_sensitive => {
            budget.work(work)?;
            Ok(Value::text(text.to_lowercase()))
        }
        _ => Ok(key.into_owned()),
    }
}

/// Items with their keys, and the work of sorting them paid for.
fn keyed(
    list: &[Value],
    by: &Value,
    case_sensitive: bool,
    budget: &mut Budget,
) -> Result<Vec<(Value, Value)>, Stop> {
    let mut keyed = Vec::with_capacity(list.len());
    let mut work = 0;
    for item in list {
        let key = key(item, by, case_sensitive, budget)?;
        work += budget.weigh(&key)?;
        keyed.push((key, item.clone()));
    }
    budget.work(work.saturating_mul(list.len().checked_ilog2().unwrap_or(0) as usize + 1))?;
    Ok(keyed)
}

pub(super) fn sort(
    value: &Value,
    by: &Value,
    case_sensitive: bool,
    reverse: bool,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let list = items_of(value, budget)?;
    let mut keyed = match by {
        // "age, name": first by the one, then by the other.
        Value::Text(several) if several.contains(',') => {
            let names: Vec<Value> =
                several.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Value::text).collect();
            let mut keyed = Vec::with_capacity(list.len());
            let mut work = 0;
            for item in list.iter() {
                let parts = names.iter().map(|name| key(item, name, case_sensitive, budget));
                let key = Value::list(parts.collect::<Result<_, _>>()?);
                work += budget.weigh(&key)?;
                keyed.push((key, item.clone()));
            }
            budget.work(work.saturating_mul(list.len().checked_ilog2().unwrap_or(0) as usize + 1))?;
            keyed
        }
        by => keyed(&list, by, case_sensitive, budget)?,
    };
    keyed.sort_by(|(one, _), (other, _)| if reverse { order(other, one) } else { order(one, other) });
    budget.picked(keyed.into_iter().map(|(_, item)| item).collect())
}

/// The smallest item, the first of equals; or the largest, the last of equals.
pub(super) fn extreme(
    value: &Value,
    by: &Value,
    case_sensitive: bool,
    largest: bool,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let mut best: Option<(Value, &Value)> = None;
    let list = items_of(value, budget)?;
    for item in list.iter() {
        let key = key(item, by, case_sensitive, budget)?;
        let better = best.as_ref().is_none_or(|(other, _)| {
            let ordering = order(&key, other);
            if largest { ordering.is_ge() } else { ordering.is_lt() }
        });
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map(|(_, item)| item.clone()).unwrap_or_default())
}

/// A value that can stand in an ordered set.
struct Ordered(Value);

impl PartialEq for Ordered {
    fn eq(&self, other: &Ordered) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Ordered) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Ordered) -> Ordering {
        order(&self.0, &other.0)
    }
}

pub(super) fn unique(
    value: &Value,
    by: &Value,
    case_sensitive: bool,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let list = items_of(value, budget)?;
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (key, item) in keyed(&list, by, case_sensitive, budget)? {
        if seen.insert(Ordered(key)) {
            kept.push(item);
        }
    }
    budget.picked(kept)
}

/// Groups, each a map of `grouper` and `list`.
pub(super) fn group_by(
    value: &Value,
    by: &Value,
    default: Value,
    case_sensitive: bool,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let list = items_of(value, budget)?;
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    let mut keyed = keyed(&list, by, case_sensitive, budget)?;
    if !matches!(default, Value::Nothing) {
        let folded = key(&default, &Value::Nothing, case_sensitive, budget)?;
        for (key, _) in keyed.iter_mut().filter(|(key, _)| matches!(key, Value::Nothing)) {
            *key = folded.clone();
        }
    }
    keyed.sort_by(|(one, _), (other, _)| order(one, other));
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, _, items)) if order(last, &key).is_eq() => items.push(item),
            _ => {
                let shown = match attribute(&item, by, budget)?.into_owned() {
                    Value::Nothing => default.clone(),
                    shown => shown,
                };
                groups.push((key, shown, vec![item]));
            }
        }
    }
    budget.work(groups.len())?;
    let mut maps = Vec::with_capacity(groups.len());
    for (_, grouper, items) in groups {
        let items = budget.picked(items)?;
        maps.push(Value::map(BTreeMap::from([
            ("grouper".to_string(), grouper),
            ("list".to_string(), items),
        ])));
    }
    budget.make(maps.len().saturating_mul(16).min(VALUE_BYTES_MAX))?;
    budget.picked(maps)
}

pub(super) fn sum(value: &Value, by: &Value, start: Value, budget: &mut Budget) -> Result<Value, Stop> {
    let mut sum = match start {
        Value::Nothing => Value::Whole(0),
        start => start,
    };
    let list = items_of(value, budget)?;
    for item in list.iter() {
        let item = attribute(item, by, budget)?;
        match &*item {
            Value::Nothing => {}
            item => sum = arithmetic::apply(Operator::Add, sum, item, budget)?,
        }
    }
    Ok(sum)
}

pub(super) fn reverse(value: Value, budget: &mut Budget) -> Result<Value, Stop> {
    match &value {
        Value::Nothing => Ok(value),
        Value::Text(text) => {
            budget.make(text.len())?;
            Ok(Value::text(text.chars().rev().collect::<String>()))
        }
        other => {
            let reversed = items_of(other, budget)?.iter().rev().cloned().collect();
            budget.picked(reversed)
        }
    }
}

pub(super) fn first(value: &Value) -> Result<Value, Stop> {
    Ok(match value {
        Value::Nothing => Value::Nothing,
        Value::Text(text) => text.chars().next().map(letter).unwrap_or_default(),
        Value::List(list) => list.first().cloned().unwrap_or_default(),
        Value::Map(map) => map.keys().next().map(|name| Value::text(name.as_str())).unwrap_or_default(),
        other => return Err(useless("first", other)),
    })
}

pub(super) fn last(value: &Value) -> Result<Value, Stop> {
    Ok(match value {
        Value::Nothing => Value::Nothing,
        Value::Text(text) => text.chars().next_back().map(letter).unwrap_or_default(),
        Value::List(list) => list.last().cloned().unwrap_or_default(),
        other => return Err(useless("last", other)),
    })
}

fn letter(letter: char) -> Value {
    Value::text(&*letter.encode_utf8(&mut [0; 4]))
}

pub(super) fn list(value: Value, budget: &mut Budget) -> Result<Value, Stop> {
    match value {
        Value::List(_) => Ok(value),
        other => {
            let items = items_of(&other, budget)?.into_owned();
            budget.picked(items)
        }
    }
}

/// Name and value of each entry of a map, as lists of two.
pub(super) fn items(value: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    match value {
        Value::Nothing => Ok(Value::list(Vec::new())),
        Value::Map(map) => {
            let mut pairs = Vec::with_capacity(map.len());
            for (name, item) in map.iter() {
                budget.make(name.len())?;
                pairs.push(budget.picked(vec![Value::text(name.as_str()), item.clone()])?);
            }
            budget.picked(pairs)
        }
        other => Err(useless("items", other)),
    }
}

pub(super) fn join(value: &Value, separator: &Value, by: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let list = items_of(value, budget)?;
    let separator = text_of(separator, budget)?;
    let mut out = String::new();
    for (n, item) in list.iter().enumerate() {
        let item = attribute(item, by, budget)?;
        if n > 0 {
            out.push_str(&separator);
        }
        if out.len() > VALUE_BYTES_MAX || print_within(&item, &mut out, VALUE_BYTES_MAX).is_err() {
            budget.make(usize::MAX)?;
        }
    }
    budget.text(out)
}

fn count(value: &Value, filter: &str) -> Result<usize, Stop> {
    match value {
        Value::Whole(count) if *count > 0 => Ok(usize::try_from(*count).unwrap_or(usize::MAX)),
        _ => Err(Stop::new(format!("`{filter}` needs a whole number above zero"))),
    }
}

/// Rows of so many items; the last is filled up, if there is something to fill it with.
pub(super) fn batch(value: &Value, size: &Value, fill: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let size = count(size, "batch")?;
    let list = items_of(value, budget)?;
    let mut rows = Vec::new();
    for row in list.chunks(size) {
        let missing = size - row.len();
        if missing == 0 || matches!(fill, Value::Nothing) {
            rows.push(budget.picked(row.to_vec())?);
        } else {
            // What fills may be large and stands there many times, so all of it counts.
            budget.make(missing)?;
            let filled = row.iter().chain(std::iter::repeat_n(fill, missing)).cloned().collect();
            rows.push(budget.whole(Value::list(filled))?);
        }
    }
    budget.picked(rows)
}

/// So many columns, as equal as can be, the longer ones first.
pub(super) fn slice(
    value: &Value,
    columns: &Value,
    fill: &Value,
    budget: &mut Budget,
) -> Result<Value, Stop> {
    let columns = count(columns, "slice")?;
    budget.make(columns.saturating_mul(3))?;
    let list = items_of(value, budget)?;
    let (each, longer) = (list.len() / columns, list.len() % columns);
    let mut rest = &list[..];
    let mut made = Vec::with_capacity(columns);
    for column in 0..columns {
        let (taken, left) = rest.split_at((each + usize::from(column < longer)).min(rest.len()));
        rest = left;
        let mut items = taken.to_vec();
        if column >= longer && !matches!(fill, Value::Nothing) {
            items.push(fill.clone());
            made.push(budget.whole(Value::list(items))?);
        } else {
            made.push(budget.picked(items)?);
        }
    }
    budget.picked(made)
}
