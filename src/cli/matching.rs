//! `parlor match`: which dialog answers a message, and why not another.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::program::{Answer, Program, Verdict};

use super::bots::Bot;
use super::exit;
use super::exit::{Exit, Failure};
use super::terminal::{Paint, Terminal};

/// How many overlaps are listed.
const OVERLAPS_MAX: usize = 200;

const EXAMPLES: &str = "Examples:
  parlor match bots/acme \"help me track my order\"
  parlor match bots/acme --overlaps       messages that two dialogs would take";

/// See which dialog answers a message, and why
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// The folder of the bot
    #[arg(value_name = "BOT")]
    bot: PathBuf,
    /// What a visitor says
    #[arg(value_name = "UTTERANCE", required_unless_present = "overlaps")]
    utterance: Option<String>,
    /// List dialogs that would take the same message, with such a message
    #[arg(long, conflicts_with = "utterance")]
    overlaps: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let bot = Bot::named(&args.bot, terminal)?;
    let (program, _) = bot.sound("answer", terminal)?;
    match &args.utterance {
        Some(utterance) => answers(args, utterance, &program, terminal),
        None => overlaps(args, &program, terminal),
    }
}

fn answers(args: &Args, utterance: &str, program: &Program, terminal: &Terminal) -> Result<Exit, Failure> {
    let answers = program.answers(utterance).map_err(|long| Failure::new(Exit::No, long.to_string()))?;
    let winner = answers.iter().find(|answer| answer.verdict == Verdict::Wins);
    let text = if args.json {
        let listed: Vec<Value> = answers.iter().map(entry).collect();
        let wins = winner.map(|answer| &answer.dialog);
        document(json!({ "version": 1, "utterance": utterance, "wins": wins, "answers": listed }))
    } else {
        format!("{}\n\n{}\n{}", visible(utterance), table(&answers, terminal), note(winner, terminal))
    };
    terminal.data(&text)?;
    Ok(if winner.is_some() { Exit::Ok } else { Exit::No })
}

/// One answer a line: dialog, starter, characters, place, and why it does not win.
fn table(answers: &[Answer], terminal: &Terminal) -> String {
    let rows: Vec<[String; 4]> = answers.iter().map(row).collect();
    let widths: [usize; 3] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for (answer, row) in answers.iter().zip(&rows) {
        let wins = answer.verdict == Verdict::Wins;
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        let line = format!("  {}  {}  {}", if wins { "wins" } else { "    " }, cells.join("  "), row[3]);
        text.push_str(&terminal.paint(if wins { Paint::Green } else { Paint::Dim }, line.trim_end()));
        text.push('\n');
    }
    if answers.iter().all(|answer| answer.verdict != Verdict::Wins) {
        text.push_str("  nothing fits; the fallback dialog would answer, or the question that is open\n");
    }
    text
}

fn row(answer: &Answer) -> [String; 4] {
    let place = format!("{}:{}", answer.path, answer.line);
    let behind = match &answer.verdict {
        Verdict::Wins => place,
        _ => format!("{place}  {}", why(&answer.verdict)),
    };
    [answer.dialog.clone(), answer.starter.clone(), count(answer.own as usize, "character"), behind]
        .map(|cell| visible(&cell).into_owned())
}

/// Why an answer wins or does not.
pub(super) fn why(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Wins => "accounts for most characters".to_string(),
        Verdict::FewerCharacters => "accounts for fewer characters".to_string(),
        Verdict::WrittenLater => "accounts for as many characters, but is written later".to_string(),
        Verdict::RegexAfterPatterns => "a regex comes after patterns and words".to_string(),
        Verdict::ExcludedBy(matcher) => format!("taken out by `but not {matcher}`"),
        Verdict::NoModel => "needs a model that recognises intents, and there is none yet".to_string(),
    }
}

fn note(winner: Option<&Answer>, terminal: &Terminal) -> String {
    let first = "An open question comes before all this: its rules, its choices, its type.";
    let note = match winner {
        Some(winner) if winner.covers => {
            format!(
                "{first}\nThis starter accounts for the whole message, so it also interrupts a question that takes anything."
            )
        }
        _ => first.to_string(),
    };
    note.lines().map(|line| format!("{}\n", terminal.paint(Paint::Dim, line))).collect()
}

fn entry(answer: &Answer) -> Value {
    let verdict = match &answer.verdict {
        Verdict::Wins => "wins",
        Verdict::FewerCharacters => "fewer-characters",
        Verdict::WrittenLater => "written-later",
        Verdict::RegexAfterPatterns => "regex-after-patterns",
        Verdict::ExcludedBy(_) => "excluded",
        Verdict::NoModel => "no-model",
    };
    json!({
        "dialog": answer.dialog, "starter": answer.starter, "path": answer.path, "line": answer.line,
        "characters": answer.own, "covers": answer.covers, "verdict": verdict, "why": why(&answer.verdict),
    })
}

fn overlaps(args: &Args, program: &Program, terminal: &Terminal) -> Result<Exit, Failure> {
    let overlaps = program.overlaps(OVERLAPS_MAX);
    if args.json {
        let pairs = overlaps.pairs.iter().map(|pair| {
            json!({ "first": pair.first, "second": pair.second, "utterance": pair.utterance, "winner": pair.winner })
        });
        let pairs: Vec<Value> = pairs.collect();
        let whole = json!({ "version": 1, "overlaps": pairs, "examined": overlaps.examined, "skipped": overlaps.skipped });
        terminal.data(&document(whole))?;
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    for pair in &overlaps.pairs {
        let loser = if pair.winner == pair.first { &pair.second } else { &pair.first };
        text.push_str(&terminal.paint(Paint::Bold, &pair.utterance));
        text.push_str(&format!("\n  {} wins over {}\n", visible(&pair.winner), visible(loser)));
    }
    terminal.data(&text)?;
    let mut said =
        format!("{} in {}", count(overlaps.pairs.len(), "overlap"), count(overlaps.examined, "pair"));
    if overlaps.pairs.len() >= OVERLAPS_MAX {
        said.push_str(&format!("; no more than {OVERLAPS_MAX} are listed"));
    }
    if overlaps.skipped > 0 {
        said.push_str(&format!("; {} too large to compare", count(overlaps.skipped, "pair")));
    }
    terminal.talk(&said);
    Ok(Exit::Ok)
}

fn document(value: Value) -> String {
    crate::diagnostics::render::visible::visible_json(
        &serde_json::to_string_pretty(&value).unwrap_or_default(),
    )
}
