//! Texts of YAML: bare or in quotes on one line, or as blocks of lines behind `|` and `>`.

use crate::diagnostics::{Finding, Span};

use super::{Node, Read, Reader, What, is_gap};

impl Reader<'_> {
    /// A text on one line: bare or in quotes.
    pub(super) fn text(&mut self, in_brackets: bool) -> Read<Node> {
        let from = self.at;
        let refused = |what: &str, help: &str| Err(self.fault(self.letter(), what, help));
        match self.next() {
            Some('"') => return self.double_quoted(),
            Some('\'') => return self.single_quoted(),
            Some('&' | '*') => {
                return refused(
                    "an anchor or a reference to one",
                    "write out what it stands for; a text that begins with this sign goes in double quotes",
                );
            }
            Some('!') => {
                return refused("a tag", "take it out; a text that begins with `!` goes in double quotes");
            }
            Some('@' | '`' | '%') => {
                return refused(
                    "a text that begins with a sign YAML keeps for itself",
                    "put the text in double quotes",
                );
            }
            Some('|' | '>' | '[' | ']' | '{' | '}' | ',' | '#') => {
                return refused("a sign that begins no text", "put the text in double quotes");
            }
            _ => {}
        }
        let flows = |letter: char| in_brackets && matches!(letter, ',' | '[' | ']' | '{' | '}');
        let keeps = in_brackets && matches!(self.next(), Some('?' | ':'));
        if self.stands("-") || self.stands("?") || keeps || self.is_mark() {
            return refused("a sign that begins no text", "put the text in double quotes");
        }
        let mut before = '\0';
        let line = self.rest().split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut end = line.len();
        for (at, letter) in line.char_indices() {
            let behind = &line[at + letter.len_utf8()..];
            let asks = in_brackets && behind.starts_with('?');
            let colon = letter == ':' && (is_gap(behind) || behind.starts_with(flows) || asks);
            if colon || flows(letter) || letter == '#' && before == ' ' {
                end = at;
                break;
            }
            if letter == '\t' {
                self.at += at;
                return Err(self.fault(
                    self.letter(),
                    "a tab",
                    "write spaces: tabs are as wide as anybody likes",
                ));
            }
            before = letter;
        }
        let text = line[..end].trim_end_matches(' ');
        if text.is_empty() && end < line.len() {
            return Err(self.fault(
                self.letter(),
                "a colon without a name before it",
                "put the text in double quotes, or write the name",
            ));
        }
        if in_brackets && text == "-" {
            return Err(self.fault(
                self.letter(),
                "a sign that begins no text",
                "put the text in double quotes",
            ));
        }
        self.at += text.len();
        let what = match text {
            "" | "~" | "null" | "Null" | "NULL" => What::Nothing,
            _ => What::Text { text: text.to_string(), bare: true },
        };
        Ok(Node { span: Span::new(from, self.at), what })
    }

    fn single_quoted(&mut self) -> Read<Node> {
        let from = self.at;
        let line = self.rest().split('\n').next().unwrap_or_default();
        let (mut text, mut letters) = (String::new(), line.char_indices().skip(1).peekable());
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' if letters.next_if(|(_, next)| *next == '\'').is_some() => text.push('\''),
                '\'' => {
                    self.at += at + 1;
                    return Ok(Node {
                        span: Span::new(from, self.at),
                        what: What::Text { text, bare: false },
                    });
                }
                _ => text.push(letter),
            }
        }
        Err(self.no_quote())
    }

    fn double_quoted(&mut self) -> Read<Node> {
        let from = self.at;
        let line = self.rest().split('\n').next().unwrap_or_default();
        let (mut text, mut letters) = (String::new(), line.char_indices().skip(1));
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 1;
                    return Ok(Node {
                        span: Span::new(from, self.at),
                        what: What::Text { text, bare: false },
                    });
                }
                '\\' => {
                    let escaped = match letters.next().map(|(_, letter)| letter) {
                        Some('x') => code(line, at, 2),
                        Some('u') => code(line, at, 4),
                        Some('U') => code(line, at, 8),
                        Some(letter) => {
                            ESCAPES.iter().find(|(name, _)| *name == letter).map(|(_, stands)| (*stands, 0))
                        }
                        None => None,
                    };
                    let Some((letter, digits)) = escaped else {
                        let at = Span::new(from + at, from + at + 1);
                        return Err(self.fault(
                            at,
                            "a backslash that means nothing",
                            "write `\\\\` for a backslash, or use single quotes",
                        ));
                    };
                    text.push(letter);
                    (0..digits).for_each(|_| _ = letters.next());
                }
                _ => text.push(letter),
            }
        }
        Err(self.no_quote())
    }

    fn no_quote(&self) -> Box<Finding> {
        let help = "close it on this line; longer texts stand on lines of their own below `|`";
        self.fault(self.letter(), "a quote that is not closed on its line", help)
    }

    /// Lines behind `|`, or behind `>`, where lines are joined.
    pub(super) fn block_text(&mut self, parent: Option<usize>) -> Read<Node> {
        let from = self.at;
        let joins = self.next() == Some('>');
        self.at += 1;
        let end = self.next().filter(|sign| matches!(sign, '-' | '+'));
        self.at += end.map_or(0, char::len_utf8);
        let head = Span::new(from, self.at);
        if !self.line_ends()? {
            return Err(self.fault(
                self.letter(),
                "a text on the line of its `|` or `>`",
                "begin the text on the next line",
            ));
        }
        let least = parent.map_or(1, |parent| parent + 1);
        let mut lines: Vec<&str> = Vec::new();
        let mut indent = None;
        let mut widest = 0;
        let mut last = self.at;
        while let Some(line) = self.rest().find('\n') {
            let start = self.at + line + 1;
            let line = self.text[start..].split('\n').next().unwrap_or_default();
            let line = line.strip_suffix('\r').unwrap_or(line);
            let own = line.bytes().take_while(|byte| *byte == b' ').count();
            if own == line.len() && indent.is_none_or(|indent| own <= indent) {
                if !self.text[start..].contains('\n') {
                    break; // behind the last line
                }
                widest = if indent.is_none() { widest.max(own) } else { widest };
                lines.push("");
                self.at = start + line.len();
                continue;
            }
            let wanted = *indent.get_or_insert(own);
            if own < wanted.max(least) {
                indent = indent.filter(|_| lines.iter().any(|line| !line.is_empty()));
                break;
            }
            if widest > wanted || line[own..].starts_with('\t') && own == wanted {
                let at = Span::new(start, start + line.len());
                return Err(self.fault(
                    at,
                    "the first line of this text is indented less than an empty one before it, or by a tab",
                    "indent the lines of a text by the same number of spaces",
                ));
            }
            lines.push(&line[wanted..]);
            self.at = start + line.len();
            last = self.at;
        }
        let has_text = indent.is_some() && lines.iter().any(|line| !line.is_empty());
        let tail = lines.iter().rev().take_while(|line| line.is_empty()).count();
        let body = &lines[..lines.len() - tail];
        let mut text = if joins { joined(body) } else { body.join("\n") };
        let ends = usize::from(has_text && last < self.text.len());
        match end {
            Some('-') => {}
            Some(_) => text.push_str(&"\n".repeat(tail + ends)),
            None => text.push_str(&"\n".repeat(ends)),
        }
        let span = if has_text { head.to(Span::at(last)) } else { head };
        Ok(Node { span, what: What::Text { text, bare: false } })
    }
}

/// What a letter behind a backslash stands for.
const ESCAPES: &[(char, char)] = &[
    ('0', '\0'),
    ('a', '\u{7}'),
    ('b', '\u{8}'),
    ('t', '\t'),
    ('n', '\n'),
    ('v', '\u{b}'),
    ('f', '\u{c}'),
    ('r', '\r'),
    ('e', '\u{1b}'),
    (' ', ' '),
    ('"', '"'),
    ('/', '/'),
    ('\\', '\\'),
    ('N', '\u{85}'),
    ('_', '\u{a0}'),
    ('L', '\u{2028}'),
    ('P', '\u{2029}'),
];

/// A letter by its number, in so many digits behind the backslash and its letter.
fn code(line: &str, at: usize, digits: usize) -> Option<(char, usize)> {
    let hex = line.get(at + 2..at + 2 + digits)?;
    let number =
        hex.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok())??;
    char::from_u32(number).map(|letter| (letter, digits))
}

/// Lines as `>` joins them: with a space, unless they are empty or indented more.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut before: Option<&str> = None;
    let mut empty = 0;
    let apart = |line: &str| line.starts_with([' ', '\t']);
    for line in lines.iter().copied() {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        match before {
            None => text.push_str(&"\n".repeat(empty)),
            Some(last) if apart(last) || apart(line) => text.push_str(&"\n".repeat(empty + 1)),
            Some(_) if empty == 0 => text.push(' '),
            Some(_) => text.push_str(&"\n".repeat(empty)),
        }
        text.push_str(line);
        (before, empty) = (Some(line), 0);
    }
    text
}
