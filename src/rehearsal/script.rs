//! The tests of a file, ready to be played: what happens, and what is expected then.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::conversation::{Knowledge, Moment, Outcome, Span as Time, Value};
use crate::diagnostics::english::did_you_mean;
use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::syntax::{self, Duration};
use crate::language::transcript::syntax::{
    Act, Does, Expect, Form, Line, Manner, OwnBot, Piece, Scene, Setting, Table, Transcript, Words,
};
use crate::program::Program;
use crate::program::expression;
use crate::program::formula::Formula;

use super::botium::{Act as BotiumAct, Ask, Queue};
use super::given::{self, GIVABLE};
use super::shape::{Bindings, Shape};
use super::stub::{self, Stub};

/// When conversations begin that say nothing of it: Friday, the 20th of November 2026, nine o'clock UTC.
pub const CLOCK: Moment = Moment(1_795_165_200_000);

/// How many openings may include each other.
pub const INCLUDES_MAX: usize = 16;

/// A stretch of one of the files of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    /// The file: 0 is the script's own, the others are included.
    pub file: FileId,
    /// The stretch.
    pub span: Span,
}

/// The tests of a file.
#[derive(Debug, Default)]
pub struct Script {
    /// The bot, by the name of its folder; the folder of the file itself, if nothing is said.
    pub bot: Option<(String, At)>,
    /// A bot of its own.
    pub own_bot: Option<OwnBot>,
    /// Whose values of `env.yaml` it gets.
    pub env: Option<String>,
    /// When its conversations begin.
    pub clock: Option<Moment>,
    /// The channel the visitor uses.
    pub channel: Option<String>,
    /// The language of the visitor.
    pub locale: Option<String>,
    /// What is known before.
    pub given: Vec<(String, String, At)>,
    /// What calls get.
    pub stubs: Vec<Arc<Stub>>,
    /// Its tests.
    pub tests: Vec<Test>,
}

/// A test.
#[derive(Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its first line.
    pub at: At,
    /// From its first line to the end of its last.
    pub whole: Span,
    /// `@smoke`, `@skip(reason)`
    pub tags: Vec<(String, Option<String>)>,
    /// What it is played with: once for each. A test without a table has one row that binds nothing.
    pub rows: Vec<Bindings>,
    /// What happens, in order.
    pub beats: Vec<Beat>,
    /// For a test of Botium: what the bot says waits until it is asked for.
    pub queue: Option<Queue>,
}

/// Something that happens, and what is expected then.
#[derive(Debug)]
pub struct Beat {
    /// What happens.
    pub what: What,
    /// Its line; nothing, if the conversation begins by itself.
    pub at: Option<At>,
    /// Stubs that stand before it.
    pub stubs: Vec<Arc<Stub>>,
    /// What is expected to be read, in order.
    pub expected: Vec<Expected>,
    /// What must be so.
    pub claims: Vec<(At, Claim)>,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum What {
    /// The conversation begins without a message.
    Begin,
    /// The visitor says something.
    User(Vec<Piece>),
    /// Time passes.
    Wait(Time),
    /// The call that waits is answered.
    Answer(Outcome),
    /// An event.
    Happens(String, Value),
    /// A dialog begins as if its starter had fired.
    Goto(String),
    /// A human says something.
    AgentSays(Vec<Piece>),
    /// A human accepts.
    Accept,
    /// A human closes the conversation.
    Close,
    /// A human hands it on to a skill.
    HandOn(String),
    /// Nobody accepts.
    Away,
    /// Something that only Botium files have.
    Botium(BotiumAct),
}

/// Something that is expected to be read.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Its line.
    pub at: At,
    /// From its line to the end of those that belong to it.
    pub whole: Span,
    /// By whom it is read.
    pub label: Label,
    /// How it is expected.
    pub manner: Manner,
    /// Any of these will do.
    pub any_of: Vec<Shape>,
    /// The line of its choices or its card.
    pub below: Option<Span>,
    /// The choices shown with it.
    pub choices: Option<Vec<Shape>>,
    /// Its rich content: members that are not written are not compared.
    pub card: Option<serde_json::Value>,
    /// How long after what happened.
    pub within: Option<Time>,
    /// What a Botium file asks of the message; nothing else is looked at then.
    pub asks: Option<Vec<Ask>>,
}

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// To the visitor.
    Bot,
    /// To agents.
    Note,
    /// To the platform.
    Event,
}

impl Label {
    /// The word of a transcript for it.
    pub fn word(self) -> &'static str {
        match self {
            Label::Bot => "bot",
            Label::Note => "note",
            Label::Event => "event",
        }
    }
}

/// What must be so after something happened.
#[derive(Debug)]
pub enum Claim {
    /// The dialog that has the conversation.
    Dialog(String),
    /// What answered: a matcher as written, or the word for a kind.
    Matched(String),
    /// A condition over what the bot knows.
    Holds(Formula),
    /// A condition over the environment.
    Env(Formula),
    /// An integration was called, and this came of it.
    Call(String, Option<String>),
    /// Nothing else is said.
    NoMore,
    /// This test has been there.
    Coverage(String),
}

impl Test {
    /// The reason why it is not played, if it is to be passed over.
    pub fn skipped(&self) -> Option<&str> {
        let skip = self.tags.iter().find(|(name, _)| name == "skip")?;
        Some(skip.1.as_deref().unwrap_or(""))
    }

    /// Whether it says something of a dialog.
    pub fn speaks_of(&self, dialog: &str) -> bool {
        self.beats.iter().any(|beat| {
            let goes = matches!(&beat.what, What::Goto(name) if name == dialog);
            let claims = |claim: &Claim| match claim {
                Claim::Dialog(name) => name == dialog,
                Claim::Coverage(part) => part.contains(&format!("\"{dialog}\"")),
                _ => false,
            };
            goes || beat.claims.iter().any(|(_, claim)| claims(claim))
        })
    }

    /// Whether it has a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|(name, _)| name == tag)
    }
}

impl Script {
    /// Puts a file and those it includes together. What is wrong is told, and the rest is still good to be played.
    pub fn of(files: &[Transcript]) -> (Script, Vec<Finding>) {
        let mut maker = Maker { findings: Vec::new(), files };
        let mut script = Script::default();
        // What the file itself says counts more than what it includes.
        for (number, file) in files.iter().enumerate() {
            maker.header(file, FileId(number as u32), &mut script);
        }
        for scene in files.first().into_iter().flat_map(|file| &file.scenes).filter(|scene| !scene.opening) {
            script.tests.push(maker.test(scene));
        }
        (script, maker.findings)
    }

    /// What the bot is told before a conversation begins.
    pub fn knowledge(&self, program: &Program) -> (Knowledge, Vec<Finding>) {
        let mut knowledge = Knowledge::default();
        let mut findings = Vec::new();
        if let Some(channel) = &self.channel {
            given::give(&mut knowledge, program, "conversation.channel", channel);
        }
        if let Some(locale) = &self.locale {
            given::give(&mut knowledge, program, "visitor.language", locale);
        }
        for (name, value, at) in &self.given {
            if !given::give(&mut knowledge, program, name, value) {
                let message = format!("`{name}` is not known before a conversation begins");
                findings.push(Finding::new(Slug::UnknownVariable, at.file, at.span, message).help(GIVABLE));
            }
        }
        (knowledge, findings)
    }

    /// Names in it that the bot does not have.
    pub fn unknown_names(&self, program: &Program) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut known = |slug: Slug, sort: &str, at: At, name: &str, names: Vec<&str>| {
            if !names.contains(&name) {
                let message = format!("there is no {sort} `{name}` in this bot");
                let help = did_you_mean(name, names);
                findings.push(Finding::new(slug, at.file, at.span, message).maybe_help(help));
            }
        };
        // Most tests ask for none of these.
        let dialogs: LazyCell<Vec<&str>, _> =
            LazyCell::new(|| program.dialogs().map(|dialog| dialog.name.as_str()).collect());
        let integrations: LazyCell<Vec<&str>, _> = LazyCell::new(|| program.integrations().collect());
        let variables = LazyCell::new(|| known_names(program));
        for stub in &self.stubs {
            if let Some(name) = stub.integration() {
                known(Slug::UnknownIntegration, "integration", stub.at(), name, integrations.clone());
            }
        }
        for test in &self.tests {
            let mut bound: Vec<&str> =
                test.rows.first().into_iter().flat_map(|row| row.keys()).map(String::as_str).collect();
            for beat in &test.beats {
                for stub in &beat.stubs {
                    if let Some(name) = stub.integration() {
                        known(Slug::UnknownIntegration, "integration", stub.at(), name, integrations.clone());
                    }
                }
                if let (What::Goto(dialog), Some(at)) = (&beat.what, beat.at) {
                    known(Slug::UnknownDialog, "dialog", at, dialog, dialogs.clone());
                }
                bound.extend(beat.expected.iter().flat_map(|line| &line.any_of).flat_map(Shape::captured));
                for (at, claim) in &beat.claims {
                    match claim {
                        Claim::Dialog(name) => {
                            known(Slug::UnknownDialog, "dialog", *at, name, dialogs.clone())
                        }
                        Claim::Call(name, _) => {
                            known(Slug::UnknownIntegration, "integration", *at, name, integrations.clone())
                        }
                        Claim::Holds(formula) => {
                            for name in names_in(formula) {
                                let mut all = variables.clone();
                                all.extend(&bound);
                                known(Slug::UnknownVariable, "variable", *at, &name, all);
                            }
                        }
                        Claim::Env(formula) => {
                            let values = program.environment();
                            let mut names = vec!["env", "true", "false", "none"];
                            if let Value::Map(values) = &values {
                                names.extend(values.keys().map(String::as_str));
                            }
                            for name in names_in(formula) {
                                known(Slug::UnknownValue, "value of `env`", *at, &name, names.clone());
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        for test in &self.tests {
            let columns = test.rows.first();
            for (at, claim) in test.beats.iter().flat_map(|beat| &beat.claims) {
                let Claim::Holds(formula) = claim else { continue };
                let both = |name: &String| {
                    columns.is_some_and(|row| row.contains_key(name)) && variables.contains(&name.as_str())
                };
                if let Some(name) = names_in(formula).into_iter().find(both) {
                    let message = format!("`{name}` is a column of this test and a variable of the bot");
                    let help = "here it would be the variable, also where you mean the column: give the column another name";
                    findings.push(Finding::new(Slug::DuplicateName, at.file, at.span, message).help(help));
                }
            }
        }
        findings
    }
}

/// The names of a condition.
fn names_in(formula: &Formula) -> Vec<String> {
    let reading = expression::read_expression(formula.source());
    reading.map(|reading| reading.names.into_iter().map(|used| used.root).collect()).unwrap_or_default()
}

/// Everything a condition can name: the bot's variables, those of its dialogs, and what is given.
fn known_names(program: &Program) -> Vec<&str> {
    let given = ["visitor", "conversation", "reply", "env", "now", "hours", "true", "false", "none"];
    let own = program.dialogs().flat_map(|dialog| {
        let variables = dialog.variables.iter().map(|variable| variable.name.as_str());
        variables.chain(dialog.names())
    });
    program.variables().map(|variable| variable.name.as_str()).chain(own).chain(given).collect()
}

/// Makes a script of what is written.
struct Maker<'t> {
    findings: Vec<Finding>,
    files: &'t [Transcript],
}

impl<'t> Maker<'t> {
    fn wrong(&mut self, slug: Slug, at: At, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding::new(slug, at.file, at.span, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn header(&mut self, written: &Transcript, file: FileId, script: &mut Script) {
        let own = file == FileId(0);
        for line in &written.header {
            let at = At { file, span: line.span };
            match &line.setting {
                Setting::Bot(name) if own => {
                    script.bot = Some((name.text.clone(), At { file, span: name.span }));
                }
                Setting::OwnBot(bot) if own => script.own_bot = Some(bot.clone()),
                Setting::Bot(_) | Setting::OwnBot(_) | Setting::Include(_) => {}
                Setting::Env(name) => {
                    script.env.get_or_insert_with(|| name.text.clone());
                }
                Setting::Channel(name) => {
                    script.channel.get_or_insert_with(|| name.text.clone());
                }
                Setting::Locale(name) => {
                    script.locale.get_or_insert_with(|| name.text.clone());
                }
                // One that is no moment has its finding already.
                Setting::Clock(value) => script.clock = script.clock.or_else(|| moment(&value.text)),
                Setting::Given(given) => {
                    if !script.given.iter().any(|(name, ..)| *name == given.name.text) {
                        script.given.push((given.name.text.clone(), given.value.text.clone(), at));
                    }
                }
                Setting::Stub(stub) => script.stubs.extend(self.stub(stub, at)),
            }
        }
    }

    fn stub(&mut self, written: &crate::language::transcript::syntax::Stub, at: At) -> Option<Arc<Stub>> {
        match Stub::of(written, at) {
            Ok(stub) => Some(Arc::new(stub)),
            Err(why) => {
                self.wrong(Slug::WrongValue, at, why);
                None
            }
        }
    }

    fn test(&mut self, scene: &'t Scene) -> Test {
        let file = FileId(0);
        let tags = scene.tags.iter().map(|tag| (tag.name.text.clone(), tag.reason.clone())).collect();
        let mut test = Test {
            name: scene.name.value.clone(),
            at: At { file, span: scene.head },
            whole: scene.span,
            tags,
            rows: vec![Bindings::new()],
            beats: Vec::new(),
            queue: None,
        };
        let mut stubs = Vec::new();
        self.lines(&scene.lines, file, &mut test, &mut stubs, 0);
        self.unbound(&test);
        forbid_on(&mut test);
        test
    }

    /// Names in `{{ … }}` that no table has and nothing above has captured.
    fn unbound(&mut self, test: &Test) {
        let mut bound: Vec<&str> =
            test.rows.first().into_iter().flat_map(|row| row.keys()).map(String::as_str).collect();
        for beat in &test.beats {
            let said: &[Piece] = match &beat.what {
                What::User(pieces) | What::AgentSays(pieces) => pieces,
                _ => &[],
            };
            let here = (beat.at.unwrap_or(test.at), said.to_vec());
            let read = beat.expected.iter().map(|line| {
                (line.at, line.any_of.iter().flat_map(Shape::pieces).cloned().collect::<Vec<Piece>>())
            });
            for (at, pieces) in std::iter::once(here).chain(read) {
                for name in pieces.iter().filter_map(|piece| match piece {
                    Piece::Value(name) if !bound.contains(&name.as_str()) => Some(name),
                    _ => None,
                }) {
                    let finding =
                        self.wrong(Slug::UnknownVariable, at, format!("nothing is known as `{name}` here"));
                    finding.help = did_you_mean(name, bound.iter().copied()).or_else(|| {
                        Some(
                            "a name comes from `each name = …`, or from `<name>` in a line above".to_string(),
                        )
                    });
                }
                let captured =
                    beat.expected.iter().filter(|line| line.at == at).flat_map(|line| &line.any_of);
                bound.extend(captured.flat_map(Shape::captured));
            }
        }
    }

    fn lines(
        &mut self,
        lines: &'t [Line],
        file: FileId,
        test: &mut Test,
        stubs: &mut Vec<Arc<Stub>>,
        depth: usize,
    ) {
        for line in lines {
            let at = At { file, span: line.span };
            let what = match &line.does {
                Does::User(words) => What::User(pieces(words)),
                Does::Begin => What::Begin,
                Does::Wait(time) => What::Wait(span(time)),
                Does::Goto(dialog) => What::Goto(dialog.value.clone()),
                Does::Answer(returns) => match stub::outcome(returns) {
                    Ok(outcome) => What::Answer(outcome),
                    Err(why) => {
                        self.wrong(Slug::WrongValue, at, why);
                        continue;
                    }
                },
                Does::Happens(name, data) => {
                    let data = data.as_ref().and_then(|data| serde_json::from_str(&data.text).ok());
                    What::Happens(name.clone(), data.unwrap_or_default())
                }
                Does::Agent(act) => match act {
                    Act::Says(words) => What::AgentSays(pieces(words)),
                    Act::Accept => What::Accept,
                    Act::Close => What::Close,
                    Act::Transfer(skill) => What::HandOn(skill.text.clone()),
                    Act::Away => What::Away,
                },
                Does::Stub(stub) => {
                    stubs.extend(self.stub(stub, at));
                    continue;
                }
                Does::Include(name) => {
                    self.include(&name.value, at, test, stubs, depth);
                    continue;
                }
                Does::Each(table) => {
                    self.table(table, test);
                    continue;
                }
                expectation => {
                    self.expectation(expectation, at, test);
                    continue;
                }
            };
            let stubs = std::mem::take(stubs);
            test.beats.push(Beat { what, at: Some(at), stubs, expected: Vec::new(), claims: Vec::new() });
        }
    }

    fn include(&mut self, name: &str, at: At, test: &mut Test, stubs: &mut Vec<Arc<Stub>>, depth: usize) {
        let openings = || {
            self.files.iter().enumerate().flat_map(|(number, file)| {
                let openings = file.scenes.iter().filter(|scene| scene.opening);
                openings.map(move |scene| (FileId(number as u32), scene))
            })
        };
        match openings().find(|(_, scene)| scene.name.value == name) {
            Some(_) if depth >= INCLUDES_MAX => {
                let message = format!("openings include each other more than {INCLUDES_MAX} deep");
                self.wrong(Slug::TooDeep, at, message);
            }
            Some((file, scene)) => self.lines(&scene.lines, file, test, stubs, depth + 1),
            // Within one file it has its finding already.
            None if self.files.len() == 1 => {}
            None => {
                let help = did_you_mean(name, openings().map(|(_, scene)| scene.name.value.as_str()));
                let finding = self.wrong(Slug::UnknownOpening, at, format!("there is no opening `{name}`"));
                finding.help = help;
            }
        }
    }

    fn table(&mut self, table: &Table, test: &mut Test) {
        let rows = table.rows.iter().map(|row| {
            let values = row.iter().map(|value| value.text.clone());
            table.names.iter().map(|name| name.text.clone()).zip(values).collect::<Bindings>()
        });
        // Two tables are played with each row of the one and each of the other.
        let rows: Vec<Bindings> = rows.collect();
        test.rows = test
            .rows
            .iter()
            .flat_map(|before| {
                rows.iter().map(|row| before.iter().chain(row).map(|(k, v)| (k.clone(), v.clone())).collect())
            })
            .collect();
    }

    fn expectation(&mut self, does: &Does, at: At, test: &mut Test) {
        if test.beats.is_empty() {
            test.beats.push(Beat {
                what: What::Begin,
                at: None,
                stubs: Vec::new(),
                expected: Vec::new(),
                claims: Vec::new(),
            });
        }
        let shape = |maker: &mut Maker<'t>, words: &Words| match Shape::of(words) {
            Ok(shape) => Some(shape),
            Err(why) => {
                let at = At { span: words.span, ..at };
                maker.wrong(Slug::UnusableRegex, at, why);
                None
            }
        };
        let said = match does {
            Does::Bot(manner, words) => Some((Label::Bot, *manner, words)),
            Does::Note(words) => Some((Label::Note, Manner::Must, words)),
            Does::Event(words) => Some((Label::Event, Manner::Must, words)),
            _ => None,
        };
        if let Some((label, manner, words)) = said {
            let any_of = shape(self, words).into_iter().collect();
            let expected = Expected {
                at,
                whole: at.span,
                label,
                manner,
                any_of,
                below: None,
                choices: None,
                card: None,
                within: None,
                asks: None,
            };
            if let Some(beat) = test.beats.last_mut() {
                beat.expected.push(expected);
            }
            return;
        }
        if let Does::Expect(expect) = does {
            if let Some(claim) = self.claim(expect, at)
                && let Some(beat) = test.beats.last_mut()
            {
                beat.claims.push((at, claim));
            }
            return;
        }
        let (mut any_of, mut choices) = (None, None);
        match does {
            Does::Or(words) => any_of = shape(self, words),
            Does::Choices(all) => {
                choices = Some(all.iter().filter_map(|words| shape(self, words)).collect::<Vec<_>>());
            }
            _ => {}
        }
        let Some(line) = test.beats.last_mut().and_then(|beat| beat.expected.last_mut()) else { return };
        if line.at.file == at.file {
            line.whole = line.whole.to(at.span);
            if matches!(does, Does::Choices(_) | Does::Card(_)) {
                line.below = Some(at.span);
            }
        }
        line.any_of.extend(any_of);
        line.choices = choices.or_else(|| line.choices.take());
        match does {
            Does::Card(json) => line.card = serde_json::from_str(&json.text).ok(),
            Does::Within(time) => line.within = Some(span(time)),
            _ => {}
        }
    }

    fn claim(&mut self, expect: &Expect, at: At) -> Option<Claim> {
        let mut formula = |written: &syntax::Expr| match Formula::read(&written.source) {
            Ok(formula) => Some(formula),
            Err(trouble) => {
                let at = At { span: written.span, ..at };
                self.wrong(Slug::UnusableExpression, at, trouble.message);
                None
            }
        };
        Some(match expect {
            Expect::Dialog(name) => Claim::Dialog(name.value.clone()),
            Expect::Matched(what) => Claim::Matched(what.text.clone()),
            Expect::Var(condition) => Claim::Holds(formula(condition)?),
            Expect::Env(condition) => Claim::Env(formula(condition)?),
            Expect::Call(name, outcome) => {
                Claim::Call(name.value.clone(), outcome.as_ref().map(|outcome| outcome.text.clone()))
            }
            Expect::NoMore => Claim::NoMore,
            Expect::Coverage(part) => Claim::Coverage(part.text.clone()),
        })
    }
}

/// What must not be said, is not said until the visitor is heard again, whatever happens meanwhile.
fn forbid_on(test: &mut Test) {
    let mut forbidden: Vec<Expected> = Vec::new();
    for beat in &mut test.beats {
        if matches!(beat.what, What::User(_)) {
            forbidden.clear();
        }
        let own: Vec<Expected> =
            beat.expected.iter().filter(|line| line.manner == Manner::Never).cloned().collect();
        beat.expected.append(&mut forbidden.clone());
        forbidden.extend(own);
    }
}

fn pieces(words: &Words) -> Vec<Piece> {
    match &words.form {
        Form::Pieces(pieces) => pieces.clone(),
        Form::Regex { source, .. } => vec![Piece::Letters(format!("/{source}/"))],
    }
}

fn span(time: &Duration) -> Time {
    Time(time.milliseconds())
}

/// A moment as written: `2026-11-20T09:00:00Z`.
pub fn moment(text: &str) -> Option<Moment> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Moment(at.as_millisecond()))
}

/// The names and values of a row, to be read by a person.
pub fn row_name(row: &BTreeMap<String, String>) -> String {
    row.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}
