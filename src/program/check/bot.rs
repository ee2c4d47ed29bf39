//! The bot as a whole: does it begin, does it have a fallback and a way to a person, is everything in it used?

use std::collections::HashSet;

use crate::diagnostics::{FileId, Finding, Severity, Slug, Span};
use crate::program::check::rules::{Stuck, takes_everything};
use crate::program::facts::{Kind, Sort, What};
use crate::program::survey::LabelKind;
use crate::program::whole::Whole;

/// Looks at the bot as a whole.
pub(in crate::program) fn check(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let Some((file, bot)) = whole.bot() else {
        if !whole.damaged() || !whole.may_hide("bot") {
            let first = whole.files().next().map_or(FileId(0), |(file, _)| file);
            out.push(
                Finding::new(Slug::MissingBot, first, Span::at(0), "no file of this folder has a `bot` block")
                    .help("write one at the top of one of them: `bot \"Acme Support\" {`, `language en-US`, `entry \"Welcome\"`, `}`"),
            );
        }
        return;
    };
    if bot.entry.is_none()
        && !whole.may_hide("entry")
        && !out.iter().any(|finding| finding.slug == Slug::WrongValue && finding.message.contains("`entry`"))
    {
        out.push(
            Finding::new(
                Slug::MissingEntry,
                file,
                bot.span,
                "this bot does not say in which dialog it begins",
            )
            .help("add a line to its block: `entry \"Welcome\"`"),
        );
    }
    let hands_over: HashSet<&str> = whole
        .files()
        .flat_map(|(_, facts)| facts.integrations.iter().filter(|integration| integration.hands_over))
        .map(|integration| integration.name.as_str())
        .collect();
    let failed = Sort::On("escalation failed".to_string());
    let failures_served = whole.dialogs().any(|(_, dialog)| dialog.sort == failed);
    let escalates = whole.dialogs().any(|(_, other)| other.sort == Sort::Escalation);
    for (file, dialog) in whole.dialogs() {
        // A line that could not be read may be the rule that is missed.
        let readable = !whole.is_unread(file);
        let closed =
            |stuck: &&Stuck| !stuck.by_type_only || !whole.type_of(&stuck.name).is_none_or(takes_everything);
        for stuck in dialog.stuck.iter().filter(|_| !escalates && readable).filter(closed) {
            out.push(
                Finding::new(Slug::NoWayOut, file, stuck.span, format!("some answers to `{}` can never leave this question", stuck.name))
                    .help("nothing may interrupt a `focused` question: add `when anything`, `retry 3 -> …` or `when silence 5m -> …`, or an `escalation dialog`"),
            );
        }
        for call in &dialog.without_failure {
            let name = call.integration.as_str();
            let served = failures_served && hands_over.contains(name);
            // A rule that could not be read may be the one for failure.
            let unread = |finding: &Finding| {
                let place = &finding.place;
                place.file == file
                    && finding.severity() == Severity::Error
                    && call.span.contains(place.span.start as usize)
            };
            if !served && whole.declares(Kind::Integration, name) && !out.iter().any(unread) {
                out.push(
                    Finding::new(Slug::CallWithoutFailure, file, call.head, "nothing is said here for when this call fails")
                        .help("add a rule: `when failure say \"…\" -> end`; without one the visitor reads the bot's apology"),
                );
            }
        }
        // Where a line could not be read, a pattern may be in it.
        if let Some(starter) = dialog
            .starter
            .as_ref()
            .filter(|_| !whole.damaged())
            .filter(|starter| starter.any.len() == starter.samples.len() && !starter.any.is_empty())
            // What another program sends, nobody says in other words.
            .filter(|starter| !starter.samples.iter().all(|(sample, _)| sample.contains(['_', ':'])))
        {
            out.push(
                Finding::new(Slug::OnlySamples, file, whole.head(file, starter.span), format!("only these very words start `{}`", dialog.name))
                    .help("add a pattern for what else people say: `pattern \"*(order|parcel)*\"` or `words \"order\"`"),
            );
        }
    }
    for (file, facts) in whole.files() {
        for intent in facts.declared.iter().filter(|declared| declared.kind == Kind::Intent) {
            out.push(
                Finding::new(
                    Slug::IntentWithoutModel,
                    file,
                    intent.span,
                    format!("no model is there yet to recognise the intent `{}`", intent.name),
                )
                .help("it fits nothing for now; give its dialog patterns and words as well"),
            );
        }
    }
    if whole.damaged() {
        return;
    }
    if !whole.dialogs().any(|(_, dialog)| dialog.sort == Sort::Fallback) {
        out.push(
            Finding::new(
                Slug::NoFallback,
                file,
                bot.span,
                "this bot has no fallback dialog, so whatever it does not understand gets its apology",
            )
            .help("add one: `fallback dialog \"Fallback\" {`, `say \"Sorry, I didn't get that.\"`, `}`"),
        );
    }
    let human = whole.dialogs().any(|(_, dialog)| {
        dialog.hands_over || dialog.calls.iter().any(|call| hands_over.contains(call.as_str()))
    });
    // A call with a slip in its name may be the one that hands over.
    let misspelt = |slug: Slug, out: &[Finding]| out.iter().any(|finding| finding.slug == slug);
    if !human && whole.dialogs().next().is_some() && !misspelt(Slug::UnknownIntegration, out) {
        out.push(
            Finding::new(
                Slug::NoWayToHuman,
                file,
                bot.span,
                "nobody can ever reach a person through this bot",
            )
            .help("add a dialog that hands over: `transfer to skill \"Human\" say \"Hold on…\"`"),
        );
    }
    unused(whole, out);
}

fn unused(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let mut used: HashSet<(Kind, &str)> = HashSet::new();
    for (_, use_) in whole.uses() {
        let kind = match use_.what {
            What::Integration => Kind::Integration,
            What::Phrases => Kind::Phrases,
            What::Intent => Kind::Intent,
            What::Entity => Kind::Entity,
            What::Hours => Kind::Hours,
            _ => continue,
        };
        used.insert((kind, use_.name.as_str()));
    }
    // A use with a slip in its name is no reason to call what it meant unused.
    let found: HashSet<Slug> = out.iter().map(|finding| finding.slug).collect();
    let open_by_value = whole.files().any(|(_, facts)| facts.hours_by_value);
    let hidden = |kind: Kind| match kind {
        Kind::Integration => found.contains(&Slug::UnknownIntegration),
        Kind::Phrases => found.contains(&Slug::UnknownPhrases),
        Kind::Intent => found.contains(&Slug::UnknownIntent),
        Kind::Entity => found.contains(&Slug::UnknownType),
        Kind::Hours => found.contains(&Slug::UnknownHours) || open_by_value,
        _ => false,
    };
    for (file, facts) in whole.files() {
        for declared in &facts.declared {
            let counts = matches!(
                declared.kind,
                Kind::Integration | Kind::Phrases | Kind::Intent | Kind::Entity | Kind::Hours
            );
            let built_in = declared.kind == Kind::Phrases
                && crate::language::words::PHRASES.contains(&declared.name.as_str());
            if counts
                && !built_in
                && !hidden(declared.kind)
                && !used.contains(&(declared.kind, declared.name.as_str()))
            {
                let how = match declared.kind {
                    Kind::Integration => format!("call it with `call \"{}\"`", declared.name),
                    Kind::Phrases => format!("use it with `phrases \"{}\"`", declared.name),
                    Kind::Intent => format!("use it with `intent \"{}\"`", declared.name),
                    Kind::Entity => format!("ask for it with `ask x \"{}\" \"…\"`", declared.name),
                    _ => format!("ask for them with `if \"{}\" is open`", declared.name),
                };
                out.push(
                    Finding::new(
                        Slug::UnusedName,
                        file,
                        declared.span,
                        format!("nothing uses the {} `{}`", declared.kind.noun(), declared.name),
                    )
                    .help(format!("{how}, or take it out")),
                );
            }
        }
    }
    let far: HashSet<(&str, &str)> = whole
        .files()
        .flat_map(|(_, facts)| &facts.far_labels)
        .map(|(dialog, label, _)| (dialog.as_str(), label.as_str()))
        .collect();
    for (file, dialog) in whole.dialogs() {
        for (name, span, kind) in &dialog.labels {
            let near = dialog.flow_uses(name);
            if *kind == LabelKind::Label
                && !found.contains(&Slug::UnknownLabel)
                && !near
                && !far.contains(&(dialog.name.as_str(), name.as_str()))
            {
                out.push(
                    Finding::new(Slug::UnusedName, file, *span, format!("nothing goes to the step `{name}`"))
                        .help(format!("go there with `-> {name}`, or take the name out")),
                );
            }
        }
    }
}
