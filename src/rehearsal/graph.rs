//! The bot as a graph: its dialogs, where they lead and what leads there, for pictures and for other programs.
//!
//! Arrows inside a dialog are no edges; all arrows from one dialog to another are one edge with several ways.

mod layout;
mod width;
mod svg;
mod dot;
mod mermaid;
mod json;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::conversation::Receiver;
use crate::diagnostics::Sources;
use crate::program::dialog::{Dialog, Does, Fits, Go, Rule, Starts, StepAt, When};

use super::coverage::{Coverage, Share};
use super::parts::{PartId, Parts};

/// A bot as a graph.
#[derive(Debug, Clone)]
pub struct Graph {
    bot: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// A dialog, or where a conversation leaves the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub is: Is,
    /// Its name.
    pub name: String,
    /// The file it stands in; nothing, if it is no dialog.
    pub path: Option<Arc<str>>,
    /// The line.
    pub line: u32,
    /// The first sample of what starts it, else the first matcher.
    pub starter: Option<String>,
    /// How many lines start it.
    pub starters: usize,
    /// How many steps and rules it has.
    pub parts: usize,
    /// Whether it is the entry of the bot.
    pub entry: bool,
    /// Whether it is a dead end.
    pub dead_end: Option<DeadEnd>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Is {
    /// `dialog`
    Dialog,
    /// `fallback dialog`
    Fallback,
    /// `escalation dialog`
    Escalation,
    /// `disambiguation dialog`
    Disambiguation,
    /// `on EVENT dialog`
    On,
    /// An integration that is called.
    Integration,
    /// Somebody the conversation is handed over to.
    Handover,
    /// The end of a dialog, or of all that wait.
    End,
    /// The end of the conversation.
    Close,
}

impl Is {
    /// In a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Is::Dialog => "dialog",
            Is::Fallback => "fallback dialog",
            Is::Escalation => "escalation dialog",
            Is::Disambiguation => "disambiguation dialog",
            Is::On => "event dialog",
            Is::Integration => "integration",
            Is::Handover => "handover",
            Is::End => "end",
            Is::Close => "close",
        }
    }

    /// Whether it is a dialog of the bot.
    pub fn is_dialog(self) -> bool {
        !matches!(self, Is::Integration | Is::Handover | Is::End | Is::Close)
    }
}

/// Why a dialog is a dead end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadEnd {
    /// Nothing leads there.
    NothingLeadsThere,
    /// It leads nowhere, and says nothing either.
    SaysNothing,
}

impl DeadEnd {
    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            DeadEnd::NothingLeadsThere => "nothing leads there",
            DeadEnd::SaysNothing => "leads nowhere and says nothing",
        }
    }
}

/// All that leads from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// From this node.
    pub from: usize,
    /// To this one.
    pub to: usize,
    /// Each arrow, call or transfer, in the order of lines.
    pub ways: Vec<Way>,
}

/// An arrow, a call or a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What takes it: a rule as written, or nothing to say.
    pub label: String,
    /// Its line.
    pub line: u32,
    /// What coverage counts of it.
    pub part: Option<PartId>,
}

impl Graph {
    /// The graph of a bot; its rules are quoted as written in `sources`.
    pub fn of(parts: &Parts, sources: &Sources) -> Graph {
        let program = parts.program();
        let mut making = Making { parts, files: HashMap::new(), nodes: Vec::new(), known: HashMap::new() };
        for (_, source) in sources.iter() {
            making.files.insert(&source.path, source.text.lines().collect());
        }
        let mut samples: HashMap<&str, (String, usize)> = HashMap::new();
        for lines in program.starter_lines() {
            let Some(first) = lines.iter().find(|line| line.text.starts_with('"')).or(lines.first()) else {
                continue;
            };
            samples.insert(first.dialog, (one_line(first.text), lines.len()));
        }
        for dialog in program.dialogs() {
            let sample = samples.remove(dialog.name.as_str());
            let (starter, starters) = sample.map_or((None, 0), |(text, count)| (Some(text), count));
            making.nodes.push(Node {
                is: match &dialog.starts {
                    Starts::Plain => Is::Dialog,
                    Starts::Fallback => Is::Fallback,
                    Starts::Escalation => Is::Escalation,
                    Starts::Disambiguation => Is::Disambiguation,
                    Starts::On(..) => Is::On,
                },
                name: dialog.name.clone(),
                path: Some(dialog.path.clone()),
                line: dialog.line,
                starter: match &dialog.starts {
                    Starts::On(event, _) => Some(format!("on {event}")),
                    _ => starter,
                },
                starters,
                parts: dialog.steps.len()
                    + dialog.steps.iter().zip(0..).map(|(_, at)| dialog.rules(at).len()).sum::<usize>(),
                entry: program.settings().entry == dialog.name,
                dead_end: None,
            });
            let at = making.nodes.len() - 1;
            making.known.insert((Is::Dialog, dialog.name.clone()), at);
        }
        let mut edges: BTreeMap<(usize, usize), Vec<Way>> = BTreeMap::new();
        for (from, dialog) in program.dialogs().enumerate() {
            for (to, way) in making.ways(dialog) {
                edges.entry((from, to)).or_default().push(way);
            }
        }
        let edges = edges.into_iter().map(|((from, to), mut ways)| {
            ways.sort_by_key(|way| way.line);
            Edge { from, to, ways }
        });
        let mut graph =
            Graph { bot: program.name().to_string(), nodes: making.nodes, edges: edges.collect() };
        for (number, dialog) in program.dialogs().enumerate() {
            graph.nodes[number].dead_end = graph.dead_end(number, dialog);
        }
        graph
    }

    /// The name of the bot.
    pub fn bot(&self) -> &str {
        &self.bot
    }

    /// Dialogs first, in the order of files and lines.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges, those of the first node first.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Only what is at most so many edges away from a dialog. What very many lead to is not gone through. The error is
    /// the name that may have been meant.
    pub fn focus(&self, dialog: &str, depth: usize) -> Result<Graph, Option<String>> {
        let names = || self.nodes.iter().filter(|node| node.is.is_dialog()).map(|node| node.name.as_str());
        let Some(start) = names().position(|name| name == dialog) else {
            return Err(crate::diagnostics::english::nearest(dialog, names()).map(str::to_string));
        };
        let busy = self.busy();
        let mut near = vec![false; self.nodes.len()];
        near[start] = true;
        let mut edge_of_known = vec![start];
        for _ in 0..depth {
            let mut next = Vec::new();
            for here in edge_of_known {
                if here != start && (busy[here] || !self.nodes[here].is.is_dialog()) {
                    continue;
                }
                for edge in self.edges.iter().filter(|edge| edge.from == here || edge.to == here) {
                    let other = if edge.from == here { edge.to } else { edge.from };
                    if !std::mem::replace(&mut near[other], true) {
                        next.push(other);
                    }
                }
            }
            edge_of_known = next;
        }
        let mut places = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        for (number, node) in self.nodes.iter().enumerate().filter(|(number, _)| near[*number]) {
            places[number] = nodes.len();
            nodes.push(node.clone());
        }
        let edges = self.edges.iter().filter(|edge| near[edge.from] && near[edge.to]);
        let edges =
            edges.map(|edge| Edge { from: places[edge.from], to: places[edge.to], ways: edge.ways.clone() });
        Ok(Graph { bot: self.bot.clone(), nodes, edges: edges.collect() })
    }

    /// Nodes that so many others lead to that lines would only hide the rest.
    fn busy(&self) -> Vec<bool> {
        let mut leading = vec![0; self.nodes.len()];
        self.edges.iter().for_each(|edge| leading[edge.to] += 1);
        let most = |node: &Node| match node.is {
            Is::End | Is::Close => LINES_TO_AN_END_MAX,
            _ => LINES_TO_A_NODE_MAX,
        };
        leading.into_iter().zip(&self.nodes).map(|(count, node)| count > most(node)).collect()
    }

    fn dead_end(&self, number: usize, dialog: &Dialog) -> Option<DeadEnd> {
        let node = &self.nodes[number];
        let led_to = self.edges.iter().any(|edge| edge.to == number && edge.from != number);
        if node.is == Is::Dialog && !node.entry && node.starters == 0 && !led_to {
            return Some(DeadEnd::NothingLeadsThere);
        }
        let tells = |step: &crate::program::dialog::Step| match &step.does {
            Does::Go(go) => !matches!(go, Go::To(_) | Go::End | Go::EndAll | Go::Wait),
            Does::Nothing | Does::Set(..) | Does::If(..) | Does::Log(..) | Does::Pause(_) | Does::Stay(_) => {
                false
            }
            _ => true,
        };
        let elsewhere = |edge: &&Edge| edge.from == number && edge.to != number;
        let leads = self.edges.iter().filter(elsewhere).any(|edge| self.nodes[edge.to].is != Is::End);
        (!leads && !dialog.steps.iter().any(tells)).then_some(DeadEnd::SaysNothing)
    }
}

/// To a node that more others lead to than this, no lines are drawn: who leads there says so in its box.
const LINES_TO_A_NODE_MAX: usize = 10;
/// The same for ends, which say less.
const LINES_TO_AN_END_MAX: usize = 3;

impl Coverage {
    /// How much of a dialog is covered; nothing for other nodes, and where nothing is counted.
    fn of_node(&self, node: &Node) -> Option<Share> {
        let share = node.is.is_dialog().then(|| self.share(|part| *part.dialog == *node.name));
        share.filter(|share| share.all > 0)
    }

    /// How often an edge was taken.
    fn of_edge(&self, edge: &Edge) -> u32 {
        let counts = edge.ways.iter().filter_map(|way| way.part).map(|part| self.count(part));
        counts.fold(0, u32::saturating_add)
    }
}

/// The nodes while they are made.
struct Making<'g> {
    parts: &'g Parts,
    files: HashMap<&'g str, Vec<&'g str>>,
    nodes: Vec<Node>,
    known: HashMap<(Is, String), usize>,
}

impl Making<'_> {
    /// Where a dialog leads.
    fn ways(&mut self, dialog: &Dialog) -> Vec<(usize, Way)> {
        let mut ways = Vec::new();
        for (step, at) in dialog.steps.iter().zip(0..) {
            let own: Option<&Go> = match &step.does {
                Does::Go(go) => Some(go),
                Does::Ask(question) => question.then.as_ref(),
                Does::Call(call) => {
                    let program = self.parts.program();
                    let hands_over =
                        program.integration(&call.integration).is_some_and(|one| one.kind == "escalate");
                    let is = if hands_over { Is::Handover } else { Is::Integration };
                    let part = self.parts.step(&dialog.name, at);
                    let to = self.outside(is, call.integration.clone());
                    ways.push((to, Way { label: "call".to_string(), line: step.line, part }));
                    call.then.as_ref()
                }
                Does::Transfer(transfer) => {
                    let to = match transfer.to {
                        Receiver::Skill => "skill",
                        Receiver::Agent => "agent",
                        Receiver::Bot => "bot",
                    };
                    let name = format!("{to} {}", one_line(transfer.name.source()));
                    let part = self.parts.step(&dialog.name, at);
                    let to = self.outside(Is::Handover, name);
                    ways.push((to, Way { label: "transfer".to_string(), line: step.line, part }));
                    None
                }
                _ => None,
            };
            if let Some(to) = own.and_then(|go| self.target(go)) {
                let label = match &step.does {
                    Does::Ask(question) => question.name.clone(),
                    _ => String::new(),
                };
                let part = self.parts.arrow(&dialog.name, at, None);
                ways.push((to, Way { label, line: step.line, part }));
            }
            for (number, rule) in dialog.rules(at).iter().enumerate() {
                if let Some(to) = rule.go.as_ref().and_then(|go| self.target(go)) {
                    let part = self.parts.arrow(&dialog.name, at, Some(number));
                    ways.push((to, Way { label: self.written(dialog, rule), line: rule.line, part }));
                }
            }
        }
        ways
    }

    /// Where an arrow leads out of its dialog, if it does.
    fn target(&mut self, go: &Go) -> Option<usize> {
        match go {
            Go::Dialog(name, _) => self.known.get(&(Is::Dialog, name.clone())).copied(),
            Go::End => Some(self.outside(Is::End, "end".to_string())),
            Go::EndAll => Some(self.outside(Is::End, "end all".to_string())),
            Go::Close { survey: true } => Some(self.outside(Is::Close, "close".to_string())),
            Go::Close { survey: false } => Some(self.outside(Is::Close, "close without survey".to_string())),
            Go::To(_) | Go::Repeat | Go::Wait | Go::Back => None,
        }
    }

    /// A node that is no dialog.
    fn outside(&mut self, is: Is, name: String) -> usize {
        if let Some(known) = self.known.get(&(is, name.clone())) {
            return *known;
        }
        self.nodes.push(Node {
            is,
            name: name.clone(),
            path: None,
            line: 0,
            starter: None,
            starters: 0,
            parts: 0,
            entry: false,
            dead_end: None,
        });
        self.known.insert((is, name), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// A rule as written, up to what it does.
    fn written(&self, dialog: &Dialog, rule: &Rule) -> String {
        let line = self.files.get(&*dialog.path).and_then(|lines| lines.get(rule.line as usize - 1));
        match line {
            Some(line) => when_of(line.trim()).to_string(),
            None => match &rule.when {
                When::Otherwise => "otherwise".to_string(),
                When::Retry(count) => format!("retry {count}"),
                When::Choice(choice) => format!("\"{}\"", one_line(choice.label.source())),
                When::Fits(any) if any.iter().any(|fits| matches!(fits, Fits::Success)) => {
                    "success".to_string()
                }
                When::Fits(any) if any.iter().any(|fits| matches!(fits, Fits::Failure)) => {
                    "failure".to_string()
                }
                When::Fits(_) => "an answer".to_string(),
            },
        }
    }
}

/// The part of a rule's line that says when it applies: what stands in front of `save`, `say`, `->` and `{`, without
/// its `when`.
fn when_of(line: &str) -> &str {
    let line = line.strip_prefix("when ").unwrap_or(line).trim_start();
    let (mut quote, mut escaped) = (None, false);
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some(_) if letter == '\\' => escaped = true,
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if letter == '"' || (letter == '/' && before == ' ') => quote = Some(letter),
            None if before == ' ' => {
                let rest = &line[at..];
                let ends = ["-> ", "say ", "save ", "#"].iter().any(|word| rest.starts_with(word));
                if ends || rest == "save" || rest == "{" {
                    return line[..at].trim_end();
                }
            }
            None => {}
        }
        before = letter;
    }
    line
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Parts {
    /// The part that a step is.
    fn step(&self, dialog: &str, step: StepAt) -> Option<PartId> {
        self.of_step(dialog, step)?.step
    }

    /// The arrow of a rule, or of a step itself.
    fn arrow(&self, dialog: &str, step: StepAt, rule: Option<usize>) -> Option<PartId> {
        let parts = self.of_step(dialog, step)?;
        match rule {
            Some(rule) => parts.rules.get(rule)?.1,
            None => parts.arrow,
        }
    }
}
