//! Two texts side by side, word for word: what was to be, and what is.

use similar::{ChangeTag, TextDiff};
use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostics::render::visible::visible;

use super::terminal::{Paint, paint};

/// How wide both columns are at least and at most.
const WIDTH_MIN: usize = 60;
const WIDTH_MAX: usize = 160;

/// Two columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    /// Letters of both.
    pub(super) width: usize,
    pub(super) color: bool,
}

impl Columns {
    fn column(self) -> usize {
        (self.width.clamp(WIDTH_MIN, WIDTH_MAX) - 9) / 2
    }

    /// What stands above them.
    pub(super) fn head(self, out: &mut String, left: &str, right: &str) {
        let column = self.column();
        out.push_str(&paint(self.color, Paint::Dim, &format!("      {left:column$} │ {right}\n")));
    }

    /// A line of both, on as many lines as it takes.
    pub(super) fn row(self, out: &mut String, left: Option<&str>, right: Option<&str>, good: bool) {
        let column = self.column();
        let mark = match (good, left, right) {
            (true, ..) => " ",
            (false, Some(_), None) => "-",
            (false, None, Some(_)) => "+",
            (false, ..) => "≠",
        };
        let both = left.is_some() && right.is_some();
        let plain = |text: Option<&str>| {
            text.map(|text| visible(&text.replace('\n', " ")).into_owned()).unwrap_or_default()
        };
        let (left, right) = (plain(left), plain(right));
        let painted = |words: Words, color: Paint| -> Vec<(String, String)> {
            wrap(&words, column)
                .into_iter()
                .map(|line| {
                    let plain: String = line.iter().map(|(_, word)| word.as_str()).collect();
                    let shown = line
                        .iter()
                        .map(
                            |(differs, word)| {
                                if *differs { paint(self.color, color, word) } else { word.clone() }
                            },
                        )
                        .collect();
                    (plain, shown)
                })
                .collect()
        };
        let (left, right) = match !good && both {
            true => words(&left, &right),
            false => (vec![(!good, left)], vec![(!good, right)]),
        };
        let (left, right) = (painted(left, Paint::Green), painted(right, Paint::Red));
        for line in 0..left.len().max(right.len()) {
            let (plain, shown) = left.get(line).cloned().unwrap_or_default();
            let padding = " ".repeat(column.saturating_sub(letters(&plain)));
            let mark = if line == 0 { mark } else { " " };
            let mark = if mark == " " { mark.to_string() } else { paint(self.color, Paint::Red, mark) };
            let (_, beside) = right.get(line).cloned().unwrap_or_default();
            let row = format!("    {mark} {shown}{padding} │ {beside}");
            out.push_str(row.trim_end());
            out.push('\n');
        }
    }
}

/// Words of a text, each with whether the other text lacks it.
pub(super) type Words = Vec<(bool, String)>;

/// Both texts by words.
pub(super) fn words(left: &str, right: &str) -> (Words, Words) {
    let diff = TextDiff::from_words(left, right);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let word = change.value().to_string();
        match change.tag() {
            ChangeTag::Equal => {
                one.push((false, word.clone()));
                other.push((false, word));
            }
            ChangeTag::Delete => one.push((true, word)),
            ChangeTag::Insert => other.push((true, word)),
        }
    }
    (one, other)
}

/// Words on lines of so many letters; a word that is longer is broken.
fn wrap(words: &[(bool, String)], width: usize) -> Vec<Words> {
    let mut lines: Vec<Words> = vec![Vec::new()];
    let mut used = 0;
    for (differs, text) in words {
        for word in text.split_inclusive(' ') {
            let mut rest = word;
            loop {
                let long = letters(rest);
                if used + letters(rest.trim_end()) <= width {
                    if !(used == 0 && rest.trim().is_empty()) {
                        lines.last_mut().into_iter().for_each(|line| line.push((*differs, rest.to_string())));
                        used += long;
                    }
                    break;
                }
                if used > 0 {
                    lines.push(Vec::new());
                    used = 0;
                    continue;
                }
                let cut: usize = rest.graphemes(true).take(width).map(str::len).sum();
                lines.last_mut().into_iter().for_each(|line| line.push((*differs, rest[..cut].to_string())));
                rest = &rest[cut..];
                lines.push(Vec::new());
            }
        }
    }
    lines
}

fn letters(text: &str) -> usize {
    text.graphemes(true).count()
}

/// A text of at most so many letters.
pub(super) fn cut(text: &str, width: usize) -> String {
    if letters(text) <= width {
        return text.to_string();
    }
    let kept: String = text.graphemes(true).take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}
