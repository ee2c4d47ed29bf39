//! What is typed and not shown: a password or a secret, from a terminal without echo, or from the standard input.

use std::io::{BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::server::Secret;

use super::exit::{Exit, Failure};

/// Asks for something that is not shown, and where it cannot be seen, twice. If nobody is there to be asked, it is the
/// standard input, without the end of its last line. No more of it is taken than one byte above the limit.
pub(super) fn ask(what: &str, limit: usize) -> Result<Secret, Failure> {
    let failed = |error| Failure::new(Exit::Io, format!("I can't read the {what}: {error}"));
    let bytes = if std::io::stdin().is_terminal() {
        let typed = |prompt: &str| {
            let line = typed(&format!("{prompt}: "), limit).map_err(failed)?;
            line.ok_or_else(|| Failure::new(Exit::Interrupted, "nothing was changed"))
        };
        let first = typed(what)?;
        if typed("the same again")? != first {
            return Err(Failure::new(Exit::No, "these are two different ones; nothing was changed"));
        }
        first
    } else {
        piped(limit).map_err(failed)?
    };
    text(bytes, what, limit)
}

/// Asks once for something that is known already, such as the password one has. If nobody is there to be asked, it is the
/// first line of the standard input, and the rest of it is left.
pub(super) fn known(what: &str, limit: usize) -> Result<Secret, Failure> {
    let failed = |error| Failure::new(Exit::Io, format!("I can't read the {what}: {error}"));
    let typed = match std::io::stdin().is_terminal() {
        true => typed(&format!("{what}: "), limit).map_err(failed)?,
        false => line(std::io::stdin().lock(), limit).map_err(failed)?,
    };
    let bytes = typed.ok_or_else(|| Failure::new(Exit::Interrupted, "nothing was done"))?;
    text(bytes, what, limit)
}

fn text(bytes: Zeroizing<Vec<u8>>, what: &str, limit: usize) -> Result<Secret, Failure> {
    if bytes.len() > limit {
        return Err(Failure::new(Exit::No, format!("the {what} has more than {limit} bytes")));
    }
    let text = std::str::from_utf8(&bytes);
    text.map(|text| Secret::new(text.to_string()))
        .map_err(|_| Failure::new(Exit::No, format!("the {what} is no text in UTF-8")))
}

fn piped(limit: usize) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let most = limit + "!\r\n".len();
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    std::io::stdin().lock().take(most as u64).read_to_end(&mut bytes)?;
    if bytes.pop_if(|byte| *byte == b'\n').is_some() {
        bytes.pop_if(|byte| *byte == b'\r');
    }
    Ok(bytes)
}

/// A line that is typed on a terminal and not shown; nothing, if it was broken off.
fn typed(prompt: &str, limit: usize) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let _quiet = Quiet::begin()?;
    let mut out = std::io::stderr().lock();
    out.write_all(prompt.as_bytes()).and_then(|()| out.flush())?;
    let line = line(std::io::stdin().lock(), limit);
    out.write_all(b"\n")?;
    line
}

/// Reads keys until the end of a line. The terminal does nothing by itself meanwhile, so that Ctrl-C leaves it as it was.
fn line(mut keys: impl BufRead, limit: usize) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(limit + 1));
    loop {
        let mut key = [0];
        if keys.read(&mut key)? == 0 {
            break;
        }
        match key[0] {
            b'\r' | b'\n' => break,
            0x03 => return Ok(None),                    // Ctrl-C
            0x04 if line.is_empty() => return Ok(None), // Ctrl-D
            0x15 => line.clear(),                       // Ctrl-U
            0x08 | 0x7f => while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}, // a whole letter
            byte if line.len() <= limit => line.push(byte),
            _ => {}
        }
    }
    Ok(Some(line))
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> std::io::Result<Quiet> {
        let before = tcgetattr(std::io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Quiet(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0).ok(); // the terminal is gone: nothing to restore
    }
}
