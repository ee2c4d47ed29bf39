//! YAML as people write it by hand, with the place of everything in it.
//!
//! Mappings and lists, by indentation or in brackets, texts bare, quoted or as blocks, comments. What makes YAML surprising
//! is refused with a sentence: anchors, tags, several documents, tabs, texts that go on in the next line by themselves.
//! Whatever is read here means the same to every other reader of YAML; bare words stay the words they are.

mod text; // bare, in quotes, and as blocks

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::platform::limits::{ACCOUNT_DEPTH_MAX, YAML_NAME_BYTES_MAX};

/// Something in a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Nothing,
    /// A text; `bare`: without quotes.
    Text {
        text: String,
        bare: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A name and what stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the name stands.
    pub(super) at: Span,
    pub(super) value: Node,
}

impl Node {
    /// The word, if it is one without quotes.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.what {
            What::Text { text, bare: true } => Some(text),
            _ => None,
        }
    }

    /// As it is named in a sentence.
    pub(super) fn said(&self) -> String {
        match &self.what {
            What::Nothing => "nothing".to_string(),
            What::Text { text, bare: true } => format!("`{text}`"),
            What::Text { text, bare: false } => format!("the text `{text}`"),
            What::List(_) => "a list".to_string(),
            What::Map(_) => "fields of its own".to_string(),
        }
    }
}

/// Reads a file. What cannot be read is one finding: where YAML goes wrong, the rest of it is anybody's guess.
pub(super) fn read(text: &str, file: FileId) -> Result<Node, Box<Finding>> {
    let mut reader = Reader { text, at: 0, file, depth: 0 };
    reader.letters()?;
    reader.document()
}

type Read<T> = Result<T, Box<Finding>>;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    file: FileId,
    depth: usize,
}

impl<'t> Reader<'t> {
    // ---- Places ----

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// How far from the beginning of its line it is.
    fn column(&self) -> usize {
        self.at - self.text[..self.at].rfind('\n').map_or(self.beginning(), |line| line + 1)
    }

    /// Where the text begins: behind the byte order mark, if there is one.
    fn beginning(&self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }

    fn fault(&self, at: Span, message: impl Into<String>, help: impl Into<String>) -> Box<Finding> {
        Box::new(Finding::new(Slug::UnreadableYaml, self.file, at, message).help(help))
    }

    /// The letter at hand, to be pointed at.
    fn letter(&self) -> Span {
        Span::new(self.at, self.at + self.next().map_or(0, char::len_utf8))
    }

    /// Whether a mark of YAML stands here: the sign, and then a space or the end of the line.
    fn stands(&self, sign: &str) -> bool {
        self.rest().strip_prefix(sign).is_some_and(is_gap)
    }

    /// Letters that no file has that a person wrote.
    fn letters(&mut self) -> Read<()> {
        self.at = self.beginning();
        let mut letters = self.rest().char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let allowed = match letter {
                '\n' | '\t' => true,
                '\r' => matches!(letters.peek(), Some((_, '\n'))),
                '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
                _ => !letter.is_control(),
            };
            if !allowed {
                let at = self.at + at;
                let code = u32::from(letter);
                return Err(self.fault(
                    Span::new(at, at + letter.len_utf8()),
                    format!("a letter that cannot be seen (U+{code:04X})"),
                    format!("take it out, or write it as \"\\u{code:04x}\" in double quotes"),
                ));
            }
        }
        Ok(())
    }

    // ---- What stands between ----

    /// Goes over spaces.
    fn spaces(&mut self) -> Read<()> {
        self.at += self.rest().bytes().take_while(|byte| *byte == b' ').count();
        match self.next() {
            Some('\t') => {
                Err(self.fault(self.letter(), "a tab", "write spaces: tabs are as wide as anybody likes"))
            }
            _ => Ok(()),
        }
    }

    /// Goes over spaces and a comment, to the end of the line. Gives whether the line ends here.
    fn line_ends(&mut self) -> Read<bool> {
        let from = self.at;
        self.spaces()?;
        let behind = from == 0 || self.at > from || self.column() == 0;
        if self.next() == Some('#') && behind {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
        Ok(self.rest().is_empty() || self.rest().starts_with('\n') || self.rest().starts_with("\r\n"))
    }

    /// Goes to the next thing in the file, over empty lines and comments.
    fn go_on(&mut self) -> Read<()> {
        while self.line_ends()? && !self.rest().is_empty() {
            self.at += self.rest().find('\n').map_or(0, |line| line + 1);
        }
        Ok(())
    }

    /// The line ends here, or is wrong.
    fn end_line(&mut self, behind: &str) -> Read<()> {
        if self.line_ends()? {
            return Ok(());
        }
        let rest = self.rest().split('\n').next().unwrap_or_default().trim_end();
        let at = Span::new(self.at, self.at + rest.len());
        Err(self.fault(
            at,
            format!("`{rest}` stands behind {behind}"),
            "give it a line of its own, or put all of it in one pair of quotes",
        ))
    }

    // ---- Blocks ----

    fn document(&mut self) -> Read<Node> {
        self.go_on()?;
        if self.next() == Some('%') && self.column() == 0 {
            return Err(self.fault(self.letter(), "a directive", "take the line out"));
        }
        if self.stands("---") && self.column() == 0 {
            self.at += 3;
            self.end_line("`---`")?;
            self.go_on()?;
        }
        let node = match self.rest().is_empty() || self.is_mark() {
            true => Node { span: Span::at(self.at), what: What::Nothing },
            false => self.block(None)?,
        };
        self.go_on()?;
        if self.rest().is_empty() {
            return Ok(node);
        }
        let at =
            Span::new(self.at, self.at + self.rest().split('\n').next().unwrap_or_default().trim_end().len());
        if self.is_mark() {
            return Err(self.fault(
                at,
                "a second document",
                "one file holds one account: take this line out, and what is behind it",
            ));
        }
        Err(self.fault(
            at,
            "this line is not indented as the ones before it",
            "give the lines of one block the same number of spaces",
        ))
    }

    /// Whether a document begins or ends here.
    fn is_mark(&self) -> bool {
        self.column() == 0 && (self.stands("---") || self.stands("..."))
    }

    /// What begins here, on the lines of a block. `parent`: the column of what holds it.
    fn block(&mut self, parent: Option<usize>) -> Read<Node> {
        self.deeper(|reader| {
            if reader.stands("-") {
                return reader.list(reader.column());
            }
            let from = reader.at;
            if !matches!(reader.next(), Some('[' | '{' | '|' | '>')) {
                let key = reader.key()?;
                reader.at = from;
                if key.is_some() {
                    return reader.map(reader.column());
                }
            }
            let node = reader.value(parent)?;
            reader.end_line("a value")?;
            Ok(node)
        })
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Reader<'t>) -> Read<Node>) -> Read<Node> {
        if self.depth == ACCOUNT_DEPTH_MAX {
            let message = format!("this is more than {ACCOUNT_DEPTH_MAX} levels deep");
            return Err(Box::new(Finding::new(Slug::TooDeep, self.file, self.letter(), message)));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn map(&mut self, column: usize) -> Read<Node> {
        let from = self.at;
        let mut entries = Vec::new();
        loop {
            let start = self.at;
            let Some((key, at)) = self.key()? else {
                let line = self.text[start..].split('\n').next().unwrap_or_default().trim_end();
                let at = Span::new(start, start + line.len());
                return Err(self.fault(
                    at,
                    format!("`{line}` is no field"),
                    "write `name: value`, or indent it if it belongs to the line above",
                ));
            };
            let value = self.behind(column, true, at)?;
            let end = self.at;
            entries.push(Entry { key, at, value });
            self.go_on()?;
            if self.rest().is_empty() || self.column() < column || self.is_mark() {
                return Ok(Node { span: Span::new(from, end), what: What::Map(entries) });
            }
            self.same_column(column)?;
        }
    }

    fn list(&mut self, column: usize) -> Read<Node> {
        let from = self.at;
        let mut items = Vec::new();
        loop {
            let dash = self.letter();
            self.at += 1;
            items.push(self.behind(column, false, dash)?);
            let end = self.at;
            self.go_on()?;
            let over = self.rest().is_empty() || self.column() < column || self.is_mark();
            if over || self.column() == column && !self.stands("-") {
                return Ok(Node { span: Span::new(from, end), what: What::List(items) });
            }
            self.same_column(column)?;
        }
    }

    fn same_column(&self, column: usize) -> Read<()> {
        if self.column() == column {
            return Ok(());
        }
        let line = self.rest().split('\n').next().unwrap_or_default().trim_end();
        let at = Span::new(self.at, self.at + line.len());
        let (own, wanted) = (self.column(), column);
        Err(self.fault(
            at,
            format!("this line is indented by {own} spaces, and the ones before it by {wanted}"),
            format!(
                "write {wanted} spaces before it; a text that goes on in the next line stands in `|` or `>`"
            ),
        ))
    }

    /// What stands behind a name or a dash: on the same line, or on the next ones, if they are indented more.
    fn behind(&mut self, column: usize, is_field: bool, name: Span) -> Read<Node> {
        if !self.line_ends()? {
            if is_field {
                if self.stands("-") {
                    return Err(self.fault(
                        self.letter(),
                        "a list that begins on the line of its name",
                        "begin it on the next line, or write `[…]`",
                    ));
                }
                let node = self.value(Some(column))?;
                self.end_line("a value")?;
                return Ok(node);
            }
            return self.block(Some(column));
        }
        let line = self.at;
        self.go_on()?;
        let own = self.column();
        let is_list = is_field && own == column && self.stands("-");
        if self.rest().is_empty() || self.is_mark() || own <= column && !is_list {
            self.at = line;
            return Ok(Node { span: name, what: What::Nothing });
        }
        self.block(Some(column))
    }

    /// A name with its colon, if one stands here.
    fn key(&mut self) -> Read<Option<(String, Span)>> {
        let from = self.at;
        if self.stands("?") {
            return Err(self.fault(self.letter(), "a name that begins with `?`", "write `name: value`"));
        }
        let node = self.text(false)?;
        let at = Span::new(from, self.at);
        self.spaces()?;
        if !self.stands(":") {
            return Ok(None);
        }
        let What::Text { text, bare } = node.what else { return Ok(None) };
        if at.range().len() > YAML_NAME_BYTES_MAX {
            let message = format!(
                "this name has {} bytes, and may have at most {YAML_NAME_BYTES_MAX}",
                at.range().len()
            );
            return Err(Box::new(Finding::new(Slug::TooLarge, self.file, at, message)));
        }
        if bare && text == "<<" {
            return Err(self.fault(
                at,
                "a merge of other fields",
                "write the fields out: what an account has is to be seen where it stands",
            ));
        }
        self.at += 1;
        Ok(Some((text, at)))
    }

    /// A value that begins on this line.
    fn value(&mut self, parent: Option<usize>) -> Read<Node> {
        match self.next() {
            Some('[' | '{') => self.brackets(),
            Some('|' | '>') => self.block_text(parent),
            _ => {
                let node = self.text(false)?;
                let behind = self.at;
                self.spaces()?;
                if self.stands(":") {
                    let help = "put a text that has a colon and a space in double quotes, or begin the fields on the next line";
                    return Err(self.fault(self.letter(), "a second colon on one line", help));
                }
                self.at = behind;
                Ok(node)
            }
        }
    }

    // ---- Brackets ----

    fn brackets(&mut self) -> Read<Node> {
        self.deeper(|reader| {
            let (from, is_list) = (reader.at, reader.next() == Some('['));
            let close = if is_list { ']' } else { '}' };
            let (mut items, mut entries) = (Vec::new(), Vec::new());
            reader.at += 1;
            loop {
                reader.go_on()?;
                if reader.next() == Some(close) {
                    break;
                }
                if is_list {
                    items.push(reader.within_brackets(from)?);
                } else {
                    entries.push(reader.field_in_braces(from)?);
                }
                reader.go_on()?;
                match reader.next() {
                    Some(',') => reader.at += 1,
                    Some(letter) if letter == close => {}
                    _ => return Err(reader.unclosed(from, is_list)),
                }
            }
            reader.at += 1;
            let what = if is_list { What::List(items) } else { What::Map(entries) };
            Ok(Node { span: Span::new(from, reader.at), what })
        })
    }

    fn unclosed(&self, from: usize, is_list: bool) -> Box<Finding> {
        let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
        let help = format!("put `,` between the parts and `{close}` behind the last one");
        let finding =
            self.fault(self.letter(), format!("`{open}` goes on here without `,` or `{close}`"), help);
        Box::new(finding.related(self.file, Span::new(from, from + 1), "opened here"))
    }

    fn within_brackets(&mut self, from: usize) -> Read<Node> {
        match self.next() {
            None => Err(self.unclosed(from, true)),
            Some('[' | '{') => self.brackets(),
            _ => {
                let node = self.text(true)?;
                let behind = self.at;
                self.go_on()?;
                if self.next() == Some(':') {
                    return Err(self.fault(
                        self.letter(),
                        "a colon in a list",
                        "put the text in double quotes, or fields in `{…}`",
                    ));
                }
                self.at = behind;
                Ok(node)
            }
        }
    }

    fn field_in_braces(&mut self, from: usize) -> Read<Entry> {
        if matches!(self.next(), None | Some('[' | '{')) {
            return Err(self.unclosed(from, false));
        }
        let start = self.at;
        let key = self.text(true)?;
        let at = Span::new(start, self.at);
        self.spaces()?;
        if !self.stands(":") {
            return Err(self.fault(
                at,
                "a name without its value",
                "write `name: value`, with a space behind the colon",
            ));
        }
        let What::Text { text, bare } = key.what else {
            return Err(self.fault(at, "a field without a name", "write `name: value`"));
        };
        if bare && text == "<<" || at.range().len() > YAML_NAME_BYTES_MAX {
            return Err(self.fault(
                at,
                "a name that cannot be one",
                "write the fields out, each with a name",
            ));
        }
        self.at += 1;
        self.go_on()?;
        let value = match self.next() {
            Some(',' | '}') => Node { span: at, what: What::Nothing },
            _ => self.within_brackets(from)?,
        };
        Ok(Entry { key: text, at, value })
    }
}

/// Whether a word ends here.
fn is_gap(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\n', '\t']) || rest.starts_with("\r\n")
}

#[cfg(test)]
mod tests;
