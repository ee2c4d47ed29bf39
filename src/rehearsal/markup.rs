//! Texts of a bot in pages and pictures: never markup, and nothing that changes the direction of writing.

use crate::diagnostics::render::visible::visible;

/// A text as HTML, SVG or XML, in a page or between the quotes of an attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for letter in visible(line).chars() {
            match letter {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                // XML has no place for these, not even as numbers.
                '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
                letter => out.push(letter),
            }
        }
    }
    out
}
