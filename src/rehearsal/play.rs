//! Plays a test: everything that happens in it, in order, on a clock of its own, with nobody called.

mod claims; // what must be so besides what is read
mod queue; // how the messages of a Botium test are taken

use std::borrow::Cow;
use std::sync::Arc;

use crate::conversation::{Effect, Knowledge, Log, Message, Moment, Outcome, Receiver, Span, Value};
use crate::diagnostics::Sources;
use crate::engine::Trace;
use crate::program::Program;

use super::botium::Queue;
use super::compare::{Pair, compare};
use super::partner::{Bare, Cue, Partner};
use super::script::{At, Beat, Label, Test, What};
use super::session::Told;
use super::shape::{Bindings, spoken, unbound};
use super::stub::{self, Stub};

/// How often a bot is asked in one test: visitors, waits, calls and events together.
pub const TURNS_MAX: usize = 10_000;
/// How many calls in a row a bot may make before it listens again.
pub const CALLS_MAX: usize = 100;

/// The bot a test is played with, and what all tests of its file share.
pub struct Stage<'s> {
    /// The bot.
    pub program: &'s Program,
    /// Its files.
    pub sources: &'s Sources,
    /// When conversations begin.
    pub clock: Moment,
    /// What is known before.
    pub knowledge: &'s Knowledge,
    /// What calls get.
    pub stubs: &'s [Arc<Stub>],
}

/// Somebody who takes note of what a bot does: what was traced in a turn, and what the visitor said.
pub trait Audience {
    /// Takes note of a turn.
    fn see(&mut self, trace: &[Trace], heard: Option<&str>);

    /// Whether this test has been at a part of the bot; nothing, if nobody counts.
    fn has_seen(&self, _part: &str) -> Option<Result<bool, String>> {
        None
    }
}

impl Audience for () {
    fn see(&mut self, _: &[Trace], _: Option<&str>) {}
}

/// What came of a test.
#[derive(Debug, Default)]
pub struct Played {
    /// Everything that happened and what was read then.
    pub beats: Vec<Lived>,
    /// What was known by name in the end.
    pub bindings: Bindings,
}

/// A beat as it went.
#[derive(Debug, Default)]
pub struct Lived {
    /// What happened, in the words of a transcript.
    pub happened: String,
    /// What was read.
    pub said: Vec<Said>,
    /// What was read beside what was expected.
    pub pairs: Vec<Pair>,
    /// What must be so and is not: the claim's number, and why.
    pub broken: Vec<(usize, String)>,
    /// What keeps it from being played.
    pub stopped: Option<Stopped>,
    /// What answered, in order: kind, dialog and place.
    pub why: Vec<Why>,
    /// Variables that changed: name, before and after.
    pub changes: Vec<(String, Value, Value)>,
    /// What the visitor said.
    pub heard: Option<String>,
    /// The dialog that has the conversation then.
    pub dialog: Option<String>,
    /// The dialogs that began, in order.
    pub begun: Vec<String>,
    /// In a test of Botium: how many of the lines were read before, and nobody has taken them.
    pub waited: usize,
}

/// What answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// `starter`, `rule`, `otherwise` …
    pub kind: &'static str,
    /// The dialog.
    pub dialog: String,
    /// The file and line.
    pub place: Option<String>,
    /// The characters of the message a starter accounts for.
    pub own: u32,
}

/// Why a test cannot go on as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// A call has no stub: the integration, and the line to paste.
    Unstubbed(String, String),
    /// A limit was hit.
    TooLong(String),
    /// What is written cannot happen here.
    Impossible(String),
    /// It can happen to a bot, but whoever the test talks to does not let it: the test says nothing of them.
    NotHere(String),
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stopped::Unstubbed(integration, _) => write!(f, "the call of \"{integration}\" has no stub"),
            Stopped::TooLong(why) | Stopped::Impossible(why) | Stopped::NotHere(why) => f.write_str(why),
        }
    }
}

/// Something that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// By whom.
    pub label: Label,
    /// As a transcript has it.
    pub text: String,
    /// The message, if the visitor read it.
    pub message: Option<Message>,
    /// How long after what happened.
    pub after: Span,
    /// Whether a test has to expect it; what is not loud may be passed over.
    pub loud: bool,
}

impl Said {
    /// The texts that a test may write for it.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let (first, more): (&str, Vec<Cow<'_, str>>) = match &self.message {
            Some(Message::Card(json)) => (
                "[card]",
                vec![Cow::Owned(format!("[card] {json}")), Cow::Owned(Message::Card(json.clone()).to_text())],
            ),
            Some(Message::Image { url, .. }) => {
                (&self.text, vec![Cow::Owned(format!("[image] {url}")), Cow::Borrowed("[image]")])
            }
            _ => (&self.text, Vec::new()),
        };
        std::iter::once(Cow::Borrowed(first)).chain(more)
    }
}

impl Lived {
    /// Whether all of it is as expected.
    pub fn passed(&self) -> bool {
        self.stopped.is_none() && self.broken.is_empty() && self.pairs.iter().all(|pair| pair.good)
    }
}

impl Played {
    /// Whether all of it is as expected.
    pub fn passed(&self) -> bool {
        self.beats.iter().all(Lived::passed)
    }

    /// One that could not even begin.
    pub fn stopped(why: Stopped) -> Played {
        let beat = Lived { stopped: Some(why), ..Lived::default() };
        Played { beats: vec![beat], bindings: Bindings::new() }
    }

    /// Why it was passed over, if all went well up to something that cannot happen with whom the test talks to.
    pub fn passed_over(&self) -> Option<&str> {
        let (last, before) = self.beats.split_last()?;
        match &last.stopped {
            Some(Stopped::NotHere(why)) if before.iter().all(Lived::passed) => Some(why),
            _ => None,
        }
    }
}

/// Plays a test with one row of its table, with nothing but the bot itself.
pub fn play(stage: &Stage<'_>, test: &Test, row: &Bindings, audience: &mut dyn Audience) -> Played {
    play_with(stage, test, row, audience, &mut Bare::new(stage))
}

/// The same, with somebody else who has the bot.
pub fn play_with(
    stage: &Stage<'_>,
    test: &Test,
    row: &Bindings,
    audience: &mut dyn Audience,
    partner: &mut dyn Partner,
) -> Played {
    let mut player = Player {
        stage,
        audience,
        partner,
        stubs: stage.stubs.to_vec(),
        bindings: row.clone(),
        calls: Vec::new(),
        turns: 0,
        now: Lived::default(),
        offset: Span(0),
        queue: test.queue,
        left: Vec::new(),
        taken: None,
        answered: Vec::new(),
        choices: Vec::new(),
    };
    let mut beats = Vec::with_capacity(test.beats.len());
    for (number, beat) in test.beats.iter().enumerate() {
        let answered_next =
            test.beats.get(number + 1).is_some_and(|next| matches!(next.what, What::Answer(_)));
        player.beat(beat, answered_next);
        let lived = std::mem::take(&mut player.now);
        // A test of Botium ends with its first mistake: what comes after it would take the wrong messages.
        let over = matches!(lived.stopped, Some(Stopped::TooLong(_) | Stopped::NotHere(_)))
            || test.queue.is_some() && !lived.passed();
        beats.push(lived);
        if over {
            break;
        }
    }
    Played { beats, bindings: player.bindings }
}

struct Player<'p> {
    stage: &'p Stage<'p>,
    audience: &'p mut dyn Audience,
    partner: &'p mut dyn Partner,
    stubs: Vec<Arc<Stub>>,
    bindings: Bindings,
    /// Calls since the visitor was heard: the integration, and what came of it.
    calls: Vec<(String, Option<String>)>,
    turns: usize,
    now: Lived,
    offset: Span,
    /// For a test of Botium; its seed goes on with every number.
    queue: Option<Queue>,
    /// Messages that no section has taken yet.
    left: Vec<Said>,
    /// The message that was taken last.
    taken: Option<Message>,
    /// Dialogs and intents that answered since the visitor spoke.
    answered: Vec<String>,
    /// The choices shown last: label and payload.
    choices: Vec<(String, String)>,
}

impl Player<'_> {
    fn beat(&mut self, beat: &Beat, answered_next: bool) {
        self.stubs.splice(0..0, beat.stubs.iter().cloned());
        self.offset = Span(0);
        if !matches!(beat.what, What::Answer(_)) {
            self.calls.clear();
        }
        if self.queue.is_some() {
            return self.beat_of_botium(beat);
        }
        self.happen(&beat.what, answered_next);
        self.now.dialog = self.partner.state().stack().last().map(|frame| frame.dialog.clone());
        let said = &self.now.said;
        self.now.pairs = compare(&beat.expected, said, &mut self.bindings);
        for (number, (_, claim)) in beat.claims.iter().enumerate() {
            if let Err(why) = self.holds(claim, beat) {
                self.now.broken.push((number, why));
            }
        }
    }

    // ------------------------------------------------------------------------------------------ what happens

    fn happen(&mut self, what: &What, answered_next: bool) {
        match what {
            What::Begin => {
                self.now.happened = "begin:".to_string();
                self.cue(Cue::Begins, answered_next);
            }
            What::User(pieces) => {
                if let Some(name) = unbound(pieces, &self.bindings).next() {
                    self.now.stopped =
                        Some(Stopped::Impossible(format!("nothing is known as `{name}` here")));
                }
                let text = spoken(pieces, &self.bindings);
                self.say(text, answered_next);
            }
            What::Wait(time) => self.wait(*time),
            What::Answer(outcome) => {
                self.now.happened = "answer:".to_string();
                if self.partner.state().waits_for().is_some()
                    && let Some(last) = self.calls.last_mut()
                {
                    last.1 = Some(outcome_word(outcome));
                }
                self.cue(Cue::Answers(outcome), answered_next);
            }
            What::Happens(name, data) => {
                self.now.happened = format!("happens: {name}");
                self.cue(Cue::Happens(name, data), answered_next);
            }
            What::Goto(dialog) => {
                self.now.happened = format!("goto: \"{dialog}\"");
                self.cue(Cue::GoesTo(dialog), answered_next);
            }
            What::AgentSays(pieces) => {
                let text = spoken(pieces, &self.bindings);
                self.now.happened = format!("agent: {text}");
                self.cue(Cue::PersonSays(&text), false);
            }
            What::Accept => {
                self.now.happened = "agent: [accept]".to_string();
                self.cue(Cue::PersonTakes, false);
            }
            What::Close => {
                self.now.happened = "agent: [close]".to_string();
                self.cue(Cue::PersonCloses, false);
                self.event("closed by agent".to_string(), false);
            }
            What::HandOn(skill) => {
                self.now.happened = format!("agent: [transfer {skill}]");
                self.cue(Cue::PersonHandsOn(skill), false);
                self.event(format!("transfer to skill {skill}"), false);
            }
            What::Away => {
                self.now.happened = "agent: [away]".to_string();
                self.cue(Cue::NobodyTakes, answered_next);
            }
            What::Botium(act) => self.act_of_botium(act),
        }
    }

    /// The visitor says something.
    fn say(&mut self, text: String, answered_next: bool) {
        self.now.happened = format!("user: {text}");
        self.now.heard = Some(text.clone());
        match self.partner.cue(Cue::Says(&text)) {
            Ok(Some(told)) => self.took(told, Some(&text), answered_next),
            Ok(None) => {} // a person has it, or will: the bot does not hear
            Err(stopped) => self.stop(stopped),
        }
    }

    /// Something else happens.
    fn cue(&mut self, cue: Cue<'_>, answered_next: bool) {
        match self.partner.cue(cue) {
            Ok(Some(told)) => self.took(told, None, answered_next),
            Ok(None) => {}
            Err(stopped) => self.stop(stopped),
        }
    }

    fn wait(&mut self, time: Span) {
        self.now.happened = format!("wait: {}", written(time));
        let start = self.partner.now();
        let end = start.after(time);
        while self.wakes(start, end) && self.now.stopped.is_none() {}
        self.partner.arrive(end);
    }

    /// Time passes until the bot does something; false, if it does not up to this moment.
    fn wakes(&mut self, start: Moment, end: Moment) -> bool {
        match self.partner.wait(end) {
            Ok(Some((at, told))) => {
                self.offset = at.since(start);
                self.took(told, None, false);
                true
            }
            Ok(None) => false,
            Err(stopped) => {
                self.stop(stopped);
                false
            }
        }
    }

    fn stop(&mut self, why: Stopped) {
        self.now.stopped = Some(why);
    }

    // --------------------------------------------------------------------------------------- what comes of it

    /// Takes note of a turn, and answers the calls it made.
    fn took(&mut self, told: Told, heard: Option<&str>, answered_next: bool) {
        let mut told = told;
        let mut heard = heard;
        for _ in 0..CALLS_MAX {
            self.turns += 1;
            if self.turns > TURNS_MAX {
                let why = format!("this test asks the bot more than {TURNS_MAX} times");
                self.now.stopped = Some(Stopped::TooLong(why));
                return;
            }
            self.audience.see(&told.trace, heard.take());
            let Some((id, integration, outcome)) = self.note(told, answered_next) else { return };
            if let Some(last) = self.calls.last_mut() {
                last.1 = Some(outcome_word(&outcome));
            }
            let _ = integration;
            told = match self.partner.answer(id, outcome) {
                Ok(told) => told,
                Err(stopped) => return self.stop(stopped),
            };
        }
        let why = format!("the bot makes more than {CALLS_MAX} calls without listening");
        self.now.stopped = Some(Stopped::TooLong(why));
    }

    /// Notes what was done; the call that has to be answered before anything else goes on.
    fn note(&mut self, told: Told, answered_next: bool) -> Option<(u64, String, Outcome)> {
        for trace in told.trace {
            match trace {
                Trace::Won { kind, dialog, place, own } => {
                    self.now.why.push(Why { kind, dialog, place, own })
                }
                Trace::Set { name, before, after } => self.now.changes.push((name, before, after)),
                Trace::Entered { dialog } => self.now.begun.push(dialog),
                _ => {}
            }
        }
        let mut waits = None;
        for effect in told.effects {
            match effect {
                Effect::Say(message) => {
                    let text = match &message {
                        Message::Text(text) => text.clone(),
                        Message::Choices(question) => question.text.clone(),
                        Message::Image { url, alt } if alt.is_empty() => format!("[image] {url}"),
                        Message::Image { url, alt } => format!("[image] {url} ({alt})"),
                        Message::Card(_) => "[card]".to_string(),
                    };
                    self.read(Label::Bot, text, Some(message), true);
                }
                Effect::Note(text) => self.read(Label::Note, text, None, false),
                Effect::Pause(time) => self.offset = Span(self.offset.0.saturating_add(time.0)),
                Effect::Transfer { to, name, .. } => {
                    let to = match to {
                        Receiver::Skill => "skill",
                        Receiver::Agent => "agent",
                        Receiver::Bot => "bot",
                    };
                    self.event(format!("transfer to {to} {name}"), true);
                }
                Effect::Close { survey } => {
                    let how = if survey { "closed" } else { "closed without survey" };
                    self.event(how.to_string(), true);
                }
                Effect::Call { id, integration, with } => {
                    self.event(format!("call \"{integration}\""), false);
                    self.calls.push((integration.clone(), None));
                    let request = stub::request(self.stage.program, &integration, &with);
                    let found = self.stubs.iter().find_map(|stub| {
                        stub.answers(&integration, request.as_ref(), &self.bindings).map(Option::<&_>::cloned)
                    });
                    match found {
                        Some(Some(outcome)) => waits = Some((id, integration, outcome)),
                        Some(None) => {} // it is pending
                        None if answered_next => {}
                        None => {
                            let line = stub::line_for(self.stage.program, &integration, &with);
                            self.now.stopped.get_or_insert(Stopped::Unstubbed(integration, line));
                        }
                    }
                }
                Effect::Log(Log::Custom { event, detail }) if detail.is_empty() => {
                    self.event(format!("log {event}"), false)
                }
                Effect::Log(Log::Custom { event, detail }) => {
                    self.event(format!("log {event}: {detail}"), false)
                }
                Effect::Log(Log::Trouble { what, place }) => {
                    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                    self.event(format!("trouble: {what}{place}"), true);
                }
                Effect::RespondWithin(_) | Effect::Remember { .. } => {}
            }
        }
        waits
    }

    fn event(&mut self, text: String, loud: bool) {
        self.read(Label::Event, text, None, loud);
    }

    fn read(&mut self, label: Label, text: String, message: Option<Message>, loud: bool) {
        self.now.said.push(Said { label, text, message, after: self.offset, loud });
    }
}

/// `success`, `failure timeout`
fn outcome_word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success { .. } => "success".to_string(),
        Outcome::Failure { reason, .. } => format!("failure {reason}"),
    }
}

/// A value as an author would write it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Nothing => "unset".to_string(),
        value => serde_json::to_string(value).unwrap_or_default(),
    }
}

/// A span of time as an author would write it.
pub fn written(time: Span) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let fitting = units.iter().find(|(size, _)| time.0 >= *size && time.0.is_multiple_of(*size));
    match fitting {
        Some((size, unit)) => format!("{}{unit}", time.0 / size),
        None => format!("{}ms", time.0),
    }
}

/// Where a beat stands: its own line, or the line of its test.
pub fn place(test: &Test, beat: &Beat) -> At {
    beat.at.unwrap_or(test.at)
}
