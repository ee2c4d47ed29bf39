//! The words as data: what a conversation is made of, whoever takes part in it.
//!
//! Values, messages, events and effects, and moments of time. Plain data: no behaviour, no IO, and never "now".

mod value; // read this first
mod time;

pub use time::{Moment, Span};
pub use value::Value;
