//! A dialog as it runs: a flat table of steps, each knowing the one that follows it.
//!
//! Steps are numbered inside their dialog; other dialogs, types, lists of phrases and integrations are named, so that
//! a file can be compiled without the others and a conversation can outlive a version of its bot.

use std::collections::HashMap;
use std::sync::Arc;

use crate::conversation::{Due, Receiver, Span, Value};
use crate::program::formula::{Formula, Template};
use crate::program::kinds::declared;
use crate::program::matcher::Matcher;

/// A step of a dialog, by its number.
pub type StepAt = u32;

/// A dialog.
#[derive(Debug)]
pub struct Dialog {
    /// Its name.
    pub name: String,
    /// What starts it besides what visitors say.
    pub starts: Starts,
    /// The file it stands in.
    pub path: Arc<str>,
    /// The line it begins on, counted from 1.
    pub line: u32,
    /// Variables it has for itself.
    pub variables: Vec<Variable>,
    /// Those of its names that logs and recordings mask.
    pub private: Vec<String>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The first of them; without one the dialog is over as it begins.
    pub first: Option<StepAt>,
    /// Where its labels and questions stand.
    pub labels: HashMap<String, StepAt>,
}

impl Dialog {
    /// The names that its steps keep something under: questions, and what is saved or set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| {
            let (name, rules): (Option<&str>, &[Rule]) = match &step.does {
                Does::Set(path, _) => (Some(&path.root), &[]),
                Does::Ask(question) => (Some(&question.name), &question.rules),
                Does::Call(call) => (None, &call.rules),
                Does::Transfer(transfer) => (None, &transfer.rules),
                _ => (None, &[]),
            };
            let saved = rules.iter().flat_map(|rule| &rule.saves);
            name.into_iter().chain(saved.filter_map(|(path, _)| Some(path.as_ref()?.root.as_str())))
        })
    }

    /// The rules of a step: of a question, call or transfer.
    pub fn rules(&self, step: StepAt) -> &[Rule] {
        match self.steps.get(step as usize).map(|step| &step.does) {
            Some(Does::Ask(question)) => &question.rules,
            Some(Does::Call(call)) => &call.rules,
            Some(Does::Transfer(transfer)) => &transfer.rules,
            _ => &[],
        }
    }
}

/// What starts a dialog besides what visitors say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Starts {
    /// `dialog`: a starter or a jump.
    Plain,
    /// `fallback dialog`
    Fallback,
    /// `escalation dialog`
    Escalation,
    /// `disambiguation dialog`
    Disambiguation,
    /// `on EVENT dialog`, with the time of `silence`.
    On(String, Option<Span>),
}

/// A variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The name of its type.
    pub kind: String,
    /// Whether it is kept for the visitor, for good.
    pub remember: bool,
    /// Whether logs and recordings mask it.
    pub private: bool,
    /// Its value at first.
    pub initial: Option<Formula>,
}

/// A step.
#[derive(Debug)]
pub struct Step {
    /// The line it stands on, counted from 1.
    pub line: u32,
    /// What it does.
    pub does: Does,
    /// What follows; nothing at the end of the dialog.
    pub next: Option<StepAt>,
}

/// What a step does.
#[derive(Debug)]
pub enum Does {
    /// Nothing: a label by itself.
    Nothing,
    /// `say "…"`
    Say(Template),
    /// `note "…"`
    Note(Template),
    /// `image "…" "…"`
    Image(Template, Template),
    /// `card "…"`
    Card(Template),
    /// `log "…" "…"`
    Log(Template, Template),
    /// `pause 2s`
    Pause(Span),
    /// `respond within urgent`
    Respond(Due),
    /// `set x = …`
    Set(Path, Formula),
    /// `if …`: the first step of the branch whose condition is true; nothing goes on behind the `if`.
    If(Formula, Option<StepAt>, Option<StepAt>),
    /// `ask` and `choose`
    Ask(Box<Question>),
    /// `collect`: its questions.
    Collect(Vec<StepAt>),
    /// `call "…"`
    Call(Box<Call>),
    /// `transfer to …`
    Transfer(Box<Transfer>),
    /// `-> there`
    Go(Go),
    /// Behind the block of `otherwise` or `when silence`: the question at this step stays open.
    Stay(StepAt),
}

/// Where an arrow leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    /// On to a step, or to the end of the dialog: `next`, or a label.
    To(Option<StepAt>),
    /// Say the question again.
    Repeat,
    /// Leave the question open.
    Wait,
    /// Leave this dialog.
    End,
    /// Leave all of them.
    EndAll,
    /// To the question asked before.
    Back,
    /// Close the conversation.
    Close {
        /// Whether a survey may follow.
        survey: bool,
    },
    /// To another dialog, or a step in it.
    Dialog(String, Option<String>),
}

/// `x` or `x.y.z`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The variable.
    pub root: String,
    /// What stands behind its dots.
    pub members: Vec<String>,
}

/// A question.
#[derive(Debug)]
pub struct Question {
    /// Its name: a label, and where the answer is kept.
    pub name: String,
    /// The name of the type written in it.
    pub kind: Option<String>,
    /// What is asked.
    pub text: Template,
    /// Whether starters may not interrupt.
    pub focused: bool,
    /// Whether it is `choose`.
    pub choose: bool,
    /// Choices and rules, as written.
    pub rules: Vec<Rule>,
    /// `ask x "…" -> there`
    pub then: Option<Go>,
    /// The `collect` it belongs to.
    pub collected_by: Option<StepAt>,
}

/// A rule of a question, call or transfer.
#[derive(Debug)]
pub struct Rule {
    /// The line it stands on.
    pub line: u32,
    /// When it applies.
    pub when: When,
    /// None of these may fit.
    pub but_not: Vec<Fits>,
    /// `and if …`
    pub condition: Option<Formula>,
    /// `save …`: the variable (none: the question's), the value (none: the reply).
    pub saves: Vec<(Option<Path>, Option<Formula>)>,
    /// `say "…"`
    pub say: Option<Template>,
    /// Where to go then; without it `otherwise` and silence leave the question open, all else goes on.
    pub go: Option<Go>,
    /// `{ … }`: the first step of the block; the inner nothing is an empty block.
    pub block: Option<Option<StepAt>>,
}

/// When a rule applies.
#[derive(Debug)]
pub enum When {
    /// `when …`: any of these.
    Fits(Vec<Fits>),
    /// A choice.
    Choice(Choice),
    /// `otherwise`
    Otherwise,
    /// `retry N`
    Retry(u32),
}

impl Variable {
    /// A value as it holds it; nothing, if the value is not of its type: `"12"` is a number, `"three"` is none.
    pub fn holds(&self, value: Value) -> Option<Value> {
        declared(&self.kind, value)
    }
}

impl When {
    /// Whether only a silence takes the rule, and never a message.
    pub fn is_silence(&self) -> bool {
        matches!(self, When::Fits(any) if !any.is_empty() && any.iter().all(|fits| matches!(fits, Fits::Silence(_))))
    }
}

/// One thing a rule compares with.
#[derive(Debug)]
pub enum Fits {
    /// What the visitor says.
    Matcher(Matcher),
    /// A list of phrases, by name.
    Phrases(String),
    /// `anything`
    Anything,
    /// `success`
    Success,
    /// `failure`
    Failure,
    /// `silence 5m`
    Silence(Span),
    /// An intent, which no model recognises yet.
    Intent(String),
}

/// A choice.
#[derive(Debug)]
pub struct Choice {
    /// `for s in stores`: the name, and the list.
    pub each: Option<(String, Path)>,
    /// What is shown.
    pub label: Template,
    /// The label as an answer, where it is the same for everybody.
    pub said: Option<Matcher>,
    /// What is kept, where it is not the label.
    pub value: Option<Value>,
    /// What else counts as choosing it.
    pub any: Vec<Fits>,
}

/// A call of an integration.
#[derive(Debug)]
pub struct Call {
    /// The integration.
    pub integration: String,
    /// What follows.
    pub rules: Vec<Rule>,
    /// `call "…" -> there`, on success.
    pub then: Option<Go>,
}

/// A transfer without an integration.
#[derive(Debug)]
pub struct Transfer {
    /// To whom.
    pub to: Receiver,
    /// The name.
    pub name: Template,
    /// The bot's last message.
    pub say: Option<Template>,
    /// What follows when it fails.
    pub rules: Vec<Rule>,
}
