//! The table of paths: the router, the OpenAPI document and the manual have the same ones.

use std::collections::BTreeSet;

use parlor::server::http::paths;
use serde_json::Value as Json;

use super::*;

#[test]
fn the_document_and_the_router_have_the_same_paths() {
    let served = served();
    let document = served.nobody().get("/api/v1/openapi.json").ok();
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("it has paths")
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("it has methods");
            methods.keys().map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect();
    let routed: BTreeSet<(String, String)> = paths().into_iter().collect();
    assert_eq!(routed.len(), paths().len(), "no method of a path stands there twice");
    assert_eq!(described, routed);
    for (method, path) in routed {
        let path = path.replace(['{', '}'], "");
        let reply = served.send(&method, &path, &[], "");
        assert!(
            reply.body.is_empty() || !matches!(reply.code_of(), Some("unknown-path" | "wrong-method")),
            "{method} {path}: {reply:?}"
        );
    }
}

impl Reply {
    fn code_of(&self) -> Option<&'static str> {
        ["unknown-path", "wrong-method"]
            .into_iter()
            .find(|code| self.body.contains(&format!("\"code\":\"{code}\"")))
    }
}

#[test]
fn every_path_says_what_it_takes_in_a_sentence() {
    let served = served();
    let document = served.nobody().get("/api/v1/openapi.json").ok();
    let mut wrong = Vec::new();
    fn sentences(json: &Json, place: &str, wrong: &mut Vec<String>) {
        for key in ["summary", "description"] {
            if let Some(text) = json[key].as_str()
                && !(text.ends_with('.') || text.ends_with('`'))
            {
                wrong.push(format!("{place}: {text}"));
            }
        }
        if let Some(map) = json.as_object() {
            map.iter().for_each(|(name, json)| sentences(json, &format!("{place}/{name}"), wrong));
        }
    }
    sentences(&document["paths"], "", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
