//! The gate before Production as people read it: what keeps a version back, and where it goes another way than it went.

use std::fmt::Write;

use serde_json::Value as Json;

use crate::diagnostics::render::visible::visible;

use super::short;

/// Differences that are shown.
const DIFFERENCES_SHOWN: usize = 10;

/// All of a gate, in lines.
pub(super) fn shown(gate: &Json) -> String {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_string();
    let lines = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let (version, obstacles) = (&gate["version"], lines(&gate["obstacles"]));
    let mut said = String::new();
    let does = if obstacles.is_empty() { "may go" } else { "does not go" };
    let _ = writeln!(
        said,
        "version {} ({}) of `{}` {does} to Production",
        version["number"],
        short(&text(&version["id"])),
        text(&gate["bot"])
    );
    for obstacle in &obstacles {
        let (sentence, code) = (text(&obstacle["sentence"]), text(&obstacle["code"]));
        let _ = writeln!(said, "  no: {sentence} ({code})\n      {}", text(&obstacle["to_do"]));
    }
    for passed in lines(&gate["passed"]) {
        let _ = writeln!(said, "  yes: {}", text(&passed));
    }
    let confirmed = lines(&version["confirmed"]["differences"]);
    let all = lines(&gate["replay"]["differences"]);
    let open: Vec<&Json> = all.iter().filter(|one| !confirmed.contains(&one["name"])).collect();
    for difference in open.iter().take(DIFFERENCES_SHOWN) {
        let (name, conversation) = (text(&difference["name"]), text(&difference["conversation"]));
        let _ = writeln!(said, "\n  {name}: {} in {conversation}", text(&difference["fate"]));
        if let Some(lacks) = difference["lacks"].as_str() {
            let _ = writeln!(said, "    {lacks}");
        }
        let first = &difference["first"];
        if first.is_object() {
            let _ = writeln!(said, "    turn {}, {}", first["turn"], text(&first["happened"]));
            lines(&first["then"]).iter().for_each(|line| _ = writeln!(said, "    - {}", text(line)));
            lines(&first["now"]).iter().for_each(|line| _ = writeln!(said, "    + {}", text(line)));
        }
    }
    if open.len() > DIFFERENCES_SHOWN {
        let _ = writeln!(said, "\n  and {} more; --json shows all", open.len() - DIFFERENCES_SHOWN);
    }
    visible(&said).into_owned()
}

/// Whether a replay that nobody has confirmed is all that keeps it back.
pub(super) fn needs_only_confirming(gate: &Json) -> bool {
    let obstacles = gate["obstacles"].as_array().map(Vec::as_slice).unwrap_or_default();
    !obstacles.is_empty() && obstacles.iter().all(|one| one["code"] == "replay-not-confirmed")
}

/// The names of all differences.
pub(super) fn names(gate: &Json) -> Vec<Json> {
    let all = gate["replay"]["differences"].as_array().into_iter().flatten();
    all.map(|difference| difference["name"].clone()).collect()
}
