//! How long it takes to draw four hundred dialogs that lead to each other.

use std::hint::black_box;

use criterion::Criterion;
use parlor::diagnostics::Severity;
use parlor::program::Draft;
use parlor::rehearsal::{Graph, Parts};

#[allow(dead_code)]
#[path = "generated.rs"]
mod generated;

const DIALOGS: usize = 400;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    // In twenty files with a frame each, and in one where all hangs together.
    let files = generated::roads(DIALOGS);
    let one: String = files.iter().map(|(_, text)| text.as_str()).collect();
    for (name, files) in [("in files", files), ("in one file", vec![("bot.dialog".to_string(), one)])] {
        let mut draft = Draft::new();
        for (path, text) in files {
            draft.put(path, text);
        }
        let checked = draft.check();
        let errors: Vec<_> =
            checked.findings.iter().filter(|one| one.severity() == Severity::Error).collect();
        assert!(errors.is_empty(), "the bot has no errors: {errors:?}");
        let parts = Parts::of(&checked.program.expect("a bot without errors"));
        let graph = Graph::of(&parts, &checked.sources);
        println!(
            "{} nodes, {} edges, {} bytes",
            graph.nodes().len(),
            graph.edges().len(),
            graph.svg(None).len()
        );
        if let Some(path) = std::env::var_os("SVG") {
            std::fs::write(std::path::Path::new(&path).join(format!("{name}.svg")), graph.svg(None))
                .expect("written");
        }
        criterion.bench_function(&format!("draw 400 dialogs {name}"), |bencher| {
            bencher.iter(|| black_box(&graph).svg(None))
        });
    }
}
