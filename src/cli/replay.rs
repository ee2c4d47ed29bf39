//! `parlor replay`: conversations that were held, held again with another version of the bot, to see what changes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::log::{Reason, Turn};
use crate::rehearsal::replay::{Difference, Fate, Replayed, replay};

use super::chat::living::Living;
use super::columns::Columns;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal::{Paint, Terminal, paint};
use super::why::why;
use super::{exit, logs};

const EXAMPLES: &str = "Examples:
  parlor replay log.jsonl --against bots/acme          what does this version do otherwise?
  parlor replay *.jsonl --against bots/acme --allow-changed 5
  parlor replay log.jsonl --against bots/acme --report json=replay.json";

/// Hold recorded conversations again with another version of a bot
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    /// Logs of conversations
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// The folder of the bot that is to hold them
    #[arg(long, value_name = "BOT")]
    against: PathBuf,
    /// Whose values of env.yaml the bot gets, demo or production; those it had
    #[arg(long, value_name = "NAME", value_parser = ["demo", "production"], hide_possible_values = true)]
    env: Option<String>,
    /// How many conversations are held at once; as many as there are cores
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Write what came of it to a file: json=PATH
    #[arg(long, value_name = "json=PATH")]
    report: Option<Report>,
    /// How many conversations may change before the answer is no
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    allow_changed: usize,
    /// How many conversations are shown with their first difference; the others only by name
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: usize,
}

/// `json=PATH`
#[derive(Debug, Clone)]
struct Report(PathBuf);

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Report, String> {
        match text.split_once('=') {
            Some(("json", path)) if !path.is_empty() => Ok(Report(PathBuf::from(path))),
            _ => Err("`json=` and a file: json=replay.json".to_string()),
        }
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let conversations = logs::read(&args.logs)?;
    let mut programs: BTreeMap<&str, Program> = BTreeMap::new();
    for turns in &conversations {
        let env = env(args, turns);
        if !programs.contains_key(env) {
            programs.insert(env, Living::read(&args.against, env, terminal)?.program);
        }
    }
    let jobs =
        args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let mut progress = Progress::new(conversations.len(), "different", terminal);
    let all = replay_all(
        &conversations,
        jobs,
        &|turns| replay(&programs[env(args, turns)], turns),
        &mut |done, apart| {
            progress.show(done, apart);
        },
    );
    progress.clear();
    let mut shown = 0;
    for (turns, replayed) in conversations.iter().zip(&all) {
        let with_difference = shown < args.show;
        let text = told(turns, replayed, with_difference, terminal);
        shown += usize::from(!text.is_empty() && replayed.difference.is_some());
        terminal.data(&text)?;
    }
    if let Some(Report(path)) = &args.report {
        let text = format!("{:#}\n", report(&conversations, &all));
        std::fs::write(path, text).map_err(|error| Failure::io("write", path, error))?;
    }
    let tally = Tally::of(&all);
    terminal.talk(&tally.summary(started, terminal));
    let different = tally.changed + tally.fell_back + tally.escalated;
    Ok(if different <= args.allow_changed && tally.lacking == 0 { Exit::Ok } else { Exit::No })
}

/// Whose values the bot gets in a conversation.
fn env<'a>(args: &'a Args, turns: &'a [Turn]) -> &'a str {
    let had = turns.first().and_then(|turn| turn.env.as_deref());
    args.env.as_deref().or(had).unwrap_or("demo")
}

/// Replays all conversations, several at once; what came of each, in their order. `tick` is told how far it is.
fn replay_all(
    conversations: &[Vec<Turn>],
    jobs: usize,
    replay: &(dyn Fn(&[Turn]) -> Replayed + Sync),
    tick: &mut dyn FnMut(usize, usize),
) -> Vec<Replayed> {
    let (next, done, apart) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let all: Mutex<Vec<(usize, Replayed)>> = Mutex::new(Vec::with_capacity(conversations.len()));
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..jobs.clamp(1, conversations.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(turns) = conversations.get(number) else { break };
                        let replayed = replay(turns);
                        apart.fetch_add(usize::from(replayed.fate != Fate::Unchanged), Ordering::Relaxed);
                        done.fetch_add(1, Ordering::Relaxed);
                        own.push((number, replayed));
                    }
                    all.lock().unwrap_or_else(|broken| broken.into_inner()).extend(own);
                })
            })
            .collect();
        while crew.iter().any(|worker| !worker.is_finished()) {
            tick(done.load(Ordering::Relaxed), apart.load(Ordering::Relaxed));
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
    let mut all = all.into_inner().unwrap_or_else(|broken| broken.into_inner());
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, replayed)| replayed).collect()
}

/// How many conversations had which fate.
#[derive(Default)]
struct Tally {
    all: usize,
    unchanged: usize,
    changed: usize,
    fell_back: usize,
    escalated: usize,
    lacking: usize,
}

impl Tally {
    fn of(all: &[Replayed]) -> Tally {
        let mut tally = Tally { all: all.len(), ..Tally::default() };
        for replayed in all {
            *match replayed.fate {
                Fate::Unchanged => &mut tally.unchanged,
                Fate::Changed => &mut tally.changed,
                Fate::FellBack => &mut tally.fell_back,
                Fate::Escalated => &mut tally.escalated,
                Fate::Lacking(_) => &mut tally.lacking,
            } += 1;
        }
        tally
    }

    /// `1000 conversations: 990 unchanged, 6 changed, 3 newly fallen back, 1 newly escalated`
    fn summary(&self, started: Instant, terminal: &Terminal) -> String {
        let color = terminal.talk_color;
        let part = |number: usize, word: &str, bright: Paint| {
            let text = format!("{number} {word}");
            if number == 0 { text } else { paint(color, bright, &text) }
        };
        let mut parts = vec![
            part(self.unchanged, "unchanged", Paint::Green),
            part(self.changed, "changed", Paint::Red),
            part(self.fell_back, "newly fallen back", Paint::Red),
            part(self.escalated, "newly escalated", Paint::Red),
        ];
        if self.lacking > 0 {
            parts.push(part(self.lacking, "cannot be replayed", Paint::Red));
        }
        let seconds = started.elapsed().as_secs_f64();
        let took = paint(color, Paint::Dim, &format!(" ({seconds:.2} s)"));
        format!("{}: {}{took}", count(self.all, "conversation"), parts.join(", "))
    }
}

/// A conversation that goes another way; nothing of one that does not.
fn told(turns: &[Turn], replayed: &Replayed, with_difference: bool, terminal: &Terminal) -> String {
    if replayed.fate == Fate::Unchanged {
        return String::new();
    }
    let name = turns.first().map_or("", |turn| turn.conversation.as_str());
    let name = paint(terminal.color, Paint::Bold, &visible(name));
    let mut out = format!("{} {name}", paint(terminal.color, Paint::Red, replayed.fate.word()));
    if let Fate::Lacking(why) = &replayed.fate {
        out.push_str(&format!(": {}\n", visible(why)));
        return out;
    }
    let Some(difference) = &replayed.difference else { return out + "\n" };
    out.push_str(&format!("  turn {}\n", difference.turn));
    if with_difference {
        shown(difference, &mut out, terminal);
        out.push('\n');
    }
    out
}

/// What was said then and now, and who answered.
fn shown(difference: &Difference, out: &mut String, terminal: &Terminal) {
    out.push_str(&format!("    {}\n", visible(&difference.happened).replace('\n', "\n      ")));
    let columns = Columns { width: terminal.width(), color: terminal.color };
    columns.head(out, "then", "now");
    let (then, now) = (&difference.then, &difference.now);
    for op in capture_diff_slices(Algorithm::Myers, then, now) {
        let (old, new) = (op.old_range(), op.new_range());
        for at in 0..old.len().max(new.len()) {
            let line = |lines: &'_ [String], range: &std::ops::Range<usize>| {
                range.clone().nth(at).map(|at| lines[at].clone())
            };
            let good = matches!(op, DiffOp::Equal { .. });
            columns.row(out, line(then, &old).as_deref(), line(now, &new).as_deref(), good);
        }
    }
    let dim = |text: String| paint(terminal.color, Paint::Dim, &text);
    let mut answered = |word: &str, reasons: &[Reason]| {
        for reason in reasons {
            let place = reason.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            let line = format!("      {word}  {}{place}: {}\n", reason.dialog, why(&reason.kind, reason.own));
            out.push_str(&dim(visible(line.trim_end()).into_owned()));
            out.push('\n');
        }
    };
    answered("answered then", &difference.answered_then);
    answered("answers now  ", &difference.answered_now);
    if let Some(stops) = &difference.stops {
        out.push_str(&dim(format!("      stops          the bot {}\n", visible(stops))));
    }
}

/// All of it, to be read by programs.
fn report(conversations: &[Vec<Turn>], all: &[Replayed]) -> serde_json::Value {
    let tally = Tally::of(all);
    let different = conversations.iter().zip(all).filter(|(_, replayed)| replayed.fate != Fate::Unchanged);
    let different: Vec<serde_json::Value> = different
        .map(|(turns, replayed)| {
            let first = turns.first();
            let mut one = json!({
                "conversation": first.map(|turn| &turn.conversation),
                "version": first.map(|turn| &turn.version),
                "fate": replayed.fate.word(),
            });
            if let Fate::Lacking(why) = &replayed.fate {
                one["lacks"] = json!(why);
            }
            if let Some(difference) = &replayed.difference {
                one["turn"] = json!(difference.turn);
                one["happened"] = json!(difference.happened);
                one["then"] = json!(difference.then);
                one["now"] = json!(difference.now);
                one["answered_then"] = json!(difference.answered_then);
                one["answered_now"] = json!(difference.answered_now);
                one["stops"] = json!(difference.stops);
            }
            one
        })
        .collect();
    json!({
        "version": 1,
        "conversations": tally.all,
        "unchanged": tally.unchanged,
        "changed": tally.changed,
        "newly_fallen_back": tally.fell_back,
        "newly_escalated": tally.escalated,
        "cannot_be_replayed": tally.lacking,
        "different": different,
    })
}
