//! The graph as a picture: one SVG for pages, editors and print, light or dark as its surroundings are.
//!
//! Boxes are dialogs; lines lead from one to another, with what takes them written near their heads. What very many
//! dialogs lead to, what stands in another file and a dialog itself are named in the box instead (`→ Agent Handoff`).

use std::collections::BTreeMap;

use crate::rehearsal::coverage::{Coverage, Share};
use crate::rehearsal::markup::escaped;

use super::layout::{self, Laid, Point, Size};
use super::width::{fitting, width};
use super::{DeadEnd, Edge, Graph, Is, Node};

/// How wide a dialog is.
const BOX: f64 = 216.0;
/// Between its rim and its text.
const PAD: f64 = 12.0;
/// The height of letters: of names, and of all else.
const NAME: f64 = 14.0;
const TEXT: f64 = 12.0;
/// From line to line.
const LINE: f64 = 17.0;
/// From label to label above a box, and how many stand above each other.
const ROW: f64 = 14.0;
const LABEL_ROWS: u32 = 4;
/// The most nodes that lines join to one piece.
const PIECE_MAX: usize = 32;
/// The most dialogs named in a box.
const NAMED_MAX: usize = 6;
/// Around the picture, and between its pieces.
const RIM: f64 = 24.0;
/// Files get a frame if they hold so many dialogs on average.
const FRAMED_FROM: usize = 3;

/// The files the dialogs stand in.
pub(super) fn files(graph: &Graph) -> Vec<&str> {
    let mut files: Vec<&str> = Vec::new();
    for node in &graph.nodes {
        if let Some(path) = node.path.as_deref()
            && files.last() != Some(&path)
        {
            files.push(path);
        }
    }
    files
}

/// Some nodes joined by lines.
#[derive(Default)]
struct Piece {
    /// In order.
    nodes: Vec<usize>,
    edges: Vec<usize>,
    /// The edges, by the places of their nodes in the piece.
    lines: Vec<(usize, usize)>,
}

/// A box with all it says.
struct Drawn {
    size: Size,
    /// Each with its class.
    lines: Vec<(&'static str, String)>,
    share: Option<Share>,
}

impl Graph {
    /// The picture; `overlay` colours it by what was passed through.
    pub fn svg(&self, overlay: Option<&Coverage>) -> String {
        let files = files(self);
        let framed = files.len() > 1 && self.nodes.len() >= FRAMED_FROM * files.len();
        // With frames, a frame a file, and one for what is no dialog.
        let group = |node: &Node| match node.path.as_deref() {
            _ if !framed => 0,
            Some(path) => files.iter().position(|file| *file == path).unwrap_or(0),
            None => files.len(),
        };
        let busy = self.busy();
        let groups: Vec<usize> = self.nodes.iter().map(group).collect();
        let is_line = self.drawn_as_lines(&groups, &busy);
        let boxes: Vec<Drawn> =
            (0..self.nodes.len()).map(|number| self.drawn(number, &is_line, framed, overlay)).collect();

        let mut places = vec![(0.0, 0.0); self.nodes.len()];
        let mut routes: Vec<Option<Vec<Point>>> = vec![None; self.edges.len()];
        let mut frames = Vec::new();
        for number in 0..if framed { files.len() + 1 } else { 1 } {
            let members: Vec<usize> = (0..self.nodes.len()).filter(|node| groups[*node] == number).collect();
            if !members.is_empty() {
                let size = self.lay(&members, &is_line, &boxes, &mut places, &mut routes);
                frames.push((files.get(number).copied(), members, size));
            }
        }
        let rim = if framed { RIM } else { 0.0 };
        let head = if framed { RIM + LINE } else { 0.0 };
        let outer: Vec<Size> =
            frames.iter().map(|frame| (frame.2.0 + 2.0 * rim, frame.2.1 + rim + head)).collect();
        let (corners, whole) = layout::packed(&outer, RIM);
        let mut body = String::new();
        for (((path, members, _), corner), size) in frames.iter().zip(corners).zip(outer) {
            let at = (RIM + corner.0, RIM + corner.1);
            if framed {
                let name = path.map_or("outside the dialogs".to_string(), str::to_string);
                body.push_str(&format!(
                    "<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n<text class=\"file\" x=\"{}\" y=\"{}\">{}</text>\n",
                    short(at.0), short(at.1), short(size.0), short(size.1),
                    short(at.0 + RIM), short(at.1 + RIM), escaped(&fitting(&name, NAME, size.0 - 2.0 * RIM)),
                ));
            }
            let by = (at.0 + rim, at.1 + head);
            for member in members {
                places[*member] = (places[*member].0 + by.0, places[*member].1 + by.1);
            }
            let mine = |edge: &Edge| members.binary_search(&edge.from).is_ok();
            for (_, route) in self.edges.iter().zip(&mut routes).filter(|(edge, _)| mine(edge)) {
                for point in route.iter_mut().flatten() {
                    *point = (point.0 + by.0, point.1 + by.1);
                }
            }
        }
        self.lines(&routes, overlay, &mut body);
        for (number, drawn) in boxes.iter().enumerate() {
            body.push_str(&self.shape(number, drawn, places[number]));
        }
        let legend = self.legend(overlay);
        let width = (whole.0 + 2.0 * RIM).max(legend.1 + 2.0 * RIM);
        let height = whole.1 + 2.0 * RIM + 2.0 * LINE;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" aria-label=\"{2}\">\n<style>{STYLE}</style>\n<rect class=\"page\" width=\"{0}\" height=\"{1}\"/>\n{body}<g transform=\"translate({3} {4})\">\n{5}</g>\n</svg>\n",
            short(width),
            short(height),
            escaped(&format!("The dialogs of {}", self.bot)),
            short(RIM),
            short(whole.1 + 2.0 * RIM),
            legend.0,
        )
    }

    /// Which edges are lines. Those to what very many lead to, to another frame and to themselves are none. Dialogs that
    /// stand near each other in their file are joined first; an edge that would make a piece too large is no line.
    fn drawn_as_lines(&self, groups: &[usize], busy: &[bool]) -> Vec<bool> {
        let may_be =
            |edge: &Edge| edge.from != edge.to && !busy[edge.to] && groups[edge.from] == groups[edge.to];
        let mut edges: Vec<&Edge> = self.edges.iter().filter(|edge| may_be(edge)).collect();
        edges.sort_by_key(|edge| edge.from.abs_diff(edge.to));
        let mut piece: Vec<usize> = (0..self.nodes.len()).collect();
        let mut sizes = vec![1; self.nodes.len()];
        for edge in edges {
            let (one, other) = (first(&piece, edge.from), first(&piece, edge.to));
            if one != other && sizes[one] + sizes[other] <= PIECE_MAX {
                sizes[one.min(other)] = sizes[one] + sizes[other];
                piece[one.max(other)] = one.min(other);
            }
        }
        self.edges
            .iter()
            .map(|edge| may_be(edge) && first(&piece, edge.from) == first(&piece, edge.to))
            .collect()
    }

    /// The pieces that some nodes fall into, each joined by lines.
    fn pieces(&self, members: &[usize], is_line: &[bool]) -> Vec<Piece> {
        let mut lead: Vec<usize> = (0..self.nodes.len()).collect();
        let mine = |at: &usize| is_line[*at] && members.binary_search(&self.edges[*at].from).is_ok();
        let edges: Vec<usize> = (0..self.edges.len()).filter(mine).collect();
        for edge in &edges {
            let (one, other) = (first(&lead, self.edges[*edge].from), first(&lead, self.edges[*edge].to));
            lead[one.max(other)] = one.min(other);
        }
        let mut pieces: BTreeMap<usize, Piece> = BTreeMap::new();
        for member in members {
            pieces.entry(first(&lead, *member)).or_default().nodes.push(*member);
        }
        for edge in edges {
            let piece = pieces.entry(first(&lead, self.edges[edge].from)).or_default();
            let within = |node: usize| piece.nodes.binary_search(&node).unwrap_or(0);
            let line = (within(self.edges[edge].from), within(self.edges[edge].to));
            piece.lines.push(line);
            piece.edges.push(edge);
        }
        pieces.into_values().collect()
    }

    /// Lays some nodes out, piece by piece, and gives the size of the whole.
    fn lay(
        &self,
        members: &[usize],
        is_line: &[bool],
        boxes: &[Drawn],
        places: &mut [Point],
        routes: &mut [Option<Vec<Point>>],
    ) -> Size {
        let pieces = self.pieces(members, is_line).into_iter();
        let mut pieces: Vec<(Piece, Laid)> = pieces
            .map(|piece| {
                let sizes: Vec<Size> = piece.nodes.iter().map(|node| boxes[*node].size).collect();
                let laid = layout::layered(&sizes, &piece.lines);
                (piece, laid)
            })
            .collect();
        // The large ones first, so that the small ones fill rows of their own.
        pieces.sort_by_key(|(piece, _)| std::cmp::Reverse(piece.nodes.len()));
        let sizes: Vec<Size> = pieces.iter().map(|(_, laid)| laid.size).collect();
        let (corners, whole) = layout::packed(&sizes, RIM);
        for ((piece, laid), corner) in pieces.into_iter().zip(corners) {
            let moved = |point: Point| (point.0 + corner.0, point.1 + corner.1);
            for (node, place) in piece.nodes.into_iter().zip(laid.boxes) {
                places[node] = moved(place);
            }
            for (edge, line) in piece.edges.into_iter().zip(laid.lines) {
                routes[edge] = Some(line.into_iter().map(moved).collect());
            }
        }
        whole
    }

    /// What stands in the box of a node, and how large it is.
    fn drawn(&self, number: usize, is_line: &[bool], framed: bool, overlay: Option<&Coverage>) -> Drawn {
        let node = &self.nodes[number];
        let room = BOX - 2.0 * PAD;
        let mut lines: Vec<(&'static str, String)> = Vec::new();
        match node.is {
            Is::Dialog if node.entry => lines.push(("kind", "entry".to_string())),
            Is::Dialog | Is::End | Is::Close => {}
            is => lines.push(("kind", is.words().to_string())),
        }
        let (first, second) = two_lines(&node.name, NAME, room);
        lines.push(("name", first));
        lines.extend(second.map(|second| ("name", second)));
        if let Some(starter) = &node.starter {
            lines.push(("starter", fitting(starter, TEXT, room)));
        }
        if !framed
            && files(self).len() > 1
            && let Some(path) = &node.path
        {
            lines.push(("dim", fitting(path, TEXT, room)));
        }
        let edges = || self.edges.iter().zip(is_line).filter(|(_, line)| !**line).map(|(edge, _)| edge);
        let named: Vec<&Edge> = edges().filter(|edge| edge.from == number).collect();
        let shown = if named.len() > NAMED_MAX { NAMED_MAX - 1 } else { named.len() };
        for edge in &named[..shown] {
            let to = if edge.to == number { "itself" } else { &self.nodes[edge.to].name };
            let class = match overlay {
                Some(coverage) if coverage.of_edge(edge) == 0 => "to left-out",
                _ => "to",
            };
            lines.push((class, fitting(&format!("→ {to}"), TEXT, room)));
        }
        if named.len() > shown {
            lines.push(("to", format!("→ {} more", named.len() - shown)));
        }
        match edges().filter(|edge| edge.to == number && edge.from != number).count() {
            0 => {}
            1 => lines.push(("dim", "1 dialog leads here".to_string())),
            leading => lines.push(("dim", format!("{leading} dialogs lead here"))),
        }
        if let Some(dead_end) = node.dead_end {
            lines.push(("dead", dead_end.words().to_string()));
        }
        let share = overlay.and_then(|coverage| coverage.of_node(node));
        if let Some(Share { covered, all }) = share {
            lines.push(("dim", format!("{covered} of {all} covered")));
        }
        let small = matches!(node.is, Is::End | Is::Close);
        let widest = lines.iter().map(|(_, text)| width(text, NAME)).fold(0.0, f64::max);
        let size =
            (if small { (widest + 3.0 * PAD).max(72.0) } else { BOX }, lines.len() as f64 * LINE + 1.4 * PAD);
        Drawn { size, lines, share }
    }

    fn shape(&self, number: usize, drawn: &Drawn, at: Point) -> String {
        let node = &self.nodes[number];
        let (wide, high) = drawn.size;
        let class = match node.is {
            Is::Dialog if node.entry => "dialog entry",
            Is::Dialog => "dialog",
            Is::Fallback => "dialog fallback",
            Is::Escalation | Is::Disambiguation | Is::On => "dialog event",
            Is::Integration => "integration",
            Is::Handover => "handover",
            Is::End | Is::Close => "end",
        };
        let dead = if node.dead_end.is_some() { " deadend" } else { "" };
        let covered = match drawn.share {
            None => "",
            Some(Share { covered: 0, .. }) => " none",
            Some(Share { covered, all }) if covered == all => " all",
            Some(_) => " some",
        };
        let round = match node.is {
            Is::End | Is::Close | Is::Handover => high.min(44.0) / 2.0,
            Is::Integration => 0.0,
            _ => 8.0,
        };
        let mut text = format!(
            "<g class=\"{class}{dead}{covered}\" transform=\"translate({} {})\"><title>{}</title><rect class=\"box\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            short(at.0),
            short(at.1),
            escaped(&self.about(number)),
            short(wide),
            short(high),
            short(round),
        );
        if node.is == Is::Integration {
            text.push_str(&format!(
                "<path class=\"rib\" d=\"M6 0V{0}M{1} 0V{0}\"/>",
                short(high),
                short(wide - 6.0)
            ));
        }
        if let Some(Share { covered, all }) = drawn.share {
            let filled = (wide - 16.0) * covered as f64 / all as f64;
            text.push_str(&format!(
                "<rect class=\"bar\" x=\"8\" y=\"{0}\" width=\"{1}\" height=\"3\"/><rect class=\"filled\" x=\"8\" y=\"{0}\" width=\"{2}\" height=\"3\"/>",
                short(high - 6.0), short(wide - 16.0), short(filled)
            ));
        }
        for (line, (class, said)) in (1..).zip(&drawn.lines) {
            let y = 0.4 * PAD + f64::from(line) * LINE - 2.0;
            text.push_str(&format!(
                "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
                short(PAD),
                short(y),
                escaped(said)
            ));
        }
        text.push_str("</g>\n");
        text
    }

    /// What one reads who points at a node.
    fn about(&self, number: usize) -> String {
        let node = &self.nodes[number];
        let mut text = match &node.path {
            Some(path) => format!("{} \"{}\"\n{path}:{}", node.is.words(), node.name, node.line),
            None => format!("{} {}", node.is.words(), node.name),
        };
        if let Some(starter) = &node.starter {
            text.push_str(&format!("\n{starter}"));
            if node.starters > 1 {
                text.push_str(&format!(" and {} more", node.starters - 1));
            }
        }
        for edge in self.edges.iter().filter(|edge| edge.from == number) {
            text.push_str(&format!("\n→ {}", self.nodes[edge.to].name));
            let lines: Vec<String> = edge.ways.iter().map(|way| way.line.to_string()).collect();
            text.push_str(&format!(" (line {})", lines.join(", ")));
        }
        text
    }

    fn lines(&self, routes: &[Option<Vec<Point>>], overlay: Option<&Coverage>, body: &mut String) {
        let mut labels = String::new();
        // Labels that would lie on each other stand one above the other, or are left to the tip.
        let mut written: Vec<(Point, f64)> = Vec::new();
        let mut reached = vec![0u32; self.nodes.len()];
        for (edge, _) in self.edges.iter().zip(routes).filter(|(_, route)| route.is_some()) {
            reached[edge.to] += 1;
        }
        let mut arriving: Vec<usize> = (0..self.edges.len()).filter(|at| routes[*at].is_some()).collect();
        let head =
            |at: &usize| routes[*at].as_ref().and_then(|route| route.last()).copied().unwrap_or((0.0, 0.0));
        arriving.sort_by(|one, other| head(one).0.total_cmp(&head(other).0).then(one.cmp(other)));
        for at in arriving {
            let (edge, Some(route)) = (&self.edges[at], &routes[at]) else { continue };
            let taken = overlay.map(|coverage| coverage.of_edge(edge));
            let class = match taken {
                None => "line",
                Some(0) => "line left",
                Some(_) => "line taken",
            };
            let marker = match taken {
                None => "head",
                Some(0) => "head-left",
                Some(_) => "head-taken",
            };
            let mut about = format!("{} → {}", self.nodes[edge.from].name, self.nodes[edge.to].name);
            let path = self.nodes[edge.from].path.as_deref().unwrap_or_default();
            for way in &edge.ways {
                about.push_str(&format!("\n{path}:{} {}", way.line, way.label));
            }
            let about = escaped(&about);
            body.push_str(&format!(
                "<g class=\"{class}\"><title>{about}</title><path d=\"{}\" marker-end=\"url(#{marker})\"/></g>\n",
                curve(route)
            ));
            let (x, y) = head(&at);
            let upwards = route.len() > 1 && route[route.len() - 2].1 > y;
            // It leaves the heads beside it alone.
            let room = (1.8 * 0.8 * BOX / f64::from(reached[edge.to])).clamp(90.0, 0.8 * BOX);
            let label = fitting(&edge.label(), TEXT, room);
            let half = width(&label, TEXT) / 2.0 + 3.0;
            let free = |y: &f64| {
                let lies_on = |((other_x, other_y), other): &(Point, f64)| {
                    (x - other_x).abs() < half + other && (y - other_y).abs() < ROW
                };
                !written.iter().any(lies_on)
            };
            let rows = (0..LABEL_ROWS).map(|row| f64::from(row) * ROW);
            let place = rows.map(|row| if upwards { y + 20.0 + row } else { y - 12.0 - row }).find(free);
            if let Some(y) = place.filter(|_| !label.is_empty()) {
                written.push(((x, y), half));
                labels.push_str(&format!(
                    "<text class=\"label\" x=\"{}\" y=\"{}\"><title>{about}</title>{}</text>\n",
                    short(x),
                    short(y),
                    escaped(&label)
                ));
            }
        }
        body.push_str(HEADS);
        body.push_str(&labels);
    }

    /// What the shapes and colours mean, for those that there are; and how wide that is.
    fn legend(&self, overlay: Option<&Coverage>) -> (String, f64) {
        let has = |wanted: &dyn Fn(&Node) -> bool| self.nodes.iter().any(wanted);
        let mut entries: Vec<(&str, &str)> = Vec::new();
        let mut entry = |present: bool, class: &'static str, name: &'static str| {
            if present {
                entries.push((class, name));
            }
        };
        entry(has(&|node| node.entry), "dialog entry", "entry");
        entry(has(&|node| node.is == Is::Dialog), "dialog", "dialog");
        // Where colours say what is covered, the boxes say in words what they are.
        let plain = overlay.is_none();
        entry(plain && has(&|node| node.is == Is::Fallback), "dialog fallback", "fallback");
        let event = |node: &Node| matches!(node.is, Is::Escalation | Is::Disambiguation | Is::On);
        entry(plain && has(&event), "dialog event", "escalation or event");
        entry(has(&|node| node.is == Is::Integration), "integration", "integration");
        entry(has(&|node| node.is == Is::Handover), "handover", "handover");
        entry(has(&|node| matches!(node.is, Is::End | Is::Close)), "end", "end or close");
        entry(
            has(&|node| node.dead_end == Some(DeadEnd::NothingLeadsThere)),
            "dialog deadend",
            "nothing leads there",
        );
        entry(has(&|node| node.dead_end == Some(DeadEnd::SaysNothing)), "dialog deadend", "says nothing");
        if overlay.is_some() {
            for (class, name) in
                [("dialog all", "covered"), ("dialog some", "in part"), ("dialog none", "not covered")]
            {
                entries.push((class, name));
            }
        }
        let (mut text, mut x) = (String::new(), 0.0);
        for (class, name) in entries {
            text.push_str(&format!(
                "<g class=\"{class}\" transform=\"translate({} 0)\"><rect class=\"box\" width=\"22\" height=\"14\" rx=\"{}\"/><text class=\"dim\" x=\"30\" y=\"12\">{name}</text></g>\n",
                short(x),
                if class == "integration" { 0 } else if class == "end" || class == "handover" { 7 } else { 4 },
            ));
            x += 30.0 + width(name, TEXT) + 18.0;
        }
        (text, x)
    }
}

impl Edge {
    /// What is written on the line: the first way, and how many more there are.
    pub(super) fn label(&self) -> String {
        let mut told = self.ways.iter().filter(|way| !way.label.is_empty());
        let Some(first) = told.next() else { return String::new() };
        match self.ways.len() {
            1 => first.label.clone(),
            more => format!("{} +{}", first.label, more - 1),
        }
    }
}

/// The first node of the piece that a node belongs to; each node names another one of its piece, the first itself.
fn first(piece: &[usize], mut node: usize) -> usize {
    while piece[node] != node {
        node = piece[node];
    }
    node
}

/// A name in at most two lines.
fn two_lines(name: &str, size: f64, room: f64) -> (String, Option<String>) {
    if width(name, size) <= room {
        return (name.to_string(), None);
    }
    let breaks = name.match_indices(' ').map(|(at, _)| at).filter(|at| width(&name[..*at], size) <= room);
    match breaks.max() {
        Some(at) => (name[..at].to_string(), Some(fitting(name[at..].trim_start(), size, room))),
        None => (fitting(name, size, room), None),
    }
}

/// A line through some points: it leaves and reaches boxes upright.
fn curve(points: &[Point]) -> String {
    let mut text = String::new();
    for (number, point) in points.iter().enumerate() {
        if number == 0 {
            text.push_str(&format!("M{} {}", short(point.0), short(point.1)));
            continue;
        }
        let before = points[number - 1];
        let bend = (point.1 - before.1) / 2.0;
        text.push_str(&match (point.0 - before.0).abs() < 0.05 {
            true => format!("V{}", short(point.1)),
            false => format!(
                "C{} {} {} {} {} {}",
                short(before.0),
                short(before.1 + bend),
                short(point.0),
                short(point.1 - bend),
                short(point.0),
                short(point.1)
            ),
        });
    }
    text
}

/// A number with one digit behind the point at most.
fn short(number: f64) -> String {
    let tenths = (number * 10.0).round() / 10.0;
    format!("{}", if tenths == 0.0 { 0.0 } else { tenths })
}

const HEADS: &str = "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker><marker id=\"head-taken\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip-taken\" d=\"M0 0L8 4L0 8z\"/></marker><marker id=\"head-left\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip-left\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n";

const STYLE: &str = "
svg { --page: #fff; --ink: #1d2127; --dim: #626b78; --rim: #8a94a1; --soft: #f6f7f9; --line: #6b7684; --entry: #0b57b8; --fall: #fdf0cf; --event: #ece8fb; --out: #e3f0fb; --hand: #dcf3ee; --dead: #c5251d; --all: #dff3e4; --some: #fdf0cf; --none: #fde3e1; --taken: #14682f; }
@media (prefers-color-scheme: dark) { svg { --page: #16191d; --ink: #e4e7eb; --dim: #a3acb8; --rim: #5d6773; --soft: #1c2025; --line: #8b96a3; --entry: #82b4ff; --fall: #3d2f0c; --event: #2d2748; --out: #15304a; --hand: #113b34; --dead: #ff8f87; --all: #12341f; --some: #3d2f0c; --none: #45191a; --taken: #7ddc9b; } }
text { font: 12px system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: var(--ink); }
.page { fill: var(--page); }
.frame { fill: var(--soft); stroke: var(--rim); stroke-opacity: .5; }
.file { font-size: 14px; font-weight: 600; fill: var(--dim); }
.box { fill: var(--page); stroke: var(--rim); }
.name { font-size: 14px; font-weight: 600; }
.kind { font-size: 12px; fill: var(--dim); }
.starter { font-style: italic; fill: var(--dim); }
.dim { fill: var(--dim); }
.to { fill: var(--ink); }
.left-out, .dead { fill: var(--dead); }
.entry .box { stroke: var(--entry); stroke-width: 2.5; }
.fallback .box { fill: var(--fall); }
.event .box { fill: var(--event); stroke-dasharray: 5 3; }
.integration .box { fill: var(--out); }
.rib { stroke: var(--rim); fill: none; }
.handover .box { fill: var(--hand); }
.end .box { fill: var(--soft); }
.deadend .box { stroke: var(--dead); stroke-width: 2; stroke-dasharray: 2 3; }
.all .box { fill: var(--all); }
.some .box { fill: var(--some); }
.none .box { fill: var(--none); }
.bar { fill: var(--rim); opacity: .35; }
.filled { fill: var(--taken); }
.line path { fill: none; stroke: var(--line); stroke-width: 1.4; }
.taken path { stroke: var(--taken); stroke-width: 2; }
.left path { stroke: var(--dead); stroke-dasharray: 5 4; }
.tip { fill: var(--line); }
.tip-taken { fill: var(--taken); }
.tip-left { fill: var(--dead); }
.label { text-anchor: middle; fill: var(--dim); paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
";
