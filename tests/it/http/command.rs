//! `parlor serve` as somebody types it: a contact center from the folder of a bot, killed in the middle of a conversation,
//! started again, and nobody notices.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use super::*;

/// A folder with a bot, removed in the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let place = Place(std::env::temp_dir().join(format!("parlor-serve-{}-{name}", std::process::id())));
        std::fs::create_dir_all(place.0.join("tiny")).expect("it is made");
        let bot = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/tiny");
        for entry in
            std::fs::read_dir(bot).expect("the bot is there").flatten().filter(|one| one.path().is_file())
        {
            std::fs::copy(entry.path(), place.0.join("tiny").join(entry.file_name())).expect("it is copied");
        }
        place
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
        command
            .current_dir(&self.0)
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .env_remove("PARLOR_KEY_FILE");
        command
    }

    fn serve(&self) -> Running {
        let mut command = self.command(&["serve", "tiny", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it talks")).lines();
        let (mut told, mut address) = (Vec::new(), None);
        while let Some(line) = lines.next().map(|line| line.expect("it is text")) {
            address = address.or_else(|| line.split("http://").nth(1).and_then(|rest| rest.parse().ok()));
            told.push(line);
            if told.last().is_some_and(|line| line.starts_with("Ctrl-C")) {
                break;
            }
        }
        let Some(address) = address else {
            let mut why = String::new();
            child.stderr.take().expect("it talks").read_to_string(&mut why).ok();
            panic!("it does not serve: {told:?} {why}");
        };
        Running { child, address, told: told.join("\n") }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

struct Running {
    child: Child,
    address: SocketAddr,
    told: String,
}

impl Running {
    fn ask(&self, method: &str, path: &str, bearer: &str, body: Json) -> Json {
        let bearer = format!("Bearer {bearer}");
        let mut headers = vec![("Content-Type", "application/json")];
        if bearer.len() > 7 {
            headers.push(("Authorization", &bearer));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut wire = Wire::to(self.address);
        wire.send(&written(method, path, &headers, &body));
        wire.reply().ok()
    }

    /// What is said after a turn, until so many have spoken; and the turn after that.
    fn hears(&self, path: &str, bearer: &str, mut after: u64, count: usize) -> (Vec<String>, u64) {
        let mut heard = Vec::new();
        while heard.len() < count {
            let path = format!("{path}/events?after={after}&wait=55");
            let events = self.ask("GET", &path, bearer, Json::Null);
            after = events["after"].as_u64().expect("a turn");
            heard.extend(said(&events["events"]));
        }
        (heard, after)
    }

    fn password(&self, user: &str) -> String {
        let line = self.told.lines().find_map(|line| line.trim().strip_prefix(&format!("{user}  ")));
        line.and_then(|line| line.split(' ').next())
            .unwrap_or_else(|| panic!("no password: {}", self.told))
            .into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_contact_center_is_killed_in_the_middle_of_a_conversation_and_nobody_notices() {
    let place = Place::new("killed");
    let mut first = place.serve();
    assert!(first.told.contains("tiny: version 1"), "{}", first.told);
    let begun = first.ask("POST", "/api/v1/conversations", "", json!({ "engagement": "Talk to us" }));
    let (visitor, conversation) =
        (begun["token"].as_str().unwrap().to_string(), begun["conversation"].as_str().unwrap());
    let path = format!("/api/v1/conversations/{conversation}");
    let say = |house: &Running, bearer: &str, id: &str, text: &str| {
        house.ask("POST", &format!("{path}/messages"), bearer, json!({ "id": id, "text": text }))
    };
    say(&first, &visitor, "1", "hello");
    let (heard, _) = first.hears(&path, &visitor, 0, 2);
    assert!(heard.contains(&"bot: Hello! Ask me for a person whenever you like.".to_string()), "{heard:?}");
    let login = json!({ "user": "agent", "password": first.password("agent") });
    let agent = first.ask("POST", "/api/v1/login", "", login)["token"].as_str().unwrap().to_string();
    first.ask("PUT", "/api/v1/me/availability", &agent, json!({ "availability": "online" }));
    say(&first, &visitor, "2", "I want to speak to an agent");
    let mut revision = String::new();
    let ring = loop {
        let me =
            first.ask("GET", &format!("/api/v1/me/events?wait=55&revision={revision}"), &agent, Json::Null);
        if let Some(ring) = me["rings"][0]["ring"].as_u64() {
            break ring;
        }
        revision = me["revision"].as_str().unwrap().to_string();
    };
    first.ask("POST", &format!("{path}/accept"), &agent, json!({ "id": "a", "ring": ring }));
    say(&first, &agent, "1", "Good morning.");
    let all = first.ask("GET", &format!("{path}/events"), &visitor, Json::Null);
    let after = all["after"].as_u64().unwrap();
    first.child.kill().expect("kill -9");
    first.child.wait().expect("it ends");

    let second = place.serve();
    assert!(second.told.contains("tiny: unchanged, version 1"), "{}", second.told);
    assert!(!second.told.contains("password"), "they are shown once: {}", second.told);
    assert_eq!(second.ask("GET", &format!("{path}/events"), &visitor, Json::Null), all, "all is there");
    say(&second, &visitor, "3", "still there?");
    say(&second, &agent, "2", "I am.");
    let (heard, _) = second.hears(&path, &visitor, after, 2);
    assert_eq!(heard, ["visitor: still there?", "agent: I am."]);
    second.ask("POST", &format!("{path}/close"), &agent, json!({ "id": "c" }));
    assert_eq!(second.ask("GET", &path, &visitor, Json::Null)["state"], "over");
}

#[test]
fn a_changed_bot_is_a_new_version_and_a_signal_ends_it_well() {
    let place = Place::new("changed");
    let mut first = place.serve();
    let ended = Command::new("kill").args(["-TERM", &first.child.id().to_string()]).status();
    assert!(ended.expect("it is sent").success());
    let mut why = String::new();
    first.child.stderr.take().expect("it talks").read_to_string(&mut why).ok();
    assert!(first.child.wait().expect("it ends").success(), "{why}");
    let file = place.0.join("tiny/tiny.dialog");
    let text = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, text.replace("Hello!", "Good day!")).expect("it is written");
    let second = place.serve();
    assert!(
        second.told.contains("tiny: version 2") && second.told.contains("is on Demo now"),
        "{}",
        second.told
    );
    let begun = second.ask("POST", "/api/v1/conversations", "", json!({ "skill": "Bot" }));
    let path = format!("/api/v1/conversations/{}", begun["conversation"].as_str().unwrap());
    let visitor = begun["token"].as_str().unwrap();
    second.ask("POST", &format!("{path}/messages"), visitor, json!({ "id": "1", "text": "hello" }));
    let (heard, _) = second.hears(&path, visitor, 0, 2);
    assert!(heard.iter().any(|said| said.starts_with("bot: Good day!")), "{heard:?}");
}

#[test]
fn what_may_not_be_served_is_refused_before_anything_is_made() {
    let place = Place::new("refused");
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["serve", "tiny", "--listen", "0.0.0.0:0"],
            2,
            "help: add --tls-cert and --tls-key, or --behind-proxy",
        ),
        (&["serve", "tiny", "--listen", "0.0.0.0:0", "--behind-proxy"], 2, "help: say each with --name"),
        (&["serve", "tiny", "--tls-cert", "cert.pem"], 2, "--tls-key"),
        (&["serve", "tiny", "--tls-cert", "a.pem", "--tls-key", "b.pem"], 4, "I can't read `a.pem`"),
        (&["serve", "nothing"], 3, "there is no folder `nothing`"),
        (&["serve"], 2, "help: name the folder of a bot"),
    ];
    for (words, code, says) in cases {
        let output = place.command(words).output().expect("it runs");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(code) && talk.contains(says), "{words:?}: {talk}");
        assert!(words.len() == 1 || !place.0.join("data").exists(), "{words:?} has made a data folder");
    }
}
