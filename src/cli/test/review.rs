//! `parlor test --review`: each test that failed is shown, and its author decides what becomes of it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::diagnostics::FileId;
use crate::diagnostics::english::count;
use crate::diagnostics::render::visible::visible;
use crate::rehearsal::{Blessing, Played};

use super::report::{Came, Report, Told};
use super::suite::Suite;
use super::told::{Look, failed};
use crate::cli::bots::{BotFile, shown};
use crate::cli::exit::{Exit, Failure};
use crate::cli::save;
use crate::cli::terminal::{Paint, Terminal, paint};

/// What becomes of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Accept,
    Wildcard,
    Skip,
    Quit,
}

impl Decision {
    fn of(line: &str) -> Option<Decision> {
        match line.trim().to_lowercase().as_str() {
            "a" | "accept" => Some(Decision::Accept),
            "w" | "wildcard" => Some(Decision::Wildcard),
            "s" | "skip" => Some(Decision::Skip),
            "q" | "quit" => Some(Decision::Quit),
            _ => None,
        }
    }
}

/// Makes sure that somebody is there to decide.
pub(super) fn prepare() -> Result<(), Failure> {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        return Ok(());
    }
    let alone =
        Failure::new(Exit::Usage, "--review asks about each test, and there is no terminal to ask on");
    Err(alone.help("parlor test --bless accepts all of them without asking"))
}

/// Goes through the tests that failed. Says no, if some are left as they are.
pub(super) fn review(suite: &Suite, report: &Report<'_>, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut input = std::io::stdin().lock().lines();
    let mut next = || input.next().and_then(Result::ok);
    let look = Look { width: terminal.width(), color: terminal.talk_color, verbose: false };
    let say = |text: &str| {
        let mut screen = std::io::stderr().lock();
        let _ = screen.write_all(text.as_bytes()).and_then(|()| screen.flush()); // a closed screen: the next answer is none
    };
    decide(suite, report, look, &mut next, &say)
}

/// The same with somebody who answers and a place to print.
fn decide(
    suite: &Suite,
    report: &Report<'_>,
    look: Look,
    answer: &mut dyn FnMut() -> Option<String>,
    say: &dyn Fn(&str),
) -> Result<Exit, Failure> {
    let tests = grouped(report);
    let (mut rewritten, mut left, mut refused) = (0, tests.len(), false);
    let mut file: Option<Open<'_>> = None;
    for (number, rows) in tests.iter().enumerate() {
        let told = rows[0];
        let mut text = String::new();
        failed(&mut text, told, &rows[1..], look);
        say(&text);
        let question = format!("{} of {}: [a]ccept, [w]ildcard, [s]kip, [q]uit? ", number + 1, tests.len());
        let decision = loop {
            say(&paint(look.color, Paint::Cyan, &question));
            match answer() {
                None => break Decision::Quit,
                Some(line) => match Decision::of(&line) {
                    Some(decision) => break decision,
                    None => say("One of the letters a, w, s and q, and Enter.\n"),
                },
            }
        };
        match decision {
            Decision::Quit => break,
            Decision::Skip => continue,
            Decision::Accept | Decision::Wildcard => {}
        }
        if file.as_ref().is_none_or(|open| open.number != told.case.file) {
            file = Open::of(suite, told.case.file);
        }
        let Some(open) = &mut file else { continue };
        let before = open.blessing.count();
        open.bless(suite, report, told, decision == Decision::Wildcard);
        let refusals = open.refusals();
        refused |= !refusals.is_empty();
        refusals.iter().for_each(|line| say(line));
        if open.blessing.count() > before {
            open.save()?;
            if refusals.is_empty() {
                say("Written.\n\n");
                rewritten += 1;
                left -= 1;
            } else {
                say("Written as far as it goes.\n\n");
            }
        } else {
            say("Left as it was.\n\n");
        }
    }
    say(&format!("{} rewritten, {left} left\n", count(rewritten, "test")));
    Ok(if left > 0 || refused { Exit::No } else { Exit::Ok })
}

/// The tests that failed, each with all rows of its table that did.
fn grouped<'t, 'r>(report: &'t Report<'r>) -> Vec<Vec<&'t Told<'r>>> {
    let mut groups: Vec<Vec<&Told<'_>>> = Vec::new();
    for told in report.tests().filter(|told| matches!(told.came, Came::Failed(_))) {
        let test = |told: &Told<'_>| (told.case.file, told.case.test);
        match groups.last_mut().filter(|group| test(group[0]) == test(told)) {
            Some(group) => group.push(told),
            None => groups.push(vec![told]),
        }
    }
    groups
}

/// A transcript that is rewritten, decision by decision.
struct Open<'s> {
    number: usize,
    file: BotFile,
    source: &'s crate::diagnostics::Source,
    /// All changes so far, of the text as it was read.
    blessing: Blessing,
    /// How many refusals have been told.
    told: usize,
}

impl<'s> Open<'s> {
    fn of(suite: &'s Suite, number: usize) -> Option<Open<'s>> {
        let read = &suite.files[number];
        let source = read.sources.get(FileId(0))?;
        let (path, on_disk, text) = (read.path.clone(), read.on_disk.clone(), source.text.clone());
        let file = BotFile { path, on_disk, text, unread: None };
        Some(Open { number, file, source, blessing: Blessing::default(), told: 0 })
    }

    fn bless(&mut self, suite: &Suite, report: &Report<'_>, told: &Told<'_>, wildcard: bool) {
        let test = &suite.files[self.number].script.tests[told.case.test];
        let rows =
            report.tests().filter(|row| (row.case.file, row.case.test) == (told.case.file, told.case.test));
        let rows: Vec<Option<&Played>> = rows
            .map(|row| match row.came {
                Came::Failed(played) => Some(played),
                _ => None,
            })
            .collect();
        match wildcard {
            true => {
                self.blessing.wildcards(self.source, test, &rows.into_iter().flatten().collect::<Vec<_>>())
            }
            false => self.blessing.test(self.source, test, &rows),
        }
    }

    /// Why lines were left as they were, as far as it has not been told.
    fn refusals(&mut self) -> Vec<String> {
        let refused = &self.blessing.refused[self.told..];
        self.told = self.blessing.refused.len();
        let line = |start: u32| self.source.line_column(start as usize).0;
        let path = shown(Path::new(&self.file.path));
        let mut lines: Vec<String> = refused
            .iter()
            .map(|(span, why)| format!("{path}:{} is left as it was: {}\n", line(span.start), visible(why)))
            .collect();
        lines.dedup();
        lines
    }

    fn save(&mut self) -> Result<(), Failure> {
        let text = self.blessing.apply(&self.source.text);
        save::replace(&self.file, &self.file.text, &text)?;
        self.file.text = text;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs;
    use std::time::Duration;

    use super::*;
    use crate::cli::terminal::Color;
    use crate::cli::test::choice::{self, Choice};
    use crate::cli::test::crew::{Count, Orders, play_all};

    const TRANSCRIPT: &str = "bot {
  bot \"B\" {
    language en
    entry \"Start\"
  }
  dialog \"Start\" {
    user says {
      \"hi\"
    }
    say \"Welcome to our shop.\"
  }
}
test \"One\"
  user: hi
  bot: Welcome to my shop.
test \"Two\"
  user: hi
  bot: Welcome to their shop. # kept
test \"Three\"
  user: hi
  bot: Goodbye.
";

    /// What is asked and written down when somebody answers like this.
    fn reviewed(name: &str, answers: &[&str]) -> (Exit, String, String) {
        let folder = std::env::temp_dir().join(format!("parlor-review-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.transcript");
        fs::write(&path, TRANSCRIPT).unwrap();
        let suite =
            Suite::read(std::slice::from_ref(&path), Default::default(), &Terminal::new(Color::Never))
                .unwrap();
        let choice = Choice::of(&suite, &[], &choice::Args::default(), 1, &mut Default::default()).unwrap();
        let orders = Orders::count(1, Count::Nothing);
        let outcomes = play_all(&suite, &choice.cases, orders, &mut |_, _| {}).all;
        let report = Report::of(&suite, &choice, &outcomes, Duration::ZERO, 1);
        let look = Look { width: 80, color: false, verbose: false };
        let mut answers = answers.iter().map(|answer| answer.to_string());
        let said = RefCell::new(String::new());
        let say = |text: &str| said.borrow_mut().push_str(text);
        let exit = decide(&suite, &report, look, &mut || answers.next(), &say).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        (exit, said.into_inner(), text)
    }

    #[test]
    fn each_decision_is_written_down() {
        let (exit, said, text) = reviewed("all", &["w", "?", "A", "s"]);
        assert_eq!(exit, Exit::No);
        assert!(text.contains("bot: Welcome to * shop.\n"), "{text}");
        assert_eq!(text.matches("  bot: Welcome to our shop.").count(), 1, "{text}");
        assert!(text.contains("bot: Goodbye.\n"), "{text}");
        assert!(said.contains("One of the letters a, w, s and q, and Enter.\n"), "{said}");
        assert!(said.ends_with("2 tests rewritten, 1 left\n"), "{said}");
    }

    #[test]
    fn who_leaves_keeps_what_was_decided() {
        let (exit, said, text) = reviewed("quit", &["a", "q"]);
        assert_eq!((exit, text), (Exit::No, TRANSCRIPT.replace("to my shop", "to our shop")));
        assert!(said.ends_with("1 test rewritten, 2 left\n"), "{said}");
        assert_eq!(reviewed("gone", &[]).2, TRANSCRIPT);
        assert_eq!(reviewed("good", &["a", "a", "a"]).0, Exit::Ok);
    }
}
