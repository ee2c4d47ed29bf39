//! Which dialog a message starts: the machine of all starters, with the names and places of what is in it.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Span};
use crate::language::words;
use crate::program::facts::{By, Facts, Listening, PhrasesFacts};
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::phrases;
use crate::program::starters::{Starter, Starters, Win};

/// Lists of phrases may name each other this deep.
const LISTS_DEPTH_MAX: usize = 8;

/// All starters of a bot.
#[derive(Debug)]
pub(super) struct Starting {
    machine: Starters,
    dialogs: Vec<Started>,
    /// Every list of phrases, the bot's own and those of its language.
    phrases: HashMap<String, Matcher>,
}

/// A dialog with a starter.
#[derive(Debug, Clone)]
pub(super) struct Started {
    pub name: String,
    pub file: FileId,
    pub span: Span,
    /// Its lines as written.
    pub any: Vec<Said>,
    pub but_not: Vec<Said>,
    /// For every matcher in the machine, its line.
    lines: Vec<usize>,
    but_not_lines: Vec<usize>,
}

/// A line of a starter.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub text: String,
    pub span: Span,
    /// Whether nothing can compare it yet: an intent.
    pub mute: bool,
}

impl Starting {
    /// Builds the machine from the facts of all files.
    pub(super) fn of<'a>(
        files: impl Iterator<Item = (FileId, &'a Facts)> + Clone,
        language: &str,
    ) -> Starting {
        let own: HashMap<&str, &PhrasesFacts> = files
            .clone()
            .flat_map(|(_, facts)| &facts.phrases)
            .map(|list| (list.name.as_str(), list))
            .collect();
        let mut lists = Lists { own, language, known: HashMap::new() };
        let mut starters = Vec::new();
        let mut dialogs = Vec::new();
        for (file, facts) in files {
            for dialog in &facts.dialogs {
                let Some(starter) = &dialog.starter else { continue };
                let (any, lines) = lists.matchers(&starter.any, 0);
                let (but_not, but_not_lines) = lists.matchers(&starter.but_not, 0);
                starters.push(Starter { any, but_not });
                let (said, not) = (said(&starter.any), said(&starter.but_not));
                dialogs.push(Started {
                    name: dialog.name.clone(),
                    file,
                    span: dialog.span,
                    any: said,
                    but_not: not,
                    lines,
                    but_not_lines,
                });
            }
        }
        let names: Vec<&str> = lists.own.keys().copied().chain(words::PHRASES.iter().copied()).collect();
        let phrases =
            names.into_iter().filter_map(|name| Some((name.to_string(), lists.list(name, 0)?))).collect();
        Starting { machine: Starters::build(starters), dialogs, phrases }
    }

    /// A list of phrases.
    pub(super) fn phrases(&self, name: &str) -> Option<Matcher> {
        self.phrases.get(name).cloned()
    }

    pub(super) fn machine(&self) -> &Starters {
        &self.machine
    }

    pub(super) fn dialogs(&self) -> &[Started] {
        &self.dialogs
    }

    /// The line of the matcher that won.
    pub(super) fn line(&self, win: &Win) -> usize {
        self.dialogs[win.starter].lines.get(win.matcher).copied().unwrap_or(0)
    }

    /// The line of a `but not`, by its number in the machine.
    pub(super) fn but_not_line(&self, starter: usize, number: usize) -> usize {
        self.dialogs[starter].but_not_lines.get(number).copied().unwrap_or(0)
    }

    /// The `but not` of a starter that keeps a message out.
    pub(super) fn keeper(&self, starter: usize, heard: &Heard<'_>, scratch: &mut Scratch) -> Option<usize> {
        let but_not = &self.machine.starters()[starter].but_not;
        let number = but_not.iter().position(|matcher| matcher.fits(heard, scratch).is_some())?;
        Some(self.but_not_line(starter, number))
    }
}

fn said(lines: &[Listening]) -> Vec<Said> {
    lines
        .iter()
        .map(|line| Said { text: line.text.clone(), span: line.span, mute: matches!(line.by, By::Nothing) })
        .collect()
}

/// The lists of phrases of a bot, its own and those of its language.
struct Lists<'a> {
    own: HashMap<&'a str, &'a PhrasesFacts>,
    language: &'a str,
    known: HashMap<String, Matcher>,
}

impl Lists<'_> {
    /// The matchers of some lines, and the line each stands on.
    fn matchers(&mut self, lines: &[Listening], depth: usize) -> (Vec<Matcher>, Vec<usize>) {
        let mut matchers = Vec::with_capacity(lines.len());
        let mut numbers = Vec::with_capacity(lines.len());
        for (number, line) in lines.iter().enumerate() {
            let matcher = match &line.by {
                By::Matcher(matcher) => Some(matcher.clone()),
                By::Phrases(name) => self.list(name, depth),
                By::Nothing => None,
            };
            if let Some(matcher) = matcher {
                matchers.push(matcher);
                numbers.push(number);
            }
        }
        (matchers, numbers)
    }

    fn list(&mut self, name: &str, depth: usize) -> Option<Matcher> {
        if depth >= LISTS_DEPTH_MAX {
            return None;
        }
        if let Some(known) = self.known.get(name) {
            return Some(known.clone());
        }
        let matcher = match self.own.get(name).copied() {
            Some(list) => {
                let any = self.matchers(&list.any, depth + 1).0;
                let but_not = self.matchers(&list.but_not, depth + 1).0;
                Matcher::phrases(any, but_not)
            }
            None => {
                let phrases = phrases::built_in(name, self.language)?;
                Matcher::phrases(phrases.iter().map(|phrase| Matcher::exact(phrase)).collect(), Vec::new())
            }
        };
        self.known.insert(name.to_string(), matcher.clone());
        Some(matcher)
    }
}
