//! Why one can believe that nothing acknowledged is lost, doubled or reordered: thousands of contact centers, each worked
//! out from a seed, on a clock of their own, with crashes, a store that fails, connectors that fall silent, and people who
//! do as they like; and after each of them everything that was promised is looked at.
//!
//! Read `scenario.rs` for what can happen, `witness.rs` and `look.rs` for what is promised. `tests/README.md` says how to
//! run, repeat and shrink.

mod dice; // chance that comes out the same every time
mod scenario; // what happens, as data
mod bots; // the bots that serve
mod disk; // the store and its bad days
mod house; // the clock and everything that happens on it
mod visitor;
mod worker; // people, and the processes behind connectors
mod operator;
mod witness; // what was promised, whenever something becomes durable or leaves the house
mod look; // what must hold in quiet moments and at the end
mod shrink;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use house::Deeds;
use scenario::Scenario;

/// Seeds of a plain `cargo test`.
const SEEDS: u64 = 500;
/// Seeds that once found something; they are simulated first.
const REGRESSIONS: [u64; 7] = [
    3,    // closed with a survey while it rang: the ring did not end
    62,   // a conversation that had to be read first was offered, and took no slot meanwhile
    90,   // of two tries of one turn, the late one was taken for the other
    99,   // of two calls going on outside, the harmless one was not done again after a crash
    304,  // a roll-back that was sent again went forth and back
    708,  // a slot was given to somebody else between an offer and its turn
    2639, // a turn that had been given up and told was told again after the next one was unknown
];
/// One of so many seeds is simulated a second time, to see that it comes out the same.
const TWICE: u64 = 25;

/// What is asked for on the command line.
struct Asked {
    seeds: u64,
    from: u64,
    /// One seed, with a trace.
    seed: Option<u64>,
    keep: Option<BTreeSet<usize>>,
    shrink: bool,
    /// Go on after a failure, and count them.
    go_on: bool,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    match asked.seed {
        Some(seed) => one(seed, &asked),
        None => many(&asked),
    }
}

/// Reads the command line. What test runners add is passed over.
fn asked(arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { seeds: SEEDS, from: 0, seed: None, keep: None, shrink: false, go_on: false };
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let number = arguments.next().and_then(|text| text.parse::<u64>().ok());
            number.ok_or_else(|| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--seeds" => asked.seeds = number()?,
            "--from" => asked.from = number()?,
            "--seed" => asked.seed = Some(number()?),
            "--shrink" => asked.shrink = true,
            "--go-on" => asked.go_on = true,
            "--keep" => {
                let steps = arguments.next().unwrap_or_default();
                asked.keep =
                    Some(steps_of(&steps).ok_or_else(|| format!("`{steps}` are no steps, such as 0,4-7"))?);
            }
            // A runner that lists its tests finds none here.
            "--list" => asked.seeds = 0,
            // Tests of another name were asked for.
            name if !name.starts_with('-') && !"simulation".contains(name) => asked.seeds = 0,
            _ => {}
        }
    }
    Ok(asked)
}

/// Steps as they stand behind `--keep`: `0,4-7,12`.
fn steps_of(text: &str) -> Option<BTreeSet<usize>> {
    let mut steps = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        steps.extend(from.parse::<usize>().ok()?..=to.parse::<usize>().ok()?);
    }
    Some(steps)
}

/// The command that repeats a scenario.
fn command(scenario: &Scenario) -> String {
    let mut command = format!("cargo test --release --test simulation -- --seed {}", scenario.seed);
    let Some(keep) = &scenario.keep else { return command };
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for step in keep {
        match parts.last_mut() {
            Some((_, to)) if *to + 1 == *step => *to = *step,
            _ => parts.push((*step, *step)),
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") })
        .collect();
    command.push_str(&format!(" --keep {}", parts.join(",")));
    command
}

/// One seed, with all that happens in it.
fn one(seed: u64, asked: &Asked) -> ExitCode {
    let scenario = Scenario { keep: asked.keep.clone(), ..Scenario::of(seed) };
    let outcomes = shrink::run(&scenario, !asked.shrink);
    print!("{}", outcomes.trace);
    let Some(broken) = outcomes.broken else {
        println!("seed {seed}: every promise was kept; {}", told(&outcomes.deeds));
        return ExitCode::SUCCESS;
    };
    println!("seed {seed}: broken: {}\n{}", broken.promise, broken.how);
    if asked.shrink {
        let least = shrink::shrink(&scenario, broken.promise, shrink::run);
        println!("repeat with: {}", command(&least));
    }
    ExitCode::FAILURE
}

/// Many seeds, on all cores.
fn many(asked: &Asked) -> ExitCode {
    if asked.seeds == 0 {
        return ExitCode::SUCCESS;
    }
    let begin = Instant::now();
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let all = Mutex::new((Deeds::default(), BTreeMap::<String, BTreeSet<u64>>::new()));
    let terminal = std::io::stderr().is_terminal();
    let plain = asked.from == 0 && asked.seeds == SEEDS;
    let mut seeds: Vec<u64> = if plain { REGRESSIONS.to_vec() } else { Vec::new() };
    seeds.extend((asked.from..asked.from + asked.seeds).filter(|seed| !plain || !REGRESSIONS.contains(seed)));
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64).min(asked.seeds);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed) as usize;
                    let failed = all.lock().is_ok_and(|all| !all.1.is_empty());
                    let Some(seed) = seeds.get(number).copied().filter(|_| !failed || asked.go_on) else {
                        return;
                    };
                    let outcomes = simulate(seed, seed % TWICE == 0);
                    let Ok(mut all) = all.lock() else { return };
                    all.0.add(&outcomes.deeds);
                    if let Some(broken) = outcomes.broken {
                        all.1.entry(broken.promise.to_string()).or_default().insert(seed);
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if terminal {
                        eprint!("\r{done} of {} seeds", seeds.len());
                        let _ = std::io::stderr().flush();
                    }
                }
            });
        }
    });
    if terminal {
        eprintln!();
    }
    let (deeds, failed) = all.into_inner().unwrap_or_default();
    let done = done.into_inner();
    let a_minute = done as f64 * 60.0 / begin.elapsed().as_secs_f64().max(0.001);
    println!("simulation: {done} seeds, {}; {a_minute:.0} seeds a minute", told(&deeds));
    for (promise, seeds) in failed.iter().filter(|_| asked.go_on) {
        println!("{:>6} times broken: {promise}: {seeds:?}", seeds.len());
    }
    let first = failed.iter().filter_map(|(promise, seeds)| Some((*seeds.first()?, promise))).min();
    match first {
        None => ExitCode::SUCCESS,
        Some((seed, promise)) => explain(seed, promise),
    }
}

/// Simulates a seed; some twice, which must come out the same to the letter.
fn simulate(seed: u64, twice: bool) -> house::Outcomes {
    let scenario = Scenario::of(seed);
    let mut outcomes = shrink::run(&scenario, twice);
    if twice && outcomes.broken.is_none() {
        let again = shrink::run(&Scenario::of(seed), true);
        if let Some((one, other)) =
            outcomes.trace.lines().zip(again.trace.lines()).find(|(one, other)| one != other)
        {
            let (promise, how) = (SAME, format!("{one}\n{other}"));
            outcomes.broken = Some(witness::Broken { promise, how });
        } else if outcomes.trace.len() != again.trace.len() {
            outcomes.broken = Some(witness::Broken { promise: SAME, how: "one is longer".to_string() });
        }
    }
    outcomes
}

/// The promise of the simulation itself.
const SAME: &str = "the same seed gives the same trace";

/// What failed, as small as it can be made, and the command that repeats it.
fn explain(seed: u64, promise: &str) -> ExitCode {
    let scenario = Scenario::of(seed);
    println!("seed {seed} broke a promise: {promise}");
    let least = match promise {
        SAME => scenario,
        _ => shrink::shrink(&scenario, promise, shrink::run),
    };
    if let Some(broken) = shrink::run(&least, false).broken {
        println!("{}", broken.how);
    }
    println!("repeat with: {}", command(&least));
    ExitCode::FAILURE
}

fn told(deeds: &Deeds) -> String {
    format!(
        "{} conversations, {} turns, {} crashes, {} store faults, {} failovers, {} looks at everything",
        deeds.conversations, deeds.turns, deeds.crashes, deeds.troubles, deeds.failovers, deeds.looks
    )
}
