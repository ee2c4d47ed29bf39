//! The words of the language, one list a place: for "did you mean", completion, and the manual.

/// What may stand at the top of a file.
pub const DECLARATIONS: &[&str] = &[
    "bot",
    "dialog",
    "integration",
    "phrases",
    "intent",
    "entity",
    "hours",
    "fallback",
    "escalation",
    "disambiguation",
    "on",
];

/// What may begin a line of a dialog.
pub const STEPS: &[&str] = &[
    "say", "ask", "choose", "collect", "call", "transfer", "set", "if", "note", "image", "card", "pause",
    "log", "respond", "var", "user",
];

/// What may begin a rule, besides a choice's own text.
pub const RULES: &[&str] = &["when", "otherwise", "retry", "for"];

/// The ways to compare a message.
pub const MATCHERS: &[&str] =
    &["pattern", "words", "phrases", "intent", "anything", "success", "failure", "silence"];

/// Where an arrow can lead, besides a dialog and a step's own name.
pub const ACTIONS: &[&str] =
    &["next", "repeat", "wait", "end", "end all", "back", "close", "close without survey"];

/// The types every bot has.
pub const TYPES: &[&str] =
    &["text", "number", "flag", "list", "json", "date", "time", "email", "phone", "location", "file"];

/// The events an `on` dialog can wait for.
pub const EVENTS: &[&str] = &[
    "start",
    "silence",
    "escalation failed",
    "file received",
    "file failed",
    "rich content received",
    "step up",
    "transfer in",
    "session expired",
];

/// The settings of a bot.
pub const SETTINGS: &[&str] = &["language", "entry", "session", "retry", "apology", "zone"];

/// The kinds of integrations.
pub const KINDS: &[&str] =
    &["api", "escalate", "route", "function", "email", "file", "knowledge", "bot", "context"];

/// The names every expression can use, besides the bot's variables.
pub const GIVEN: &[&str] =
    &["visitor", "reply", "conversation", "env", "secret", "response", "event", "now", "hours"];

/// Words that are kept for a later version.
pub const LATER: &[&str] = &["resume", "survey", "disabled"];

/// The lists of phrases that come with the language.
pub const PHRASES: &[&str] = &["yes", "no", "bye", "help", "back"];

/// The units of time.
pub const UNITS: &[&str] = &["ms", "s", "m", "h", "d"];
