//! Where the holes of a text are, and whether they can be read without harm: minijinja's parser follows some nestings
//! without counting them, so they are counted here before it sees them.

use std::ops::Range;

use crate::program::expression::{EXPRESSION_BYTES_MAX, TEMPLATE_BYTES_MAX, Trouble};

/// How deep parts of an expression, and tags of a text, may stand in one another.
pub const FORMULA_DEPTH_MAX: usize = 64;
/// How many `{% tags %}` a text may have.
pub const TAGS_MAX: usize = 200;

/// Stands for a `#` that begins no comment, and behind a line end at the very end. As long as what it replaces.
const MASK: &str = "\u{1}";

/// A text as minijinja is to read it: `{#` outside holes is speech, not a comment, and a line end at the very end
/// stays. Every byte of the source stands where it stood.
pub(crate) fn masked(source: &str) -> Result<String, Trouble> {
    if source.len() > TEMPLATE_BYTES_MAX {
        return Err(Trouble {
            range: 0..source.len(),
            message: format!("this text has {} bytes, more than {TEMPLATE_BYTES_MAX}", source.len()),
        });
    }
    let mut out = String::with_capacity(source.len() + MASK.len());
    let (mut at, mut tags) = (0, 0);
    while let Some(found) = source[at..].find('{') {
        let start = at + found;
        out.push_str(&source[at..start + 1]);
        at = start + 1;
        match source.as_bytes().get(at) {
            Some(b'#') => {
                out.push_str(MASK);
                at += 1;
            }
            Some(sign @ (b'{' | b'%')) => {
                let tag = *sign == b'%';
                tags += usize::from(tag);
                let end = hole_end(source, start, tag);
                harmless(source, start + 2..end)?;
                out.push_str(&source[at..end]);
                at = end;
                if tags > TAGS_MAX {
                    return Err(Trouble {
                        range: start..end,
                        message: format!("this text has more than {TAGS_MAX} tags"),
                    });
                }
            }
            _ => {}
        }
    }
    out.push_str(&source[at..]);
    if out.ends_with(['\n', '\r']) {
        out.push_str(MASK);
    }
    Ok(out)
}

/// Where the hole that begins at `start` ends, its closing braces included, as minijinja sees it: quotes and brackets
/// inside are skipped. A hole that never ends reaches to the end of the text.
fn hole_end(source: &str, start: usize, tag: bool) -> usize {
    let close: &[u8] = if tag { b"%}" } else { b"}}" };
    let bytes = source.as_bytes();
    let (mut at, mut open) = (start + 2, 0i32);
    while at < bytes.len() {
        if open == 0 && bytes[at..].starts_with(close) {
            return at + 2;
        }
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at = string_end(bytes, at, quote);
                continue;
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    source.len()
}

/// Behind the closing quote, or the end.
fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Refuses what minijinja's parser would follow too deep: brackets in brackets, and runs of `-` and `not`.
pub(crate) fn harmless(source: &str, range: Range<usize>) -> Result<(), Trouble> {
    let trouble = |message: String| Err(Trouble { range: range.clone(), message });
    if range.len() > EXPRESSION_BYTES_MAX {
        return trouble(format!(
            "this expression has {} bytes, more than {EXPRESSION_BYTES_MAX}",
            range.len()
        ));
    }
    let bytes = &source.as_bytes()[range.clone()];
    let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let (mut at, mut open, mut signs, mut words) = (0, 0usize, 0usize, 0usize);
    while at < bytes.len() {
        let mut next = at + 1;
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                next = string_end(bytes, at, quote);
                signs = 0;
            }
            b'(' | b'[' | b'{' => {
                open += 1;
                signs = 0;
            }
            b')' | b']' | b'}' => {
                open = open.saturating_sub(1);
                signs = 0;
            }
            b'-' => signs += 1,
            byte if byte.is_ascii_whitespace() => {}
            byte if word(byte) => {
                next = at + bytes[at..].iter().take_while(|byte| word(**byte)).count();
                match &bytes[at..next] {
                    b"not" => signs += 1,
                    b"else" => words += 1,
                    _ => signs = 0,
                }
            }
            _ => signs = 0,
        }
        if open.max(signs).max(words) > FORMULA_DEPTH_MAX {
            return trouble(too_deep());
        }
        at = next;
    }
    Ok(())
}

/// What is said of an expression that is nested too deep.
pub(super) fn too_deep() -> String {
    format!("this is nested more than {FORMULA_DEPTH_MAX} deep")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_every_place() {
        let source = "a {# b {{ '{#' }} {% if x %}{#{% endif %}\n";
        let masked = masked(source).unwrap();
        assert_eq!(masked, "a {\u{1} b {{ '{#' }} {% if x %}{\u{1}{% endif %}\n\u{1}");
        assert_eq!(masked.len(), source.len() + 1);
    }

    #[test]
    fn nestings_are_counted_before_they_are_followed() {
        for harmful in
            ["(".repeat(65), "- ".repeat(65), "not ".repeat(65), "1 if 1 else ".repeat(65), "[".repeat(65)]
        {
            assert!(harmless(&harmful, 0..harmful.len()).is_err());
        }
        let long = "x-".repeat(900);
        assert!(harmless(&long, 0..long.len()).is_ok());
        assert!(masked(&"{% if x %}".repeat(201)).is_err());
        assert!(masked(&format!("{{{{ {} }}}}", "x+".repeat(1001))).is_err());
    }
}
