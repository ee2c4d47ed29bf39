//! Random conversations with a bot, and what must be so in every one of them, whatever visitors, calls and people do.
//!
//! Deterministic: a seed gives one conversation, always the same. One that breaks a promise is made as short as it can
//! be before it is shown.
//!
//! Whoever writes to a bot that has the conversation gets an answer. Silence is allowed where the bot's author or the
//! engine means it: a call is on its way, a human has or gets the conversation, or an arrow that says `wait`, `end` or
//! `end all` is followed.

mod dice;
mod texts;

use crate::conversation::{Effect, Knowledge, Log, Message, Moment, Outcome, Span, Value};
use crate::engine::{HOPS_MAX, SAID_BYTES_MAX, SAYS_MAX, STATE_BYTES_MAX, STEPS_MAX, State, Trace};
use crate::program::Program;
use crate::program::dialog::{Does, Go};
use crate::program::formula::WORK_MAX;

use super::ideas::Ideas;
use super::put_down::Done;
use super::session::Told;
use super::visit::{Act, Holder, Visit};
use dice::Dice;
use texts::{PRODUCT, SECRETS};

/// How many shorter conversations are tried for one that breaks a promise.
pub const SHRINKS_MAX: usize = 2_000;
/// Every so many conversations, one is held side by side with another one.
const BESIDE: u64 = 4;

/// What must be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invariant {
    /// A visitor who writes gets an answer.
    Answers,
    /// No `{{` or `{%` is said that the bot's author meant to be worked out, and nothing a visitor says is worked out.
    Rendered,
    /// A bot stops by itself, and does not hit the limits of a turn.
    Stops,
    /// States and messages stay within their limits.
    Fits,
    /// A state that is stored and read is the same.
    ReadsBack,
    /// The same happening in the same state leads to the same.
    Repeats,
    /// Two conversations at once go as each of them alone.
    Apart,
    /// What is private stays out of logs.
    Private,
}

impl Invariant {
    /// What must be so, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Invariant::Answers => "a visitor who writes gets an answer",
            Invariant::Rendered => "what is said is worked out once, and never what a visitor says",
            Invariant::Stops => "a bot stops by itself before it hits a limit",
            Invariant::Fits => "states and messages stay within their limits",
            Invariant::ReadsBack => "a state that is stored reads back the same",
            Invariant::Repeats => "the same happening in the same state leads to the same",
            Invariant::Apart => "two conversations at once go as each of them alone",
            Invariant::Private => "what is private stays out of logs",
        }
    }
}

/// A conversation in which something is not so.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// What is not so.
    pub invariant: Invariant,
    /// How that shows.
    pub what: String,
    /// What was done, as little of it as leads there.
    pub done: Vec<Done>,
}

/// Conversations with one bot.
#[derive(Debug)]
pub struct Fuzz<'f> {
    program: &'f Program,
    knowledge: &'f Knowledge,
    clock: Moment,
    ideas: Ideas,
    turns: usize,
}

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Fuzzed {
    /// How many acts it had.
    pub acts: usize,
    /// What was not so.
    pub violation: Option<Violation>,
}

/// Something is not so.
type Broken = (Invariant, String);

impl<'f> Fuzz<'f> {
    /// Conversations of so many acts.
    pub fn new(program: &'f Program, knowledge: &'f Knowledge, clock: Moment, turns: usize) -> Fuzz<'f> {
        Fuzz { program, knowledge, clock, ideas: Ideas::of(program, clock), turns }
    }

    /// The conversation of a seed.
    pub fn conversation(&self, seed: u64) -> Fuzzed {
        let (acts, broken) = self.made_up(seed);
        let count = acts.len();
        let violation = match broken {
            Some(broken) => Some(self.shrunk(acts, broken)),
            None if seed.is_multiple_of(BESIDE) => self.beside(&acts, &self.made_up(!seed).0),
            None => None,
        };
        Fuzzed { acts: count, violation }
    }

    /// Makes a conversation up, up to where something is not so.
    fn made_up(&self, seed: u64) -> (Vec<Act>, Option<Broken>) {
        let mut dice = Dice::new(seed);
        let mut held = self.begin();
        let mut acts = Vec::with_capacity(self.turns);
        for _ in 0..self.turns {
            let act = self.act(&held, &mut dice);
            acts.push(act.clone());
            if let Err(broken) = held.act(&act) {
                return (acts, Some(broken));
            }
        }
        (acts, None)
    }

    fn begin(&self) -> Held<'f> {
        Held {
            program: self.program,
            visit: Visit::new(self.program, self.knowledge, self.clock),
            outside: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Something to do next.
    fn act(&self, held: &Held<'_>, dice: &mut Dice) -> Act {
        let visit = &held.visit;
        let ideas = self.ideas.next(visit);
        let idea = |dice: &mut Dice| dice.one_of(&ideas).map(|(act, _)| act.clone());
        if visit.session.waits_for().is_some() {
            return match dice.below(20) {
                0..12 => idea(dice).unwrap_or(Act::Answer(texts::outcome(dice))),
                12..15 => Act::Answer(texts::outcome(dice)),
                15..18 => Act::Say(texts::odd(dice)),
                _ => Act::Wait(span(dice)),
            };
        }
        match dice.below(100) {
            0..45 => idea(dice).unwrap_or_else(|| Act::Say(texts::odd(dice))),
            45..60 => match idea(dice) {
                Some(Act::Say(text)) => Act::Say(texts::changed(&text, dice)),
                Some(act) => act,
                None => Act::Away,
            },
            60..82 => Act::Say(texts::odd(dice)),
            82..87 => Act::Wait(span(dice)),
            87..91 => Act::Stray(dice.below(6), texts::outcome(dice)),
            91..95 => {
                let events =
                    ["file received", "step up", "transfer in", "rich content received", "no such event"];
                let name = dice.one_of(&events).copied().unwrap_or("step up");
                Act::Happens(name.to_string(), texts::body(dice))
            }
            95..97 => Act::Happens("escalation failed".to_string(), Value::Nothing),
            97 => Act::Accept,
            98 => Act::Begin,
            _ => Act::Away,
        }
    }

    // --------------------------------------------------------------------------------------------- shrinking

    /// What is not so when these acts are done.
    fn replay(&self, acts: &[Act]) -> Result<(), Broken> {
        let mut held = self.begin();
        acts.iter().try_for_each(|act| held.act(act))
    }

    /// The same with as little done as leads there.
    fn shrunk(&self, mut acts: Vec<Act>, broken: Broken) -> Violation {
        let mut what = broken.1;
        let mut tries = 0;
        let mut same = |acts: &[Act], what: &mut String| {
            tries += 1;
            match self.replay(acts) {
                Err((invariant, now)) if invariant == broken.0 && tries <= SHRINKS_MAX => {
                    *what = now;
                    true
                }
                _ => false,
            }
        };
        let mut size = acts.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < acts.len() {
                let fewer: Vec<Act> =
                    acts[..at].iter().chain(&acts[(at + size).min(acts.len())..]).cloned().collect();
                match same(&fewer, &mut what) {
                    true => acts = fewer,
                    false => at += size,
                }
            }
            size /= 2;
        }
        for at in 0..acts.len() {
            while let Act::Say(text) = &acts[at]
                && text.chars().count() > 1
            {
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                let mut shorter = acts.clone();
                shorter[at] = Act::Say(half);
                if !same(&shorter, &mut what) {
                    break;
                }
                acts = shorter;
            }
        }
        Violation { invariant: broken.0, what, done: self.done(&acts) }
    }

    /// What was done, with the calls that were answered.
    fn done(&self, acts: &[Act]) -> Vec<Done> {
        let mut visit = Visit::new(self.program, self.knowledge, self.clock);
        let done = acts.iter().map(|act| {
            let answers = matches!(act, Act::Answer(_)).then(|| visit.calls.clone()).flatten();
            visit.act(act);
            Done { act: act.clone(), answers }
        });
        done.collect()
    }

    /// Two conversations at once, an act of the one and an act of the other.
    fn beside(&self, one: &[Act], other: &[Act]) -> Option<Violation> {
        let alone = |acts: &[Act]| -> Vec<Vec<Effect>> {
            let mut visit = Visit::new(self.program, self.knowledge, self.clock);
            acts.iter().map(|act| visit.act(act).effects).collect()
        };
        let begin = || Visit::new(self.program, self.knowledge, self.clock);
        let (mut visits, mut effects) = ([begin(), begin()], [Vec::new(), Vec::new()]);
        for at in 0..one.len().max(other.len()) {
            for (which, acts) in [one, other].into_iter().enumerate() {
                if let Some(act) = acts.get(at) {
                    effects[which].push(visits[which].act(act).effects);
                }
            }
        }
        let apart = effects[0] == alone(one) && effects[1] == alone(other);
        (!apart).then(|| Violation {
            invariant: Invariant::Apart,
            what: "another answer comes when another conversation is held at the same time".to_string(),
            done: self.done(one),
        })
    }
}

fn span(dice: &mut Dice) -> Span {
    let seconds = [1, 16, 60, 300, 1_200, 3_601, 86_400];
    Span(dice.one_of(&seconds).copied().unwrap_or(1) * 1_000)
}

// ------------------------------------------------------------------------------------------------- what must be so

/// A conversation that is watched.
struct Held<'h> {
    program: &'h Program,
    visit: Visit,
    /// What came from outside so far: from visitors, calls and events.
    outside: Vec<String>,
    /// What was answered to questions whose answers are private.
    told: Vec<&'static str>,
}

impl Held<'_> {
    fn act(&mut self, act: &Act) -> Result<(), Broken> {
        match act {
            Act::Say(text) => self.outside.push(text.clone()),
            Act::Happens(_, data) => self.outside.push(data.to_string()),
            Act::Answer(Outcome::Success { body, .. } | Outcome::Failure { body, .. })
            | Act::Stray(_, Outcome::Success { body, .. } | Outcome::Failure { body, .. }) => {
                self.outside.push(body.to_string());
            }
            Act::Begin | Act::Wait(_) | Act::Accept | Act::Away => {}
        }
        let before = self.visit.clone();
        if let (Act::Say(text), Some((_, open))) = (act, before.session.state().open())
            && self.program.is_private(&open.question)
        {
            self.told.extend(SECRETS.iter().filter(|secret| text.contains(**secret)));
        }
        let told = self.visit.act(act);
        let mut again = before.clone();
        let told_again = again.act(act);
        if told.effects != told_again.effects || again.session.state() != self.visit.session.state() {
            return broken(Invariant::Repeats, "once more it leads to something else");
        }
        self.reads_back()?;
        self.fits(&told)?;
        self.rendered(&told)?;
        self.stops(&told)?;
        self.keeps_private(&told)?;
        if matches!(act, Act::Say(_)) && before.hears() {
            self.answers(&before, &told)?;
        }
        Ok(())
    }

    fn reads_back(&self) -> Result<(), Broken> {
        match State::read(&self.visit.session.state().write()) {
            (_, Some(why)) => broken(Invariant::ReadsBack, why),
            (state, None) if state != *self.visit.session.state() => {
                broken(Invariant::ReadsBack, "another state is read than was stored")
            }
            _ => Ok(()),
        }
    }

    fn fits(&self, told: &Told) -> Result<(), Broken> {
        let bytes = self.visit.session.state().write().len();
        if bytes > STATE_BYTES_MAX {
            return broken(
                Invariant::Fits,
                format!("the state has {bytes} bytes, and it may have {STATE_BYTES_MAX}"),
            );
        }
        if let Some(bytes) = said(told).map(str::len).find(|bytes| *bytes > SAID_BYTES_MAX) {
            return broken(
                Invariant::Fits,
                format!("a message has {bytes} bytes, and it may have {SAID_BYTES_MAX}"),
            );
        }
        Ok(())
    }

    fn rendered(&self, told: &Told) -> Result<(), Broken> {
        let holds = |sign: &str| self.outside.iter().any(|text| text.contains(sign));
        for text in said(told) {
            if let Some(sign) = ["{{", "{%"].into_iter().find(|sign| text.contains(sign) && !holds(sign)) {
                return broken(Invariant::Rendered, format!("`{sign}` is said: {}", short(text)));
            }
            if text.contains(PRODUCT) && !holds(PRODUCT) {
                let why = format!("what the visitor says is worked out: {}", short(text));
                return broken(Invariant::Rendered, why);
            }
        }
        Ok(())
    }

    fn stops(&self, told: &Told) -> Result<(), Broken> {
        let limits = [
            format!("more than {STEPS_MAX} steps"),
            format!("more than {SAYS_MAX} messages and calls"),
            format!("more than {HOPS_MAX} jumps"),
            format!("more than {WORK_MAX} units"),
        ];
        for (what, place) in told.effects.iter().filter_map(|effect| match effect {
            Effect::Log(Log::Trouble { what, place }) => Some((what, place)),
            _ => None,
        }) {
            if limits.iter().any(|limit| what.contains(limit)) {
                let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                return broken(Invariant::Stops, format!("{what}{place}"));
            }
        }
        Ok(())
    }

    fn keeps_private(&self, told: &Told) -> Result<(), Broken> {
        let logged = told.effects.iter().filter_map(|effect| match effect {
            Effect::Log(Log::Custom { event, detail }) => Some(format!("{event} {detail}")),
            Effect::Log(Log::Trouble { what, .. }) => Some(what.clone()),
            _ => None,
        });
        for text in logged {
            if let Some(secret) = self.told.iter().find(|secret| text.contains(**secret)) {
                let why =
                    format!("`{secret}` was answered to a private question and is logged: {}", short(&text));
                return broken(Invariant::Private, why);
            }
        }
        Ok(())
    }

    fn answers(&self, before: &Visit, told: &Told) -> Result<(), Broken> {
        let does = |effect: &Effect| {
            matches!(effect, Effect::Say(_) | Effect::Transfer { .. } | Effect::Close { .. })
        };
        let waits = before.session.waits_for().is_some() || self.visit.session.waits_for().is_some();
        let meant = told.trace.iter().any(|trace| self.means_silence(trace));
        if told.effects.iter().any(does) || waits || meant || self.visit.holder != Holder::Bot {
            return Ok(());
        }
        let last = told.trace.iter().rev().find_map(|trace| match trace {
            Trace::Ran { dialog, line, .. } | Trace::Applied { dialog, line, .. } => {
                let path = self.program.dialog(dialog).map_or("", |dialog| &dialog.path);
                Some(format!("the last thing done is \"{dialog}\" ({path}:{line})"))
            }
            Trace::Entered { dialog } => Some(format!("\"{dialog}\" begins, and that is all")),
            _ => None,
        });
        broken(Invariant::Answers, last.unwrap_or_else(|| "nothing is said".to_string()))
    }

    /// Whether an arrow is followed behind which nothing has to be said.
    fn means_silence(&self, trace: &Trace) -> bool {
        let quiet = |go: &Go| matches!(go, Go::Wait | Go::End | Go::EndAll);
        let step = |dialog: &str, step: u32| self.program.dialog(dialog)?.steps.get(step as usize);
        match trace {
            Trace::Ran { dialog, step: at, .. } => {
                matches!(step(dialog, *at).map(|step| &step.does), Some(Does::Go(go)) if quiet(go))
            }
            Trace::Went { dialog, step: at, rule } => {
                let Some(dialog) = self.program.dialog(dialog) else { return false };
                let go = match (rule, dialog.steps.get(*at as usize).map(|step| &step.does)) {
                    (Some(rule), _) => {
                        dialog.rules(*at).get(*rule as usize).and_then(|rule| rule.go.as_ref())
                    }
                    (None, Some(Does::Ask(question))) => question.then.as_ref(),
                    (None, Some(Does::Call(call))) => call.then.as_ref(),
                    _ => None,
                };
                go.is_some_and(quiet)
            }
            _ => false,
        }
    }
}

fn broken<T>(invariant: Invariant, what: impl Into<String>) -> Result<T, Broken> {
    Err((invariant, what.into()))
}

/// The texts a visitor reads.
fn said(told: &Told) -> impl Iterator<Item = &str> {
    told.effects.iter().filter_map(|effect| match effect {
        Effect::Say(Message::Text(text)) => Some(text.as_str()),
        Effect::Say(Message::Choices(question)) => Some(question.text.as_str()),
        _ => None,
    })
}

/// The beginning of a text.
fn short(text: &str) -> String {
    const LETTERS: usize = 80;
    let mut letters = text.chars();
    let first: String = letters.by_ref().take(LETTERS).collect();
    if letters.next().is_some() { format!("{first}…") } else { first }
}
