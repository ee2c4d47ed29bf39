//! Promises about the code that no compiler holds: imports go one way, files open with a sentence, names name something.

use std::path::{Path, PathBuf};

/// The rooms, from the ground floor up: a room imports only rooms above it in this list.
const ROOMS: &[&str] = &[
    "conversation",
    "diagnostics",
    "language",
    "program",
    "engine",
    "rehearsal",
    "store",
    "platform",
    "connectors",
    "server",
    "cli",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push((path.clone(), std::fs::read_to_string(&path).expect("a source file is text")));
        }
    }
    found.sort();
    found
}

fn room(path: &Path) -> Option<usize> {
    let first = path
        .strip_prefix(root().join("src"))
        .ok()?
        .iter()
        .next()?
        .to_str()?
        .trim_end_matches(".rs")
        .to_string();
    ROOMS.iter().position(|room| *room == first)
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&root().join("src")) {
        let Some(here) = room(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for upper in &ROOMS[here + 1..] {
                if code.contains(&format!("crate::{upper}")) {
                    wrong.push(format!(
                        "{}:{}: `{}` may not know `{upper}`",
                        path.display(),
                        number + 1,
                        ROOMS[here]
                    ));
                }
            }
            if code.contains("crate::{") || code.contains("super::super::") {
                wrong.push(format!(
                    "{}:{}: name the room in full, so that this test can see it",
                    path.display(),
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_list() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mods: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(mods, ROOMS, "lib.rs names the rooms in reading order");
}

#[test]
fn only_three_files_know_pest() {
    let knowing: Vec<String> = sources(&root().join("src"))
        .into_iter()
        .filter(|(_, text)| text.contains("pest::"))
        .map(|(path, _)| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert_eq!(
        knowing,
        ["src/language/parse.rs", "src/language/pattern/read.rs", "src/language/transcript/parse.rs"]
    );
}

#[test]
fn pure_rooms_touch_no_world() {
    const WORLD: &[&str] =
        &["std::fs", "std::net", "std::env::", "std::process", "std::thread", "Instant::now", "SystemTime"];
    // Stores that write to a disk, the thread that appends for many, the suite, whose writers race, and what runs in real
    // time.
    const WORLDLY: &[&str] =
        &["src/store/sled", "src/store/committer.rs", "src/store/suite.rs", "src/server"];
    let mut wrong = Vec::new();
    for (path, text) in sources(&root().join("src")) {
        let within = path.strip_prefix(root()).unwrap().display().to_string();
        if room(&path).is_none_or(|room| ROOMS[room] == "cli")
            || WORLDLY.iter().any(|worldly| within.starts_with(worldly))
        {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(what) =
                WORLD.iter().find(|what| line.split("//").next().unwrap_or("").contains(**what))
            {
                wrong.push(format!("{}:{}: `{what}` in a pure room", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_a_sentence_and_has_a_name() {
    const EMPTY: &[&str] = &[
        "utils", "util", "common", "helpers", "helper", "misc", "types", "manager", "handler", "data", "mod",
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        for (path, text) in sources(&root().join(folder)) {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or("");
            if !text.starts_with("//! ") {
                wrong.push(format!("{} does not open with a sentence", path.display()));
            }
            if EMPTY.contains(&name) {
                wrong.push(format!("{}: `{name}` names nothing", path.display()));
            }
            for left in ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "#[ignore"] {
                if text.contains(left) && name != "tidy" {
                    wrong.push(format!("{}: `{left}` is left behind", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_grammar_rule_that_is_no_keyword_is_documented_or_obvious() {
    let grammar = std::fs::read_to_string(root().join("grammar/dialog.pest")).unwrap();
    for word in [
        "file",
        "string",
        "pattern",
        "when",
        "choice",
        "expr",
        "steps",
        "rules",
        "bad_line",
        "bad_block",
        "head",
    ] {
        let at = grammar
            .lines()
            .position(|line| line.split_whitespace().next() == Some(word))
            .unwrap_or_else(|| panic!("no rule {word}"));
        let above = grammar.lines().nth(at - 1).unwrap_or("");
        assert!(above.starts_with("///"), "the grammar rule `{word}` has no `///` line");
    }
}
