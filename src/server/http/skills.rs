//! The skills of the account, and what waits for each.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::call::{Call, json};
use super::route::{Answered, Gives, Route, Takes, Who};

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/skills",
    who: Who::Operator,
    does: "The skills, who has them, and how many conversations wait for each.",
    query: &[],
    takes: Takes::Nothing,
    gives: Gives::Json(200),
    run: |call| Box::pin(list(call)),
}];

async fn list(call: Call) -> Answered {
    let account = call.doors.hall.account();
    let names: Vec<_> = account.skills.keys().cloned().collect();
    let waiting = call.doors.hall.look(move |platform| {
        names.iter().map(|name| platform.floor().waiting_for(name)).collect::<Vec<_>>()
    });
    let waiting = waiting.await?;
    let skills: Vec<Json> = account
        .skills
        .keys()
        .zip(waiting)
        .map(|(name, waiting)| {
            let has = |user: &&crate::platform::User| user.skills.contains(name);
            json!({ "skill": name, "waiting": waiting, "users": account.users.values().filter(has).count() })
        })
        .collect();
    json(200, &json!({ "skills": skills }))
}
