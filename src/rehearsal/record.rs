//! A conversation that was held, as a test: what was said, what the bot answered, and what its calls got.

use std::collections::BTreeMap;

use crate::conversation::{Effect, Happening, Knowledge, Message, Moment, Outcome, Receiver, Span, Value};
use crate::diagnostics::{FileId, Severity, Sources};
use crate::language::transcript::{format, heard, label, parse, said};
use crate::program::Program;

use super::log::{Beside, Turn, What};
use super::mask::Mask;
use super::play::{Lived, Played, Stage, play, written};
use super::script::{CLOCK, Script};

/// A shorter time between two messages is not written down, if the test goes the same way without it.
const PAUSE: Span = Span(60_000);
/// How far the later lines of a text are set in.
const DEEPER: usize = 4;
/// Letters of a test's name that is made of a message.
const NAME_LETTERS_MAX: usize = 60;

/// The name of a test that nobody named, and in which nothing is said.
const UNNAMED: &str = "A recorded conversation";

/// A conversation to be made a test of.
#[derive(Debug, Clone)]
pub struct Test<'t> {
    /// What the test is called.
    pub name: String,
    /// The conversation.
    pub turns: &'t [Turn],
    /// When it was over, if time passed after the last turn.
    pub end: Option<Moment>,
}

/// How tests are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Writing {
    /// Whether it says who answered: `expect dialog`, `expect matched`.
    pub why: bool,
    /// Whether the shortest times are written down as well.
    pub exact: bool,
}

/// What holds for all tests of a file: conversations that differ in it need files of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    env: String,
    given: Vec<(String, String)>,
}

impl Header {
    /// What a conversation needs.
    pub fn of(turns: &[Turn]) -> Header {
        let first = turns.first();
        let env = first.and_then(|turn| turn.env.clone()).unwrap_or_else(|| "demo".to_string());
        let mut given = Vec::new();
        if let Some(What::Happened(Happening::Knows(knowledge))) = first.map(|turn| &turn.what) {
            given = self::given(knowledge);
        }
        Header { env, given }
    }
}

/// What was known, as `given` lines say it. What no line can say is left out.
fn given(knowledge: &Knowledge) -> Vec<(String, String)> {
    let mut given = Vec::new();
    let mut of = |root: &str, value: &Value| {
        let Value::Map(known) = value else { return };
        for (name, value) in known.iter() {
            given.push((format!("{root}.{name}"), value.clone()));
        }
    };
    of("conversation", &knowledge.conversation);
    of("visitor", &knowledge.visitor);
    let remembered = knowledge.remembered.iter().map(|(name, value)| (name.clone(), value.clone()));
    let written = given.into_iter().map(|(name, value)| (name, value.to_string()));
    // A variable that is remembered keeps its type: what would be read as JSON is written as JSON.
    let remembered = remembered.map(|(name, value)| match &value {
        Value::Text(text) if serde_json::from_str::<serde_json::Value>(text).is_err() => {
            (name, text.to_string())
        }
        value => (name, serde_json::to_string(value).unwrap_or_default()),
    });
    let can_be_said = |(name, value): &(String, String)| {
        let plain = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        name.split('.').all(plain)
            && !value.is_empty()
            && value.trim() == value
            && !value.contains(char::is_control)
    };
    written.chain(remembered).filter(can_be_said).collect()
}

/// The transcript of some conversations of one bot. `bot` names it as the file does: by its folder's name, or the path
/// from the file's folder.
pub fn transcript(bot: &str, tests: &[Test<'_>], writing: Writing) -> String {
    let Some(first) = tests.first() else { return String::new() };
    let header = Header::of(first.turns);
    let start = |test: &Test<'_>| test.turns.first().map_or(CLOCK, |turn| turn.at);
    let clock = tests.iter().map(start).min().unwrap_or(CLOCK);
    let clock = if writing.exact { clock } else { Moment(clock.0.div_euclid(1_000) * 1_000) };
    let mut out = format!("bot {bot}\n");
    if header.env != "demo" {
        out.push_str(&format!("env {}\n", header.env));
    }
    out.push_str(&format!("clock {}\n", moment(clock)));
    // On a terminal choices have numbers; where nobody used one, it makes no difference.
    let numbered = |turn: &Turn| turn.why.iter().any(|why| why.kind == "number");
    let on_terminal = writing.exact || tests.iter().any(|test| test.turns.iter().any(numbered));
    for (name, value) in &header.given {
        match (name.as_str(), value.as_str()) {
            ("conversation.channel", "terminal") if !on_terminal => {}
            ("conversation.channel", channel) if !channel.contains(char::is_whitespace) => {
                out.push_str(&format!("channel {channel}\n"));
            }
            _ => out.push_str(&format!("given {name} = {value}\n")),
        }
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for test in tests {
        let mut scene = Scene::of(test, clock, writing);
        scene.lines(test);
        if tests.len() == 1 {
            scene.stubs.iter().for_each(|stub| out.push_str(&format!("{stub}\n")));
            scene.stubs.clear();
        }
        let name = if test.name.trim().is_empty() { UNNAMED } else { &test.name };
        let count = names.entry(name.to_string()).or_default();
        *count += 1;
        let name = if *count > 1 { format!("{name} ({count})") } else { name.to_string() };
        out.push_str(&format!("\ntest {}\n", quoted(&name)));
        scene.stubs.iter().for_each(|stub| out.push_str(&format!("  {stub}\n")));
        out.push_str(&scene.out);
    }
    let (tree, findings) = parse(&out, FileId(0));
    if findings.is_empty() { format(&out, &tree) } else { out }
}

/// A moment as a transcript has it.
pub fn moment(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

/// A name for a test: the first thing the visitor said.
pub fn name_of(turns: &[Turn]) -> String {
    let said = turns.iter().find_map(Turn::said).unwrap_or_default();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match said.chars().count() {
        0 => UNNAMED.to_string(),
        letters if letters > NAME_LETTERS_MAX => {
            format!("{}…", said.chars().take(NAME_LETTERS_MAX - 1).collect::<String>())
        }
        _ => said,
    }
}

fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A test while it is written.
struct Scene {
    out: String,
    stubs: Vec<String>,
    /// Integrations whose calls are answered by a stub.
    stubbed: Vec<String>,
    /// What the clock of the test shows, in the time of the conversation.
    now: Moment,
    /// When the visitor or somebody else last did something.
    heard: Moment,
    writing: Writing,
    /// The integration of each call, and the transfers.
    calls: BTreeMap<u64, String>,
    transfers: Vec<u64>,
}

impl Scene {
    fn of(test: &Test<'_>, clock: Moment, writing: Writing) -> Scene {
        let (mut calls, mut transfers) = (BTreeMap::new(), Vec::new());
        let turns = finished(test.turns);
        let mut answers: BTreeMap<&str, Vec<Option<String>>> = BTreeMap::new();
        for effect in turns.iter().flat_map(|turn| &turn.effects) {
            match effect {
                Effect::Call { id, integration, .. } => {
                    calls.insert(*id, integration.clone());
                    let came = turns.iter().find_map(|turn| match &turn.what {
                        What::Happened(Happening::Returned { id: back, outcome }) if back == id => {
                            Some(returns(outcome))
                        }
                        _ => None,
                    });
                    answers.entry(integration).or_default().push(came);
                }
                Effect::Transfer { id, .. } => transfers.push(*id),
                _ => {}
            }
        }
        let (mut stubs, mut stubbed) = (Vec::new(), Vec::new());
        for (integration, came) in answers {
            if let Some(Some(first)) = came.first()
                && came.iter().all(|other| other.as_ref() == Some(first))
            {
                stubs.push(format!("stub {} -> {first}", quoted(integration)));
                stubbed.push(integration.to_string());
            }
        }
        let start = test.turns.first().map_or(clock, |turn| turn.at);
        let mut scene =
            Scene { out: String::new(), stubs, stubbed, now: clock, heard: clock, writing, calls, transfers };
        scene.pass(start, false);
        scene.heard = start;
        scene
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(&format!("  {text}\n"));
    }

    /// Lets the time pass up to a moment. True, if a line says so.
    fn pass(&mut self, at: Moment, must: bool) -> bool {
        let time = at.since(self.now);
        let long = time >= if self.writing.exact { Span(1) } else { PAUSE };
        self.now = self.now.max(at);
        if must || long {
            self.line(&format!("wait: {}", written(time)));
        }
        must || long
    }

    fn lines(&mut self, test: &Test<'_>) {
        let mut woke = None;
        for turn in finished(test.turns).iter().skip(1) {
            self.turn(turn, &mut woke);
        }
        if let Some(end) = test.end {
            self.pass(end, false);
        }
    }

    fn turn(&mut self, turn: &Turn, woke: &mut Option<Moment>) {
        if !matches!(turn.what, What::Happened(Happening::Woke)) {
            *woke = None;
        }
        let line = match &turn.what {
            What::Happened(Happening::Woke) => {
                if turn.effects.is_empty() {
                    return; // nothing came of it, and the time passes with the next line
                }
                // A silence counts from what was heard last, whatever times were left out since.
                if !self.writing.exact {
                    self.now = self.heard;
                }
                if *woke != Some(turn.at) {
                    self.pass(turn.at, true);
                }
                (self.heard, *woke) = (turn.at, Some(turn.at));
                return self.effects(turn);
            }
            What::Happened(Happening::Returned { id, outcome }) => match self.calls.get(id) {
                // The call is answered where it is made.
                Some(integration) if self.stubbed.contains(integration) => return self.effects(turn),
                _ if self.transfers.contains(id) => match outcome {
                    Outcome::Success { .. } => "agent: [accept]".to_string(),
                    Outcome::Failure { reason, .. } if reason == "timeout" => "agent: [away]".to_string(),
                    outcome => format!("answer: {}", returns(outcome)),
                },
                _ => format!("answer: {}", returns(outcome)),
            },
            What::Happened(Happening::Said(text)) | What::Beside(Beside::Unheard(text)) => {
                format!("user: {}", visitor(text))
            }
            What::Happened(Happening::Began) => "begin:".to_string(),
            What::Happened(Happening::EscalationFailed { reason }) => {
                let reason = serde_json::json!({ "reason": reason });
                format!("happens: escalation failed {reason}")
            }
            What::Happened(Happening::Other { name, data: Value::Nothing }) => format!("happens: {name}"),
            What::Happened(Happening::Other { name, data }) => {
                format!("happens: {name} {}", serde_json::to_string(data).unwrap_or_default())
            }
            What::Beside(Beside::Goto(dialog)) => format!("goto: {}", quoted(dialog)),
            What::Happened(Happening::Knows(_)) => return, // no line can say it
        };
        self.pass(turn.at, false);
        self.heard = turn.at;
        self.line(&line);
        self.why(turn);
        self.effects(turn);
    }

    fn why(&mut self, turn: &Turn) {
        if !self.writing.why {
            return;
        }
        if let Some(why) = turn.why.first() {
            self.line(&format!("  expect matched {}", why.kind));
        }
        let last = turn.why.last().map(|why| why.dialog.clone()).filter(|dialog| !dialog.is_empty());
        if let Some(dialog) = turn.dialog.clone().or(last) {
            // A call that is answered in the same breath may lead on to another dialog.
            if !turn.effects.iter().any(|effect| matches!(effect, Effect::Call { .. })) {
                self.line(&format!("  expect dialog {}", quoted(&dialog)));
            }
        }
    }

    fn effects(&mut self, turn: &Turn) {
        for effect in &turn.effects {
            let line = match effect {
                Effect::Say(Message::Text(text)) => format!("bot: {}", said(text, DEEPER)),
                Effect::Say(Message::Choices(question)) => {
                    let labels: Vec<String> =
                        question.choices.iter().map(|choice| label(&choice.label)).collect();
                    let choices = if labels.is_empty() {
                        String::new()
                    } else {
                        format!("\n    choices: {}", labels.join(" | "))
                    };
                    format!("bot: {}{choices}", said(&question.text, DEEPER))
                }
                Effect::Say(Message::Image { url, alt }) if alt.is_empty() => {
                    format!("bot: {}", said(&format!("[image] {url}"), DEEPER))
                }
                Effect::Say(Message::Image { url, alt }) => {
                    format!("bot: {}", said(&format!("[image] {url} ({alt})"), DEEPER))
                }
                Effect::Say(Message::Card(json)) => format!("bot: [card]\n    card: {json}"),
                Effect::Note(text) => format!("note: {}", said(text, DEEPER)),
                // The place is another one after the next edit of the bot.
                Effect::Log(crate::conversation::Log::Trouble { what, place }) => {
                    let place = if place.is_some() { " (*)" } else { "" };
                    format!("event: {}{place}", said(&format!("trouble: {what}"), DEEPER))
                }
                effect => match event(effect) {
                    Some(event) => format!("event: {}", said(&event, DEEPER)),
                    None => continue,
                },
            };
            self.line(&line);
        }
    }
}

/// The turns up to a call that nobody has answered before the conversation was over: a test has to answer it.
fn finished(turns: &[Turn]) -> &[Turn] {
    let mut turns = turns;
    while let Some((last, before)) = turns.split_last()
        && last.effects.iter().any(|effect| matches!(effect, Effect::Call { .. }))
    {
        turns = before;
    }
    turns
}

/// What the platform reads of an effect.
pub(super) fn event(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Call { integration, .. } => format!("call \"{integration}\""),
        Effect::Transfer { to, name, .. } => {
            let to = match to {
                Receiver::Skill => "skill",
                Receiver::Agent => "agent",
                Receiver::Bot => "bot",
            };
            format!("transfer to {to} {name}")
        }
        Effect::Close { survey: true } => "closed".to_string(),
        Effect::Close { survey: false } => "closed without survey".to_string(),
        Effect::Log(crate::conversation::Log::Custom { event, detail }) if detail.is_empty() => {
            format!("log {event}")
        }
        Effect::Log(crate::conversation::Log::Custom { event, detail }) => format!("log {event}: {detail}"),
        Effect::Log(crate::conversation::Log::Trouble { what, .. }) => format!("trouble: {what}"),
        _ => return None,
    })
}

/// What a visitor said. A line has to say something.
fn visitor(text: &str) -> String {
    if text.is_empty() { "\\ ".to_string() } else { heard(text, DEEPER) }
}

/// What a call came back with, as a line of a transcript has it.
fn returns(outcome: &Outcome) -> String {
    let with = |word: String, body: &Value| match body {
        Value::Nothing => word,
        body => format!("{word} {}", serde_json::to_string(body).unwrap_or_default()),
    };
    match outcome {
        Outcome::Success { status: 0 | 200, body } => with("success".to_string(), body),
        Outcome::Success { status, body } => with(status.to_string(), body),
        Outcome::Failure { reason, status, body } if reason == "status" && *status >= 400 => {
            with(status.to_string(), body)
        }
        Outcome::Failure { reason, .. } => format!("failure {reason}"),
    }
}

/// Hides personal data in a conversation, from its first line to its last.
pub fn mask(turns: &mut [Turn]) {
    let Some(first) = turns.first() else { return };
    let mut mask = Mask::new(&first.conversation);
    for turn in turns.iter() {
        if let What::Happened(happening) = &turn.what {
            match happening {
                Happening::Knows(knowledge) => {
                    mask.hide_visitor(knowledge);
                    mask.hide_personal_value(&knowledge.conversation);
                    knowledge.remembered.values().for_each(|value| mask.hide_personal_value(value));
                }
                Happening::Said(text) => mask.hide_personal(text),
                Happening::Returned { outcome, .. } => {
                    let (Outcome::Success { body, .. } | Outcome::Failure { body, .. }) = outcome;
                    mask.hide_personal_value(body);
                }
                Happening::Other { data, .. } => mask.hide_personal_value(data),
                Happening::Began | Happening::Woke | Happening::EscalationFailed { .. } => {}
            }
        }
        if let What::Beside(Beside::Unheard(text)) = &turn.what {
            mask.hide_personal(text);
        }
        // What a bot says of a person it has from one of these; a number that it says by itself is nobody's.
        for effect in &turn.effects {
            match effect {
                Effect::Call { with, .. } => with.values().for_each(|value| mask.hide_personal_value(value)),
                Effect::Remember { value, .. } => mask.hide_personal_value(value),
                _ => {}
            }
        }
    }
    turns.iter_mut().for_each(|turn| turn.mask(&mask));
}

// ---------------------------------------------------------------------------------------------- rehearsing

/// A line of a transcript that does not go as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Astray {
    /// The line, counted from 1.
    pub line: usize,
    /// The line itself.
    pub written: String,
    /// What the bot does instead.
    pub instead: String,
}

/// Plays a transcript with a bot, and tells the first line of each test that goes another way.
pub fn rehearse(text: &str, program: &Program) -> Vec<Astray> {
    let (tree, findings) = parse(text, FileId(0));
    let at = |place: usize| {
        let before = &text[..place.min(text.len())];
        let written = text[before.len()..].lines().next().unwrap_or_default().trim().to_string();
        (before.matches('\n').count() + 1, written)
    };
    let wrong = findings.iter().find(|finding| finding.severity() == Severity::Error);
    if let Some(finding) = wrong {
        let (line, written) = at(finding.place.span.start as usize);
        return vec![Astray { line, written, instead: finding.message.clone() }];
    }
    let (script, _) = Script::of(std::slice::from_ref(&tree));
    let (knowledge, _) = script.knowledge(program);
    let sources = Sources::default();
    let stage = Stage {
        program,
        sources: &sources,
        clock: script.clock.unwrap_or(CLOCK),
        knowledge: &knowledge,
        stubs: &script.stubs,
    };
    let mut astray = Vec::new();
    for test in &script.tests {
        let played: Played = play(&stage, test, &test.rows[0], &mut ());
        let Some(number) = played.beats.iter().position(|beat| !beat.passed()) else { continue };
        let (beat, lived) = (&test.beats[number], &played.beats[number]);
        let pair = lived.pairs.iter().find(|pair| !pair.good);
        let expected = pair.and_then(|pair| pair.expected).map(|line| beat.expected[line].at);
        let claim = lived.broken.first().map(|(claim, _)| beat.claims[*claim].0);
        let place = expected.or(claim.filter(|_| pair.is_none())).or(beat.at).unwrap_or(test.at);
        let (line, written) = at(place.span.start as usize);
        astray.push(Astray { line, written, instead: instead(lived) });
    }
    astray
}

fn instead(lived: &Lived) -> String {
    if let Some(stopped) = &lived.stopped {
        return stopped.to_string();
    }
    let pair = lived.pairs.iter().find(|pair| !pair.good);
    match (pair.map(|pair| pair.said), lived.broken.first()) {
        (Some(Some(said)), _) => {
            let said = &lived.said[said];
            format!("{}: {}", said.label.word(), said.text)
        }
        (Some(None), _) => "the bot does not say it".to_string(),
        (None, Some((_, why))) => why.clone(),
        (None, None) => "it goes another way".to_string(),
    }
}
