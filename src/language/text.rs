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
    let mut cooked =
        Cooked { value: String::with_capacity(inner.len()), places: Vec::new(), bad_escapes: Vec::new() };
    cooked.append(inner, 1, sort);
    cooked
}

/// Lines between `"""`: the indentation they share is removed, and the last line end with it. In a pattern, where
/// white space is all alike, a line end is a space.
fn cook_long(rest: &str, sort: Sort) -> Cooked {
    let lines = lines_between(rest);
    let indent = lines
        .iter()
        .filter(|(_, line)| !line.is_empty())
        .map(|(_, line)| indentation(line))
        .min()
        .unwrap_or(0);
    let mut cooked =
        Cooked { value: String::with_capacity(rest.len()), places: Vec::new(), bad_escapes: Vec::new() };
    // A hole may go on over several lines, so the lines are put together before the escapes are looked at.
    let mut joined = String::with_capacity(rest.len());
    let mut starts = Vec::with_capacity(lines.len());
    for (number, (at, line)) in lines.iter().enumerate() {
        if number > 0 {
            joined.push(if sort == Sort::Pattern { ' ' } else { '\n' });
        }
        let skipped = indent.min(indentation(line));
        starts.push((joined.len(), 3 + at + skipped));
        joined.push_str(&line[skipped..]);
    }
    cooked.append(&joined, 0, sort);
    cooked.move_to_lines(&starts);
    cooked
}

/// The lines of a long text behind its `"""`, with their places; lines of white space are empty.
fn lines_between(rest: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(length) = rest[at..].find(['\n', '\r']) {
        let line = &rest[at..at + length];
        // What stands behind the opening quotes is nothing, what stands before the closing ones neither.
        if at > 0 {
            lines.push((at, if line.trim().is_empty() { "" } else { line }));
        }
        at += length + if rest[at + length..].starts_with("\r\n") { 2 } else { 1 };
    }
    lines
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

impl Cooked {
    fn append(&mut self, raw: &str, raw_at: usize, sort: Sort) {
        self.places.push((self.value.len(), raw_at));
        if sort == Sort::Pattern || !raw.contains('\\') {
            return self.unescape(raw, raw_at, sort);
        }
        for (at, piece, is_hole) in pieces(raw, Letters::Raw) {
            match is_hole {
                true => self.value.push_str(piece),
                false => self.unescape(piece, raw_at + at, sort),
            }
        }
    }

    fn unescape(&mut self, raw: &str, raw_at: usize, sort: Sort) {
        let mut at = 0;
        while let Some(found) = raw[at..].find('\\') {
            self.value.push_str(&raw[at..at + found]);
            at += found;
            let Some(next) = raw[at + 1..].chars().next() else { break };
            match (sort, next) {
                (_, '"') => self.value.push('"'),
                (Sort::Speech, '\\') => self.value.push('\\'),
                (Sort::Speech, 'n') => self.value.push('\n'),
                _ => {
                    if sort == Sort::Speech {
                        self.bad_escapes.push(raw_at + at);
                    }
                    self.value.extend(['\\', next]);
                }
            }
            at += 1 + next.len_utf8();
            self.places.push((self.value.len(), raw_at + at));
        }
        self.value.push_str(&raw[at..]);
    }

    /// From offsets into lines put together to offsets into the raw text, where each line has its own place.
    fn move_to_lines(&mut self, starts: &[(usize, usize)]) {
        let moved = |at: usize| {
            let line = starts.partition_point(|(joined_at, _)| *joined_at <= at).saturating_sub(1);
            starts.get(line).map_or(0, |(joined_at, raw_at)| raw_at + (at - joined_at))
        };
        let mut places: Vec<(usize, usize)> = Vec::with_capacity(self.places.len() + starts.len());
        let mut line = 0;
        for index in 0..self.places.len() {
            let (value_at, joined_at) = self.places[index];
            let next = self.places.get(index + 1).map_or(usize::MAX, |(_, joined_at)| *joined_at);
            places.push((value_at, moved(joined_at)));
            // Between two escapes nothing but line starts moves the one against the other.
            while let Some((start, raw_at)) = starts.get(line).filter(|(start, _)| *start < next) {
                if *start > joined_at {
                    places.push((value_at + (start - joined_at), *raw_at));
                }
                line += 1;
            }
        }
        self.places = places;
        self.bad_escapes.iter_mut().for_each(|at| *at = moved(*at));
    }

    fn raw_offset(&self, value_offset: usize) -> usize {
        let before = self.places.partition_point(|(value_at, _)| *value_at <= value_offset);
        match before.checked_sub(1).map(|index| self.places[index]) {
            Some((value_at, raw_at)) => raw_at + (value_offset - value_at),
            None => 0,
        }
    }
}

/// Whether a text still has its backslashes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Raw,
    Cooked,
}

/// A text cut into what is said and the `{{ … }}` and `{% … %}` in it, with their offsets. Behind one that never
/// ends no other is looked for, as in the grammar.
fn pieces(text: &str, letters: Letters) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut at = 0;
    let mut searching = true;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let (length, is_hole) = match hole_length(rest).filter(|_| searching) {
            Some(length) => (length, true),
            None => (plain_length(rest, letters, &mut searching), false),
        };
        at += length;
        Some((start, &rest[..length], is_hole))
    })
}

/// How far it is to the next hole that ends; to the end, if there is none.
fn plain_length(text: &str, letters: Letters, searching: &mut bool) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = letters == Letters::Raw,
            '{' if *searching && hole_begins(&text[at..]) => match hole_length(&text[at..]) {
                Some(_) => return at,
                None => *searching = false,
            },
            _ => {}
        }
    }
    text.len()
}

fn hole_begins(text: &str) -> bool {
    text.starts_with("{{") || text.starts_with("{%")
}

/// The length of the `{{ … }}` or `{% … %}` that the text begins with; nothing if it never ends. Quoted texts
/// inside may hold braces; a quote that is never closed is a letter like others.
pub(super) fn hole_length(text: &str) -> Option<usize> {
    let end = match text {
        _ if text.starts_with("{{") => "}}",
        _ if text.starts_with("{%") => "%}",
        _ => return None,
    };
    let mut at = 2;
    let mut letters: Vec<u8> = Vec::new(); // quotes that turned out to be letters like others
    loop {
        at += text[at..].find(['\'', '"', '}', '%'])?;
        at += match text.as_bytes()[at] {
            quote @ (b'\'' | b'"') if !letters.contains(&quote) => match quoted_length(&text[at..], quote) {
                Some(length) => length,
                None => {
                    letters.push(quote);
                    1
                }
            },
            _ if text[at..].starts_with(end) => return Some(at + 2),
            _ => 1,
        };
    }
}

/// The length of the quoted text that the text begins with; nothing if its line ends first.
fn quoted_length(text: &str, quote: u8) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The pattern in a matcher as it stands in the file: `pattern "a|b"`, `words "a"`. None, if it is no pattern.
pub fn pattern_in(matcher: &str) -> Option<String> {
    let rest = matcher.strip_prefix("pattern").or_else(|| matcher.strip_prefix("words"))?.trim_start();
    rest.starts_with('"').then(|| cook(rest, Sort::Pattern).value)
}

/// Where a stretch of a text's value stands in the file.
pub fn place_in_text(source: &str, text: &Text, pattern: bool, range: std::ops::Range<usize>) -> Span {
    let raw = source.get(text.span.range()).unwrap_or("");
    let cooked = cook(raw, if pattern { Sort::Pattern } else { Sort::Speech });
    let start = text.span.start as usize;
    Span::new(
        start + cooked.raw_offset(range.start).min(raw.len()),
        start + cooked.raw_offset(range.end).min(raw.len()),
    )
}

/// A text as it is written between quotes, on one line.
pub(super) fn quoted(value: &str, pattern: bool) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    match pattern {
        true => out.push_str(&value.replace('"', "\\\"")),
        false => write_pieces(value, true, &mut out),
    }
    out.push('"');
    out
}

/// A text as the lines between `"""`, without indentation; nothing if only quotes on one line can hold it.
pub(super) fn long_lines(value: &str) -> Option<Vec<String>> {
    const TRIED: usize = 8;
    let mut whole = String::with_capacity(value.len());
    write_pieces(value, false, &mut whole);
    let lines: Vec<String> = whole.split('\n').map(str::to_string).collect();
    if holds(&lines, value) {
        return Some(lines);
    }
    // White space that reading would take for indentation is kept by a `\n` in front of it.
    let mut glued: Vec<String> = Vec::new();
    for line in lines {
        match glued.last_mut() {
            Some(last) if is_white(&line) || is_white(last) => last.extend(["\\n", &line]),
            _ => glued.push(line),
        }
    }
    let empty = (0..glued.len().saturating_sub(1)).filter(|at| glued[*at].is_empty()).take(TRIED);
    let tries = empty.map(|at| {
        let mut lines = glued.clone();
        let next = lines.remove(at + 1);
        lines[at].extend(["\\n", &next]);
        lines
    });
    std::iter::once(glued.clone()).chain(tries).find(|lines| holds(lines, value))
}

/// White space that could be seen, were it not white.
fn is_white(line: &str) -> bool {
    !line.is_empty() && line.trim().is_empty()
}

fn holds(lines: &[String], value: &str) -> bool {
    cook_long(&format!("\n{}\n\"\"\"", lines.join("\n")), Sort::Speech).value == value
}

fn write_pieces(value: &str, one_line: bool, out: &mut String) {
    for (_, piece, is_hole) in pieces(value, Letters::Cooked) {
        match (is_hole, one_line) {
            (true, true) => out.push_str(&piece.replace('\n', " ")),
            (true, false) => out.push_str(piece),
            (false, _) => escape(piece, one_line, out),
        }
    }
}

/// Between `"""` a quote needs its backslash only where three of them would close the text.
fn escape(text: &str, one_line: bool, out: &mut String) {
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let quotes = text[at..].bytes().take_while(|byte| *byte == b'"').count();
        match letter {
            '"' => out.push_str(&if one_line || quotes > 2 { "\\\"" } else { "\"" }.repeat(quotes)),
            '\\' => out.push_str("\\\\"),
            '\n' if one_line => out.push_str("\\n"),
            _ => out.push(letter),
        }
        at += quotes.max(letter.len_utf8());
    }
}
