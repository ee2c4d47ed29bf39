//! The chapter about serving cannot lie: its requests are sent in order, and what comes back is what stands there.
//!
//! A block `http` is a request, the block `json` behind it the answer; `…` stands for whatever it is, in a text or for a
//! whole value. What begins with `$` was said by an earlier answer: `json keep=VISITOR:token` keeps its field `token`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::*;

/// Whether an answer is as it stands in the manual; where it is not.
fn differs(stands: &Json, came: &Json, place: &str) -> Option<String> {
    match (stands, came) {
        (Json::String(text), _) if text == "…" => None,
        (Json::Object(stands), Json::Object(came)) => {
            let names = stands.keys().chain(came.keys());
            names.filter(|name| *name != "…").find_map(|name| match (stands.get(name), came.get(name)) {
                (Some(stands), Some(came)) => differs(stands, came, &format!("{place}.{name}")),
                (None, Some(_)) if stands.contains_key("…") => None,
                (one, _) => {
                    Some(format!("{place}.{name} {}", if one.is_some() { "is missing" } else { "is new" }))
                }
            })
        }
        (Json::Array(stands), Json::Array(came)) if stands.len() == came.len() => {
            let both = stands.iter().zip(came).enumerate();
            both.into_iter().find_map(|(at, (stands, came))| differs(stands, came, &format!("{place}[{at}]")))
        }
        _ if stands == came => None,
        _ => Some(format!("{place} is {came}")),
    }
}

#[test]
fn every_example_of_the_manual_is_as_it_says() {
    let served = served();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/serving.md");
    let page = std::fs::read_to_string(path).expect("the chapter is there");
    let mut kept: BTreeMap<String, String> = BTreeMap::from([("PASSWORD".into(), PASSWORD.into())]);
    kept.insert("TOKEN".into(), served.token("ada").bearer.clone());
    let (mut last, mut sent) = (None::<Reply>, 0);
    for block in page.split("\n```").collect::<Vec<_>>().chunks(2) {
        let [_, block] = block else { continue };
        let (info, text) = block.split_once('\n').unwrap_or((block, ""));
        let mut info = info.split(' ');
        match info.next() {
            Some("http") => {
                let mut text = text.to_string();
                for (name, value) in kept.iter().rev() {
                    text = text.replace(&format!("${name}"), value);
                }
                let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
                let mut lines = head.lines();
                let (method, path) = lines.next().and_then(|line| line.split_once(' ')).expect("a request");
                let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
                let mut reply = served.send(method, path, &headers, body.trim_end());
                // What rings does so a moment later.
                while path == "/api/v1/me" && reply.clone().ok()["rings"][0].is_null() {
                    reply = served.send(method, path, &headers, body);
                }
                sent += 1;
                last = Some(reply);
            }
            Some("json") => {
                let Some(reply) = last.take() else { panic!("no request before {text}") };
                let stands: Json =
                    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
                if let Some(why) = differs(&stands, &reply.json(), "answer") {
                    panic!("{why}\nthe manual:\n{text}\nthe answer:\n{}", reply.body);
                }
                for (name, field) in info
                    .filter_map(|word| word.strip_prefix("keep="))
                    .flat_map(|all| all.split(',').filter_map(|one| one.split_once(':')))
                {
                    let value = reply.json()[field].as_str().unwrap_or_default().to_string();
                    kept.insert(name.to_string(), value);
                }
            }
            _ => {}
        }
        if let Some(reply) = &last {
            assert!(
                (200..300).contains(&reply.status) || reply.body.contains("\"code\""),
                "{reply:?}\n{text}"
            );
        }
    }
    assert!(sent >= 12, "{sent} requests stand in the chapter");
}
