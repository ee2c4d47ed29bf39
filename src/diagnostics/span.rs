//! A stretch of a file, in bytes.

/// From `start` up to, not including, `end`. Byte offsets into one [`Source`](super::Source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The stretch between two byte offsets.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end.max(start) as u32 }
    }

    /// A place between two letters.
    pub fn at(offset: usize) -> Span {
        Span::new(offset, offset)
    }

    /// From the start of this one to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end.max(self.start) }
    }

    /// As a range of bytes, to slice the text with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the offset lies inside.
    pub fn contains(self, offset: usize) -> bool {
        self.range().contains(&offset)
    }

    /// The first line of it, without the brace that opens a block there: what a person would point at.
    pub fn head(self, source: &str) -> Span {
        let text = source.get(self.range()).unwrap_or("");
        let line = text.lines().next().unwrap_or("").trim_end().trim_end_matches('{').trim_end();
        let first = text.chars().next().map_or(0, char::len_utf8);
        Span::new(self.start as usize, self.start as usize + line.len().max(first))
    }
}
