//! `parlor test`: the conversations that are written down for a bot, held again, and compared line by line.

mod suite; // read this second: what is to be played
mod crew; // and how it is played
mod choice;
mod covered;
pub(super) mod progress;
mod screenplay;
pub(super) mod rehearsed; // the tests of a bot, for other commands

use std::path::PathBuf;
use std::time::Instant;

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::diagnostics::render::{Format, Style, render};
use crate::rehearsal::row_name;

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal, paint};
use choice::Choice;
use crew::Outcome;
use progress::Progress;
use screenplay::{Page, screenplay};
use suite::Suite;

const EXAMPLES: &str = "Examples:
  parlor test                             all transcripts in this folder and below
  parlor test bots/acme -t smoke          those of a bot with the tag @smoke
  parlor test handoff --bless             accept what the bot says today as the new truth";

/// Hold the conversations in transcripts again, and compare every line
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Transcripts, folders with transcripts, or words in the names of tests
    #[arg(value_name = "PATH|WORD")]
    what: Vec<PathBuf>,
    #[command(flatten)]
    choice: choice::Args,
    #[command(flatten)]
    coverage: covered::Args,
    /// Whose values of env.yaml the bots get, whatever the transcripts say: demo or production
    #[arg(long, value_name = "NAME", value_parser = ["demo", "production"], hide_possible_values = true)]
    env: Option<String>,
    /// How many tests are played at once; as many as there are cores
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// The order in which tests are played
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    seed: u64,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (paths, words): (Vec<PathBuf>, Vec<PathBuf>) =
        args.what.iter().cloned().partition(|what| what.exists());
    let here = paths.is_empty().then(|| PathBuf::from("."));
    let paths: Vec<PathBuf> = paths.into_iter().chain(here).collect();
    let suite = Suite::read(&paths, args.env.as_deref(), terminal)?;
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().to_lowercase()).collect();
    let choice = Choice::of(&suite, &words, &args.choice, args.seed)?;
    let jobs =
        args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let mut progress = Progress::new(choice.cases.len(), terminal);
    let outcomes = crew::play_all(&suite, &choice.cases, jobs, args.coverage.count(), &mut |done, failed| {
        progress.show(done, failed)
    });
    progress.clear();
    let crew::Outcomes { all: outcomes, coverage } = outcomes;
    let mut exit = Exit::Ok;
    for failure in &suite.failures {
        exit = exit.max(terminal.failed(failure));
    }
    for file in suite.files.iter().filter(|file| !file.findings.is_empty()) {
        let style = Style { color: terminal.color, bot: file.path.clone() };
        terminal.data(&render(Format::Human, &file.sources, &file.findings, &style))?;
        if !file.is_sound() {
            exit = exit.max(Exit::NotLoaded);
        }
    }
    for outcome in &outcomes {
        terminal.data(&told(&suite, outcome, terminal))?;
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    if failed > 0 {
        exit = exit.max(Exit::No);
    }
    let unsound = suite.files.iter().filter(|file| !file.is_sound()).count();
    let covered = args.coverage.tell(&suite, &outcomes, &coverage, terminal)?;
    exit = exit.max(covered);
    terminal.talk(&summary(outcomes.len() - failed, failed, &choice, unsound, args.seed, started, terminal));
    Ok(exit)
}

/// A test that failed, with its screenplay; nothing of one that passed.
fn told(suite: &Suite, outcome: &Outcome, terminal: &Terminal) -> String {
    let Some(played) = &outcome.failed else { return String::new() };
    let file = &suite.files[outcome.case.file];
    let test = &file.script.tests[outcome.case.test];
    let line =
        file.sources.get(test.at.file).map_or(0, |source| source.line_column(test.at.span.start as usize).0);
    let row = row_name(&test.rows[outcome.case.row]);
    let row = if row.is_empty() { row } else { format!(" ({row})") };
    let failed = paint(terminal.color, Paint::Red, "failed");
    let name = paint(terminal.color, Paint::Bold, &visible(&format!("\"{}\"", test.name)));
    let mut out = format!("{failed} {name}{}  {}:{line}\n", visible(&row), visible(&file.path));
    if let Some(bot) = file.bot.map(|bot| &suite.bots[bot]) {
        let page = Page {
            width: terminal.width(),
            color: terminal.color,
            program: &bot.program,
            sources: &file.sources,
        };
        out.push_str(&screenplay(&page, test, played));
    }
    out.push('\n');
    out
}

/// `12 passed, 1 failed, 2 skipped`, and how it was done.
fn summary(
    passed: usize,
    failed: usize,
    choice: &Choice,
    unsound: usize,
    seed: u64,
    started: Instant,
    terminal: &Terminal,
) -> String {
    let color = terminal.talk_color;
    let mut said =
        paint(color, if failed == 0 { Paint::Green } else { Paint::Dim }, &format!("{passed} passed"));
    let failures = format!("{failed} failed");
    said.push_str(", ");
    said.push_str(&if failed > 0 { paint(color, Paint::Red, &failures) } else { failures });
    if choice.skipped > 0 {
        said.push_str(&format!(", {} skipped", choice.skipped));
    }
    if unsound > 0 {
        said.push_str(&format!(", {} not played", count(unsound, "transcript")));
    }
    let seconds = started.elapsed().as_secs_f64();
    said.push_str(&paint(color, Paint::Dim, &format!(" ({seconds:.2} s, seed {seed})")));
    said
}
