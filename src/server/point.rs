//! The places between deciding, keeping and doing at which a test ends the process, to see that nothing is lost there.

use std::sync::Arc;

/// A place that a running house passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// A turn is decided, and nothing of it is kept.
    BeforeCommit,
    /// A group of turns is durable, and nobody has heard of it.
    AfterCommit,
    /// What was to be done about it has been given to whoever does it.
    AfterAct,
    /// It is durable that something is about to be tried that may be tried only once, and it has not been tried.
    AfterBegun,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 4] = [Point::BeforeCommit, Point::AfterCommit, Point::AfterAct, Point::AfterBegun];
}

/// What is called at each point that is passed, on the thread that passes it.
pub type Passes = Arc<dyn Fn(Point) + Send + Sync>;
