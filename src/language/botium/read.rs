//! From text to sections: which lines are text, which are hooks, and what `?` and `!` before them mean.

use crate::diagnostics::english::{count, list, nearest};
use crate::diagnostics::{FileId, Finding, Slug, Span};

use super::hooks::{HOOKS, Use, hook};
use super::syntax::*;

/// How many sections one file may have.
pub const SECTIONS_MAX: usize = 10_000;

/// The words behind `#`.
const SECTIONS: &[(&str, By)] =
    &[("begin", By::Begin), ("include", By::Include), ("me", By::Me), ("bot", By::Bot), ("end", By::End)];

/// A line without the white space around it, and where it stands.
type Row<'a> = (Span, &'a str);

/// Reads a conversation.
pub fn read_convo(source: &str, file: FileId) -> (Convo, Vec<Finding>) {
    let mut reader = Reader { file, convo: Convo::default(), findings: Vec::new() };
    let rows: Vec<Row<'_>> = rows(source).collect();
    let heads: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].1.starts_with('#')).collect();
    let before = &rows[..heads.first().copied().unwrap_or(rows.len())];
    let mut named = before.iter().filter(|(_, text)| !text.is_empty());
    if let Some((span, name)) = named.next() {
        (reader.convo.span, reader.convo.name) = (*span, name.to_string());
        reader.convo.about = named.map(|(_, text)| text.to_string()).collect();
    }
    for (number, head) in heads.iter().enumerate().take(SECTIONS_MAX) {
        let end = heads.get(number + 1).copied().unwrap_or(rows.len());
        reader.section(rows[*head], &rows[head + 1..end]);
    }
    if let Some(beyond) = heads.get(SECTIONS_MAX) {
        let message = format!("this file has more than {SECTIONS_MAX} sections");
        reader.findings.push(Finding::new(Slug::TooLarge, file, rows[*beyond].0, message));
    }
    (reader.convo, reader.findings)
}

/// Reads a list of utterances.
pub fn read_utterances(source: &str) -> Utterances {
    let mut lines = rows(source).map(|(_, text)| text.to_string()).filter(|text| !text.is_empty());
    Utterances { name: lines.next().unwrap_or_default(), samples: lines.collect() }
}

/// Reads a table of variables. Rows that are too short or too long are told.
pub fn read_memory(source: &str, file: FileId) -> (Memory, Vec<Finding>) {
    let mut rows = rows(source).filter(|(_, text)| !text.is_empty());
    let cells = |text: &str| text.split('|').skip(1).map(|cell| cell.trim().to_string()).collect::<Vec<_>>();
    let mut memory = Memory::default();
    let mut findings = Vec::new();
    let Some((_, head)) = rows.next() else { return (memory, findings) };
    memory.names = cells(head);
    for (span, row) in rows {
        let values = cells(row);
        if values.len() != memory.names.len() {
            let (has, needs) = (count(values.len(), "value"), count(memory.names.len(), "column"));
            let message = format!("this row has {has}, and the table has {needs}");
            let help = "write a name for the row, and behind it a bar and a value for each column";
            findings.push(Finding::new(Slug::WrongRow, file, span, message).help(help));
            continue;
        }
        memory.rows.push(values);
    }
    (memory, findings)
}

/// The lines of a text.
fn rows(source: &str) -> impl Iterator<Item = Row<'_>> {
    let mut start = 0;
    source.split_inclusive('\n').map(move |line| {
        let text = line.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{FEFF}');
        let indent = line.find(text).unwrap_or(0);
        let span = Span::new(start + indent, start + indent + text.len());
        start += line.len();
        (span, text)
    })
}

struct Reader {
    file: FileId,
    convo: Convo,
    findings: Vec<Finding>,
}

impl Reader {
    fn tell(&mut self, slug: Slug, span: Span, message: String, help: impl Into<String>) {
        self.findings.push(Finding::new(slug, self.file, span, message).help(help));
    }

    fn section(&mut self, (head, line): Row<'_>, rows: &[Row<'_>]) {
        let word = line[1..].split_whitespace().next().unwrap_or("");
        let Some((_, by)) = SECTIONS.iter().find(|(name, _)| *name == word) else {
            let names: Vec<String> = SECTIONS.iter().map(|(name, _)| format!("#{name}")).collect();
            let help = match nearest(word, SECTIONS.iter().map(|(name, _)| *name)) {
                Some(near) => format!("did you mean `#{near}`?"),
                None => format!("sections begin with {}", list(&names, "or")),
            };
            return self.tell(Slug::UnknownWord, head, format!("there is no section `#{word}`"), help);
        };
        let last = rows.iter().rfind(|(_, text)| !text.is_empty()).map_or(head, |(span, _)| *span);
        let mut section = Section { head, span: head.to(last), by: *by, text: None, hooks: Vec::new() };
        // Names of partial conversations are all that stands in a section of that kind.
        if *by == By::Include {
            let named = rows.iter().filter(|(_, text)| !text.is_empty());
            let args = |text: &str| text.split('|').map(|name| name.trim().to_string()).collect();
            section.hooks.extend(named.map(|(span, text)| Hook {
                span: *span,
                name: "INCLUDE".to_string(),
                args: args(text),
                not: false,
                optional: false,
            }));
            return self.convo.sections.push(section);
        }
        let mut text: Vec<Row<'_>> = Vec::new();
        for (span, line) in rows {
            match self.hook(*by, *span, line) {
                Some(hook) => section.hooks.extend(hook),
                None => text.push((*span, line)),
            }
        }
        while text.last().is_some_and(|(_, line)| line.is_empty()) {
            text.pop();
        }
        while text.first().is_some_and(|(_, line)| line.is_empty()) {
            text.remove(0);
        }
        section.text = self.text(*by, &section.hooks, &text);
        let mut optional = section.hooks.iter().filter(|hook| asserts(*by, hook)).map(|hook| hook.optional);
        let first = section.text.as_ref().map(|said| said.optional).or_else(|| optional.next());
        if first.is_some_and(|first| optional.any(|other| other != first)) {
            let message = "some of this section is optional and some is not".to_string();
            self.tell(
                Slug::WrongValue,
                section.head,
                message,
                "write `?` before each of its lines, or before none",
            );
        }
        self.convo.sections.push(section);
    }

    /// A line that is a hook: read, or told and left out. Nothing, if it is text.
    fn hook(&mut self, by: By, span: Span, line: &str) -> Option<Option<Hook>> {
        let (mut rest, optional) = mark(line, '?');
        let not;
        (rest, not) = mark(rest, '!');
        let word = rest.split(' ').next().unwrap_or("");
        let used = hook(word)?;
        let fits = match used {
            Use::Asserts if word == "MEDIA" => matches!(by, By::Bot | By::Me),
            Use::Asserts => by == By::Bot,
            Use::Enters => by == By::Me,
            Use::Acts => true,
            Use::None => {
                let message = format!("not supported: `{word}`");
                let help = match nearest(word, HOOKS.iter().map(|(name, _)| *name)) {
                    Some(near) => format!("did you mean `{near}`? docs/botium.md lists what is supported"),
                    None => "take the line out; docs/botium.md lists what is supported".to_string(),
                };
                self.tell(Slug::BotiumNotSupported, span, message, help);
                return Some(None);
            }
        };
        if !fits {
            let place = if used == Use::Enters { "`#me`" } else { "`#bot`" };
            self.tell(
                Slug::MisplacedLine,
                span,
                format!("`{word}` has no meaning in this section"),
                format!("it belongs into a {place} section"),
            );
            return Some(None);
        }
        let args = rest[word.len()..].trim();
        let args = if args.is_empty() { Vec::new() } else { parted(args) };
        Some(Some(Hook { span, name: word.to_string(), args, not, optional }))
    }

    fn text(&mut self, by: By, hooks: &[Hook], rows: &[Row<'_>]) -> Option<Said> {
        let ((first, line), (last, _)) = (rows.first()?, rows.last()?);
        let span = first.to(*last);
        if matches!(by, By::Begin | By::End) {
            let message = "nothing is said in this section".to_string();
            self.tell(
                Slug::MisplacedLine,
                span,
                message,
                "only hooks stand here; what is said belongs into `#me` or `#bot`",
            );
            return None;
        }
        if by == By::Me && hooks.iter().any(|hook| hook.name == "BUTTON" || hook.name == "MEDIA") {
            let message = "the visitor does something here, and says something as well".to_string();
            self.tell(Slug::MisplacedLine, span, message, "write the text in a `#me` section of its own");
            return None;
        }
        let (mut head, mut not, mut optional) = (*line, false, false);
        if by == By::Bot {
            (head, optional) = mark(head, '?');
            (head, not) = mark(head, '!');
        }
        let lines = std::iter::once(head).chain(rows[1..].iter().map(|(_, line)| *line));
        let text = lines.collect::<Vec<_>>().join("\n").trim().to_string();
        Some(Said { span, text, not, optional })
    }
}

/// Whether a hook of a section says something of what the bot has said.
pub fn asserts(by: By, named: &Hook) -> bool {
    by == By::Bot && hook(&named.name) == Some(Use::Asserts)
}

/// Takes a mark off the beginning of a line; doubled it is a letter.
fn mark(line: &str, sign: char) -> (&str, bool) {
    match line.strip_prefix(sign) {
        Some(rest) => (rest, !rest.starts_with(sign)),
        None => (line, false),
    }
}

/// What stands between bars; `\|` is a bar that is meant.
fn parted(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'|') => {
                letters.next();
                parts.last_mut().into_iter().for_each(|part| part.push('|'));
            }
            '|' => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(letter)),
        }
    }
    parts.into_iter().map(|part| part.trim().to_string()).collect()
}
