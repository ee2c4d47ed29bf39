//! What `/trace` shows of a turn: what was tried with its place, what won and why, what was done.

use crate::engine::Trace;
use crate::program::{Program, Verdict};
use crate::rehearsal::{Session, Told};

use super::line::{self, Line};
use crate::cli::matching;

/// A turn, in the order of what happened in it. `heard` is what the visitor said.
pub(super) fn lines(told: &Told, heard: Option<&str>, session: &Session) -> Vec<Line> {
    let program = session.program();
    let mut out = Vec::new();
    let mut ran: Vec<String> = Vec::new();
    let mut back = false;
    for trace in &told.trace {
        if let Trace::Ran { dialog, line, .. } = trace {
            ran.push(format!("{}:{line}", path(program, dialog)));
            continue;
        }
        back |= matches!(trace, Trace::Returned { .. });
        if matches!(trace, Trace::Entered { .. } | Trace::Branched { .. } | Trace::Went { .. }) {
            continue;
        }
        steps(&mut ran, &mut out);
        if let (Trace::Won { kind: "starter", .. }, Some(heard)) = (trace, heard) {
            out.extend(starters(program, heard));
        }
        out.push(Line::remark(match trace {
            Trace::Tried { question, place, fits } => {
                format!("  tried {question} ({place}): {}", if *fits { "fits" } else { "does not fit" })
            }
            Trace::Won { kind, dialog, place, own } => {
                let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                format!("  won   {dialog}{place}: {}", why(kind, *own))
            }
            Trace::Set { name, before, after } => {
                format!("  set   {name}: {} → {}", line::json(before), line::json(after))
            }
            // What a rule of the open question did stands in the line of what won.
            Trace::Applied { dialog, line, .. } if back => {
                format!("  rule  {dialog} ({}:{line})", path(program, dialog))
            }
            _ => continue,
        }));
    }
    steps(&mut ran, &mut out);
    let now = match (session.state().stack().last(), session.state().open()) {
        (Some(_), Some((dialog, open))) => format!("  now   {dialog}, asking {}", open.question),
        (Some(frame), None) => format!("  now   {}", frame.dialog),
        (None, _) => "  now   no dialog".to_string(),
    };
    out.push(Line::remark(now));
    out
}

/// The starters that fit a message as well, and why they do not win.
fn starters(program: &Program, text: &str) -> Vec<Line> {
    let answers = program.answers(text).unwrap_or_default();
    let losers = answers.iter().filter(|answer| answer.verdict != Verdict::Wins);
    losers
        .map(|answer| {
            let why = matching::why(&answer.verdict);
            let place = format!("{}:{}", answer.path, answer.line);
            Line::remark(format!("  lost  {} ({place}): {why}", answer.dialog))
        })
        .collect()
}

/// The steps that were done since.
fn steps(ran: &mut Vec<String>, out: &mut Vec<Line>) {
    ran.dedup(); // a step with an arrow is two to the engine
    if !ran.is_empty() {
        out.push(Line::remark(format!("  did   {}", ran.join(" "))));
        ran.clear();
    }
}

fn path<'p>(program: &'p Program, dialog: &str) -> &'p str {
    program.dialog(dialog).map_or("", |dialog| &dialog.path)
}

/// Why this answers.
fn why(kind: &str, own: u32) -> String {
    match kind {
        "starter" => format!(
            "a starter that accounts for {}",
            crate::diagnostics::english::count(own as usize, "character")
        ),
        "rule" => "a rule of the open question".to_string(),
        "choice" => "a choice of the open question".to_string(),
        "number" => "the number of a choice".to_string(),
        "type" => "a value of the type of the question".to_string(),
        "anything" => "the question takes anything".to_string(),
        "otherwise" => "nothing else fits: otherwise".to_string(),
        "retry" => "too many answers that do not fit".to_string(),
        "silence" => "nothing was heard for a time".to_string(),
        "fallback" => "nothing fits: the fallback dialog".to_string(),
        "escalation" => "too many answers that do not fit: the escalation dialog".to_string(),
        "apology" => "nothing fits, and there is no fallback dialog".to_string(),
        "entry" => "the entry of the bot, as nothing else fits".to_string(),
        "event" => "an event it waits for".to_string(),
        "returned" => "the call came back".to_string(),
        "goto" => "/goto".to_string(),
        kind => kind.to_string(),
    }
}
