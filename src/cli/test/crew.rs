//! Plays all tests, as many at once as there are cores, and puts what came of them into the order of the files.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::engine::Trace;
use crate::rehearsal::{Audience, CLOCK, Claim, Coverage, PartId, Played, Stage, Test, play};

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
    /// The parts of the bot it went through, where that is wanted.
    pub(super) parts: Vec<PartId>,
    pub(super) took: Duration,
}

/// What is counted while tests are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    /// Nothing.
    Nothing,
    /// What all of them together go through.
    Together,
    /// What each of them goes through.
    Each,
}

/// What came of all cases.
pub(super) struct Outcomes {
    /// In the order of the files.
    pub(super) all: Vec<Outcome>,
    /// What was gone through, a bot each.
    pub(super) coverage: Vec<Coverage>,
}

/// Plays the cases. `done` is told now and then how many are.
pub(super) fn play_all(
    suite: &Suite,
    cases: &[Case],
    jobs: usize,
    count: Count,
    done: &mut dyn FnMut(usize, usize),
) -> Outcomes {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let nothing = || suite.bots.iter().map(|bot| Coverage::new(bot.parts.clone())).collect::<Vec<_>>();
    let together = Mutex::new(Outcomes { all: Vec::with_capacity(cases.len()), coverage: nothing() });
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..jobs.clamp(1, cases.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Outcomes { all: Vec::new(), coverage: nothing() };
                    loop {
                        // A handful at a time: the counter is shared, the work is short.
                        let first = next.fetch_add(HANDFUL, Ordering::Relaxed);
                        for case in cases.iter().skip(first).take(HANDFUL) {
                            let outcome = play_one(suite, *case, count, &mut own.coverage);
                            failed.fetch_add(usize::from(outcome.failed.is_some()), Ordering::Relaxed);
                            own.all.push(outcome);
                        }
                        if first + HANDFUL >= cases.len() {
                            break;
                        }
                    }
                    let mut together = together.lock().unwrap_or_else(|broken| broken.into_inner());
                    together.all.extend(own.all);
                    for (all, own) in together.coverage.iter_mut().zip(&own.coverage) {
                        all.merge(own);
                    }
                })
            })
            .collect();
        while crew.iter().any(|worker| !worker.is_finished()) {
            done(next.load(Ordering::Relaxed).min(cases.len()), failed.load(Ordering::Relaxed));
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
    let mut outcomes = together.into_inner().unwrap_or_else(|broken| broken.into_inner());
    outcomes.all.sort_by_key(|outcome| (outcome.case.file, outcome.case.test, outcome.case.row));
    outcomes
}

/// How many cases a worker takes at once.
const HANDFUL: usize = 16;

/// Counts what a test goes through: for all tests together, and for this one.
struct Counting<'c> {
    together: Option<&'c mut Coverage>,
    own: Option<Coverage>,
}

impl Audience for Counting<'_> {
    fn see(&mut self, trace: &[Trace], _: Option<&str>) {
        if let Some(own) = &mut self.own {
            own.note(trace);
        } else if let Some(together) = &mut self.together {
            together.note(trace);
        }
    }

    fn has_seen(&self, part: &str) -> Option<Result<bool, String>> {
        let own = self.own.as_ref()?;
        Some(match own.find(part) {
            Ok(part) => Ok(own.count(part) > 0),
            Err(unknown) => Err(unknown.to_string()),
        })
    }
}

/// Plays one case, and adds what it goes through to the coverage of its bot.
pub(super) fn play_one(suite: &Suite, case: Case, count: Count, coverage: &mut [Coverage]) -> Outcome {
    let started = Instant::now();
    let file = &suite.files[case.file];
    let test = &file.script.tests[case.test];
    let (mut failed, mut parts) = (None, Vec::new());
    if let Some(number) = file.bot {
        let bot = &suite.bots[number];
        let stage = Stage {
            program: &bot.program,
            sources: &bot.sources,
            clock: file.script.clock.unwrap_or(CLOCK),
            knowledge: &file.knowledge,
            stubs: &file.script.stubs,
        };
        let by_itself = count == Count::Each || claims_coverage(test);
        let together = coverage.get_mut(number).filter(|_| count > Count::Nothing);
        let own = by_itself.then(|| Coverage::new(bot.parts.clone()));
        let mut counting = Counting { together, own };
        let played = play(&stage, test, &test.rows[case.row], &mut counting);
        if let Some(own) = counting.own {
            counting.together.into_iter().for_each(|together| together.merge(&own));
            if count == Count::Each {
                parts = own.covered().collect();
            }
        }
        failed = (!played.passed()).then_some(played);
    }
    Outcome { case, failed, parts, took: started.elapsed() }
}

/// Whether a test speaks of where it has been.
pub(super) fn claims_coverage(test: &Test) -> bool {
    test.beats.iter().any(|beat| beat.claims.iter().any(|(_, claim)| matches!(claim, Claim::Coverage(_))))
}
