//! `parlor chat`: a conversation with a bot, as the transcript of one.

mod input; // what is typed, or comes through a pipe
mod line; // lines of the transcript, shown and kept
mod command; // what `/word` means
mod talk; // read this third: the conversation itself
mod clock;
mod given;
pub(super) mod living; // the bot, read again when its files change
mod trace;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal, paint};
use super::{bots, exit, transcripts};
use command::Command;
use input::{Heard, Input};
use living::Living;
pub(super) use talk::Talk;

const EXAMPLES: &str = "Examples:
  parlor chat bots/acme                              talk to a bot; /help lists what else you can type
  parlor chat bots/acme --given visitor.name=Dana    with a visitor whose name is known
  parlor chat bots/acme < visitor.txt                a line each, and the transcript comes out";

/// Talk to a bot
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT", default_value = ".", hide_default_value = true)]
    bot: PathBuf,
    #[command(flatten)]
    options: Options,
    /// Append the conversation to this log, for `parlor record` and `parlor replay`
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// Who talks to a bot, when, and where.
#[derive(Debug, clap::Args)]
#[group(id = "conversation_options")]
pub(super) struct Options {
    /// When the conversation begins; now, or 2026-11-20T09:00:00Z if the input is no terminal
    #[arg(long, value_name = "TIME", value_parser = clock::moment)]
    clock: Option<crate::conversation::Moment>,
    /// What is known before: visitor.name=Dana, conversation.skill=Sales, or a variable that is remembered
    #[arg(long, value_name = "NAME=VALUE", value_parser = given::Given::read)]
    given: Vec<given::Given>,
    /// Whose values of env.yaml the bot gets: demo or production
    #[arg(long, value_name = "NAME", default_value = "demo", hide_default_value = true)]
    #[arg(value_parser = ["demo", "production"], hide_possible_values = true)]
    env: String,
    /// The channel the visitor uses
    #[arg(long, value_name = "NAME", default_value = "terminal", hide_default_value = true)]
    channel: String,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    talk(&args.bot, &args.options, args.log.as_deref(), terminal).map(|(_, exit)| exit)
}

/// Holds a conversation, to its end.
pub(super) fn talk<'a>(
    bot: &Path,
    options: &'a Options,
    log: Option<&'a Path>,
    terminal: &Terminal,
) -> Result<(Talk<'a>, Exit), Failure> {
    let typed = is_typed(terminal);
    let living = Living::read(bot, &options.env, terminal)?;
    let mut talk = Talk::begin(options, living, log, typed)?;
    let mut input = Input::new(typed);
    if typed {
        let dialogs = crate::diagnostics::english::count(talk.program().dialog_count(), "dialog");
        aside(terminal, &format!("{}, {dialogs}. /help lists what you can type, /quit ends.", talk.label()));
    }
    let exit = listen(&mut talk, &mut input, terminal);
    talk.write_log()?; // whatever ended it
    exit.map(|exit| (talk, exit))
}

/// Whether somebody types, and sees what they type.
pub(super) fn is_typed(terminal: &Terminal) -> bool {
    std::io::stdin().is_terminal() && terminal.is_screen
}

/// Hears line after line, until the conversation is over.
fn listen(talk: &mut Talk<'_>, input: &mut Input, terminal: &Terminal) -> Result<Exit, Failure> {
    loop {
        match input.next(talk.until_wake()) {
            Heard::Line(line) => {
                talk.reload(terminal);
                let late = talk.catch_up();
                terminal.data(&line::text(&late, terminal))?;
                if !answer(&line, talk, terminal)? {
                    return Ok(Exit::Ok);
                }
            }
            Heard::Woke => {
                let woken = talk.catch_up();
                input.print_above(line::text(&woken, terminal));
            }
            Heard::End => {
                terminal.data(&line::text(&talk.settle(), terminal))?;
                return Ok(Exit::Ok);
            }
            Heard::Interrupted => return Ok(Exit::Interrupted),
            Heard::Failed(why) => return Err(Failure::new(Exit::Io, why)),
        }
    }
}

/// Does what a line asks for. False, if the conversation is over.
fn answer(line: &str, talk: &mut Talk, terminal: &Terminal) -> Result<bool, Failure> {
    if line.trim().is_empty() {
        return Ok(true);
    }
    if !Command::is_answer(line) {
        terminal.data(&line::text(&talk.settle(), terminal))?;
    }
    let done = Command::read(line).and_then(|command| match command {
        Command::Quit => Ok(None),
        Command::Save(path) => {
            let astray = talk.save(&path)?;
            aside(terminal, &format!("Wrote {}", bots::shown(&path)));
            transcripts::tell(&astray, &path, terminal);
            Ok(Some(Vec::new()))
        }
        command => talk.obey(command).map(Some),
    });
    match done {
        Ok(Some(lines)) => terminal.data(&line::text(&lines, terminal))?,
        Ok(None) => return Ok(false),
        Err(failure) => {
            terminal.failed(&failure); // the conversation goes on
        }
    }
    Ok(true)
}

/// Something about the work, that is no part of the conversation.
fn aside(terminal: &Terminal, said: &str) {
    terminal.talk(&paint(terminal.talk_color, Paint::Dim, said));
}
