//! `parlor crawl`: the shortest conversations to what no test covers, written as tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::conversation::Knowledge;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::{
    ACTS_MAX, CLOCK, CRAWL_STEPS_MAX, Coverage, Crawled, GIVABLE, Reach, Stage, crawl, give,
};

use super::bots::{shown, typed};
use super::exit;
use super::exit::{Exit, Failure};
use super::rehearsed_bot::RehearsedBot;
use super::save;
use super::terminal::{Paint, Terminal};
use super::test::rehearsed::{Tests, name_of_bot};

/// How many parts that were not reached are named.
const MISSING_SHOWN: usize = 40;

const EXAMPLES: &str = "Examples:
  parlor crawl bots/acme                               print conversations to what no test covers
  parlor crawl bots/acme -o bots/acme/more.transcript  keep them as tests
  parlor crawl bots/acme --all                         as if there were no tests";

/// Write tests for what no test covers
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// The transcript to write; one that is there already is left alone
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out of account what the bot's tests cover already
    #[arg(long)]
    all: bool,
    /// What is known before, as in a transcript: visitor.name=Dana
    #[arg(long, value_name = "NAME=VALUE")]
    given: Vec<String>,
    /// How many acts a conversation has at most
    #[arg(long, value_name = "N", default_value_t = ACTS_MAX)]
    depth: usize,
    /// How many steps are tried
    #[arg(long, value_name = "N", default_value_t = CRAWL_STEPS_MAX)]
    limit: usize,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(path) = args.output.as_deref().filter(|path| path.exists()) {
        return Err(there_already(path, &args.bot));
    }
    let bot = RehearsedBot::read(&args.bot, terminal)?;
    let mut knowledge = Knowledge::default();
    let mut header = String::new();
    for given in &args.given {
        let pair = given.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        match pair {
            Some((name, value)) if give(&mut knowledge, &bot.program, name, value) => {
                header.push_str(&format!("given {name} = {value}\n"));
            }
            _ => {
                let why = format!("`{given}` is not known before a conversation begins");
                return Err(Failure::new(Exit::Usage, why).help(GIVABLE));
            }
        }
    }
    let coverage = match args.all {
        true => Coverage::new(bot.parts.clone()),
        false => Tests::of(&bot.folder, terminal)?.coverage(&bot.parts),
    };
    let before = coverage.total();
    let stage = Stage {
        program: &bot.program,
        sources: &bot.sources,
        clock: CLOCK,
        knowledge: &knowledge,
        stubs: &[],
    };
    let crawled = crawl(&stage, coverage, Reach { steps: args.limit, acts: args.depth });
    if !crawled.tests.is_empty() {
        let name = name_of_bot(args.output.as_deref(), &bot.folder);
        let name = name.map(|name| format!("bot   {name}\n")).unwrap_or_default();
        let about = format!(
            "# Written by `parlor crawl`: conversations to what no other test of {} covered.\n",
            bot.label
        );
        let text = format!("{about}{name}clock 2026-11-20T09:00:00Z\n{header}\n{}", crawled.tests.join("\n"));
        match &args.output {
            Some(path) => create(path, &text, &args.bot)?,
            None => terminal.data(&visible_lines(&text))?,
        }
    }
    report(&crawled, before.percent(), args, terminal);
    Ok(Exit::Ok)
}

/// A text of several lines, safe to print.
fn visible_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", visible(line))).collect()
}

fn there_already(path: &Path, bot: &Path) -> Failure {
    Failure::new(Exit::Io, format!("`{}` is there already", shown(path)))
        .help(format!("take another name, or none to print: parlor crawl {}", typed(bot)))
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str, bot: &Path) -> Result<(), Failure> {
    match path.exists() {
        true => Err(there_already(path, bot)),
        false => save::write(path, text),
    }
}

fn report(crawled: &Crawled, before: f64, args: &Args, terminal: &Terminal) {
    let parts: &Arc<_> = crawled.coverage.parts();
    let total = crawled.coverage.total();
    let mut said = format!(
        "{}, {} tried: {} of {} parts covered ({}%, before {before}%)",
        count(crawled.tests.len(), "test"),
        count(crawled.steps, "step"),
        total.covered,
        total.all,
        total.percent(),
    );
    if let Some(path) = args.output.as_deref().filter(|_| !crawled.tests.is_empty()) {
        said.push_str(&format!(", written to {}", shown(path)));
    }
    terminal.talk(&said);
    if let Some(limit) = &crawled.ended_by {
        terminal.talk(&format!("not everything was tried: {limit}"));
    }
    if crawled.missing.is_empty() {
        return;
    }
    terminal.talk("not reached:");
    for (part, why) in crawled.missing.iter().take(MISSING_SHOWN) {
        let Some(part) = parts.get(*part) else { continue };
        let place = super::terminal::paint(terminal.talk_color, Paint::Dim, &visible(&part.place()));
        terminal.talk(&format!("  {}  {place}\n    {}", visible(&part.address), visible(why)));
    }
    if crawled.missing.len() > MISSING_SHOWN {
        terminal.talk(&format!("  … and {} more", crawled.missing.len() - MISSING_SHOWN));
    }
}
