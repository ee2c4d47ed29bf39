//! How long a check takes: ten thousand dialogs at once, one edited file of them, and the command itself.

use std::hint::black_box;
use std::process::Command;

use criterion::{BatchSize, Criterion};
use parlor::program::Draft;

#[path = "generated.rs"]
mod generated;

const DIALOGS: usize = 10_000;

fn draft(files: &[(String, String)]) -> Draft {
    let mut draft = Draft::new();
    for (path, text) in files {
        draft.put(path.clone(), text.clone());
    }
    draft
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let files = generated::bot(DIALOGS);
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    let clean = draft(&files).check();
    assert!(clean.findings.is_empty(), "the generated bot is clean");
    drop(clean);
    println!("{DIALOGS} dialogs, {lines} lines; most memory after one check: {} MB", most_memory_mb());

    criterion.bench_function("check 10,000 dialogs", |bencher| {
        bencher.iter_batched(|| draft(&files), |mut draft| black_box(draft.check()), BatchSize::PerIteration);
    });

    let mut known = draft(&files);
    known.check();
    let (path, text) = files[files.len() / 2].clone();
    let mut edit = 0;
    criterion.bench_function("recheck after an edit of one file", |bencher| {
        bencher.iter(|| {
            edit += 1;
            known.put(path.clone(), format!("{text}# edit {edit}\n"));
            black_box(known.check().findings.len())
        });
    });

    let acme = concat!(env!("CARGO_MANIFEST_DIR"), "/bots/acme");
    criterion.bench_function("parlor check bots/acme, from start to exit", |bencher| {
        bencher.iter(|| {
            let output = Command::new(env!("CARGO_BIN_EXE_parlor"))
                .args(["check", acme])
                .output()
                .expect("parlor runs");
            assert!(output.status.success());
        });
    });
    println!("most memory in all: {} MB", most_memory_mb());
    criterion.final_summary();
}

/// The high-water mark of this process.
fn most_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) / 1024
}
