//! Checks a bot through the library: read its files, ask what is wrong, ask which dialog answers.
//!
//! `cargo run --example check -- bots/acme "where is my parcel?"`

use std::path::Path;

use parlor::diagnostics::render::{Format, Style, render};
use parlor::program::Draft;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "bots/acme".to_string());
    let utterance = std::env::args().nth(2).unwrap_or_else(|| "I need a human".to_string());

    let mut draft = Draft::new();
    for entry in std::fs::read_dir(Path::new(&folder))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "dialog") {
            draft.put(path.display().to_string(), std::fs::read_to_string(&path)?);
        }
    }

    let checked = draft.check();
    print!("{}", render(Format::Human, &checked.sources, &checked.findings, &Style::default()));

    let Some(program) = checked.program else { return Ok(()) };
    println!("{} has {} dialogs.", program.name(), program.dialog_count());
    match program.answers(&utterance) {
        Ok(answers) if answers.is_empty() => {
            println!("Nothing starts with \"{utterance}\": the fallback dialog answers.")
        }
        Ok(answers) => println!("\"{utterance}\" starts {}, by {}.", answers[0].dialog, answers[0].starter),
        Err(too_long) => println!("{too_long}"),
    }
    Ok(())
}
