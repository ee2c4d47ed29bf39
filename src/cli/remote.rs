//! A server elsewhere: where it is, who asks, and what it says, with a plain sentence for all that can go wrong.

mod back_off; // how long to wait before trying again
mod trouble; // what can go wrong

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use ureq::http::{Method, Request, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::conversation::ConversationId;
use crate::server::Secret;
use crate::server::pass::unguessable;

use super::exit::{Exit, Failure};
pub(super) use back_off::BackOff;
pub(super) use trouble::{Problem, Trouble};

/// Bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes of a file with a token; a longer one is something else.
const TOKEN_FILE_BYTES_MAX: u64 = 4 * 1024;
/// Bytes of a file with certificates.
const CERTIFICATES_BYTES_MAX: u64 = 1024 * 1024;
/// The token that `parlor serve` makes for whoever starts it, beside the data folder of its default name.
const OWNER_TOKEN_FILE: &str = "data.token";
/// How long it may take until somebody answers the call.
const CONNECT_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How long an answer may take, beyond what a long poll was asked to wait.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(30);
/// How long a command of an operator goes on trying, if the server is away.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Where the server is.
#[derive(Debug, clap::Args)]
pub(super) struct Address {
    /// Where the server is, such as http://127.0.0.1:7275 or https://chat.example.com
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    trust: Trust,
}

/// Where the server is, for commands that are about something else.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Server")]
pub(super) struct Server {
    /// Where the server is; PARLOR_SERVER, if it is not said
    #[arg(long = "server", value_name = "URL", env = "PARLOR_SERVER", hide_env = true)]
    #[arg(default_value = "http://127.0.0.1:7275")]
    url: String,
    /// A file with a token; without it, the token is in PARLOR_TOKEN, or else in data.token, which parlor serve makes
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

/// Whose certificates count.
#[derive(Debug, clap::Args)]
pub(super) struct Trust {
    /// Trust these certificates, as PEM, and not those that browsers trust
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

impl Address {
    /// The server, for whoever has no pass yet.
    pub(super) fn open(&self) -> Result<Remote, Failure> {
        Remote::new(&self.url, &self.trust)
    }
}

impl Server {
    /// The server, for whoever has a token.
    pub(super) fn open(&self) -> Result<Remote, Failure> {
        let remote = Remote::new(&self.url, &self.trust)?;
        remote.is_now(self.token()?);
        Ok(remote)
    }

    /// Whether it is on this machine: the token that lies about here is of no other.
    fn is_here(&self) -> bool {
        base(&self.url).is_ok_and(|(_, here)| here)
    }

    /// The token. It never stands among the arguments, where other users of the machine could read it.
    fn token(&self) -> Result<Secret, Failure> {
        let told = Secret::new(std::env::var("PARLOR_TOKEN").unwrap_or_default());
        let own = Path::new(OWNER_TOKEN_FILE);
        let text = match &self.token_file {
            Some(file) => Secret::new(text(file, TOKEN_FILE_BYTES_MAX)?),
            None if told.expose().trim().is_empty() && self.is_here() && own.exists() => {
                Secret::new(text(own, TOKEN_FILE_BYTES_MAX)?)
            }
            None => told,
        };
        let token = text.expose().trim();
        if token.is_empty() {
            let failure = Failure::new(Exit::Usage, "this needs a token");
            let help = "parlor token new USER makes one: put it into PARLOR_TOKEN, or name its file with --token-file";
            return Err(failure.help(help));
        }
        if token.chars().any(|letter| !letter.is_ascii_graphic()) {
            return Err(Failure::new(Exit::Usage, "this is no token: a token is one word"));
        }
        Ok(Secret::new(token.to_string()))
    }
}

/// A server, and as whom it is asked.
pub(super) struct Remote {
    agent: ureq::Agent,
    base: String,
    bearer: Mutex<Option<Secret>>,
}

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    method: Method,
    path: String,
    kind: &'static str,
    body: Vec<u8>,
    wait: Duration,
    bare: bool,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>, body: Option<&Json>) -> Ask {
        let kind = if body.is_some() { "application/json" } else { "" };
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        Ask { method, path: path.into(), kind, body, wait: Duration::ZERO, bare: false }
    }

    pub(super) fn get(path: impl Into<String>) -> Ask {
        Ask::new(Method::GET, path, None)
    }

    pub(super) fn post(path: impl Into<String>, body: &Json) -> Ask {
        Ask::new(Method::POST, path, Some(body))
    }

    pub(super) fn put(path: impl Into<String>, body: &Json) -> Ask {
        Ask::new(Method::PUT, path, Some(body))
    }

    pub(super) fn delete(path: impl Into<String>) -> Ask {
        Ask::new(Method::DELETE, path, None)
    }

    /// Something else than JSON, of this type.
    pub(super) fn whole(method: Method, path: impl Into<String>, kind: &'static str, body: Vec<u8>) -> Ask {
        Ask { method, path: path.into(), kind, body, wait: Duration::ZERO, bare: false }
    }

    /// The server may take so long before it answers: a long poll.
    pub(super) fn waits(mut self, wait: Duration) -> Ask {
        self.wait = wait;
        self
    }

    /// Nobody asks: whoever does is about to show who they are.
    pub(super) fn without_pass(mut self) -> Ask {
        self.bare = true;
        self
    }
}

impl Remote {
    fn new(url: &str, trust: &Trust) -> Result<Remote, Failure> {
        let (base, here) = base(url)?;
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0) // a token goes where it was meant to go
            .timeout_connect(Some(CONNECT_SECONDS_MAX))
            .user_agent(concat!("parlor/", env!("CARGO_PKG_VERSION")));
        if here {
            config = config.proxy(None);
        }
        if let Some(file) = &trust.tls_ca {
            let text = text(file, CERTIFICATES_BYTES_MAX)?;
            let certificates: Vec<_> = parse_pem(text.as_bytes())
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            if certificates.is_empty() {
                let message = format!("there is no certificate in `{}`", super::bots::shown(file));
                return Err(Failure::new(Exit::NotLoaded, message));
            }
            let roots = RootCerts::from(certificates);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Remote { agent: config.build().into(), base, bearer: Mutex::new(None) })
    }

    /// The address as people write it.
    pub(super) fn shown(&self) -> &str {
        &self.base
    }

    /// Asks as somebody else from now on.
    pub(super) fn is_now(&self, bearer: Secret) {
        *self.bearer.lock().unwrap_or_else(PoisonError::into_inner) = Some(bearer);
    }

    /// Asks once. Nothing, where the answer is that it is done.
    pub(super) fn ask(&self, ask: &Ask) -> Result<Json, Trouble> {
        let (kind, bytes) = self.send(ask)?;
        if bytes.is_empty() {
            return Ok(Json::Null);
        }
        let json = serde_json::from_slice(&bytes).ok().filter(|_| kind == "application/json");
        json.ok_or_else(|| self.nonsense(&format!("{} is no JSON", ask.path)))
    }

    /// Asks, and again while the server is away, for so long. Whatever is asked has to carry an id, or do the same twice.
    pub(super) fn insist(&self, ask: &Ask, patience: Duration) -> Result<Json, Trouble> {
        let (begun, mut pause) = (Instant::now(), BackOff::default());
        loop {
            match self.ask(ask) {
                Err(trouble) if trouble.passes() && begun.elapsed() < patience => {
                    std::thread::sleep(pause.next(trouble.seconds()));
                }
                done => return done,
            }
        }
    }

    /// Asks once for something that need not be JSON: its type, and what it says.
    pub(super) fn send(&self, ask: &Ask) -> Result<(String, Vec<u8>), Trouble> {
        let mut request = Request::builder().method(&ask.method).uri(format!("{}{}", self.base, ask.path));
        if !ask.kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, ask.kind);
        }
        if let Some(bearer) = &*self.bearer.lock().unwrap_or_else(PoisonError::into_inner)
            && !ask.bare
        {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", bearer.expose()));
        }
        let wrong = |error: ureq::http::Error| Trouble::Nonsense(format!("this cannot be asked: {error}"));
        let limit = Some(ANSWER_SECONDS_MAX + ask.wait);
        let reads = matches!(ask.method, Method::GET | Method::DELETE);
        let answer = if reads {
            let request = self.agent.configure_request(request.body(()).map_err(wrong)?);
            self.agent.run(request.timeout_global(limit).build())
        } else {
            let request = self.agent.configure_request(request.body(ask.body.clone()).map_err(wrong)?);
            self.agent.run(request.timeout_global(limit).build())
        };
        let mut answer = answer.map_err(|error| self.away(error))?;
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().to_ascii_lowercase();
        let after =
            answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        let status = answer.status();
        let bytes = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let bytes = bytes.map_err(|error| self.away(error))?;
        if status.is_success() {
            return Ok((kind, bytes));
        }
        let problem = (kind == "application/problem+json").then(|| Problem::read(&bytes, after)).flatten();
        Err(match problem {
            Some(problem) => Trouble::Refused(Box::new(problem)),
            // A proxy before a server that is away answers for it.
            None if matches!(status.as_u16(), 502..=504) => {
                Trouble::Away(format!("what stands before {} answers {status}", self.base))
            }
            None => self.nonsense(&format!("{} answers {status} and does not say why", ask.path)),
        })
    }

    fn away(&self, error: ureq::Error) -> Trouble {
        let base = &self.base;
        match error {
            ureq::Error::BodyExceedsLimit(limit) => {
                self.nonsense(&format!("an answer has more than {limit} bytes"))
            }
            ureq::Error::Protocol(_) | ureq::Error::Http(_) => {
                self.nonsense(&format!("this is no HTTP: {error}"))
            }
            ureq::Error::Timeout(_) => Trouble::Away(format!("{base} takes too long")),
            ureq::Error::HostNotFound => Trouble::Away(format!("nobody knows where {base} is")),
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => {
                Trouble::Nonsense(format!("{base} does not show who it is: {error}"))
            }
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Trouble::Nonsense(format!("{base} does not show who it is: {error}"))
            }
            ureq::Error::Io(error) => Trouble::Away(format!("{base} cannot be reached: {error}")),
            error => Trouble::Away(format!("{base} cannot be reached: {error}")),
        }
    }

    fn nonsense(&self, what: &str) -> Trouble {
        Trouble::Nonsense(format!("{} does not answer as a Parlor server does: {what}", self.base))
    }
}

/// What a client calls something it wants done, so that sending it twice does it once: a UUID made at random.
pub(super) fn new_id() -> Result<String, Failure> {
    let random = unguessable().map_err(|failure| Failure::new(Exit::Io, failure.to_string()))?;
    let version = (random & !(0xf << 76)) | (4 << 76);
    let variant = (version & !(0b11 << 62)) | (0b10 << 62);
    Ok(ConversationId(variant).to_string())
}

/// A word as it stands in a path.
pub(super) fn word(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => written.push(byte.into()),
            byte => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

/// An address without what does not belong to one, and whether it is on this machine. Elsewhere, only TLS will do.
fn base(url: &str) -> Result<(String, bool), Failure> {
    let wrong = |why: &str| {
        // Of a name and a password in it, nothing is repeated.
        let url = url.rsplit('@').next().unwrap_or_default();
        let message =
            format!("`{}` is no address of a server: {why}", crate::diagnostics::render::visible::brief(url));
        Failure::new(Exit::Usage, message)
            .help("write it as http://127.0.0.1:7275 or https://chat.example.com")
    };
    let uri: Uri = url.trim().parse().map_err(|_| wrong("it cannot be read"))?;
    let scheme = uri.scheme_str().ok_or_else(|| wrong("it begins with http:// or https://"))?;
    let authority = uri.authority().ok_or_else(|| wrong("it names no machine"))?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(wrong("it names no machine"));
    }
    if authority.as_str().contains('@') {
        return Err(wrong("a name and a password do not belong there"));
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(wrong("nothing follows the path"));
    }
    let here = host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match scheme {
        "https" => {}
        "http" if here => {}
        "http" => {
            return Err(wrong("elsewhere than on this machine it has to be https, or everybody reads along"));
        }
        _ => return Err(wrong("it begins with http:// or https://")),
    }
    let path = uri.path().trim_end_matches('/');
    Ok((format!("{scheme}://{authority}{path}"), here))
}

/// Reads a small file of text.
fn text(file: &std::path::Path, limit: u64) -> Result<String, Failure> {
    use std::io::Read;
    let failed = |error| Failure::io("read", file, error);
    let mut text = String::new();
    fs::File::open(file).map_err(failed)?.take(limit + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > limit {
        let message = format!("`{}` has more than {limit} bytes", super::bots::shown(file));
        return Err(Failure::new(Exit::NotLoaded, message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let here = [
            ("http://127.0.0.1:7275/", "http://127.0.0.1:7275"),
            ("http://LOCALHOST", "http://LOCALHOST"),
            ("http://[::1]:80", "http://[::1]:80"),
        ];
        for (written, meant) in here {
            assert_eq!(base(written).ok(), Some((meant.to_string(), true)));
        }
        assert_eq!(
            base("https://chat.example.com/a/").ok(),
            Some(("https://chat.example.com/a".into(), false))
        );
        let none = [
            "http://chat.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "127.0.0.1:7275",
            "ftp://localhost",
            "https://me:secret@chat.example.com",
            "https://chat.example.com?a=b",
            "https://chat.example.com/#a",
            "",
            "/api",
            "http://",
        ];
        for written in none {
            let said = base(written).expect_err(written).message;
            assert!(said.contains("is no address of a server"), "{said}");
        }
    }

    #[test]
    fn ids_are_random_uuids() {
        let (one, other) = (new_id().expect("there is chance"), new_id().expect("there is chance"));
        assert_ne!(one, other);
        for id in [one, other] {
            assert!(crate::server::pass::made_at_random(&id).is_some(), "{id}");
        }
    }

    #[test]
    fn words_of_paths_are_written_as_such() {
        assert_eq!(word("Zoë / one?"), "Zo%C3%AB%20%2F%20one%3F");
    }
}
