//! `parlor test --watch`: plays again whenever a transcript, a bot or its values change.
//!
//! Looks at the times and sizes of files, as `parlor chat` does: that needs no other crate, works on network drives and
//! inside containers, where events of the file system are lost, and takes a millisecond for a thousand files.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::botium;
use super::{Args, Round};
use crate::cli::bots::is_transcript;
use crate::cli::bots::{Stamp, is_dialog};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::{Paint, Terminal, paint};
use crate::cli::walk;

/// How often files are looked at.
const PACE: Duration = Duration::from_millis(200);

pub(super) fn watch(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let typed = lines();
    let mut beside: Vec<PathBuf> = Vec::new();
    loop {
        // The stamps are taken before the files are read: an edit in between is seen next time.
        let stamps = stamps(&args.paths(), &beside);
        let read = Round::read(args, terminal);
        if let Ok(round) = &read
            && beside != round.suite.beside
        {
            beside.clone_from(&round.suite.beside);
            continue;
        }
        if terminal.is_screen {
            terminal.data("\u{1b}[2J\u{1b}[3J\u{1b}[H")?;
        }
        let told =
            read.and_then(|round| round.play(args, terminal)).and_then(|round| round.tell(args, terminal));
        if let Err(failure) = told {
            terminal.failed(&failure); // the next edit may mend it
        }
        let hint = "Watching for changes; q and Enter ends it.";
        terminal.talk(&paint(terminal.talk_color, Paint::Dim, hint));
        loop {
            if quits(&typed) {
                return Ok(Exit::Ok);
            }
            if self::stamps(&args.paths(), &beside) != stamps {
                break;
            }
        }
    }
}

/// Whether somebody wants to end it; waits a moment for them.
fn quits(typed: &Receiver<String>) -> bool {
    match typed.recv_timeout(PACE) {
        Ok(line) => matches!(line.trim(), "q" | "quit" | "exit"),
        Err(RecvTimeoutError::Timeout) => false,
        Err(RecvTimeoutError::Disconnected) => {
            std::thread::sleep(PACE); // nobody types here; Ctrl-C ends it
            false
        }
    }
}

/// The lines that are typed.
fn lines() -> Receiver<String> {
    let (tells, typed) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tells.send(line).is_err() {
                return;
            }
        }
    });
    typed
}

/// How all files are now that a test may depend on.
fn stamps(paths: &[PathBuf], beside: &[PathBuf]) -> Vec<Stamp> {
    let matters = |path: &Path| {
        is_transcript(path) || is_dialog(path) || path.ends_with("env.yaml") || botium::sort(path).is_some()
    };
    let mut stamps: Vec<Stamp> = Vec::new();
    for path in paths.iter().chain(beside) {
        let found = match path.is_dir() {
            true => walk::files(path, matters, &|_| {})
                .unwrap_or_default()
                .into_iter()
                .map(|found| found.on_disk)
                .collect(),
            false => vec![path.clone()],
        };
        stamps.extend(found.into_iter().map(|path| {
            let data = fs::metadata(&path).ok();
            let time = data.as_ref().and_then(|data| data.modified().ok());
            (path, time, data.map_or(0, |data| data.len()))
        }));
    }
    stamps.sort();
    stamps.dedup();
    stamps
}
