//! An account file, read from disk, and what is wrong with it.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::cli::bots::shown;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::connectors::bundle::account_of_bots;
use crate::diagnostics::render::{Format, Style, render, summary};
use crate::diagnostics::{Source, Sources};
use crate::platform::{Account, ReadAccount, limits::ACCOUNT_BYTES_MAX};
use crate::program;

/// Reads a file, whatever is wrong with it. No more of it is taken than an account may have.
pub(super) fn read(path: &Path) -> Result<ReadAccount, Failure> {
    let failed = |error| Failure::io("read", path, error);
    let name = shown(path).to_string();
    let file = fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(ACCOUNT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > ACCOUNT_BYTES_MAX {
        let size = fs::metadata(path).map_or(bytes.len() as u64, |data| data.len().max(bytes.len() as u64));
        let sources = Sources::new(vec![Source::new(name.as_str(), "")]);
        return Ok(ReadAccount { sources, findings: vec![Account::too_large(&name, size)], account: None });
    }
    Ok(Account::read(&name, bytes))
}

/// Shows what was found to a person. Gives the account, if it can be used.
pub(super) fn account(read: ReadAccount, terminal: &Terminal) -> Result<Option<Account>, Failure> {
    if !read.findings.is_empty() {
        let style = Style { color: terminal.color, bot: String::new() };
        terminal.data(&render(Format::Human, &read.sources, &read.findings, &style))?;
        let path = read.sources.iter().next().map_or("", |(_, source)| source.path.as_str());
        terminal.talk(&format!("{path}: {}", summary(&read.findings)));
    }
    Ok(read.account)
}

/// The account of a file that is to be used; what is wrong with it is shown.
pub(in crate::cli) fn sound(path: &Path, terminal: &Terminal) -> Result<Account, Failure> {
    let unusable = || {
        Failure::new(Exit::NotLoaded, format!("the account `{}` cannot be used", shown(path)))
            .help("mend what is found in it, and run the command again")
    };
    account(read(path)?, terminal)?.ok_or_else(unusable)
}

/// What the checker of bots wants to know of an account: which skills there are, and who has them.
pub(in crate::cli) fn for_check(path: &Path, terminal: &Terminal) -> Result<program::Account, Failure> {
    // For a bot it is a file beside it, that cannot be loaded.
    let read = read(path).map_err(|failure| Failure { exit: Exit::NotLoaded, ..failure })?;
    let Some(account) = read.account else {
        let found = render(Format::Short, &read.sources, &read.findings, &Style::default());
        terminal.talk(found.trim_end());
        return Err(Failure::new(Exit::NotLoaded, format!("the account `{}` cannot be used", shown(path)))
            .help("mend what is found in it, and run the command again"));
    };
    Ok(account_of_bots(&account))
}
