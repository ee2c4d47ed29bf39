//! A token for whoever starts a contact center for the first time, so that `parlor deploy` just works on the same machine.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::cli::account::refused;
use crate::cli::exit::Failure;
use crate::platform::{Account, Kind};
use crate::server::{By, Credentials};

/// What it is called.
const NAME: &str = "owner";
/// Nobody but its owner reads it.
const MODE: u32 = 0o600;

/// Makes a token for the account's first administrator, in a file beside the data folder; nothing, if there is no
/// administrator.
pub(super) fn token(
    credentials: &Credentials,
    account: &Account,
    data: &Path,
    by: &By,
) -> Result<Option<PathBuf>, Failure> {
    let is_owner = |user: &crate::platform::User| user.kind == Kind::Human && user.profile == "Administrator";
    let Some((owner, _)) = account.users.iter().find(|(_, user)| is_owner(user)) else { return Ok(None) };
    let file = beside(data);
    // One that lies there is of a contact center that is gone.
    let gone = std::fs::remove_file(&file);
    let gone = gone.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) });
    let options = OpenOptions::new().write(true).create_new(true).mode(MODE).clone();
    let failed = |error| Failure::io("write", &file, error);
    let mut opened = gone.and_then(|()| options.open(&file)).map_err(failed)?;
    let made = credentials.new_token(account, owner, NAME, None, by);
    let (_, token) = made.map_err(refused)?;
    let written =
        opened.write_all(format!("{}\n", token.expose()).as_bytes()).and_then(|()| opened.sync_all());
    written.map_err(failed)?;
    Ok(Some(file))
}

/// `data` has its token in `data.token`.
fn beside(data: &Path) -> PathBuf {
    let mut name = data.as_os_str().to_os_string();
    name.push(".token");
    PathBuf::from(name)
}
