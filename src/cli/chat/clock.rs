//! The clock of a conversation: the real one where somebody types, else one that stands still; `/wait` moves both.

use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use crate::conversation::{Moment, Span};
use crate::rehearsal;

/// A clock.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    /// When the conversation began.
    pub(super) start: Moment,
    /// What it showed when it was set.
    set: Moment,
    /// Since when it runs by itself, if it does.
    runs: Option<Instant>,
}

impl Clock {
    pub(super) fn begin(at: Option<Moment>, runs: bool) -> Clock {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        let start = at.unwrap_or(if runs { now } else { rehearsal::CLOCK });
        Clock { start, set: start, runs: runs.then(Instant::now) }
    }

    pub(super) fn now(&self) -> Moment {
        let passed =
            self.runs.map_or(0, |since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        self.set.after(Span(passed))
    }

    /// Shows this moment from now on.
    pub(super) fn set(&mut self, now: Moment) {
        self.set = now;
        self.runs = self.runs.map(|_| Instant::now());
    }

    /// How long until a moment comes by itself; never, where the clock stands still.
    pub(super) fn until(&self, moment: Moment) -> Option<Duration> {
        self.runs.map(|_| Duration::from_millis(moment.since(self.now()).0))
    }
}

/// A moment, as typed: `2026-11-20T09:00:00Z`.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    rehearsal::moment(text)
        .ok_or_else(|| "a day and time with its zone, such as 2026-11-20T09:00:00Z".to_string())
}

/// A moment, to the second, as it is typed.
pub(super) fn written(at: Moment) -> String {
    let seconds = at.0.div_euclid(1_000);
    Timestamp::from_second(seconds).map(|at| at.to_string()).unwrap_or_default()
}

/// A time, as typed: `5m`.
pub(super) fn span(text: &str) -> Option<Span> {
    Span::read(text).filter(|span| span.0 <= WAIT_MS_MAX)
}

/// The longest `/wait`: a hundred years.
const WAIT_MS_MAX: u64 = 36_525 * 86_400_000;
