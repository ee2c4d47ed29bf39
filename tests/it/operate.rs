//! Operators' commands against a real server, as pages: what is typed, what comes back, and how it ends.
//!
//! Each page of `tests/operate`, and `docs/deploying.md`, has blocks of `console server`. They are played in order, by a shell,
//! in a folder with the bot `tiny` and the account `shop` in it, against a server that runs beside them:
//!
//! - `$ parlor serve …` starts the server and goes on when it listens.
//! - `$ # visitor: TEXT` is a visitor who says something, in one conversation for the whole page, and waits for an answer.
//! - `$ # the server is gone` kills it.
//! - Anything else is a command; `[ends with 1]` stands below one that does not end with 0.
//!
//! What differs from run to run is masked. `UPDATE=1` writes down what comes back now.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use crate::commands::Folder;
use crate::http::client::Wire;
use crate::http::written;

/// Where a server is, in pages.
pub const SHOWN: &str = "http://127.0.0.1:7275";

/// What changes from run to run, and what stands for it.
static MASKS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let masks = [
        (r"http://127\.0\.0\.1:\d+", SHOWN),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-01-02 03:04:05"),
        (r"\b1[78]\d{11}\b", "1767322245000"),
        (r"  [a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}  ", "  abcd-abcd-abcd-abcd  "),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "0193a6f0-0000-7000-8000-000000000001",
        ),
        (r"has the token [a-z0-9]{12} now", "has the token k7mqx2pd9rta now"),
        (r"\d+ entries in \d+ records, \d+ blobs?, \d+ KB", "42 entries in 30 records, 1 blob, 21 KB"),
        (r"in process \d+", "in process 4711"),
        (r"passed, 0 failed \(\d+\.\d+ s", "passed, 0 failed ([..]"),
        // The name of a difference comes of the conversation it is in.
        (r"\b[0-9a-f]{16}\b", "3f9a01c2b4d5e6f7"),
    ];
    masks.iter().map(|(mask, stands)| (Regex::new(mask).expect("it is one"), *stands)).collect()
});

struct Desk {
    folder: Folder,
    server: Option<Child>,
    address: String,
    visitor: Option<Visitor>,
}

struct Visitor {
    path: String,
    token: String,
    said: usize,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Desk {
    fn new() -> Desk {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Folder::new();
        for (from, to) in [
            ("bots/tiny/tiny.dialog", "tiny/tiny.dialog"),
            ("bots/tiny/tiny.transcript", "tiny/tiny.transcript"),
            ("tests/http/shop.account.yaml", "shop.account.yaml"),
        ] {
            folder.write(to, fs::read(root.join(from)).expect("the file is there"));
        }
        Desk { folder, server: None, address: String::new(), visitor: None }
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it runs");
            server.wait().expect("it has ended");
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path(""))
            .env("USER", "ada")
            .env("COLUMNS", "200")
            .env("PARLOR_SERVER", &self.address)
            .env_remove("PARLOR_TOKEN")
            .env_remove("PARLOR_KEY_FILE")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    /// What comes of a line that is typed.
    fn play(&mut self, typed: &str) -> String {
        if let Some(said) = typed.strip_prefix("# visitor: ") {
            return self.visit(said);
        }
        if typed == "# the server is gone" {
            self.kill();
            return String::new();
        }
        if let Some(words) = typed.strip_prefix("parlor serve ") {
            return self.serve(words);
        }
        let parlor = Path::new(env!("CARGO_BIN_EXE_parlor")).parent().expect("it lies in a folder");
        let path = format!("{}:{}", parlor.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = self.command("sh");
        let output =
            shell.env("PATH", path).args(["-c", &format!("exec 2>&1; {typed}")]).stdin(Stdio::null());
        let output = output.output().expect("there is a shell");
        let mut said = String::from_utf8(output.stdout).expect("it prints UTF-8");
        if !output.status.success() {
            said.push_str(&format!("[ends with {}]\n", output.status.code().unwrap_or(-1)));
        }
        said
    }

    fn serve(&mut self, words: &str) -> String {
        self.kill();
        let mut command = self.command(env!("CARGO_BIN_EXE_parlor"));
        command.arg("serve").args(words.split(' ')).args(["--listen", "127.0.0.1:0"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut said = String::new();
        // It has told everything when it says how to close it.
        for line in BufReader::new(server.stdout.take().expect("it prints")).lines() {
            let line = line.expect("it is text");
            said.push_str(&format!("{line}\n"));
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        let served = said.lines().find_map(|line| line.split_once(" is served at "));
        self.address = served.unwrap_or_else(|| panic!("it does not listen: {said}")).1.to_string();
        self.server = Some(server);
        self.until_connectors_run();
        said
    }

    /// The connectors that are to run come online by themselves.
    fn until_connectors_run(&self) {
        let Ok(token) = fs::read_to_string(self.folder.path("data.token")) else { return };
        loop {
            let all = self.ask("GET", "/api/v1/connectors", token.trim(), &Json::Null);
            let all = all["connectors"].as_array().expect("they are listed").clone();
            if all.iter().all(|one| one["wanted"] != "started" || one["state"] == "online") {
                return;
            }
            std::thread::yield_now();
        }
    }

    fn visit(&mut self, said: &str) -> String {
        if self.visitor.is_none() {
            let begun = self.ask("POST", "/api/v1/conversations", "", &json!({ "skill": "Bot" }));
            let text = |name: &str| begun[name].as_str().unwrap_or_else(|| panic!("{begun}")).to_string();
            let path = format!("/api/v1/conversations/{}", text("conversation"));
            self.visitor = Some(Visitor { path, token: text("token"), said: 0 });
        }
        let Visitor { path, token, said: number } = self.visitor.as_mut().expect("they have begun");
        *number += 1;
        let (path, token, id) = (path.clone(), token.clone(), format!("said-{number}"));
        let done = self.ask("POST", &format!("{path}/messages"), &token, &json!({ "id": id, "text": said }));
        assert!(done["code"].is_null(), "{done}");
        // The bot's answer follows what was said.
        loop {
            let events = self.ask("GET", &format!("{path}/events?after=0"), &token, &Json::Null);
            let said: Vec<Json> = events["events"].as_array().expect("there are some").clone();
            let said: Vec<&Json> = said.iter().filter(|event| event["type"] == "said").collect();
            if said.last().is_some_and(|last| last["by"]["role"] != "visitor") {
                return said.last().map(|last| format!("{}\n", last["text"].as_str().unwrap())).unwrap();
            }
            std::thread::yield_now();
        }
    }

    fn ask(&self, method: &str, path: &str, bearer: &str, body: &Json) -> Json {
        let address = self.address.strip_prefix("http://").expect("it is plain").parse().expect("it is one");
        let bearer = format!("Bearer {bearer}");
        let mut headers = vec![("Content-Type", "application/json")];
        if bearer.len() > "Bearer ".len() {
            headers.push(("Authorization", &bearer));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut wire = Wire::to(address);
        wire.send(&written(method, path, &headers, &body));
        wire.reply().json()
    }
}

pub fn masked(said: &str) -> String {
    let mut said = said.to_string();
    for (mask, stands) in MASKS.iter() {
        said = mask.replace_all(&said, *stands).into_owned();
    }
    said.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Plays the blocks of a page: the page as it would be written now.
fn played(text: &str) -> String {
    let mut desk = Desk::new();
    let (mut now, mut inside) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console server";
            now.push_str(&format!("{line}\n"));
            continue;
        }
        match line.strip_prefix("$ ") {
            Some(typed) if inside => now.push_str(&format!("{line}\n{}", masked(&desk.play(typed)))),
            _ if inside => {} // what it printed then
            _ => now.push_str(&format!("{line}\n")),
        }
    }
    now
}

fn plays(page: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(&path).expect("the page is there");
    assert!(text.contains("```console server"), "{page} has nothing to play");
    let now = played(&text);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, now).expect("it is written");
    } else {
        pretty(page, &text, &now);
    }
}

pub fn pretty(page: &str, then: &str, now: &str) {
    let differs = then.lines().zip(now.lines()).position(|(then, now)| then != now);
    let at = differs.unwrap_or_else(|| then.lines().count().min(now.lines().count()));
    let around = |text: &str| text.lines().skip(at.saturating_sub(2)).take(6).collect::<Vec<_>>().join("\n");
    assert!(
        then == now,
        "{page}:{} (UPDATE=1 writes it down)\nthen:\n{}\nnow:\n{}",
        at + 1,
        around(then),
        around(now)
    );
}

#[test]
fn versions_are_deployed_promoted_and_rolled_back() {
    plays("tests/operate/versions.md");
}

#[test]
fn the_gate_refuses_for_each_reason_and_says_what_to_do() {
    plays("tests/operate/gate.md");
}

#[test]
fn connectors_are_added_changed_stopped_and_started() {
    plays("tests/operate/connectors.md");
}

#[test]
fn a_server_is_watched() {
    plays("tests/operate/watching.md");
}

#[test]
fn who_may_not_is_refused_and_nothing_is_changed() {
    plays("tests/operate/refused.md");
}

#[test]
fn the_manual_backs_up_and_restores_as_it_says() {
    plays("docs/backup.md");
}

#[test]
fn the_manual_deploys_as_it_says() {
    plays("docs/deploying.md");
}
