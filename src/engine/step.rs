//! What a bot does about an event: the one function everything else calls.

use std::cell::Cell;

use crate::conversation::{Effect, Event, Happening, Knowledge, Log, Moment, Outcome, Span, Value};
use crate::program::Program;
use crate::program::dialog::{Dialog, Does, Question, Rule, StepAt, Variable};
use crate::program::formula::{Budget, Fault, Formula, Template};

use super::answer::depth;
use super::limits::{BUSY_MS, SESSION_MS, STACK_MAX, VARIABLE_DEPTH_MAX};
use super::names::{Scope, map};
use super::size::{Change, Kept};
use super::state::{FORM, Frame, Held, Quiet, State};
use super::trace::{Listener, Trace, number_of};

/// What comes of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where the bot is now.
    pub state: State,
    /// What is to be done, in this order.
    pub effects: Vec<Effect>,
    /// When the bot wants to be woken, if nothing happens before.
    pub wake: Option<Moment>,
}

/// One turn: a program, a state and an event in; a state and effects out. Every event in every state has its step.
pub fn step(program: &Program, state: State, event: &Event) -> Step {
    step_with(program, state, event, &mut ())
}

/// The same, with somebody who wants to know what was tried, what won and why.
pub fn step_with<L: Listener>(program: &Program, state: State, event: &Event, listener: &mut L) -> Step {
    let mut turn = Turn::new(program, state, event.at, listener);
    turn.fit_to_this_version();
    match &event.what {
        Happening::Knows(knowledge) => turn.knows(knowledge),
        Happening::Began => turn.began(),
        Happening::Said(text) => turn.said(text),
        Happening::Woke => turn.woke(),
        Happening::Returned { id, outcome } => turn.returned(*id, outcome),
        Happening::EscalationFailed { reason } => turn.escalation_failed(reason),
        Happening::Other { name, data } => turn.other(name, data),
    }
    turn.finish()
}

/// Begins a dialog as if a starter of it had fired; nothing, if the bot has none of this name. A call that is waited
/// for is given up.
pub fn start_with<L: Listener>(
    program: &Program,
    state: State,
    dialog: &str,
    at: Moment,
    listener: &mut L,
) -> Option<Step> {
    let dialog = program.dialog(dialog)?;
    let mut turn = Turn::new(program, state, at, listener);
    turn.fit_to_this_version();
    turn.hear_from_visitor();
    (turn.state.waiting, turn.state.held) = (None, None);
    let first = dialog.first.and_then(|first| dialog.steps.get(first as usize));
    turn.won("goto", &dialog.name, first.and_then(|step| place(dialog, step.line)), 0);
    turn.forgive();
    turn.enter(dialog, None, None);
    Some(turn.finish())
}

/// A question that is open, with the dialog and the step it stands in.
#[derive(Clone, Copy)]
pub(super) struct Asked<'t> {
    pub dialog: &'t Dialog,
    pub at: StepAt,
    pub question: &'t Question,
}

/// A turn while it runs.
pub(super) struct Turn<'t, L> {
    pub program: &'t Program,
    pub state: State,
    pub effects: Vec<Effect>,
    pub at: Moment,
    pub listener: &'t mut L,
    /// What came back from a call.
    pub response: Value,
    /// What came with an event.
    pub event: Value,
    /// Messages and calls since the last question, in this dialog.
    pub says: u32,
    /// Jumps from dialog to dialog.
    pub hops: u32,
    /// Steps of any kind.
    pub steps: u32,
    /// What expressions and texts may still cost.
    pub budget: Cell<Budget>,
    /// Whether the conversation was handed over or closed.
    pub over: bool,
    /// Whether the conversation has been closed: what comes next begins a new session.
    pub closed: bool,
    /// Variables that changed, to take that back.
    pub changes: Vec<Change<'t>>,
}

impl<'t, L: Listener> Turn<'t, L> {
    fn new(program: &'t Program, mut state: State, at: Moment, listener: &'t mut L) -> Turn<'t, L> {
        let (response, event) = (Value::Nothing, Value::Nothing);
        state.unfold_trail();
        Turn {
            program,
            state,
            effects: Vec::new(),
            at,
            listener,
            response,
            event,
            says: 0,
            hops: 0,
            steps: 0,
            budget: Cell::new(Budget::new()),
            over: false,
            closed: false,
            changes: Vec::new(),
        }
    }

    fn finish(mut self) -> Step {
        if self.closed {
            self.forget_session();
        }
        self.state.form = FORM;
        self.state.fold_trail();
        self.keep_small();
        let wake = self.next_wake();
        Step { state: self.state, effects: self.effects, wake }
    }

    // --------------------------------------------------------------------------------------------- events

    fn knows(&mut self, knowledge: &Knowledge) {
        let kept = std::mem::take(&mut self.state.knows.remembered);
        self.state.knows = knowledge.clone();
        let known = &mut self.state.knows;
        let given = [&mut known.visitor, &mut known.conversation];
        let all = given.into_iter().chain(known.remembered.values_mut());
        let mut deep = false;
        for value in all.filter(|value| depth(value) > VARIABLE_DEPTH_MAX) {
            *value = Value::Nothing;
            deep = true;
        }
        if deep {
            self.trouble(format!("what is known is nested more than {VARIABLE_DEPTH_MAX} deep"), None);
        }
        // What this conversation has kept already is newer than what was known before it.
        self.state.knows.remembered.extend(kept);
    }

    fn began(&mut self) {
        if !self.state.begun {
            self.begin(None);
            self.quiet_from_now();
            match self.state.waiting {
                _ if self.over => {}
                Some(_) => self.state.held = Some(Held::Began),
                None => self.enter_entry(),
            }
        }
    }

    /// The visitor does something: the session begins, goes on or begins anew. True, if it begins.
    fn hear_from_visitor(&mut self) -> bool {
        let session = self.program.settings().session.unwrap_or(Span(SESSION_MS));
        let expired = self.state.begun && self.at.since(self.state.last) > session;
        if expired {
            self.forget_session();
        }
        let first = !self.state.begun;
        if first {
            self.begin(expired.then_some("session expired"));
        }
        self.state.last = self.state.last.max(self.at);
        if !self.over {
            self.quiet_from_now();
        }
        first
    }

    fn said(&mut self, text: &str) {
        let first = self.hear_from_visitor();
        if self.over {
            return;
        }
        match &self.state.waiting {
            Some(waiting) if waiting.left => {
                if waiting.taken {
                    self.state.failures = 0;
                }
                self.state.waiting = None;
            }
            // `on start` calls somebody: the message is answered when that is over.
            Some(_) if first => {
                self.state.held = Some(Held::Said(text.to_string()));
                return;
            }
            // The bot is busy: what is said meanwhile stands in the record and is not answered.
            Some(waiting) if self.at.since(waiting.since) <= Span(BUSY_MS) => return,
            Some(_) | None => {}
        }
        let first = self.state.held.take().is_some() || first;
        self.listen(text, first);
    }

    fn other(&mut self, name: &str, data: &Value) {
        self.event = map([("name", Value::text(name)), ("data", data.clone())]);
        if let Some(dialog) = self.program.on(name) {
            self.won("event", &dialog.name, None, 0);
            self.enter_in_place(dialog);
        }
    }

    fn escalation_failed(&mut self, reason: &str) {
        let id = self.state.waiting.as_ref().filter(|waiting| waiting.left).map(|waiting| waiting.id);
        let outcome = Outcome::Failure { reason: reason.to_string(), status: 0, body: Value::Nothing };
        match id {
            Some(id) => self.returned(id, &outcome),
            None if self.gives_up_handing_over(reason) => {}
            None => self.nobody_there(reason),
        }
    }

    /// The shortest silence that is due and not answered yet.
    fn woke(&mut self) {
        let Some(quiet) = self.state.quiet else { return };
        let Some(due) = self.silences().filter(|due| *due > quiet.answered).min() else { return };
        if self.state.waiting.is_some() || self.at.since(quiet.since) < due {
            return;
        }
        self.state.quiet = Some(Quiet { answered: due, ..quiet });
        if let Some(asked) = self.asked()
            && !matches!(self.answer_silence(asked, due), Ok(false))
        {
            return;
        }
        if let Some(dialog) = self.program.on_silence(due) {
            self.won("silence", &dialog.name, None, 0);
            self.enter_in_place(dialog);
        }
    }

    fn next_wake(&self) -> Option<Moment> {
        let quiet = self.state.quiet.filter(|_| self.state.waiting.is_none())?;
        let due = self.silences().filter(|due| *due > quiet.answered).min()?;
        Some(quiet.since.after(due))
    }

    /// The silences that the open question or an `on silence` dialog waits for.
    fn silences(&self) -> impl Iterator<Item = Span> {
        let own = self.asked().into_iter().flat_map(|asked| asked.question.silences());
        own.chain(self.program.silences())
    }

    fn quiet_from_now(&mut self) {
        self.state.quiet = Some(Quiet { since: self.at, answered: Span(0) });
    }

    // -------------------------------------------------------------------------------------------- sessions

    fn begin(&mut self, expired: Option<&str>) {
        self.state.begun = true;
        self.state.last = self.at;
        let program = self.program;
        for variable in program.variables() {
            let known = variable.remember && self.state.knows.remembered.contains_key(&variable.name);
            if let Some(value) = self.first_value(variable).filter(|_| !known) {
                self.keep(&variable.name, value);
            }
        }
        let dialog = expired.and_then(|event| program.on(event)).or_else(|| program.on("start"));
        if let Some(dialog) = dialog {
            self.enter_in_place(dialog);
        }
    }

    fn forget_session(&mut self) {
        let knows = std::mem::take(&mut self.state.knows);
        let calls = self.state.calls;
        self.state = State { knows, calls, ..State::default() };
    }

    pub(super) fn enter_entry(&mut self) {
        let program = self.program;
        if let Some(dialog) = program.dialog(&program.settings().entry) {
            self.won("entry", &dialog.name, None, 0);
            return self.enter(dialog, None, None);
        }
        self.fall_back();
    }

    // -------------------------------------------------------------------------------------------- variables

    /// The value a variable has at first.
    pub(super) fn first_value(&mut self, variable: &Variable) -> Option<Value> {
        let formula = variable.initial.as_ref()?;
        match self.value_of(formula, &[]) {
            Ok(value) => {
                let fits = variable.holds(value);
                if fits.is_none() {
                    let (name, kind) = (&variable.name, &variable.kind);
                    self.trouble(
                        format!("`{name}` is declared as `{kind}` and begins with something else"),
                        None,
                    );
                }
                fits
            }
            Err(message) => {
                self.trouble(message, None);
                None
            }
        }
    }

    /// What a name is declared as: in the dialog that runs, or else in the bot.
    pub(super) fn declared(&self, name: &str) -> Option<&'t Variable> {
        let program = self.program;
        let dialog = self.state.stack.last().and_then(|frame| program.dialog(&frame.dialog));
        let own = dialog.and_then(|dialog| dialog.variables.iter().find(|variable| variable.name == name));
        own.or_else(|| program.variable(name))
    }

    /// Keeps a value under a name: a variable of the bot, or else of the dialog that runs.
    pub(super) fn keep(&mut self, name: &str, value: Value) {
        let program = self.program;
        let declared = program.variable(name);
        let own = self.state.stack.last().and_then(|frame| program.dialog(&frame.dialog));
        let local = own.is_some_and(|dialog| dialog.variables.iter().any(|variable| variable.name == name));
        let (place, kept) = match (declared, self.state.stack.last_mut()) {
            (Some(variable), _) if variable.remember && !local => {
                (&mut self.state.knows.remembered, Kept::ForGood)
            }
            (Some(_), _) if !local => (&mut self.state.variables, Kept::ForTheSession),
            (_, Some(frame)) => {
                (&mut frame.variables, own.map_or(Kept::ForTheSession, |own| Kept::In(&own.name)))
            }
            (_, None) => (&mut self.state.variables, Kept::ForTheSession),
        };
        let before = match &value {
            Value::Nothing => place.remove(name),
            value => place.insert(name.to_string(), value.clone()),
        };
        self.changes.push(Change { kept, name: name.to_string(), before: before.clone() });
        if declared.is_some_and(|variable| variable.remember && !local) {
            self.effects.push(Effect::Remember { name: name.to_string(), value: value.clone() });
        }
        if L::LISTENS {
            let mask = |value: Value| {
                if program.is_private(name) && value != Value::Nothing {
                    Value::text("•••")
                } else {
                    value
                }
            };
            let (before, after) = (mask(before.unwrap_or_default()), mask(value));
            self.listener.hear(Trace::Set { name: name.to_string(), before, after });
        }
    }

    // ----------------------------------------------------------------------------------- dialogs on the stack

    /// The question that is open, if there is one.
    pub(super) fn asked(&self) -> Option<Asked<'t>> {
        let frame = self.state.stack.last()?;
        let open = frame.open.as_ref()?;
        let dialog = self.program.dialog(&frame.dialog)?;
        find_question(dialog, &open.question)
    }

    /// Puts a dialog on top; one that stands on the stack already is unwound to and begun again.
    pub(super) fn put(&mut self, dialog: &'t Dialog, in_place: bool) {
        if !in_place {
            // Whoever goes elsewhere does not wait for a call any more.
            self.state.waiting = None;
        }
        if let Some(place) = self.state.stack.iter().position(|frame| frame.dialog == dialog.name) {
            self.state.stack.truncate(place);
        }
        while self.state.stack.len() >= STACK_MAX {
            let lowest = self.state.stack.remove(0);
            self.trouble(
                format!("more than {STACK_MAX} dialogs are waiting; `{}` is forgotten", lowest.dialog),
                None,
            );
        }
        self.state.stack.push(Frame { dialog: dialog.name.clone(), in_place, ..Frame::default() });
        if L::LISTENS {
            self.listener.hear(Trace::Entered { dialog: dialog.name.clone() });
        }
        self.says = 0;
        for variable in &dialog.variables {
            if let Some(value) = self.first_value(variable) {
                self.keep(&variable.name, value);
            }
        }
    }

    /// What a state says of an earlier version of the bot, as far as this version knows it.
    fn fit_to_this_version(&mut self) {
        let program = self.program;
        for place in 0..self.state.stack.len() {
            let frame = &self.state.stack[place];
            let dialog = program.dialog(&frame.dialog);
            let lost = match (dialog, &frame.open) {
                (None, _) => Some(format!("this version has no dialog `{}`", frame.dialog)),
                (Some(dialog), Some(open)) if find_question(dialog, &open.question).is_none() => {
                    Some(format!(
                        "the dialog `{}` has no question `{}` in this version",
                        frame.dialog, open.question
                    ))
                }
                _ => None,
            };
            if let Some(lost) = lost {
                self.state.stack.truncate(place);
                self.trouble(format!("{lost}; the conversation goes on without it"), None);
                break;
            }
        }
    }

    // ------------------------------------------------------------------------------------------ expressions

    /// A text with its holes filled, within what the turn may still cost. `local`: names that only a rule brings.
    pub(super) fn text_of(&self, text: &Template, local: &[(String, Value)]) -> Result<String, String> {
        self.spend(|budget| text.say(&Scope { turn: self, local }, budget))
    }

    /// What a formula comes to, within what the turn may still cost.
    pub(super) fn value_of(&self, formula: &Formula, local: &[(String, Value)]) -> Result<Value, String> {
        self.spend(|budget| formula.value(&Scope { turn: self, local }, budget))
    }

    /// Takes what something costs off the one budget of the turn.
    pub(super) fn spend<T>(&self, work: impl FnOnce(&mut Budget) -> Result<T, Fault>) -> Result<T, String> {
        let mut budget = self.budget.take();
        let done = work(&mut budget);
        self.budget.set(budget);
        done.map_err(|fault| fault.message)
    }

    /// Whether the turn has cost all that it may: whatever is to be worked out now fails.
    pub(super) fn is_spent(&self) -> bool {
        let budget = self.budget.take();
        let spent = budget.work_left() == 0 || budget.bytes_left() == 0;
        self.budget.set(budget);
        spent
    }

    // ------------------------------------------------------------------------------------------------- log

    /// Something went wrong: a line in the log.
    pub(super) fn trouble(&mut self, what: impl Into<String>, place: Option<String>) {
        self.effects.push(Effect::Log(Log::Trouble { what: what.into(), place }));
    }

    /// A question, call or transfer does what one of its rules says, or takes the answer by itself.
    pub(super) fn applied(&mut self, dialog: &Dialog, step: StepAt, rule: Option<&Rule>) {
        if L::LISTENS {
            let line = rule.map_or(dialog.steps[step as usize].line, |rule| rule.line);
            let rule = rule.and_then(|rule| number_of(dialog.rules(step), rule));
            self.listener.hear(Trace::Applied { dialog: dialog.name.clone(), step, rule, line });
        }
    }

    /// An arrow of a rule is followed, or that of a question or call itself.
    pub(super) fn went(&mut self, dialog: &Dialog, step: StepAt, rule: Option<&Rule>) {
        if L::LISTENS {
            let rule = rule.and_then(|rule| number_of(dialog.rules(step), rule));
            self.listener.hear(Trace::Went { dialog: dialog.name.clone(), step, rule });
        }
    }

    pub(super) fn won(&mut self, kind: &'static str, dialog: &str, place: Option<String>, own: u32) {
        if L::LISTENS {
            self.listener.hear(Trace::Won { kind, dialog: dialog.to_string(), place, own });
        }
    }
}

/// The file and line of a step.
pub(super) fn place(dialog: &Dialog, line: u32) -> Option<String> {
    Some(format!("{}:{line}", dialog.path))
}

/// A question of a dialog, by its name.
pub(super) fn find_question<'t>(dialog: &'t Dialog, name: &str) -> Option<Asked<'t>> {
    let at = *dialog.labels.get(name)?;
    match &dialog.steps.get(at as usize)?.does {
        Does::Ask(question) if question.name == name => Some(Asked { dialog, at, question }),
        _ => None,
    }
}
