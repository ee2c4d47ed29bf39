//! Messages that fit a matcher, as short as a person would write them: one for each of its alternates.

use super::parts;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::pattern::{Ends, Step};

/// How many messages are made for one matcher.
pub const SAMPLES_MAX: usize = 200;

/// Stands where a `*` stands, until it is known what is around it.
const STAR: char = '\u{fdd0}';
/// Stands where a capture stands.
const CAPTURE: char = '\u{fdd1}';
/// What a visitor says where a capture stands, or a `*` that a space parts from the rest.
const SOMETHING: &str = "something";

/// Messages that fit: first the one that takes every first alternate, then one for each other alternate, in the order
/// in which they are written. Every one of them has been tried.
pub fn samples(matcher: &Matcher) -> Vec<String> {
    let mut scratch = Scratch::new();
    let mut all: Vec<String> = Vec::new();
    for part in parts(matcher) {
        let ways: Vec<String> = match part {
            Matcher::Regex(regex) => regex.samples(),
            Matcher::Anything | Matcher::Any(_) => Vec::new(),
            Matcher::Exact(_) | Matcher::Pattern(_) | Matcher::Words(_) => {
                let Some((pattern, ends)) = part.as_pattern() else { continue };
                spellings(pattern.steps()).iter().map(|way| said(way, ends)).collect()
            }
        };
        for message in ways {
            let fits = Heard::new(&message).is_ok_and(|heard| matcher.fits(&heard, &mut scratch).is_some());
            if fits && !message.trim().is_empty() && !all.contains(&message) && all.len() < SAMPLES_MAX {
                all.push(message);
            }
        }
    }
    all
}

/// The ways to say some steps: the first alternates, then each other alternate once, with the first ones around it.
fn spellings(steps: &[Step]) -> Vec<String> {
    let mut all = vec![String::new()];
    for step in steps {
        let own: Vec<String> = match step {
            Step::Literal(literal) => vec![literal.text.to_string()],
            Step::Star => vec![STAR.to_string()],
            Step::Capture(_) => vec![CAPTURE.to_string()],
            Step::Group(ways) => ways.iter().flat_map(|way| spellings(way)).collect(),
        };
        let Some((first, others)) = own.split_first() else { continue };
        let before = all[0].clone();
        all.iter_mut().for_each(|text| text.push_str(first));
        let room = SAMPLES_MAX.saturating_sub(all.len());
        all.extend(others.iter().take(room).map(|other| format!("{before}{other}")));
    }
    all
}

/// As a person says it: a space where a `*` parts two words, and nothing where it stands at an end.
fn said(way: &str, ends: Ends) -> String {
    let letters: Vec<char> = way.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let next = letters[at + 1..].iter().find(|next| **next != STAR);
        let apart = |out: &str| out.ends_with(|last: char| !last.is_whitespace());
        match *letter {
            STAR => match next {
                Some(next) if next.is_whitespace() && out.is_empty() => out.push_str(SOMETHING),
                Some(next) if !next.is_whitespace() && apart(&out) => out.push(' '),
                None if out.ends_with(' ') => out.push_str(SOMETHING),
                _ => {}
            },
            CAPTURE => {
                if ends == Ends::Words && apart(&out) {
                    out.push(' ');
                }
                out.push_str(SOMETHING);
            }
            letter => out.push(letter),
        }
    }
    out.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::pattern::parse_pattern;

    fn of_pattern(text: &str) -> Vec<String> {
        samples(&Matcher::pattern(&parse_pattern(text).unwrap()))
    }

    #[test]
    fn every_alternate_of_a_pattern_is_said_once() {
        assert_eq!(
            of_pattern("*(track|where)*(order|parcel)*"),
            ["track order", "where order", "track parcel"]
        );
        assert_eq!(of_pattern("(hi|good (morning|day))*"), ["hi", "good morning", "good day"]);
        assert_eq!(of_pattern("my name is {name}"), ["my name is something"]);
        assert_eq!(of_pattern("have you *"), ["have you something"]);
        assert_eq!(of_pattern("* please"), ["something please"]);
        assert_eq!(of_pattern("*"), Vec::<String>::new());
    }

    #[test]
    fn texts_are_made_for_regexes() {
        let of = |source, ignore_case| samples(&Matcher::regex(source, ignore_case).unwrap());
        assert_eq!(of(r"^[A-Z]-\d{5}$", false)[0], "A-12345");
        assert_eq!(of(r"\b(?:LF-?)?(\d{6})\b", false)[0], "LF-123456");
        assert!(of(r"\b(?:LF-?)?(\d{6})\b", false).contains(&"123456".to_string()));
        assert_eq!(of("yes|no", false), ["yes", "no"]);
        assert_eq!(of(r"[^\x00-\x7f]", false).len(), 1);
    }
}
