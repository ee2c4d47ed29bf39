//! The one layout of transcripts: settings in a column, an empty line before each test, what belongs to a line set in
//! below it.
//!
//! What is said stays as its author wrote it, and so do comments and groups of lines; nothing is sorted or wrapped.
//! Formatting what was formatted changes nothing.

use crate::diagnostics::{FileId, Span};
use crate::language;
use crate::language::syntax::Value;
use crate::language::transcript::syntax::*;

/// How far the lines of a test are set in.
const LINE: usize = 2;

/// How far what belongs to such a line is.
const ATTACHED: usize = 4;

/// Prints a file that was read without findings; `source` is its text.
pub fn format(source: &str, transcript: &Transcript) -> String {
    let words = transcript.header.iter().map(|header| setting_word(&header.setting).len());
    let column = words.max().unwrap_or(0);
    let mut page = Page { source, out: String::with_capacity(source.len()), at: None, column };
    for header in &transcript.header {
        page.between(header.span, 0, page.out.is_empty());
        page.setting(header);
        page.end_line();
    }
    for (number, scene) in transcript.scenes.iter().enumerate() {
        page.before_scene(scene.head, number > 0);
        page.head(scene);
        page.end_line();
        for (number, line) in scene.lines.iter().enumerate() {
            let set_in = if number > 0 && is_attached(&line.does) { ATTACHED } else { LINE };
            page.between(line.span, set_in, number == 0);
            page.set_in(set_in);
            page.line(line, set_in);
            page.end_line();
        }
    }
    let rest = page.trivia(Span::at(source.len()));
    page.left_over(&rest, !transcript.scenes.is_empty());
    page.out
}

struct Page<'a> {
    source: &'a str,
    out: String,
    /// Up to where the source is printed, once something is.
    at: Option<usize>,
    /// How wide the words of the header are.
    column: usize,
}

/// What stands between lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trivia<'a> {
    Blank,
    /// A comment, and whether it is set in.
    Comment(&'a str, bool),
}

impl<'a> Page<'a> {
    fn slice(&self, span: Span) -> &'a str {
        &self.source[span.range()]
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn end_line(&mut self) {
        self.out.push('\n');
    }

    fn set_in(&mut self, spaces: usize) {
        self.out.extend(std::iter::repeat_n(' ', spaces));
    }

    // ------------------------------------------------------------------------------ comments and empty lines

    /// The comments and empty lines in front of a place; the source is printed up to its end then.
    fn trivia(&mut self, next: Span) -> Vec<Trivia<'a>> {
        let text = &self.source[self.at.unwrap_or(0)..next.start as usize];
        let lines = lines_of(if self.at.is_none() { text.trim_start_matches('\u{feff}') } else { text });
        // The first is the end of the line above, the last what the next line is set in by.
        let first = usize::from(self.at.is_some());
        let last = lines.len() - usize::from(lines.last().is_some_and(|line| bare(line).is_empty()));
        self.at = Some(next.end as usize);
        let mut trivia = Vec::new();
        for line in lines.get(first..last).unwrap_or(&[]) {
            match bare(line) {
                "" if trivia.last() == Some(&Trivia::Blank) => {}
                "" => trivia.push(Trivia::Blank),
                comment => trivia.push(Trivia::Comment(comment, line.starts_with([' ', '\t']))),
            }
        }
        trivia
    }

    /// In front of a line: comments stand above it, as far set in.
    fn between(&mut self, next: Span, set_in: usize, first: bool) {
        let trivia = self.trivia(next);
        let skipped = usize::from(first && trivia.first() == Some(&Trivia::Blank));
        for piece in &trivia[skipped..] {
            if let Trivia::Comment(comment, _) = piece {
                self.set_in(set_in);
                self.put(comment);
            }
            self.end_line();
        }
    }

    /// In front of a test: comments directly above it are about it, others are left over from what stands above.
    fn before_scene(&mut self, next: Span, behind_scene: bool) {
        let trivia = self.trivia(next);
        let far = trivia.iter().rposition(|piece| *piece == Trivia::Blank).unwrap_or(0);
        self.left_over(&trivia[..far], behind_scene);
        if !self.out.is_empty() {
            self.end_line();
        }
        for piece in &trivia[far..] {
            if let Trivia::Comment(comment, _) = piece {
                self.put(comment);
                self.end_line();
            }
        }
    }

    /// Comments with nothing below them.
    fn left_over(&mut self, trivia: &[Trivia<'a>], in_scene: bool) {
        let last = trivia.iter().rposition(|piece| *piece != Trivia::Blank).map_or(0, |last| last + 1);
        for piece in &trivia[..last] {
            match piece {
                Trivia::Blank if self.out.is_empty() => {}
                Trivia::Blank => self.end_line(),
                Trivia::Comment(comment, set_in) => {
                    self.set_in(if *set_in && in_scene { LINE } else { 0 });
                    self.put(comment);
                    self.end_line();
                }
            }
        }
    }

    // -------------------------------------------------------------------------------- lines above the first test

    fn setting(&mut self, header: &Header) {
        if let Setting::OwnBot(own) = &header.setting {
            self.put("bot {\n");
            for line in own_text(own).lines() {
                self.set_in(if line.is_empty() { 0 } else { LINE });
                self.put(line);
                self.end_line();
            }
            return self.put("}");
        }
        let word = setting_word(&header.setting);
        self.put(word);
        self.set_in(self.column - word.len() + 1);
        match &header.setting {
            Setting::Bot(value) | Setting::Env(value) | Setting::Clock(value) => {
                self.put(self.slice(value.span))
            }
            Setting::Channel(value) | Setting::Locale(value) => self.put(self.slice(value.span)),
            Setting::Include(path) => self.put(self.slice(path.span)),
            Setting::Given(given) => {
                self.put(&given.name.text);
                self.put(" = ");
                self.json(self.slice(given.value.span), 0);
            }
            Setting::Stub(stub) => self.stub(stub, header.span, 0),
            Setting::OwnBot(_) => {}
        }
    }

    fn stub(&mut self, stub: &Stub, line: Span, set_in: usize) {
        let end = match &stub.of {
            Called::Integration(name) => {
                self.put(self.slice(name.span));
                name.span.end
            }
            Called::Request { method, url } => {
                self.put(&method.text);
                self.put(" ");
                self.put(self.slice(url.span));
                url.span.end
            }
        };
        let returns = bare(self.slice(Span { start: end, end: line.end }));
        self.put(" -> ");
        self.json(bare(returns.strip_prefix("->").unwrap_or(returns)), set_in);
    }

    // --------------------------------------------------------------------------------------- tests and their lines

    fn head(&mut self, scene: &Scene) {
        self.put(if scene.opening { "opening " } else { "test " });
        self.put(self.slice(scene.name.span));
        for tag in &scene.tags {
            self.put(&format!(" @{}", tag.name.text));
            if let Some(reason) = &tag.reason {
                self.put(&format!("({reason})"));
            }
        }
    }

    fn line(&mut self, line: &Line, set_in: usize) {
        match &line.does {
            Does::User(words) => self.text("user:", words, line, set_in),
            Does::Agent(Act::Says(words)) => self.text("agent:", words, line, set_in),
            Does::Bot(Manner::Must, words) => self.text("bot:", words, line, set_in),
            Does::Bot(Manner::May, words) => self.text("bot?:", words, line, set_in),
            Does::Bot(Manner::Never, words) => self.text("bot!:", words, line, set_in),
            Does::Bot(Manner::Any, _) => self.put("bot: ..."),
            Does::Or(words) => self.text("or:", words, line, set_in),
            Does::Note(words) => self.text("note:", words, line, set_in),
            Does::Event(words) => self.text("event:", words, line, set_in),
            Does::Begin => self.put("begin:"),
            Does::Wait(time) => self.put(&format!("wait: {}{}", time.number, time.unit)),
            Does::Within(time) => self.put(&format!("within {}{}", time.number, time.unit)),
            Does::Agent(Act::Accept) => self.put("agent: [accept]"),
            Does::Agent(Act::Close) => self.put("agent: [close]"),
            Does::Agent(Act::Away) => self.put("agent: [away]"),
            Does::Agent(Act::Transfer(skill)) => self.put(&format!("agent: [transfer {}]", skill.text)),
            Does::Goto(name) => self.put(&format!("goto: {}", self.slice(name.span))),
            Does::Include(name) => self.put(&format!("include {}", self.slice(name.span))),
            Does::Answer(_) => {
                let returns = bare(&self.slice(line.span)["answer:".len()..]);
                self.put("answer: ");
                self.json(returns, set_in);
            }
            Does::Happens(event, data) => {
                self.put(&format!("happens: {event}"));
                if let Some(data) = data {
                    self.put(" ");
                    self.json(self.slice(data.span), set_in);
                }
            }
            Does::Card(card) => {
                self.put("card: ");
                self.json(self.slice(card.span), set_in);
            }
            Does::Stub(stub) => {
                self.put("stub ");
                self.stub(stub, line.span, set_in);
            }
            Does::Choices(choices) => self.choices(choices, line, set_in),
            Does::Each(table) => self.table(table, line, set_in),
            Does::Expect(expect) => self.expect(expect),
        }
    }

    /// A label and its text; where that goes on, its lines stand below each other.
    fn text(&mut self, label: &str, words: &Words, line: &Line, set_in: usize) {
        let label_end = line.span.start as usize + label.len();
        // A text that begins below its label stays there: beside the label it might mean something else.
        let below = !lines_of(&self.source[label_end..words.span.start as usize])[1..].is_empty();
        self.put(label);
        let deeper = set_in + if below { LINE } else { label.len() + 1 };
        for (number, line) in lines_of(self.slice(words.span)).into_iter().enumerate() {
            if number > 0 || below {
                self.end_line();
                self.set_in(deeper);
            } else {
                self.put(" ");
            }
            self.put(shorn(line));
        }
    }

    fn choices(&mut self, choices: &[Words], line: &Line, set_in: usize) {
        let over_lines = lines_of(self.slice(line.span)).len() > 1;
        if let (true, Some(first), Some(last)) = (over_lines, choices.first(), choices.last()) {
            let whole = Words { span: first.span.to(last.span), form: Form::Pieces(Vec::new()) };
            return self.text("choices:", &whole, line, set_in);
        }
        let labels: Vec<&str> = choices.iter().map(|choice| self.slice(choice.span)).collect();
        self.put(&format!("choices: {}", labels.join(" | ")));
    }

    fn table(&mut self, table: &Table, line: &Line, set_in: usize) {
        let names: Vec<&str> = table.names.iter().map(|name| name.text.as_str()).collect();
        self.put(&format!("each {}", names.join(", ")));
        let cell = |value: &Value| self.slice(value.span);
        if lines_of(self.slice(line.span)).len() == 1 {
            let values: Vec<&str> = table.rows.iter().flatten().map(cell).collect();
            return self.put(&format!(" = {}", values.join(" | ")));
        }
        let mut widths = vec![0; table.names.len()];
        for row in &table.rows {
            for (width, value) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell(value).chars().count());
            }
        }
        let mut rows = String::new();
        for row in &table.rows {
            rows.push('\n');
            rows.extend(std::iter::repeat_n(' ', set_in + LINE));
            rows.push('|');
            for (width, value) in widths.iter().zip(row) {
                let cell = cell(value);
                let room = width - cell.chars().count();
                rows.extend([" ", cell, &" ".repeat(room), " |"]);
            }
        }
        self.put(&rows);
    }

    fn expect(&mut self, expect: &Expect) {
        self.put("expect ");
        let written = match expect {
            Expect::Dialog(name) => format!("dialog {}", self.slice(name.span)),
            Expect::Matched(what) => format!("matched {}", self.slice(what.span)),
            Expect::Var(condition) => format!("var {}", self.slice(condition.span)),
            Expect::Env(condition) => format!("env {}", self.slice(condition.span)),
            Expect::Call(name, None) => format!("call {}", self.slice(name.span)),
            Expect::Call(name, Some(outcome)) => {
                format!("call {} {}", self.slice(name.span), self.slice(outcome.span))
            }
            Expect::NoMore => "no more".to_string(),
            Expect::Coverage(what) => format!("coverage {}", self.slice(what.span)),
        };
        self.put(&written);
    }

    /// JSON over several lines keeps its shape; a bracket that ends it stands below its line.
    fn json(&mut self, text: &str, set_in: usize) {
        let lines = lines_of(text);
        let white = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let least = lines[1..].iter().map(|line| white(line)).min().unwrap_or(0);
        let outer = lines[1..].iter().filter(|line| white(line) == least);
        let closes = outer.clone().all(|line| bare(line).starts_with(['}', ']']));
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                self.end_line();
                self.set_in(set_in + if closes { 0 } else { LINE });
                self.put(line[least..].trim_end());
            } else {
                self.put(line.trim_end());
            }
        }
    }
}

fn setting_word(setting: &Setting) -> &'static str {
    match setting {
        Setting::Bot(_) => "bot",
        Setting::OwnBot(_) => "",
        Setting::Env(_) => "env",
        Setting::Clock(_) => "clock",
        Setting::Channel(_) => "channel",
        Setting::Locale(_) => "locale",
        Setting::Given(_) => "given",
        Setting::Stub(_) => "stub",
        Setting::Include(_) => "include",
    }
}

/// The lines of a bot, in the layout of bots if they can be read.
fn own_text(own: &OwnBot) -> String {
    let (tree, findings) = language::parse(&own.text, FileId(0));
    match findings.is_empty() {
        true => language::format(&tree),
        false => own.text.clone(),
    }
}

fn is_attached(does: &Does) -> bool {
    matches!(does, Does::Or(_) | Does::Choices(_) | Does::Card(_) | Does::Within(_) | Does::Expect(_))
}

/// The lines of a text, whatever ends them.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        lines.push(&rest[..end]);
        rest = &rest[end + if rest[end..].starts_with("\r\n") { 2 } else { 1 }..];
    }
    lines.push(rest);
    lines
}

/// A line without the white space around it.
fn bare(line: &str) -> &str {
    line.trim_matches([' ', '\t'])
}

/// The same for a line of a text: a space with a backslash before it stays.
fn shorn(line: &str) -> &str {
    let text = bare(line);
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    match backslashes % 2 == 1 && line.trim_start_matches([' ', '\t']).len() > text.len() {
        true => &line.trim_start_matches([' ', '\t'])[..text.len() + 1],
        false => text,
    }
}
