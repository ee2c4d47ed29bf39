//! Bad input, case by case as `tests/http/refusals.txt` has it: what is answered, and that nothing has changed afterwards.
//!
//! A case is a title, a request as it goes over the wire, and what comes back:
//!
//! ```text
//! == a message without words
//! POST {own}/messages as visitor
//! {"id": "1", "text": " "}
//! -> 422 not-valid text
//! ```
//!
//! `as` says who asks; other headers stand below the first line. `{x*70000}` is a letter so many times, `{0*300}` so many numbers.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;

struct Case {
    title: String,
    method: String,
    path: String,
    who: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    code: String,
    field: String,
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("refusals.txt")).expect("the cases are there");
    let cases = text.split("\n== ").skip(1).map(|case| {
        let (request, wants) =
            case.trim_end().rsplit_once("\n-> ").unwrap_or_else(|| panic!("no answer: {case}"));
        let mut lines = request.lines();
        let title = lines.next().unwrap_or_default().to_string();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let method = first.next().unwrap_or_default().to_string();
        let path = first.next().unwrap_or_default().to_string();
        let who = first.nth(1).unwrap_or_default().to_string();
        let mut headers = Vec::new();
        let mut body = Vec::new();
        for line in lines {
            match line.split_once(": ") {
                Some((name, value)) if body.is_empty() && !line.starts_with(['{', '[', '"']) => {
                    headers.push((name.to_string(), value.to_string()));
                }
                _ => body.push(line),
            }
        }
        let mut wants = wants.split(' ');
        let status = wants.next().and_then(|status| status.parse().ok()).expect("a status");
        let mut next = || wants.next().unwrap_or_default().to_string();
        Case { title, method, path, who, headers, body: body.join("\n"), status, code: next(), field: next() }
    });
    cases.collect()
}

/// What cases speak of: `{own}` is the path of the visitor's conversation.
fn filled(text: &str, names: &BTreeMap<&str, String>) -> String {
    let mut text = text.to_string();
    for (name, value) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    for (mark, between) in [("x", ""), ("0", ",")] {
        while let Some(at) = text.find(&format!("{{{mark}*")) {
            let end = at + text[at..].find('}').expect("it ends");
            let count: usize = text[at + 3..end].parse().expect("a number");
            text.replace_range(at..=end, &vec![mark; count].join(between));
        }
    }
    text
}

#[test]
fn bad_input_is_refused_with_a_code_a_sentence_and_the_field_and_changes_nothing() {
    let served = served();
    let (visitor, own) = served.visitor();
    visitor.say(&own, "before", "hello");
    let (_, other) = served.visitor();
    let (closed, over) = served.visitor();
    closed.post(&format!("{over}/close"), &json!({ "id": "c" })).ok();
    let stale = served.login("sam").bearer.clone();
    let sam = served.login("sam");
    let late = parlor::server::pass::Bearer::Visitor("somebody".into());
    let names = BTreeMap::from([
        ("own", own.clone()),
        ("other", other),
        ("over", over),
        ("nowhere", "/api/v1/conversations/0193a6f0-0000-7000-8000-000000000001".to_string()),
    ]);
    let bearers = BTreeMap::from([
        ("visitor", visitor.bearer.clone()),
        ("closed", closed.bearer.clone()),
        ("sam", sam.bearer.clone()),
        ("stale", stale),
        ("kim", served.login("kim").bearer.clone()),
        ("cora", served.login("cora").bearer.clone()),
        ("ada", served.login("ada").bearer.clone()),
        ("ada-token", served.token("ada").bearer.clone()),
        ("sam-token", served.token("sam").bearer.clone()),
        ("expired", served.passes.give(&late, Moment(NOW))),
        ("forged", Passes::new(&[8; 32]).give(&late, Moment(i64::MAX))),
        ("cut", visitor.bearer[..visitor.bearer.len() - 1].to_string()),
    ]);
    let audited = |served: &Served| {
        let lines = served.bearer(&bearers["ada"]).get("/api/v1/audit?limit=500").ok();
        lines["lines"].as_array().map_or(0, Vec::len)
    };
    served.until(|served| audited(served) >= 3);
    let mut before = served.kept();
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let path = filled(&case.path, &names);
        let body = filled(&case.body, &names);
        let bearer = bearers.get(case.who.as_str()).map(|bearer| format!("Bearer {bearer}"));
        let mut headers: Vec<(String, String)> =
            case.headers.iter().map(|(name, value)| (name.clone(), filled(value, &names))).collect();
        headers.extend(bearer.map(|bearer| ("Authorization".to_string(), bearer)));
        let typed = headers.iter().any(|(name, _)| name == "Content-Type");
        if !typed && !body.is_empty() {
            headers.push(("Content-Type".to_string(), "application/json".to_string()));
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = served.send(&case.method, &path, &headers, &body);
        let json: Json = serde_json::from_str(&reply.body).unwrap_or_default();
        let of = |name: &str| json[name].as_str().unwrap_or_default().to_string();
        let got = format!("{} {} {}", reply.status, of("code"), of("field"));
        let wanted = format!("{} {} {}", case.status, case.code, case.field);
        let whole = of("title").len() > 3
            && of("detail").len() > 8
            && json["status"] == reply.status
            && of("type") == format!("urn:parlor:{}", of("code"))
            && reply.header("content-type") == Some("application/problem+json");
        if got != wanted || !whole {
            wrong.push(format!("{}: {got}, wanted {wanted}\n  {}", case.title, reply.body));
        }
        let now = served.kept();
        if now != before {
            let changed = now.iter().find(|record| !before.contains(record));
            wrong.push(format!("{}: something has changed: {changed:?}", case.title));
            before = now;
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 100, "there are {} cases", cases.len());
}
