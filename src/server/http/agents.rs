//! Who works here: who is there, and how much they have.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::platform::Permission;

use super::call::{Call, json};
use super::route::{Answered, Gives, Route, Takes, Who};

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/agents",
    who: Who::May(Permission::SeeStatus),
    does: "Who works here, whether they are there, and how many conversations they have.",
    query: &[],
    takes: Takes::Nothing,
    gives: Gives::Json(200),
    run: |call| Box::pin(list(call)),
}];

async fn list(call: Call) -> Answered {
    let hall = &call.doors.hall;
    let account = hall.account();
    let names: Vec<_> = account.users.keys().cloned().collect();
    let loads =
        hall.look(move |platform| names.iter().map(|name| platform.floor().load(name)).collect::<Vec<_>>());
    let agents: Vec<Json> = account
        .users
        .iter()
        .zip(loads.await?)
        .map(|((id, user), load)| {
            json!({
                "user": id,
                "name": user.name,
                "type": user.kind,
                "profile": user.profile,
                "group": user.group,
                "skills": user.skills,
                "availability": hall.availability(id),
                "conversations": load,
                "max chats": user.chats,
                "max messaging": user.messagings,
                "connector": account.connector_of(id).map(|(connector, _)| connector),
            })
        })
        .collect();
    json(200, &json!({ "agents": agents }))
}
