//! How much of a bot conversations pass through: bots and what happens to them in `tests/coverage`, with the reports
//! beside them; and promises that hold for every bot and every conversation.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use parlor::conversation::{Effect, Event, Happening, Knowledge, Moment, Outcome, Span, Value};
use parlor::diagnostics::{Source, Sources};
use parlor::engine::{State, step_with};
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Coverage, Kind, Part, PartId, Parts, Passed, Session, Share};
use proptest::prelude::*;

use crate::{engine, golden};

/// Friday, the 20th of November 2026, nine o'clock UTC.
const CLOCK: Moment = Moment(1_795_165_200_000);

fn compile(files: impl IntoIterator<Item = (String, String)>) -> Program {
    let mut draft = Draft::new();
    for (path, text) in files {
        draft.put(path, text);
    }
    let checked = draft.check();
    checked.program.unwrap_or_else(|| panic!("the bot has no errors: {:?}", checked.findings))
}

/// Plays `user:`, `wait:`, `answer:` and `test`, and counts.
fn play(program: &Program, played: &str) -> Coverage {
    let mut coverage = Coverage::new(Arc::new(Parts::of(program)));
    let begin = || Session::new(program.clone(), Knowledge::default(), CLOCK);
    let mut session = begin();
    let mut handed_over = None;
    for line in played.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(':').unwrap_or((line, ""));
        let rest = rest.trim();
        let told = match word {
            "user" => session.say(rest),
            "wait" => {
                session.wait(Span(rest.trim_end_matches('m').parse::<u64>().expect("minutes") * 60_000))
            }
            "answer" => {
                let outcome = match rest.split_once(' ') {
                    Some(("success", body)) => Outcome::Success {
                        status: 201,
                        body: serde_json::from_str::<serde_json::Value>(body).expect("JSON").into(),
                    },
                    Some((_, why)) => {
                        Outcome::Failure { reason: why.to_string(), status: 0, body: Value::Nothing }
                    }
                    None => panic!("{line}"),
                };
                let id =
                    session.waits_for().or(handed_over).unwrap_or_else(|| panic!("nothing waits: {line}"));
                session.happen(Happening::Returned { id, outcome })
            }
            "test" => {
                session = begin();
                continue;
            }
            _ => panic!("{line}"),
        };
        coverage.note(&told.trace);
        handed_over = told.effects.iter().rev().find_map(|effect| match effect {
            Effect::Transfer { id, .. } => Some(*id),
            _ => None,
        });
    }
    coverage
}

fn played(name: &str, bytes: &[u8]) -> Coverage {
    let text = String::from_utf8(bytes.to_vec()).expect("a bot is text");
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coverage").join(name);
    let events = std::fs::read_to_string(events.with_extension("played")).expect("the events are there");
    play(&compile([(name.to_string(), text)]), &events)
}

#[test]
fn bots_are_covered_as_written() {
    golden::compare("coverage", "table", 1, |name, bytes| played(name, &bytes).table(100));
    golden::compare("coverage", "parts", 1, |name, bytes| {
        let coverage = played(name, &bytes);
        let line = |(id, part): (PartId, &Part)| {
            format!("{:>3} {:>5} {}\n", part.line, coverage.count(id), part.address)
        };
        coverage.parts().iter().map(line).collect()
    });
    golden::compare("coverage", "html", 1, |name, bytes| {
        let sources = Sources::new(vec![Source::new(name, String::from_utf8(bytes.clone()).expect("text"))]);
        let coverage = played(name, &bytes);
        let tests = [Passed { name: "<all> of it".to_string(), parts: coverage.covered().collect() }];
        coverage.html(&sources, &tests)
    });
    golden::compare("coverage", "lcov", 1, |name, bytes| played(name, &bytes).lcov());
}

// ---------------------------------------------------------------------------------------------------- by hand

/// The files of a bot in `bots/` or `tests/coverage`, without its folder.
fn example(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    golden::cases(&folder)
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

const EXAMPLES: [&str; 4] = ["bots/tiny", "bots/acme", "bots/tasks", "tests/coverage"];

#[test]
fn every_part_has_an_address_of_its_own_by_which_it_is_found() {
    for folder in EXAMPLES {
        let parts = Parts::of(&compile(example(folder)));
        let mut seen = HashSet::new();
        for (id, part) in parts.iter() {
            assert!(seen.insert(part.address.clone()), "{folder}: {} twice", part.address);
            assert_eq!(parts.find(&part.address), Ok(id), "{folder}");
            assert!(!part.address.contains('#'), "{folder}: {} needs a number", part.address);
        }
    }
}

#[test]
fn every_arrow_is_an_edge() {
    for folder in EXAMPLES {
        let files = example(folder);
        let code = |line: &&str| !line.trim_start().starts_with('#');
        let written: usize = files
            .iter()
            .flat_map(|(_, text)| text.lines())
            .filter(code)
            .map(|line| line.matches("->").count())
            .sum();
        let parts = Parts::of(&compile(files));
        let branch = |part: &Part| part.address.ends_with(" then") || part.address.ends_with(" else");
        let arrows = parts.iter().filter(|(_, part)| part.kind == Kind::Edge && !branch(part)).count();
        assert_eq!(arrows, written, "{folder}");
    }
}

#[test]
fn what_is_near_an_address_is_offered() {
    let parts = Parts::of(&compile(example("bots/acme")));
    let said = |address: &str| parts.find(address).expect_err("there is none").to_string();
    assert_eq!(
        said("rule \"Welcome\".topic.otherwize"),
        "the bot has no part `rule \"Welcome\".topic.otherwize`; did you mean `rule \"Welcome\".topic.otherwise`?"
    );
    assert_eq!(
        said("dialog \"Track Ordr\""),
        "the bot has no part `dialog \"Track Ordr\"`; did you mean `dialog \"Track Order\"`?"
    );
    assert_eq!(said("nonsense"), "the bot has no part `nonsense`");
    // What has a name is found by its line as well, and spaces are all alike.
    let by_name = parts.find("rule \"Track Order\".order_no.retry").unwrap();
    let line = parts.get(by_name).unwrap().line;
    assert_eq!(parts.find(&format!(" rule  \"Track Order\":{line}")), Ok(by_name));
}

#[test]
fn counts_are_added_up_and_survive_json() {
    let program = compile(example("tests/coverage"));
    let events =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coverage/orders.played"))
            .unwrap();
    let whole = play(&program, &events);
    let counts = |coverage: &Coverage| -> Vec<u32> {
        coverage.parts().iter().map(|(id, _)| coverage.count(id)).collect()
    };
    // The two tests apart, added up: for the same parts, and for those of the same bot compiled again.
    let mut added = Coverage::new(whole.parts().clone());
    for test in events.split("test\n") {
        added.merge(&play(&program, test));
    }
    assert_eq!(counts(&added), counts(&whole));
    let mut twice = whole.clone();
    twice.merge(&whole);
    assert_eq!(counts(&twice), counts(&whole).iter().map(|count| count * 2).collect::<Vec<_>>());

    let tests = [Passed { name: "all".to_string(), parts: whole.covered().collect() }];
    let read = Coverage::read(&whole.json(&tests), whole.parts().clone()).expect("it was written just now");
    assert_eq!(counts(&read), counts(&whole));
    let other = Arc::new(Parts::of(&compile(example("bots/tiny"))));
    let read = Coverage::read(&whole.json(&[]), other).expect("it is coverage");
    assert_eq!(read.unknown() as usize, whole.covered().count() - read.covered().count());
    for (text, why) in
        [("", "it is no JSON"), ("{}", "no `version`"), ("{\"version\": 2}", "its version is 2")]
    {
        let error = Coverage::read(text, whole.parts().clone()).expect_err("it is none");
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn nothing_a_bot_says_becomes_markup_or_moves_the_terminal() {
    let evil = "<img src=x onerror=alert(1)> & 'x' \u{1b}[2J \u{202e}";
    let bot = format!(
        "bot \"{evil}\" {{\nlanguage en\nentry \"{evil}\"\n}}\ndialog \"{evil}\" {{\nuser says {{\n\"{evil}\"\n}}\nchoose q \"{evil}\" {{\n\"{evil}\"\n}}\n}}\n"
    );
    let file = ("<b>.dialog".to_string(), bot.clone());
    let coverage = Coverage::new(Arc::new(Parts::of(&compile([file]))));
    let tests = [Passed { name: evil.to_string(), parts: vec![PartId(0), PartId(99)] }];
    let page = coverage.html(&Sources::new(vec![Source::new("<b>.dialog", bot)]), &tests);
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &#39;x&#39;"));
    for (report, text) in [
        ("html", page),
        ("json", coverage.json(&tests)),
        ("table", coverage.table(9)),
        ("lcov", coverage.lcov()),
    ] {
        assert!(!text.contains('\u{1b}'), "{report}");
        assert!(report == "lcov" || !text.contains('\u{202e}'), "{report}");
        assert!(report != "html" || !(text.contains("<img") || text.contains("<b>")), "{report}");
    }
}

#[test]
fn a_share_is_full_only_when_nothing_is_left() {
    let percent = |covered, all| Share { covered, all }.percent();
    assert_eq!(
        [percent(0, 0), percent(1999, 2000), percent(2000, 2000), percent(1, 3)],
        [100.0, 99.9, 100.0, 33.3]
    );
}

// --------------------------------------------------------------------------------------------------- at random

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_passes_through_known_parts(text in engine::bot(), events in engine::walk()) {
        let Ok(program) = engine::compiled(&text) else { return Err(TestCaseError::reject("it goes in circles")) };
        let mut coverage = Coverage::new(Arc::new(Parts::of(&program)));
        let (mut state, mut at) = (State::default(), CLOCK);
        for (passes, what) in events {
            at = Moment(at.0 + passes);
            let mut trace = Vec::new();
            state = step_with(&program, state, &Event { at, what }, &mut trace).state;
            coverage.note(&trace);
            for happened in &trace {
                let mut touched = Vec::new();
                prop_assert!(coverage.parts().touched(happened, |id| touched.push(id)).is_ok(), "{:?}", happened);
                for id in touched {
                    let part = coverage.parts().get(id).expect("a part");
                    prop_assert_eq!(part.never, None, "{}", part.address);
                }
            }
        }
        prop_assert_eq!(coverage.unknown(), 0);
        // Whoever did something in a dialog has begun it, and whoever followed the arrow of a rule has applied it.
        for (_, part) in coverage.covered().filter_map(|id| Some((id, coverage.parts().get(id)?))) {
            let dialog = coverage.find(&format!("dialog \"{}\"", part.dialog)).expect("a dialog");
            prop_assert!(coverage.count(dialog) > 0, "{}", part.address);
        }
    }
}
