//! Cases as files: a text, and beside it what it must give. `UPDATE=1 cargo test` writes the latter anew.

use std::path::{Path, PathBuf};

/// Runs every `*.dialog`, `*.transcript`, `*.yaml` or `*.bundle` of a folder of `tests` and compares what `yields` makes of its bytes with the file beside
/// it that has the given ending.
pub fn compare(folder: &str, ending: &str, cases_at_least: usize, yields: impl Fn(&str, Vec<u8>) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let cases = cases(&folder);
    assert!(cases.len() >= cases_at_least, "only {} cases in {}", cases.len(), folder.display());
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
        let got = yields(&name, std::fs::read(&case).expect("the case can be read"));
        let expected = case.with_extension(ending);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &got).expect("the result can be written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{name} gives\n{got}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "not as in the .{ending} files (UPDATE=1 rewrites them):\n{}",
        wrong.join("\n")
    );
}

/// The `*.dialog`, `*.transcript`, `*.yaml` and `*.bundle` files of a folder, by name.
pub fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of cases is there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    cases.retain(|path| {
        path.extension().is_some_and(|ending| {
            ["dialog", "transcript", "yaml", "bundle"].iter().any(|case| ending == *case)
        })
    });
    cases.sort();
    cases
}
