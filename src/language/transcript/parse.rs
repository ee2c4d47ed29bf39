//! From text to tree: the only file that names a rule of `grammar/transcript.pest`.
//!
//! Reading never fails. What the grammar could not read is handed, line by line, to `slips`, which says why.

use std::collections::HashMap;

use pest::Parser;
use pest::iterators::Pair;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::parse::{FINDINGS_MAX, trimmed};
use crate::language::syntax::{Duration, Expr, Name, Text, Value};
use crate::language::text::{self, Sort};
use crate::language::transcript::slips;
use crate::language::transcript::syntax::*;
use crate::language::words;

/// How many tests and openings one file may hold.
pub const SCENES_MAX: usize = 10_000;

/// How many lines one test may have.
pub const SCENE_LINES_MAX: usize = 10_000;

/// How many rows a table may have.
pub const ROWS_MAX: usize = 10_000;

#[derive(pest_derive::Parser)]
#[grammar = "grammar/transcript.pest"]
struct Grammar;

type Node<'a> = Pair<'a, Rule>;

/// Reads a file. Whatever it holds, there is a tree, and a finding for each line that is not in it.
pub fn parse(source: &str, file: FileId) -> (Transcript, Vec<Finding>) {
    let mut reader = Reader {
        source,
        file,
        tree: Transcript::default(),
        findings: Vec::new(),
        more: 0,
        settings: HashMap::new(),
        names: HashMap::new(),
        lost_head: false,
    };
    match Grammar::parse(Rule::file, source).map(|mut pairs| pairs.next()) {
        Ok(Some(node)) => node.into_inner().for_each(|node| reader.entry(node)),
        // The grammar takes every text; should it ever not, the author still gets a sentence and a place.
        Ok(None) => {}
        Err(_) => reader.found(Slug::UnreadableLine, Span::at(0), "I can't read this file"),
    }
    reader.look_for_openings();
    if reader.more > 0 {
        let more = english::count(reader.more, "more mistake");
        reader.findings.push(
            Finding::new(
                Slug::TooLarge,
                file,
                Span::at(source.len()),
                format!("this file has {more}, and only {FINDINGS_MAX} are told"),
            )
            .help("mend the first ones and check again; or is this no `.transcript` file at all?"),
        );
    }
    reader.findings.sort_by_key(|finding| finding.place.span);
    (reader.tree, reader.findings)
}

/// Whether the grammar takes this text as a line.
pub(super) fn reads(line: &str) -> bool {
    Grammar::parse(Rule::one_line, line).is_ok()
}

/// Whether a line would be no part of the text above it, or be told as a misspelt word of the language.
pub(super) fn begins_line(line: &str) -> bool {
    Grammar::parse(Rule::one_opener, line).is_ok() || slips::almost(line).is_some()
}

struct Reader<'a> {
    source: &'a str,
    file: FileId,
    tree: Transcript,
    findings: Vec<Finding>,
    /// Findings beyond the limit.
    more: usize,
    /// Where a setting stands that is given once: `clock`, `env` …
    settings: HashMap<&'static str, Span>,
    /// Where the tests and openings of a name begin.
    names: HashMap<(bool, String), Span>,
    /// Whether the first line of a test or opening could not be read, so that its name is not known.
    lost_head: bool,
}

impl<'a> Reader<'a> {
    // ------------------------------------------------------------------------------------ a file, line by line

    fn entry(&mut self, node: Node<'a>) {
        let whole = span(&node);
        match node.as_rule() {
            Rule::own_bot => self.own_bot(node),
            Rule::bad => {
                let line = node.into_inner().find(|part| part.as_rule() == Rule::bad_line);
                self.bad_line(trimmed(self.source, line.map_or(whole, |line| span(&line))));
            }
            Rule::line => {
                if let Some(part) = first(node) {
                    let place = trimmed(self.source, span(&part));
                    self.line(part, place, (place.start - whole.start) as usize);
                }
            }
            _ => {}
        }
    }

    fn line(&mut self, node: Node<'a>, place: Span, indent: usize) {
        let in_scene = !self.tree.scenes.is_empty();
        match node.as_rule() {
            Rule::head => self.head(node, place),
            Rule::setting | Rule::given if in_scene => self.belongs_above(place),
            Rule::setting => self.setting(node, place),
            Rule::given => {
                let given = self.given(node);
                self.header(place, given.map(Setting::Given));
            }
            Rule::stub if !in_scene => {
                let stub = self.stub(node);
                self.header(place, stub.map(Setting::Stub));
            }
            Rule::include if !in_scene => {
                let path = first(node).map(|part| match part.as_rule() {
                    Rule::string => {
                        let text = self.text(part);
                        Value { text: text.value, span: text.span }
                    }
                    _ => value_of(part),
                });
                self.header(place, path.map(Setting::Include));
            }
            _ if !in_scene => self.belongs_below(place),
            _ => {
                if let Some(does) = self.does(node) {
                    self.keep(Line { span: place, indent, does });
                }
            }
        }
    }

    fn header(&mut self, span: Span, setting: Option<Setting>) {
        self.tree.header.extend(setting.map(|setting| Header { span, setting }));
    }

    /// Adds a line to the test that is being read.
    fn keep(&mut self, line: Line) {
        if let Some(attached) = attached_to(&line.does) {
            let scene = self.tree.scenes.last();
            let above = scene.and_then(|scene| scene.lines.iter().rev().find(|above| !goes_between(above)));
            if !above.is_some_and(|above| can_carry(&above.does, &line.does)) {
                let word = first_word(&self.source[line.span.range()]);
                self.tell(|file| {
                    Finding::new(
                        Slug::DetachedLine,
                        file,
                        Span::new(line.span.start as usize, line.span.start as usize + word.len()),
                        format!("`{word}` belongs to {attached} above it, and there is none"),
                    )
                    .help(format!("put it directly below the line it is about: {attached}"))
                });
            }
        }
        let table = matches!(line.does, Does::Each(_));
        let Some(scene) = self.tree.scenes.last_mut() else { return };
        let second = table && scene.lines.iter().any(|line| matches!(line.does, Does::Each(_)));
        let count = scene.lines.len();
        scene.span = scene.span.to(line.span);
        let place = line.span;
        scene.lines.push(line);
        if second {
            self.tell(|file| {
                Finding::new(
                    Slug::DuplicateSetting,
                    file,
                    place,
                    "a test is played with one table, and this is a second one",
                )
                .help("write one table with more columns: `each city, code`, and the rows below it")
            });
        }
        if count == SCENE_LINES_MAX {
            self.tell(|file| {
                Finding::new(
                    Slug::TooLarge,
                    file,
                    place,
                    format!("this test has more than {SCENE_LINES_MAX} lines"),
                )
                .help("make several tests of it; what they share can stand in an `opening`")
            });
        }
    }

    // -------------------------------------------------------------------------------------------- the header

    fn setting(&mut self, node: Node<'a>, place: Span) {
        let mut parts = node.into_inner();
        let (Some(word), Some(rest)) = (parts.next(), parts.next()) else { return };
        let value = value_of(rest);
        let (word, setting) = match word.as_str() {
            "bot" => ("bot", Setting::Bot(value.clone())),
            "env" => ("env", Setting::Env(value.clone())),
            "clock" => ("clock", Setting::Clock(value.clone())),
            "channel" => ("channel", Setting::Channel(value.clone())),
            _ => ("locale", Setting::Locale(value.clone())),
        };
        self.once(word, place);
        self.look_at_setting(&setting, &value);
        self.header(place, Some(setting));
    }

    fn once(&mut self, word: &'static str, place: Span) {
        if let Some(other) = self.settings.insert(word, place) {
            self.settings.insert(word, other);
            self.tell(|file| {
                Finding::new(Slug::DuplicateSetting, file, place, format!("`{word}` is given twice"))
                    .related(file, other, "it is given here first")
                    .help("keep one of them; a test that needs another one stands in another file")
            });
        }
    }

    fn look_at_setting(&mut self, setting: &Setting, value: &Value) {
        let text = value.text.as_str();
        let (message, help) = match setting {
            Setting::Env(_) if !words::ENVIRONMENTS.contains(&text) => (
                format!("there is no environment `{}`", slips::shortened(text)),
                format!("write {}", english::list(words::ENVIRONMENTS, "or")),
            ),
            Setting::Clock(_) if text.parse::<jiff::Timestamp>().is_err() => (
                format!("`{}` is no moment", slips::shortened(text)),
                "write date, time and zone: `clock 2026-11-20T09:00:00Z` or `clock 2026-11-20T10:00:00+01:00`".to_string(),
            ),
            Setting::Locale(_) if !is_locale(text) => (
                format!("`{}` is no language tag", slips::shortened(text)),
                "write a language, and a country if it matters: `locale de` or `locale de-DE`".to_string(),
            ),
            Setting::Channel(_) if text.contains(char::is_whitespace) => (
                "a channel is one word".to_string(),
                "write its name: `channel web`".to_string(),
            ),
            Setting::Bot(_) if text.contains(['{', '}']) => (
                "a bot of its own begins with `bot {` and ends with a `}` on a line of its own".to_string(),
                "put what stands between the braces on lines of their own; a bot in a folder is named without braces: `bot acme`".to_string(),
            ),
            _ => return,
        };
        self.tell(|file| Finding::new(Slug::WrongValue, file, value.span, message).help(help));
    }

    fn given(&mut self, node: Node<'a>) -> Option<Given> {
        let mut parts = node.into_inner();
        let (name, value) = (parts.next()?, parts.next()?);
        let value = match value.as_rule() {
            Rule::json => self.json(value),
            _ => value_of(value),
        };
        Some(Given { name: name_of(name), value })
    }

    fn own_bot(&mut self, node: Node<'a>) {
        let whole = span(&node);
        let mut lines = Vec::new();
        for part in node.into_inner() {
            let at = span(&part);
            match part.as_rule() {
                Rule::own_head => {
                    if let Some(name) = part.into_inner().find(|part| part.as_rule() == Rule::own_name) {
                        let place = span(&name);
                        self.tell(|file| {
                            Finding::new(
                                Slug::WrongValue,
                                file,
                                place,
                                "the lines of a bot in a transcript begin with `bot {`",
                            )
                            .help("its name stands inside, in a `bot \"…\" { }` block as in a `.dialog` file")
                            .fix("leave the name out", vec![(place, String::new())])
                        });
                    }
                }
                Rule::bot_line => lines.push(at),
                Rule::unclosed => {
                    let head = Span::at(whole.start as usize + leading_white(&self.source[whole.range()]));
                    self.tell(|file| {
                        Finding::new(
                            Slug::UnclosedBlock,
                            file,
                            Span { end: head.start + 3, ..head },
                            "this bot has no end",
                        )
                        .label("it begins here")
                        .help("close it with a line that is nothing but `}`")
                    });
                }
                _ => {}
            }
        }
        let place = trimmed(self.source, whole);
        if !self.tree.scenes.is_empty() {
            return self.belongs_above(place.head(self.source));
        }
        self.once("bot", place.head(self.source));
        let bare = |line: &Span| self.source[line.range()].trim_end_matches(['\n', '\r']);
        let seen = lines.iter().map(bare).filter(|line| !line.trim().is_empty());
        let indent = seen.map(leading_white).min().unwrap_or(0);
        let above = lines.first().map_or(0, |line| self.source[..line.start as usize].matches('\n').count());
        let mut own = OwnBot { text: String::new(), lines: Vec::with_capacity(lines.len()), above };
        for line in &lines {
            let text = bare(line);
            let skipped = indent.min(leading_white(text));
            own.lines.push(line.start as usize + skipped);
            own.text.push_str(&text[skipped..]);
            own.text.push('\n');
        }
        self.header(place, Some(Setting::OwnBot(own)));
    }

    // ----------------------------------------------------------------------------------------------- scenes

    fn head(&mut self, node: Node<'a>, place: Span) {
        let (mut opening, mut name, mut tags) = (false, None, Vec::new());
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::sort => opening = part.as_str() == "opening",
                Rule::string => name = Some(self.text(part)),
                _ => tags.extend(tag(part)),
            }
        }
        let Some(name) = name else { return };
        self.begin_scene(opening, name, tags, place);
    }

    fn begin_scene(&mut self, opening: bool, name: Text, tags: Vec<Tag>, place: Span) {
        if name.value.trim().is_empty() {
            let what = if opening { "an opening" } else { "a test" };
            self.tell(|file| {
                Finding::new(Slug::EmptyText, file, name.span, format!("{what} has a name"))
                    .help("write between the quotes what it shows: `test \"Order has shipped\"`")
            });
        } else if let Some(other) = self.names.get(&(opening, name.value.clone())).copied() {
            let what = if opening { "opening" } else { "test" };
            self.tell(|file| {
                Finding::new(
                    Slug::DuplicateName,
                    file,
                    name.span,
                    format!("this file has two {what}s named \"{}\"", slips::shortened(&name.value)),
                )
                .related(file, other, "the other one")
                .help("give each a name that says what it shows")
            });
        } else {
            self.names.insert((opening, name.value.clone()), name.span);
        }
        if self.tree.scenes.len() == SCENES_MAX {
            self.tell(|file| {
                Finding::new(
                    Slug::TooLarge,
                    file,
                    place,
                    format!("this file has more than {SCENES_MAX} tests and openings"),
                )
                .help("split it into several `.transcript` files")
            });
        }
        self.tree.scenes.push(Scene { head: place, span: place, opening, name, tags, lines: Vec::new() });
    }

    fn does(&mut self, node: Node<'a>) -> Option<Does> {
        let shape = node.as_rule();
        let place = trimmed(self.source, span(&node));
        if shape == Rule::begin {
            return Some(Does::Begin);
        }
        if shape == Rule::choices {
            let choices: Vec<Words> = node.into_inner().map(|part| self.words(part)).collect();
            for choice in choices.iter().filter(|choice| is_empty(choice)) {
                self.empty(choice.span, place, "a choice without its label", "choices: Yes | No");
            }
            return Some(Does::Choices(choices));
        }
        if shape == Rule::each {
            return Some(Does::Each(self.table(node, place)));
        }
        if shape == Rule::stub {
            return self.stub(node).map(Does::Stub);
        }
        if shape == Rule::happens {
            return self.happens(node);
        }
        let mut parts = node.into_inner();
        let part = parts.next()?;
        Some(match shape {
            Rule::user => Does::User(self.spoken(part, place, "user: where is my order")),
            Rule::bot => return self.bot(part, parts.next()?, place),
            Rule::or => Does::Or(self.spoken(part, place, "or: Let's try once more.")),
            Rule::note => Does::Note(self.spoken(part, place, "note: Order A-12345")),
            Rule::event => Does::Event(self.spoken(part, place, "event: transfer to skill Human")),
            Rule::agent => Does::Agent(self.act(part, place)?),
            Rule::wait => Does::Wait(self.duration(part)?),
            Rule::within => Does::Within(self.duration(part)?),
            Rule::goto => Does::Goto(self.text(part)),
            Rule::answer => Does::Answer(self.returns(part)?),
            Rule::card => Does::Card(self.json(part)),
            Rule::include if part.as_rule() == Rule::string => Does::Include(self.text(part)),
            Rule::include => {
                let value = value_of(part);
                let quoted = format!("include \"{}\"", value.text);
                self.tell(|file| {
                    Finding::new(
                        Slug::MissingQuotes,
                        file,
                        value.span,
                        "in a test, `include` names an opening, in quotes",
                    )
                    .help(format!(
                        "write `{}`; a file of openings is included above the first test",
                        slips::shortened(&quoted)
                    ))
                    .fix(
                        "put quotes",
                        vec![
                            (Span::at(value.span.start as usize), "\"".to_string()),
                            (Span::at(value.span.end as usize), "\"".to_string()),
                        ],
                    )
                });
                return None;
            }
            _ => Does::Expect(self.expect(part)?),
        })
    }

    fn spoken(&mut self, node: Node<'a>, line: Span, example: &str) -> Words {
        let words = self.words(node);
        if is_empty(&words) {
            self.empty(words.span, line, "a text is missing", example);
        }
        self.look_at_turns(words.span);
        words
    }

    /// A line that goes on with a text and looks like one of its own with a slip in its word: never quietly speech.
    fn look_at_turns(&mut self, text: Span) {
        let mut at = text.start as usize;
        for (number, line) in self.source[text.range()].split_inclusive('\n').enumerate() {
            let start = at + leading_white(line);
            at += line.len();
            if number == 0 {
                continue;
            }
            let Some(meant) = slips::almost(line.trim()) else { continue };
            let word = first_word(line.trim());
            let place = Span::new(start, start + word.len());
            self.tell(|file| {
                Finding::new(Slug::UnknownWord, file, place, format!("I don't know the word `{word}`"))
                    .help(format!("did you mean `{meant}`? if this line goes on with the text above it, write a `\\` before it"))
                    .fix(format!("write `{meant}`"), vec![(place, meant.to_string())])
            });
        }
    }

    fn empty(&mut self, at: Span, line: Span, what: &str, example: &str) {
        let place = if at.start < at.end { at } else { line.head(self.source) };
        self.tell(|file| {
            Finding::new(Slug::EmptyText, file, place, format!("{what} here"))
                .help(format!("write it on this line: `{example}`"))
        });
    }

    fn bot(&mut self, manner: Node<'a>, text: Node<'a>, line: Span) -> Option<Does> {
        let manner = match manner.as_str() {
            "bot?" => Manner::May,
            "bot!" => Manner::Never,
            _ => Manner::Must,
        };
        if text.as_rule() != Rule::dots {
            return Some(Does::Bot(manner, self.spoken(text, line, "bot: What's your order number?")));
        }
        let place = span(&text);
        if manner == Manner::Must {
            return Some(Does::Bot(Manner::Any, Words { span: place, form: Form::Pieces(Vec::new()) }));
        }
        self.tell(|file| {
            Finding::new(Slug::WrongValue, file, place, "`...` stands for any messages, and only behind `bot:`")
                .help("write `bot: ...`; for three dots that are said, write `\\...`; that nothing more is said is `expect no more`")
        });
        None
    }

    fn act(&mut self, node: Node<'a>, line: Span) -> Option<Act> {
        match node.as_rule() {
            Rule::act => {
                let inner = node.as_str();
                let skill = first(node).map(value_of);
                Some(match (inner, skill) {
                    (_, Some(skill)) => Act::Transfer(skill),
                    ("[accept]", _) => Act::Accept,
                    ("[close]", _) => Act::Close,
                    _ => Act::Away,
                })
            }
            Rule::no_act => {
                let place = trimmed(self.source, span(&node));
                let said = self.source[place.range()].lines().next().unwrap_or("");
                let word = first_word(said.trim_start_matches('['));
                let known = || {
                    words::ACTS.iter().map(|act| format!("[{act}]").replace("[transfer]", "[transfer Sales]"))
                };
                let help = match english::nearest(word, words::ACTS.iter().copied()) {
                    Some("transfer") => "write `[transfer Sales]`, with the skill it goes to".to_string(),
                    Some(act) => format!("did you mean `[{act}]`?"),
                    None => format!(
                        "a person can {}; a bracket that is said is written `\\[`",
                        english::list(known(), "or")
                    ),
                };
                let message = format!("`{}` is nothing a person can do", slips::shortened(said));
                self.tell(|file| {
                    Finding::new(Slug::WrongValue, file, place.head(self.source), message).help(help)
                });
                None
            }
            _ => Some(Act::Says(self.spoken(node, line, "agent: Hello, this is Sam."))),
        }
    }

    fn happens(&mut self, node: Node<'a>) -> Option<Does> {
        let mut parts = node.into_inner();
        let event = value_of(parts.next()?);
        let name = event.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let data = parts.next().map(|part| self.json(part));
        if !words::EVENTS.contains(&name.as_str()) {
            let help = english::did_you_mean(&name, words::EVENTS.iter().copied())
                .unwrap_or_else(|| format!("events are {}", english::list(words::EVENTS, "and")));
            self.tell(|file| {
                Finding::new(
                    Slug::UnknownEvent,
                    file,
                    event.span,
                    format!("there is no event `{}`", slips::shortened(&name)),
                )
                .help(help)
            });
        }
        Some(Does::Happens(name, data))
    }

    fn expect(&mut self, node: Node<'a>) -> Option<Expect> {
        let shape = node.as_rule();
        if shape == Rule::of_nothing {
            return Some(Expect::NoMore);
        }
        let mut parts = node.into_inner();
        let part = parts.next()?;
        Some(match shape {
            Rule::of_dialog => Expect::Dialog(self.text(part)),
            Rule::of_matched => {
                let value = value_of(part);
                self.look_at_matched(&value);
                Expect::Matched(value)
            }
            Rule::of_var => Expect::Var(expr_of(part)),
            Rule::of_env => Expect::Env(expr_of(part)),
            Rule::of_call => {
                let name = self.text(part);
                let outcome = parts.next().map(value_of);
                if let Some(outcome) = &outcome {
                    self.look_at_outcome(outcome);
                }
                Expect::Call(name, outcome)
            }
            _ => Expect::Coverage(value_of(part)),
        })
    }

    fn look_at_matched(&mut self, value: &Value) {
        let text = value.text.as_str();
        let word = first_word(text);
        let quoted = |text: &str| text.len() > 1 && text.starts_with('"') && text.ends_with('"');
        let after = |word: &str| quoted(text[word.len()..].trim_start());
        let regex = text.len() > 2 && text.starts_with('/') && (text.ends_with('/') || text.ends_with("/i"));
        if quoted(text)
            || regex
            || words::ANSWERERS.contains(&text)
            || matches!(word, "pattern" | "words" | "phrases" | "intent") && after(word)
        {
            return;
        }
        let (slug, message, help) = match word {
            "pattern" | "words" | "phrases" | "intent" => (
                Slug::MissingQuotes,
                format!("`{word}` has a text in quotes behind it"),
                format!("write `expect matched {word} \"{}\"`", slips::shortened(&text[word.len()..])),
            ),
            _ => (
                Slug::WrongValue,
                format!("`{}` is nothing that answers", slips::shortened(text)),
                english::did_you_mean(text, words::ANSWERERS.iter().copied()).unwrap_or_else(|| {
                    format!(
                        "write a sample in \"quotes\", `pattern \"…\"`, `words \"…\"`, a /regex/, or {}",
                        english::list(words::ANSWERERS, "or")
                    )
                }),
            ),
        };
        self.tell(|file| Finding::new(slug, file, value.span, message).help(help));
    }

    fn look_at_outcome(&mut self, value: &Value) {
        let text = value.text.as_str();
        if text == "success" {
            return;
        }
        match text.strip_prefix("failure") {
            Some("") => {}
            Some(reason) if reason.starts_with([' ', '\t']) => {
                self.reason(reason, value.span);
            }
            _ => self.tell(|file| {
                Finding::new(Slug::WrongValue, file, value.span, format!("a call does not end with `{}`", slips::shortened(text)))
                    .help("write `success` or `failure`, and behind `failure` why, if that matters: `failure timeout`")
            }),
        }
    }

    // ------------------------------------------------------------------------------------- stubs and answers

    fn stub(&mut self, node: Node<'a>) -> Option<Stub> {
        let (mut of, mut method, mut returns) = (None, None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::string => of = Some(Called::Integration(self.text(part))),
                Rule::method => method = Some(self.method(part)),
                Rule::url => {
                    let url = self.words(part);
                    of = method.take().map(|method| Called::Request { method, url });
                }
                _ => returns = self.returns(part),
            }
        }
        Some(Stub { of: of?, returns: returns? })
    }

    fn method(&mut self, node: Node<'a>) -> Name {
        let mut name = name_of(node);
        name.text.make_ascii_uppercase();
        if name.text != "*" && !words::METHODS.contains(&name.text.as_str()) {
            let message = format!("requests are not made with `{}`", slips::shortened(&name.text));
            let known = english::list(words::METHODS, "or");
            self.tell(|file| {
                Finding::new(Slug::WrongValue, file, name.span, message)
                    .help(format!("write {known}, `*` for any of them, or an integration in \"quotes\""))
            });
        }
        name
    }

    fn returns(&mut self, node: Node<'a>) -> Option<Returns> {
        let part = first(node)?;
        let place = trimmed(self.source, span(&part));
        match part.as_rule() {
            Rule::status => {
                let mut parts = part.into_inner();
                let number = value_of(parts.next()?);
                let body = parts.next().map(|part| self.json(part));
                let status = number.text.parse::<u16>().ok().filter(|status| (100..600).contains(status));
                if status.is_none() {
                    self.tell(|file| {
                        Finding::new(
                            Slug::WrongValue,
                            file,
                            number.span,
                            format!("`{}` is no status", slips::shortened(&number.text)),
                        )
                        .help("a status is a number from 100 to 599: `-> 200 {…}`, `-> 404`")
                    });
                }
                Some(Returns::Status(status?, body))
            }
            Rule::success => Some(Returns::Success(first(part).map(|part| self.json(part)))),
            Rule::failure => match first(part) {
                None => Some(Returns::Failure("unknown".to_string())),
                Some(reason) => self.reason(reason.as_str(), span(&reason)).map(Returns::Failure),
            },
            Rule::short if part.as_str() == "pending" => Some(Returns::Pending),
            Rule::short => Some(Returns::Failure(
                if part.as_str() == "drop" { "unreachable" } else { "timeout" }.to_string(),
            )),
            _ => {
                let text = part.as_str();
                let known = ["success", "failure", "timeout", "drop", "pending"];
                let help = english::did_you_mean(first_word(text), known).unwrap_or_else(|| {
                    "write a status, `success`, `failure` and why, `timeout` or `drop`: `-> 200 {\"status\":\"shipped\"}`, `-> failure busy`".to_string()
                });
                self.tell(|file| {
                    Finding::new(
                        Slug::WrongValue,
                        file,
                        place,
                        format!("a call does not come back with `{}`", slips::shortened(text)),
                    )
                    .help(help)
                });
                None
            }
        }
    }

    /// Why something failed, in or without quotes.
    fn reason(&mut self, written: &str, place: Span) -> Option<String> {
        let written = written.trim();
        let bare = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written);
        let reason = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        if words::REASONS.contains(&reason.as_str()) {
            return Some(reason);
        }
        let help = english::did_you_mean(&reason, words::REASONS.iter().copied())
            .unwrap_or_else(|| format!("a call fails with {}", english::list(words::REASONS, "or")));
        self.tell(|file| {
            Finding::new(
                Slug::WrongValue,
                file,
                place,
                format!("`{}` is no reason to fail", slips::shortened(&reason)),
            )
            .help(help)
        });
        None
    }

    fn json(&mut self, node: Node<'a>) -> Value {
        let value = value_of(node);
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&value.text) {
            let line = value
                .text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum::<usize>();
            let at = (line + error.column().saturating_sub(1)).min(value.text.len().saturating_sub(1));
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or("").to_string();
            let start = value.span.start as usize;
            let letter = self.source[start..].char_indices().take_while(|(offset, _)| *offset <= at).last();
            let (at, letter) = letter.unwrap_or((0, ' '));
            self.tell(|file| {
                Finding::new(Slug::UnusableJson, file, Span::new(start + at, start + at + letter.len_utf8()), format!("this is not JSON: {why}"))
                    .help("JSON is written with straight double quotes around names and texts, and without a comma behind the last part: `{\"status\": \"shipped\"}`")
            });
        }
        value
    }

    fn duration(&mut self, node: Node<'a>) -> Option<Duration> {
        let value = value_of(node);
        let digits = value.text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = value.text.split_at(digits);
        let unit = unit.trim();
        if let (Some(unit), Ok(number)) = (words::UNITS.iter().find(|known| **known == unit), number.parse())
        {
            return Some(Duration { number, unit, span: value.span });
        }
        let (slug, message) = match unit {
            "" if digits > 0 && digits < 19 => (Slug::MissingUnit, format!("`{number}` of what?")),
            _ => (Slug::WrongValue, format!("`{}` is no time", slips::shortened(&value.text))),
        };
        self.tell(|file| {
            Finding::new(slug, file, value.span, message).help(format!(
                "write a number and its unit, {}: `500ms`, `2s`, `3m`",
                english::list(words::UNITS, "or")
            ))
        });
        None
    }

    // ----------------------------------------------------------------------------------------------- tables

    fn table(&mut self, node: Node<'a>, place: Span) -> Table {
        let mut table = Table { names: Vec::new(), rows: Vec::new() };
        let mut too_many = None;
        for part in node.into_inner() {
            let at = trimmed(self.source, span(&part));
            let row = match part.as_rule() {
                Rule::ident => {
                    table.names.push(name_of(part));
                    continue;
                }
                Rule::cell => {
                    let value = self.cell(part);
                    if value.text.is_empty() {
                        self.empty(at, place, "a value is missing", "each bad = 999 | A-12");
                    }
                    vec![value]
                }
                _ => part.into_inner().map(|part| self.cell(part)).collect(),
            };
            if row.len() != table.names.len() {
                let (columns, values) =
                    (english::count(table.names.len(), "column"), english::count(row.len(), "value"));
                self.tell(|file| {
                    Finding::new(Slug::WrongRow, file, at, format!("this row has {values}, and the table has {columns}"))
                        .related(file, place.head(self.source), "its columns")
                        .help("write a value for each column: `| Munich | MUC |`; a bar inside of a value is written `\\|`")
                });
            } else if table.rows.len() < ROWS_MAX {
                table.rows.push(row);
            } else {
                too_many = too_many.or(Some(at));
            }
        }
        if let Some(at) = too_many {
            self.tell(|file| {
                Finding::new(Slug::TooLarge, file, at, format!("this table has more than {ROWS_MAX} rows"))
                    .help("make several tests of it, with a part of the rows each")
            });
        }
        if table.rows.is_empty() && self.findings.last().is_none_or(|last| last.slug != Slug::WrongRow) {
            self.tell(|file| {
                Finding::new(Slug::EmptyText, file, place.head(self.source), "this table has no rows").help(
                    "write values behind `=`, or rows below it: `each bad = 999 | A-12`, `| Munich | MUC |`",
                )
            });
        }
        table
    }

    fn cell(&mut self, node: Node<'a>) -> Value {
        let words = self.words(node);
        let text = match words.form {
            Form::Pieces(pieces) => pieces.into_iter().map(|piece| match piece {
                Piece::Letters(letters) => letters,
                _ => String::new(),
            }),
            Form::Regex { .. } => return Value { text: String::new(), span: words.span },
        };
        Value { text: text.collect(), span: words.span }
    }

    // ------------------------------------------------------------------------------------------------ texts

    fn words(&mut self, node: Node<'a>) -> Words {
        let mut place = trimmed(self.source, span(&node));
        let text = &self.source[place.range()];
        let backslashes = text.len() - text.trim_end_matches('\\').len();
        if backslashes % 2 == 1 && place.end < span(&node).end {
            place.end += 1; // `\ `: a space that stays
        }
        let form = match node.as_rule() {
            Rule::regex => self.whole_regex(node),
            Rule::bad_regex => {
                let line = place.head(self.source);
                self.tell(|file| {
                    Finding::new(
                        Slug::UnclosedRegex,
                        file,
                        line,
                        "a text that begins with `/` is a regex, and this one has no closing `/`",
                    )
                    .help(
                        "write `/…/` or `/…/i` on one line; for a text that begins with a slash, write `\\/`",
                    )
                });
                Form::Pieces(vec![Piece::Letters(self.source[place.range()].to_string())])
            }
            _ => Form::Pieces(self.pieces(node)),
        };
        Words { span: place, form }
    }

    fn whole_regex(&mut self, node: Node<'a>) -> Form {
        let written = node.as_str();
        let ignore_case = written.ends_with('i');
        let source = bare_regex(&written[1..written.len() - 1 - usize::from(ignore_case)]);
        self.look_at_regex(&source, span(&node));
        Form::Regex { source, ignore_case }
    }

    fn look_at_regex(&mut self, source: &str, place: Span) {
        if let Err(error) = regex_syntax::ast::parse::Parser::new().parse(source) {
            let why = error.kind().to_string();
            self.tell(|file| {
                Finding::new(Slug::UnusableRegex, file, place, format!("this regex cannot be read: {why}"))
                    .help("a sign meant as a letter has a backslash before it: `\\.`, `\\(`, `\\?`")
            });
        }
    }

    fn pieces(&mut self, node: Node<'a>) -> Vec<Piece> {
        let mut said = Said::default();
        for part in node.into_inner() {
            let place = span(&part);
            match part.as_rule() {
                Rule::any => said.sign(Piece::Any),
                Rule::capture => {
                    let mut parts = part.into_inner();
                    let name = parts.next().map(|part| part.as_str().to_string()).unwrap_or_default();
                    let regex = parts.next().map(|part| (bare_regex(part.as_str()), span(&part)));
                    if let Some((regex, place)) = &regex {
                        self.look_at_regex(regex, *place);
                    }
                    said.sign(Piece::Capture(name, regex.map(|(regex, _)| regex)));
                }
                Rule::value => said.sign(Piece::Value(
                    first(part).map(|part| part.as_str().to_string()).unwrap_or_default(),
                )),
                Rule::more => {
                    said.turn();
                    if let Some(letter) = first(part) {
                        said.letters(&letter.as_str()[1..]);
                    }
                }
                Rule::escape => match unescaped(part.as_str()) {
                    Some(letter) => said.letters(letter.encode_utf8(&mut [0; 4])),
                    None => {
                        let written = part.as_str();
                        self.tell(|file| {
                            Finding::new(Slug::BadEscape, file, place, format!("`{written}` is no letter"))
                                .help("between the braces stands the number of a letter in Unicode: `\\u{e9}` is é")
                        });
                        said.letters(written);
                    }
                },
                Rule::bad_escape => {
                    let written = part.as_str();
                    self.tell(|file| {
                        Finding::new(Slug::BadEscape, file, place, match written {
                            "\\" => "a backslash at the end of a line means nothing".to_string(),
                            _ => format!("`{written}` means nothing in a text"),
                        })
                        .help("a backslash stands before a sign meant as a letter (`\\*`, `\\<`, `\\{`), and there is `\\n` for a new line; a backslash itself is `\\\\`")
                        .fix("double the backslash", vec![(Span::at(place.start as usize), "\\".to_string())])
                    });
                    said.letters(written);
                }
                Rule::bad_value => {
                    let written = part.as_str();
                    self.tell(|file| match written.ends_with("}}") {
                        true => Finding::new(Slug::WrongValue, file, place, format!("`{}` is no name", slips::shortened(written)))
                            .help("between `{{` and `}}` stands the name of what was kept, or of a column: `{{ eta }}`; braces that are said are written `\\{{`"),
                        false => Finding::new(Slug::UnclosedHole, file, Span { end: place.start + 2, ..place }, "this `{{` has no `}}`")
                            .help("write `{{ eta }}`, with two braces at both ends; braces that are said are written `\\{{`"),
                    });
                    said.letters(written);
                }
                Rule::bad_capture => {
                    let written = part.as_str();
                    self.tell(|file| {
                        Finding::new(
                            Slug::UnclosedRegex,
                            file,
                            trimmed(self.source, place),
                            "this regex has no closing `/>`",
                        )
                        .help("write `<name:/regex/>`; a `<` that is said is written `\\<`")
                    });
                    said.letters(written.trim_end());
                }
                // Spaces count only if something comes behind them.
                _ => {
                    let (letters, white) =
                        part.as_str().split_at(part.as_str().trim_end_matches([' ', '\t']).len());
                    if !letters.is_empty() {
                        said.letters(letters);
                    }
                    if !white.is_empty() {
                        said.gap = Some(white);
                    }
                }
            }
        }
        said.pieces
    }

    fn text(&mut self, node: Node<'a>) -> Text {
        let place = span(&node);
        let cooked = text::cook(node.as_str(), Sort::Pattern);
        // As in a pattern, `\"` is the text's own; a doubled backslash is one.
        Text { value: cooked.value.replace("\\\\", "\\"), span: place, long: false }
    }

    // ------------------------------------------------------------------------------ what stands in no place

    fn bad_line(&mut self, place: Span) {
        let line = self.source[place.range()].lines().next().unwrap_or("").trim_end();
        let in_scene = !self.tree.scenes.is_empty();
        if self.findings.len() >= FINDINGS_MAX {
            self.more += 1;
        } else {
            self.findings.push(slips::explain(
                line,
                Span::new(place.start as usize, place.start as usize + line.len()),
                self.file,
                in_scene,
            ));
        }
        // A test whose first line has a slip is still a test: its lines stand where they belong.
        if slips::begins_scene(line) {
            self.lost_head = true;
            let name = Text { value: String::new(), span: place, long: false };
            self.tree.scenes.push(Scene {
                head: place,
                span: place,
                opening: false,
                name,
                tags: Vec::new(),
                lines: Vec::new(),
            });
        }
    }

    fn belongs_above(&mut self, place: Span) {
        let place = place.head(self.source);
        let word = first_word(&self.source[place.range()]);
        self.tell(|file| {
            Finding::new(
                Slug::MisplacedLine,
                file,
                place,
                format!("`{word}` holds for the whole file and stands above its first test"),
            )
            .help("move it up; a test that needs another one stands in another file")
        });
    }

    fn belongs_below(&mut self, place: Span) {
        let place = place.head(self.source);
        let line = &self.source[place.range()];
        let word = first_word(line);
        let colon = Span::new(place.start as usize + word.len(), place.start as usize + word.len() + 1);
        self.tell(|file| match line.strip_prefix("bot:") {
            Some(name) => Finding::new(
                Slug::NeedlessColon,
                file,
                colon,
                "above the first test, `bot` names the bot that is tested, without a colon",
            )
            .help(format!("write `bot {}`; what it says stands in a test", slips::shortened(name)))
            .fix(
                "leave the colon out",
                vec![(colon, if name.starts_with([' ', '\t']) { "" } else { " " }.to_string())],
            ),
            None => Finding::new(
                Slug::MisplacedLine,
                file,
                place,
                format!("`{word}` is a line of a conversation, and no test begins above it"),
            )
            .help("write `test \"…\"` above it, with what the test shows between the quotes"),
        });
    }

    /// An opening that is included has to be in this file, unless another one is included too.
    fn look_for_openings(&mut self) {
        if self.lost_head
            || self.tree.header.iter().any(|header| matches!(header.setting, Setting::Include(_)))
        {
            return;
        }
        let mut missing = Vec::new();
        for line in self.tree.scenes.iter().flat_map(|scene| &scene.lines) {
            if let Does::Include(name) = &line.does
                && !self.names.contains_key(&(true, name.value.clone()))
            {
                missing.push(name.clone());
            }
        }
        for name in missing {
            let known: Vec<String> =
                self.names.keys().filter(|(opening, _)| *opening).map(|(_, name)| name.clone()).collect();
            let help = match english::nearest(&name.value, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!(
                    "write its lines below `opening \"{}\"`, or include the file it stands in above the first test: `include openings.transcript`",
                    slips::shortened(&name.value)
                ),
            };
            self.tell(|file| {
                Finding::new(
                    Slug::UnknownOpening,
                    file,
                    name.span,
                    format!("there is no opening \"{}\"", slips::shortened(&name.value)),
                )
                .help(help)
            });
        }
    }

    fn found(&mut self, slug: Slug, place: Span, message: &str) {
        self.tell(|file| Finding::new(slug, file, place, message));
    }

    /// Keeps a finding, while there is room for it.
    fn tell(&mut self, finding: impl FnOnce(FileId) -> Finding) {
        match self.findings.len() < FINDINGS_MAX {
            true => self.findings.push(finding(self.file)),
            false => self.more += 1,
        }
    }
}

/// Pieces as they are put together: letters side by side are one piece, and spaces at the end of a line are none.
#[derive(Default)]
struct Said<'a> {
    pieces: Vec<Piece>,
    gap: Option<&'a str>,
}

impl Said<'_> {
    fn letters(&mut self, letters: &str) {
        let gap = self.gap.take().unwrap_or("");
        match self.pieces.last_mut() {
            Some(Piece::Letters(last)) => last.extend([gap, letters]),
            _ => self.pieces.push(Piece::Letters(format!("{gap}{letters}"))),
        }
    }

    fn sign(&mut self, sign: Piece) {
        if self.gap.is_some() {
            self.letters("");
        }
        if sign != Piece::Any || self.pieces.last() != Some(&Piece::Any) {
            self.pieces.push(sign);
        }
    }

    /// A text that begins on the line below its label does not begin with an empty line.
    fn turn(&mut self) {
        self.gap = None;
        if !self.pieces.is_empty() {
            self.letters("\n");
        }
    }
}

/// What a line belongs to that cannot stand by itself.
fn attached_to(does: &Does) -> Option<&'static str> {
    match does {
        Does::Or(_) => Some("`bot:`, `note:` or `event:`"),
        Does::Choices(_) | Does::Card(_) => Some("`bot:`"),
        Does::Within(_) => Some("`bot:`, `note:` or `event:`"),
        _ => None,
    }
}

/// Lines that may stand between a line and another one that belongs to it.
fn goes_between(line: &Line) -> bool {
    matches!(line.does, Does::Or(_) | Does::Choices(_) | Does::Card(_) | Does::Within(_) | Does::Expect(_))
}

fn can_carry(above: &Does, line: &Does) -> bool {
    match above {
        Does::Bot(manner, _) => *manner != Manner::Any,
        Does::Note(_) | Does::Event(_) => matches!(line, Does::Or(_) | Does::Within(_)),
        _ => false,
    }
}

fn is_empty(words: &Words) -> bool {
    matches!(&words.form, Form::Pieces(pieces) if pieces.is_empty())
}

fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or("");
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The letter that an escape stands for.
fn unescaped(written: &str) -> Option<char> {
    let inner = &written[1..];
    match inner {
        "n" => Some('\n'),
        _ => match inner.strip_prefix("u{").and_then(|rest| rest.strip_suffix('}')) {
            Some(digits) => u32::from_str_radix(digits, 16).ok().and_then(char::from_u32),
            None => inner.chars().next(),
        },
    }
}

/// A regex without the backslashes before its slashes.
fn bare_regex(written: &str) -> String {
    let mut source = String::with_capacity(written.len());
    let mut letters = written.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('/') => source.push('/'),
                Some(next) => source.extend(['\\', next]),
                None => source.push('\\'),
            },
            _ => source.push(letter),
        }
    }
    source
}

fn tag(node: Node<'_>) -> Option<Tag> {
    let mut parts = node.into_inner();
    let name = name_of(parts.next()?);
    Some(Tag { name, reason: parts.next().map(|part| part.as_str().trim().to_string()) })
}

/// The word a line begins with, and its colon.
fn first_word(line: &str) -> &str {
    let end = line
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '?' && letter != '!');
    &line[..end.unwrap_or(line.len())]
}

fn leading_white(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

fn span(node: &Node<'_>) -> Span {
    let at = node.as_span();
    Span::new(at.start(), at.end())
}

fn first<'a>(node: Node<'a>) -> Option<Node<'a>> {
    node.into_inner().next()
}

fn name_of(node: Node<'_>) -> Name {
    Name { text: node.as_str().to_string(), span: span(&node) }
}

fn value_of(node: Node<'_>) -> Value {
    Value { text: node.as_str().to_string(), span: span(&node) }
}

fn expr_of(node: Node<'_>) -> Expr {
    Expr { source: node.as_str().to_string(), span: span(&node) }
}
