//! `parlor mutants`: changes a bot in one place at a time, and shows which changes no test notices.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::{visible, visible_json};
use crate::program::Draft;
use crate::rehearsal::{Mutant, Mutation, mutants};

use super::bots::{BotFile, is_dialog, typed};
use super::exit;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::rehearsed_bot::RehearsedBot;
use super::terminal::{Paint, Terminal};
use super::test::rehearsed::{Rehearsed, Tests};

/// How many tests that went through a survivor are named.
const TESTS_SHOWN: usize = 4;

const EXAMPLES: &str = "Examples:
  parlor mutants bots/acme                  what can be changed without a test noticing
  parlor mutants bots/acme --only retry     changes of one kind only
  parlor mutants bots/acme --fail-under 80  for CI";

/// Change the bot in one place at a time, and see whether its tests notice
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// Only list what would be changed
    #[arg(long)]
    list: bool,
    /// Only changes of this kind: alternative, starter, but-not, jump, condition, retry, otherwise, rule, save,
    /// focused, outcome, say, set
    #[arg(long, value_name = "KIND")]
    only: Vec<Kind>,
    /// How many are tried at once; as many as there are cores
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// End with 1 if less than so many percent of the changes are noticed
    #[arg(long, value_name = "PERCENT", conflicts_with = "list")]
    fail_under: Option<f64>,
}

/// A kind of change.
#[derive(Debug, Clone, Copy)]
struct Kind(Mutation);

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Kind, String> {
        let found = Mutation::ALL.into_iter().find(|mutation| mutation.word() == word).map(Kind);
        found.ok_or_else(|| format!("one of {}", Mutation::ALL.map(Mutation::word).join(", ")))
    }
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// A test noticed.
    Killed,
    /// No test noticed.
    Survived,
    /// It is no bot any more.
    Uncompiled,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let bot = RehearsedBot::read(&args.bot, terminal)?;
    let files: Vec<&BotFile> =
        bot.bot.files.iter().filter(|file| is_dialog(&file.on_disk) && file.unread.is_none()).collect();
    let mut all = mutants(files.iter().map(|file| (file.path.as_str(), file.text.as_str())));
    if !args.only.is_empty() {
        all.retain(|mutant| args.only.iter().any(|kind| kind.0 == mutant.mutation));
    }
    if args.list {
        return list(args, &bot, &all, terminal);
    }
    let tests = Tests::of(&bot.folder, terminal)?;
    if tests.count() == 0 {
        let help = format!("write some with: parlor crawl {} -o FILE.transcript", typed(&bot.folder));
        return Err(Failure::new(Exit::NotFound, format!("{} has no tests", bot.label)).help(help));
    }
    let rehearsed = tests.each();
    if let Some(broken) = rehearsed.iter().find(|test| !test.passes) {
        let why = format!("\"{}\" fails already, so that it can notice nothing", visible(&broken.name));
        return Err(Failure::new(Exit::No, why).help(format!("parlor test {}", typed(&bot.folder))));
    }
    let jobs =
        args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let mut progress = Progress::new(all.len(), "survived", terminal);
    let work = Work { bot: &bot, tests: &tests, rehearsed: &rehearsed, all: &all };
    let fates = work.all_fates(jobs, &mut |done, survived| progress.show(done, survived));
    progress.clear();
    let killed = fates.iter().filter(|fate| **fate == Fate::Killed).count();
    let survived = fates.iter().filter(|fate| **fate == Fate::Survived).count();
    let counted = killed + survived;
    let score = (killed * 1000).checked_div(counted).map_or(100.0, |tenths| tenths as f64 / 10.0);
    if args.json {
        terminal.data(&document(&work, &fates, score))?;
    } else {
        for (mutant, _) in all.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Survived) {
            terminal.data(&survivor(&work, mutant, terminal))?;
        }
    }
    terminal
        .talk(&format!("{killed} of {} noticed ({score}%), {survived} survived", count(counted, "change"),));
    if survived > 0 {
        terminal.talk("a change that makes no difference to any visitor survives whatever one tests");
    }
    let enough = args.fail_under.is_none_or(|percent| score >= percent);
    Ok(if enough { Exit::Ok } else { Exit::No })
}

/// Everything that is needed to try mutants.
struct Work<'w> {
    bot: &'w RehearsedBot,
    tests: &'w Tests,
    rehearsed: &'w [Rehearsed],
    all: &'w [Mutant],
}

impl Work<'_> {
    fn all_fates(&self, jobs: usize, done: &mut dyn FnMut(usize, usize)) -> Vec<Fate> {
        let (next, survived) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let together = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            let crew: Vec<_> = (0..jobs.clamp(1, self.all.len().max(1)))
                .map(|_| {
                    scope.spawn(|| {
                        // Each keeps a draft of its own, of which one file at a time differs.
                        let mut draft = self.bot.bot.draft(None);
                        let mut own = Vec::new();
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            let Some(mutant) = self.all.get(number) else { break };
                            let fate = self.fate(mutant, &mut draft);
                            survived.fetch_add(usize::from(fate == Fate::Survived), Ordering::Relaxed);
                            own.push((number, fate));
                        }
                        together.lock().unwrap_or_else(|broken| broken.into_inner()).extend(own);
                    })
                })
                .collect();
            while crew.iter().any(|worker| !worker.is_finished()) {
                done(next.load(Ordering::Relaxed).min(self.all.len()), survived.load(Ordering::Relaxed));
                std::thread::park_timeout(Duration::from_millis(1));
            }
        });
        let all = together.into_inner().unwrap_or_else(|broken| broken.into_inner());
        all.into_values().collect()
    }

    fn fate(&self, mutant: &Mutant, draft: &mut Draft) -> Fate {
        let Some(original) = self.original(mutant) else { return Fate::Uncompiled };
        draft.put(mutant.path.clone(), mutant.text(original));
        let program = draft.check().program;
        draft.put(mutant.path.clone(), original);
        let Some(program) = program else { return Fate::Uncompiled };
        let noticed = self.through(mutant).any(|test| !self.tests.passes(test, &program));
        if noticed { Fate::Killed } else { Fate::Survived }
    }

    fn original(&self, mutant: &Mutant) -> Option<&str> {
        let file = self.bot.bot.files.iter().find(|file| file.path == mutant.path)?;
        Some(&file.text)
    }

    /// The tests that may notice.
    fn through(&self, mutant: &Mutant) -> impl Iterator<Item = &Rehearsed> {
        self.rehearsed.iter().filter(|test| {
            let there = |(path, line): &(std::sync::Arc<str>, u32)| {
                **path == *mutant.path && mutant.through.contains(line)
            };
            mutant.through.is_empty() || test.lines.iter().any(there)
        })
    }
}

/// `- was` and `+ is`
fn diff(mutant: &Mutant, terminal: &Terminal) -> String {
    let mut out = format!("    {}\n", terminal.paint(Paint::Red, &format!("- {}", mutant.was)));
    if !mutant.is.is_empty() {
        out.push_str(&format!("    {}\n", terminal.paint(Paint::Green, &format!("+ {}", mutant.is))));
    }
    out
}

fn head(mutant: &Mutant, terminal: &Terminal) -> String {
    let place = terminal.paint(Paint::Bold, &format!("{}:{}", mutant.path, mutant.line));
    format!("{place}  {}\n{}", mutant.mutation.word(), diff(mutant, terminal))
}

fn survivor(work: &Work<'_>, mutant: &Mutant, terminal: &Terminal) -> String {
    let tests: Vec<&str> = work.through(mutant).map(|test| test.name.as_str()).collect();
    let note = match tests.len() {
        0 => "no test goes through there".to_string(),
        all if mutant.through.is_empty() => format!("{} did not notice", count(all, "test")),
        all => {
            let named = tests.iter().take(TESTS_SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>();
            let more = all.saturating_sub(TESTS_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("did not notice: {}{more}", named.join(", "))
        }
    };
    format!("{}    {}\n", head(mutant, terminal), terminal.paint(Paint::Dim, &note))
}

/// What would be changed; what does not compile is marked.
fn list(args: &Args, bot: &RehearsedBot, all: &[Mutant], terminal: &Terminal) -> Result<Exit, Failure> {
    let mut draft = bot.bot.draft(None);
    let mut listed = Vec::new();
    let mut text = String::new();
    let mut broken = 0;
    for mutant in all {
        let Some(file) = bot.bot.files.iter().find(|file| file.path == mutant.path) else { continue };
        draft.put(mutant.path.clone(), mutant.text(&file.text));
        let compiles = draft.check().program.is_some();
        draft.put(mutant.path.clone(), file.text.as_str());
        broken += usize::from(!compiles);
        text.push_str(&head(mutant, terminal));
        if !compiles {
            text.push_str(&format!("    {}\n", terminal.paint(Paint::Dim, "does not compile")));
        }
        let mut entry = entry(mutant);
        entry["compiles"] = json!(compiles);
        listed.push(entry);
    }
    match args.json {
        true => terminal.data(&printed(&json!({ "version": 1, "mutants": listed })))?,
        false => terminal.data(&text)?,
    }
    terminal.talk(&format!("{}, {broken} of them do not compile", count(all.len(), "change")));
    Ok(Exit::Ok)
}

fn entry(mutant: &Mutant) -> serde_json::Value {
    json!({
        "kind": mutant.mutation.word(), "path": mutant.path, "line": mutant.line, "was": mutant.was, "is": mutant.is,
    })
}

fn document(work: &Work<'_>, fates: &[Fate], score: f64) -> String {
    let listed: Vec<serde_json::Value> = work
        .all
        .iter()
        .zip(fates)
        .map(|(mutant, fate)| {
            let mut entry = entry(mutant);
            entry["fate"] = json!(match fate {
                Fate::Killed => "noticed",
                Fate::Survived => "survived",
                Fate::Uncompiled => "does not compile",
            });
            entry["tests"] = json!(work.through(mutant).map(|test| &test.name).collect::<Vec<_>>());
            entry
        })
        .collect();
    printed(&json!({ "version": 1, "score": score, "mutants": listed }))
}

fn printed(value: &serde_json::Value) -> String {
    visible_json(&serde_json::to_string_pretty(value).unwrap_or_default())
}
