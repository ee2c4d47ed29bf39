//! `parlor token new`: a token for a person or an API key for a bot, shown this once.

use crate::cli::account::{Folder, by, refused};
use crate::cli::exit;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::conversation::Span;
use crate::diagnostics::render::visible::visible;
use crate::platform::Kind;

const EXAMPLES: &str = "Examples:
  parlor token new ada --name laptop --expires 90d    for a person, valid for 90 days
  parlor token new shop-bot --name second             a second API key for a bot, before the first is revoked
  parlor token new ada --name ci > token.txt          the token alone goes to the file";

/// Make a token for a person, or an API key for a bot; it is shown this once
#[derive(Debug, clap::Args)]
#[command(help_template = crate::cli::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Whose it is
    #[arg(value_name = "USER")]
    user: String,
    /// What it is for; a user's have different names
    #[arg(long, value_name = "NAME", default_value = "first")]
    name: String,
    /// For how long it counts, as in 90d; for as long as it is not revoked, if not said
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires: Option<Span>,
    #[command(flatten)]
    folder: Folder,
}

fn time(text: &str) -> Result<Span, String> {
    Span::read(text).ok_or_else(|| "a time is written as 90d, 12h or 30m".to_string())
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let (data, account) = args.folder.set_up()?;
    let (by, user) = (by(), args.user.as_str().into());
    let expires = args.expires.map(|life| by.at.after(life));
    let made = data.credentials().new_token(&account, &user, &args.name, expires, &by);
    let (id, text) = made.map_err(refused)?;
    let is_bot = account.users.get(&user).is_some_and(|user| user.kind == Kind::Bot);
    let what = if is_bot { "API key" } else { "token" };
    terminal.talk(&visible(&format!("{user} has the {what} {id} now; it is shown this once:")));
    terminal.data(&format!("{}\n", text.expose()))?;
    Ok(Exit::Ok)
}
