//! How the house is: for people at a glance, and for Prometheus in numbers.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::json;

use crate::conversation::SkillId;
use crate::platform::{Permission, Platform};

use super::call::{Call, json, typed};
use super::connectors::connectors;
use super::metrics::Page;
use super::route::{Answered, Gives, Route, Takes, Who};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/status",
        who: Who::May(Permission::SeeStatus),
        does: "How the house is: what is open, what waits, the connectors, and what an operator should look at.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(status(call)),
    },
    Route {
        method: Method::GET,
        path: "/metrics",
        who: Who::May(Permission::SeeStatus),
        does: "The same in numbers, for Prometheus.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Text("text/plain; version=0.0.4"),
        run: |call| Box::pin(metrics(call)),
    },
];

fn waiting(platform: &Platform) -> BTreeMap<SkillId, usize> {
    let skills = platform.account().skills.keys();
    skills.map(|skill| (skill.clone(), platform.floor().waiting_for(skill))).collect()
}

async fn status(call: Call) -> Answered {
    let hall = &call.doors.hall;
    let (open, waiting, connectors, warnings) = hall
        .look(|platform| {
            let warnings: Vec<String> = platform.warnings().iter().map(ToString::to_string).collect();
            (platform.floor().open(), waiting(platform), connectors(platform), warnings)
        })
        .await?;
    json(
        200,
        &json!({
            "account": hall.account().name,
            "parlor": env!("CARGO_PKG_VERSION"),
            "now": hall.now(),
            "open": open,
            "waiting": waiting,
            "connectors": connectors,
            "warnings": warnings,
        }),
    )
}

async fn metrics(call: Call) -> Answered {
    let hall = &call.doors.hall;
    let (open, waiting, states, warnings) = hall
        .look(|platform| {
            let connectors = platform.account().connectors.keys();
            let states: Vec<_> = connectors.map(|id| (id.clone(), platform.run_state(id))).collect();
            (platform.floor().open(), waiting(platform), states, platform.warnings().len())
        })
        .await?;
    let mut page = Page::default();
    call.doors.metrics.write(&mut page);
    page.about("parlor_streams_open", "gauge", "Long polls and event streams that are open");
    page.value("parlor_streams_open", &[], call.doors.rate.streams());
    page.about("parlor_conversations_open", "gauge", "Conversations that are open");
    page.value("parlor_conversations_open", &[], open);
    page.about("parlor_conversations_waiting", "gauge", "Conversations that wait, by skill");
    for (skill, count) in &waiting {
        page.value("parlor_conversations_waiting", &[("skill", skill.as_str())], count);
    }
    page.about("parlor_connector_online", "gauge", "Whether a connector is online");
    for (connector, state) in &states {
        let online = u8::from(*state == crate::platform::RunState::Online);
        page.value("parlor_connector_online", &[("connector", connector.as_str())], online);
    }
    page.about("parlor_warnings", "gauge", "What an operator should look at: see /api/v1/status");
    page.value("parlor_warnings", &[], warnings);
    Ok(typed(200, "text/plain; version=0.0.4", page.text()))
}
