//! The tutorial of the manual, from its text alone: its files are written, and what stands in its terminals is typed and read.
//!
//! A block with `file=some/path` is written there. In a block of `console`, lines with `$` are typed in the first terminal;
//! what they print is compared, and `UPDATE=1` writes it down. A block with `in=name` is a terminal of its own, of somebody who
//! visits or works: what stands behind `you:` is typed there, and every other line has to be the next one that comes. `[..]` is
//! anything.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::commands::Folder;
use crate::operate::{SHOWN, masked, pretty};
use crate::visit::{LINE_SECONDS_MAX, Running, fits};

/// How long one of two pipes is listened to before the other one has its turn.
const PATIENCE: Duration = Duration::from_millis(20);

/// What stands on a desk: three terminals in a folder, and what runs behind the first.
struct Desk {
    folder: Folder,
    server: Option<Running>,
    /// Where the server is. The first time it chooses a port, and keeps it.
    address: String,
    passwords: BTreeMap<String, String>,
    terminals: BTreeMap<String, Terminal>,
}

/// A terminal of somebody who visits or works.
struct Terminal {
    running: Running,
    /// What came next and nobody has looked for yet: printed, and said.
    next: [Option<String>; 2],
    /// What was typed and has not come yet: a terminal shows it at once, and a pipe when it is said.
    typed: Vec<String>,
}

impl Terminal {
    /// Waits for a line to be the next one.
    fn expect(&mut self, line: &str, place: &str) {
        let expected = line.replace("[..]", "…");
        let begun = Instant::now();
        loop {
            for (next, from) in self.next.iter_mut().zip([&self.running.printed, &self.running.said]) {
                if next.is_none() {
                    *next = from.recv_timeout(PATIENCE).ok();
                }
                let typed = self.typed.iter().position(|typed| Some(typed) == next.as_ref());
                if let Some(typed) = typed {
                    self.typed.remove(typed);
                    *next = None;
                } else if next.as_deref().is_some_and(|next| fits(&expected, next)) {
                    *next = None;
                    return;
                }
            }
            let all = self.next.iter().all(Option::is_some);
            assert!(!all && begun.elapsed() < LINE_SECONDS_MAX, "{place}: `{line}`, and not {:?}", self.next);
        }
    }

    /// Waits for it to end by itself, with nothing left to be read.
    fn ends(mut self, place: &str) {
        let mut left: Vec<String> = self.next.iter_mut().filter_map(Option::take).collect();
        let mut running = self.running;
        left.extend(all(&running.printed, place).into_iter().chain(all(&running.said, place)));
        left.retain(|line| match self.typed.iter().position(|typed| typed == line) {
            Some(typed) => self.typed.remove(typed) != *line,
            None => true,
        });
        assert_eq!(self.typed, Vec::<String>::new(), "{place}: it was typed and not said");
        assert_eq!(left, Vec::<String>::new(), "{place}: there is more");
        assert!(running.child.wait().expect("it has ended").success(), "{place}: it ends otherwise");
    }
}

/// What comes up to the end.
fn all(from: &Receiver<String>, place: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        match from.recv_timeout(LINE_SECONDS_MAX) {
            Ok(line) => lines.push(line),
            Err(RecvTimeoutError::Disconnected) => return lines,
            Err(RecvTimeoutError::Timeout) => panic!("{place}: it does not end; it came to {lines:?}"),
        }
    }
}

impl Desk {
    fn here(&self, text: &str) -> String {
        text.replace(SHOWN, &format!("http://{}", self.address))
    }

    /// What comes of a line that is typed in the first terminal.
    fn type_first(&mut self, typed: &str, place: &str) -> String {
        match typed {
            "kill -9 $!" => {
                drop(self.server.take().expect("a server runs")); // which kills it
                return String::new();
            }
            "kill $!" => {
                let mut server = self.server.take().expect("a server runs");
                let told = Command::new("kill").arg(server.child.id().to_string()).status();
                assert!(told.expect("there is kill").success());
                all(&server.printed, place);
                assert!(server.child.wait().expect("it has ended").success(), "{place}: it ends otherwise");
                return String::new();
            }
            _ => {}
        }
        if let Some(words) = typed.strip_prefix("parlor serve").and_then(|words| words.strip_suffix(" &")) {
            return self.serve(words.split(" 2>").next().expect("there is a first"));
        }
        let parlor = Path::new(env!("CARGO_BIN_EXE_parlor")).parent().expect("it lies in a folder");
        let path = format!("{}:{}", parlor.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.current_dir(self.folder.path("")).env("PATH", path).env("COLUMNS", "200").env("USER", "ada");
        shell.env("PARLOR_SERVER", format!("http://{}", self.address));
        shell.env_remove("PARLOR_TOKEN").env_remove("PARLOR_KEY_FILE").env_remove("CLICOLOR_FORCE");
        let shell = shell.args(["-c", &format!("exec 2>&1; {typed}")]).stdin(Stdio::null());
        let output = shell.output().expect("there is a shell");
        let said = String::from_utf8(output.stdout).expect("it prints UTF-8");
        assert!(output.status.success(), "{place}: `{typed}` does not end well:\n{said}");
        said
    }

    fn serve(&mut self, words: &str) -> String {
        let words = ["serve"].into_iter().chain(words.split_whitespace()).map(str::to_string);
        let words: Vec<String> = words.chain(["--listen".to_string(), self.address.clone()]).collect();
        let server = Running::start("server", &words, &self.folder.path(""), None);
        let mut said = String::new();
        while !said.contains("Ctrl-C") {
            let line = server.next(&server.printed, "Ctrl-C closes it; nothing is lost.");
            if let Some((_, address)) = line.split_once(" is served at http://") {
                self.address = address.to_string();
            }
            if let [user, password, profile, ..] = line.split_whitespace().collect::<Vec<_>>()[..]
                && profile.starts_with('(')
            {
                self.passwords.insert(user.to_string(), password.to_string());
            }
            said.push_str(&format!("{line}\n"));
        }
        self.server = Some(server);
        said
    }

    /// A line in a terminal of somebody who visits or works.
    fn line(&mut self, name: &str, line: &str, place: &str) {
        if let Some(typed) = line.strip_prefix("$ parlor ") {
            if let Some(before) = self.terminals.remove(name) {
                before.ends(place);
            }
            let words: Vec<String> = self.here(typed).split_whitespace().map(str::to_string).collect();
            let running = Running::start(name, &words, &self.folder.path(""), None);
            self.terminals
                .insert(name.to_string(), Terminal { running, next: [None, None], typed: Vec::new() });
            return;
        }
        let line = self.here(line);
        let password = self.passwords.get(name).cloned();
        let terminal = self.terminals.get_mut(name).unwrap_or_else(|| panic!("{place}: nothing runs there"));
        if line == "password:" {
            terminal
                .running
                .type_line(&password.unwrap_or_else(|| panic!("{place}: {name} has no password")));
            return;
        }
        let typed = line.strip_prefix("you: ").or_else(|| {
            let (number, typed) = line.strip_prefix('[')?.split_once("] you: ")?;
            number.parse::<usize>().is_ok().then_some(typed)
        });
        if let Some(typed) = typed {
            terminal.running.type_line(typed);
            match typed {
                "/quit" => self.terminals.remove(name).expect("it was there").ends(place),
                typed if typed.starts_with('/') => {}
                _ => terminal.typed.push(line),
            }
        } else {
            terminal.expect(&line, place);
        }
    }
}

#[test]
fn the_tutorial_runs_from_its_text_alone() {
    let page = "docs/tutorial.md";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(&path).expect("the page is there");
    let mut desk = Desk {
        folder: Folder::new(),
        server: None,
        address: "127.0.0.1:0".into(),
        passwords: BTreeMap::new(),
        terminals: BTreeMap::new(),
    };
    let mut now = String::new();
    let mut block: Option<Vec<&str>> = None;
    let mut file: Option<(&str, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let place = format!("{page}:{}", number + 1);
        let Some(info) = &block else {
            now.push_str(&format!("{line}\n"));
            if let Some(info) = line.strip_prefix("```") {
                let info: Vec<&str> = info.split_whitespace().collect();
                file = info.iter().find_map(|word| word.strip_prefix("file=")).map(|at| (at, String::new()));
                block = Some(info);
            }
            continue;
        };
        if line == "```" {
            if let Some((at, text)) = file.take() {
                desk.folder.write(at, text);
            }
            block = None;
            now.push_str("```\n");
            continue;
        }
        let name = info.iter().find_map(|word| word.strip_prefix("in="));
        match (&mut file, name, line.strip_prefix("$ ")) {
            (Some((_, text)), _, _) => text.push_str(&format!("{line}\n")),
            (None, Some(name), _) => desk.line(name, line, &place),
            (None, None, Some(typed)) if info.first() == Some(&"console") => {
                now.push_str(&format!("{line}\n{}", masked(&desk.type_first(typed, &place))));
                continue;
            }
            (None, None, _) if info.first() == Some(&"console") => continue, // what it printed then
            (None, None, _) => {}
        }
        now.push_str(&format!("{line}\n"));
    }
    for terminal in desk.terminals.into_values() {
        terminal.ends(page);
    }
    assert!(desk.server.is_none(), "{page} leaves the server running");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, now).expect("it is written");
    } else {
        pretty(page, &text, &now);
    }
}
