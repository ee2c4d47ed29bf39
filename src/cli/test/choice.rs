//! Which tests are played: those that were asked for by name, tag, dialog and share, in an order made of the seed.

use std::str::FromStr;

use super::crew::Case;
use super::suite::{File, Suite};
use crate::cli::exit::{Exit, Failure};
use crate::diagnostics::english::did_you_mean;

/// What tests are asked for.
#[derive(Debug, Default, clap::Args)]
#[group(id = "choice")]
pub(super) struct Args {
    /// Only tests with this tag; with `!` before it, those without
    #[arg(short, long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only tests that speak of this dialog in `expect` or `goto`
    #[arg(long, value_name = "NAME")]
    dialog: Vec<String>,
    /// Only one share of the tests: 2/5 is the second of five
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

/// `2/5`
#[derive(Debug, Clone, Copy)]
struct Shard {
    which: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers =
            text.split_once('/').and_then(|(which, of)| Some((which.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((which, of)) if which >= 1 && which <= of => Ok(Shard { which, of }),
            _ => Err("a number, a slash and how many: 2/5".to_string()),
        }
    }
}

/// The tests to be played.
pub(super) struct Choice {
    /// In the order in which they are played.
    pub(super) cases: Vec<Case>,
    /// Those that are passed over by `@skip`.
    pub(super) skipped: Vec<Case>,
    /// Those that nothing has touched since they passed.
    pub(super) unchanged: Vec<Case>,
}

/// What is said when a test hides all others.
pub(super) const ONLY: &str = "only tests with the tag @only are played";

/// What was seen of all tests, while they are chosen portion by portion.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Whether there is a test with `@only`, which hides all others.
    pub(super) only: bool,
    files: usize,
    tests: usize,
    /// Those that are asked for.
    wanted: usize,
    /// A test whose name is near to what was asked for.
    near: Option<String>,
}

impl Seen {
    /// Says so if there was nothing to play.
    pub(super) fn anything(&self, words: &[String], args: &Args) -> Result<(), Failure> {
        let narrowed = !words.is_empty() || !args.tag.is_empty() || !args.dialog.is_empty();
        if self.wanted == 0 && narrowed && self.tests > 0 {
            let help =
                self.near.clone().unwrap_or_else(|| "parlor test --help tells how tests are chosen".into());
            return Err(Failure::new(Exit::NotFound, "no test is like that").help(help));
        }
        if self.files == 0 {
            let failure = Failure::new(Exit::NotFound, "there is no transcript here");
            return Err(
                failure.help("talk to the bot with parlor chat, and write the conversation down with /save")
            );
        }
        Ok(())
    }
}

impl Choice {
    /// Chooses among the tests of a suite, and takes note of them.
    pub(super) fn of(
        suite: &Suite,
        words: &[String],
        args: &Args,
        seed: u64,
        seen: &mut Seen,
    ) -> Result<Choice, Failure> {
        let tests = || {
            suite.files.iter().enumerate().flat_map(|(file, read)| {
                read.script.tests.iter().enumerate().map(move |(test, written)| (file, test, read, written))
            })
        };
        let only = tests().find(|(.., test)| test.has_tag("only"));
        if let Some((.., file, test)) =
            only.filter(|_| std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()))
        {
            let why =
                format!("\"{}\" in {} has the tag @only, which hides all other tests", test.name, file.path);
            return Err(Failure::new(Exit::No, why).help("take the tag out before it goes to CI"));
        }
        seen.only |= only.is_some();
        seen.files += suite.files.len();
        seen.tests += tests().count();
        let only = seen.only;
        let wanted = |file: &File, test: &crate::rehearsal::Test| {
            let (name, path) = (test.name.to_lowercase(), file.path.to_lowercase());
            let by_word =
                words.is_empty() || words.iter().any(|word| name.contains(word) || path.contains(word));
            let by_tag = args.tag.iter().all(|tag| match tag.strip_prefix('!') {
                Some(tag) => !test.has_tag(tag.trim_start_matches('@')),
                None => test.has_tag(tag.trim_start_matches('@')),
            });
            let by_dialog = args.dialog.is_empty() || args.dialog.iter().any(|dialog| test.speaks_of(dialog));
            by_word && by_tag && by_dialog && (!only || test.has_tag("only"))
        };
        let mut choice = Choice { cases: Vec::new(), skipped: Vec::new(), unchanged: Vec::new() };
        for (file, test, read, written) in tests() {
            if !wanted(read, written) {
                continue;
            }
            seen.wanted += 1;
            if args.shard.is_some_and(|shard| (seen.wanted - 1) % shard.of != shard.which - 1) {
                continue;
            }
            if written.skipped().is_some() {
                choice.skipped.push(Case { file, test, row: 0 });
            } else if read.is_sound() {
                choice.cases.extend((0..written.rows.len()).map(|row| Case { file, test, row }));
            }
        }
        if seen.wanted == 0 && seen.near.is_none() {
            let names = tests().map(|(.., test)| test.name.as_str());
            seen.near = words.first().and_then(|word| did_you_mean(word, names));
        }
        shuffle(&mut choice.cases, seed);
        Ok(choice)
    }
}

/// Another order for each seed, and always the same for one.
fn shuffle(cases: &mut [Case], seed: u64) {
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for at in (1..cases.len()).rev() {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        cases.swap(at, (dice % (at as u64 + 1)) as usize);
    }
}
