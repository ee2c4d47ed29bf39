//! The tree as written: what the author typed, with its places, and nothing of what it means.
//!
//! Every block is a list of [`Line`]s; a line carries the blank lines and comments above it and the comment
//! behind it, so that the formatter loses nothing. Two trees are the same when their [`outline`](super::outline)s are.

use crate::diagnostics::Span;

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// What it declares.
    pub block: Block<Declaration>,
    /// Stretches that could not be read; each has its finding.
    pub unread: Vec<Span>,
}

/// Lines between braces (or a whole file).
#[derive(Debug, Clone)]
pub struct Block<T> {
    /// From brace to brace.
    pub span: Span,
    /// The comment behind the opening brace.
    pub opening: Option<Comment>,
    /// The lines.
    pub lines: Vec<Line<T>>,
    /// Blank lines and comments before the closing brace.
    pub below: Vec<Trivia>,
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Block { span: Span::default(), opening: None, lines: Vec::new(), below: Vec::new() }
    }
}

impl<T> Block<T> {
    /// What stands on the lines.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.lines.iter().map(|line| &line.item)
    }
}

/// One statement, with what stands around it.
#[derive(Debug, Clone)]
pub struct Line<T> {
    /// Blank lines and comments above it.
    pub above: Vec<Trivia>,
    /// The statement.
    pub item: T,
    /// Its place.
    pub span: Span,
    /// The comment behind it (behind its closing brace, if it has a block).
    pub comment: Option<Comment>,
}

/// What stands between statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trivia {
    /// One or more empty lines.
    Blank,
    /// `# …` or `## …`
    Comment(Comment),
}

/// `# …`, or `## …` for documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its text, with its `#`.
    pub text: String,
    /// Its place.
    pub span: Span,
}

impl Comment {
    /// The text of a doc comment.
    pub fn doc(&self) -> Option<&str> {
        self.text.strip_prefix("##").map(str::trim)
    }
}

/// A word the author chose: a variable, a label, a kind.
#[derive(Debug, Clone)]
pub struct Name {
    /// The word.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// `"…"` or `"""…"""`.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it says, escapes resolved. Inside a pattern only `\"` is an escape of the text.
    pub value: String,
    /// Its place, quotes included.
    pub span: Span,
    /// Whether it is a `"""` text over several lines.
    pub long: bool,
}

/// A condition or value, as written; minijinja reads it.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Its source.
    pub source: String,
    /// Its place.
    pub span: Span,
}

/// A word, number or name without quotes: `en-US`, `3`, `Europe/Berlin`.
#[derive(Debug, Clone)]
pub struct Value {
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// `5m`: a number and its unit.
#[derive(Debug, Clone)]
pub struct Duration {
    /// The number.
    pub number: u64,
    /// `ms`, `s`, `m`, `h` or `d`.
    pub unit: &'static str,
    /// Its place.
    pub span: Span,
}

impl Duration {
    /// In milliseconds; very long ones end at the largest number there is.
    pub fn milliseconds(&self) -> u64 {
        let unit = match self.unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 86_400_000,
        };
        self.number.saturating_mul(unit)
    }
}

/// `text`, `number`, or an entity's `"name"`.
#[derive(Debug, Clone)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Its place.
    pub span: Span,
    /// `private` behind it: masked in logs and recordings.
    pub private: bool,
}

/// What may stand at the top of a file.
#[derive(Debug, Clone)]
pub enum Declaration {
    /// `bot "X" { … }`
    Bot(Bot),
    /// `integration "X" api { … }`
    Integration(Integration),
    /// `phrases "x" { … }`
    Phrases(Phrases),
    /// `intent "x" { … }`
    Intent(Intent),
    /// `entity "x" { … }`
    Entity(Entity),
    /// `hours "X" { … }`
    Hours(Hours),
    /// `dialog "X" { … }` of any kind
    Dialog(Dialog),
}

/// `bot "X" { … }`
#[derive(Debug, Clone)]
pub struct Bot {
    /// Its name.
    pub name: Text,
    /// Settings and variables.
    pub block: Block<BotLine>,
}

/// A line of the bot's block.
#[derive(Debug, Clone)]
pub enum BotLine {
    /// `var x text = "…"` or `remember x number = 0`
    Var(Var),
    /// `language en-US`
    Setting(Setting),
}

/// A word with what follows it: a setting of the bot, or a field of an integration.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The word.
    pub name: Name,
    /// What follows: texts and plain values.
    pub values: Vec<Argument>,
}

/// A text or a plain value.
#[derive(Debug, Clone)]
pub enum Argument {
    /// `"…"`
    Text(Text),
    /// `en-US`, `3`, `5s`
    Value(Value),
}

impl Argument {
    /// Its place.
    pub fn span(&self) -> Span {
        match self {
            Argument::Text(text) => text.span,
            Argument::Value(value) => value.span,
        }
    }
}

/// `var x text private = "…"`
#[derive(Debug, Clone)]
pub struct Var {
    /// `remember`: kept for this visitor, for good.
    pub remember: bool,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: Type,
    /// Its value at first.
    pub value: Option<Expr>,
}

/// `integration "X" api { … }`
#[derive(Debug, Clone)]
pub struct Integration {
    /// Its name.
    pub name: Text,
    /// `api`, `escalate` and so on.
    pub kind: Name,
    /// Its lines.
    pub block: Block<IntegrationLine>,
}

/// A line of an integration.
#[derive(Debug, Clone)]
pub enum IntegrationLine {
    /// `save x = response.body.x`
    Save(Save),
    /// Every other line.
    Field(Setting),
}

/// `phrases "x" { … }`
#[derive(Debug, Clone)]
pub struct Phrases {
    /// Its name.
    pub name: Text,
    /// What belongs to it.
    pub block: Block<Listen>,
}

/// `intent "x" { … }`
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its name.
    pub name: Text,
    /// Samples, or the domain that knows it.
    pub block: Block<IntentLine>,
}

/// A line of an intent.
#[derive(Debug, Clone)]
pub enum IntentLine {
    /// `"sample"`
    Sample(Text),
    /// `domain "…"`
    Domain(Text),
}

/// `entity "x" { … }`
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its name.
    pub name: Text,
    /// Its values.
    pub block: Block<EntityValue>,
}

/// `"Munich" = "MUC" or words "muc"`, or a regex that is a value by itself.
#[derive(Debug, Clone)]
pub struct EntityValue {
    /// What the visitor may say: the first is the value's own name, or a regex.
    pub matchers: Vec<Matcher>,
    /// What is kept, where it is not the name.
    pub value: Option<Literal>,
}

/// A fixed value.
#[derive(Debug, Clone)]
pub enum Literal {
    /// `"MUC"`
    Text(Text),
    /// `7`, `true`
    Value(Value),
}

/// `hours "Office" { … }`
#[derive(Debug, Clone)]
pub struct Hours {
    /// Its name.
    pub name: Text,
    /// `zone Europe/Berlin`, `mon-fri 08:00-17:00`, `2026-12-25 closed`
    pub block: Block<Value>,
}

/// A dialog of any kind.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// What starts it.
    pub kind: DialogKind,
    /// Its name.
    pub name: Text,
    /// Its steps.
    pub block: Block<Step>,
}

/// What starts a dialog.
#[derive(Debug, Clone)]
pub enum DialogKind {
    /// `dialog`: what the visitor says, or a jump.
    Plain,
    /// `fallback dialog`
    Fallback,
    /// `escalation dialog`
    Escalation,
    /// `disambiguation dialog`
    Disambiguation,
    /// `on EVENT dialog`
    On(Event),
}

/// The words between `on` and `dialog`.
#[derive(Debug, Clone)]
pub struct Event {
    /// The words, single spaces between them, without the duration.
    pub name: String,
    /// Of `silence 20m`.
    pub duration: Option<Duration>,
    /// Their place.
    pub span: Span,
}

/// A line of a dialog, or of a block in it.
#[derive(Debug, Clone)]
pub enum Step {
    /// `user says { … }`
    UserSays(Block<Listen>),
    /// `var x text`
    Var(Var),
    /// `label: statement`, either of them missing at times
    Do {
        /// The name to jump to.
        label: Option<Name>,
        /// What is done.
        statement: Option<Statement>,
    },
}

/// What a dialog does.
#[derive(Debug, Clone)]
pub enum Statement {
    /// `say "…" -> there`
    Say {
        /// To the visitor.
        text: Text,
        /// Where to go then.
        action: Option<Action>,
    },
    /// `note "…"`
    Note(Text),
    /// `image "…" "what it shows"`
    Image {
        /// Where it is.
        url: Text,
        /// For those who cannot see it.
        alt: Option<Text>,
    },
    /// `card """…"""`
    Card(Text),
    /// `log "event" "detail"`
    Log {
        /// Its name.
        event: Text,
        /// What happened.
        detail: Option<Text>,
    },
    /// `pause 2s`
    Pause(Duration),
    /// `respond within urgent`
    Respond(Respond),
    /// `set x = EXPR`
    Set {
        /// `x` or `x.y`
        path: Name,
        /// Its value.
        value: Expr,
    },
    /// `if EXPR { } else if … { } else { }`
    If(If),
    /// `ask name "…" { … }`
    Ask(Ask),
    /// `choose name "…" { … }`
    Choose(Choose),
    /// `collect { … }`
    Collect(Block<Step>),
    /// `call "X" { … }`
    Call(Call),
    /// `transfer to skill "X" { … }`
    Transfer(Transfer),
    /// `-> there`
    Go(Action),
}

/// `urgent`, `normal`, `prioritized`, or a time.
#[derive(Debug, Clone)]
pub enum Respond {
    /// A word.
    Word(Value),
    /// A time.
    Time(Duration),
}

/// A condition and its branches.
#[derive(Debug, Clone)]
pub struct If {
    /// The condition.
    pub condition: Expr,
    /// What is done when it is true.
    pub then: Block<Step>,
    /// `else if …` or `else`.
    pub otherwise: Option<Else>,
}

/// The other branch.
#[derive(Debug, Clone)]
pub enum Else {
    /// `else if EXPR { … }`
    If(Box<If>),
    /// `else { … }`
    Block(Block<Step>),
}

/// `ask name TYPE "…" focused { … }`
#[derive(Debug, Clone)]
pub struct Ask {
    /// Its name: the label, and where the answer is kept.
    pub name: Name,
    /// What is looked for in the answer.
    pub kind: Option<Type>,
    /// The question.
    pub text: Text,
    /// Whether other dialogs may not interrupt.
    pub focused: bool,
    /// What follows.
    pub then: Then,
}

/// `choose name "…" focused { … }`
#[derive(Debug, Clone)]
pub struct Choose {
    /// Its name.
    pub name: Name,
    /// The question.
    pub text: Text,
    /// Whether other dialogs may not interrupt.
    pub focused: bool,
    /// Choices and rules.
    pub rules: Block<Rule>,
}

/// `call "X" { … }`
#[derive(Debug, Clone)]
pub struct Call {
    /// The integration.
    pub integration: Text,
    /// What follows.
    pub then: Then,
}

/// `transfer to skill "X" say "…" { … }`
#[derive(Debug, Clone)]
pub struct Transfer {
    /// `skill`, `agent` or `bot`.
    pub to: Name,
    /// Its name, or a template for it.
    pub target: Text,
    /// The bot's last message.
    pub say: Option<Text>,
    /// What follows when it fails.
    pub rules: Option<Block<Rule>>,
}

/// What stands behind a question or a call.
#[derive(Debug, Clone)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// `{ … }`
    Rules(Block<Rule>),
    /// `-> there`
    Action(Action),
}

impl Then {
    /// The rules, if there are some.
    pub fn rules(&self) -> Option<&Block<Rule>> {
        match self {
            Then::Rules(rules) => Some(rules),
            _ => None,
        }
    }
}

/// A rule of a question, call or transfer.
#[derive(Debug, Clone)]
pub struct Rule {
    /// When it applies.
    pub when: When,
    /// What then.
    pub tail: Tail,
}

/// When a rule applies.
#[derive(Debug, Clone)]
pub enum When {
    /// `when M or M but not M`
    Fits(Fits),
    /// `for s in stores "{{ s.city }}" = "value" or M`
    Choice(Choice),
    /// `otherwise`
    Otherwise(Span),
    /// `retry 3`
    Retry(Value),
}

/// Any of the matchers, none of the exceptions.
#[derive(Debug, Clone)]
pub struct Fits {
    /// Any of these.
    pub any: Vec<Matcher>,
    /// None of these.
    pub but_not: Vec<Matcher>,
}

/// A choice the visitor is shown.
#[derive(Debug, Clone)]
pub struct Choice {
    /// `for s in stores`: the name, and the list's path.
    pub each: Option<(Name, Name)>,
    /// What is shown.
    pub label: Text,
    /// What is kept, where it is not the label.
    pub value: Option<Literal>,
    /// What else counts as choosing it.
    pub fits: Fits,
}

/// What a rule does.
#[derive(Debug, Clone)]
pub struct Tail {
    /// `and if EXPR`
    pub condition: Option<Expr>,
    /// `save x = EXPR`
    pub saves: Vec<Save>,
    /// What is done.
    pub body: Body,
}

/// What is done at the end of a rule.
#[derive(Debug, Clone)]
pub enum Body {
    /// `say "…" -> there`, either of them missing at times
    Short {
        /// To the visitor.
        say: Option<Text>,
        /// Where to go then.
        action: Option<Action>,
    },
    /// `{ … }`
    Block(Block<Step>),
}

/// `save x = EXPR`, `save x`, `save`
#[derive(Debug, Clone)]
pub struct Save {
    /// The variable; without one, the question's.
    pub path: Option<Name>,
    /// The value; without one, the reply.
    pub value: Option<Expr>,
    /// Its place.
    pub span: Span,
}

/// A line of `user says` or of a list of phrases.
#[derive(Debug, Clone)]
pub enum Listen {
    /// `pattern "…"`, several with `or`
    Any(Vec<Matcher>),
    /// `but not pattern "…"`
    ButNot(Matcher),
}

/// What a message can be compared with.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// How.
    pub kind: MatcherKind,
    /// Its place.
    pub span: Span,
}

/// The ways to compare.
#[derive(Debug, Clone)]
pub enum MatcherKind {
    /// `"exact"`
    Exact(Text),
    /// `pattern "…"`
    Pattern(Text),
    /// `words "…"`
    Words(Text),
    /// `phrases "…"`
    Phrases(Text),
    /// `intent "…"`
    Intent(Text),
    /// `/regex/i`
    Regex(Regex),
    /// `anything`
    Anything,
    /// `success`
    Success,
    /// `failure`
    Failure,
    /// `silence 5m`
    Silence(Duration),
}

/// `/regex/i`
#[derive(Debug, Clone)]
pub struct Regex {
    /// Between the slashes, `\/` resolved.
    pub source: String,
    /// Whether `i` stands behind it.
    pub ignore_case: bool,
    /// Its place, slashes included.
    pub span: Span,
}

/// `-> there`
#[derive(Debug, Clone)]
pub struct Action {
    /// Where.
    pub target: Target,
    /// From the arrow on.
    pub span: Span,
}

/// Where an arrow leads.
#[derive(Debug, Clone)]
pub enum Target {
    /// `next`
    Next,
    /// `repeat`
    Repeat,
    /// `wait`
    Wait,
    /// `end`
    End,
    /// `end all`
    EndAll,
    /// `back`
    Back,
    /// `close`
    Close,
    /// `close without survey`
    CloseWithoutSurvey,
    /// `dialog "X"` or `dialog "X".label`
    Dialog {
        /// The dialog.
        name: Text,
        /// A step in it.
        label: Option<Name>,
    },
    /// A step of this dialog.
    Label(Name),
}
