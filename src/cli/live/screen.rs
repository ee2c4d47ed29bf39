//! Where lines are shown: above the one that is being typed, or plainly: the conversation to stdout, remarks to stderr.

use std::collections::HashSet;
use std::sync::mpsc::Sender;

use crate::cli::exit::Failure;
use crate::cli::terminal::{Paint, Terminal, paint};
use crate::diagnostics::render::visible::visible;

use super::typed::Above;
use super::{Keyboard, News, Shown};

/// Where lines are shown.
pub(in crate::cli) struct Screen<'t> {
    terminal: &'t Terminal,
    above: Option<Above>,
}

impl<'t> Screen<'t> {
    /// Begins to listen to what is typed, and shows lines so that they do not disturb it.
    pub(in crate::cli) fn new(
        terminal: &'t Terminal,
        typed: bool,
        keyboard: &Keyboard,
        tell: Sender<News>,
    ) -> Screen<'t> {
        Screen { terminal, above: keyboard.listen(typed, tell) }
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
