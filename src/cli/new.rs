//! `parlor new`: a bot to begin with, that checks clean.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::diagnostics::english::list;

use super::bots::{shown, typed};
use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "Examples:
  parlor new my-shop                       greets, and asks what it can do
  parlor new help-desk --template handoff  hands over to an agent
  parlor new shop --template orders        looks orders up in another system";

/// Make a bot to begin with
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder to make; the bot is named after it
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// What the bot can do
    #[arg(long, value_name = "TEMPLATE", value_enum, default_value_t = Template::Hello)]
    template: Template,
}

/// A bot to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Template {
    Hello,
    Handoff,
    Orders,
}

/// What stands in the templates in place of the bot's own name.
const PLACEHOLDER: &str = "My Bot";

impl Template {
    /// The bot itself, and what lies beside it.
    fn files(self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match self {
            Template::Hello => (include_str!("templates/hello/bot.dialog"), &[]),
            Template::Handoff => (include_str!("templates/handoff/bot.dialog"), &[]),
            Template::Orders => {
                let beside = &[("env.yaml", include_str!("templates/orders/env.yaml"))];
                (include_str!("templates/orders/bot.dialog"), beside)
            }
        }
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let folder = &args.name;
    let (file, name) = names(folder).ok_or_else(|| {
        let odd = Failure::new(Exit::Usage, format!("I can't name a bot after `{}`", shown(folder)));
        odd.help("the folder's name needs a letter, as in: parlor new my-shop")
    })?;
    refuse_to_overwrite(folder)?;
    fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, error))?;
    let (bot, beside) = args.template.files();
    let mut made = vec![file];
    write(&folder.join(&made[0]), &bot.replace(PLACEHOLDER, &name))?;
    for (file, text) in beside {
        write(&folder.join(file), text)?;
        made.push(file.to_string());
    }
    // What `parlor test --changed` remembers can be found out again.
    write(&folder.join(".gitignore"), ".parlor/\n")?;
    made.push(".gitignore".to_string());
    terminal.talk(&format!("Made the bot \"{name}\" in {}: {}", shown(folder), list(&made, "and")));
    terminal.talk(&format!("Next: parlor check {}", typed(folder)));
    Ok(Exit::Ok)
}

/// The name of the bot's file and of the bot, after its folder: `my-shop` gives `my-shop.dialog` and "My Shop".
fn names(folder: &Path) -> Option<(String, String)> {
    let words = folder.file_name()?.to_str()?;
    let words: Vec<&str> =
        words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    let name: Vec<String> = words.iter().filter_map(capital).collect();
    let has_letter = words.iter().any(|word| word.chars().any(char::is_alphabetic));
    has_letter.then(|| (format!("{}.dialog", words.join("-").to_lowercase()), name.join(" ")))
}

fn refuse_to_overwrite(folder: &Path) -> Result<(), Failure> {
    let taken = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != ErrorKind::NotFound,
    };
    if !taken {
        return Ok(());
    }
    let there =
        Failure::new(Exit::No, format!("`{}` is there already, and I overwrite nothing", shown(folder)));
    Err(there.help("take another name, or an empty folder"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_named_after_its_folder() {
        let named = |folder: &str| names(Path::new(folder));
        assert_eq!(named("my-shop"), Some(("my-shop.dialog".to_string(), "My Shop".to_string())));
        assert_eq!(named("bots/größe_2/"), Some(("größe-2.dialog".to_string(), "Größe 2".to_string())));
        assert_eq!(named("say \"hi\""), Some(("say-hi.dialog".to_string(), "Say Hi".to_string())));
        assert_eq!((named(".."), named("--"), named("12")), (None, None, None));
    }
}
