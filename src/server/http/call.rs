//! One request, read as the table of routes says: who asks, and what for. What does not fit is refused before anybody acts.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::conversation::{CommandId, ConversationId, UserId};
use crate::platform::{Answer, Ask, Caller, Code, Login, Permission, Talk};
use crate::server::pass::Bearer;

use super::doors::Doors;
use super::problem::{Problem, Wrong};
use super::rate::Address;
use super::route::{Field, Form, Route, Takes, Who};
use super::{BODY_BYTES_MAX, BODY_SECONDS_MAX, QUERY_BYTES_MAX};

/// A request that fits its route, by somebody who may make it.
pub(super) struct Call {
    pub(super) doors: Arc<Doors>,
    pub(super) headers: HeaderMap,
    pub(super) address: Address,
    who: Asker,
    path: Vec<(String, String)>,
    query: Map<String, Value>,
    body: Map<String, Value>,
    whole: Bytes,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Asker {
    Nobody,
    Bearer(Bearer),
    /// Whoever has a token of this user: they may what the user may, but take no part in conversations.
    Token(UserId),
}

impl Call {
    /// Reads a request. Rights come first: who may not ask is told nothing about the body.
    pub(super) async fn read(
        doors: Arc<Doors>,
        route: &'static Route,
        path: Vec<(String, String)>,
        address: Address,
        request: axum::http::Request<Body>,
    ) -> Result<Call, Problem> {
        let (parts, body) = request.into_parts();
        let who = doors.who_asks(&parts.headers).await?;
        let call = Call {
            who,
            query: query(parts.uri.query().unwrap_or_default(), route.query)?,
            doors,
            headers: parts.headers,
            address,
            path,
            body: Map::new(),
            whole: Bytes::new(),
        };
        call.may(route.who)?;
        match route.takes {
            Takes::Nothing => Ok(call),
            Takes::Whole(kind, limit) => {
                call.is_of_type(kind, parts.method)?;
                let whole = whole(body, limit).await?;
                Ok(Call { whole, ..call })
            }
            Takes::Fields(fields) => {
                let needed = fields.iter().any(|field| field.needed);
                let whole = whole(body, BODY_BYTES_MAX).await?;
                if whole.is_empty() && !needed {
                    return Ok(call);
                }
                call.is_of_type("application/json", parts.method)?;
                let body = object(&whole)?;
                fit(&body, fields)?;
                Ok(Call { body, ..call })
            }
        }
    }

    fn is_of_type(&self, kind: &str, method: Method) -> Result<(), Problem> {
        let said =
            self.headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok()).unwrap_or_default();
        let said = said.split(';').next().unwrap_or_default().trim();
        if said.eq_ignore_ascii_case(kind) {
            return Ok(());
        }
        let detail = format!("{method} takes {kind} here: say so in the header Content-Type");
        Err(Problem::new(Wrong::OtherType, "Content-Type", detail).header(header::ACCEPT, kind))
    }

    // ------------------------------------------------------------------------------------------------------ who asks

    fn may(&self, who: Who) -> Result<(), Problem> {
        let no_pass = || {
            let detail = "put a pass or token into the header: `Authorization: Bearer …`";
            Err(Problem::new(Wrong::NoPass, "Authorization", detail))
        };
        match (who, &self.who) {
            (Who::Anyone, _) | (Who::Visitors, Asker::Nobody) => Ok(()),
            (_, Asker::Nobody) => no_pass(),
            (Who::Visitors | Who::Part | Who::Look, Asker::Bearer(Bearer::Visitor(_))) => Ok(()),
            (Who::Visitors, _) => Err(not_allowed("only visitors do that: leave the pass out")),
            (Who::Part | Who::Look | Who::User, Asker::Bearer(Bearer::User(_))) => Ok(()),
            (Who::Look, Asker::Token(_)) => self.needs(Permission::StepIn),
            (Who::Part | Who::User, Asker::Token(_)) => {
                Err(not_allowed("a token takes no part in conversations: log in as a user"))
            }
            (_, Asker::Bearer(Bearer::Visitor(_))) => Err(not_allowed("a visitor does not do that")),
            (Who::Operator, _) => Ok(()),
            (Who::May(what), _) => self.needs(what),
        }
    }

    /// Whether whoever asks may do something.
    pub(super) fn needs(&self, what: Permission) -> Result<(), Problem> {
        let user = match &self.who {
            Asker::Bearer(Bearer::User(login)) => Some(&login.user),
            Asker::Token(user) => Some(user),
            _ => None,
        };
        match user.is_some_and(|user| self.doors.hall.account().may(user, what)) {
            true => Ok(()),
            false => Err(not_allowed(&format!("your profile does not let you {what}"))),
        }
    }

    /// Who asks, as the platform knows them; nobody, where no pass is needed.
    pub(super) fn caller(&self) -> Option<Caller> {
        match &self.who {
            Asker::Bearer(bearer) => Some(bearer.clone().caller()),
            _ => None,
        }
    }

    /// The login of the user who asks.
    pub(super) fn login(&self) -> Result<&Login, Problem> {
        match &self.who {
            Asker::Bearer(Bearer::User(login)) => Ok(login),
            _ => Err(not_allowed("only a user does that")),
        }
    }

    /// Who asks for something that changes the house: it stands in the audit log.
    pub(super) fn operator(&self) -> Caller {
        match &self.who {
            Asker::Bearer(Bearer::User(login)) => Caller::Operator(login.user.clone()),
            Asker::Token(name) => Caller::Operator(name.clone()),
            _ => Caller::Operator("nobody".into()),
        }
    }

    // ------------------------------------------------------------------------------------------------- what was said

    /// A word of the path.
    pub(super) fn word(&self, name: &str) -> &str {
        self.path.iter().find(|(own, _)| own == name).map_or("", |(_, word)| word)
    }

    /// The conversation of the path.
    pub(super) fn conversation(&self) -> Result<ConversationId, Problem> {
        self.word("id").parse().map_err(|why: String| Problem::of(Code::NotValid, "conversation", why))
    }

    /// A text of the body or query.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    /// A number of the body or query.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.value(name).and_then(Value::as_u64)
    }

    /// A flag of the body or query.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Numbers of the body.
    pub(super) fn numbers(&self, name: &str) -> Vec<u64> {
        let list = self.value(name).and_then(Value::as_array);
        list.map(|list| list.iter().filter_map(Value::as_u64).collect()).unwrap_or_default()
    }

    /// Whatever a field holds.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.body.get(name).or_else(|| self.query.get(name)).filter(|value| !value.is_null())
    }

    /// A field of the body as it was sent, null as well.
    pub(super) fn sent(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }

    /// The body as it came.
    pub(super) fn whole(&self) -> &Bytes {
        &self.whole
    }

    /// What the client calls this command.
    pub(super) fn id(&self) -> Result<CommandId, Problem> {
        let header = self.headers.get("idempotency-key").map(|said| {
            let unreadable = || Problem::new(Wrong::BadHeader, "Idempotency-Key", "it is no plain text");
            said.to_str().map_err(|_| unreadable())
        });
        match (self.text("id"), header.transpose()?) {
            (Some(id), Some(header)) if id != header => {
                let detail = "`id` and the header Idempotency-Key say two different things";
                Err(Problem::of(Code::NotValid, "id", detail))
            }
            (Some(id), _) | (None, Some(id)) => Ok(id.into()),
            (None, None) => {
                let detail = "give it an `id` of your choice, so that sending it twice does it once";
                Err(Problem::new(Wrong::MissingField, "id", detail))
            }
        }
    }

    /// What the client calls this command, or a name of ours where it may be done twice.
    pub(super) fn id_or_new(&self) -> Result<CommandId, Problem> {
        match self.value("id").is_some() || self.headers.contains_key("idempotency-key") {
            true => self.id(),
            false => Ok(format!("{:032x}", crate::server::pass::unguessable()?).into()),
        }
    }

    // -------------------------------------------------------------------------------------------------- what is done

    /// Asks for something in the conversation of the path, as whoever asks.
    pub(super) async fn talk(&self, id: CommandId, talk: Talk) -> Result<Answer, Problem> {
        let Some(caller) = self.caller() else { return Err(not_allowed("only who takes part does that")) };
        let ask = Ask::In(self.conversation()?, talk);
        Ok(self.doors.hall.ask(caller, id, ask).await?)
    }
}

impl Call {
    /// Something was done beside the platform: who did it, and what, stands in the audit log.
    pub(super) async fn write_down(&self, did: String) -> Result<(), Problem> {
        let id = format!("{:032x}", crate::server::pass::unguessable()?);
        self.doors.hall.ask(self.operator(), id.into(), Ask::WriteDown(did)).await?;
        Ok(())
    }
}

/// A refusal by right.
pub(super) fn not_allowed(detail: &str) -> Problem {
    Problem::of(Code::NotAllowed, "", detail)
}

/// An answer in JSON.
pub(super) fn json(status: u16, body: &impl Serialize) -> Result<Response<Body>, Problem> {
    let text = serde_json::to_vec(body).map_err(|error| Problem::new(Wrong::Bug, "", error.to_string()))?;
    Ok(typed(status, "application/json", text))
}

/// An answer of a type.
pub(super) fn typed(status: u16, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

/// An answer without a body: it is done.
pub(super) fn done() -> Result<Response<Body>, Problem> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

// ------------------------------------------------------------------------------------------------------- reading

async fn whole(body: Body, limit: usize) -> Result<Bytes, Problem> {
    // A body that says itself that it is too large is not waited for.
    if HttpBody::size_hint(&body).lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let read = tokio::time::timeout(BODY_SECONDS_MAX, Limited::new(body, limit).collect()).await;
    match read {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(Problem::new(Wrong::BadJson, "", "the body broke off")),
        Err(_) => {
            let seconds = BODY_SECONDS_MAX.as_secs();
            Err(Problem::new(Wrong::TooSlow, "", format!("a body has to be here within {seconds} seconds")))
        }
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::of(Code::TooLarge, "", format!("a body has at most {limit} bytes here"))
}

fn object(whole: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(whole) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Problem::new(Wrong::BadJson, "", "the body has to be a JSON object, in curly brackets")),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let detail = match error.classify() {
                serde_json::error::Category::Eof => format!("the JSON ends too early, in line {line}"),
                _ => format!("this is no JSON: see line {line}, column {column}"),
            };
            Err(Problem::new(Wrong::BadJson, "", detail))
        }
    }
}

/// A query as a map: `after=3&dry-run`.
fn query(text: &str, fields: &[Field]) -> Result<Map<String, Value>, Problem> {
    let mut query = Map::new();
    if text.len() > QUERY_BYTES_MAX {
        return Err(Problem::of(Code::TooLarge, "", format!("a query has at most {QUERY_BYTES_MAX} bytes")));
    }
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let unreadable = || Problem::of(Code::NotValid, "", "the query is not written as a query is");
        let (name, value) = (plain(name).ok_or_else(unreadable)?, plain(value).ok_or_else(unreadable)?);
        let form = fields.iter().find(|field| field.name == name).map(|field| field.form);
        let value = match form {
            Some(Form::Number(..)) => value.parse::<u64>().map(Value::from).unwrap_or(Value::String(value)),
            Some(Form::Flag) if matches!(value.as_str(), "" | "true") => Value::Bool(true),
            Some(Form::Flag) if value == "false" => Value::Bool(false),
            _ => Value::String(value),
        };
        if query.insert(name.clone(), value).is_some() {
            return Err(Problem::of(Code::NotValid, &name, format!("`{name}` stands in the query twice")));
        }
    }
    fit(&query, fields)?;
    Ok(query)
}

/// Text of a query, with what is written by its numbers.
fn plain(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Whether all fields are known, there, and of their form.
fn fit(body: &Map<String, Value>, fields: &[Field]) -> Result<(), Problem> {
    for (name, value) in body {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(64).collect();
            let detail = match known.as_slice() {
                [] => format!("`{name}` is no field here, and there are none"),
                known => format!("`{name}` is no field here; there are {}", known.join(", ")),
            };
            return Err(Problem::new(Wrong::UnknownField, &name, detail));
        };
        if !value.is_null() || field.needed {
            field.form.fits(field.name, value)?;
        }
    }
    match fields.iter().find(|field| field.needed && !body.contains_key(field.name)) {
        Some(missing) => {
            let name = missing.name;
            Err(Problem::new(Wrong::MissingField, name, format!("`{name}` is needed: {}", missing.form)))
        }
        None => Ok(()),
    }
}

impl Form {
    fn fits(self, name: &str, value: &Value) -> Result<(), Problem> {
        let fits = match self {
            Form::Text(limit) => match value.as_str() {
                Some(text) if text.len() > limit => {
                    let detail = format!("`{name}` has {} bytes, and at most {limit} are taken", text.len());
                    return Err(Problem::of(Code::TooLarge, name, detail));
                }
                text => text.is_some(),
            },
            Form::One(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Form::Number(least, most) => {
                value.as_u64().is_some_and(|number| (least..=most).contains(&number))
            }
            Form::Flag => value.is_boolean(),
            Form::Numbers(limit) => match value.as_array() {
                Some(list) if list.len() > limit => {
                    let detail =
                        format!("`{name}` has {} numbers, and at most {limit} are taken", list.len());
                    return Err(Problem::of(Code::TooMany, name, detail));
                }
                list => list.is_some_and(|list| list.iter().all(Value::is_u64)),
            },
            Form::Json => true,
        };
        match fits {
            true => Ok(()),
            false => Err(Problem::of(Code::NotValid, name, format!("`{name}` has to be {self}"))),
        }
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Form::Text(limit) => write!(f, "a text of at most {limit} bytes"),
            Form::One(words) => write!(f, "one of {}", words.join(", ")),
            Form::Number(least, most) if *most == u64::MAX => write!(f, "a whole number from {least}"),
            Form::Number(least, most) => write!(f, "a whole number from {least} to {most}"),
            Form::Flag => f.write_str("true or false"),
            Form::Numbers(limit) => write!(f, "a list of at most {limit} whole numbers"),
            Form::Json => f.write_str("JSON"),
        }
    }
}
