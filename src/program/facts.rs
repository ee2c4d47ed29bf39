//! What one file contributes to its bot: what it declares, what it uses, how its dialogs start and flow. Found once
//! a file and kept, so that an edit of one file among thousands costs the reading of one.

use crate::diagnostics::{FileId, Finding, Severity, Span};
use crate::language::syntax::{self, DialogKind, MatcherKind, Target};
use crate::program::check;
use crate::program::expression::Constant;
use crate::program::flow::Flow;
use crate::program::matcher::Matcher;
use crate::program::parts::Part;
use crate::program::survey::{Home, LabelKind, MatcherRole, Survey};

/// Everything a file contributes.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What is wrong with the file by itself; file ids are those it had when it was read.
    pub findings: Vec<Finding>,
    pub bots: Vec<BotFacts>,
    pub declared: Vec<Declared>,
    pub uses: Vec<Use>,
    pub dialogs: Vec<DialogFacts>,
    pub integrations: Vec<IntegrationFacts>,
    pub phrases: Vec<PhrasesFacts>,
    /// `dialog "X".label`: the dialog, the label, its place.
    pub far_labels: Vec<(String, String, Span)>,
    /// Whether opening hours are asked for whose name only a value knows: `if place is open`.
    pub hours_by_value: bool,
    /// What of it runs, if it has no errors of its own.
    pub part: Part,
    /// The text that could not be read: a name in there may be declared, for all we know.
    pub unread: String,
}

/// The `bot` block.
#[derive(Debug, Clone)]
pub(super) struct BotFacts {
    pub name: String,
    pub span: Span,
    pub language: String,
    pub entry: Option<(String, Span)>,
}

/// The kinds of things that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Dialog,
    Integration,
    Phrases,
    Intent,
    Entity,
    Hours,
    Variable,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Dialog => "dialog",
            Kind::Integration => "integration",
            Kind::Phrases => "list of phrases",
            Kind::Intent => "intent",
            Kind::Entity => "entity",
            Kind::Hours => "opening hours",
            Kind::Variable => "variable",
        }
    }
}

/// Something with a name.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub kind: Kind,
    pub name: String,
    pub span: Span,
    /// Of a variable: its type, and whether it has a value from the start.
    pub variable: Option<VariableFacts>,
}

#[derive(Debug, Clone)]
pub(super) struct VariableFacts {
    pub kind: String,
    pub private: bool,
    pub initial: bool,
}

/// A name that is used.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub what: What,
    pub name: String,
    pub span: Span,
    pub home: Home,
}

/// What a name is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Dialog,
    Integration,
    Phrases,
    Intent,
    Entity,
    Hours,
    /// A variable that is read; whether into a log.
    Read {
        log: bool,
    },
    /// A variable that is given a value; where it is a fixed one, its type and its place.
    Set(Option<(Constant, Span)>),
    Env,
    Secret,
    Skill,
}

/// An integration.
#[derive(Debug, Clone)]
pub(super) struct IntegrationFacts {
    pub name: String,
    pub hands_over: bool,
}

/// A list of phrases.
#[derive(Debug, Clone)]
pub(super) struct PhrasesFacts {
    pub name: String,
    pub any: Vec<Listening>,
    pub but_not: Vec<Listening>,
}

/// One matcher of a starter or of a list of phrases.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    /// As written, for people.
    pub text: String,
    pub span: Span,
    pub by: By,
}

/// How it compares.
#[derive(Debug, Clone)]
pub(super) enum By {
    Matcher(Matcher),
    /// A list of phrases, known only once all files are read.
    Phrases(String),
    /// Nothing can compare: an intent without a model, or a matcher with a finding of its own.
    Nothing,
}

/// How a dialog starts.
#[derive(Debug, Clone)]
pub(super) struct StarterFacts {
    pub span: Span,
    pub any: Vec<Listening>,
    pub but_not: Vec<Listening>,
    /// Texts given as samples, with the number of their matcher.
    pub samples: Vec<(String, usize)>,
}

/// A dialog.
#[derive(Debug, Clone)]
pub(super) struct DialogFacts {
    pub name: String,
    pub span: Span,
    pub sort: Sort,
    pub flow: Flow,
    pub starter: Option<StarterFacts>,
    /// Names that are variables inside of it.
    pub locals: Vec<String>,
    pub labels: Vec<(String, Span, LabelKind)>,
    pub calls: Vec<String>,
    pub hands_over: bool,
    /// Focused questions that some answers can never leave, unless there is an escalation dialog.
    pub stuck: Vec<check::rules::Stuck>,
    /// Calls without a rule for failure.
    pub without_failure: Vec<check::rules::Unserved>,
    /// Its own variables, and its questions that say their type.
    pub own_variables: Vec<Declared>,
    /// The steps of this dialog that its own arrows name.
    pub near_labels: Vec<String>,
}

impl DialogFacts {
    /// Whether an arrow of this dialog leads to the step.
    pub(super) fn flow_uses(&self, label: &str) -> bool {
        self.near_labels.iter().any(|name| name == label)
    }
}

/// What starts a dialog besides what visitors say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    Plain,
    Fallback,
    Escalation,
    Disambiguation,
    /// An event, with its time if it has one.
    On(String),
}

impl Sort {
    pub(super) fn of(kind: &DialogKind) -> Sort {
        match kind {
            DialogKind::Plain => Sort::Plain,
            DialogKind::Fallback => Sort::Fallback,
            DialogKind::Escalation => Sort::Escalation,
            DialogKind::Disambiguation => Sort::Disambiguation,
            DialogKind::On(event) => {
                let time = event.duration.as_ref().map(|time| format!(" {}{}", time.number, time.unit));
                Sort::On(format!("{}{}", event.name, time.unwrap_or_default()))
            }
        }
    }

    /// As the author would write it.
    pub(super) fn words(&self) -> String {
        match self {
            Sort::Plain => "dialog".to_string(),
            Sort::Fallback => "fallback dialog".to_string(),
            Sort::Escalation => "escalation dialog".to_string(),
            Sort::Disambiguation => "disambiguation dialog".to_string(),
            Sort::On(event) => format!("on {event} dialog"),
        }
    }
}

impl Facts {
    /// Reads the facts of a file off its tree and checks what can be checked in one file.
    pub(super) fn of(
        path: &str,
        source: &str,
        file: FileId,
        tree: &syntax::File,
        syntax: Vec<Finding>,
    ) -> Facts {
        let survey = Survey::of(tree);
        let mut facts = Facts { findings: syntax, ..Facts::default() };
        for span in &tree.unread {
            facts.unread.push_str(source.get(span.range()).unwrap_or(""));
            facts.unread.push('\n');
        }
        let compiled = check::matchers::compile(&survey, source, file, &mut facts.findings);
        facts.declare(&survey);
        facts.dialogs(&survey, source, &compiled);
        facts.lists(&survey, source, &compiled);
        check::expressions::read(&survey, source, file, &mut facts);
        check::texts::check(&survey, source, file, &mut facts.findings);
        check::structure::check(&survey, source, &facts.unread, file, &mut facts.findings);
        check::rules::check(&survey, source, file, &mut facts.findings);
        check::settings::check(&survey, file, &mut facts.findings);
        check::integrations::check(&survey, file, &mut facts.findings);
        check::hours::check(&survey, source, file, &mut facts.findings);
        if !facts.is_damaged() {
            facts.part = Part::of(tree, path, source);
        }
        facts
    }

    /// Whether some of the file could not be read, so that what seems to be missing may be in there.
    pub(super) fn is_damaged(&self) -> bool {
        !self.unread.is_empty() || self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    fn declare(&mut self, survey: &Survey<'_>) {
        let mut declared = |kind, name: &str, span| {
            self.declared.push(Declared { kind, name: name.to_string(), span, variable: None });
        };
        for (dialog, _) in &survey.dialogs {
            declared(Kind::Dialog, &dialog.name.value, dialog.name.span);
        }
        for (integration, _) in &survey.integrations {
            declared(Kind::Integration, &integration.name.value, integration.name.span);
        }
        for (phrases, _) in &survey.phrases {
            declared(Kind::Phrases, &phrases.name.value, phrases.name.span);
        }
        for (intent, _) in &survey.intents {
            declared(Kind::Intent, &intent.name.value, intent.name.span);
        }
        for (entity, _) in &survey.entities {
            declared(Kind::Entity, &entity.name.value, entity.name.span);
        }
        for (hours, _) in &survey.hours {
            declared(Kind::Hours, &hours.name.value, hours.name.span);
        }
        for (var, _) in survey.vars.iter().filter(|(_, home)| *home == Home::Bot) {
            let variable = VariableFacts {
                kind: var.kind.name.clone(),
                private: var.kind.private,
                initial: var.value.is_some(),
            };
            let (name, span) = (var.name.text.clone(), var.name.span);
            self.declared.push(Declared { kind: Kind::Variable, name, span, variable: Some(variable) });
        }
        for (bot, _) in &survey.bots {
            let text_of = |wanted: &str| {
                bot.block.items().find_map(|line| match line {
                    syntax::BotLine::Setting(setting) if setting.name.text == wanted => {
                        setting.values.first()
                    }
                    _ => None,
                })
            };
            let entry = match text_of("entry") {
                Some(syntax::Argument::Text(text)) => Some((text.value.clone(), text.span)),
                _ => None,
            };
            let language = match text_of("language") {
                Some(syntax::Argument::Value(value)) => value.text.clone(),
                _ => "en".to_string(),
            };
            self.bots.push(BotFacts { name: bot.name.value.clone(), span: bot.name.span, language, entry });
        }
        for (integration, _) in &survey.integrations {
            let hands_over = matches!(integration.kind.text.as_str(), "escalate" | "route" | "bot");
            self.integrations.push(IntegrationFacts { name: integration.name.value.clone(), hands_over });
        }
    }

    fn dialogs(&mut self, survey: &Survey<'_>, source: &str, compiled: &[Option<check::matchers::Compiled>]) {
        for (number, (dialog, _)) in survey.dialogs.iter().enumerate() {
            let home = Home::Dialog(number);
            let mut locals: Vec<String> = Vec::new();
            let own_vars =
                survey.vars.iter().filter(|(_, at)| *at == home).map(|(var, _)| var.name.text.clone());
            locals.extend(own_vars);
            locals.extend(
                survey.loops.iter().filter(|(_, _, at)| *at == number).map(|(name, _, _)| name.text.clone()),
            );
            for (at, compiled) in survey.matchers.iter().zip(compiled) {
                if at.home == home
                    && let Some(compiled) = compiled
                {
                    locals.extend(compiled.captures.iter().cloned());
                    let set = |name: &String| Use {
                        what: What::Set(None),
                        name: name.clone(),
                        span: at.matcher.span,
                        home,
                    };
                    self.uses.extend(compiled.captures.iter().map(set));
                }
            }
            let labels: Vec<_> = survey
                .labels
                .iter()
                .filter(|(_, at, _)| *at == number)
                .map(|(name, _, kind)| (name.text.clone(), name.span, *kind))
                .collect();
            locals.extend(
                labels
                    .iter()
                    .filter(|(_, _, kind)| *kind == LabelKind::Question)
                    .map(|(name, _, _)| name.clone()),
            );
            let calls = survey
                .calls
                .iter()
                .filter(|(_, at)| *at == number)
                .map(|(call, _)| call.integration.value.clone())
                .collect();
            self.dialogs.push(DialogFacts {
                name: dialog.name.value.clone(),
                span: dialog.name.span,
                sort: Sort::of(&dialog.kind),
                flow: Flow::of(dialog),
                starter: starter(survey, source, compiled, number),
                locals,
                labels,
                calls,
                hands_over: survey.transfers.iter().any(|(_, at)| *at == number),
                stuck: check::rules::stuck(survey, number),
                without_failure: check::rules::without_failure(survey, source, number),
                own_variables: own_variables(survey, number),
                near_labels: survey
                    .actions
                    .iter()
                    .filter(|at| at.dialog == number)
                    .filter_map(|at| match &at.action.target {
                        Target::Label(name) => Some(name.text.clone()),
                        _ => None,
                    })
                    .collect(),
            });
        }
        for at in &survey.actions {
            if let Target::Dialog { name, label } = &at.action.target {
                if let Some(label) = label {
                    self.far_labels.push((name.value.clone(), label.text.clone(), label.span));
                }
                self.uses.push(Use {
                    what: What::Dialog,
                    name: name.value.clone(),
                    span: name.span,
                    home: Home::Dialog(at.dialog),
                });
            }
        }
    }

    fn lists(&mut self, survey: &Survey<'_>, source: &str, compiled: &[Option<check::matchers::Compiled>]) {
        for (phrases, _) in &survey.phrases {
            let (any, but_not) = listen_lines(&phrases.block, survey, source, compiled);
            self.phrases.push(PhrasesFacts { name: phrases.name.value.clone(), any, but_not });
        }
    }
}

/// The variables that a dialog declares, and the questions in it that say their type.
fn own_variables(survey: &Survey<'_>, dialog: usize) -> Vec<Declared> {
    let declared = |name: &syntax::Name, kind: &syntax::Type, initial: bool| Declared {
        kind: Kind::Variable,
        name: name.text.clone(),
        span: name.span,
        variable: Some(VariableFacts { kind: kind.name.clone(), private: kind.private, initial }),
    };
    let vars = survey
        .vars
        .iter()
        .filter(|(_, home)| *home == Home::Dialog(dialog))
        .map(|(var, _)| declared(&var.name, &var.kind, var.value.is_some()));
    let asks = survey
        .questions
        .iter()
        .filter(|question| question.dialog == dialog)
        .filter_map(|question| Some(declared(question.name?, question.ask?.kind.as_ref()?, true)));
    vars.chain(asks).collect()
}

fn starter(
    survey: &Survey<'_>,
    source: &str,
    compiled: &[Option<check::matchers::Compiled>],
    dialog: usize,
) -> Option<StarterFacts> {
    let (block, span, _, _) = survey.starters.iter().find(|(_, _, at, _)| *at == dialog)?;
    let (any, but_not) = listen_lines(block, survey, source, compiled);
    let mut samples = Vec::new();
    let mut number = 0;
    for listen in block.items() {
        if let syntax::Listen::Any(matchers) = listen {
            for matcher in matchers {
                if let MatcherKind::Exact(text) = &matcher.kind {
                    samples.push((text.value.clone(), number));
                }
                number += 1;
            }
        }
    }
    Some(StarterFacts { span: *span, any, but_not, samples })
}

/// The matchers of a block, apart by whether they let in or keep out.
fn listen_lines(
    block: &syntax::Block<syntax::Listen>,
    survey: &Survey<'_>,
    source: &str,
    compiled: &[Option<check::matchers::Compiled>],
) -> (Vec<Listening>, Vec<Listening>) {
    let (mut any, mut but_not) = (Vec::new(), Vec::new());
    let heard = |matcher: &syntax::Matcher| {
        let by = match &matcher.kind {
            MatcherKind::Phrases(name) => By::Phrases(name.value.clone()),
            _ => {
                // The lists are short, and sorted by place: matchers stand in the survey in the order of the file.
                let found = survey.matchers.partition_point(|at| at.matcher.span < matcher.span);
                let same = survey
                    .matchers
                    .get(found)
                    .is_some_and(|at| at.matcher.span == matcher.span && at.role != MatcherRole::Entity);
                match compiled.get(found).and_then(Option::as_ref).filter(|_| same) {
                    Some(compiled) => By::Matcher(compiled.matcher.clone()),
                    None => By::Nothing,
                }
            }
        };
        Listening { text: source.get(matcher.span.range()).unwrap_or("").to_string(), span: matcher.span, by }
    };
    for listen in block.items() {
        match listen {
            syntax::Listen::Any(matchers) => any.extend(matchers.iter().map(heard)),
            syntax::Listen::ButNot(matcher) => but_not.push(heard(matcher)),
        }
    }
    (any, but_not)
}
