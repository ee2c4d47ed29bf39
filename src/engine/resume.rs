//! Calls and transfers: how they leave, and what happens when they come back, late, twice or never.

use std::collections::BTreeMap;

use crate::conversation::{Effect, Outcome, Receiver, Span, Value};
use crate::program::dialog::{Call, Dialog, Does, Fits, Go, Rule, StepAt, Transfer, When};
use crate::program::formula::Template;
use crate::program::normal::Heard;

use super::answer::Broken;
use super::limits::FAILURES_MAX;
use super::names::map;
use super::state::{Frame, Held, Waiting};
use super::step::{Turn, place};
use super::trace::{Listener, Trace};
use super::walk::Now;

/// What a starter hears when a handover failed and no dialog waits for that.
pub const ESCALATION_FAILED: &str = "__agent_escalation_failed__";

/// A handover, as the bot has it.
struct Handover<'t> {
    receiver: Receiver,
    name: Option<&'t Template>,
    say: Option<&'t Template>,
    target: &'t str,
    wait: Option<&'t Template>,
    fallback: Option<&'t Template>,
}

impl<'t, L: Listener> Turn<'t, L> {
    // ---------------------------------------------------------------------------------------------- leaving

    /// `call "X"`
    pub(super) fn call(&mut self, dialog: &'t Dialog, at: StepAt, call: &'t Call) -> Now {
        let program = self.program;
        let Some(integration) = program.integration(&call.integration) else {
            return self.fail(format!("there is no integration `{}`", call.integration), dialog, at);
        };
        if integration.kind == "escalate" {
            let receiver =
                if integration.text("agent").is_some() { Receiver::Agent } else { Receiver::Skill };
            let name = integration.text("agent").or_else(|| integration.text("skill"));
            let handover = Handover {
                receiver,
                name,
                say: integration.text("message"),
                target: &call.integration,
                wait: integration.text("wait"),
                fallback: integration.text("fallback"),
            };
            return self.hand_over(dialog, at, handover);
        }
        let id = self.wait_for(dialog, at, &call.integration, false);
        let with = self.values_of(&integration.uses);
        self.effects.push(Effect::Call { id, integration: call.integration.clone(), with });
        Now::Still
    }

    /// `transfer to skill "X"`
    pub(super) fn transfer(&mut self, dialog: &'t Dialog, at: StepAt, transfer: &'t Transfer) -> Now {
        let (name, say) = (Some(&transfer.name), transfer.say.as_ref());
        let handover = Handover { receiver: transfer.to, name, say, target: "", wait: None, fallback: None };
        self.hand_over(dialog, at, handover)
    }

    /// The bot's last message, and the conversation goes to somebody else. The stack is emptied; what is needed to
    /// go on after a failure is kept.
    fn hand_over(&mut self, dialog: &'t Dialog, at: StepAt, handover: Handover<'t>) -> Now {
        let render = |text: Option<&Template>| text.map_or(Ok(String::new()), |text| self.text_of(text, &[]));
        let [name, say, wait, fallback] =
            match [handover.name, handover.say, handover.wait, handover.fallback].map(render) {
                [Ok(name), Ok(say), Ok(wait), Ok(fallback)] => [name, say, wait, fallback],
                [Err(message), ..] | [_, Err(message), ..] | [.., Err(message), _] | [.., Err(message)] => {
                    return self.fail(message, dialog, at);
                }
            };
        self.say_text(say);
        let id = self.wait_for(dialog, at, handover.target, true);
        let (wait, fallback) = (Span::read(&wait), Some(fallback).filter(|fallback| !fallback.is_empty()));
        self.effects.push(Effect::Transfer { id, to: handover.receiver, name, wait, fallback });
        self.state.stack.clear();
        self.state.trail.clear();
        self.state.quiet = None;
        self.over = true;
        Now::Still
    }

    fn wait_for(&mut self, dialog: &'t Dialog, at: StepAt, target: &str, left: bool) -> u64 {
        self.state.calls = self.state.calls.saturating_add(1);
        let id = self.state.calls;
        let number = awaited(dialog).position(|step| step == at).unwrap_or(0) as u32;
        let variables = match left {
            true => self.state.stack.last().map(|frame| frame.variables.clone()).unwrap_or_default(),
            false => BTreeMap::new(),
        };
        self.state.waiting = Some(Waiting {
            id,
            dialog: dialog.name.clone(),
            number,
            target: target.to_string(),
            variables,
            left,
            since: self.at,
            taken: false,
            says: self.says,
            hops: self.hops,
        });
        id
    }

    // --------------------------------------------------------------------------------------------- coming back

    /// An answer to a call or transfer. One that nobody waits for is ignored, and the log says so.
    pub(super) fn returned(&mut self, id: u64, outcome: &Outcome) {
        let Some(waiting) = self.state.waiting.take_if(|waiting| waiting.id == id) else {
            return self
                .trouble(format!("the answer to call {id} is late or a second one, and is ignored"), None);
        };
        self.response = response(outcome);
        let succeeded = matches!(outcome, Outcome::Success { .. });
        if waiting.left {
            if succeeded {
                self.came_back(&waiting, None);
                // Somebody seems to have it. It may still come back, so that the place is kept.
                self.state.waiting = Some(Waiting { taken: true, ..waiting });
                return;
            }
            let reason = self.response.member("reason").to_string();
            self.came_back(&waiting, Some(&reason));
            return self.handover_failed(waiting, &reason);
        }
        let reason = (!succeeded).then(|| self.response.member("reason").to_string());
        self.came_back(&waiting, reason.as_deref());
        self.call_returned(waiting, succeeded);
        if self.over || self.state.waiting.is_some() {
            return;
        }
        match self.state.held.take() {
            Some(Held::Began) => self.enter_entry(),
            Some(Held::Said(text)) => self.listen(&text, true),
            None => {}
        }
    }

    /// A call or transfer came back, for those who listen.
    fn came_back(&mut self, waiting: &Waiting, failure: Option<&str>) {
        if L::LISTENS
            && let Some(dialog) = self.program.dialog(&waiting.dialog)
            && let Some(step) = find(dialog, waiting)
        {
            self.listener.hear(Trace::Returned {
                dialog: dialog.name.clone(),
                step,
                line: dialog.steps[step as usize].line,
                integration: waiting.target.clone(),
                failure: failure.map(str::to_string),
            });
        }
    }

    fn call_returned(&mut self, waiting: Waiting, succeeded: bool) {
        // A silence is not counted while the bot is busy.
        if let Some(quiet) = &mut self.state.quiet {
            quiet.since = quiet.since.max(self.at);
        }
        (self.says, self.hops) = (waiting.says, waiting.hops);
        let program = self.program;
        let found =
            program.dialog(&waiting.dialog).and_then(|dialog| find(dialog, &waiting).map(|at| (dialog, at)));
        let beneath = self.state.stack.iter().position(|frame| frame.dialog == waiting.dialog);
        let Some(((dialog, at), beneath)) = found.zip(beneath) else {
            self.trouble(
                format!(
                    "the call of `{}` came back, but the dialog `{}` is gone",
                    waiting.target, waiting.dialog
                ),
                None,
            );
            return self.apologise();
        };
        self.state.stack.truncate(beneath + 1);
        let Does::Call(call) = &dialog.steps[at as usize].does else { return };
        self.won("returned", &dialog.name, place(dialog, dialog.steps[at as usize].line), 0);
        if succeeded && !self.save_response(dialog, at, call) {
            return;
        }
        let Ok(rule) = self.rule_for(dialog, &call.rules, succeeded) else { return };
        if let Some(rule) = rule {
            self.applied(dialog, at, Some(rule));
            if self.save_all(dialog, rule, &Vec::new(), None) {
                self.do_rule(dialog, at, rule, &Vec::new(), Go::To(dialog.steps[at as usize].next));
            }
            return;
        }
        let now = match (succeeded, &call.then) {
            (true, Some(go)) => {
                self.went(dialog, at, None);
                self.go(dialog, &go.clone())
            }
            (true, None) => Now::at(dialog.steps[at as usize].next),
            (false, _) => {
                let reason = self.response.member("reason").to_string();
                self.trouble(
                    format!("the call of `{}` failed: {reason}", call.integration),
                    place(dialog, dialog.steps[at as usize].line),
                );
                self.apologise();
                Now::Over
            }
        };
        self.run_from(now);
    }

    /// The `save` lines of an integration.
    fn save_response(&mut self, dialog: &'t Dialog, at: StepAt, call: &Call) -> bool {
        let program = self.program;
        let Some(integration) = program.integration(&call.integration) else { return true };
        for (path, formula) in &integration.saves {
            let line = dialog.steps[at as usize].line;
            let value = self.work_out(formula, &Vec::new());
            let kept = value.and_then(|value| self.assign(path, value, dialog, line));
            if let Err(message) = kept {
                self.sorry(message, place(dialog, line));
                return false;
            }
        }
        true
    }

    fn rule_for(
        &mut self,
        dialog: &Dialog,
        rules: &'t [Rule],
        succeeded: bool,
    ) -> Result<Option<&'t Rule>, Broken> {
        let fits = |rule: &Rule| match &rule.when {
            When::Fits(any) => any.iter().any(|fits| match fits {
                Fits::Success => succeeded,
                Fits::Failure => !succeeded,
                _ => false,
            }),
            When::Otherwise => true,
            _ => false,
        };
        for rule in rules.iter().filter(|rule| fits(rule)) {
            if self.holds(dialog, rule, &Vec::new())? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// A handover failed: the rule of its step, else `on escalation failed`, else a starter for it. The fourth in a
    /// row is the last.
    fn handover_failed(&mut self, waiting: Waiting, reason: &str) {
        if self.gives_up_handing_over(reason) {
            return;
        }
        let program = self.program;
        let found =
            program.dialog(&waiting.dialog).and_then(|dialog| find(dialog, &waiting).map(|at| (dialog, at)));
        if let Some((dialog, at)) = found {
            let rules = match &dialog.steps[at as usize].does {
                Does::Transfer(transfer) => &transfer.rules,
                Does::Call(call) => &call.rules,
                _ => return,
            };
            self.state.stack =
                vec![Frame { dialog: dialog.name.clone(), variables: waiting.variables, ..Frame::default() }];
            self.quiet_now();
            let Ok(rule) = self.rule_for(dialog, rules, false) else { return };
            if let Some(rule) = rule {
                self.won("returned", &dialog.name, place(dialog, rule.line), 0);
                self.applied(dialog, at, Some(rule));
                if self.save_all(dialog, rule, &Vec::new(), None) {
                    self.do_rule(dialog, at, rule, &Vec::new(), Go::To(dialog.steps[at as usize].next));
                }
                return;
            }
            self.state.stack.clear();
        }
        self.nobody_there(reason);
    }

    /// Counts a handover that failed. The fourth in a row is answered with the apology only.
    pub(super) fn gives_up_handing_over(&mut self, reason: &str) -> bool {
        self.state.failures = self.state.failures.saturating_add(1);
        if self.state.failures <= FAILURES_MAX {
            return false;
        }
        let failures = self.state.failures;
        self.trouble(
            format!(
                "{failures} handovers in a row failed ({reason}), and {FAILURES_MAX} is the most that are answered"
            ),
            None,
        );
        self.apologise();
        true
    }

    /// A handover failed that no rule waits for.
    pub(super) fn nobody_there(&mut self, reason: &str) {
        self.quiet_now();
        self.event = map([("name", Value::text("escalation failed")), ("reason", Value::text(reason))]);
        let program = self.program;
        if let Some(dialog) = program.on("escalation failed") {
            self.won("event", &dialog.name, None, 0);
            return self.enter_in_place(dialog);
        }
        let starts = Heard::new(ESCALATION_FAILED).ok().and_then(|heard| {
            // Only a starter made for it: `*(agent|human)*` would fit these letters as well.
            let win = program.starters().interrupter(&heard, &mut crate::program::matcher::Scratch::new())?;
            Some((win, program.started_by(&win)?))
        });
        match starts {
            Some((win, dialog)) => {
                if L::LISTENS {
                    let heard = ESCALATION_FAILED.to_string();
                    self.listener.hear(Trace::Started { win, heard });
                }
                self.enter(dialog, None, None)
            }
            None => {
                self.trouble(
                    format!("a handover failed ({reason}), and nothing in the bot answers that"),
                    None,
                );
                self.apologise();
            }
        }
    }

    fn quiet_now(&mut self) {
        self.state.quiet = Some(super::state::Quiet { since: self.at, ..Default::default() });
    }
}

/// The steps of a dialog that can wait for an answer from elsewhere.
fn awaited(dialog: &Dialog) -> impl Iterator<Item = StepAt> {
    let waits = |step: &crate::program::dialog::Step| matches!(step.does, Does::Call(_) | Does::Transfer(_));
    dialog.steps.iter().enumerate().filter(move |(_, step)| waits(step)).map(|(at, _)| at as StepAt)
}

/// The step that waits, in this version of the dialog: by its number if it still calls the same, else by what it calls.
fn find(dialog: &Dialog, waiting: &Waiting) -> Option<StepAt> {
    let calls = |at: &StepAt| match &dialog.steps[*at as usize].does {
        Does::Call(call) => call.integration == waiting.target,
        _ => waiting.target.is_empty(),
    };
    awaited(dialog).nth(waiting.number as usize).filter(&calls).or_else(|| awaited(dialog).find(calls))
}

/// `response` in expressions.
fn response(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Success { status, body } => map([("status", Value::Whole(*status)), ("body", body.clone())]),
        Outcome::Failure { reason, status, body } => map([
            ("reason", Value::text(reason.as_str())),
            ("status", Value::Whole(*status)),
            ("body", body.clone()),
        ]),
    }
}
