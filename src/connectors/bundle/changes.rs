//! What lies between two versions of a bot: files, and in them dialogs and whatever else a bot declares.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::diagnostics::FileId;
use crate::language::syntax::{Block, Declaration, File, Line};
use crate::language::{self, outline};

use super::Bundle;

/// What has become of a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Its files, by name. A file whose layout alone is another is changed.
    pub files: Vec<Change>,
    /// What it declares, by sort and name: `dialog "Welcome"`. Layout, comments' places and files do not count.
    pub parts: Vec<Change>,
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What.
    pub name: String,
    /// What became of it.
    pub how: How,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

impl Changes {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.parts.is_empty()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.how {
            How::Added => '+',
            How::Removed => '-',
            How::Changed => '~',
        };
        write!(f, "{sign} {}", self.name)
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().chain(&self.parts).try_for_each(|change| writeln!(f, "{change}"))
    }
}

impl Bundle {
    /// What has changed from this one to another.
    pub fn changes(&self, to: &Bundle) -> Changes {
        let texts = |bundle: &Bundle| {
            bundle.files().map(|(name, text)| (name.to_string(), text.to_string())).collect()
        };
        Changes { files: between(&texts(self), &texts(to)), parts: between(&parts(self), &parts(to)) }
    }
}

fn between(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<Change> {
    let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
    names.sort();
    names.dedup();
    let change = |name: &String| {
        let how = match (was.get(name), is.get(name)) {
            (None, _) => How::Added,
            (_, None) => How::Removed,
            (was, is) if was != is => How::Changed,
            _ => return None,
        };
        Some(Change { name: name.clone(), how })
    };
    names.into_iter().filter_map(change).collect()
}

/// What a bot declares, by sort and name, each as its outline.
fn parts(bundle: &Bundle) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for (_, text) in bundle.files().filter(|(name, _)| name.ends_with(".dialog")) {
        let (file, _) = language::parse(text, FileId(0));
        for line in file.block.lines {
            let name = named(&line.item);
            let alone = Line { above: Vec::new(), comment: None, ..line };
            let alone = File { block: Block { lines: vec![alone], ..Block::default() }, unread: Vec::new() };
            parts.entry(name).or_default().push_str(&outline(&alone));
        }
    }
    parts
}

fn named(declaration: &Declaration) -> String {
    let (sort, name) = match declaration {
        Declaration::Bot(bot) => ("bot", &bot.name),
        Declaration::Integration(integration) => ("integration", &integration.name),
        Declaration::Phrases(phrases) => ("phrases", &phrases.name),
        Declaration::Intent(intent) => ("intent", &intent.name),
        Declaration::Entity(entity) => ("entity", &entity.name),
        Declaration::Hours(hours) => ("hours", &hours.name),
        Declaration::Dialog(dialog) => ("dialog", &dialog.name),
    };
    format!("{sort} \"{}\"", name.value)
}
