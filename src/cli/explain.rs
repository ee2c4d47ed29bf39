//! `parlor explain`: the page of a mistake, with a wrong and a right example.

use crate::diagnostics::english::did_you_mean;
use crate::diagnostics::render::visible::visible;
use crate::diagnostics::{Severity, Slug, page};

use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal};
use super::{exit, markdown};

const EXAMPLES: &str = "Examples:
  parlor explain                          all mistakes parlor knows
  parlor explain unknown-dialog           one of them, with examples";

/// Read about a mistake
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The name in brackets behind `error` or `warning`; without it, all of them are listed
    #[arg(value_name = "SLUG")]
    slug: Option<String>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = match &args.slug {
        None => list(terminal),
        Some(name) => markdown::for_terminal(&page(find(name)?).text, terminal.color),
    };
    terminal.data(&text)?;
    Ok(Exit::Ok)
}

/// The mistake of this name, also as it is printed: `error[unknown-dialog]`.
fn find(name: &str) -> Result<Slug, Failure> {
    let bare = name.trim_end_matches(']').rsplit('[').next().unwrap_or(name).trim().to_lowercase();
    Slug::from_name(&bare).ok_or_else(|| {
        let unknown = Failure::new(Exit::NotFound, format!("there is no mistake called `{}`", visible(name)));
        let near = did_you_mean(&bare, Slug::ALL.iter().map(|slug| slug.as_str()));
        unknown.help(near.unwrap_or_else(|| "parlor explain lists all of them".to_string()))
    })
}

fn list(terminal: &Terminal) -> String {
    let width = Slug::ALL.iter().map(|slug| slug.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning] {
        text.push_str(&terminal.paint(Paint::Bold, &format!("{}s", severity.word())));
        text.push('\n');
        for slug in Slug::ALL.iter().filter(|slug| slug.severity() == severity) {
            let name = terminal.paint(Paint::Cyan, &format!("{:width$}", slug.as_str()));
            text.push_str(&format!("  {name}  {}\n", slug.title()));
        }
    }
    text
}
