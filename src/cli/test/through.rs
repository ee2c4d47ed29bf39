//! `--through`: what tests are played through, the engine alone or all of the platform.

use crate::connectors::play_through;
use crate::rehearsal::{Audience, Bindings, Played, Stage, Test, play};

/// What tests are played through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, clap::ValueEnum)]
pub(super) enum Through {
    /// The bot by itself: the fastest way to know what it says
    #[default]
    Engine,
    /// The contact center it will work in, with its queue, people, store and clock
    Platform,
}

impl Through {
    /// Plays a test with one row of its table.
    pub(super) fn play(
        self,
        stage: &Stage<'_>,
        test: &Test,
        row: &Bindings,
        audience: &mut dyn Audience,
    ) -> Played {
        match self {
            Through::Engine => play(stage, test, row, audience),
            Through::Platform => play_through(stage, test, row, audience),
        }
    }
}
