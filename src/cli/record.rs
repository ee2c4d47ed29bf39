//! `parlor record`: a conversation, held now or found in a log, as a test.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::diagnostics::english::{count, did_you_mean};
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::log::{Turn, lacks};
use crate::rehearsal::record::{Header, Test, mask, name_of};

use super::bots::{is_dialog, shown, typed};
use super::chat::living::Living;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::{chat, exit, logs, transcripts};

const EXAMPLES: &str = "Examples:
  parlor record bots/acme                              talk to a bot; the conversation becomes a test beside it
  parlor record bots/acme -o smoke.transcript < visitor.txt
  parlor record log.jsonl --conversation 4711          make a test of a conversation in a log, personal data masked
  parlor record log.jsonl --into tests                 a file for each conversation";

/// Make tests of conversations: of one you hold now, or of those in a log
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot, or logs of conversations
    #[arg(value_name = "BOT|LOG", default_value = ".", hide_default_value = true)]
    what: Vec<PathBuf>,
    /// Write the tests to this file; recorded-1.transcript beside the bot if that is free, else recorded-2…
    #[arg(short, long, value_name = "FILE", conflicts_with = "into")]
    output: Option<PathBuf>,
    /// Write a file for each conversation into this folder
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Only these conversations of a log
    #[arg(long, value_name = "NAME")]
    conversation: Vec<String>,
    /// Replace personal data by other letters of the same shape; of logs that is always done
    #[arg(long)]
    mask: bool,
    /// Leave personal data as it stands in the log
    #[arg(long, conflicts_with = "mask")]
    no_mask: bool,
    /// Write down who answered as well: expect dialog, expect matched
    #[arg(long)]
    why: bool,
    /// The bot that the tests of a log are tried with; the one the log names, if it is found
    #[arg(long, value_name = "BOT")]
    against: Option<PathBuf>,
    #[command(flatten)]
    options: chat::Options,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    match args.what.iter().any(|path| path.is_file() && !is_dialog(path)) {
        true => of_logs(args, terminal),
        false => of_chat(args, terminal),
    }
}

// ----------------------------------------------------------------------------------------- a conversation now

fn of_chat(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let [bot] = args.what.as_slice() else {
        return Err(Failure::new(Exit::Usage, "one talks to one bot").help("name one folder, or logs"));
    };
    if !args.conversation.is_empty() || args.into.is_some() || args.against.is_some() {
        let why = "--conversation, --into and --against are for logs";
        return Err(Failure::new(Exit::Usage, why).help("parlor record log.jsonl --conversation NAME"));
    }
    if let Some(path) = args.output.as_ref().filter(|path| path.exists()) {
        let there = format!("`{}` is there already, and I overwrite nothing", shown(path));
        return Err(Failure::new(Exit::Io, there).help("take another name")); // told before the work is done
    }
    let (talk, exit) = chat::talk(bot, &args.options, None, terminal)?;
    if exit != Exit::Ok {
        return Ok(exit);
    }
    let mut turns = talk.conversation();
    if turns.len() < 2 {
        terminal.talk("Nothing was said, so that there is nothing to record.");
        return Ok(Exit::Ok);
    }
    if args.mask {
        mask(&mut turns);
    }
    let name = test_name(&turns, terminal);
    let path = args.output.clone().unwrap_or_else(|| transcripts::free_name(&talk.living().folder));
    let bot = transcripts::bot_for(&talk.living().folder, &path);
    let test = Test { name, turns: &turns, end: Some(talk.now()) };
    let (text, astray) = transcripts::text(&bot, &[test], args.why, Some(&talk.living().program));
    transcripts::write(&path, &text)?;
    terminal.talk(&format!("Wrote {}; run it with: parlor test {}", shown(&path), typed(&path)));
    transcripts::tell(&astray, &path, terminal);
    Ok(if astray.is_empty() { Exit::Ok } else { Exit::No })
}

/// What the test is called: asked for on a terminal.
fn test_name(turns: &[Turn], terminal: &Terminal) -> String {
    let own = name_of(turns);
    if !chat::is_typed(terminal) || !std::io::stderr().is_terminal() {
        return own;
    }
    let _ = write!(std::io::stderr().lock(), "The test is called [{}]: ", visible(&own)); // a name is at hand
    let mut typed = String::new();
    match std::io::stdin().lock().read_line(&mut typed) {
        Ok(_) if !typed.trim().is_empty() => typed.trim().to_string(),
        _ => own,
    }
}

// --------------------------------------------------------------------------------------------- from a log

fn of_logs(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut conversations = logs::read(&args.what)?;
    let name = |turns: &Vec<Turn>| turns.first().map_or("", |turn| turn.conversation.as_str()).to_string();
    for wanted in &args.conversation {
        let names: Vec<String> = conversations.iter().map(name).collect();
        if !names.contains(wanted) {
            let none =
                Failure::new(Exit::NotFound, format!("there is no conversation `{}`", visible(wanted)));
            let help = did_you_mean(wanted, names.iter().map(String::as_str));
            let first: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
            return Err(none.help(help.unwrap_or_else(|| format!("the first ones are {}", first.join(", ")))));
        }
    }
    conversations.retain(|turns| args.conversation.is_empty() || args.conversation.contains(&name(turns)));
    let mut exit = Exit::Ok;
    conversations.retain(|turns| match lacks(turns) {
        None => true,
        Some(why) => {
            exit = Exit::No;
            terminal.talk(&format!("{}: {why}; it is left out", visible(&name(turns))));
            false
        }
    });
    if !args.no_mask {
        conversations.iter_mut().for_each(|turns| mask(turns));
    }
    let Some(first) = conversations.first() else { return Ok(exit) };
    let living = bot(args, first, terminal)?;
    let folder = living.as_ref().map(|living| living.folder.clone());
    let files: Vec<(PathBuf, Vec<&Vec<Turn>>)> = match &args.into {
        Some(into) => {
            std::fs::create_dir_all(into).map_err(|error| Failure::io("make the folder", into, error))?;
            let path = |turns: &Vec<Turn>| into.join(format!("{}.transcript", file_name(&name(turns))));
            conversations.iter().map(|turns| (path(turns), vec![turns])).collect()
        }
        None => {
            let header = Header::of(first);
            if let Some(other) = conversations.iter().find(|turns| Header::of(turns) != header) {
                let why = format!(
                    "{} and {} were told different things before, so that they cannot stand in one file",
                    visible(&name(first)),
                    visible(&name(other))
                );
                return Err(Failure::new(Exit::Usage, why).help("write a file for each: --into FOLDER"));
            }
            let beside = folder.clone().unwrap_or_else(|| PathBuf::from("."));
            let path = args.output.clone().unwrap_or_else(|| transcripts::free_name(&beside));
            vec![(path, conversations.iter().collect())]
        }
    };
    for (path, conversations) in files {
        let bot = folder.as_ref().map_or_else(
            || first.first().map(|turn| turn.bot.clone()).unwrap_or_default(),
            |folder| transcripts::bot_for(folder, &path),
        );
        let tests: Vec<Test<'_>> =
            conversations.iter().map(|turns| Test { name: name_of(turns), turns, end: None }).collect();
        let program = living.as_ref().map(|living| &living.program);
        let (text, astray) = transcripts::text(&bot, &tests, args.why, program);
        transcripts::write(&path, &text)?;
        let tests = count(tests.len(), "test");
        terminal.talk(&format!("Wrote {tests} to {}; run with: parlor test {}", shown(&path), typed(&path)));
        transcripts::tell(&astray, &path, terminal);
        if !astray.is_empty() {
            exit = Exit::No;
        }
    }
    Ok(exit)
}

/// The bot that the tests are tried with: the one that was named, else the one of the log, if it is here.
fn bot(args: &Args, turns: &[Turn], terminal: &Terminal) -> Result<Option<Living>, Failure> {
    let env = turns.first().and_then(|turn| turn.env.as_deref()).unwrap_or("demo");
    if let Some(path) = &args.against {
        return Living::read(path, env, terminal).map(Some);
    }
    let name = turns.first().map_or("", |turn| turn.bot.as_str());
    let near = args.what.first().map_or(Path::new("."), PathBuf::as_path);
    let Some(folder) = transcripts::find_bot(name, near) else {
        terminal.talk(&format!(
            "There is no bot `{}` here, so that nobody has tried the tests; --against BOT names one.",
            visible(name)
        ));
        return Ok(None);
    };
    Living::read(&folder, env, terminal).map(Some)
}

/// A name as a file may have it.
fn file_name(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = name.chars().take(100).map(plain).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "conversation".to_string() } else { name.to_string() }
}
