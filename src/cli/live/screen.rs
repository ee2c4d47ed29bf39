//! Where lines are shown: above the one that is being typed, or plainly: the conversation to stdout, remarks to stderr.

use std::collections::HashSet;
use std::io::Write;
use std::sync::mpsc::Sender;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::cli::exit::Failure;
use crate::cli::terminal::{Paint, Terminal, paint};
use crate::diagnostics::render::visible::visible;

use super::typed::Above;
use super::{Keyboard, News, Shown};

/// Where lines are shown.
pub(in crate::cli) struct Screen<'t> {
    terminal: &'t Terminal,
    above: Option<Above>,
    /// How the terminal was: whoever still reads a line when it is over leaves it otherwise.
    before: Option<Termios>,
}

/// Takes back what editing a line has changed: the line itself, and that pasted text is marked.
const LINE_LEFT: &str = "\r\u{1b}[K\u{1b}[?2004l";

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            tcsetattr(std::io::stdin(), OptionalActions::Now, &before).ok(); // the terminal is gone: nothing to restore
            print!("{LINE_LEFT}");
            std::io::stdout().flush().ok(); // as above
        }
    }
}

impl<'t> Screen<'t> {
    /// Begins to listen to what is typed, and shows lines so that they do not disturb it.
    pub(in crate::cli) fn new(
        terminal: &'t Terminal,
        typed: bool,
        keyboard: &Keyboard,
        tell: Sender<News>,
    ) -> Screen<'t> {
        let before = if typed { tcgetattr(std::io::stdin()).ok() } else { None };
        Screen { terminal, above: keyboard.listen(typed, tell), before }
    }

    /// Whether somebody types and sees what they type.
    pub(in crate::cli) fn is_typed(&self) -> bool {
        self.above.is_some()
    }

    /// Whether nobody reads what is shown any more.
    pub(in crate::cli) fn is_closed(&self) -> bool {
        self.terminal.is_closed()
    }

    /// Shows lines of a conversation. Nothing in them steers the terminal.
    pub(in crate::cli) fn show(&mut self, lines: &[Shown]) -> Result<(), Failure> {
        let mut text = String::new();
        for line in lines {
            match line.dim {
                true => text.push_str(&self.terminal.paint(Paint::Dim, &line.text)),
                false => text.push_str(&visible(&line.text)),
            }
            text.push('\n');
        }
        match &mut self.above {
            Some(above) if !text.is_empty() => {
                let _ = above.print(text); // a terminal that is gone: the next line says so
                Ok(())
            }
            Some(_) => Ok(()),
            None => self.terminal.data(&text),
        }
    }

    /// Says something about the work, that is no part of a conversation.
    pub(in crate::cli) fn remark(&mut self, said: &str) {
        let line = paint(self.terminal.talk_color, Paint::Dim, &visible(said));
        self.say(line);
    }

    /// Says what does not work; it goes on.
    pub(in crate::cli) fn error(&mut self, said: &str) {
        let line = format!("{}: {}", paint(self.terminal.talk_color, Paint::Red, "error"), visible(said));
        self.say(line);
    }

    fn say(&mut self, line: String) {
        match &mut self.above {
            Some(above) => {
                let _ = above.print(line + "\n"); // as above
            }
            None => self.terminal.talk(&line),
        }
    }
}

/// Whether the server is away: said once when it goes, and once when all ways to it are open again.
#[derive(Default)]
pub(in crate::cli) struct Aways(HashSet<&'static str>);

impl Aways {
    pub(in crate::cli) fn away(&mut self, way: &'static str, why: &str, screen: &mut Screen<'_>) {
        if self.0.is_empty() {
            screen.remark(&format!("{why}; trying again"));
        }
        self.0.insert(way);
    }

    pub(in crate::cli) fn back(&mut self, way: &'static str, screen: &mut Screen<'_>) {
        if self.0.remove(way) && self.0.is_empty() {
            screen.remark("the server is back");
        }
    }
}
