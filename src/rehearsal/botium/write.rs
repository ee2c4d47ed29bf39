//! A Botium test as a transcript: in plain words where the bot says them so, as regexes where capitals may differ.

use std::collections::BTreeMap;

use crate::conversation::{Message, Span};
use crate::diagnostics::FileId;
use crate::language::transcript::syntax::Manner;
use crate::language::transcript::{heard, label, said};
use crate::rehearsal::shape::folded;
use crate::rehearsal::{At, Expected, Label, Played, Said, Test, What, written};

use super::ask::{Ask, How, Of, Part, built, normal, text_of, wild};
use super::script::Act;

/// How long a `WAITFORBOT` without a time is written down.
const PATIENCE: Span = Span(10_000);

/// A transcript that was made of a Botium file.
#[derive(Debug, Default)]
pub struct Written {
    /// Openings and the test.
    pub text: String,
    /// What transcripts have no words for, each with its place.
    pub missing: Vec<(At, String)>,
}

/// Writes a test. `played` is how its first row went; `names` are those of the partial conversations by their files.
pub fn write(test: &Test, played: Option<&Played>, names: &BTreeMap<FileId, String>) -> Written {
    let mut writer =
        Writer { test, missing: Vec::new(), lines: Vec::new(), known: Vec::new(), constants: Vec::new() };
    let columns: Vec<String> = test.rows.first().into_iter().flat_map(|row| row.keys().cloned()).collect();
    writer.known.extend(columns.iter().filter(|name| name.starts_with('$')).cloned());
    match played.filter(|played| played.passed()) {
        Some(played) => writer.as_played(played),
        None => writer.as_written(),
    }
    let mut written = Written { missing: writer.missing, ..Written::default() };
    let (mut openings, mut body) = (BTreeMap::<&str, Vec<String>>::new(), Vec::new());
    let mut rest = writer.lines.as_slice();
    while let Some((file, _)) = rest.first() {
        let end = rest.iter().position(|(other, _)| other != file).unwrap_or(rest.len());
        let block: Vec<String> = rest[..end].iter().map(|(_, line)| line.clone()).collect();
        rest = &rest[end..];
        match names.get(file) {
            Some(name) if openings.get(name.as_str()).is_none_or(|same| *same == block) => {
                openings.insert(name, block);
                body.push(format!("include {}", quoted(name)));
            }
            _ => body.extend(block),
        }
    }
    for (name, lines) in openings {
        written.text.push_str(&format!("opening {}\n{}\n", quoted(name), set_in(&lines)));
    }
    let mut rows = Vec::new();
    let names: Vec<String> =
        columns.iter().chain(writer.constants.iter().map(|(name, _)| name)).map(|name| ident(name)).collect();
    let row = |row: &BTreeMap<String, String>| -> Vec<String> {
        let own = columns.iter().map(|name| row.get(name).cloned().unwrap_or_default());
        own.chain(writer.constants.iter().map(|(_, value)| value.clone()))
            .map(|value| label(&value))
            .collect()
    };
    match names.as_slice() {
        [] => {}
        [only] => {
            let values: Vec<String> = test.rows.iter().flat_map(row).collect();
            rows.push(format!("each {only} = {}", values.join(" | ")));
        }
        several => {
            rows.push(format!("each {}", several.join(", ")));
            rows.extend(test.rows.iter().map(|values| format!("  | {} |", row(values).join(" | "))));
        }
    }
    rows.extend(body);
    written.text.push_str(&format!("test {}\n{}", quoted(&test.name), set_in(&rows)));
    written
}

struct Writer<'t> {
    test: &'t Test,
    missing: Vec<(At, String)>,
    /// Lines, each with the file it comes from.
    lines: Vec<(FileId, String)>,
    /// Variables that are known at this point.
    known: Vec<String>,
    /// Variables that are set once: a column of the table.
    constants: Vec<(String, String)>,
}

impl Writer<'_> {
    fn line(&mut self, file: FileId, line: impl Into<String>) {
        let line = line.into();
        // Any messages, and then any messages, are any messages.
        if line != ANY || self.lines.last().is_none_or(|(_, last)| last != ANY) {
            self.lines.push((file, line));
        }
    }

    /// Without knowing what the bot says: every reply is followed by any others.
    fn as_written(&mut self) {
        let test = self.test;
        for beat in &test.beats {
            let file = beat.at.map_or(FileId(0), |at| at.file);
            self.what(&beat.what, beat.at, None);
            for expected in &beat.expected {
                self.step(expected, None);
            }
            if !matches!(beat.what, What::Botium(Act::Set(..) | Act::Clear(_))) {
                self.line(file, ANY);
            }
        }
    }

    /// As it went: every message stands where it was said, and what nobody took is any messages.
    fn as_played(&mut self, played: &Played) {
        let test = self.test;
        let mut messages: Vec<(usize, &Said, Option<&Expected>)> = Vec::new();
        let mut waiting: Vec<usize> = Vec::new();
        for (number, (lived, beat)) in played.beats.iter().zip(&test.beats).enumerate() {
            let fresh = messages.len();
            messages.extend(lived.said.iter().skip(lived.waited).map(|said| (number, said, None)));
            let kept = waiting.len().saturating_sub(lived.waited);
            let here: Vec<usize> = waiting[kept..].iter().copied().chain(fresh..messages.len()).collect();
            let mut next = 0;
            for pair in &lived.pairs {
                if let (Some(expected), Some(said)) = (pair.expected, pair.said) {
                    next = said + 1;
                    if let Some(message) = here.get(said).and_then(|at| messages.get_mut(*at)) {
                        message.2 = beat.expected.get(expected);
                    }
                }
            }
            waiting = here[next.min(here.len())..].to_vec();
            waiting.retain(|at| messages[*at].1.label == Label::Bot);
        }
        for (number, beat) in test.beats.iter().enumerate().take(played.beats.len()) {
            let file = beat.at.map_or(FileId(0), |at| at.file);
            self.what(&beat.what, beat.at, played.beats[number].heard.as_deref());
            for (_, said, expected) in messages.iter().filter(|(own, ..)| *own == number) {
                match (said.label, expected) {
                    (Label::Bot, Some(expected)) => self.step(expected, Some(said)),
                    (Label::Bot, None) => self.line(file, ANY),
                    (Label::Event, _) if said.loud => {
                        self.line(
                            file,
                            format!("event: {}", crate::language::transcript::said(&said.text, 4)),
                        );
                    }
                    _ => {}
                }
            }
        }
    }

    fn what(&mut self, what: &What, at: Option<At>, heard_then: Option<&str>) {
        let at = at.unwrap_or_default();
        let lacks = |writer: &mut Self, what: &str| writer.missing.push((at, what.to_string()));
        match what {
            What::Wait(time) => self.line(at.file, format!("wait: {}", written(*time))),
            What::Botium(act) => match act {
                Act::Says(text) => match self.with_names(text, false, |part| heard(part, 4)) {
                    Some(text) => self.line(at.file, format!("user: {text}")),
                    None => {
                        lacks(self, "what is new with every run");
                        self.line(at.file, format!("user: {}", heard(heard_then.unwrap_or(text), 4)));
                    }
                },
                Act::SaysOneOf(column) => self.line(at.file, format!("user: {{{{ {} }}}}", ident(column))),
                Act::Chooses(payload, text) => {
                    let sent = heard_then.unwrap_or(text.as_ref().unwrap_or(payload));
                    self.line(at.file, format!("user: {}", heard(sent, 4)));
                }
                Act::Sends(uri) => {
                    let name = uri.rsplit(['/', '\\']).next().unwrap_or(uri);
                    let data = serde_json::json!({ "name": name, "url": uri });
                    self.line(at.file, format!("happens: file received {data}"));
                }
                Act::Set(name, value) if !self.known.contains(name) && !value.contains('$') => {
                    self.known.push(name.clone());
                    self.constants.push((name.clone(), value.clone()));
                }
                Act::Set(name, _) => lacks(self, &format!("that {name} is set again")),
                Act::Clear(name) => self.known.retain(|known| known != name),
                Act::Assign(name, path) => lacks(self, &format!("that {name} is what stands at {path}")),
                Act::Awaits(time) => {
                    let time = Span(time.0.min(PATIENCE.0));
                    self.line(at.file, format!("wait: {}", written(time)));
                }
                Act::Skips => {}
            },
            _ => {}
        }
    }

    fn step(&mut self, expected: &Expected, said: Option<&Said>) {
        let at = expected.at;
        let asks = expected.asks.as_deref().unwrap_or(&[]);
        let word = if expected.manner == Manner::May && said.is_none() { "bot?" } else { "bot" };
        let mut texts: Vec<String> = Vec::new();
        let mut never: Vec<String> = Vec::new();
        let mut beside: Vec<String> = Vec::new();
        for ask in asks {
            let forms = self.forms(ask, said);
            match (&ask.of, ask.not, forms) {
                (Of::Has(Part::Buttons, wanted), false, _) => {
                    let shown = match said.and_then(|said| said.message.as_ref()) {
                        Some(Message::Choices(question)) => {
                            question.choices.iter().map(|choice| choice.label.clone()).collect()
                        }
                        _ => wanted.clone(),
                    };
                    let labels: Vec<String> = shown.iter().map(|text| label(text)).collect();
                    beside.push(format!("  choices: {}", labels.join(" | ")));
                }
                (Of::Data(json), false, _) => {
                    texts.push("[card]".to_string());
                    beside.push(format!("  card: {json}"));
                }
                (Of::Intent(name), false, _) => beside.push(format!("expect dialog {}", quoted(name))),
                (_, true, Some(forms)) => never.extend(forms),
                (_, false, Some(forms)) if texts.is_empty() => texts = forms,
                _ => {
                    let name = if ask.name.is_empty() { "a text".to_string() } else { ask.name.clone() };
                    self.missing.push((ask.at, format!("what `{name}` asks")));
                }
            }
        }
        let mut texts = texts.into_iter();
        let first = texts.next().unwrap_or_else(|| "*".to_string());
        self.line(at.file, format!("{word}: {first}"));
        for text in texts {
            self.line(at.file, format!("  or: {text}"));
        }
        // What belongs to the message stands before what must be so.
        beside.sort_by_key(|line| line.starts_with("expect"));
        for line in beside {
            self.line(at.file, line);
        }
        for text in never {
            self.line(at.file, format!("bot!: {text}"));
        }
    }

    /// The texts that say what is asked; nothing, if a transcript cannot say it.
    fn forms(&mut self, ask: &Ask, said: Option<&Said>) -> Option<Vec<String>> {
        let texts = match &ask.of {
            Of::Like(texts) => texts.iter().map(|text| (text.clone(), How::Wildcard, true)).collect(),
            Of::Has(Part::Media, texts) if texts.len() == 1 => {
                return Some(vec![format!(
                    "[image] {}",
                    star(&crate::language::transcript::said(&texts[0], 4).replace("\\*", "*"))
                )]);
            }
            Of::Texts { how, ignore_case, all, texts } if !all || texts.len() == 1 => {
                texts.iter().map(|text| (text.clone(), *how, *ignore_case)).collect::<Vec<_>>()
            }
            _ => return None,
        };
        let mut forms = Vec::new();
        for (text, how, ignore_case) in texts {
            forms.push(self.form(&text, how, ignore_case, said.filter(|_| !ask.not))?);
        }
        // One that fits is enough, and shows what is said.
        if let (Of::Like(_), Some(said), false) = (&ask.of, said, ask.not) {
            let text = said.message.as_ref().map(text_of).unwrap_or_default();
            let own = forms.iter().any(|form| !form.starts_with('/') || fits(form, &text));
            if !own {
                return Some(vec![crate::language::transcript::said(&said.text, 4)]);
            }
        }
        Some(forms)
    }

    fn form(&mut self, text: &str, how: How, ignore_case: bool, said: Option<&Said>) -> Option<String> {
        let text = normal(text);
        let whole = matches!(how, How::Equals | How::WildcardExact);
        if text.contains('$') && how != How::Regexp {
            let form = self.with_names(&text, true, |part| said_with_stars(part, how))?;
            return Some(if whole { form } else { star(&form) });
        }
        let source = match how {
            How::Regexp => text.replace('/', "\\/"),
            How::Equals | How::Contains => regex::escape(&text).replace('/', "\\/"),
            How::Wildcard | How::WildcardExact => wild(&text).replace('/', "\\/"),
        };
        let plain = said_with_stars(&text, how);
        let plain = if whole { plain } else { star(&plain) };
        let raw =
            said.map(|said| folded(&said.message.as_ref().map(text_of).unwrap_or_default()).into_owned());
        let as_said = raw.as_ref().is_some_and(|raw| {
            let source = if whole { format!("^{}$", wild(&text)) } else { wild(&text) };
            built(&source, false).is_ok_and(|regex| regex.is_match(raw))
        });
        if how != How::Regexp && (as_said || !ignore_case) {
            return Some(plain);
        }
        let source = match (whole, how) {
            (true, _) => source,
            (false, How::Regexp) => format!(".*(?:{source}).*"),
            (false, _) => format!(".*{source}.*").replace(".*.*", ".*"),
        };
        let regex = format!("/{source}/{}", if ignore_case { "i" } else { "" });
        match (&raw, said) {
            // With tags in between neither fits: then the very words are the best that can be written.
            (Some(raw), Some(said)) if !fits(&regex, raw) => {
                Some(crate::language::transcript::said(&said.text, 4))
            }
            _ => Some(regex),
        }
    }

    /// A text with its variables as transcripts have them: `<name>` where it is caught, `{{ name }}` where it is known.
    fn with_names(&mut self, text: &str, catches: bool, letters: impl Fn(&str) -> String) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&edges(&rest[..at], &letters));
            let tail = &rest[at + 1..];
            let end = tail
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(tail.len());
            let name = format!("${}", &tail[..end]);
            if super::memory::is_brought(&name) {
                return None;
            }
            if self.known.contains(&name) {
                out.push_str(&format!("{{{{ {} }}}}", ident(&name)));
            } else if end > 0 && catches {
                out.push_str(&format!("<{}:/\\S+/>", ident(&name)));
                self.known.push(name);
            } else {
                out.push_str(&format!("${}", &tail[..end]));
            }
            rest = &tail[end..];
        }
        out.push_str(&edges(rest, &letters));
        Some(out)
    }
}

/// Any messages.
const ANY: &str = "bot: ...";

/// Letters of a text that is expected; `*` stays what it is where it is a wildcard.
fn said_with_stars(text: &str, how: How) -> String {
    match how {
        How::Wildcard | How::WildcardExact => {
            text.split('*').map(|part| edges(part, |part| said(part, 4))).collect::<Vec<_>>().join("*")
        }
        _ => said(text, 4),
    }
}

/// Writes the middle of a text, and keeps the spaces around it.
fn edges(text: &str, write: impl Fn(&str) -> String) -> String {
    let middle = text.trim();
    let start = text.find(middle).unwrap_or(0);
    format!("{}{}{}", &text[..start], write(middle), &text[start + middle.len()..])
}

/// Anything before and behind a text.
fn star(text: &str) -> String {
    let (before, after) =
        (if text.starts_with('*') { "" } else { "*" }, if text.ends_with('*') { "" } else { "*" });
    format!("{before}{text}{after}")
}

/// Whether a regex as it is written down fits a text.
fn fits(written: &str, text: &str) -> bool {
    let Some((source, flags)) = written.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else {
        return false;
    };
    let source = format!("^(?:{})$", source.replace("\\/", "/"));
    built(&source, flags == "i").is_ok_and(|regex| regex.is_match(&folded(text)))
}

/// A name as transcripts have them.
fn ident(name: &str) -> String {
    let name: String = name
        .trim_start_matches('$')
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .collect();
    if name.starts_with(|letter: char| letter.is_ascii_digit()) || name.is_empty() {
        format!("_{name}")
    } else {
        name
    }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

fn set_in(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
