//! What answered, as a sentence.

use crate::diagnostics::english::count;

/// Why this answers.
pub(super) fn why(kind: &str, own: u32) -> String {
    match kind {
        "starter" => format!("a starter that accounts for {}", count(own as usize, "character")),
        "rule" => "a rule of the open question".to_string(),
        "choice" => "a choice of the open question".to_string(),
        "number" => "the number of a choice".to_string(),
        "type" => "a value of the type of the question".to_string(),
        "anything" => "the question takes anything".to_string(),
        "otherwise" => "nothing else fits: otherwise".to_string(),
        "retry" => "too many answers that do not fit".to_string(),
        "silence" => "nothing was heard for a time".to_string(),
        "fallback" => "nothing fits: the fallback dialog".to_string(),
        "escalation" => "too many answers that do not fit: the escalation dialog".to_string(),
        "apology" => "nothing fits, and there is no fallback dialog".to_string(),
        "entry" => "the entry of the bot, as nothing else fits".to_string(),
        "event" => "an event it waits for".to_string(),
        "returned" => "the call came back".to_string(),
        "goto" => "/goto".to_string(),
        kind => kind.to_string(),
    }
}
