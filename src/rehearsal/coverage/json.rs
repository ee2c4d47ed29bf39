//! Coverage as JSON, for machines, and for `parlor graph --overlay`, which reads it again.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnostics::render::visible::visible_json;
use crate::rehearsal::parts::{Kind, Parts};

use super::{Coverage, Passed, Share};

impl Coverage {
    /// All parts with their counts, the shares, and which tests pass through what: their parts, counted from 0.
    pub fn json(&self, tests: &[Passed]) -> String {
        let share = |name: &str, share: Share| {
            let Share { covered, all } = share;
            json!({ "kind": name, "covered": covered, "all": all, "percent": share.percent() })
        };
        let mut summary: Vec<Value> =
            Kind::ALL.iter().map(|kind| share(kind.plural(), self.of_kind(*kind))).collect();
        summary.push(share("together", self.total()));
        let parts = self.parts.iter().map(|(id, part)| {
            let mut entry = json!({
                "address": part.address, "kind": part.kind.plural(), "dialog": &*part.dialog,
                "path": &*part.path, "line": part.line, "count": self.count(id),
            });
            if let Some(why) = part.never {
                entry["never"] = json!(why);
            }
            entry
        });
        let parts: Vec<Value> = parts.collect();
        let tests = tests.iter().map(|test| {
            json!({ "name": test.name, "covers": test.parts.iter().map(|part| part.0).collect::<Vec<u32>>() })
        });
        let tests: Vec<Value> = tests.collect();
        let whole = json!({
            "version": 1, "bot": self.parts.program().name(), "summary": summary, "parts": parts, "tests": tests,
        });
        visible_json(&serde_json::to_string_pretty(&whole).unwrap_or_default())
    }

    /// Reads what [`Coverage::json`] wrote, for these parts. What they lack counts as unknown.
    pub fn read(text: &str, parts: Arc<Parts>) -> Result<Coverage, String> {
        let whole: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        match whole.get("version") {
            Some(version) if *version == json!(1) => {}
            Some(version) => return Err(format!("its version is {version}, and 1 is the one I read")),
            None => return Err("it has no `version`, as the coverage of a bot has".to_string()),
        }
        let listed = whole.get("parts").and_then(Value::as_array).ok_or("it has no list of `parts`")?;
        let counted = listed.iter().filter_map(|part| {
            let count = part.get("count")?.as_u64()?;
            Some((part.get("address")?.as_str()?, u32::try_from(count).unwrap_or(u32::MAX)))
        });
        let mut coverage = Coverage::new(parts);
        coverage.unknown = coverage.add(counted);
        Ok(coverage)
    }
}
