//! Which names of this machine and which sites count: the headers Host and Origin, on loopback as well.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use crate::platform::Account;

use super::problem::{Problem, Wrong};
use super::route::{Route, Who};

/// Names that a machine always has for itself.
const OWN: &[&str] = &["localhost", "127.0.0.1", "[::1]"];
/// For how many seconds a browser need not ask again what a site may.
const PREFLIGHT_SECONDS: &str = "600";

/// Where a request comes from, in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// No browser, or none that says.
    None,
    /// One of our own pages.
    Own,
    /// A site that an engagement may stand on.
    Site(String),
}

/// Looks at Host and Origin.
pub(super) fn check(headers: &HeaderMap, names: &[String], account: &Account) -> Result<Origin, Problem> {
    let host = one(headers, &header::HOST)?
        .ok_or_else(|| Problem::new(Wrong::UnknownHost, "Host", "the header Host has to say whom you ask"))?;
    let name = name_of(host);
    let known = OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
        || names.iter().any(|own| own.eq_ignore_ascii_case(name));
    if !known {
        let detail = "the header Host names another host; who runs this one says its names with --name";
        return Err(Problem::new(Wrong::UnknownHost, "Host", detail));
    }
    let Some(origin) = one(headers, &header::ORIGIN)? else { return Ok(Origin::None) };
    let own = origin.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    if own.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)) {
        return Ok(Origin::Own);
    }
    let engagements = account.campaigns.values().flat_map(|campaign| campaign.engagements.values());
    if engagements.flat_map(|engagement| &engagement.origins).any(|allowed| same(allowed, origin)) {
        return Ok(Origin::Site(origin.to_string()));
    }
    let detail = "no engagement of this account may stand on the site of the header Origin";
    Err(Problem::new(Wrong::UnknownOrigin, "Origin", detail))
}

/// Whether two origins are the same.
pub(super) fn same(allowed: &str, origin: &str) -> bool {
    allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)
}

/// The value of a header that stands there once at most.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(Problem::new(
            Wrong::BadHeader,
            name.as_str(),
            format!("the header {name} stands there twice"),
        ));
    }
    let unreadable =
        || Problem::new(Wrong::BadHeader, name.as_str(), format!("the header {name} is no plain text"));
    first.map(|value| value.to_str().map_err(|_| unreadable())).transpose()
}

/// The name in `name:port`.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

impl Origin {
    /// Whether this path is for sites: only what visitors do.
    pub(super) fn may(&self, route: &Route) -> Result<(), Problem> {
        match (self, route.who) {
            (Origin::None | Origin::Own, _) | (_, Who::Visitors | Who::Part) => Ok(()),
            _ => {
                let detail = "a site may do what its visitors do, and this is not";
                Err(Problem::new(Wrong::UnknownOrigin, "Origin", detail))
            }
        }
    }

    /// What a browser is told, so that the site gets the answer.
    pub(super) fn answer(&self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Origin::Site(site) = self
            && let Ok(site) = HeaderValue::from_str(site)
        {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
            let shown = HeaderValue::from_static("location, retry-after");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
        }
    }

    /// What a browser is told when it asks before it asks.
    pub(super) fn preflight(&self, allowed: &[Method]) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let methods: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let all = [
            (header::ALLOW, methods.join(", ")),
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type, idempotency-key, last-event-id".to_string(),
            ),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS.to_string()),
        ];
        for (name, value) in all {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
