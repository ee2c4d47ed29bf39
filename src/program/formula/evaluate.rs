//! What an expression comes to: one walk over its tree, every step of it paid for.

use std::collections::BTreeMap;

use super::Names;
use super::arithmetic;
use super::budget::Budget;
use super::compare::{contains, equal, ordered};
use super::fault::{Stop, kind};
use super::filters::{ARGS_MAX, Args, items_of, path};
use super::is;
use super::node::{Chain, Filtered, LoopField, Node, Operator, Sift};
use super::print::text_of;
use crate::conversation::Value;

/// One evaluation.
pub(super) struct Run<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) budget: &'a mut Budget,
    /// What the loops around hold, the outermost first.
    pub(super) locals: Vec<Value>,
    pub(super) loops: Vec<Round>,
}

/// Where a loop is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) index: usize,
    pub(super) length: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(names: &'a dyn Names, budget: &'a mut Budget) -> Run<'a> {
        Run { names, budget, locals: Vec::new(), loops: Vec::new() }
    }

    pub(super) fn value(&mut self, node: &Node) -> Result<Value, Stop> {
        self.budget.work(1)?;
        match node {
            Node::Constant(value) => Ok(value.clone()),
            Node::Name(name) => Ok(self.names.value(name)),
            Node::Chain(chain) => self.chain(chain),
            Node::Member(member) => Ok(self.value(&member.0)?.member(&member.1)),
            Node::Local(place) => Ok(self.locals.get(usize::from(*place)).cloned().unwrap_or_default()),
            Node::Not(part) => Ok(Value::Flag(!self.value(part)?.is_true())),
            Node::Filter(filtered) => self.filter(filtered),
            Node::Loop(field, number) => Ok(self.round(*field, *number)),
            Node::Choice(choice) => {
                let [test, yes, no] = &**choice;
                let chosen = if self.value(test)?.is_true() { yes } else { no };
                self.value(chosen)
            }
            Node::Test(tested) => {
                let (value, arg) = (self.value(&tested.value)?, self.value(&tested.arg)?);
                tested.test.passes(&value, &arg, self.names, self.budget).map(Value::Flag)
            }
            Node::Like(like) => {
                let value = self.value(&like.0)?;
                is::like(&value, &like.1, self.budget).map(Value::Flag)
            }
            Node::Between(chain) => self.between(chain),
            Node::Negative(part) => arithmetic::negative(&self.value(part)?),
            Node::Item(item) => self.item(&item.0, &item.1),
            Node::Slice(slice) => self.slice(slice),
            Node::List(parts) => self.list(parts),
            Node::Map(entries) => self.map(entries),
            Node::Range(range) => self.range(range),
            Node::Sift(sift) => self.sift(sift),
            Node::Pluck(pluck) => self.pluck(pluck),
            Node::Each(filtered) => self.each(filtered),
        }
    }

    fn chain(&mut self, chain: &Chain) -> Result<Value, Stop> {
        let mut so_far = self.value(&chain.first)?;
        for (op, part) in &chain.rest {
            so_far = match (op, part) {
                (Operator::And, part) => {
                    if so_far.is_true() {
                        self.value(part)?
                    } else {
                        so_far
                    }
                }
                (Operator::Or, part) => {
                    if so_far.is_true() {
                        so_far
                    } else {
                        self.value(part)?
                    }
                }
                (op, Node::Constant(right)) => binary(*op, so_far, right, self.budget)?,
                (op, part) => {
                    let right = self.value(part)?;
                    binary(*op, so_far, &right, self.budget)?
                }
            };
        }
        Ok(so_far)
    }

    fn between(&mut self, chain: &Chain) -> Result<Value, Stop> {
        let mut left = self.value(&chain.first)?;
        for (op, part) in &chain.rest {
            let right = self.value(part)?;
            if !binary(*op, left, &right, self.budget)?.is_true() {
                return Ok(Value::Flag(false));
            }
            left = right;
        }
        Ok(Value::Flag(true))
    }

    fn round(&self, field: LoopField, number: u16) -> Value {
        let Some(Round { index, length }) = self.loops.get(usize::from(number)).copied() else {
            return Value::Nothing;
        };
        let whole = |number: usize| Value::Whole(number as i64);
        match field {
            LoopField::Index => whole(index + 1),
            LoopField::Index0 => whole(index),
            LoopField::RevIndex => whole(length.saturating_sub(index)),
            LoopField::RevIndex0 => whole(length.saturating_sub(index + 1)),
            LoopField::First => Value::Flag(index == 0),
            LoopField::Last => Value::Flag(index + 1 == length),
            LoopField::Length => whole(length),
        }
    }

    fn item(&mut self, of: &Node, at: &Node) -> Result<Value, Stop> {
        let (of, at) = (self.value(of)?, self.value(at)?);
        Ok(match (&of, &at) {
            (Value::List(list), Value::Whole(at)) => {
                place(*at, list.len()).and_then(|at| list.get(at)).cloned().unwrap_or_default()
            }
            (Value::Text(text), Value::Whole(at)) => {
                self.budget.reading(text.len() * 2)?;
                let length = if *at < 0 { text.chars().count() } else { usize::MAX };
                let letter = place(*at, length).and_then(|at| text.chars().nth(at));
                letter.map(|letter| Value::text(&*letter.encode_utf8(&mut [0; 4]))).unwrap_or_default()
            }
            (Value::Map(_), Value::Nothing | Value::List(_) | Value::Map(_)) => Value::Nothing,
            (Value::Map(_), name) => of.member(&text_of(name, self.budget)?),
            _ => Value::Nothing,
        })
    }

    fn slice(&mut self, slice: &[Node; 4]) -> Result<Value, Stop> {
        let [of, start, stop, step] = slice;
        let of = self.value(of)?;
        let start = self.count(start)?;
        let stop = self.count(stop)?;
        let step = self.count(step)?.unwrap_or(1);
        if step == 0 {
            return Err(Stop::new("a slice cannot go on by 0"));
        }
        match &of {
            Value::Nothing => Ok(Value::Nothing),
            Value::List(list) => {
                self.budget.work(list.len())?;
                let places = places(start, stop, step, list.len());
                let items = places.filter_map(|at| list.get(at).cloned()).collect();
                self.budget.picked(items)
            }
            Value::Text(text) => {
                self.budget.make(text.len())?;
                let letters: Vec<char> = text.chars().collect();
                let places = places(start, stop, step, letters.len());
                Ok(Value::text(places.filter_map(|at| letters.get(at)).collect::<String>()))
            }
            other => Err(Stop::new(format!("{} cannot be cut into slices", kind(other)))),
        }
    }

    /// A whole number, or nothing.
    fn count(&mut self, node: &Node) -> Result<Option<i64>, Stop> {
        match self.value(node)? {
            Value::Nothing => Ok(None),
            Value::Whole(count) => Ok(Some(count)),
            other => Err(Stop::new(format!("a whole number is needed here, not {}", kind(&other)))),
        }
    }

    fn list(&mut self, parts: &[Node]) -> Result<Value, Stop> {
        let mut list = Vec::with_capacity(parts.len());
        for part in parts {
            list.push(self.value(part)?);
        }
        self.budget.whole(Value::list(list))
    }

    fn map(&mut self, entries: &[(Node, Node)]) -> Result<Value, Stop> {
        let mut map = BTreeMap::new();
        for (name, value) in entries {
            let name = self.value(name)?;
            if matches!(name, Value::Nothing | Value::List(_) | Value::Map(_)) {
                return Err(Stop::new(format!("a name in a map is a text, not {}", kind(&name))));
            }
            let name = text_of(&name, self.budget)?.into_owned();
            self.budget.make(name.len())?;
            map.insert(name, self.value(value)?);
        }
        self.budget.whole(Value::map(map))
    }

    fn range(&mut self, range: &[Node; 3]) -> Result<Value, Stop> {
        let [from, to, step] = range;
        let Some(first) = self.count(from)? else {
            return Err(Stop::new("`range` needs a whole number, not nothing"));
        };
        let (from, to) = match self.count(to)? {
            Some(to) => (first, to),
            None => (0, first),
        };
        let step = self.count(step)?.unwrap_or(1);
        let distance = match step {
            0 => return Err(Stop::new("`range` cannot go on by 0")),
            step if step > 0 => i128::from(to) - i128::from(from),
            _ => i128::from(from) - i128::from(to),
        };
        let stride = i128::from(step).abs();
        let count = usize::try_from((distance.max(0) + stride - 1) / stride).unwrap_or(usize::MAX);
        // A whole number counts eight bytes, and its place one.
        self.budget.make(count.saturating_mul(9))?;
        self.budget.work(count)?;
        let number = |n: usize| from.saturating_add(step.saturating_mul(n as i64));
        Ok(Value::list((0..count).map(|n| Value::Whole(number(n))).collect()))
    }

    fn args(&mut self, nodes: &[Node]) -> Result<Args, Stop> {
        let mut args = <[Value; ARGS_MAX]>::default();
        for (arg, node) in args.iter_mut().zip(nodes) {
            *arg = self.value(node)?;
        }
        Ok(args)
    }

    fn filter(&mut self, filtered: &Filtered) -> Result<Value, Stop> {
        let value = self.value(&filtered.value)?;
        let args = self.args(&filtered.args)?;
        filtered.filter.apply(value, args, self.budget)
    }

    fn each(&mut self, filtered: &Filtered) -> Result<Value, Stop> {
        let list = self.value(&filtered.value)?;
        let args = self.args(&filtered.args)?;
        let mut made = Vec::new();
        for item in items_of(&list, self.budget)?.iter() {
            self.budget.work(1)?;
            made.push(filtered.filter.apply(item.clone(), args.clone(), self.budget)?);
        }
        // A filter may hand out the same default for every item, so all of it counts.
        self.budget.whole(Value::list(made))
    }

    fn pluck(&mut self, pluck: &[Node; 3]) -> Result<Value, Stop> {
        let [list, attribute, default] = pluck;
        let list = self.value(list)?;
        let attribute = self.value(attribute)?;
        let default = self.value(default)?;
        let attribute = text_of(&attribute, self.budget)?;
        let mut made = Vec::new();
        for item in items_of(&list, self.budget)?.iter() {
            self.budget.work(1 + attribute.len() / 32)?;
            made.push(match path(item, &attribute) {
                Value::Nothing => default.clone(),
                found => found,
            });
        }
        match default {
            Value::List(_) | Value::Map(_) | Value::Text(_) => self.budget.whole(Value::list(made)),
            _ => self.budget.picked(made),
        }
    }

    fn sift(&mut self, sift: &Sift) -> Result<Value, Stop> {
        let list = self.value(&sift.list)?;
        let attribute = match &sift.attribute {
            Some(attribute) => Some(self.value(attribute)?),
            None => None,
        };
        let attribute = match &attribute {
            Some(attribute) => Some(text_of(attribute, self.budget)?),
            None => None,
        };
        let arg = self.value(&sift.arg)?;
        let mut kept = Vec::new();
        for item in items_of(&list, self.budget)?.iter() {
            self.budget.work(1)?;
            let found;
            let asked = match &attribute {
                Some(attribute) => {
                    self.budget.reading(attribute.len())?;
                    found = path(item, attribute);
                    &found
                }
                None => item,
            };
            let passes = match sift.test {
                Some(test) => test.passes(asked, &arg, self.names, self.budget)?,
                None => asked.is_true(),
            };
            if passes == sift.keeps {
                kept.push(item.clone());
            }
        }
        self.budget.picked(kept)
    }
}

/// One operator, both sides known.
fn binary(op: Operator, left: Value, right: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    match op {
        Operator::Equal => equal(&left, right, budget).map(Value::Flag),
        // Always the opposite of `==`, for nothing as well: what is unset is not "shipped".
        Operator::Unequal => equal(&left, right, budget).map(|equal| Value::Flag(!equal)),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            ordered(op, &left, right, budget).map(Value::Flag)
        }
        Operator::In => contains(right, &left, budget).map(Value::Flag),
        Operator::NotIn => contains(right, &left, budget).map(|inside| Value::Flag(!inside)),
        op => arithmetic::apply(op, left, right, budget),
    }
}

/// A place counted from the front, or from the back if it is negative.
fn place(at: i64, length: usize) -> Option<usize> {
    match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    }
}

/// The places a slice takes, as in Python.
fn places(start: Option<i64>, stop: Option<i64>, step: i64, length: usize) -> impl Iterator<Item = usize> {
    let length = length as i64;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let within = |at: i64| {
        if at < 0 { at.saturating_add(length).max(lowest) } else { at.min(highest) }
    };
    let start = start.map_or(if step > 0 { lowest } else { highest }, within);
    let stop = stop.map_or(if step > 0 { highest } else { lowest }, within);
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let at = next.filter(|at| if step > 0 { *at < stop } else { *at > stop })?;
        next = at.checked_add(step);
        usize::try_from(at).ok()
    })
}
