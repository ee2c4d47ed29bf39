//! How somebody else's bot takes part: it logs in as a bot user, takes what rings, answers, and hands over to people.
//!
//! ```text
//! parlor token new guest-bot                        shows an API key, once
//! PARLOR_KEY=… cargo run --example connector -- 127.0.0.1:7275 guest-bot Human
//! ```
//!
//! It keeps nothing: whom it talks to and what was said, the server knows. So it may be killed at any moment and started again.
//! Every command has an id that follows from what it answers, so what is sent twice is done once. It speaks plain HTTP, for
//! a server on the same machine; for others, put a client with TLS in place of `ask`.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};

/// How long it waits for something to ring. A bot user that is not heard for 15 seconds counts as gone.
const WAIT_SECONDS: u64 = 10;
/// How often it looks for new messages while it has conversations.
const LOOK_SECONDS: u64 = 1;
/// Bytes of an answer of the server that it reads at most.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What the bot does about what a visitor has said. This is the place for your own.
enum Thought {
    Say(String),
    HandOver,
}

fn think(said: &str) -> Thought {
    match said.to_lowercase() {
        said if said.contains("person") => Thought::HandOver,
        _ => Thought::Say(format!("You said: {said}. Say \"person\", and I fetch one.")),
    }
}

/// A bot user at work.
pub struct Connector {
    address: String,
    user: String,
    key: String,
    /// The skill that takes over.
    skill: String,
    pass: Option<String>,
    revision: String,
    /// Up to which message of a conversation it has answered.
    answered: HashMap<String, i64>,
}

impl Connector {
    /// One that hands over to a skill.
    pub fn new(address: &str, user: &str, key: &str, skill: &str) -> Connector {
        let [address, user, key, skill] = [address, user, key, skill].map(str::to_string);
        Connector { address, user, key, skill, pass: None, revision: String::new(), answered: HashMap::new() }
    }

    /// Takes what rings, and answers what was said; waits so many seconds for something to ring first. How many conversations
    /// it has, or what is wrong.
    pub fn round(&mut self, wait: u64) -> Result<usize, String> {
        if self.pass.is_none() {
            let login = self.ask("POST", "/api/v1/login", &json!({ "user": self.user, "key": self.key }))?;
            self.pass = login["token"].as_str().map(str::to_string);
            self.ask("PUT", "/api/v1/me/availability", &json!({ "availability": "online" }))?;
        }
        let path = format!("/api/v1/me/events?wait={wait}&revision={}", self.revision);
        let me = self.ask("GET", &path, &Json::Null)?;
        self.revision = me["revision"].as_str().unwrap_or_default().to_string();
        for ring in me["rings"].as_array().into_iter().flatten() {
            let path = format!("/api/v1/conversations/{}/accept", text(&ring["conversation"]));
            let id = format!("accept-{}", ring["ring"]);
            // Somebody else may have been faster; then there is nothing to do about it.
            if let Err(why) = self.ask("POST", &path, &json!({ "id": id, "ring": ring["ring"] })) {
                eprintln!("{why}");
            }
        }
        let me = self.ask("GET", "/api/v1/me", &Json::Null)?;
        let held: Vec<String> = me["conversations"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| text(&one["conversation"]).to_string())
            .collect();
        self.answered.retain(|conversation, _| held.contains(conversation));
        for conversation in &held {
            self.answer(conversation)?;
        }
        Ok(held.len())
    }

    fn answer(&mut self, conversation: &str) -> Result<(), String> {
        let path = format!("/api/v1/conversations/{conversation}");
        let events = self.ask("GET", &format!("{path}/events?after=0"), &Json::Null)?;
        let said: Vec<&Json> = events["events"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|event| event["type"] == "said")
            .collect();
        let sequence = |event: &Json| event["sequence"].as_i64().unwrap_or_default();
        let is_own = |event: &&&Json| event["by"]["user"] == self.user.as_str();
        let own = said.iter().rev().find(is_own).map(|event| sequence(event));
        // After a new start, what stands before its own last word is answered.
        let answered = self.answered.get(conversation).copied().or(own).unwrap_or(-1);
        let open: Vec<&&Json> = said
            .iter()
            .filter(|event| event["by"]["role"] == "visitor" && sequence(event) > answered)
            .collect();
        let Some(last) = open.last().map(|event| sequence(event)) else {
            if own.is_none() {
                let greeting = json!({ "id": "greeting", "text": "Hello, I am a guest here." });
                self.ask("POST", &format!("{path}/messages"), &greeting)?;
            }
            return Ok(());
        };
        let words: Vec<&str> = open.iter().map(|event| text(&event["text"])).collect();
        match think(&words.join(" ")) {
            Thought::Say(words) => {
                let id = format!("answer-{last}");
                self.ask("POST", &format!("{path}/messages"), &json!({ "id": id, "text": words }))?;
            }
            Thought::HandOver => {
                let id = format!("transfer-{last}");
                self.ask("POST", &format!("{path}/transfer"), &json!({ "id": id, "skill": self.skill }))?;
            }
        }
        self.answered.insert(conversation.to_string(), last);
        Ok(())
    }

    /// Asks the server for something: what it answers, or its sentence about what is wrong.
    fn ask(&mut self, method: &str, path: &str, body: &Json) -> Result<Json, String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let pass = self.pass.as_ref().map(|pass| format!("Authorization: Bearer {pass}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.address,
            pass.unwrap_or_default(),
            body.len()
        );
        let failed = |error: std::io::Error| format!("{} cannot be reached: {error}", self.address);
        let mut stream = TcpStream::connect(&self.address).map_err(failed)?;
        stream.set_read_timeout(Some(Duration::from_secs(WAIT_SECONDS + 30))).map_err(failed)?;
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).map_err(failed)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status: u16 =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("this is no HTTP")?;
        let said: Json = serde_json::from_str(body).unwrap_or_default();
        match status {
            200..300 => Ok(said),
            status => {
                if status == 401 {
                    self.pass = None; // the login has ended: the next round logs in again
                }
                Err(format!("{method} {path}: {} ({})", text(&said["detail"]), text(&said["code"])))
            }
        }
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

#[allow(dead_code)] // a test has this file as a module
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ([address, user, skill], Ok(key)) = (words.as_slice(), std::env::var("PARLOR_KEY")) else {
        eprintln!("PARLOR_KEY=… connector HOST:PORT USER SKILL");
        std::process::exit(2);
    };
    let mut connector = Connector::new(address, user, &key, skill);
    let mut wait = 0;
    loop {
        match connector.round(wait) {
            Ok(0) => wait = WAIT_SECONDS,
            Ok(_) => wait = LOOK_SECONDS,
            Err(why) => {
                eprintln!("{why}");
                std::thread::sleep(Duration::from_secs(LOOK_SECONDS));
            }
        }
    }
}
