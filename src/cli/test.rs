//! `parlor test`: the conversations that are written down for a bot, held again, and compared line by line.

pub(super) mod suite; // read this second: what is to be played
mod choice;
pub(super) mod botium; // the same for files of Botium
mod crew; // and how it is played
mod through;
mod covered;
mod report; // what came of it
mod screenplay;
pub(super) mod rehearsed; // the tests of a bot, for other commands
mod told;
mod listing;
mod portions;
mod changed;
mod bless;
mod review;
mod watch;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::rehearsal::Coverage;

use super::bots::shown;
use super::exit;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal::Terminal;
use changed::{Hashes, Record};
use choice::{Choice, Seen};
use crew::{Count, Orders, Outcome};
use report::Report;
use suite::{Suite, Wishes};
use through::Through;
use told::Look;

const EXAMPLES: &str = "Examples:
  parlor test                             all transcripts in this folder and below
  parlor test bots/acme -t smoke          those of a bot with the tag @smoke
  parlor test handoff --bless             accept what the bot says today as the new truth
  parlor test tests --bot bots/acme       Botium files (.convo.txt) as they are, with this bot
  parlor test --through platform          in the contact center they will work in
  parlor test --report junit=tests.xml    for a CI system, besides what you read";

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
    /// Accept what the bot says today as what is expected
    #[arg(long)]
    bless: bool,
    /// Show the tests that fail one by one, and ask which to accept
    #[arg(long, conflicts_with_all = ["bless", "list", "watch"])]
    review: bool,
    /// Only tests that an edit since they passed may touch
    #[arg(long)]
    changed: bool,
    /// Play again whenever a transcript or a bot changes
    #[arg(long, conflicts_with = "list")]
    watch: bool,
    /// Print which tests would be played, and play none
    #[arg(long)]
    list: bool,
    /// With --list: as lines of JSON
    #[arg(long, requires = "list")]
    json: bool,
    /// Also write a report: junit, tap, json, github or html
    #[arg(long, value_name = "KIND=PATH")]
    report: Vec<report::Wanted>,
    /// A line for every test, not only for those that fail
    #[arg(short, long)]
    verbose: bool,
    /// Name the tests that take as long as this
    #[arg(long, value_name = "TIME", value_parser = time)]
    slow: Option<Duration>,
    /// Stop after this time; what was not played counts as failed
    #[arg(long, value_name = "TIME", value_parser = time)]
    max_time: Option<Duration>,
    /// Whose values of env.yaml the bots get: demo or production
    #[arg(long, value_name = "NAME", value_parser = ["demo", "production"], hide_possible_values = true)]
    env: Option<String>,
    /// The bot they are played with, whatever the files say
    #[arg(long, value_name = "FOLDER")]
    bot: Option<PathBuf>,
    /// What they are played through: engine, the bot by itself, or platform, the contact center it works in
    #[arg(
        long,
        value_name = "WHAT",
        value_enum,
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true
    )]
    through: Through,
    /// How many tests are played at once; as many as there are cores
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// The order of the tests, and the random numbers of Botium files
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    seed: u64,
}

/// `30s`, `100ms`, `5m`
fn time(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    match text[..digits].parse::<u64>() {
        Ok(number) if unit > 0 => Ok(Duration::from_millis(number.saturating_mul(unit))),
        _ => Err("a number and a unit: 100ms, 30s, 5m or 1h".to_string()),
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    args.look_for_files()?;
    report::prepare(&args.report)?;
    if args.review {
        review::prepare()?;
    }
    if args.watch {
        return watch::watch(args, terminal);
    }
    if args.by_portions() {
        return portions::play(args, terminal);
    }
    let round = Round::read(args, terminal)?;
    if args.list {
        return round.list(args, terminal);
    }
    round.play(args, terminal)?.tell(args, terminal)
}

impl Args {
    fn wishes(&self) -> Result<Wishes<'_>, Failure> {
        if let Some(bot) = self.bot.as_deref().filter(|bot| !bot.is_dir()) {
            let gone = Failure::new(Exit::NotLoaded, format!("there is no folder `{}`", shown(bot)));
            return Err(gone.help("name the bot by its folder"));
        }
        Ok(Wishes { env: self.env.as_deref(), bot: self.bot.as_deref(), seed: self.seed })
    }

    /// What looks like a path has to be there; anything else may be a word in the names of tests.
    fn look_for_files(&self) -> Result<(), Failure> {
        let is_path = |what: &Path| what.components().count() > 1 || what.to_string_lossy().ends_with('/');
        match self.what.iter().find(|what| !what.exists() && is_path(what)) {
            Some(gone) => {
                Err(Failure::new(Exit::NotFound, format!("there is no file or folder `{}`", shown(gone))))
            }
            None => Ok(()),
        }
    }

    /// Whether nobody asks for more than what failed, so that what passed can be forgotten at once.
    fn by_portions(&self) -> bool {
        let all = self.bless || self.review || self.changed || self.watch || self.list || self.verbose;
        let each = self.coverage.count() != Count::Nothing || self.slow.is_some() || self.max_time.is_some();
        !all && !each && self.report.is_empty()
    }

    /// What is no path is a word in the names of tests.
    fn words(&self) -> Vec<String> {
        let words = self.what.iter().filter(|what| !what.exists());
        words.map(|word| word.to_string_lossy().to_lowercase()).collect()
    }

    fn jobs(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(cores, usize::from)
    }

    /// Where transcripts are looked for.
    fn paths(&self) -> Vec<PathBuf> {
        let paths: Vec<PathBuf> = self.what.iter().filter(|what| what.exists()).cloned().collect();
        if paths.is_empty() { vec![PathBuf::from(".")] } else { paths }
    }
}

/// The tests, read and chosen; and what came of them, once they are played.
struct Round {
    started: Instant,
    suite: Suite,
    choice: Choice,
    /// Whether a test with `@only` hides all others.
    only: bool,
    outcomes: Vec<Outcome>,
    /// What they went through together, a bot each.
    coverage: Vec<Coverage>,
    /// What is remembered of tests that passed, if only the others are played.
    memory: Option<(Record, Hashes)>,
}

impl Round {
    fn read(args: &Args, terminal: &Terminal) -> Result<Round, Failure> {
        let started = Instant::now();
        let suite = Suite::read(&args.paths(), args.wishes()?, terminal)?;
        let (words, mut seen) = (args.words(), Seen::default());
        let mut choice = Choice::of(&suite, &words, &args.choice, args.seed, &mut seen)?;
        seen.anything(&words, &args.choice)?;
        let memory = args.changed.then(|| (Record::read(), Hashes::of(&suite, args.through)));
        if let Some((record, hashes)) = &memory {
            record.narrow(&suite, hashes, &mut choice);
        }
        Ok(Round {
            started,
            suite,
            choice,
            only: seen.only,
            outcomes: Vec::new(),
            coverage: Vec::new(),
            memory,
        })
    }

    fn play(mut self, args: &Args, terminal: &Terminal) -> Result<Round, Failure> {
        let orders = Orders {
            jobs: args.jobs(),
            until: args.max_time.and_then(|time| self.started.checked_add(time)),
            keep: args.report.iter().any(report::Wanted::keeps_all),
            note: args.changed,
            count: args.coverage.count(),
            through: args.through,
        };
        let mut progress = Progress::new(self.choice.cases.len(), "failed", terminal);
        let mut show = |done, failed| progress.show(done, failed);
        let outcomes = crew::play_all(&self.suite, &self.choice.cases, orders, &mut show);
        (self.outcomes, self.coverage) = (outcomes.all, outcomes.coverage);
        progress.clear();
        if let Some((record, hashes)) = self.memory.take() {
            record.keep(&self.suite, &hashes, &self.outcomes)?;
        }
        Ok(self)
    }

    /// Prints what would be played.
    fn list(&self, args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
        let exit = self.troubles(true, terminal)?;
        terminal.data(&listing::lines(&self.suite, &self.choice, args.json))?;
        Ok(exit)
    }

    /// Prints what came of it, and writes the reports.
    fn tell(&self, args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
        let report = Report::of(&self.suite, &self.choice, &self.outcomes, self.started.elapsed(), args.seed);
        report::write(&args.report, &report, terminal)?;
        // Data of a report is not mixed with what a person reads.
        let aside = args.report.iter().any(report::Wanted::is_data);
        let color = if aside { terminal.talk_color } else { terminal.color };
        let look = Look { width: terminal.width(), color, verbose: args.verbose };
        let mut exit = self.troubles(aside, terminal)?;
        if args.bless {
            return Ok(exit.max(bless::bless(&self.suite, &self.outcomes, terminal)?));
        }
        if args.review {
            return Ok(exit.max(review::review(&self.suite, &report, terminal)?));
        }
        print(&told::tests(&report, look), aside, terminal)?;
        if report.tally.failed > 0 || report.tally.left > 0 {
            exit = exit.max(Exit::No);
        }
        if self.only {
            terminal.talk(choice::ONLY);
        }
        exit = exit.max(args.coverage.tell(&self.suite, &self.outcomes, &self.coverage, terminal)?);
        terminal.talk(&told::summary(&report, args.slow, terminal.talk_color));
        Ok(exit)
    }

    /// Tells of bots that cannot be loaded and transcripts that cannot be played.
    fn troubles(&self, aside: bool, terminal: &Terminal) -> Result<Exit, Failure> {
        let (text, exit) = troubles(&self.suite, terminal);
        print(&text, aside, terminal)?;
        Ok(exit)
    }
}

/// What is wrong with the transcripts of a suite; of their bots it is told at once.
fn troubles(suite: &Suite, terminal: &Terminal) -> (String, Exit) {
    let (mut text, mut exit) = (String::new(), Exit::Ok);
    for failure in &suite.failures {
        exit = exit.max(terminal.failed(failure));
    }
    for file in suite.files.iter().filter(|file| !file.findings.is_empty()) {
        text.push_str(&file.told(terminal.color));
        if !file.is_sound() {
            exit = exit.max(Exit::NotLoaded);
        }
    }
    (text, exit)
}

/// Prints what a person reads; aside, if the standard output holds something else.
fn print(text: &str, aside: bool, terminal: &Terminal) -> Result<(), Failure> {
    match aside {
        true if text.is_empty() => {}
        true => terminal.talk(text.trim_end()),
        false => terminal.data(text)?,
    }
    Ok(())
}
