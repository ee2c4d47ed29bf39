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
        Progress { all, apart, shown: false, color, is_screen, started: Instant::now(), drawn: None }
    }

    pub(in crate::cli) fn show(&mut self, done: usize, failed: usize) {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= PACE);
        if !self.is_screen || !due || self.started.elapsed() < PATIENCE {
            return;
        }
        (self.shown, self.drawn) = (true, Some(Instant::now()));
        let full = (LETTERS * done).checked_div(self.all).unwrap_or(LETTERS);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(LETTERS - full));
        let bar = paint(self.color, if failed == 0 { Paint::Green } else { Paint::Red }, &bar);
        let failed = if failed == 0 { String::new() } else { format!(", {failed} {}", self.apart) };
        let _ = write!(std::io::stderr().lock(), "\r{bar} {done} of {}{failed}\u{1b}[K", self.all);
    }

    /// Takes the bar away.
    pub(in crate::cli) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}
