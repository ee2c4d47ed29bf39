//! Logs of conversations on disk: read with their places, and added to.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::conversation::Knowledge;
use crate::rehearsal::log::{self, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, Turn};

use super::bots::{not_loaded, shown};
use super::exit::Failure;

/// Reads the conversations of some logs, in the order in which they begin.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Vec<Turn>>, Failure> {
    let mut turns = Vec::new();
    for path in paths {
        let failed = |error| Failure::io("read", path, error);
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        for number in 1.. {
            let mut bytes = Vec::new();
            // A byte more than a line may have, and its end.
            let most = LOG_LINE_BYTES_MAX as u64 + 2;
            if file.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
                break;
            }
            let wrong = |why: String| not_loaded(format!("{}:{number}: {why}", shown(path)));
            if turns.len() >= LOG_LINES_MAX {
                return Err(
                    wrong(format!("there are more than {LOG_LINES_MAX} lines")).help("name fewer logs")
                );
            }
            let line = std::str::from_utf8(&bytes).map_err(|error| wrong(error.to_string()))?;
            if !line.trim().is_empty() {
                turns.push(log::read(line.trim_end()).map_err(wrong)?);
            }
        }
    }
    if turns.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        let empty = not_loaded(format!("there is no conversation in {}", names.join(", ")));
        return Err(empty.help("parlor chat BOT --log FILE writes conversations down"));
    }
    Ok(log::conversations(turns))
}

/// Adds a conversation to a log.
pub(super) fn append(path: &Path, turns: &[Turn]) -> Result<(), Failure> {
    let mut text = String::new();
    for turn in turns {
        text.push_str(&serde_json::to_string(turn).map_err(|error| Failure::io("write", path, error))?);
        text.push('\n');
    }
    let file = OpenOptions::new().append(true).create(true).open(path);
    // All at once: lines of two conversations may take turns in a log, letters of two lines may not.
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::io("write", path, error))
}

/// A name for a conversation: the one it was given, else one that no other has.
pub(super) fn new_name(knowledge: &Knowledge) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CONVERSATIONS: AtomicU32 = AtomicU32::new(0);
    let number = CONVERSATIONS.fetch_add(1, Ordering::Relaxed);
    if let Some(id) = knowledge.conversation.member("id").as_text() {
        return if number == 0 { id.to_string() } else { format!("{id}-{}", number + 1) };
    }
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("chat-{:x}-{:x}-{number}", since.as_nanos(), std::process::id())
}
