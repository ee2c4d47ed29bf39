//! Texts that a regex says: first the plainest one, then one for each of its alternates and for what may be left out.

use regex_syntax::hir::{Class, Hir, HirKind};

/// How many texts are made of one regex.
const TEXTS_MAX: usize = 50;
/// The longest text that is made, in bytes.
const BYTES_MAX: usize = 400;

/// The texts. Some may not fit after all: what stands around a `\b` is not looked at.
pub(super) fn texts(hir: &Hir) -> Vec<String> {
    let mut texts = ways(hir, &mut 0);
    texts.retain(|text| text.len() <= BYTES_MAX);
    texts
}

/// `letters` counts the digits that were chosen: they go up, so that a number looks like one.
fn ways(hir: &Hir, letters: &mut u32) -> Vec<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => {
            let chosen = letter(class, *letters + 1);
            *letters += u32::from(chosen.is_some_and(|letter| letter.is_ascii_digit()));
            chosen.map(String::from).into_iter().collect()
        }
        HirKind::Capture(capture) => ways(&capture.sub, letters),
        HirKind::Alternation(all) => all.iter().flat_map(|one| ways(one, letters)).take(TEXTS_MAX).collect(),
        HirKind::Concat(all) => {
            let mut texts = vec![String::new()];
            for one in all {
                let own = ways(one, letters);
                let Some((first, others)) = own.split_first() else { return Vec::new() };
                let before = texts[0].clone();
                texts.iter_mut().for_each(|text| text.push_str(first));
                let room = TEXTS_MAX.saturating_sub(texts.len());
                texts.extend(others.iter().take(room).map(|other| format!("{before}{other}")));
            }
            texts.retain(|text| text.len() <= 2 * BYTES_MAX);
            texts
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.min.max(u32::from(repetition.max != Some(0)));
            let mut texts = vec![String::new()];
            for _ in 0..times {
                let own = ways(&repetition.sub, letters);
                let Some(first) = own.first() else { break };
                // What is said once is said in all of its ways; what is repeated, in the first.
                let others: Vec<String> = own[1..].iter().filter(|_| times == 1).cloned().collect();
                texts.iter_mut().for_each(|text| text.push_str(first));
                texts.extend(others.into_iter().take(TEXTS_MAX));
                if texts[0].len() > BYTES_MAX {
                    break;
                }
            }
            if repetition.min == 0 && times > 0 {
                texts.push(String::new());
            }
            texts
        }
    }
}

/// A letter of a class: one that people type, if it has one.
fn letter(class: &Class, number: u32) -> Option<char> {
    let digit = char::from_digit((number.saturating_sub(1)) % 9 + 1, 10)?;
    let typed = ['a', 'A', digit, '0', ' ', '-', '.'];
    match class {
        Class::Unicode(class) => {
            let has =
                |letter: char| class.iter().any(|range| (range.start()..=range.end()).contains(&letter));
            let first = || {
                class
                    .iter()
                    .flat_map(|range| range.start()..=range.end())
                    .find(|letter| !letter.is_control() && !letter.is_whitespace())
            };
            typed.into_iter().find(|letter| has(*letter)).or_else(first)
        }
        Class::Bytes(class) => {
            let has = |letter: char| {
                class.iter().any(|range| (range.start()..=range.end()).contains(&(letter as u8)))
            };
            typed.into_iter().find(|letter| has(*letter))
        }
    }
}
