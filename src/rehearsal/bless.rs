//! Accepts what a bot says today as what its tests expect: rewrites the lines that differ, and nothing else.

use std::collections::BTreeMap;

use crate::conversation::Message;
use crate::diagnostics::{FileId, Source, Span};
use crate::language::transcript;
use crate::language::transcript::syntax::{Manner, Piece};

use super::compare::Pair;
use super::play::{Lived, Played, Said};
use super::script::{At, Beat, Claim, Expected, Test};
use super::shape::{Bindings, Shape, folded};

/// What is to be changed in a transcript, and what cannot be.
#[derive(Debug, Default)]
pub struct Blessing {
    pub(super) edits: BTreeMap<(u32, u32), String>,
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
            match text.contains("\r\n") {
                true => out.push_str(&new.replace('\n', "\r\n")),
                false => out.push_str(new),
            }
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
                super::play::Stopped::TooLong(why)
                | super::play::Stopped::Impossible(why)
                | super::play::Stopped::NotHere(why) => why.clone(),
            };
            refused.push((place.span, why));
        }
        // What differs has to stand in the test itself, and so has the line behind which something new is put.
        let mut behind_own = beat.at.is_none_or(own);
        let mut foreign = false;
        for pair in &lived.pairs {
            let line_is_own = pair.expected.map(|line| own(beat.expected[line].at));
            foreign |= !pair.good && !line_is_own.unwrap_or(behind_own);
            behind_own = line_is_own.unwrap_or(behind_own);
        }
        if foreign {
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
                edits.insert(
                    (line.at.span.start, line.at.span.end),
                    first_line(said, set_in, Some((line, bindings))),
                );
                attached(source, line, said, set_in, bindings, edits);
                behind = line.whole.end;
            }
            (false, Some(line), None) => {
                let (start, end) = whole_lines(source, line.whole);
                edits.insert((start, end), String::new());
                behind = behind.min(start);
            }
            (false, None, Some(said)) => {
                let text = format!("\n{}{}", " ".repeat(indent), written(said, indent));
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

/// The choices or the card below a line that is rewritten: what differs is rewritten as well. Other ways to say it, a
/// limit of time and remarks are the author's and stay.
fn attached(
    source: &Source,
    line: &Expected,
    said: &Said,
    set_in: usize,
    known: &Bindings,
    edits: &mut Edits,
) {
    let Some(at) = line.below else { return };
    let fits = |shapes: &[Shape], labels: &[&str]| {
        shapes.len() == labels.len()
            && shapes.iter().zip(labels).all(|(shape, label)| shape.fits(label, known).is_some())
    };
    let new = match &said.message {
        Some(Message::Choices(question)) => {
            let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
            if line.choices.as_deref().is_some_and(|shapes| fits(shapes, &labels)) {
                return;
            }
            below(said, set_in).map(|text| text.trim_start().to_string())
        }
        _ => below(said, set_in).map(|text| text.trim_start().to_string()),
    };
    match new {
        Some(new) => edits.insert((at.start, at.end), new),
        None => edits.insert(whole_lines(source, at), String::new()),
    };
}

/// A stretch with the rest of its lines.
fn whole_lines(source: &Source, span: Span) -> (u32, u32) {
    let start = source.text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = span.end as usize;
    let end = end + source.text[end..].find('\n').map_or(source.text.len() - end, |at| at + 1);
    (start as u32, end as u32)
}

/// Something that was read, as lines of a transcript without the first indentation.
pub fn written(said: &Said, indent: usize) -> String {
    let mut text = first_line(said, indent, None);
    text.extend(below(said, indent).map(|below| format!("\n{below}")));
    text
}

/// The line for its choices or its card.
fn below(said: &Said, indent: usize) -> Option<String> {
    let deeper = " ".repeat(indent + 2);
    match &said.message {
        Some(Message::Choices(question)) if !question.choices.is_empty() => {
            let labels: Vec<String> =
                question.choices.iter().map(|choice| transcript::label(&choice.label)).collect();
            Some(format!("{deeper}choices: {}", labels.join(" | ")))
        }
        Some(Message::Card(json)) => Some(format!("{deeper}card: {json}")),
        _ => None,
    }
}

/// The line for what was said. `was` is the line that expected something else: its wildcards, captures and values are
/// kept where their surroundings are still there.
fn first_line(said: &Said, indent: usize, was: Option<(&Expected, &Bindings)>) -> String {
    let pieces = was.and_then(|(line, bindings)| Some((line.any_of.first()?.pieces(), bindings)));
    let text = match pieces {
        Some((pieces, bindings)) if !pieces.is_empty() => {
            with_pieces(&said.text, pieces, bindings, indent + 2)
        }
        _ => transcript::said(&said.text, indent + 2),
    };
    format!("{}: {text}", said.label.word())
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
