//! What happens in the house, as it happens: who did what in which conversation, and what was said only if it is asked for.

use axum::http::Method;
use serde_json::{Value as Json, json};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::platform::{Account, Permission};
use crate::server::happenings::{Happened, What};

use super::call::{Call, json};
use super::events::{Reader, events, piped, sent};
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe};
use super::{HEARTBEAT, WAIT_SECONDS_MAX};

/// What is shown of an event: never what was said.
const SHOWN: &[&str] = &[
    "type", "turn", "at", "by", "sequence", "skill", "why", "ring", "user", "how", "role", "reason", "stars",
];

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/logs",
    who: Who::May(Permission::SeeStatus),
    does: "What happens in the house: its newest, and with `wait` or as server-sent events what comes. Without what was said.",
    query: &[
        maybe("after", Form::Number(0, u64::MAX), "Where to go on: what the answer before said."),
        maybe("wait", Form::Number(0, WAIT_SECONDS_MAX), "For how many seconds to wait for something."),
        maybe("conversation", Form::Text(64), "Only of this conversation."),
        maybe("texts", Form::Flag, "Also what was said; for whoever may step into conversations."),
    ],
    takes: Takes::Nothing,
    gives: Gives::Events,
    run: |call| Box::pin(logs(call)),
}];

async fn logs(call: Call) -> Answered {
    if call.flag("texts") {
        call.needs(Permission::StepIn)?;
    }
    let mut after = call.after()?;
    let stream = call.open_stream()?;
    let hall = call.doors.hall.clone();
    let (mut newest, mut closing) = (hall.follow_happenings(), hall.closing());
    if call.wants_stream() {
        let (mut pipe, body) = piped();
        tokio::spawn(async move {
            let _stream = stream;
            loop {
                newest.mark_unchanged();
                let (lines, lost, last) = lines(&call, after);
                after = last;
                let event = json!({ "logs": lines, "lost": lost });
                let some = !lines.is_empty() || lost > 0;
                if some && !sent(&mut pipe, format!("id: {after}\nevent: logs\ndata: {event}\n\n")).await {
                    return;
                }
                let changed = tokio::select! {
                    changed = timeout(HEARTBEAT, newest.changed()) => changed,
                    _ = closing.wait_for(|closing| *closing) => return,
                };
                let still = call.needs(Permission::SeeStatus).is_ok() && !call.is_stale();
                let beat = changed.is_err() && !sent(&mut pipe, ": still here\n\n".to_string()).await;
                if beat || !still || matches!(changed, Ok(Err(_))) {
                    return;
                }
            }
        });
        return Ok(body);
    }
    let until = Instant::now() + Duration::from_secs(call.number("wait").unwrap_or(0));
    loop {
        newest.mark_unchanged();
        let (lines, lost, last) = lines(&call, after);
        let answer = json!({ "logs": lines, "after": last, "lost": lost });
        if !lines.is_empty() || lost > 0 {
            return json(200, &answer);
        }
        after = last;
        let changed = tokio::select! {
            changed = timeout_at(until, newest.changed()) => changed,
            _ = closing.wait_for(|closing| *closing) => return json(200, &answer),
        };
        if !matches!(changed, Ok(Ok(()))) {
            return json(200, &answer);
        }
    }
}

/// The lines after a number, how much is lost before them, and the number of the last.
fn lines(call: &Call, after: u64) -> (Vec<Json>, u64, u64) {
    let (happened, lost) = call.doors.hall.happenings(after);
    let last = happened.last().map_or(after, |last| last.number);
    let account = call.doors.hall.account();
    let (texts, only) = (call.flag("texts"), call.text("conversation"));
    let reader = Reader::Staff(call.by(), true);
    let all = happened.iter().flat_map(|happened| shown(&account, &reader, happened, texts));
    let wanted = |line: &Json| only.is_none_or(|only| line["conversation"].as_str() == Some(only));
    (all.filter(wanted).collect(), lost, last)
}

fn shown(account: &Account, reader: &Reader, happened: &Happened, texts: bool) -> Vec<Json> {
    let (conversation, record) = match &happened.what {
        What::Connector(connector, state, at) => {
            return vec![json!({ "type": "connector", "connector": connector, "state": state, "at": at })];
        }
        What::Turn(conversation, record) => (conversation, record),
    };
    let mut events = events(account, reader, record);
    for event in &mut events {
        if let Some(fields) = event.as_object_mut()
            && !texts
        {
            fields.retain(|name, _| SHOWN.contains(&name.as_str()));
        }
        event["conversation"] = json!(conversation);
    }
    events
}
