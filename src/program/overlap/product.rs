//! Two patterns read side by side: the shortest text that both of them can say.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::program::matcher::Matcher;
use crate::program::normal::is_trailing;
use crate::program::pattern::{Ends, Step};

/// How many pairs of places are looked at before giving up.
const PAIRS_MAX: usize = 100_000;

/// What stands where both patterns allow any letter.
const FILLER: char = 'x';

/// A place in a pattern.
enum Node {
    /// This letter, then the next node.
    Letter(char),
    /// Any letter, then the next node.
    Any,
    /// Any letter and again, or the next node.
    Many,
    /// One of these, without a letter.
    Split(Vec<usize>),
    /// The end; spaces and `. ! ? 。` may follow.
    End,
}

/// A pair of places, and whether the text so far ends in a space: no two spaces stand side by side in a message.
type Pair = (usize, usize, bool);

/// A text that both say, as far as one can tell without asking them.
pub(super) fn meet(one: &Matcher, other: &Matcher) -> Option<String> {
    let (one, other) = (nodes(one)?, nodes(other)?);
    // As if a space stood before the message, which keeps one from standing there.
    let start = (0, 0, true);
    let mut came: FxHashMap<Pair, (Pair, Option<char>)> = FxHashMap::default();
    came.insert(start, (start, None));
    let mut open = VecDeque::from([start]);
    while let Some(pair) = open.pop_front() {
        let (a, b, space) = pair;
        if matches!((&one[a], &other[b]), (Node::End, Node::End)) {
            let message = trace(&came, pair);
            if !space || message.is_empty() {
                return Some(message);
            }
        }
        if came.len() > PAIRS_MAX {
            return None;
        }
        let mut go = |to: Pair, letter: Option<char>| {
            if let Entry::Vacant(place) = came.entry(to) {
                place.insert((pair, letter));
                if letter.is_some() { open.push_back(to) } else { open.push_front(to) }
            }
        };
        for to in silent(&one, a) {
            go((to, b, space), None);
        }
        for to in silent(&other, b) {
            go((a, to, space), None);
        }
        let asked = [&one[a], &other[b]].into_iter().find_map(|node| match node {
            Node::Letter(letter) => Some(*letter),
            _ => None,
        });
        // Where one has ended, the other goes on with what may trail a message.
        let ended = matches!(one[a], Node::End) || matches!(other[b], Node::End);
        let letter = asked.unwrap_or(if ended { '.' } else { FILLER });
        if (letter != ' ' || !space)
            && let (Some(to_a), Some(to_b)) = (after(&one, a, letter), after(&other, b, letter))
        {
            go((to_a, to_b, letter == ' '), Some(letter));
        }
    }
    None
}

fn trace(came: &FxHashMap<Pair, (Pair, Option<char>)>, end: Pair) -> String {
    let mut letters = Vec::new();
    let mut at = end;
    while let Some(&(before, letter)) = came.get(&at) {
        letters.extend(letter);
        if before == at {
            break;
        }
        at = before;
    }
    letters.into_iter().rev().collect()
}

/// Where one gets without a letter.
fn silent(nodes: &[Node], at: usize) -> Vec<usize> {
    match &nodes[at] {
        Node::Many => vec![at + 1],
        Node::Split(ways) => ways.clone(),
        Node::Letter(_) | Node::Any | Node::End => Vec::new(),
    }
}

/// Where one gets with this letter.
fn after(nodes: &[Node], at: usize, letter: char) -> Option<usize> {
    match &nodes[at] {
        Node::Letter(own) => (*own == letter).then_some(at + 1),
        Node::Any => Some(at + 1),
        Node::Many => Some(at),
        Node::End => is_trailing(letter).then_some(at),
        Node::Split(_) => None,
    }
}

fn nodes(matcher: &Matcher) -> Option<Vec<Node>> {
    let mut out = Vec::new();
    if let Matcher::Anything = matcher {
        return Some(vec![Node::Many, Node::End]);
    }
    let (pattern, ends) = matcher.as_pattern()?;
    if ends == Ends::Words {
        // Other words may stand before it, with a space between.
        out.extend([Node::Split(vec![1, 3]), Node::Many, Node::Letter(' ')]);
    }
    lay(pattern.steps(), &mut out);
    if ends == Ends::Words {
        let at = out.len();
        out.extend([Node::Split(vec![at + 1, at + 3]), Node::Letter(' '), Node::Many]);
    }
    out.push(Node::End);
    Some(out)
}

fn lay(steps: &[Step], out: &mut Vec<Node>) {
    for step in steps {
        match step {
            Step::Literal(literal) => out.extend(literal.text.chars().map(Node::Letter)),
            Step::Star => out.push(Node::Many),
            Step::Capture(_) => out.extend([Node::Any, Node::Many]),
            Step::Group(ways) => {
                let split = out.len();
                out.push(Node::Split(Vec::new()));
                let mut starts = Vec::new();
                let mut ends = Vec::new();
                for way in ways {
                    starts.push(out.len());
                    lay(way, out);
                    ends.push(out.len());
                    out.push(Node::Split(Vec::new()));
                }
                let after = out.len();
                out[split] = Node::Split(starts);
                for end in ends {
                    out[end] = Node::Split(vec![after]);
                }
            }
        }
    }
}
