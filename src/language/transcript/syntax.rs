//! A file of transcripts as written: its header, and conversations of one line after another.
//!
//! The tree keeps the places of its lines, so that a changed answer can be written back and everything else stays as
//! its author left it. Indentation means nothing but that a line deeper than a label goes on with its text.

use crate::diagnostics::Span;
use crate::language::syntax::{Duration, Expr, Name, Text, Value};

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// What holds for all of its tests.
    pub header: Vec<Header>,
    /// Its tests and openings, in order.
    pub scenes: Vec<Scene>,
}

/// A line above the first test.
#[derive(Debug, Clone)]
pub struct Header {
    /// The whole line.
    pub span: Span,
    /// What it says.
    pub setting: Setting,
}

/// What a line above the first test says.
#[derive(Debug, Clone)]
pub enum Setting {
    /// `bot acme`: the folder of the bot.
    Bot(Value),
    /// `bot {` … `}`: a bot of its own, so that a test can stand by itself.
    OwnBot(OwnBot),
    /// `env demo`
    Env(Value),
    /// `clock 2026-11-20T09:00:00Z`
    Clock(Value),
    /// `channel web`
    Channel(Value),
    /// `locale de-DE`
    Locale(Value),
    /// `given visitor.name = Dana`
    Given(Given),
    /// `stub …`
    Stub(Stub),
    /// `include shared/openings.transcript`
    Include(Value),
}

/// The text of a bot, inside a transcript.
#[derive(Debug, Clone)]
pub struct OwnBot {
    /// Its lines, without what they are set in by.
    pub text: String,
    /// Where each of its lines begins in the transcript: findings of the bot are shown there.
    pub lines: Vec<usize>,
    /// How many lines of the transcript stand above its first one.
    pub above: usize,
}

/// `given visitor.name = Dana`: known before the conversation begins.
#[derive(Debug, Clone)]
pub struct Given {
    /// `visitor.name`
    pub name: Name,
    /// `Dana`, or a list or map as JSON.
    pub value: Value,
}

/// What a call gets instead of being made.
#[derive(Debug, Clone)]
pub struct Stub {
    /// Which calls.
    pub of: Called,
    /// What they get.
    pub returns: Returns,
}

/// Which calls a stub answers.
#[derive(Debug, Clone)]
pub enum Called {
    /// `"Order Lookup"`: an integration.
    Integration(Text),
    /// `GET */v1/orders/*`: a request, by method (`*` for any) and address.
    Request {
        /// `GET`
        method: Name,
        /// The address, with wildcards.
        url: Words,
    },
}

/// What a call comes back with.
#[derive(Debug, Clone)]
pub enum Returns {
    /// `200 {"order": …}`: a status, and JSON or nothing.
    Status(u16, Option<Value>),
    /// `success {…}`
    Success(Option<Value>),
    /// `failure unreachable`, or short `timeout`, `drop`.
    Failure(String),
    /// `pending`: nothing, until an `answer:` comes.
    Pending,
}

/// `test "…"` or `opening "…"` with the lines below it.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Its first line.
    pub head: Span,
    /// From its first line to the end of its last.
    pub span: Span,
    /// Whether it is an opening: lines that tests include, not a test.
    pub opening: bool,
    /// Its name.
    pub name: Text,
    /// `@smoke`, `@skip(reason)`
    pub tags: Vec<Tag>,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// `@smoke`, `@skip(the shop is closed)`
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its name, without the `@`.
    pub name: Name,
    /// What stands between its parentheses.
    pub reason: Option<String>,
}

/// A line of a conversation; its text may go on over several.
#[derive(Debug, Clone)]
pub struct Line {
    /// From its label to the end of its text.
    pub span: Span,
    /// The white space it is set in by.
    pub indent: usize,
    /// What it says.
    pub does: Does,
}

/// What a line of a conversation says.
#[derive(Debug, Clone)]
pub enum Does {
    // What happens.
    /// `user: …`
    User(Words),
    /// `begin:` the conversation begins without a message.
    Begin,
    /// `wait: 3m` (or `wait 3m`)
    Wait(Duration),
    /// `agent: …` and `agent: [accept]`
    Agent(Act),
    /// `answer: success {…}`: what the call that waits gets.
    Answer(Returns),
    /// `happens: file received {…}`
    Happens(String, Option<Value>),
    /// `goto: "Track Order"`
    Goto(Text),
    /// `stub …`: from here on, before those above.
    Stub(Stub),
    /// `include "Greeting"`: the lines of an opening.
    Include(Text),
    /// `each bad = 999 | 12345`, or a table: the test is played once for each row.
    Each(Table),

    // What is expected.
    /// `bot: …`, `bot?: …`, `bot!: …`, `bot: ...`
    Bot(Manner, Words),
    /// `or: …`: also good, instead of the line above.
    Or(Words),
    /// `choices: Yes | No`
    Choices(Vec<Words>),
    /// `card: {…}`: rich content; members that are not written are not compared.
    Card(Value),
    /// `within 2s`: how long after what happened the line above is said.
    Within(Duration),
    /// `note: …`: to agents only.
    Note(Words),
    /// `event: transfer to skill Human`
    Event(Words),
    /// `expect …`
    Expect(Expect),
}

/// How a line is expected of the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// `bot:` it is said here.
    Must,
    /// `bot?:` it may be said here.
    May,
    /// `bot!:` it is not said before the visitor is heard again.
    Never,
    /// `bot: ...` any messages may be said here.
    Any,
}

/// What a human does.
#[derive(Debug, Clone)]
pub enum Act {
    /// `agent: Hello, this is Sam.`
    Says(Words),
    /// `agent: [accept]`
    Accept,
    /// `agent: [close]`
    Close,
    /// `agent: [transfer Sales]`: to another skill.
    Transfer(Value),
    /// `agent: [away]`: nobody accepts.
    Away,
}

/// What must be so after what happened.
#[derive(Debug, Clone)]
pub enum Expect {
    /// `expect dialog "Track Order"`: the one that has the conversation now.
    Dialog(Text),
    /// `expect matched "I want an agent"`, `expect matched pattern "*(a|b)*"`, `expect matched otherwise`: what answered.
    Matched(Value),
    /// `expect var order_no == "A-12345"`: a condition over what the bot knows.
    Var(Expr),
    /// `expect env ORDERS_URL == "…"`: a condition over the environment.
    Env(Expr),
    /// `expect call "Order Lookup" success`
    Call(Text, Option<Value>),
    /// `expect no more`: nothing else is said.
    NoMore,
    /// `expect coverage rule "Track Order".order_no.retry`: this test has been there.
    Coverage(Value),
}

/// Rows of values that a test is played with.
#[derive(Debug, Clone)]
pub struct Table {
    /// The names of its columns.
    pub names: Vec<Name>,
    /// Its rows, a value a column.
    pub rows: Vec<Vec<Value>>,
}

/// What is said, or what is expected to be said.
#[derive(Debug, Clone)]
pub struct Words {
    /// Its place, without the label.
    pub span: Span,
    /// As it is compared.
    pub form: Form,
}

/// How what is said is written.
#[derive(Debug, Clone)]
pub enum Form {
    /// Letters, wildcards, captures and values.
    Pieces(Vec<Piece>),
    /// `/regex/` or `/regex/i`: the whole text fits.
    Regex {
        /// Between the slashes.
        source: String,
        /// Whether capitals make no difference.
        ignore_case: bool,
    },
}

/// A piece of what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These letters; escapes are resolved.
    Letters(String),
    /// `*`: any text, none included.
    Any,
    /// `<eta>`, `<eta:/regex/>`: any text, kept under a name.
    Capture(String, Option<String>),
    /// `{{ eta }}`: what was kept, or stands in the table.
    Value(String),
}
