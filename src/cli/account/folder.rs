//! A data folder that no server has open: the account in it, and a change of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::bots::shown;
use crate::cli::exit::{Exit, Failure};
use crate::conversation::UserId;
use crate::diagnostics::render::visible::visible;
use crate::platform::Account;
use crate::server::{new_writer, now};
use crate::store::{Failure as Trouble, Sled};

/// Where a contact center keeps what it keeps.
#[derive(Debug, clap::Args)]
pub(super) struct Folder {
    /// The data folder of the contact center
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
}

/// An open data folder.
pub(super) struct Data {
    store: Sled,
    /// The account in it; nothing, if none was set up yet.
    pub(super) account: Option<Account>,
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.data
    }

    /// Opens a folder that is there; nothing, if there is none or it is empty.
    pub(super) fn look(&self) -> Result<Option<Data>, Failure> {
        match fs::read_dir(&self.data) {
            Ok(mut entries) => entries.next().is_some().then(|| self.open()).transpose(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("read", &self.data, error)),
        }
    }

    /// Opens a folder, and makes it if it is not there.
    pub(super) fn open(&self) -> Result<Data, Failure> {
        let store = Sled::open(&self.data).map_err(|trouble| self.failed(trouble))?;
        let names = Account::names(&store).map_err(|trouble| self.failed(trouble))?;
        if let [one, other, ..] = names.as_slice() {
            let message = format!("`{}` has several accounts, `{one}` and `{other}`", shown(&self.data));
            return Err(Failure::new(Exit::NotLoaded, visible(&message)));
        }
        let kept = names.first().map(|name| Account::kept(&store, name)).transpose();
        let account = kept.map_err(|trouble| self.failed(trouble))?.flatten();
        Ok(Data { store, account })
    }

    fn failed(&self, trouble: Trouble) -> Failure {
        let exit = if matches!(trouble, Trouble::Broken(_)) { Exit::Io } else { Exit::NotLoaded };
        let failure = Failure::new(exit, visible(&trouble.to_string()));
        match trouble {
            Trouble::InUse(_) => failure.help("stop the server that has it, and run the command again"),
            _ => failure,
        }
    }
}

impl Data {
    /// Sets the account up, as one change that is in the audit log.
    pub(super) fn set_up(&self, account: &Account) -> Result<(), Failure> {
        let by = std::env::var("USER").ok().map(UserId::from).filter(UserId::is_sound);
        let by = by.unwrap_or_else(|| "operator".into());
        let writer = new_writer().map_err(|trouble| Failure::new(Exit::Io, trouble.to_string()))?;
        let done = account.set_up(&self.store, by, writer, now());
        done.map_err(|why| Failure::new(Exit::No, format!("nothing was applied: {}", visible(&why))))
    }
}
