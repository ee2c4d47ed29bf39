//! From the tree as written to the tables that run: one dialog at a time, without looking at any other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::conversation::{Due, Receiver, Span, Value};
use crate::diagnostics;
use crate::language::pattern::parse_pattern;
use crate::language::syntax;
use crate::program::dialog::*;
use crate::program::expression::has_holes;
use crate::program::formula::{Formula, Template};
use crate::program::matcher::Matcher;

/// The tables of a dialog. Meant for trees without errors: what cannot be read is left empty.
pub(super) fn dialog(written: &syntax::Dialog, path: &Arc<str>, lines: &Lines) -> Dialog {
    let starts = match &written.kind {
        syntax::DialogKind::Plain => Starts::Plain,
        syntax::DialogKind::Fallback => Starts::Fallback,
        syntax::DialogKind::Escalation => Starts::Escalation,
        syntax::DialogKind::Disambiguation => Starts::Disambiguation,
        syntax::DialogKind::On(event) => Starts::On(event.name.clone(), event.duration.as_ref().map(span)),
    };
    let mut lower = Lower {
        lines,
        steps: Vec::new(),
        labels: HashMap::new(),
        variables: Vec::new(),
        private: Vec::new(),
        arrows: Vec::new(),
        collect: None,
    };
    let first = lower.block(&written.block, None, None);
    lower.resolve();
    let Lower { mut steps, labels, variables, mut private, .. } = lower;
    private
        .extend(variables.iter().filter(|variable| variable.private).map(|variable| variable.name.clone()));
    // A question without a type has that of the dialog's own variable of its name.
    for step in &mut steps {
        if let Does::Ask(question) = &mut step.does
            && question.kind.is_none()
            && !question.choose
        {
            let declared = variables.iter().find(|variable| variable.name == question.name);
            question.kind = declared.map(|variable| variable.kind.clone());
        }
    }
    let (name, path) = (written.name.value.clone(), path.clone());
    let line = lines.line(written.name.span);
    Dialog { name, starts, path, line, variables, private, steps, first, labels }
}

/// A variable as it runs.
pub(super) fn variable(written: &syntax::Var) -> Variable {
    Variable {
        name: written.name.text.clone(),
        kind: written.kind.name.clone(),
        remember: written.remember,
        private: written.kind.private,
        initial: written.value.as_ref().and_then(formula),
    }
}

/// Where the lines of a file begin.
pub(super) struct Lines(Vec<u32>);

impl Lines {
    pub(super) fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        Lines(std::iter::once(0).chain(ends).collect())
    }

    /// The line of a place, counted from 1.
    pub(super) fn line(&self, at: diagnostics::Span) -> u32 {
        self.0.partition_point(|start| *start <= at.start) as u32
    }
}

struct Lower<'a> {
    lines: &'a Lines,
    steps: Vec<Step>,
    labels: HashMap<String, StepAt>,
    variables: Vec<Variable>,
    private: Vec<String>,
    /// Labels that arrows name, by the number they stand for until all labels are known.
    arrows: Vec<String>,
    /// The `collect` whose questions are being made.
    collect: Option<StepAt>,
}

/// Numbers from here on stand for labels that are not yet known.
const UNKNOWN: StepAt = 1 << 30;

impl Lower<'_> {
    /// The steps of a block. `after` follows the last one; `next` is where `-> next` leads, if that is not the
    /// following step: behind the question whose rule the block is. Gives the first step.
    fn block(
        &mut self,
        block: &syntax::Block<syntax::Step>,
        after: Option<StepAt>,
        next: Option<Option<StepAt>>,
    ) -> Option<StepAt> {
        let mut follower = after;
        // From the last step to the first, so that each knows its follower.
        for line in block.lines.iter().rev() {
            match &line.item {
                syntax::Step::UserSays(_) => {}
                syntax::Step::Var(var) => self.variables.insert(0, variable(var)),
                syntax::Step::Do { label, statement } => {
                    let number = self.reserve(line.span, follower);
                    if let Some(label) = label {
                        self.labels.insert(label.text.clone(), number);
                    }
                    if let Some(statement) = statement {
                        let does = self.statement(statement, number, follower, next.unwrap_or(follower));
                        self.steps[number as usize].does = does;
                    }
                    follower = Some(number);
                }
            }
        }
        follower
    }

    fn reserve(&mut self, at: diagnostics::Span, next: Option<StepAt>) -> StepAt {
        self.steps.push(Step { line: self.lines.line(at), does: Does::Nothing, next });
        self.steps.len() as StepAt - 1
    }

    fn statement(
        &mut self,
        statement: &syntax::Statement,
        number: StepAt,
        after: Option<StepAt>,
        next: Option<StepAt>,
    ) -> Does {
        match statement {
            syntax::Statement::Say { text, action: None } => Does::Say(template(text)),
            syntax::Statement::Say { text, action: Some(action) } => {
                let go = Does::Go(self.go(action, next));
                let line = self.steps[number as usize].line;
                self.steps.push(Step { line, does: go, next: after });
                self.steps[number as usize].next = Some(self.steps.len() as StepAt - 1);
                Does::Say(template(text))
            }
            syntax::Statement::Note(text) => Does::Note(template(text)),
            syntax::Statement::Image { url, alt } => {
                Does::Image(template(url), alt.as_ref().map_or_else(|| Template::plain(""), template))
            }
            syntax::Statement::Card(text) => Does::Card(template(text)),
            syntax::Statement::Log { event, detail } => {
                Does::Log(template(event), detail.as_ref().map_or_else(|| Template::plain(""), template))
            }
            syntax::Statement::Pause(time) => Does::Pause(span(time)),
            syntax::Statement::Respond(due) => Does::Respond(respond(due)),
            syntax::Statement::Set { path: to, value } => match formula(value) {
                Some(value) => Does::Set(path(to), value),
                None => Does::Nothing,
            },
            syntax::Statement::If(item) => self.if_(item, after, next),
            syntax::Statement::Ask(ask) => {
                self.labels.insert(ask.name.text.clone(), number);
                if ask.kind.as_ref().is_some_and(|kind| kind.private) {
                    self.private.push(ask.name.text.clone());
                }
                let (rules, then) = match &ask.then {
                    syntax::Then::Nothing => (Vec::new(), None),
                    syntax::Then::Rules(rules) => (self.rules(rules, after, Some(number)), None),
                    syntax::Then::Action(action) => (Vec::new(), Some(self.go(action, after))),
                };
                Does::Ask(Box::new(Question {
                    name: ask.name.text.clone(),
                    kind: ask.kind.as_ref().map(|kind| kind.name.clone()),
                    text: template(&ask.text),
                    focused: ask.focused,
                    choose: false,
                    rules,
                    then,
                    collected_by: self.collect,
                }))
            }
            syntax::Statement::Choose(choose) => {
                self.labels.insert(choose.name.text.clone(), number);
                Does::Ask(Box::new(Question {
                    name: choose.name.text.clone(),
                    kind: None,
                    text: template(&choose.text),
                    focused: choose.focused,
                    choose: true,
                    rules: self.rules(&choose.rules, after, Some(number)),
                    then: None,
                    collected_by: None,
                }))
            }
            syntax::Statement::Collect(steps) => {
                let outer = self.collect.replace(number);
                let first_made = self.steps.len();
                // Behind each of its questions the collection itself decides what is asked next.
                for line in steps.lines.iter().rev() {
                    if let syntax::Step::Do {
                        label,
                        statement: Some(statement @ syntax::Statement::Ask(_)),
                    } = &line.item
                    {
                        let question = self.reserve(line.span, Some(number));
                        if let Some(label) = label {
                            self.labels.insert(label.text.clone(), question);
                        }
                        let does = self.statement(statement, question, Some(number), Some(number));
                        self.steps[question as usize].does = does;
                    }
                }
                self.collect = outer;
                let made = first_made..self.steps.len();
                let asks = made.filter(|at| matches!(&self.steps[*at].does, Does::Ask(question) if question.collected_by == Some(number)));
                let mut asks: Vec<StepAt> = asks.map(|at| at as StepAt).collect();
                asks.reverse();
                Does::Collect(asks)
            }
            syntax::Statement::Call(call) => {
                let (rules, then) = match &call.then {
                    syntax::Then::Nothing => (Vec::new(), None),
                    syntax::Then::Rules(rules) => (self.rules(rules, after, None), None),
                    syntax::Then::Action(action) => (Vec::new(), Some(self.go(action, after))),
                };
                Does::Call(Box::new(Call { integration: call.integration.value.clone(), rules, then }))
            }
            syntax::Statement::Transfer(transfer) => Does::Transfer(Box::new(Transfer {
                to: match transfer.to.text.as_str() {
                    "agent" => Receiver::Agent,
                    "bot" => Receiver::Bot,
                    _ => Receiver::Skill,
                },
                name: template(&transfer.target),
                say: transfer.say.as_ref().map(template),
                rules: transfer
                    .rules
                    .as_ref()
                    .map(|rules| self.rules(rules, after, None))
                    .unwrap_or_default(),
            })),
            syntax::Statement::Go(action) => Does::Go(self.go(action, next)),
        }
    }

    fn if_(&mut self, item: &syntax::If, after: Option<StepAt>, next: Option<StepAt>) -> Does {
        let Some(condition) = formula(&item.condition) else { return Does::Nothing };
        let then = self.block(&item.then, after, Some(next));
        let otherwise = match &item.otherwise {
            None => after,
            Some(syntax::Else::Block(block)) => self.block(block, after, Some(next)),
            Some(syntax::Else::If(other)) => {
                let number = self.reserve(other.condition.span, after);
                let does = self.if_(other, after, next);
                self.steps[number as usize].does = does;
                Some(number)
            }
        };
        Does::If(condition, then, otherwise)
    }

    /// The rules of a step; `question` is its number, if it asks one.
    fn rules(
        &mut self,
        rules: &syntax::Block<syntax::Rule>,
        after: Option<StepAt>,
        question: Option<StepAt>,
    ) -> Vec<Rule> {
        let mut lowered = Vec::with_capacity(rules.lines.len());
        for line in &rules.lines {
            let rule = &line.item;
            let (when, but_not) = match &rule.when {
                syntax::When::Fits(fits) => (When::Fits(fits_of(&fits.any)), fits_of(&fits.but_not)),
                syntax::When::Choice(choice) => (
                    When::Choice(Choice {
                        each: choice.each.as_ref().map(|(name, list)| (name.text.clone(), path(list))),
                        label: template(&choice.label),
                        said: (choice.each.is_none() && !has_holes(&choice.label.value))
                            .then(|| Matcher::exact(&choice.label.value)),
                        value: choice.value.as_ref().map(literal),
                        any: fits_of(&choice.fits.any),
                    }),
                    fits_of(&choice.fits.but_not),
                ),
                syntax::When::Otherwise(_) => (When::Otherwise, Vec::new()),
                syntax::When::Retry(count) => (When::Retry(count.text.parse().unwrap_or(1)), Vec::new()),
            };
            let (say, go, block) = match &rule.tail.body {
                syntax::Body::Short { say, action } => {
                    (say.as_ref().map(template), action.as_ref().map(|action| self.go(action, after)), None)
                }
                syntax::Body::Block(steps) => {
                    let end = match question {
                        Some(question) if leaves_open(&when) => {
                            let stay = self.reserve(line.span, None);
                            self.steps[stay as usize].does = Does::Stay(question);
                            Some(stay)
                        }
                        _ => after,
                    };
                    (None, None, Some(self.block(steps, end, Some(after))))
                }
            };
            let saves = rule
                .tail
                .saves
                .iter()
                .map(|save| (save.path.as_ref().map(path), save.value.as_ref().and_then(formula)));
            lowered.push(Rule {
                line: self.lines.line(line.span),
                when,
                but_not,
                condition: rule.tail.condition.as_ref().and_then(formula),
                saves: saves.collect(),
                say,
                go,
                block,
            });
        }
        lowered
    }

    fn go(&mut self, action: &syntax::Action, next: Option<StepAt>) -> Go {
        match &action.target {
            syntax::Target::Next => Go::To(next),
            syntax::Target::Repeat => Go::Repeat,
            syntax::Target::Wait => Go::Wait,
            syntax::Target::End => Go::End,
            syntax::Target::EndAll => Go::EndAll,
            syntax::Target::Back => Go::Back,
            syntax::Target::Close => Go::Close { survey: true },
            syntax::Target::CloseWithoutSurvey => Go::Close { survey: false },
            syntax::Target::Dialog { name, label } => {
                Go::Dialog(name.value.clone(), label.as_ref().map(|label| label.text.clone()))
            }
            syntax::Target::Label(label) => {
                self.arrows.push(label.text.clone());
                Go::To(Some(UNKNOWN + self.arrows.len() as StepAt - 1))
            }
        }
    }

    /// Gives arrows that name a label the step they mean.
    fn resolve(&mut self) {
        let Lower { steps, labels, arrows, .. } = self;
        let known = |go: &mut Go| {
            if let Go::To(Some(at)) = go
                && *at >= UNKNOWN
            {
                let label = arrows.get((*at - UNKNOWN) as usize);
                *go = Go::To(label.and_then(|label| labels.get(label)).copied());
            }
        };
        for step in steps.iter_mut() {
            let rules: &mut [Rule] = match &mut step.does {
                Does::Go(go) => {
                    known(go);
                    &mut []
                }
                Does::Ask(question) => {
                    question.then.iter_mut().for_each(known);
                    &mut question.rules
                }
                Does::Call(call) => {
                    call.then.iter_mut().for_each(known);
                    &mut call.rules
                }
                Does::Transfer(transfer) => &mut transfer.rules,
                _ => &mut [],
            };
            rules.iter_mut().filter_map(|rule| rule.go.as_mut()).for_each(known);
        }
    }
}

/// Whether a question stays open behind a rule that does not say where to go: `otherwise` and `when silence`.
fn leaves_open(when: &When) -> bool {
    matches!(when, When::Otherwise) || when.is_silence()
}

fn fits_of(matchers: &[syntax::Matcher]) -> Vec<Fits> {
    matchers.iter().filter_map(|matcher| fits(&matcher.kind)).collect()
}

fn fits(kind: &syntax::MatcherKind) -> Option<Fits> {
    use syntax::MatcherKind as Kind;
    Some(match kind {
        Kind::Exact(text) => Fits::Matcher(Matcher::exact(&text.value)),
        Kind::Pattern(text) => Fits::Matcher(Matcher::pattern(&parse_pattern(&text.value).ok()?)),
        Kind::Words(text) => Fits::Matcher(Matcher::words(&parse_pattern(&text.value).ok()?)),
        Kind::Regex(regex) => Fits::Matcher(Matcher::regex(&regex.source, regex.ignore_case).ok()?),
        Kind::Phrases(name) => Fits::Phrases(name.value.clone()),
        Kind::Intent(name) => Fits::Intent(name.value.clone()),
        Kind::Anything => Fits::Anything,
        Kind::Success => Fits::Success,
        Kind::Failure => Fits::Failure,
        Kind::Silence(time) => Fits::Silence(span(time)),
    })
}

fn template(text: &syntax::Text) -> Template {
    Template::read(&text.value).unwrap_or_else(|_| Template::plain(""))
}

fn formula(expr: &syntax::Expr) -> Option<Formula> {
    Formula::read(&expr.source).ok()
}

fn path(name: &syntax::Name) -> Path {
    let mut parts = name.text.split('.').map(str::to_string);
    Path { root: parts.next().unwrap_or_default(), members: parts.collect() }
}

fn span(duration: &syntax::Duration) -> Span {
    Span(duration.milliseconds())
}

fn respond(due: &syntax::Respond) -> Due {
    match due {
        syntax::Respond::Time(time) => Due::Within(span(time)),
        syntax::Respond::Word(word) => match word.text.as_str() {
            "urgent" => Due::Urgent,
            "prioritized" => Due::Prioritized,
            _ => Due::Normal,
        },
    }
}

/// A fixed value: a text, or a number, flag or nothing without quotes.
pub(super) fn literal(written: &syntax::Literal) -> Value {
    match written {
        syntax::Literal::Text(text) => Value::text(text.value.as_str()),
        syntax::Literal::Value(value) => match value.text.as_str() {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            "none" => Value::Nothing,
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Value::Whole(whole),
                (_, Ok(number)) => Value::number(number),
                _ => Value::text(text),
            },
        },
    }
}
