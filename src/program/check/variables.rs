//! Variables: declared before they are used, set before they are read, of the type they are given.

use std::collections::{HashMap, HashSet};

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::words;
use crate::program::check::settings::{suits, wrong_type};
use crate::program::facts::{Kind, Use, VariableFacts, What};
use crate::program::survey::{Home, LabelKind};
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
            if log {
                out.extend(logged(file, used, variable.file, variable.span, variable.facts));
            }
            continue;
        }
        if is_local(whole, file, used) {
            if log {
                out.extend(logged_local(whole, file, used));
            }
        } else if !whole.may_hide(&used.name) {
            out.push(unknown(whole, &known, file, used));
        }
    }
    // A name with a slip in it may be the one that sets or reads.
    if !whole.damaged() && !out.iter().any(|finding| finding.slug == Slug::UnknownVariable) {
        out.extend(known.iter().filter_map(|(name, variable)| idle(name, variable)));
        locals(whole, &known, out);
    }
}

/// What is told if a variable that is written to a log is about a person.
fn logged(
    file: FileId,
    used: &Use,
    declared_in: FileId,
    declared: Span,
    facts: &VariableFacts,
) -> Option<Finding> {
    let personal = matches!(facts.kind.as_str(), "email" | "phone" | "location");
    (facts.private || personal).then(|| {
        Finding::new(
            Slug::PersonalDataInLog,
            file,
            used.span,
            format!("`{}` is personal data, and a log keeps it", used.name),
        )
        .related(declared_in, declared, if facts.private { "it is private" } else { "its type says so" })
        .help("log what happened and not to whom; the conversation's id is in every log line anyway")
    })
}

/// The same for a dialog's own variables and its questions.
fn logged_local(whole: &Whole<'_>, file: FileId, used: &Use) -> Option<Finding> {
    let Home::Dialog(number) = used.home else { return None };
    let dialog = whole.dialog_at(file, number)?;
    let own = dialog.own_variables.iter().find(|own| own.name == used.name)?;
    logged(file, used, file, own.span, own.variable.as_ref()?)
}

/// Variables of single dialogs: set and read there, or by an integration that is called there.
fn locals(whole: &Whole<'_>, known: &HashMap<&str, Known<'_>>, out: &mut Vec<Finding>) {
    // Few dialogs have variables of their own, and only those names are looked for among all uses.
    let dialogs = || whole.files().flat_map(|(_, facts)| &facts.dialogs);
    let names: HashSet<&str> =
        dialogs().flat_map(|dialog| &dialog.own_variables).map(|own| own.name.as_str()).collect();
    if names.is_empty() {
        return;
    }
    let mut set: HashSet<(FileId, usize, &str)> = HashSet::new();
    let mut read: HashSet<(FileId, usize, &str)> = HashSet::new();
    let mut by_integrations: HashSet<&str> = HashSet::new();
    for (file, used) in whole.uses().filter(|(_, used)| names.contains(used.name.as_str())) {
        let into = match used.what {
            What::Set(_) => &mut set,
            What::Read { .. } => &mut read,
            _ => continue,
        };
        match used.home {
            Home::Dialog(number) => {
                into.insert((file, number, used.name.as_str()));
            }
            _ => {
                by_integrations.insert(used.name.as_str());
            }
        }
    }
    for (file, facts) in whole.files() {
        for (number, dialog) in facts.dialogs.iter().enumerate() {
            for own in &dialog.own_variables {
                let name = own.name.as_str();
                let question = |(label, _, kind): &(String, Span, LabelKind)| {
                    *kind == LabelKind::Question && label == name
                };
                // The name of a question is needed for the question itself.
                let asked = dialog.labels.iter().any(question);
                if asked || known.contains_key(name) || by_integrations.contains(name) {
                    continue;
                }
                let Some(variable) = &own.variable else { continue };
                let here = (file, number, name);
                let variable = Known {
                    file,
                    span: own.span,
                    facts: variable,
                    set: variable.initial || set.contains(&here),
                    read: read.contains(&here),
                };
                out.extend(idle(name, &variable));
            }
        }
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
            let called = whole.callers(file, number).next().is_some();
            // Nothing calls it, perhaps for a slip in its name: any dialog may be meant.
            let any = whole.dialogs().map(|(_, dialog)| dialog).filter(|_| !called);
            whole.callers(file, number).chain(any).any(|dialog| dialog.locals.contains(&used.name))
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
    if is_set && words::GIVEN.contains(&name.as_str()) {
        return Finding::new(
            Slug::UnknownVariable,
            file,
            used.span,
            format!("`{name}` is given and cannot be changed"),
        )
        .help(format!("keep the value in a variable of your own: `var my_{name} text` in the `bot` block"));
    }
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
    if whole.declares(Kind::Hours, name) {
        return finding.help(format!("opening hours stand in quotes: `\"{name}\" is open`"));
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
