//! What is said when parlor itself is broken: that it is not the author's fault, and what to report.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use super::exit::Exit;

/// Does the work; a panic ends it with a plain sentence and exit code 70.
pub(super) fn guarded(work: impl FnOnce() -> Exit) -> Exit {
    set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr().lock(), "{}", report(panic));
    }));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Bug)
}

fn report(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let what =
        payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
    let place = panic.location().map(|place| format!(" ({place})")).unwrap_or_default();
    format!(
        "error: this is a bug in parlor, not a mistake of yours\n  parlor {}: {}{place}\n\
         help: please report it, with the lines above and the bot, if you may share it",
        env!("CARGO_PKG_VERSION"),
        what.unwrap_or("no further word"),
    )
}
