//! `parlor completions`: the tab key knows the commands.

use clap::CommandFactory;
use clap_complete::Shell;

use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor completions bash > ~/.local/share/bash-completion/completions/parlor
  parlor completions zsh  > ~/.zfunc/_parlor
  parlor completions fish > ~/.config/fish/completions/parlor.fish";

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "parlor", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
