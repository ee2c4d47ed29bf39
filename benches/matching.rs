//! How long it takes to find which dialog a message starts, beside the least that any machine would need.
//!
//! The figures of criterion are absolute; the ratios printed first are taken in one run, in turns, so that a busy
//! machine disturbs all sides alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use caseless::Caseless;
use criterion::{BenchmarkId, Criterion};
use parlor::language::pattern::parse_pattern;
use parlor::program::matcher::{Matcher, Scratch};
use parlor::program::normal::Heard;
use parlor::program::starters::{Starter, Starters};
use unicode_normalization::UnicodeNormalization;

#[path = "least.rs"]
mod least;

use least::{Side, least};

/// Sixty characters; the words of the bots are put in their middle.
const MISS: &str = "hello there, could you please look into this for me today ok";
const REVERSED: &str = "ok today me for this into look please you could, there hello";
const ACCENTS: &str = "bonjour, où est passée ma « commande » d’hier, s’il vous plaît ?";

/// Distinct words of seven letters.
fn word(n: usize) -> String {
    let mut rest = n * 7_919 + 12_345_678;
    let letter = |rest: &mut usize, all: &[u8]| {
        let letter = all[*rest % all.len()];
        *rest /= all.len();
        char::from(letter)
    };
    (0..7).map(|at| letter(&mut rest, if at % 2 == 0 { b"bcdfghklmnprstvw" } else { b"aeiou" })).collect()
}

fn pattern(text: &str) -> Matcher {
    Matcher::pattern(&parse_pattern(text).unwrap_or_else(|slip| panic!("{text}: {slip:?}")))
}

fn build(patterns: impl Iterator<Item = String>) -> Starters {
    Starters::build(patterns.map(|text| Starter { any: vec![pattern(&text)], but_not: Vec::new() }).collect())
}

fn simple(dialogs: usize) -> impl Iterator<Item = String> {
    (0..dialogs).map(|n| format!("*({}|{}|{})*", word(3 * n), word(3 * n + 1), word(3 * n + 2)))
}

/// Two stars, nested groups, a capture, `but not`.
fn involved(dialogs: usize) -> impl Iterator<Item = String> {
    (0..dialogs).map(|n| {
        let of = |m: usize| word(3 * n + m);
        match n % 3 {
            0 => format!("*(please|could you|i (want|need) to)*({}(|s)|{})*", of(0), of(1)),
            1 => format!("*({}|{})*(today|now|{})*", of(0), of(1), of(2)),
            _ => format!("*(my|the) {} (is|was|{}) {{value}}", of(0), of(1)),
        }
    })
}

/// A small vocabulary: nearly every word of a message is asked for by hundreds of starters.
fn dense(dialogs: usize) -> impl Iterator<Item = String> {
    const COMMON: &[&str] =
        &["hello", "there", "could", "please", "look", "this", "today", "into", "you", "for"];
    (0..dialogs).map(|n| {
        let (one, other) = (COMMON[n % 10], COMMON[n / 10 % 10]);
        match n % 4 {
            0 => format!("*({one}|{other})*"),
            1 => format!("*{one}*({other}|{})*", word(n)),
            2 => format!("*({one}|{})*({other}|{})*(me|{})*", word(n), word(n + 1), word(n + 2)),
            _ => format!("*{one}*{}*", word(n)),
        }
    })
}

fn hit(dialogs: usize) -> String {
    format!("hello there, could you please {} this for me today ok it is", word(3 * (dialogs / 2) + 1))
}

fn turn(starters: &Starters, message: &str, room: &mut String, scratch: &mut Scratch) -> usize {
    let Ok(heard) = Heard::within(black_box(message), room) else { return usize::MAX };
    starters.winner(&heard, scratch).map_or(usize::MAX - 1, |win| win.starter)
}

fn bare(text: &str) -> String {
    text.nfkc().default_case_fold().nfkc().collect()
}

struct Bots {
    simple: Vec<(usize, Starters)>,
    involved: Starters,
    dense: Starters,
    /// One bare pass over all the words of the largest simple bot: the least that any machine would need.
    floor: AhoCorasick,
}

impl Bots {
    fn build() -> Bots {
        let words: Vec<String> = (0..30_000).map(word).collect();
        let floor = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .build(&words);
        Bots {
            simple: [10, 100, 1_000, 10_000].into_iter().map(|n| (n, build(simple(n)))).collect(),
            involved: build(involved(10_000)),
            dense: build(dense(10_000)),
            floor: floor.unwrap_or_else(|error| panic!("{error}")),
        }
    }

    fn sides(&self) -> Vec<Side<'_>> {
        let mut sides: Vec<Side> = Vec::new();
        let mut turns = |name: String, bot, message: String| {
            let (mut room, mut scratch) = (String::new(), Scratch::new());
            let side = move || {
                black_box(turn(bot, &message, &mut room, &mut scratch));
            };
            sides.push((name, Box::new(side)));
        };
        for (n, bot) in &self.simple {
            turns(format!("{n} dialogs, hit"), bot, hit(*n));
            turns(format!("{n} dialogs, miss"), bot, MISS.into());
        }
        let (_, largest) = &self.simple[3];
        turns("10000 dialogs, accents".into(), largest, ACCENTS.into());
        turns("10000 involved, hit".into(), &self.involved, hit(10_000));
        turns("10000 involved, miss".into(), &self.involved, MISS.into());
        turns("10000 dense".into(), &self.dense, MISS.into());
        turns("10000 dense, other order".into(), &self.dense, REVERSED.into());
        turns("10000 dense, few words".into(), &self.dense, "today you could look there, no?".into());
        let message = hit(10_000);
        sides.push((
            "floor, hit".into(),
            Box::new(move || {
                black_box(self.floor.find_iter(black_box(&message)).count());
            }),
        ));
        sides.push((
            "floor, miss".into(),
            Box::new(|| {
                black_box(self.floor.find_iter(black_box(MISS)).count());
            }),
        ));
        sides.push((
            "bare normal form, accents".into(),
            Box::new(|| {
                black_box(bare(black_box(ACCENTS)));
            }),
        ));
        let mut room = String::new();
        sides.push((
            "normal form, ascii".into(),
            Box::new(move || {
                black_box(Heard::within(black_box(MISS), &mut room).is_ok());
            }),
        ));
        let mut room = String::new();
        sides.push((
            "normal form, accents".into(),
            Box::new(move || {
                black_box(Heard::within(black_box(ACCENTS), &mut room).is_ok());
            }),
        ));
        sides
    }
}

fn ratios(bots: &Bots) {
    let times = least(bots.sides());
    for (name, time) in &times {
        println!("{name:<28} {time:>8.0} ns");
    }
    let of = |name: &str| times.iter().find(|(other, _)| other == name).map_or(f64::NAN, |(_, time)| *time);
    for kind in ["hit", "miss"] {
        let large = of(&format!("10000 dialogs, {kind}"));
        println!("{kind}: {:.2} times the floor", large / of(&format!("floor, {kind}")));
        println!(
            "{kind}: {:.2} times from 100 to 10,000 dialogs",
            large / of(&format!("100 dialogs, {kind}"))
        );
    }
    let most = 2.0 * of("bare normal form, accents") + of("10000 dialogs, miss");
    println!("accents: {:.2} of what they may cost", of("10000 dialogs, accents") / most);

    for (name, patterns) in
        [("simple", simple(10_000).collect::<Vec<_>>()), ("involved", involved(10_000).collect())]
    {
        let mut least = [Duration::MAX; 2];
        let mut size = 0;
        for _ in 0..7 {
            let start = Instant::now();
            let matchers: Vec<Matcher> = patterns.iter().map(|text| pattern(text)).collect();
            let read = start.elapsed();
            let starters =
                matchers.into_iter().map(|one| Starter { any: vec![one], but_not: Vec::new() }).collect();
            let start = Instant::now();
            let built = Starters::build(starters);
            least = [least[0].min(read), least[1].min(start.elapsed())];
            size = built.heap_bytes();
        }
        println!(
            "{name}: 10,000 patterns read in {:?}, machine built in {:?}, {} kB",
            least[0],
            least[1],
            size / 1000
        );
    }
}

fn main() {
    let bots = Bots::build();
    ratios(&bots);
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("matching");
    group.measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200)).sample_size(20);
    for (name, mut side) in bots.sides() {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(&mut side));
    }
    group.finish();
    criterion.final_summary();
}
