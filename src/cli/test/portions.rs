//! Tests by the thousand: a portion is read, played and forgotten, so that more of them take no more memory.

use std::time::Instant;

use crate::cli::exit::{Exit, Failure};
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;

use super::choice::{self, Choice, Seen};
use super::crew::{Count, Orders, play_all};
use super::report::{Report, Tally};
use super::suite::{Reading, Suite};
use super::told::{self, Look};
use super::{Args, troubles};

/// How many transcripts a portion has.
const PORTION: usize = 512;

/// Plays everything that was asked for, and prints what failed.
pub(super) fn play(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (words, mut seen) = (args.words(), Seen::default());
    let look = Look { width: terminal.width(), color: terminal.color, verbose: false };
    let (mut text, mut exit, mut tally) = (String::new(), Exit::Ok, Tally::default());
    let mut reading = Reading::begin(&args.paths(), args.wishes()?, terminal)?;
    let mut progress = Progress::new(reading.left(), "failed", terminal);
    let (all, mut suite) = (reading.left(), Suite::default());
    let mut first = true;
    while std::mem::take(&mut first) || reading.left() > 0 {
        suite = reading.next(PORTION, suite)?;
        let only = seen.only;
        let choice = Choice::of(&suite, &words, &args.choice, args.seed, &mut seen)?;
        if seen.only && !only && tally.tests() > 0 {
            // A test far behind hides those that were played before.
            seen = Seen::default();
            seen.only = true;
            (text, exit, tally) = (String::new(), Exit::Ok, Tally::default());
            reading = Reading::begin(&args.paths(), args.wishes()?, terminal)?;
            suite = Suite::default();
            continue;
        }
        let orders = Orders { through: args.through, ..Orders::count(args.jobs(), Count::Nothing) };
        let (done, failed) = (all - reading.left(), tally.failed);
        let outcomes =
            play_all(&suite, &choice.cases, orders, &mut |_, more| progress.show(done, failed + more));
        let report = Report::of(&suite, &choice, &outcomes.all, started.elapsed(), args.seed);
        let (wrong, worse) = troubles(&suite, terminal);
        text.push_str(&wrong);
        text.push_str(&told::tests(&report, look));
        (exit, tally) = (exit.max(worse), tally.and(report.tally));
    }
    progress.clear();
    seen.anything(&words, &args.choice)?;
    terminal.data(&text)?;
    if tally.failed > 0 {
        exit = exit.max(Exit::No);
    }
    if seen.only {
        terminal.talk(choice::ONLY);
    }
    let report = Report { transcripts: Vec::new(), tally, took: started.elapsed(), seed: args.seed };
    terminal.talk(&told::summary(&report, None, terminal.talk_color));
    Ok(exit)
}
