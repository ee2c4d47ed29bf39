//! Conversations that bots hold: `tests/run/<bot>/*.transcript`, each played again and compared line by line.
//!
//! A case begins with `bot NAME` (a folder of `bots/`) or with a bot of its own between `bot {` and `}`. What is played:
//! `user:`, `wait:`, `answer:` (`success {json}` or `failure reason`), `happens:` (`event {json}`), `knows:`, `begin:`,
//! `test "…"` (a new conversation). All other lines are what the bot does; `UPDATE=1 cargo test` writes them anew.

use std::path::Path;

use parlor::conversation::{Happening, Knowledge, Moment, Outcome, Span, Value};
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Session, lines};

/// Friday, the 20th of November 2026, nine o'clock UTC.
const CLOCK: Moment = Moment(1_795_165_200_000);

#[test]
fn every_conversation_goes_as_written() {
    let update = std::env::var_os("UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("tests/run is there").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "transcript") {
            continue;
        }
        cases += 1;
        let written = std::fs::read_to_string(&path).expect("a transcript is text");
        let played = play(&written).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        if update {
            std::fs::write(&path, &played).expect("the transcript can be written");
        } else if played != written {
            let at = played.lines().zip(written.lines()).position(|(one, other)| one != other).unwrap_or(0);
            let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_string();
            wrong.push(format!(
                "{}:{}\n  written: {}\n  played:  {}",
                path.display(),
                at + 1,
                line(&written),
                line(&played)
            ));
        }
    }
    assert!(cases > 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn play(written: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = written.lines().peekable();
    let mut program: Option<Program> = None;
    let mut session: Option<Session> = None;
    let mut knowledge = Knowledge::default();
    while let Some(line) = rest.next() {
        let trimmed = line.trim();
        if trimmed == "bot {" {
            out.push_str("bot {\n");
            let mut text = String::new();
            for line in rest.by_ref() {
                out.push_str(line);
                out.push('\n');
                if line == "}" {
                    break;
                }
                text.push_str(line.strip_prefix("  ").unwrap_or(line));
                text.push('\n');
            }
            program = Some(compile(vec![("case.dialog".to_string(), text)])?);
        } else if let Some(name) = trimmed.strip_prefix("bot ") {
            out.push_str(&format!("{line}\n"));
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots").join(name);
            let files =
                std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten().filter_map(|entry| {
                    let name =
                        entry.file_name().into_string().ok().filter(|name| name.ends_with(".dialog"))?;
                    Some((name, std::fs::read_to_string(entry.path()).ok()?))
                });
            program = Some(compile(files.collect())?);
        } else if trimmed.is_empty() || trimmed.starts_with('#') {
            out.push_str(&format!("{line}\n"));
        } else if let Some(json) = trimmed.strip_prefix("knows:") {
            out.push_str(&format!("{line}\n"));
            knowledge = serde_json::from_str(json).map_err(|error| error.to_string())?;
        } else if trimmed.starts_with("test ") {
            out.push_str(&format!("{line}\n"));
            let program = program.clone().ok_or("no bot before the first test")?;
            session = Some(Session::new(program, knowledge.clone(), CLOCK));
        } else if let Some(told) = input(trimmed, session.as_mut())? {
            out.push_str(&format!("  {trimmed}\n"));
            for said in told {
                out.push_str(&format!("  {}\n", said.replace('\n', "\n  ")));
            }
        }
    }
    Ok(out)
}

/// Plays a line, if it is one to be played.
fn input(line: &str, session: Option<&mut Session>) -> Result<Option<Vec<String>>, String> {
    let Some((label, text)) = line.split_once(':') else { return Ok(None) };
    let text = text.trim();
    let known = ["user", "wait", "answer", "happens", "begin", "vars"];
    if !known.contains(&label) {
        return Ok(None);
    }
    let session = session.ok_or("a line before the first test")?;
    let told = match label {
        "user" => session.say(text),
        "begin" => session.happen(Happening::Began),
        "wait" => {
            let (number, unit) = text.split_at(text.len() - 1);
            let unit = match unit {
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => 86_400_000,
            };
            session.wait(Span(number.parse::<u64>().map_err(|error| error.to_string())? * unit))
        }
        "answer" => {
            let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
            let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            let outcome = match word {
                "success" if rest.is_empty() => Outcome::Success { status: 200, body: Value::Nothing },
                "success" => Outcome::Success { status: 200, body: json(rest)? },
                _ => Outcome::Failure { reason: rest.to_string(), status: 0, body: Value::Nothing },
            };
            session.answer(outcome).ok_or("nothing waits for an answer")?
        }
        "happens" => {
            let (name, data) = text.split_once(" {").map_or((text, Value::Nothing), |(name, rest)| {
                (name, serde_json::from_str(&format!("{{{rest}")).unwrap_or_default())
            });
            match name.strip_prefix("escalation failed") {
                Some(_) => session.happen(Happening::EscalationFailed { reason: "unknown".to_string() }),
                None => session.happen(Happening::Other { name: name.to_string(), data }),
            }
        }
        _ => {
            let vars: Vec<String> =
                session.state().variables().map(|(name, value)| format!("{name} = {value}")).collect();
            return Ok(Some(vec![format!("vars are {}", vars.join(", "))]));
        }
    };
    Ok(Some(lines(&told.effects)))
}

fn compile(files: Vec<(String, String)>) -> Result<Program, String> {
    let mut draft = Draft::new();
    for (path, text) in files {
        draft.put(path, text);
    }
    let checked = draft.check();
    let findings: Vec<String> =
        checked.findings.iter().map(|finding| format!("{}: {}", finding.slug, finding.message)).collect();
    checked.program.ok_or_else(|| findings.join("; "))
}
