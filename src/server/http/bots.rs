//! Bots: their versions as they were sent, which of them is served where, and the gate before Production.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::connectors::Bundle;
use crate::connectors::bundle::BUNDLE_BYTES_MAX;
use crate::conversation::{BotName, UserId};
use crate::platform::{Ask, Caller, Code, Environment, Permission};
use crate::server::versions::Versions;
use crate::server::{BotVersion, VERSION_MESSAGE_BYTES_MAX};

use super::call::{Call, done, json, typed};
use super::doors::blocking;
use super::problem::Problem;
use super::route::{Answered, Field, Form, Gives, ID, Route, Takes, Who, maybe, needed};

/// How long the tests of a version are played, or conversations held again with it, while somebody waits.
const WORK_SECONDS_MAX: Duration = Duration::from_secs(60);
/// What a bundle is sent as.
const BUNDLE: &str = "application/octet-stream";

const ENVIRONMENTS: &[&str] = &["demo", "production"];
const VERSION: Form = Form::Text(64);
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
        method: Method::GET,
        path: "/api/v1/bots/{bot}/versions",
        who: Who::May(Permission::SeeStatus),
        does: "The versions of a bot, the newest first.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(versions(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/bots/{bot}/versions",
        who: Who::May(Permission::DeployToDemo),
        does: "Add a version: a bundle of the bot's files. The same files once more are the same version.",
        query: &[maybe("message", Form::Text(VERSION_MESSAGE_BYTES_MAX), "What is new in it.")],
        takes: Takes::Whole(BUNDLE, BUNDLE_BYTES_MAX),
        gives: Gives::Json(201),
        run: |call| Box::pin(add(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/bots/{bot}/versions/{version}",
        who: Who::May(Permission::SeeStatus),
        does: "One version: its message, author and hash, and what came of its check and its tests.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(version(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/bots/{bot}/versions/{version}/bundle",
        who: Who::May(Permission::SeeStatus),
        does: "The files of a version, as the bundle they were sent in.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Text(BUNDLE),
        run: |call| Box::pin(bundle(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/bots/{bot}/changes",
        who: Who::May(Permission::SeeStatus),
        does: "What lies between two versions.",
        query: &[needed("from", VERSION, "The one."), needed("to", VERSION, "The other.")],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(changes(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/bots/{bot}/gate",
        who: Who::May(Permission::SeeStatus),
        does: "What stands between a version and Production, and what to do about it.",
        query: &[needed("version", VERSION, "Which.")],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(gate(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/bots/{bot}/confirm",
        who: Who::Operator,
        does: "Say that what a version would have said otherwise on Demo is wanted so.",
        query: &[],
        takes: Takes::Fields(&[
            needed("version", VERSION, "Which."),
            needed("differences", Form::Json, "The names of the differences, as the gate shows them."),
        ]),
        gives: Gives::Json(200),
        run: |call| Box::pin(confirm(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/bots/{bot}/deploy",
        who: Who::Operator,
        does: "Serve a version from now on. To Production it has to pass the gate.",
        query: &[],
        takes: Takes::Fields(&[
            ID,
            needed("version", VERSION, "Which, by its number or six or more letters of its hash."),
            needed("to", Form::One(ENVIRONMENTS), "Where."),
            MOVE_OPEN,
        ]),
        gives: Gives::Json(200),
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

impl Call {
    /// The bot of the path, if the account has it.
    fn bot(&self) -> Result<BotName, Problem> {
        let bot = BotName::from(self.word("bot"));
        match self.doors.hall.account().bots.contains_key(&bot) {
            true => Ok(bot),
            false => Err(Problem::of(Code::UnknownVersion, "bot", "the account has no such bot")),
        }
    }

    fn versions(&self) -> Versions {
        Versions::new(self.doors.hall.store().clone(), self.doors.hall.account().name.clone())
    }

    /// The version that a field names, or the path.
    async fn version(&self, field: &str) -> Result<BotVersion, Problem> {
        let (versions, bot) = (self.versions(), self.bot()?);
        let named = self.text(field).unwrap_or_else(|| self.word(field)).to_string();
        Ok(blocking(move || versions.find(&bot, &named)).await??)
    }

    /// An environment by its name, if whoever asks may deploy there.
    fn environment(&self, field: &str) -> Result<Environment, Problem> {
        let (environment, right) = match self.text(field) {
            Some("production") => (Environment::Production, Permission::DeployToProduction),
            _ => (Environment::Demo, Permission::DeployToDemo),
        };
        self.needs(right).map(|()| environment)
    }

    /// Who asks, by name.
    pub(super) fn by(&self) -> UserId {
        match self.operator() {
            Caller::Operator(by) => by,
            _ => UserId::from("house"),
        }
    }
}

/// Goes on for a while.
fn for_a_while() -> impl FnMut() -> bool {
    let begun = Instant::now();
    move || begun.elapsed() < WORK_SECONDS_MAX
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

async fn versions(call: Call) -> Answered {
    let (versions, bot) = (call.versions(), call.bot()?);
    let all = blocking(move || versions.list(&bot)).await??;
    json(200, &json!({ "versions": all }))
}

async fn add(call: Call) -> Answered {
    let (versions, bot, bytes, by) = (call.versions(), call.bot()?, call.whole().clone(), call.by());
    let message = call.text("message").unwrap_or_default().to_string();
    let (account, bots, at) = (call.doors.hall.account(), call.doors.bots.clone(), call.doors.hall.now());
    let added = blocking(move || {
        let bundle = Bundle::unpack(&bytes)?;
        let added = versions.add(&bot, &bundle, &message, (&by, at), &mut for_a_while())?;
        versions.put(&bots, &account, &bot, &added.version.id)?;
        Ok::<_, crate::platform::Refusal>(added)
    });
    let added = added.await??;
    if added.new {
        call.write_down(format!("bot {}: added {}", call.word("bot"), added.version.label())).await?;
    }
    json(if added.new { 201 } else { 200 }, &json!({ "version": added.version, "new": added.new }))
}

async fn version(call: Call) -> Answered {
    json(200, &call.version("version").await?)
}

async fn bundle(call: Call) -> Answered {
    let (versions, bot, version) = (call.versions(), call.bot()?, call.version("version").await?);
    let bundle = blocking(move || versions.bundle(&bot, &version.id)).await??;
    Ok(typed(200, BUNDLE, bundle.pack()))
}

async fn changes(call: Call) -> Answered {
    let (from, to) = (call.version("from").await?, call.version("to").await?);
    let (versions, bot) = (call.versions(), call.bot()?);
    json(200, &blocking(move || versions.changes(&bot, &from, &to)).await??)
}

async fn gate(call: Call) -> Answered {
    let version = call.version("version").await?;
    json(200, &gate_of(&call, version).await?)
}

async fn gate_of(call: &Call, version: BotVersion) -> Result<crate::server::Gate, Problem> {
    let (versions, bot, account) = (call.versions(), call.bot()?, call.doors.hall.account());
    Ok(blocking(move || versions.gate(&account, &bot, &version, &mut for_a_while())).await??)
}

async fn confirm(call: Call) -> Answered {
    call.needs(Permission::DeployToProduction)?;
    let names = call.value("differences").and_then(Json::as_array);
    let names: Option<BTreeSet<String>> =
        names.and_then(|names| names.iter().map(|name| name.as_str().map(str::to_string)).collect());
    let differences = names.ok_or_else(|| {
        Problem::of(Code::NotValid, "differences", "`differences` has to be a list of names")
    })?;
    let version = call.version("version").await?;
    let (versions, bot, by, at) = (call.versions(), call.bot()?, call.by(), call.doors.hall.now());
    let (number, count) = (version.number, differences.len());
    let version = blocking(move || versions.confirm(&bot, number, &differences, (&by, at))).await??;
    let did = format!("bot {}: confirmed {count} differences of {}", call.word("bot"), version.label());
    call.write_down(did).await?;
    json(200, &version)
}

async fn deploy(call: Call) -> Answered {
    let (to, id) = (call.environment("to")?, call.id()?);
    let version = call.version("version").await?;
    let (versions, bot, move_open) = (call.versions(), call.bot()?, call.flag("move_open"));
    let ask = match to {
        Environment::Demo => Ask::Deploy { bot: bot.clone(), version: version.id.clone(), to, move_open },
        Environment::Production => {
            let gate = gate_of(&call, version.clone()).await?;
            gate.pass(move_open).map_err(|refusal| Problem::from(refusal).besides("gate", json!(gate)))?
        }
    };
    let (bots, account, hash) = (call.doors.bots.clone(), call.doors.hall.account(), version.id.clone());
    blocking(move || versions.put(&bots, &account, &bot, &hash)).await??;
    call.doors.hall.ask(call.operator(), id, ask).await?;
    json(200, &json!({ "version": version }))
}

async fn roll_back(call: Call) -> Answered {
    let (on, bot) = (call.environment("on")?, call.bot()?);
    let ask = Ask::RollBack { bot, on, move_open: call.flag("move_open") };
    call.doors.hall.ask(call.operator(), call.id()?, ask).await?;
    done()
}
