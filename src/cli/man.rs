//! `parlor man`: the manual pages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::diagnostics::english::count;

use super::bots::shown;
use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor man | man -l -                   read the manual
  parlor man --dir ~/.local/share/man/man1   install all its pages";

/// Print the manual, or write all its pages
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut command = with_examples(super::Cli::command().disable_help_subcommand(true));
    command.build();
    let Some(dir) = &args.dir else {
        terminal.data(&String::from_utf8_lossy(&page(&command, Path::new("the manual"))?))?;
        return Ok(Exit::Ok);
    };
    fs::create_dir_all(dir).map_err(|error| Failure::io("make the folder", dir, error))?;
    let mut pages = 0;
    for command in std::iter::once(&command).chain(command.get_subcommands()) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = dir.join(format!("{name}.1"));
        fs::write(&path, page(command, &path)?).map_err(|error| Failure::io("write", &path, error))?;
        pages += 1;
    }
    terminal.talk(&format!("Wrote {} to {}", count(pages, "page"), shown(dir)));
    terminal.talk(&format!("Next: man {}", super::bots::typed(&dir.join("parlor.1"))));
    Ok(Exit::Ok)
}

/// The examples stand before the usage in a help, and at the end of a page.
fn with_examples(command: Command) -> Command {
    let end = [command.get_before_help(), command.get_after_help()];
    let end: Vec<String> = end.into_iter().flatten().map(|text| text.to_string()).collect();
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_string()).collect();
    let command = command.after_help(end.join("\n\n"));
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_examples))
}

fn page(command: &Command, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).map_err(|error| Failure::io("write", path, error))?;
    Ok(text)
}
