//! `parlor visit` and `parlor agent`: scenes with a real server, which is killed and started again, and what does not fit.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a line may take before a test has failed. Nothing waits for it to pass.
pub const LINE_SECONDS_MAX: Duration = Duration::from_secs(120);

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/visit")
}

/// A folder of one test; gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("parlor-visit-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = Folder(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).expect("a folder");
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

/// A process, line by line.
pub struct Running {
    name: String,
    pub child: Child,
    input: Option<ChildStdin>,
    pub printed: Receiver<String>,
    pub said: Receiver<String>,
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            if tell.send(line.expect("it prints UTF-8")).is_err() {
                return;
            }
        }
    });
    told
}

impl Running {
    pub fn start(name: &str, words: &[String], folder: &Path, password: Option<&String>) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
        command.args(words).current_dir(folder).env_remove("CLICOLOR_FORCE").env_remove("PARLOR_PASSWORD");
        if let Some(password) = password {
            command.env("PARLOR_PASSWORD", password);
        }
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("parlor starts");
        let printed = lines(child.stdout.take().expect("an output"));
        let said = lines(child.stderr.take().expect("an output"));
        Running { name: name.to_string(), input: child.stdin.take(), child, printed, said }
    }

    pub fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an input");
        input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush()).expect("it listens");
    }

    pub fn next(&self, of: &Receiver<String>, expected: &str) -> String {
        of.recv_timeout(LINE_SECONDS_MAX).unwrap_or_else(|_| {
            let said: Vec<String> = self.said.try_iter().collect();
            let printed: Vec<String> = self.printed.try_iter().collect();
            panic!("{} does not come to `{expected}`; printed {printed:?}, said {said:?}", self.name)
        })
    }

    /// What is printed, up to the end; and how it ends.
    pub fn ends(mut self) -> (Vec<String>, Vec<String>, i32) {
        self.input = None;
        let code = self.child.wait().expect("parlor ends").code().unwrap_or(-1);
        (self.printed.iter().collect(), self.said.iter().collect(), code)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it has ended already, as a rule
        let _ = self.child.wait();
    }
}

/// A server with its data, that can be killed and started again at the same address.
struct Server {
    folder: Folder,
    running: Option<Running>,
    address: String,
    passwords: Vec<(String, String)>,
}

impl Server {
    fn start() -> Server {
        let mut server = Server {
            folder: Folder::new(),
            running: None,
            address: "127.0.0.1:0".into(),
            passwords: Vec::new(),
        };
        server.again();
        server
    }

    fn again(&mut self) {
        let bot = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/acme").display().to_string();
        let account = tests().join("shop.account.yaml").display().to_string();
        let words = ["serve", &bot, "--account", &account, "--data", "data", "--listen", &self.address];
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let running = Running::start("server", &words, &self.folder.0, None);
        loop {
            let line = running.next(&running.printed, "Ctrl-C closes it; nothing is lost.");
            if let Some((_, address)) = line.split_once(" is served at http://") {
                self.address = address.to_string();
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [user, password, profile, ..] = words[..]
                && profile.starts_with('(')
            {
                self.passwords.push((user.to_string(), password.to_string()));
            }
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        // What is logged is read, so that a full pipe holds nothing up.
        self.running = Some(running);
    }

    fn kill(&mut self) {
        self.running = None;
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn client(&self, name: &str, command: &str) -> Running {
        let words: Vec<String> =
            command.split_whitespace().skip(1).map(|word| word.replace("URL", &self.url())).collect();
        let password = self.passwords.iter().find(|(user, _)| user == name).map(|(_, password)| password);
        Running::start(name, &words, &self.folder.0, password)
    }
}

/// Whether a line is as expected; `…` is anything.
pub fn fits(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What is typed, with what cannot stand in a file.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (code, after) = after.split_once('}').expect("it is closed");
        out.push_str(before);
        out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).expect("it is a letter"));
        rest = after;
    }
    out + rest
}

/// Plays a scene: each line is something that is done, or the very next line that somebody prints (`>`) or is told (`!`).
/// Lines of one person between `either` and `end` may come in any order.
fn play(scene: &str) {
    let mut server = Server::start();
    let mut clients: Vec<Running> = Vec::new();
    let mut either: Option<Vec<(String, String)>> = None;
    for (number, line) in scene.lines().enumerate() {
        let at = |what: &str| format!("line {}, `{line}`: {what}", number + 1);
        let line = line.trim_end();
        match line {
            "" => continue,
            line if line.starts_with("# ") => continue,
            "server is killed" => server.kill(),
            "server is started" => server.again(),
            "either" => either = Some(Vec::new()),
            "end" => {
                let mut open = either.take().expect("it was begun");
                while let Some((name, _)) = open.first().cloned() {
                    let client = clients.iter().find(|client| client.name == name).expect("they are there");
                    let printed = client.next(&client.printed, "one of several");
                    let found = open.iter().position(|(own, line)| *own == name && fits(line, &printed));
                    open.remove(found.unwrap_or_else(|| panic!("{}", at(&printed))));
                }
            }
            line => {
                let (name, what) = line.split_once([' ', ':']).expect("somebody does something");
                let what = what.strip_prefix(' ').unwrap_or(what);
                if what.starts_with("parlor ") {
                    clients.push(server.client(name, what));
                    continue;
                }
                let place = clients.iter().position(|client| client.name == name);
                let place = place.unwrap_or_else(|| panic!("{}", at("who is that?")));
                let (sign, text) = what.split_once(' ').unwrap_or((what, ""));
                match (sign, &mut either) {
                    ("<", _) => clients[place].type_line(&unescaped(text)),
                    (">", Some(either)) => either.push((name.to_string(), text.to_string())),
                    (">" | "!", _) => {
                        let client = &clients[place];
                        let of = if sign == ">" { &client.printed } else { &client.said };
                        let expected = text.replace("\\\\u", "\\u").replace("URL", &server.url());
                        let got = client.next(of, &expected);
                        assert!(fits(&expected, &got), "{}", at(&got));
                    }
                    ("ends" | "leaves", _) => {
                        let mut client = clients.remove(place);
                        if sign == "ends" {
                            // By itself: its input is still open.
                            client.child.wait().expect("it ends");
                        }
                        let (printed, said, code) = client.ends();
                        assert_eq!((printed, said), (Vec::new(), Vec::new()), "{}", at("there is more"));
                        assert_eq!(format!("with {code}"), text, "{}", at("it ends otherwise"));
                    }
                    _ => panic!("{}", at("what is that?")),
                }
            }
        }
    }
    let left: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
    assert_eq!(left, Vec::<&str>::new(), "they are still there");
}

#[test]
fn a_handover_with_a_server_that_is_killed() {
    play(&fs::read_to_string(tests().join("scenes/handover.scene")).expect("the scene is there"));
}

#[test]
fn taken_from_the_queue() {
    play(&fs::read_to_string(tests().join("scenes/taken.scene")).expect("the scene is there"));
}

/// What a command comes to that gets this input: printed, said, and how it ends.
fn ran(words: &[&str], folder: &Path, input: &str) -> (String, String, i32) {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    let mut running = Running::start(&words[0], &words, folder, None);
    // One that ends at once reads none.
    let _ = running.input.take().expect("an input").write_all(input.as_bytes());
    let (printed, said, code) = running.ends();
    (printed.join("\n"), said.join("\n"), code)
}

#[test]
fn many_lines_while_the_server_is_killed_twice() {
    let mut server = Server::start();
    let mut visitor = server.client("visitor", "parlor visit URL --skill Human --resume way");
    let mut kim = server.client("kim", "parlor agent URL --user kim");
    assert!(kim.next(&kim.said, "online").starts_with("you are online"));
    assert!(kim.next(&kim.printed, "a ring").starts_with("# [1] rings"));
    kim.type_line("/accept");
    for expected in ["# waiting for somebody", "# Kim is here"] {
        assert_eq!(visitor.next(&visitor.printed, expected), expected);
    }
    for expected in
        ["# [1] is yours: messaging, skill Human", "# [1] waits for skill Human", "# [1] you have it"]
    {
        assert_eq!(kim.next(&kim.printed, expected), expected);
    }
    for number in 0..60 {
        visitor.type_line(&format!("line {number}"));
        if number % 25 == 20 {
            // Some are on their way, some were answered, some were typed later.
            assert_eq!(visitor.next(&visitor.printed, "one of them"), format!("you: line {}", number / 25));
            server.kill();
            server.again();
        }
    }
    for number in 0..60 {
        let expected = format!("[1] visitor: line {number}");
        assert_eq!(kim.next(&kim.printed, &expected), expected);
    }
    for number in 2..60 {
        let expected = format!("you: line {number}");
        assert_eq!(visitor.next(&visitor.printed, &expected), expected);
    }

    // The visitor's own process is killed: the file leads back, to all that was said, and on.
    drop(visitor);
    let file = server.folder.0.join("way");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).expect("it is there").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let mut again = server.client("visitor", "parlor visit URL --skill Human --resume way");
    let before = ["# waiting for somebody".to_string(), "# Kim is here".to_string()];
    let all = before.into_iter().chain((0..60).map(|number| format!("you: line {number}")));
    for expected in all {
        assert_eq!(again.next(&again.printed, &expected), expected);
    }
    again.type_line("back again");
    assert_eq!(again.next(&again.printed, "what was said"), "you: back again");
    assert_eq!(kim.next(&kim.printed, "what was said"), "[1] visitor: back again");

    // What is too long is not sent, and it goes on; who reads no more ends it.
    again.type_line(&"x".repeat(20_000));
    assert_eq!(
        again.next(&again.said, "an error"),
        "error: a message has at most 16384 bytes; this one is not sent"
    );
    kim.type_line("/close");
    assert_eq!(again.next(&again.printed, "the end"), "# closed by Kim");
    assert_eq!(again.child.wait().expect("it ends").code(), Some(0));
    let (_, printed) = (again, kim.next(&kim.printed, "the end"));
    assert_eq!(printed, "# [1] closed by you");

    // It is over, and says so again.
    let (printed, said, code) = ran(&["visit", &server.url(), "--resume", "way"], &server.folder.0, "");
    assert!(printed.ends_with("you: back again\n# closed by Kim"), "{printed}");
    assert_eq!((said.as_str(), code), ("", 0));
    // The file leads nowhere else.
    let (_, said, code) = ran(&["visit", "http://127.0.0.1:9", "--resume", "way"], &server.folder.0, "");
    assert_eq!((said, code), (format!("error: the conversation of `way` is on {}", server.url()), 1));

    // The wrong password, and somebody who is not there.
    for (user, input) in [("kim", "wrong\n"), ("nobody", "wrong\n"), ("kim", "\n"), ("kim", "")] {
        let (printed, said, code) = ran(&["agent", &server.url(), "--user", user], &server.folder.0, input);
        assert_eq!(printed, "");
        let expected =
            if input.trim().is_empty() { ("error: there is no password", 2) } else { ("(wrong-login)", 1) };
        assert!(said.contains(expected.0) && code == expected.1, "{user} {input:?}: {said} {code}");
    }
    // Skills and engagements that are not there.
    for words in [["--skill", "None"], ["--engagement", "None"], ["--resume", "."]] {
        let (printed, said, code) =
            ran(&["visit", &server.url(), words[0], words[1]], &server.folder.0, "hello\n");
        assert_eq!(printed, "");
        assert!(said.starts_with("error: ") && code != 0, "{words:?}: {said} {code}");
    }
    // Nobody reads: it ends.
    let mut unread = server.client("visitor", "parlor visit URL --skill Human");
    drop(std::mem::replace(&mut unread.printed, channel().1));
    for stars in 1..=3 {
        unread.type_line(&format!("/rate {stars}"));
    }
    assert_eq!(unread.child.wait().expect("it ends").code(), Some(0));
    drop(kim);
}

#[test]
fn what_is_no_server_is_told_so() {
    let folder = Folder::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("it listens");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    let (tell, told) = channel::<Vec<u8>>();
    let answering = std::thread::spawn(move || {
        for answer in told {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            let mut read = [0; 64 * 1024];
            let _ = stream.read(&mut read).expect("it is read");
            stream.write_all(&answer).expect("it is written");
        }
    });
    let http = |status: &str, kind: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let html = "<html>\u{1b}[31mwelcome</html>";
    let no = "does not answer as a Parlor server does: /api/v1/conversations";
    let cases = [
        (http("200 OK", "text/html", html), "is no JSON"),
        (http("200 OK", "application/json", "{\"conversation\": "), "is no JSON"),
        (http("404 Not Found", "text/html", html), no),
        (http("302 Found\r\nLocation: https://elsewhere.example", "text/html", html), no),
        (http("500 Oops", "application/problem+json", "[]"), no),
        (http("502 Bad Gateway", "text/html", html), "answers 502"),
        (http("201 Created", "application/json", "{}"), "it begins no conversation"),
        (
            http("201 Created", "application/json", "{\"conversation\": \"../../x\", \"token\": \"a\"}"),
            "it begins no conversation",
        ),
        (http("201 Created", "application/json", "null"), "it begins no conversation"),
        (
            http(
                "422 No",
                "application/problem+json",
                "{\"status\": 422, \"code\": \"not-valid\", \"detail\": \"no\\u001b[2J\"}",
            ),
            "no\\u{1b}[2J (not-valid)",
        ),
        ("nonsense\r\n\r\n".to_string(), "this is no HTTP"),
        (String::new(), "cannot be reached"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_string(), "cannot be reached"),
    ];
    for (answer, expected) in cases {
        tell.send(answer.clone().into_bytes()).expect("it answers");
        let (printed, said, code) = ran(&["visit", &url], &folder.0, "hello\n");
        assert_eq!(printed, "");
        assert!(said.starts_with("error: ") && said.contains(expected), "{answer:?}\n{said}");
        assert!(
            matches!(code, 1 | 4) && !said.contains('\u{1b}') && said.lines().count() == 1,
            "{said} {code}"
        );
    }
    drop(tell);
    answering.join().expect("it ends");
    let elsewhere = ["http://chat.example.com", "chat.example.com", "", "https://me:pw@chat.example.com"];
    for url in elsewhere {
        for command in [vec!["visit", url], vec!["agent", url, "--user", "kim"]] {
            let (printed, said, code) = ran(&command, &folder.0, "hello\n");
            assert!(said.contains("is no address of a server") && !said.contains(":pw"), "{said}");
            assert_eq!((printed.as_str(), code), ("", 2), "{url}");
        }
    }
}
