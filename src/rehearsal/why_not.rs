//! Why the line a test expects was not said: where the bot would say it, and what kept it from there.

use crate::program::Program;
use crate::program::Verdict;
use crate::program::dialog::{Dialog, Does, Rule, When};
use crate::program::formula::Template;

use super::play::{Lived, Why};
use super::script::{Expected, Label};
use super::shape::{Bindings, folded};

/// A place that says something.
struct Place<'p> {
    dialog: &'p Dialog,
    line: u32,
    /// The rule of a question, call or transfer that says it.
    rule: Option<&'p Rule>,
}

/// Why a line was not said; nothing, if the bot has no such line or it cannot be told.
pub fn why_not(program: &Program, expected: &Expected, lived: &Lived) -> Option<String> {
    if expected.label != Label::Bot {
        return None;
    }
    let places: Vec<Place<'_>> =
        program.dialogs().flat_map(|dialog| said_in(dialog, &|text| could_say(text, expected))).collect();
    // One that stands in a dialog that answered is what the author means most likely.
    let place = places
        .iter()
        .find(|place| lived.why.iter().any(|why| why.dialog == place.dialog.name))
        .or(places.first())?;
    let at = format!("{}:{}", place.dialog.path, place.line);
    let name = &place.dialog.name;
    if let Some(rule) = place.rule {
        return Some(format!("{} of \"{name}\" would say it ({at}), and {}", sort(rule), instead(lived)));
    }
    if lived.why.iter().any(|why| why.dialog == *name) {
        return Some(format!("\"{name}\" would say it further on ({at})"));
    }
    let starter = lived.heard.as_deref().and_then(|heard| {
        let answers = program.answers(heard).ok()?;
        let own = answers.iter().find(|answer| answer.dialog == *name);
        Some(match own.map(|answer| (&answer.starter, &answer.verdict)) {
            None => format!("none of its starters fits `{heard}`"),
            Some((starter, Verdict::FewerCharacters)) => {
                format!("{starter} fits as well, but accounts for fewer characters")
            }
            Some((starter, Verdict::WrittenLater)) => format!("{starter} fits as well, but is written later"),
            Some((starter, Verdict::RegexAfterPatterns)) => {
                format!("{starter} fits as well, but a regex comes after patterns")
            }
            Some((_, Verdict::ExcludedBy(matcher))) => format!("it is kept out by `but not {matcher}`"),
            Some((_, Verdict::NoModel)) => "no model recognises its intent".to_string(),
            Some((starter, Verdict::Wins)) => format!("{starter} fits, but {}", instead(lived)),
        })
    });
    let starter = starter.unwrap_or_else(|| instead(lived));
    Some(format!("\"{name}\" would say it ({at}): {starter}"))
}

/// What answered instead.
fn instead(lived: &Lived) -> String {
    match lived.why.first() {
        Some(Why { kind: "rule" | "choice" | "number" | "type" | "anything", place, .. }) => {
            let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            format!("the open question takes the message{place}")
        }
        Some(Why { kind: "starter", dialog, .. }) => format!("a starter of \"{dialog}\" takes the message"),
        Some(Why { kind, dialog, .. }) if dialog.is_empty() => format!("{kind} answers"),
        Some(Why { kind, dialog, place, .. }) => {
            let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            format!("{kind} of \"{dialog}\" answers{place}")
        }
        None => "the bot does not answer here".to_string(),
    }
}

fn sort(rule: &Rule) -> &'static str {
    match &rule.when {
        When::Otherwise => "`otherwise`",
        When::Retry(_) => "`retry`",
        When::Choice(_) => "a choice",
        When::Fits(_) => "a rule",
    }
}

/// The places of a dialog that say a text.
fn said_in<'p>(dialog: &'p Dialog, says: &dyn Fn(&Template) -> bool) -> Vec<Place<'p>> {
    let mut places = Vec::new();
    for step in &dialog.steps {
        let (text, rules): (Option<&Template>, &[Rule]) = match &step.does {
            Does::Say(text) => (Some(text), &[]),
            Does::Ask(question) => (Some(&question.text), &question.rules),
            Does::Call(call) => (None, &call.rules),
            Does::Transfer(transfer) => (transfer.say.as_ref(), &transfer.rules),
            _ => (None, &[]),
        };
        if text.is_some_and(says) {
            places.push(Place { dialog, line: step.line, rule: None });
        }
        for rule in rules.iter().filter(|rule| rule.say.as_ref().is_some_and(says)) {
            places.push(Place { dialog, line: rule.line, rule: Some(rule) });
        }
    }
    places
}

/// Whether a text with holes could come to what is expected: its letters stand in it, in this order.
fn could_say(text: &Template, expected: &Expected) -> bool {
    let source = text.source();
    let plain: Vec<String> = apart(source);
    if plain.iter().map(String::len).sum::<usize>() < 3 && !source.is_empty() {
        return false; // a text of holes only could be anything
    }
    let whole = folded(source);
    expected.any_of.iter().any(|shape| match shape.letters() {
        Some(letters) => in_order(letters, &plain),
        None => shape.fits(&whole, &Bindings::new()).is_some(),
    })
}

/// The letters between the holes of a text.
fn apart(source: &str) -> Vec<String> {
    let mut letters = Vec::new();
    let mut rest = source;
    while let Some((before, behind)) = rest.split_once("{{") {
        letters.push(before);
        rest = behind.split_once("}}").map_or("", |(_, behind)| behind);
    }
    letters.push(rest);
    letters
        .iter()
        .map(|letters| folded(letters.trim()).into_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

fn in_order(text: &str, pieces: &[String]) -> bool {
    let mut at = 0;
    pieces.iter().all(|piece| match text[at..].find(piece.as_str()) {
        Some(found) => {
            at += found + piece.len();
            true
        }
        None => false,
    })
}
