//! `parlor fmt`: every bot in the one layout, so that nobody has to think about it.

use std::io::Read;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::diagnostics::render::{Format, Style, render};
use crate::diagnostics::{FILE_BYTES_MAX, FileId, Finding, Severity, Source, Sources};
use crate::language::{self, transcript};

use super::bots::{Bot, BotFile, is_dialog, is_transcript, shown, single, typed};
use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal, paint};
use super::{exit, save};

const EXAMPLES: &str = "Examples:
  parlor fmt                              the bot in this folder
  parlor fmt bots/* --check               show what would change, and change nothing
  parlor fmt --stdin < acme.dialog        for editors";

/// Lay bots out in the one way; a file that does not read is left as it is
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Folders of bots, or single .dialog and .transcript files
    #[arg(value_name = "BOT", default_value = ".", hide_default_value = true)]
    bots: Vec<PathBuf>,
    /// Change nothing; end with 1 and print a diff if something would change
    #[arg(long)]
    check: bool,
    /// Read one .dialog file from the standard input, write it to the standard output
    #[arg(long, conflicts_with = "bots")]
    stdin: bool,
}

/// What there is to do with a file.
enum Outcome {
    Same,
    Changed(String),
    Unreadable(Vec<Finding>),
}

/// How many files went which way.
#[derive(Default)]
struct Counts {
    same: usize,
    changed: usize,
    unreadable: usize,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.stdin {
        return stdin(args, terminal);
    }
    let (mut exit, mut counts) = (Exit::Ok, Counts::default());
    for path in &args.bots {
        if let Err(failure) = one(args, path, terminal, &mut counts) {
            exit = exit.max(terminal.failed(&failure));
        }
    }
    let done = if args.check { "to format" } else { "formatted" };
    let mut said = format!("{} {done}, {} as they should be", count(counts.changed, "file"), counts.same);
    if counts.unreadable > 0 {
        said.push_str(&format!(", {} with mistakes, left as they were", counts.unreadable));
    }
    if exit == Exit::Ok || counts.changed + counts.same + counts.unreadable > 0 {
        terminal.talk(&said);
    }
    let no = counts.unreadable > 0 || args.check && counts.changed > 0;
    Ok(exit.max(if no { Exit::No } else { Exit::Ok }))
}

/// Formats one bot, or one file.
fn one(args: &Args, path: &Path, terminal: &Terminal, counts: &mut Counts) -> Result<(), Failure> {
    let has_layout = |path: &Path| is_dialog(path) || is_transcript(path);
    let (bot, files) = match path.is_file() {
        true if has_layout(path) => (typed(path.parent().unwrap_or(path)), vec![single(path)?]),
        is_file => {
            let bot =
                if is_file { Bot::named(path, terminal)? } else { Bot::with_transcripts(path, terminal)? };
            (typed(&bot.folder), bot.files)
        }
    };
    for file in files.iter().filter(|file| has_layout(&file.on_disk) || has_layout(file.path.as_ref())) {
        match outcome(file)? {
            Outcome::Same => counts.same += 1,
            Outcome::Unreadable(findings) => {
                counts.unreadable += 1;
                complain(file, &findings, &bot, terminal);
            }
            Outcome::Changed(text) => {
                counts.changed += 1;
                if args.check {
                    terminal.data(&diff(&file.path, &file.text, &text, terminal))?;
                } else {
                    save::replace(file, &file.text, &text)?;
                    terminal.talk(&format!("formatted {}", shown(file.path.as_ref())));
                }
            }
        }
    }
    Ok(())
}

fn stdin(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let path = PathBuf::from("(stdin)");
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::io("read", &path, error))?;
    let (source, unread) = Source::from_bytes("(stdin)", bytes, FileId(0));
    let file = BotFile { path: source.path, on_disk: path, text: source.text, unread };
    match outcome(&file)? {
        Outcome::Unreadable(findings) => {
            complain(&file, &findings, ".", terminal);
            Ok(Exit::No)
        }
        Outcome::Same if args.check => Ok(Exit::Ok),
        Outcome::Same => terminal.data(&file.text).map(|()| Exit::Ok),
        Outcome::Changed(text) if args.check => {
            terminal.data(&diff(&file.path, &file.text, &text, terminal)).map(|()| Exit::No)
        }
        Outcome::Changed(text) => terminal.data(&text).map(|()| Exit::Ok),
    }
}

/// Reads a file and lays it out. The layout has to say the same as the file did, or nothing is written.
fn outcome(file: &BotFile) -> Result<Outcome, Failure> {
    if let Some(unread) = &file.unread {
        return Ok(Outcome::Unreadable(vec![unread.clone()]));
    }
    match is_transcript(&file.on_disk) || is_transcript(file.path.as_ref()) {
        true => laid_out(
            file,
            transcript::parse,
            |tree| transcript::format(&file.text, tree),
            transcript::outline,
        ),
        false => laid_out(file, language::parse, language::format, language::outline),
    }
}

fn laid_out<Tree>(
    file: &BotFile,
    parse: impl Fn(&str, FileId) -> (Tree, Vec<Finding>),
    format: impl Fn(&Tree) -> String,
    outline: impl Fn(&Tree) -> String,
) -> Result<Outcome, Failure> {
    let (tree, mut findings) = parse(&file.text, FileId(0));
    findings.retain(|finding| finding.severity() == Severity::Error);
    if !findings.is_empty() {
        return Ok(Outcome::Unreadable(findings));
    }
    let text = format(&tree);
    if text == file.text {
        return Ok(Outcome::Same);
    }
    let (again, _) = parse(&text, FileId(0));
    if outline(&again) != outline(&tree) {
        let path = shown(file.path.as_ref());
        let changed = Failure::new(
            Exit::Bug,
            format!("formatting `{path}` would have changed what it says; I left it alone"),
        );
        return Err(
            changed.help("this is a bug in parlor, not a mistake of yours: please report it, with the file")
        );
    }
    Ok(Outcome::Changed(text))
}

/// Shows why a file was left as it is.
fn complain(file: &BotFile, findings: &[Finding], bot: &str, terminal: &Terminal) {
    let style = Style { color: terminal.talk_color, bot: bot.to_string() };
    let mut findings = findings.to_vec();
    findings.iter_mut().for_each(|finding| finding.place.file = FileId(0));
    let sources = Sources::new(vec![Source::new(file.path.clone(), file.text.clone())]);
    terminal.talk(render(Format::Human, &sources, &findings, &style).trim_end());
    terminal.talk(&format!("{} is left as it was", shown(file.path.as_ref())));
}

/// What would change, as `diff -u` writes it; on a screen in colour, and with nothing that steers it.
fn diff(path: &str, old: &str, new: &str, terminal: &Terminal) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(path, &format!("{path} (formatted)")).to_string();
    if !terminal.is_screen && !terminal.color {
        return text;
    }
    let mut painted = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let line = line.split('\t').map(visible).collect::<Vec<_>>().join("\t");
        painted.push_str(&match line.as_bytes().first() {
            Some(b'+') => paint(terminal.color, Paint::Green, &line),
            Some(b'-') => paint(terminal.color, Paint::Red, &line),
            Some(b'@') => paint(terminal.color, Paint::Cyan, &line),
            _ => line,
        });
        painted.push('\n');
    }
    painted
}
