//! `parlor fuzz`: random conversations, and what must be so in all of them.

use std::path::PathBuf;

use crate::conversation::Knowledge;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::{Act, CLOCK, Fuzz, PutDown, Stage, Violation};

use super::bots::typed;
use super::exit;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::rehearsed_bot::RehearsedBot;
use super::terminal::{Paint, Terminal, paint};
use super::test::rehearsed::name_of_bot;

/// How many conversations are held, where nobody says.
const CONVERSATIONS: u64 = 1_000;
/// How many acts a conversation has, where nobody says.
const TURNS: usize = 30;
/// How many ways to break a promise are shown.
const SHOWN_MAX: usize = 5;

const EXAMPLES: &str = "Examples:
  parlor fuzz bots/acme                        a thousand random conversations
  parlor fuzz bots/acme --conversations 20000  for a night
  parlor fuzz bots/acme --seed 7               other ones";

/// Hold random conversations with a bot, and look for what should never happen
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// How many conversations
    #[arg(long, value_name = "N", default_value_t = CONVERSATIONS)]
    conversations: u64,
    /// The first of them; the others count up from it
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many acts a conversation has
    #[arg(long, value_name = "N", default_value_t = TURNS)]
    turns: usize,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let bot = RehearsedBot::read(&args.bot, terminal)?;
    let knowledge = Knowledge::default();
    let fuzz = Fuzz::new(&bot.program, &knowledge, CLOCK, args.turns);
    let mut progress =
        Progress::new(usize::try_from(args.conversations).unwrap_or(usize::MAX), "broken", terminal);
    let mut found: Vec<(u64, Violation)> = Vec::new();
    let (mut held, mut acts) = (0, 0);
    for number in 0..args.conversations {
        let seed = args.seed.wrapping_add(number);
        let fuzzed = fuzz.conversation(seed);
        held += 1;
        acts += fuzzed.acts;
        if let Some(violation) = fuzzed.violation
            && !found
                .iter()
                .any(|(_, known)| known.invariant == violation.invariant && known.what == violation.what)
        {
            found.push((seed, violation));
            if found.len() >= SHOWN_MAX {
                break;
            }
        }
        progress.show(held, found.len());
    }
    progress.clear();
    if !found.is_empty() {
        let name = name_of_bot(None, &bot.folder).unwrap_or_default();
        terminal.data(&format!("bot   {}\nclock 2026-11-20T09:00:00Z\n", visible(&name)))?;
    }
    for (seed, violation) in &found {
        tell(*seed, violation, &bot, &knowledge, args, terminal)?;
    }
    let talk = format!(
        "{}, {}: {}",
        count(held, "conversation"),
        count(acts, "act"),
        match found.len() {
            0 => "nothing that should never happen".to_string(),
            some => count(some, "thing") + " that should never happen",
        },
    );
    terminal.talk(&talk);
    Ok(if found.is_empty() { Exit::Ok } else { Exit::No })
}

/// A violation: what it is to stderr, the conversation to stdout.
fn tell(
    seed: u64,
    violation: &Violation,
    bot: &RehearsedBot,
    knowledge: &Knowledge,
    args: &Args,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let stage = Stage { program: &bot.program, sources: &bot.sources, clock: CLOCK, knowledge, stubs: &[] };
    let put_down = PutDown::of(&format!("fuzz: {}", violation.invariant.sentence()), &violation.done);
    let played = put_down.play(&stage, &mut ());
    let red = |text: &str| paint(terminal.talk_color, Paint::Red, text);
    terminal.talk(&format!(
        "{}: {}\n  {}\n  repeat it with: parlor fuzz {} --seed {seed} --conversations 1 --turns {}",
        red("not so"),
        violation.invariant.sentence(),
        visible(&violation.what),
        typed(&bot.folder),
        args.turns
    ));
    let mut text = String::from("\n");
    for line in put_down.text(&played, false).lines() {
        text.push_str(&format!("{}\n", visible(line)));
    }
    let strays = violation.done.iter().filter(|done| matches!(done.act, Act::Stray(..))).count();
    if strays > 0 {
        let strays = count(strays, "answer");
        text.push_str(&format!(
            "  # and {strays} to calls that nobody waits for, which a transcript cannot give\n"
        ));
    }
    terminal.data(&text)
}
