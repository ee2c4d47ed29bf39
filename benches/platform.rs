//! What a contact center costs: turns a second beside a bare sled, how long a visitor waits, routing, memory, and starting.
//!
//! ```text
//! cargo bench --bench platform                 all but the last one, in two minutes or so
//! cargo bench --bench platform -- throughput   durable turns a second beside bare appends of the same bytes (70 %)
//! cargo bench --bench platform -- latency      how long an answer takes at a quarter of that load (p99 below 10 ms)
//! cargo bench --bench platform -- routing      a decision among 10,000 who wait and 1,000 agents (below 50 µs)
//! cargo bench --bench platform -- memory       bytes of an open conversation (below 2 KB)
//! cargo bench --bench platform -- opening      a start with 1,000,000 conversations kept, 100,000 of them open (1 s; after
//!                                              kill -9 what sled itself takes, and 1.5 s; writes 10 GB, takes a quarter of an hour;
//!                                              PARLOR_BENCH_KEPT=200 for 200,000)
//! ```
//!
//! Stores are made in `PARLOR_BENCH_FOLDER`, else in the folder for temporary files: what is measured is that disk. Nobody
//! visits over a network here: clients are a thread of this process that tells the house and is told.

#[path = "platform/bare.rs"]
mod bare;
#[path = "platform/center.rs"]
mod center;
#[path = "platform/clients.rs"]
mod clients;
#[path = "platform/cpu.rs"]
mod cpu;
#[path = "platform/folder.rs"]
mod folder;
#[path = "platform/latency.rs"]
mod latency;
#[path = "platform/memory.rs"]
mod memory;
#[path = "platform/opening.rs"]
mod opening;
#[path = "platform/routing.rs"]
mod routing;
#[path = "platform/throughput.rs"]
mod throughput;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            routing::measure();
            let a_second = throughput::measure();
            latency::measure(a_second);
            memory::measure();
        }
        ["throughput"] => drop(throughput::measure()),
        ["latency"] => latency::measure(throughput::measure()),
        ["routing"] => routing::measure(),
        ["memory"] => memory::measure(),
        ["memory", of] => memory::child(of),
        ["opening"] => opening::measure(),
        ["opening", what, folder] => opening::child(what, std::path::Path::new(folder)),
        _ => eprintln!("no such measure: {}", asked.join(" ")),
    }
}
