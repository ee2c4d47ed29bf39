//! Bots as graphs and pictures: cases in `tests/graph` with the charts beside them, and promises that hold for every
//! picture.

use std::path::Path;
use std::sync::Arc;

use parlor::diagnostics::{Source, Sources};
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Coverage, DeadEnd, Graph, Is, Parts};
use proptest::prelude::*;

use crate::bots::generated;
use crate::{engine, golden};

fn compile(files: &[(String, String)]) -> (Program, Sources) {
    let mut draft = Draft::new();
    for (path, text) in files {
        draft.put(path, text.clone());
    }
    let checked = draft.check();
    let program = checked.program.unwrap_or_else(|| panic!("the bot has no errors: {:?}", checked.findings));
    (program, checked.sources)
}

fn graph(files: &[(String, String)]) -> (Graph, Arc<Parts>) {
    let (program, sources) = compile(files);
    let parts = Arc::new(Parts::of(&program));
    (Graph::of(&parts, &sources), parts)
}

fn case(name: &str, bytes: Vec<u8>) -> (Graph, Arc<Parts>) {
    graph(&[(name.to_string(), String::from_utf8(bytes).expect("a bot is text"))])
}

fn shop() -> (Graph, Arc<Parts>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graph/shop.dialog");
    case("shop.dialog", std::fs::read(path).expect("the bot is there"))
}

#[test]
fn bots_are_drawn_as_written() {
    golden::compare("graph", "dot", 1, |name, bytes| case(name, bytes).0.dot(None));
    golden::compare("graph", "mermaid", 1, |name, bytes| case(name, bytes).0.mermaid(None));
    golden::compare("graph", "json", 1, |name, bytes| case(name, bytes).0.json(None));
}

/// A box or a frame: its left, top, right and bottom.
type Area = [f64; 4];

fn number(node: roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |number| number.parse().expect("a number"))
}

/// Reads a picture as XML does, and looks whether its boxes are apart and inside.
fn looked_at(svg: &str) -> Result<usize, String> {
    let document = roxmltree::Document::parse(svg).map_err(|error| format!("no XML: {error}"))?;
    let root = document.root_element();
    let (width, height) = (number(root, "width"), number(root, "height"));
    if document
        .descendants()
        .any(|node| matches!(node.tag_name().name(), "script" | "a" | "image" | "foreignObject"))
    {
        return Err("it has more than shapes and texts".to_string());
    }
    let mut boxes: Vec<Area> = Vec::new();
    let drawn =
        root.children().filter(|node| node.tag_name().name() == "g" && node.has_attribute("transform"));
    for group in drawn.filter(|group| group.children().any(|child| child.tag_name().name() == "title")) {
        let place = group.attribute("transform").unwrap_or_default();
        let place: Vec<f64> = place
            .trim_start_matches("translate(")
            .trim_end_matches(')')
            .split(' ')
            .map(|number| number.parse().expect("a number"))
            .collect();
        let rect =
            group.children().find(|child| child.tag_name().name() == "rect").ok_or("a node without a box")?;
        boxes.push([place[0], place[1], place[0] + number(rect, "width"), place[1] + number(rect, "height")]);
    }
    for (at, one) in boxes.iter().enumerate() {
        if one[0] < 0.0 || one[1] < 0.0 || one[2] > width || one[3] > height {
            return Err(format!("{one:?} is outside of {width} × {height}"));
        }
        let apart = |other: &Area| {
            one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1]
        };
        if let Some(other) = boxes[at + 1..].iter().find(|other| !apart(other)) {
            return Err(format!("{one:?} lies on {other:?}"));
        }
    }
    Ok(boxes.len())
}

#[test]
fn pictures_are_sound_and_always_the_same() {
    for dialogs in [1, 2, 30, 100] {
        let files = generated::roads(dialogs);
        let one =
            vec![("bot.dialog".to_string(), files.iter().map(|(_, text)| text.as_str()).collect::<String>())];
        for files in [files, one] {
            let (graph, parts) = graph(&files);
            let svg = graph.svg(None);
            assert_eq!(looked_at(&svg), Ok(graph.nodes().len()), "{dialogs} dialogs");
            assert_eq!(svg, self::graph(&files).0.svg(None));
            let coloured = graph.svg(Some(&Coverage::new(parts)));
            assert_eq!(looked_at(&coloured), Ok(graph.nodes().len()), "{dialogs} dialogs");
        }
    }
}

#[test]
fn four_hundred_dialogs_are_no_strip() {
    let files = generated::roads(400);
    let one =
        vec![("bot.dialog".to_string(), files.iter().map(|(_, text)| text.as_str()).collect::<String>())];
    for files in [files, one] {
        let svg = graph(&files).0.svg(None);
        let document = roxmltree::Document::parse(&svg).expect("XML");
        let (width, height) =
            (number(document.root_element(), "width"), number(document.root_element(), "height"));
        assert!(width < 10_000.0 && height < 10_000.0, "{width} × {height}");
        assert!(width / height > 0.5 && width / height < 2.5, "{width} × {height}");
    }
}

#[test]
fn nothing_a_bot_says_becomes_a_part_of_the_picture() {
    let evil = "</title><script>alert(1)</script> & \u{1b}[2J \u{202e} \u{ffff} 'x'";
    let bot = format!(
        "bot \"{evil}\" {{\nlanguage en\nentry \"{evil}\"\n}}\nintegration \"{evil}\" api {{\nget \"https://x.example\"\n}}\ndialog \"{evil}\" {{\nuser says {{\n\"{evil}\"\n}}\nchoose q \"{evil}\" {{\n\"{evil}\" -> dialog \"{evil}\"\n\"{evil} 2\" -> end\n}}\ncall \"{evil}\"\n}}\n"
    );
    let (graph, _) = graph(&[("<b>\"&.dialog".to_string(), bot)]);
    let svg = graph.svg(None);
    assert_eq!(looked_at(&svg), Ok(3));
    assert!(svg.contains("&lt;script&gt;"));
    for (chart, text) in
        [("svg", svg), ("dot", graph.dot(None)), ("mermaid", graph.mermaid(None)), ("json", graph.json(None))]
    {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{chart}");
        assert!(!(chart == "mermaid" || chart == "svg") || !text.contains("<script>"), "{chart}");
    }
}

#[test]
fn dead_ends_are_told_from_dialogs_that_only_end() {
    let (graph, _) = shop();
    let dead: Vec<(&str, DeadEnd)> =
        graph.nodes().iter().filter_map(|node| Some((node.name.as_str(), node.dead_end?))).collect();
    assert_eq!(dead, [("Left alone", DeadEnd::NothingLeadsThere), ("Says nothing", DeadEnd::SaysNothing)]);
    // A dialog that only goes back says nothing either, and leads somewhere.
    let tasks = golden::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/tasks"));
    let files: Vec<(String, String)> = tasks
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "dialog"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("text")))
        .collect();
    let (graph, _) = self::graph(&files);
    let dead: Vec<&str> =
        graph.nodes().iter().filter(|node| node.dead_end.is_some()).map(|node| node.name.as_str()).collect();
    assert_eq!(dead, ["Which"]);
}

#[test]
fn what_is_near_a_dialog() {
    let (graph, _) = shop();
    let near = |depth: usize| -> Vec<String> {
        let near = graph.focus("Nobody", depth).expect("there is one");
        near.nodes().iter().map(|node| node.name.clone()).collect()
    };
    assert_eq!(near(0), ["Nobody"]);
    assert_eq!(near(1), ["Handover", "Nobody", "agent {{ order_no }}", "close"]);
    assert_eq!(
        near(2),
        ["Welcome", "Track", "Handover", "Nobody", "Enough", "Human", "agent {{ order_no }}", "close"]
    );
    let all = graph.focus("Nobody", 99).expect("there is one");
    assert_eq!(all.nodes().len() + 4, graph.nodes().len(), "four dialogs are joined with nothing");
    assert_eq!(graph.focus("Nobdy", 1).map(|_| ()), Err(Some("Nobody".to_string())));
    assert_eq!(graph.focus("a dialog of another bot", 1).map(|_| ()), Err(None));
}

#[test]
fn every_way_out_of_a_dialog_is_counted() {
    let (graph, parts) = shop();
    let ways: usize = graph.edges().iter().map(|edge| edge.ways.len()).sum();
    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graph/shop.dialog"))
            .unwrap();
    let count = |word: &str| source.matches(word).count();
    // Arrows to dialogs and to ends, calls and transfers. What looks like an arrow in a text and a regex is none.
    let written =
        count("-> dialog") + count("-> end") + count("-> close") + count("call \"") + count("transfer to");
    assert_eq!(ways, written);
    for way in graph.edges().iter().flat_map(|edge| &edge.ways) {
        let part = way.part.and_then(|part| parts.get(part)).expect("each is a part that is counted");
        assert_eq!(part.line, way.line);
    }
    let rule = graph.edges().iter().flat_map(|edge| &edge.ways).find(|way| way.label.contains("quoted"));
    assert_eq!(rule.map(|way| way.label.as_str()), Some(r#"pattern "*\"quoted\"*" or /a "b" -> c/"#));
}

#[test]
fn a_rule_is_named_without_its_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graph/shop.dialog");
    let (program, _) = compile(&[("shop.dialog".to_string(), std::fs::read_to_string(path).expect("text"))]);
    let graph = Graph::of(&Parts::of(&program), &Sources::new(vec![Source::new("other.dialog", "")]));
    let mut labels: Vec<&str> =
        graph.edges().iter().flat_map(|edge| &edge.ways).map(|way| way.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(
        labels,
        [
            "",
            "\"Track later\"",
            "\"Track | find\"",
            "an answer",
            "call",
            "failure",
            "otherwise",
            "retry 3",
            "transfer"
        ]
    );
    assert!(graph.nodes().iter().any(|node| node.is == Is::Handover));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_bot_can_be_drawn(text in engine::bot()) {
        let Ok(program) = engine::compiled(&text) else { return Err(TestCaseError::reject("it goes in circles")) };
        let parts = Parts::of(&program);
        let graph = Graph::of(&parts, &Sources::new(vec![Source::new("bot.dialog", text)]));
        prop_assert_eq!(looked_at(&graph.svg(None)), Ok(graph.nodes().len()));
        for node in graph.nodes().iter().filter(|node| node.is.is_dialog()) {
            let near = graph.focus(&node.name, 1).expect("it is there");
            prop_assert_eq!(looked_at(&near.svg(None)), Ok(near.nodes().len()));
        }
    }
}
