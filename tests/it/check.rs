//! Every kind of mistake: its page, its bad and its good example, and a bot in `tests/check` that makes it.
//!
//! `tests/check/<slug>.dialog` (or a folder of that name with several files, an `env.yaml`, an `account.yaml`) is a
//! bot with that mistake, `<slug>.transcript` or `<slug>.convo.txt` a transcript or Botium file with it,
//! `<slug>.yaml` the file of an account; `<slug>.found` holds all that is found in it.
//! `UPDATE=1 cargo test` rewrites the latter.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use parlor::diagnostics::{FILE_BYTES_MAX, FileId, Finding, Slug, Source, Sources, page};
use parlor::language::{botium, transcript, words};
use parlor::program::{Account, AccountSkill, Checked, Draft, KINDS, RESERVED};

/// Mistakes that no text in a page can make: their tests are written out below.
const NOT_IN_TEXT: &[Slug] = &[Slug::NotText, Slug::TooLarge];

/// A mistake so long that its page shows it only in outline; its case in `tests/check` has all of it.
const IN_OUTLINE: &[Slug] = &[Slug::TooDeep];

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// An example of a page is a whole bot, some declarations, or some steps of a dialog; what is missing is added.
pub fn complete(example: &str) -> String {
    let begins = |word: &str| example.lines().any(|line| line.starts_with(word));
    let mut text = String::new();
    if !begins("bot \"") && !example.contains("# no bot") {
        text.push_str(
            "bot \"Example\" {\n  language en\n  entry \"Welcome\"\n  var order_no text = \"A-1\"\n}\n",
        );
        text.push_str(
            "integration \"Order Lookup\" api {\n  get \"https://orders.example.com/{{ order_no }}\"\n}\n",
        );
        text.push_str("dialog \"Use\" {\n  user says {\n    words \"use it\"\n  }\n  set order_no = \"A-2\"\n  call \"Order Lookup\" {\n    when failure -> end\n  }\n}\n");
    }
    let top = [
        "bot ",
        "dialog ",
        "integration ",
        "phrases ",
        "intent ",
        "entity ",
        "hours ",
        "fallback ",
        "escalation ",
        "disambiguation ",
        "on ",
    ];
    let declares = top.iter().any(|word| begins(word));
    if declares {
        text.push_str(example);
    } else {
        text.push_str("dialog \"Example\" {\n  user says {\n    words \"example\"\n  }\n");
        text.push_str(example);
        text.push_str("\n}\n");
    }
    if begins("bot \"") && declares && example.matches("dialog \"").count() > 1 {
        return text;
    }
    if !begins("dialog \"Welcome\"") {
        text.push_str(
            "\ndialog \"Welcome\" {\n  user says {\n    words \"(hi|hello)\"\n  }\n  say \"Hello.\"\n}\n",
        );
    }
    if !begins("dialog \"Agent Handoff\"") {
        text.push_str("dialog \"Agent Handoff\" {\n  user says {\n    words \"(agent|human)\"\n  }\n  transfer to skill \"Human\"\n}\n");
    }
    if !begins("fallback dialog") && !example.contains("# no fallback") {
        text.push_str("fallback dialog \"Fallback\" {\n  say \"Sorry?\"\n}\n");
    }
    text
}

fn account(yaml: &str) -> Account {
    // One skill a line: `- Human` is staffed, `- Billing (nobody)` is not.
    let skills = yaml.lines().filter_map(|line| line.trim().strip_prefix("- ")).map(|line| AccountSkill {
        name: line.trim_end_matches("(nobody)").trim().to_string(),
        staffed: !line.ends_with("(nobody)"),
    });
    Account { skills: skills.collect() }
}

fn block<'a>(page: &'a str, heading: &str, language: &str) -> Option<&'a str> {
    let section = page.split_once(&format!("\n## {heading}\n"))?.1;
    let section = section.split("\n## ").next().unwrap_or(section);
    let code = section.split_once(&format!("```{language}\n"))?.1;
    Some(code.split_once("\n```")?.0)
}

/// What is found in a bot or a transcript.
struct Found {
    slugs: Vec<Slug>,
    told: String,
}

impl From<Checked> for Found {
    fn from(checked: Checked) -> Found {
        Found { slugs: checked.findings.iter().map(|finding| finding.slug).collect(), told: short(&checked) }
    }
}

fn read_transcript(name: &str, text: &str) -> Found {
    let (_, findings) = transcript::parse(text, FileId(0));
    let sources = Sources::new(vec![Source::new(name, text)]);
    Checked { sources, findings, program: None }.into()
}

/// A Botium file, by itself.
fn read_botium(name: &str, text: &str) -> Found {
    let (_, findings) = botium::read_convo(text, FileId(0));
    let sources = Sources::new(vec![Source::new(name, text)]);
    Checked { sources, findings, program: None }.into()
}

/// The file of an account.
fn read_account(name: &str, text: &str) -> Found {
    let read = parlor::platform::Account::read(name, text.as_bytes().to_vec());
    Checked { sources: read.sources, findings: read.findings, program: None }.into()
}

/// Checks an example of a page: its `transcript`, `convo` or `yaml account` block, or its `dialog` block with its `env.yaml` and `account` blocks
/// if it has them.
fn check_example(page: &str, heading: &str) -> Option<Found> {
    if let Some(example) = block(page, heading, "transcript") {
        return Some(read_transcript("example.transcript", example));
    }
    if let Some(example) = block(page, heading, "convo") {
        return Some(read_botium("example.convo.txt", example));
    }
    if let Some(example) = block(page, heading, "yaml account") {
        return Some(read_account("example.account.yaml", example));
    }
    let example = block(page, heading, "dialog")?;
    let mut draft = Draft::new();
    draft.put("example.dialog", complete(example));
    if let Some(env) = block(page, heading, "yaml") {
        draft.put("env.yaml", env);
    }
    if let Some(skills) = block(page, heading, "account") {
        draft.account(account(skills));
    }
    Some(draft.check().into())
}

/// Checks a case of `tests/check`: a file, or a folder of files.
fn check_bot(path: PathBuf) -> Found {
    let mut draft = Draft::new();
    let files = if path.is_dir() {
        std::fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()).collect()
    } else {
        vec![path]
    };
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case is text");
        let name = file.file_name().unwrap().to_str().unwrap().to_string();
        match name.as_str() {
            "account.yaml" => draft.account(account(&text)),
            _ => draft.put(name, text),
        }
    }
    draft.check().into()
}

fn short(checked: &Checked) -> String {
    let mut out = String::new();
    for finding in &checked.findings {
        let source = checked.sources.get(finding.place.file).expect("a finding points into a file");
        let (line, column) = source.line_column(finding.place.span.start as usize);
        out.push_str(&format!(
            "{}:{line}:{column}: {}[{}]: {}\n",
            source.path,
            finding.severity().word(),
            finding.slug,
            finding.message
        ));
    }
    out
}

#[test]
fn every_page_has_a_wrong_and_a_right_example_that_are_so() {
    let mut wrong = Vec::new();
    for slug in Slug::ALL.iter().copied().filter(|slug| !NOT_IN_TEXT.contains(slug)) {
        let text = page(slug).text;
        match check_example(&text, "Wrong") {
            None => wrong.push(format!("{slug}: no `## Wrong` with a block")),
            Some(_) if IN_OUTLINE.contains(&slug) => {}
            Some(found) if !found.slugs.contains(&slug) => {
                wrong.push(format!("{slug}: the wrong example does not have it, but:\n{}", found.told));
            }
            Some(_) => {}
        }
        match check_example(&text, "Right") {
            None => wrong.push(format!("{slug}: no `## Right` with a block")),
            Some(found) if !found.slugs.is_empty() => {
                wrong.push(format!("{slug}: the right example has findings:\n{}", found.told));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_that_list_what_there_is_list_all_of_it() {
    let in_backticks = |slug: Slug, name: &str| {
        let text = page(slug).text;
        let (bare, with_more) = (format!("`{name}`"), format!("`{name} "));
        assert!(
            text.contains(&bare) || text.contains(&with_more),
            "the page of {slug} does not name `{name}`"
        );
    };
    for name in RESERVED.iter().chain(words::TYPES) {
        in_backticks(Slug::ReservedName, name);
    }
    for name in words::SETTINGS {
        in_backticks(Slug::UnknownSetting, name);
    }
    for name in words::EVENTS {
        in_backticks(Slug::UnknownEvent, name);
    }
    for name in words::LATER {
        in_backticks(Slug::KeptForLater, name);
    }
    for name in [words::DECLARATIONS, words::STEPS, words::RULES].concat() {
        in_backticks(Slug::UnknownWord, name);
    }
    for name in [words::HEADER, words::SCENES, words::CUES].concat() {
        in_backticks(Slug::UnknownWord, name);
    }
    for label in words::LABELS {
        in_backticks(Slug::UnknownWord, &format!("{label}:"));
    }
    for kind in KINDS {
        in_backticks(Slug::UnknownKind, kind.name);
        let text = page(Slug::UnknownField).text;
        let fields: Vec<String> = kind.fields.iter().map(|(field, _)| format!("`{field}`")).collect();
        let line = format!("- `{}`, {}: {}\n", kind.name, kind.purpose, fields.join(", "));
        assert!(text.contains(&line), "the page of unknown-field lacks the line:\n{line}");
        let text = page(Slug::MissingField).text;
        let line = text.lines().find(|line| line.starts_with(&format!("- `{}`: ", kind.name)));
        let line = line.unwrap_or_else(|| panic!("the page of missing-field lacks `{}`", kind.name));
        for field in kind.needs.concat() {
            assert!(
                line.contains(&format!("`{field}`")),
                "the page of missing-field: `{}` needs `{field}`",
                kind.name
            );
        }
    }
}

#[test]
fn slugs_pages_and_cases_are_the_same_set() {
    let slugs: BTreeSet<String> = Slug::ALL.iter().map(|slug| slug.to_string()).collect();
    let names = |folder: PathBuf, ending: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(ending).map(str::to_string))
            .collect()
    };
    let pages = names(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostics/pages"), ".md");
    assert_eq!(slugs, pages, "a slug without a page, or a page without a slug");
    let cases: BTreeSet<String> =
        names(cases(), ".found").into_iter().chain(NOT_IN_TEXT.iter().map(|slug| slug.to_string())).collect();
    assert_eq!(slugs, cases, "a slug without a case in tests/check, or a case without a slug");
    assert!(slugs.len() >= 60);
}

#[test]
fn every_case_has_its_mistake_and_nothing_changed() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(cases()).expect("tests/check is there").flatten() {
        let path = entry.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_string();
        let slug_name = name.split('.').next().unwrap_or(&name);
        if name.ends_with(".found") {
            continue;
        }
        let slug =
            Slug::from_name(slug_name).unwrap_or_else(|| panic!("tests/check/{name} is named after no slug"));
        let found = if name.ends_with(".transcript") {
            read_transcript(&name, &std::fs::read_to_string(&path).expect("a case is text"))
        } else if name.ends_with(".convo.txt") {
            read_botium(&name, &std::fs::read_to_string(&path).expect("a case is text"))
        } else if name.ends_with(".yaml") {
            read_account(&name, &std::fs::read_to_string(&path).expect("a case is text"))
        } else {
            check_bot(path)
        };
        if !found.slugs.contains(&slug) {
            wrong.push(format!("tests/check/{name} does not have {slug}, but:\n{}", found.told));
        }
        let golden = cases().join(format!("{slug_name}.found"));
        let found = found.told;
        if update {
            std::fs::write(&golden, &found).expect("the golden file can be written");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
            wrong.push(format!("tests/check/{name} finds something else than its .found says (UPDATE=1 rewrites it):\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_that_is_no_text_is_told_and_the_rest_is_checked() {
    for bytes in [b"bot \"x\" {\n\0\n}".to_vec(), vec![0xff, 0xfe, 0x62], b"say \xc3\x28".to_vec()] {
        let (source, finding) = Source::from_bytes("a.dialog", bytes, FileId(0));
        assert_eq!(source.text, "");
        assert_eq!(finding.map(|finding| finding.slug), Some(Slug::NotText));
    }
}

#[test]
fn limits_are_told_with_their_values() {
    let (source, finding) = Source::from_bytes("a.dialog", vec![b'#'; FILE_BYTES_MAX + 1], FileId(0));
    assert_eq!(source.text, "");
    let finding: Finding = finding.expect("too large");
    assert_eq!(finding.slug, Slug::TooLarge);
    assert!(finding.message.contains(&FILE_BYTES_MAX.to_string()), "{}", finding.message);
    let mut draft = Draft::new();
    for number in 0..10_001 {
        draft.put(format!("{number}.dialog"), "");
    }
    let checked = draft.check();
    assert_eq!(checked.findings.len(), 1);
    assert!(checked.findings[0].message.contains("10000"), "{}", checked.findings[0].message);
}

/// Bots of sensible authors, who do what looks like a mistake only at first sight.
#[test]
fn nothing_is_found_in_sound_bots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sound");
    let mut wrong = String::new();
    for entry in std::fs::read_dir(folder).expect("tests/sound is there").flatten() {
        let path = entry.path();
        let files = if path.is_dir() {
            std::fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()).collect()
        } else {
            vec![path]
        };
        let mut draft = Draft::new();
        for file in files {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            draft.put(name, std::fs::read_to_string(&file).expect("a bot is text"));
        }
        wrong.push_str(&short(&draft.check()));
    }
    assert!(wrong.is_empty(), "{wrong}");
}
