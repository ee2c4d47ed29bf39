//! What happens in a conversation, turn by turn: as a long poll, or as server-sent events with `Accept: text/event-stream`.
//!
//! Turns are numbered from 1. Whoever says after which one they want to hear more misses nothing and hears nothing twice.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response, StatusCode, header};
use http_body_util::channel::{Channel as Pipe, Sender};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, timeout, timeout_at};

use crate::conversation::{Audience, Author, Channel, Content, Doing, UserId};
use crate::platform::{Account, Caller, Code, Fact, Kind, Permission, Record, RingEnd, Talk};
use crate::server::feed::{Following, News};
use crate::server::hall::Hall;

use super::call::{Call, json};
use super::problem::{Problem, Wrong};
use super::rate::Stream;
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe};
use super::{HEARTBEAT, READER_SECONDS_MAX, WAIT_SECONDS_MAX};

/// Pieces of a stream that wait for who reads it.
const PIECES_WAITING_MAX: usize = 4;

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/conversations/{id}/events",
    who: Who::Look,
    does: "Follow a conversation. With `Accept: text/event-stream` as server-sent events, whose ids are turns; else as a long poll.",
    query: &[
        maybe(
            "after",
            Form::Number(0, u64::MAX),
            "The last turn you know; 0, or what Last-Event-ID says, if nothing is said.",
        ),
        maybe(
            "wait",
            Form::Number(0, WAIT_SECONDS_MAX),
            "For how many seconds to wait for something, as a long poll; 0, if nothing is said.",
        ),
    ],
    takes: Takes::Nothing,
    gives: Gives::Events,
    run: |call| Box::pin(follow(call)),
}];

/// Who reads.
#[derive(Clone)]
pub(super) enum Reader {
    /// The visitor.
    Visitor,
    /// Somebody who works here; whether they may read what they take no part in.
    Staff(UserId, bool),
}

async fn follow(call: Call) -> Answered {
    let conversation = call.seen().await?;
    let reader = match call.caller() {
        Some(Caller::User(login)) => {
            let may = call.doors.hall.account().may(&login.user, Permission::StepIn);
            Reader::Staff(login.user, may)
        }
        Some(Caller::Visitor(_)) => Reader::Visitor,
        _ => Reader::Staff(call.by(), true),
    };
    let after = call.after()?;
    if after > conversation.turn {
        let detail = format!("there is no turn {after} yet: the newest is {}", conversation.turn);
        return Err(Problem::of(Code::NotValid, "after", detail));
    }
    let stream = call.open_stream()?;
    if matches!(reader, Reader::Visitor) && conversation.channel == Channel::Chat && !conversation.is_over() {
        alive(&call).await;
    }
    let hall = call.doors.hall.clone();
    let following = hall.follow(conversation.id);
    if !call.wants_stream() {
        return poll(&call, hall, following, reader, after, stream).await;
    }
    if conversation.is_over() && after == conversation.turn {
        // Browsers ask again after the end of a stream; this tells them that there is no more.
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    }
    let (pipe, body) = piped();
    let chat = conversation.channel == Channel::Chat;
    tokio::spawn(pour(call, hall, following, reader, after, chat, pipe, stream));
    Ok(body)
}

/// The client of a visitor is there.
async fn alive(call: &Call) {
    if let Ok(id) = call.id_or_new() {
        call.talk(id, Talk::Alive).await.ok();
    }
}

async fn poll(
    call: &Call,
    hall: Arc<Hall>,
    mut following: Following,
    reader: Reader,
    mut after: u64,
    _stream: Stream,
) -> Answered {
    let until = Instant::now() + Duration::from_secs(call.number("wait").unwrap_or(0));
    let mut closing = hall.closing();
    // What is there already is read, however short the wait.
    let mut turns = following.now(after).await?;
    loop {
        let account = hall.account();
        after = turns.last().map_or(after, |last| last.turn);
        let events: Vec<Json> = turns.iter().flat_map(|turn| events(&account, &reader, turn)).collect();
        if !events.is_empty() {
            return json(200, &json!({ "events": events, "after": after }));
        }
        let next = tokio::select! {
            next = timeout_at(until, following.after(after)) => next,
            _ = closing.wait_for(|closing| *closing) => return json(200, &json!({ "events": [], "after": after })),
        };
        turns = match next {
            Ok(news) => match news? {
                News::Turns(turns) => turns,
                News::Doing(by, doing) => match done_by(&account, &reader, &by, doing) {
                    Some(event) => return json(200, &json!({ "events": [event], "after": after })),
                    None => Vec::new(),
                },
                News::End => return json(200, &json!({ "events": [], "after": after })),
            },
            Err(_) => return json(200, &json!({ "events": [], "after": after })),
        };
    }
}

#[allow(clippy::too_many_arguments)] // one task's own things, each used once
async fn pour(
    call: Call,
    hall: Arc<Hall>,
    mut following: Following,
    reader: Reader,
    mut after: u64,
    chat: bool,
    mut pipe: Sender<Bytes>,
    _stream: Stream,
) {
    let mut closing = hall.closing();
    loop {
        let news = tokio::select! {
            news = timeout(HEARTBEAT, following.after(after)) => news,
            _ = closing.wait_for(|closing| *closing) => return,
        };
        let account = hall.account();
        let mut piece = String::new();
        let mut over = false;
        match news {
            Err(_) => {
                piece.push_str(": still here\n\n");
                if chat && matches!(reader, Reader::Visitor) {
                    alive(&call).await;
                }
                if call.is_stale() {
                    return;
                }
            }
            Ok(Err(_)) | Ok(Ok(News::End)) => return,
            Ok(Ok(News::Doing(by, doing))) => {
                if let Some(event) = done_by(&account, &reader, &by, doing) {
                    piece = format!("event: doing\ndata: {event}\n\n");
                }
            }
            Ok(Ok(News::Turns(turns))) => {
                for turn in &turns {
                    after = turn.turn;
                    over |= turn.facts.iter().any(|fact| matches!(fact, Fact::Closed { .. }));
                    let events = events(&account, &reader, turn);
                    if !events.is_empty() {
                        piece.push_str(&format!(
                            "id: {after}\nevent: turn\ndata: {}\n\n",
                            Json::Array(events)
                        ));
                    }
                }
                if !reader.still(&call, &turns).await {
                    over = true;
                }
            }
        }
        if !piece.is_empty() && !sent(&mut pipe, piece).await || over {
            return;
        }
    }
}

/// Sends a piece, unless its reader is gone or takes nothing for too long.
pub(super) async fn sent(pipe: &mut Sender<Bytes>, piece: String) -> bool {
    matches!(timeout(READER_SECONDS_MAX, pipe.send_data(piece.into())).await, Ok(Ok(())))
}

/// A stream of events, and where they are put in.
pub(super) fn piped() -> (Sender<Bytes>, Response<Body>) {
    let (pipe, body) = Pipe::<Bytes, std::convert::Infallible>::new(PIECES_WAITING_MAX);
    let mut response = super::call::typed(200, "text/event-stream", Body::new(body));
    // A proxy that gathers would keep events to itself.
    let direct = header::HeaderValue::from_static("no");
    response.headers_mut().insert(header::HeaderName::from_static("x-accel-buffering"), direct);
    (pipe, response)
}

impl Reader {
    /// Whether somebody who works here may still read it, after these turns.
    async fn still(&self, call: &Call, turns: &[Arc<Record>]) -> bool {
        let Reader::Staff(_, false) = self else { return true };
        let place = |fact: &Fact| {
            matches!(fact, Fact::Queued { .. } | Fact::Seated { .. } | Fact::Left(_) | Fact::RingEnded { .. })
        };
        !turns.iter().any(|turn| turn.facts.iter().any(place)) || call.seen().await.is_ok()
    }
}

impl Call {
    /// The turn after which somebody wants to hear more.
    pub(super) fn after(&self) -> Result<u64, Problem> {
        let last = self
            .headers
            .get("last-event-id")
            .map(|last| last.to_str().ok().and_then(|last| last.parse().ok()));
        match (self.number("after"), last) {
            (_, Some(Some(last))) => Ok(last),
            (after, None) => Ok(after.unwrap_or(0)),
            (_, Some(None)) => {
                let detail = "the header Last-Event-ID has to be the id of an event of this stream";
                Err(Problem::new(Wrong::BadHeader, "Last-Event-ID", detail))
            }
        }
    }

    /// Whether a browser or its like wants events as they come.
    pub(super) fn wants_stream(&self) -> bool {
        let accept = self.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/event-stream"))
    }

    /// Counts a poll or stream.
    pub(super) fn open_stream(&self) -> Result<Stream, Problem> {
        self.doors
            .rate
            .open(self.address, self.doors.hall.now())
            .map_err(|detail| Problem::new(Wrong::TooFast, "", detail).header(header::RETRY_AFTER, "5"))
    }

    /// Whether the login of who follows has ended meanwhile.
    pub(super) fn is_stale(&self) -> bool {
        let stale = |login: &crate::platform::Login| {
            if self.doors.hall.is_newest(login) {
                self.doors.hall.tell(
                    Caller::User(login.clone()),
                    "alive".into(),
                    crate::platform::Ask::Alive,
                );
                return false;
            }
            true
        };
        self.login().is_ok_and(stale)
    }
}

/// What of a turn somebody may read.
pub(super) fn events(account: &Account, reader: &Reader, record: &Record) -> Vec<Json> {
    let staff = matches!(reader, Reader::Staff(..));
    let event = |fact: &Fact| {
        let event = match fact {
            Fact::Said { audience: Audience::Staff, .. } if !staff => return None,
            Fact::Said { dialog, sequence, by, audience, content } => {
                let mut event = json!({
                    "type": "said", "sequence": sequence, "by": author(account, staff, by), "text": text(content),
                });
                if !matches!(content, Content::Message(crate::conversation::Message::Text(_))) {
                    event["content"] = json!(content);
                }
                if *audience == Audience::Staff {
                    event["audience"] = json!(audience);
                }
                if *dialog > 0 {
                    event["dialog"] = json!(dialog);
                }
                event
            }
            Fact::Received { sequence, by, status, of, .. } => {
                json!({ "type": status, "sequence": sequence, "by": author(account, staff, by), "of": of })
            }
            Fact::Queued { skill, why, .. } if staff => {
                json!({ "type": "waits", "skill": skill, "why": why })
            }
            Fact::Queued { .. } => json!({ "type": "waits" }),
            Fact::Seated { user, .. } => {
                json!({ "type": "held", "by": author(account, staff, &Author::User(user.clone())) })
            }
            Fact::Rang { ring, user, until } if staff => {
                json!({ "type": "rings", "ring": ring, "user": user, "until": until })
            }
            Fact::RingEnded { ring, how, .. } if staff => {
                let how = match how {
                    RingEnd::Rejected => "rejected",
                    RingEnd::Expired => "expired",
                    RingEnd::Withdrawn => "withdrawn",
                };
                json!({ "type": "ring ended", "ring": ring, "how": how })
            }
            Fact::Joined(who) if staff => json!({ "type": "joined", "user": who.user, "role": who.role }),
            Fact::Left(user) if staff => json!({ "type": "left", "user": user }),
            Fact::DueAt(at) if staff => json!({ "type": "due", "due at": at }),
            Fact::Overdue if staff => json!({ "type": "overdue" }),
            Fact::DialogOpened => json!({ "type": "survey" }),
            Fact::Rated { stars } => json!({ "type": "rated", "stars": stars }),
            Fact::Closed { by, reason } => {
                json!({ "type": "closed", "by": author(account, staff, by), "reason": reason })
            }
            _ => return None,
        };
        Some(event)
    };
    let mut events: Vec<Json> = record.facts.iter().filter_map(event).collect();
    for event in &mut events {
        event["turn"] = record.turn.into();
        event["at"] = json!(record.at);
    }
    events
}

fn done_by(account: &Account, reader: &Reader, by: &Author, doing: Doing) -> Option<Json> {
    let own = match (reader, by) {
        (Reader::Visitor, Author::Visitor) => true,
        (Reader::Staff(own, _), Author::User(user)) => own == user,
        _ => false,
    };
    let by = author(account, matches!(reader, Reader::Staff(..)), by);
    (!own).then(|| json!({ "type": "doing", "by": by, "doing": doing }))
}

/// Who did something: visitors read what they may know of whoever works here.
fn author(account: &Account, staff: bool, by: &Author) -> Json {
    match by {
        Author::Visitor => json!({ "role": "visitor" }),
        Author::House => json!({ "role": "house" }),
        Author::User(user) => {
            let mut shown = shown(account, user);
            if staff {
                shown["user"] = json!(user);
            }
            shown
        }
    }
}

/// What visitors see of somebody who works here.
pub(super) fn shown(account: &Account, user: &UserId) -> Json {
    let known = account.users.get(user);
    let is_bot = known.is_some_and(|known| known.kind == Kind::Bot) || account.connector_of(user).is_some();
    let mut shown = json!({ "role": if is_bot { "bot" } else { "agent" } });
    if let Some(known) = known {
        if !known.nickname.is_empty() {
            shown["name"] = known.nickname.as_str().into();
        }
        if !known.avatar.is_empty() {
            shown["avatar"] = known.avatar.as_str().into();
        }
    }
    shown
}

/// What is said, as plain text.
fn text(content: &Content) -> String {
    match content {
        Content::Message(message) => message.to_text(),
        Content::Chosen { label, .. } => label.clone(),
        Content::File(file) => file.member("name").to_string(),
        Content::Rich(_) => String::new(),
    }
}
