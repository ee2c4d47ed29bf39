//! All that a file says, as flat lists: every text, expression, matcher, arrow and question with the dialog it
//! stands in. The checks of one file go through these lists instead of walking the tree again and again.

use crate::diagnostics::Span;
use crate::language::syntax::*;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextRole {
    Say,
    Question,
    ChoiceLabel,
    Note,
    Address,
    Card,
    LogEvent,
    LogDetail,
    TransferTarget,
    /// A field of an integration.
    Field,
    /// A field of an integration that holds JSON.
    JsonField,
    /// The apology.
    Apology,
}

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExprRole {
    Condition,
    Value,
}

/// Where a matcher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatcherRole {
    Starter,
    StarterExcept,
    Phrases,
    Entity,
    Rule(Asking),
}

/// What kind of step a list of rules belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Ask,
    Choose,
    Call,
    Transfer,
}

impl Asking {
    pub(super) fn word(self) -> &'static str {
        match self {
            Asking::Ask => "ask",
            Asking::Choose => "choose",
            Asking::Call => "call",
            Asking::Transfer => "transfer",
        }
    }
}

/// Where something stands: in which dialog or integration of the file, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Bot,
    Dialog(usize),
    Integration(usize),
    Elsewhere,
}

pub(super) struct TextAt<'t> {
    pub text: &'t Text,
    pub role: TextRole,
    pub home: Home,
}

pub(super) struct ExprAt<'t> {
    pub expr: &'t Expr,
    pub role: ExprRole,
    pub home: Home,
}

pub(super) struct MatcherAt<'t> {
    pub matcher: &'t Matcher,
    pub role: MatcherRole,
    pub home: Home,
}

pub(super) struct ActionAt<'t> {
    pub action: &'t Action,
    /// Whether a question is open there.
    pub asked: bool,
    pub dialog: usize,
}

/// A variable that is given a value.
pub(super) struct SetAt<'t> {
    pub path: &'t Name,
    pub value: Option<&'t Expr>,
    pub home: Home,
}

/// A question, call or transfer.
pub(super) struct QuestionAt<'t> {
    pub asking: Asking,
    pub span: Span,
    pub name: Option<&'t Name>,
    pub ask: Option<&'t Ask>,
    pub focused: bool,
    pub rules: Option<&'t Block<Rule>>,
    pub dialog: usize,
}

/// Everything in a file, flat.
#[derive(Default)]
pub(super) struct Survey<'t> {
    pub bots: Vec<(&'t Bot, Span)>,
    pub dialogs: Vec<(&'t Dialog, Span)>,
    pub integrations: Vec<(&'t Integration, Span)>,
    pub phrases: Vec<(&'t Phrases, Span)>,
    pub intents: Vec<(&'t Intent, Span)>,
    pub entities: Vec<(&'t Entity, Span)>,
    pub hours: Vec<(&'t Hours, Span)>,
    pub texts: Vec<TextAt<'t>>,
    pub exprs: Vec<ExprAt<'t>>,
    pub matchers: Vec<MatcherAt<'t>>,
    pub actions: Vec<ActionAt<'t>>,
    pub sets: Vec<SetAt<'t>>,
    pub questions: Vec<QuestionAt<'t>>,
    /// Variables of dialogs, with the dialog.
    pub vars: Vec<(&'t Var, Home)>,
    /// Labels and the names of questions, with the dialog.
    pub labels: Vec<(&'t Name, usize, LabelKind)>,
    /// `for s in stores`: the name, the list, the dialog.
    pub loops: Vec<(&'t Name, &'t Name, usize)>,
    /// `user says`, with its place, its dialog, and whether it is the first step.
    pub starters: Vec<(&'t Block<Listen>, Span, usize, bool)>,
    pub calls: Vec<(&'t Call, usize)>,
    pub transfers: Vec<(&'t Transfer, usize)>,
    pub collects: Vec<(&'t Block<Step>, Span, usize)>,
    /// Braces with nothing between them: of `if`, of a rule, of a question's rules.
    pub empty: Vec<Span>,
    /// Pauses and other times.
    pub pauses: Vec<&'t Duration>,
    pub responds: Vec<&'t Value>,
}

/// What a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelKind {
    Label,
    Question,
}

impl<'t> Survey<'t> {
    /// Goes through a whole file once.
    pub(super) fn of(file: &'t File) -> Survey<'t> {
        let mut survey = Survey::default();
        for line in &file.block.lines {
            survey.declaration(&line.item, line.span);
        }
        survey
    }

    fn declaration(&mut self, item: &'t Declaration, span: Span) {
        match item {
            Declaration::Bot(bot) => self.bot(bot, span),
            Declaration::Integration(integration) => self.integration(integration, span),
            Declaration::Phrases(phrases) => {
                self.phrases.push((phrases, span));
                self.listens(&phrases.block, MatcherRole::Phrases, MatcherRole::Phrases, Home::Elsewhere);
            }
            Declaration::Intent(intent) => self.intents.push((intent, span)),
            Declaration::Entity(entity) => {
                self.entities.push((entity, span));
                for value in entity.block.items() {
                    for matcher in &value.matchers {
                        self.matchers.push(MatcherAt {
                            matcher,
                            role: MatcherRole::Entity,
                            home: Home::Elsewhere,
                        });
                    }
                }
            }
            Declaration::Hours(hours) => self.hours.push((hours, span)),
            Declaration::Dialog(dialog) => {
                let number = self.dialogs.len();
                self.dialogs.push((dialog, span));
                for (place, line) in dialog.block.lines.iter().enumerate() {
                    if let Step::UserSays(listens) = &line.item {
                        self.starter(listens, line.span, number, place == 0);
                    } else {
                        self.step(&line.item, line.span, number, false);
                    }
                }
            }
        }
    }

    fn bot(&mut self, bot: &'t Bot, span: Span) {
        self.bots.push((bot, span));
        for line in bot.block.items() {
            match line {
                BotLine::Var(var) => self.var(var, Home::Bot),
                BotLine::Setting(setting) if setting.name.text == "apology" => {
                    for value in &setting.values {
                        if let Argument::Text(text) = value {
                            self.texts.push(TextAt { text, role: TextRole::Apology, home: Home::Bot });
                        }
                    }
                }
                BotLine::Setting(_) => {}
            }
        }
    }

    fn integration(&mut self, integration: &'t Integration, span: Span) {
        let home = Home::Integration(self.integrations.len());
        self.integrations.push((integration, span));
        for line in integration.block.items() {
            match line {
                IntegrationLine::Save(save) => self.save(save, home),
                IntegrationLine::Field(field) => {
                    let json =
                        matches!(field.values.first(), Some(Argument::Value(value)) if value.text == "json");
                    for value in &field.values {
                        if let Argument::Text(text) = value {
                            let role = if json { TextRole::JsonField } else { TextRole::Field };
                            self.texts.push(TextAt { text, role, home });
                        }
                    }
                }
            }
        }
    }

    fn var(&mut self, var: &'t Var, home: Home) {
        self.vars.push((var, home));
        if let Some(value) = &var.value {
            self.exprs.push(ExprAt { expr: value, role: ExprRole::Value, home });
        }
    }

    fn save(&mut self, save: &'t Save, home: Home) {
        if let Some(path) = &save.path {
            self.sets.push(SetAt { path, value: save.value.as_ref(), home });
        }
        if let Some(value) = &save.value {
            self.exprs.push(ExprAt { expr: value, role: ExprRole::Value, home });
        }
    }

    fn starter(&mut self, listens: &'t Block<Listen>, span: Span, dialog: usize, first: bool) {
        self.starters.push((listens, span, dialog, first));
        self.listens(listens, MatcherRole::Starter, MatcherRole::StarterExcept, Home::Dialog(dialog));
    }

    fn listens(&mut self, block: &'t Block<Listen>, role: MatcherRole, except: MatcherRole, home: Home) {
        for listen in block.items() {
            match listen {
                Listen::Any(any) => {
                    self.matchers.extend(any.iter().map(|matcher| MatcherAt { matcher, role, home }))
                }
                Listen::ButNot(matcher) => self.matchers.push(MatcherAt { matcher, role: except, home }),
            }
        }
    }

    fn steps(&mut self, block: &'t Block<Step>, dialog: usize, asked: bool) {
        if block.lines.is_empty() {
            self.empty.push(block.span);
        }
        for line in &block.lines {
            self.step(&line.item, line.span, dialog, asked);
        }
    }

    fn step(&mut self, step: &'t Step, span: Span, dialog: usize, asked: bool) {
        match step {
            Step::UserSays(listens) => self.starter(listens, span, dialog, false),
            Step::Var(var) => self.var(var, Home::Dialog(dialog)),
            Step::Do { label, statement } => {
                if let Some(label) = label {
                    self.labels.push((label, dialog, LabelKind::Label));
                }
                if let Some(statement) = statement {
                    self.statement(statement, span, dialog, asked);
                }
            }
        }
    }

    fn statement(&mut self, statement: &'t Statement, span: Span, dialog: usize, asked: bool) {
        let home = Home::Dialog(dialog);
        match statement {
            Statement::Say { text, action } => {
                self.text(text, TextRole::Say, home);
                self.action(action.as_ref(), dialog, asked);
            }
            Statement::Note(text) => self.text(text, TextRole::Note, home),
            Statement::Image { url, alt } => {
                self.text(url, TextRole::Address, home);
                if let Some(alt) = alt {
                    self.text(alt, TextRole::Note, home);
                }
            }
            Statement::Card(text) => self.text(text, TextRole::Card, home),
            Statement::Log { event, detail } => {
                self.text(event, TextRole::LogEvent, home);
                if let Some(detail) = detail {
                    self.text(detail, TextRole::LogDetail, home);
                }
            }
            Statement::Pause(time) => self.pauses.push(time),
            Statement::Respond(Respond::Word(word)) => self.responds.push(word),
            Statement::Respond(Respond::Time(_)) => {}
            Statement::Set { path, value } => {
                self.sets.push(SetAt { path, value: Some(value), home });
                self.exprs.push(ExprAt { expr: value, role: ExprRole::Value, home });
            }
            Statement::If(item) => self.if_(item, dialog, asked),
            Statement::Ask(ask) => {
                self.labels.push((&ask.name, dialog, LabelKind::Question));
                self.text(&ask.text, TextRole::Question, home);
                let rules = ask.then.rules();
                let (name, ask_, focused) = (Some(&ask.name), Some(ask), ask.focused);
                self.questions.push(QuestionAt {
                    asking: Asking::Ask,
                    span,
                    name,
                    ask: ask_,
                    focused,
                    rules,
                    dialog,
                });
                self.then(&ask.then, Asking::Ask, dialog, true);
            }
            Statement::Choose(choose) => {
                self.labels.push((&choose.name, dialog, LabelKind::Question));
                self.text(&choose.text, TextRole::Question, home);
                let (name, rules, focused) = (Some(&choose.name), Some(&choose.rules), choose.focused);
                self.questions.push(QuestionAt {
                    asking: Asking::Choose,
                    span,
                    name,
                    ask: None,
                    focused,
                    rules,
                    dialog,
                });
                self.rules(&choose.rules, Asking::Choose, dialog, true);
            }
            Statement::Collect(steps) => {
                self.collects.push((steps, span, dialog));
                for line in &steps.lines {
                    self.step(&line.item, line.span, dialog, asked);
                }
            }
            Statement::Call(call) => {
                self.calls.push((call, dialog));
                let rules = call.then.rules();
                self.questions.push(QuestionAt {
                    asking: Asking::Call,
                    span,
                    name: None,
                    ask: None,
                    focused: false,
                    rules,
                    dialog,
                });
                self.then(&call.then, Asking::Call, dialog, asked);
            }
            Statement::Transfer(transfer) => {
                self.transfers.push((transfer, dialog));
                self.text(&transfer.target, TextRole::TransferTarget, home);
                if let Some(say) = &transfer.say {
                    self.text(say, TextRole::Say, home);
                }
                let rules = transfer.rules.as_ref();
                self.questions.push(QuestionAt {
                    asking: Asking::Transfer,
                    span,
                    name: None,
                    ask: None,
                    focused: false,
                    rules,
                    dialog,
                });
                if let Some(rules) = rules {
                    self.rules(rules, Asking::Transfer, dialog, asked);
                }
            }
            Statement::Go(action) => self.action(Some(action), dialog, asked),
        }
    }

    fn if_(&mut self, item: &'t If, dialog: usize, asked: bool) {
        self.exprs.push(ExprAt {
            expr: &item.condition,
            role: ExprRole::Condition,
            home: Home::Dialog(dialog),
        });
        self.steps(&item.then, dialog, asked);
        match &item.otherwise {
            None => {}
            Some(Else::If(other)) => self.if_(other, dialog, asked),
            Some(Else::Block(block)) => self.steps(block, dialog, asked),
        }
    }

    fn text(&mut self, text: &'t Text, role: TextRole, home: Home) {
        self.texts.push(TextAt { text, role, home });
    }

    fn action(&mut self, action: Option<&'t Action>, dialog: usize, asked: bool) {
        if let Some(action) = action {
            self.actions.push(ActionAt { action, asked, dialog });
        }
    }

    fn then(&mut self, then: &'t Then, asking: Asking, dialog: usize, asked: bool) {
        match then {
            Then::Nothing => {}
            Then::Rules(rules) => self.rules(rules, asking, dialog, asked),
            Then::Action(action) => self.action(Some(action), dialog, asked),
        }
    }

    fn rules(&mut self, block: &'t Block<Rule>, asking: Asking, dialog: usize, asked: bool) {
        let home = Home::Dialog(dialog);
        // `choose` has a finding of its own for that.
        if block.lines.is_empty() && asking != Asking::Choose {
            self.empty.push(block.span);
        }
        for rule in block.items() {
            let fits = match &rule.when {
                When::Fits(fits) => Some(fits),
                When::Choice(choice) => {
                    self.text(&choice.label, TextRole::ChoiceLabel, home);
                    if let Some((name, list)) = &choice.each {
                        self.loops.push((name, list, dialog));
                    }
                    Some(&choice.fits)
                }
                When::Otherwise(_) | When::Retry(_) => None,
            };
            for matcher in fits.into_iter().flat_map(|fits| fits.any.iter().chain(&fits.but_not)) {
                self.matchers.push(MatcherAt { matcher, role: MatcherRole::Rule(asking), home });
            }
            if let Some(condition) = &rule.tail.condition {
                self.exprs.push(ExprAt { expr: condition, role: ExprRole::Condition, home });
            }
            rule.tail.saves.iter().for_each(|save| self.save(save, home));
            match &rule.tail.body {
                Body::Short { say, action } => {
                    if let Some(say) = say {
                        self.text(say, TextRole::Say, home);
                    }
                    self.action(action.as_ref(), dialog, asked);
                }
                Body::Block(steps) => self.steps(steps, dialog, asked),
            }
        }
    }
}
