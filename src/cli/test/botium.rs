//! Botium files in the places that were named: a conversation, and the files beside it that it uses.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::exit::Failure;
use crate::cli::walk::{self, Found};
use crate::diagnostics::{FileId, Finding, Source};
use crate::language::botium::syntax::{Convo, Memory, Sort, Utterances};
use crate::language::botium::{read_convo, read_memory, read_utterances};
use crate::rehearsal::Script;
use crate::rehearsal::botium::{Companions, partials_of, script};

use super::suite::read;

/// What kind of Botium file it is, by its name.
pub(crate) fn sort(path: &Path) -> Option<Sort> {
    Sort::of(&path.file_name()?.to_string_lossy())
}

/// Whether it is a conversation for Botium.
pub(crate) fn is_convo(path: &Path) -> bool {
    sort(path) == Some(Sort::Convo)
}

fn is_companion(path: &Path) -> bool {
    sort(path).is_some_and(|sort| sort != Sort::Convo)
}

/// The files that conversations use, read once for each folder that was named.
#[derive(Default)]
pub(crate) struct Shelf {
    folders: HashMap<PathBuf, Vec<Companion>>,
    /// Companions that could not be read as they are, and that nobody was told of yet.
    unsound: Vec<(Source, Vec<Finding>)>,
}

struct Companion {
    on_disk: PathBuf,
    source: Source,
    findings: Vec<Finding>,
    holds: Holds,
}

enum Holds {
    Partial(Convo),
    Utterances(Utterances),
    Memory(Memory),
}

/// A conversation, read.
pub(crate) struct Read {
    pub(crate) script: Script,
    pub(crate) findings: Vec<Finding>,
    /// The file itself, and the partial conversations it includes.
    pub(crate) sources: Vec<Source>,
    /// All files beside it that it may use.
    pub(crate) beside: Vec<PathBuf>,
}

impl Shelf {
    /// Reads a conversation. What it uses is looked for in the folder that was named.
    pub(crate) fn convo(&mut self, found: &Found, folder: &Path, seed: u64) -> Result<Read, Failure> {
        let path = found.shown.to_string_lossy().into_owned();
        let (source, unread) = read(&found.on_disk, &path, FileId(0))?;
        let (convo, mut findings) = read_convo(&source.text, FileId(0));
        if let Some(unread) = unread {
            findings = vec![unread];
        }
        let name =
            found.shown.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = name[..name.len().saturating_sub(".convo.txt".len())].to_string();
        let mut near: Vec<&Companion> = self.companions(folder)?.iter().collect();
        // Of two with the same name the one that lies nearer is meant.
        near.sort_by_key(|companion| std::cmp::Reverse(shared(&companion.on_disk, &found.on_disk)));
        let mut sources = vec![source];
        let mut companions = Companions::default();
        let mut wanted: Vec<String> = partials_of(&convo).map(str::to_string).collect();
        let mut next = 0;
        while let Some(name) = wanted.get(next).cloned() {
            next += 1;
            let found = near.iter().find_map(|companion| match &companion.holds {
                Holds::Partial(partial) if partial.name == name => Some((companion, partial)),
                _ => None,
            });
            let Some((companion, partial)) = found else { continue };
            if companions.partials.iter().any(|(_, known)| known.name == name) {
                continue;
            }
            let id = FileId(sources.len() as u32);
            findings.extend(companion.findings.iter().cloned().map(|mut finding| {
                finding.place.file = id;
                finding
            }));
            sources.push(companion.source.clone());
            companions.partials.push((id, partial));
            wanted.extend(partials_of(partial).map(str::to_string));
        }
        for companion in &near {
            match &companion.holds {
                Holds::Partial(_) => {}
                Holds::Utterances(list) => companions.utterances.push(list),
                Holds::Memory(table) => companions.memories.push(table),
            }
        }
        let (script, wrong) = script(&convo, &name, &companions, seed);
        findings.extend(wrong);
        let beside = near.iter().map(|companion| companion.on_disk.clone()).collect();
        Ok(Read { script, findings, sources, beside })
    }

    /// Tables that have mistakes, each told once.
    pub(crate) fn unsound(&mut self) -> Vec<(Source, Vec<Finding>)> {
        std::mem::take(&mut self.unsound)
    }

    fn companions(&mut self, folder: &Path) -> Result<&[Companion], Failure> {
        if !self.folders.contains_key(folder) {
            let mut all = Vec::new();
            for found in walk::files(folder, is_companion, &|_| {})? {
                let path = found.shown.to_string_lossy().into_owned();
                let (source, unread) = read(&found.on_disk, &path, FileId(0))?;
                let mut findings = Vec::new();
                let holds = match sort(&found.shown) {
                    Some(Sort::Utterances) => Holds::Utterances(read_utterances(&source.text)),
                    Some(Sort::Memory) => {
                        let (memory, wrong) = read_memory(&source.text, FileId(0));
                        findings = wrong;
                        Holds::Memory(memory)
                    }
                    _ => {
                        let (partial, wrong) = read_convo(&source.text, FileId(0));
                        findings = wrong;
                        Holds::Partial(partial)
                    }
                };
                findings.extend(unread);
                if !matches!(holds, Holds::Partial(_)) && !findings.is_empty() {
                    self.unsound.push((source.clone(), findings.clone()));
                }
                all.push(Companion { on_disk: found.on_disk, source, findings, holds });
            }
            all.sort_by(|one, other| one.on_disk.cmp(&other.on_disk));
            self.folders.insert(folder.to_path_buf(), all);
        }
        Ok(self.folders.get(folder).map_or(&[], Vec::as_slice))
    }
}

/// How many folders two paths have in common.
fn shared(one: &Path, other: &Path) -> usize {
    one.components().zip(other.components()).take_while(|(one, other)| one == other).count()
}
