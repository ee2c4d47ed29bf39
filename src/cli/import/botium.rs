//! `parlor import botium`: each conversation as a transcript, in the words the bot says; and whether it still passes.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::bots::{shown, typed};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::cli::test::suite::{File, Loaded, Suite, Wishes};
use crate::diagnostics::english::count;
use crate::diagnostics::{FileId, Severity};
use crate::language::botium::read_convo;
use crate::language::transcript::parse;
use crate::rehearsal::botium::write;
use crate::rehearsal::{CLOCK, Played, Script, Stage, Test, play};

const EXAMPLES: &str = "Examples:
  parlor import botium tests                        a transcript beside each .convo.txt
  parlor import botium tests -o bots/acme/tests     into a folder of their own
  parlor import botium tests --bot bots/acme        in the words that this bot says";

/// Make transcripts of Botium files
///
/// With the bot at hand they say what it says; without, capitals make no difference in them and they are regexes.
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Botium files (.convo.txt), or folders with such files
    #[arg(value_name = "PATHS", required = true)]
    paths: Vec<PathBuf>,
    /// Where transcripts are put; beside the Botium files, if nothing is said
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// The bot that the files are about; the one in whose folder they lie, if nothing is said
    #[arg(long, value_name = "FOLDER")]
    bot: Option<PathBuf>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let wishes = Wishes { bot: args.bot.as_deref(), seed: 1, ..Wishes::default() };
    let suite = Suite::read(&args.paths, wishes, terminal)?;
    let files: Vec<&File> =
        suite.files.iter().filter(|file| file.script.tests.iter().any(|test| test.queue.is_some())).collect();
    if files.is_empty() {
        return Err(Failure::new(Exit::NotFound, "there is no .convo.txt here")
            .help("name a folder with Botium files"));
    }
    let mut exit = Exit::Ok;
    for failure in &suite.failures {
        terminal.failed(failure);
    }
    let (mut made, mut incomplete) = (0, 0);
    for file in files {
        let target = target(args, file)?;
        if target.exists() {
            let message = format!("`{}` is there already, and I overwrite nothing", shown(&target));
            exit = exit.max(terminal.failed(&Failure::new(Exit::No, message)));
            continue;
        }
        let bot = file.bot.map(|bot| &suite.bots[bot]);
        let (text, trouble) = converted(file, bot, &target, terminal)?;
        let written = OpenOptions::new().write(true).create_new(true).open(&target);
        written
            .and_then(|mut made| made.write_all(text.as_bytes()))
            .map_err(|error| Failure::io("write", &target, error))?;
        made += 1;
        for trouble in &trouble {
            terminal.data(&format!("{trouble}\n"))?;
        }
        if !trouble.is_empty() {
            incomplete += 1;
            exit = exit.max(Exit::No);
        }
    }
    let not_all = if incomplete > 0 { format!(", {incomplete} of them not in full") } else { String::new() };
    terminal.talk(&format!("Made {}{not_all}", count(made, "transcript")));
    let folder = args.output.as_deref().or(args.paths.first().map(PathBuf::as_path));
    if let Some(folder) = folder.filter(|_| made > 0) {
        terminal.talk(&format!("Next: parlor test {}", typed(folder)));
    }
    Ok(exit)
}

/// Where the transcript of a file goes.
fn target(args: &Args, file: &File) -> Result<PathBuf, Failure> {
    let path = Path::new(&file.path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = format!("{}.transcript", &name[..name.len().saturating_sub(".convo.txt".len())]);
    match &args.output {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, error))?;
            Ok(folder.join(name))
        }
        None => Ok(path.with_file_name(name)),
    }
}

/// The text of the transcript, and what it lacks.
fn converted(
    file: &File,
    bot: Option<&Loaded>,
    target: &Path,
    terminal: &Terminal,
) -> Result<(String, Vec<String>), Failure> {
    let mut trouble = Vec::new();
    let place = |at: FileId, start: u32| {
        let source = file.sources.get(at);
        let line = source.map_or(1, |source| source.line_column(start as usize).0);
        format!("{}:{line}", source.map_or(file.path.as_str(), |source| source.path.as_str()))
    };
    for finding in file.findings.iter().filter(|finding| finding.severity() == Severity::Error) {
        if finding.slug != crate::diagnostics::Slug::MissingBot {
            trouble.push(format!(
                "{}: not converted: {}",
                place(finding.place.file, finding.place.span.start),
                finding.message
            ));
        }
    }
    let Some(test) = file.script.tests.first() else { return Ok((String::new(), trouble)) };
    let names: BTreeMap<FileId, String> = file
        .sources
        .iter()
        .filter(|(id, _)| *id != FileId(0))
        .map(|(id, source)| (id, read_convo(&source.text, id).0.name))
        .collect();
    let before: Option<Vec<Played>> = bot.map(|bot| all_rows(bot, &file.script, test));
    let written = write(test, before.as_ref().and_then(|rows| rows.first()), &names);
    for (at, what) in &written.missing {
        trouble.push(format!("{}: not converted: {what}", place(at.file, at.span.start)));
    }
    let mut head = format!(
        "# {}, written for Botium\n",
        Path::new(&file.path).file_name().unwrap_or_default().to_string_lossy()
    );
    let about = file.sources.get(FileId(0)).map(|source| read_convo(&source.text, FileId(0)).0.about);
    about.iter().flatten().for_each(|line| head.push_str(&format!("# {line}\n")));
    trouble.iter().for_each(|line| head.push_str(&format!("# {line}\n")));
    if let Some(folder) = bot.and_then(|bot| bot.folder.as_deref()).and_then(|folder| path_to(folder, target))
    {
        head.push_str(&format!("bot {}\n", folder.display()));
    }
    let text = format!("{head}\n{}", written.text);
    if let (Some(bot), Some(before)) = (bot, before) {
        let (tree, findings) = parse(&text, FileId(0));
        let (script, wrong) = Script::of(&[tree]);
        let bad = findings.iter().chain(&wrong).find(|finding| finding.severity() == Severity::Error);
        let after = script.tests.first().map(|test| all_rows(bot, &script, test)).unwrap_or_default();
        let passes = |rows: &[Played]| rows.iter().map(Played::passed).collect::<Vec<_>>();
        let word = |good: bool| if good { "passes" } else { "fails" };
        if let Some(bad) = bad {
            trouble.push(format!("{}: the transcript needs a look: {}", shown(target), bad.message));
        } else if passes(&after) != passes(&before) {
            let all = |rows: &[Played]| word(rows.iter().all(Played::passed));
            let both = format!("it {}, and the Botium file {}", all(&after), all(&before));
            trouble.push(format!("{}: the transcript needs a look: {both}", shown(target)));
        }
    } else {
        terminal.talk(&format!("{}: no bot to compare with; name it with --bot", file.path));
    }
    Ok((text, trouble))
}

fn all_rows(bot: &Loaded, script: &Script, test: &Test) -> Vec<Played> {
    let knowledge = crate::conversation::Knowledge::default();
    let stage = Stage {
        program: &bot.program,
        sources: &bot.sources,
        clock: CLOCK,
        knowledge: &knowledge,
        stubs: &script.stubs,
    };
    test.rows.iter().map(|row| play(&stage, test, row, &mut ())).collect()
}

/// The folder of a bot, from the folder of a transcript; nothing, if the transcript lies in it.
fn path_to(bot: &Path, transcript: &Path) -> Option<PathBuf> {
    let bot = fs::canonicalize(bot).ok()?;
    let folder =
        transcript.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).ok()?;
    if folder.starts_with(&bot) {
        return None;
    }
    let same = folder.components().zip(bot.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| "..");
    let path: PathBuf = up
        .map(PathBuf::from)
        .chain(bot.components().skip(same).map(|part| PathBuf::from(part.as_os_str())))
        .collect();
    Some(path)
}
