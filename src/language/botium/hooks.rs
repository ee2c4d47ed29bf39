//! The names of Botium's hooks: where each may stand, and which of them do nothing here.

/// What a hook is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Says something of what the bot has said.
    Asserts,
    /// Does something between the messages.
    Acts,
    /// Is what the visitor does, instead of a text.
    Enters,
    /// Nothing, in Parlor.
    None,
}

/// Every hook that does something, and what for. `MEDIA` asserts and enters; the section tells which.
pub const HOOKS: &[(&str, Use)] = &[
    ("TEXT", Use::Asserts),
    ("TEXT_IC", Use::Asserts),
    ("TEXT_EQUALS", Use::Asserts),
    ("TEXT_EQUALS_IC", Use::Asserts),
    ("TEXT_EXACT", Use::Asserts),
    ("TEXT_EXACT_IC", Use::Asserts),
    ("TEXT_CONTAINS", Use::Asserts),
    ("TEXT_CONTAINS_IC", Use::Asserts),
    ("TEXT_CONTAINS_ANY", Use::Asserts),
    ("TEXT_CONTAINS_ANY_IC", Use::Asserts),
    ("TEXT_CONTAINS_ALL", Use::Asserts),
    ("TEXT_CONTAINS_ALL_IC", Use::Asserts),
    ("TEXT_WILDCARD", Use::Asserts),
    ("TEXT_WILDCARD_IC", Use::Asserts),
    ("TEXT_WILDCARD_ANY", Use::Asserts),
    ("TEXT_WILDCARD_ANY_IC", Use::Asserts),
    ("TEXT_WILDCARD_ALL", Use::Asserts),
    ("TEXT_WILDCARD_ALL_IC", Use::Asserts),
    ("TEXT_WILDCARDEXACT_ANY", Use::Asserts),
    ("TEXT_WILDCARDEXACT_ANY_IC", Use::Asserts),
    ("TEXT_WILDCARDEXACT_ALL", Use::Asserts),
    ("TEXT_WILDCARDEXACT_ALL_IC", Use::Asserts),
    ("TEXT_REGEXP", Use::Asserts),
    ("TEXT_REGEXP_IC", Use::Asserts),
    ("TEXT_REGEXP_ANY", Use::Asserts),
    ("TEXT_REGEXP_ANY_IC", Use::Asserts),
    ("TEXT_REGEXP_ALL", Use::Asserts),
    ("TEXT_REGEXP_ALL_IC", Use::Asserts),
    ("BUTTONS", Use::Asserts),
    ("BUTTONS_COUNT", Use::Asserts),
    ("MEDIA", Use::Asserts),
    ("MEDIA_COUNT", Use::Asserts),
    ("CARDS", Use::Asserts),
    ("CARDS_COUNT", Use::Asserts),
    ("JSON_PATH", Use::Asserts),
    ("JSON_PATH_COUNT", Use::Asserts),
    ("INTENT", Use::Asserts),
    ("PAUSE", Use::Acts),
    ("WAITFORBOT", Use::Acts),
    ("INCLUDE", Use::Acts),
    ("SET_SCRIPTING_MEMORY", Use::Acts),
    ("CLEAR_SCRIPTING_MEMORY", Use::Acts),
    ("ASSIGN_SCRIPTING_MEMORY", Use::Acts),
    ("SKIP_BOT_UNCONSUMED", Use::Acts),
    ("BUTTON", Use::Enters),
];

/// Hooks of Botium that do nothing here, and would be taken for a text by their looks. All that have an underscore
/// and no small letter are taken for hooks anyway.
const ABSENT: &[&str] = &["WER", "FORM", "FORMS", "ENTITIES"];

/// What a word is for at the beginning of a line; nothing, if the line is text.
pub fn hook(word: &str) -> Option<Use> {
    if let Some((_, used)) = HOOKS.iter().find(|(name, _)| *name == word) {
        return Some(*used);
    }
    let capitals = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let looks_like_one = word.starts_with(|letter: char| letter.is_ascii_uppercase())
        && word.trim_matches('_').contains('_')
        && word.chars().all(capitals);
    (looks_like_one || ABSENT.contains(&word)).then_some(Use::None)
}
