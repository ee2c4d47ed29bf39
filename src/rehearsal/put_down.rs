//! A conversation that somebody walked through, as a test of a transcript: what happened, what calls get, and what the
//! bot said when it was played.

use std::sync::Arc;

use crate::conversation::{Message, Outcome, Value};
use crate::language::transcript::syntax::Piece;
use crate::language::transcript::{heard, label, said};

use super::play::{Audience, Played, Said, Stage, play, written};
use super::script::{At, Beat, Label, Test, What};
use super::shape::Bindings;
use super::stub::Stub;
use super::visit::Act;

/// How far a text that goes on over several lines is set in.
const DEEPER: usize = 4;

/// An act, and the integration whose call it answers, if it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What was done.
    pub act: Act,
    /// The integration that was called.
    pub answers: Option<String>,
}

/// A conversation of some acts, ready to be played and written down.
#[derive(Debug)]
pub struct PutDown {
    test: Test,
    /// For every beat, the lines of its stubs.
    stubs: Vec<Vec<String>>,
}

impl PutDown {
    /// Makes a test of what was done. Calls get their answers from stubs; where one integration answers in two ways
    /// before the visitor is heard again, the answers stand on lines of their own.
    pub fn of(name: &str, done: &[Done]) -> PutDown {
        let mut test = Test {
            name: name.to_string(),
            at: At::default(),
            whole: crate::diagnostics::Span::default(),
            queue: None,
            tags: Vec::new(),
            rows: vec![Bindings::new()],
            beats: Vec::new(),
        };
        let mut stubs = Vec::new();
        let mut at = 0;
        while at < done.len() {
            let answers = done[at + 1..].iter().take_while(|next| matches!(next.act, Act::Answer(_))).count();
            let behind = &done[at + 1..at + 1 + answers];
            let Some(what) = what(&done[at].act) else {
                at += 1;
                continue;
            };
            let (mut made, mut lines) = (Vec::new(), Vec::new());
            match plain(behind) {
                Some(all) => {
                    for (integration, outcome) in all {
                        lines.push(format!("stub {} -> {}", quoted(integration), returns(outcome)));
                        made.push(Arc::new(Stub::named(integration, outcome.clone())));
                    }
                    at += 1 + answers;
                }
                None => at += 1,
            }
            test.beats.push(Beat {
                what,
                at: Some(At::default()),
                stubs: made,
                expected: Vec::new(),
                claims: Vec::new(),
            });
            stubs.push(lines);
        }
        PutDown { test, stubs }
    }

    /// Plays it.
    pub fn play(&self, stage: &Stage<'_>, audience: &mut dyn Audience) -> Played {
        play(stage, &self.test, &Bindings::new(), audience)
    }

    /// The test, with what was said when it was played. `by_starter`: it is about what starts the last dialog.
    pub fn text(&self, played: &Played, by_starter: bool) -> String {
        let mut out = format!("test {}\n", quoted(&self.test.name));
        for ((beat, stubs), lived) in self.test.beats.iter().zip(&self.stubs).zip(&played.beats) {
            for stub in stubs {
                out.push_str(&format!("  {stub}\n"));
            }
            let line = match &beat.what {
                What::User(pieces) => {
                    let text: String = pieces
                        .iter()
                        .map(|piece| match piece {
                            Piece::Letters(letters) => letters.as_str(),
                            _ => "",
                        })
                        .collect();
                    format!("user: {}", heard(&text, DEEPER))
                }
                What::Answer(outcome) => format!("answer: {}", returns(outcome)),
                What::Happens(name, Value::Nothing) => format!("happens: {name}"),
                What::Happens(name, data) => format!("happens: {name} {}", json(data)),
                What::Wait(time) => format!("wait: {}", written(*time)),
                What::Begin => "begin:".to_string(),
                _ => lived.happened.clone(),
            };
            out.push_str(&format!("  {}\n", line.trim_end()));
            for said in &lived.said {
                out.push_str(&expected(said));
            }
        }
        // Without this line, a message that no starter takes any more might still begin the entry dialog.
        let started = played.beats.last().and_then(|lived| lived.why.first());
        if by_starter && started.is_some_and(|why| why.kind == "starter") {
            out.push_str("    expect matched starter\n");
        }
        out
    }
}

/// The answers of a row of calls, if a stub for each integration gives them.
fn plain(done: &[Done]) -> Option<Vec<(&str, &Outcome)>> {
    let mut all: Vec<(&str, &Outcome)> = Vec::new();
    for one in done {
        let (Act::Answer(outcome), Some(integration)) = (&one.act, &one.answers) else { return None };
        match all.iter().find(|(known, _)| known == integration) {
            Some((_, known)) if *known == outcome => {}
            Some(_) => return None,
            None => all.push((integration, outcome)),
        }
    }
    Some(all)
}

fn what(act: &Act) -> Option<What> {
    Some(match act {
        Act::Begin => What::Begin,
        Act::Say(text) => What::User(vec![Piece::Letters(text.clone())]),
        Act::Wait(span) => What::Wait(*span),
        Act::Answer(outcome) => What::Answer(outcome.clone()),
        Act::Happens(name, data) => What::Happens(name.clone(), data.clone()),
        Act::Accept => What::Accept,
        Act::Away => What::Away,
        // A test cannot answer a call that nobody waits for.
        Act::Stray(..) => return None,
    })
}

/// What was read, as a test expects it.
fn expected(said_then: &Said) -> String {
    let word = said_then.label.word();
    let mut out = match (said_then.label, &said_then.message) {
        (Label::Bot, Some(Message::Card(json))) => format!("  bot: [card]\n    card: {json}\n"),
        _ => format!("  {word}: {}\n", said(&said_then.text, DEEPER)),
    };
    if let Some(Message::Choices(question)) = &said_then.message
        && !question.choices.is_empty()
    {
        let labels: Vec<String> = question.choices.iter().map(|choice| label(&choice.label)).collect();
        out.push_str(&format!("    choices: {}\n", labels.join(" | ")));
    }
    out
}

/// What a call comes back with, as a stub or an answer says it.
pub(super) fn returns(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success { status: 200 | 0, body: Value::Nothing } => "success".to_string(),
        Outcome::Success { status: 200 | 0, body } => format!("success {}", json(body)),
        Outcome::Success { status, body } | Outcome::Failure { status, body, .. } if *status > 0 => {
            match body {
                Value::Nothing => status.to_string(),
                body => format!("{status} {}", json(body)),
            }
        }
        Outcome::Success { body, .. } => format!("success {}", json(body)),
        Outcome::Failure { reason, .. } => format!("failure {reason}"),
    }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A text in the quotes of a transcript.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
