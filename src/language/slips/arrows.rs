//! Slips with `->`.

use crate::diagnostics::{Finding, Slug};
use crate::language::slips::Slip;
use crate::language::slips::letters::{outside_quotes, shortened, without_comment};
use crate::language::words;

pub(super) fn wrong_arrow(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    const ARROWS: &[&str] = &[
        "=>",
        "→",
        "⇒",
        "-->",
        "–>",
        "—>",
        ">>",
        "==>",
        "goto dialog",
        "go to dialog",
        "jump to dialog",
        "goto",
        "go to",
        "jump to",
        "then ->",
        "then",
        "- >",
        "= >",
        ">",
    ];
    for (at, _) in outside_quotes(line) {
        for arrow in ARROWS {
            let word = arrow.starts_with(|letter: char| letter.is_ascii_alphabetic());
            if !line[at..].starts_with(arrow) || word && at > 0 && !line[..at].ends_with(' ') {
                continue;
            }
            let keep = if arrow.ends_with("dialog") { "-> dialog" } else { "->" };
            let meant = format!("{}{keep} {}", &line[..at], line[at + arrow.len()..].trim_start());
            if slip.reads(&meant) {
                return Some(
                    slip.find(
                        Slug::WrongArrow,
                        at..at + arrow.len(),
                        format!("the arrow is written `->`, not `{arrow}`"),
                    )
                    .help(format!("write `{}`", shortened(&meant)))
                    .fix("write `->`", vec![(slip.place(at..at + arrow.len()), keep.to_string())]),
                );
            }
        }
    }
    None
}

pub(super) fn missing_arrow(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    for (at, _) in outside_quotes(code) {
        let rest = &code[at..];
        let begins_word = at == 0 || code[..at].ends_with(' ');
        let is_action =
            words::ACTIONS.contains(&rest) || rest.starts_with("dialog \"") || rest.starts_with("dialog\"");
        if begins_word && is_action {
            let meant = format!("{}-> {rest}", &code[..at]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(
                        Slug::MissingArrow,
                        at..code.len(),
                        format!("an arrow is missing in front of `{}`", shortened(rest)),
                    )
                    .help(format!("write `-> {}`", shortened(rest)))
                    .fix("put the arrow", vec![(slip.place(at..at), "-> ".to_string())]),
                );
            }
        }
    }
    None
}

/// `-> "Welcome"` and `-> Track Order`
pub(super) fn missing_dialog(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let arrow = outside_quotes(code).map(|(at, _)| at).filter(|at| code[*at..].starts_with("->")).last()?;
    let rest = code[arrow + 2..].trim_start();
    let from = code.len() - rest.len();
    if rest.starts_with('"') {
        let meant = format!("{}dialog {rest}", &code[..from]);
        return slip.reads(&meant).then(|| {
            slip.find(Slug::WrongArrow, arrow..code.len(), "an arrow to a dialog needs the word `dialog`")
                .help(format!("write `-> dialog {}`", shortened(rest)))
                .fix("write `dialog`", vec![(slip.place(from..from), "dialog ".to_string())])
        });
    }
    let plain = rest.contains(' ') && !rest.contains('"') && !rest.starts_with("dialog ");
    (plain && slip.reads(&format!("{}dialog \"{rest}\"", &code[..from]))).then(|| {
        slip.find(
            Slug::UnreadableLine,
            from..code.len(),
            format!("`{}` is no place to go: the name of a step is one word", shortened(rest)),
        )
        .help(format!(
            "write `-> dialog \"{rest}\"` if that is a dialog, and `-> {}` if it is a step",
            rest.replace(' ', "_")
        ))
    })
}
