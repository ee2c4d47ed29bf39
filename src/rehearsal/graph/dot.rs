//! The graph for Graphviz.

use crate::diagnostics::render::visible::visible;
use crate::rehearsal::coverage::Coverage;

use super::svg::files;
use super::{Graph, Is, Node};

impl Graph {
    /// A `digraph`, with a cluster a file if there are several.
    pub fn dot(&self, overlay: Option<&Coverage>) -> String {
        let mut text = format!(
            "digraph {} {{\n  graph [rankdir=TB, fontname=\"sans-serif\"]\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\", fontsize=10]\n",
            quoted(&self.bot)
        );
        let files = files(self);
        for (cluster, path) in files.iter().enumerate() {
            let clustered = files.len() > 1;
            if clustered {
                text.push_str(&format!("  subgraph cluster_{cluster} {{\n    label={}\n", quoted(path)));
            }
            let nodes = self.nodes.iter().enumerate();
            for (number, node) in nodes.filter(|(_, node)| node.path.as_deref() == Some(path)) {
                let indent = if clustered { "    " } else { "  " };
                text.push_str(&format!("{indent}{}", line(number, node, overlay)));
            }
            if clustered {
                text.push_str("  }\n");
            }
        }
        for (number, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.path.is_none()) {
            text.push_str(&format!("  {}", line(number, node, overlay)));
        }
        for edge in &self.edges {
            let mut more = String::new();
            if let Some(coverage) = overlay {
                let color = if coverage.of_edge(edge) > 0 { "#14682f" } else { "#a2201a" };
                more = format!(", color=\"{color}\"");
            }
            text.push_str(&format!(
                "  n{} -> n{} [label={}{more}]\n",
                edge.from,
                edge.to,
                quoted(&edge.label())
            ));
        }
        text.push_str("}\n");
        text
    }
}

fn line(number: usize, node: &Node, overlay: Option<&Coverage>) -> String {
    let mut label = node.name.clone();
    if let Some(starter) = &node.starter {
        label.push('\n');
        label.push_str(starter);
    }
    let mut more = match node.is {
        Is::Dialog if node.entry => ", penwidth=2",
        Is::Dialog => "",
        Is::Fallback | Is::Escalation | Is::Disambiguation | Is::On => ", style=\"rounded,filled,dashed\"",
        Is::Integration => ", shape=component, style=filled",
        Is::Handover => ", shape=cds, style=filled",
        Is::End | Is::Close => ", shape=oval, style=filled",
    }
    .to_string();
    if let Some(dead_end) = node.dead_end {
        label.push_str(&format!("\n({})", dead_end.words()));
        more.push_str(", color=\"#a2201a\"");
    }
    if let Some(share) = overlay.and_then(|coverage| coverage.of_node(node)) {
        label.push_str(&format!("\n{} of {}", share.covered, share.all));
        let color = match share.covered {
            0 => "#fde3e1",
            covered if covered == share.all => "#dff3e4",
            _ => "#fdf0cf",
        };
        more.push_str(&format!(", fillcolor=\"{color}\""));
    }
    format!("n{number} [label={}{more}]\n", quoted(&label))
}

/// A text in quotes, with `\n` for the end of a line.
fn quoted(text: &str) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|line| visible(line).replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}
