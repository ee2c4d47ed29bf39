//! How wide a text is in a picture, about, and how much of it fits: nothing here knows the fonts of who looks at it.

/// The width of a text in so many pixels a letter.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(share).sum::<f64>() * size
}

/// A letter's share of its height, as in the plain fonts of most systems; rather too wide than too narrow.
fn share(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' | 'I' => 0.33,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '-' | '"' | '*' => 0.42,
        'm' | 'w' => 0.9,
        'M' | 'W' | '@' | '%' => 1.0,
        'A'..='Z' | '→' | '…' | '+' | '<' | '>' | '=' | '~' | '#' => 0.78,
        letter if letter < '\u{1100}' => 0.62,
        _ => 1.05,
    }
}

/// As much of a text as fits, with `…` where something is left out.
pub(super) fn fitting(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let mut left = room - share('…') * size;
    let kept: String = text
        .chars()
        .take_while(|letter| {
            left -= share(*letter) * size;
            left >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}
