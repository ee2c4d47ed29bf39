//! Bots: which version is served where; another one is served from now on, or the one before again.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::conversation::{BotName, VersionId};
use crate::platform::{Ask, Environment, Permission};

use super::call::{Call, done, json};
use super::route::{Answered, Field, Form, Gives, ID, Route, Takes, Who, maybe, needed};

const ENVIRONMENTS: &[&str] = &["demo", "production"];
const MOVE_OPEN: Field =
    maybe("move_open", Form::Flag, "Whether open conversations go over to it with their next turn.");

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/bots",
        who: Who::May(Permission::SeeStatus),
        does: "The bots, and which version of each is served where.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(list(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/bots/{bot}/deploy",
        who: Who::Operator,
        does: "Serve a version from now on.",
        query: &[],
        takes: Takes::Fields(&[
            ID,
            needed("version", Form::Text(128), "Which."),
            needed("to", Form::One(ENVIRONMENTS), "Where."),
            MOVE_OPEN,
        ]),
        gives: Gives::Nothing,
        run: |call| Box::pin(deploy(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/bots/{bot}/rollback",
        who: Who::Operator,
        does: "Serve the version before again.",
        query: &[],
        takes: Takes::Fields(&[ID, needed("on", Form::One(ENVIRONMENTS), "Where."), MOVE_OPEN]),
        gives: Gives::Nothing,
        run: |call| Box::pin(roll_back(call)),
    },
];

/// An environment by its name, if whoever asks may deploy there.
fn environment(call: &Call, field: &str) -> Result<Environment, super::problem::Problem> {
    let (environment, right) = match call.text(field) {
        Some("production") => (Environment::Production, Permission::DeployToProduction),
        _ => (Environment::Demo, Permission::DeployToDemo),
    };
    call.needs(right).map(|()| environment)
}

async fn deploy(call: Call) -> Answered {
    let to = environment(&call, "to")?;
    let bot = BotName::from(call.word("bot"));
    let version = VersionId::from(call.text("version").unwrap_or_default());
    let ask = Ask::Deploy { bot, version, to, move_open: call.flag("move_open") };
    call.doors.hall.ask(call.operator(), call.id()?, ask).await?;
    done()
}

async fn roll_back(call: Call) -> Answered {
    let on = environment(&call, "on")?;
    let ask = Ask::RollBack { bot: BotName::from(call.word("bot")), on, move_open: call.flag("move_open") };
    call.doors.hall.ask(call.operator(), call.id()?, ask).await?;
    done()
}

async fn list(call: Call) -> Answered {
    let bots = call.doors.hall.look(|platform| {
        let served = |bot: &BotName, on| platform.deployed().served(bot, on).map(|(version, _)| version);
        let one = |bot: &BotName| -> Json {
            json!({
                "bot": bot,
                "demo": served(bot, Environment::Demo),
                "production": served(bot, Environment::Production),
            })
        };
        platform.account().bots.keys().map(one).collect::<Vec<_>>()
    });
    json(200, &json!({ "bots": bots.await? }))
}
