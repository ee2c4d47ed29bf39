//! Folders of bots become versions: each that has changed is a new one, and is at hand.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::bots::shown;
use crate::cli::bundle;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::connectors::{Bots, Bundle};
use crate::conversation::BotName;
use crate::platform::{Account, Refusal};
use crate::server::{Added, BotVersion, By, Versions};

/// How long the tests of a new version are played before the house opens; the gate plays the rest.
const TESTS_SECONDS_MAX: Duration = Duration::from_secs(10);

/// A bot as it lies on disk.
pub(super) struct Packed {
    pub(super) bot: BotName,
    folder: String,
    bundle: Bundle,
}

/// A bot whose version is at hand.
pub(super) struct Shelved {
    pub(super) bot: BotName,
    pub(super) version: BotVersion,
    /// Whether it was changed since it was served last.
    pub(super) new: bool,
}

/// Reads the folders; each bot has the name of its folder.
pub(super) fn read(folders: &[PathBuf], terminal: &Terminal) -> Result<Vec<Packed>, Failure> {
    let mut all: Vec<Packed> = Vec::new();
    for folder in folders {
        let bundle = bundle::bundle(folder, &|said| terminal.talk(said))
            .map_err(|why| Failure::new(Exit::NotLoaded, why))?;
        let bot = name(folder)?;
        if all.iter().any(|packed| packed.bot == bot) {
            let message = format!("two folders make a bot `{bot}`: a bot has the name of its folder");
            return Err(Failure::new(Exit::Usage, message));
        }
        all.push(Packed { bot, folder: shown(folder).to_string(), bundle });
    }
    Ok(all)
}

fn name(folder: &Path) -> Result<BotName, Failure> {
    let whole = std::fs::canonicalize(folder).map_err(|error| Failure::io("read", folder, error))?;
    let name = whole.file_name().and_then(|name| name.to_str()).map(BotName::from);
    name.filter(BotName::is_sound).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("`{}` has no name that a bot can have", shown(folder)))
    })
}

/// Keeps each as a version and puts it at hand.
pub(super) fn put(
    versions: &Versions,
    bots: &Bots,
    account: &Account,
    packed: Vec<Packed>,
    by: &By,
) -> Result<Vec<Shelved>, Refusal> {
    let begun = Instant::now();
    let mut shelved = Vec::new();
    for Packed { bot, folder, bundle } in packed {
        let goes_on = &mut || begun.elapsed() < TESTS_SECONDS_MAX;
        let message = format!("from {folder}");
        let Added { version, new } = versions.add(&bot, &bundle, &message, (&by.by, by.at), goes_on)?;
        versions.put(bots, account, &bot, &version.id)?;
        shelved.push(Shelved { bot, version, new });
    }
    Ok(shelved)
}
