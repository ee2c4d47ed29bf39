//! The table of all paths: who may, what a request holds, and who answers it. The router, the checks of every body and query,
//! and the OpenAPI document are all made from it, so that none of them can forget one.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::http::{Method, Response};

use crate::platform::Permission;

use super::call::Call;
use super::problem::Problem;

/// What comes of a request.
pub(super) type Answered = Result<Response<Body>, Problem>;

/// One method of one path.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// Who may.
    pub(super) who: Who,
    /// What it does, in a sentence.
    pub(super) does: &'static str,
    pub(super) query: &'static [Field],
    pub(super) takes: Takes,
    pub(super) gives: Gives,
    pub(super) run: fn(Call) -> Pin<Box<dyn Future<Output = Answered> + Send>>,
}

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Everybody, without a pass.
    Anyone,
    /// A visitor, who may also have no pass yet.
    Visitors,
    /// A visitor or a user.
    Part,
    /// The same, or whoever has a token and may step into conversations.
    Look,
    /// A user who is logged in.
    User,
    /// A user whose profile says so, or whoever has a token.
    May(Permission),
    /// A user or whoever has a token; what they may depends on what they want.
    Operator,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    /// None.
    Nothing,
    /// A JSON object of these fields.
    Fields(&'static [Field]),
    /// A text of this type, so many bytes at most.
    Whole(&'static str, usize),
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    /// JSON, with this status.
    Json(u16),
    /// Nothing.
    Nothing,
    /// JSON after a while, or events as they come.
    Events,
    /// Text of this type.
    Text(&'static str),
}

/// A field of a body or query.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) needed: bool,
    pub(super) says: &'static str,
}

/// What a field can hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A text of so many bytes at most.
    Text(usize),
    /// One of these.
    One(&'static [&'static str]),
    /// A whole number between these.
    Number(u64, u64),
    /// True or false. In a query, its name alone is true.
    Flag,
    /// Whole numbers, so many at most.
    Numbers(usize),
    /// Anything in JSON; whoever takes it says what fits.
    Json,
}

pub(super) const fn needed(name: &'static str, form: Form, says: &'static str) -> Field {
    Field { name, form, needed: true, says }
}

pub(super) const fn maybe(name: &'static str, form: Form, says: &'static str) -> Field {
    Field { name, form, needed: false, says }
}

/// What a client calls its command.
pub(super) const ID: Field = maybe(
    "id",
    Form::Text(crate::conversation::NAME_BYTES_MAX),
    "What you call this, so that sending it twice does it once; the header Idempotency-Key says it as well. One of the two is needed.",
);

/// All of them, by the word they are about.
pub(super) fn routes() -> impl Iterator<Item = &'static Route> {
    const WORDS: &[&[Route]] = &[
        super::conversations::ROUTES,
        super::messages::ROUTES,
        super::events::ROUTES,
        super::handing::ROUTES,
        super::login::ROUTES,
        super::me::ROUTES,
        super::account::ROUTES,
        super::skills::ROUTES,
        super::agents::ROUTES,
        super::connectors::ROUTES,
        super::bots::ROUTES,
        super::visitors::ROUTES,
        super::status::ROUTES,
        super::logs::ROUTES,
        super::audit::ROUTES,
        super::openapi::ROUTES,
        super::health::ROUTES,
    ];
    WORDS.iter().copied().flatten()
}
