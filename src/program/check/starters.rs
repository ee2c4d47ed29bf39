//! What starts what: the same starter twice, samples that start another dialog, starters that can never win.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::program::matcher::Scratch;
use crate::program::normal::{Heard, normal};
use crate::program::overlap::never_wins;
use crate::program::starting::Starting;
use crate::program::whole::Whole;

/// Asks the machine of all starters what each starter is good for.
pub(in crate::program) fn check(whole: &Whole<'_>, starting: &Starting, out: &mut Vec<Finding>) {
    let mut told: Vec<bool> = vec![false; starting.dialogs().len()];
    twice(whole, &mut told, out);
    let mut scratch = Scratch::new();
    for (number, (file, dialog)) in starters(whole).enumerate() {
        let Some(starter) = &dialog.starter else { continue };
        for (sample, line) in &starter.samples {
            let span = starter.any[*line].span;
            let Ok(heard) = Heard::new(sample) else { continue };
            match starting.machine().winner(&heard, &mut scratch) {
                Some(win) if win.starter != number && !told[number] => {
                    told[number] = true;
                    let winner = &starting.dialogs()[win.starter];
                    let line = &winner.any[starting.line(&win)];
                    out.push(
                        Finding::new(Slug::SampleWonElsewhere, file, span, format!("this sample of `{}` starts the dialog `{}`", dialog.name, winner.name))
                            .related(winner.file, line.span, "by this")
                            .help("the starter whose own letters account for most of the message wins, and of equals the one written first; add a longer pattern here or a `but not` there"),
                    );
                }
                None if !starter.but_not.is_empty() => {
                    told[number] = true;
                    let finding = Finding::new(
                        Slug::NeverFits,
                        file,
                        span,
                        "this sample is kept out by the dialog's own `but not`",
                    )
                    .help("take out one of the two");
                    let keeper = starting.keeper(number, &heard, &mut scratch);
                    out.push(match keeper {
                        Some(at) => finding.related(file, starter.but_not[at].span, "it fits this"),
                        None => finding,
                    });
                }
                _ => {}
            }
        }
        if told[number] {
            continue;
        }
        if let Some(by) = never_wins(starting.machine(), number, &mut scratch) {
            let mut finding = Finding::new(Slug::NeverWins, file, whole.head(file, starter.span), format!("nothing a visitor says can start `{}`", dialog.name))
                .help("whatever fits here, another starter accounts for as much of it and stands above, or for more; make this one longer, or give the other a `but not`");
            for other in by.into_iter().take(2) {
                let winner = &starting.dialogs()[other];
                finding = finding.related(
                    winner.file,
                    winner.any.first().map_or(winner.span, |line| line.span),
                    format!("`{}` wins", winner.name),
                );
            }
            out.push(finding);
        }
    }
}

/// The dialogs with a starter, in the order of the machine.
fn starters<'a>(
    whole: &'a Whole<'_>,
) -> impl Iterator<Item = (FileId, &'a crate::program::facts::DialogFacts)> {
    whole.dialogs().filter(|(_, dialog)| dialog.starter.is_some())
}

fn twice(whole: &Whole<'_>, told: &mut [bool], out: &mut Vec<Finding>) {
    let mut seen: HashMap<String, (FileId, Span, &str, bool)> = HashMap::new();
    for (number, (file, dialog)) in starters(whole).enumerate() {
        let Some(starter) = &dialog.starter else { continue };
        for line in &starter.any {
            // Capitals count in a regex, and nowhere else.
            let compared = if line.text.starts_with('/') { line.text.clone() } else { normal(&line.text) };
            let leaves_some = !starter.but_not.is_empty();
            let before = seen.get(&compared).copied();
            // What a `but not` keeps out of the first dialog is left for this one.
            let before = before.filter(|(_, _, name, leaves)| *name == dialog.name || !leaves);
            if let Some((first_file, first, name, _)) = before {
                let elsewhere = name != dialog.name;
                told[number] |= elsewhere;
                let other = whole.text(first_file, first);
                let message = match elsewhere {
                    true => format!(
                        "`{}` starts the dialog `{name}` already, so it never starts `{}`",
                        short(&line.text),
                        dialog.name
                    ),
                    false if other != line.text => {
                        format!("`{}` stands here already: capitals make no difference", short(&line.text))
                    }
                    false => format!("`{}` stands here twice", short(&line.text)),
                };
                out.push(
                    Finding::new(Slug::SamePatternTwice, file, line.span, message)
                        .related(first_file, first, "the first one")
                        .help(if elsewhere {
                            "the one written first wins; take one out, or make one of them say more"
                        } else {
                            "take one of them out"
                        }),
                );
            } else {
                seen.insert(compared, (file, line.span, &dialog.name, leaves_some));
            }
        }
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}
