//! The command line: what a bot's author types, and what comes back.
//!
//! The only room that reads flags, the environment and the files of bots; it decides nothing about bots
//! itself. What a command finds goes to stdout, what it says about its work to stderr.

mod terminal; // read this first: what is printed where, and in colour or not
mod exit;
mod bug;
mod bots;
mod bundle; // the folder of a bot as it is sent to a server
mod environment;
mod walk;
mod save;
mod why;
mod progress; // how far long work is
mod columns; // then and now, side by side
mod logs; // conversations that were held
mod transcripts; // and files of tests made of them
mod hidden; // what is typed and not shown
mod remote; // a server elsewhere
mod live; // and a conversation there as it goes on

mod check;
mod fix;
mod fmt;
mod explain;
mod markdown;
mod matching;
mod chat;
mod test;
mod record;
mod replay;
mod rehearsed_bot;
mod crawl;
mod mutants;
mod fuzz;
mod graph;
mod import;
mod new;
mod account;
mod serve;
mod visit;
mod agent;
mod secret;
mod user;
mod token;
mod backup;
mod restore;
mod operate; // what operators type to a running server
mod completions;
mod man;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use bundle::bundle;

use exit::Exit;
use terminal::{Color, Terminal};

/// How every help is laid out: what it does, examples, then the rest.
const HELP: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "Examples:
  parlor new my-shop                 make a bot in the folder my-shop
  parlor check my-shop               find its mistakes
  parlor match my-shop \"any news?\"   see which dialog answers, and why
  parlor chat my-shop                talk to it
  parlor test my-shop                hold the conversations that are written down for it
  parlor record my-shop              talk to it, and make a test of that
  parlor serve my-shop               run a contact center with it on this machine
  parlor deploy my-shop              send it to a server that runs
  parlor visit http://127.0.0.1:7275 visit it
  parlor explain unknown-dialog      read about a mistake";

/// Write, check and test conversation bots as text, and talk to them
#[derive(Debug, Parser)]
#[command(name = "parlor", version, help_template = HELP, before_help = EXAMPLES, max_term_width = 100)]
#[command(after_help = exit::CODES, subcommand_required = true)]
struct Cli {
    /// Colour: auto, always or never; NO_COLOR and CLICOLOR_FORCE are obeyed
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    #[arg(hide_default_value = true, hide_possible_values = true, display_order = 900)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Fmt(fmt::Args),
    Explain(explain::Args),
    Match(matching::Args),
    Chat(chat::Args),
    Test(test::Args),
    Record(record::Args),
    Replay(replay::Args),
    Crawl(crawl::Args),
    Mutants(mutants::Args),
    Fuzz(fuzz::Args),
    Graph(graph::Args),
    Import(import::Args),
    New(new::Args),
    Account(account::Args),
    Serve(serve::Args),
    Visit(visit::Args),
    Agent(agent::Args),
    Secret(secret::Args),
    User(user::Args),
    Token(token::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Deploy(operate::deploy::Args),
    Versions(operate::versions::Args),
    Diff(operate::diff::Args),
    Promote(operate::promote::Args),
    Rollback(operate::rollback::Args),
    Connectors(operate::connectors::Args),
    Status(operate::status::Args),
    Logs(operate::logs::Args),
    Conversations(operate::conversations::Args),
    Agents(operate::agents::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    bug::guarded(|| run(std::env::args_os().collect())).into()
}

fn run(words: Vec<OsString>) -> Exit {
    let command = Cli::command().color(Color::of(&words).into());
    let cli = match command.try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(talk) => {
            let _ = talk.print(); // a closed pipe: nobody is there to be told
            return if talk.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    let terminal = Terminal::new(cli.color);
    let done = match &cli.command {
        Command::Check(args) => check::run(args, &terminal),
        Command::Fmt(args) => fmt::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::Match(args) => matching::run(args, &terminal),
        Command::Chat(args) => chat::run(args, &terminal),
        Command::Test(args) => test::run(args, &terminal),
        Command::Record(args) => record::run(args, &terminal),
        Command::Replay(args) => replay::run(args, &terminal),
        Command::Crawl(args) => crawl::run(args, &terminal),
        Command::Mutants(args) => mutants::run(args, &terminal),
        Command::Fuzz(args) => fuzz::run(args, &terminal),
        Command::Graph(args) => graph::run(args, &terminal),
        Command::Import(args) => import::run(args, &terminal),
        Command::New(args) => new::run(args, &terminal),
        Command::Account(args) => account::run(args, &terminal),
        Command::Serve(args) => serve::run(args, &terminal),
        Command::Visit(args) => visit::run(args, &terminal),
        Command::Agent(args) => agent::run(args, &terminal),
        Command::Secret(args) => secret::run(args, &terminal),
        Command::User(args) => user::run(args, &terminal),
        Command::Token(args) => token::run(args, &terminal),
        Command::Backup(args) => backup::run(args, &terminal),
        Command::Restore(args) => restore::run(args, &terminal),
        Command::Deploy(args) => operate::deploy::run(args, &terminal),
        Command::Versions(args) => operate::versions::run(args, &terminal),
        Command::Diff(args) => operate::diff::run(args, &terminal),
        Command::Promote(args) => operate::promote::run(args, &terminal),
        Command::Rollback(args) => operate::rollback::run(args, &terminal),
        Command::Connectors(args) => operate::connectors::run(args, &terminal),
        Command::Status(args) => operate::status::run(args, &terminal),
        Command::Logs(args) => operate::logs::run(args, &terminal),
        Command::Conversations(args) => operate::conversations::run(args, &terminal),
        Command::Agents(args) => operate::agents::run(args, &terminal),
        Command::Completions(args) => completions::run(args, &terminal),
        Command::Man(args) => man::run(args, &terminal),
    };
    done.unwrap_or_else(|failure| terminal.failed(&failure))
}
