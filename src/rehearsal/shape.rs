//! What a test expects to be read: the very text, a text with wildcards and captures, or a regex.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use crate::language::transcript::syntax::{Form, Piece, Words};

/// What is known by name in a test: rows of its table, and what was captured.
pub type Bindings = BTreeMap<String, String>;

/// A text as it is expected.
#[derive(Debug, Clone)]
pub struct Shape {
    kind: Kind,
    /// As written, where it is more than letters.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Kind {
    /// The very text, white space folded.
    Letters(String),
    /// A text of this form, and the names it captures.
    Fits(Regex, Vec<String>),
    /// One whose form depends on what is bound.
    Bound(Vec<Piece>),
}

impl Shape {
    /// Reads what is written; a regex that cannot be used says why.
    pub fn of(words: &Words) -> Result<Shape, String> {
        let kind = match &words.form {
            Form::Regex { source, ignore_case } => {
                let mut regex = RegexBuilder::new(&format!("^(?:{source})$"));
                Kind::Fits(built(regex.case_insensitive(*ignore_case))?, Vec::new())
            }
            Form::Pieces(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Value(_))) => {
                Kind::Bound(pieces.clone())
            }
            Form::Pieces(pieces) if pieces.iter().all(|piece| matches!(piece, Piece::Letters(_))) => {
                Kind::Letters(folded(&spoken(pieces, &Bindings::new())).into_owned())
            }
            Form::Pieces(pieces) => {
                let (regex, names) = form(pieces, &Bindings::new())?;
                Kind::Fits(regex, names)
            }
        };
        let pieces = match (&kind, &words.form) {
            (Kind::Letters(_), _) | (_, Form::Regex { .. }) => Vec::new(),
            (_, Form::Pieces(pieces)) => pieces.clone(),
        };
        Ok(Shape { kind, pieces })
    }

    /// The names it captures.
    pub fn captured(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Letters(_) => Vec::new(),
            Kind::Fits(_, names) => names.iter().map(String::as_str).collect(),
            Kind::Bound(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Capture(name, _) => Some(name.as_str()),
                    _ => None,
                })
                .collect(),
        }
    }

    /// Its wildcards, captures and values with the letters between them; nothing of one that has none.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The letters, if nothing else is expected.
    pub fn letters(&self) -> Option<&str> {
        match &self.kind {
            Kind::Letters(letters) => Some(letters),
            _ => None,
        }
    }

    /// Whether a text is as expected, and what it captures. White space is all alike.
    pub fn fits(&self, text: &str, bindings: &Bindings) -> Option<Vec<(String, String)>> {
        let text = folded(text);
        match &self.kind {
            Kind::Letters(letters) => (*letters == text).then(Vec::new),
            Kind::Fits(regex, names) => captures(regex, names, &text),
            Kind::Bound(pieces) => {
                let (regex, names) = form(pieces, bindings).ok()?;
                captures(&regex, &names, &text)
            }
        }
    }
}

/// How many bytes a regex of a transcript may take when it is compiled.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;

/// What a visitor says: letters and values.
pub fn spoken(pieces: &[Piece], bindings: &Bindings) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Letters(letters) => text.push_str(letters),
            Piece::Value(name) => text.push_str(bindings.get(name).map_or("", String::as_str)),
            Piece::Any => text.push('*'),
            Piece::Capture(name, _) => text.push_str(&format!("<{name}>")),
        }
    }
    text
}

/// The names a text needs that nothing has bound.
pub fn unbound<'p>(pieces: &'p [Piece], bindings: &'p Bindings) -> impl Iterator<Item = &'p str> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Value(name) if !bindings.contains_key(name) => Some(name.as_str()),
        _ => None,
    })
}

/// The text with every stretch of white space as one space, and none around it.
pub fn folded(text: &str) -> Cow<'_, str> {
    let plain = text.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    if plain || text.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Letters, wildcards and captures as one regex over folded text.
fn form(pieces: &[Piece], bindings: &Bindings) -> Result<(Regex, Vec<String>), String> {
    let mut source = String::from("^");
    let mut names: Vec<String> = Vec::new();
    let fold = |text: &str| text.split(char::is_whitespace).map(regex::escape).collect::<Vec<_>>().join(" ");
    for piece in pieces {
        match piece {
            // A line end inside the letters is a space, as in the text they are compared with.
            Piece::Letters(letters) => source.push_str(&squeezed(&fold(letters))),
            Piece::Any => source.push_str(".*"),
            Piece::Value(name) => {
                source.push_str(&fold(&folded(bindings.get(name).map_or("", String::as_str))));
            }
            Piece::Capture(name, inner) => {
                let inner = inner.as_deref().unwrap_or(".+?");
                // Groups inside are the author's; ours is found by its name.
                source.push_str(&format!("(?P<parlor{}>{inner})", names.len()));
                names.push(name.clone());
            }
        }
    }
    source.push('$');
    Ok((built(&mut RegexBuilder::new(&source))?, names))
}

/// Several spaces as one.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter != ' ' || !out.ends_with(' ') {
            out.push(letter);
        }
    }
    out
}

fn built(regex: &mut RegexBuilder) -> Result<Regex, String> {
    regex.dot_matches_new_line(true).size_limit(COMPILED_BYTES_MAX).build().map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or(&text).trim_start_matches("error: ").to_string()
    })
}

fn captures(regex: &Regex, names: &[String], text: &str) -> Option<Vec<(String, String)>> {
    if names.is_empty() {
        return regex.is_match(text).then(Vec::new);
    }
    let found = regex.captures(text)?;
    let value = |at: usize| found.name(&format!("parlor{at}")).map_or("", |value| value.as_str()).to_string();
    Some(names.iter().enumerate().map(|(at, name)| (name.clone(), value(at))).collect())
}
