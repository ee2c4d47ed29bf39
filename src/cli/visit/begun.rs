//! The conversation of a visitor, and a file that leads back to it when this process is gone.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::cli::bots::shown;
use crate::cli::exit::{Exit, Failure};
use crate::cli::remote::{Ask, Remote, Trouble, new_id};
use crate::conversation::ConversationId;
use crate::server::Secret;

/// Bytes of a file that leads back to a conversation.
const WAY_BYTES_MAX: u64 = 64 * 1024;

/// A conversation that was begun.
pub(super) struct Begun {
    pub(super) conversation: String,
    wish: Json,
}

/// What the file says. It is as good as the visitor's pass: nobody else may read it.
#[derive(Serialize, Deserialize)]
struct Kept {
    server: String,
    /// What is asked of the server, with the name that this client has made for the conversation.
    begin: Json,
    #[serde(default)]
    conversation: String,
    #[serde(default)]
    token: String,
}

impl Begun {
    /// Begins a conversation, or goes on with the one of the file.
    pub(super) fn open(remote: &Remote, mut wish: Json, file: Option<&Path>) -> Result<Begun, Failure> {
        if let Some(kept) = file.map(|file| read(file, remote)).transpose()?.flatten() {
            if !kept.token.is_empty() {
                remote.is_now(Secret::new(kept.token));
                return Ok(Begun { conversation: kept.conversation, wish: kept.begin });
            }
            wish = kept.begin; // it ended before the server had answered
        } else {
            wish["id"] = new_id()?.into();
        }
        let (server, begin) = (remote.shown().to_string(), wish.clone());
        let mut kept = Kept { server, begin, conversation: String::new(), token: String::new() };
        if let Some(file) = file {
            write(file, &kept)?; // before it is begun, so that it is begun once
        }
        let (conversation, token) = begin_with(remote, &wish).map_err(|trouble| {
            if let Some(file) = file.filter(|_| matches!(trouble, Trouble::Refused(_))) {
                let _ = fs::remove_file(file); // it leads nowhere
            }
            Failure::from(trouble)
        })?;
        if let Some(file) = file {
            (kept.conversation, kept.token) = (conversation.clone(), token.expose().to_string());
            write(file, &kept)?;
        }
        remote.is_now(token);
        Ok(Begun { conversation, wish })
    }

    /// Asks for another pass to the same conversation.
    pub(super) fn again(&self, remote: &Remote) -> Result<(), Trouble> {
        let (conversation, token) = begin_with(remote, &self.wish)?;
        if conversation != self.conversation {
            return Err(Trouble::Nonsense("the server does not know this conversation any more".into()));
        }
        remote.is_now(token);
        Ok(())
    }
}

/// Begins what this client has named: however often, it is one conversation.
fn begin_with(remote: &Remote, wish: &Json) -> Result<(String, Secret), Trouble> {
    let ask = Ask::post("/api/v1/conversations", wish).without_pass();
    let answer = remote.ask(&ask)?;
    let text = |name: &str| answer[name].as_str().map(str::to_string);
    let conversation = text("conversation").filter(|id| id.parse::<ConversationId>().is_ok());
    let token = text("token").filter(|token| token.chars().all(|letter| letter.is_ascii_graphic()));
    match (conversation, token) {
        (Some(conversation), Some(token)) => Ok((conversation, Secret::new(token))),
        _ => {
            let why = format!("{} is no server of Parlor: it begins no conversation", remote.shown());
            Err(Trouble::Nonsense(why))
        }
    }
}

/// Reads the file; nothing, if there is none yet.
fn read(file: &Path, remote: &Remote) -> Result<Option<Kept>, Failure> {
    let mut text = Vec::new();
    match fs::File::open(file) {
        Ok(open) => {
            let read = open.take(WAY_BYTES_MAX + 1).read_to_end(&mut text);
            read.map_err(|error| Failure::io("read", file, error))?
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io("read", file, error)),
    };
    let whole = text.len() as u64 <= WAY_BYTES_MAX;
    let kept = serde_json::from_slice(&text).ok().filter(|kept: &Kept| {
        whole && (kept.token.is_empty() || kept.conversation.parse::<ConversationId>().is_ok())
    });
    let Some(kept) = kept else {
        let message = format!("`{}` does not lead back to a conversation", shown(file));
        return Err(Failure::new(Exit::NotLoaded, message).help("name a file that is not there yet"));
    };
    if kept.server != remote.shown() {
        let message =
            format!("the conversation of `{}` is on {}", shown(file), shown(Path::new(&kept.server)));
        return Err(Failure::new(Exit::No, message));
    }
    Ok(Some(kept))
}

/// Writes it beside the file, for nobody else to read, and puts it in its place.
fn write(file: &Path, kept: &Kept) -> Result<(), Failure> {
    let failed = |error| Failure::io("write", file, error);
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".parlor-{}", std::process::id()));
    let draft = file.with_file_name(name);
    let text = serde_json::to_string(kept).map_err(|error| failed(error.into()))?;
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    let written = written.and_then(|mut open| {
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        fs::rename(&draft, file)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&draft); // the first failure is the one to tell
        failed(error)
    })
}
