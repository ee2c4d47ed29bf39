//! Texts in quotes: from the letters in the file to what they say, and back to the place in the file.

use crate::diagnostics::Span;
use crate::language::syntax::Text;

/// A text with its quotes taken off and its escapes resolved.
pub(super) struct Cooked {
    pub value: String,
    /// Every so often, where a byte of the value stands in the raw text.
    places: Vec<(usize, usize)>,
    /// Backslashes that escape nothing, as offsets into the raw text.
    pub bad_escapes: Vec<usize>,
}

/// Whether a text is a pattern: there a backslash belongs to the pattern, but for `\"`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Speech,
    Pattern,
}

/// Takes a raw text, quotes included, apart.
pub(super) fn cook(raw: &str, sort: Sort) -> Cooked {
    match raw.strip_prefix("\"\"\"") {
        Some(rest) if raw.len() >= 6 => cook_long(rest, sort),
        _ => cook_short(raw, sort),
    }
}

fn cook_short(raw: &str, sort: Sort) -> Cooked {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let mut cooked = Cooked { value: String::with_capacity(inner.len()), places: Vec::new(), bad_escapes: Vec::new() };
    cooked.append(inner, 1, sort);
    cooked
}

/// Lines between `"""`: the indentation they share is removed, and the last line end with it.
fn cook_long(rest: &str, sort: Sort) -> Cooked {
    let first = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let body = rest[first..].strip_suffix("\"\"\"").unwrap_or(&rest[first..]);
    let end = body.rfind('\n').map_or(0, |at| at + 1);
    let lines: Vec<&str> = body[..end].split_inclusive('\n').collect();
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut cooked = Cooked { value: String::with_capacity(end), places: Vec::new(), bad_escapes: Vec::new() };
    let mut at = 3 + first;
    for (number, line) in lines.iter().enumerate() {
        let text = line.trim_end_matches(['\r', '\n']);
        let text = if text.trim().is_empty() { "" } else { text };
        let skipped = indent.min(text.len() - text.trim_start_matches([' ', '\t']).len());
        if number > 0 {
            cooked.value.push('\n');
        }
        cooked.append(&text[skipped..], at + skipped, sort);
        at += line.len();
    }
    cooked
}

impl Cooked {
    fn append(&mut self, raw: &str, raw_at: usize, sort: Sort) {
        self.places.push((self.value.len(), raw_at));
        if !raw.contains('\\') {
            self.value.push_str(raw);
            return;
        }
        let mut at = 0;
        while at < raw.len() {
            let rest = &raw[at..];
            if sort == Sort::Speech && (rest.starts_with("{{") || rest.starts_with("{%")) {
                let length = hole_length(rest);
                self.value.push_str(&rest[..length]);
                at += length;
                continue;
            }
            let Some(next) = rest.strip_prefix('\\').and_then(|after| after.chars().next()) else {
                let letter = rest.chars().next().map_or(1, char::len_utf8);
                self.value.push_str(&rest[..letter]);
                at += letter;
                continue;
            };
            match (sort, next) {
                (_, '"') => self.value.push('"'),
                (Sort::Pattern, _) => {
                    self.value.push('\\');
                    self.value.push(next);
                }
                (Sort::Speech, '\\') => self.value.push('\\'),
                (Sort::Speech, 'n') => self.value.push('\n'),
                (Sort::Speech, _) => {
                    self.bad_escapes.push(raw_at + at);
                    self.value.push('\\');
                    self.value.push(next);
                }
            }
            at += 1 + next.len_utf8();
            self.places.push((self.value.len(), raw_at + at));
        }
    }

    fn raw_offset(&self, value_offset: usize) -> usize {
        let before = self.places.partition_point(|(value_at, _)| *value_at <= value_offset);
        match before.checked_sub(1).map(|index| self.places[index]) {
            Some((value_at, raw_at)) => raw_at + (value_offset - value_at),
            None => 0,
        }
    }
}

/// The length of a `{{ … }}` or `{% … %}` at the start of the text, or 2 if it never ends.
pub(super) fn hole_length(text: &str) -> usize {
    let end = if text.starts_with("{%") { "%}" } else { "}}" };
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(2) {
        match quote {
            Some(open) => {
                if escaped {
                    escaped = false;
                } else if letter == '\\' {
                    escaped = true;
                } else if letter == open {
                    quote = None;
                }
            }
            None if letter == '\'' || letter == '"' => quote = Some(letter),
            None if text[at..].starts_with(end) => return at + 2,
            None => {}
        }
    }
    2
}

/// Where a stretch of a text's value stands in the file.
pub fn place_in_text(source: &str, text: &Text, pattern: bool, range: std::ops::Range<usize>) -> Span {
    let raw = source.get(text.span.range()).unwrap_or("");
    let cooked = cook(raw, if pattern { Sort::Pattern } else { Sort::Speech });
    let start = text.span.start as usize;
    Span::new(start + cooked.raw_offset(range.start).min(raw.len()), start + cooked.raw_offset(range.end).min(raw.len()))
}

/// A text as it is written between quotes.
pub(super) fn quoted(value: &str, pattern: bool) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    let mut at = 0;
    while at < value.len() {
        let rest = &value[at..];
        if !pattern && (rest.starts_with("{{") || rest.starts_with("{%")) {
            let length = hole_length(rest);
            out.push_str(&rest[..length]);
            at += length;
            continue;
        }
        let letter = rest.chars().next().unwrap_or(' ');
        match letter {
            '"' => out.push_str("\\\""),
            '\\' if !pattern => out.push_str("\\\\"),
            '\n' if !pattern => out.push_str("\\n"),
            _ => out.push(letter),
        }
        at += letter.len_utf8();
    }
    out.push('"');
    out
}
