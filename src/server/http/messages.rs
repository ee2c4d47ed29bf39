//! What is said and done in a conversation: messages, receipts, what somebody is doing, how it was, and its end.

use axum::http::Method;
use serde_json::json;

use crate::conversation::{Audience, Content, Doing, Receipt};
use crate::platform::limits::{CONTENT_BYTES_MAX, RECEIPT_MESSAGES_MAX};
use crate::platform::{Answer, Caller, Code, Talk};

use super::call::{Call, done, json};
use super::problem::Problem;
use super::route::{Answered, Form, Gives, ID, Route, Takes, Who, maybe, needed};

const AUDIENCES: &[&str] = &["all", "staff"];
const RECEIPTS: &[&str] = &["accepted", "read", "used"];
const DOINGS: &[&str] = &["active", "inactive", "composing", "paused", "gone"];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v1/conversations/{id}/messages",
        who: Who::Part,
        does: "Say something. It is durable when the answer comes, and a bot has answered by then.",
        query: &[],
        takes: Takes::Fields(&[
            ID,
            maybe("text", Form::Text(CONTENT_BYTES_MAX), "Words."),
            maybe(
                "content",
                Form::Json,
                "Anything else: `{\"chosen\": {\"label\": …, \"payload\": …}}`, `{\"message\": {\"image\": …}}`, `{\"file\": …}`, `{\"rich\": …}`.",
            ),
            maybe("audience", Form::One(AUDIENCES), "Who may read it: all, or only those who work here."),
        ]),
        gives: Gives::Json(201),
        run: |call| Box::pin(say(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/conversations/{id}/receipts",
        who: Who::Part,
        does: "Say that messages have arrived, were read, or a button of them was used.",
        query: &[],
        takes: Takes::Fields(&[
            ID,
            needed("status", Form::One(RECEIPTS), "What was done with them."),
            needed("of", Form::Numbers(RECEIPT_MESSAGES_MAX), "Their sequences."),
        ]),
        gives: Gives::Json(201),
        run: |call| Box::pin(receive(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/conversations/{id}/doing",
        who: Who::Part,
        does: "Show the others what you are doing. It is passed on and not kept.",
        query: &[],
        takes: Takes::Fields(&[needed("doing", Form::One(DOINGS), "What.")]),
        gives: Gives::Nothing,
        run: |call| Box::pin(doing(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/conversations/{id}/rating",
        who: Who::Part,
        does: "Say how it was, as the visitor.",
        query: &[],
        takes: Takes::Fields(&[ID, needed("stars", Form::Number(1, 5), "From 1 to 5.")]),
        gives: Gives::Nothing,
        run: |call| Box::pin(rate(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/conversations/{id}/close",
        who: Who::Part,
        does: "End the conversation.",
        query: &[],
        takes: Takes::Fields(&[
            ID,
            maybe("survey", Form::Flag, "Whether the visitor may be asked how it was."),
        ]),
        gives: Gives::Nothing,
        run: |call| Box::pin(close(call)),
    },
];

async fn say(call: Call) -> Answered {
    let id = call.id()?;
    let content = match (call.text("text"), call.value("content")) {
        (Some(text), None) if text.trim().is_empty() => {
            return Err(Problem::of(Code::NotValid, "text", "a message says something"));
        }
        (Some(text), None) => Content::text(text),
        (None, Some(content)) => content_of(&call, content)?,
        _ => return Err(Problem::of(Code::NotValid, "text", "say either `text` or `content`")),
    };
    let audience = if call.text("audience") == Some("staff") { Audience::Staff } else { Audience::All };
    numbered(call.talk(id, Talk::Say { content, audience }).await?)
}

fn content_of(call: &Call, content: &serde_json::Value) -> Result<Content, Problem> {
    let content: Content = serde_json::from_value(content.clone()).map_err(|_| {
        let detail =
            "`content` has to be one of `message`, `chosen`, `file` and `rich`, with what belongs to it";
        Problem::of(Code::NotValid, "content", detail)
    })?;
    // Cards and choices are what bots and people here show.
    let from_visitor = matches!(call.caller(), Some(Caller::Visitor(_)));
    let shows = matches!(&content, Content::Message(message) if !matches!(message, crate::conversation::Message::Text(_)));
    if from_visitor && shows {
        return Err(Problem::of(
            Code::NotAllowed,
            "content",
            "a visitor says text, a choice, a file or something rich",
        ));
    }
    Ok(content)
}

async fn receive(call: Call) -> Answered {
    let status = match call.text("status") {
        Some("accepted") => Receipt::Accepted,
        Some("used") => Receipt::Used,
        _ => Receipt::Read,
    };
    numbered(call.talk(call.id()?, Talk::Receive { status, of: call.numbers("of") }).await?)
}

fn numbered(answer: Answer) -> Answered {
    match answer {
        Answer::Sequence(sequence) => json(201, &json!({ "sequence": sequence })),
        _ => json(201, &json!({})),
    }
}

async fn doing(call: Call) -> Answered {
    let doing = match call.text("doing") {
        Some("inactive") => Doing::Inactive,
        Some("composing") => Doing::Composing,
        Some("paused") => Doing::Paused,
        Some("gone") => Doing::Gone,
        _ => Doing::Active,
    };
    call.talk(call.id_or_new()?, Talk::Do(doing)).await?;
    done()
}

async fn rate(call: Call) -> Answered {
    let stars = call.number("stars").and_then(|stars| u8::try_from(stars).ok()).unwrap_or_default();
    call.talk(call.id()?, Talk::Rate(stars)).await?;
    done()
}

async fn close(call: Call) -> Answered {
    call.talk(call.id()?, Talk::Close { survey: call.flag("survey") }).await?;
    done()
}
