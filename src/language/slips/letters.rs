//! The letters of a line: which stand outside of quotes, and how a piece of it is shown in a sentence.

pub(super) fn word_length(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(text.len())
}

/// The letters of a line that stand outside of "texts" and comments, with their places.
pub(super) fn outside_quotes(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut inside = false;
    let mut escaped = false;
    let mut comment = false;
    line.char_indices().filter(move |(_, letter)| {
        if comment {
            return false;
        }
        if inside {
            if escaped {
                escaped = false;
            } else if *letter == '\\' {
                escaped = true;
            } else if *letter == '"' {
                inside = false;
            }
            return false;
        }
        match letter {
            '"' => {
                inside = true;
                false
            }
            '#' => {
                comment = true;
                false
            }
            _ => true,
        }
    })
}

/// Where the quotes stand that are not escaped.
pub(in crate::language) fn quote_places(line: &str) -> Vec<usize> {
    let mut escaped = false;
    let mut places = Vec::new();
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => places.push(at),
            _ => {}
        }
    }
    places
}

/// The line up to its comment, without white space at its end.
pub(super) fn without_comment(line: &str) -> &str {
    let mut inside = false;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            '#' if !inside => return line[..at].trim_end(),
            _ => {}
        }
    }
    line.trim_end()
}

pub(super) fn indent_of(source: &str, at: usize) -> String {
    let start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    source[start..at].chars().take_while(|letter| letter.is_whitespace()).collect()
}

pub(super) fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    text.rsplit(' ').next().unwrap_or(text)
}

/// A piece of a line short enough to stand in a sentence.
pub(in crate::language) fn shortened(text: &str) -> String {
    const LETTERS: usize = 60;
    let text = text.trim();
    match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_string(),
    }
}
