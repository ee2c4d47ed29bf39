//! What there is to ask for, as an OpenAPI document made of the table of routes.

use axum::http::Method;
use serde_json::{Map, Value as Json, json};

use super::call::{Call, json};
use super::route::{Answered, Field, Form, Gives, Route, Takes, Who, routes};

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/api/v1/openapi.json",
    who: Who::Anyone,
    does: "This document.",
    query: &[],
    takes: Takes::Nothing,
    gives: Gives::Json(200),
    run: |call| Box::pin(show(call)),
}];

async fn show(_: Call) -> Answered {
    json(200, &document())
}

/// The whole document.
pub(super) fn document() -> Json {
    let mut paths = Map::new();
    for route in routes() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Parlor",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Moments are milliseconds since the beginning of 1970, UTC.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The pass of a visitor or of a login, or the token of an operator.",
                },
            },
            "schemas": { "Problem": problem() },
        },
    })
}

fn problem() -> Json {
    let text = || json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": text(),
            "title": text(),
            "status": { "type": "integer" },
            "detail": text(),
            "code": { "type": "string", "description": "Stable, for programs." },
            "field": { "type": "string", "description": "The field, parameter or header it is about." },
        },
    })
}

fn operation(route: &Route) -> Json {
    let mut parameters: Vec<Json> = route
        .path
        .split('/')
        .filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(route.query.iter().map(|field| {
        json!({
            "name": field.name, "in": "query", "required": field.needed,
            "description": field.says, "schema": schema(field.form),
        })
    }));
    let (status, content) = match route.gives {
        Gives::Json(status) => (status, json!({ "application/json": { "schema": { "type": "object" } } })),
        Gives::Nothing => (204, Json::Null),
        Gives::Text(kind) => (200, json!({ kind: { "schema": { "type": "string" } } })),
        Gives::Events => (
            200,
            json!({
                "application/json": { "schema": { "type": "object" } },
                "text/event-stream": { "schema": { "type": "string" } },
            }),
        ),
    };
    let mut answer = json!({ "description": "Done." });
    if !content.is_null() {
        answer["content"] = content;
    }
    let refused =
        json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let mut operation = json!({
        "summary": route.does,
        "responses": {
            status.to_string(): answer,
            "default": { "description": "Refused, and nothing was done.", "content": refused },
        },
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    match route.takes {
        Takes::Nothing => {}
        Takes::Fields(fields) => {
            let schema = object(fields);
            let needed = fields.iter().any(|field| field.needed);
            operation["requestBody"] =
                json!({ "required": needed, "content": { "application/json": { "schema": schema } } });
        }
        Takes::Whole(kind, limit) => {
            let schema = json!({ "type": "string", "description": format!("{limit} bytes at most.") });
            operation["requestBody"] = json!({ "required": true, "content": { kind: { "schema": schema } } });
        }
    }
    match route.who {
        Who::Anyone => {}
        Who::Visitors => operation["security"] = json!([{}, { "bearer": [] }]),
        who => {
            operation["security"] = json!([{ "bearer": [] }]);
            operation["description"] = match who {
                Who::Part => "For visitors in their own conversations, and for users.".into(),
                Who::Look => {
                    "For visitors in their own conversations, for users, and for tokens of whoever may step in.".into()
                }
                Who::User => "For users who are logged in.".into(),
                Who::May(what) => format!("For whoever may {what}.").into(),
                _ => "For users and tokens.".into(),
            };
        }
    }
    operation
}

fn object(fields: &[Field]) -> Json {
    let properties: Map<String, Json> = fields
        .iter()
        .map(|field| {
            let mut schema = schema(field.form);
            schema["description"] = field.says.into();
            (field.name.to_string(), schema)
        })
        .collect();
    let needed: Vec<&str> = fields.iter().filter(|field| field.needed).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": needed, "additionalProperties": false })
}

fn schema(form: Form) -> Json {
    match form {
        Form::Text(limit) => json!({ "type": "string", "maxLength": limit }),
        Form::One(words) => json!({ "type": "string", "enum": words }),
        Form::Number(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Form::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Numbers(limit) => {
            json!({ "type": "array", "maxItems": limit, "items": { "type": "integer", "minimum": 0 } })
        }
        Form::Json => json!({}),
    }
}
