//! Visitors: they begin, talk, follow turn by turn, and go on where they were after the house was closed.

use serde_json::{Value as Json, json};

use super::*;

const HELLO: [&str; 2] = ["visitor: hello", "bot: Hello! Ask me for a person whenever you like."];

#[test]
fn a_visitor_talks_to_a_bot_and_reads_what_was_said() {
    let served = served();
    let (visitor, path) = served.visitor();
    let said = visitor.say(&path, "1", "hello");
    assert_eq!(said["sequence"], 0);
    assert_eq!(visitor.said(&path), HELLO);
    assert_eq!(visitor.say(&path, "1", "hello"), said, "the same command once more");
    assert_eq!(visitor.said(&path), HELLO, "and nothing was said twice");
    let events = visitor.get(&format!("{path}/events")).ok();
    let after = events["after"].as_u64().unwrap();
    let none = visitor.get(&format!("{path}/events?after={after}")).ok();
    assert_eq!(none, json!({ "events": [], "after": after }));
    let one = visitor.get(&path).ok();
    assert_eq!(one["with"], json!({ "role": "bot", "name": "Tiny" }));
    assert_eq!(one.get("skill"), None, "a visitor sees nothing of how the house works");
}

#[test]
fn who_begins_twice_by_the_same_name_has_begun_once() {
    let served = served();
    let begin =
        |id: &str| served.nobody().post("/api/v1/conversations", &json!({ "id": id, "skill": "Bot" })).ok();
    let id = "6a1f0c56-5b7e-4c9f-8a43-0d8a0b1f3e21";
    let (one, same) = (begin(id), begin(id));
    assert_eq!(one, same);
    assert_ne!(one["conversation"], id, "the name is a secret of the client's");
    let other = begin("6a1f0c56-5b7e-4c9f-8a43-0d8a0b1f3e22");
    assert_ne!((&one["conversation"], &one["visitor"]), (&other["conversation"], &other["visitor"]));
    let known = served.bearer(one["token"].as_str().unwrap());
    let again = known.post("/api/v1/conversations", &json!({ "engagement": "Ask us" })).ok();
    assert_eq!(again["visitor"], one["visitor"], "a visitor with a pass is the same one");
    assert_ne!(again["conversation"], one["conversation"]);
}

#[test]
fn a_stream_gives_each_turn_once_and_goes_on_where_it_was() {
    let served = served();
    let (visitor, path) = served.visitor();
    let mut stream = visitor.stream(&format!("{path}/events"));
    visitor.say(&path, "1", "hello");
    let mut heard = Vec::new();
    let mut last = String::new();
    while heard.len() < 2 {
        let (id, data) = stream.event().expect("the stream goes on");
        heard.extend(said(&data));
        last = id;
    }
    assert_eq!(heard, HELLO);
    drop(stream);
    visitor.say(&path, "2", "hey");
    let bearer = format!("Bearer {}", visitor.bearer);
    let headers = [
        ("Accept", "text/event-stream"),
        ("Authorization", bearer.as_str()),
        ("Last-Event-ID", last.as_str()),
    ];
    let mut wire = Wire::to(served.address);
    wire.send(&written("GET", &format!("{path}/events"), &headers, ""));
    wire.head();
    let (_, data) = wire.event().expect("there is more");
    assert_eq!(said(&data)[0], "visitor: hey", "nothing of before");
}

#[test]
fn who_reads_slowly_misses_nothing() {
    let served = served();
    let (visitor, path) = served.visitor();
    let mut stream = visitor.stream(&format!("{path}/events"));
    let turns = parlor::server::TURNS_WAITING_MAX * 4;
    for number in 0..turns {
        visitor.say(&path, &format!("{number}"), &format!("hello {number}"));
    }
    let (mut heard, mut last) = (Vec::new(), 0);
    while heard.len() < turns * 2 {
        let (id, data) = stream.event().expect("the stream goes on");
        let id: u64 = id.parse().expect("it is a turn");
        assert!(id > last, "in order");
        last = id;
        heard.extend(said(&data).into_iter().filter(|said| said.starts_with("visitor")));
        heard.extend(said(&data).into_iter().filter(|said| said.starts_with("bot")));
    }
    let own: Vec<&String> = heard.iter().filter(|said| said.starts_with("visitor")).collect();
    let wanted: Vec<String> = (0..turns).map(|number| format!("visitor: hello {number}")).collect();
    assert_eq!(own, wanted.iter().collect::<Vec<_>>());
}

#[test]
fn a_long_poll_answers_as_soon_as_something_happens() {
    let served = served();
    let (visitor, path) = served.visitor();
    let after = visitor.get(&format!("{path}/events")).ok()["after"].as_u64().unwrap();
    let mut wire = Wire::to(served.address);
    let bearer = format!("Bearer {}", visitor.bearer);
    let poll = format!("{path}/events?after={after}&wait=55");
    wire.send(&written("GET", &poll, &[("Authorization", &bearer)], ""));
    visitor.say(&path, "1", "hello");
    assert_eq!(said(&wire.reply().ok()["events"]), HELLO);
}

#[test]
fn what_somebody_is_doing_is_passed_on_and_not_kept() {
    let served = served();
    let kim = served.login("kim");
    let (visitor, path) = served.visitor();
    let mut stream = visitor.stream(&format!("{path}/events"));
    stream.event().expect("what was before");
    let before = served.kept();
    let done = kim.post(&format!("{path}/doing"), &json!({ "doing": "composing" }));
    assert_eq!(done.status, 204, "{done:?}");
    let (id, data) = stream.event().expect("it is passed on");
    assert_eq!((id.as_str(), &data["doing"], &data["by"]["name"]), ("", &json!("composing"), &json!("Kim")));
    assert_eq!(served.kept(), before);
}

#[test]
fn a_visitor_goes_on_where_they_were_after_the_house_was_closed() {
    let mut first = served();
    let (visitor, path) = first.visitor();
    visitor.say(&path, "1", "hello");
    let after = visitor.get(&format!("{path}/events")).ok()["after"].as_u64().unwrap();
    let pass = visitor.bearer.clone();
    drop(visitor);
    let mut stream = first.bearer(&pass).stream(&format!("{path}/events?after={after}"));
    first.close();
    assert!(stream.event().is_none(), "the stream ends");
    let account = (*first.hall.account()).clone();
    let second = over(first.store.clone(), account, Manner::default());
    let visitor = second.bearer(&pass);
    assert_eq!(visitor.say(&path, "1", "hello"), json!({ "sequence": 0 }), "it was said before");
    let none = visitor.get(&format!("{path}/events?after={after}")).ok();
    let nothing_said: Vec<String> = said(&none["events"]);
    assert!(nothing_said.is_empty(), "nothing twice: {none}");
    second.until(|_| visitor.get(&path).ok()["state"] == "held");
    visitor.say(&path, "2", "hey");
    let more = visitor.get(&format!("{path}/events?after={after}")).ok();
    assert_eq!(said(&more["events"])[0], "visitor: hey");
}

#[test]
fn a_conversation_ends_and_says_how_it_was() {
    let served = served();
    let (visitor, path) = served.visitor();
    let rated = visitor.post(&format!("{path}/rating"), &json!({ "id": "r", "stars": 5 }));
    assert_eq!(rated.status, 204, "{rated:?}");
    assert_eq!(visitor.post(&format!("{path}/close"), &json!({ "id": "c" })).status, 204);
    let events = visitor.get(&format!("{path}/events")).ok();
    let kinds: Vec<&Json> = events["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds.last(), Some(&&json!("closed")), "{kinds:?}");
    assert_eq!(visitor.get(&path).ok()["stars"], 5);
    let after = events["after"].as_u64().unwrap();
    let bearer = format!("Bearer {}", visitor.bearer);
    let headers = [("Accept", "text/event-stream"), ("Authorization", bearer.as_str())];
    let over = served.send("GET", &format!("{path}/events?after={after}"), &headers, "");
    assert_eq!(over.status, 204, "a browser does not ask again");
}
