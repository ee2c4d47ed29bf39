//! The graph for Mermaid, which many pages and wikis draw.

use crate::diagnostics::render::visible::visible;
use crate::rehearsal::coverage::Coverage;

use super::svg::files;
use super::{Graph, Is, Node};

impl Graph {
    /// A `flowchart`, with a subgraph a file if there are several.
    pub fn mermaid(&self, overlay: Option<&Coverage>) -> String {
        let mut text = String::from("flowchart TD\n");
        let files = files(self);
        for (cluster, path) in files.iter().enumerate() {
            let clustered = files.len() > 1;
            if clustered {
                text.push_str(&format!("  subgraph f{cluster}[{}]\n", quoted(path)));
            }
            let nodes = self.nodes.iter().enumerate();
            for (number, node) in nodes.filter(|(_, node)| node.path.as_deref() == Some(path)) {
                let indent = if clustered { "    " } else { "  " };
                text.push_str(&format!("{indent}{}\n", shape(number, node)));
            }
            if clustered {
                text.push_str("  end\n");
            }
        }
        for (number, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.path.is_none()) {
            text.push_str(&format!("  {}\n", shape(number, node)));
        }
        for edge in &self.edges {
            let label = edge.label();
            let label = if label.is_empty() { String::new() } else { format!("|{}|", quoted(&label)) };
            let line = match overlay {
                Some(coverage) if coverage.of_edge(edge) == 0 => "-.->",
                _ => "-->",
            };
            text.push_str(&format!("  n{} {line}{label} n{}\n", edge.from, edge.to));
        }
        let mut class = |name: &str, style: &str, wanted: &dyn Fn(&Node) -> bool| {
            let found: Vec<String> = (0..self.nodes.len())
                .filter(|number| wanted(&self.nodes[*number]))
                .map(|number| format!("n{number}"))
                .collect();
            if !found.is_empty() {
                text.push_str(&format!("  classDef {name} {style}\n  class {} {name}\n", found.join(",")));
            }
        };
        class("entry", "stroke-width:3px", &|node| node.entry);
        class("special", "stroke-dasharray:5 3", &|node| node.is.is_dialog() && node.is != Is::Dialog);
        class("dead", "stroke:#a2201a", &|node| node.dead_end.is_some());
        if let Some(coverage) = overlay {
            let share = |node: &Node| coverage.of_node(node);
            class("all", "fill:#dff3e4,color:#1d2127", &|node| {
                share(node).is_some_and(|share| share.covered == share.all)
            });
            class("some", "fill:#fdf0cf,color:#1d2127", &|node| {
                share(node).is_some_and(|share| share.covered > 0 && share.covered < share.all)
            });
            class("none", "fill:#fde3e1,color:#1d2127", &|node| {
                share(node).is_some_and(|share| share.covered == 0)
            });
        }
        text
    }
}

fn shape(number: usize, node: &Node) -> String {
    let name = quoted(&node.name);
    match node.is {
        Is::Integration => format!("n{number}[[{name}]]"),
        Is::Handover => format!("n{number}>{name}]"),
        Is::End | Is::Close => format!("n{number}([{name}])"),
        _ => format!("n{number}({name})"),
    }
}

/// A text in quotes; its own quotes, and what Mermaid takes for HTML or for a sign of its own, spelled out.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in visible(text).chars() {
        match letter {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '|' | '\\' => {
                out.push_str(&format!("#{};", u32::from(letter)))
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
