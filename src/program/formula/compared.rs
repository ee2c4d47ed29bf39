//! What the names of an expression are compared with: values that are worth trying, to see it hold and not hold.

use super::Formula;
use super::is::Test;
use super::node::{Node, Operator};
use crate::conversation::Value;

/// A name, the members behind it, and a value worth trying for it.
pub type Worth = (Vec<String>, Value);

impl Formula {
    /// Its names, each with the members behind it.
    pub fn names(&self) -> Vec<Vec<String>> {
        let mut names = Vec::new();
        self.node.names(&mut names);
        names.into_iter().map(|path| path.into_iter().map(str::to_string).collect()).collect()
    }

    /// Values worth trying for its names: what they are compared with, and for numbers those beside it.
    pub fn worth_trying(&self) -> Vec<Worth> {
        let mut all = Vec::new();
        visit(&self.node, &mut all);
        all
    }
}

fn visit(node: &Node, all: &mut Vec<Worth>) {
    match node {
        Node::Chain(chain) | Node::Between(chain) => {
            let mut before = &chain.first;
            visit(before, all);
            for (operator, next) in &chain.rest {
                compared(before, *operator, next, all);
                visit(next, all);
                before = next;
            }
        }
        Node::Not(part) | Node::Negative(part) => visit(part, all),
        Node::Choice(parts) => parts.iter().for_each(|part| visit(part, all)),
        Node::Filter(filtered) => visit(&filtered.value, all),
        Node::Test(tested) => {
            if let (Some(path), Node::Constant(value)) = (path(&tested.value), &tested.arg) {
                let sized = matches!(tested.test, Test::Sized(_));
                worth(path, value, sized, all);
            }
            visit(&tested.value, all);
        }
        _ => {}
    }
}

fn compared(one: &Node, operator: Operator, other: &Node, all: &mut Vec<Worth>) {
    let sized = match operator {
        Operator::Equal | Operator::Unequal | Operator::In | Operator::NotIn => false,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => true,
        _ => return,
    };
    let pair = match (path(one), path(other)) {
        (Some(path), None) => constant(other).map(|value| (path, value)),
        (None, Some(path)) => constant(one).map(|value| (path, value)),
        _ => None,
    };
    if let Some((path, value)) = pair {
        worth(path, &value, sized, all);
    }
}

fn worth(path: Vec<String>, value: &Value, sized: bool, all: &mut Vec<Worth>) {
    match value {
        Value::List(list) => all.extend(list.iter().map(|item| (path.clone(), item.clone()))),
        Value::Whole(number) if sized => {
            let beside = [*number, number.saturating_sub(1), number.saturating_add(1)];
            all.extend(beside.map(|number| (path.clone(), Value::Whole(number))));
        }
        Value::Nothing => {}
        value => all.push((path, value.clone())),
    }
}

/// The name and its members, also where a filter such as `lower` stands behind them.
fn path(node: &Node) -> Option<Vec<String>> {
    match node {
        Node::Filter(filtered) => path(&filtered.value),
        node => node.path().map(|path| path.into_iter().map(str::to_string).collect()),
    }
}

fn constant(node: &Node) -> Option<Value> {
    match node {
        Node::Constant(value) => Some(value.clone()),
        Node::List(items) => {
            items.iter().map(constant).collect::<Option<Vec<_>>>().map(|items| Value::List(items.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_are_compared_with_is_found_wherever_it_stands() {
        let worth = |source: &str| -> Vec<String> {
            let all = Formula::read(source).unwrap().worth_trying();
            all.into_iter().map(|(path, value)| format!("{} {value}", path.join("."))).collect()
        };
        assert_eq!(worth("status == 'shipped'"), ["status shipped"]);
        assert_eq!(
            worth("not (1 > points) or kind | lower in ['a', 'b']"),
            ["points 1", "points 0", "points 2", "kind a", "kind b"]
        );
        assert_eq!(worth("visitor.language is startingwith 'de'"), ["visitor.language de"]);
        assert_eq!(worth("response.status == 404 and not stores"), ["response.status 404"]);
    }
}
