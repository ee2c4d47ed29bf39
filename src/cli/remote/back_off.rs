//! How long to wait before a server is tried again: longer each time, and never as long as everybody else waits.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);
/// Nobody is made to wait longer than this, whatever a server says.
const SAID_SECONDS_MAX: u64 = 60;

/// The pauses between tries.
#[derive(Debug, Default)]
pub(in crate::cli) struct BackOff {
    tries: u32,
}

impl BackOff {
    /// The next pause: at least as long as the server said.
    pub(in crate::cli) fn next(&mut self, said: Option<u64>) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.tries.min(16)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        let chance = RandomState::new().hash_one(self.tries) as u32;
        // Between half of it and all of it: a server that comes back is not asked by all in the same moment.
        let pause = whole / 2 + (whole / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX));
        pause.max(Duration::from_secs(said.unwrap_or(0).min(SAID_SECONDS_MAX)))
    }

    /// It has answered.
    pub(in crate::cli) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let mut pauses = BackOff::default();
        let first = pauses.next(None);
        assert!(first >= FIRST / 2 && first <= FIRST);
        let last = (0..100).map(|_| pauses.next(None)).last().expect("there are some");
        assert!(last >= LONGEST / 2 && last <= LONGEST);
        assert_eq!(pauses.next(Some(9)), Duration::from_secs(9));
        assert_eq!(pauses.next(Some(u64::MAX)), Duration::from_secs(60));
        pauses.reset();
        assert!(pauses.next(None) <= FIRST);
    }
}
