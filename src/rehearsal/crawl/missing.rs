//! What a crawl has not reached, and why, as far as the bot itself tells.

use std::collections::HashSet;

use crate::program::Program;
use crate::program::dialog::{Dialog, Does};
use crate::program::formula::Formula;

use crate::rehearsal::coverage::Coverage;
use crate::rehearsal::parts::{Kind, Part, PartId};
use crate::rehearsal::play::Stage;

/// The parts that are not covered, each with a reason.
pub(super) fn missing(
    stage: &Stage<'_>,
    coverage: &Coverage,
    ended_by: Option<&str>,
) -> Vec<(PartId, String)> {
    let begun: HashSet<&str> = coverage
        .parts()
        .iter()
        .filter(|(id, part)| part.kind == Kind::Dialog && coverage.count(*id) > 0)
        .map(|(_, part)| &*part.dialog)
        .collect();
    coverage.uncovered().map(|(id, part)| (id, why(stage.program, part, &begun, ended_by))).collect()
}

fn why(program: &Program, part: &Part, begun: &HashSet<&str>, ended_by: Option<&str>) -> String {
    if let Some((condition, holds)) = condition(program, part) {
        let word = if holds { "true" } else { "false" };
        let given = condition.names().into_iter().find(|path| {
            path.first().is_some_and(|root| matches!(root.as_str(), "visitor" | "conversation"))
                && path.len() > 1
        });
        return match given {
            Some(path) => {
                format!("`{}` was never {word}; try --given {}=VALUE", condition.source(), path.join("."))
            }
            None => format!("`{}` was never {word}", condition.source()),
        };
    }
    let starts = part.kind == Kind::Starter || part.kind == Kind::Alternative;
    if starts && ended_by.is_none() {
        return "every message that was tried for it starts another dialog, or another line of this one"
            .to_string();
    }
    if part.kind != Kind::Dialog && !begun.contains(&*part.dialog) {
        return format!("the dialog \"{}\" never began", part.dialog);
    }
    match ended_by {
        Some(limit) => format!("not found: {limit}"),
        None => "nothing that was tried leads there".to_string(),
    }
}

/// The condition that a part depends on by itself, and whether it has to hold.
fn condition<'p>(program: &'p Program, part: &Part) -> Option<(&'p Formula, bool)> {
    let dialog: &Dialog = program.dialog(&part.dialog)?;
    let step = |step: &'p crate::program::dialog::Step| match &step.does {
        Does::If(condition, ..) if step.line == part.line => {
            let holds = part.address.ends_with(" then");
            (holds || part.address.ends_with(" else")).then_some((condition, holds))
        }
        _ => None,
    };
    if let Some(found) = dialog.steps.iter().find_map(step) {
        return Some(found);
    }
    if !matches!(part.kind, Kind::Rule | Kind::Edge) {
        return None;
    }
    let rules = (0..dialog.steps.len()).flat_map(|at| dialog.rules(at as u32));
    let rule = rules.into_iter().find(|rule| rule.line == part.line)?;
    rule.condition.as_ref().map(|condition| (condition, true))
}
