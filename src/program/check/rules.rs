//! The rules of questions, calls and transfers: can each apply, is each reachable, is there a way out?

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::syntax::*;
use crate::program::normal::normal;
use crate::program::survey::{Asking, Survey};

/// More choices than this do not fit the quick replies of every channel.
pub const CHOICES_MAX: usize = 13;
/// The largest number of misses a `retry` counts.
pub const RETRY_MAX: u64 = 20;

/// Looks at every list of rules of a file.
pub(in crate::program) fn check(survey: &Survey<'_>, source: &str, file: FileId, out: &mut Vec<Finding>) {
    let mut check = Check { source, file, out };
    for question in &survey.questions {
        if let Some(rules) = question.rules {
            check.misplaced(question.asking, rules);
            check.unreachable(rules);
        }
    }
}

struct Check<'a> {
    source: &'a str,
    file: FileId,
    out: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn find(&mut self, slug: Slug, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.out.push(Finding::new(slug, self.file, span, message).help(help));
    }

    fn misplaced(&mut self, asking: Asking, rules: &Block<Rule>) {
        let word = asking.word();
        let question = matches!(asking, Asking::Ask | Asking::Choose);
        let mut choices = 0;
        for line in &rules.lines {
            match &line.item.when {
                When::Fits(fits) => {
                    for matcher in fits.any.iter().chain(&fits.but_not) {
                        self.outcome(asking, matcher);
                    }
                }
                When::Choice(choice) => {
                    choices += 1;
                    if asking != Asking::Choose {
                        let help = match asking {
                            Asking::Ask => format!(
                                "to compare the answer write `when \"{}\"`; to show choices make the question a `choose`",
                                choice.label.value
                            ),
                            Asking::Transfer => "the only rule here is `when failure`".to_string(),
                            _ => "rules here begin with `when success`, `when failure` or `otherwise`"
                                .to_string(),
                        };
                        self.find(
                            Slug::MisplacedRule,
                            choice.label.span,
                            format!("`{word}` shows no choices"),
                            help,
                        );
                    }
                }
                When::Retry(count) => {
                    if !question {
                        self.find(
                            Slug::MisplacedRule,
                            count.span,
                            format!("`retry` counts answers that fit nothing, and a `{word}` gets none"),
                            match asking {
                                Asking::Call => {
                                    "an integration repeats by itself with its own line `retry 2`"
                                }
                                _ => "the only rule here is `when failure`",
                            },
                        );
                    }
                    match count.text.parse::<u64>() {
                        Ok(1..=RETRY_MAX) => {}
                        _ => self.find(
                            Slug::WrongValue,
                            count.span,
                            format!("`{}` is no number of tries", count.text),
                            format!("write a number from 1 to {RETRY_MAX}: `retry 3 -> dialog \"…\"`"),
                        ),
                    }
                }
                When::Otherwise(_) => {}
            }
        }
        if choices > CHOICES_MAX {
            self.find(
                Slug::TooManyChoices,
                self.head(rules.span),
                format!("{choices} choices are more than the {CHOICES_MAX} that all channels show"),
                "ask in two steps, or for a word with `ask` and an `entity`",
            );
        }
    }

    /// Answers belong to questions, success and failure to calls and transfers.
    fn outcome(&mut self, asking: Asking, matcher: &Matcher) {
        let (word, span) = (asking.word(), matcher.span);
        let help = match asking {
            Asking::Transfer => "the only rule here is `when failure`",
            _ => {
                "rules here begin with `when success` or `when failure`; add `and if …` for what the answer says"
            }
        };
        match (&matcher.kind, asking) {
            (MatcherKind::Success | MatcherKind::Failure, Asking::Ask | Asking::Choose) => self.find(
                Slug::MisplacedRule,
                span,
                "a question has no success or failure, it has answers",
                "such rules stand behind `call`; here write what the visitor may answer: `when anything`",
            ),
            (MatcherKind::Success, Asking::Transfer) => self.find(
                Slug::MisplacedRule,
                span,
                "after a transfer that succeeds the bot has left",
                "only `when failure` makes sense here",
            ),
            (MatcherKind::Success | MatcherKind::Failure, _) => {}
            (_, Asking::Call | Asking::Transfer) => self.find(
                Slug::MisplacedRule,
                span,
                format!("a `{word}` gets no answer from the visitor, so this rule can never apply"),
                help,
            ),
            _ => {}
        }
    }

    /// What a matcher compares an answer with, so that two of them can be held against each other.
    fn comparable(&self, matcher: &Matcher) -> Option<String> {
        let text = self.source.get(matcher.span.range())?;
        match &matcher.kind {
            MatcherKind::Exact(_) | MatcherKind::Pattern(_) | MatcherKind::Words(_) => Some(normal(text)),
            MatcherKind::Regex(_) | MatcherKind::Phrases(_) | MatcherKind::Intent(_) => {
                Some(text.to_string())
            }
            _ => None,
        }
    }

    /// Rules behind one that takes everything they could take.
    fn unreachable(&mut self, rules: &Block<Rule>) {
        let mut anything: Option<Span> = None;
        // `when anything` comes after all other rules wherever it stands, and leaves nothing that would fit none.
        let takes_all =
            rules.lines.iter().find(|line| takes_all(&line.item)).map(|line| self.head(line.span));
        let mut otherwise: Option<Span> = None;
        let (mut success, mut failure): (Option<Span>, Option<Span>) = (None, None);
        let mut retry: Option<Span> = None;
        let mut taken: HashMap<String, Span> = HashMap::new();
        for line in &rules.lines {
            let rule = &line.item;
            let always = rule.tail.condition.is_none();
            let span = self.head(line.span);
            let blocked = match &rule.when {
                When::Otherwise(_) => otherwise.or(takes_all),
                When::Retry(_) => retry.or(takes_all),
                When::Choice(_) => None,
                When::Fits(fits) => {
                    let each: Vec<Option<Span>> = fits
                        .any
                        .iter()
                        .map(|matcher| match &matcher.kind {
                            MatcherKind::Success => success,
                            MatcherKind::Failure => failure,
                            MatcherKind::Anything => anything,
                            _ => None,
                        })
                        .collect();
                    if each.iter().all(Option::is_some) { each.first().copied().flatten() } else { None }
                }
            };
            let same = match &rule.when {
                When::Fits(fits) if blocked.is_none() => {
                    let each = fits.any.iter().map(|matcher| taken.get(&self.comparable(matcher)?).copied());
                    each.collect::<Option<Vec<Span>>>().and_then(|each| each.first().copied())
                }
                _ => None,
            };
            if let Some(by) = blocked.or(same) {
                let (message, help) = match blocked {
                    Some(_) => (
                        "this rule is never reached: another one takes all that is left for it",
                        "take one of the two out, or give the other one a condition with `and if`",
                    ),
                    None => (
                        "this rule is never reached: one above it takes the same answers",
                        "take one of them out, or give the one above a condition with `and if`",
                    ),
                };
                self.out.push(
                    Finding::new(Slug::UnreachableRule, self.file, span, message)
                        .related(self.file, by, "this one")
                        .help(help),
                );
                continue;
            }
            if !always {
                continue;
            }
            match &rule.when {
                When::Otherwise(at) => otherwise = Some(*at),
                When::Retry(_) => retry = Some(span),
                When::Choice(_) => {}
                When::Fits(fits) if fits.but_not.is_empty() => {
                    for matcher in &fits.any {
                        if let Some(text) = self.comparable(matcher) {
                            taken.entry(text).or_insert(span);
                        }
                        match &matcher.kind {
                            MatcherKind::Anything => anything = Some(span),
                            MatcherKind::Success => success = Some(span),
                            MatcherKind::Failure => failure = Some(span),
                            _ => {}
                        }
                    }
                }
                When::Fits(_) => {}
            }
        }
    }

    fn head(&self, span: Span) -> Span {
        span.head(self.source)
    }
}

/// A call without a rule for failure.
#[derive(Debug, Clone)]
pub(in crate::program) struct Unserved {
    pub integration: String,
    /// Its first line.
    pub head: Span,
    /// All of it.
    pub span: Span,
}

/// The calls of a dialog that have no rule for failure.
pub(in crate::program) fn without_failure(survey: &Survey<'_>, source: &str, dialog: usize) -> Vec<Unserved> {
    let serves = |rule: &Rule| match &rule.when {
        When::Otherwise(_) => true,
        When::Fits(fits) => fits.any.iter().any(|matcher| matches!(matcher.kind, MatcherKind::Failure)),
        _ => false,
    };
    // Every call is among the questions too, in the same order.
    let places = survey.questions.iter().filter(|question| question.asking == Asking::Call);
    let calls = survey.calls.iter().zip(places).filter(|((_, at), _)| *at == dialog);
    calls
        .filter(|((call, _), _)| !call.then.rules().is_some_and(|rules| rules.items().any(serves)))
        .map(|((call, _), place)| Unserved {
            integration: call.integration.value.clone(),
            head: place.span.head(source),
            span: place.span,
        })
        .collect()
}

/// A focused question that some answers can never leave, unless the bot has an escalation dialog.
#[derive(Debug, Clone)]
pub(in crate::program) struct Stuck {
    pub name: String,
    pub span: Span,
    /// Every answer is taken as long as the variable has no type that looks for something in it.
    pub by_type_only: bool,
}

/// Whether a question of this type takes every answer.
pub(in crate::program) fn takes_everything(kind: &str) -> bool {
    matches!(kind, "text" | "json")
}

/// The focused questions of a dialog that some answers can never leave.
pub(in crate::program) fn stuck(survey: &Survey<'_>, dialog: usize) -> Vec<Stuck> {
    let asked = survey.questions.iter().filter(|question| question.dialog == dialog && question.focused);
    let mut stuck = Vec::new();
    for question in asked {
        let Some(name) = question.name else { continue };
        // Without rules and without a type every answer is taken.
        let local = survey.vars.iter().find(|(var, home)| {
            *home == crate::program::survey::Home::Dialog(dialog) && var.name.text == name.text
        });
        let kind = question.ask.and_then(|ask| ask.kind.as_ref()).or(local.map(|(var, _)| &var.kind));
        let no_rules = question
            .ask
            .is_some_and(|ask| ask.then.rules().is_none_or(|rules| rules.items().all(only_silence)));
        let open = no_rules && kind.is_some_and(|kind| takes_everything(&kind.name));
        let leaves = question.rules.is_some_and(|rules| rules.items().any(leaves));
        if !open && !leaves {
            let by_type_only = no_rules && kind.is_none();
            stuck.push(Stuck { name: name.text.clone(), span: name.span, by_type_only });
        }
    }
    stuck
}

/// `when anything` without a condition or an exception.
fn takes_all(rule: &Rule) -> bool {
    rule.tail.condition.is_none()
        && matches!(&rule.when, When::Fits(fits) if fits.but_not.is_empty()
            && fits.any.iter().any(|matcher| matches!(matcher.kind, MatcherKind::Anything)))
}

/// A rule that only a silence takes: for messages it is none.
fn only_silence(rule: &Rule) -> bool {
    matches!(&rule.when, When::Fits(fits)
        if fits.any.iter().all(|matcher| matches!(matcher.kind, MatcherKind::Silence(_))))
}

/// Whether a rule lets every visitor out, sooner or later.
fn leaves(rule: &Rule) -> bool {
    let goes = !matches!(
        &rule.tail.body,
        Body::Short { action: Some(Action { target: Target::Repeat | Target::Wait, .. }), .. }
    );
    match &rule.when {
        When::Fits(fits) => {
            goes && rule.tail.condition.is_none()
                && fits.any.iter().any(|matcher| match matcher.kind {
                    MatcherKind::Anything => true,
                    // After a silence that only says something the question is still open.
                    MatcherKind::Silence(_) => !matches!(&rule.tail.body, Body::Short { action: None, .. }),
                    _ => false,
                })
        }
        When::Retry(_) => goes,
        When::Otherwise(_) => goes && !matches!(&rule.tail.body, Body::Short { action: None, .. }),
        When::Choice(_) => false,
    }
}
