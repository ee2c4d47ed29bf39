//! Mending what a machine can mend: `check --fix`.

use std::collections::BTreeMap;

use crate::diagnostics::english::count;
use crate::diagnostics::{FileId, Source, Sources, apply_fixes};
use crate::language;
use crate::program::Account;

use super::bots::{Bot, BotFile, shown};
use super::exit::Failure;
use super::save;

/// One mended mistake may uncover another; after so many rounds it is left to the author.
const ROUNDS_MAX: usize = 10;

/// What was mended.
pub(super) struct Fixed {
    bot: String,
    /// What was done, each with its place.
    fixes: Vec<String>,
    files: Vec<String>,
}

/// Mends the bot, in memory until nothing more can be mended, then on disk.
pub(super) fn fix(bot: &mut Bot, account: Option<&Account>) -> Result<Fixed, Failure> {
    let mut before: BTreeMap<usize, String> = BTreeMap::new();
    let mut fixes = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let checked = bot.draft(account).check();
        let (changed, mended) = apply_fixes(&checked.sources, &checked.findings);
        let made = mended.iter().filter_map(|finding| {
            let source = checked.sources.get(finding.place.file)?;
            let (line, _) = source.line_column(finding.place.span.start as usize);
            let title = &finding.fix.as_ref()?.title;
            Some(format!("{}:{line}: {title} ({})", shown(source.path.as_ref()), finding.slug))
        });
        let made: Vec<String> = made.collect();
        let mut any = false;
        for (id, text) in changed {
            let Some(source) = checked.sources.get(id) else { continue };
            let same = |file: &super::bots::BotFile| {
                file.unread.is_none() && file.path == source.path && file.text == source.text
            };
            if let Some(at) = bot.files.iter().position(same).filter(|_| text != source.text) {
                let was = std::mem::replace(&mut bot.files[at].text, text);
                before.entry(at).or_insert(was);
                any = true;
            }
        }
        if !any {
            break;
        }
        fixes.extend(made);
    }
    let mut files = Vec::new();
    for (at, was) in before {
        let file = &bot.files[at];
        if file.text != was {
            save::replace(file, &was, &file.text)?;
            files.push(shown(file.path.as_ref()));
        }
    }
    Ok(Fixed { bot: bot.label(), fixes, files })
}

/// Mends a file of tests.
pub(super) fn fix_transcript(file: &mut BotFile) -> Result<Fixed, Failure> {
    let (was, mut fixes) = (file.text.clone(), Vec::new());
    for _ in 0..ROUNDS_MAX {
        let (_, findings) = language::transcript::parse(&file.text, FileId(0));
        let source = Source::new(file.path.clone(), file.text.clone());
        let sources = Sources::new(vec![source.clone()]);
        let (changed, mended) = apply_fixes(&sources, &findings);
        let Some((_, text)) = changed.into_iter().next().filter(|(_, text)| *text != file.text) else {
            break;
        };
        file.text = text;
        fixes.extend(mended.iter().filter_map(|finding| {
            let (line, _) = source.line_column(finding.place.span.start as usize);
            let title = &finding.fix.as_ref()?.title;
            Some(format!("{}:{line}: {title} ({})", shown(source.path.as_ref()), finding.slug))
        }));
    }
    let mut files = Vec::new();
    if file.text != was {
        save::replace(file, &was, &file.text)?;
        files.push(shown(file.path.as_ref()));
    }
    Ok(Fixed { bot: shown(file.path.as_ref()), fixes, files })
}

impl Fixed {
    /// What was done, a line each.
    pub(super) fn said(&self) -> Vec<String> {
        if self.files.is_empty() {
            return vec![format!("{}: nothing that can be fixed", self.bot)];
        }
        let all = format!(
            "{}: made {} in {}",
            self.bot,
            count(self.fixes.len(), "fix"),
            count(self.files.len(), "file")
        );
        std::iter::once(all).chain(self.fixes.iter().map(|fix| format!("  {fix}"))).collect()
    }
}
