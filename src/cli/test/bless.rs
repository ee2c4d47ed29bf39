//! `parlor test --bless`: what the bot says today becomes what its tests expect.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diagnostics::FileId;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::{Blessing, Played};

use super::crew::Outcome;
use super::suite::Suite;
use crate::cli::bots::shown;
use crate::cli::exit::{Exit, Failure};
use crate::cli::save;
use crate::cli::terminal::Terminal;

/// Rewrites the lines that differ. Says no, if some could not be.
pub(super) fn bless(suite: &Suite, outcomes: &[Outcome], terminal: &Terminal) -> Result<Exit, Failure> {
    let mut exit = Exit::Ok;
    let (mut changed, mut files) = (0, 0);
    for (number, file) in suite.files.iter().enumerate() {
        let Some(source) = file.sources.get(FileId(0)) else { continue };
        let mut blessing = Blessing::default();
        let mut tests: BTreeMap<usize, Vec<Option<&Played>>> = BTreeMap::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.case.file == number) {
            tests.entry(outcome.case.test).or_default().push(outcome.failed.as_ref());
        }
        for (test, rows) in tests.iter().filter(|(_, rows)| rows.iter().any(Option::is_some)) {
            blessing.test(source, &file.script.tests[*test], rows);
        }
        if blessing.count() > 0 {
            save::write(&file.on_disk, &blessing.apply(&source.text))?;
            changed += blessing.count();
            files += 1;
        }
        for (span, why) in &blessing.refused {
            let line = source.line_column(span.start as usize).0;
            terminal.talk(&format!(
                "{}:{line} is left as it was: {}",
                shown(Path::new(&file.path)),
                visible(why)
            ));
            exit = Exit::No;
        }
    }
    terminal.talk(&match changed {
        0 => "nothing to rewrite".to_string(),
        changed => format!("rewrote {} in {}", count(changed, "place"), count(files, "transcript")),
    });
    Ok(exit)
}
