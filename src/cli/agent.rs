//! `parlor agent`: takes over from bots, as a person who works here: what rings, what waits, and several conversations at once.

mod command; // what a line asks for
mod held; // the conversations of this terminal, by number
mod login; // who it is
mod work; // read this second: what happens, and what is done about it

use std::sync::mpsc::channel;

use super::chat::is_typed;
use super::exit;
use super::exit::{Exit, Failure};
use super::live::{Keyboard, Link, Screen, errands};
use super::remote::Address;
use super::terminal::Terminal;
use login::Login;
use work::Work;

const EXAMPLES: &str = "Examples:
  parlor agent http://127.0.0.1:7275 --user agent      asks for the password, then talk and /help
  parlor agent https://chat.example.com --user kim
  PARLOR_PASSWORD=… parlor agent http://127.0.0.1:7275 --user agent < commands.txt";

/// Take over from bots, and talk to visitors, as a person who works here
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    address: Address,
    /// Who you are; the password is asked for, or in PARLOR_PASSWORD, or the first line of the standard input
    #[arg(long, value_name = "NAME")]
    user: String,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.address.open()?;
    let login = Login::ask(&args.user)?;
    login.log_in(&remote)?;
    let state = login.state.clone();
    let (tell, news) = channel();
    let keyboard = Keyboard::new("you: ");
    let link = Link::new(remote, tell.clone(), Box::new(move |remote| login.log_in(remote)));
    link.watch();
    let mut screen = Screen::new(terminal, is_typed(terminal), &keyboard, tell);
    screen.remark("you are online; /help lists what you can do");
    let errands = errands(&link);
    Work::new(link, errands, screen, keyboard, &args.user, state).go_on(&news)
}
