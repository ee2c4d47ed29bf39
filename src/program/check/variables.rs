//! Variables: declared before they are used, set before they are read, of the type they are given.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::words;
use crate::program::check::settings::{suits, wrong_type};
use crate::program::facts::{Use, VariableFacts, What};
use crate::program::survey::Home;
use crate::program::whole::Whole;

struct Known<'a> {
    file: FileId,
    span: Span,
    facts: &'a VariableFacts,
    set: bool,
    read: bool,
}

/// Looks at every variable of the bot, and at every name that could be one.
pub(in crate::program) fn check(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let mut known: HashMap<&str, Known<'_>> = HashMap::new();
    for (file, facts) in whole.files() {
        for declared in &facts.declared {
            if let Some(variable) = &declared.variable {
                known.entry(&declared.name).or_insert(Known {
                    file,
                    span: declared.span,
                    facts: variable,
                    set: variable.initial,
                    read: false,
                });
            }
        }
    }
    for (file, used) in whole.uses() {
        let (set, log) = match used.what {
            What::Read { log } => (None, log),
            What::Set(fixed) => (Some(fixed), false),
            _ => continue,
        };
        if let Some(variable) = known.get_mut(used.name.as_str()) {
            match set {
                Some(fixed) => {
                    variable.set = true;
                    if let Some((constant, span)) = fixed
                        && !suits(&variable.facts.kind, constant)
                    {
                        out.push(wrong_type(file, span, &used.name, &variable.facts.kind, constant).related(
                            variable.file,
                            variable.span,
                            "it is declared here",
                        ));
                    }
                }
                None => variable.read = true,
            }
            if log
                && (variable.facts.private
                    || matches!(variable.facts.kind.as_str(), "email" | "phone" | "location"))
            {
                out.push(
                    Finding::new(Slug::PersonalDataInLog, file, used.span, format!("`{}` is personal data, and a log keeps it", used.name))
                        .related(variable.file, variable.span, if variable.facts.private { "it is private" } else { "its type says so" })
                        .help("log what happened and not to whom; the conversation's id is in every log line anyway"),
                );
            }
            continue;
        }
        if !is_local(whole, file, used) && !whole.may_hide(&used.name) {
            out.push(unknown(whole, &known, file, used));
        }
    }
    if !whole.damaged() {
        out.extend(known.iter().filter_map(|(name, variable)| idle(name, variable)));
    }
}

/// Whether a name is a variable of the dialog it is used in: declared there, a question's name, or captured there.
fn is_local(whole: &Whole<'_>, file: FileId, used: &Use) -> bool {
    match used.home {
        Home::Dialog(number) => {
            whole.dialog_at(file, number).is_some_and(|dialog| dialog.locals.contains(&used.name))
        }
        // An integration sees what the dialogs know that call it.
        Home::Integration(number) => {
            whole.callers(file, number).any(|dialog| dialog.locals.contains(&used.name))
        }
        Home::Bot | Home::Elsewhere => false,
    }
}

fn unknown(whole: &Whole<'_>, known: &HashMap<&str, Known<'_>>, file: FileId, used: &Use) -> Finding {
    let name = &used.name;
    let locals: Vec<&str> = match used.home {
        Home::Dialog(number) => whole
            .dialog_at(file, number)
            .map(|dialog| dialog.locals.iter().map(String::as_str).collect())
            .unwrap_or_default(),
        Home::Integration(number) => {
            whole.callers(file, number).flat_map(|dialog| dialog.locals.iter().map(String::as_str)).collect()
        }
        _ => Vec::new(),
    };
    let is_set = matches!(used.what, What::Set(_));
    let given = words::GIVEN.iter().copied().filter(|_| !is_set);
    let mut all: Vec<&str> = known.keys().copied().chain(locals).chain(given).collect();
    all.sort_unstable();
    if is_set && words::GIVEN.contains(&name.as_str()) {
        return Finding::new(
            Slug::UnknownVariable,
            file,
            used.span,
            format!("`{name}` is given by the platform, and a bot cannot change it"),
        )
        .help("keep the value in a variable of your own");
    }
    let finding =
        Finding::new(Slug::UnknownVariable, file, used.span, format!("there is no variable `{name}`"));
    if let Some(nearest) = english::nearest(name, all.iter().copied()) {
        return finding
            .help(format!("did you mean `{nearest}`?"))
            .fix(format!("write `{nearest}`"), vec![(used.span, nearest.to_string())]);
    }
    let elsewhere =
        whole.files().flat_map(|(_, facts)| &facts.dialogs).find(|dialog| dialog.locals.contains(name));
    match elsewhere {
        Some(dialog) => finding.help(format!(
            "the dialog `{}` has one of that name for itself; to share it, declare it in the `bot` block: `var {name} text`",
            dialog.name
        )),
        None => finding.help(format!("declare it in the `bot` block: `var {name} text`; a text in an expression stands in quotes: `'{name}'`")),
    }
}

fn idle(name: &str, variable: &Known<'_>) -> Option<Finding> {
    let find = |slug, message: String, help: &str| {
        Some(Finding::new(slug, variable.file, variable.span, message).help(help))
    };
    match (variable.set, variable.read) {
        (true, true) => None,
        (false, false) => {
            find(Slug::NeverRead, format!("nothing uses the variable `{name}`"), "take it out, or use it")
        }
        (false, true) => find(
            Slug::NeverSet,
            format!("`{name}` is read, but nothing gives it a value"),
            "ask for it, `set` it, `save` it from an integration, or give it a first value: `= \"…\"`",
        ),
        (true, false) => find(
            Slug::NeverRead,
            format!("`{name}` is given a value that nothing reads"),
            "use it in a text or a condition, or take it out",
        ),
    }
}
