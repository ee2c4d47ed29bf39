//! Accepts what a bot says today as what its tests expect: rewrites the lines that differ, and nothing else.

use std::collections::BTreeMap;

use crate::conversation::Message;
use crate::diagnostics::{FileId, Source, Span};
use crate::language::transcript;
use crate::language::transcript::syntax::{Manner, Piece};

use super::compare::Pair;
use super::play::{Lived, Played, Said};
use super::script::{At, Beat, Claim, Expected, Test};
use super::shape::{Bindings, folded};

/// What is to be changed in a transcript, and what cannot be.
#[derive(Debug, Default)]
pub struct Blessing {
    edits: BTreeMap<(u32, u32), String>,
    /// Why a line was left as it is, with its place.
    pub refused: Vec<(Span, String)>,
}

impl Blessing {
    /// The lines of a test that differ, as the bot says them now. `rows` is what came of each row of its table.
    pub fn test(&mut self, source: &Source, test: &Test, rows: &[Option<&Played>]) {
        let mut all = rows.iter().map(|row| match row {
            Some(played) => edits(source, test, played),
            None => (BTreeMap::new(), Vec::new()),
        });
        let Some((first, refused)) = all.next() else { return };
        if all.any(|(edits, _)| edits != first) {
            let why = "the rows of its table go differently, so that one line cannot fit all of them";
            self.refused.push((test.at.span, why.to_string()));
            return;
        }
        self.refused.extend(refused);
        self.edits.extend(first);
    }

    /// How many places change.
    pub fn count(&self) -> usize {
        self.edits.len()
    }

    /// The transcript with all changes.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for ((start, end), new) in &self.edits {
            let (start, end) = (*start as usize, *end as usize);
            if start < at {
                continue; // two changes of one place: the first counts
            }
            out.push_str(&text[at..start]);
            out.push_str(new);
            at = end;
        }
        out.push_str(&text[at..]);
        out
    }
}

type Edits = BTreeMap<(u32, u32), String>;

/// The changes of one test, and what cannot be changed.
fn edits(source: &Source, test: &Test, played: &Played) -> (Edits, Vec<(Span, String)>) {
    let (mut edits, mut refused) = (Edits::new(), Vec::new());
    let own = |at: At| at.file == FileId(0) && at.span.start >= test.at.span.start;
    for (beat, lived) in test.beats.iter().zip(&played.beats) {
        if lived.passed() {
            continue;
        }
        let place = beat.at.unwrap_or(test.at);
        if let Some(stopped) = &lived.stopped {
            let why = match stopped {
                super::play::Stopped::Unstubbed(name, line) => {
                    format!("the call of \"{name}\" has no stub: {line}")
                }
                super::play::Stopped::TooLong(why) | super::play::Stopped::Impossible(why) => why.clone(),
            };
            refused.push((place.span, why));
        }
        let foreign =
            beat.expected.iter().map(|line| line.at).find(|at| !own(*at)).or(beat.at.filter(|at| !own(*at)));
        if foreign.is_some() && lived.pairs.iter().any(|pair| !pair.good) {
            refused.push((
                test.at.span,
                "the line that differs stands in an opening, which several tests share".to_string(),
            ));
            continue;
        }
        lines(source, place, beat, lived, &played.bindings, &mut edits, &mut refused);
        for (number, why) in &lived.broken {
            let (at, claim) = &beat.claims[*number];
            match (claim, &lived.dialog) {
                (Claim::Dialog(_), Some(dialog)) if own(*at) => {
                    let name = dialog.replace('\\', "\\\\").replace('"', "\\\"");
                    edits.insert((at.span.start, at.span.end), format!("expect dialog \"{name}\""));
                }
                _ => refused.push((at.span, format!("this is a claim of yours: {why}"))),
            }
        }
    }
    (edits, refused)
}

/// The changes of one beat: what differs is rewritten, what is missing put in, what is no longer said taken out.
fn lines(
    source: &Source,
    place: At,
    beat: &Beat,
    lived: &Lived,
    bindings: &Bindings,
    edits: &mut Edits,
    refused: &mut Vec<(Span, String)>,
) {
    let mut behind = place.span.end;
    let indent = beat
        .expected
        .first()
        .map_or_else(|| indent(source, place.span).max(2), |line| indent(source, line.at.span));
    for Pair { expected, said, good } in &lived.pairs {
        let line = expected.map(|line| &beat.expected[line]);
        let said = said.map(|said| &lived.said[said]);
        match (good, line, said) {
            (true, Some(line), _) => behind = line.whole.end,
            (true, ..) | (false, None, None) => {}
            (false, Some(line), _) if line.manner == Manner::Never => {
                refused.push((line.at.span, "this must not be said, and it is".to_string()));
            }
            (false, Some(line), Some(said)) if line.within.is_some_and(|within| said.after > within) => {
                refused.push((line.at.span, "this is said too late".to_string()));
            }
            (false, Some(line), Some(said)) => {
                let set_in = self::indent(source, line.at.span);
                let known = Some((line, bindings));
                edits.insert((line.at.span.start, line.whole.end), written(said, set_in, known));
                behind = line.whole.end;
            }
            (false, Some(line), None) => {
                let start = source.text[..line.at.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
                let end = line.whole.end as usize;
                let end = end + source.text[end..].find('\n').map_or(source.text.len() - end, |at| at + 1);
                edits.insert((start as u32, end as u32), String::new());
                behind = behind.min(start as u32);
            }
            (false, None, Some(said)) => {
                let text = format!("\n{}{}", " ".repeat(indent), written(said, indent, None));
                edits.entry((behind, behind)).or_default().push_str(&text);
            }
        }
    }
}

/// How far a line is set in.
fn indent(source: &Source, span: Span) -> usize {
    let start = source.text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    source.text[start..span.start as usize].chars().count()
}

/// Something that was read, as lines of a transcript without the first indentation. `was` is the line that expected
/// something else: its wildcards, captures and values are kept where their surroundings are still there.
pub fn written(said: &Said, indent: usize, was: Option<(&Expected, &Bindings)>) -> String {
    let pieces = was.and_then(|(line, bindings)| Some((line.any_of.first()?.pieces(), bindings)));
    let text = match pieces {
        Some((pieces, bindings)) if !pieces.is_empty() => {
            with_pieces(&said.text, pieces, bindings, indent + 2)
        }
        _ => transcript::said(&said.text, indent + 2),
    };
    let mut text = format!("{}: {text}", said.label.word());
    let deeper = " ".repeat(indent + 2);
    match &said.message {
        Some(Message::Choices(question))
            if !question.choices.is_empty() && was.is_none_or(|(line, _)| line.choices.is_some()) =>
        {
            let labels: Vec<String> =
                question.choices.iter().map(|choice| transcript::label(&choice.label)).collect();
            text.push_str(&format!("\n{deeper}choices: {}", labels.join(" | ")));
        }
        Some(Message::Card(json)) => text.push_str(&format!("\n{deeper}card: {json}")),
        _ => {}
    }
    text
}

/// A new text with what the old line had besides letters, as far as it finds its place: a value where the text has it,
/// a wildcard between the words that stood around it.
fn with_pieces(text: &str, pieces: &[Piece], bindings: &Bindings, deeper: usize) -> String {
    let text = folded(text);
    let (mut out, mut rest) = (String::new(), &*text);
    for (number, piece) in pieces.iter().enumerate() {
        let sign = match piece {
            Piece::Letters(_) => continue,
            Piece::Any => "*".to_string(),
            Piece::Capture(name, None) => format!("<{name}>"),
            Piece::Capture(name, Some(regex)) => format!("<{name}:/{regex}/>"),
            Piece::Value(name) => format!("{{{{ {name} }}}}"),
        };
        let range = match piece {
            Piece::Value(name) => {
                let value = bindings.get(name).filter(|value| !value.is_empty());
                value.and_then(|value| rest.find(value.as_str()).map(|at| at..at + value.len()))
            }
            _ => {
                let before = number.checked_sub(1).map(|before| &pieces[before]);
                between(rest, before, pieces.get(number + 1))
            }
        };
        let Some(range) = range else { continue };
        out.push_str(&inner(&rest[..range.start], deeper));
        out.push_str(&sign);
        rest = &rest[range.end..];
    }
    out.push_str(&inner(rest, deeper));
    out
}

/// Letters in the middle of a line: a space at their ends is no end of the text.
fn inner(letters: &str, deeper: usize) -> String {
    let core = letters.trim_matches(' ');
    if core.is_empty() {
        return letters.to_string();
    }
    letters.replacen(core, &transcript::said(core, deeper), 1)
}

/// The stretch of a text between the last word before a wildcard and the first one behind it.
fn between(text: &str, before: Option<&Piece>, behind: Option<&Piece>) -> Option<std::ops::Range<usize>> {
    let start = match before {
        None => 0,
        Some(Piece::Letters(letters)) => {
            let word = last_word(letters);
            text.find(word).map(|at| at + word.len())?
        }
        Some(_) => return None,
    };
    let end = match behind {
        None => text.len(),
        Some(Piece::Letters(letters)) => {
            let word = first_word(letters);
            text[start..].find(word).map(|at| start + at)?
        }
        Some(_) => return None,
    };
    (start < end || behind.is_none()).then_some(start..end)
}

/// The last word of some letters, with the space behind it.
fn last_word(letters: &str) -> &str {
    let word = letters.trim_end().char_indices().rfind(|(_, letter)| letter.is_whitespace());
    word.map_or(letters, |(at, space)| &letters[at + space.len_utf8()..])
}

/// The first word of some letters, with the space before it.
fn first_word(letters: &str) -> &str {
    let first = letters.len() - letters.trim_start().len();
    let word = letters[first..].find(char::is_whitespace).map_or(letters.len(), |at| first + at);
    &letters[..word]
}
