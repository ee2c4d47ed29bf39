//! Operators: the account, connectors, bots and their versions, who did what, and numbers.

use parlor::connectors::Bundle;
use serde_json::{Value as Json, json};

use super::*;

impl Asking<'_> {
    /// Sends something that is no JSON.
    fn whole(&self, method: &str, path: &str, kind: &str, body: &str) -> Reply {
        let bearer = format!("Bearer {}", self.bearer);
        self.served.send(method, path, &[("Authorization", &bearer), ("Content-Type", kind)], body)
    }
}

#[test]
fn the_account_is_read_looked_at_and_changed_as_a_whole() {
    let served = served();
    let ada = served.token("ada");
    let was = ada.get("/api/v1/account");
    assert_eq!(was.header("content-type"), Some("application/yaml"));
    let becomes = was.body.replace("  Human:\n", "  Human:\n  Night:\n");
    let put = |path: &str, text: &str| ada.whole("PUT", path, "application/yaml", text);
    let dry = put("/api/v1/account?dry-run", &becomes).ok();
    assert_eq!(dry["changes"], json!([{ "what": "skill Night", "how": "added" }]), "{dry}");
    assert_eq!(ada.get("/api/v1/account").body, was.body, "looking changes nothing");
    assert_eq!(put("/api/v1/account", &becomes).ok()["applied"], true);
    let skills = ada.get("/api/v1/skills").ok();
    assert!(skills.to_string().contains("Night"), "{skills}");
    let same = put("/api/v1/account", &becomes).ok();
    assert_eq!((&same["applied"], &same["changes"]), (&json!(false), &json!([])));
    let wrong = put("/api/v1/account", &becomes.replace("fallback skill: Human", "fallback skill: Humen"));
    assert_eq!((wrong.status, wrong.code().as_str()), (422, "not-valid"));
    assert!(wrong.json()["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{wrong:?}");
    let running = put("/api/v1/account", &becomes.replace("messageDelay: 0s", "messageDelay: 1s"));
    assert_eq!((running.status, running.code().as_str()), (403, "not-allowed"), "{running:?}");
}

#[test]
fn what_one_may_change_of_the_account_is_a_matter_of_profile() {
    let served = served();
    let text = served.token("ada").get("/api/v1/account").body;
    let put =
        |user: &str, text: &str| served.token(user).whole("PUT", "/api/v1/account", "application/yaml", text);
    let campaign = text.replace("      Ask us:\n", "      Ask anything:\n");
    assert_ne!(campaign, text);
    assert_eq!(put("cora", &campaign).ok()["applied"], true);
    let skill = campaign.replace("  Human:\n", "  Human:\n  Night:\n");
    assert_eq!(put("cora", &skill).code(), "not-allowed");
    assert_eq!(put("sam", &text).code(), "not-allowed");
    let rights = skill.replace("profile: Campaign Manager", "profile: Administrator");
    assert_eq!(put("cora", &rights).code(), "not-allowed");
}

#[test]
fn a_connector_stops_and_starts_and_is_shown_in_three_facts() {
    let served = served();
    let ada = served.token("ada");
    let shown = |name: &str| {
        let all = ada.get("/api/v1/connectors").ok();
        let all = all["connectors"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["connector"] == name).unwrap_or_default()
    };
    assert_eq!(
        shown("tiny-messaging")["facts"],
        json!({ "connector": "online", "contact center": "connected", "bot": "connected" })
    );
    let path = "/api/v1/connectors/tiny-messaging";
    assert_eq!(ada.post(&format!("{path}/stop"), &json!({ "how": "now" })).status, 204);
    let stopped = shown("tiny-messaging");
    assert_eq!((&stopped["state"], &stopped["facts"]["connector"]), (&json!("offline"), &json!("stopped")));
    let begun = served.nobody().post("/api/v1/conversations", &json!({ "skill": "Bot" })).ok();
    let status = ada.get("/api/v1/status").ok();
    assert_eq!((&status["open"], &status["waiting"]["Bot"]), (&json!(1), &json!(1)), "{status} {begun}");
    assert_eq!(ada.post(&format!("{path}/start"), &Json::Null).status, 204);
    served.until(|_| ada.get("/api/v1/status").ok()["waiting"]["Bot"] == 0);
}

#[test]
fn a_bot_is_sent_deployed_rolled_back_and_kept_from_production_by_the_gate() {
    let served = served();
    let ada = served.token("ada");
    let bundle = |says: &str| {
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/tiny/tiny.dialog"));
        let text = text.expect("it is there").replace("Hello! Ask", &format!("{says} Ask"));
        let bundle = Bundle::of([("tiny.dialog".to_string(), text.into_bytes())]).expect("it is sound");
        String::from_utf8(bundle.pack()).expect("a bundle of texts is text")
    };
    let send = |says: &str| {
        let path = "/api/v1/bots/tiny/versions?message=politer%20now";
        ada.whole("POST", path, "application/octet-stream", &bundle(says))
    };
    let first = send("Good day!");
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.ok()["version"]["number"], 1);
    assert_eq!(send("Good day!").status, 200, "the same files are the same version");
    send("Good evening!").ok();
    let versions = ada.get("/api/v1/bots/tiny/versions").ok();
    assert_eq!(versions["versions"][0]["message"], "politer now");
    let deploy = |id: &str, version: &str, to: &str| {
        ada.post("/api/v1/bots/tiny/deploy", &json!({ "id": id, "version": version, "to": to }))
    };
    deploy("d1", "1", "demo").ok();
    let (visitor, path) = served.visitor();
    visitor.say(&path, "1", "hello");
    assert!(visitor.said(&path)[1].starts_with("bot: Good day!"));
    deploy("d2", "2", "demo").ok();
    assert_eq!(ada.post("/api/v1/bots/tiny/rollback", &json!({ "id": "r", "on": "demo" })).status, 204);
    let changes = ada.get("/api/v1/bots/tiny/changes?from=1&to=2").ok();
    assert!(changes.to_string().contains("tiny.dialog"), "{changes}");
    let held = deploy("p", "2", "production");
    assert_eq!((held.status, held.code().as_str()), (403, "not-allowed"), "{held:?}");
    let gate = ada.get("/api/v1/bots/tiny/gate?version=2").ok();
    let codes: Vec<&Json> = gate["obstacles"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("replay-not-confirmed")), "{gate}");
    let names: Vec<&Json> =
        gate["replay"]["differences"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    let confirm = json!({ "version": "2", "differences": names });
    ada.post("/api/v1/bots/tiny/confirm", &confirm).ok();
    let production = deploy("p2", "2", "production");
    if production.status != 200 {
        // What else stands in the way is not of this test: it says so by code.
        let codes = production.json()["gate"]["obstacles"].to_string();
        assert!(!codes.contains("replay-not-confirmed"), "{codes}");
    }
    served.until(|_| {
        let lines = ada.get("/api/v1/audit?limit=500").ok().to_string();
        lines.contains("bot tiny: added version 1") && lines.contains("bot tiny: confirmed")
    });
    let who = served.token("cora");
    let not = who.post("/api/v1/bots/tiny/deploy", &json!({ "id": "x", "version": "1", "to": "production" }));
    assert_eq!(not.code(), "not-allowed", "only an Administrator deploys to Production");
}

#[test]
fn who_did_what_stands_in_the_audit_log() {
    let served = served();
    let ada = served.token("ada");
    ada.post("/api/v1/connectors/tiny-chat/stop", &Json::Null).ok();
    let lines = || ada.get("/api/v1/audit?limit=500").ok();
    served.until(|_| lines()["lines"].to_string().contains("connector tiny-chat: Draining"));
    let last = lines()["lines"].as_array().unwrap().clone();
    assert!(last.iter().all(|line| line["by"] == "ada" || line["by"] == "house"), "{last:?}");
    let one = ada.get("/api/v1/audit?limit=1").ok();
    let rest = ada.get(&format!("/api/v1/audit?after={}", one["after"])).ok();
    assert_eq!(one["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["lines"][0], last[1], "a page goes on where the one before ended");
}

#[test]
fn a_visitor_is_forgotten() {
    let served = served();
    let ada = served.token("ada");
    let begun = served.nobody().post("/api/v1/conversations", &json!({ "skill": "Bot" })).ok();
    let visitor = begun["visitor"].as_str().unwrap().to_string();
    let path = format!("/api/v1/conversations/{}", begun["conversation"].as_str().unwrap());
    let own = served.bearer(begun["token"].as_str().unwrap());
    served.until(|_| own.get(&path).ok()["state"] == "held");
    own.say(&path, "1", "my name is a secret");
    own.post(&format!("{path}/close"), &json!({ "id": "c" })).ok();
    assert_eq!(ada.send("DELETE", &format!("/api/v1/visitors/{visitor}"), &Json::Null).status, 204);
    served.until(|_| own.get(&path).status == 404);
    assert!(!served.kept().iter().any(|record| record.contains("my name is a secret")));
}

#[test]
fn conversations_are_listed_by_what_one_looks_for_a_page_at_a_time() {
    let served = served();
    for _ in 0..5 {
        served.visitor();
    }
    let ada = served.token("ada");
    let mut seen = Vec::new();
    let mut path = "/api/v1/conversations?limit=2".to_string();
    loop {
        let page = ada.get(&path).ok();
        seen.extend(page["conversations"].as_array().unwrap().iter().map(|one| one["conversation"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/conversations?limit=2&next={next}");
    }
    let first = seen[0].as_str().unwrap().to_string();
    seen.sort_by_key(Json::to_string);
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let none = ada.get("/api/v1/conversations?skill=Human").ok();
    assert_eq!(none["conversations"], json!([]));
    let over = ada.get("/api/v1/conversations?state=over").ok();
    assert_eq!(over["conversations"], json!([]));
    let one = format!("/api/v1/conversations/{first}");
    assert_eq!(ada.get(&one).ok()["state"], "held");
    assert_eq!(ada.get(&format!("{one}/events")).ok()["events"][0]["turn"], 1);
    for path in [one.clone(), format!("{one}/events")] {
        assert_eq!(
            served.token("cora").get(&path).code(),
            "not-allowed",
            "their profile lets them not step in"
        );
    }
    let session = served.login("ada");
    assert_eq!(session.get(&format!("/api/v1/conversations/{first}")).ok()["state"], "held");
}

#[test]
fn numbers_are_for_those_who_may_see_them() {
    let served = served();
    served.visitor();
    assert_eq!(served.nobody().get("/metrics").status, 401);
    let page = served.token("ada").get("/metrics");
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4"));
    for line in [
        "parlor_conversations_open 1",
        "parlor_connector_online{connector=\"tiny-messaging\"} 1",
        "parlor_conversations_waiting{skill=\"Human\"} 0",
        "parlor_http_responses_total{class=\"4xx\"} 1",
    ] {
        assert!(page.body.lines().any(|own| own == line), "`{line}` in {}", page.body);
    }
    assert_eq!(served.nobody().get("/healthz").body, "ok\n");
    assert_eq!(served.nobody().get("/readyz").body, "ok\n");
}
