//! Which dialog answers a message, and why not another: what `parlor match` shows.

use crate::diagnostics::Sources;
use crate::program::Program;
use crate::program::matcher::Scratch;
use crate::program::normal::{Heard, TooLong};
use crate::program::overlap::witness;
use crate::program::starting::Starting;

/// A dialog that a message could start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The dialog.
    pub dialog: String,
    /// The line of its starter that fits best, as written.
    pub starter: String,
    /// The file of that line.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// How many characters of the message are its own letters.
    pub own: u32,
    /// Why it wins or does not.
    pub verdict: Verdict,
    /// Whether its own letters account for every letter and digit of the message.
    pub covers: bool,
}

/// Why an answer wins or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It accounts for most characters, and of equals it is written first.
    Wins,
    /// It accounts for fewer characters.
    FewerCharacters,
    /// It accounts for as many, and is written later.
    WrittenLater,
    /// It is a regex, and those come after everything else.
    RegexAfterPatterns,
    /// A `but not` keeps it out.
    ExcludedBy(String),
    /// An intent, and no model recognises it.
    NoModel,
}

/// Messages that two dialogs would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlaps {
    /// Each pair of dialogs once.
    pub pairs: Vec<Overlap>,
    /// How many pairs were looked at.
    pub examined: usize,
    /// How many were left out, because there are too many.
    pub skipped: usize,
}

/// A message that two dialogs would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// One dialog.
    pub first: String,
    /// The other.
    pub second: String,
    /// The message.
    pub utterance: String,
    /// The dialog it starts; perhaps a third one.
    pub winner: String,
}

/// How many pairs of dialogs are compared at most.
pub const PAIRS_MAX: usize = 200_000;

impl Program {
    /// Every dialog that a message could start, the winner first, then the others in their order.
    pub fn answers(&self, utterance: &str) -> Result<Vec<Answer>, TooLong> {
        let heard = Heard::new(utterance)?;
        let mut scratch = Scratch::new();
        let starting = &self.tables.starting;
        let candidates = starting.machine().candidates(&heard, &mut scratch);
        let winner =
            candidates.iter().find(|candidate| candidate.excluded.is_none()).map(|candidate| candidate.win);
        let mut answers: Vec<Answer> = Vec::new();
        for candidate in &candidates {
            let win = candidate.win;
            let dialog = &starting.dialogs()[win.starter];
            let line = starting.line(&win);
            let verdict = match (candidate.excluded, winner) {
                (Some(number), _) => Verdict::ExcludedBy(
                    dialog.but_not[starting.but_not_line(win.starter, number)].text.clone(),
                ),
                (None, Some(winner)) if winner.starter == win.starter => Verdict::Wins,
                (None, Some(winner)) if win.regex && !winner.regex => Verdict::RegexAfterPatterns,
                (None, Some(winner)) if win.own < winner.own => Verdict::FewerCharacters,
                _ => Verdict::WrittenLater,
            };
            let covers = starting.machine().covers(win.starter, &heard, &mut scratch);
            let (path, number) = self.tables.places[win.starter].get(line).cloned().unwrap_or_default();
            let starter = dialog.any[line].text.clone();
            answers.push(Answer {
                dialog: dialog.name.clone(),
                starter,
                path,
                line: number,
                own: win.own,
                verdict,
                covers,
            });
        }
        for (number, dialog) in starting.dialogs().iter().enumerate() {
            let Some(line) = dialog.any.iter().position(|said| said.mute) else { continue };
            if candidates.iter().any(|candidate| candidate.win.starter == number) {
                continue;
            }
            let (path, place) = self.tables.places[number].get(line).cloned().unwrap_or_default();
            let starter = dialog.any[line].text.clone();
            answers.push(Answer {
                dialog: dialog.name.clone(),
                starter,
                path,
                line: place,
                own: 0,
                verdict: Verdict::NoModel,
                covers: false,
            });
        }
        Ok(answers)
    }

    /// Pairs of dialogs that would take the same message, with such a message; at most `limit` of them.
    pub fn overlaps(&self, limit: usize) -> Overlaps {
        let starting = &self.tables.starting;
        let starters = starting.machine().starters();
        let all = starters.len() * starters.len().saturating_sub(1) / 2;
        let mut found = Overlaps { pairs: Vec::new(), examined: 0, skipped: 0 };
        let mut scratch = Scratch::new();
        'pairs: for (number, one) in starters.iter().enumerate() {
            for (other_number, other) in starters.iter().enumerate().skip(number + 1) {
                if found.examined >= PAIRS_MAX || found.pairs.len() >= limit {
                    break 'pairs;
                }
                found.examined += 1;
                let pairs =
                    one.any.iter().flat_map(|matcher| other.any.iter().map(move |with| (matcher, with)));
                let message = pairs.filter_map(|(matcher, with)| witness(matcher, with)).find(|message| {
                    let Ok(heard) = Heard::new(message) else { return false };
                    let kept_out = |starter: &crate::program::starters::Starter, scratch: &mut Scratch| {
                        starter.but_not.iter().any(|matcher| matcher.fits(&heard, scratch).is_some())
                    };
                    !kept_out(one, &mut scratch) && !kept_out(other, &mut scratch)
                });
                let Some(utterance) = message else { continue };
                let Ok(heard) = Heard::new(&utterance) else { continue };
                let winner = starting.machine().winner(&heard, &mut scratch);
                let winner = winner.map_or(String::new(), |win| starting.dialogs()[win.starter].name.clone());
                let (first, second) =
                    (starting.dialogs()[number].name.clone(), starting.dialogs()[other_number].name.clone());
                found.pairs.push(Overlap { first, second, utterance, winner });
            }
        }
        found.skipped = all - found.examined;
        found
    }
}

/// Path and line of every line of every starter.
pub(super) fn places(starting: &Starting, sources: &Sources) -> Vec<Vec<(String, usize)>> {
    let mut cursor = Cursor::default();
    let place = |dialog: &crate::program::starting::Started, cursor: &mut Cursor| {
        let Some(source) = sources.get(dialog.file) else { return Vec::new() };
        dialog
            .any
            .iter()
            .map(|said| {
                (source.path.clone(), cursor.line(dialog.file.0, &source.text, said.span.start as usize))
            })
            .collect()
    };
    starting.dialogs().iter().map(|dialog| place(dialog, &mut cursor)).collect()
}

/// Counts lines onwards from the place asked for last, since places come in the order of the text.
#[derive(Default)]
struct Cursor {
    file: Option<u32>,
    at: usize,
    line: usize,
}

impl Cursor {
    fn line(&mut self, file: u32, text: &str, offset: usize) -> usize {
        if self.file != Some(file) || offset < self.at {
            *self = Cursor { file: Some(file), at: 0, line: 1 };
        }
        let offset = offset.min(text.len());
        self.line += text.as_bytes()[self.at..offset].iter().filter(|byte| **byte == b'\n').count();
        self.at = offset;
        self.line
    }
}
