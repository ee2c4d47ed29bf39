//! People: they log in, it rings, they accept, talk, hand over, and the newest login counts.

use serde_json::{Value as Json, json};

use super::*;

/// Sam is online, and a visitor asks for a person: the pass of the visitor, and the path.
fn rings_at_sam(served: &Served) -> (String, String, String) {
    let sam = served.login("sam");
    assert_eq!(sam.send("PUT", "/api/v1/me/availability", &json!({ "availability": "online" })).status, 204);
    let (visitor, path) = served.visitor();
    visitor.say(&path, "1", "I want to speak to an agent");
    served.until(|_| sam.get("/api/v1/me").ok()["rings"][0]["ring"] == 1);
    (visitor.bearer.clone(), sam.bearer.clone(), path)
}

#[test]
fn a_person_takes_over_from_the_bot_talks_and_closes() {
    let served = served();
    let (visitor, sam, path) = rings_at_sam(&served);
    let (visitor, sam) = (served.bearer(&visitor), served.bearer(&sam));
    let me = sam.get("/api/v1/me").ok();
    assert_eq!(format!("/api/v1/conversations/{}", me["rings"][0]["conversation"].as_str().unwrap()), path);
    assert_eq!(me["rings"][0]["until"], NOW + 72_000);
    assert_eq!(sam.post(&format!("{path}/accept"), &json!({ "id": "a", "ring": 1 })).status, 204);
    let me = sam.get("/api/v1/me").ok();
    assert_eq!((&me["rings"], &me["conversations"][0]["state"]), (&json!([]), &json!("held")));
    sam.say(&path, "s1", "Hello, I am Sam.");
    let note = json!({ "id": "s2", "text": "a regular", "audience": "staff" });
    sam.post(&format!("{path}/messages"), &note).ok();
    let read = visitor.said(&path);
    assert_eq!(read.last().map(String::as_str), Some("agent: Hello, I am Sam."), "no notes: {read:?}");
    assert!(sam.said(&path).contains(&"agent: a regular".to_string()));
    let events = visitor.get(&format!("{path}/events")).ok();
    let shown = events["events"].to_string();
    assert!(shown.contains(r#""name":"Sam""#) && !shown.contains(r#""user""#) && !shown.contains("rings"));
    assert_eq!(sam.post(&format!("{path}/close"), &json!({ "id": "c" })).status, 204);
    assert_eq!(visitor.get(&path).ok()["state"], "over");
    assert_eq!(sam.get("/api/v1/me").ok()["conversations"], json!([]));
}

#[test]
fn what_rings_is_told_at_once_and_what_was_taken_away_as_well() {
    let served = served();
    let sam = served.login("sam");
    sam.send("PUT", "/api/v1/me/availability", &json!({ "availability": "online" }));
    let mut stream = sam.stream("/api/v1/me/events");
    let (_, me) = stream.event().expect("how it is now");
    assert_eq!((&me["availability"], &me["rings"]), (&json!("online"), &json!([])));
    let (visitor, path) = served.visitor();
    visitor.say(&path, "1", "I want to speak to an agent");
    let rings = |me: &Json| me["rings"].as_array().map_or(0, Vec::len);
    let next = |stream: &mut Wire| stream.event().expect("the stream goes on").1;
    let mut me = next(&mut stream);
    while rings(&me) == 0 {
        me = next(&mut stream);
    }
    visitor.post(&format!("{path}/close"), &json!({ "id": "c" })).ok();
    while rings(&me) > 0 {
        me = next(&mut stream);
    }
}

#[test]
fn a_long_poll_of_me_waits_for_another_revision() {
    let served = served();
    let sam = served.login("sam");
    let me = sam.get("/api/v1/me/events").ok();
    let revision = me["revision"].as_str().unwrap().to_string();
    let mut wire = Wire::to(served.address);
    let bearer = format!("Bearer {}", sam.bearer);
    let path = format!("/api/v1/me/events?revision={revision}&wait=55");
    wire.send(&written("GET", &path, &[("Authorization", &bearer)], ""));
    sam.send("PUT", "/api/v1/me/availability", &json!({ "availability": "away" }));
    let now = wire.reply().ok();
    assert_ne!(now["revision"], json!(revision));
    assert_eq!(now["availability"], "away");
}

#[test]
fn the_newest_login_counts_and_its_end_is_the_end() {
    let served = served();
    let (old, new) = (served.login("sam"), served.login("sam"));
    assert_eq!(old.get("/api/v1/me").code(), "stale-login");
    assert_eq!(new.get("/api/v1/me").status, 200);
    assert_eq!(new.send("DELETE", "/api/v1/login", &Json::Null).status, 204);
    let gone = new.get("/api/v1/me");
    assert_eq!((gone.status, gone.code().as_str()), (401, "stale-login"));
}

#[test]
fn a_bot_user_logs_in_by_its_key() {
    let served = served();
    let key = served.token("guest-bot").bearer.clone();
    let reply = served.nobody().post("/api/v1/login", &json!({ "user": "guest-bot", "key": key })).ok();
    assert_eq!(reply["epoch"], 1);
    let wrong = served.nobody().post("/api/v1/login", &json!({ "user": "tiny-1", "key": key }));
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "wrong-login"));
}

#[test]
fn a_ring_that_is_rejected_or_late_is_not_accepted() {
    let served = served();
    let (_, sam, path) = rings_at_sam(&served);
    let sam = served.bearer(&sam);
    assert_eq!(sam.post(&format!("{path}/reject"), &json!({ "id": "r", "ring": 1 })).status, 204);
    let late = sam.post(&format!("{path}/accept"), &json!({ "id": "a", "ring": 1 }));
    assert_eq!((late.status, late.code().as_str()), (409, "ring-over"), "{late:?}");
}

#[test]
fn a_manager_reads_joins_takes_and_hands_over() {
    let served = served();
    let kim = served.login("kim");
    let (visitor, path) = served.visitor();
    visitor.say(&path, "1", "hello");
    assert_eq!(kim.said(&path).len(), 2);
    assert_eq!(kim.post(&format!("{path}/join"), &json!({ "id": "j", "role": "manager" })).status, 204);
    let list = kim.get("/api/v1/conversations?user=kim").ok();
    assert_eq!(list["conversations"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(kim.post(&format!("{path}/due"), &json!({ "id": "d", "due": "urgent" })).status, 204);
    let to = json!({ "id": "t", "skill": "Human" });
    assert_eq!(kim.post(&format!("{path}/transfer"), &to).status, 204);
    served.until(|_| kim.get(&path).ok()["skill"] == "Human");
    assert_eq!(kim.post(&format!("{path}/take"), &json!({ "id": "k" })).status, 204);
    assert_eq!(kim.get(&path).ok()["held"]["user"], "kim");
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let served = served();
    let sam = served.login("sam");
    let change = |old: &str, new: &str| {
        sam.send("PUT", "/api/v1/me/password", &json!({ "password": old, "new": new }))
    };
    assert_eq!(change("another one entirely", "zebra crossing 41").code(), "wrong-login");
    assert_eq!(change(PASSWORD, "zebra crossing 41").status, 204);
    let old = served.nobody().post("/api/v1/login", &json!({ "user": "sam", "password": PASSWORD }));
    assert_eq!(old.code(), "wrong-login");
}
