//! Plays all tests, as many at once as there are cores, and puts what came of them into the order of the files.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::engine::Trace;
use crate::rehearsal::{Audience, CLOCK, Played, Stage, play};

use super::suite::Suite;

/// One test with one row of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Whether all of it was as expected.
    pub(super) passed: bool,
    /// How it went: always, if it was not as expected.
    pub(super) played: Option<Played>,
    pub(super) took: Duration,
    /// The dialogs it went through, if they are to be noted.
    pub(super) touched: BTreeSet<String>,
}

/// How the crew works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orders {
    /// How many tests are played at once.
    pub(super) jobs: usize,
    /// When it stops, whatever is left.
    pub(super) until: Option<Instant>,
    /// Whether conversations that went as expected are kept too.
    pub(super) keep: bool,
    /// Whether the dialogs that tests go through are noted.
    pub(super) note: bool,
}

/// Plays the cases. `done` is told now and then how many are, and how many failed.
pub(super) fn play_all(
    suite: &Suite,
    cases: &[Case],
    orders: Orders,
    done: &mut dyn FnMut(usize, usize),
) -> Vec<Outcome> {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcomes: Mutex<Vec<Outcome>> = Mutex::new(Vec::with_capacity(cases.len()));
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..orders.jobs.clamp(1, cases.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        // A handful at a time: the counter is shared, the work is short.
                        let first = next.fetch_add(HANDFUL, Ordering::Relaxed);
                        for case in cases.iter().skip(first).take(HANDFUL) {
                            if orders.until.is_some_and(|until| Instant::now() >= until) {
                                break;
                            }
                            let outcome = play_one(suite, *case, orders);
                            failed.fetch_add(usize::from(!outcome.passed), Ordering::Relaxed);
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
    outcomes.sort_by_key(|outcome| outcome.case);
    outcomes
}

/// How many cases a worker takes at once.
const HANDFUL: usize = 16;

/// Plays one case.
pub(super) fn play_one(suite: &Suite, case: Case, orders: Orders) -> Outcome {
    let started = Instant::now();
    let file = &suite.files[case.file];
    let test = &file.script.tests[case.test];
    let mut touched = Touched(BTreeSet::new());
    let played = file.bot.map(|bot| {
        let bot = &suite.bots[bot];
        let stage = Stage {
            program: &bot.program,
            sources: &bot.sources,
            clock: file.script.clock.unwrap_or(CLOCK),
            knowledge: &file.knowledge,
            stubs: &file.script.stubs,
        };
        let audience: &mut dyn Audience = if orders.note { &mut touched } else { &mut () };
        play(&stage, test, &test.rows[case.row], audience)
    });
    let passed = played.as_ref().is_some_and(Played::passed);
    let played = played.filter(|_| orders.keep || !passed);
    Outcome { case, passed, played, took: started.elapsed(), touched: touched.0 }
}

/// The dialogs that a test goes through.
struct Touched(BTreeSet<String>);

impl Audience for Touched {
    fn see(&mut self, trace: &[Trace], _: Option<&str>) {
        for trace in trace {
            if let Trace::Entered { dialog } | Trace::Ran { dialog, .. } | Trace::Won { dialog, .. } = trace
                && !self.0.contains(dialog)
            {
                self.0.insert(dialog.clone());
            }
        }
    }
}
