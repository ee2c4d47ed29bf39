//! How long a test takes: its text read, and its conversation of ten turns held with a whole shop.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parlor::conversation::Knowledge;
use parlor::diagnostics::{FileId, Sources};
use parlor::language::transcript;
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Bindings, CLOCK, Script, Stage, lines, play};

/// What a visitor says in ten turns that call nobody.
const SAID: [&str; 10] = [
    "hello",
    "opening hours",
    "thanks",
    "what is the weather",
    "tell me a joke",
    "who are you",
    "gift cards",
    "newsletter",
    "dana@example.com",
    "goodbye",
];

fn shop() -> (Program, Sources) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/larkfell");
    let mut draft = Draft::new();
    for entry in std::fs::read_dir(folder).expect("the bot is there").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        if name.ends_with(".dialog") || name == "env.yaml" {
            draft.put(name, std::fs::read_to_string(entry.path()).expect("a bot is text"));
        }
    }
    let checked = draft.check();
    (checked.program.expect("the bot has no errors"), checked.sources)
}

/// The test that such a conversation makes.
fn written(program: &Program) -> String {
    let mut session = parlor::rehearsal::Session::new(program.clone(), Knowledge::default(), CLOCK);
    let mut text = String::from("test \"Ten turns\"\n");
    for said in SAID {
        text.push_str(&format!("  user: {said}\n"));
        for line in lines(&session.say(said).effects) {
            text.push_str(&format!("  {}\n", line.replace('\n', "\n  ")));
        }
    }
    text
}

fn rehearsal(criterion: &mut Criterion) {
    let (program, sources) = shop();
    let text = written(&program);
    let mut group = criterion.benchmark_group("a test of ten turns");
    group.throughput(Throughput::Elements(SAID.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let (tree, findings) = transcript::parse(black_box(&text), FileId(0));
            assert!(findings.is_empty(), "{findings:?}");
            Script::of(&[tree])
        });
    });
    let (tree, _) = transcript::parse(&text, FileId(0));
    let (script, _) = Script::of(&[tree]);
    let knowledge = Knowledge::default();
    let stage =
        Stage { program: &program, sources: &sources, clock: CLOCK, knowledge: &knowledge, stubs: &[] };
    assert!(play(&stage, &script.tests[0], &Bindings::new(), &mut ()).passed());
    group.bench_function("play", |bencher| {
        bencher.iter(|| play(&stage, black_box(&script.tests[0]), &Bindings::new(), &mut ()));
    });
    group.finish();
}

criterion_group!(benches, rehearsal);
criterion_main!(benches);
