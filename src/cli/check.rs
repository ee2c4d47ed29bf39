//! `parlor check`: every mistake of a bot, and what to type instead.

use std::path::{Path, PathBuf};

use crate::diagnostics::english::count;
use crate::diagnostics::render::{Format, Style, render, summary, tally};
use crate::diagnostics::{FileId, Finding, Severity, Source, Sources};
use crate::language;
use crate::program::{Account, Checked};

use super::bots::{Bot, is_transcript, shown, single, typed};
use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::{account, exit, fix};

const EXAMPLES: &str = "Examples:
  parlor check                            the bot in this folder
  parlor check bots/acme --fix            mend what can be mended, show the rest
  parlor check bots/* --format github     several bots, as notes in a pull request";

/// Find the mistakes in bots
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Folders of bots, or single .transcript files
    #[arg(value_name = "BOT", default_value = ".", hide_default_value = true)]
    bots: Vec<PathBuf>,
    /// Mend what can be mended without a question, and write it
    #[arg(long)]
    fix: bool,
    /// How to write findings down
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = As::Human)]
    format: As,
    /// The account the bots will live in: the file of `parlor account`
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// End with 1 also if there are only warnings
    #[arg(long)]
    deny_warnings: bool,
}

/// A format, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum As {
    Human,
    Short,
    Json,
    Sarif,
    Github,
}

impl As {
    fn format(self) -> Format {
        match self {
            As::Human => Format::Human,
            As::Short => Format::Short,
            As::Json => Format::Json,
            As::Sarif => Format::Sarif,
            As::Github => Format::Github,
        }
    }

    /// Whether all bots share one document.
    fn is_document(self) -> bool {
        matches!(self, As::Json | As::Sarif)
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let account = args.account.as_deref().map(|path| account::for_check(path, terminal)).transpose()?;
    let (mut exit, mut together) = (Exit::Ok, (Vec::new(), Vec::new()));
    for path in &args.bots {
        match one(args, path, account.as_ref(), terminal) {
            Ok((answer, checked)) => {
                exit = exit.max(answer);
                if args.format.is_document() {
                    join(&mut together, checked);
                }
            }
            Err(failure) => exit = exit.max(terminal.failed(&failure)),
        }
    }
    if args.format.is_document() {
        let (files, findings) = together;
        terminal.data(&render(args.format.format(), &Sources::new(files), &findings, &Style::default()))?;
    }
    Ok(exit)
}

/// Checks one bot, and prints what was found unless it goes into the common document.
fn one(
    args: &Args,
    path: &Path,
    account: Option<&Account>,
    terminal: &Terminal,
) -> Result<(Exit, Checked), Failure> {
    if path.is_file() && is_transcript(path) {
        return transcript(args, path, terminal);
    }
    let mut bot = Bot::named(path, terminal)?;
    if args.fix {
        for line in fix::fix(&mut bot, account)?.said() {
            terminal.talk(&line);
        }
    }
    let checked = bot.draft(account).check();
    let label = format!("{}: {}", bot.label(), said(&checked));
    tell(args, &typed(&bot.folder), &label, &checked, terminal)?;
    Ok((answer(args, &checked), checked))
}

/// Checks how a file of tests is written; what its bot says about it, `parlor test` knows.
fn transcript(args: &Args, path: &Path, terminal: &Terminal) -> Result<(Exit, Checked), Failure> {
    let mut file = single(path)?;
    if args.fix {
        for line in fix::fix_transcript(&mut file)?.said() {
            terminal.talk(&line);
        }
    }
    let (tree, mut findings) = language::transcript::parse(&file.text, FileId(0));
    if let Some(unread) = &file.unread {
        findings = vec![unread.clone()];
    }
    let tests = count(tree.scenes.iter().filter(|scene| !scene.opening).count(), "test");
    let sources = Sources::new(vec![Source::new(file.path.clone(), file.text)]);
    let checked = Checked { sources, findings, program: None };
    let label = match checked.findings.is_empty() {
        true => format!("{}: {tests}, no findings", shown(path)),
        false => format!("{}: {}", shown(path), summary(&checked.findings)),
    };
    tell(args, &typed(path), &label, &checked, terminal)?;
    Ok((answer(args, &checked), checked))
}

/// Prints what was found, unless it goes into the common document. `said` is the sum of it.
fn tell(args: &Args, typed: &str, said: &str, checked: &Checked, terminal: &Terminal) -> Result<(), Failure> {
    if !args.format.is_document() {
        let style = Style { color: terminal.color, bot: typed.to_string() };
        terminal.data(&render(args.format.format(), &checked.sources, &checked.findings, &style))?;
    }
    if matches!(args.format, As::Human | As::Short) {
        terminal.talk(said);
    }
    Ok(())
}

fn answer(args: &Args, checked: &Checked) -> Exit {
    let errors = tally(&checked.findings, Severity::Error);
    let refused = errors > 0 || args.deny_warnings && !checked.findings.is_empty();
    if refused { Exit::No } else { Exit::Ok }
}

fn said(checked: &Checked) -> String {
    match &checked.program {
        Some(program) if checked.findings.is_empty() => {
            format!("{}, no findings", count(program.dialog_count(), "dialog"))
        }
        _ => summary(&checked.findings),
    }
}

/// Puts the files and findings of a bot behind those of the bots before it.
fn join((files, findings): &mut (Vec<Source>, Vec<Finding>), checked: Checked) {
    let before = files.len() as u32;
    files.extend(checked.sources.iter().map(|(_, source)| source.clone()));
    findings.extend(checked.findings.into_iter().map(|mut finding| {
        let edits = finding.fix.iter_mut().flat_map(|fix| fix.edits.iter_mut().map(|edit| &mut edit.file));
        let related = finding.related.iter_mut().map(|place| &mut place.file);
        for file in std::iter::once(&mut finding.place.file).chain(related).chain(edits) {
            *file = FileId(file.0 + before);
        }
        finding
    }));
}
