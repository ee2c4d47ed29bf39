//! Everything a bot is made of that a conversation can pass through: dialogs, steps, starters, rules, arrows and what
//! calls come back with, each under an address that a person can read and write.
//!
//! An address is the kind, the dialog in quotes, and then the name where there is one, else the line:
//!
//! ```text
//! dialog  "Track Order"
//! step    "Track Order".shipped                        a label, or the name of a question
//! step    "Track Order":57
//! starter "Track Order" pattern "*(track|where)*"      as written
//! starter "Track Order" pattern "*(track|where)*" (track)
//! rule    "Track Order".order_no.otherwise             retry, silence, anything, type, answer; a choice by its label
//! rule    "Track Order":18
//! edge    "Track Order":29                             the arrow of this line
//! edge    "Track Order":40 then                        a branch of an `if`; the other one is `else`
//! outcome "Track Order":26 "Order Lookup" failure      or success; for a transfer without the name
//! ```

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::english;
use crate::engine::Trace;
use crate::program::dialog::{Dialog, Does, Fits, Go, Question, Rule, Starts, StepAt, When};
use crate::program::kinds::Kind as Type;
use crate::program::{Program, StarterLine};

/// A part, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartId(pub u32);

/// What sort of part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A dialog began.
    Dialog,
    /// A line of `user says` won.
    Starter,
    /// An alternate of its pattern was used.
    Alternative,
    /// A step was done.
    Step,
    /// A rule applied.
    Rule,
    /// An arrow was followed, or a branch of an `if`.
    Edge,
    /// A call or transfer came back this way.
    Outcome,
}

impl Kind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Kind; 7] =
        [Kind::Dialog, Kind::Starter, Kind::Alternative, Kind::Step, Kind::Rule, Kind::Edge, Kind::Outcome];

    /// Several of them: `dialogs`.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Dialog => "dialogs",
            Kind::Starter => "starters",
            Kind::Alternative => "alternatives",
            Kind::Step => "steps",
            Kind::Rule => "rules",
            Kind::Edge => "edges",
            Kind::Outcome => "outcomes",
        }
    }
}

/// A part of a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What sort it is.
    pub kind: Kind,
    /// How one names it.
    pub address: String,
    /// The dialog it belongs to.
    pub dialog: Arc<str>,
    /// The file.
    pub path: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// Why no conversation can ever reach it; such a part is listed and not counted.
    pub never: Option<&'static str>,
}

/// No part of a bot has this address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchPart {
    /// What was asked for.
    pub address: String,
    /// What may have been meant.
    pub nearest: Option<String>,
}

impl fmt::Display for NoSuchPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bot has no part `{}`", self.address)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// Something happened that this bot has no part for: it happened in another version of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

/// All parts of a bot, in the order of files and lines.
#[derive(Debug)]
pub struct Parts {
    program: Program,
    all: Vec<Part>,
    dialogs: HashMap<String, DialogParts>,
    /// For every dialog with `user says`, as the program counts them, its lines: the part, and its alternates.
    starters: Vec<Vec<(PartId, Range<u32>)>>,
}

/// Where the parts of a dialog stand.
#[derive(Debug)]
struct DialogParts {
    dialog: PartId,
    steps: Vec<StepParts>,
}

/// The parts of a step.
#[derive(Debug, Default)]
struct StepParts {
    step: Option<PartId>,
    arrow: Option<PartId>,
    /// What follows a true and a false condition.
    branches: Option<[PartId; 2]>,
    /// Success and failure.
    outcomes: Option<[PartId; 2]>,
    /// The question takes the answer by itself.
    answer: Option<PartId>,
    /// Each rule, with its arrow.
    rules: Vec<(PartId, Option<PartId>)>,
}

impl StepParts {
    fn each(&mut self) -> impl Iterator<Item = &mut PartId> {
        let pairs = self.branches.iter_mut().chain(&mut self.outcomes).flatten();
        let rules = self.rules.iter_mut().flat_map(|(rule, arrow)| std::iter::once(rule).chain(arrow));
        self.step.iter_mut().chain(&mut self.arrow).chain(&mut self.answer).chain(pairs).chain(rules)
    }
}

const NO_MODEL: &str = "no model recognises intents yet";
const NOBODY_TELLS: &str = "a handover that succeeds is not answered";

impl Parts {
    /// The parts of a bot.
    pub fn of(program: &Program) -> Parts {
        let mut making = Making { program, all: Vec::new(), dialog: "".into(), path: "".into(), never: None };
        let lines: Vec<Vec<StarterLine<'_>>> = program.starter_lines().collect();
        let starter_of: HashMap<&str, usize> = lines
            .iter()
            .enumerate()
            .filter_map(|(number, lines)| Some((lines.first()?.dialog, number)))
            .collect();
        let mut starters = vec![Vec::new(); lines.len()];
        let mut dialogs = HashMap::new();
        for dialog in program.dialogs() {
            (making.dialog, making.path) = (dialog.name.as_str().into(), dialog.path.clone());
            let starter = starter_of.get(dialog.name.as_str()).copied();
            making.never = out_of_reach(program, dialog, starter.is_some());
            let id = making.part(Kind::Dialog, dialog.line, String::new());
            if let Some(starter) = starter {
                starters[starter] = making.starters(&lines[starter]);
            }
            let mut steps = making.steps(dialog);
            let places = making.in_order(id);
            let moved = |part: &mut PartId| *part = places[(part.0 - id.0) as usize];
            steps.iter_mut().flat_map(StepParts::each).for_each(moved);
            dialogs.insert(dialog.name.clone(), DialogParts { dialog: id, steps });
        }
        let mut all = making.all;
        make_unique(&mut all);
        Parts { program: program.clone(), all, dialogs, starters }
    }

    /// All of them, in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = (PartId, &Part)> {
        self.all.iter().enumerate().map(|(number, part)| (PartId(number as u32), part))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// One of them.
    pub fn get(&self, id: PartId) -> Option<&Part> {
        self.all.get(id.0 as usize)
    }

    /// The bot.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The part with an address. A part with a name is found by its line as well.
    pub fn find(&self, address: &str) -> Result<PartId, NoSuchPart> {
        let wanted: String = address.split_whitespace().collect::<Vec<_>>().join(" ");
        let exactly = self.iter().find(|(_, part)| part.address == wanted);
        let by_line = || {
            let mut found = self.iter().filter(|(_, part)| wanted == part.by_line());
            found.next().filter(|_| found.next().is_none())
        };
        exactly.or_else(by_line).map(|(id, _)| id).ok_or_else(|| self.no_such(wanted))
    }

    fn no_such(&self, address: String) -> NoSuchPart {
        let all = || self.all.iter().map(|part| part.address.as_str());
        // Whoever names a dialog of the bot means something in it.
        let head = self
            .all
            .iter()
            .filter(|part| part.kind == Kind::Dialog)
            .filter_map(|part| address.find(&part.address["dialog ".len()..]).map(|at| (at, part)))
            .max_by_key(|(_, part)| part.address.len());
        let near = match head {
            Some((at, part)) => {
                let head = &address[..at + part.address.len() - "dialog ".len()];
                let rest = &address[head.len()..];
                let inside = all().filter_map(|known| known.strip_prefix(head));
                english::nearest(rest, inside).map(|rest| format!("{head}{rest}"))
            }
            None => None,
        };
        let nearest = near.or_else(|| english::nearest(&address, all()).map(str::to_string));
        NoSuchPart { address, nearest }
    }

    /// The parts that something passed through.
    pub fn touched(&self, trace: &Trace, mut touch: impl FnMut(PartId)) -> Result<(), Unknown> {
        let dialog = |name: &str| self.dialogs.get(name).ok_or(Unknown);
        let step = |name: &str, step: StepAt| dialog(name)?.steps.get(step as usize).ok_or(Unknown);
        match trace {
            Trace::Entered { dialog: name } => touch(dialog(name)?.dialog),
            Trace::Started { win, heard } => {
                let line = self.program.starter_line(win).ok_or(Unknown)?;
                let lines = self.starters.get(win.starter).ok_or(Unknown)?;
                let (part, alternates) = lines.get(line).ok_or(Unknown)?;
                touch(*part);
                if !alternates.is_empty() {
                    let taken = self.program.alternates_taken(win, heard).into_iter();
                    let taken = taken.filter_map(|number| alternates.clone().nth(number));
                    taken.for_each(|alternate| touch(PartId(alternate)));
                }
            }
            Trace::Ran { dialog, step: at, .. } => {
                let parts = step(dialog, *at)?;
                parts.step.into_iter().for_each(&mut touch);
                // The arrow of a question or call is followed when it is answered.
                if parts.outcomes.is_none() && parts.answer.is_none() {
                    parts.arrow.into_iter().for_each(&mut touch);
                }
            }
            Trace::Branched { dialog, step: at, holds } => {
                touch(step(dialog, *at)?.branches.ok_or(Unknown)?[usize::from(!holds)])
            }
            Trace::Applied { dialog, step: at, rule: None, .. } => {
                touch(step(dialog, *at)?.answer.ok_or(Unknown)?)
            }
            Trace::Applied { dialog, step: at, rule: Some(rule), .. } => {
                touch(step(dialog, *at)?.rules.get(*rule as usize).ok_or(Unknown)?.0)
            }
            Trace::Went { dialog, step: at, rule } => {
                let parts = step(dialog, *at)?;
                let arrow = match rule {
                    Some(rule) => parts.rules.get(*rule as usize).ok_or(Unknown)?.1,
                    None => parts.arrow,
                };
                touch(arrow.ok_or(Unknown)?)
            }
            Trace::Returned { dialog, step: at, failure, .. } => {
                touch(step(dialog, *at)?.outcomes.ok_or(Unknown)?[usize::from(failure.is_some())])
            }
            Trace::Tried { .. } | Trace::Won { .. } | Trace::Set { .. } => {}
        }
        Ok(())
    }
}

impl Part {
    /// The file and line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }

    /// The address with the line in the place of a name.
    fn by_line(&self) -> String {
        let kind = self.address.split(' ').next().unwrap_or_default();
        format!("{kind} {}:{}", quoted(&self.dialog), self.line)
    }
}

/// The parts while they are made: those of one dialog at a time.
struct Making<'p> {
    program: &'p Program,
    all: Vec<Part>,
    dialog: Arc<str>,
    path: Arc<str>,
    never: Option<&'static str>,
}

impl Making<'_> {
    /// A part of this dialog; `rest` is what stands behind the dialog in its address.
    fn part(&mut self, kind: Kind, line: u32, rest: String) -> PartId {
        let word = match kind {
            Kind::Dialog => "dialog",
            Kind::Starter | Kind::Alternative => "starter",
            Kind::Step => "step",
            Kind::Rule => "rule",
            Kind::Edge => "edge",
            Kind::Outcome => "outcome",
        };
        let address = format!("{word} {}{rest}", quoted(&self.dialog));
        let (dialog, path) = (self.dialog.clone(), self.path.clone());
        self.all.push(Part { kind, address, dialog, path, line, never: self.never });
        PartId(self.all.len() as u32 - 1)
    }

    fn never(&mut self, part: Option<PartId>, why: &'static str) {
        if let Some(part) = part.and_then(|part| self.all.get_mut(part.0 as usize)) {
            part.never = part.never.or(Some(why));
        }
    }

    /// Puts the parts from this one on in the order of their lines, and says where each of them is now.
    fn in_order(&mut self, first: PartId) -> Vec<PartId> {
        let parts = self.all.split_off(first.0 as usize);
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|number| parts[*number].line);
        let mut places = vec![first; parts.len()];
        for (place, number) in order.into_iter().enumerate() {
            places[number] = PartId(first.0 + place as u32);
            self.all.push(parts[number].clone());
        }
        places
    }

    fn starters(&mut self, lines: &[StarterLine<'_>]) -> Vec<(PartId, Range<u32>)> {
        let mut made = Vec::with_capacity(lines.len());
        for line in lines {
            let text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let starter = self.part(Kind::Starter, line.line as u32, format!(" {text}"));
            if line.mute {
                self.never(Some(starter), NO_MODEL);
            }
            let first = self.all.len() as u32;
            for alternate in &line.alternates {
                let alternate = alternate.split_whitespace().collect::<Vec<_>>().join(" ");
                self.part(Kind::Alternative, line.line as u32, format!(" {text} ({alternate})"));
            }
            made.push((starter, first..self.all.len() as u32));
        }
        made
    }

    fn steps(&mut self, dialog: &Dialog) -> Vec<StepParts> {
        let names = names(dialog);
        let mut made: Vec<StepParts> = dialog.steps.iter().map(|_| StepParts::default()).collect();
        let mut order: Vec<usize> = (0..dialog.steps.len()).collect();
        order.sort_by_key(|at| (dialog.steps[*at].line, *at));
        for at in order {
            let step = &dialog.steps[at];
            // A sentence with an arrow is two steps to the engine, and one to its author.
            if matches!(step.does, Does::Stay(_)) || is_arrow_of_sentence(dialog, at) {
                continue;
            }
            let name = names[at];
            let rest = name.map_or_else(|| format!(":{}", step.line), |name| format!(".{name}"));
            made[at].step = Some(self.part(Kind::Step, step.line, rest));
            match &step.does {
                Does::Say(_) if is_sentence_with_arrow(dialog, at) => {
                    made[at + 1].arrow = Some(self.arrow(step.line));
                }
                Does::Go(_) => made[at].arrow = Some(self.arrow(step.line)),
                Does::If(..) => {
                    let branch = |word: &str| format!(":{} {word}", step.line);
                    let then = self.part(Kind::Edge, step.line, branch("then"));
                    let other = self.part(Kind::Edge, step.line, branch("else"));
                    made[at].branches = Some([then, other]);
                }
                Does::Ask(question) => {
                    if let Some(word) = self.takes_by_itself(question) {
                        let rest = format!(".{}.{word}", question.name);
                        made[at].answer = Some(self.part(Kind::Rule, step.line, rest));
                    }
                    made[at].arrow = question.then.as_ref().map(|_| self.arrow(step.line));
                    made[at].rules = self.rules(&question.rules, Some(&question.name), false);
                }
                Does::Call(call) => {
                    let integration = format!("{} ", quoted(&call.integration));
                    let hands_over =
                        self.program.integration(&call.integration).is_some_and(|one| one.kind == "escalate");
                    made[at].outcomes = Some(self.outcomes(step.line, &integration));
                    made[at].arrow = call.then.as_ref().map(|_| self.arrow(step.line));
                    if hands_over {
                        self.never(made[at].arrow, NOBODY_TELLS);
                    }
                    made[at].rules = self.rules(&call.rules, None, hands_over);
                }
                Does::Transfer(transfer) => {
                    made[at].outcomes = Some(self.outcomes(step.line, ""));
                    made[at].rules = self.rules(&transfer.rules, None, true);
                }
                _ => {}
            }
        }
        made
    }

    fn arrow(&mut self, line: u32) -> PartId {
        self.part(Kind::Edge, line, format!(":{line}"))
    }

    fn outcomes(&mut self, line: u32, integration: &str) -> [PartId; 2] {
        ["success", "failure"]
            .map(|word| self.part(Kind::Outcome, line, format!(":{line} {integration}{word}")))
    }

    /// Each rule with its arrow. `question`: the name of theirs, if they belong to one.
    fn rules(
        &mut self,
        rules: &[Rule],
        question: Option<&str>,
        hands_over: bool,
    ) -> Vec<(PartId, Option<PartId>)> {
        let words: Vec<Option<String>> = rules.iter().map(|rule| word(&rule.when)).collect();
        let mut made = Vec::with_capacity(rules.len());
        for (rule, word) in rules.iter().zip(&words) {
            let alone = words.iter().filter(|other| *other == word).count() == 1;
            let rest = match (question, word) {
                (Some(question), Some(word)) if alone => format!(".{question}.{word}"),
                _ => format!(":{}", rule.line),
            };
            let part = self.part(Kind::Rule, rule.line, rest);
            let arrow = rule.go.as_ref().map(|_| self.arrow(rule.line));
            if let When::Fits(any) = &rule.when {
                let all = |wanted: fn(&Fits) -> bool| !any.is_empty() && any.iter().all(wanted);
                let why = match () {
                    _ if all(|fits| matches!(fits, Fits::Intent(_))) => Some(NO_MODEL),
                    _ if hands_over && all(|fits| matches!(fits, Fits::Success)) => Some(NOBODY_TELLS),
                    _ => None,
                };
                if let Some(why) = why {
                    self.never(Some(part), why);
                    self.never(arrow, why);
                }
            }
            made.push((part, arrow));
        }
        made
    }

    /// How a question takes an answer that no rule takes: by its type, or any at all.
    fn takes_by_itself(&self, question: &Question) -> Option<&'static str> {
        if question.choose {
            return None;
        }
        match self.program.kind_of(question) {
            Type::List => Some("answer"),
            kind if !self.program.finds_nothing(&kind) => Some("type"),
            _ if question.rules.is_empty() => Some("answer"),
            _ => None,
        }
    }
}

/// The word that names a rule of a question, where there is one.
fn word(when: &When) -> Option<String> {
    match when {
        When::Otherwise => Some("otherwise".to_string()),
        When::Retry(_) => Some("retry".to_string()),
        When::Choice(choice) => Some(quoted(choice.label.source())),
        When::Fits(any) if any.iter().any(|fits| matches!(fits, Fits::Anything)) => {
            Some("anything".to_string())
        }
        When::Fits(any) if !any.is_empty() && any.iter().all(|fits| matches!(fits, Fits::Silence(_))) => {
            Some("silence".to_string())
        }
        When::Fits(_) => None,
    }
}

/// The name of every step that has one: of a question its own, of others their label.
fn names(dialog: &Dialog) -> Vec<Option<&str>> {
    let mut names: Vec<Option<&str>> = vec![None; dialog.steps.len()];
    for (label, at) in &dialog.labels {
        let Some(name) = names.get_mut(*at as usize) else { continue };
        let own = match &dialog.steps[*at as usize].does {
            Does::Ask(question) => question.name == *label,
            _ => name.is_none_or(|other| label.as_str() < other),
        };
        if own {
            *name = Some(label);
        }
    }
    names
}

/// Whether a step is `say "…" -> there`: its arrow is the step made right behind it.
fn is_sentence_with_arrow(dialog: &Dialog, at: usize) -> bool {
    let (one, next) = (&dialog.steps[at], dialog.steps.get(at + 1));
    matches!(one.does, Does::Say(_))
        && one.next == Some(at as StepAt + 1)
        && next.is_some_and(|next| matches!(next.does, Does::Go(_)) && next.line == one.line)
}

fn is_arrow_of_sentence(dialog: &Dialog, at: usize) -> bool {
    at > 0 && is_sentence_with_arrow(dialog, at - 1)
}

/// Why a dialog can never begin.
fn out_of_reach(program: &Program, dialog: &Dialog, has_starter: bool) -> Option<&'static str> {
    let named = |go: &Go| matches!(go, Go::Dialog(name, _) if *name == dialog.name);
    let alone = dialog.starts == Starts::Disambiguation
        && !has_starter
        && program.settings().entry != dialog.name
        && !program.dialogs().flat_map(|other| &other.steps).flat_map(arrows).any(named);
    alone.then_some(NO_MODEL)
}

/// Every arrow of a step.
pub(super) fn arrows(step: &crate::program::dialog::Step) -> impl Iterator<Item = &Go> {
    let (own, rules): (Option<&Go>, &[Rule]) = match &step.does {
        Does::Go(go) => (Some(go), &[]),
        Does::Ask(question) => (question.then.as_ref(), &question.rules),
        Does::Call(call) => (call.then.as_ref(), &call.rules),
        Does::Transfer(transfer) => (None, &transfer.rules),
        _ => (None, &[]),
    };
    own.into_iter().chain(rules.iter().filter_map(|rule| rule.go.as_ref()))
}

/// Numbers parts that would have the same address, from the second on.
fn make_unique(all: &mut [Part]) {
    let mut seen: HashMap<String, u32> = HashMap::with_capacity(all.len());
    for part in all {
        let times = seen.entry(part.address.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            part.address.push_str(&format!(" #{times}"));
        }
    }
}

/// A text in quotes, on one line.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
