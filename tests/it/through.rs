//! Everything that passes with a bot by itself passes in the contact center it will work in, and reads the same there.
//!
//! All transcripts are played both ways by `parlor test`, and their pages compared, test by test and line by line. What
//! the platform does not do stands in a list here: nothing else may be passed over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

/// Tests of the examples and of `tests/` that the platform passes over, by their names.
const PASSED_OVER: &[(&str, &str)] = &[
    ("A call that takes too long", "the platform has given the call up"),
    ("A dialog by its name", "the platform cannot put a bot into a dialog"),
    ("A failure comes late", "the platform has given the call up"),
    ("A file that a person gets", "somebody else has the conversation, and gets what the visitor sends"),
    (
        "A person hears something, and gives it to a bot that answers it",
        "a bot without `on transfer in` answers",
    ),
    ("A person who gives it back by being away", "a conversation that a person has, or has handed on"),
    ("It counts for a failure that comes later, too", "a conversation that a person has, or has handed on"),
    ("It rings for weeks", "the platform does more than 1000 things"),
    ("Nobody takes it, and nobody says so", "nobody has taken the conversation in time"),
];

/// Fewer would mean that some were lost on the way.
const ALIKE_AT_LEAST: usize = 850;

/// A folder of one test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("parlor-through-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("the file is written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `parlor test …` in a folder: how it ends, and what it prints.
fn parlor(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.arg("test").args(words).current_dir(folder).env("COLUMNS", "110");
    command.env_remove("CLICOLOR_FORCE").env_remove("CI");
    let output = command.output().expect("parlor runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// The tests on the page of a report, by file and line: each as it was read, without times.
fn page(folder: &Path, words: &[&str]) -> BTreeMap<String, String> {
    let (_, page) = parlor(folder, &[words, &["--report", "html=-"]].concat());
    let page = Regex::new(r", [0-9.]+ ms<").expect("a regex").replace_all(&page, "<");
    let mut tests: BTreeMap<String, String> = BTreeMap::new();
    let (mut file, mut test) = (String::new(), None);
    for line in page.lines() {
        if line.starts_with("<section>") || line.starts_with("</section>") {
            test = None;
        } else if line.starts_with("<h2>") {
            file = line.to_string();
        } else if line.starts_with("<details class=\"test") || line.starts_with("<div class=\"test") {
            let name = format!("{file} {}", tests.len());
            tests.insert(name.clone(), String::new());
            test = Some(name);
        }
        if let Some(test) = &test {
            let lines = tests.entry(test.clone()).or_default();
            lines.push_str(line);
            lines.push('\n');
        }
    }
    tests
}

/// Plays tests both ways. How many are alike, and the names of those that are passed over, with the reasons.
fn both_ways(folder: &Path, words: &[&str]) -> (usize, Vec<(String, String)>) {
    let engine = page(folder, words);
    let platform = page(folder, &[words, &["--through", "platform"]].concat());
    assert_eq!(engine.len(), platform.len(), "{words:?}");
    let skipped = Regex::new(r#"<span class="name">(.*?)</span>.*<p>(.*)</p></div>"#).expect("a regex");
    let (mut alike, mut passed_over) = (0, Vec::new());
    for (test, bare) in &engine {
        let through = platform.get(test).unwrap_or_else(|| panic!("{test} is not played"));
        match skipped.captures(through).filter(|_| bare != through) {
            Some(found) => passed_over.push((found[1].to_string(), found[2].to_string())),
            None => {
                assert_eq!(bare, through, "{test}");
                alike += 1;
            }
        }
    }
    (alike, passed_over)
}

#[test]
fn every_transcript_reads_the_same_both_ways() {
    let mut all = 0;
    let mut passed_over = Vec::new();
    let places: &[&[&str]] = &[
        &["bots", "tests/run", "tests/through", "tests/testing"],
        &["tests/botium", "--bot", "tests/botium/bot"],
    ];
    for words in places {
        let (alike, over) = both_ways(root(), words);
        all += alike;
        passed_over.extend(over);
    }
    assert!(all >= ALIKE_AT_LEAST, "{all} tests read the same");
    for (name, why) in &passed_over {
        let known = PASSED_OVER.iter().any(|(known, reason)| known == name && why.contains(reason));
        assert!(known, "\"{name}\" is passed over: {why}");
    }
    for (known, _) in PASSED_OVER {
        assert!(passed_over.iter().any(|(name, _)| name == known), "\"{known}\" is not passed over any more");
    }
}

#[test]
fn the_transcripts_of_the_manual_read_the_same_both_ways() {
    let folder = Folder::new("manual");
    for bot in ["bots/tiny", "bots/acme"] {
        for entry in std::fs::read_dir(root().join(bot)).expect("the bot is there").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Ok(text) = std::fs::read_to_string(entry.path()) {
                folder.write(&format!("{bot}/{name}"), &text);
            }
        }
    }
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .expect("the manual")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    pages.push(root().join("README.md"));
    let fence = Regex::new(r"(?ms)^```\w+ file=(\S+)$\n(.*?)^```$").expect("a regex");
    let mut written = 0;
    for page in pages.iter().filter(|page| page.extension().is_some_and(|ending| ending == "md")) {
        // Each page by itself: two may speak of bots with one name.
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        let own = Folder(folder.0.join(&name));
        let text = std::fs::read_to_string(page).expect("a page is text");
        let files: Vec<_> = fence.captures_iter(&text).collect();
        if !files.iter().any(|file| file[1].ends_with(".transcript")) {
            continue;
        }
        files.iter().for_each(|file| own.write(&file[1], &file[2]));
        for bot in ["tiny", "acme"] {
            copy(&folder.0.join("bots").join(bot), &own.0.join("bots").join(bot));
        }
        let (alike, passed_over) = both_ways(&own.0, &[]);
        assert!(alike > 0 && passed_over.is_empty(), "{name}: {alike} alike, {passed_over:?}");
        written += 1;
    }
    assert!(written >= 3, "{written} pages have transcripts");
}

/// Copies the files of a folder; those that are there already stay.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let there = to.join(entry.file_name());
        if !there.exists() {
            std::fs::copy(entry.path(), there).expect("the file is copied");
        }
    }
}

#[test]
fn the_same_is_covered_both_ways() {
    for bot in ["bots/acme", "bots/tiny"] {
        let table = |words: &[&str]| {
            let (code, said) = parlor(root(), &[&[bot, "--coverage"], words].concat());
            assert_eq!(code, Some(0), "{said}");
            said.lines().filter(|line| !line.contains(" passed, ")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(table(&[]), table(&["--through", "platform"]), "{bot}");
    }
}

/// A bot that greets, and a test that goes on where the platform cannot follow.
const BEGINS: &str = r#"bot {
  bot "B" {
    language en
    entry    "Start"
  }

  dialog "Start" {
    user says {
      "hi"
    }
    say "Hello."
  }

  fallback dialog "Fallback" {
    say "Pardon?"
  }
}

test "Passed over"
  user: hi
  bot: Hello.
  goto: "Start"
  bot: Hello.

test "Wrong before"
  user: hi
  bot: Good day.
  goto: "Start"
  bot: Hello.
"#;

#[test]
fn what_is_passed_over_is_told_and_hides_nothing() {
    let folder = Folder::new("over");
    folder.write("b.transcript", BEGINS);
    let (code, said) = parlor(&folder.0, &["--through", "platform"]);
    assert_eq!(code, Some(1), "{said}");
    let line = "skipped \"Passed over\"  b.transcript:19  the platform cannot put a bot into a dialog, as `goto` does\n";
    assert!(said.contains(line), "{said}");
    assert!(said.contains("failed \"Wrong before\"  b.transcript:25\n"), "{said}");
    assert!(said.contains("0 passed, 1 failed, 1 skipped ("), "{said}");
    let (_, json) = parlor(&folder.0, &["--through", "platform", "--report", "json=-", "Passed over"]);
    assert!(json.contains("\"outcome\":\"skipped\",\"reason\":\"the platform cannot put"), "{json}");
    // It did not pass, so that it is played again.
    let (_, said) = parlor(&folder.0, &["--through", "platform", "--changed", "Passed over"]);
    assert!(said.contains("0 passed, 0 failed, 1 skipped ("), "{said}");
    let (_, said) = parlor(&folder.0, &["--changed", "Passed over"]);
    assert!(said.contains("1 passed, 0 failed ("), "{said}");
    let (_, said) = parlor(&folder.0, &["--changed", "Passed over"]);
    assert!(said.contains("1 unchanged, not played"), "{said}");
    let (_, said) = parlor(&folder.0, &["--through", "platform", "--changed", "Passed over"]);
    assert!(said.contains("1 skipped ("), "what passed by itself has not passed here:\n{said}");
}

#[test]
fn only_two_things_can_be_played_through() {
    let (code, said) = parlor(root(), &["--through", "cloud"]);
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: invalid value 'cloud' for '--through <WHAT>'\n"), "{said}");
    assert!(said.contains("[possible values: engine, platform]"), "{said}");
}
