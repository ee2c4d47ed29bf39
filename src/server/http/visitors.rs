//! What is kept of a visitor, removed when they ask for it.

use axum::http::Method;

use crate::conversation::VisitorId;
use crate::platform::{Ask, Code, Permission};

use super::call::{Call, done};
use super::problem::Problem;
use super::route::{Answered, Gives, Route, Takes, Who};

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::DELETE,
    path: "/api/v1/visitors/{visitor}",
    who: Who::May(Permission::EraseVisitors),
    does: "Remove all that is kept of a visitor. Conversations of theirs that are open are left: close them, and ask again.",
    query: &[],
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    run: |call| Box::pin(erase(call)),
}];

async fn erase(call: Call) -> Answered {
    let visitor = VisitorId::from(call.word("visitor"));
    if !visitor.is_sound() {
        return Err(Problem::of(Code::NotValid, "visitor", "this is no name of a visitor"));
    }
    call.doors.hall.ask(call.operator(), call.id_or_new()?, Ask::Erase(visitor)).await?;
    done()
}
