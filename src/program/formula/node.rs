//! An expression as it is kept: a small tree of its own, without borrowing from the source or from minijinja.

use super::filters::Filter;
use super::is::Test;
use crate::conversation::Value;
use crate::program::pattern::Pattern;

/// One part of an expression. As wide as a value.
#[derive(Debug)]
pub(super) enum Node {
    /// `7`, `"text"`, `[1, 2]`
    Constant(Value),
    /// `visits`
    Name(Box<str>),
    /// A name that a `{% for %}` made, by its place among those that stand around it.
    Local(u16),
    /// `loop.index`, of the loop with this number.
    Loop(LoopField, u16),
    /// `visitor.name`
    Member(Box<(Node, Box<str>)>),
    /// `stores[0]`
    Item(Box<(Node, Node)>),
    /// `text[start:stop:step]`
    Slice(Box<[Node; 4]>),
    /// `not x`
    Not(Box<Node>),
    /// `-x`
    Negative(Box<Node>),
    /// `a + b - c`, from left to right
    Chain(Box<Chain>),
    /// `1 < x <= 5`: each side is compared with the next
    Between(Box<Chain>),
    /// `yes if test else no`, as test, yes, no
    Choice(Box<[Node; 3]>),
    /// `x | filter(…)`
    Filter(Box<Filtered>),
    /// `list | select("odd")` and its kin
    Sift(Box<Sift>),
    /// `list | map(attribute="name")`
    Pluck(Box<[Node; 3]>),
    /// `list | map("upper")`: to each item
    Each(Box<Filtered>),
    /// `x is test(…)`
    Test(Box<Tested>),
    /// `x is like "pattern"`, the pattern read already
    Like(Box<(Node, Pattern)>),
    /// `[a, b]`
    List(Box<[Node]>),
    /// `{"a": b}`
    Map(Box<[(Node, Node)]>),
    /// `range(from, to, step)`
    Range(Box<[Node; 3]>),
}

/// A first part and what follows it.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) first: Node,
    pub(super) rest: Box<[(Operator, Node)]>,
}

/// A filter and what it is applied to.
#[derive(Debug)]
pub(super) struct Filtered {
    pub(super) filter: Filter,
    pub(super) value: Node,
    pub(super) args: Box<[Node]>,
}

/// A test and what is tested.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) test: Test,
    pub(super) value: Node,
    /// Nothing for a test without an argument.
    pub(super) arg: Node,
}

/// Which items of a list stay.
#[derive(Debug)]
pub(super) struct Sift {
    pub(super) list: Node,
    /// `attr` of `selectattr`.
    pub(super) attribute: Option<Node>,
    /// Truth, where there is none.
    pub(super) test: Option<Test>,
    pub(super) arg: Node,
    /// True for `select`, false for `reject`.
    pub(super) keeps: bool,
}

/// What stands between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideWhole,
    Remainder,
    Power,
    Join,
}

/// What `loop` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopField {
    Index,
    Index0,
    RevIndex,
    RevIndex0,
    First,
    Last,
    Length,
}

impl LoopField {
    /// All of them, by name.
    pub(super) const ALL: [(&str, LoopField); 7] = [
        ("index", LoopField::Index),
        ("index0", LoopField::Index0),
        ("revindex", LoopField::RevIndex),
        ("revindex0", LoopField::RevIndex0),
        ("first", LoopField::First),
        ("last", LoopField::Last),
        ("length", LoopField::Length),
    ];
}

impl Node {
    /// A missing argument.
    pub(super) const NOTHING: Node = Node::Constant(Value::Nothing);

    /// The name and the members behind it, if it is nothing but that.
    pub(super) fn path(&self) -> Option<Vec<&str>> {
        match self {
            Node::Name(name) => Some(vec![name]),
            Node::Member(member) => {
                let mut path = member.0.path()?;
                path.push(&member.1);
                Some(path)
            }
            _ => None,
        }
    }

    /// The first name, if it is a name with members behind it or none.
    pub(super) fn root(&self) -> Option<&str> {
        match self {
            Node::Name(name) => Some(name),
            Node::Member(member) => member.0.root(),
            Node::Item(item) => item.0.root(),
            _ => None,
        }
    }

    /// Every name in it, each with the members behind it.
    pub(super) fn names<'a>(&'a self, out: &mut Vec<Vec<&'a str>>) {
        if let Some(path) = self.path() {
            out.push(path);
            return;
        }
        match self {
            Node::Constant(_) | Node::Name(_) | Node::Local(_) | Node::Loop(..) => {}
            Node::Member(member) => member.0.names(out),
            Node::Item(item) => {
                item.0.names(out);
                item.1.names(out);
            }
            Node::Slice(parts) => parts.iter().for_each(|part| part.names(out)),
            Node::Not(part) | Node::Negative(part) => part.names(out),
            Node::Chain(chain) | Node::Between(chain) => {
                chain.first.names(out);
                chain.rest.iter().for_each(|(_, part)| part.names(out));
            }
            Node::Choice(parts) | Node::Pluck(parts) | Node::Range(parts) => {
                parts.iter().for_each(|part| part.names(out));
            }
            Node::Filter(filtered) | Node::Each(filtered) => {
                filtered.value.names(out);
                filtered.args.iter().for_each(|arg| arg.names(out));
            }
            Node::Sift(sift) => {
                sift.list.names(out);
                sift.attribute.iter().for_each(|part| part.names(out));
                sift.arg.names(out);
            }
            Node::Test(tested) => {
                tested.value.names(out);
                tested.arg.names(out);
            }
            Node::Like(like) => like.0.names(out),
            Node::List(parts) => parts.iter().for_each(|part| part.names(out)),
            Node::Map(entries) => entries.iter().for_each(|(name, value)| {
                name.names(out);
                value.names(out);
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_as_wide_as_a_value() {
        assert_eq!(size_of::<Node>(), size_of::<Value>());
    }
}
