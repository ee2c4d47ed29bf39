//! The way every request goes: how often, from where, what for, who; then its path answers, and all of it is counted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::connectors::Bots;
use crate::platform::{Ask, Caller, Code};
use crate::server::pass::{Bearer, Passes};
use crate::server::{Credentials, Hall, Secret};

use super::call::{Asker, Call};
use super::guard::{self, Origin};
use super::metrics::Metrics;
use super::problem::{Problem, Wrong};
use super::rate::{Address, Rate};
use super::route::{Route, routes};

/// How the doors are.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Names that this house is reached by, beside those of loopback.
    pub names: Vec<String>,
    /// Whether a proxy stands before it, which says where requests come from.
    pub behind_proxy: bool,
    /// How many requests an address may send a second; nothing: as many as it likes.
    pub requests_per_second: Option<u32>,
}

/// Where a request comes from: set by whoever accepts connections.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// All that answers need.
pub(super) struct Doors {
    pub(super) hall: Arc<Hall>,
    pub(super) passes: Passes,
    pub(super) credentials: Arc<Credentials>,
    /// The versions of bots that are at hand.
    pub(super) bots: Arc<Bots>,
    pub(super) manner: Manner,
    pub(super) rate: Arc<Rate>,
    pub(super) metrics: Metrics,
    /// Who changes the account has it alone.
    pub(super) changing: tokio::sync::Mutex<()>,
}

/// What was asked for.
enum Wants {
    Route(&'static Route, Vec<(String, String)>),
    /// A path that is there, with another method.
    OtherMethod(Arc<Vec<Method>>),
    Nothing,
    Unreadable,
}

impl Doors {
    pub(super) fn router(self: &Arc<Self>) -> Router {
        let mut paths: BTreeMap<&str, Vec<&'static Route>> = BTreeMap::new();
        routes().for_each(|route| paths.entry(route.path).or_default().push(route));
        let mut router = Router::new();
        for (path, routes) in paths {
            let mut methods = MethodRouter::new();
            let allowed = Arc::new(routes.iter().map(|route| route.method.clone()).collect::<Vec<_>>());
            for route in routes {
                let doors = self.clone();
                let answer = move |params: Result<RawPathParams, RawPathParamsRejection>,
                                   request: Request| {
                    let wants = match params {
                        Ok(params) => Wants::Route(route, params.iter().map(owned).collect()),
                        Err(_) => Wants::Unreadable,
                    };
                    doors.answer(wants, request)
                };
                methods = methods.merge(on(filter(&route.method), answer));
            }
            let doors = self.clone();
            let other = move |request: Request| doors.answer(Wants::OtherMethod(allowed), request);
            router = router.route(path, methods.fallback(other));
        }
        let doors = self.clone();
        router.fallback(move |request: Request| doors.answer(Wants::Nothing, request))
    }

    async fn answer(self: Arc<Self>, wants: Wants, request: Request) -> Response<Body> {
        let begun = Instant::now();
        let address = self.address(&request);
        let method = request.method().clone();
        let route = if let Wants::Route(route, _) = &wants { Some(*route) } else { None };
        let account = self.hall.account();
        let taken = self.take(address);
        let from = taken.and_then(|()| guard::check(request.headers(), &self.manner.names, &account));
        let mut response = match &from {
            Err(problem) => Err(problem.clone()),
            Ok(origin) => self.clone().done(wants, origin, address, request).await,
        }
        .unwrap_or_else(|problem| {
            tracing::debug!(code = problem.code(), "a request was refused");
            problem.response()
        });
        if let Ok(origin) = &from {
            origin.answer(&mut response);
        }
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        let status = response.status();
        self.metrics.answered(status, begun.elapsed());
        // What was asked for, never by whom or with which words.
        let path = route.map_or("", |route| route.path);
        let micros = begun.elapsed().as_micros() as u64;
        match status {
            status if status.is_server_error() => {
                tracing::warn!(%method, path, status = status.as_u16(), micros, "a request failed");
            }
            status => tracing::debug!(%method, path, status = status.as_u16(), micros, "a request"),
        }
        response
    }

    fn take(&self, address: Address) -> Result<(), Problem> {
        self.rate.take(address, self.hall.now()).map_err(|seconds| {
            let (each, burst) = (self.rate.per_second(), self.rate.burst());
            let detail = format!("an address sends at most {each} requests a second, and {burst} at once");
            Problem::new(Wrong::TooFast, "", detail).header(header::RETRY_AFTER, seconds.to_string())
        })
    }

    async fn done(
        self: Arc<Self>,
        wants: Wants,
        origin: &Origin,
        address: Address,
        request: Request,
    ) -> Result<Response<Body>, Problem> {
        match wants {
            Wants::Route(route, path) => {
                origin.may(route)?;
                let call = Call::read(self, route, path, address, request).await?;
                (route.run)(call).await
            }
            Wants::OtherMethod(allowed) if *request.method() == Method::OPTIONS => {
                Ok(origin.preflight(&allowed))
            }
            Wants::OtherMethod(allowed) => {
                let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
                let allowed = allowed.join(", ");
                let detail = format!("this path takes {allowed}");
                Err(Problem::new(Wrong::OtherMethod, "", detail).header(header::ALLOW, allowed))
            }
            Wants::Nothing => {
                let detail = "there is nothing here; /api/v1/openapi.json says what there is";
                Err(Problem::new(Wrong::UnknownPath, "", detail))
            }
            Wants::Unreadable => Err(Problem::of(Code::NotValid, "", "the path is not written as a path is")),
        }
    }

    /// Where a request comes from. Of what proxies say, only the last word is our own proxy's.
    fn address(&self, request: &Request) -> Address {
        let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
        let said = request.headers().get_all("x-forwarded-for").iter().next_back();
        let said = said.filter(|_| self.manner.behind_proxy).and_then(|said| said.to_str().ok());
        let last = said.and_then(|said| said.rsplit(',').next()?.trim().parse().ok());
        Address::from(last.unwrap_or(peer))
    }

    /// Who asks, by what they show.
    pub(super) async fn who_asks(&self, headers: &HeaderMap) -> Result<Asker, Problem> {
        let Some(shown) = headers.get(header::AUTHORIZATION) else { return Ok(Asker::Nobody) };
        let shown = shown.to_str().ok().and_then(|shown| shown.split_once(' '));
        let Some((_, shown)) = shown.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")) else {
            let detail =
                "the header Authorization says `Bearer` and a pass or token, with a space between them";
            return Err(Problem::new(Wrong::BadPass, "Authorization", detail));
        };
        let shown = Secret::new(shown.trim().to_string());
        match self.passes.read(shown.expose(), self.hall.now()) {
            Some(Bearer::User(login)) if !self.hall.is_newest(&login) => {
                let detail =
                    "this login has ended: the user has logged in elsewhere, or was silent for too long";
                Err(Problem::of(Code::StaleLogin, "Authorization", detail))
            }
            Some(Bearer::User(login)) => {
                // Whoever asks for anything is alive.
                self.hall.tell(Caller::User(login.clone()), "alive".into(), Ask::Alive);
                Ok(Asker::Bearer(Bearer::User(login)))
            }
            Some(visitor) => Ok(Asker::Bearer(visitor)),
            None => self.token(shown).await,
        }
    }

    async fn token(&self, shown: Secret) -> Result<Asker, Problem> {
        let (credentials, account, now) = (self.credentials.clone(), self.hall.account(), self.hall.now());
        let token = blocking(move || credentials.shown(&account, &shown, now)).await?;
        token.map(|token| Asker::Token(token.user)).map_err(|refusal| match refusal.code {
            Code::WrongLogin => Problem::new(Wrong::BadPass, "Authorization", "it is over, or none of ours"),
            _ => refusal.into(),
        })
    }
}

/// Does something that takes a while, beside what else goes on.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Problem::new(Wrong::Bug, "", "this went wrong here; it stands in the log"))
}

fn owned((name, word): (&str, &str)) -> (String, String) {
    (name.to_string(), word.to_string())
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET)
}

/// The status of an answer as metrics count it: 2xx, 4xx …
pub(super) fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(1, 5)
}
