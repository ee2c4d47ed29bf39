//! The conversation: what happens to the bot, in order, and what of it can be taken back.

use std::path::Path;
use std::time::Duration;

use crate::conversation::{Effect, Happening, Knowledge, Outcome, Receiver, Value};
use crate::diagnostics::english::did_you_mean;
use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::{Session, Told};

use super::clock::Clock;
use super::command::{COMMANDS, Command, EVENTS};
use super::line::{self, Line};
use super::living::Living;
use super::{Args, given, trace, transcript};
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;

/// How many calls in a row fail because nobody performs them, before the visitor is heard again.
const UNPERFORMED_MAX: usize = 20;

/// What happened at once.
struct Turn {
    /// What led to it, as a transcript has it.
    led: String,
    lines: Vec<Line>,
    /// How many happenings of the session it is.
    happenings: usize,
    /// Who has the conversation after it, if the bot has not.
    with: Option<String>,
}

/// A conversation with a bot that may change meanwhile.
pub(super) struct Talk<'a> {
    args: &'a Args,
    living: Living,
    session: Session,
    knowledge: Knowledge,
    clock: Clock,
    /// Whether somebody types, and sees what they type.
    typed: bool,
    traced: bool,
    turns: Vec<Turn>,
}

impl<'a> Talk<'a> {
    pub(super) fn begin(args: &'a Args, living: Living, typed: bool) -> Result<Talk<'a>, Failure> {
        let knowledge = given::knowledge(&args.given, &args.channel, &living.program)?;
        let clock = Clock::begin(args.clock, typed);
        let session = Session::new(living.program.clone(), knowledge.clone(), clock.start);
        Ok(Talk { args, living, session, knowledge, clock, typed, traced: false, turns: Vec::new() })
    }

    pub(super) fn program(&self) -> &Program {
        &self.living.program
    }

    pub(super) fn label(&self) -> &str {
        &self.living.label
    }

    /// Goes on with a new version of the bot, if there is one.
    pub(super) fn reload(&mut self, terminal: &Terminal) {
        if self.living.renew(terminal) {
            self.session.replace(self.living.program.clone());
        }
    }

    // ------------------------------------------------------------------------------------------------ time

    /// How long until the bot wants to be woken.
    pub(super) fn until_wake(&self) -> Option<Duration> {
        let wake = self.session.wake().filter(|wake| *wake > self.session.now())?;
        self.clock.until(wake)
    }

    /// Lets the time pass that has passed; the bot is woken on the way.
    pub(super) fn catch_up(&mut self) -> Vec<Line> {
        let now = self.clock.now();
        if self.session.wake().is_none_or(|wake| wake > now) {
            self.session.set_now(now);
            return Vec::new();
        }
        let span = now.since(self.session.now());
        let told = self.session.wait(span);
        let led = format!("wait: {}s", span.0.div_ceil(1_000));
        self.took(Line::kept(led), told)
    }

    // -------------------------------------------------------------------------------------------- happenings

    /// A call that nobody answers fails, where nobody is asked to answer it.
    pub(super) fn settle(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for _ in 0..UNPERFORMED_MAX {
            let reason = "not performed".to_string();
            let outcome = Outcome::Failure { reason, status: 0, body: Value::Nothing };
            let told = (!self.typed).then(|| self.session.answer(outcome)).flatten();
            let Some(told) = told else { break };
            let with = told.effects.iter().rev().find_map(taken_by);
            let failed = self.tell(Line::both("answer: failure not performed"), told);
            lines.extend(failed.iter().cloned());
            if let Some(turn) = self.turns.last_mut() {
                turn.lines.extend(failed);
                turn.happenings += 1;
                turn.with = with;
            }
        }
        lines
    }

    /// Does what was asked for.
    pub(super) fn obey(&mut self, command: Command) -> Result<Vec<Line>, Failure> {
        match command {
            Command::Say(text) => {
                if let Some(with) = self.with().map(str::to_string) {
                    return Ok(self.unheard(with, format!("user: {text}")));
                }
                let told = self.session.say(&text);
                Ok(self.took(self.input(format!("user: {text}")), told))
            }
            Command::Wait(span, typed) => {
                let told = self.session.wait(span);
                self.clock.set(self.session.now());
                Ok(self.took(self.input(format!("wait: {typed}")), told))
            }
            Command::Goto(dialog) => {
                let Some(told) = self.session.go_to(&dialog) else {
                    let failure = no(format!("there is no dialog `{}`", visible(&dialog)));
                    let names = self.program().dialogs().map(|dialog| dialog.name.as_str());
                    return Err(match did_you_mean(&dialog, names) {
                        Some(help) => failure.help(help),
                        None => failure,
                    });
                };
                Ok(self.took(self.input(format!("goto: \"{dialog}\"")), told))
            }
            Command::Answer(outcome) => self.answer(outcome),
            Command::Event(name, data) => {
                let written = match &data {
                    Value::Nothing => format!("happens: {name}"),
                    data => format!("happens: {name} {}", line::json(data)),
                };
                let comes_back = ["transfer in", "escalation failed"].contains(&name);
                if let Some(with) = self.with().filter(|_| !comes_back).map(str::to_string) {
                    return Ok(self.unheard(with, written));
                }
                let told = self.session.happen(match name {
                    "escalation failed" => Happening::EscalationFailed { reason: "unknown".to_string() },
                    name => Happening::Other { name: name.to_string(), data },
                });
                Ok(self.took(self.input(written), told))
            }
            Command::Events => Ok(events()),
            Command::Undo => self.undo(),
            Command::Vars => Ok(self.variables()),
            Command::Trace(on) => {
                self.traced = on.unwrap_or(!self.traced);
                Ok(vec![Line::remark(if self.traced { "trace on" } else { "trace off" })])
            }
            Command::Restart => {
                self.clock = Clock::begin(self.args.clock, self.typed);
                self.session =
                    Session::new(self.living.program.clone(), self.knowledge.clone(), self.clock.start);
                self.turns.clear();
                Ok(vec![Line::remark("a new conversation")])
            }
            Command::Help => Ok(help()),
            Command::Save(_) | Command::Quit => Ok(Vec::new()),
        }
    }

    fn answer(&mut self, outcome: Outcome) -> Result<Vec<Line>, Failure> {
        let written = match &outcome {
            Outcome::Success { body: Value::Nothing, .. } => "answer: success".to_string(),
            Outcome::Success { body, .. } => format!("answer: success {}", line::json(body)),
            Outcome::Failure { reason, .. } => format!("answer: failure {reason}"),
        };
        if let Some(told) = self.session.answer(outcome.clone()) {
            return Ok(self.took(self.input(written), told));
        }
        match (outcome, self.with()) {
            (Outcome::Failure { reason, .. }, Some(_)) => {
                let told = self.session.happen(Happening::EscalationFailed { reason });
                Ok(self.took(self.input("happens: escalation failed".to_string()), told))
            }
            (Outcome::Success { .. }, Some(with)) => {
                Ok(vec![Line::remark(format!("{with} has the conversation already"))])
            }
            _ => Err(no("no call waits for an answer")),
        }
    }

    /// Who has the conversation, if the bot has handed it over.
    fn with(&self) -> Option<&str> {
        self.turns.last()?.with.as_deref()
    }

    /// Something that happens while somebody else has the conversation: the bot does not hear it.
    fn unheard(&mut self, with: String, led: String) -> Vec<Line> {
        let mut lines = vec![self.input(led.clone())];
        // Who types has been told; the reader of a transcript wonders why nobody answers.
        if !self.typed {
            lines.push(Line::remark(format!("{with} has the conversation, and the bot does not hear this")));
        }
        self.turns.push(Turn { led, lines: lines.clone(), happenings: 0, with: Some(with) });
        lines
    }

    fn undo(&mut self) -> Result<Vec<Line>, Failure> {
        let Some(turn) = self.turns.pop() else {
            return Err(no("there is nothing to take back"));
        };
        for _ in 0..turn.happenings {
            if !self.session.undo() {
                break;
            }
        }
        self.clock.set(self.session.now());
        Ok(vec![Line::remark(format!("taken back: {}", turn.led))])
    }

    // ------------------------------------------------------------------------------------------------ lines

    /// What was typed: shown already, or to be shown.
    fn input(&self, line: String) -> Line {
        if self.typed { Line::kept(line) } else { Line::both(line) }
    }

    /// Keeps what a happening led to.
    fn took(&mut self, led: Line, told: Told) -> Vec<Line> {
        let with = match told.effects.iter().rev().find_map(taken_by) {
            // Time passes for whoever has the conversation.
            None if led.text.starts_with("wait:") && told.effects.is_empty() => {
                self.with().map(str::to_string)
            }
            with => with,
        };
        let text = led.text.clone();
        let mut lines = self.tell(led, told);
        if self.typed && with.as_deref() != self.with() {
            lines.extend(with.iter().flat_map(|with| handed_over(with)));
        }
        self.turns.push(Turn { led: text, lines: lines.clone(), happenings: 1, with });
        lines
    }

    /// The lines of what a happening led to.
    fn tell(&self, led: Line, told: Told) -> Vec<Line> {
        let heard = led.text.strip_prefix("user: ").map(str::to_string);
        let mut lines = vec![led];
        lines.extend(line::of_effects(&told.effects, self.program(), self.typed));
        if self.typed && self.session.waits_for().is_some() {
            lines.push(Line::remark(
                "nobody performs calls here: /answer success {…} or /answer failure timeout",
            ));
        }
        if self.traced {
            lines.extend(trace::lines(&told, heard.as_deref(), &self.session));
        }
        lines
    }

    fn variables(&self) -> Vec<Line> {
        let program = self.program();
        let mut seen = std::collections::HashSet::new();
        let variables = self.session.state().variables().filter(|(name, _)| seen.insert(name.to_string()));
        let mut lines: Vec<Line> = variables
            .map(|(name, value)| Line::remark(format!("{name} = {}", line::written(name, value, program))))
            .collect();
        if lines.is_empty() {
            lines.push(Line::remark("no variable has a value"));
        }
        lines
    }

    /// Writes the conversation so far.
    pub(super) fn save(&self, path: &Path) -> Result<(), Failure> {
        let turns: String = self.turns.iter().map(|turn| line::kept_text(&turn.lines)).collect();
        transcript::write(path, &self.living.label, self.args, self.clock.start, &turns)
    }
}

/// To whom an effect gives the conversation.
fn taken_by(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Transfer { to: Receiver::Skill, name, .. } => Some(format!("skill {name}")),
        Effect::Transfer { to: Receiver::Agent, name, .. } => Some(format!("agent {name}")),
        Effect::Transfer { to: Receiver::Bot, name, .. } => Some(format!("bot {name}")),
        _ => None,
    }
}

/// What somebody who talks to the bot has to know once it has handed over.
fn handed_over(with: &str) -> [Line; 2] {
    [
        Line::remark(format!(
            "{with} has the conversation now; what you say goes there, and the bot is silent"
        )),
        Line::remark("/answer failure busy: nobody took it; /event transfer in: the bot has it back"),
    ]
}

fn events() -> Vec<Line> {
    let width = EVENTS.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    EVENTS.iter().map(|(name, when)| Line::remark(format!("/event {name:width$}  {when}"))).collect()
}

fn help() -> Vec<Line> {
    let width = COMMANDS.iter().map(|(name, with, _)| name.len() + with.len()).max().unwrap_or(0) + 1;
    let row = |(name, with, does): &(&str, &str, &str)| {
        Line::remark(format!("{:width$}  {does}", format!("{name} {with}")))
    };
    let mut lines: Vec<Line> = COMMANDS.iter().map(row).collect();
    lines.push(Line::remark("Everything else is said to the bot; // at the beginning says a /."));
    lines
}

/// A command that cannot be done.
fn no(why: impl Into<String>) -> Failure {
    Failure::new(Exit::No, why)
}
