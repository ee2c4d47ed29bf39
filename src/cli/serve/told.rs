//! What somebody who has just started a contact center wants to know: where it is, how to log in, and what to try.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::cli::bots::shown;
use crate::server::Secret;

/// What there is to tell.
#[derive(Default)]
pub(super) struct Told {
    pub(super) account: String,
    pub(super) address: String,
    /// Who logs in with what, shown this once.
    pub(super) passwords: Vec<(String, String, Secret)>,
    /// Where a token for its owner lies now.
    pub(super) token: Option<PathBuf>,
    /// What became of each bot.
    pub(super) bots: Vec<String>,
    pub(super) engagement: Option<String>,
    /// Whether that is the only one.
    pub(super) only: bool,
    /// Somebody who takes over from bots.
    pub(super) agent: Option<String>,
}

impl Told {
    pub(super) fn text(&self, data: &Path, key_file: &Path) -> String {
        let mut text = String::new();
        for bot in &self.bots {
            let _ = writeln!(text, "{bot}");
        }
        let (account, address) = (&self.account, &self.address);
        let _ = writeln!(text, "account {account} is served at {address}");
        let _ = writeln!(text, "  data: {}   key: {}", shown(data), shown(key_file));
        if !self.passwords.is_empty() {
            let _ = writeln!(text, "\nlog in; these passwords are shown this once:");
            for (user, profile, password) in &self.passwords {
                let _ = writeln!(text, "  {user}  {}  ({profile})", password.expose());
            }
        }
        if let Some(file) = &self.token {
            let _ = writeln!(text, "\na token for `parlor deploy` and its like: {}", shown(file));
        }
        let engagement = self.engagement.as_deref().unwrap_or("NAME");
        let comes_in = if self.only { String::new() } else { format!(" --engagement '{engagement}'") };
        let agent = self.agent.as_deref().unwrap_or("NAME");
        let _ = write!(
            text,
            "\ntry:
  parlor visit {address}{comes_in}
  parlor agent {address} --user {agent}
  curl {address}/api/v1/conversations -H 'Content-Type: application/json' -d '{{\"engagement\": \"{engagement}\"}}'
  curl {address}/api/v1/openapi.json

Ctrl-C closes it; nothing is lost.
"
        );
        text
    }
}
