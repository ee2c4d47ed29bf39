//! Conversations that bots hold: `tests/run/*.transcript`, played by `parlor test` as anybody would play theirs.
//!
//! `UPDATE=1 cargo test` has them blessed: what the bots answer today is written into them.

use std::process::Command;

/// Fewer would mean that some were lost on the way.
const TESTS_AT_LEAST: usize = 167;

/// What `parlor …` says about the folder, and whether it is content.
fn parlor(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.args(words).arg("tests/run").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("COLUMNS", "110").env_remove("CLICOLOR_FORCE").env_remove("CI");
    let output = command.output().expect("parlor runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_conversation_goes_as_written() {
    if std::env::var_os("UPDATE").is_some() {
        parlor(&["test", "--bless"]);
    }
    let (content, said) = parlor(&["test"]);
    assert!(content, "UPDATE=1 rewrites them, if this is how it should be:\n{said}");
    // With tests that are skipped, or passed over because of an `@only`, the summary has more words.
    let summary = said.lines().last().unwrap_or_default();
    let passed =
        summary.split_once(" passed, 0 failed (").and_then(|(number, _)| number.parse::<usize>().ok());
    assert!(passed >= Some(TESTS_AT_LEAST), "not all were played:\n{said}");
}

#[test]
fn every_conversation_is_laid_out() {
    let (content, said) = parlor(&["fmt", "--check"]);
    assert!(content, "`parlor fmt tests/run` lays them out:\n{said}");
}
