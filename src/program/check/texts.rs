//! What is said: its length, its JSON, its addresses, and words that another platform would take for commands.

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::place_in_text;
use crate::language::syntax::{Argument, IntegrationLine, Text};
use crate::program::survey::{Survey, TextRole};

/// Longer texts are split by some channels.
pub const TEXT_LETTERS_MAX: usize = 320;
/// Longer questions are cut by some channels.
pub const QUESTION_LETTERS_MAX: usize = 255;
/// Longer choices do not fit a button everywhere.
pub const CHOICE_LETTERS_MAX: usize = 20;

/// Words that LivePerson's Conversation Builder takes for commands when a bot says them.
const COMMANDS: &[(&str, &str)] = &[
    ("LP_CLOSEDIALOG", "close the conversation with `-> close`"),
    ("LP_CLOSECONVERSATION", "close the conversation with `-> close without survey`"),
    ("BLANK_MESSAGE", "leave the line out: what says nothing needs no `say`"),
    ("SET_USER_PROFILE", "keep what you know of the visitor in a variable: `set customer = …`"),
    ("tag::breakWithDelay", "write two `say` lines with `pause 1s` between them"),
    ("{$botContext.", "write `{{ name }}`"),
    ("{$", "write `{{ name }}`"),
    ("__agent_escalation_failed__", "answer it with an `on escalation failed dialog`"),
];

/// Looks at every text of a file.
pub(in crate::program) fn check(survey: &Survey<'_>, source: &str, file: FileId, out: &mut Vec<Finding>) {
    for at in &survey.texts {
        match at.role {
            TextRole::Say => length(
                at.text,
                TEXT_LETTERS_MAX,
                "a message",
                "say it in two lines: channels such as SMS split longer ones where they like",
                file,
                out,
            ),
            TextRole::Question => length(
                at.text,
                QUESTION_LETTERS_MAX,
                "a question",
                "say the long part first, with `say`, and ask the short one",
                file,
                out,
            ),
            TextRole::ChoiceLabel => length(
                at.text,
                CHOICE_LETTERS_MAX,
                "a choice",
                "shorten it; what it means can be said in the question",
                file,
                out,
            ),
            _ => {}
        }
        if matches!(
            at.role,
            TextRole::Say | TextRole::Question | TextRole::ChoiceLabel | TextRole::Note | TextRole::Apology
        ) {
            command(at.text, source, file, out);
        }
        if matches!(at.role, TextRole::Card | TextRole::JsonField) {
            json(at.text, at.role, source, file, out);
        }
        if at.role == TextRole::Address {
            plain_http(at.text, source, file, out);
        }
    }
    for (integration, _) in &survey.integrations {
        for line in integration.block.items() {
            let IntegrationLine::Field(field) = line else { continue };
            let Some(Argument::Text(text)) = field.values.first() else { continue };
            match field.name.text.as_str() {
                "get" | "post" | "put" | "patch" | "delete" | "url" => plain_http(text, source, file, out),
                // What is said while handing over.
                "message" => command(text, source, file, out),
                _ => {}
            }
        }
    }
}

fn length(text: &Text, limit: usize, what: &str, help: &str, file: FileId, out: &mut Vec<Finding>) {
    // Of the branches of an `{% if %}` only one is said, and nobody knows how often a loop runs.
    if text.value.contains("{%") {
        return;
    }
    let letters = without_holes(&text.value).chars().count();
    if letters > limit {
        let message =
            format!("{what} of {letters} characters is longer than the {limit} that all channels show");
        out.push(Finding::new(Slug::TooLong, file, text.span, message).help(help));
    }
}

fn command(text: &Text, source: &str, file: FileId, out: &mut Vec<Finding>) {
    for (word, help) in COMMANDS {
        let begins = |at: usize| {
            text.value[at + word.len()..].starts_with(|letter: char| letter.is_alphabetic() || letter == '.')
        };
        let found = text.value.find(word).filter(|at| *word != "{$" || begins(*at));
        if let Some(at) = found {
            let span = place_in_text(source, text, false, at..at + word.len());
            out.push(
                Finding::new(
                    Slug::CommandAsSpeech,
                    file,
                    span,
                    format!("the visitor would read `{word}`: a text is never a command here"),
                )
                .help(*help),
            );
            return;
        }
    }
}

/// JSON with holes: one inside JSON quotes stands for letters, one outside for a value.
fn json(text: &Text, role: TextRole, source: &str, file: FileId, out: &mut Vec<Finding>) {
    let value = text.value.trim();
    if value.starts_with("{{") && value.ends_with("}}") && !value[2..].contains("{{") {
        return;
    }
    // What a loop or a branch leaves in it is only known when it is said.
    if value.contains("{%") {
        return;
    }
    let filled = fill_json(&text.value);
    if let Err(error) = serde_json::from_str::<serde_json::Value>(&filled) {
        let what = if role == TextRole::Card { "card" } else { "body" };
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or("it cannot be read").to_string();
        let (span, place) = match error.line() {
            line @ 1.. => {
                let start: usize = text.value.split_inclusive('\n').take(line - 1).map(str::len).sum();
                let end = text.value[start.min(text.value.len())..]
                    .find('\n')
                    .map_or(text.value.len(), |at| start + at);
                let lead = text.value[start..end].len() - text.value[start..end].trim_start().len();
                (place_in_text(source, text, false, start + lead..end), format!("in line {line} of it"))
            }
            _ => (text.span, "in it".to_string()),
        };
        out.push(
            Finding::new(Slug::UnusableJson, file, span, format!("this {what} is no JSON: {words}"))
                .label(place)
                .help("JSON needs `\"` around names and texts, `,` between entries and none behind the last; a hole inside quotes is text, outside of them a value"),
        );
    }
}

fn fill_json(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    let (mut inside, mut escaped) = (false, false);
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("{{")
            && let Some(end) = rest.find("}}")
        {
            out.push_str(if inside { "x" } else { "0" });
            rest = &rest[end + 2..];
            continue;
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
        out.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    out
}

/// A text without its `{{ … }}`.
fn without_holes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        rest = behind.split_once("}}").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// Whether an address (behind its `http://`) stays on this computer or in its network.
pub(in crate::program) fn is_own_network(rest: &str) -> bool {
    if rest.starts_with('[') || rest.starts_with("{{") {
        return rest.starts_with("[::1]") || rest.starts_with("[f");
    }
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or("");
    if let Ok(address) = host.parse::<core::net::Ipv4Addr>() {
        return address.is_loopback() || address.is_private() || address.is_link_local();
    }
    // `orders`, `orders.internal`: names that no one outside can look up.
    let last = host.rsplit('.').next().unwrap_or("");
    !host.contains('.') || matches!(last, "localhost" | "local" | "internal" | "lan" | "svc" | "test")
}

fn plain_http(text: &Text, source: &str, file: FileId, out: &mut Vec<Finding>) {
    let Some(rest) = text.value.strip_prefix("http://") else { return };
    if is_own_network(rest) {
        return;
    }
    let host = rest.split(['/', ':', '?']).next().unwrap_or("");
    let span: Span = place_in_text(source, text, false, 0.."http://".len());
    out.push(
        Finding::new(
            Slug::PlainHttp,
            file,
            span,
            format!("everybody on the way to `{host}` can read and change this"),
        )
        .help("write `https://`")
        .fix("write `https://`", vec![(span, "https://".to_string())]),
    );
}
