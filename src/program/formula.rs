//! Conditions, values and texts with holes, ready to be evaluated: what a bot reckons while it talks.
//!
//! minijinja's parser is the one definition of the syntax: it reads each expression once, when a bot is compiled. What
//! runs is a small tree of our own, because what runs has to be bounded in work and memory and to know our values:
//! unset, null and missing are one thing, and a text is never taken for a number. `tests/formulas/expressions.md` shows all of it.
//!
//! What names bring along is data: it is never read as an expression, a template or a pattern of its own accord.

mod node; // read this first
mod build;
mod evaluate;
mod template;
mod arithmetic;
mod compare;
mod compared;
mod filters;
mod is;
mod print;
mod budget;
mod fault;
mod holes;

use minijinja::machinery::parse_expr;

pub use budget::{Budget, MADE_BYTES_MAX, TEXT_BYTES_MAX, VALUE_BYTES_MAX, VALUE_DEPTH_MAX, WORK_MAX};
pub use compared::Worth;
pub use fault::Fault;
pub use holes::{FORMULA_DEPTH_MAX, TAGS_MAX};
pub use template::Template;

pub(crate) use holes::{harmless, masked};

use crate::conversation::Value;
use crate::program::expression::{Trouble, trouble};
use build::Builder;
use evaluate::Run;
use node::Node;

/// What an expression asks its surroundings for.
pub trait Names {
    /// What stands under a name; nothing, if it is unset or unknown.
    fn value(&self, name: &str) -> Value;

    /// `"Office" is open`
    fn is_open(&self, hours: &str) -> bool;

    /// True if what stands under a name must not appear in a fault. `secret` never does.
    fn is_private(&self, _name: &str) -> bool {
        false
    }
}

/// A condition or a value, such as `visits + 1`. The same for all threads.
#[derive(Debug)]
pub struct Formula {
    source: Box<str>,
    node: Node,
}

impl Formula {
    /// Reads it.
    pub fn read(source: &str) -> Result<Formula, Trouble> {
        harmless(source, 0..source.len())?;
        let expr = parse_expr(source).map_err(|error| trouble(source, &error))?;
        let node = Builder::new(source).expression(&expr)?;
        Ok(Formula { source: source.into(), node })
    }

    /// What it comes to.
    pub fn value(&self, names: &dyn Names, budget: &mut Budget) -> Result<Value, Fault> {
        Run::new(names, budget).value(&self.node).map_err(|stop| stop.fault(&self.source, &self.node, names))
    }

    /// Whether it holds, as a condition.
    pub fn is_true(&self, names: &dyn Names, budget: &mut Budget) -> Result<bool, Fault> {
        self.value(names, budget).map(|value| value.is_true())
    }

    /// What it comes to, if that is written out: `7`, `"text"`, `[1, 2]`.
    pub fn constant(&self) -> Option<&Value> {
        match &self.node {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// As its author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }
}
