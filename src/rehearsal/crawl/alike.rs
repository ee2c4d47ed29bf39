//! When two states are the same to a crawl: what no condition looks at and what only counts time is left out.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::conversation::Moment;
use crate::program::Program;
use crate::program::dialog::{Does, Go, When};
use crate::program::formula::Formula;

use crate::rehearsal::ideas::conditions;
use crate::rehearsal::parts::arrows;
use crate::rehearsal::visit::{Holder, Visit};

/// How many dialogs of the stack make a difference, from the top.
const FRAMES: usize = 2;
/// How many questions one can go back to make a difference, where a bot goes back.
const MARKS: usize = 2;

/// What makes a difference in a bot.
pub(super) struct Alike {
    /// The names whose values some condition depends on.
    telling: BTreeSet<String>,
    /// The largest number anything is compared with.
    largest: f64,
    goes_back: bool,
    misses_max: u64,
    session: u64,
}

impl Alike {
    pub(super) fn of(program: &Program) -> Alike {
        let mut telling: BTreeSet<String> = conditions(program).flat_map(roots).collect();
        let (mut misses, mut goes_back) = (u64::from(program.settings().retry.unwrap_or(0)), false);
        let mut largest: f64 = 1.0;
        for (_, value) in conditions(program).flat_map(Formula::worth_trying) {
            largest = largest.max(value.as_number().unwrap_or(0.0));
        }
        for dialog in program.dialogs() {
            goes_back |= dialog.steps.iter().flat_map(arrows).any(|go| *go == Go::Back);
            for rule in (0..dialog.steps.len()).flat_map(|at| dialog.rules(at as u32)) {
                match &rule.when {
                    When::Retry(count) => misses = misses.max(u64::from(*count)),
                    When::Choice(choice) => {
                        telling.extend(choice.each.iter().map(|(_, list)| list.root.clone()));
                    }
                    _ => {}
                }
            }
        }
        // What a telling value is made of tells as well.
        loop {
            let before = telling.len();
            for (target, formula) in assignments(program) {
                if telling.contains(target) {
                    telling.extend(roots(formula));
                }
            }
            if telling.len() == before {
                break;
            }
        }
        let session = program.settings().session.map_or(crate::engine::SESSION_MS, |span| span.0);
        Alike { telling, largest, goes_back, misses_max: misses + 1, session }
    }

    /// The same for states that are alike.
    pub(super) fn key(&self, visit: &Visit) -> Vec<u8> {
        let state = visit.session.state();
        let mut all = serde_json::to_value(state).unwrap_or_default();
        let Some(map) = all.as_object_mut() else { return Vec::new() };
        let last = map.remove("last").and_then(|last| last.as_i64()).unwrap_or(0);
        for volatile in ["calls", "reply", "form"] {
            map.remove(volatile);
        }
        if let Some(quiet) = map.get_mut("quiet").and_then(Json::as_object_mut) {
            quiet.remove("since");
        }
        if let Some(waiting) = map.get_mut("waiting").and_then(Json::as_object_mut) {
            waiting.remove("id");
            waiting.remove("since");
            self.plain(waiting.get_mut("variables"));
        }
        match map.get_mut("trail").and_then(Json::as_array_mut) {
            Some(trail) if self.goes_back => {
                trail.drain(..trail.len().saturating_sub(MARKS));
            }
            _ => {
                map.remove("trail");
            }
        }
        if let Some(knows) = map.get_mut("knows").and_then(Json::as_object_mut) {
            knows.remove("visitor");
            knows.remove("conversation");
            self.plain(knows.get_mut("remembered"));
        }
        self.plain(map.get_mut("variables"));
        if let Some(stack) = map.get_mut("stack").and_then(Json::as_array_mut) {
            stack.drain(..stack.len().saturating_sub(FRAMES));
            for frame in stack {
                self.plain(frame.get_mut("variables"));
                if let Some(misses) = frame.get_mut("open").and_then(|open| open.get_mut("misses")) {
                    *misses = json!(misses.as_u64().unwrap_or(0).min(self.misses_max));
                }
            }
        }
        let holder = match visit.holder {
            Holder::Bot => 0,
            Holder::Queue(_) => 1,
            Holder::Agent => 2,
            Holder::Closed => 3,
        };
        let expired = last > 0 && visit.session.now().since(Moment(last)).0 > self.session;
        // Whoever waited before the first word may find other places open.
        let began = visit.began.unwrap_or(visit.session.now()).0;
        serde_json::to_vec(&json!([all, holder, expired, visit.shown, began])).unwrap_or_default()
    }

    /// Values that no condition looks at are only there; numbers beyond all that is compared are alike.
    fn plain(&self, variables: Option<&mut Json>) {
        let Some(map) = variables.and_then(Json::as_object_mut) else { return };
        for (name, value) in map.iter_mut() {
            if !self.telling.contains(name) {
                *value = Json::Bool(true);
            } else if let Some(number) = value.as_f64() {
                *value = json!(number.clamp(-self.largest - 1.0, self.largest + 1.0));
            }
        }
    }
}

fn roots(formula: &Formula) -> impl Iterator<Item = String> {
    formula.names().into_iter().filter_map(|path| path.into_iter().next())
}

/// Everything that gives a variable a value that is worked out.
fn assignments(program: &Program) -> impl Iterator<Item = (&str, &Formula)> {
    let steps = program.dialogs().flat_map(|dialog| {
        let sets = dialog.steps.iter().filter_map(|step| match &step.does {
            Does::Set(path, formula) => Some((path.root.as_str(), formula)),
            _ => None,
        });
        let rules = (0..dialog.steps.len()).flat_map(|at| dialog.rules(at as u32));
        let saves = rules
            .flat_map(|rule| &rule.saves)
            .filter_map(|(path, formula)| Some((path.as_ref()?.root.as_str(), formula.as_ref()?)));
        sets.chain(saves)
    });
    let calls = program
        .integrations()
        .filter_map(|name| program.integration(name))
        .flat_map(|integration| &integration.saves)
        .map(|(path, formula)| (path.root.as_str(), formula));
    steps.chain(calls)
}
