//! The least time of each of several things, taken in turns, so that a busy machine disturbs all of them alike: what
//! ratios are made of. Shared by benchmarks.

use std::time::{Duration, Instant};

/// Something that is timed.
pub type Side<'a> = (String, Box<dyn FnMut() + 'a>);

/// How often a side is done at a stretch.
const AT_ONCE: u32 = 200;

/// Nanoseconds of each side: the least of many rounds, taken in turns for four seconds.
pub fn least(mut sides: Vec<Side>) -> Vec<(String, f64)> {
    let mut least = vec![f64::MAX; sides.len()];
    let until = Instant::now() + Duration::from_secs(4);
    while Instant::now() < until {
        for (best, (_, side)) in least.iter_mut().zip(&mut sides) {
            let start = Instant::now();
            (0..AT_ONCE).for_each(|_| side());
            *best = best.min(start.elapsed().as_nanos() as f64 / f64::from(AT_ONCE));
        }
    }
    sides.into_iter().map(|(name, _)| name).zip(least).collect()
}
