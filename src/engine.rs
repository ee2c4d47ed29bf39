//! The pure machine: a program, a state and an event in; a state and effects out.
//!
//! Knows `conversation` and `program`. Never looks at a clock, rolls dice, waits, touches a file or panics: time
//! arrives with the event, and whatever goes wrong becomes a sentence for the visitor and a line in the log.

mod step; // read this first: what each event does
mod listen; // which rule, starter or type answers a message
mod answer; // what a rule does once it applies
mod walk; // from step to step until the bot listens again
mod trail; // the questions one can go back to
mod resume; // calls and transfers that come back
mod speak; // texts, questions and choices as messages
mod names; // what expressions can name
mod state;
mod size; // what a state may take
mod trace;
mod limits;

pub use limits::*;
pub use state::{Frame, Open, State};
pub use step::{Step, start_with, step, step_with};
pub use trace::{Listener, Trace};
