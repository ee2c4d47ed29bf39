//! How the account is set up, as its file: read, and changed as a whole after a look at what changes.

use axum::http::Method;
use serde_json::json;

use crate::diagnostics::Severity;
use crate::diagnostics::render::{Format, Style, render};
use crate::platform::limits::ACCOUNT_BYTES_MAX;
use crate::platform::{Account, Ask, Change, Code, How, Kind, Permission, ReadAccount, Wanted, changes};

use super::call::{Call, json, typed};
use super::doors::blocking;
use super::problem::Problem;
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe};

const YAML: &str = "application/yaml";

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/account",
        who: Who::May(Permission::SeeStatus),
        does: "The account as its file.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Text(YAML),
        run: |call| Box::pin(show(call)),
    },
    Route {
        method: Method::PUT,
        path: "/api/v1/account",
        who: Who::Operator,
        does: "Set the account up as a file says, all of it or nothing; with `dry-run` only what would change.",
        query: &[maybe("dry-run", Form::Flag, "Whether to change nothing.")],
        takes: Takes::Whole(YAML, ACCOUNT_BYTES_MAX),
        gives: Gives::Json(200),
        run: |call| Box::pin(set_up(call)),
    },
];

async fn show(call: Call) -> Answered {
    let text = call.doors.hall.account().write();
    Ok(typed(200, YAML, text))
}

async fn set_up(call: Call) -> Answered {
    let bytes = call.whole().to_vec();
    let _one = call.doors.changing.lock().await;
    let read = blocking(move || Account::read("account", bytes)).await?;
    become_so(&call, read, call.flag("dry-run")).await
}

/// Sets the account up as it was read, if whoever asks may do all that this changes. One such change at a time: whoever
/// comes here has locked the others out before the account was looked at.
pub(super) async fn become_so(call: &Call, read: ReadAccount, dry: bool) -> Answered {
    let findings = || {
        let json = render(Format::Json, &read.sources, &read.findings, &Style::default());
        let document: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
        document["findings"].clone()
    };
    let Some(account) = read.account.clone() else {
        let first = read.findings.iter().find(|finding| finding.severity() == Severity::Error);
        let detail = first.map_or("the file cannot be read".to_string(), |finding| finding.message.clone());
        return Err(Problem::of(Code::NotValid, "account", detail).besides("findings", findings()));
    };
    let hall = &call.doors.hall;
    let was = hall.account();
    if account.name != was.name {
        let detail = format!("this is the account `{}`, and another name is another account", was.name);
        return Err(Problem::of(Code::NotValid, "account", detail));
    }
    let changes = changes(&was, &account);
    for change in &changes {
        call.needs(right(change, &was, &account))?;
    }
    if !dry && !changes.is_empty() {
        rest(call, &was, &account).await?;
        let hash = {
            let account = account.clone();
            hall.read(move |store| account.keep(store)).await?
        };
        hall.ask(call.operator(), call.id_or_new()?, Ask::SetUp(Box::new(account.clone()), hash)).await?;
        hall.see_account().await?;
        let credentials = call.doors.credentials.clone();
        blocking(move || credentials.forget_gone(&account)).await??;
    }
    json(200, &json!({ "changes": changes, "applied": !dry && !changes.is_empty(), "findings": findings() }))
}

/// A connector is changed or removed only while it is stopped.
async fn rest(call: &Call, was: &Account, becomes: &Account) -> Result<(), Problem> {
    let changed = was.connectors.iter().filter(|(id, own)| becomes.connectors.get(*id) != Some(*own));
    let changed: Vec<_> = changed.map(|(id, _)| id.clone()).collect();
    let running = call
        .doors
        .hall
        .look(move |platform| changed.into_iter().find(|id| platform.wanted(id) != Wanted::Stopped));
    match running.await? {
        Some(id) => {
            let detail = format!("connector `{id}` runs: stop it before you change it");
            Err(Problem::of(Code::NotAllowed, "connectors", detail))
        }
        None => Ok(()),
    }
}

/// Which right a change needs.
fn right(change: &Change, was: &Account, becomes: &Account) -> Permission {
    let (kind, name) = change.what.split_once(' ').unwrap_or((&change.what, ""));
    let is_bot = |account: &Account| {
        let user = account.users.get(&name.into());
        user.is_some_and(|user| user.kind == Kind::Bot && user.profile == "Agent")
    };
    match (kind, &change.how) {
        ("campaign", _) => Permission::ChangeCampaigns,
        ("connector", How::Added) => Permission::CreateConnectors,
        ("connector", How::Removed) => Permission::DeleteConnectors,
        ("connector", How::Changed { .. }) => Permission::EditConnectors,
        // A bot user with more rights than any agent would be a way to have them.
        ("user", How::Added) if is_bot(becomes) => Permission::CreateBotUsers,
        ("user", How::Changed { .. }) if is_bot(was) && is_bot(becomes) => Permission::CreateBotUsers,
        _ => Permission::ChangeAccount,
    }
}
