//! Who has a conversation: rings are accepted or rejected, conversations are taken, given away, joined and left.

use axum::http::Method;

use crate::conversation::{Due, Role, SkillId, Span, UserId};
use crate::platform::limits::{DUE_MAX, DUE_MIN};
use crate::platform::{Code, Permission, Talk, To};

use super::call::{Call, done};
use super::problem::Problem;
use super::route::{Answered, Field, Form, Gives, ID, Route, Takes, Who, maybe, needed};

const RING: Field = needed("ring", Form::Number(1, u64::MAX), "Which ring of this conversation.");
const ROLES: &[&str] = &["manager", "reader"];
const DUES: &[&str] = &["urgent", "normal", "prioritized"];
const SECONDS: Form = Form::Number(DUE_MIN.0 / 1_000, DUE_MAX.0 / 1_000);

/// A path under a conversation that a user calls to change who has it.
const fn change(
    path: &'static str,
    does: &'static str,
    fields: &'static [Field],
    run: fn(Call) -> std::pin::Pin<Box<dyn Future<Output = Answered> + Send>>,
) -> Route {
    let (method, takes) = (Method::POST, Takes::Fields(fields));
    Route { method, path, who: Who::User, does, query: &[], takes, gives: Gives::Nothing, run }
}

pub(super) const ROUTES: &[Route] = &[
    change("/api/v1/conversations/{id}/accept", "Take what rings at you.", &[ID, RING], |call| {
        Box::pin(has(call, |call| Ok(Talk::Accept { ring: call.number("ring").unwrap_or_default() })))
    }),
    change("/api/v1/conversations/{id}/reject", "Let it ring elsewhere.", &[ID, RING], |call| {
        Box::pin(does(call, |call| Ok(Talk::Reject { ring: call.number("ring").unwrap_or_default() })))
    }),
    change("/api/v1/conversations/{id}/take", "Take it out of the queue.", &[ID], |call| {
        Box::pin(has(call, |_| Ok(Talk::Take)))
    }),
    change(
        "/api/v1/conversations/{id}/transfer",
        "Give it to a skill, to a user, or back to the queue if neither is named.",
        &[
            ID,
            maybe(
                "skill",
                Form::Text(128),
                "To anybody with this skill; for a user, where it goes if they do not take it.",
            ),
            maybe("user", Form::Text(128), "To this user first."),
        ],
        |call| Box::pin(does(call, transfer)),
    ),
    change(
        "/api/v1/conversations/{id}/join",
        "Take part beside who has it.",
        &[ID, needed("role", Form::One(ROLES), "As what.")],
        |call| {
            Box::pin(does(call, |call| {
                Ok(Talk::Join(if call.text("role") == Some("reader") { Role::Reader } else { Role::Manager }))
            }))
        },
    ),
    change("/api/v1/conversations/{id}/leave", "Take no part any more.", &[ID], |call| {
        Box::pin(does(call, |_| Ok(Talk::Leave)))
    }),
    change(
        "/api/v1/conversations/{id}/due",
        "Say how soon an answer is due.",
        &[
            ID,
            maybe("due", Form::One(DUES), "In the words of its skill."),
            maybe("within", SECONDS, "In seconds, instead."),
        ],
        |call| Box::pin(does(call, due)),
    ),
];

/// Does something in the conversation of the path.
async fn does(call: Call, talk: fn(&Call) -> Result<Talk, Problem>) -> Answered {
    let talk = talk(&call)?;
    call.talk(call.id()?, talk).await?;
    done()
}

/// The same for those who may have conversations.
async fn has(call: Call, talk: fn(&Call) -> Result<Talk, Problem>) -> Answered {
    call.needs(Permission::HaveConversations)?;
    does(call, talk).await
}

fn transfer(call: &Call) -> Result<Talk, Problem> {
    Ok(Talk::Transfer(match (call.text("user"), call.text("skill")) {
        (None, None) => To::Queue,
        (None, Some(skill)) => To::Skill(SkillId::from(skill)),
        (Some(user), Some(skill)) => To::User(UserId::from(user), SkillId::from(skill)),
        (Some(_), None) => {
            let detail = "say which `skill` it goes to if the user does not take it";
            return Err(Problem::of(Code::NotValid, "skill", detail));
        }
    }))
}

fn due(call: &Call) -> Result<Talk, Problem> {
    Ok(Talk::SetDue(match (call.text("due"), call.number("within")) {
        (None, Some(seconds)) => Due::Within(Span(seconds * 1_000)),
        (Some("urgent"), None) => Due::Urgent,
        (Some("prioritized"), None) => Due::Prioritized,
        (Some(_), None) => Due::Normal,
        _ => return Err(Problem::of(Code::NotValid, "due", "say either `due` or `within`")),
    }))
}
