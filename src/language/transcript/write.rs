//! Texts as they are written in a transcript, so that they read back as themselves.

use crate::language::transcript::parse::begins_line;

/// A text as a line expects it of the bot: `bot: …`, `or: …`, `note: …`, `event: …`. Its later lines are set in by
/// `deeper` spaces; that has to be more than the label is.
pub fn said(text: &str, deeper: usize) -> String {
    let written = lines(text, deeper, |letter, next| letter == '*' || letter == '<' && begins_name(next));
    // It would be any messages, or a regex.
    if text == "..." || text.starts_with('/') { format!("\\{written}") } else { written }
}

/// A text as a person says it: `user: …`, `agent: …`, where `*` and `<` are letters.
pub fn heard(text: &str, deeper: usize) -> String {
    let written = lines(text, deeper, |_, _| false);
    // An agent's text that begins with a bracket would be what they do.
    if text.starts_with('[') { format!("\\{written}") } else { written }
}

/// The label of a choice, between the bars of `choices:`.
pub fn label(text: &str) -> String {
    let marks = |letter, next| matches!(letter, '*' | '|') || letter == '<' && begins_name(next);
    let lines: Vec<String> = text.split('\n').map(|line| escaped(line, &marks)).collect();
    lines.join("\\n")
}

/// `is_sign` tells which letters mean something, given the letter behind them.
fn lines(text: &str, deeper: usize, is_sign: impl Fn(char, Option<char>) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut above_is_empty = true;
    for (number, line) in text.split('\n').enumerate() {
        let written = escaped(line, &is_sign);
        if number == 0 {
            out.push_str(&written);
        } else if line.is_empty() || above_is_empty {
            // An empty line would end the text.
            out.push_str("\\n");
            out.push_str(&written);
        } else {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', deeper));
            out.push_str(&at_line_start(&written));
        }
        above_is_empty = line.is_empty();
    }
    out
}

/// A line of a text that would be taken for a line of its own, or for a comment, has a backslash before it.
fn at_line_start(line: &str) -> String {
    match line.as_bytes().first() {
        Some(b'#') => format!("\\{line}"),
        Some(b'n') if begins_line(line) => format!("\\u{{6e}}{}", &line[1..]), // `\n` is a line end
        _ if begins_line(line) => format!("\\{line}"),
        _ => line.to_string(),
    }
}

/// A line with a backslash before every sign, and what cannot be seen by its number.
fn escaped(line: &str, is_sign: &impl Fn(char, Option<char>) -> bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let at_end = at == 0 || next.is_none();
        match letter {
            ' ' if at_end => out.push_str("\\ "),
            '\\' => out.push_str("\\\\"),
            '{' if next == Some('{') => out.push_str("\\{"),
            // Nobody can see it, so it is written by its number.
            _ if letter.is_control() || is_unseen(letter) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(letter)));
            }
            _ if is_sign(letter, next) => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out
}

/// Whether a `<` in front of it may begin a capture.
fn begins_name(next: Option<char>) -> bool {
    next.is_some_and(|next| next.is_ascii_alphabetic() || next == '_')
}

/// Signs without a shape of their own, and those that turn the direction of what follows.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
