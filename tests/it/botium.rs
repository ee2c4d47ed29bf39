//! Botium files as they are: `tests/botium/*/*.convo.txt`, each played with the bot in `tests/botium/bot`, and beside it
//! what came of it. Converted to transcripts, they pass and fail as before.

use std::path::{Path, PathBuf};
use std::process::Command;

use parlor::diagnostics::FileId;
use parlor::language::botium::{read_convo, read_memory, read_utterances};
use parlor::rehearsal::botium::{Companions, script};
use proptest::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botium")
}

/// The conversations of all folders, in order.
fn cases() -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path()).collect()
    };
    let folders = entries(&folder()).into_iter().filter(|path| path.is_dir());
    let mut cases: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).collect();
    cases.retain(|path| path.to_string_lossy().ends_with(".convo.txt"));
    cases.sort();
    cases
}

/// What `parlor` prints, and how it ends.
fn parlor(words: &[&str]) -> (String, String, i32) {
    let ran = Command::new(env!("CARGO_BIN_EXE_parlor"))
        .args(words)
        .current_dir(folder())
        .env("NO_COLOR", "1")
        .output()
        .expect("parlor runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&ran.stdout), text(&ran.stderr), ran.status.code().unwrap_or(-1))
}

#[test]
fn every_file_goes_as_written_down() {
    let cases = cases();
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.strip_prefix(folder()).expect("a case lies there").to_string_lossy().into_owned();
        let (data, talk, code) = parlor(&["test", &name, "--bot", "bot"]);
        // How long it took stands behind the first parenthesis.
        let counts = talk.split(" (").next().unwrap_or_default().trim();
        let got = format!(
            "{counts}\nends with {code}\n{}",
            if data.is_empty() { data } else { format!("---\n{data}") }
        );
        let expected = PathBuf::from(case.to_string_lossy().replace(".convo.txt", ".played"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &got).expect("the result can be written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{name} gives\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "not as in the .played files (UPDATE=1 rewrites them):\n{}", wrong.join("\n"));
}

/// Each conversation, converted for the bot, passes and fails as before; what does not is told.
#[test]
fn converted_files_go_as_before() {
    let made = std::env::temp_dir().join(format!("parlor-botium-{}", std::process::id()));
    let out = made.to_string_lossy().into_owned();
    let (told, talk, code) = parlor(&["import", "botium", ".", "-o", &out, "--bot", "bot"]);
    let (kept, _, again) = parlor(&["import", "botium", ".", "-o", &out, "--bot", "bot"]);
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(&made).expect("it was made").flatten().map(|entry| entry.path()).collect();
    names.sort();
    // How the paths begin is another matter on each machine.
    let bare = |text: &str| -> String {
        let lines = text.replace(&out, "OUT").replace('\\', "/");
        lines.lines().filter(|line| !line.starts_with("bot ")).map(|line| format!("{line}\n")).collect()
    };
    let mut got = bare(&told);
    for name in names {
        let text = std::fs::read_to_string(&name).expect("a transcript is text");
        got.push_str(&format!(
            "\n---- {}\n{}",
            name.file_name().unwrap_or_default().to_string_lossy(),
            bare(&text)
        ));
    }
    let _ = std::fs::remove_dir_all(&made); // what is left over lies among temporary files
    assert_eq!((code, again), (1, 1), "{talk}");
    assert!(kept.is_empty(), "nothing is made twice: {kept}");
    let expected = folder().join("converted.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &got).expect("the result can be written");
    } else {
        let written = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(got, written, "not as in converted.txt (UPDATE=1 rewrites it)");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text can be read as any of the files, and made a test of.
    #[test]
    fn no_text_is_too_odd(
        lines in prop::collection::vec(
            prop_oneof![
                "#(me|bot|begin|end|include|x)?( web)?",
                "[?!]{0,3}(BUTTONS|MEDIA|INCLUDE|PAUSE|TEXT_REGEXP_ANY|JSON_PATH|SET_SCRIPTING_MEMORY|WER) [\\PC]{0,12}",
                "[?!]{0,3}(BUTTON|CARDS_COUNT|JSON_PATH_COUNT|WAITFORBOT|INTENT)( [$.\\[\\]*a|\\\\0-9-]{0,12})?",
                "[\\PC]{0,20}",
                "(\\||\\$[a-z]{0,3}|[\\PC]){0,12}",
            ],
            0..24,
        )
    ) {
        let text = lines.join("\n");
        let (convo, _) = read_convo(&text, FileId(0));
        let (memory, _) = read_memory(&text, FileId(0));
        let utterances = read_utterances(&text);
        let companions = Companions {
            partials: vec![(FileId(0), &convo)],
            utterances: vec![&utterances],
            memories: vec![&memory],
        };
        let (script, findings) = script(&convo, "odd", &companions, 1);
        prop_assert_eq!(script.tests.len(), 1);
        for finding in findings {
            prop_assert!(text.get(finding.place.span.range()).is_some(), "{:?}", finding);
        }
    }
}
