//! What is read here, another reader of YAML reads too, and the same.

use proptest::prelude::*;
use serde_yaml::Value;

use super::*;

/// Whether both mean the same. Bare words may be numbers or truths to the other reader.
fn same(node: &Node, value: &Value) -> bool {
    match (&node.what, value) {
        (What::Nothing, Value::Null) => true,
        (What::Text { text, .. }, Value::String(other)) => text == other,
        (What::Text { text, bare: true }, Value::Bool(truth)) => {
            text.eq_ignore_ascii_case(&truth.to_string())
        }
        (What::Text { bare: true, .. }, Value::Number(_)) => true,
        (What::List(items), Value::Sequence(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| same(item, other))
        }
        (What::Map(entries), Value::Mapping(others)) => {
            entries.len() == others.len()
                && entries.iter().zip(others).all(|(entry, (name, other))| {
                    let key =
                        Node { span: entry.at, what: What::Text { text: entry.key.clone(), bare: true } };
                    same(&key, name) && same(&entry.value, other)
                })
        }
        _ => false,
    }
}

/// A file that is read means the same to the other reader, unless only that one minds that a name stands there twice.
fn agree(text: &str) -> Result<bool, String> {
    let Ok(node) = read(text, FileId(0)) else { return Ok(false) };
    match serde_yaml::from_str::<Value>(text) {
        Ok(value) if same(&node, &value) => Ok(true),
        Ok(value) => Err(format!("{text:?}\nwe: {node:?}\nthey: {value:?}")),
        Err(error) if error.to_string().contains("duplicate entry") => Ok(false),
        Err(error) => Err(format!("{text:?}\nwe: {node:?}\nthey: {error}")),
    }
}

#[test]
fn what_people_write() {
    for text in [
        "",
        "# nothing\n",
        "a: 1\nb:\n  c: x # why\n\n  d: [x, 'y', \"z\\n\", 5m]\ne: {f: g, h: [], i: {}}\n",
        "---\na:\n- b\n- c: d\n  e: f\n-\n  - g\n  - - h\n    - i\n",
        "a: |\n  one\n    two\n\n  three\n\nb: >-\n  one\n  two\n\n   three\n  four\nc: |+\n  x\n\n",
        "a: [\n  b, # one\n  c,\n]\nd:\n  e:\n  f: null\n  g: ~\n",
        "\"a b\": 'it''s'\r\n'c: d': x:y\r\nurl: https://a.example/#top\r\n",
        "\u{feff}a: \"\\x41\\u00e4\\U0001f600\\\\ \\\" \\/ \\t\"\n",
        "just a text\n",
        "- a\n- {b: c}\n",
        "a: |\n  no line end",
        "a:\r\n  b: |+\r\n    x\r\n\r\n  c:\r\n",
        "a: |+\n  x\n\n  ",
        "a: [https://shop.example.com, http://localhost:3000]\n",
    ] {
        assert_eq!(agree(text), Ok(true), "{text:?}: {:?}", read(text, FileId(0)));
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "skills:\n  Human:\n    idle: 5m\n";
    let node = read(text, FileId(0)).unwrap();
    let What::Map(entries) = &node.what else { panic!("{node:?}") };
    let What::Map(entries) = &entries[0].value.what else { panic!("{node:?}") };
    let What::Map(entries) = &entries[0].value.what else { panic!("{node:?}") };
    assert_eq!((&text[entries[0].at.range()], &text[entries[0].value.span.range()]), ("idle", "5m"));
}

/// Pieces of which damage is made.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "  ",
    " ",
    "a: ",
    "b:",
    "- ",
    "c",
    "\"q\"",
    "'s'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">",
    "-",
    "+",
    "# x",
    "#",
    ":",
    "?",
    "---",
    "...",
    "&x",
    "*x",
    "!",
    "%",
    "\t",
    "~",
    "\r\n",
    "\\",
    "é",
    "\"",
    "'",
    "\n  a: |\n    x\n",
    "\n  b: >+\n    x\n\n",
    "12",
    "\"\\u00",
    "\u{85}",
    "=",
    "@",
    "<<: ",
];

/// Files that are damaged: every kind of block, text and bracket stands in them.
const WHOLE: &[&str] = &[
    "",
    "a: |\n  one\n    two\n\n  three\n\nb: >-\n  one\n  two\n\n   three\n  four\nc: |+\n  x\n\n",
    include_str!("../../../../tests/account/styles.yaml"),
    "a:\n- b\n- c: d\n  e: f\n-\n  - g\n  - - h\n    - i\nj: {k: [l, 'm', \"n\"], o: }\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_means_the_same_to_others(
        whole in 0..WHOLE.len(),
        hits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, 0..PIECES.len()), 0..12),
    ) {
        let mut text: Vec<char> = WHOLE[whole].chars().collect();
        // A few hits leave most of a file as it was; an empty one is made of pieces alone.
        for (at, gone, piece) in hits.into_iter().take(if whole == 0 { 12 } else { 3 }) {
            let at = at.index(text.len() + 1);
            let end = (at + gone).min(text.len());
            text.splice(at..end, PIECES[piece].chars());
        }
        if let Err(difference) = agree(&text.into_iter().collect::<String>()) {
            prop_assert!(false, "{difference}");
        }
    }
}
