//! The bot's own types: "a room in München, please" is the city MUC, because its author said so.
//!
//! Exact texts, and `words` without `*` and `{name}`, are found as whole words anywhere in the message, all at once
//! and however many there are. `pattern` has to fit the whole message, a regex is searched, and of `words` with a `*`
//! the best stretch counts. Of two that overlap the one with more letters of its own wins, then the earlier one, then
//! the one written first; regexes come last.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;
use rustc_hash::FxHashMap;

use super::fill::Taken;
use crate::conversation::Value;
use crate::program::matcher::{Any, Matcher, Regex, Scratch, fits_any};
use crate::program::normal::Heard;
use crate::program::pattern::{Ends, Pattern, Step};

/// How often one regex is found in one message at most.
const FINDS_MAX: usize = 32;
/// How many of its matchers an entity keeps as written.
const SAID_MAX: usize = 50;

/// One value of an entity.
#[derive(Debug, Clone)]
pub struct EntityValue {
    /// What the visitor may say for it; phrases as the lists they stand for.
    pub matchers: Vec<Matcher>,
    /// What is kept: the given value or the name as written. Without one, what was said: of a regex its first
    /// group, if it has one.
    pub value: Option<Value>,
}

/// An entity, made ready.
pub struct Entity {
    name: String,
    values: Vec<Option<Value>>,
    /// All texts in the normal form.
    texts: Option<DoubleArrayAhoCorasick<u32>>,
    /// For each of them, the values it stands for, as written.
    meant: Vec<Meant>,
    /// What is tried one by one, and the value of each.
    others: Vec<Other>,
    /// Some of its matchers as written, for those who want to say a value.
    said: Vec<Matcher>,
}

#[derive(Debug, Default)]
struct Meant {
    own: u32,
    values: Vec<(usize, Guard)>,
}

#[derive(Debug)]
struct Other {
    way: Way,
    value: usize,
    guard: Guard,
}

#[derive(Debug)]
enum Way {
    Pattern(Pattern, Ends),
    Regex(Arc<Regex>),
}

/// Lists of phrases whose `but not` may keep a message out.
type Guard = Vec<Arc<Any>>;

/// A stretch of the message that may be a value.
struct Candidate {
    range: Range<usize>,
    /// The bytes that are kept where no value is given.
    said: Range<usize>,
    own: u32,
    regex: bool,
    value: usize,
}

impl std::fmt::Debug for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entity")
            .field("name", &self.name)
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

impl Entity {
    /// Makes an entity ready, with its values in the order in which they are written.
    pub fn new(name: impl Into<String>, values: Vec<EntityValue>) -> Entity {
        let mut filing = Filing::default();
        for (number, value) in values.iter().enumerate() {
            for matcher in &value.matchers {
                filing.file(matcher, number, &Vec::new());
            }
        }
        let texts =
            if filing.texts.is_empty() { None } else { DoubleArrayAhoCorasick::new(&filing.texts).ok() };
        Entity {
            name: name.into(),
            said: values.iter().flat_map(|value| &value.matchers).take(SAID_MAX).cloned().collect(),
            values: values.into_iter().map(|value| value.value).collect(),
            texts,
            meant: filing.meant,
            others: filing.others,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Some of its matchers, in the order in which they are written.
    pub fn said(&self) -> &[Matcher] {
        &self.said
    }

    /// Its values in a message, in order, where they do not overlap.
    pub(super) fn all(&self, heard: &Heard<'_>) -> Vec<(Range<usize>, Value)> {
        let mut candidates = self.candidates(heard);
        candidates.sort_by_key(|found| (found.regex, Reverse(found.own), found.range.start, found.value));
        let mut taken = Taken::default();
        let mut all: Vec<(Range<usize>, Value)> = Vec::new();
        for candidate in candidates {
            if taken.take(&candidate.range) {
                let value = self.values.get(candidate.value).cloned().flatten();
                let said = || Value::text(heard.original().get(candidate.said).unwrap_or_default());
                all.push((candidate.range, value.unwrap_or_else(said)));
            }
        }
        all.sort_by_key(|(range, _)| range.start);
        all
    }

    fn candidates(&self, heard: &Heard<'_>) -> Vec<Candidate> {
        let mut scratch = Scratch::new();
        let mut candidates = Vec::new();
        if let Some(texts) = &self.texts {
            for hit in texts.find_overlapping_iter(heard.normal()) {
                if !heard.is_word_bound(hit.start()) || !heard.is_word_bound(hit.end()) {
                    continue;
                }
                let Some(meant) = self.meant.get(hit.value() as usize) else { continue };
                let open = |guard: &Guard, scratch: &mut Scratch| opens(guard, heard, scratch);
                let value = meant.values.iter().find(|(_, guard)| open(guard, &mut scratch));
                if let Some((value, _)) = value {
                    let range = heard.place(hit.start()..hit.end());
                    candidates.push(Candidate {
                        said: range.clone(),
                        range,
                        own: meant.own,
                        regex: false,
                        value: *value,
                    });
                }
            }
        }
        for other in &self.others {
            if !opens(&other.guard, heard, &mut scratch) {
                continue;
            }
            match &other.way {
                Way::Pattern(pattern, ends) => {
                    let Some(own) = pattern.own(heard, *ends, &mut scratch.walk) else { continue };
                    let Some(stretch) = pattern.stretch(heard, *ends) else { continue };
                    let range = heard.place(stretch);
                    candidates.push(Candidate {
                        said: range.clone(),
                        range,
                        own,
                        regex: false,
                        value: other.value,
                    });
                }
                Way::Regex(regex) => {
                    for (range, said) in regex.stretches(heard, FINDS_MAX) {
                        let own = heard.original()[range.clone()].chars().count() as u32;
                        candidates.push(Candidate { range, said, own, regex: true, value: other.value });
                    }
                }
            }
        }
        candidates.retain(|found| !found.range.is_empty());
        candidates
    }
}

fn opens(guard: &Guard, heard: &Heard<'_>, scratch: &mut Scratch) -> bool {
    !guard.iter().any(|list| fits_any(&list.but_not, heard, scratch))
}

/// Matchers on their way into an entity.
#[derive(Default)]
struct Filing {
    texts: Vec<String>,
    numbers: FxHashMap<String, usize>,
    meant: Vec<Meant>,
    others: Vec<Other>,
}

impl Filing {
    fn file(&mut self, matcher: &Matcher, value: usize, guard: &Guard) {
        match matcher {
            Matcher::Exact(pattern) => self.file_texts(pattern, value, guard),
            Matcher::Words(pattern) if is_plain(pattern.steps()) && pattern.ways().is_some() => {
                self.file_texts(pattern, value, guard);
            }
            Matcher::Words(pattern) => {
                self.file_other(Way::Pattern(pattern.clone(), Ends::Words), value, guard)
            }
            Matcher::Pattern(pattern) => {
                self.file_other(Way::Pattern(pattern.clone(), Ends::Message), value, guard);
            }
            Matcher::Regex(regex) => self.file_other(Way::Regex(regex.clone()), value, guard),
            // It says nothing about a value.
            Matcher::Anything => {}
            Matcher::Any(list) => {
                let mut inner = guard.clone();
                if !list.but_not.is_empty() {
                    inner.push(list.clone());
                }
                for matcher in &list.any {
                    self.file(matcher, value, &inner);
                }
            }
        }
    }

    fn file_texts(&mut self, pattern: &Pattern, value: usize, guard: &Guard) {
        for way in pattern.ways().unwrap_or_default() {
            let text: String = way.literals.iter().map(|literal| &*literal.text).collect();
            if text.trim().is_empty() {
                continue;
            }
            let number = *self.numbers.entry(text).or_insert_with_key(|text| {
                self.texts.push(text.clone());
                self.meant.push(Meant { own: way.own, values: Vec::new() });
                self.meant.len() - 1
            });
            self.meant[number].values.push((value, guard.clone()));
        }
    }

    fn file_other(&mut self, way: Way, value: usize, guard: &Guard) {
        self.others.push(Other { way, value, guard: guard.clone() });
    }
}

/// Whether a pattern is nothing but letters and alternates.
fn is_plain(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Literal(_) => true,
        Step::Star | Step::Capture(_) => false,
        Step::Group(ways) => ways.iter().all(|way| is_plain(way)),
    })
}
