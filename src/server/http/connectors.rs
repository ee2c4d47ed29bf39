//! Connectors: how each is, in three facts shown apart, and whether it is to run.

use axum::http::Method;
use serde_json::{Map, Value as Json, json};

use crate::conversation::{ConnectorId, NAME_BYTES_MAX};
use crate::platform::{Ask, Code, Mind, Permission, Platform, RunState, Wanted};

use super::BODY_BYTES_MAX;
use super::account::become_so;
use super::call::{Call, done, json};
use super::problem::Problem;
use super::route::{Answered, Field, Form, Gives, ID, Route, Takes, Who, maybe};

const HOWS: &[&str] = &["drain", "now"];

/// What a connector has, as in the file of the account. What each may hold, the account itself checks.
const FIELDS: &[Field] = &[
    ID,
    maybe("bot", Form::Text(NAME_BYTES_MAX), "Which bot of ours thinks."),
    maybe("vendor bot", Form::Text(NAME_BYTES_MAX), "Which bot of somebody else thinks."),
    maybe("user", Form::Text(NAME_BYTES_MAX), "The bot user it logs in as; no other connector has the same."),
    maybe("role", Form::Text(NAME_BYTES_MAX), "Agent or Manager."),
    maybe("conversation type", Form::Text(NAME_BYTES_MAX), "Chat or Messaging."),
    maybe("deploy to", Form::Text(NAME_BYTES_MAX), "Demo or Production."),
    maybe("fallback skill", Form::Text(NAME_BYTES_MAX), "Where conversations go that it cannot keep."),
    maybe("transfer message", Form::Text(BODY_BYTES_MAX), "What is said when a conversation is handed over."),
    maybe("settings", Form::Json, "Its settings, by their names."),
];

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
        path: "/api/v1/connectors/{connector}",
        who: Who::May(Permission::CreateConnectors),
        does: "Add a connector, with the fields it has in the file of the account.",
        query: &[maybe("dry-run", Form::Flag, "Whether to change nothing.")],
        takes: Takes::Fields(FIELDS),
        gives: Gives::Json(200),
        run: |call| Box::pin(add(call)),
    },
    Route {
        method: Method::PATCH,
        path: "/api/v1/connectors/{connector}",
        who: Who::May(Permission::EditConnectors),
        does: "Change a connector that is stopped: what is named becomes so, and what is null as it is by default.",
        query: &[maybe("dry-run", Form::Flag, "Whether to change nothing.")],
        takes: Takes::Fields(FIELDS),
        gives: Gives::Json(200),
        run: |call| Box::pin(edit(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/api/v1/connectors/{connector}",
        who: Who::May(Permission::DeleteConnectors),
        does: "Remove a connector that is stopped.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(remove(call)),
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

async fn add(call: Call) -> Answered {
    let connector = call.connector();
    let _one = call.doors.changing.lock().await;
    if call.doors.hall.account().connectors.contains_key(&connector) {
        let detail = format!("there is a connector `{connector}` already");
        return Err(Problem::of(Code::Exists, "connector", detail));
    }
    let with = call.doors.hall.account().with_connector(&connector, &call.fields());
    become_so(&call, with, call.flag("dry-run")).await
}

async fn edit(call: Call) -> Answered {
    let _one = call.doors.changing.lock().await;
    let connector = call.known_connector()?;
    let with = call.doors.hall.account().with_connector(&connector, &call.fields());
    become_so(&call, with, call.flag("dry-run")).await
}

async fn remove(call: Call) -> Answered {
    let _one = call.doors.changing.lock().await;
    let connector = call.known_connector()?;
    let without = call.doors.hall.account().without_connector(&connector);
    become_so(&call, without, false).await
}

impl Call {
    fn connector(&self) -> ConnectorId {
        ConnectorId::from(self.word("connector"))
    }

    fn known_connector(&self) -> Result<ConnectorId, Problem> {
        let connector = self.connector();
        match self.doors.hall.account().connectors.contains_key(&connector) {
            true => Ok(connector),
            false => {
                let detail = format!("there is no connector `{connector}`");
                Err(Problem::of(Code::UnknownConnector, "connector", detail))
            }
        }
    }

    /// The fields of a connector that were sent.
    fn fields(&self) -> Map<String, Json> {
        let sent = FIELDS.iter().filter(|field| field.name != ID.name);
        sent.filter_map(|field| Some((field.name.to_string(), self.sent(field.name)?.clone()))).collect()
    }
}

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
