//! What may stand where in a dialog: starters first, no question before anybody can answer, names that are free.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Severity, Slug, Span, english};
use crate::language::syntax::*;
use crate::language::words;
use crate::program::normal::normal;
use crate::program::survey::{Home, LabelKind, Survey};

/// The longest pause, in milliseconds: a visitor who waits longer thinks nobody is there.
pub const PAUSE_MS_MAX: u64 = 10_000;

/// Names that mean something to the language already.
pub const RESERVED: &[&str] = &[
    "next",
    "repeat",
    "wait",
    "end",
    "back",
    "close",
    "dialog",
    "visitor",
    "reply",
    "conversation",
    "env",
    "secret",
    "response",
    "event",
    "now",
    "hours",
    "true",
    "false",
    "none",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "loop",
    "otherwise",
    "retry",
    "when",
    "say",
    "ask",
    "choose",
    "call",
    "set",
    "save",
    "resume",
];

/// The finding for a name that is taken.
pub(in crate::program) fn reserved(name: &str, file: FileId, span: Span) -> Option<Finding> {
    let taken = RESERVED.contains(&name) || words::TYPES.contains(&name);
    taken.then(|| {
        let message =
            format!("`{name}` means something else already, so nothing of yours can have that name");
        Finding::new(Slug::ReservedName, file, span, message)
            .help(format!("call it `my_{name}`, or better by what it is for"))
    })
}

/// Looks at the shape of every dialog of a file.
pub(in crate::program) fn check(
    survey: &Survey<'_>,
    source: &str,
    unread: &str,
    file: FileId,
    out: &mut Vec<Finding>,
) {
    let mut check = Check { source, unread, file, out };
    check.starters(survey);
    check.collects(survey);
    check.questions(survey);
    check.actions(survey);
    check.labels(survey);
    check.variables(survey);
    check.reserved(survey);
    check.unnamed(survey);
    check.empty(survey);
    check.times(survey);
}

struct Check<'a> {
    /// The lines that could not be read: a step may have its name there.
    unread: &'a str,
    source: &'a str,
    file: FileId,
    out: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn find(
        &mut self,
        slug: Slug,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> &mut Finding {
        self.out.push(Finding::new(slug, self.file, span, message).help(help));
        let last = self.out.len() - 1;
        &mut self.out[last]
    }

    /// The first line of a stretch, without its brace.
    fn head(&self, span: Span) -> Span {
        span.head(self.source)
    }

    fn starters(&mut self, survey: &Survey<'_>) {
        let mut seen: HashMap<usize, Span> = HashMap::new();
        for (_, span, dialog, first) in &survey.starters {
            let head = self.head(*span);
            let kind = &survey.dialogs[*dialog].0.kind;
            if let Some(before) = seen.get(dialog).copied() {
                let file = self.file;
                let finding = self.find(
                    Slug::MisplacedUserSays,
                    head,
                    "this dialog has a `user says` already",
                    "put all its lines into the first one: a message that fits any of them starts the dialog",
                );
                finding.related.push(crate::diagnostics::Place {
                    file,
                    span: before,
                    label: "the first one".to_string(),
                });
                continue;
            }
            seen.insert(*dialog, head);
            match kind {
                DialogKind::Plain if !first => {
                    self.find(
                        Slug::MisplacedUserSays,
                        head,
                        "`user says` is the first step of its dialog, and this one comes later",
                        "move it to the top of the dialog; for an answer in the middle write `ask` or `choose`",
                    );
                }
                DialogKind::Plain => {}
                _ => {
                    let why = match kind {
                        DialogKind::Fallback => "the fallback dialog starts when nothing else fits",
                        DialogKind::Escalation => "the escalation dialog starts after too many misses",
                        DialogKind::Disambiguation => {
                            "the disambiguation dialog starts when several intents fit"
                        }
                        _ => "this dialog starts when its event happens",
                    };
                    self.find(
                        Slug::StarterNotAllowed,
                        head,
                        format!("{why}, so `user says` has no place in it"),
                        "take it out, or make this a `dialog` of its own and go there with `-> dialog \"…\"`",
                    );
                }
            }
        }
    }

    fn collects(&mut self, survey: &Survey<'_>) {
        for (block, span, _) in &survey.collects {
            self.nothing(
                block.lines.is_empty(),
                *span,
                "this `collect` asks for nothing",
                "put an `ask` for every field into it",
            );
            for line in &block.lines {
                let is_ask = matches!(line.item, Step::Do { statement: Some(Statement::Ask(_)), .. });
                if !is_ask {
                    let head = self.head(line.span);
                    self.find(
                        Slug::NotAQuestion,
                        head,
                        "inside `collect` there are only `ask` lines",
                        "move it in front of `collect` or behind it; `choose` stands by itself as well",
                    );
                }
            }
        }
    }

    fn questions(&mut self, survey: &Survey<'_>) {
        for question in &survey.questions {
            let (dialog, _) = survey.dialogs[question.dialog];
            let is_start = matches!(&dialog.kind, DialogKind::On(event) if event.name == "start");
            if is_start && question.name.is_some() {
                let head = self.head(question.span);
                self.find(
                    Slug::QuestionNotAllowed,
                    head,
                    "`on start` runs before the visitor's first message is read, so nobody can answer a question in it",
                    "ask in the bot's entry dialog, and keep `on start` for `set` and `call`",
                );
            }
        }
    }

    fn actions(&mut self, survey: &Survey<'_>) {
        for at in &survey.actions {
            let word = match at.action.target {
                Target::Repeat => "repeat",
                Target::Wait => "wait",
                _ => continue,
            };
            let plain = matches!(survey.dialogs[at.dialog].0.kind, DialogKind::Plain);
            if !at.asked && plain {
                let asked_before = survey
                    .questions
                    .iter()
                    .filter(|question| {
                        question.dialog == at.dialog && question.span.start < at.action.span.start
                    })
                    .filter_map(|question| question.name)
                    .next_back();
                let help = match (word, asked_before) {
                    ("repeat", Some(question)) => {
                        format!("to ask again, go to the question by its name: `-> {}`", question.text)
                    }
                    ("repeat", None) => {
                        "it stands in the rules of `ask` or `choose`; to begin a dialog anew write `-> dialog \"…\"`"
                            .to_string()
                    }
                    _ => "it stands in the rules of `ask` or `choose`; to be done here write `-> end`".to_string(),
                };
                self.find(
                    Slug::MisplacedAction,
                    at.action.span,
                    format!("`-> {word}` needs a question that is open, and here none is"),
                    help,
                );
            }
        }
        for at in &survey.actions {
            if let Target::Label(name) = &at.action.target {
                let here: Vec<&str> = survey
                    .labels
                    .iter()
                    .filter(|(_, dialog, _)| *dialog == at.dialog)
                    .map(|(name, _, _)| name.text.as_str())
                    .collect();
                if here.contains(&name.text.as_str()) || self.unread.contains(&name.text) {
                    continue;
                }
                let file = self.file;
                let dialog = survey.dialogs.iter().map(|(dialog, _)| dialog.name.value.as_str());
                let nearest =
                    english::nearest(&name.text, here.iter().copied().chain(words::ACTIONS.iter().copied()));
                let same_name =
                    dialog.clone().find(|dialog| dialog.to_lowercase() == name.text.to_lowercase());
                let (_, elsewhere) =
                    (file, survey.labels.iter().find(|(label, _, _)| label.text == name.text));
                let help = match (same_name, nearest, elsewhere) {
                    (Some(dialog), _, _) => format!("that is a dialog: write `-> dialog \"{dialog}\"`"),
                    (_, Some(nearest), _) => format!("did you mean `{nearest}`?"),
                    (_, _, Some((label, dialog, _))) => {
                        format!(
                            "it stands in another dialog: write `-> dialog \"{}\".{}`",
                            survey.dialogs[*dialog].0.name.value, label.text
                        )
                    }
                    _ if here.is_empty() => format!(
                        "name a step to go there: `{}: say \"…\"`; or go to `next`, `end` or `dialog \"…\"`",
                        name.text
                    ),
                    _ => format!(
                        "this dialog has the steps {}; and there are `next`, `end`, `dialog \"…\"`",
                        english::list(here.iter().take(8), "and")
                    ),
                };
                let place = name.span;
                let message = format!("this dialog has no step `{}`", name.text);
                let finding = self.find(Slug::UnknownLabel, place, message, help);
                if let (None, Some(nearest)) = (same_name, nearest) {
                    *finding =
                        finding.clone().fix(format!("write `{nearest}`"), vec![(place, nearest.to_string())]);
                }
            }
        }
    }

    fn labels(&mut self, survey: &Survey<'_>) {
        let mut seen: HashMap<(usize, &str), (Span, LabelKind)> = HashMap::new();
        for (name, dialog, kind) in &survey.labels {
            if let Some((before, before_kind)) = seen.get(&(*dialog, name.text.as_str())).copied() {
                let what = match before_kind {
                    LabelKind::Label => "step",
                    LabelKind::Question => "question",
                };
                let help = match (before_kind, kind) {
                    (LabelKind::Label, LabelKind::Label) => "give one of them another name",
                    _ => "the name of a question is also the name of its step; give one of them another name",
                };
                let file = self.file;
                let finding = self.find(
                    Slug::DuplicateLabel,
                    name.span,
                    format!(
                        "this dialog has a {what} named `{}` already, and `-> {}` could mean either",
                        name.text, name.text
                    ),
                    help,
                );
                finding.related.push(crate::diagnostics::Place {
                    file,
                    span: before,
                    label: "the first one".to_string(),
                });
            } else {
                seen.insert((*dialog, name.text.as_str()), (name.span, *kind));
            }
        }
    }

    fn variables(&mut self, survey: &Survey<'_>) {
        let mut seen: HashMap<(usize, &str), Span> = HashMap::new();
        for (var, home) in &survey.vars {
            let Home::Dialog(dialog) = home else { continue };
            let name = &var.name;
            if let Some(before) = seen.get(&(*dialog, name.text.as_str())).copied() {
                let file = self.file;
                let finding = self.find(
                    Slug::DuplicateName,
                    name.span,
                    format!("this dialog has a variable `{}` already", name.text),
                    "to change its value write `set`; for another value take another name",
                );
                *finding = finding.clone().related(file, before, "the first one");
            } else {
                seen.insert((*dialog, name.text.as_str()), name.span);
            }
        }
    }

    /// What is declared without a name: nothing could ever lead there.
    fn unnamed(&mut self, survey: &Survey<'_>) {
        let names = (survey.dialogs.iter().map(|(it, _)| ("this dialog has", &it.name)))
            .chain(survey.integrations.iter().map(|(it, _)| ("this integration has", &it.name)))
            .chain(survey.phrases.iter().map(|(it, _)| ("this list of phrases has", &it.name)))
            .chain(survey.intents.iter().map(|(it, _)| ("this intent has", &it.name)))
            .chain(survey.entities.iter().map(|(it, _)| ("this entity has", &it.name)))
            .chain(survey.hours.iter().map(|(it, _)| ("these opening hours have", &it.name)));
        let unnamed: Vec<(&str, Span)> = names
            .filter(|(_, name)| name.value.trim().is_empty())
            .map(|(what, name)| (what, name.span))
            .collect();
        for (what, span) in unnamed {
            self.find(Slug::WrongValue, span, format!("{what} no name"), "write it between the quotes");
        }
    }

    fn reserved(&mut self, survey: &Survey<'_>) {
        let names = survey
            .labels
            .iter()
            .map(|(name, _, _)| *name)
            .chain(survey.vars.iter().map(|(var, _)| &var.name));
        let names: Vec<&Name> = names.chain(survey.loops.iter().map(|(name, _, _)| *name)).collect();
        for name in names {
            self.out.extend(reserved(&name.text, self.file, name.span));
        }
    }

    fn empty(&mut self, survey: &Survey<'_>) {
        for (block, span, _, _) in &survey.starters {
            self.nothing(
                block.lines.is_empty(),
                *span,
                "nothing a visitor says starts this dialog",
                "write a sample or a pattern into it, or take `user says` out",
            );
        }
        for (phrases, span) in &survey.phrases {
            self.nothing(
                phrases.block.lines.is_empty(),
                *span,
                "this list has no phrases",
                "write what visitors say, one a line",
            );
        }
        for (entity, span) in &survey.entities {
            self.nothing(
                entity.block.lines.is_empty(),
                *span,
                "this entity has no values",
                "write its values, one a line: `\"Berlin\" or \"BER\"`",
            );
        }
        for (intent, span) in &survey.intents {
            self.nothing(
                intent.block.lines.is_empty(),
                *span,
                "this intent has no samples",
                "write what visitors say, one a line, or its `domain \"…\"`",
            );
        }
        for (hours, span) in &survey.hours {
            self.nothing(
                hours.block.lines.is_empty(),
                *span,
                "these opening hours say nothing",
                "write days and times: `mon-fri 08:00-17:00`",
            );
        }
        for (dialog, span) in &survey.dialogs {
            // The disambiguation dialog says by itself what there is to choose from.
            if !matches!(dialog.kind, DialogKind::Disambiguation) {
                let steps = dialog
                    .block
                    .items()
                    .filter(|step| !matches!(step, Step::UserSays(_) | Step::Var(_)))
                    .count();
                self.nothing(steps == 0, *span, "this dialog does nothing", "write its steps: `say \"…\"`");
            }
        }
        for question in &survey.questions {
            let Some(rules) =
                question.rules.filter(|_| question.asking == crate::program::survey::Asking::Choose)
            else {
                continue;
            };
            let mut choices: HashMap<String, Span> = HashMap::new();
            let mut count = 0;
            for rule in rules.items() {
                let When::Choice(choice) = &rule.when else { continue };
                count += 1;
                if choice.each.is_some() {
                    continue;
                }
                if let Some(before) = choices.insert(normal(&choice.label.value), choice.label.span) {
                    let file = self.file;
                    let finding = self.find(
                        Slug::DuplicateChoice,
                        choice.label.span,
                        format!("the choice `{}` is there already", choice.label.value),
                        "nobody could choose the second one; give it another label or take it out",
                    );
                    finding.related.push(crate::diagnostics::Place {
                        file,
                        span: before,
                        label: "the first one".to_string(),
                    });
                }
            }
            self.nothing(count == 0, question.span, "there is nothing to choose from", "write the choices, one a line: `\"Track an order\" -> dialog \"Track Order\"`; an open question is `ask`");
        }
        for span in &survey.empty {
            self.nothing(
                true,
                *span,
                "nothing stands between these braces",
                "write what should happen, or take the braces out; where nothing should happen write `-> next`",
            );
        }
    }

    /// An empty block, unless what stands in it has a finding of its own.
    fn nothing(&mut self, empty: bool, span: Span, message: &str, help: &str) {
        let told = |finding: &Finding| {
            finding.severity() == Severity::Error && span.contains(finding.place.span.start as usize)
        };
        if empty && !self.out.iter().any(told) {
            let head = self.head(span);
            self.find(Slug::EmptyBlock, head, message, help);
        }
    }

    fn times(&mut self, survey: &Survey<'_>) {
        for pause in &survey.pauses {
            if pause.milliseconds() > PAUSE_MS_MAX {
                let seconds = PAUSE_MS_MAX / 1000;
                self.find(
                    Slug::WrongValue,
                    pause.span,
                    format!("a pause lasts {seconds} seconds at most"),
                    "to wait for the visitor ask a question with a rule `when silence 5m`",
                );
            }
        }
        for word in &survey.responds {
            const WORDS: &[&str] = &["urgent", "normal", "prioritized"];
            if !WORDS.contains(&word.text.as_str()) {
                let help = english::did_you_mean(&word.text, WORDS.iter().copied());
                let finding = Finding::new(
                    Slug::WrongValue,
                    self.file,
                    word.span,
                    format!("`{}` is no time to respond within", word.text),
                )
                .help(format!("write {}, or a time such as `10m`", english::list(WORDS, "or")))
                .maybe_help(help);
                self.out.push(finding);
            }
        }
    }
}
