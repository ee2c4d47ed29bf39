//! What might be tried next in a conversation, taken from the bot itself: answers that fit its rules, messages that
//! start its dialogs, silences it waits for, what its calls may come back with, events it knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::conversation::{Moment, Outcome, Span, Value};
use crate::engine::SESSION_MS;
use crate::program::Program;
use crate::program::dialog::{Dialog, Does, Fits, Question, Starts, Variable, When};
use crate::program::expression;
use crate::program::formula::{Formula, Worth};
use crate::program::kinds::Kind;

use super::visit::{Act, Holder, Visit};

/// How many ways one call comes back are tried.
pub const OUTCOMES_MAX: usize = 16;
/// How many answers to one question are tried.
pub const ANSWERS_MAX: usize = 64;
/// How many hours ahead one looks for a time at which other places are open.
const HOURS_AHEAD: u64 = 24 * 8;
/// How many dialogs may stand on the stack when another one is begun while a question is open.
const BENEATH_MAX: usize = 2;
/// How many other dialogs are begun while a question is open: what it does to the question is the same for all.
const ASIDES: usize = 3;

/// How far an idea leads away from what the bot wants to hear; what is nearest is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// What the bot waits for.
    Near = 1,
    /// Something the bot knows, but at another time.
    Aside = 2,
}

/// What may be answered to a question.
#[derive(Debug)]
struct Answers {
    /// Whether the choices shown are answers as well.
    choose: bool,
    messages: Vec<String>,
}

/// The ideas for a bot. Made once.
#[derive(Debug)]
pub struct Ideas {
    program: Program,
    /// For each dialog, its name and the messages that start it.
    starts: Vec<(String, Vec<String>)>,
    /// For each question, by dialog and name, what may be answered.
    answers: HashMap<(String, String), Answers>,
    /// For each integration, what its calls may come back with.
    outcomes: BTreeMap<String, Vec<Outcome>>,
    events: Vec<(String, Value)>,
    /// How long one may wait before anything is said, so that other places are open or the day is another one.
    waits: Vec<Span>,
    nonsense: &'static str,
    session: Span,
    expiry_matters: bool,
}

impl Ideas {
    /// The ideas for conversations that begin at this moment.
    pub fn of(program: &Program, clock: Moment) -> Ideas {
        let worth = Worths::of(program);
        let starts =
            program.likely_starts().map(|(dialog, messages)| (dialog.name.clone(), messages)).collect();
        let nonsense = program.nonsense();
        let mut answers = HashMap::new();
        for dialog in program.dialogs() {
            for step in &dialog.steps {
                if let Does::Ask(question) = &step.does {
                    let key = (dialog.name.clone(), question.name.clone());
                    let messages = answers_to(program, question, &worth, clock, nonsense);
                    answers.insert(key, Answers { choose: question.choose, messages });
                }
            }
        }
        let outcomes = program.integrations().map(|name| (name.to_string(), worth.outcomes(program, name)));
        let events = program.dialogs().filter_map(event).collect();
        Ideas {
            starts,
            answers,
            outcomes: outcomes.collect(),
            events,
            waits: waits(program, clock),
            nonsense,
            session: program.settings().session.unwrap_or(Span(SESSION_MS)),
            expiry_matters: program.on("session expired").is_some(),
            program: program.clone(),
        }
    }

    /// What might be tried in this state, in an order that is always the same.
    pub fn next(&self, visit: &Visit) -> Vec<(Act, Nearness)> {
        let begun = visit.began.is_some();
        let mut all = Vec::new();
        let near = |act: Act| (act, Nearness::Near);
        if let Some(integration) = visit.calls.as_ref().filter(|_| visit.session.waits_for().is_some()) {
            let outcomes = self.outcomes.get(integration).into_iter().flatten().cloned();
            return outcomes.map(Act::Answer).map(near).collect();
        }
        match visit.holder {
            Holder::Queue(_) => return vec![near(Act::Away), (Act::Accept, Nearness::Aside)],
            Holder::Agent => {
                all.push((Act::Away, Nearness::Aside));
                all.extend(self.happenings().map(|act| (act, Nearness::Aside)));
                return all;
            }
            Holder::Bot | Holder::Closed => {}
        }
        let state = visit.session.state();
        match state.open() {
            Some((dialog, open)) => {
                let known = self.answers.get(&(dialog.to_string(), open.question.clone()));
                let shown = visit.shown.iter().filter(|_| known.is_some_and(|known| known.choose));
                for label in shown.filter(|label| !label.trim().is_empty()) {
                    all.push(near(Act::Say(label.clone())));
                }
                for answer in known.into_iter().flat_map(|known| &known.messages) {
                    let act = Act::Say(answer.clone());
                    if !all.iter().any(|(known, _)| *known == act) {
                        all.push(near(act));
                    }
                }
                if state.stack().len() <= BENEATH_MAX {
                    let others = self.starts.iter().filter(|(name, _)| name != dialog).take(ASIDES);
                    let first = others.filter_map(|(_, messages)| messages.first());
                    all.extend(first.map(|text| (Act::Say(text.clone()), Nearness::Aside)));
                }
                all.extend(self.happenings().map(|act| (act, Nearness::Aside)));
            }
            None if !begun => {
                // Every way to start every dialog is tried once, at the beginning.
                let messages = self.starts.iter().flat_map(|(_, messages)| messages);
                all.extend(messages.map(|text| near(Act::Say(text.clone()))));
                all.push(near(Act::Say(self.nonsense.to_string())));
                all.push(near(Act::Begin));
                all.extend(self.happenings().map(near));
                all.extend(self.waits.iter().map(|span| near(Act::Wait(*span))));
            }
            None => {
                let first = self.starts.iter().filter_map(|(_, messages)| messages.first());
                all.extend(first.map(|text| near(Act::Say(text.clone()))));
                all.push(near(Act::Say(self.nonsense.to_string())));
                all.extend(self.happenings().map(|act| (act, Nearness::Aside)));
            }
        }
        if begun {
            if let Some(wake) = visit.session.wake() {
                all.push(near(Act::Wait(wake.since(visit.session.now()))));
            }
            if self.expiry_matters {
                all.push((Act::Wait(Span(self.session.0.saturating_add(60_000))), Nearness::Aside));
            }
        }
        all
    }

    fn happenings(&self) -> impl Iterator<Item = Act> {
        self.events.iter().map(|(name, data)| Act::Happens(name.clone(), data.clone()))
    }

    /// How long a session lasts.
    pub fn session(&self) -> Span {
        self.session
    }

    /// The bot.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

/// Values worth trying, by the name and the members behind it.
struct Worths {
    all: Vec<Worth>,
    /// The lists that choices are made of, and the members of their items that are used.
    lists: BTreeMap<String, BTreeSet<String>>,
}

impl Worths {
    fn of(program: &Program) -> Worths {
        let mut worths = Worths { all: Vec::new(), lists: BTreeMap::new() };
        for dialog in program.dialogs() {
            for step in &dialog.steps {
                match &step.does {
                    Does::If(condition, ..) => worths.all.extend(condition.worth_trying()),
                    Does::Set(_, formula) => worths.all.extend(formula.worth_trying()),
                    _ => {}
                }
            }
            for rule in (0..dialog.steps.len()).flat_map(|at| dialog.rules(at as u32)) {
                worths.all.extend(rule.condition.iter().flat_map(Formula::worth_trying));
                let When::Choice(choice) = &rule.when else { continue };
                let Some((item, list)) = &choice.each else { continue };
                let members = worths.lists.entry(list.root.clone()).or_default();
                let reading = expression::read_template(choice.label.source());
                let used = reading.into_iter().flat_map(|reading| reading.names);
                members.extend(used.filter(|used| used.root == *item).filter_map(|used| used.member));
            }
        }
        worths
    }

    fn of_path(&self, path: &[String]) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |(known, _)| known == path).map(|(_, value)| value)
    }

    /// What calls of an integration may come back with: first an answer with everything in it, then one with each
    /// value that the bot asks for, one with nothing, and failures.
    fn outcomes(&self, program: &Program, name: &str) -> Vec<Outcome> {
        let Some(integration) = program.integration(name) else { return Vec::new() };
        let mut fields: Vec<(Vec<String>, Vec<Value>)> = Vec::new();
        let mut add =
            |path: Vec<String>, values: Vec<Value>| match fields.iter_mut().find(|(known, _)| *known == path)
            {
                Some((_, known)) => known.extend(values),
                None => fields.push((path, values)),
            };
        let mut status = Vec::new();
        let mut reasons = vec!["timeout".to_string()];
        for (path, value) in &self.all {
            match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["response", "reason"] => reasons.extend(value.as_text().map(str::to_string)),
                ["response", "status"] => status.extend(value.as_number().map(|number| number as i64)),
                ["response", "body", rest @ ..] if !rest.is_empty() => {
                    add(rest.iter().map(|name| name.to_string()).collect(), vec![value.clone()]);
                }
                _ => {}
            }
        }
        for (target, formula) in &integration.saves {
            let whole: Vec<String> = std::iter::once(&target.root).chain(&target.members).cloned().collect();
            let mut values = vec![self.plain(program, &target.root)];
            values.extend(self.of_path(&whole).cloned());
            for path in formula.names() {
                if let [response, body, rest @ ..] = path.as_slice()
                    && response == "response"
                    && body == "body"
                {
                    add(rest.to_vec(), values.clone());
                }
            }
        }
        let plain = fields.iter().fold(Value::Nothing, |body, (path, values)| {
            put(body, path, values.first().cloned().unwrap_or_default())
        });
        let mut bodies = vec![plain.clone()];
        for (path, values) in &fields {
            bodies.extend(values.iter().skip(1).map(|value| put(plain.clone(), path, value.clone())));
        }
        bodies.push(Value::map(BTreeMap::new()));
        bodies.dedup();
        let success = bodies.into_iter().map(|body| Outcome::Success { status: 200, body });
        let failures = reasons.into_iter().map(|reason| Outcome::Failure {
            // The reason `status` is that of an answer with a bad status.
            status: if reason == "status" { 500 } else { 0 },
            reason,
            body: Value::Nothing,
        });
        let by_status = status.into_iter().filter(|status| (100..=599).contains(status)).map(|status| {
            let body = plain.clone();
            match status {
                400.. => Outcome::Failure { reason: "status".to_string(), status, body: Value::Nothing },
                _ => Outcome::Success { status, body },
            }
        });
        let failures: Vec<Outcome> = failures.chain(by_status).collect();
        let mut all: Vec<Outcome> = Vec::new();
        let room = OUTCOMES_MAX.saturating_sub(failures.len());
        for outcome in success.take(room).chain(failures) {
            if !all.contains(&outcome) && all.len() < OUTCOMES_MAX {
                all.push(outcome);
            }
        }
        all
    }

    /// An ordinary value for a variable.
    fn plain(&self, program: &Program, name: &str) -> Value {
        if let Some(members) = self.lists.get(name) {
            let item = |number: i64| {
                let named = |member: &String| (member.clone(), Value::text(format!("{member} {number}")));
                match members.is_empty() {
                    true => Value::text(format!("{name} {number}")),
                    false => Value::map(members.iter().map(named).collect()),
                }
            };
            return Value::list(vec![item(1), item(2)]);
        }
        let own = || program.dialogs().flat_map(|dialog| &dialog.variables).find(|one| one.name == name);
        let kind = program.variable(name).or_else(own).map(|variable: &Variable| variable.kind.as_str());
        match kind {
            Some("number") => Value::Whole(7),
            Some("flag") => Value::Flag(true),
            Some("list") => Value::list(vec![Value::text(name)]),
            Some("json") => Value::map(BTreeMap::from([("name".to_string(), Value::text(name))])),
            Some("date") => Value::text("2026-12-01"),
            Some("time") => Value::text("15:00"),
            Some("email") => Value::text("dana@example.com"),
            Some("phone") => Value::text("+442079460123"),
            _ => Value::text(format!("some {}", name.replace('_', " "))),
        }
    }
}

/// A value with another one put under a path.
fn put(whole: Value, path: &[String], value: Value) -> Value {
    let Some((name, rest)) = path.split_first() else { return value };
    let mut map = match &whole {
        Value::Map(map) => (**map).clone(),
        _ => BTreeMap::new(),
    };
    let inner = map.remove(name).unwrap_or_default();
    map.insert(name.clone(), put(inner, rest, value));
    Value::map(map)
}

/// What may be answered to a question: what its rules and its type fit, what the bot compares it with, and something
/// that fits nothing.
fn answers_to(
    program: &Program,
    question: &Question,
    worth: &Worths,
    clock: Moment,
    nonsense: &str,
) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |messages: Vec<String>| {
        for message in messages {
            if !message.trim().is_empty() && !all.contains(&message) && all.len() + 1 < ANSWERS_MAX {
                all.push(message);
            }
        }
    };
    for rule in &question.rules {
        let any: &[Fits] = match &rule.when {
            When::Fits(any) => any,
            When::Choice(choice) => {
                add(choice.label.as_plain().map(str::to_string).into_iter().collect());
                &choice.any
            }
            When::Otherwise | When::Retry(_) => &[],
        };
        any.iter().for_each(|fits| add(program.likely_fits(fits)));
    }
    let kind = program.kind_of(question);
    add(program.likely_values(&kind, clock));
    let asked = [vec![question.name.clone()], vec!["reply".to_string()]];
    for value in asked.iter().flat_map(|path| worth.of_path(path)) {
        add(vec![value.to_string()]);
    }
    if kind == Kind::Text {
        // A question for a text is answered with something a person might read.
        add(vec![format!("my {}", question.name.replace('_', " "))]);
    }
    if question.choose {
        add(vec!["1".to_string()]);
    }
    all.push(nonsense.to_string());
    all
}

/// The event that a dialog waits for.
fn event(dialog: &Dialog) -> Option<(String, Value)> {
    match &dialog.starts {
        Starts::On(name, None) if !matches!(name.as_str(), "start" | "session expired") => {
            let data = match name.as_str() {
                "file received" => Value::map(BTreeMap::from([
                    ("name".to_string(), Value::text("photo.jpg")),
                    ("url".to_string(), Value::text("https://files.example/photo.jpg")),
                ])),
                _ => Value::Nothing,
            };
            Some((name.clone(), data))
        }
        _ => None,
    }
}

/// How long to wait until other places are open, and until a day of another name.
fn waits(program: &Program, clock: Moment) -> Vec<Span> {
    let names: Vec<String> = match program.hours(clock) {
        Value::Map(hours) => hours.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let asks_for_now = conditions(program)
        .any(|condition| condition.names().iter().any(|path| path.first().is_some_and(|root| root == "now")));
    if names.is_empty() && !asks_for_now {
        return Vec::new();
    }
    let look = |at: Moment| -> (Vec<bool>, String) {
        let open = names.iter().map(|name| program.is_open(name, at)).collect();
        let day = if asks_for_now { program.now(at).member("weekday").to_string() } else { String::new() };
        (open, day)
    };
    let mut seen = vec![look(clock)];
    let mut all = Vec::new();
    for hours in 1..=HOURS_AHEAD {
        let span = Span(hours * 3_600_000);
        let there = look(clock.after(span));
        if !seen.contains(&there) {
            seen.push(there);
            all.push(span);
        }
    }
    all
}

/// All conditions of a bot.
pub(super) fn conditions(program: &Program) -> impl Iterator<Item = &Formula> {
    program.dialogs().flat_map(|dialog| {
        let of_steps = dialog.steps.iter().filter_map(|step| match &step.does {
            Does::If(condition, ..) => Some(condition),
            _ => None,
        });
        let rules = (0..dialog.steps.len()).flat_map(|at| dialog.rules(at as u32));
        of_steps.chain(rules.filter_map(|rule| rule.condition.as_ref()))
    })
}
