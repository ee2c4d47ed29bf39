//! The transcripts that were named, read; and the bots they are played with, each compiled once.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::conversation::Knowledge;
use crate::diagnostics::render::{Format, Style, render};
use crate::diagnostics::{FILE_BYTES_MAX, FileId, Finding, Severity, Source, Sources};
use crate::language::botium::syntax::Sort;
use crate::language::transcript::syntax::{OwnBot, Setting, Transcript};
use crate::language::{self};
use crate::program::{Draft, Program};
use crate::rehearsal::{Parts, Script, Test};

use crate::cli::bots::{Bot, is_dialog, is_transcript, not_loaded, typed};
use crate::cli::environment;
use crate::cli::exit::Failure;
use crate::cli::terminal::Terminal;
use crate::cli::walk::{self, Found};

use super::botium::{self, Shelf};

/// How many files a transcript may include, in all.
const INCLUDED_MAX: usize = 100;

/// Everything that is to be played.
#[derive(Default)]
pub(in crate::cli) struct Suite {
    /// The transcripts, in the order of their paths.
    pub(in crate::cli) files: Vec<File>,
    /// The bots.
    pub(in crate::cli) bots: Vec<Loaded>,
    /// Bots that could not be loaded, each told once: with the transcripts that need them.
    pub(in crate::cli) failures: Vec<Failure>,
    /// Everything outside the places named that was looked at: folders of bots, and files that are included.
    pub(in crate::cli) beside: Vec<PathBuf>,
}

/// A transcript, read.
pub(in crate::cli) struct File {
    /// As messages name it.
    pub(in crate::cli) path: String,
    /// Where it lies.
    pub(in crate::cli) on_disk: PathBuf,
    /// Its text, and those of the files it includes.
    pub(in crate::cli) sources: Sources,
    /// Its tests.
    pub(in crate::cli) script: Script,
    /// What is wrong with it.
    pub(in crate::cli) findings: Vec<Finding>,
    /// Its bot, by its number; nothing, if there is none.
    pub(in crate::cli) bot: Option<usize>,
    /// Whose values of `env.yaml` the bot gets.
    pub(in crate::cli) env: String,
    /// What the bot is told before.
    pub(in crate::cli) knowledge: Knowledge,
}

impl File {
    /// Whether it can be played.
    pub(super) fn is_sound(&self) -> bool {
        self.bot.is_some() && self.findings.iter().all(|finding| finding.severity() != Severity::Error)
    }

    /// The line where a test begins.
    pub(super) fn line(&self, test: &Test) -> usize {
        let start = test.at.span.start as usize;
        self.sources.get(test.at.file).map_or(1, |source| source.line_column(start).0)
    }

    /// What is wrong with it, to be read by a person.
    pub(super) fn told(&self, color: bool) -> String {
        let style = Style { color, bot: self.path.clone() };
        render(Format::Human, &self.sources, &self.findings, &style)
    }
}

/// A bot, compiled in its environment.
pub(in crate::cli) struct Loaded {
    /// As messages name it.
    pub(in crate::cli) label: String,
    /// Its folder; nothing for one that stands in a transcript.
    pub(in crate::cli) folder: Option<PathBuf>,
    pub(in crate::cli) program: Program,
    pub(in crate::cli) sources: Sources,
    /// What it is made of.
    pub(super) parts: Arc<Parts>,
}

/// Whether the file holds tests.
fn is_test(path: &Path) -> bool {
    is_transcript(path) || botium::is_convo(path)
}

impl Suite {
    /// Reads all transcripts in these places.
    pub(in crate::cli) fn read(
        paths: &[PathBuf],
        wishes: Wishes<'_>,
        terminal: &Terminal,
    ) -> Result<Suite, Failure> {
        let mut reading = Reading::begin(paths, wishes, terminal)?;
        reading.next(reading.left(), Suite::default())
    }
}

/// Places with transcripts, read a portion at a time: however many there are, they take no more memory.
pub(in crate::cli) struct Reading<'l> {
    loader: Loader<'l>,
    /// What was found, each with the folder that was named.
    found: VecDeque<(Found, PathBuf)>,
}

impl<'l> Reading<'l> {
    /// Looks for the transcripts in these places.
    pub(in crate::cli) fn begin(
        paths: &[PathBuf],
        wishes: Wishes<'l>,
        terminal: &'l Terminal,
    ) -> Result<Reading<'l>, Failure> {
        // Each with the folder that was named: what a Botium file uses is looked for there.
        let mut found: Vec<(Found, PathBuf)> = Vec::new();
        for path in paths {
            if path.is_dir() {
                let all = walk::files(path, is_test, &|said| terminal.talk(said))?;
                found.extend(all.into_iter().map(|found| (found, path.clone())));
            } else if !matches!(botium::sort(path), Some(sort) if sort != Sort::Convo) {
                let on_disk = fs::canonicalize(path).map_err(|error| Failure::io("read", path, error))?;
                let folder =
                    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let folder = folder.to_path_buf();
                found.push((Found { shown: path.clone(), on_disk }, folder));
            }
        }
        found.sort_by(|(one, _), (other, _)| one.shown.cmp(&other.shown));
        found.dedup_by(|(one, _), (other, _)| one.on_disk == other.on_disk);
        let (known, shelf) = (HashMap::new(), Shelf::default());
        let loader =
            Loader { suite: Suite::default(), known, named: HashMap::new(), shelf, wishes, terminal };
        Ok(Reading { loader, found: found.into() })
    }

    /// How many files are still to be read.
    pub(in crate::cli) fn left(&self) -> usize {
        self.found.len()
    }

    /// Reads the next files. The bots of the portion before are known already.
    pub(in crate::cli) fn next(&mut self, files: usize, before: Suite) -> Result<Suite, Failure> {
        let loader = &mut self.loader;
        loader.suite = Suite { bots: before.bots, ..Suite::default() };
        let portion: Vec<(Found, PathBuf)> = self.found.drain(..files.min(self.found.len())).collect();
        let read = read_all(&portion);
        for ((found, folder), read) in portion.into_iter().zip(read) {
            match read {
                None => loader.convo(found, &folder)?,
                Some(read) => loader.file(found, read?)?,
            }
        }
        let folders = loader.known.keys().map(|(folder, _)| folder.clone());
        loader.suite.beside.extend(folders);
        loader.suite.beside.sort();
        loader.suite.beside.dedup();
        Ok(std::mem::take(&mut loader.suite))
    }
}

/// A transcript as it stands in its file.
struct Text {
    source: Source,
    /// What it says: its tests, or if it includes other files, its tree.
    says: Result<Script, Transcript>,
    findings: Vec<Finding>,
}

/// Reads files, on all cores: most of the time of a test goes into its text. Nothing for a file of Botium.
fn read_all(found: &[(Found, PathBuf)]) -> Vec<Option<Result<Text, Failure>>> {
    let one = |(found, _): &(Found, PathBuf)| {
        (!botium::is_convo(&found.shown)).then(|| {
            let path = found.shown.to_string_lossy().into_owned();
            let (source, unread) = read(&found.on_disk, &path, FileId(0))?;
            let (tree, slips) = language::transcript::parse(&source.text, FileId(0));
            let mut findings = unread.map_or(slips, |unread| vec![unread]);
            let includes = tree.header.iter().any(|line| matches!(line.setting, Setting::Include(_)));
            let says = if includes {
                Err(tree)
            } else {
                let (script, wrong) = Script::of(&[tree]);
                findings.extend(wrong);
                Ok(script)
            };
            Ok(Text { source, says, findings })
        })
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores == 1 || found.len() < 2 {
        return found.iter().map(one).collect();
    }
    std::thread::scope(|scope| {
        let share = found.len().div_ceil(cores);
        let crew: Vec<_> = found
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(one).collect::<Vec<_>>()))
            .collect();
        crew.into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// What is asked for besides places.
#[derive(Clone, Copy, Default)]
pub(in crate::cli) struct Wishes<'w> {
    /// Whose values of `env.yaml` bots get, whatever the files say.
    pub(in crate::cli) env: Option<&'w str>,
    /// The bot of all files, whatever they say.
    pub(in crate::cli) bot: Option<&'w Path>,
    /// Where the random numbers of Botium files come from.
    pub(in crate::cli) seed: u64,
}

struct Loader<'l> {
    suite: Suite,
    /// Bots by folder and environment; nothing for one that cannot be loaded.
    known: HashMap<(PathBuf, String), Option<usize>>,
    /// The folders of bots by the folder of a transcript and the name in it.
    named: HashMap<(PathBuf, String), Option<PathBuf>>,
    shelf: Shelf,
    wishes: Wishes<'l>,
    terminal: &'l Terminal,
}

impl Loader<'_> {
    fn file(&mut self, found: Found, read: Text) -> Result<(), Failure> {
        let path = found.shown.to_string_lossy().into_owned();
        let Text { source, says, mut findings } = read;
        let mut sources = vec![source];
        let script = match says {
            Ok(script) => script,
            Err(tree) => {
                let mut trees = vec![tree];
                self.included(&found.on_disk, &mut trees, &mut sources, &mut findings);
                let (script, wrong) = Script::of(&trees);
                findings.extend(wrong);
                script
            }
        };
        let bot = self.bot(&found, &path, &script, &mut findings);
        let mut knowledge = Knowledge::default();
        if let Some(bot) = bot {
            let program = &self.suite.bots[bot].program;
            let (known, wrong) = script.knowledge(program);
            knowledge = known;
            findings.extend(wrong);
            findings.extend(script.unknown_names(program));
        }
        findings.sort_by_key(|finding| (finding.place.file, finding.place.span));
        let sources = Sources::new(sources);
        let on_disk = found.on_disk;
        let env = self.env_of(&script).to_string();
        self.suite.files.push(File { path, on_disk, sources, script, findings, bot, env, knowledge });
        Ok(())
    }

    /// Reads a conversation written for Botium.
    fn convo(&mut self, found: Found, folder: &Path) -> Result<(), Failure> {
        let path = found.shown.to_string_lossy().into_owned();
        let read = self.shelf.convo(&found, folder, self.wishes.seed)?;
        let (script, mut findings) = (read.script, read.findings);
        let bot = self.bot(&found, &path, &script, &mut findings);
        findings.sort_by_key(|finding| (finding.place.file, finding.place.span));
        let (sources, on_disk) = (Sources::new(read.sources), found.on_disk);
        let (env, knowledge) = (self.env_of(&script).to_string(), Knowledge::default());
        self.suite.beside.extend(read.beside);
        self.suite.files.push(File { path, on_disk, sources, script, findings, bot, env, knowledge });
        for (source, findings) in self.shelf.unsound() {
            self.suite.files.push(File {
                path: source.path.clone(),
                on_disk: PathBuf::new(),
                sources: Sources::new(vec![source]),
                script: Script::default(),
                findings,
                bot: None,
                env: String::new(),
                knowledge: Knowledge::default(),
            });
        }
        Ok(())
    }

    /// The folder of the bot with this name, or without one that around a transcript; looked for once a folder.
    fn named(&mut self, transcript: &Path, name: &str) -> Option<PathBuf> {
        let key = (transcript.parent()?.to_path_buf(), name.to_string());
        let look = || if name.is_empty() { around(transcript) } else { named(transcript, name) };
        self.named.entry(key).or_insert_with(look).clone()
    }

    fn env_of<'s>(&'s self, script: &'s Script) -> &'s str {
        self.wishes.env.or(script.env.as_deref()).unwrap_or("demo")
    }

    /// Reads the files that a transcript includes, and those that these include.
    fn included(
        &mut self,
        on_disk: &Path,
        trees: &mut Vec<Transcript>,
        sources: &mut Vec<Source>,
        findings: &mut Vec<Finding>,
    ) {
        let mut folders = vec![on_disk.parent().unwrap_or(Path::new(".")).to_path_buf()];
        let mut met = vec![on_disk.to_path_buf()];
        let mut next = 0;
        while next < trees.len() {
            let wanted: Vec<_> = trees[next]
                .header
                .iter()
                .filter_map(|line| match &line.setting {
                    Setting::Include(path) => Some(path.clone()),
                    _ => None,
                })
                .collect();
            for path in wanted {
                let file = FileId(next as u32);
                let wrong =
                    |why: String| Finding::new(crate::diagnostics::Slug::WrongValue, file, path.span, why);
                let there = folders[next].join(&path.text);
                let Ok(there) = fs::canonicalize(&there) else {
                    let help = "a path counts from the folder of this transcript";
                    findings.push(wrong(format!("there is no file `{}`", path.text)).help(help));
                    continue;
                };
                if met.contains(&there) {
                    continue;
                }
                if trees.len() > INCLUDED_MAX {
                    findings.push(wrong(format!("more than {INCLUDED_MAX} files are included")));
                    return;
                }
                let id = FileId(trees.len() as u32);
                let name = folders[next].join(&path.text).to_string_lossy().into_owned();
                match read(&there, &name, id) {
                    Ok((source, unread)) => {
                        let (tree, slips) = language::transcript::parse(&source.text, id);
                        findings.extend(slips);
                        findings.extend(unread);
                        trees.push(tree);
                        sources.push(source);
                        folders.push(there.parent().unwrap_or(Path::new(".")).to_path_buf());
                        self.suite.beside.push(there.clone());
                        met.push(there);
                    }
                    Err(failure) => findings.push(wrong(failure.message)),
                }
            }
            next += 1;
        }
    }

    /// The bot of a transcript: its own, the one it names, or the one in whose folder it lies.
    fn bot(
        &mut self,
        found: &Found,
        path: &str,
        script: &Script,
        findings: &mut Vec<Finding>,
    ) -> Option<usize> {
        if let Some(own) = script.own_bot.as_ref().filter(|_| self.wishes.bot.is_none()) {
            return self.own_bot(path, own, findings);
        }
        let env = self.env_of(script).to_string();
        let asked = self.wishes.bot.and_then(|bot| fs::canonicalize(bot).ok());
        let folder = match (asked, &script.bot) {
            (Some(folder), _) => folder,
            (None, Some((name, at))) => match self.named(&found.on_disk, name) {
                Some(folder) => folder,
                None => {
                    let why = format!("there is no bot `{name}`");
                    let help = "a bot is a folder of .dialog files: name it, or its path from the folder of this transcript";
                    let slug = crate::diagnostics::Slug::WrongValue;
                    findings.push(Finding::new(slug, at.file, at.span, why).help(help));
                    return None;
                }
            },
            (None, None) => match self.named(&found.on_disk, "") {
                Some(folder) => folder,
                None => {
                    let why = "nothing says which bot this is about";
                    let slug = crate::diagnostics::Slug::MissingBot;
                    let span = crate::diagnostics::Span::at(0);
                    findings.push(Finding::new(slug, FileId(0), span, why).help(
                        match script.tests.iter().any(|test| test.queue.is_some()) {
                            true => "name it with --bot, or put the file into the folder of the bot",
                            false => "begin it with `bot NAME`, or put it into the folder of the bot",
                        },
                    ));
                    return None;
                }
            },
        };
        if let Some(known) = self.known.get(&(folder.clone(), env.clone())) {
            return *known;
        }
        let loaded = load(&folder, &env, self.terminal);
        let number = match loaded {
            Ok(loaded) => {
                self.suite.bots.push(loaded);
                Some(self.suite.bots.len() - 1)
            }
            Err(failure) => {
                self.suite.failures.push(failure);
                None
            }
        };
        self.known.insert((folder, env), number);
        number
    }

    /// A bot that stands in its transcript: what is wrong with it is told at its lines there.
    fn own_bot(&mut self, path: &str, own: &OwnBot, findings: &mut Vec<Finding>) -> Option<usize> {
        let OwnBot { text, lines, above } = own;
        // Empty lines before it, so that its lines have the numbers they have in the transcript.
        let text = &format!("{}{text}", "\n".repeat(*above));
        let mut draft = Draft::new();
        draft.put(path, text.as_str());
        let checked = draft.check();
        let moved = |span: crate::diagnostics::Span| {
            let before = text[..(span.start as usize).min(text.len())].matches('\n').count();
            let line_start = text[..(span.start as usize).min(text.len())].rfind('\n').map_or(0, |at| at + 1);
            let line = before.saturating_sub(*above);
            let start = lines.get(line).copied().unwrap_or(0) + (span.start as usize - line_start);
            crate::diagnostics::Span::new(start, start + (span.end - span.start) as usize)
        };
        let errors = checked.findings.into_iter().filter(|finding| finding.severity() == Severity::Error);
        findings.extend(errors.map(|mut finding| {
            finding.fix = None;
            finding.place.span = moved(finding.place.span);
            finding.related.iter_mut().for_each(|place| place.span = moved(place.span));
            finding
        }));
        let program = checked.program?;
        self.suite.bots.push(Loaded {
            label: path.to_string(),
            folder: None,
            parts: Arc::new(Parts::of(&program)),
            program: in_no_environment(program, text),
            sources: checked.sources,
        });
        Some(self.suite.bots.len() - 1)
    }
}

/// A bot without an `env.yaml`: every value is its own name.
fn in_no_environment(program: Program, text: &str) -> Program {
    let file = crate::cli::bots::BotFile {
        path: String::new(),
        on_disk: PathBuf::new(),
        text: text.to_string(),
        unread: None,
    };
    let values = environment::values(std::slice::from_ref(&file), "demo");
    program.in_environment(values)
}

/// Reads a file of text.
pub(super) fn read(on_disk: &Path, path: &str, id: FileId) -> Result<(Source, Option<Finding>), Failure> {
    let failed = |error| Failure::io("read", Path::new(path), error);
    let size = fs::metadata(on_disk).map_err(failed)?.len();
    if size > FILE_BYTES_MAX as u64 {
        return Ok((Source::new(path, ""), Some(Source::too_large(path, size, id))));
    }
    Ok(Source::from_bytes(path, fs::read(on_disk).map_err(failed)?, id))
}

/// Compiles the bot in a folder.
pub(super) fn load(folder: &Path, env: &str, terminal: &Terminal) -> Result<Loaded, Failure> {
    let shortest = std::env::current_dir().ok().and_then(|here| {
        let rest = folder.strip_prefix(fs::canonicalize(here).ok()?).ok()?;
        Some(if rest.as_os_str().is_empty() { PathBuf::from(".") } else { rest.to_path_buf() })
    });
    let bot = Bot::read(shortest.as_deref().unwrap_or(folder), terminal)?;
    let checked = bot.draft(None).check();
    let label = bot.label();
    let Some(program) = checked.program else {
        let errors = crate::diagnostics::render::tally(&checked.findings, Severity::Error);
        let errors = crate::diagnostics::english::count(errors, "error");
        let why = format!("{label} has {errors}, so that its tests cannot be played");
        return Err(not_loaded(why).help(format!("parlor check {}", typed(&bot.folder))));
    };
    let program = program.in_environment(environment::environment(&bot, env));
    let parts = Arc::new(Parts::of(&program));
    Ok(Loaded { label, folder: Some(bot.folder.clone()), program, sources: checked.sources, parts })
}

/// Whether a folder holds `.dialog` files itself.
fn is_bot(folder: &Path) -> bool {
    fs::read_dir(folder)
        .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| is_dialog(&entry.path()))))
}

/// The folder of the bot with this name: the one the transcript lies in, or one beside it or its folders, also in
/// `bots/`; or the path as written, from the folder of the transcript.
pub(super) fn named(transcript: &Path, name: &str) -> Option<PathBuf> {
    let folder = transcript.parent()?;
    let as_written = fs::canonicalize(folder.join(name)).ok().filter(|path| is_bot(path));
    if as_written.is_some() || name.contains(['/', '\\']) {
        return as_written;
    }
    let here = std::env::current_dir().ok().and_then(|here| fs::canonicalize(here).ok());
    for above in folder.ancestors().chain(here.as_deref()) {
        let own = (above.file_name().is_some_and(|own| own == name)).then(|| above.to_path_buf());
        let inside = [above.join(name), above.join("bots").join(name)];
        if let Some(found) = own.into_iter().chain(inside).find(|path| is_bot(path)) {
            return Some(found);
        }
    }
    None
}

/// The nearest folder around a transcript that holds `.dialog` files.
fn around(transcript: &Path) -> Option<PathBuf> {
    transcript.parent()?.ancestors().find(|folder| is_bot(folder)).map(Path::to_path_buf)
}
