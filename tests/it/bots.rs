//! The example bots and the made-up one of ten thousand dialogs: nothing wrong with them, and formatted.

use std::path::Path;

use parlor::conversation::{Knowledge, Outcome, Value};
use parlor::diagnostics::FileId;
use parlor::language;
use parlor::program::{Checked, Draft};
use parlor::rehearsal::{CLOCK, Script, Session, What, spoken};

#[path = "../../benches/generated.rs"]
pub mod generated;

fn check(folder: &Path) -> (Draft, Checked) {
    let mut draft = Draft::new();
    for entry in std::fs::read_dir(folder).expect("the bot is there").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        if name.ends_with(".dialog") || name == "env.yaml" {
            draft.put(name, std::fs::read_to_string(entry.path()).expect("a bot is text"));
        }
    }
    let checked = draft.check();
    (draft, checked)
}

#[test]
fn every_example_bot_is_clean_and_formatted() {
    let bots = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots");
    let mut seen = 0;
    let beside = std::fs::read_dir(bots).expect("bots/ is there").flatten().map(|entry| entry.path());
    for folder in beside.filter(|path| path.is_dir()) {
        let (_, checked) = check(&folder);
        assert!(checked.findings.is_empty(), "{}: {:?}", folder.display(), checked.findings);
        assert!(checked.program.is_some_and(|program| program.dialog_count() > 0));
        for (file, source) in checked.sources.iter().filter(|(_, source)| source.path.ends_with(".dialog")) {
            let (tree, _) = language::parse(&source.text, file);
            assert_eq!(language::format(&tree), source.text, "{} is not formatted", source.path);
        }
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn ten_thousand_dialogs_have_no_finding() {
    let mut draft = Draft::new();
    for (path, text) in generated::bot(10_000) {
        draft.put(path, text);
    }
    let checked = draft.check();
    assert!(checked.findings.is_empty(), "{:?}", &checked.findings[..1]);
    let program = checked.program.expect("a clean bot is a program");
    assert_eq!(program.dialog_count(), 10_003);
    let word = generated::word(3 * 7_654 + 2);
    let answers = program.answers(&format!("what about {word}?")).expect("short enough");
    assert_eq!(answers[0].dialog, "Topic 7654");
}

#[test]
fn an_edit_of_one_file_is_seen_and_taken_back() {
    let mut draft = Draft::new();
    let files = generated::bot(300);
    for (path, text) in &files {
        draft.put(path.clone(), text.clone());
    }
    assert!(draft.check().findings.is_empty());
    let (path, text) = &files[2];
    draft.put(path.clone(), text.replacen("-> dialog \"Agent Handoff\"", "-> dialog \"Agent Handof\"", 1));
    let broken = draft.check();
    assert_eq!(broken.findings.len(), 1, "{:?}", broken.findings);
    assert_eq!(broken.sources.get(broken.findings[0].place.file).unwrap().path, *path);
    draft.put(path.clone(), text.clone());
    // A file that comes first moves all others on: their findings move along.
    draft.put("a first file.dialog", "# nothing in it\n");
    assert!(draft.check().findings.is_empty());
    draft.put("zz.dialog", "dialog \"Lost\" {\n  say \"x\"\n}\n");
    let lost = draft.check();
    assert_eq!(lost.findings.len(), 1);
    draft.put("b.dialog", "# another\n");
    let moved = draft.check();
    assert_eq!(moved.sources.get(moved.findings[0].place.file).unwrap().path, "zz.dialog");
    draft.remove("zz.dialog");
    assert!(draft.check().findings.is_empty());
}

#[test]
fn the_state_of_a_whole_shop_is_small_in_the_middle_of_its_conversations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/larkfell");
    let program = check(&folder).1.program.expect("the bot has no errors");
    let (mut largest, mut turns) = (0, 0);
    for entry in std::fs::read_dir(folder.join("tests")).expect("it has tests").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("a transcript is text");
        let (tree, _) = language::transcript::parse(&text, FileId(0));
        let (script, _) = Script::of(&[tree]);
        for test in &script.tests {
            let mut session = Session::new(program.clone(), Knowledge::default(), CLOCK);
            for (beat, row) in test.beats.iter().flat_map(|beat| test.rows.iter().map(move |row| (beat, row)))
            {
                let What::User(pieces) = &beat.what else { continue };
                session.say(&spoken(pieces, row));
                while session.answer(Outcome::Success { status: 200, body: Value::Nothing }).is_some() {}
                largest = largest.max(session.state().write().len());
                turns += 1;
            }
        }
    }
    assert!(turns > 500, "{turns}");
    assert!(largest < 2_048, "{largest} bytes");
}
