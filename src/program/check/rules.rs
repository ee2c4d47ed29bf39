//! The rules of questions, calls and transfers: can each apply, is each reachable, is there a way out?

use crate::diagnostics::{FileId, Finding, Severity, Slug, Span};
use crate::language::syntax::*;
use crate::program::survey::{Asking, QuestionAt, Survey};

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
        if question.asking == Asking::Call {
            check.failure(question);
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

    /// Rules behind one that takes everything they could take.
    fn unreachable(&mut self, rules: &Block<Rule>) {
        let mut anything: Option<Span> = None;
        let mut otherwise: Option<Span> = None;
        let (mut success, mut failure): (Option<Span>, Option<Span>) = (None, None);
        let mut retry: Option<Span> = None;
        for line in &rules.lines {
            let rule = &line.item;
            let always = rule.tail.condition.is_none();
            let span = self.head(line.span);
            let blocked = match &rule.when {
                When::Otherwise(_) => otherwise.or(anything),
                When::Retry(_) => retry.or(anything),
                When::Choice(_) => anything,
                When::Fits(fits) => {
                    let each: Vec<Option<Span>> = fits
                        .any
                        .iter()
                        .map(|matcher| match &matcher.kind {
                            MatcherKind::Silence(_) => None,
                            MatcherKind::Success => success,
                            MatcherKind::Failure => failure,
                            _ => anything,
                        })
                        .collect();
                    if each.iter().all(Option::is_some) { each.first().copied().flatten() } else { None }
                }
            };
            if let Some(by) = blocked {
                self.out.push(
                    Finding::new(
                        Slug::UnreachableRule,
                        self.file,
                        span,
                        "this rule is never reached: one above it takes everything",
                    )
                    .related(self.file, by, "this one")
                    .help("move it up, or give the other one a condition with `and if`"),
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

    fn failure(&mut self, call: &QuestionAt<'_>) {
        let handled = call.rules.is_some_and(|rules| {
            rules.items().any(|rule| match &rule.when {
                When::Otherwise(_) => true,
                When::Fits(fits) => {
                    fits.any.iter().any(|matcher| matches!(matcher.kind, MatcherKind::Failure))
                }
                _ => false,
            })
        });
        if handled {
            return;
        }
        // A rule that could not be read may be the one for failure.
        let unread = |finding: &Finding| {
            finding.severity() == Severity::Error && call.span.contains(finding.place.span.start as usize)
        };
        let unsure = call.rules.is_some() && self.out.iter().any(unread);
        if !unsure {
            self.find(
                Slug::CallWithoutFailure,
                self.head(call.span),
                "nothing is said here for when this call fails",
                "add a rule: `when failure say \"…\" -> end`; without one the visitor reads the bot's apology",
            );
        }
    }

    fn head(&self, span: Span) -> Span {
        let text = self.source.get(span.range()).unwrap_or("");
        let line = text.lines().next().unwrap_or("").trim_end().trim_end_matches('{').trim_end();
        let length = if line.is_empty() { 1.min(text.len()) } else { line.len() };
        Span::new(span.start as usize, span.start as usize + length)
    }
}

/// The focused questions of a dialog that some answers can never leave, unless the bot has an escalation dialog.
pub(in crate::program) fn stuck(survey: &Survey<'_>, dialog: usize) -> Vec<(String, Span)> {
    let asked = survey.questions.iter().filter(|question| question.dialog == dialog && question.focused);
    let mut stuck = Vec::new();
    for question in asked {
        let Some(name) = question.name else { continue };
        // Without rules and without a type every answer is taken.
        let open = question.ask.is_some_and(|ask| {
            ask.then.rules().is_none() && ask.kind.as_ref().is_none_or(|kind| kind.name == "text")
        });
        let leaves = question.rules.is_some_and(|rules| rules.items().any(|rule| leaves(rule)));
        if !open && !leaves {
            stuck.push((name.text.clone(), name.span));
        }
    }
    stuck
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
