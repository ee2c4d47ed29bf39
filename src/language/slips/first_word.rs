//! Slips with the word that begins a line: it is unknown, in capitals, kept for later, or stands in the wrong block.

use crate::diagnostics::{Finding, Slug, english};
use crate::language::parse::Context;
use crate::language::slips::letters::{shortened, word_length};
use crate::language::slips::{SEARCHED_BYTES_MAX, Slip};
use crate::language::words;

pub(super) fn kept_for_later(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let say_any = line.strip_prefix("say").is_some_and(|rest| rest.trim_start().starts_with("any"));
    let text_block = slip.block && word == "text" && line.contains('"');
    let disabled = slip.block && line.trim_end().ends_with(" disabled");
    let kept = if say_any {
        "say any"
    } else if text_block {
        "text \"…\" { }"
    } else if disabled {
        "disabled"
    } else if words::LATER.contains(&word) {
        word
    } else {
        return None;
    };
    Some(
        slip.find(
            Slug::KeptForLater,
            0..word.len().max(1),
            format!("`{kept}` is kept for a later version and does nothing yet"),
        )
        .help(
            "leave it out for now; `parlor explain kept-for-later` lists these words and what to write today",
        ),
    )
}

pub(super) fn capital_word(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let lower = word.to_lowercase();
    let known = words_of(slip.context).contains(&lower.as_str()) || words::MATCHERS.contains(&lower.as_str());
    if lower == word || !known {
        return None;
    }
    let mut edits = vec![(slip.place(0..word.len()), lower.clone())];
    // `User Says`, `But Not`: the words that follow, up to the first that is written in small letters.
    let mut at = word.len();
    for piece in line[at..].split_inclusive(' ') {
        let bare = piece.trim();
        if bare.is_empty()
            || bare.chars().all(|letter| letter.is_ascii_alphabetic()) && bare != bare.to_lowercase()
        {
            let offset = at + (piece.len() - piece.trim_start().len());
            if !bare.is_empty() {
                edits.push((slip.place(offset..offset + bare.len()), bare.to_lowercase()));
            }
            at += piece.len();
        } else {
            break;
        }
    }
    Some(
        slip.find(Slug::CapitalWord, 0..word.len(), format!("the word is `{lower}`, in small letters"))
            .help(format!("write `{lower}`; capitals count everywhere but in what visitors type"))
            .fix("write it in small letters", edits),
    )
}

pub(super) fn misplaced(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    const PLACES: &[(Context, &str)] = &[
        (Context::Steps, "a step, and steps stand in a dialog, in `if` or behind a rule: `when … {`"),
        (
            Context::Rules,
            "a rule, and rules stand between the braces of `ask`, `choose`, `call` or `transfer`",
        ),
        (Context::Listen, "a way to listen, and such lines stand in `user says { }` or in `phrases`"),
        (Context::Top, "a declaration, and declarations stand at the top of a file, outside of all braces"),
        (Context::Bot, "a setting of the bot, and settings stand in the `bot \"…\" { }` block"),
        (Context::Integration, "a line of an integration, and such lines stand in its block"),
    ];
    for (context, what) in PLACES.iter().filter(|(context, _)| *context != slip.context) {
        let known = match context {
            Context::Listen => {
                words::MATCHERS.contains(&word) || word == "but" || line.starts_with(['"', '/'])
            }
            Context::Rules => words::RULES.contains(&word) || line.starts_with('"') && line.contains("->"),
            Context::Bot => BOT_LINES.contains(&word),
            Context::Integration => matches!(
                word,
                "get"
                    | "post"
                    | "put"
                    | "patch"
                    | "delete"
                    | "header"
                    | "query"
                    | "body"
                    | "timeout"
                    | "save"
            ),
            Context::Steps => {
                words::STEPS.contains(&word) || line.starts_with("->") || line[word.len()..].starts_with(':')
            }
            _ => words::DECLARATIONS.contains(&word),
        };
        if known && slip.reads_as(line, *context) {
            let finding =
                slip.find(Slug::MisplacedLine, 0..word.len().max(1), format!("this line is {what}"));
            let help = match (context, slip.context) {
                (Context::Steps, Context::Rules) => Some("say when it is done, with a rule: `otherwise say \"…\"`; or move it behind the closing `}`".to_string()),
                (Context::Listen, Context::Steps) => Some(format!("put it into the dialog's starter: `user says {{ {} }}`", shortened(line))),
                (Context::Listen, Context::Rules) => Some(format!("begin it with `when`: `when {} -> next`", shortened(line))),
                (Context::Rules, Context::Steps) => Some("move it between the braces of the question before it; a question without braces gets some: `ask name \"…\" {`".to_string()),
                (Context::Top, _) => Some("close the blocks above it with `}` first".to_string()),
                (_, Context::Top) => Some("move it into its block; is a `}` above it one too many?".to_string()),
                _ => None,
            };
            return Some(finding.maybe_help(help));
        }
    }
    None
}

pub(super) fn unknown_word(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    let known = words_of(slip.context);
    if word.is_empty()
        || known.contains(&word)
        || words::MATCHERS.contains(&word) && slip.context == Context::Listen
    {
        return None;
    }
    let what = match slip.context {
        Context::Top => "a file is made of blocks that begin with",
        Context::Rules => "a rule begins with a choice in \"quotes\" or with",
        Context::Listen => "such a line is a text in \"quotes\", a /regex/, `but not`, or begins with",
        _ => "a line here begins with",
    };
    let nearest = meant_by(word, slip.context).or_else(|| english::nearest(word, known.iter().copied()));
    let finding = slip.find(Slug::UnknownWord, 0..word.len(), format!("I don't know the word `{word}`"));
    let Some(nearest) = nearest else {
        return Some(finding.help(format!("{what} {}", english::list(known, "or"))));
    };
    let finding = finding.help(format!("did you mean `{nearest}`?"));
    let meant = format!("{nearest}{}", &line[word.len()..]);
    if slip.reads(&meant) {
        return Some(
            finding.fix(format!("write `{nearest}`"), vec![(slip.place(0..word.len()), nearest.to_string())]),
        );
    }
    Some(finding)
}

/// Words of other languages and tools, and what they are called here.
fn meant_by(word: &str, context: Context) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let steps = matches!(context, Context::Steps);
    Some(match lower.as_str() {
        "print" | "send" | "reply" | "message" | "text" | "answer" | "tell" | "echo" | "utter" if steps => {
            "say"
        }
        "input" | "prompt" | "question" | "listen" if steps => "ask",
        "menu" | "buttons" | "options" | "choices" | "select" | "quick" if steps => "choose",
        "invoke" | "run" | "fetch" | "request" | "integration" if steps => "call",
        "escalate" | "handoff" | "handover" | "forward" if steps => "transfer",
        "let" | "assign" if steps => "set",
        "wait" | "sleep" | "delay" if steps => "pause",
        "form" if steps => "collect",
        "default" | "else" | "nomatch" if context == Context::Rules => "otherwise",
        "on" | "case" | "if" if context == Context::Rules => "when",
        "flow" | "story" | "topic" | "intent" | "node" if context == Context::Top => "dialog",
        "regex" | "like" | "matches" if context == Context::Listen => "pattern",
        "contains" | "keyword" | "keywords" | "word" if context == Context::Listen => "words",
        "phrase" if context == Context::Listen => "phrases",
        _ => return None,
    })
}

pub(super) fn words_of(context: Context) -> &'static [&'static str] {
    match context {
        Context::Top => words::DECLARATIONS,
        Context::Bot => BOT_LINES,
        Context::Integration => &[
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "header",
            "query",
            "body",
            "credential",
            "timeout",
            "retry",
            "save",
            "skill",
            "message",
        ],
        Context::Listen => words::MATCHERS,
        Context::Intent => &["domain"],
        Context::Entity | Context::Hours => &[],
        Context::Steps => words::STEPS,
        Context::Rules => words::RULES,
    }
}

const BOT_LINES: &[&str] = &["language", "entry", "session", "retry", "apology", "zone", "var", "remember"];

/// What the lines inside a block should be, told from its first line, however that is written.
pub(in crate::language) fn context_inside(head: &str, context: Context) -> Option<Context> {
    let word = &head[..word_length(head)];
    let known = words_of(context);
    let lower = word.to_lowercase();
    let meant = known
        .iter()
        .copied()
        .find(|known| *known == lower)
        .or_else(|| meant_by(word, context))
        .or_else(|| english::nearest(word, known.iter().copied()));
    match (context, meant) {
        (Context::Top, Some("bot")) => Some(Context::Bot),
        (Context::Top, Some("integration")) => Some(Context::Integration),
        (Context::Top, Some("phrases")) => Some(Context::Listen),
        (Context::Top, Some("intent")) => Some(Context::Intent),
        (Context::Top, Some("entity")) => Some(Context::Entity),
        (Context::Top, Some("hours")) => Some(Context::Hours),
        (Context::Top, Some(_)) | (Context::Steps, Some("if" | "collect")) => Some(Context::Steps),
        (Context::Steps, Some("user")) => Some(Context::Listen),
        (Context::Steps, Some("ask" | "choose" | "call" | "transfer")) => Some(Context::Rules),
        (Context::Rules, _) => Some(Context::Steps),
        _ => None,
    }
}

/// The same for a line behind a closing brace: nearly always it means `else`.
pub(in crate::language) fn context_behind_brace(head: &str) -> Option<Context> {
    context_inside(head, Context::Steps).or(Some(Context::Steps))
}

/// Whether the line is fine as such, only not where it stands.
pub(in crate::language) fn reads_elsewhere(slip: &Slip<'_>) -> bool {
    const ELSEWHERE: &[Context] =
        &[Context::Steps, Context::Rules, Context::Listen, Context::Bot, Context::Integration];
    slip.line().len() <= SEARCHED_BYTES_MAX
        && ELSEWHERE.iter().any(|context| *context != slip.context && slip.reads_as(slip.line(), *context))
}
