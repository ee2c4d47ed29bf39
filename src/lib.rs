//! Conversation bots as text: a designer writes `.dialog` files, this crate reads, checks, formats and explains them.
//!
//! The house has rooms, and a room imports only those above it. In reading order:
//!
//! - [`conversation`]: the words as data: values, moments, messages.
//! - [`diagnostics`]: what is wrong with a bot, where, and how we say it.
//! - [`language`]: what authors write, text to tree and back; the only room that knows pest.
//! - [`program`]: a checked, compiled, immutable bot, with one machine for all that starts a dialog.
//! - [`engine`]: one pure function: program, state and event in; state and effects out.
//! - [`rehearsal`]: plays conversations with a bot on a clock of one's own, and writes them down.
//! - `store`: turns that survive a crash: one contract, in memory and on sled. Behind the feature `platform`.
//! - `platform`: conversations, who has them and who gets them; commits each turn, then acts. Behind `platform` as well.
//! - `connectors`: how a participant is reached; our bots in a seat. Behind `platform` as well.
//! - `server`: the platform in real time, over a store that commits in groups. Behind `platform` as well.
//! - `cli`: the commands; the only reader of flags, environment and bot folders. Behind the feature `cli`; without it
//!   only the pure half builds.
//!
//! ```
//! use parlor::program::Draft;
//!
//! let mut draft = Draft::new();
//! draft.put("hello.dialog", r#"
//!     bot "Hello" {
//!       language en-US
//!       entry "Welcome"
//!     }
//!     dialog "Welcome" {
//!       user says {
//!         pattern "(hi|hello)*"
//!       }
//!       say "Hello!"
//!       transfer to skill "Human" say "Hold on..."
//!     }
//!     fallback dialog "Fallback" {
//!       say "Sorry?"
//!     }
//! "#);
//! let checked = draft.check();
//! assert!(checked.findings.is_empty());
//! let answers = checked.program.unwrap().answers("Hello there!").unwrap();
//! assert_eq!(answers[0].dialog, "Welcome");
//! ```

pub mod conversation;
pub mod diagnostics;
pub mod language;
pub mod program;
pub mod engine;
pub mod rehearsal;
#[cfg(feature = "platform")]
pub mod store;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(feature = "platform")]
pub mod connectors;
#[cfg(feature = "platform")]
pub mod server;
#[cfg(feature = "cli")]
pub mod cli;
