//! Where lines come from: a terminal with editing and history, or anything else, plainly.

use std::io::{BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor, ExternalPrinter};

/// The longest line that is read from a pipe; what is longer is cut. Answers to calls may be long.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What came.
pub(super) enum Heard {
    Line(String),
    End,
    /// Ctrl-C.
    Interrupted,
    /// The time is over.
    Woke,
    Failed(String),
}

/// Where lines come from.
pub(super) enum Input {
    Plain,
    Typed(Typed),
}

/// A prompt that is open while the bot may still say something.
pub(super) struct Typed {
    asks: Sender<()>,
    lines: Receiver<Heard>,
    printer: Box<dyn ExternalPrinter + Send>,
    /// Whether somebody is typing.
    open: bool,
}

impl Input {
    pub(super) fn new(typed: bool) -> Input {
        typed.then(Typed::new).and_then(|typed| typed.ok()).map_or(Input::Plain, Input::Typed)
    }

    /// The next line, or the end of the time.
    pub(super) fn next(&mut self, time: Option<Duration>) -> Heard {
        match self {
            Input::Plain => plain(),
            Input::Typed(typed) => typed.next(time),
        }
    }

    /// Prints while somebody is typing: their line stays below.
    pub(super) fn print_above(&mut self, text: String) {
        if let Input::Typed(typed) = self
            && !text.is_empty()
        {
            let _ = typed.printer.print(text); // a terminal that is gone: the next line says so
        }
    }
}

impl Typed {
    fn new() -> rustyline::Result<Typed> {
        let config = Config::builder().auto_add_history(true).build();
        let mut editor: Editor<(), MemHistory> = Editor::with_history(config, MemHistory::new())?;
        let printer = Box::new(editor.create_external_printer()?);
        let (asks, asked) = channel();
        let (tells, lines) = channel();
        std::thread::spawn(move || {
            while asked.recv().is_ok() {
                let heard = match editor.readline("user: ") {
                    Ok(line) => Heard::Line(line),
                    Err(ReadlineError::Interrupted) => Heard::Interrupted,
                    Err(ReadlineError::Eof) => Heard::End,
                    Err(error) => Heard::Failed(format!("I can't read what you type: {error}")),
                };
                if tells.send(heard).is_err() {
                    return;
                }
            }
        });
        Ok(Typed { asks, lines, printer, open: false })
    }

    fn next(&mut self, time: Option<Duration>) -> Heard {
        if !self.open {
            self.open = self.asks.send(()).is_ok();
        }
        let heard = match time {
            Some(time) => self.lines.recv_timeout(time),
            None => self.lines.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match heard {
            Ok(heard) => {
                self.open = false;
                heard
            }
            Err(RecvTimeoutError::Timeout) => Heard::Woke,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }
}

/// A line of the standard input.
fn plain() -> Heard {
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    match input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes) {
        Ok(0) => return Heard::End,
        Ok(_) => {}
        Err(error) => return Heard::Failed(format!("I can't read the standard input: {error}")),
    }
    if bytes.len() as u64 == LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
        let _ = input.skip_until(b'\n'); // the next read tells of the trouble
    }
    while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        bytes.pop();
    }
    Heard::Line(String::from_utf8_lossy(&bytes).into_owned())
}
