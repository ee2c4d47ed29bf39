//! What was read beside what was expected: which line goes with which, and where they differ.

use crate::conversation::Message;
use crate::language::transcript::syntax::Manner;

use super::play::Said;
use super::script::{Expected, Label};
use super::shape::{Bindings, folded};

/// A line of the comparison: what was expected beside what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Which of the lines expected.
    pub expected: Option<usize>,
    /// Which of the lines read.
    pub said: Option<usize>,
    /// Whether all is well with it.
    pub good: bool,
}

/// Compares the lines of one beat. What is captured on the way is bound; with a mistake in it nothing is.
pub fn compare(expected: &[Expected], said: &[Said], bindings: &mut Bindings) -> Vec<Pair> {
    match in_order(expected, said, bindings) {
        Some((pairs, bound)) => {
            *bindings = bound.unwrap_or_else(|| std::mem::take(bindings));
            pairs
        }
        None => aligned(expected, said, bindings),
    }
}

/// The way most tests go: line after line fits. Nothing, if one does not.
fn in_order(
    expected: &[Expected],
    said: &[Said],
    bindings: &Bindings,
) -> Option<(Vec<Pair>, Option<Bindings>)> {
    if expected.iter().any(|line| line.manner != Manner::Must) {
        return None;
    }
    let mut bound: Option<Bindings> = None;
    let mut pairs = Vec::with_capacity(said.len());
    let mut lines = expected.iter().enumerate().peekable();
    for (number, heard) in said.iter().enumerate() {
        let caught = lines.peek().and_then(|(_, line)| fits(line, heard, bound.as_ref().unwrap_or(bindings)));
        match (caught, lines.peek()) {
            (Some(caught), Some((at, _))) => {
                if !caught.is_empty() {
                    bound.get_or_insert_with(|| bindings.clone()).extend(caught);
                }
                pairs.push(Pair { expected: Some(*at), said: Some(number), good: true });
                lines.next();
            }
            _ if !heard.loud => pairs.push(Pair { expected: None, said: Some(number), good: true }),
            _ => return None,
        }
    }
    lines.next().is_none().then_some((pairs, bound))
}

/// What it costs when a line stands alone, or two that differ stand side by side.
const ALONE: u32 = 2;
const DIFFERENT: u32 = 3;

/// The alignment with the fewest mistakes.
fn aligned(expected: &[Expected], said: &[Said], bindings: &mut Bindings) -> Vec<Pair> {
    let lines: Vec<usize> = (0..expected.len()).filter(|at| expected[*at].manner != Manner::Never).collect();
    // The cheapest way to each place, what it captured on the way, and the step that led there.
    let mut table: Vec<Vec<(u32, Bindings, Step)>> = Vec::with_capacity(lines.len() + 1);
    for row in 0..=lines.len() {
        let mut cells: Vec<(u32, Bindings, Step)> = Vec::with_capacity(said.len() + 1);
        for column in 0..=said.len() {
            if (row, column) == (0, 0) {
                cells.push((0, bindings.clone(), Step::None));
                continue;
            }
            let mut best: Option<(u32, Bindings, Step)> = None;
            let mut offer = |cost: u32, known: &Bindings, caught: Vec<(String, String)>, step: Step| {
                if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                    let mut known = known.clone();
                    known.extend(caught);
                    best = Some((cost, known, step));
                }
            };
            if row > 0 && column > 0 {
                let (line, heard) = (&expected[lines[row - 1]], &said[column - 1]);
                let (cost, known, _) = &table[row - 1][column - 1];
                if line.manner != Manner::Any {
                    match fits(line, heard, known) {
                        Some(caught) => offer(*cost, known, caught, Step::Both(true)),
                        None if line.label == heard.label => {
                            offer(cost + DIFFERENT, known, Vec::new(), Step::Both(false))
                        }
                        None => {}
                    }
                }
            }
            if row > 0 {
                let (cost, known, _) = &table[row - 1][column];
                let needed = expected[lines[row - 1]].manner == Manner::Must;
                offer(cost + if needed { ALONE } else { 0 }, known, Vec::new(), Step::Expected(!needed));
            }
            if column > 0 {
                let (cost, known, _) = &cells[column - 1];
                let heard = &said[column - 1];
                let taken =
                    row > 0 && expected[lines[row - 1]].manner == Manner::Any && heard.label == Label::Bot;
                match (taken, heard.loud) {
                    (true, _) => offer(*cost, known, Vec::new(), Step::Said(true, true)),
                    (false, false) => offer(*cost, known, Vec::new(), Step::Said(true, false)),
                    (false, true) => offer(cost + ALONE, known, Vec::new(), Step::Said(false, false)),
                }
            }
            cells.push(best.unwrap_or((u32::MAX, bindings.clone(), Step::None)));
        }
        table.push(cells);
    }
    let (mut row, mut column) = (lines.len(), said.len());
    let (cost, known, _) = &table[row][column];
    if *cost == 0 {
        *bindings = known.clone();
    }
    let mut pairs = Vec::new();
    while (row, column) != (0, 0) {
        match table[row][column].2 {
            Step::Both(good) => {
                pairs.push(Pair { expected: Some(lines[row - 1]), said: Some(column - 1), good });
                (row, column) = (row - 1, column - 1);
            }
            Step::Expected(good) => {
                pairs.push(Pair { expected: Some(lines[row - 1]), said: None, good });
                row -= 1;
            }
            Step::Said(good, by_any) => {
                let line = by_any.then(|| lines[row - 1]);
                pairs.push(Pair { expected: line, said: Some(column - 1), good });
                column -= 1;
            }
            Step::None => break,
        }
    }
    pairs.reverse();
    for (at, line) in expected.iter().enumerate().filter(|(_, line)| line.manner == Manner::Never) {
        let broken = said.iter().position(|heard| fits(line, heard, bindings).is_some());
        pairs.push(Pair { expected: Some(at), said: broken, good: broken.is_none() });
    }
    pairs
}

#[derive(Debug, Clone, Copy)]
enum Step {
    None,
    /// The two belong together; whether they are alike.
    Both(bool),
    /// An expected line by itself; whether that is well.
    Expected(bool),
    /// A line that was read by itself; whether that is well, and whether `bot: ...` takes it.
    Said(bool, bool),
}

/// Whether a line is as expected, and what it captures.
pub fn fits(line: &Expected, said: &Said, bindings: &Bindings) -> Option<Vec<(String, String)>> {
    if line.label != said.label || line.within.is_some_and(|within| said.after > within) {
        return None;
    }
    let mut caught =
        said.texts().find_map(|text| line.any_of.iter().find_map(|shape| shape.fits(&text, bindings)))?;
    if let Some(choices) = &line.choices {
        let Some(Message::Choices(shown)) = &said.message else { return None };
        if shown.choices.len() != choices.len() {
            return None;
        }
        for (shape, choice) in choices.iter().zip(&shown.choices) {
            caught.extend(shape.fits(&folded(&choice.label), bindings)?);
        }
    }
    if let Some(card) = &line.card {
        let Some(Message::Card(shown)) = &said.message else { return None };
        if !within(card, shown) {
            return None;
        }
    }
    Some(caught)
}

/// Whether everything written of a card is in the one that was shown.
fn within(written: &serde_json::Value, shown: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (written, shown) {
        (Value::Object(written), Value::Object(shown)) => {
            written.iter().all(|(name, value)| shown.get(name).is_some_and(|there| within(value, there)))
        }
        (Value::Array(written), Value::Array(shown)) => {
            written.len() == shown.len()
                && written.iter().zip(shown).all(|(written, shown)| within(written, shown))
        }
        (written, shown) => written == shown,
    }
}
