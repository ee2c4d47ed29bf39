//! An account as YAML, in the one layout: what is as it is by default is left out, names are in order.

use super::Account;
use super::block::{Tree, tell};

/// Longer lists and texts get lines of their own.
const LINE_LETTERS_MAX: usize = 100;

impl Account {
    /// The account as a file: [`Account::read`] reads the same account back.
    pub fn write(&self) -> String {
        write(&tell(self, false))
    }
}

/// What an account has, as its file.
pub(super) fn write(account: &Tree) -> String {
    let mut text = String::new();
    let mut behind_section = false;
    if let Tree::Map(fields) = account {
        for (name, value) in fields {
            let section = matches!(value, Tree::Map(_));
            if section || behind_section {
                text.push('\n');
            }
            field(&mut text, 0, name, value);
            behind_section = section;
        }
    }
    text
}

/// A name, and what stands behind it.
fn field(text: &mut String, indent: usize, name: &str, value: &Tree) {
    text.push_str(&format!("{:indent$}{}:", "", quoted(name)));
    match value {
        Tree::Map(fields) if !fields.is_empty() => {
            text.push('\n');
            fields.iter().for_each(|(name, value)| field(text, indent + 2, name, value));
        }
        Tree::List(items) if !items.is_empty() => list(text, indent, name, items),
        Tree::Map(_) => text.push('\n'),
        value => text.push_str(&format!(" {}\n", scalar(value))),
    }
}

/// A list, in brackets if it is short.
fn list(text: &mut String, indent: usize, name: &str, items: &[Tree]) {
    let items: Vec<String> = items.iter().map(scalar).collect();
    let line = items.join(", ");
    if indent + name.len() + line.len() <= LINE_LETTERS_MAX {
        text.push_str(&format!(" [{line}]\n"));
        return;
    }
    text.push('\n');
    items.iter().for_each(|item| text.push_str(&format!("{:1$}- {item}\n", "", indent + 2)));
}

fn scalar(value: &Tree) -> String {
    match value {
        Tree::Word(word) => word.clone(),
        Tree::Text(text) => quoted(text),
        Tree::List(_) => "[]".to_string(),
        Tree::Nothing | Tree::Map(_) => "null".to_string(),
    }
}

/// A text, in double quotes where some reader of YAML could take it for something else.
fn quoted(text: &str) -> String {
    let plain = |letter: char| {
        letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | '/' | '+' | '(' | ')')
    };
    let begins = text.chars().next().is_some_and(char::is_alphabetic);
    let bare = begins && text.chars().all(plain) && !text.ends_with(' ') && !is_taken(text);
    let address =
        text.starts_with("https://") && text[8..].chars().all(|letter| plain(letter) && letter != ' ');
    if bare || address {
        return text.to_string();
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if is_hidden(letter) => match u32::from(letter) {
                code @ 0..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
                code => quoted.push_str(&format!("\\U{code:08x}")),
            },
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Words that older readers of YAML take for something else than a text, numbers such as `Inf` among them.
fn is_taken(text: &str) -> bool {
    const TAKEN: &[&str] =
        &["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"];
    TAKEN.contains(&text.to_lowercase().as_str())
}

/// Letters that are not seen, or steer what is seen.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}
