//! Who works here comes and goes: a person with a password, a bot user with its API key. The newest login counts.

use axum::http::{Method, header};
use serde_json::json;

use crate::conversation::UserId;
use crate::platform::{Answer, Ask, Caller, Code, Kind, Login};
use crate::server::pass::{Bearer, USER_PASS};
use crate::server::{By, PASSWORD_BYTES_MAX, Secret};

use super::call::{Call, done, json};
use super::doors::blocking;
use super::problem::{Problem, Wrong};
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe, needed};

/// As whom the house lets somebody in who has shown who they are.
const HOUSE: &str = "house";
/// Bytes of an API key; a longer text is none.
const KEY_BYTES_MAX: usize = 256;

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v1/login",
        who: Who::Anyone,
        does: "Log in, as a person with a password or as a bot user with its API key. An earlier login of the same user ends.",
        query: &[],
        takes: Takes::Fields(&[
            needed("user", Form::Text(128), "Who."),
            maybe("password", Form::Text(PASSWORD_BYTES_MAX), "Of a person."),
            maybe("key", Form::Text(KEY_BYTES_MAX), "Of a bot user."),
        ]),
        gives: Gives::Json(201),
        run: |call| Box::pin(log_in(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/api/v1/login",
        who: Who::User,
        does: "Log out.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Nothing,
        run: |call| Box::pin(log_out(call)),
    },
    Route {
        method: Method::PUT,
        path: "/api/v1/me/password",
        who: Who::User,
        does: "Change the password of who is logged in.",
        query: &[],
        takes: Takes::Fields(&[
            needed("password", Form::Text(PASSWORD_BYTES_MAX), "The one there is."),
            needed("new", Form::Text(PASSWORD_BYTES_MAX), "The one there will be."),
        ]),
        gives: Gives::Nothing,
        run: |call| Box::pin(change_password(call)),
    },
];

async fn log_in(call: Call) -> Answered {
    let hall = &call.doors.hall;
    let (account, now, from) = (hall.account(), hall.now(), call.address.to_string());
    let user = UserId::from(call.text("user").unwrap_or_default());
    let credentials = call.doors.credentials.clone();
    match (call.text("password"), call.text("key")) {
        (Some(password), None) => {
            let (password, user) = (Secret::new(password.to_string()), user.clone());
            blocking(move || credentials.log_in(&account, &user, &password, &from, now)).await??;
        }
        (None, Some(key)) => {
            let (key, named) = (Secret::new(key.to_string()), user.clone());
            let token = blocking(move || credentials.shown(&account, &key, now)).await??;
            if token.user != named || token.kind != Kind::Bot {
                let detail = "there is no such bot user, or the key is another one";
                return Err(Problem::of(Code::WrongLogin, "", detail));
            }
        }
        _ => {
            let detail = "say either the `password` of a person or the `key` of a bot user";
            return Err(Problem::of(Code::NotValid, "password", detail));
        }
    }
    let answer =
        hall.ask(Caller::Operator(HOUSE.into()), call.id_or_new()?, Ask::LogIn(user.clone())).await?;
    let Answer::LoggedIn(epoch) = answer else {
        return Err(Problem::new(Wrong::Bug, "", "the login has no number"));
    };
    let until = hall.now().after(USER_PASS);
    let token = call.doors.passes.give(&Bearer::User(Login { user: user.clone(), epoch }), until);
    let availability = hall.availability(&user);
    let mut response = json(
        201,
        &json!({ "user": user, "epoch": epoch, "token": token, "until": until, "availability": availability }),
    )?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn log_out(call: Call) -> Answered {
    let login = call.login()?.clone();
    call.doors.hall.ask(Caller::User(login), call.id_or_new()?, Ask::LogOut).await?;
    done()
}

async fn change_password(call: Call) -> Answered {
    let user = call.login()?.user.clone();
    let (account, now, from) = (call.doors.hall.account(), call.doors.hall.now(), call.address.to_string());
    let secret = |name| Secret::new(call.text(name).unwrap_or_default().to_string());
    let (old, new, credentials) = (secret("password"), secret("new"), call.doors.credentials.clone());
    let changed = blocking(move || {
        credentials.log_in(&account, &user, &old, &from, now)?;
        credentials.set_password(&account, &user, &new, &By::new(user.clone(), now))
    });
    changed.await??;
    call.write_down("changed their password".into()).await?;
    done()
}
