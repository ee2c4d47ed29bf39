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

/// What may begin a line of a transcript above its first test.
pub const HEADER: &[&str] = &["bot", "env", "clock", "channel", "locale", "given", "stub", "include"];

/// What begins a test, or lines that tests include.
pub const SCENES: &[&str] = &["test", "opening"];

/// What may begin a line of a conversation; these have a colon behind them.
pub const LABELS: &[&str] = &[
    "user", "bot", "bot?", "bot!", "or", "choices", "card", "agent", "event", "note", "wait", "begin",
    "answer", "happens", "goto",
];

/// What else may begin one.
pub const CUES: &[&str] = &["expect", "within", "each", "include", "stub"];

/// What can be expected, besides what is said.
pub const EXPECTED: &[&str] = &["dialog", "matched", "var", "env", "call", "no more", "coverage"];

/// What can answer a message, as `expect matched` names it.
pub const ANSWERERS: &[&str] = &[
    "starter",
    "rule",
    "choice",
    "number",
    "type",
    "anything",
    "otherwise",
    "retry",
    "silence",
    "fallback",
    "escalation",
    "apology",
    "entry",
    "event",
    "returned",
    "goto",
];

/// Why a call or transfer can fail: the words of `response.reason`.
pub const REASONS: &[&str] = &[
    "timeout",
    "unreachable",
    "refused",
    "status",
    "too large",
    "bad answer",
    "denied",
    "not performed",
    "busy",
    "unknown",
];

/// The methods of requests.
pub const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// What a human can do besides speaking.
pub const ACTS: &[&str] = &["accept", "close", "transfer", "away"];

/// The environments a bot runs in.
pub const ENVIRONMENTS: &[&str] = &["demo", "production"];
