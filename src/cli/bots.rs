//! A bot as it lies on disk: a folder, its `.dialog` files, and the `env.yaml` beside them.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::diagnostics::render::visible::visible;
use crate::diagnostics::render::{Format, Style, render, summary};
use crate::diagnostics::{FILE_BYTES_MAX, FileId, Finding, Severity, Source, Sources};
use crate::program::{Account, Draft, Program};

use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::walk::{self, Found};

/// How many bytes all files of a bot may have together: 64 MiB.
pub(super) const BOT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How many mistakes of a broken bot are named where it was to be used; `check` tells them all.
const MISTAKES_MAX: usize = 10;

/// A bot, read.
#[derive(Debug)]
pub(super) struct Bot {
    /// Its folder, as typed.
    pub(super) folder: PathBuf,
    /// Its files, sorted by the path that is shown.
    pub(super) files: Vec<BotFile>,
}

/// A file as it lies there: where, when it was written, and how many bytes it has.
pub(super) type Stamp = (PathBuf, Option<SystemTime>, u64);

/// One of its files, read.
#[derive(Debug)]
pub(super) struct BotFile {
    /// The path as findings name it; no two files share one.
    pub(super) path: String,
    /// Where it lies.
    pub(super) on_disk: PathBuf,
    /// What it says.
    pub(super) text: String,
    /// Why it could not be read as text; its text is empty then.
    pub(super) unread: Option<Finding>,
}

impl Bot {
    /// Reads the bot named on the command line, by its folder or by a file in it.
    pub(super) fn named(path: &Path, terminal: &Terminal) -> Result<Bot, Failure> {
        if !path.is_file() {
            return Bot::read(path, terminal);
        }
        if !is_dialog(path) {
            let help = "name the bot by its folder";
            return Err(not_loaded(format!(
                "`{}` is a file, and a bot is a folder of .dialog files",
                shown(path)
            ))
            .help(help));
        }
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        terminal.talk(&format!(
            "{} belongs to the bot in {}; I take the whole bot",
            shown(path),
            shown(folder)
        ));
        Bot::read(folder, terminal)
    }

    /// Reads all that authors write into this folder: the bot, and its transcripts.
    pub(super) fn with_transcripts(folder: &Path, terminal: &Terminal) -> Result<Bot, Failure> {
        Bot::with(folder, |path| is_dialog(path) || is_transcript(path), terminal)
    }

    /// Reads the bot in this folder.
    pub(super) fn read(folder: &Path, terminal: &Terminal) -> Result<Bot, Failure> {
        Bot::with(folder, is_dialog, terminal)
    }

    /// Reads the files of a bot whose names are wanted, and the `env.yaml` beside them.
    fn with(folder: &Path, wanted: fn(&Path) -> bool, terminal: &Terminal) -> Result<Bot, Failure> {
        let folder = plain(folder);
        if !folder.is_dir() {
            let gone = not_loaded(format!("there is no folder `{}`", shown(&folder)));
            return Err(gone.help(format!("make a bot with: parlor new {}", typed(&folder))));
        }
        let found = files(&folder, wanted, &|said| terminal.talk(said))?;
        if found.iter().all(|found| !wanted(&found.shown)) {
            let empty = not_loaded(format!("there is no .dialog file in `{}`", shown(&folder)));
            return Err(empty
                .help("a bot is a folder with at least one .dialog file; make one with: parlor new my-bot"));
        }
        Ok(Bot { files: read(&folder, found)?, folder })
    }

    /// The places and times of the files in its folder as they are now: another list, if anything was changed.
    pub(super) fn stamps(folder: &Path) -> Vec<Stamp> {
        let found = files(folder, is_dialog, &|_| {}).unwrap_or_default();
        let stamp = |found: Found| {
            let data = fs::metadata(&found.on_disk).ok();
            let time = data.as_ref().and_then(|data| data.modified().ok());
            (found.on_disk, time, data.map_or(0, |data| data.len()))
        };
        let mut stamps: Vec<Stamp> = found.into_iter().map(stamp).collect();
        stamps.sort();
        stamps
    }

    /// The bot as the checker wants it.
    pub(super) fn draft(&self, account: Option<&Account>) -> Draft {
        let mut draft = Draft::new();
        for file in &self.files {
            draft.put(file.path.clone(), file.text.clone());
        }
        for unread in self.files.iter().filter_map(|file| file.unread.clone()) {
            draft.note(unread);
        }
        if let Some(account) = account {
            draft.account(account.clone());
        }
        draft
    }

    /// The bot, compiled, with its files; one with errors cannot do what is wanted: `answer`.
    pub(super) fn sound(&self, wanted: &str, terminal: &Terminal) -> Result<(Program, Sources), Failure> {
        let mut checked = self.draft(None).check();
        if let Some(program) = checked.program {
            return Ok((program, checked.sources));
        }
        checked.findings.retain(|finding| finding.severity() == Severity::Error);
        let wrong =
            format!("{} has mistakes and cannot {wanted}: {}", self.label(), summary(&checked.findings));
        checked.findings.truncate(MISTAKES_MAX);
        terminal
            .talk(render(Format::Short, &checked.sources, &checked.findings, &Style::default()).trim_end());
        Err(Failure::new(Exit::NotLoaded, wrong).help(format!("parlor check {}", typed(&self.folder))))
    }

    /// The bot as messages name it: its folder, by its own name if it is the current one.
    pub(super) fn label(&self) -> String {
        match self.folder == Path::new(".") {
            true => fs::canonicalize(".")
                .ok()
                .and_then(|path| path.file_name().map(|name| shown(Path::new(name))))
                .unwrap_or_else(|| ".".to_string()),
            false => shown(&self.folder),
        }
    }
}

/// One file by itself, as `fmt` takes it.
pub(super) fn single(path: &Path) -> Result<BotFile, Failure> {
    let found =
        Found { shown: plain(path), on_disk: fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()) };
    let name = found.shown.to_string_lossy().into_owned();
    load(&found, name, FileId(0)).map(|(file, _)| file)
}

/// A path, safe to print.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// A path as one would type it in a shell.
pub(super) fn typed(path: &Path) -> String {
    let path = shown(path);
    match path.chars().all(|letter| letter.is_alphanumeric() || "/._-+@%".contains(letter))
        && !path.is_empty()
    {
        true => path,
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// Whether the name of the file ends in `.dialog`.
pub(super) fn is_dialog(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "dialog")
}

/// Whether the name of the file ends in `.transcript`.
pub(super) fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "transcript")
}

/// A bot that cannot be loaded.
pub(super) fn not_loaded(message: String) -> Failure {
    Failure::new(Exit::NotLoaded, message)
}

/// The path without `./` and without a slash at the end.
pub(super) fn plain(path: &Path) -> PathBuf {
    let path: PathBuf =
        path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// The files of a bot whose names are wanted, and the `env.yaml` beside them.
pub(super) fn files(
    folder: &Path,
    wanted: fn(&Path) -> bool,
    say: &dyn Fn(&str),
) -> Result<Vec<Found>, Failure> {
    let mut found = walk::files(folder, wanted, say)?;
    let env = folder.join("env.yaml");
    if env.is_file() {
        found.push(Found { shown: walk::below(folder, &env), on_disk: env });
    }
    Ok(found)
}

/// Reads what was found, in the order of the paths shown.
pub(super) fn read(folder: &Path, found: Vec<Found>) -> Result<Vec<BotFile>, Failure> {
    let mut taken = HashSet::new();
    let mut named: Vec<(String, Found)> = Vec::with_capacity(found.len());
    for found in found {
        let mut name = found.shown.to_string_lossy().into_owned();
        while !taken.insert(name.clone()) {
            name.push('\u{fffd}'); // two names that are not UTF-8 and look the same
        }
        named.push((name, found));
    }
    named.sort_by(|one, other| one.0.cmp(&other.0));
    let (mut files, mut total) = (Vec::with_capacity(named.len()), 0);
    for (at, (name, found)) in named.into_iter().enumerate() {
        let (file, bytes) = load(&found, name, FileId(at as u32))?;
        total += bytes;
        if total > BOT_BYTES_MAX {
            let mib = BOT_BYTES_MAX / (1024 * 1024);
            let large = format!(
                "the files in `{}` have more than {BOT_BYTES_MAX} bytes ({mib} MiB) together",
                shown(folder)
            );
            return Err(not_loaded(large).help("name the folder of one bot"));
        }
        files.push(file);
    }
    Ok(files)
}

/// Reads one file, and says how many bytes it took; one that is too large is not read.
fn load(found: &Found, path: String, id: FileId) -> Result<(BotFile, u64), Failure> {
    let failed = |error| Failure::io("read", &found.shown, error);
    let mut file = fs::File::open(&found.on_disk).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::new();
    if size <= FILE_BYTES_MAX as u64 {
        file.by_ref().take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    let (text, unread) = match size > FILE_BYTES_MAX as u64 {
        true => (String::new(), Some(Source::too_large(&path, size, id))),
        false => {
            let (source, unread) = Source::from_bytes(path.clone(), bytes, id);
            (source.text, unread)
        }
    };
    let taken = text.len() as u64;
    Ok((BotFile { path, on_disk: found.on_disk.clone(), text, unread }, taken))
}
