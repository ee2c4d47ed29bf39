//! Plays all tests, as many at once as there are cores, and puts what came of them into the order of the files.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::engine::Trace;
use crate::rehearsal::{Audience, CLOCK, Claim, Coverage, PartId, Played, Stage, Test};

use super::suite::Suite;
use super::through::Through;

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
    /// How it went, if not as expected.
    pub(super) failed: Option<Played>,
    /// How it went as expected, where that is to be kept.
    pub(super) kept: Option<Played>,
    /// Why it was passed over: what it says cannot happen with what it was played through.
    pub(super) passed_over: Option<String>,
    /// The dialogs it went through, where they are to be noted.
    pub(super) touched: BTreeSet<String>,
    /// The parts of the bot it went through, where that is wanted.
    pub(super) parts: Vec<PartId>,
    pub(super) took: Duration,
}

impl Outcome {
    /// Nothing yet.
    fn of(case: Case) -> Outcome {
        let (touched, parts, took) = (BTreeSet::new(), Vec::new(), Duration::ZERO);
        Outcome { case, failed: None, kept: None, passed_over: None, touched, parts, took }
    }
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
    /// What is counted.
    pub(super) count: Count,
    /// What they are played through.
    pub(super) through: Through,
}

impl Orders {
    /// Play everything, and count so much.
    pub(super) fn count(jobs: usize, count: Count) -> Orders {
        Orders { jobs, until: None, keep: false, note: false, count, through: Through::Engine }
    }
}

/// What came of all cases.
pub(super) struct Outcomes {
    /// In the order of the files.
    pub(super) all: Vec<Outcome>,
    /// What was gone through, a bot each.
    pub(super) coverage: Vec<Coverage>,
}

/// Plays the cases. `done` is told now and then how many are, and how many failed.
pub(super) fn play_all(
    suite: &Suite,
    cases: &[Case],
    orders: Orders,
    done: &mut dyn FnMut(usize, usize),
) -> Outcomes {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let nothing = || suite.bots.iter().map(|bot| Coverage::new(bot.parts.clone())).collect::<Vec<_>>();
    let together = Mutex::new(Outcomes { all: Vec::with_capacity(cases.len()), coverage: nothing() });
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..orders.jobs.clamp(1, cases.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Outcomes { all: Vec::new(), coverage: nothing() };
                    loop {
                        // A handful at a time: the counter is shared, the work is short.
                        let first = next.fetch_add(HANDFUL, Ordering::Relaxed);
                        for case in cases.iter().skip(first).take(HANDFUL) {
                            if orders.until.is_some_and(|until| Instant::now() >= until) {
                                break;
                            }
                            let outcome = play_one(suite, *case, orders, &mut own.coverage);
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
            std::thread::park_timeout(Duration::from_micros(200));
        }
    });
    let mut outcomes = together.into_inner().unwrap_or_else(|broken| broken.into_inner());
    outcomes.all.sort_by_key(|outcome| outcome.case);
    outcomes
}

/// How many cases a worker takes at once.
const HANDFUL: usize = 16;

/// Counts what a test goes through: for all tests together, and for this one; and notes its dialogs.
struct Counting<'c> {
    together: Option<&'c mut Coverage>,
    own: Option<Coverage>,
    touched: Option<BTreeSet<String>>,
}

impl Audience for Counting<'_> {
    fn see(&mut self, trace: &[Trace], _: Option<&str>) {
        if let Some(own) = &mut self.own {
            own.note(trace);
        } else if let Some(together) = &mut self.together {
            together.note(trace);
        }
        if let Some(touched) = &mut self.touched {
            for trace in trace {
                if let Trace::Entered { dialog } | Trace::Ran { dialog, .. } | Trace::Won { dialog, .. } =
                    trace
                    && !touched.contains(dialog)
                {
                    touched.insert(dialog.clone());
                }
            }
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
pub(super) fn play_one(suite: &Suite, case: Case, orders: Orders, coverage: &mut [Coverage]) -> Outcome {
    let started = Instant::now();
    let file = &suite.files[case.file];
    let test = &file.script.tests[case.test];
    let (count, mut outcome) = (orders.count, Outcome::of(case));
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
        let mut counting = Counting { together, own, touched: orders.note.then(BTreeSet::new) };
        let played = orders.through.play(&stage, test, &test.rows[case.row], &mut counting);
        if let Some(own) = counting.own {
            counting.together.into_iter().for_each(|together| together.merge(&own));
            if count == Count::Each {
                outcome.parts = own.covered().collect();
            }
        }
        outcome.touched = counting.touched.unwrap_or_default();
        outcome.passed_over = played.passed_over().map(str::to_string);
        match played.passed() {
            true => outcome.kept = Some(played).filter(|_| orders.keep),
            false if outcome.passed_over.is_some() => {}
            false => outcome.failed = Some(played),
        }
    }
    outcome.took = started.elapsed();
    outcome
}

/// Whether a test speaks of where it has been.
pub(super) fn claims_coverage(test: &Test) -> bool {
    test.beats.iter().any(|beat| beat.claims.iter().any(|(_, claim)| matches!(claim, Claim::Coverage(_))))
}
