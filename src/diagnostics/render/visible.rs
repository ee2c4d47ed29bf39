//! Text from a file that is safe to print: what would steer the terminal, or hide, is shown as `\u{1b}`.

use std::borrow::Cow;

/// Sentences with more letters than this are cut.
const BRIEF_LETTERS_MAX: usize = 600;

/// The text with every such character spelled out, line breaks and tabs too: it stays on its line.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| letter == '\t' || spelling(letter).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match (letter, spelling(letter)) {
            ('\t', _) => shown.push_str("\\t"),
            (_, Some(spelled)) => shown.push_str(&spelled),
            (_, None) => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// A sentence, safe to print; what is left of one that quotes a very long text of its author.
pub fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(BRIEF_LETTERS_MAX) {
        Some((cut, _)) => Cow::Owned(format!("{}…", visible(&text[..cut]))),
        None => visible(text),
    }
}

/// JSON with every such character in a string written as JSON escapes it: the same document, safe to print.
pub fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() + 1);
    for letter in json.chars() {
        match letter {
            '\n' => shown.push(letter),
            _ if letter.is_control() || steers(letter) => {
                shown.push_str(&format!("\\u{:04x}", u32::from(letter)))
            }
            _ => shown.push(letter),
        }
    }
    shown.push('\n');
    shown
}

/// How a letter is spelled out; none if it may be printed as it is. A tab may: its reader decides.
pub(super) fn spelling(letter: char) -> Option<String> {
    match letter {
        '\t' => None,
        '\n' => Some("\\n".to_string()),
        '\r' => Some("\\r".to_string()),
        _ if letter.is_control() || steers(letter) => Some(letter.escape_unicode().to_string()),
        _ => None,
    }
}

/// Marks that turn the direction of the text, end lines, or take no room. The joiners of emoji and of Persian are not among them.
fn steers(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_would_steer() {
        assert_eq!(visible("plain – ü 👩‍👧"), "plain – ü 👩‍👧");
        assert_eq!(brief(&"ä".repeat(700)), format!("{}…", "ä".repeat(600)));
        assert_eq!(visible_json("{\n\"a\": \"\u{9b}\u{202e}\"}"), "{\n\"a\": \"\\u009b\\u202e\"}\n");
        assert_eq!(visible("\u{1b}[31m\u{9b}\u{202e}x\n\t"), "\\u{1b}[31m\\u{9b}\\u{202e}x\\n\\t");
    }
}
