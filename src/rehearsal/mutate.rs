//! A bot, changed in one place at a time: what its tests should notice.
//!
//! A mutant is an edit of a file, made by the places of the syntax tree, so that it can be shown as its author would
//! see it. Whether it still compiles, and whether a test notices, is for others to find out.

use std::ops::Range;

use crate::diagnostics::{FileId, Source, Span};
use crate::language;
use crate::language::pattern::{Alternate, Item, parse_pattern};
use crate::language::syntax::{
    Action, Block, Body, Declaration, Dialog, DialogKind, Else, Expr, File, If, Line, Listen, Matcher,
    MatcherKind, Rule, Save, Statement, Step, Tail, Target, Text, Then, When,
};

/// How many mutants are made of one bot.
pub const MUTANTS_MAX: usize = 20_000;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mutation {
    /// An alternative of a pattern is taken out.
    Alternative,
    /// A line of `user says` is taken out.
    Starter,
    /// A `but not` is taken out.
    ButNot,
    /// An arrow leads elsewhere.
    Jump,
    /// A condition is turned around.
    Condition,
    /// One answer less is waited for.
    Retry,
    /// An `otherwise` is taken out.
    Otherwise,
    /// Another rule or a choice is taken out.
    Rule,
    /// Nothing is saved.
    Save,
    /// A question is not `focused`.
    Focused,
    /// `success` and `failure` change places.
    Outcome,
    /// Nothing is said.
    Say,
    /// A variable is set to something else.
    Set,
}

impl Mutation {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Mutation; 13] = [
        Mutation::Alternative,
        Mutation::Starter,
        Mutation::ButNot,
        Mutation::Jump,
        Mutation::Condition,
        Mutation::Retry,
        Mutation::Otherwise,
        Mutation::Rule,
        Mutation::Save,
        Mutation::Focused,
        Mutation::Outcome,
        Mutation::Say,
        Mutation::Set,
    ];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Mutation::Alternative => "alternative",
            Mutation::Starter => "starter",
            Mutation::ButNot => "but-not",
            Mutation::Jump => "jump",
            Mutation::Condition => "condition",
            Mutation::Retry => "retry",
            Mutation::Otherwise => "otherwise",
            Mutation::Rule => "rule",
            Mutation::Save => "save",
            Mutation::Focused => "focused",
            Mutation::Outcome => "outcome",
            Mutation::Say => "say",
            Mutation::Set => "set",
        }
    }
}

/// A bot that differs in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What is changed.
    pub mutation: Mutation,
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The line as it was.
    pub was: String,
    /// The line as it is; empty, if nothing is left of it.
    pub is: String,
    /// A test that goes through none of these lines of the file cannot notice; where there are none, any test may.
    pub through: Vec<u32>,
    place: Range<usize>,
    with: String,
}

impl Mutant {
    /// The text of its file, changed.
    pub fn text(&self, original: &str) -> String {
        let (before, behind) = (original.get(..self.place.start), original.get(self.place.end..));
        format!("{}{}{}", before.unwrap_or_default(), self.with, behind.unwrap_or_default())
    }
}

/// All mutants of a bot, in the order of its files and lines.
pub fn mutants<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Vec<Mutant> {
    let read: Vec<(Source, File)> =
        files.map(|(path, text)| (Source::new(path, text), language::parse(text, FileId(0)).0)).collect();
    let dialogs: Vec<String> = read
        .iter()
        .flat_map(|(_, file)| file.block.items())
        .filter_map(|declared| match declared {
            Declaration::Dialog(dialog) if matches!(dialog.kind, DialogKind::Plain) => {
                Some(dialog.name.value.clone())
            }
            _ => None,
        })
        .collect();
    let mut all = Vec::new();
    for (source, file) in &read {
        let mut maker = Maker { source, dialogs: &dialogs, dialog: "", labels: Vec::new(), made: Vec::new() };
        for declared in file.block.items() {
            match declared {
                Declaration::Dialog(dialog) => maker.dialog(dialog),
                Declaration::Integration(integration) => {
                    for line in &integration.block.lines {
                        if let language::syntax::IntegrationLine::Save(_) = &line.item {
                            maker.make(Mutation::Save, line.span.range(), "", &[]);
                        }
                    }
                }
                _ => {}
            }
        }
        maker.made.sort_by_key(|mutant| (mutant.place.start, mutant.mutation));
        all.extend(maker.made);
    }
    all.truncate(MUTANTS_MAX);
    all
}

struct Maker<'m> {
    source: &'m Source,
    dialogs: &'m [String],
    /// The dialog that is changed.
    dialog: &'m str,
    labels: Vec<&'m str>,
    made: Vec<Mutant>,
}

impl<'m> Maker<'m> {
    fn line(&self, offset: u32) -> u32 {
        self.source.line_column(offset as usize).0 as u32
    }

    fn make(&mut self, mutation: Mutation, place: Range<usize>, with: &str, through: &[u32]) {
        let text = self.source.text.as_str();
        let mut mutant = Mutant {
            mutation,
            path: self.source.path.clone(),
            line: self.line(place.start as u32),
            was: String::new(),
            is: String::new(),
            through: through.to_vec(),
            place,
            with: with.to_string(),
        };
        let row = |text: &str| {
            text.lines().nth(mutant.line.saturating_sub(1) as usize).unwrap_or_default().trim().to_string()
        };
        let changed = mutant.text(text);
        (mutant.was, mutant.is) = (row(text), row(&changed));
        if changed != text {
            self.made.push(mutant);
        }
    }

    // --------------------------------------------------------------------------------------------- dialogs

    fn dialog(&mut self, dialog: &'m Dialog) {
        self.dialog = &dialog.name.value;
        self.labels.clear();
        self.find_labels(&dialog.block);
        self.steps(&dialog.block);
    }

    fn find_labels(&mut self, block: &'m Block<Step>) {
        for step in block.items() {
            let Step::Do { label, statement } = step else { continue };
            self.labels.extend(label.iter().map(|label| label.text.as_str()));
            match statement {
                Some(Statement::Ask(ask)) => self.labels.push(&ask.name.text),
                Some(Statement::Choose(choose)) => self.labels.push(&choose.name.text),
                Some(Statement::Collect(block)) => self.find_labels(block),
                _ => {}
            }
        }
    }

    fn steps(&mut self, block: &'m Block<Step>) {
        for line in &block.lines {
            match &line.item {
                Step::UserSays(block) => self.user_says(block),
                Step::Var(_) => {}
                Step::Do { statement, .. } => {
                    if let Some(statement) = statement {
                        self.statement(statement, line);
                    }
                }
            }
        }
    }

    fn user_says(&mut self, block: &'m Block<Listen>) {
        for line in &block.lines {
            let here = [self.line(line.span.start)];
            match &line.item {
                Listen::Any(any) => {
                    self.make(Mutation::Starter, line.span.range(), "", &here);
                    any.iter().for_each(|matcher| self.alternatives(matcher, &here));
                }
                // Any message may start the dialog now.
                Listen::ButNot(_) => self.make(Mutation::ButNot, line.span.range(), "", &[]),
            }
        }
    }

    fn statement(&mut self, statement: &'m Statement, line: &'m Line<Step>) {
        let at = self.line(line.span.start);
        match statement {
            Statement::Say { text, action } => {
                match action {
                    // The arrow stays.
                    Some(action) => self.without(Mutation::Say, "say", text.span, action.span.start, &[at]),
                    None => self.without(Mutation::Say, "say", text.span, text.span.end, &[at]),
                }
                self.jump(action.as_ref(), &[at]);
            }
            Statement::Set { value, .. } => self.set(value, line.span, &[at]),
            Statement::If(one) => self.branches(one),
            Statement::Ask(ask) => {
                if ask.focused {
                    self.word(Mutation::Focused, "focused", ask.text.span, &[at]);
                }
                self.then(&ask.then, at);
            }
            Statement::Choose(choose) => {
                if choose.focused {
                    self.word(Mutation::Focused, "focused", choose.text.span, &[at]);
                }
                self.rules(&choose.rules, at);
            }
            Statement::Collect(block) => self.steps(block),
            Statement::Call(call) => self.then(&call.then, at),
            Statement::Transfer(transfer) => {
                if let Some(rules) = &transfer.rules {
                    self.rules(rules, at);
                }
            }
            Statement::Go(action) => self.jump(Some(action), &[at]),
            _ => {}
        }
    }

    fn branches(&mut self, one: &'m If) {
        let at = self.line(one.condition.span.start);
        self.condition(&one.condition, &[at]);
        self.steps(&one.then);
        match &one.otherwise {
            Some(Else::If(next)) => self.branches(next),
            Some(Else::Block(block)) => self.steps(block),
            None => {}
        }
    }

    fn then(&mut self, then: &'m Then, at: u32) {
        match then {
            Then::Rules(rules) => self.rules(rules, at),
            Then::Action(action) => self.jump(Some(action), &[at]),
            Then::Nothing => {}
        }
    }

    // ----------------------------------------------------------------------------------------------- rules

    /// `at`: the line of the question, call or transfer: whoever asks it may notice that a rule is missing.
    fn rules(&mut self, block: &'m Block<Rule>, at: u32) {
        for line in &block.lines {
            let Rule { when, tail } = &line.item;
            let own = self.line(line.span.start);
            match when {
                When::Fits(fits) => {
                    self.make(Mutation::Rule, line.span.range(), "", &[at]);
                    fits.any.iter().for_each(|matcher| self.matcher(matcher, at));
                    self.but_nots(&fits.any, &fits.but_not, at);
                }
                When::Choice(choice) => {
                    self.make(Mutation::Rule, line.span.range(), "", &[at]);
                    choice.fits.any.iter().for_each(|matcher| self.matcher(matcher, at));
                    self.but_nots(&choice.fits.any, &choice.fits.but_not, at);
                }
                When::Otherwise(_) => self.make(Mutation::Otherwise, line.span.range(), "", &[at]),
                When::Retry(times) => {
                    if let Some(less) = times.text.parse::<u32>().ok().and_then(|times| times.checked_sub(1))
                    {
                        self.make(Mutation::Retry, times.span.range(), &less.to_string(), &[at]);
                    }
                }
            }
            self.tail(tail, own, at);
        }
    }

    fn matcher(&mut self, matcher: &'m Matcher, at: u32) {
        match matcher.kind {
            MatcherKind::Success => self.make(Mutation::Outcome, matcher.span.range(), "failure", &[at]),
            MatcherKind::Failure => self.make(Mutation::Outcome, matcher.span.range(), "success", &[at]),
            _ => self.alternatives(matcher, &[at]),
        }
    }

    /// Each ` but not …` behind the matchers of a rule.
    fn but_nots(&mut self, any: &'m [Matcher], but_not: &'m [Matcher], at: u32) {
        let mut end = any.last().map(|matcher| matcher.span.end);
        for matcher in but_not {
            if let Some(before) = end {
                self.make(Mutation::ButNot, before as usize..matcher.span.end as usize, "", &[at]);
            }
            end = Some(matcher.span.end);
        }
    }

    fn tail(&mut self, tail: &'m Tail, own: u32, at: u32) {
        if let Some(condition) = &tail.condition {
            self.condition(condition, &[at]);
        }
        tail.saves.iter().for_each(|save| self.save(save, own));
        match &tail.body {
            Body::Short { say, action } => {
                if let Some(text) = say {
                    self.without(Mutation::Say, "say", text.span, text.span.end, &[own]);
                }
                self.jump(action.as_ref(), &[own]);
            }
            Body::Block(block) => self.steps(block),
        }
    }

    fn save(&mut self, save: &Save, own: u32) {
        self.make(Mutation::Save, save.span.range(), "", &[own]);
    }

    // --------------------------------------------------------------------------------------- single changes

    /// Takes out a text and the word in front of it, up to `end`.
    fn without(&mut self, mutation: Mutation, word: &str, text: Span, end: u32, through: &[u32]) {
        let before = &self.source.text[..text.start as usize];
        let trimmed = before.trim_end();
        if trimmed.ends_with(word) {
            self.make(mutation, trimmed.len() - word.len()..end as usize, "", through);
        }
    }

    /// Takes out a word behind a text, on the same line.
    fn word(&mut self, mutation: Mutation, word: &str, text: Span, through: &[u32]) {
        let behind = &self.source.text[text.end as usize..];
        let rest = behind.lines().next().unwrap_or_default();
        if let Some(found) = rest.find(word) {
            let start = text.end as usize + found;
            self.make(mutation, start..start + word.len(), "", through);
        }
    }

    fn condition(&mut self, condition: &Expr, through: &[u32]) {
        let turned = match condition.source.strip_prefix("not ") {
            // The plain one is easier to read than `not (not …)`.
            Some(rest) if !rest.contains(" and ") && !rest.contains(" or ") => rest.to_string(),
            _ => format!("not ({})", condition.source),
        };
        self.make(Mutation::Condition, condition.span.range(), &turned, through);
    }

    fn set(&mut self, value: &Expr, line: Span, through: &[u32]) {
        let source = value.source.trim();
        let other = match source {
            "true" => "false".to_string(),
            "false" => "true".to_string(),
            _ if source.parse::<i64>().is_ok() => format!("{source} + 1"),
            _ => return self.make(Mutation::Set, line.range(), "", through),
        };
        self.make(Mutation::Set, value.span.range(), &other, through);
    }

    fn jump(&mut self, action: Option<&'m Action>, through: &[u32]) {
        let Some(action) = action else { return };
        let elsewhere = |not: &str| {
            let at = self.dialogs.iter().position(|name| name == self.dialog).map_or(0, |at| at + 1);
            let others = self.dialogs.iter().cycle().skip(at).take(self.dialogs.len());
            others.into_iter().find(|name| *name != not && *name != self.dialog)
        };
        let target = match &action.target {
            Target::Label(name) => {
                let other = self.labels.iter().find(|label| **label != name.text);
                other.map(|label| label.to_string()).or_else(|| elsewhere("").map(|name| dialog_target(name)))
            }
            Target::Dialog { name, .. } => elsewhere(&name.value).map(|name| dialog_target(name)),
            _ => elsewhere("").map(|name| dialog_target(name)),
        };
        if let Some(target) = target {
            self.make(Mutation::Jump, action.span.range(), &format!("-> {target}"), through);
        }
    }

    fn alternatives(&mut self, matcher: &'m Matcher, through: &[u32]) {
        let (MatcherKind::Pattern(text) | MatcherKind::Words(text)) = &matcher.kind else { return };
        let Some(start) = letters_of(self.source, text) else { return };
        let Ok(pattern) = parse_pattern(&text.value) else { return };
        let mut places = Vec::new();
        groups(&pattern.items, &mut places);
        for place in places {
            self.make(Mutation::Alternative, start + place.start..start + place.end, "", through);
        }
    }
}

fn dialog_target(name: &str) -> String {
    format!("dialog \"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Where the letters of a text begin, if they stand in the file as they are meant.
fn letters_of(source: &Source, text: &Text) -> Option<usize> {
    let written = source.slice(text.span);
    let inside = written.strip_prefix('"')?.strip_suffix('"')?;
    (!text.long && inside == text.value).then_some(text.span.start as usize + 1)
}

/// Every alternate of every group with more than one, with the bar on one side of it.
fn groups(items: &[Item], places: &mut Vec<Range<usize>>) {
    for item in items {
        let Item::Group { alternates, .. } = item else { continue };
        for (number, Alternate { items, span }) in alternates.iter().enumerate() {
            if alternates.len() > 1 {
                places.push(match number {
                    0 => span.start..span.end + 1,
                    _ => span.start - 1..span.end,
                });
            }
            groups(items, places);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = r#"bot "B" {
  language en
  entry    "One"
}
dialog "One" {
  user says {
    "one"
    pattern "*(uno|eins|une)*"
    but not words "two"
  }
  set n = 1
  if n > 0 and n < 3 {
    say "Hi."
  }
  ask name "Who?" focused {
    when /x/ but not "y" and if n == 1 save name = reply say "Ok." -> end
    otherwise say "Again."
    retry 2 -> dialog "Two"
  }
}
dialog "Two" {
  user says {
    "two"
  }
  call "Api" {
    when success -> end
    when failure say "No."
  }
}
"#;

    #[test]
    fn every_place_that_can_be_changed_is_changed_once() {
        let all = mutants([("b.dialog", BOT)].into_iter());
        let shown: Vec<String> = all
            .iter()
            .map(|mutant| {
                format!("{} {}: {} => {}", mutant.line, mutant.mutation.word(), mutant.was, mutant.is)
            })
            .collect();
        for expected in [
            "7 starter: \"one\" => ",
            "8 alternative: pattern \"*(uno|eins|une)*\" => pattern \"*(eins|une)*\"",
            "8 alternative: pattern \"*(uno|eins|une)*\" => pattern \"*(uno|une)*\"",
            "8 alternative: pattern \"*(uno|eins|une)*\" => pattern \"*(uno|eins)*\"",
            "9 but-not: but not words \"two\" => ",
            "11 set: set n = 1 => set n = 1 + 1",
            "12 condition: if n > 0 and n < 3 { => if not (n > 0 and n < 3) {",
            "13 say: say \"Hi.\" => ",
            "15 focused: ask name \"Who?\" focused { => ask name \"Who?\"  {",
            "17 otherwise: otherwise say \"Again.\" => ",
            "17 say: otherwise say \"Again.\" => otherwise",
            "18 retry: retry 2 -> dialog \"Two\" => retry 1 -> dialog \"Two\"",
            "26 outcome: when success -> end => when failure -> end",
            "27 outcome: when failure say \"No.\" => when success say \"No.\"",
        ] {
            assert!(shown.iter().any(|line| line == expected), "{expected}\n{}", shown.join("\n"));
        }
        let of_rule: Vec<&str> =
            all.iter().filter(|mutant| mutant.line == 16).map(|mutant| mutant.mutation.word()).collect();
        assert_eq!(of_rule, ["rule", "but-not", "condition", "save", "say", "jump"]);
        assert!(all.iter().all(|mutant| mutant.text(BOT) != BOT));
    }
}
