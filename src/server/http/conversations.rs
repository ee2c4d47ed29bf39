//! Conversations: a visitor begins one, and whoever may look sees which there are and how each stands.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, header};
use serde_json::{Value as Json, json};

use crate::conversation::{Channel, ConversationId, SkillId, UserId, Value};
use crate::platform::limits::CONTEXT_BYTES_MAX;
use crate::platform::{Account, Ask, Caller, Code, Conversation, Engagement, Permission, Place};
use crate::server::pass::{Bearer, VISITOR_PASS, made_at_random, unguessable};
use crate::store::{Key, Which};

use super::call::{Call, json};
use super::guard::{self, Origin};
use super::problem::Problem;
use super::route::{Answered, Field, Form, Gives, Route, Takes, Who, maybe};

/// Conversations that a list gives at once.
const LIST_MAX: u64 = 200;
/// Conversations that are looked at for one list; where more there are, it says where to go on.
const LOOKED_AT_MAX: usize = 4_000;
const PAGE: usize = 256;

const CHANNELS: &[&str] = &["chat", "messaging"];
const STATES: &[&str] = &["open", "over"];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v1/conversations",
        who: Who::Visitors,
        does: "Begin a conversation, as a new visitor or as the one of the pass. The answer has the pass to go on with.",
        query: &[],
        takes: Takes::Fields(&[
            maybe(
                "id",
                Form::Text(64),
                "A UUID that you make at random and keep to yourself: the same one again begins nothing new and gives the pass once more.",
            ),
            maybe(
                "engagement",
                Form::Text(512),
                "Through which engagement the visitor comes, as `Engagement` or `Campaign/Engagement`; if neither it nor `skill` is said, the only one there is.",
            ),
            maybe("skill", Form::Text(128), "What the visitor needs, where there is no engagement."),
            maybe(
                "channel",
                Form::One(CHANNELS),
                "The conversation type; messaging, or what the engagement says.",
            ),
            maybe(
                "context",
                Form::Json,
                "What is known of the visitor and of where they come from: an object.",
            ),
        ]),
        gives: Gives::Json(201),
        run: |call| Box::pin(begin(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/conversations",
        who: Who::May(Permission::StepIn),
        does: "List conversations: the open ones, or those that are over.",
        query: &[
            maybe("state", Form::One(STATES), "Open ones, or those that are over; open, if nothing is said."),
            maybe("skill", Form::Text(128), "Only those of this skill."),
            maybe("user", Form::Text(128), "Only those that this user takes part in."),
            maybe("visitor", Form::Text(128), "Only those of this visitor."),
            maybe("limit", Form::Number(1, LIST_MAX), "How many at once; 50, if nothing is said."),
            maybe("next", Form::Text(64), "Where to go on: what the list before said."),
        ],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(list(call)),
    },
    Route {
        method: Method::GET,
        path: "/api/v1/conversations/{id}",
        who: Who::Look,
        does: "See how a conversation stands.",
        query: &[],
        takes: Takes::Nothing,
        gives: Gives::Json(200),
        run: |call| Box::pin(one(call)),
    },
];

/// The field a conversation's skill or engagement stands in, for refusals.
const COMES_IN: Field = maybe("engagement", Form::Text(512), "");

async fn begin(call: Call) -> Answered {
    let account = call.doors.hall.account();
    let engagement = match (call.text("engagement"), call.text("skill")) {
        (Some(name), _) => Some(engagement(&account, name)?),
        (None, Some(_)) => None,
        (None, None) => only_engagement(&account),
    };
    let (skill, channel, origins) = match (&engagement, call.text("skill")) {
        (Some((_, _, own)), None) => (own.skill.clone(), own.channel, own.origins.as_slice()),
        (None, Some(skill)) => (SkillId::from(skill), Channel::Messaging, &[][..]),
        _ => {
            let detail = "say either which `engagement` the visitor comes through or which `skill` they need";
            return Err(Problem::of(Code::NotValid, COMES_IN.name, detail));
        }
    };
    let channel = match (call.text("channel"), &engagement) {
        (Some(said), Some(_)) if (said == "chat") != (channel == Channel::Chat) => {
            let detail = "the engagement says which conversation type it begins: leave `channel` out";
            return Err(Problem::of(Code::NotValid, "channel", detail));
        }
        (Some("chat"), _) => Channel::Chat,
        _ => channel,
    };
    // A site begins what an engagement of its own begins, and nothing else.
    if let Origin::Site(site) = guard::check(&call.headers, &call.doors.manner.names, &account)?
        && !origins.iter().any(|allowed| guard::same(allowed, &site))
    {
        let detail = "this engagement may not stand on the site of the header Origin";
        return Err(Problem::of(Code::NotAllowed, COMES_IN.name, detail));
    }
    let context = context(&call, engagement.as_ref().map(|(campaign, name, own)| (*campaign, *name, *own)))?;
    let name = match call.text("id") {
        Some(id) => made_at_random(id).ok_or_else(|| {
            let detail = "`id` has to be a UUID of version 4 or 7, made at random: it is as good as the pass";
            Problem::of(Code::NotValid, "id", detail)
        })?,
        None => unguessable()?,
    };
    let passes = &call.doors.passes;
    let (visitor, conversation) = match call.caller() {
        Some(Caller::Visitor(visitor)) => (visitor.clone(), passes.begun_again(&visitor, name)),
        _ => passes.begun_by(name),
    };
    let ask = Ask::Begin { conversation, channel, skill, context };
    let hall = &call.doors.hall;
    hall.ask(Caller::Visitor(visitor.clone()), "begin".into(), ask).await?;
    let until = hall.now().after(VISITOR_PASS);
    let body = json!({
        "conversation": conversation,
        "visitor": visitor,
        "token": passes.give(&Bearer::Visitor(visitor.clone()), until),
        "until": until,
    });
    let mut response = json(201, &body)?;
    if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/conversations/{conversation}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// All engagements, with their campaigns and names.
fn engagements(account: &Account) -> impl Iterator<Item = (&str, &str, &Engagement)> {
    account.campaigns.iter().flat_map(|(campaign, own)| {
        own.engagements.iter().map(move |(name, engagement)| (campaign.as_str(), name.as_str(), engagement))
    })
}

/// The engagement of an account that has one.
fn only_engagement(account: &Account) -> Option<(&str, &str, &Engagement)> {
    let mut all = engagements(account);
    all.next().filter(|_| all.next().is_none())
}

/// The engagement of a name, with its campaign's.
fn engagement<'a>(account: &'a Account, named: &str) -> Result<(&'a str, &'a str, &'a Engagement), Problem> {
    let is_it = |campaign: &str, name: &str| {
        name == named || named.strip_prefix(campaign).and_then(|rest| rest.strip_prefix('/')) == Some(name)
    };
    let mut found = engagements(account).filter(|(campaign, name, _)| is_it(campaign, name));
    let wrong = |detail| Problem::of(Code::NotValid, COMES_IN.name, detail);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            Err(wrong("several campaigns have such an engagement: say `Campaign/Engagement`"))
        }
        (None, _) => Err(wrong("there is no such engagement")),
    }
}

/// What is known of the visitor, with the way they came in.
fn context(call: &Call, engagement: Option<(&str, &str, &Engagement)>) -> Result<Value, Problem> {
    let mut context = match call.value("context") {
        None => serde_json::Map::new(),
        Some(Json::Object(context)) => context.clone(),
        Some(_) => return Err(Problem::of(Code::NotValid, "context", "`context` has to be a JSON object")),
    };
    let bytes = Json::Object(context.clone()).to_string().len();
    if bytes > CONTEXT_BYTES_MAX {
        let detail = format!("`context` has {bytes} bytes, and at most {CONTEXT_BYTES_MAX} are taken");
        return Err(Problem::of(Code::TooLarge, "context", detail));
    }
    // How they came in, and what we know ourselves, is what we say of it.
    for name in ["campaign", "engagement", "language", "id", "channel", "skill", "remembered"] {
        context.remove(name);
    }
    if let Some((campaign, name, engagement)) = engagement {
        context.insert("campaign".into(), campaign.into());
        context.insert("engagement".into(), name.into());
        context.insert("language".into(), engagement.language.as_str().into());
    }
    Ok(if context.is_empty() { Value::Nothing } else { Json::Object(context).into() })
}

async fn list(call: Call) -> Answered {
    let which = if call.text("state") == Some("over") { Which::AtRest } else { Which::Live };
    let limit = call.number("limit").unwrap_or(50) as usize;
    let after = match call.text("next") {
        Some(next) => {
            let id: ConversationId =
                next.parse().map_err(|_| Problem::of(Code::NotValid, "next", "no list has said this"))?;
            Some(call.doors.hall.key("conversation", &id.to_string()))
        }
        None => None,
    };
    let (skill, user, visitor) = (owned(&call, "skill"), owned(&call, "user"), owned(&call, "visitor"));
    let wanted = move |conversation: &Conversation| {
        let is = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        is(&skill, conversation.skill.as_str())
            && is(&visitor, conversation.visitor.as_str())
            && user.as_deref().is_none_or(|user| conversation.has(&UserId::from(user)))
    };
    let prefix = format!("{}/", Key::of(&["conversation", &call.doors.hall.account().name]));
    let (found, next) = call
        .doors
        .hall
        .read(move |store| {
            let (mut found, mut after, mut looked_at) = (Vec::new(), after, 0);
            loop {
                let page = store.list(&prefix, which, after.as_ref(), PAGE)?;
                if page.is_empty() {
                    return Ok((found, None));
                }
                for (key, kept) in page {
                    if found.len() == limit || looked_at == LOOKED_AT_MAX {
                        let next = after.as_ref().and_then(|after: &Key| after.words().nth(2));
                        return Ok((found, next));
                    }
                    looked_at += 1;
                    // What cannot be read is no reason not to show the others.
                    let read = serde_json::from_slice::<Conversation>(&kept.image).ok();
                    found.extend(read.filter(|conversation| wanted(conversation)));
                    after = Some(key);
                }
            }
        })
        .await?;
    let found: Vec<Json> = found.iter().map(summary).collect();
    json(200, &json!({ "conversations": found, "next": next }))
}

fn owned(call: &Call, name: &str) -> Option<String> {
    call.text(name).map(str::to_string)
}

async fn one(call: Call) -> Answered {
    let conversation = call.seen().await?;
    let hall = &call.doors.hall;
    let id = conversation.id;
    let behind = hall.look(move |platform| platform.floor().waits_behind(id)).await?;
    let mut body = match call.caller() {
        Some(Caller::Visitor(_)) => for_visitor(&conversation, &hall.account()),
        _ => summary(&conversation),
    };
    if let Some(behind) = behind {
        body["waits behind"] = behind.into();
    }
    let response: Response<Body> = json(200, &body)?;
    Ok(response)
}

impl Call {
    /// The conversation of the path, if whoever asks may see it.
    pub(super) async fn seen(&self) -> Result<Conversation, Problem> {
        let id = self.conversation()?;
        let hall = &self.doors.hall;
        let unknown = || {
            Problem::of(Code::UnknownConversation, "conversation", format!("there is no conversation {id}"))
        };
        let conversation = hall.conversation(id).await?.ok_or_else(unknown)?;
        match self.caller() {
            Some(Caller::Visitor(visitor)) if visitor == conversation.visitor => Ok(conversation),
            Some(Caller::User(login)) => {
                let rings = conversation.queue().and_then(|queue| queue.ring.as_ref());
                let part = conversation.has(&login.user) || rings.is_some_and(|ring| ring.user == login.user);
                if !part && !hall.account().may(&login.user, Permission::StepIn) {
                    let detail = format!("{} takes no part in it", login.user);
                    return Err(Problem::of(Code::NotAParticipant, "conversation", detail));
                }
                Ok(conversation)
            }
            // A token of whoever may look.
            None if self.needs(Permission::StepIn).is_ok() => Ok(conversation),
            // Others are told no more than of one that is not there.
            _ => Err(unknown()),
        }
    }
}

/// How a conversation stands, for those who work here.
pub(super) fn summary(conversation: &Conversation) -> Json {
    let (state, who) = match &conversation.place {
        Place::Queue(queue) => match &queue.ring {
            Some(ring) => ("rings", json!({ "user": ring.user, "ring": ring.number, "until": ring.until })),
            None => ("waits", json!({ "since": queue.since, "transferred": queue.transferred })),
        },
        Place::Seat(seat) => ("held", json!({ "user": seat.user, "connector": seat.connector })),
        Place::Over { by, reason } => ("over", json!({ "by": by, "reason": reason })),
    };
    json!({
        "conversation": conversation.id,
        "visitor": conversation.visitor,
        "channel": conversation.channel,
        "skill": conversation.skill,
        "began": conversation.began,
        "turn": conversation.turn,
        "at": conversation.at,
        "state": state,
        state: who,
        "others": conversation.others,
        "due": conversation.due,
        "due at": conversation.due_at,
        "overdue": conversation.overdue,
        "stars": conversation.stars,
        "bot": conversation.bot.as_ref().map(|held| json!({ "bot": held.bot, "version": held.version })),
        "last said": conversation.last_said,
        "context": conversation.context,
    })
}

/// The same for the visitor: whom they talk to, and nothing of how the house works.
fn for_visitor(conversation: &Conversation, account: &Account) -> Json {
    let state = match &conversation.place {
        Place::Queue(_) => "waits",
        Place::Seat(_) => "held",
        Place::Over { .. } => "over",
    };
    json!({
        "conversation": conversation.id,
        "channel": conversation.channel,
        "began": conversation.began,
        "turn": conversation.turn,
        "state": state,
        "with": conversation.seat().map(|seat| super::events::shown(account, &seat.user)),
        "stars": conversation.stars,
    })
}
