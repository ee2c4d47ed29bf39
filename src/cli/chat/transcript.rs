//! A conversation written down as a transcript, to be read and played again.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::conversation::Moment;
use crate::diagnostics::render::visible::visible;

use super::{Args, clock};
use crate::cli::exit::{Exit, Failure};

/// Writes a transcript; nothing is overwritten.
pub(super) fn write(
    path: &Path,
    label: &str,
    args: &Args,
    start: Moment,
    turns: &str,
) -> Result<(), Failure> {
    let text = whole(path, label, args, start, turns);
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                let there =
                    format!("`{}` is there already, and I overwrite nothing", crate::cli::bots::shown(path));
                Failure::new(Exit::Io, there).help("take another name")
            }
            _ => Failure::io("write", path, error),
        })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        let _ = fs::remove_file(path); // half a transcript is none; the first failure is the one to tell
        Failure::io("write", path, error)
    })
}

fn whole(path: &Path, label: &str, args: &Args, start: Moment, turns: &str) -> String {
    let bot = label.rsplit(['/', '\\']).next().unwrap_or(label);
    let mut text = format!("bot {bot}\n");
    if args.env != "demo" {
        text.push_str(&format!("env {}\n", args.env));
    }
    text.push_str(&format!("clock {}\n", clock::written(start)));
    if args.channel != "terminal" {
        text.push_str(&format!("given conversation.channel = {}\n", visible(&args.channel)));
    }
    for given in &args.given {
        text.push_str(&format!("given {} = {}\n", visible(&given.name), visible(&given.value)));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = visible(&stem).replace(['-', '_'], " ").replace('"', "'");
    format!("{text}\ntest \"{name}\"\n{turns}")
}
