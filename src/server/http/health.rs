//! Whether the house runs, for whoever watches machines: no details, and no pass needed.

use axum::http::Method;

use crate::platform::Code;

use super::call::{Call, typed};
use super::problem::Problem;
use super::route::{Answered, Gives, Route, Takes, Who};

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/healthz",
        who: Who::Anyone,
        does: "Whether the process answers.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Text(TEXT),
        run: |_| Box::pin(async { Ok(typed(200, TEXT, "ok\n")) }),
    },
    Route {
        method: Method::GET,
        path: "/readyz",
        who: Who::Anyone,
        does: "Whether the house takes conversations.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Text(TEXT),
        run: |call| Box::pin(ready(call)),
    },
];

async fn ready(call: Call) -> Answered {
    let hall = &call.doors.hall;
    if *hall.closing().borrow() || hall.look(|_| ()).await.is_err() {
        return Err(Problem::of(Code::NoStore, "", "nothing new is taken at the moment"));
    }
    Ok(typed(200, TEXT, "ok\n"))
}
