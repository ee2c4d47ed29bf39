//! What the tests covered of their bots: a table, or files for editors, people and programs.

use std::path::PathBuf;
use std::str::FromStr;

use crate::rehearsal::{Coverage, Passed, row_name};

use super::crew::{Count, Outcome};
use super::suite::Suite;
use crate::cli::exit::{Exit, Failure};
use crate::cli::save;
use crate::cli::terminal::Terminal;

/// How many parts that are not covered the table names.
const UNCOVERED_SHOWN: usize = 12;

/// How coverage is asked for.
#[derive(Debug, clap::Args)]
#[group(id = "covered")]
pub(super) struct Args {
    /// Show which parts of the bot the tests go through; lcov=PATH, html=PATH and json=PATH write it down
    #[arg(long, value_name = "KIND=PATH", num_args = 0..=1, default_missing_value = "table")]
    coverage: Vec<To>,
    /// End with 1 if less than so many percent are covered
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    fail_under: Option<f64>,
}

/// `lcov=PATH`
#[derive(Debug, Clone)]
struct To {
    kind: Kind,
    path: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    Lcov,
    Html,
    Json,
}

impl FromStr for To {
    type Err = String;

    fn from_str(text: &str) -> Result<To, String> {
        let (kind, path) = text.split_once('=').map_or((text, None), |(kind, path)| (kind, Some(path)));
        let kind = match (kind, path) {
            ("table", None) => Kind::Table,
            ("lcov", Some(_)) => Kind::Lcov,
            ("html", Some(_)) => Kind::Html,
            ("json", Some(_)) => Kind::Json,
            _ => return Err("nothing, or one of lcov=PATH, html=PATH, json=PATH".to_string()),
        };
        match path {
            Some("") => Err("a path behind the `=`".to_string()),
            path => Ok(To { kind, path: path.map(PathBuf::from) }),
        }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or("a number from 0 to 100".to_string())
}

impl Args {
    /// What has to be counted for it.
    pub(super) fn count(&self) -> Count {
        let each = |to: &To| matches!(to.kind, Kind::Html | Kind::Json);
        match self.coverage.iter().any(each) {
            true => Count::Each,
            false if self.coverage.is_empty() && self.fail_under.is_none() => Count::Nothing,
            false => Count::Together,
        }
    }

    /// Shows and writes what was covered; says no, if it is too little.
    pub(super) fn tell(
        &self,
        suite: &Suite,
        outcomes: &[Outcome],
        coverage: &[Coverage],
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let mut exit = Exit::Ok;
        for (number, (bot, coverage)) in suite.bots.iter().zip(coverage).enumerate() {
            let tests = || passed(suite, outcomes, number);
            for to in &self.coverage {
                let text = match to.kind {
                    Kind::Table => {
                        let title =
                            if suite.bots.len() > 1 { format!("{}\n", bot.label) } else { String::new() };
                        terminal.data(&format!("{title}{}", coverage.table(UNCOVERED_SHOWN)))?;
                        continue;
                    }
                    Kind::Lcov => coverage.lcov(),
                    Kind::Html => coverage.html(&bot.sources, &tests()),
                    Kind::Json => coverage.json(&tests()),
                };
                let Some(path) = &to.path else { continue };
                let path = if suite.bots.len() > 1 { beside(path, &bot.label) } else { path.clone() };
                save::write(&path, &text)?;
                terminal.talk(&format!("Wrote {}", crate::cli::bots::shown(&path)));
            }
            let percent = coverage.total().percent();
            if let Some(least) = self.fail_under.filter(|least| percent < *least) {
                terminal.talk(&format!("{}: {percent} % is covered, and {least} % is the least", bot.label));
                exit = Exit::No;
            }
        }
        Ok(exit)
    }
}

/// The tests of a bot, with what each went through.
fn passed(suite: &Suite, outcomes: &[Outcome], bot: usize) -> Vec<Passed> {
    let own = outcomes.iter().filter(|outcome| suite.files[outcome.case.file].bot == Some(bot));
    own.map(|outcome| {
        let test = &suite.files[outcome.case.file].script.tests[outcome.case.test];
        let row = row_name(&test.rows[outcome.case.row]);
        let name = if row.is_empty() { test.name.clone() } else { format!("{} ({row})", test.name) };
        Passed { name, parts: outcome.parts.clone() }
    })
    .collect()
}

/// A path of its own for each of several bots: `acme-coverage.json`.
fn beside(path: &std::path::Path, bot: &str) -> PathBuf {
    let bot = bot.rsplit(['/', '\\']).next().unwrap_or(bot);
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    path.with_file_name(format!("{bot}-{name}"))
}
