//! A data folder that no server has open: the account in it, and a change of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::bots::shown;
use crate::cli::exit::{Exit, Failure};
use crate::conversation::UserId;
use crate::diagnostics::render::visible::visible;
use crate::platform::{Account, Code, Refusal};
use crate::server::{By, Credentials, PASSWORD_ITERATIONS, new_writer, now};
use crate::store::{Failure as Trouble, Sled};

/// Where a contact center keeps what it keeps.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Folder {
    /// The data folder of the contact center
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
}

/// An open data folder.
pub(in crate::cli) struct Data {
    pub(in crate::cli) store: Arc<Sled>,
    /// The account in it; nothing, if none was set up yet.
    pub(in crate::cli) account: Option<Account>,
}

impl Folder {
    pub(in crate::cli) fn at(path: &Path) -> Folder {
        Folder { data: path.to_path_buf() }
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.data
    }

    /// Opens a folder in which an account is set up.
    pub(in crate::cli) fn set_up(&self) -> Result<(Data, Account), Failure> {
        let data = self.look()?;
        let account = data.as_ref().and_then(|data| data.account.clone());
        data.zip(account).ok_or_else(|| {
            let message = format!("there is no account in `{}`", shown(&self.data));
            Failure::new(Exit::NotFound, message).help("parlor account apply FILE sets one up")
        })
    }

    /// Opens a folder that is there; nothing, if there is none or it is empty.
    pub(in crate::cli) fn look(&self) -> Result<Option<Data>, Failure> {
        match fs::read_dir(&self.data) {
            Ok(mut entries) => entries.next().is_some().then(|| self.open()).transpose(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("read", &self.data, error)),
        }
    }

    /// Opens a folder, and makes it if it is not there.
    pub(in crate::cli) fn open(&self) -> Result<Data, Failure> {
        let store = Sled::open(&self.data).map_err(|trouble| self.failed(trouble))?;
        let names = Account::names(&store).map_err(|trouble| self.failed(trouble))?;
        if let [one, other, ..] = names.as_slice() {
            let message = format!("`{}` has several accounts, `{one}` and `{other}`", shown(&self.data));
            return Err(Failure::new(Exit::NotLoaded, visible(&message)));
        }
        let kept = names.first().map(|name| Account::kept(&store, name)).transpose();
        let account = kept.map_err(|trouble| self.failed(trouble))?.flatten();
        Ok(Data { store: Arc::new(store), account })
    }

    /// What the store said, as a command says it.
    pub(in crate::cli) fn failed(&self, trouble: Trouble) -> Failure {
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
    pub(in crate::cli) fn set_up(&self, account: &Account) -> Result<(), Failure> {
        let writer = new_writer().map_err(|trouble| Failure::new(Exit::Io, trouble.to_string()))?;
        let done = account.set_up(&*self.store, operator(), writer, now());
        done.map_err(|why| Failure::new(Exit::No, format!("nothing was applied: {}", visible(&why))))?;
        self.credentials().forget_gone(account).map(|_| ()).map_err(refused)
    }

    /// Who can log in.
    pub(in crate::cli) fn credentials(&self) -> Credentials {
        Credentials::new(self.store.clone(), PASSWORD_ITERATIONS)
    }
}

/// Who types, as the audit log and records have it, and when.
pub(in crate::cli) fn by() -> By {
    By::new(operator(), now())
}

fn operator() -> UserId {
    let by = std::env::var("USER").ok().map(UserId::from).filter(UserId::is_sound);
    by.unwrap_or_else(|| "operator".into())
}

/// What was refused, as a command says it.
pub(in crate::cli) fn refused(refusal: Refusal) -> Failure {
    let exit = match refusal.code {
        Code::UnknownUser | Code::UnknownSecret | Code::UnknownToken => Exit::NotFound,
        Code::NoStore => Exit::Io,
        Code::KeyFile => Exit::NotLoaded,
        _ => Exit::No,
    };
    Failure::new(exit, visible(&refusal.sentence))
}
