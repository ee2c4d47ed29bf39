//! Pages written in Markdown, readable in a terminal: headings stand out, code is set in, paragraphs fit.

use super::terminal::{Paint, paint};

/// How wide a paragraph gets.
const WIDTH: usize = 80;

/// The page as plain text, or with colour. Knows what our pages use: headings, paragraphs, lists, fenced code.
pub(super) fn for_terminal(page: &str, color: bool) -> String {
    let (mut text, mut paragraph, mut in_code) = (String::new(), String::new(), false);
    for line in page.lines() {
        let fence = line.trim_start().starts_with("```");
        let item = line.trim_start().starts_with("- ");
        if fence || in_code || item || line.trim().is_empty() || line.starts_with('#') {
            fill(&mut text, &paragraph, color);
            paragraph.clear();
        }
        if fence {
            in_code = !in_code;
        } else if in_code {
            let code = paint(color && !line.is_empty(), Paint::Cyan, line);
            text.push_str(format!("    {code}").trim_end());
            text.push('\n');
        } else if line.trim().is_empty() {
            if !text.ends_with("\n\n") && !text.is_empty() {
                text.push('\n');
            }
        } else if line.starts_with('#') {
            text.push_str(&paint(color, Paint::Bold, line.trim_start_matches('#').trim()));
            text.push('\n');
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    fill(&mut text, &paragraph, color);
    text
}

/// Adds a paragraph in lines of at most [`WIDTH`]; the lines of a list item stand under its first word.
fn fill(text: &mut String, paragraph: &str, color: bool) {
    if paragraph.is_empty() {
        return;
    }
    let hang = if paragraph.starts_with("- ") { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in words(paragraph) {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > hang.len() && line + 1 + word.chars().count() > WIDTH {
            lines.push(hang.to_string());
        }
        if let Some(line) = lines.last_mut() {
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    text.push_str(&code(&lines.join("\n"), color));
    text.push('\n');
}

/// The words of a paragraph; a piece of code between backticks is not broken.
fn words(paragraph: &str) -> Vec<&str> {
    let (mut words, mut begin, mut in_code) = (Vec::new(), None, false);
    for (at, letter) in paragraph.char_indices() {
        in_code ^= letter == '`';
        match (letter.is_whitespace() && !in_code, begin) {
            (true, Some(start)) => {
                words.push(&paragraph[start..at]);
                begin = None;
            }
            (false, None) => begin = Some(at),
            _ => {}
        }
    }
    words.extend(begin.map(|start| &paragraph[start..]));
    words
}

/// `code` between words, in colour if there is one; the backticks stay.
fn code(text: &str, color: bool) -> String {
    let mut pieces = text.split('`');
    let mut painted = pieces.next().unwrap_or_default().to_string();
    while let Some(piece) = pieces.next() {
        match pieces.next() {
            Some(behind) => {
                painted.push_str(&paint(color, Paint::Cyan, &format!("`{piece}`")));
                painted.push_str(behind);
            }
            None => painted.push_str(&format!("`{piece}")),
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_text() {
        let page =
            "# a (error)\n\nOne `word`\nand on.\n\n- item\n\n## Wrong\n\n```dialog\nsya \"hi\"\n\n```\n";
        assert_eq!(
            for_terminal(page, false),
            "a (error)\n\nOne `word` and on.\n\n- item\n\nWrong\n\n    sya \"hi\"\n\n"
        );
        let painted = for_terminal(page, true);
        assert!(painted.contains("\u{1b}[1mWrong\u{1b}[0m") && painted.contains("\u{1b}[36m`word`\u{1b}[0m"));
    }
}
