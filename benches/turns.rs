//! How long a turn takes: matching, steps, templates and effects in memory, in a small bot and in one of ten thousand
//! dialogs; and a state written and read.
//!
//! The figures of criterion are absolute; the ratio printed first is taken in one run, in turns, so that a busy machine
//! disturbs both sides alike.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use parlor::conversation::{Event, Happening, Knowledge, Moment, Value};
use parlor::engine::{State, step};
use parlor::program::{Draft, Program};

#[path = "generated.rs"]
mod generated;
#[path = "least.rs"]
mod least;

use least::{Side, least};

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

fn said(text: &str) -> Event {
    Event { at: CLOCK, what: Happening::Said(text.to_string()) }
}

/// The state after some messages of a visitor who is known.
fn after(program: &Program, messages: &[&str]) -> State {
    let visitor: Value = serde_json::json!({"name": "Dana"}).into();
    let knows = Happening::Knows(Knowledge { visitor, ..Knowledge::default() });
    let mut state = step(program, State::default(), &Event { at: CLOCK, what: knows }).state;
    for message in messages {
        state = step(program, state, &said(message)).state;
    }
    state
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let acme = concat!(env!("CARGO_MANIFEST_DIR"), "/bots/acme/acme.dialog");
    let acme = vec![("acme.dialog".to_string(), std::fs::read_to_string(acme).expect("the bot is there"))];
    // The visitor greets, is greeted by name and asked; the same dialogs alone and among ten thousand others.
    let small = program(generated::bot(1));
    let large = program(generated::bot(DIALOGS));
    let acme = program(acme);

    let topic = format!("tell me about {}", generated::word(0));
    let turns = [
        ("acme greets and asks", &acme, &["hello"][..], "hello"),
        ("acme answers a miss", &acme, &["hello", "where is my order"][..], "12"),
        ("acme is interrupted", &acme, &["hello", "where is my order"][..], "I want to speak to an agent"),
        ("one dialog", &small, &["hi"][..], topic.as_str()),
        ("ten thousand dialogs", &large, &["hi"][..], topic.as_str()),
    ];

    let sides = turns.iter().map(|(name, program, before, message)| -> Side<'_> {
        let (state, event) = (after(program, before), said(message));
        let turn = move || {
            black_box(step(program, black_box(state.clone()), black_box(&event)));
        };
        (name.to_string(), Box::new(turn))
    });
    let times = least(sides.collect());
    for (name, time) in &times {
        println!("{name:<28} {time:>8.0} ns");
    }
    let of = |name: &str| times.iter().find(|(other, _)| other == name).map_or(f64::NAN, |(_, time)| *time);
    println!("{:.2} times from one dialog to ten thousand", of("ten thousand dialogs") / of("one dialog"));

    let mut group = criterion.benchmark_group("turns");
    group.throughput(Throughput::Elements(1));
    for (name, program, before, message) in turns {
        let (state, event) = (after(program, before), said(message));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_with_large_drop(|| step(program, black_box(state.clone()), black_box(&event)));
        });
    }
    group.finish();

    let state = after(&acme, &["hello", "where is my order"]);
    println!("{} bytes: {}", state.write().len(), String::from_utf8_lossy(&state.write()));
    criterion.bench_function("a state written and read", |bencher| {
        bencher.iter(|| State::read(&black_box(&state).write()));
    });
}
