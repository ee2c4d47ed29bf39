//! Who did what: the audit log, a page at a time.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::platform::{Line, Permission};
use crate::store::{Key, Version};

use super::call::{Call, json};
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe};

/// Lines that are given at once.
const LINES_MAX: u64 = 500;

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/audit",
    who: Who::May(Permission::ReadAudit),
    does: "Who did what, the oldest first.",
    query: &[
        maybe("after", Form::Number(0, u64::MAX), "Where to go on: what the page before said."),
        maybe("limit", Form::Number(1, LINES_MAX), "How many lines at once; 100, if nothing is said."),
    ],
    takes: Takes::Nothing,
    gives: Gives::Json(200),
    run: |call| Box::pin(list(call)),
}];

async fn list(call: Call) -> Answered {
    let key = Key::of(&["audit", &call.doors.hall.account().name]);
    let after = Version(call.number("after").unwrap_or(0));
    let limit = call.number("limit").unwrap_or(100) as usize;
    let entries = call.doors.hall.read(move |store| store.read(&key, after, limit)).await?;
    let next = entries.last().map_or(after.0, |last| last.version.0);
    let lines: Vec<Json> = entries
        .iter()
        .filter_map(|entry| serde_json::from_slice::<Line>(&entry.bytes).ok())
        .map(|line| json!(line))
        .collect();
    json(200, &json!({ "lines": lines, "after": next }))
}
