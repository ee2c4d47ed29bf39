//! Plays all tests, as many at once as there are cores, and puts what came of them into the order of the files.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::rehearsal::{CLOCK, Played, Stage, play};

use super::suite::Suite;

/// One test with one row of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    /// Which file of the suite.
    pub(super) file: usize,
    /// Which of its tests.
    pub(super) test: usize,
    /// Which row of its table.
    pub(super) row: usize,
}

/// What came of a case.
pub(super) struct Outcome {
    pub(super) case: Case,
    /// How it went, if not as expected.
    pub(super) failed: Option<Played>,
    pub(super) took: Duration,
}

/// Plays the cases. `done` is told now and then how many are.
pub(super) fn play_all(suite: &Suite, cases: &[Case], jobs: usize, done: &mut dyn FnMut(usize, usize)) -> Vec<Outcome> {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcomes: Mutex<Vec<Outcome>> = Mutex::new(Vec::with_capacity(cases.len()));
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..jobs.clamp(1, cases.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        // A handful at a time: the counter is shared, the work is short.
                        let first = next.fetch_add(HANDFUL, Ordering::Relaxed);
                        for case in cases.iter().skip(first).take(HANDFUL) {
                            let outcome = play_one(suite, *case);
                            failed.fetch_add(usize::from(outcome.failed.is_some()), Ordering::Relaxed);
                            own.push(outcome);
                        }
                        if first + HANDFUL >= cases.len() {
                            break;
                        }
                    }
                    outcomes.lock().unwrap_or_else(|broken| broken.into_inner()).extend(own);
                })
            })
            .collect();
        while crew.iter().any(|worker| !worker.is_finished()) {
            done(next.load(Ordering::Relaxed).min(cases.len()), failed.load(Ordering::Relaxed));
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(|broken| broken.into_inner());
    outcomes.sort_by_key(|outcome| (outcome.case.file, outcome.case.test, outcome.case.row));
    outcomes
}

/// How many cases a worker takes at once.
const HANDFUL: usize = 16;

/// Plays one case.
pub(super) fn play_one(suite: &Suite, case: Case) -> Outcome {
    let started = Instant::now();
    let file = &suite.files[case.file];
    let test = &file.script.tests[case.test];
    let failed = file.bot.and_then(|bot| {
        let bot = &suite.bots[bot];
        let stage = Stage {
            program: &bot.program,
            sources: &bot.sources,
            clock: file.script.clock.unwrap_or(CLOCK),
            knowledge: &file.knowledge,
            stubs: &file.script.stubs,
        };
        let played = play(&stage, test, &test.rows[case.row], &mut ());
        (!played.passed()).then_some(played)
    });
    Outcome { case, failed, took: started.elapsed() }
}
