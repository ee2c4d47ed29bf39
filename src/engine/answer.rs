//! What a rule does once it applies: keep values, say its text, and go where it says.

use crate::conversation::Value;
use crate::program::dialog::{Dialog, Go, Path, Rule, StepAt, When};
use crate::program::formula::Formula;

use super::limits::{CHOICES_SHOWN_MAX, VARIABLE_BYTES_MAX, VARIABLE_DEPTH_MAX};
use super::listen::Caught;
use super::names::Scope;
use super::step::{Asked, Turn, place};
use super::trace::Listener;
use super::walk::Now;

/// A condition failed, and the visitor has been told.
pub(super) struct Broken;

/// A choice as it is shown.
pub(super) struct Offer<'t> {
    pub rule: &'t Rule,
    pub label: String,
    /// What is kept.
    pub value: Value,
    /// The names it brings.
    pub local: Caught,
}

impl<'t, L: Listener> Turn<'t, L> {
    /// Whether the condition of a rule holds; one that fails is logged and answered with the apology.
    pub(super) fn holds(&mut self, dialog: &Dialog, rule: &Rule, local: &Caught) -> Result<bool, Broken> {
        let Some(condition) = &rule.condition else { return Ok(true) };
        match self.value_of(condition, local) {
            Ok(value) => Ok(value.is_true()),
            Err(message) => {
                self.sorry(message, place(dialog, rule.line));
                Err(Broken)
            }
        }
    }

    /// The choices of a question as they are shown: those whose condition holds, so many as fit. One whose condition
    /// fails is logged and left out.
    pub(super) fn offers(&mut self, asked: Asked<'t>) -> Vec<Offer<'t>> {
        let mut offers = Vec::new();
        for rule in asked.question.rules.iter().filter(|rule| matches!(rule.when, When::Choice(_))) {
            for (label, value, local) in self.options(asked, rule) {
                let holds = rule.condition.as_ref().map_or(Ok(true), |condition| {
                    self.value_of(condition, &local).map(|value| value.is_true())
                });
                match holds {
                    Ok(true) => offers.push(Offer { rule, label, value, local }),
                    Ok(false) => {}
                    Err(message) => self.trouble(message, place(asked.dialog, rule.line)),
                }
                if self.is_spent() {
                    return offers;
                }
            }
        }
        if offers.len() > CHOICES_SHOWN_MAX {
            self.trouble(
                format!("{} choices are more than the {CHOICES_SHOWN_MAX} that are shown", offers.len()),
                place(asked.dialog, asked.dialog.steps[asked.at as usize].line),
            );
            offers.truncate(CHOICES_SHOWN_MAX);
        }
        offers
    }

    /// The choices a rule offers: what is shown, what is kept, and the names it brings.
    pub(super) fn options(&mut self, asked: Asked<'t>, rule: &'t Rule) -> Vec<(String, Value, Caught)> {
        let When::Choice(choice) = &rule.when else { return Vec::new() };
        let items: Vec<Caught> = match &choice.each {
            None => vec![Vec::new()],
            Some((name, list)) => match self.read(list) {
                Value::List(items) => items
                    .iter()
                    .take(CHOICES_SHOWN_MAX + 1)
                    .map(|item| vec![(name.clone(), item.clone())])
                    .collect(),
                _ => Vec::new(),
            },
        };
        let mut options = Vec::with_capacity(items.len());
        for local in items {
            match self.text_of(&choice.label, &local) {
                Ok(label) => {
                    let value = choice.value.clone().unwrap_or_else(|| Value::text(label.as_str()));
                    options.push((label, value, local));
                }
                Err(message) => self.trouble(message, place(asked.dialog, rule.line)),
            }
            if self.is_spent() {
                break;
            }
        }
        options
    }

    /// What stands under a path.
    fn read(&self, path: &Path) -> Value {
        use crate::program::formula::Names;
        let root = Scope { turn: self, local: &[] }.value(&path.root);
        path.members.iter().fold(root, |value, member| value.member(member))
    }

    /// Does what a rule of the open question says. `answer` is what is kept under the question's name.
    pub(super) fn take(&mut self, asked: Asked<'t>, rule: &'t Rule, caught: Caught, answer: Option<Value>) {
        self.applied(asked.dialog, asked.at, Some(rule));
        let missed = matches!(rule.when, When::Otherwise | When::Retry(_));
        let silent = rule.when.is_silence();
        if !missed && !silent {
            self.forgive();
        }
        for (name, value) in &caught {
            // The steps of a block can name the item as well, so that it stays with the dialog.
            if !is_item(rule, name) || rule.block.is_some() {
                self.keep(name, value.clone());
            }
        }
        if let Some(answer) = answer {
            self.answered(asked, answer);
        } else if !missed && !silent && matches!(rule.go, None | Some(Go::To(_))) {
            self.fill_others(asked);
            self.mark_filled(asked);
        }
        if !self.save_all(asked.dialog, rule, &caught, Some(&asked.question.name)) {
            return;
        }
        let stays = matches!(rule.when, When::Otherwise) || silent;
        let next = asked.dialog.steps[asked.at as usize].next;
        self.do_rule(asked.dialog, asked.at, rule, &caught, if stays { Go::Wait } else { Go::To(next) });
    }

    /// `save …`, in order. False if one failed; the visitor has a sentence then.
    pub(super) fn save_all(
        &mut self,
        dialog: &Dialog,
        rule: &Rule,
        local: &Caught,
        question: Option<&str>,
    ) -> bool {
        for (path, formula) in &rule.saves {
            let value = match formula {
                Some(formula) => match self.work_out(formula, local) {
                    Ok(value) => value,
                    Err(message) => {
                        self.sorry(message, place(dialog, rule.line));
                        return false;
                    }
                },
                None => Value::text(self.state.reply.as_str()),
            };
            match (path, question) {
                (Some(path), _) => {
                    if let Err(message) = self.assign(path, value, dialog, rule.line) {
                        self.sorry(message, place(dialog, rule.line));
                        return false;
                    }
                }
                (None, Some(question)) => self.keep(question, value),
                (None, None) => {}
            }
        }
        true
    }

    /// The end of a rule: its block, or its text and where it leads.
    pub(super) fn do_rule(
        &mut self,
        dialog: &'t Dialog,
        at: StepAt,
        rule: &'t Rule,
        local: &Caught,
        default: Go,
    ) {
        if let Some(first) = rule.block {
            return self.run(first);
        }
        if let Some(text) = &rule.say {
            if let Err(message) = self.count_message() {
                return self.sorry(message, place(dialog, rule.line));
            }
            match self.text_of(text, local) {
                Ok(text) => self.say_text(text),
                Err(message) => return self.sorry(message, place(dialog, rule.line)),
            }
        }
        if rule.go.is_some() {
            self.went(dialog, at, Some(rule));
        }
        let go = rule.go.clone().unwrap_or(default);
        let now = self.go(dialog, &go);
        self.run_from(now);
    }

    /// Goes on behind a question that has been answered.
    pub(super) fn follow(&mut self, asked: Asked<'t>, go: Option<Go>) {
        let next = asked.dialog.steps[asked.at as usize].next;
        let now = match go {
            Some(go) => {
                self.went(asked.dialog, asked.at, None);
                self.go(asked.dialog, &go)
            }
            None => Now::at(next),
        };
        self.run_from(now);
    }

    /// Keeps an answer under the question's name.
    pub(super) fn answered(&mut self, asked: Asked<'t>, value: Value) {
        self.forgive();
        self.keep(&asked.question.name, value);
        self.mark_filled(asked);
    }

    /// Every answer fills all fields of a `collect` that are found in it.
    pub(super) fn fill_others(&mut self, asked: Asked<'t>) {
        if let Some(collect) = asked.question.collected_by {
            let text = self.state.reply.clone();
            self.fill(asked.dialog, collect, &text, Some(&asked.question.name));
        }
    }

    fn mark_filled(&mut self, asked: Asked<'t>) {
        if asked.question.collected_by.is_some()
            && let Some(frame) = self.state.stack.last_mut()
            && !frame.filled.contains(&asked.question.name)
        {
            frame.filled.push(asked.question.name.clone());
        }
    }

    /// Any fit and any starter sets the misses back.
    pub(super) fn forgive(&mut self) {
        if let Some(open) = self.state.stack.last_mut().and_then(|frame| frame.open.as_mut()) {
            open.misses = 0;
        }
    }

    /// The value of a formula, within its bounds.
    pub(super) fn work_out(&mut self, formula: &Formula, local: &Caught) -> Result<Value, String> {
        let value = self.value_of(formula, local)?;
        match value.size() {
            size if size > VARIABLE_BYTES_MAX => Err(format!(
                "a value of {size} bytes is larger than the {VARIABLE_BYTES_MAX} a variable holds"
            )),
            _ => Ok(value),
        }
    }

    /// Keeps a value under a path: `x`, or a member of the map in `x`. What is not of the type that `x` is declared with
    /// leaves it without a value, and the log says so, with the line.
    pub(super) fn assign(
        &mut self,
        path: &Path,
        value: Value,
        dialog: &Dialog,
        line: u32,
    ) -> Result<(), String> {
        let whole = match path.members.as_slice() {
            [] => value,
            members => {
                use crate::program::formula::Names;
                let root = Scope { turn: self, local: &[] }.value(&path.root);
                with_member(root, members, value)
            }
        };
        if depth(&whole) > VARIABLE_DEPTH_MAX {
            return Err(format!("`{}` would be nested more than {VARIABLE_DEPTH_MAX} deep", path.root));
        }
        if whole.size() > VARIABLE_BYTES_MAX {
            return Err(format!(
                "`{}` would have {} bytes, and a variable holds {VARIABLE_BYTES_MAX}",
                path.root,
                whole.size()
            ));
        }
        let fits = match self.declared(&path.root) {
            Some(variable) => variable.holds(whole).ok_or(&variable.kind),
            None => Ok(whole),
        };
        let whole = fits.unwrap_or_else(|kind| {
            self.trouble(
                format!(
                    "`{}` is declared as `{kind}` and was given something else; it has no value now",
                    path.root
                ),
                place(dialog, line),
            );
            Value::Nothing
        });
        self.keep(&path.root, whole);
        Ok(())
    }
}

/// How deep lists and maps are nested in a value; counting stops where it is too deep anyway.
pub(super) fn depth(value: &Value) -> usize {
    fn within(value: &Value, left: usize) -> usize {
        let inner = |value: &Value| if left == 0 { 0 } else { within(value, left - 1) };
        match value {
            Value::List(list) => 1 + list.iter().map(inner).max().unwrap_or(0),
            Value::Map(map) => 1 + map.values().map(inner).max().unwrap_or(0),
            _ => 0,
        }
    }
    within(value, VARIABLE_DEPTH_MAX)
}

/// A map with one member changed; what was no map becomes one.
fn with_member(whole: Value, members: &[String], value: Value) -> Value {
    let [first, rest @ ..] = members else { return value };
    let mut map = match whole {
        Value::Map(map) => std::sync::Arc::unwrap_or_clone(map),
        _ => Default::default(),
    };
    let inner = map.remove(first).unwrap_or_default();
    map.insert(first.clone(), with_member(inner, rest, value));
    Value::map(map)
}

/// Whether a name is the item of `for s in stores`, which lives as long as the line of its rule.
fn is_item(rule: &Rule, name: &str) -> bool {
    matches!(&rule.when, When::Choice(choice) if choice.each.as_ref().is_some_and(|(item, _)| item == name))
}
