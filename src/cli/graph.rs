//! `parlor graph`: the dialogs of a bot and where they lead, as a picture or for other programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::{Coverage, Graph, Parts};

use super::bots::{Bot, shown, typed};
use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::test::rehearsed::Tests;
use super::{exit, save};

/// The largest file of coverage that is read: 256 MiB.
const COVERAGE_BYTES_MAX: u64 = 256 * 1024 * 1024;

const EXAMPLES: &str = "Examples:
  parlor graph bots/acme -o acme.svg                  a picture
  parlor graph bots/acme --focus \"Track Order\"        one dialog, and what leads there or from there
  parlor graph bots/acme --format mermaid             a chart for pages and wikis
  parlor graph bots/acme --overlay coverage -o acme.svg   coloured by what its tests pass through";

/// Draw the dialogs of a bot, and where they lead
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// svg, dot, mermaid or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Svg, hide_possible_values = true)]
    format: Format,
    /// Colour it by what its tests go through: `coverage`, or a file of `parlor test --coverage json=FILE`
    #[arg(long, value_name = "coverage|FILE")]
    overlay: Option<PathBuf>,
    /// Only this dialog, and what is near
    #[arg(long, value_name = "DIALOG")]
    focus: Option<String>,
    /// How many arrows away is near
    #[arg(long, value_name = "N", default_value_t = 1, requires = "focus")]
    depth: usize,
    /// Write into this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Svg,
    Dot,
    Mermaid,
    Json,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let bot = Bot::named(&args.bot, terminal)?;
    let (program, sources) = bot.sound("be drawn", terminal)?;
    let parts = Arc::new(Parts::of(&program));
    let mut graph = Graph::of(&parts, &sources);
    if let Some(dialog) = &args.focus {
        graph = graph.focus(dialog, args.depth).map_err(|nearest| {
            let message = format!("{} has no dialog `{}`", bot.label(), visible(dialog));
            let failure = Failure::new(Exit::NotFound, message);
            match nearest {
                Some(nearest) => failure.help(format!("did you mean `{}`?", visible(&nearest))),
                None => failure,
            }
        })?;
    }
    let of_tests = |path: &Path| path == Path::new("coverage") && !path.exists();
    let coverage = match args.overlay.as_deref() {
        None => None,
        Some(path) if of_tests(path) => Some(Tests::of(&bot.folder, terminal)?.coverage(&parts)),
        Some(path) => Some(read(path, &bot, &parts, terminal)?),
    };
    let coverage = coverage.as_ref();
    let mut text = match args.format {
        Format::Svg => graph.svg(coverage),
        Format::Dot => graph.dot(coverage),
        Format::Mermaid => graph.mermaid(coverage),
        Format::Json => graph.json(coverage),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    match &args.output {
        Some(path) => save::write(path, &text)?,
        None => terminal.data(&text)?,
    }
    Ok(Exit::Ok)
}

/// The coverage in a file.
fn read(path: &Path, bot: &Bot, parts: &Arc<Parts>, terminal: &Terminal) -> Result<Coverage, Failure> {
    let help = format!("parlor test {} --coverage json=FILE writes such a file", typed(&bot.folder));
    let failed = |error: std::io::Error| Failure::io("read", path, error).help(help.clone());
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > COVERAGE_BYTES_MAX {
        let message = format!("`{}` has {bytes} bytes, and {COVERAGE_BYTES_MAX} is the most", shown(path));
        return Err(Failure::new(Exit::NotLoaded, message));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let coverage = Coverage::read(&text, parts.clone()).map_err(|why| {
        Failure::new(Exit::NotLoaded, format!("`{}` is no coverage: {}", shown(path), visible(&why)))
            .help(help.clone())
    })?;
    if coverage.unknown() > 0 {
        terminal.talk(&format!(
            "{} names {} that {} does not have: it comes from another version",
            shown(path),
            count(coverage.unknown() as usize, "part"),
            bot.label()
        ));
    }
    Ok(coverage)
}
