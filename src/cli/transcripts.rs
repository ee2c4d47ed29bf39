//! Transcripts made of conversations that were held: where they are written, and whether they go as they are written.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::record::{Astray, Test, Writing, rehearse, transcript};

use super::bots::shown;
use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal, paint};

/// How many names are tried for a file that nobody has named.
const NAMES_MAX: u32 = 10_000;

/// The transcript, played once where there is a bot; and the lines that go another way. Short times are left out,
/// unless the bot goes another way without them.
pub(super) fn text(
    bot: &str,
    tests: &[Test<'_>],
    why: bool,
    program: Option<&Program>,
) -> (String, Vec<Astray>) {
    let plain = transcript(bot, tests, Writing { why, exact: false });
    let Some(program) = program else { return (plain, Vec::new()) };
    let astray = rehearse(&plain, program);
    if astray.is_empty() {
        return (plain, astray);
    }
    let exact = transcript(bot, tests, Writing { why, exact: true });
    let still = rehearse(&exact, program);
    if still.len() < astray.len() { (exact, still) } else { (plain, astray) }
}

/// Writes a new file; nothing is overwritten.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                let there = format!("`{}` is there already, and I overwrite nothing", shown(path));
                Failure::new(Exit::Io, there).help("take another name")
            }
            _ => Failure::io("write", path, error),
        })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        let _ = fs::remove_file(path); // half a transcript is none; the first failure is the one to tell
        Failure::io("write", path, error)
    })
}

/// Says which lines of a transcript the bot does not go along with.
pub(super) fn tell(astray: &[Astray], path: &Path, terminal: &Terminal) {
    for Astray { line, written, instead } in astray {
        let place = paint(terminal.talk_color, Paint::Bold, &format!("{}:{line}", shown(path)));
        let (written, instead) = (visible(written), visible(instead));
        terminal.talk(&format!("{place}: the bot goes another way at `{written}`: {instead}"));
    }
}

/// A name in a folder that no file has: `recorded-1.transcript`.
pub(super) fn free_name(folder: &Path) -> PathBuf {
    let name = |number: u32| folder.join(format!("recorded-{number}.transcript"));
    (1..NAMES_MAX).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(NAMES_MAX))
}

/// The name of a bot: that of its folder.
pub(super) fn folder_name(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    whole.file_name().map_or_else(|| "bot".to_string(), |name| shown(Path::new(name)))
}

/// The bot as a transcript in this place names it: by its folder's name where that finds it, else by the way there.
pub(super) fn bot_for(folder: &Path, transcript: &Path) -> String {
    let name = folder_name(folder);
    let around =
        transcript.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(bot), Ok(around)) = (fs::canonicalize(folder), fs::canonicalize(around)) else { return name };
    let here = std::env::current_dir().and_then(fs::canonicalize).ok();
    let named = around.ancestors().chain(here.as_deref()).find_map(|above| {
        let own = above.file_name().is_some_and(|own| own == name.as_str()).then(|| above.to_path_buf());
        own.into_iter().chain([above.join(&name), above.join("bots").join(&name)]).find(|path| path.is_dir())
    });
    if named.is_some_and(|named| fs::canonicalize(named).is_ok_and(|named| named == bot)) {
        return name;
    }
    let way = way(&around, &bot);
    if way.contains(['{', '}']) { name } else { way }
}

/// The way from one folder to another.
fn way(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    match way.as_os_str().is_empty() {
        true => ".".to_string(),
        false => way.to_string_lossy().into_owned(),
    }
}

/// The folder of the bot with this name: here, or around a file.
pub(super) fn find_bot(name: &str, near: &Path) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) || name == ".." {
        return None;
    }
    let near = fs::canonicalize(near).ok();
    let above = near.iter().flat_map(|near| near.ancestors().skip(1));
    let places = std::iter::once(Path::new("")).chain(above);
    let holds_dialogs = |folder: &PathBuf| {
        fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| super::bots::is_dialog(&entry.path())))
        })
    };
    places.flat_map(|place| [place.join(name), place.join("bots").join(name)]).find(holds_dialogs)
}
