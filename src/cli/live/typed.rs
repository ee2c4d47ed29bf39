//! Lines from a keyboard, with editing and history, below whatever happens; or from a pipe, plainly.

use std::io::{BufRead, Read};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, ExternalPrinter, Helper};

use crate::platform::limits::CONTENT_BYTES_MAX;

use super::News;

/// Bytes of a line: as many as a message has.
const TYPED_BYTES_MAX: usize = CONTENT_BYTES_MAX;

/// What came.
pub(in crate::cli) enum Heard {
    Line(String),
    /// One that cannot be said, and why.
    Unfit(String),
    End,
    /// Ctrl-C.
    Interrupted,
    Failed(String),
}

/// Where lines come from.
#[derive(Clone)]
pub(in crate::cli) struct Keyboard {
    prompt: Arc<Mutex<String>>,
}

/// Prints above a line that is being typed.
pub(super) type Above = Box<dyn ExternalPrinter + Send>;

impl Keyboard {
    pub(in crate::cli) fn new(prompt: &str) -> Keyboard {
        Keyboard { prompt: Arc::new(Mutex::new(prompt.to_string())) }
    }

    /// What stands before the next line.
    pub(in crate::cli) fn prompt(&self, prompt: String) {
        *self.prompt.lock().unwrap_or_else(PoisonError::into_inner) = prompt;
    }

    /// Tells what comes, from now on. If it is typed: what prints above it.
    pub(super) fn listen(&self, typed: bool, tell: Sender<News>) -> Option<Above> {
        if typed && let Ok((editor, above)) = editor(&tell) {
            let keyboard = self.clone();
            std::thread::spawn(move || keyboard.type_lines(editor, &tell));
            return Some(above);
        }
        std::thread::spawn(move || pipe_lines(&tell));
        None
    }

    fn type_lines(&self, mut editor: Editor<Keys, MemHistory>, tell: &Sender<News>) {
        loop {
            let prompt = self.prompt.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let heard = match editor.readline(&prompt) {
                Ok(line) => fit(line),
                Err(ReadlineError::Interrupted) => Heard::Interrupted,
                Err(ReadlineError::Eof) => Heard::End,
                Err(error) => Heard::Failed(format!("I can't read what you type: {error}")),
            };
            let goes_on = matches!(heard, Heard::Line(_) | Heard::Unfit(_));
            if tell.send(News::Typed(heard)).is_err() || !goes_on {
                return;
            }
        }
    }
}

fn editor(tell: &Sender<News>) -> rustyline::Result<(Editor<Keys, MemHistory>, Above)> {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor = Editor::with_history(config, MemHistory::new())?;
    editor.set_helper(Some(Keys(tell.clone())));
    let above = Box::new(editor.create_external_printer()?);
    Ok((editor, above))
}

fn pipe_lines(tell: &Sender<News>) {
    loop {
        let heard = piped();
        let goes_on = matches!(heard, Heard::Line(_) | Heard::Unfit(_));
        if tell.send(News::Typed(heard)).is_err() || !goes_on {
            return;
        }
    }
}

/// A line of the standard input.
fn piped() -> Heard {
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    // With its end, and one byte that is too many.
    let most = TYPED_BYTES_MAX as u64 + 2;
    match input.by_ref().take(most).read_until(b'\n', &mut bytes) {
        Ok(0) => return Heard::End,
        Ok(_) => {}
        Err(error) => return Heard::Failed(format!("I can't read the standard input: {error}")),
    }
    if bytes.len() as u64 == most && bytes.last() != Some(&b'\n') {
        let _ = input.skip_until(b'\n'); // the next read tells of the trouble
    }
    while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        bytes.pop();
    }
    fit(String::from_utf8_lossy(&bytes).into_owned())
}

fn fit(line: String) -> Heard {
    if line.len() > TYPED_BYTES_MAX {
        return Heard::Unfit(format!("a message has at most {TYPED_BYTES_MAX} bytes; this one is not sent"));
    }
    Heard::Line(line)
}

/// Tells that somebody is typing, whenever a letter of a message changes.
struct Keys(Sender<News>);

impl Hinter for Keys {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        if !line.is_empty() && !line.starts_with('/') {
            let _ = self.0.send(News::Keys); // nobody listens: it is over
        }
        None
    }
}

impl Completer for Keys {
    type Candidate = String;
}

impl Highlighter for Keys {}
impl Validator for Keys {}
impl Helper for Keys {}
