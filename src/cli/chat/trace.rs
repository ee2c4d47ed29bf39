//! What `/trace` shows of a turn: what was tried with its place, what won and why, what was done.

use crate::engine::Trace;
use crate::program::{Program, Verdict};
use crate::rehearsal::{Session, Told};

use super::line::{self, Line};
use crate::cli::matching;
use crate::cli::why::why;

/// A turn, in the order of what happened in it. `heard` is what the visitor said.
pub(super) fn lines(told: &Told, mut heard: Option<&str>, session: &Session) -> Vec<Line> {
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
        if let Trace::Won { kind, .. } = trace
            && let Some(heard) = heard.take()
        {
            out.extend(starters(program, heard, kind));
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

/// How many starters that did not win are shown.
const LOST_MAX: usize = 5;

/// The starters that fit a message as well, and why they do not win; `won` is the kind of what did.
fn starters(program: &Program, text: &str, won: &str) -> Vec<Line> {
    let answers = program.answers(text).unwrap_or_default();
    let lost = answers.iter().filter(|answer| won != "starter" || answer.verdict != Verdict::Wins);
    let mut lines: Vec<Line> = lost
        .map(|answer| {
            let why = match (won, &answer.verdict) {
                (_, Verdict::ExcludedBy(_) | Verdict::NoModel) | ("starter", _) => {
                    matching::why(&answer.verdict)
                }
                ("rule" | "choice" | "number" | "type", _) => "the open question comes first".to_string(),
                ("anything", _) if !answer.covers => "does not account for all of the message".to_string(),
                _ => "the open question is focused".to_string(),
            };
            let place = format!("{}:{}", answer.path, answer.line);
            Line::remark(format!("  lost  {} ({place}): {why}", answer.dialog))
        })
        .collect();
    let more = lines.len().saturating_sub(LOST_MAX);
    if more > 0 {
        lines.truncate(LOST_MAX);
        lines.push(Line::remark(format!("  lost  and {more} more; `parlor match` lists them")));
    }
    lines
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
