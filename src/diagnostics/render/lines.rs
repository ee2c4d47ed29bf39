//! Line and column of a place, found quickly however long the file and however many the findings.

use std::cell::OnceCell;

use crate::diagnostics::{FileId, Source, Sources, Span};

/// How many bytes lie between two counted places.
const STRIDE: usize = 1024;

/// The files with their lines; each is counted when it is first asked for.
pub(super) struct Lines<'a> {
    files: Vec<(&'a Source, OnceCell<Index>)>,
}

struct Index {
    /// The byte each line begins with.
    starts: Vec<usize>,
    /// How many letters begin before each [`STRIDE`]th byte.
    letters: Vec<usize>,
}

/// One file with its lines.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) source: &'a Source,
    index: &'a Index,
}

/// A place as people and editors count: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) offset: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(sources: &'a Sources) -> Lines<'a> {
        Lines { files: sources.iter().map(|(_, source)| (source, OnceCell::new())).collect() }
    }

    /// The file, if there is one of this number.
    pub(super) fn file(&self, id: FileId) -> Option<File<'_>> {
        let (source, cell) = self.files.get(id.0 as usize)?;
        Some(File { source, index: cell.get_or_init(|| Index::new(&source.text)) })
    }

    /// The path of a file, or of nothing.
    pub(super) fn path(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |(source, _)| source.path.as_str())
    }

    /// Both ends of a place.
    pub(super) fn ends(&self, id: FileId, span: Span) -> (Position, Position) {
        match self.file(id) {
            Some(file) => {
                (file.position(span.start as usize), file.position(span.end.max(span.start) as usize))
            }
            None => {
                let nowhere = Position { line: 1, column: 1, offset: 0 };
                (nowhere, nowhere)
            }
        }
    }
}

impl Index {
    fn new(text: &str) -> Index {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        let mut letters = vec![0];
        for stretch in bytes.chunks(STRIDE) {
            letters.push(letters.last().copied().unwrap_or(0) + begun(stretch));
        }
        Index { starts, letters }
    }
}

/// How many letters begin in these bytes.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

impl<'a> File<'a> {
    /// The text of the file.
    pub(super) fn text(self) -> &'a str {
        &self.source.text
    }

    /// Where a byte is; one past the end or inside a letter is moved back to where a letter begins.
    pub(super) fn position(self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_of(offset);
        let mark = usize::from(line == 0 && offset > 0 && self.text().starts_with('\u{feff}'));
        let column = self.letters_before(offset) - self.letters_before(self.index.starts[line]) + 1 - mark;
        Position { line: line + 1, column, offset }
    }

    /// The number of the line that holds this byte, from 0.
    pub(super) fn line_of(self, offset: usize) -> usize {
        self.index.starts.partition_point(|start| *start <= offset) - 1
    }

    /// The first byte of a line, and the one behind its last letter; its line end does not count.
    pub(super) fn line(self, line: usize) -> (usize, usize) {
        let text = self.text();
        let start = self.index.starts.get(line).copied().unwrap_or(text.len());
        let next = self.index.starts.get(line + 1).copied();
        let end = next.map_or(text.len(), |next| next - 1);
        let end = if next.is_some() && text[start..end].ends_with('\r') { end - 1 } else { end };
        (start, end)
    }

    /// Moves a byte back to where a letter begins.
    pub(super) fn floor(self, offset: usize) -> usize {
        let mut offset = offset.min(self.text().len());
        while !self.text().is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    fn letters_before(self, offset: usize) -> usize {
        let stretch = offset / STRIDE;
        self.index.letters[stretch] + begun(&self.text().as_bytes()[stretch * STRIDE..offset])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_the_source_does() {
        let text = format!("\u{e4}b\r\n\n{}\u{1f600}x\n", "\u{df}".repeat(3000));
        let sources = Sources::new(vec![Source::new("a", text.clone())]);
        let lines = Lines::new(&sources);
        let file = lines.file(FileId(0)).unwrap();
        for offset in 0..text.len() + 3 {
            let position = file.position(offset);
            assert_eq!((position.line, position.column), file.source.line_column(offset), "at {offset}");
        }
        assert_eq!(file.line(0), (0, 3));
        assert_eq!(file.line(1), (5, 5));
        assert!(lines.file(FileId(1)).is_none());
    }
}
