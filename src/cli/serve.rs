//! `parlor serve`: a whole contact center, from the folders of bots to a browser, in one process.

mod made; // an account for somebody who has none yet
mod shelf; // bots on disk become versions
mod address; // where it listens, and whether it may
mod owner; // the token of whoever starts it
mod told; // what somebody who has just started it wants to know

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::connectors::Bots;
use crate::platform::{Account, Ask, Caller, Environment, Kind, Permission};
use crate::server::http::{self, Manner, Parts};
use crate::server::pass::Passes;
use crate::server::{By, Hall, Opening, Secret, Versions, runner};

use super::account::{Data, Folder, by, refused};
use super::bots::shown;
use super::exit;
use super::exit::{Exit, Failure};
use super::secret::KeyFile;
use super::terminal::Terminal;
use address::Address;
use shelf::Shelved;
use told::Told;

const EXAMPLES: &str = "Examples:
  parlor serve bots/acme                                     everything, on this machine only
  parlor serve bots/acme --account acme.account.yaml         with an account of your own
  parlor serve bots/acme --listen 0.0.0.0:443 --name chat.example.com --tls-cert c.pem --tls-key k.pem
  parlor serve bots/acme --behind-proxy --name chat.example.com    where a proxy speaks TLS";

/// Run a contact center: bots, visitors, people, and the API for all of them
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folders of the bots; each that has changed becomes a new version on Demo
    #[arg(value_name = "BOT")]
    bots: Vec<PathBuf>,
    /// The account, as YAML; without it, the one in the data folder, or one made for the bots
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    key_file: KeyFile,
    #[command(flatten)]
    address: Address,
    /// Requests that one address may send a second; 0: as many as it likes
    #[arg(long, value_name = "N", help_heading = "Doors")]
    rate: Option<u32>,
    /// Log as JSON, a line each
    #[arg(long, help_heading = "Logs")]
    json_logs: bool,
    /// Log every request as well: what was asked for, never by whom or in which words
    #[arg(long, help_heading = "Logs")]
    verbose: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let doors = args.address.check()?; // before anything is made
    let bundles = shelf::read(&args.bots, terminal)?;
    let data = args.folder.open()?;
    let (account, new) = account(args, &data, &bundles, terminal)?;
    let vault = args.key_file.open(&args.folder, &data)?;
    let passes = Passes::new(&vault.subkey("passes"));
    let credentials = Arc::new(data.credentials());
    let mut told = Told { account: account.name.clone(), ..Told::default() };
    // To hash a password takes a while on purpose: the house opens meanwhile.
    let passwords = new.then(|| {
        let (credentials, account) = (credentials.clone(), account.clone());
        std::thread::spawn(move || first_passwords(&credentials, &account, &by()))
    });
    if new {
        told.token = owner::token(&credentials, &account, args.folder.path(), &by())?;
    }
    let bots = Arc::new(Bots::new());
    let versions = Versions::new(data.store.clone(), account.name.clone());
    let missing =
        versions.load(&bots, &account).map_err(|failure| Failure::new(Exit::Io, failure.to_string()))?;
    missing.iter().for_each(|sentence| terminal.talk(sentence));
    let shelved = shelf::put(&versions, &bots, &account, bundles, &by()).map_err(refused)?;
    let opening = Opening::new(account.clone(), bots.clone(), data.store.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Io, format!("no threads start: {error}")))?;
    let (hall, errands) = Hall::open(opening, runtime.handle())
        .map_err(|failure| Failure::new(Exit::Io, failure.to_string()))?;
    log(args);
    let manner = Manner {
        names: doors.names.clone(),
        behind_proxy: doors.behind_proxy,
        requests_per_second: args.rate.or(doors.requests_per_second).filter(|rate| *rate > 0),
    };
    let parts = Parts { hall: hall.clone(), passes, credentials, bots, manner };
    let ended = runtime.block_on(async {
        tokio::spawn(runner::run(hall.clone(), errands));
        set_going(&hall, &account, new, &shelved, &mut told).await?;
        let listener = http::listen(doors.listen).await.map_err(|error| {
            let message = format!("I can't listen on {}: {error}", doors.listen);
            Failure::new(Exit::Io, message).help("another address is named with --listen")
        })?;
        let at = listener.local_addr().map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
        told.address = doors.shown(at);
        let stop = {
            let hall = hall.clone();
            async move {
                tokio::select! {
                    () = signalled() => {}
                    why = hall.ended() => tracing::error!(why, "the house has ended"),
                }
                hall.start_closing();
            }
        };
        let served = tokio::spawn(http::serve(listener, http::app(parts), doors.tls.clone(), stop));
        if let Some(passwords) = passwords {
            let given = tokio::task::spawn_blocking(|| passwords.join()).await;
            let gone = || Failure::new(Exit::Io, "the thread that makes passwords panicked");
            told.passwords = given.ok().and_then(Result::ok).ok_or_else(gone)??;
        }
        terminal.data(&told.text(args.folder.path(), &args.key_file.path(&args.folder)))?;
        served.await.ok();
        Ok::<(), Failure>(())
    });
    terminal.talk("closing: what is under way is kept");
    let closed = hall.close();
    runtime.shutdown_background();
    ended?;
    closed.map_err(|why| Failure::new(Exit::Io, format!("the house has ended: {why}")))?;
    Ok(Exit::Ok)
}

/// The account that is served, and whether it was made just now.
fn account(
    args: &Args,
    data: &Data,
    bundles: &[shelf::Packed],
    terminal: &Terminal,
) -> Result<(Account, bool), Failure> {
    let account = match (&args.account, &data.account) {
        (Some(file), kept) => {
            let read = super::account::sound(file, terminal)?;
            if kept.as_ref() != Some(&read) {
                data.set_up(&read)?;
                terminal.talk(&format!("the account is set up as {} says", shown(file)));
            }
            (read, kept.is_none())
        }
        (None, Some(kept)) => (kept.clone(), false),
        (None, None) => {
            let Some(first) = bundles.first() else {
                let failure = Failure::new(Exit::Usage, "there is nothing to serve yet");
                return Err(failure.help("name the folder of a bot, or an account with --account"));
            };
            let account = made::for_bots(first, bundles);
            data.set_up(&account)?;
            (account, true)
        }
    };
    if let Some(strange) = bundles.iter().find(|packed| !account.0.bots.contains_key(&packed.bot)) {
        let message = format!("the account `{}` has no bot `{}`", account.0.name, strange.bot);
        let help = "add it and a connector to the account: parlor account export, then parlor account apply";
        return Err(Failure::new(Exit::No, message).help(help));
    }
    Ok(account)
}

/// A password for each person of an account that was made just now.
fn first_passwords(
    credentials: &crate::server::Credentials,
    account: &Account,
    by: &By,
) -> Result<Vec<(String, String, Secret)>, Failure> {
    let mut passwords = Vec::new();
    for (user, about) in account.users.iter().filter(|(_, about)| about.kind == Kind::Human) {
        if credentials.password_since(account, user).map_err(refused)?.is_none() {
            let password = credentials.give_password(account, user, by).map_err(refused)?;
            passwords.push((user.to_string(), about.profile.clone(), password));
        }
    }
    Ok(passwords)
}

/// What has changed on disk is served on Demo; the connectors of a new account are started.
async fn set_going(
    hall: &Hall,
    account: &Account,
    new: bool,
    shelved: &[Shelved],
    told: &mut Told,
) -> Result<(), Failure> {
    let by = Caller::Operator(by().by);
    let wrong = |refusal| refused(refusal);
    for Shelved { bot, version, new: is_new } in shelved {
        let own = bot.clone();
        let served = hall.look(move |platform| platform.deployed().served(&own, Environment::Demo));
        let served = served.await.map_err(wrong)?.map(|(version, _)| version);
        if *is_new || served.is_none() {
            let to = Environment::Demo;
            let ask = Ask::Deploy { bot: bot.clone(), version: version.id.clone(), to, move_open: false };
            let id = format!("serve-{}-{:x}", version.number, hall.run());
            hall.ask(by.clone(), id.as_str().into(), ask).await.map_err(wrong)?;
            told.bots.push(format!("{bot}: {} is on Demo now", version.label()));
        } else {
            told.bots.push(format!("{bot}: unchanged, {}", version.label()));
        }
    }
    if new {
        for connector in account.connectors.keys() {
            let id = format!("serve-{connector}-{:x}", hall.run());
            hall.ask(by.clone(), id.as_str().into(), Ask::Start(connector.clone())).await.map_err(wrong)?;
        }
    }
    told.agent = account
        .users
        .iter()
        .find(|(user, own)| {
            own.kind == Kind::Human
                && !own.skills.is_empty()
                && account.may(user, Permission::HaveConversations)
        })
        .map(|(user, _)| user.to_string());
    told.only = account.campaigns.values().map(|campaign| campaign.engagements.len()).sum::<usize>() == 1;
    told.engagement =
        account.campaigns.values().find_map(|campaign| campaign.engagements.keys().next().cloned());
    Ok(())
}

/// Waits for Ctrl-C, or for whoever runs services to say that it is time.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupted, ended) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match (interrupted, ended) {
        (Ok(mut interrupted), Ok(mut ended)) => {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = ended.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

/// Logs go to stderr: metadata only.
fn log(args: &Args) {
    let level = if args.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
    let logs =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    // One is set already only where a test runs several in one process.
    match args.json_logs {
        true => logs.json().try_init().ok(),
        false => logs.with_ansi(false).try_init().ok(),
    };
}

/// Reads a file whole.
fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::io("read", path, error))
}
