//! The blocks of integrations: which lines each kind knows, and which it needs.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Place, Slug, Span, english};
use crate::language::syntax::*;
use crate::language::words;
use crate::program::check::settings::is_duration;
use crate::program::survey::Survey;

/// The most times a call is repeated.
pub const REPEATS_MAX: u64 = 10;

/// What a line of an integration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// Two texts: a name and a value.
    Pair,
    /// A time.
    Time,
    /// A number of repetitions.
    Repeats,
    /// `json "…"`, `form "…"` or `text "…"`
    Body,
    /// `save x = …`
    Save,
}

/// A kind of integration, with the lines it knows.
#[derive(Debug)]
pub struct KindOf {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Its lines.
    pub fields: &'static [(&'static str, Holds)],
    /// Of these lines it needs at least one; the words for the message.
    pub needs: &'static [&'static [&'static str]],
}

/// The lines that may stand more than once.
const REPEATED: &[&str] = &["header", "query", "save", "to", "cc", "bcc"];

/// All kinds.
pub const KINDS: &[KindOf] = &[
    KindOf {
        name: "api",
        purpose: "a request over HTTP",
        fields: &[
            ("get", Holds::Text),
            ("post", Holds::Text),
            ("put", Holds::Text),
            ("patch", Holds::Text),
            ("delete", Holds::Text),
            ("header", Holds::Pair),
            ("query", Holds::Pair),
            ("body", Holds::Body),
            ("credential", Holds::Text),
            ("timeout", Holds::Time),
            ("retry", Holds::Repeats),
            ("save", Holds::Save),
        ],
        needs: &[&["get", "post", "put", "patch", "delete"]],
    },
    KindOf {
        name: "escalate",
        purpose: "hand over to a person",
        fields: &[
            ("skill", Holds::Text),
            ("agent", Holds::Text),
            ("message", Holds::Text),
            ("wait", Holds::Time),
            ("fallback", Holds::Text),
        ],
        needs: &[&["skill", "agent"]],
    },
    KindOf {
        name: "route",
        purpose: "find the right skill and hand over to it",
        fields: &[
            ("skill", Holds::Text),
            ("message", Holds::Text),
            ("fallback", Holds::Text),
            ("timeout", Holds::Time),
            ("save", Holds::Save),
        ],
        needs: &[],
    },
    KindOf {
        name: "function",
        purpose: "a function of one's own",
        fields: &[
            ("function", Holds::Text),
            ("url", Holds::Text),
            ("command", Holds::Text),
            ("body", Holds::Body),
            ("credential", Holds::Text),
            ("timeout", Holds::Time),
            ("retry", Holds::Repeats),
            ("save", Holds::Save),
        ],
        needs: &[&["function", "url", "command"]],
    },
    KindOf {
        name: "email",
        purpose: "a mail",
        fields: &[
            ("to", Holds::Text),
            ("cc", Holds::Text),
            ("bcc", Holds::Text),
            ("from", Holds::Text),
            ("subject", Holds::Text),
            ("body", Holds::Body),
            ("credential", Holds::Text),
            ("timeout", Holds::Time),
        ],
        needs: &[&["to"], &["body"]],
    },
    KindOf {
        name: "file",
        purpose: "pass on a file the visitor sent",
        fields: &[
            ("post", Holds::Text),
            ("put", Holds::Text),
            ("header", Holds::Pair),
            ("credential", Holds::Text),
            ("timeout", Holds::Time),
            ("save", Holds::Save),
        ],
        needs: &[&["post", "put"]],
    },
    KindOf {
        name: "knowledge",
        purpose: "look something up in a knowledge base",
        fields: &[
            ("base", Holds::Text),
            ("question", Holds::Text),
            ("credential", Holds::Text),
            ("timeout", Holds::Time),
            ("save", Holds::Save),
        ],
        needs: &[&["base"]],
    },
    KindOf {
        name: "bot",
        purpose: "hand over to another bot of the account",
        fields: &[("bot", Holds::Text), ("message", Holds::Text)],
        needs: &[&["bot"]],
    },
    KindOf {
        name: "context",
        purpose: "keep or look up values that several bots share",
        fields: &[
            ("get", Holds::Text),
            ("set", Holds::Pair),
            ("delete", Holds::Text),
            ("keep", Holds::Time),
            ("save", Holds::Save),
        ],
        needs: &[&["get", "set", "delete"]],
    },
];

/// Looks at every integration of a file.
pub(in crate::program) fn check(survey: &Survey<'_>, file: FileId, out: &mut Vec<Finding>) {
    for (integration, _) in &survey.integrations {
        let kind = &integration.kind;
        let Some(known) = KINDS.iter().find(|known| known.name == kind.text) else {
            let finding = Finding::new(
                Slug::UnknownKind,
                file,
                kind.span,
                format!("there is no kind of integration called `{}`", kind.text),
            );
            let meant = match kind.text.as_str() {
                "http" | "https" | "rest" | "request" | "webhook" | "web" => Some("api"),
                "handoff" | "handover" | "transfer" | "agent" | "human" => Some("escalate"),
                "lambda" | "faas" | "script" => Some("function"),
                "kb" | "faq" => Some("knowledge"),
                name => english::nearest(name, words::KINDS.iter().copied()),
            };
            out.push(match meant {
                Some(nearest) => finding
                    .help(format!("did you mean `{nearest}`?"))
                    .fix(format!("write `{nearest}`"), vec![(kind.span, nearest.to_string())]),
                None => finding.help(format!("the kinds are {}", english::list(words::KINDS, "and"))),
            });
            continue;
        };
        fields(integration, known, file, out);
        needs(integration, known, file, out);
    }
}

fn fields(integration: &Integration, known: &KindOf, file: FileId, out: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for line in integration.block.items() {
        let (name, span) = match line {
            IntegrationLine::Field(field) => (field.name.text.as_str(), field.name.span),
            IntegrationLine::Save(save) => ("save", save.span),
        };
        let Some((_, holds)) = known.fields.iter().find(|(field, _)| *field == name) else {
            out.push(unknown(name, span, known, file));
            continue;
        };
        if let Some(before) = seen.insert(name, span)
            && !REPEATED.contains(&name)
        {
            let mut finding =
                Finding::new(Slug::DuplicateSetting, file, span, format!("`{name}` is set twice"))
                    .help("keep one of the two lines");
            finding.related.push(Place { file, span: before, label: "the first one".to_string() });
            out.push(finding);
        }
        match line {
            IntegrationLine::Field(field) => out.extend(value(field, *holds, file)),
            IntegrationLine::Save(save) if save.path.is_none() || save.value.is_none() => out.push(
                Finding::new(Slug::WrongValue, file, save.span, "`save` does not say what to keep")
                    .help("write `save status = response.body.status`, with a variable of the bot in front"),
            ),
            IntegrationLine::Save(_) => {}
        }
    }
    let methods: Vec<&Setting> = integration
        .block
        .items()
        .filter_map(|line| match line {
            IntegrationLine::Field(field)
                if known.name == "api"
                    && matches!(field.name.text.as_str(), "get" | "post" | "put" | "patch" | "delete") =>
            {
                Some(field)
            }
            _ => None,
        })
        .collect();
    if let [first, second, ..] = methods.as_slice()
        && first.name.text != second.name.text
    {
        out.push(
            Finding::new(
                Slug::DuplicateSetting,
                file,
                second.name.span,
                format!("this integration has a `{}` already", first.name.text),
            )
            .related(file, first.name.span, "the first request")
            .help("one integration makes one request; make a second integration for the other"),
        );
    }
}

fn unknown(name: &str, span: Span, known: &KindOf, file: FileId) -> Finding {
    let fields = known.fields.iter().map(|(field, _)| *field);
    let span = Span::new(span.start as usize, span.start as usize + name.len());
    let finding = Finding::new(
        Slug::UnknownField,
        file,
        span,
        format!("an integration of the kind `{}` has no `{name}`", known.name),
    );
    let meant = match name {
        "url" | "uri" | "endpoint" if known.name == "api" => Some("get"),
        "map" | "set" if known.name == "api" => Some("save"),
        "text" | "say" if known.name == "escalate" => Some("message"),
        _ => english::nearest(name, fields.clone()),
    };
    match meant {
        Some(nearest) => finding
            .help(format!("did you mean `{nearest}`?"))
            .fix(format!("write `{nearest}`"), vec![(span, nearest.to_string())]),
        None => finding.help(format!("its lines are {}", english::list(fields, "and"))),
    }
}

fn value(field: &Setting, holds: Holds, file: FileId) -> Option<Finding> {
    let name = &field.name.text;
    let good = match (holds, field.values.as_slice()) {
        (Holds::Text, [Argument::Text(text)]) => !text.value.is_empty(),
        (Holds::Pair, [Argument::Text(key), Argument::Text(_)]) => !key.value.is_empty(),
        (Holds::Time, [Argument::Value(value)]) => is_duration(&value.text),
        (Holds::Repeats, [Argument::Value(value)]) => {
            value.text.parse::<u64>().is_ok_and(|count| count <= REPEATS_MAX)
        }
        (Holds::Body, [Argument::Value(value), Argument::Text(_)]) => {
            matches!(value.text.as_str(), "json" | "form" | "text")
        }
        _ => false,
    };
    if good {
        return None;
    }
    let help = match holds {
        Holds::Text => format!("write a text in quotes: `{name} \"…\"`"),
        Holds::Pair => {
            format!("write a name and a value, both in quotes: `{name} \"Accept\" \"application/json\"`")
        }
        Holds::Time => format!("write a time with its unit: `{name} 5s`"),
        Holds::Repeats => format!("write a number from 0 to {REPEATS_MAX}: `{name} 2`"),
        Holds::Body => {
            format!("say what it is: `{name} json \"…\"`, `{name} form \"…\"` or `{name} text \"…\"`")
        }
        Holds::Save => "write `save status = response.body.status`".to_string(),
    };
    let place = match (field.values.first(), field.values.last()) {
        (Some(first), Some(last)) => first.span().to(last.span()),
        _ => field.name.span,
    };
    let message = if field.values.is_empty() {
        format!("`{name}` says nothing yet")
    } else {
        format!("this is no value for `{name}`")
    };
    Some(Finding::new(Slug::WrongValue, file, place, message).help(help))
}

fn needs(integration: &Integration, known: &KindOf, file: FileId, out: &mut Vec<Finding>) {
    let has = |wanted: &str| {
        integration
            .block
            .items()
            .any(|line| matches!(line, IntegrationLine::Field(field) if field.name.text == wanted))
    };
    // A misspelt line may be the one that seems to be missing.
    let misspelt = out.iter().any(|finding| {
        finding.slug == Slug::UnknownField
            && integration.block.span.contains(finding.place.span.start as usize)
    });
    for group in known.needs.iter().filter(|_| !misspelt) {
        if !group.iter().any(|field| has(field)) {
            out.push(
                Finding::new(
                    Slug::MissingField,
                    file,
                    integration.name.span,
                    format!("`{}` has no {}", integration.name.value, english::list(group.iter(), "or")),
                )
                .help(match (known.name, group[0]) {
                    ("api", _) => "say what to ask for: `get \"{{ env.ORDERS_URL }}/orders\"`".to_string(),
                    ("escalate", _) => "say who takes over: `skill \"Human\"`".to_string(),
                    ("email", "to") => "say who gets the mail: `to \"support@acme.example\"`".to_string(),
                    ("email", _) => "say what the mail says: `body text \"…\"`".to_string(),
                    ("file", _) => {
                        "say where the file goes: `post \"{{ env.FILES_URL }}/upload\"`".to_string()
                    }
                    ("bot", _) => "say which bot takes over: `bot \"…\"`".to_string(),
                    ("knowledge", _) => "say where to look: `base \"…\"`".to_string(),
                    ("context", _) => {
                        "say what to keep or look up: `set \"name\" \"…\"` or `get \"name\"`".to_string()
                    }
                    ("function", _) => "say what to run: `function \"…\"`".to_string(),
                    (_, field) => format!("add a line `{field} …`: {}", known.purpose),
                }),
            );
        }
    }
}
