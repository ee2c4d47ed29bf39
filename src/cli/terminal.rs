//! What is printed where: data to stdout, talk to stderr, colour only where it is wanted.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write};

use crate::diagnostics::render::visible::visible;

use super::exit::{Exit, Failure};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// What the words of the command line say, looked up before they are understood: their help has colours too.
    pub(super) fn of(words: &[OsString]) -> Color {
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        let named = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--color") {
            Some("") => words.get(at + 1).map(|next| next.to_string()),
            Some(value) => value.strip_prefix('=').map(str::to_string),
            None => None,
        });
        match named.as_deref() {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => Color::Auto,
        }
    }

    fn on(self, is_terminal: bool) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto
                if set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE") != Some("0".into()) =>
            {
                true
            }
            Color::Auto => is_terminal && std::env::var_os("TERM") != Some("dumb".into()),
        }
    }
}

impl From<Color> for clap::ColorChoice {
    fn from(color: Color) -> clap::ColorChoice {
        match color {
            Color::Auto => clap::ColorChoice::Auto,
            Color::Always => clap::ColorChoice::Always,
            Color::Never => clap::ColorChoice::Never,
        }
    }
}

/// A way to print a few words.
#[derive(Debug, Clone, Copy)]
pub(super) enum Paint {
    Bold,
    Dim,
    Green,
    Red,
    Cyan,
}

/// Where this process prints.
pub(super) struct Terminal {
    /// Whether data is printed in colour.
    pub(super) color: bool,
    /// Whether data goes to a screen and not to a file or program.
    pub(super) is_screen: bool,
    /// Whether talk is in colour.
    pub(super) talk_color: bool,
    closed: Cell<bool>,
}

impl Terminal {
    pub(super) fn new(color: Color) -> Terminal {
        let is_screen = std::io::stdout().is_terminal();
        Terminal {
            color: color.on(is_screen),
            is_screen,
            talk_color: color.on(std::io::stderr().is_terminal()),
            closed: Cell::new(false),
        }
    }

    /// How many letters a line of data has.
    pub(super) fn width(&self) -> usize {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        told.or_else(|| self.is_screen.then(measured).flatten()).unwrap_or(100)
    }

    /// Whether the reader of data has gone away.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Prints data. A reader that has gone away has seen enough: that is no failure.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        if self.closed.get() {
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            Err(error) => {
                Err(Failure::new(Exit::Io, format!("I can't write to the standard output: {error}")))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Says something about the work.
    pub(super) fn talk(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}"); // nobody listens: nothing to tell them
    }

    /// Says why a command could not do its work, and how it ends therefore.
    pub(super) fn failed(&self, failure: &Failure) -> Exit {
        self.talk(&format!("{}: {}", paint(self.talk_color, Paint::Red, "error"), failure.message));
        if let Some(help) = &failure.help {
            self.talk(&format!("{}: {help}", paint(self.talk_color, Paint::Cyan, "help")));
        }
        failure.exit
    }

    /// Text from elsewhere, painted if data is printed in colour.
    pub(super) fn paint(&self, paint: Paint, text: &str) -> String {
        self::paint(self.color, paint, &visible(text))
    }
}

/// The text in this way, if there is colour. The text is printed as it is.
pub(super) fn paint(color: bool, paint: Paint, text: &str) -> String {
    if !color {
        return text.to_string();
    }
    let code = match paint {
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Green => "1;32",
        Paint::Red => "1;31",
        Paint::Cyan => "36",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
