//! What it costs to listen to a turn, and to count what it passes through; and how long it takes to find all parts of
//! ten thousand dialogs.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use parlor::conversation::{Event, Happening, Moment};
use parlor::engine::{State, step, step_with};
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Coverage, Parts};

#[path = "generated.rs"]
mod generated;

const DIALOGS: usize = 10_000;
/// Friday, the 20th of November 2026, nine o'clock UTC.
const CLOCK: Moment = Moment(1_795_165_200_000);

fn program(files: Vec<(String, String)>) -> Program {
    let mut draft = Draft::new();
    for (path, text) in files {
        draft.put(path, text);
    }
    draft.check().program.expect("the bot has no errors")
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let acme = concat!(env!("CARGO_MANIFEST_DIR"), "/bots/acme/acme.dialog");
    let acme =
        program(vec![("acme.dialog".to_string(), std::fs::read_to_string(acme).expect("the bot is there"))]);
    let said = |text: &str| Event { at: CLOCK, what: Happening::Said(text.to_string()) };

    let mut group = criterion.benchmark_group("coverage");
    group.throughput(Throughput::Elements(1));
    for (name, before, message) in [
        ("a starter with a pattern", "hello", "please track my order"),
        ("a rule and a miss", "where is my order", "12"),
    ] {
        let (state, event) = (step(&acme, State::default(), &said(before)).state, said(message));
        let mut coverage = Coverage::new(Arc::new(Parts::of(&acme)));
        let mut trace = Vec::new();
        group.bench_function(BenchmarkId::new("nobody listens", name), |bencher| {
            bencher.iter_with_large_drop(|| step(&acme, black_box(state.clone()), black_box(&event)));
        });
        group.bench_function(BenchmarkId::new("listened to", name), |bencher| {
            bencher.iter_with_large_drop(|| {
                trace.clear();
                step_with(&acme, black_box(state.clone()), black_box(&event), &mut trace)
            });
        });
        group.bench_function(BenchmarkId::new("counted", name), |bencher| {
            bencher.iter(|| coverage.note(black_box(&trace)));
        });
    }
    group.finish();

    let large = program(generated::bot(DIALOGS));
    println!("{} parts in {DIALOGS} dialogs", Parts::of(&large).len());
    criterion.bench_function("parts of 10,000 dialogs", |bencher| bencher.iter(|| Parts::of(&large)));
}
