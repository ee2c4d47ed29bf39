//! What a type finds in a sentence, as `docs/types.md` tells bot designers: every row of its tables is a test.
//!
//! `UPDATE=1 cargo test` rewrites what is kept.

use std::path::{Path, PathBuf};

use parlor::conversation::{Moment, Value};
use parlor::language::pattern::parse_pattern;
use parlor::program::kinds::{Entity, EntityValue, Found, Here, Kind, Lexicon, fill, find};
use parlor::program::matcher::Matcher;
use proptest::prelude::*;

/// Friday, 2026-11-20, nine o'clock.
const NOW: Moment = Moment(1_795_165_200_000);

fn here(language: &str) -> Here {
    Here::new(NOW, "Europe/Berlin", language)
}

fn words(pattern: &str) -> Matcher {
    Matcher::words(&parse_pattern(pattern).unwrap())
}

/// The entity of the page.
fn lexicon() -> Lexicon {
    let value = |kept: Option<&str>, matchers| EntityValue { matchers, value: kept.map(Value::text) };
    let city = Entity::new(
        "city",
        vec![
            value(Some("MUC"), vec![Matcher::exact("Munich"), Matcher::exact("München"), words("muc")]),
            value(Some("Berlin"), vec![Matcher::exact("Berlin"), Matcher::exact("BER")]),
            value(Some("NYC"), vec![Matcher::exact("New York"), words("(big apple|nyc)")]),
            value(Some("York"), vec![Matcher::exact("York")]),
            value(
                Some("Divided"),
                vec![Matcher::exact("Divided"), Matcher::pattern(&parse_pattern("*town*wall*").unwrap())],
            ),
            value(None, vec![Matcher::regex(r"\bzip (\d{5})\b", false).unwrap()]),
        ],
    );
    Lexicon { entities: vec![city], yes: None, no: None }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "text" => Kind::Text,
        "number" => Kind::Number,
        "flag" => Kind::Flag,
        "list" => Kind::List,
        "json" => Kind::Json,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "location" => Kind::Location,
        "file" => Kind::File,
        "city" | "Your own types" => Kind::Entity(0),
        _ => return None,
    })
}

fn kept(finds: &[Found]) -> String {
    let values: Vec<String> = finds.iter().map(|found| format!("`{}`", found.value)).collect();
    if values.is_empty() { "nothing".into() } else { values.join(", ") }
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/types.md")
}

#[test]
fn every_row_of_the_page_is_true() {
    let text = std::fs::read_to_string(page()).unwrap();
    let lexicon = lexicon();
    let (mut section, mut columns) = (String::new(), Vec::new());
    let (mut out, mut wrong, mut rows, mut nothing) = (String::new(), Vec::new(), 0, 0);
    for line in text.lines() {
        let cells: Vec<&str> = match line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) {
            Some(row) => row.split(" | ").collect(),
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    section = title.to_string();
                }
                if !line.starts_with("|-") {
                    columns.clear();
                }
                out.push_str(line);
                out.push('\n');
                continue;
            }
        };
        if columns.is_empty() {
            columns = cells.iter().map(|cell| cell.to_string()).collect();
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let cell = |name: &str| columns.iter().position(|column| column == name).map(|column| cells[column]);
        let said = cell("what is said").unwrap().trim_matches('`');
        let here = here(cell("language").unwrap_or("en"));
        let is = match cell("asked for") {
            Some(asked) => {
                let names: Vec<&str> = asked.split(", ").collect();
                let wanted: Vec<(usize, Kind)> =
                    names.iter().enumerate().map(|(number, name)| (number, kind(name).unwrap())).collect();
                let filled = fill(&wanted, &lexicon, said, &here);
                let parts: Vec<String> = filled
                    .iter()
                    .map(|(number, found)| format!("{} `{}`", names[*number], found.value))
                    .collect();
                if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
            }
            None => {
                let kind =
                    kind(cell("type").unwrap_or(&section)).unwrap_or_else(|| panic!("type {section}?"));
                kept(&find(kind, &lexicon, said, &here))
            }
        };
        rows += 1;
        nothing += usize::from(is == "nothing");
        let should = cells.last().copied().unwrap_or("");
        if is != should {
            wrong.push(format!("{section}: {said:?} keeps {is}, the page says {should}"));
        }
        let before = line.strip_suffix(" |").and_then(|line| line.strip_suffix(should)).unwrap_or(line);
        out.push_str(&format!("{before}{is} |\n"));
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(page(), out).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= 200 && nothing >= 40, "{rows} rows, {nothing} of them with nothing");
}

#[test]
fn the_entity_of_the_page_is_the_one_that_is_tested() {
    let text = std::fs::read_to_string(page()).unwrap();
    let block = text.split("```").find(|block| block.contains("entity \"city\"")).unwrap();
    for line in [
        "\"Munich\" = \"MUC\" or \"München\" or words \"muc\"",
        "pattern \"*town*wall*\"",
        r"/\bzip (\d{5})\b/",
    ] {
        assert!(block.contains(line), "{line}");
    }
}

#[test]
fn finds_say_where_they_stand() {
    let message = "Ein Tisch für vier in MÜNCHEN, morgen um 8!";
    let wanted = [(7, Kind::Entity(0)), (8, Kind::Date), (9, Kind::Number), (3, Kind::Time)];
    let filled = fill(&wanted, &lexicon(), message, &here("de"));
    let said: Vec<(usize, &str)> =
        filled.iter().map(|(question, found)| (*question, &message[found.range.clone()])).collect();
    assert_eq!(said, [(7, "MÜNCHEN"), (8, "morgen"), (9, "vier"), (3, "um 8")]);
}

#[test]
fn a_bots_own_yes_and_no_replace_those_of_the_language() {
    let yes = Matcher::phrases(vec![Matcher::exact("aye"), words("of course*")], vec![words("not")]);
    let lexicon = Lexicon { yes: Some(yes), ..Lexicon::default() };
    let flag =
        |said: &str| find(Kind::Flag, &lexicon, said, &here("en")).first().map(|found| found.value.clone());
    assert_eq!(flag("Aye!"), Some(Value::Flag(true)));
    assert_eq!(flag("well, of course you may"), Some(Value::Flag(true)));
    assert_eq!(flag("of course not"), None);
    assert_eq!(flag("yes"), None);
    assert_eq!(flag("nope"), Some(Value::Flag(false)));
}

#[test]
fn phrases_in_an_entity_keep_their_but_not() {
    let small = Matcher::phrases(vec![Matcher::exact("small"), words("tiny")], vec![words("not")]);
    let value = EntityValue { matchers: vec![small], value: Some(Value::Whole(1)) };
    let lexicon = Lexicon { entities: vec![Entity::new("size", vec![value])], ..Lexicon::default() };
    assert_eq!(kept(&find(Kind::Entity(0), &lexicon, "a Tiny one, or small", &here("en"))), "`1`, `1`");
    assert_eq!(kept(&find(Kind::Entity(0), &lexicon, "not a small one", &here("en"))), "nothing");
    assert_eq!(kept(&find(Kind::Entity(1), &lexicon, "small", &here("en"))), "nothing");
}

#[test]
fn the_zone_says_which_day_it_is() {
    let late = Moment(NOW.0 + 14 * 3_600_000 + 30 * 60_000);
    let today =
        |zone: &str| kept(&find(Kind::Date, &Lexicon::default(), "today", &Here::new(late, zone, "en")));
    assert_eq!(today("Europe/Berlin"), "`2026-11-21`");
    assert_eq!(today("America/New_York"), "`2026-11-20`");
    assert_eq!(today("Atlantis/Capital"), "`2026-11-20`");
}

#[test]
fn the_edges_of_time_are_no_trouble() {
    for now in [i64::MIN, i64::MAX, 253_402_207_200_999, -377_705_023_201_000] {
        let here = Here::new(Moment(now), "Pacific/Kiritimati", "en");
        for said in [
            "tomorrow",
            "yesterday",
            "next Friday",
            "last Friday",
            "in 99999 years",
            "29 Feb",
            "end of next year",
            "in 999 hours",
            "on the 31st",
            "1.1.00",
        ] {
            find(Kind::Date, &Lexicon::default(), said, &here);
            find(Kind::Time, &Lexicon::default(), said, &here);
        }
    }
}

#[test]
fn long_messages_take_no_long_time() {
    let lexicon = lexicon();
    let pieces = [
        "1 ",
        "1.",
        "one ",
        "a ",
        "und ",
        "sowie ",
        "in ",
        "hundert",
        "+1",
        "(0",
        "a@",
        "@",
        "at ",
        "1:",
        "12 ",
        "-",
        "next ",
        "the ",
        "York ",
        "yes ",
        "yes,",
        "half ",
        "zip 12345 ",
        "ß",
        "\u{300}",
        "twenty-",
        "a couple ",
    ];
    let start = std::time::Instant::now();
    for piece in pieces {
        let message = piece.repeat(4 * 1024 / piece.len());
        for language in ["en", "de"] {
            fill(&KINDS.map(|kind| (0, kind)), &lexicon, &message, &here(language));
            find(Kind::List, &lexicon, &message, &here(language));
        }
    }
    // A machine under load is forgiven; anything but linear would take minutes.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(find(Kind::Number, &lexicon, &"1 ".repeat(16 * 1024), &here("en")), []);
}

const KINDS: [Kind; 12] = [
    Kind::Text,
    Kind::Number,
    Kind::Flag,
    Kind::List,
    Kind::Json,
    Kind::Date,
    Kind::Time,
    Kind::Email,
    Kind::Phone,
    Kind::Location,
    Kind::File,
    Kind::Entity(0),
];

/// Pieces that mean something to some finder, among letters that mean nothing to any.
fn message() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "1",
        "24",
        "2026",
        "12345",
        "+49",
        "(0)",
        ".",
        ",",
        "-",
        "/",
        ":",
        "'",
        "’",
        "%",
        "@",
        "#",
        " ",
        " ",
        " ",
        "\n",
        "\u{a0}",
        "th",
        "st",
        "pm",
        "p.m.",
        "h",
        "T",
        "one",
        "twenty",
        "hundred",
        "dozen",
        "a ",
        "couple of",
        "half",
        "past",
        "quarter",
        "to",
        "at",
        "in",
        "days",
        "weeks",
        "month",
        "next",
        "this",
        "Friday",
        "sat",
        "December",
        "the",
        "first",
        "tomorrow",
        "yes",
        "no",
        "please",
        "Munich",
        "München",
        "mu\u{308}nchen",
        "zip 12345",
        "York",
        "ß",
        "ﬁ",
        "İ",
        "\u{ad}",
        "\u{200d}",
        "👍🏽",
        "４",
        "．",
        "٣",
        "½",
        "東京",
        "um",
        "Uhr",
        "halb",
        "viertel",
        "vor",
        "und",
        "ein",
        "zwanzig",
        "tausend",
        "nächsten",
        "24.12.",
        "48.137",
        "11.575",
        "a@b.de",
        "end of",
        "𝟜",
        "\u{fdfa}",
        "`",
        "\u{1F1E9}",
    ];
    let piece = prop_oneof![4 => proptest::sample::select(PIECES).prop_map(str::to_string), 1 => any::<String>().prop_map(|text| text.chars().take(4).collect())];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn finds_are_stretches_of_the_message(message in message(), language in proptest::sample::select(vec!["en", "en-US", "de", "fr", ""])) {
        let (lexicon, here) = (lexicon(), here(language));
        for kind in KINDS {
            let mut finds = find(kind, &lexicon, &message, &here);
            finds.sort_by_key(|found| found.range.start);
            for found in &finds {
                prop_assert!(message.get(found.range.clone()).is_some_and(|said| !said.is_empty()), "{kind:?} {found:?}");
                prop_assert!(found.value != Value::Nothing);
            }
            for pair in finds.windows(2) {
                prop_assert!(pair[0].range.end <= pair[1].range.start, "{kind:?} {pair:?}");
            }
        }
    }

    #[test]
    fn no_stretch_fills_two_questions(message in message(), questions in proptest::collection::vec(0..KINDS.len(), 0..6), language in proptest::sample::select(vec!["en", "de"])) {
        let wanted: Vec<(usize, Kind)> = questions.iter().enumerate().map(|(number, kind)| (number, KINDS[*kind])).collect();
        let filled = fill(&wanted, &lexicon(), &message, &here(language));
        for (n, (question, found)) in filled.iter().enumerate() {
            prop_assert!(message.get(found.range.clone()).is_some());
            prop_assert!(found.sure);
            for (other, with) in &filled[n + 1..] {
                prop_assert!(question < other);
                prop_assert!(found.range.end <= with.range.start || with.range.end <= found.range.start);
                // Of one type, the first question gets what is said first.
                prop_assert!(wanted[*question].1 != wanted[*other].1 || found.range.start < with.range.start);
            }
        }
    }
}
