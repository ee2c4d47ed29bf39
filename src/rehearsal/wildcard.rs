//! Lets a line of a test fit what the bot says today as well: a wildcard in place of the words that differ.

use crate::diagnostics::{FileId, Source};
use crate::language::transcript;
use crate::language::transcript::syntax::Manner;

use super::bless::Blessing;
use super::play::{Played, Said};
use super::script::{At, Expected, Script, Test};
use super::shape::{Bindings, folded};

/// Texts of so many pairs of words are compared word by word; of longer ones only the beginning and the end.
const PAIRS_MAX: usize = 1_000_000;

impl Blessing {
    /// The lines of a test that differ, with wildcards that fit every row of its table.
    pub fn wildcards(&mut self, source: &Source, test: &Test, rows: &[&Played]) {
        for played in rows {
            for (beat, lived) in test.beats.iter().zip(&played.beats) {
                let place = beat.at.unwrap_or(test.at);
                if lived.stopped.is_some() {
                    self.refused.push((place.span, "no wildcard lets the test go on here".to_string()));
                }
                for (claim, why) in &lived.broken {
                    self.refused
                        .push((beat.claims[*claim].0.span, format!("this is a claim of yours: {why}")));
                }
                for pair in lived.pairs.iter().filter(|pair| !pair.good) {
                    let line = pair.expected.map(|line| &beat.expected[line]);
                    let done = match (line, pair.said.map(|said| &lived.said[said])) {
                        (Some(line), Some(said)) => self.wildcard(source, test, line, said, &played.bindings),
                        (Some(_), None) => Err("no wildcard fits a line that is not said"),
                        (None, _) => Err("no wildcard fits a line that is not expected"),
                    };
                    if let Err(why) = done {
                        self.refused.push((line.map_or(place.span, |line| line.at.span), why.to_string()));
                    }
                }
            }
        }
    }

    fn wildcard(
        &mut self,
        source: &Source,
        test: &Test,
        line: &Expected,
        said: &Said,
        bindings: &Bindings,
    ) -> Result<(), &'static str> {
        let At { file, span } = line.at;
        if file != FileId(0) || span.start < test.at.span.start {
            return Err("the line that differs stands in an opening, which several tests share");
        }
        if line.manner == Manner::Never {
            return Err("this must not be said, and it is");
        }
        let key = (span.start, span.end);
        let now = self.edits.get(&key).cloned().unwrap_or_else(|| source.slice(span).to_string());
        let (label, text) = now.split_once(':').ok_or("it has no label")?;
        if text.trim_start().starts_with('/') {
            return Err("a regex is yours to change");
        }
        let new = format!("{label}: {}", with_wildcards(text, &said.text));
        if !fits(&new, said, bindings) {
            return Err("it differs in more than words");
        }
        self.edits.insert(key, new);
        Ok(())
    }
}

/// Whether a line of a transcript fits what was said; by its words alone.
fn fits(line: &str, said: &Said, bindings: &Bindings) -> bool {
    let (tree, _) = transcript::parse(&format!("test \"wildcard\"\n  user: hello\n  {line}\n"), FileId(0));
    let (script, _) = Script::of(&[tree]);
    let expected = script.tests.first().and_then(|test| test.beats.first()?.expected.first());
    expected.is_some_and(|expected| {
        expected.any_of.iter().any(|shape| said.texts().any(|text| shape.fits(&text, bindings).is_some()))
    })
}

/// The text of a line with `*` in place of the words that are not in what was said. Wildcards, captures and values that
/// stand in it already are kept.
fn with_wildcards(written: &str, said: &str) -> String {
    let said = transcript::said(&folded(said), 0);
    let (old, new) = (words(written), words(&said));
    let kept = common(&old, &new);
    let mut out: Vec<&str> = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (one, other) in kept.into_iter().chain([(old.len(), new.len())]) {
        let mut run: Vec<&str> =
            old[left..one].iter().map(|word| if word.sign { word.text.as_str() } else { "*" }).collect();
        if run.is_empty() && right < other {
            run.push("*");
        }
        run.extend(old.get(one).map(|word| word.text.as_str()));
        for word in run {
            if word != "*" || out.last() != Some(&"*") {
                out.push(word);
            }
        }
        (left, right) = (one + 1, other + 1);
    }
    out.join(" ")
}

/// A word as it is written.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: String,
    /// Whether it is, or holds, a wildcard, a capture or a value.
    sign: bool,
}

/// The words of a line; `{{ name }}` and `<name:/a b/>` are parts of one.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), sign: false };
    let mut rest = text.trim();
    while let Some(letter) = rest.chars().next() {
        let name = rest
            .strip_prefix('<')
            .filter(|rest| rest.starts_with(|next: char| next.is_alphabetic() || next == '_'));
        let long = if letter == '\\' {
            1 + rest[1..].chars().next().map_or(0, char::len_utf8)
        } else if rest.starts_with("{{") {
            word.sign = true;
            rest.find("}}").map_or(rest.len(), |at| at + 2)
        } else if let Some(name) = name {
            word.sign = true;
            let plain =
                name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
            match name[plain..].starts_with(":/") {
                true => rest.find("/>").map_or(rest.len(), |at| at + 2),
                false => 1 + plain,
            }
        } else {
            word.sign |= letter == '*';
            letter.len_utf8()
        };
        if letter.is_whitespace() {
            if !word.text.is_empty() {
                words.push(std::mem::replace(&mut word, Word { text: String::new(), sign: false }));
            }
        } else {
            word.text.push_str(&rest[..long]);
        }
        rest = &rest[long..];
    }
    if !word.text.is_empty() {
        words.push(word);
    }
    words
}

/// Which words of the one are which of the other: as many as can be, in order.
fn common(old: &[Word], new: &[Word]) -> Vec<(usize, usize)> {
    let alike = |one: &Word, other: &Word| !one.sign && one.text == other.text;
    let head = old.iter().zip(new).take_while(|(one, other)| alike(one, other)).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tail.take_while(|(one, other)| alike(one, other)).count();
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    let (one, other) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    if one.len() * other.len() <= PAIRS_MAX {
        // The longest run of common words from each place to the end.
        let width = other.len() + 1;
        let mut longest = vec![0u32; (one.len() + 1) * width];
        for row in (0..one.len()).rev() {
            for column in (0..other.len()).rev() {
                longest[row * width + column] = match alike(&one[row], &other[column]) {
                    true => longest[(row + 1) * width + column + 1] + 1,
                    false => longest[(row + 1) * width + column].max(longest[row * width + column + 1]),
                };
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < one.len() && column < other.len() {
            if alike(&one[row], &other[column]) {
                pairs.push((head + row, head + column));
                (row, column) = (row + 1, column + 1);
            } else if longest[(row + 1) * width + column] >= longest[row * width + column + 1] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    pairs.extend((0..tail).rev().map(|back| (old.len() - 1 - back, new.len() - 1 - back)));
    pairs
}

#[cfg(test)]
mod tests {
    use super::with_wildcards;

    #[test]
    fn words_that_differ_become_wildcards() {
        for (written, said, expected) in [
            ("Hello Dana.", "Hello Dana.", "Hello Dana."),
            ("Hold on for a person...", "Hold on for an agent...", "Hold on for *"),
            (
                "Your parcel comes today at noon.",
                "Your letter comes today at one.",
                "Your * comes today at *",
            ),
            ("We are open.", "We are now open.", "We are * open."),
            ("We are really open.", "We are open.", "We are * open."),
            ("Order <no> comes * soon", "Order A-1 goes to you now", "Order <no> * "),
            ("Order {{ no }} is on its way", "Order A-1 is under way", "Order {{ no }} is * way"),
            ("It costs 5 \\* 2 here", "It costs 6 * 2 here", "It costs * \\* 2 here"),
            ("Take <time:/a b c/> please", "Take 3 pm or 4 please", "Take <time:/a b c/> please"),
            ("", "Hello", "*"),
            ("All new", "Quite another thing", "*"),
        ] {
            assert_eq!(with_wildcards(written, said), expected.trim(), "{written} / {said}");
        }
    }
}
