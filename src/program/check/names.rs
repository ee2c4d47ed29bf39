//! Names that lead nowhere, and names that two things share.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::words;
use crate::program::account::Account;
use crate::program::facts::{Kind, Sort, Use, What};
use crate::program::whole::Whole;

/// Looks at every declared name and every use of one.
pub(in crate::program) fn check(whole: &Whole<'_>, account: Option<&Account>, out: &mut Vec<Finding>) {
    doubles(whole, out);
    special_dialogs(whole, out);
    for (file, used) in whole.uses() {
        let (kind, slug) = match used.what {
            What::Dialog => (Kind::Dialog, Slug::UnknownDialog),
            What::Integration => (Kind::Integration, Slug::UnknownIntegration),
            What::Phrases => (Kind::Phrases, Slug::UnknownPhrases),
            What::Intent => (Kind::Intent, Slug::UnknownIntent),
            What::Entity => (Kind::Entity, Slug::UnknownType),
            What::Hours => (Kind::Hours, Slug::UnknownHours),
            What::Skill => {
                out.extend(account.and_then(|account| skill(account, file, used)));
                continue;
            }
            _ => continue,
        };
        let built_in = kind == Kind::Phrases && words::PHRASES.contains(&used.name.as_str());
        if !built_in && !whole.declares(kind, &used.name) && !whole.may_hide(&used.name) {
            out.push(unknown(whole, kind, slug, file, used));
        }
    }
    for (file, facts) in whole.files() {
        for (dialog, label, span) in &facts.far_labels {
            let Some(target) = whole.dialog(dialog) else { continue };
            if target.labels.iter().any(|(name, _, _)| name == label) || whole.may_hide(label) {
                continue;
            }
            let names: Vec<&str> = target.labels.iter().map(|(name, _, _)| name.as_str()).collect();
            let finding = Finding::new(
                Slug::UnknownLabel,
                file,
                *span,
                format!("the dialog `{dialog}` has no step `{label}`"),
            );
            out.push(match english::nearest(label, names.iter().copied()) {
                Some(nearest) => finding
                    .help(format!("did you mean `{nearest}`?"))
                    .fix(format!("write `{nearest}`"), vec![(*span, nearest.to_string())]),
                None if names.is_empty() => finding
                    .help(format!("its steps have no names; go to its start with `-> dialog \"{dialog}\"`")),
                None => finding.help(format!("its steps are {}", english::list(names.iter().take(8), "and"))),
            });
        }
    }
    if let Some((name, span, file)) =
        whole.bot().and_then(|(file, bot)| bot.entry.as_ref().map(|(name, span)| (name, *span, file)))
        && !whole.declares(Kind::Dialog, name)
        && !whole.may_hide(name)
    {
        let used =
            Use { what: What::Dialog, name: name.clone(), span, home: crate::program::survey::Home::Bot };
        out.push(unknown(whole, Kind::Dialog, Slug::UnknownDialog, file, &used));
    }
}

fn doubles(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let mut seen: HashMap<(Kind, &str), (FileId, Span)> = HashMap::new();
    for (file, facts) in whole.files() {
        for declared in &facts.declared {
            let key = (declared.kind, declared.name.as_str());
            if let Some((first, span)) = seen.get(&key).copied() {
                out.push(
                    Finding::new(
                        Slug::DuplicateName,
                        file,
                        declared.span,
                        format!("there is another {} called `{}`", declared.kind.noun(), declared.name),
                    )
                    .related(first, span, "the first one")
                    .help("give one of them another name, or put both into one"),
                );
            } else {
                seen.insert(key, (file, declared.span));
            }
        }
    }
    let mut bots = whole.files().flat_map(|(file, facts)| facts.bots.iter().map(move |bot| (file, bot)));
    if let Some((first, first_bot)) = bots.next() {
        for (file, bot) in bots {
            out.push(
                Finding::new(Slug::DuplicateName, file, bot.span, "a folder holds one bot, and this is the second `bot` block")
                    .related(first, first_bot.span, "the first one")
                    .help("put its settings and variables into the first one, or its files into a folder of their own"),
            );
        }
    }
}

/// A bot has one fallback dialog, one for escalation, one for every event.
fn special_dialogs(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let mut seen: HashMap<&Sort, (FileId, Span)> = HashMap::new();
    let mut names: Vec<(FileId, Span, &Sort)> = Vec::new();
    for (file, facts) in whole.files() {
        for dialog in facts.dialogs.iter().filter(|dialog| dialog.sort != Sort::Plain) {
            names.push((file, dialog.span, &dialog.sort));
        }
    }
    for (file, span, sort) in names {
        if let Some((first, before)) = seen.get(sort).copied() {
            out.push(
                Finding::new(Slug::DuplicateName, file, span, format!("there is another `{}`", sort.words()))
                    .related(first, before, "the first one")
                    .help("put the steps of both into one, with `if` where they differ"),
            );
        } else {
            seen.insert(sort, (file, span));
        }
    }
}

/// What to write if something else has that name.
fn of_another_kind(whole: &Whole<'_>, wanted: Kind, name: &str) -> Option<String> {
    let kinds = [Kind::Dialog, Kind::Integration, Kind::Phrases, Kind::Intent, Kind::Entity, Kind::Hours];
    let other = kinds.into_iter().find(|kind| *kind != wanted && whole.declares(*kind, name))?;
    let write = match (wanted, other) {
        (Kind::Integration, Kind::Dialog) => format!(": write `-> dialog \"{name}\"`"),
        (Kind::Dialog, Kind::Integration) => format!(": write `call \"{name}\"`"),
        (Kind::Phrases, Kind::Intent) => format!(": write `intent \"{name}\"`"),
        (Kind::Intent, Kind::Phrases) => format!(": write `phrases \"{name}\"`"),
        _ => String::new(),
    };
    let article = match other {
        Kind::Hours => "",
        Kind::Integration | Kind::Intent | Kind::Entity => "an ",
        _ => "a ",
    };
    Some(format!("`{name}` is the name of {article}{}{write}", other.noun()))
}

/// What types are called elsewhere, and here.
const TYPES_ELSEWHERE: &[(&str, &str)] = &[
    ("string", "text"),
    ("str", "text"),
    ("int", "number"),
    ("integer", "number"),
    ("float", "number"),
    ("decimal", "number"),
    ("bool", "flag"),
    ("boolean", "flag"),
    ("array", "list"),
    ("object", "json"),
    ("map", "json"),
    ("mail", "email"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("place", "location"),
    ("datetime", "date"),
];

fn unknown(whole: &Whole<'_>, kind: Kind, slug: Slug, file: FileId, used: &Use) -> Finding {
    let name = &used.name;
    let message = match kind {
        Kind::Entity => format!("there is no type `{name}`"),
        Kind::Hours => format!("there are no opening hours `{name}`"),
        _ => format!("there is no {} `{name}`", kind.noun()),
    };
    let finding = Finding::new(slug, file, used.span, message);
    let own = whole.names(kind);
    let given: &[&str] = match kind {
        Kind::Phrases => words::PHRASES,
        Kind::Entity => words::TYPES,
        _ => &[],
    };
    if let Some(help) = of_another_kind(whole, kind, name) {
        return finding.help(help);
    }
    let elsewhere =
        TYPES_ELSEWHERE.iter().find(|(other, _)| kind == Kind::Entity && *other == name.to_lowercase());
    let meant = elsewhere.map(|(_, here)| *here);
    if let Some(nearest) =
        meant.or_else(|| english::nearest(name, own.iter().copied().chain(given.iter().copied())))
    {
        let quoted = whole.text(file, used.span).starts_with('"');
        // A type of the language stands without quotes.
        let quoted = quoted && !(kind == Kind::Entity && given.contains(&nearest));
        let new = if quoted { format!("\"{nearest}\"") } else { nearest.to_string() };
        let finding = finding.help(format!("did you mean `{nearest}`?"));
        // The hours in `hours.Office` stand in a wider stretch, which is not replaced.
        let whole_name = whole.text(file, used.span).trim_matches('"') == name;
        return if whole_name {
            finding.fix(format!("write `{nearest}`"), vec![(used.span, new)])
        } else {
            finding
        };
    }
    let all: Vec<&str> = own.iter().copied().chain(given.iter().copied()).collect();
    let make = match kind {
        Kind::Dialog => format!("write it: `dialog \"{name}\" {{ … }}`"),
        Kind::Integration => format!("write it: `integration \"{name}\" api {{ … }}`"),
        Kind::Phrases => format!("write it: `phrases \"{name}\" {{ … }}`"),
        Kind::Intent => format!("write it: `intent \"{name}\" {{ … }}`, with some samples"),
        Kind::Entity => format!("write it: `entity \"{name}\" {{ … }}`"),
        Kind::Hours => format!("write them: `hours \"{name}\" {{ … }}`"),
        Kind::Variable => String::new(),
    };
    if kind == Kind::Entity {
        return finding
            .help(format!("the types are {}; or {make}", english::list(all.iter().take(20), "and")));
    }
    match all.len() {
        0 => finding.help(make),
        1..=8 => finding.help(format!(
            "there {} {}; or {make}",
            if all.len() == 1 { "is" } else { "are" },
            english::list(all, "and")
        )),
        more => finding.help(format!("there are {more}, none with a name like it; {make}")),
    }
}

fn skill(account: &Account, file: FileId, used: &Use) -> Option<Finding> {
    let names = account.skills.iter().map(|skill| skill.name.as_str());
    match account.skills.iter().find(|skill| skill.name == used.name) {
        None => {
            let finding = Finding::new(
                Slug::UnknownSkill,
                file,
                used.span,
                format!("the account has no skill `{}`", used.name),
            );
            Some(match english::nearest(&used.name, names.clone()) {
                Some(nearest) => finding
                    .help(format!("did you mean `{nearest}`?"))
                    .fix(format!("write `{nearest}`"), vec![(used.span, format!("\"{nearest}\""))]),
                None if account.skills.is_empty() => finding.help("it has no skills yet: add this one to it"),
                None => finding.help(format!("its skills are {}", english::list(names, "and"))),
            })
        }
        Some(skill) if !skill.staffed => Some(
            Finding::new(
                Slug::UnstaffedSkill,
                file,
                used.span,
                format!("nobody in the account has the skill `{}`", used.name),
            )
            .help("give it to a user in the account file, or hand over to another skill"),
        ),
        Some(_) => None,
    }
}
