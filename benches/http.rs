//! What a turn costs over HTTP: visitors on 256 connections, beside a bare axum handler that keeps the same record.
//!
//! ```text
//! cargo bench --bench http                 all of it, in two minutes or so
//! cargo bench --bench http -- turns        durable turns a second with one commit each (25,000; 60 % of the bare handler)
//! cargo bench --bench http -- joined       the same where messages are kept first and answered later, so with two commits (15,000)
//! cargo bench --bench http -- latency      how long an answer takes at a quarter of that load (p99 below 10 ms)
//! ```
//!
//! Visitors are a thread of this process with sockets of its own on loopback; stores are made in `PARLOR_BENCH_FOLDER`, else in
//! the folder for temporary files.

#[path = "platform/bare.rs"]
#[allow(dead_code)]
mod kept;
#[path = "platform/center.rs"]
#[allow(dead_code)]
mod center;
#[path = "platform/cpu.rs"]
mod cpu;
#[path = "platform/folder.rs"]
mod folder;
#[path = "http/bare.rs"]
mod bare;
#[path = "http/served.rs"]
mod served;
#[path = "http/visitors.rs"]
mod visitors;

use std::time::Duration;

use parlor::conversation::Span;

use bare::Bare;
use folder::Folder;
use served::Served;
use visitors::{Request, Visitors};

const CONNECTIONS: u32 = 256;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
/// How long a message waits for the next one where they are joined.
const JOIN: Span = Span(300);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all = words.is_empty();
    let wants = |what: &str| all || words.iter().any(|word| word == what);
    let mut turns = 0.0;
    if wants("turns") {
        turns = measure_turns();
    }
    if wants("joined") {
        measure_joined();
    }
    if wants("latency") {
        measure_latency(if turns > 0.0 { turns } else { 25_000.0 });
    }
}

/// Turns a second with one commit each, in turn with the bare handler.
fn measure_turns() -> f64 {
    let (house, alone) = (Folder::new("http-house"), Folder::new("http-bare"));
    let served = Served::open(house.path(), CONNECTIONS, Span(0));
    let floor = Bare::open(alone.path());
    let mut visitors = Visitors::connect(served.address, CONNECTIONS, served.begin(CONNECTIONS));
    let requests: Vec<Request> = (0..CONNECTIONS).map(Bare::request).collect();
    let mut others = Visitors::connect(floor.address, CONNECTIONS, requests);
    visitors.hurry(ROUND);
    others.hurry(ROUND);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let before = cpu::worked();
            let turns = visitors.hurry(ROUND);
            let work = cpu::each(&before, turns * ROUND.as_secs_f64());
            let before = cpu::worked();
            let appends = others.hurry(ROUND);
            let alone = cpu::each(&before, appends * ROUND.as_secs_f64());
            let share = turns / appends * 100.0;
            println!(
                "{turns:>8.0} turns/s   {appends:>8.0} bare/s   {share:>3.0} %   work: {work}; bare: {alone}"
            );
            (turns, appends)
        })
        .collect();
    rounds.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (turns, appends) = rounds[ROUNDS / 2];
    println!(
        "durable turns over HTTP: {turns:.0}/s (at least 25,000), {:.0} % of a bare handler (at least 60 %)",
        turns / appends * 100.0
    );
    turns
}

/// Messages that are kept, joined for a while, and answered with a commit of their own.
fn measure_joined() {
    let folder = Folder::new("http-joined");
    let conversations = CONNECTIONS * 40;
    let served = Served::open(folder.path(), conversations, JOIN);
    let mut visitors = Visitors::connect(served.address, CONNECTIONS, served.begin(conversations));
    visitors.hurry(ROUND);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let before = served.turns();
            let said = visitors.hurry(ROUND);
            (said, (served.turns() - before) as f64 / ROUND.as_secs_f64())
        })
        .collect();
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (said, commits) = rounds[ROUNDS / 2];
    println!("messages kept first and answered later: {said:.0}/s (at least 15,000), {commits:.0} commits/s");
}

/// How long an answer takes at a quarter of the load: with one commit it is the bot's, with two the house's word.
fn measure_latency(turns: f64) {
    for (what, join) in [("an answer", Span(0)), ("an acknowledgement with joining", JOIN)] {
        let folder = Folder::new("http-latency");
        let served = Served::open(folder.path(), CONNECTIONS, join);
        let mut visitors = Visitors::connect(served.address, CONNECTIONS, served.begin(CONNECTIONS));
        let took = visitors.steady(turns / 4.0, Duration::from_secs(10));
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
        println!(
            "at {:.0} turns/s {what} takes {:.1} ms (p50), {:.1} ms (p99, below 10 ms), {:.1} ms (p99.9)",
            turns / 4.0,
            at(0.5),
            at(0.99),
            at(0.999)
        );
    }
}
