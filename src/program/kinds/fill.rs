//! Several questions answered by one sentence: "book a table for four in Munich tomorrow" fills city, day and people.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Found, Here, Kind, Lexicon, Listening};
use crate::program::normal::Heard;

/// Answers as many questions as a message holds values for. Each question is a number of the caller's own and the
/// type it asks for; questions are given in the order in which they are asked.
///
/// 1. All finds of all types asked for compete. The longest takes its stretch of the message; of equally long ones the
///    more specific type: email, phone, location, entity, date, time, number, flag; then the type asked for first.
///    What overlaps a stretch that is taken is out.
/// 2. Each type hands its finds to its questions: first find to first question, in the order of the message; so it is in the end as well.
/// 3. Stretches left over (a type had more finds than questions) are open again, and 1 and 2 are repeated for the
///    questions without an answer, until nothing changes.
///
/// So no stretch is used twice. Text, list, json and file are never filled: any words would do, so only the question that
/// is open may take them. Nor is a number that is part of a day, a time, an email address or a phone number: see
/// [`Found::sure`]. The answers come in the order of the questions.
pub fn fill(wanted: &[(usize, Kind)], lexicon: &Lexicon, message: &str, here: &Here) -> Vec<(usize, Found)> {
    let Ok(heard) = Heard::new(message) else { return Vec::new() };
    let listening = Listening::new(&heard, lexicon, here);
    let mut kinds: Vec<Kind> = Vec::new();
    for (_, kind) in wanted {
        if !kinds.contains(kind) && rank(*kind).is_some() {
            kinds.push(*kind);
        }
    }
    let mut finds: Vec<(usize, Found)> = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        finds.extend(
            listening.find(*kind).into_iter().filter(|found| found.sure).map(|found| (number, found)),
        );
    }
    finds.sort_by_key(|(number, found)| {
        (Reverse(found.range.len()), rank(kinds[*number]), *number, found.range.start)
    });

    let mut answers: Vec<Option<Found>> = vec![None; wanted.len()];
    let mut used = Taken::default();
    loop {
        let mut competing = used.clone();
        let mut won: Vec<Vec<&Found>> = vec![Vec::new(); kinds.len()];
        let open = |answers: &[Option<Found>], kind: Kind| {
            wanted.iter().zip(answers).any(|((_, asked), answer)| *asked == kind && answer.is_none())
        };
        for (number, found) in &finds {
            if open(&answers, kinds[*number]) && competing.take(&found.range) {
                won[*number].push(found);
            }
        }
        let mut changed = false;
        for (kind, mut won) in kinds.iter().zip(won) {
            won.sort_by_key(|found| found.range.start);
            let mut won = won.into_iter();
            for ((_, asked), answer) in wanted.iter().zip(&mut answers) {
                if asked == kind
                    && answer.is_none()
                    && let Some(found) = won.next()
                {
                    used.take(&found.range);
                    *answer = Some(found.clone());
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    in_order(wanted, &kinds, &mut answers);
    wanted.iter().zip(answers).filter_map(|((question, _), answer)| Some((*question, answer?))).collect()
}

/// A find from a later round may stand before one from an earlier round.
fn in_order(wanted: &[(usize, Kind)], kinds: &[Kind], answers: &mut [Option<Found>]) {
    for kind in kinds {
        let places: Vec<usize> =
            (0..wanted.len()).filter(|at| wanted[*at].1 == *kind && answers[*at].is_some()).collect();
        let mut given: Vec<Found> = places.iter().filter_map(|at| answers[*at].take()).collect();
        given.sort_by_key(|found| found.range.start);
        for (at, found) in places.into_iter().zip(given) {
            answers[at] = Some(found);
        }
    }
}

/// How specific a type is; none for those that any words would do for.
fn rank(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Email => Some(0),
        Kind::Phone => Some(1),
        Kind::Location => Some(2),
        Kind::Entity(_) => Some(3),
        Kind::Date => Some(4),
        Kind::Time => Some(5),
        Kind::Number => Some(6),
        Kind::Flag => Some(7),
        Kind::Text | Kind::List | Kind::Json | Kind::File => None,
    }
}

/// Stretches that are taken; none of them overlap.
#[derive(Debug, Default, Clone)]
pub(super) struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Takes a stretch; false if part of it is taken already.
    pub(super) fn take(&mut self, range: &Range<usize>) -> bool {
        let before = self.0.range(..range.end).next_back();
        if range.is_empty() || before.is_some_and(|(_, end)| *end > range.start) {
            return false;
        }
        self.0.insert(range.start, range.end);
        true
    }
}
