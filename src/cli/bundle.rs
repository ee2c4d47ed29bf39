//! The folder of a bot as it is sent to a server: its dialogs, its transcripts and its `env.yaml`, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::connectors::Bundle;

use super::bots::{files, is_dialog, is_transcript, plain, read, shown};

/// Packs the folder of a bot. Hidden files and links that lead out of the folder stay behind, which `say` is told. The
/// sentence says why it cannot be packed.
pub fn bundle(folder: &Path, say: &dyn Fn(&str)) -> Result<Bundle, String> {
    let folder = plain(folder);
    if !folder.is_dir() {
        return Err(format!("there is no folder `{}`", shown(&folder)));
    }
    let root = fs::canonicalize(&folder).map_err(|error| format!("`{}`: {error}", shown(&folder)))?;
    let mut found = files(&folder, |path| is_dialog(path) || is_transcript(path), say)
        .map_err(|failure| failure.message)?;
    found.retain(|found| {
        let stays = fs::canonicalize(&found.on_disk).is_ok_and(|path| path.starts_with(&root));
        if !stays {
            say(&format!("{} is left out: it is a link out of the folder", shown(&found.shown)));
        }
        stays
    });
    let read = read(&folder, found).map_err(|failure| failure.message)?;
    let mut all = Vec::with_capacity(read.len());
    for file in read {
        if let Some(unread) = file.unread {
            return Err(unread.message);
        }
        all.push((name(&folder, &file.path), file.text.into_bytes()));
    }
    let packed = Bundle::of(all);
    packed
        .map_err(|refusal| format!("the bot in `{}` cannot be packed: {}", shown(&folder), refusal.sentence))
}

/// The name of a file as it counts from its bot's folder, its parts parted by `/` on every machine.
fn name(folder: &Path, path: &str) -> String {
    let path = PathBuf::from(path);
    let below = path.strip_prefix(folder).unwrap_or(&path);
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
