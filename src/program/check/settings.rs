//! The `bot` block, and the types of variables.

use std::collections::HashMap;

use crate::diagnostics::{FileId, Finding, Place, Slug, Span, english};
use crate::language::syntax::*;
use crate::language::words;
use crate::program::check::rules::RETRY_MAX;
use crate::program::expression::{self, Constant};
use crate::program::survey::Survey;

/// Looks at every `bot` block of a file, and at every variable's first value.
pub(in crate::program) fn check(survey: &Survey<'_>, file: FileId, out: &mut Vec<Finding>) {
    for (bot, _) in &survey.bots {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for line in bot.block.items() {
            let BotLine::Setting(setting) = line else { continue };
            let name = setting.name.text.as_str();
            if let Some(before) = seen.insert(name, setting.name.span)
                && words::SETTINGS.contains(&name)
            {
                let mut finding = Finding::new(
                    Slug::DuplicateSetting,
                    file,
                    setting.name.span,
                    format!("`{name}` is set twice"),
                )
                .help("keep one of the two lines");
                finding.related.push(Place { file, span: before, label: "the first one".to_string() });
                out.push(finding);
                continue;
            }
            out.extend(setting_finding(setting, file));
        }
        if bot.name.value.trim().is_empty() {
            out.push(
                Finding::new(Slug::WrongValue, file, bot.name.span, "this bot has no name")
                    .help("write it between the quotes: `bot \"Acme Support\" {`"),
            );
        }
    }
    for (var, _) in &survey.vars {
        let Some(value) = &var.value else { continue };
        let Some(constant) =
            expression::read_expression(&value.source).ok().and_then(|reading| reading.constant)
        else {
            continue;
        };
        if !suits(&var.kind.name, constant) {
            out.push(wrong_type(file, value.span, &var.name.text, &var.kind.name, constant).related(
                file,
                var.kind.span,
                "its type",
            ));
        }
    }
}

/// Whether a fixed value can stand in a variable of this type.
pub(in crate::program) fn suits(kind: &str, constant: Constant) -> bool {
    match constant {
        Constant::Nothing => true,
        Constant::Text => !matches!(kind, "number" | "flag" | "list"),
        Constant::Number => matches!(kind, "number" | "json"),
        Constant::Flag => matches!(kind, "flag" | "json"),
        Constant::List => matches!(kind, "list" | "json"),
        Constant::Map => kind == "json",
    }
}

pub(in crate::program) fn wrong_type(
    file: FileId,
    span: Span,
    name: &str,
    kind: &str,
    constant: Constant,
) -> Finding {
    let what = match constant {
        Constant::Text => "a text",
        Constant::Number => "a number",
        Constant::Flag => "a flag",
        Constant::List => "a list",
        Constant::Map => "a map",
        Constant::Nothing => "nothing",
    };
    let help = match (kind, constant) {
        ("number", Constant::Text) => "a number stands without quotes: `0`".to_string(),
        ("flag", _) => "a flag is `true` or `false`".to_string(),
        ("list", _) => "a list is written `['a', 'b']`".to_string(),
        ("text", Constant::Number | Constant::Flag) => "a text stands in quotes: `\"…\"`".to_string(),
        _ => format!("give it a value of type `{kind}`, or change the type where it is declared"),
    };
    Finding::new(Slug::WrongType, file, span, format!("`{name}` is declared as `{kind}`, and this is {what}"))
        .help(help)
}

fn setting_finding(setting: &Setting, file: FileId) -> Option<Finding> {
    let name = setting.name.text.as_str();
    let span = setting.name.span;
    if !words::SETTINGS.contains(&name) {
        let known = words::SETTINGS.iter().copied().chain(["var", "remember"]);
        let finding =
            Finding::new(Slug::UnknownSetting, file, span, format!("a bot has no setting `{name}`"));
        let meant = match name {
            "timezone" | "time_zone" | "tz" => Some("zone"),
            "lang" | "locale" => Some("language"),
            "start" | "begin" | "welcome" => Some("entry"),
            "timeout" | "expires" => Some("session"),
            "error" | "sorry" => Some("apology"),
            _ => english::nearest(name, known),
        };
        return Some(match meant {
            Some(nearest) => finding
                .help(format!("did you mean `{nearest}`?"))
                .fix(format!("write `{nearest}`"), vec![(span, nearest.to_string())]),
            None if matches!(name, "greeting" | "greet" | "say" | "message") => {
                finding.help("what the bot says first stands in a dialog, and `entry` names that dialog")
            }
            None => finding.help(format!(
                "the settings are {}; variables begin with `var` or `remember`",
                english::list(words::SETTINGS, "and")
            )),
        });
    }
    let wrong = |help: &str| {
        let place = setting.values.first().map_or(span, |value| {
            setting.values.last().map_or(value.span(), |last| value.span().to(last.span()))
        });
        let message = match setting.values.first() {
            None => format!("`{name}` says nothing yet"),
            Some(_) => format!("this is no value for `{name}`"),
        };
        Some(Finding::new(Slug::WrongValue, file, place, message).help(help))
    };
    let only = match setting.values.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let good = |check: fn(&str) -> bool| matches!(only, Some(Argument::Value(value)) if check(&value.text));
    match name {
        "language" if !good(is_language) => {
            wrong("write a language, with or without a country: `language en`, `language en-US`")
        }
        "entry" if !matches!(only, Some(Argument::Text(text)) if !text.value.is_empty()) => {
            wrong("write the dialog's name in quotes: `entry \"Welcome\"`")
        }
        "session" if !good(is_duration) => wrong("write a time with its unit: `session 1h`"),
        "retry" if !good(is_retry) => wrong(&format!("write a number from 1 to {RETRY_MAX}: `retry 3`")),
        "apology" if !matches!(only, Some(Argument::Text(text)) if !text.value.trim().is_empty()) => wrong(
            "write what the visitor reads when something breaks: `apology \"Something went wrong. Please try again.\"`",
        ),
        "zone" if !good(is_zone) => {
            wrong("write a place of the time zone database: `zone Europe/Berlin`, or `zone UTC`")
        }
        _ => None,
    }
}

/// `en`, `en-US`, `zh-Hant-TW`
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// `1h`
pub(in crate::program) fn is_duration(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&digits)
        && words::UNITS.contains(&&text[digits..])
        && text[..digits].bytes().any(|digit| digit != b'0')
}

fn is_retry(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|count| (1..=RETRY_MAX).contains(&count))
}

/// `Europe/Berlin`, `UTC`; whether there is such a place is known where clocks are.
pub(in crate::program) fn is_zone(text: &str) -> bool {
    let good = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    text == "UTC"
        || text.contains('/')
            && text.split('/').all(good)
            && text.starts_with(|letter: char| letter.is_ascii_uppercase())
}
