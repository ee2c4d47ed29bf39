//! What calls get in a test instead of being made.

use std::collections::BTreeMap;

use crate::conversation::{Outcome, Value};
use crate::language::transcript::syntax::{self, Called, Returns};
use crate::program::Program;
use crate::program::formula::{Budget, Names, Template};
use crate::program::integration::Integration;

use super::script::At;
use super::shape::{Bindings, Shape};

/// The words of an integration that name a request.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// What some calls get.
#[derive(Debug, Clone)]
pub struct Stub {
    /// Its line.
    at: At,
    of: Of,
    /// Nothing, as long as the call is pending.
    outcome: Option<Outcome>,
}

#[derive(Debug, Clone)]
enum Of {
    /// An integration, by its name.
    Integration(String),
    /// A request, by its method (`*` for any) and address.
    Request(String, Shape),
}

/// A call as it would leave the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// The address, with everything put in; secrets by their names.
    pub url: String,
}

impl Stub {
    /// Reads what is written; a text that cannot be compared says why.
    pub fn of(written: &syntax::Stub, at: At) -> Result<Stub, String> {
        let of = match &written.of {
            Called::Integration(name) => Of::Integration(name.value.clone()),
            Called::Request { method, url } => Of::Request(method.text.to_ascii_uppercase(), Shape::of(url)?),
        };
        let outcome = match &written.returns {
            Returns::Pending => None,
            returns => Some(outcome(returns)?),
        };
        Ok(Stub { at, of, outcome })
    }

    /// What all calls of an integration get.
    pub fn named(integration: &str, outcome: Outcome) -> Stub {
        Stub { at: At::default(), of: Of::Integration(integration.to_string()), outcome: Some(outcome) }
    }

    /// Where it stands.
    pub fn at(&self) -> At {
        self.at
    }

    /// The integration it names, if it names one.
    pub fn integration(&self) -> Option<&str> {
        match &self.of {
            Of::Integration(name) => Some(name),
            Of::Request(..) => None,
        }
    }

    /// What a call gets, if this stub is meant for it: an outcome, or nothing yet.
    pub fn answers(
        &self,
        integration: &str,
        request: Option<&Request>,
        bindings: &Bindings,
    ) -> Option<Option<&Outcome>> {
        let meant = match &self.of {
            Of::Integration(name) => name == integration,
            Of::Request(method, url) => request.is_some_and(|request| {
                (method == "*" || *method == request.method) && url.fits(&request.url, bindings).is_some()
            }),
        };
        meant.then_some(self.outcome.as_ref())
    }
}

/// What a call comes back with, as written.
pub fn outcome(returns: &Returns) -> Result<Outcome, String> {
    let json = |written: &Option<crate::language::syntax::Value>| match written {
        None => Ok(Value::Nothing),
        Some(json) => serde_json::from_str(&json.text).map_err(|error| format!("no JSON: {error}")),
    };
    Ok(match returns {
        Returns::Status(status, body) if *status >= 400 => {
            Outcome::Failure { reason: "status".to_string(), status: i64::from(*status), body: json(body)? }
        }
        Returns::Status(status, body) => Outcome::Success { status: i64::from(*status), body: json(body)? },
        Returns::Success(body) => Outcome::Success { status: 200, body: json(body)? },
        Returns::Pending => return Err("`pending` is for stubs: an answer comes now".to_string()),
        Returns::Failure(reason) => {
            Outcome::Failure { reason: reason.clone(), status: 0, body: Value::Nothing }
        }
    })
}

/// The request a call would make; nothing for an integration that makes none.
pub fn request(program: &Program, integration: &str, with: &BTreeMap<String, Value>) -> Option<Request> {
    let integration = program.integration(integration)?;
    let line = integration.lines.iter().find(|line| METHODS.contains(&line.name.as_str()))?;
    let names = Given { with, env: program.environment(), secrets: secrets(integration) };
    let url = line.values.last()?.url(&names, &mut Budget::new()).ok()?;
    Some(Request { method: line.name.to_ascii_uppercase(), url })
}

/// The line to paste for a call that has no stub.
pub fn line_for(program: &Program, integration: &str, with: &BTreeMap<String, Value>) -> String {
    let wild = |url: &str| url.replace('\\', "\\\\").replace('*', "\\*").replace("{{", "\\{{");
    match request(program, integration, with) {
        Some(request) => format!("stub {} {} -> 200 {{}}", request.method, wild(&request.url)),
        None => format!("stub \"{integration}\" -> success {{}}"),
    }
}

/// What an integration is told: the values of its call. A secret is its own name here.
struct Given<'a> {
    with: &'a BTreeMap<String, Value>,
    env: Value,
    secrets: Value,
}

impl Names for Given<'_> {
    fn value(&self, name: &str) -> Value {
        match name {
            "env" => self.env.clone(),
            "secret" => self.secrets.clone(),
            name => self.with.get(name).cloned().unwrap_or_default(),
        }
    }

    fn is_open(&self, _: &str) -> bool {
        false
    }
}

/// The secrets an integration uses, each as its own name.
fn secrets(integration: &Integration) -> Value {
    let mut names = BTreeMap::new();
    for source in integration.lines.iter().flat_map(|line| &line.values).map(Template::source) {
        for (at, _) in source.match_indices("secret.") {
            let name: String = source[at + "secret.".len()..]
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            names.insert(name.clone(), Value::text(name));
        }
    }
    Value::map(names)
}
