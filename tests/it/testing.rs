//! `parlor test` as it is typed: what it plays, what it prints and writes, and how it ends.
//!
//! `tests/testing/outcomes.transcript` has a test for each way to end; the files beside it are what is printed and
//! reported, with times masked. `UPDATE=1 cargo test` writes them anew.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;

/// A folder of one test, gone when the test is over.
struct Folder(PathBuf);

/// What a command did.
#[derive(Debug)]
struct Ran {
    code: i32,
    data: String,
    talk: String,
}

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("parlor-testing-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    /// A folder with every outcome in it.
    fn with_outcomes() -> Folder {
        let folder = Folder::new();
        folder.write("outcomes.transcript", &fs::read_to_string(case("transcript")).expect("the case"));
        folder
    }

    /// A folder with the bot `shop` of two dialogs, and a test for each.
    fn with_shop() -> Folder {
        let folder = Folder::new();
        folder.write("shop/bot.dialog", BOT).write("shop/one.dialog", ONE).write("shop/two.dialog", TWO);
        folder.write("shop/shop.transcript", TESTS);
        folder
    }

    fn write(&self, name: &str, text: &str) -> &Folder {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("the file is written");
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("the file is there")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
        command.arg("test").args(words).current_dir(&self.0).env("COLUMNS", "100");
        command.env_remove("CLICOLOR_FORCE").env_remove("CI");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Types `parlor test …` in this folder.
    fn test(&self, words: &[&str]) -> Ran {
        let output = self.command(words).output().expect("parlor runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
        Ran { code: output.status.code().unwrap_or(-1), data: text(output.stdout), talk: text(output.stderr) }
    }

    /// The summary of `parlor test --changed -v`, and the tests that were played.
    fn changed(&self) -> (String, Vec<String>) {
        let ran = self.test(&["--changed", "-v"]);
        let played = ran.data.lines().filter_map(|line| {
            let rest = line.strip_prefix("ok ").or(line.strip_prefix("failed "))?;
            rest.split('"').nth(1).map(str::to_string)
        });
        (masked(&ran.talk).trim_end().to_string(), played.collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

const BOT: &str = "bot \"Shop\" {\n  language en\n  entry \"One\"\n}\n\nfallback dialog \"Fallback\" {\n  say \"Sorry?\"\n}\n";
const ONE: &str = "dialog \"One\" {\n  user says {\n    \"one\"\n  }\n  say \"First.\"\n}\n";
const TWO: &str = "dialog \"Two\" {\n  user says {\n    \"two\"\n  }\n  say \"Second.\" -> dialog \"Three\"\n}\n\ndialog \"Three\" {\n  say \"Third.\"\n}\n";
const TESTS: &str =
    "test \"One\"\n  user: one\n  bot: First.\n\ntest \"Two\"\n  user: two\n  bot: Second.\n  bot: Third.\n";

fn case(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testing/outcomes").with_extension(ending)
}

/// The text with `…` in place of every time.
fn masked(text: &str) -> String {
    let mut text = text.to_string();
    for (pattern, with) in [
        (r#"\btime="[0-9.]+""#, "time=\"…\""),
        (r"duration_ms: [0-9.]+", "duration_ms: …"),
        (r#""took":[0-9.]+"#, "\"took\":\"…\""),
        (r"[0-9.]+ ms\b", "… ms"),
        (r"\([0-9.]+ s, ", "(… s, "),
    ] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, with).into_owned();
    }
    text
}

// ---- Reports ----

#[test]
fn every_report_is_as_written() {
    let folder = Folder::with_outcomes();
    let ran = folder.test(&[
        "-v",
        "--report",
        "junit=r.xml",
        "--report",
        "tap=r.tap",
        "--report",
        "json=r.json",
        "--report",
        "html=r.html",
        "--report",
        "github=r.github",
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let mut wrong = Vec::new();
    for (ending, text) in [
        ("screen", format!("{}{}", ran.data, ran.talk)),
        ("xml", folder.read("r.xml")),
        ("tap", folder.read("r.tap")),
        ("json", folder.read("r.json")),
        ("html", folder.read("r.html")),
        ("github", folder.read("r.github")),
    ] {
        let now = masked(&text);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(case(ending), &now).expect("the report can be written");
        } else if fs::read_to_string(case(ending)).unwrap_or_default() != now {
            wrong.push(format!("outcomes.{ending} is now\n{now}"));
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 rewrites them: {}", wrong.join("\n"));
    assert_eq!(folder.names(), ["outcomes.transcript", "r.github", "r.html", "r.json", "r.tap", "r.xml"]);
}

/// Passed, failed, skipped: what `outcomes.transcript` comes to.
const PASSED: usize = 2;
const FAILED: usize = 6;
const SKIPPED: usize = 1;

#[test]
fn ci_systems_can_read_the_reports() {
    let folder = Folder::with_outcomes();
    folder.write("broken.transcript", "bot nobody\ntest \"Lost\"\n  user: hi\n");
    let words = |kind: &'static str| folder.test(&["--report", kind]).data;
    let xml = words("junit=-");
    let document = roxmltree::Document::parse(&xml).expect("it is XML");
    let root = document.root_element();
    let number = |name: &str| root.attribute(name).expect("a number").parse::<usize>().expect("a number");
    assert_eq!(number("tests"), PASSED + FAILED + SKIPPED + 1);
    assert_eq!((number("failures"), number("skipped"), number("errors")), (FAILED, SKIPPED, 1));
    for (name, expected) in
        [("testcase", number("tests")), ("failure", FAILED), ("skipped", SKIPPED), ("error", 1)]
    {
        assert_eq!(document.descendants().filter(|node| node.has_tag_name(name)).count(), expected, "{name}");
    }
    let sums = |name: &str| -> usize {
        let suites = root.children().filter(|node| node.has_tag_name("testsuite"));
        suites
            .map(|suite| suite.attribute(name).and_then(|value| value.parse::<usize>().ok()).unwrap_or(0))
            .sum()
    };
    assert_eq!((sums("tests"), sums("failures"), sums("errors")), (number("tests"), FAILED, 1));

    let tap = words("tap=-");
    let mut lines = tap.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines.next().and_then(|plan| plan.strip_prefix("1..")?.parse().ok()).expect("a plan");
    let points: Vec<&str> =
        tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).collect();
    assert_eq!((plan, points.len()), (number("tests"), number("tests")));
    for (at, point) in points.iter().enumerate() {
        let point = point.trim_start_matches("not ").trim_start_matches("ok ");
        assert!(point.starts_with(&format!("{} - ", at + 1)), "{point}");
    }
    for block in tap.split("  ---\n").skip(1) {
        let block: String = block
            .split("  ...\n")
            .next()
            .unwrap_or("")
            .lines()
            .map(|line| format!("{}\n", line.get(2..).unwrap_or("")))
            .collect();
        let yaml: serde_json::Value =
            serde_yaml::from_str(&block).unwrap_or_else(|error| panic!("{error}: {block}"));
        assert!(yaml.get("duration_ms").is_some() || yaml.get("message").is_some(), "{block}");
    }

    let json: Vec<serde_json::Value> =
        words("json=-").lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(json[0]["form"], 1);
    let outcomes = |outcome: &str| json.iter().filter(|line| line["outcome"] == outcome).count();
    assert_eq!(
        (outcomes("passed"), outcomes("failed"), outcomes("skipped"), outcomes("broken")),
        (PASSED, FAILED, SKIPPED, 1)
    );
    let last = json.last().expect("a summary");
    assert_eq!((&last["passed"], &last["failed"]), (&PASSED.into(), &FAILED.into()));
    assert!(json.iter().filter(|line| line["outcome"] == "failed").all(|line| !line["beats"][0].is_null()));

    let html = words("html=-");
    for outside in ["<script src", "http", "<link", "url(", "@import", "<b>welcome", "\u{202e}"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("data-outcome=\"failed\" open").count(), FAILED);

    let github = words("github=-");
    assert_eq!(github.lines().filter(|line| line.starts_with("::error file=")).count(), FAILED + 1);
    let transcript = folder.read("outcomes.transcript");
    let wrong =
        1 + transcript.lines().position(|line| line.ends_with("I get an agent...")).expect("the line");
    assert!(github.contains(&format!("::error file=outcomes.transcript,line={wrong},title=failed%3A Other words%2C # 1%3A 100 %25%2C <i>::")), "{github}");
}

#[test]
fn reports_are_refused_before_anything_is_played() {
    let folder = Folder::with_shop();
    let ran = folder.test(&["--report", "xml=r.xml"]);
    assert!(ran.code == 2 && ran.talk.contains("`junit`, `tap`, `json`, `github` or `html`"), "{ran:?}");
    assert_eq!(folder.test(&["--report", "junit"]).code, 2);
    let ran = folder.test(&["--report", "tap=-", "--report", "json=-"]);
    assert!(ran.code == 2 && ran.data.is_empty() && ran.talk.contains("standard output"), "{ran:?}");
    for path in ["junit=gone/r.xml", "junit=shop"] {
        let ran = folder.test(&["--report", path]);
        assert!(ran.code == 4 && ran.data.is_empty() && !ran.talk.contains("passed"), "{ran:?}");
    }
    folder.write("r.xml", "old");
    assert_eq!(folder.test(&["--report", "junit=r.xml"]).code, 0);
    assert!(folder.read("r.xml").starts_with("<?xml "));
    assert_eq!(folder.names(), ["r.xml", "shop"], "nothing is left lying about");
}

// ---- What is printed ----

#[test]
fn a_report_on_the_standard_output_stands_alone() {
    let folder = Folder::with_outcomes();
    let ran = folder.test(&["--report", "tap=-"]);
    assert!(ran.data.starts_with("TAP version 14\n") && ran.data.ends_with("  ...\n"), "{ran:?}");
    assert!(ran.talk.contains("│ the bot") && ran.talk.contains(" failed, "), "{ran:?}");
}

#[test]
fn rows_that_fail_alike_are_shown_once() {
    let ran = Folder::with_outcomes().test(&["rows", "-t", "rows"]);
    assert_eq!(ran.code, 6, "no name has `rows` in it: {ran:?}");
    let ran = Folder::with_outcomes().test(&["-t", "rows"]);
    assert_eq!(ran.data.matches("failed \"What is it\"").count(), 1, "{ran:?}");
    assert!(ran.data.contains("\n    and in 2 more rows: thing = two; thing = three\n"), "{ran:?}");
    assert!(ran.talk.starts_with("0 passed, 3 failed ("), "{ran:?}");
}

#[test]
fn a_line_for_every_test_in_the_order_of_the_file() {
    let folder = Folder::with_shop();
    assert_eq!(folder.test(&[]).data, "", "what passes is quiet");
    let expected = "ok \"One\"  shop/shop.transcript:1\nok \"Two\"  shop/shop.transcript:5\n";
    for seed in ["1", "2", "3", "4"] {
        assert_eq!(folder.test(&["-v", "--seed", seed]).data, expected);
    }
}

#[test]
fn what_would_be_played_is_listed() {
    let folder = Folder::with_outcomes();
    let ran = folder.test(&["--list", "-t", "rows"]);
    assert_eq!(ran.code, 0);
    assert!(ran.data.starts_with("outcomes.transcript:") && ran.data.lines().count() == 3, "{ran:?}");
    assert!(
        ran.data.lines().all(|line| line.contains("\"What is it\" (thing = ") && line.ends_with(" @rows")),
        "{ran:?}"
    );
    let ran = folder.test(&["--list", "--json"]);
    let lines: Vec<serde_json::Value> =
        ran.data.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), PASSED + FAILED);
    assert_eq!(lines[0]["tags"], serde_json::json!(["smoke"]));
    assert_eq!(folder.test(&["--json"]).code, 2);
}

#[test]
fn what_takes_long_is_named_and_stopped() {
    let folder = Folder::with_shop();
    let ran = folder.test(&["--slow", "0ms"]);
    assert_eq!(ran.talk.matches("slow (").count(), 2, "{ran:?}");
    assert_eq!(folder.test(&["--slow", "1h"]).talk.matches("slow (").count(), 0);
    let ran = folder.test(&["--max-time", "0s", "-v", "--report", "junit=r.xml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.talk.starts_with("0 passed, 0 failed, 2 not played, as the time was over ("), "{ran:?}");
    assert!(ran.data.starts_with("not played \"One\""), "{ran:?}");
    assert!(folder.read("r.xml").contains(" errors=\"2\" "));
    assert_eq!(folder.test(&["--max-time", "1h"]).code, 0);
    let ran = folder.test(&["--max-time", "soon"]);
    assert!(ran.code == 2 && ran.talk.contains("30s"), "{ran:?}");
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let ran = Folder::with_shop().test(&["--review"]);
    assert!(ran.code == 2 && ran.talk.contains("no terminal"), "{ran:?}");
}

// ---- What was changed ----

#[test]
fn only_what_a_change_may_touch_is_played() {
    let folder = Folder::with_shop();
    let all = || vec!["One".to_string(), "Two".to_string()];
    let summary = |passed: usize, unchanged: usize| match unchanged {
        0 => format!("{passed} passed, 0 failed (… s, seed 1)"),
        _ => format!("{passed} passed, 0 failed, {unchanged} unchanged, not played (… s, seed 1)"),
    };
    assert_eq!(folder.changed(), (summary(2, 0), all()));
    assert_eq!(folder.changed(), (summary(0, 2), vec![]));
    assert!(folder.read(".parlor/tests.json").contains("\"shop/shop.transcript\""));

    // A dialog that only one of them goes through, also by a jump.
    folder.write("shop/two.dialog", &TWO.replace("Third.\"", "Third.\"\n  note \"seen\""));
    assert_eq!(folder.changed(), (summary(1, 1), vec!["Two".to_string()]));
    // A starter anywhere, since it can take messages from others.
    folder.write("shop/one.dialog", &ONE.replace("\"one\"", "\"one\"\n    \"first\""));
    assert_eq!(folder.changed(), (summary(2, 0), all()));
    // A dialog more, and one less.
    folder
        .write("shop/three.dialog", "dialog \"Four\" {\n  user says {\n    \"four\"\n  }\n  say \"4\"\n}\n");
    assert_eq!(folder.changed().1, all());
    fs::remove_file(folder.0.join("shop/three.dialog")).expect("it is there");
    assert_eq!(folder.changed().1, all());
    // What all dialogs share.
    folder.write("shop/bot.dialog", &BOT.replace("language en", "language en-US"));
    assert_eq!(folder.changed().1, all());
    folder.write("shop/env.yaml", "demo:\n  a: b\nproduction:\n  a: b\n");
    assert_eq!(folder.changed().1, all());
    // The text of one test, and then of what stands above all of them.
    folder.write("shop/shop.transcript", &TESTS.replace("user: one", "user: One"));
    assert_eq!(folder.changed().1, ["One"]);
    folder.write("shop/shop.transcript", &format!("given visitor.name = Dana\n{TESTS}"));
    assert_eq!(folder.changed().1, all());
    assert_eq!(folder.changed(), (summary(0, 2), vec![]));
    // Other values for the bot.
    assert!(folder.test(&["--changed", "--env", "production"]).talk.starts_with("2 passed"));
}

#[test]
fn what_failed_is_played_again() {
    let folder = Folder::with_shop();
    folder.write("shop/shop.transcript", &TESTS.replace("First.", "Fist."));
    assert_eq!(folder.test(&["--changed"]).code, 1);
    let ran = folder.test(&["--changed"]);
    assert!(ran.code == 1 && ran.talk.starts_with("0 passed, 1 failed, 1 unchanged, not played"), "{ran:?}");
    // What a choice leaves out stays as it was.
    let ran = folder.test(&["--changed", "Two"]);
    assert!(ran.code == 0 && ran.talk.starts_with("0 passed, 0 failed, 1 unchanged"), "{ran:?}");
    folder.write("shop/shop.transcript", TESTS);
    assert_eq!(folder.changed().1, ["One"]);
}

#[test]
fn what_cannot_be_remembered_is_played() {
    let folder = Folder::with_shop();
    folder.changed();
    let good = folder.read(".parlor/tests.json");
    for bad in [
        "",
        "{",
        "[]",
        "{\"form\": 1}",
        &good.replace("\"form\": 1", "\"form\": 99"),
        &good.replace("\"parlor\": \"", "\"parlor\": \"0."),
    ] {
        folder.write(".parlor/tests.json", bad);
        assert_eq!(folder.changed().1.len(), 2, "{bad}");
        assert_eq!(folder.changed().1.len(), 0, "it is mended");
    }
}

// ---- Again and again ----

#[test]
fn a_change_is_played_at_once() {
    let folder = Folder::with_shop();
    let mut child = folder.command(&["--watch"]).spawn().expect("parlor starts");
    let mut talk = BufReader::new(child.stderr.take().expect("it talks")).lines();
    let mut summary = || {
        let lines: Vec<String> = talk
            .by_ref()
            .map(|line| line.expect("text"))
            .take_while(|line| !line.starts_with("Watching"))
            .collect();
        lines.join("\n")
    };
    assert!(summary().starts_with("2 passed, 0 failed"));
    folder.write("shop/one.dialog", &ONE.replace("First.", "The first."));
    assert!(summary().starts_with("1 passed, 1 failed"));
    folder.write("shop/shop.transcript", &TESTS.replace("First.", "The first."));
    assert!(summary().starts_with("2 passed, 0 failed"));
    folder.write("shop/one.dialog", "dialog");
    assert!(summary().contains("1 transcript not played"));
    folder.write("shop/one.dialog", &ONE.replace("First.", "The first."));
    assert!(summary().starts_with("2 passed, 0 failed"));
    child.stdin.take().expect("an input").write_all(b"q\n").expect("it listens");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn the_help_begins_with_examples_and_fits_a_screen() {
    for flag in ["-h", "--help"] {
        let ran = Folder::new().test(&[flag]);
        assert!(ran.data.find("Examples:\n") < ran.data.find("Usage: "), "{ran:?}");
        assert!(ran.data.lines().count() <= 48, "{}", ran.data);
        assert!(ran.data.lines().all(|line| line.chars().count() <= 100), "{}", ran.data);
    }
}

#[test]
fn what_could_never_fail_is_told() {
    let bot = "bot {\n  bot \"B\" {\n    language en\n    entry \"A\"\n    var size text = \"S\"\n  }\n  dialog \"A\" {\n    user says {\n      \"a\"\n    }\n    say \"Size {{ size }}.\"\n  }\n}\n";
    for (lines, message) in [
        (
            "  each size = S | L\n  user: a\n  bot: ...\n    expect var size == size\n",
            "`size` is a column of this test",
        ),
        ("  user: a\n  bot: ...\n  bot!: {{ typo }}\n", "nothing is known as `typo` here"),
        ("  stub \"Nope\" -> success\n  user: a\n  bot: ...\n", "there is no integration `Nope` in this bot"),
        (
            "  user: a\n  bot: ...\n    expect env TYPO != \"x\"\n",
            "there is no value of `env` `TYPO` in this bot",
        ),
    ] {
        let folder = Folder::new();
        folder.write("a.transcript", &format!("{bot}test \"T\"\n{lines}"));
        let ran = folder.test(&["a.transcript"]);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.data.contains(message), "{ran:?}");
    }
    // What must not be said is forbidden until the visitor is heard again.
    let folder = Folder::new();
    let quiet = bot
        .replace("say \"Size", "transfer to skill \"Human\" say \"Wait.\" {\n      when failure say \"Size");
    let quiet = quiet.replace("}}.\"\n  }\n}\n", "}}.\"\n    }\n  }\n}\n");
    let test = "test \"T\"\n  user: a\n  bot!: Size*\n  bot: Wait.\n  event: transfer to skill Human\n  agent: [away]\n  bot: ...\n";
    folder.write("a.transcript", &format!("{quiet}{test}"));
    let ran = folder.test(&["a.transcript"]);
    assert_eq!(ran.code, 1, "{ran:?}");
}
