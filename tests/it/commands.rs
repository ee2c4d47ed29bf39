//! The program as it is typed: what it prints, what it changes, and how it ends.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of one test, gone when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("parlor-commands-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    /// A folder with the bot `shop` in it.
    pub fn with_shop() -> Folder {
        let folder = Folder::new();
        assert_eq!(folder.run(&["new", "shop"]).code, 0);
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Folder {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("the file is written");
        self
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder is there");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Types a command in this folder.
    pub fn run(&self, words: &[&str]) -> Ran {
        run(&self.0, words, "", &[])
    }

    /// The same, with something to read on its standard input.
    pub fn run_with(&self, words: &[&str], input: &str) -> Ran {
        run(&self.0, words, input, &[])
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub data: String,
    pub talk: String,
}

/// Copies the files of a folder, without its transcripts.
pub fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_file() && path.extension().is_none_or(|ending| ending != "transcript") {
            fs::copy(&path, to.join(entry.file_name())).expect("the file is copied");
        }
    }
}

/// Types a command, with something on its standard input and in its environment.
pub fn run(folder: &Path, words: &[&str], input: &str, env: &[(&str, &str)]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parlor"))
        .args(words)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("parlor starts");
    let _ = child.stdin.take().expect("an input").write_all(input.as_bytes()); // most commands read none
    let output = child.wait_with_output().expect("parlor ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    Ran { code: output.status.code().unwrap_or(-1), data: text(output.stdout), talk: text(output.stderr) }
}

/// A line with a slip that has a fix, and one that has none.
const SLIPS: &str =
    "dialog \"Extra\" {\n  user says {\n    \"extra\"\n    pattern \"*extra*\"\n  }\n  sya \"hi\"\n}\n";
const LOST: &str = "dialog \"Extra\" {\n  user says {\n    \"extra\"\n    pattern \"*extra*\"\n  }\n  say \"hi\" -> dialog \"Nowhere\"\n}\n";

#[test]
fn a_clean_bot() {
    let folder = Folder::with_shop();
    let ran = folder.run(&["check", "shop"]);
    assert_eq!((ran.code, ran.data.as_str(), ran.talk.as_str()), (0, "", "shop: 3 dialogs, no findings\n"));
    let ran = run(&folder.path("shop"), &["check"], "", &[]);
    assert_eq!((ran.code, ran.talk.as_str()), (0, "shop: 3 dialogs, no findings\n"));
    let ran = folder.run(&["check", "shop/shop.dialog"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.talk.starts_with("shop/shop.dialog belongs to the bot in shop; I take the whole bot\n"),
        "{ran:?}"
    );
}

#[test]
fn a_mistake_is_shown() {
    let folder = Folder::with_shop();
    folder.write("shop/extra.dialog", LOST);
    let ran = folder.run(&["check", "shop", "--format", "short"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.data.contains("shop/extra.dialog:6:"), "{ran:?}");
    assert!(ran.data.contains("error[unknown-dialog]: "), "{ran:?}");
    let ran = folder.run(&["check", "shop"]);
    assert!(ran.data.contains(" --> shop/extra.dialog:6:"), "{ran:?}");
    assert!(ran.data.contains("more: parlor explain unknown-dialog\n"), "{ran:?}");
    assert!(!ran.data.contains('\u{1b}'), "no colour off a terminal");
}

#[test]
fn every_format_is_one_document_for_all_bots() {
    let folder = Folder::with_shop();
    folder.write("shop/extra.dialog", LOST);
    assert_eq!(folder.run(&["new", "other"]).code, 0);
    folder.write("other/extra.dialog", LOST);
    for format in ["json", "sarif"] {
        let ran = folder.run(&["check", "shop", "other", "--format", format]);
        assert_eq!(ran.code, 1);
        let document: serde_json::Value = serde_json::from_str(&ran.data).expect("it is one JSON document");
        let text = document.to_string();
        assert!(text.contains("shop/extra.dialog") && text.contains("other/extra.dialog"), "{text}");
    }
    let ran = folder.run(&["check", "shop", "--format", "github"]);
    assert!(ran.data.starts_with("::error file=shop/extra.dialog,line=6,"), "{ran:?}");
}

#[test]
fn fixes_are_made_and_told() {
    let folder = Folder::with_shop();
    folder.write("shop/extra.dialog", SLIPS);
    let ran = folder.run(&["check", "shop", "--fix"]);
    assert_eq!(folder.read("shop/extra.dialog"), SLIPS.replace("sya", "say"));
    assert!(ran.talk.contains("shop: made 1 fix in 1 file\n  shop/extra.dialog:"), "{ran:?}");
    assert_eq!(
        folder.names("shop"),
        [".gitignore", "extra.dialog", "shop.dialog"],
        "nothing is left lying about"
    );
    let ran = folder.run(&["check", "shop", "--fix"]);
    assert!(ran.talk.contains("shop: nothing that can be fixed\n"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn fixes_keep_permissions_and_leave_read_only_files_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_shop();
    folder.write("shop/extra.dialog", SLIPS);
    let path = folder.path("shop/extra.dialog");
    let mode = |path: &Path| fs::metadata(path).expect("the file is there").permissions().mode() & 0o777;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("permissions");
    let ran = folder.run(&["check", "shop", "--fix"]);
    assert_eq!((ran.code, folder.read("shop/extra.dialog").as_str()), (4, SLIPS), "{ran:?}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    folder.run(&["check", "shop", "--fix"]);
    assert_eq!((mode(&path), folder.read("shop/extra.dialog")), (0o640, SLIPS.replace("sya", "say")));
}

#[test]
fn warnings_are_no_failure_unless_asked_for() {
    let folder = Folder::new();
    let bot =
        "bot \"B\" {\n  language en-US\n  entry    \"A\"\n}\n\ndialog \"A\" {\n  say \"hi\" -> end\n}\n";
    folder.write("b/b.dialog", bot);
    let ran = folder.run(&["check", "b", "--format", "short"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.data.contains("warning[no-fallback]"), "{ran:?}");
    assert_eq!(folder.run(&["check", "b", "--deny-warnings"]).code, 1);
}

#[test]
fn what_cannot_be_loaded() {
    let folder = Folder::new();
    folder.write("empty/readme.txt", "no bot");
    for name in ["nowhere", "empty", "empty/readme.txt"] {
        let ran = folder.run(&["check", name]);
        assert_eq!((ran.code, ran.data.as_str()), (3, ""), "{ran:?}");
        assert!(ran.talk.contains(name) && ran.talk.contains("help: "), "{ran:?}");
    }
}

#[test]
fn files_that_are_not_text_or_too_large() {
    let folder = Folder::with_shop();
    folder
        .write("shop/binary.dialog", b"say \xff")
        .write("shop/large.dialog", vec![b'#'; 16 * 1024 * 1024 + 1]);
    let ran = folder.run(&["check", "shop", "--format", "short"]);
    assert_eq!(ran.code, 1);
    assert!(ran.data.contains("shop/binary.dialog:1:1: error[not-text]"), "{ran:?}");
    assert!(ran.data.contains("shop/large.dialog:1:1: error[too-large]"), "{ran:?}");
    folder.run(&["check", "shop", "--fix"]);
    assert_eq!(fs::read(folder.path("shop/binary.dialog")).expect("it is there"), b"say \xff");
}

#[cfg(unix)]
#[test]
fn links_and_hidden_names() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with_shop();
    folder
        .write("outside/out.dialog", LOST)
        .write("shop/.hidden/lost.dialog", LOST)
        .write("shop/.lost.dialog", LOST);
    symlink("../outside", folder.path("shop/linked")).expect("a link");
    symlink(".", folder.path("shop/round")).expect("a link");
    symlink("shop.dialog", folder.path("shop/again.dialog")).expect("a link");
    symlink("nothing", folder.path("shop/broken.dialog")).expect("a link");
    let ran = folder.run(&["check", "shop"]);
    assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{ran:?}");
    assert_eq!(
        ran.talk,
        "shop/linked is left out: it is a link out of the folder\nshop: 3 dialogs, no findings\n"
    );
    symlink(".hidden/lost.dialog", folder.path("shop/mounted.dialog")).expect("a link");
    let ran = folder.run(&["check", "shop", "--format", "short"]);
    assert!(ran.data.contains("shop/mounted.dialog:6:"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_text() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::with_shop();
    for byte in [b"\xfe", b"\xff"] {
        let name = [b"lost", &byte[..], b".dialog"].concat();
        let path = folder.path("shop").join(std::ffi::OsStr::from_bytes(&name));
        fs::write(path, LOST.replace("Extra", &format!("Extra {}", byte[0]))).expect("the file is written");
    }
    let ran = folder.run(&["check", "shop", "--format", "short"]);
    assert_eq!(ran.data.matches("error[unknown-dialog]").count(), 2, "{ran:?}");
}

#[test]
fn an_account() {
    let folder = Folder::with_shop();
    folder.write("good.yaml", "account: a\nskills: {Human: }\nusers: {sam: {skills: [Human]}}\n");
    folder.write("none.yaml", "account: a\nskills:\n  Other:\n");
    folder.write("bad.yaml", "account: a\nskills:\n  Human:\n    idle: 5\n");
    assert_eq!(folder.run(&["check", "shop", "--account", "good.yaml"]).code, 0);
    let ran = folder.run(&["check", "shop", "--account", "none.yaml", "--format", "short"]);
    assert!(ran.code == 1 && ran.data.contains("error[unknown-skill]"), "{ran:?}");
    let ran = folder.run(&["check", "shop", "--account", "bad.yaml"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.talk.starts_with("bad.yaml:4:11: error[wrong-value]: ")
            && ran.talk.contains("the account `bad.yaml` cannot"),
        "{ran:?}"
    );
    assert_eq!(folder.run(&["check", "shop", "--account", "gone.yaml"]).code, 3);
}

#[test]
fn formatting() {
    let folder = Folder::with_shop();
    let tidy = folder.read("shop/shop.dialog");
    let untidy = tidy.replace("  say", "      say");
    folder.write("shop/shop.dialog", &untidy);
    let ran = folder.run(&["fmt", "shop", "--check"]);
    assert_eq!((ran.code, folder.read("shop/shop.dialog").as_str()), (1, untidy.as_str()));
    assert!(ran.data.starts_with("--- shop/shop.dialog\n+++ shop/shop.dialog (formatted)\n@@ "), "{ran:?}");
    let ran = folder.run(&["fmt", "shop"]);
    assert_eq!((ran.code, folder.read("shop/shop.dialog").as_str()), (0, tidy.as_str()));
    assert_eq!(ran.talk, "formatted shop/shop.dialog\n1 file formatted, 0 as they should be\n");
    assert_eq!(folder.run(&["fmt", "shop", "--check"]).code, 0);
}

#[test]
fn what_does_not_read_is_not_formatted() {
    let folder = Folder::with_shop();
    let tidy = folder.read("shop/shop.dialog");
    folder.write("shop/shop.dialog", tidy.replace("  say", "      say")).write("shop/extra.dialog", SLIPS);
    let ran = folder.run(&["fmt", "shop"]);
    assert_eq!((ran.code, folder.read("shop/shop.dialog").as_str()), (1, tidy.as_str()), "{ran:?}");
    assert_eq!(folder.read("shop/extra.dialog"), SLIPS);
    assert!(ran.talk.contains(" --> shop/extra.dialog:6:3"), "{ran:?}");
    assert!(ran.talk.contains("shop/extra.dialog is left as it was\n"), "{ran:?}");
}

#[test]
fn formatting_one_file_or_the_input() {
    let folder = Folder::with_shop();
    let tidy = folder.read("shop/shop.dialog");
    let untidy = tidy.replace("  say", "      say");
    let ran = run(&folder.0, &["fmt", "--stdin"], &untidy, &[]);
    assert_eq!((ran.code, ran.data.as_str(), ran.talk.as_str()), (0, tidy.as_str(), ""));
    let ran = run(&folder.0, &["fmt", "--stdin", "--check"], &untidy, &[]);
    assert!(ran.code == 1 && ran.data.starts_with("--- (stdin)\n"), "{ran:?}");
    let ran = run(&folder.0, &["fmt", "--stdin"], SLIPS, &[]);
    assert!(ran.code == 1 && ran.data.is_empty() && ran.talk.contains("(stdin):6:3"), "{ran:?}");
    folder.write("shop/shop.dialog", &untidy).write("shop/extra.dialog", SLIPS);
    assert_eq!(folder.run(&["fmt", "shop/shop.dialog"]).code, 0);
    assert_eq!(folder.read("shop/shop.dialog"), tidy);
}

#[test]
fn formatting_transcripts() {
    let folder = Folder::with_shop();
    let tidy = "bot shop\n\ntest \"Hello\"\n  user: hello\n  bot: *\n    expect no more\n";
    let untidy = tidy.replace("  ", "   ");
    folder.write("shop/tests/hello.transcript", &untidy).write("shop/tests/slip.transcript", "tset \"x\"\n");
    let ran = folder.run(&["fmt", "shop", "--check"]);
    assert!(ran.code == 1 && ran.data.starts_with("--- shop/tests/hello.transcript\n"), "{ran:?}");
    assert_eq!(folder.read("shop/tests/hello.transcript"), untidy);
    let ran = folder.run(&["fmt", "shop"]);
    assert_eq!((ran.code, folder.read("shop/tests/hello.transcript").as_str()), (1, tidy), "{ran:?}");
    assert_eq!(folder.read("shop/tests/slip.transcript"), "tset \"x\"\n");
    assert!(ran.talk.contains("shop/tests/slip.transcript is left as it was\n"), "{ran:?}");
    // A single file, and a folder with transcripts only.
    folder.write("shop/tests/hello.transcript", &untidy);
    assert_eq!(folder.run(&["fmt", "shop/tests/hello.transcript"]).code, 0);
    assert_eq!(folder.read("shop/tests/hello.transcript"), tidy);
    let ran = folder.run(&["fmt", "shop/tests", "--check"]);
    assert!(
        ran.code == 1 && ran.talk.contains("0 files to format, 1 as they should be, 1 with mistakes"),
        "{ran:?}"
    );
}

#[test]
fn explaining() {
    let folder = Folder::new();
    let ran = folder.run(&["explain", "unknown-dialog"]);
    assert_eq!(ran.code, 0);
    assert!(ran.data.starts_with("unknown-dialog (error)\n\n"), "{ran:?}");
    assert!(ran.data.contains("\nWrong\n\n    ") && ran.data.contains("\nRight\n\n    "), "{ran:?}");
    assert!(!ran.data.contains("```"), "{ran:?}");
    assert_eq!(folder.run(&["explain", "error[unknown-dialog]"]).data, ran.data);
    let ran = folder.run(&["explain"]);
    assert_eq!(ran.data.lines().count(), parlor::diagnostics::Slug::ALL.len() + 2);
    let ran = folder.run(&["explain", "unknwn-dialog"]);
    assert_eq!((ran.code, ran.data.as_str()), (6, ""));
    assert_eq!(
        ran.talk,
        "error: there is no mistake called `unknwn-dialog`\nhelp: did you mean `unknown-dialog`?\n"
    );
}

#[test]
fn matching() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "shop", "--template", "orders"]).code, 0);
    let ran = folder.run(&["match", "shop", "help me track my order"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.data.lines().collect();
    assert_eq!(lines[0], "help me track my order");
    assert!(
        lines[2].starts_with("  wins  Track Order    pattern \"*(track|where)*(order|parcel)*\""),
        "{ran:?}"
    );
    assert!(lines[2].contains("  10 characters"), "{ran:?}");
    assert!(lines[3].starts_with("        Agent Handoff  pattern"), "{ran:?}");
    assert!(lines[3].ends_with("  accounts for fewer characters"), "{ran:?}");
    assert!(ran.data.contains("An open question comes before all this"), "{ran:?}");
    let ran = folder.run(&["match", "shop", "xyzzy"]);
    assert!(ran.code == 1 && ran.data.contains("nothing fits; the fallback dialog would answer"), "{ran:?}");
    let ran = folder.run(&["match", "shop", "help me track my order", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.data).expect("it is JSON");
    assert_eq!((&document["version"], &document["wins"]), (&1.into(), &"Track Order".into()));
    assert_eq!(document["answers"][0]["characters"], 10);
    assert_eq!(document["answers"][1]["verdict"], "fewer-characters");
    let ran = folder.run(&["match", "shop", "--overlaps", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.data).expect("it is JSON");
    assert!(document["overlaps"].is_array() && ran.code == 0);
    assert_eq!(folder.run(&["match", "shop", "--overlaps"]).code, 0);
    assert_eq!(folder.run(&["match", "shop"]).code, 2);
    folder.write("shop/extra.dialog", LOST);
    let ran = folder.run(&["match", "shop", "hello"]);
    assert!(ran.code == 3 && ran.data.is_empty() && ran.talk.contains("error[unknown-dialog]"), "{ran:?}");
}

#[test]
fn what_is_typed_is_shown_and_not_obeyed() {
    let folder = Folder::with_shop();
    for words in [["match", "shop", "\u{1b}[2J\u{202e}"], ["check", "shop", "no\u{1b}[2Jwhere"]] {
        let ran = folder.run(&words);
        assert!(!format!("{}{}", ran.data, ran.talk).contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    }
}

#[test]
fn new_bots_check_clean_and_are_formatted() {
    let folder = Folder::new();
    for template in ["hello", "handoff", "orders"] {
        let name = format!("my-{template}");
        let ran = folder.run(&["new", &name, "--template", template]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.talk.ends_with(&format!("Next: parlor check {name}\n")), "{ran:?}");
        let ran = folder.run(&["check", &name, "--deny-warnings"]);
        assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{ran:?}");
        let ran = folder.run(&["fmt", &name, "--check"]);
        assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{ran:?}");
    }
    assert!(folder.read("my-hello/my-hello.dialog").contains("bot \"My Hello\" {\n"));
    assert_eq!(folder.names("my-orders"), [".gitignore", "env.yaml", "my-orders.dialog"]);
}

#[test]
fn new_overwrites_nothing() {
    let folder = Folder::new();
    folder.write("mine/notes.txt", "mine");
    folder.write("file", "mine");
    for name in ["mine", "file"] {
        let ran = folder.run(&["new", name]);
        assert_eq!(ran.code, 1);
        assert!(ran.talk.contains("I overwrite nothing"), "{ran:?}");
    }
    assert_eq!(folder.names("mine"), ["notes.txt"]);
    assert_eq!(folder.run(&["new", "--", "--"]).code, 2);
}

#[test]
fn colour() {
    let folder = Folder::with_shop();
    folder.write("shop/extra.dialog", LOST);
    let colored =
        |words: &[&str], env: &[(&str, &str)]| run(&folder.0, words, "", env).data.contains('\u{1b}');
    assert!(!colored(&["check", "shop"], &[]));
    assert!(colored(&["check", "shop", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&["check", "shop"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["check", "shop"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color=never", "check", "shop"], &[("CLICOLOR_FORCE", "1")]));
    assert!(colored(&["explain", "tab", "--color", "always"], &[]));
}

#[test]
fn a_reader_that_has_seen_enough() {
    let folder = Folder::with_shop();
    let lost: String = (0..2000).map(|number| LOST.replace("Extra", &format!("Extra {number}"))).collect();
    folder.write("shop/extra.dialog", lost);
    for words in [&["check", "shop"][..], &["explain"], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parlor"))
            .args(words)
            .current_dir(&folder.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("parlor starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("parlor ends");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{talk}");
        assert!(!talk.contains("panicked") && !talk.contains("bug in parlor"), "{talk}");
    }
}

#[test]
fn helps_begin_with_examples_and_fit_a_screen() {
    let folder = Folder::new();
    for command in [
        "",
        "check",
        "fmt",
        "explain",
        "match",
        "record",
        "replay",
        "crawl",
        "mutants",
        "fuzz",
        "graph",
        "import",
        "new",
        "visit",
        "agent",
        "secret",
        "secret set",
        "secret ls",
        "secret rm",
        "secret rotate",
        "user",
        "user password",
        "token",
        "token new",
        "token ls",
        "token revoke",
        "backup",
        "restore",
        "completions",
        "man",
    ] {
        for flag in ["-h", "--help"] {
            let words: Vec<&str> = command.split_whitespace().chain([flag]).collect();
            let ran = folder.run(&words);
            assert_eq!(ran.code, 0);
            let examples = ran.data.find("Examples:\n").expect("examples");
            assert!(examples < ran.data.find("Usage: ").expect("a usage"), "{}", ran.data);
            assert!(ran.data.contains("Exit codes:\n"), "{}", ran.data);
            let most = if command.is_empty() { 68 } else { 44 }; // the list of all commands takes more
            assert!(ran.data.lines().count() <= most, "{}", ran.data);
            assert!(ran.data.lines().all(|line| line.chars().count() <= 100), "{}", ran.data);
        }
    }
}

#[test]
fn commands_that_are_not_understood() {
    let folder = Folder::new();
    let ran = folder.run(&["chekc"]);
    assert!(ran.code == 2 && ran.talk.contains("'check'"), "{ran:?}");
    let ran = folder.run(&["check", "--formt"]);
    assert!(ran.code == 2 && ran.talk.contains("'--format'"), "{ran:?}");
    assert_eq!(folder.run(&[]).code, 2);
    assert_eq!(folder.run(&["--version"]).data, format!("parlor {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_and_manual() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = folder.run(&["completions", shell]);
        assert!(ran.code == 0 && ran.data.contains("deny-warnings"), "{shell}");
    }
    let ran = folder.run(&["man"]);
    assert!(ran.code == 0 && ran.data.contains(".TH parlor 1") && ran.data.contains("130"), "{ran:?}");
    let ran = folder.run(&["man", "--dir", "pages"]);
    assert_eq!(ran.code, 0);
    let pages = folder.names("pages");
    assert!(
        pages.contains(&"parlor.1".to_string()) && pages.contains(&"parlor-check.1".to_string()),
        "{pages:?}"
    );
    assert!(folder.read("pages/parlor-check.1").contains("bots/acme"), "examples are in the manual");
}

#[test]
fn graphs_are_printed_written_and_coloured() {
    let folder = Folder::with_shop();
    let svg = folder.run(&["graph", "shop"]);
    assert_eq!((svg.code, svg.talk.as_str()), (0, ""));
    assert!(svg.data.starts_with("<svg ") && svg.data.ends_with("</svg>\n"));
    let written = folder.run(&["graph", "shop", "-o", "shop.svg"]);
    assert_eq!((written.code, written.data.as_str()), (0, ""));
    assert_eq!(folder.read("shop.svg"), svg.data);
    for (format, begins) in [("dot", "digraph "), ("mermaid", "flowchart TD"), ("json", "{")] {
        let chart = folder.run(&["graph", "shop", "--format", format]);
        assert!(chart.code == 0 && chart.data.starts_with(begins), "{format}: {}", chart.data);
    }
    let nowhere = folder.run(&["graph", "shop", "-o", "no/such/folder.svg"]);
    assert_eq!(nowhere.code, 4);
    assert!(nowhere.talk.starts_with("error: I can't write `no/such/folder.svg`: "), "{}", nowhere.talk);

    let focused = folder.run(&["graph", "shop", "--focus", "Welcom"]);
    assert_eq!(focused.code, 6);
    assert_eq!(focused.talk, "error: shop has no dialog `Welcom`\nhelp: did you mean `Welcome`?\n");
    assert_eq!(folder.run(&["graph", "shop", "--depth", "2"]).code, 2, "a depth of nothing");

    let help = "help: parlor test shop --coverage json=FILE writes such a file\n";
    let none = folder.run(&["graph", "shop", "--overlay", "none.json"]);
    assert_eq!(none.code, 4);
    assert!(none.talk.ends_with(help), "{}", none.talk);
    folder.write("wrong.json", "[]");
    let wrong = folder.run(&["graph", "shop", "--overlay", "wrong.json"]);
    assert_eq!(wrong.code, 3);
    assert_eq!(
        wrong.talk,
        format!(
            "error: `wrong.json` is no coverage: it has no `version`, as the coverage of a bot has\n{help}"
        )
    );
    let part = |address: &str| format!("{{\"address\": \"{}\", \"count\": 1}}", address.replace('"', "\\\""));
    let parts = [part("dialog \"Welcome\""), part("dialog \"Gone\"")].join(", ");
    folder.write("coverage.json", format!("{{\"version\": 1, \"parts\": [{parts}]}}"));
    let coloured = folder.run(&["graph", "shop", "--overlay", "coverage.json"]);
    assert_eq!(coloured.code, 0);
    assert_eq!(
        coloured.talk,
        "coverage.json names 1 part that shop does not have: it comes from another version\n"
    );
    assert!(coloured.data.contains(">1 of ") && coloured.data.contains(">not covered<"));
    let (tested, plain) =
        (folder.run(&["graph", "shop", "--overlay", "coverage"]), folder.run(&["graph", "shop"]));
    assert_eq!(tested.code, 0, "{}", tested.talk);
    assert!(tested.data.contains(">not covered<") && !plain.data.contains(">not covered<"));
    folder.write("shop/broken.dialog", "dialog {");
    let broken = folder.run(&["graph", "shop"]);
    assert_eq!(broken.code, 3);
    assert!(broken.talk.contains("error: shop has mistakes and cannot be drawn: "), "{}", broken.talk);
}

#[test]
fn the_trace_of_a_call_that_came_back_names_its_rule() {
    let folder = Folder::new();
    let bot = "bot \"B\" {\nlanguage en\nentry \"A\"\n}\nintegration \"Api\" api {\nget \"https://x.example\"\n}\ndialog \"A\" {\ncall \"Api\" {\nwhen success\nwhen failure say \"No.\"\n}\n}\n";
    folder.write("b/b.dialog", bot);
    let ran = run(&folder.0, &["chat", "b"], "/trace\nhi\n/answer failure busy\n", &[]);
    assert!(
        ran.data.contains("#   won   A (b/b.dialog:9): the call came back\n#   rule  A (b/b.dialog:11)\n"),
        "{}",
        ran.data
    );
}
