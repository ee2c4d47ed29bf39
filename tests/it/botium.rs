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
        let got = format!("{counts}\nends with {code}\n{}", if data.is_empty() { data } else { format!("---\n{data}") });
        let expected = PathBuf::from(case.to_string_lossy().replace(".convo.txt", ".played"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &got).expect("the result can be written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{name} gives\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "not as in the .played files (UPDATE=1 rewrites them):\n{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

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
