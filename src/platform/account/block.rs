//! How things of an account say what they have: each names its fields once, and by that it is read, written and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::diagnostics::english::{did_you_mean, list};
use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::platform::limits::ACCOUNT_FINDINGS_MAX;

use super::yaml::{Entry, Node, What};

/// Something with fields.
pub(super) trait Block: Default {
    /// Names all of them, in the order in which they are written.
    fn fields(&mut self, form: &mut Form<'_>);
}

/// Something that stands in an account file.
pub(super) trait Told: Clone {
    /// One to be filled in.
    fn blank() -> Self;
    /// As it is written; `all`: with what is as it is by default.
    fn tell(&self, all: bool) -> Tree;
    /// Takes over what is written. What cannot be used is a finding, and changes nothing.
    fn hear(&mut self, node: &Node, reading: &mut Reading);
}

/// What is written, without places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// Nothing at all.
    Nothing,
    /// A number, a time, a word of ours.
    Word(String),
    /// A text of the author's.
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

// ---- Reading ----

/// An account while it is read: what was found, and what stands where.
pub(super) struct Reading {
    file: FileId,
    pub(super) findings: Vec<Finding>,
    path: Vec<String>,
    marks: BTreeMap<Vec<String>, Mark>,
}

/// Where a field stands.
#[derive(Debug, Clone, Copy)]
struct Mark {
    key: Span,
    value: Span,
}

impl Reading {
    pub(super) fn new(file: FileId) -> Reading {
        Reading { file, findings: Vec::new(), path: Vec::new(), marks: BTreeMap::new() }
    }

    /// Goes to a field, does something there, and comes back.
    pub(super) fn within(&mut self, entry: &Entry, read: impl FnOnce(&mut Reading)) {
        self.path.push(entry.key.clone());
        let mark = Mark { key: entry.at, value: entry.value.span };
        self.marks.entry(self.path.clone()).or_insert(mark);
        read(self);
        self.path.pop();
    }

    /// The field that is read, as people name it: `users.sam.skills`.
    pub(super) fn here(&self) -> String {
        named(&self.path)
    }

    pub(super) fn found(&mut self, finding: Finding) {
        if self.findings.len() < ACCOUNT_FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    /// Something that is wrong at a place of the file.
    pub(super) fn wrong(&mut self, slug: Slug, at: Span, message: String, help: Option<String>) {
        self.found(Finding::new(slug, self.file, at, message).maybe_help(help));
    }

    /// What cannot be taken: `here` takes this, not that.
    pub(super) fn not_taken(&mut self, node: &Node, takes: &str, help: Option<String>) {
        let message = format!("{} takes {takes}, not {}", self.here(), node.said());
        self.wrong(Slug::WrongValue, node.span, message, help);
    }

    /// Where the value of a field stands, or else what holds it.
    pub(super) fn value_at(&self, path: &[&str]) -> Span {
        self.mark(path).map_or(Span::at(0), |mark| mark.value)
    }

    /// Where the name of a field stands, or else what holds it.
    pub(super) fn key_at(&self, path: &[&str]) -> Span {
        self.mark(path).map_or(Span::at(0), |mark| mark.key)
    }

    pub(super) fn file(&self) -> FileId {
        self.file
    }

    /// Whether a field is written.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.marks.contains_key(&owned(path))
    }

    fn mark(&self, path: &[&str]) -> Option<Mark> {
        (1..=path.len()).rev().find_map(|length| self.marks.get(&owned(&path[..length])).copied())
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|word| word.to_string()).collect()
}

/// A path as people name it; elements of lists are left out.
pub(super) fn named<S: AsRef<str>>(path: &[S]) -> String {
    let words: Vec<&str> = path.iter().map(AsRef::as_ref).filter(|word| !word.starts_with(ELEMENT)).collect();
    if words.is_empty() { "the file".to_string() } else { format!("`{}`", words.join(".")) }
}

/// What an element of a list begins with in a path: no name does, it is a control character.
const ELEMENT: char = '\u{1}';

/// The word of a path that an element of a list has.
pub(super) fn element(text: &str) -> String {
    format!("{ELEMENT}{text}")
}

// ---- Fields ----

/// What a block names its fields to: somebody who writes them down, or who fills them in.
pub(super) struct Form<'f>(Way<'f>);

enum Way<'f> {
    Telling { all: bool, fields: Vec<(String, Tree)>, needed: Vec<&'static str> },
    Hearing { entries: &'f [Entry], reading: &'f mut Reading, known: Vec<&'static str> },
}

impl Form<'_> {
    /// A field that may be left out.
    pub(super) fn field<T: Told>(&mut self, name: &'static str, value: &mut T) {
        match &mut self.0 {
            Way::Telling { all, fields, .. } => fields.push((name.to_string(), value.tell(*all))),
            Way::Hearing { entries, reading, known } => {
                known.push(name);
                if let Some(entry) = entries.iter().find(|entry| entry.key == name) {
                    reading.within(entry, |reading| value.hear(&entry.value, reading));
                }
            }
        }
    }

    /// A field that may not be left out.
    pub(super) fn needed<T: Told>(&mut self, name: &'static str, value: &mut T) {
        if let Way::Telling { needed, .. } = &mut self.0 {
            needed.push(name);
        }
        self.field(name, value);
        if !self.is_written(name) {
            self.missing(&format!("`{name}`"));
        }
    }

    /// A field whose value lies between two others.
    pub(super) fn within<T: Told + PartialOrd>(
        &mut self,
        name: &'static str,
        value: &mut T,
        range: RangeInclusive<T>,
    ) {
        let before = value.clone();
        self.field(name, value);
        if let Way::Hearing { entries, reading, .. } = &mut self.0
            && !range.contains(value)
            && let Some(entry) = entries.iter().find(|entry| entry.key == name)
        {
            let said = |value: &T| value.tell(true).said();
            let (least, most) = (said(range.start()), said(range.end()));
            let (own, path) = (said(value), [reading.path.as_slice(), &[name.to_string()]].concat());
            let message = format!("{} is {own}, and may be from {least} to {most}", named(&path));
            reading.wrong(Slug::WrongValue, entry.value.span, message, None);
            *value = before;
        }
    }

    /// Names whose values must not stand in the file.
    pub(super) fn names_only(&mut self, name: &'static str, value: &mut BTreeSet<String>) {
        if let Way::Hearing { entries, reading, known } = &mut self.0
            && let Some(entry) = entries.iter().find(|entry| entry.key == name)
            && let What::Map(own) = &entry.value.what
        {
            known.push(name);
            let names: Vec<&str> = own.iter().map(|entry| entry.key.as_str()).collect();
            let help = format!(
                "write the names alone, `{name}: [{}]`, and change the secret: who has read the file knows it",
                names.join(", ")
            );
            let path = [reading.path.as_slice(), &[name.to_string()]].concat();
            let message = format!("{} holds a value, and secrets stand in no file", named(&path));
            // Its name is shown, never the line with the value.
            reading.wrong(Slug::SecretInAccount, entry.at, message, Some(help));
            return;
        }
        self.field(name, value);
    }

    /// Of two fields only one may be written.
    pub(super) fn only_one(&mut self, one: &'static str, other: &'static str) {
        if let Way::Hearing { entries, reading, .. } = &mut self.0
            && let Some(second) = entries.iter().find(|entry| entry.key == other)
        {
            let message = format!("{} has both `{one}` and `{other}`", reading.here());
            reading.wrong(Slug::WrongValue, second.at, message, Some("take one of them out".to_string()));
        }
    }

    /// One of two fields must be written.
    pub(super) fn one_needed(&mut self, one: &'static str, other: &'static str) {
        if !self.is_written(one) && !self.is_written(other) {
            self.missing(&format!("`{one}` or `{other}`"));
        }
    }

    /// A field that is written has no meaning without another one.
    pub(super) fn goes_with(&mut self, name: &'static str, other: &'static str, value: &str) {
        if let Way::Hearing { entries, reading, .. } = &mut self.0
            && let Some(entry) = entries.iter().find(|entry| entry.key == name)
        {
            let path = [reading.path.as_slice(), &[name.to_string()]].concat();
            let message = format!("{} does nothing without `{other}`", named(&path));
            let help = format!("add `{other}: {value}`, or take `{name}` out");
            reading.wrong(Slug::MissingField, entry.at, message, Some(help));
        }
    }

    /// Whether a field stands in the file; one that is told always does.
    pub(super) fn is_written(&self, name: &str) -> bool {
        match &self.0 {
            Way::Telling { .. } => true,
            Way::Hearing { entries, .. } => entries.iter().any(|entry| entry.key == name),
        }
    }

    fn missing(&mut self, what: &str) {
        if let Way::Hearing { reading, .. } = &mut self.0 {
            let at = reading.marks.get(&reading.path).map_or(Span::at(0), |mark| mark.key);
            let message = format!("{} has no {what}", reading.here());
            let help = if reading.path.is_empty() {
                format!("add {what} at the top")
            } else {
                format!("add {what} below it")
            };
            reading.wrong(Slug::MissingField, at, message, Some(help));
        }
    }
}

/// The fields of a block, as they are written.
pub(super) fn tell<B: Block + Clone>(block: &B, all: bool) -> Tree {
    let told = |mut block: B| {
        let mut form = Form(Way::Telling { all, fields: Vec::new(), needed: Vec::new() });
        block.fields(&mut form);
        match form.0 {
            Way::Telling { fields, needed, .. } => (fields, needed),
            Way::Hearing { .. } => Default::default(),
        }
    };
    let (mut fields, needed) = told(block.clone());
    if !all {
        let (usual, _) = told(B::default());
        let mut usual = usual.into_iter();
        fields.retain(|field| usual.next().as_ref() != Some(field) || needed.contains(&field.0.as_str()));
    }
    Tree::Map(fields)
}

/// Fills a block in.
pub(super) fn hear<B: Block>(block: &mut B, node: &Node, reading: &mut Reading) {
    let entries = match &node.what {
        What::Map(entries) => entries.as_slice(),
        What::Nothing => &[],
        _ => return reading.not_taken(node, "fields, `name: value` each on a line of its own", None),
    };
    let mut form = Form(Way::Hearing { entries, reading, known: Vec::new() });
    block.fields(&mut form);
    let Way::Hearing { reading, known, .. } = form.0 else { return };
    twice(entries, reading, Slug::DuplicateSetting);
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let message = format!("{} has no field `{}`", reading.here(), entry.key);
        let help = did_you_mean(&entry.key, known.iter().copied())
            .unwrap_or_else(|| format!("its fields are {}", list(&known, "and")));
        reading.wrong(Slug::UnknownField, entry.at, message, Some(help));
    }
}

/// Names that stand there a second time.
pub(super) fn twice(entries: &[Entry], reading: &mut Reading, slug: Slug) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for entry in entries {
        if let Some(first) = seen.get(entry.key.as_str()) {
            let message = format!("{} has `{}` twice", reading.here(), entry.key);
            let finding = Finding::new(slug, reading.file, entry.at, message)
                .related(reading.file, *first, "here for the first time")
                .help("take one of them out");
            reading.found(finding);
        } else {
            seen.insert(&entry.key, entry.at);
        }
    }
}

impl<B: Block + Clone> Told for B {
    fn blank() -> B {
        B::default()
    }

    fn tell(&self, all: bool) -> Tree {
        tell(self, all)
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        hear(self, node, reading);
    }
}

impl Tree {
    /// As it is named in a sentence.
    pub(super) fn said(&self) -> String {
        match self {
            Tree::Nothing => "nothing".to_string(),
            Tree::Word(text) => text.clone(),
            Tree::Text(text) if text.is_empty() => "nothing".to_string(),
            Tree::Text(text) => text.clone(),
            Tree::List(items) if items.is_empty() => "nothing".to_string(),
            Tree::List(items) => items.iter().map(Tree::said).collect::<Vec<_>>().join(", "),
            Tree::Map(fields) if fields.is_empty() => "nothing".to_string(),
            Tree::Map(fields) => fields
                .iter()
                .map(|(name, value)| format!("{name} {}", value.said()))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}
