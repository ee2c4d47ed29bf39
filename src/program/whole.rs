//! The whole bot as the checks see it: the facts of all its files, with their places.

use std::collections::HashSet;

use crate::diagnostics::{FileId, Sources, Span};
use crate::program::facts::{BotFacts, DialogFacts, Facts, Kind, Use};

/// All files of a bot, in the order of their paths.
pub(super) struct Whole<'a> {
    sources: &'a Sources,
    files: Vec<(FileId, &'a Facts)>,
    declared: HashSet<(Kind, &'a str)>,
    damaged: bool,
}

impl<'a> Whole<'a> {
    pub(super) fn new(
        sources: &'a Sources,
        files: Vec<(FileId, &'a Facts)>,
        unread_files: bool,
    ) -> Whole<'a> {
        let damaged = unread_files || files.iter().any(|(_, facts)| facts.is_damaged());
        let declared = files
            .iter()
            .flat_map(|(_, facts)| facts.declared.iter())
            .map(|it| (it.kind, it.name.as_str()))
            .collect();
        Whole { sources, files, declared, damaged }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (FileId, &'a Facts)> + '_ {
        self.files.iter().copied()
    }

    pub(super) fn uses(&self) -> impl Iterator<Item = (FileId, &'a Use)> + '_ {
        self.files().flat_map(|(file, facts)| facts.uses.iter().map(move |used| (file, used)))
    }

    pub(super) fn dialogs(&self) -> impl Iterator<Item = (FileId, &'a DialogFacts)> + '_ {
        self.files().flat_map(|(file, facts)| facts.dialogs.iter().map(move |dialog| (file, dialog)))
    }

    /// The first `bot` block.
    pub(super) fn bot(&self) -> Option<(FileId, &'a BotFacts)> {
        self.files().find_map(|(file, facts)| facts.bots.first().map(|bot| (file, bot)))
    }

    pub(super) fn declares(&self, kind: Kind, name: &str) -> bool {
        self.declared.contains(&(kind, name))
    }

    /// All names of a kind.
    pub(super) fn names(&self, kind: Kind) -> Vec<&'a str> {
        let declared = self.files().flat_map(|(_, facts)| facts.declared.iter());
        declared.filter(|declared| declared.kind == kind).map(|declared| declared.name.as_str()).collect()
    }

    pub(super) fn dialog(&self, name: &str) -> Option<&'a DialogFacts> {
        self.dialogs().map(|(_, dialog)| dialog).find(|dialog| dialog.name == name)
    }

    /// A dialog by its number in its file.
    pub(super) fn dialog_at(&self, file: FileId, number: usize) -> Option<&'a DialogFacts> {
        self.facts(file)?.dialogs.get(number)
    }

    /// The dialogs that call an integration, given by its number in its file.
    pub(super) fn callers(&self, file: FileId, number: usize) -> impl Iterator<Item = &'a DialogFacts> + '_ {
        let name = self
            .facts(file)
            .and_then(|facts| facts.integrations.get(number))
            .map(|integration| integration.name.as_str());
        self.dialogs()
            .map(|(_, dialog)| dialog)
            .filter(move |dialog| name.is_some_and(|name| dialog.calls.iter().any(|call| call == name)))
    }

    fn facts(&self, file: FileId) -> Option<&'a Facts> {
        let at = self.files.binary_search_by_key(&file, |(file, _)| *file).ok()?;
        Some(self.files[at].1)
    }

    /// Whether something of the bot could not be read, so that "nothing uses this" may be wrong.
    pub(super) fn damaged(&self) -> bool {
        self.damaged
    }

    /// The type of a variable that the bot declares.
    pub(super) fn type_of(&self, variable: &str) -> Option<&'a str> {
        let declared = self.files().flat_map(|(_, facts)| facts.declared.iter());
        let mut named = declared.filter(|declared| declared.name == variable);
        named.find_map(|declared| declared.variable.as_ref()).map(|variable| variable.kind.as_str())
    }

    /// Whether some lines of a file could not be read.
    pub(super) fn is_unread(&self, file: FileId) -> bool {
        self.facts(file).is_some_and(|facts| !facts.unread.is_empty())
    }

    /// Whether a name stands in a place that could not be read, and may be declared there.
    pub(super) fn may_hide(&self, name: &str) -> bool {
        self.damaged && self.files.iter().any(|(_, facts)| facts.unread.contains(name))
    }

    /// The first line of a stretch, without its brace.
    pub(super) fn head(&self, file: FileId, span: Span) -> Span {
        self.sources.get(file).map_or(span, |source| span.head(&source.text))
    }

    /// What stands at a place.
    pub(super) fn text(&self, file: FileId, span: Span) -> &'a str {
        self.sources.get(file).map_or("", |source| source.slice(span))
    }
}
