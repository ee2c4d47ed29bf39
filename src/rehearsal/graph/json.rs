//! The graph as JSON.

use serde_json::{Value, json};

use crate::diagnostics::render::visible::visible_json;
use crate::rehearsal::coverage::Coverage;

use super::Graph;

impl Graph {
    /// Nodes and edges; an edge names its nodes by their place in the list.
    pub fn json(&self, overlay: Option<&Coverage>) -> String {
        let nodes = self.nodes.iter().map(|node| {
            let mut entry = json!({ "name": node.name, "is": node.is.words() });
            if node.is.is_dialog() {
                entry["path"] = json!(node.path.as_deref());
                entry["line"] = json!(node.line);
                entry["starter"] = json!(node.starter);
                entry["starters"] = json!(node.starters);
                entry["parts"] = json!(node.parts);
                entry["entry"] = json!(node.entry);
                entry["dead_end"] = json!(node.dead_end.map(|why| why.words()));
            }
            if let Some(share) = overlay.and_then(|coverage| coverage.of_node(node)) {
                entry["covered"] = json!(share.covered);
                entry["all"] = json!(share.all);
            }
            entry
        });
        let nodes: Vec<Value> = nodes.collect();
        let edges = self.edges.iter().map(|edge| {
            let ways = edge.ways.iter().map(|way| {
                let mut entry = json!({ "label": way.label, "line": way.line });
                if let Some((coverage, part)) = overlay.zip(way.part) {
                    entry["count"] = json!(coverage.count(part));
                }
                entry
            });
            json!({ "from": edge.from, "to": edge.to, "ways": ways.collect::<Vec<Value>>() })
        });
        let edges: Vec<Value> = edges.collect();
        let whole = json!({ "version": 1, "bot": self.bot, "nodes": nodes, "edges": edges });
        visible_json(&serde_json::to_string_pretty(&whole).unwrap_or_default())
    }
}
