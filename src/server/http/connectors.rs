//! Connectors: how each is, in three facts shown apart, and whether it is to run.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::conversation::ConnectorId;
use crate::platform::{Ask, Mind, Permission, Platform, RunState, Wanted};

use super::call::{Call, done, json};
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe};

const HOWS: &[&str] = &["drain", "now"];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/connectors",
        who: Who::May(Permission::SeeStatus),
        does: "The connectors: each itself, its link to the contact center, and its link to what thinks.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(list(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/connectors/{connector}/start",
        who: Who::May(Permission::StartConnectors),
        does: "Start a connector.",
        query: &[],
        takes: Takes::Fields(&[]),
        gives: Gives::Nothing,
        run: |call| Box::pin(start(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/connectors/{connector}/stop",
        who: Who::May(Permission::StopConnectors),
        does: "Stop a connector: it finishes what it has, or hands it over at once.",
        query: &[],
        takes: Takes::Fields(&[maybe(
            "how",
            Form::One(HOWS),
            "Finish first (drain) or hand over (now); drain, if nothing is said.",
        )]),
        gives: Gives::Nothing,
        run: |call| Box::pin(stop(call)),
    },
];

async fn start(call: Call) -> Answered {
    let connector = ConnectorId::from(call.word("connector"));
    call.doors.hall.ask(call.operator(), call.id_or_new()?, Ask::Start(connector)).await?;
    done()
}

async fn stop(call: Call) -> Answered {
    let connector = ConnectorId::from(call.word("connector"));
    let now = call.text("how") == Some("now");
    call.doors.hall.ask(call.operator(), call.id_or_new()?, Ask::Stop { connector, now }).await?;
    done()
}

async fn list(call: Call) -> Answered {
    let connectors = call.doors.hall.look(connectors).await?;
    json(200, &json!({ "connectors": connectors }))
}

/// How all of them are.
pub(super) fn connectors(platform: &Platform) -> Vec<Json> {
    let account = platform.account();
    let one = |(id, connector): (&ConnectorId, &crate::platform::Connector)| {
        let (wanted, links, state) = (platform.wanted(id), platform.links(id), platform.run_state(id));
        let served = match &connector.mind {
            Mind::Ours(bot) => {
                platform.deployed().served(bot, connector.deploy_to).map(|(version, _)| version)
            }
            Mind::Theirs(_) => None,
        };
        let (bot, ours) = match &connector.mind {
            Mind::Ours(bot) => (bot, true),
            Mind::Theirs(bot) => (bot, false),
        };
        let itself = match (wanted, state) {
            (Wanted::Stopped, _) if served.is_none() && ours => "not connected",
            (Wanted::Stopped, _) if links.there => "stopped",
            (Wanted::Stopped, _) => "ready to start",
            (Wanted::Draining, _) => "draining",
            (Wanted::Started, RunState::Offline) => "not connected",
            (Wanted::Started, _) => "online",
        };
        let thinks = if ours { served.is_some() && links.vendor } else { links.vendor };
        json!({
            "connector": id,
            "bot": bot,
            "ours": ours,
            "version": served,
            "user": connector.user,
            "role": connector.role,
            "channel": connector.channel,
            "deploy to": connector.deploy_to,
            "wanted": wanted,
            "state": state,
            "facts": {
                "connector": itself,
                "contact center": if links.there && links.service { "connected" } else { "not connected" },
                "bot": if thinks { "connected" } else { "not connected" },
            },
            "open": platform.floor().load(&connector.user),
        })
    };
    account.connectors.iter().map(one).collect()
}
