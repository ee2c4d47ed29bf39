//! What is known before a conversation begins: `--given visitor.name=Dana`.

use crate::conversation::Knowledge;
use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::{GIVABLE, give};

use crate::cli::exit::{Exit, Failure};

/// A `--given`, as typed.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: String,
}

impl Given {
    pub(super) fn read(text: &str) -> Result<Given, String> {
        let (name, value) = text.split_once('=').ok_or("a name, `=` and a value")?;
        Ok(Given { name: name.trim().to_string(), value: value.trim().to_string() })
    }
}

/// What the bot is told at first.
pub(super) fn knowledge(given: &[Given], channel: &str, program: &Program) -> Result<Knowledge, Failure> {
    let mut knowledge = Knowledge::default();
    give(&mut knowledge, program, "conversation.channel", channel);
    for Given { name, value } in given {
        if !give(&mut knowledge, program, name, value) {
            let why = format!("`{}` is not known before a conversation begins", visible(name));
            return Err(Failure::new(Exit::Usage, why).help(GIVABLE));
        }
    }
    Ok(knowledge)
}
