//! How far the work is, on a terminal; nothing anywhere else.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::terminal::{Paint, Terminal, paint};

/// Work that is done sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(150);
/// How often it is drawn at most.
const PACE: Duration = Duration::from_millis(50);
/// How many letters the bar has.
const LETTERS: usize = 30;

/// A bar.
pub(in crate::cli) struct Progress {
    all: usize,
    /// What is counted: nothing, or ` MB`.
    unit: &'static str,
    /// Nobody knows how much there is: no bar, only how much was done.
    endless: bool,
    /// What is said of those that are counted apart: `failed`.
    apart: &'static str,
    shown: bool,
    color: bool,
    is_screen: bool,
    started: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    pub(super) fn new(all: usize, apart: &'static str, terminal: &Terminal) -> Progress {
        let is_screen = std::io::stderr().is_terminal();
        let color = terminal.talk_color;
        Progress {
            all,
            unit: "",
            endless: false,
            apart,
            shown: false,
            color,
            is_screen,
            started: Instant::now(),
            drawn: None,
        }
    }

    /// The same for bytes, of which there are so many, or nobody knows how many.
    pub(super) fn megabytes(all: Option<u64>, terminal: &Terminal) -> Progress {
        let own = Progress::new(megabytes(all.unwrap_or(0)), "", terminal);
        Progress { unit: " MB", endless: all.is_none(), ..own }
    }

    pub(super) fn show_bytes(&mut self, done: u64) {
        self.show(megabytes(done), 0);
    }

    pub(in crate::cli) fn show(&mut self, done: usize, failed: usize) {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= PACE);
        if !self.is_screen || !due || self.started.elapsed() < PATIENCE {
            return;
        }
        (self.shown, self.drawn) = (true, Some(Instant::now()));
        if self.endless {
            let _ = write!(std::io::stderr().lock(), "\r{done}{}\u{1b}[K", self.unit);
            return;
        }
        let full = (LETTERS * done).checked_div(self.all).map_or(LETTERS, |full| full.min(LETTERS));
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(LETTERS - full));
        let bar = paint(self.color, if failed == 0 { Paint::Green } else { Paint::Red }, &bar);
        let failed = if failed == 0 { String::new() } else { format!(", {failed} {}", self.apart) };
        let _ =
            write!(std::io::stderr().lock(), "\r{bar} {done} of {}{}{failed}\u{1b}[K", self.all, self.unit);
    }

    /// Takes the bar away.
    pub(in crate::cli) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn megabytes(bytes: u64) -> usize {
    usize::try_from(bytes / (1024 * 1024)).unwrap_or(usize::MAX)
}
