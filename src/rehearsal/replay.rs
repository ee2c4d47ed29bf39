//! A conversation that was held, held again with another version of the bot: the same messages at the same moments, the
//! same answers to its calls; and what is different.

use std::collections::BTreeMap;

use crate::conversation::{Effect, Happening, Message, Outcome, Value};
use crate::program::Program;

use super::log::{Beside, Reason, Turn, What, happened, lacks, reasons};
use super::play::CALLS_MAX;
use super::record::event;
use super::session::{Session, Told};
use super::shape::folded;

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How it compares with the one that was held.
    pub fate: Fate,
    /// Where it differs first.
    pub difference: Option<Difference>,
}

/// How a conversation compares with the one that was held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The bot does the same.
    Unchanged,
    /// The bot does something else.
    Changed,
    /// And the fallback dialog, or the apology, answers what something answered before.
    FellBack,
    /// And a human gets a conversation that the bot kept before.
    Escalated,
    /// It cannot be replayed: what the log lacks.
    Lacking(String),
}

impl Fate {
    /// The words for it.
    pub fn word(&self) -> &'static str {
        match self {
            Fate::Unchanged => "unchanged",
            Fate::Changed => "changed",
            Fate::FellBack => "newly fallen back",
            Fate::Escalated => "newly escalated",
            Fate::Lacking(_) => "cannot be replayed",
        }
    }
}

/// Where a conversation goes another way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// The turn.
    pub turn: u32,
    /// What happened in it.
    pub happened: String,
    /// What the bot did then, and does now: lines of a transcript.
    pub then: Vec<String>,
    /// The same, now.
    pub now: Vec<String>,
    /// Who answered then.
    pub answered_then: Vec<Reason>,
    /// Who answers now.
    pub answered_now: Vec<Reason>,
    /// Why it cannot go on, if it cannot.
    pub stops: Option<String>,
}

/// Replays a conversation with a bot.
pub fn replay(program: &Program, turns: &[Turn]) -> Replayed {
    let lacking = |why: String| Replayed { fate: Fate::Lacking(why), difference: None };
    if let Some(why) = lacks(turns) {
        return lacking(why);
    }
    let Some((first, turns)) = turns.split_first() else { return lacking("it is empty".to_string()) };
    let What::Happened(Happening::Knows(knowledge)) = &first.what else {
        return lacking("the log does not say whom the bot talks to".to_string());
    };
    let mut player = Player {
        session: Session::forgetful(program.clone(), knowledge.clone(), first.at),
        answers: answers(turns),
        pending: None,
        transfer: None,
        transfers: turns.iter().flat_map(transfers).collect(),
        stops: None,
    };
    let handed_over_then = turns.iter().any(|turn| hands_over(&turn.effects, &turn.why));
    let (mut difference, mut fell_back, mut escalated) = (None, false, false);
    let mut rest = turns;
    while !rest.is_empty() && player.stops.is_none() {
        let (exchange, behind) = rest.split_at(exchange(rest, &player.answers));
        rest = behind;
        let then: Vec<&Effect> = exchange.iter().flat_map(|turn| &turn.effects).collect();
        let answered_then: Vec<Reason> = exchange.iter().flat_map(|turn| turn.why.clone()).collect();
        let asked = player.session.state().open().map(|(_, open)| open.question.clone());
        let told = player.exchange(exchange);
        let answered_now = reasons(&told.trace, asked.as_deref());
        let falls_back = fallen(&answered_now) && !fallen(&answered_then);
        let then: Vec<String> = then.into_iter().filter_map(line).collect();
        let now: Vec<String> = told.effects.iter().filter_map(line).collect();
        let masked = exchange.iter().any(|turn| turn.answer_masked);
        if (then == now || masked && alike(&then, &now)) && !falls_back {
            player.stops = None; // a call that nobody answered then either
        } else {
            if exchange[0].masked && difference.is_none() {
                let what = match exchange[0].what {
                    What::Happened(Happening::Said(_)) => "what the visitor said in",
                    _ => "what happened in",
                };
                let turn = exchange[0].turn;
                return lacking(format!(
                    "the log lacks {what} turn {turn}: it is masked, and this version hears it differently"
                ));
            }
            difference.get_or_insert_with(|| Difference {
                turn: exchange[0].turn,
                happened: happened(&exchange[0].what).into_owned(),
                then,
                now,
                answered_then,
                answered_now: answered_now.clone(),
                stops: player.stops.clone(),
            });
        }
        fell_back |= falls_back;
        if hands_over(&told.effects, &answered_now) && !handed_over_then {
            escalated = true;
            break; // a human has it now: what was said afterwards was said to the bot
        }
    }
    let fate = match (&difference, escalated, fell_back) {
        (None, ..) => Fate::Unchanged,
        (_, true, _) => Fate::Escalated,
        (_, _, true) => Fate::FellBack,
        _ => Fate::Changed,
    };
    Replayed { fate, difference }
}

/// An answer in the record.
struct Answer {
    id: u64,
    integration: String,
    with: BTreeMap<String, Value>,
    outcome: Outcome,
    used: bool,
}

/// A call that waits: its id, its integration, and what it is given.
type Pending = (u64, String, BTreeMap<String, Value>);

struct Player {
    session: Session,
    answers: Vec<Answer>,
    pending: Option<Pending>,
    /// The transfer that was made last.
    transfer: Option<u64>,
    /// The transfers of the record.
    transfers: Vec<u64>,
    /// Why it cannot go on.
    stops: Option<String>,
}

impl Player {
    /// Something happens, and the calls it leads to are answered.
    fn exchange(&mut self, turns: &[Turn]) -> Told {
        let mut all = Told::default();
        let (first, returns) = turns.split_at(1);
        for turn in first {
            while let Some(told) = self.session.wait_for_wake(turn.at) {
                self.took(told, &mut all);
            }
            self.session.set_now(turn.at);
            self.happen(&turn.what, &mut all);
        }
        let mut moments = returns.iter().map(|turn| turn.at);
        for _ in 0..CALLS_MAX {
            let Some((id, integration, with)) = self.pending.take() else { return all };
            let Some(outcome) = self.answer(&integration, &with) else {
                self.stops = Some(format!("calls \"{integration}\", which the record has no answer for"));
                return all;
            };
            if let Some(at) = moments.next() {
                self.session.set_now(at);
            }
            let told = self.session.happen(Happening::Returned { id, outcome });
            self.took(told, &mut all);
        }
        self.stops = Some(format!("makes more than {CALLS_MAX} calls without listening"));
        all
    }

    fn happen(&mut self, what: &What, all: &mut Told) {
        let told = match what {
            What::Happened(Happening::Woke) | What::Beside(Beside::Unheard(_)) => return,
            What::Happened(Happening::Returned { id, outcome }) => {
                let Some(own) = self.transfer.filter(|_| self.transfers.contains(id)) else { return };
                self.session.happen(Happening::Returned { id: own, outcome: outcome.clone() })
            }
            What::Happened(happening) => self.session.happen(happening.clone()),
            What::Beside(Beside::Goto(dialog)) => match self.session.go_to(dialog) {
                Some(told) => told,
                None => {
                    self.stops = Some(format!("has no dialog \"{dialog}\""));
                    return;
                }
            },
        };
        self.took(told, all);
    }

    fn took(&mut self, told: Told, all: &mut Told) {
        for effect in &told.effects {
            match effect {
                Effect::Call { id, integration, with } => {
                    self.pending = Some((*id, integration.clone(), with.clone()));
                }
                Effect::Transfer { id, .. } => self.transfer = Some(*id),
                _ => {}
            }
        }
        all.effects.extend(told.effects);
        all.trace.extend(told.trace);
    }

    /// What the record says to a call: the next answer to one that was given the same, else the next to the same
    /// integration.
    fn answer(&mut self, integration: &str, with: &BTreeMap<String, Value>) -> Option<Outcome> {
        let meant = |answer: &&mut Answer| !answer.used && answer.integration == integration;
        let same = self
            .answers
            .iter()
            .position(|answer| !answer.used && answer.integration == integration && answer.with == *with);
        let answer = match same {
            Some(at) => &mut self.answers[at],
            None => self.answers.iter_mut().find(meant)?,
        };
        answer.used = true;
        Some(answer.outcome.clone())
    }
}

/// How many turns belong together: something that happened, and the calls that came back right after it.
fn exchange(turns: &[Turn], answers: &[Answer]) -> usize {
    let back = |turn: &&Turn| match &turn.what {
        What::Happened(Happening::Returned { id, .. }) => answers.iter().any(|answer| answer.id == *id),
        // Two silences that are over at once.
        What::Happened(Happening::Woke) => turns[0].what == turn.what && turns[0].at == turn.at,
        _ => false,
    };
    1 + turns[1..].iter().take_while(back).count()
}

fn answers(turns: &[Turn]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for turn in turns {
        let What::Happened(Happening::Returned { id, outcome }) = &turn.what else { continue };
        let call = turns.iter().flat_map(|turn| &turn.effects).find_map(|effect| match effect {
            Effect::Call { id: call, integration, with } if call == id => Some((integration, with)),
            _ => None,
        });
        let Some((integration, with)) = call else { continue };
        let (integration, with) = (integration.clone(), with.clone());
        answers.push(Answer { id: *id, integration, with, outcome: outcome.clone(), used: false });
    }
    answers
}

fn transfers(turn: &Turn) -> impl Iterator<Item = u64> {
    turn.effects.iter().filter_map(|effect| match effect {
        Effect::Transfer { id, .. } => Some(*id),
        _ => None,
    })
}

/// Whether lines are the same but for other letters in the place of letters: a mask keeps the shape of what it hides,
/// and what it hid is known to nobody.
fn alike(then: &[String], now: &[String]) -> bool {
    let class = |letter: char| match letter {
        letter if letter.is_numeric() => '0',
        letter if letter.is_alphabetic() => 'a',
        letter => letter,
    };
    then.len() == now.len()
        && then.iter().zip(now).all(|(then, now)| then.chars().map(class).eq(now.chars().map(class)))
}

fn hands_over(effects: &[Effect], why: &[Reason]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Transfer { .. }))
        || why.iter().any(|why| why.kind == "escalation")
}

fn fallen(why: &[Reason]) -> bool {
    why.iter().any(|why| why.kind == "fallback" || why.kind == "apology")
}

/// What is compared of an effect: a line of a transcript, white space folded. Times and places are not.
fn line(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Say(Message::Choices(question)) => {
            let labels: Vec<String> =
                question.choices.iter().map(|choice| folded(&choice.label).into_owned()).collect();
            format!("bot: {} [{}]", folded(&question.text), labels.join(" | "))
        }
        Effect::Say(Message::Image { url, alt }) => {
            format!("bot: [image] {url} {}", folded(alt)).trim_end().to_string()
        }
        Effect::Say(Message::Card(json)) => format!("bot: [card] {json}"),
        Effect::Say(Message::Text(text)) => format!("bot: {}", folded(text)),
        Effect::Note(text) => format!("note: {}", folded(text)),
        effect => format!("event: {}", folded(&event(effect)?)),
    })
}
