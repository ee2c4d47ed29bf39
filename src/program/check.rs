//! Everything that can be wrong with a bot that could be read: one file a subject.
//!
//! The first group looks at one file at a time, through its [`Survey`](super::survey::Survey); the second at the
//! whole bot, through the facts of all its files. Checks only find; how a finding looks is `diagnostics`' affair.

// One file at a time.
pub(super) mod expressions;
pub(super) mod hours;
pub(super) mod integrations;
pub(super) mod matchers;
pub(super) mod rules;
pub(super) mod settings;
pub(super) mod structure;
pub(super) mod texts;

// The whole bot.
pub(super) mod bot;
pub(super) mod environment;
pub(super) mod names;
pub(super) mod roads;
pub(super) mod starters;
pub(super) mod variables;
