//! What a test says must be so: whether it is, and what is so instead.

use crate::conversation::Value;
use crate::language::transcript::syntax::Manner;
use crate::program::formula::{Budget, Formula, Names};

use super::{Player, Stage, Why, shown};
use crate::rehearsal::compare::Pair;
use crate::rehearsal::partner::Partner;
use crate::rehearsal::script::{Beat, Claim, Label};
use crate::rehearsal::shape::Bindings;

impl Player<'_> {
    /// Whether a claim is true, and what is so instead.
    pub(super) fn holds(&self, claim: &Claim, beat: &Beat) -> Result<(), String> {
        match claim {
            Claim::Dialog(name) => match self.partner.state().stack().last() {
                Some(frame) if frame.dialog == *name => Ok(()),
                Some(frame) => Err(format!("the dialog is \"{}\"", frame.dialog)),
                // One that is over already has had the conversation in this turn.
                None => match (self.now.begun.last(), self.now.why.last()) {
                    (Some(last), _) if last == name => Ok(()),
                    (_, Some(why)) if why.dialog == *name => Ok(()),
                    (Some(last), _) => Err(format!("\"{last}\" was the last, and is over")),
                    (None, Some(why)) => Err(format!("\"{}\" answered, and is over", why.dialog)),
                    (None, None) => Err("no dialog runs".to_string()),
                },
            },
            Claim::Matched(what) => self.matched(what),
            Claim::Holds(formula) => self.condition(formula, self.stage.program.environment()),
            Claim::Env(formula) => {
                let known = Environment(self.stage.program.environment());
                match formula.value(&known, &mut Budget::new()) {
                    Ok(value) if value.is_true() => Ok(()),
                    Ok(_) => Err("it is not so".to_string()),
                    Err(fault) => Err(fault.message),
                }
            }
            Claim::Call(name, outcome) => {
                let mut made = self.calls.iter().filter(|(called, _)| called == name).peekable();
                if made.peek().is_none() {
                    let others: Vec<&str> = self.calls.iter().map(|(name, _)| name.as_str()).collect();
                    return Err(match others.is_empty() {
                        true => "nothing was called".to_string(),
                        false => format!("called was \"{}\"", others.join("\", \"")),
                    });
                }
                let Some(outcome) = outcome else { return Ok(()) };
                let came: Vec<String> = made.map(|(_, came)| came.clone().unwrap_or_default()).collect();
                let good = came.iter().any(|came| {
                    came == outcome || came.split_once(' ').is_some_and(|(word, _)| word == outcome)
                });
                if good { Ok(()) } else { Err(format!("it came back with {}", came.join(", "))) }
            }
            Claim::NoMore => {
                let by_any = |line: usize| beat.expected[line].manner == Manner::Any;
                let of_bot =
                    |pair: &&Pair| pair.said.is_some_and(|said| self.now.said[said].label == Label::Bot);
                let said = self.now.pairs.iter().rfind(of_bot);
                match said.filter(|pair| pair.expected.is_some_and(by_any)) {
                    Some(pair) => {
                        let said = pair.said.map(|said| self.now.said[said].text.as_str());
                        Err(format!("`{}` is said as well", said.unwrap_or_default()))
                    }
                    None => Ok(()),
                }
            }
            Claim::Coverage(part) => match self.audience.has_seen(part) {
                Some(Ok(true)) => Ok(()),
                Some(Ok(false)) => Err("this test has not been there".to_string()),
                Some(Err(why)) => Err(why),
                None => Err("nobody counts what is covered".to_string()),
            },
        }
    }

    /// What answered is written like this, or is of this kind.
    fn matched(&self, what: &str) -> Result<(), String> {
        let wanted: String = what.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = |why: &Why| why.place.as_ref().and_then(|place| self.line(place));
        let good =
            self.now.why.iter().any(|why| {
                why.kind == wanted || line(why).is_some_and(|line| compared(&line).contains(&wanted))
            });
        if good {
            return Ok(());
        }
        match self.now.why.first() {
            Some(why) => Err(match line(why) {
                Some(line) => {
                    format!("what answered is `{}` ({})", line.trim_end_matches('{').trim(), why.kind)
                }
                None => format!("what answered is \"{}\" ({})", why.dialog, why.kind),
            }),
            None => Err("nothing answered".to_string()),
        }
    }

    /// A line of the bot, by its file and number, white space folded.
    pub(super) fn line(&self, place: &str) -> Option<String> {
        let (path, number) = place.rsplit_once(':')?;
        let number: usize = number.parse().ok()?;
        let (_, source) = self.stage.sources.iter().find(|(_, source)| source.path == path)?;
        let line = source.text.lines().nth(number.checked_sub(1)?)?;
        Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn condition(&self, formula: &Formula, env: Value) -> Result<(), String> {
        let known = Known {
            stage: self.stage,
            partner: &*self.partner,
            changes: &self.now.changes,
            bindings: &self.bindings,
            env,
        };
        match formula.value(&known, &mut Budget::new()) {
            Ok(value) if value.is_true() => Ok(()),
            Ok(_) => {
                let names = crate::program::expression::read_expression(formula.source());
                let names: Vec<String> = names
                    .map(|reading| reading.names.into_iter().map(|used| used.root).collect())
                    .unwrap_or_default();
                let mut values: Vec<String> =
                    names.iter().map(|name| format!("{name} is {}", shown(&known.value(name)))).collect();
                values.dedup();
                Err(values.join(", "))
            }
            Err(fault) => Err(fault.message),
        }
    }
}

/// The part of a line of a bot that says what a message is compared with, without what follows from it.
fn compared(line: &str) -> &str {
    const BEHIND: &[&str] = &["say \"", "save ", "-> ", "and if ", "{"];
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in line.char_indices() {
        if !quoted && BEHIND.iter().any(|word| line[at..].starts_with(word)) && line[..at].ends_with(' ') {
            return &line[..at];
        }
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
    }
    line
}

/// What a condition of a test can name.
struct Known<'k> {
    stage: &'k Stage<'k>,
    partner: &'k dyn Partner,
    /// What changed in this turn: the variables of a dialog that is over are still known to a test.
    changes: &'k [(String, Value, Value)],
    bindings: &'k Bindings,
    env: Value,
}

impl Names for Known<'_> {
    fn value(&self, name: &str) -> Value {
        let (program, state) = (self.stage.program, self.partner.state());
        if let Some((_, value)) = state.variables().find(|(known, _)| *known == name) {
            return value.clone();
        }
        let changed = self.changes.iter().rev().find(|(known, ..)| known == name);
        if let Some((_, _, value)) = changed.filter(|_| program.variable(name).is_none()) {
            return value.clone();
        }
        match name {
            "env" => self.env.clone(),
            "now" => program.now(self.partner.now()),
            "hours" => program.hours(self.partner.now()),
            "visitor" => state.knows().visitor.clone(),
            "conversation" => state.knows().conversation.clone(),
            "reply" => Value::text(state.reply()),
            name => self.bindings.get(name).map(|text| Value::text(text.as_str())).unwrap_or_default(),
        }
    }

    fn is_open(&self, hours: &str) -> bool {
        self.stage.program.is_open(hours, self.partner.now())
    }
}

/// The values of the environment by their own names.
struct Environment(Value);

impl Names for Environment {
    fn value(&self, name: &str) -> Value {
        if name == "env" { self.0.clone() } else { self.0.member(name) }
    }

    fn is_open(&self, _: &str) -> bool {
        false
    }
}
