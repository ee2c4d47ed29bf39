//! Conversations to what no test covers: they get everywhere one can get, pass as they are, and say what is left.

use std::path::Path;
use std::sync::Arc;

use parlor::conversation::Knowledge;
use parlor::diagnostics::Sources;
use parlor::program::{Draft, Program};
use parlor::rehearsal::{CLOCK, Coverage, Crawled, Parts, Reach, Stage, crawl, give};

use crate::commands::{Folder, copied};

/// As far as the small bots here need.
const ENOUGH: Reach = Reach { steps: 3_000, acts: 12 };

/// A bot of these files, with the values of its environment by their own names.
pub fn compiled(files: &[(&str, &str)]) -> (Program, Sources) {
    let mut draft = Draft::new();
    files.iter().for_each(|(path, text)| draft.put(*path, *text));
    let checked = draft.check();
    let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.findings));
    (program, checked.sources)
}

fn crawled(text: &str, given: &[(&str, &str)], reach: Reach) -> Crawled {
    let (program, sources) = compiled(&[("bot.dialog", text)]);
    let mut knowledge = Knowledge::default();
    assert!(given.iter().all(|(name, value)| give(&mut knowledge, &program, name, value)));
    let stage =
        Stage { program: &program, sources: &sources, clock: CLOCK, knowledge: &knowledge, stubs: &[] };
    let coverage = Coverage::new(Arc::new(Parts::of(&program)));
    crawl(&stage, coverage, reach)
}

fn missing(crawled: &Crawled) -> Vec<String> {
    let parts = crawled.coverage.parts();
    let missing = crawled.missing.iter();
    missing.map(|(part, why)| format!("{}: {why}", parts.get(*part).unwrap().address)).collect()
}

/// Everything that is hard to get to: a silence, an expired session, conditions, values of calls, four failures.
const HARD: &str = r#"bot "Hard" {
  language en
  entry    "Welcome"
  session  1h
  var status text
  var stores list
  var code   text
}
hours "Desk" {
  zone    UTC
  mon-fri 08:00-17:00
}
integration "Look" api {
  get  "https://shop.example/{{ code }}"
  save status = response.body.order.status
  save stores = response.body.stores | default([])
}
on start dialog "First" {
  set status = ""
}
on session expired dialog "Later" {
  say "It has been a while."
}
on silence 10m dialog "Quiet" {
  say "Still there?"
}
on file received dialog "File" {
  say "Thanks for the file."
}
dialog "Welcome" {
  user says {
    "hello"
    pattern "(hi|hello)*"
    pattern "do you sell *"
  }
  if "Desk" is open {
    say "We are open."
  } else {
    say "We are closed."
  }
  ask code "Which code?" {
    when /^[A-Z]{2}-(\d{3}|x+)$/ save
    when pattern "*(lost|gone)*" -> end
    when silence 2m say "Take your time."
    otherwise say "Two letters, a dash, three digits."
    retry 2 -> dialog "Person"
  }
  if code == "ZZ-999" {
    say "A test code."
  }
  call "Look" {
    when success and if status == "shipped" say "It is on its way."
    when success and if response.body.order.weight > 30 say "It is heavy."
    when success and if not stores say "Nothing." -> end
    when success -> next
    when failure and if response.reason == 'refused' say "They said no." -> end
    when failure say "Not now." -> end
  }
  choose store "Which store?" {
    for s in stores "{{ s.city }}"
    "None" -> end
  }
  say "Good choice."
}
dialog "Person" {
  user says {
    words "(agent|person)"
  }
  transfer to skill "Human" say "One moment." {
    when failure say "Nobody is there." -> end
  }
}
dialog "Greeting" {
  user says {
    "who am I"
  }
  if visitor.name {
    say "You are {{ visitor.name }}."
  } else {
    say "I don't know."
  }
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;

#[test]
fn everything_that_can_be_reached_is_reached() {
    let crawled = crawled(HARD, &[], ENOUGH);
    assert_eq!(
        missing(&crawled),
        [
            "edge \"Greeting\":77 then: `visitor.name` was never true; try --given visitor.name=VALUE",
            "step \"Greeting\":78: not found: the most steps are 3000 (--limit)",
        ]
    );
    let total = crawled.coverage.total();
    assert_eq!(total.covered + 2, total.all);
}

#[test]
fn what_is_given_is_given() {
    let crawled = crawled(HARD, &[("visitor.name", "Dana")], ENOUGH);
    let left: Vec<String> = missing(&crawled).into_iter().filter(|part| part.contains("then")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_same_bot_gives_the_same_tests() {
    let (one, other) = (crawled(HARD, &[], ENOUGH), crawled(HARD, &[], ENOUGH));
    assert_eq!(one.tests, other.tests);
    assert_eq!(one.steps, other.steps);
}

#[test]
fn limits_end_a_crawl_and_are_named() {
    let few = crawled(HARD, &[], Reach { steps: 20, acts: 16 });
    assert_eq!((few.steps, few.ended_by.as_deref()), (20, Some("the most steps are 20 (--limit)")));
    assert!(missing(&few).iter().any(|part| part.contains("not found: the most steps are 20")));
    let short = crawled(HARD, &[], Reach { steps: 10_000, acts: 1 });
    assert_eq!(short.ended_by.as_deref(), Some("the most acts of a conversation are 1 (--depth)"));
}

#[test]
fn what_is_covered_already_is_left_alone() {
    let (program, sources) = compiled(&[("bot.dialog", HARD)]);
    let knowledge = Knowledge::default();
    let stage =
        Stage { program: &program, sources: &sources, clock: CLOCK, knowledge: &knowledge, stubs: &[] };
    let coverage = Coverage::new(Arc::new(Parts::of(&program)));
    let first = crawl(&stage, coverage, ENOUGH);
    let second = crawl(&stage, first.coverage.clone(), Reach { steps: 500, acts: 8 });
    assert!(second.tests.is_empty(), "{:?}", second.tests);
}

/// The example bots: what is left is what depends on the visitor or the day.
#[test]
fn the_tests_of_a_crawl_pass_as_they_are() {
    for bot in ["tiny", "acme"] {
        let folder = Folder::new();
        copied(&Path::new(env!("CARGO_MANIFEST_DIR")).join("bots").join(bot), &folder.path(bot));
        let ran = folder.run(&["crawl", bot, "--all", "-o", &format!("{bot}/all.transcript")]);
        assert_eq!(ran.code, 0, "{}", ran.talk);
        assert!(ran.talk.contains("(100%, before 0%)") && !ran.talk.contains("not reached"), "{}", ran.talk);
        let ran = folder.run(&["test", bot, "all.transcript", "--fail-under", "100"]);
        assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
        // Nothing is left to be covered now.
        let ran = folder.run(&["crawl", bot, "--limit", "3000"]);
        assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{}", ran.talk);
    }
}

#[test]
fn the_hard_bot_passes_as_well_wherever_its_tests_lie() {
    let folder = Folder::new();
    folder.write("bots/hard/bot.dialog", HARD);
    folder.write("elsewhere/note.txt", "");
    for place in ["bots/hard/all.transcript", "bots/all.transcript", "elsewhere/all.transcript"] {
        let ran = folder.run(&[
            "crawl",
            "bots/hard",
            "--all",
            "-o",
            place,
            "--given",
            "visitor.name=Dana <b>",
            "--limit",
            "3000",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.talk);
        let ran = folder.run(&["test", place]);
        assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{}", ran.talk);
    }
}

#[test]
fn nothing_is_written_over_and_nothing_unknown_is_given() {
    let folder = Folder::with_shop();
    folder.write("there.transcript", "mine");
    let ran = folder.run(&["crawl", "shop", "-o", "there.transcript"]);
    assert_eq!(ran.code, 4, "{}", ran.talk);
    assert!(ran.talk.contains("is there already") && ran.talk.contains("help: "), "{}", ran.talk);
    assert_eq!(folder.read("there.transcript"), "mine");
    let ran = folder.run(&["crawl", "shop", "--given", "weather=rain"]);
    assert_eq!(ran.code, 2, "{}", ran.talk);
    let ran = folder.run(&["crawl", "nowhere"]);
    assert_eq!(ran.code, 3, "{}", ran.talk);
}

#[test]
fn values_worth_trying_reach_the_visitor_as_text() {
    let crawled = crawled(HARD, &[], ENOUGH);
    let all = crawled.tests.join("\n");
    for line in ["user: ZZ-999", "wait: 2m", "agent: [away]", "failure refused", "do you sell something"] {
        assert!(all.contains(line), "{line}\n{all}");
    }
}
