//! What concerns whoever is logged in: whether they take conversations, what rings at them, what they have, and what waits.
//!
//! Their feed says how things stand, not what has changed: so whoever comes late, or reads slowly, misses nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::conversation::{Availability, ConversationId, SkillId};
use crate::platform::{Ask, Caller, Permission};

use super::call::{Call, done, json};
use super::conversations::summary;
use super::events::{piped, sent};
use super::problem::Problem;
use super::route::{Answered, Form, Gives, Route, Takes, Who, maybe, needed};
use super::{HEARTBEAT, WAIT_SECONDS_MAX};

/// How often somebody who follows is told at most what waits for others as well: it changes with every visitor.
const QUEUE_EVERY: Duration = Duration::from_secs(1);

const AVAILABILITIES: &[&str] = &["online", "occupied", "back_soon", "away"];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/me",
        who: Who::User,
        does: "See what rings at you, what you have, and what waits for your skills.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(me(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/me/events",
        who: Who::User,
        does: "The same whenever it is otherwise: with `Accept: text/event-stream` as server-sent events, else as a long poll.",
        query: &[
            maybe("revision", Form::Text(64), "The revision you know."),
            maybe(
                "wait",
                Form::Number(0, WAIT_SECONDS_MAX),
                "For how many seconds to wait for another one; 0, if nothing is said.",
            ),
        ],
        takes: Takes::Nothing,
        gives: Gives::Events,
        run: |call| Box::pin(follow(call)),
    },
    Route {
        method: Method::PUT,
        path: "/api/v1/me/availability",
        who: Who::User,
        does: "Say whether you take conversations.",
        query: &[],
        takes: Takes::Fields(&[needed(
            "availability",
            Form::One(AVAILABILITIES),
            "New ones and those handed over (online), only those (occupied), or none.",
        )]),
        gives: Gives::Nothing,
        run: |call| Box::pin(be(call)),
    },
    Route {
        method: Method::POST,
        path: "/api/v1/me/alive",
        who: Who::User,
        does: "Show that you are there. Every other request and every open stream shows it as well.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Nothing,
        run: |call| Box::pin(alive(call)),
    },
];

async fn be(call: Call) -> Answered {
    call.needs(Permission::HaveConversations)?;
    let availability = match call.text("availability") {
        Some("online") => Availability::Online,
        Some("occupied") => Availability::Occupied,
        Some("back_soon") => Availability::BackSoon,
        _ => Availability::Away,
    };
    let caller = Caller::User(call.login()?.clone());
    call.doors.hall.ask(caller, call.id_or_new()?, Ask::Be(availability)).await?;
    done()
}

async fn alive(call: Call) -> Answered {
    let caller = Caller::User(call.login()?.clone());
    call.doors.hall.ask(caller, call.id_or_new()?, Ask::Alive).await?;
    done()
}

async fn me(call: Call) -> Answered {
    json(200, &picture(&call, &revision(&call)?).await?)
}

async fn follow(call: Call) -> Answered {
    let stream = call.open_stream()?;
    let user = call.login()?.user.clone();
    let hall = call.doors.hall.clone();
    let (mut own, mut floor, mut closing) = (hall.follow_user(&user), hall.follow_floor(), hall.closing());
    if !call.wants_stream() {
        let _stream = stream;
        if call.text("revision") == Some(&revision(&call)?) {
            let until = Instant::now() + Duration::from_secs(call.number("wait").unwrap_or(0));
            tokio::select! {
                _ = timeout_at(until, own.changed()) => {}
                _ = timeout_at(until, floor.changed()) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        }
        return me(call).await;
    }
    let (mut pipe, body) = piped();
    tokio::spawn(async move {
        let _stream = stream;
        let mut told: Option<(Json, Instant)> = None;
        loop {
            own.mark_unchanged();
            floor.mark_unchanged();
            let piece = match revision(&call) {
                Ok(revision) => picture(&call, &revision).await.map(|picture| (revision, picture)),
                Err(problem) => Err(problem),
            };
            let Ok((revision, mut now)) = piece else { return };
            // A revision alone is nothing new.
            now["revision"] = Json::Null;
            let piece = match &told {
                Some((before, _)) if *before == now => ": still here\n\n".to_string(),
                _ => {
                    let mut shown = now.clone();
                    shown["revision"] = revision.as_str().into();
                    format!("id: {revision}\nevent: me\ndata: {shown}\n\n")
                }
            };
            if call.is_stale() || !sent(&mut pipe, piece).await {
                return;
            }
            let at = Instant::now();
            told = Some((now, at));
            tokio::select! {
                _ = own.changed() => {}
                _ = async { sleep_until(at + QUEUE_EVERY).await; floor.changed().await.ok() } => {}
                _ = sleep_until(at + HEARTBEAT) => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
        }
    });
    Ok(body)
}

/// A text that is another one as soon as anything is otherwise, also after a new start of the house.
fn revision(call: &Call) -> Result<String, Problem> {
    let hall = &call.doors.hall;
    let (own, floor) = (*hall.follow_user(&call.login()?.user).borrow(), *hall.follow_floor().borrow());
    Ok(format!("{:x}-{own}-{floor}", hall.run()))
}

/// How things stand for whoever is logged in.
async fn picture(call: &Call, revision: &str) -> Result<Json, Problem> {
    let login = call.login()?.clone();
    let hall = &call.doors.hall;
    let account = hall.account();
    let own = account.users.get(&login.user);
    let skills = own.map(|own| own.skills.clone()).unwrap_or_default();
    let user = login.user.clone();
    let (ids, waiting) = hall
        .look(move |platform| {
            let floor = platform.floor();
            let waiting: BTreeMap<SkillId, usize> =
                skills.into_iter().map(|skill| (skill.clone(), floor.waiting_for(&skill))).collect();
            (floor.all_of(&user), waiting)
        })
        .await?;
    let (mut rings, mut held) = (Vec::new(), Vec::new());
    for conversation in hall.conversations(&ids).await? {
        let ring = conversation.queue().and_then(|queue| queue.ring.as_ref());
        match ring.filter(|ring| ring.user == login.user) {
            Some(ring) => {
                let (number, until) = (ring.number, ring.until);
                let mut ring = summary(&conversation);
                (ring["ring"], ring["until"]) = (number.into(), json!(until));
                rings.push(ring);
            }
            None if conversation.has(&login.user) => held.push(summary(&conversation)),
            None => {} // it went on since
        }
    }
    Ok(json!({
        "user": login.user,
        "name": own.map(|own| own.name.as_str()),
        "profile": own.map(|own| own.profile.as_str()),
        "availability": hall.availability(&login.user),
        "now": hall.now(),
        "rings": rings,
        "conversations": held,
        "waiting": waiting,
        "revision": revision,
    }))
}

impl crate::server::Hall {
    /// Conversations as they stand; those that are gone are left out.
    async fn conversations(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<crate::platform::Conversation>, crate::store::Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| self.key("conversation", &id.to_string())).collect();
        self.read(move |store| {
            let mut read = Vec::new();
            for key in &keys {
                let kept = store.newest(key)?;
                read.extend(kept.and_then(|kept| serde_json::from_slice(&kept.image).ok()));
            }
            Ok(read)
        })
        .await
    }
}
