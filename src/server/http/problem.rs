//! What a client gets instead of an answer: a stable code, a sentence and the field, as RFC 9457 has it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::platform::{Code, Refusal};
use crate::store::Failure;

/// Why a request is not done. Nothing of it was. Small, since nearly every request has none.
#[derive(Debug, Clone)]
pub(super) struct Problem(Box<Inside>);

#[derive(Debug, Clone)]
struct Inside {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: String,
    field: String,
    /// What is there to show besides, such as findings in a file.
    besides: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, String)>,
}

/// What HTTP itself has to refuse. The codes of the platform stand beside these in the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// No such path.
    UnknownPath,
    /// Another method.
    OtherMethod,
    /// Not JSON, or not what was to be there.
    BadJson,
    /// Another type of content.
    OtherType,
    /// A field nobody knows.
    UnknownField,
    /// A field that has to be there.
    MissingField,
    /// A header that cannot be read.
    BadHeader,
    /// It took too long to come.
    TooSlow,
    /// No pass.
    NoPass,
    /// A pass nobody knows.
    BadPass,
    /// Another name of this machine.
    UnknownHost,
    /// A site that may not ask.
    UnknownOrigin,
    /// Too many requests.
    TooFast,
    /// A bug of ours.
    Bug,
}

/// The table: code, status and title.
fn wrong(wrong: Wrong) -> (&'static str, u16, &'static str) {
    match wrong {
        Wrong::UnknownPath => ("unknown-path", 404, "There is nothing at this path"),
        Wrong::OtherMethod => ("wrong-method", 405, "The path takes other methods"),
        Wrong::BadJson => ("bad-json", 400, "The body is no JSON object"),
        Wrong::OtherType => ("wrong-type", 415, "The body has another type"),
        Wrong::UnknownField => ("unknown-field", 400, "There is no such field"),
        Wrong::MissingField => ("missing-field", 400, "A field is missing"),
        Wrong::BadHeader => ("bad-header", 400, "A header cannot be read"),
        Wrong::TooSlow => ("too-slow", 408, "The request took too long to come"),
        Wrong::NoPass => ("no-pass", 401, "This needs a pass or token"),
        Wrong::BadPass => ("bad-pass", 401, "The pass or token does not count"),
        Wrong::UnknownHost => ("unknown-host", 421, "This is not the host you named"),
        Wrong::UnknownOrigin => ("unknown-origin", 403, "This site may not ask"),
        Wrong::TooFast => ("too-fast", 429, "Too many requests"),
        Wrong::Bug => ("bug", 500, "This is a bug of Parlor"),
    }
}

/// The same for what the platform refuses.
fn refused(code: Code) -> (u16, &'static str) {
    match code {
        Code::UnknownConversation => (404, "There is no such conversation"),
        Code::UnknownSkill => (404, "There is no such skill"),
        Code::UnknownUser => (404, "There is no such user"),
        Code::UnknownConnector => (404, "There is no such connector"),
        Code::UnknownVersion => (404, "There is no such version"),
        Code::UnknownMessage => (404, "There is no such message"),
        Code::UnknownSecret => (404, "There is no such secret"),
        Code::UnknownToken => (404, "There is no such token"),
        Code::WrongLogin => (401, "Nobody is known by this"),
        Code::KeyFile => (500, "The key file cannot be used"),
        Code::Exists => (409, "It exists already"),
        Code::Closed => (409, "The conversation is over"),
        Code::StaleLogin => (401, "The login has ended"),
        Code::NotAParticipant => (403, "You take no part in it"),
        Code::NotAllowed => (403, "That is not allowed"),
        Code::Taken => (409, "Somebody else has it"),
        Code::RingOver => (409, "It does not ring any more"),
        Code::NobodyThere => (409, "Nobody has it"),
        Code::NoCapacity => (409, "There is no room for more"),
        Code::TooLarge => (413, "It is too large"),
        Code::TooMany => (429, "They are too many"),
        Code::NotValid => (422, "The value does not fit its field"),
        Code::NoSpace => (507, "The disk is nearly full"),
        Code::NoStore => (503, "Nothing can be kept at the moment"),
    }
}

impl Problem {
    pub(super) fn new(what: Wrong, field: &str, detail: impl Into<String>) -> Problem {
        let (code, status, title) = wrong(what);
        let mut headers = Vec::new();
        if status == 401 {
            headers.push((header::WWW_AUTHENTICATE, "Bearer".to_string()));
        }
        let (detail, field) = (detail.into(), field.into());
        Problem(Box::new(Inside { status, code, title, detail, field, besides: Vec::new(), headers }))
    }

    /// One of the platform's own kinds, found by a door already.
    pub(super) fn of(code: Code, field: &str, detail: impl Into<String>) -> Problem {
        Refusal::of(code, field, detail).into()
    }

    pub(super) fn besides(mut self, name: &'static str, value: Value) -> Problem {
        self.0.besides.push((name, value));
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Problem {
        self.0.headers.push((name, value.into()));
        self
    }

    pub(super) fn code(&self) -> &'static str {
        self.0.code
    }

    pub(super) fn response(self) -> Response<Body> {
        let Inside { status, code, title, detail, field, besides, headers: own } = *self.0;
        let mut problem = json!({
            "type": format!("urn:parlor:{}", code),
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
        });
        if !field.is_empty() {
            problem["field"] = field.into();
        }
        for (name, value) in besides {
            problem[name] = value;
        }
        let mut response = Response::new(Body::from(problem.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let (mut status, title) = refused(refusal.code);
        let mut headers = Vec::new();
        match (refusal.code, refusal.field.as_str()) {
            // Too many of something in the request: waiting does not help.
            (Code::TooMany, field) if !field.is_empty() => status = 422,
            (Code::TooMany | Code::NoStore, _) => headers.push((header::RETRY_AFTER, "1".to_string())),
            (Code::StaleLogin | Code::WrongLogin, _) => {
                headers.push((header::WWW_AUTHENTICATE, "Bearer".to_string()))
            }
            _ => {}
        }
        let code = refusal.code.as_str();
        let (detail, field) = (refusal.sentence, refusal.field);
        Problem(Box::new(Inside { status, code, title, detail, field, besides: Vec::new(), headers }))
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        if let Failure::TooLarge(why) = failure {
            return Problem::of(Code::TooLarge, "", why);
        }
        // Where its files are is for whoever runs it, not for whoever asks.
        tracing::error!(%failure, "the store failed");
        Problem::of(Code::NoStore, "", "what is kept cannot be read at the moment")
    }
}
