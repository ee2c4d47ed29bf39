//! A file of text, its lines, and all the files of a bot.

use super::{Finding, Slug, Span};

/// The largest file that is read: 8 MiB, some 200,000 lines.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Which file of a bot; files are numbered by path, so "written first" is a plain comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u32);

/// One file, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name as the author would say it: the path given on the command line, or the path inside the bot.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Source {
    /// A file that is text already.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    /// Takes the bytes of a file. Too large, not UTF-8, or with a NUL in it: a finding that says so, and an
    /// empty file in its place, so that the rest of the bot is still looked at.
    pub fn from_bytes(path: impl Into<String>, bytes: Vec<u8>, file: FileId) -> (Source, Option<Finding>) {
        let path = path.into();
        if bytes.len() > FILE_BYTES_MAX {
            return (Source::new(path.clone(), ""), Some(Source::too_large(&path, bytes.len() as u64, file)));
        }
        let nul = bytes.iter().position(|byte| *byte == 0);
        let found = match (String::from_utf8(bytes), nul) {
            (Ok(text), None) => return (Source::new(path, text), None),
            (Err(error), nul) => {
                let at = nul.unwrap_or(usize::MAX).min(error.utf8_error().valid_up_to());
                (line_of(error.as_bytes(), at), "it is not UTF-8 text".to_string())
            }
            (Ok(text), Some(at)) => {
                (line_of(text.as_bytes(), at), "it has a NUL character, as only binary files do".to_string())
            }
        };
        let (line, why) = found;
        let finding = Finding::new(Slug::NotText, file, Span::at(0), format!("I can't read `{path}` as text: {why}"))
            .help(format!("the first such byte is in line {line}; save the file as UTF-8, or move it out of the bot's folder"));
        (Source::new(path, ""), Some(finding))
    }

    /// The finding for a file over the limit, for those who know the size before they read it.
    pub fn too_large(path: &str, bytes: u64, file: FileId) -> Finding {
        let (limit, mib) = (FILE_BYTES_MAX, FILE_BYTES_MAX / (1024 * 1024));
        Finding::new(
            Slug::TooLarge,
            file,
            Span::at(0),
            format!("`{path}` has {bytes} bytes, and a file may have at most {limit} ({mib} MiB)"),
        )
        .help("split it into several `.dialog` files in the same folder; all of them belong to the bot")
    }

    /// Line and column of a byte, both counted from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.floor(offset);
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The stretch of the line that holds this byte, without its line end.
    pub fn line_span(&self, offset: usize) -> Span {
        let offset = self.floor(offset);
        let start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |at| offset + at);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        Span::new(start, end)
    }

    /// The text of a stretch; offsets past the end or inside a letter are moved back to where a letter starts.
    pub fn slice(&self, span: Span) -> &str {
        let (start, end) = (self.floor(span.start as usize), self.floor(span.end as usize));
        &self.text[start..end.max(start)]
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// All files of a bot, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// The files in the order given; their place in it is their [`FileId`].
    pub fn new(files: Vec<Source>) -> Sources {
        Sources { files }
    }

    /// One file.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All of them with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at as u32), source))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
