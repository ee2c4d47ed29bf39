//! Which step can follow which: the roads through a dialog, for "can this be reached" and "does this ever stop".

use std::collections::HashMap;

use crate::diagnostics::Span;
use crate::language::syntax::*;

/// The roads through one dialog.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    pub nodes: Vec<Node>,
    /// Where the dialog begins.
    pub entry: usize,
    /// Where its labels lead.
    pub labels: HashMap<String, usize>,
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub span: Span,
    pub roads: Vec<Road>,
    /// Whether the bot stops here at times: to listen, to hand over, or because it is done.
    pub stops: bool,
    /// The step in front of it in the same block, or the step that the block belongs to.
    pub before: Option<usize>,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Road {
    /// A step of this dialog.
    Node(usize),
    /// A name in this dialog; roads of this kind are resolved once all labels are known.
    Label(String),
    /// Another dialog, or a step in it.
    Dialog(String, Option<String>),
}

/// The node behind the last step of every dialog.
const END: usize = 0;

impl Flow {
    /// The roads of a dialog.
    pub(super) fn of(dialog: &Dialog) -> Flow {
        let end = Node { span: dialog.name.span, roads: Vec::new(), stops: true, before: None };
        let mut flow = Flow { nodes: vec![end], entry: END, labels: HashMap::new() };
        flow.entry = flow.block(&dialog.block, END, END, None);
        let Flow { nodes, labels, .. } = &mut flow;
        for node in nodes.iter_mut() {
            for road in &mut node.roads {
                if let Road::Label(label) = road {
                    // An unknown label has its own finding; here it counts as an end.
                    *road = Road::Node(labels.get(label).copied().unwrap_or(END));
                }
            }
        }
        flow
    }

    /// The steps of a block, the last one leading to `after`; `-> next` of a rule leads to `next`. Gives the first.
    fn block(&mut self, block: &Block<Step>, after: usize, next: usize, owner: Option<usize>) -> usize {
        let steps: Vec<&Line<Step>> = block.lines.iter().filter(|line| matters(&line.item)).collect();
        let mut follower = after;
        let mut made: Vec<usize> = Vec::new();
        for line in steps.iter().rev() {
            follower = self.step(line, follower, if owner.is_some() { next } else { follower });
            made.push(follower);
        }
        let mut before = owner;
        for node in made.iter().rev() {
            self.nodes[*node].before = before;
            before = Some(*node);
        }
        follower
    }

    fn step(&mut self, line: &Line<Step>, after: usize, next: usize) -> usize {
        let number = self.nodes.len();
        self.nodes.push(Node { span: line.span, roads: Vec::new(), stops: false, before: None });
        let Step::Do { label, statement } = &line.item else { return number };
        if let Some(label) = label {
            self.labels.entry(label.text.clone()).or_insert(number);
        }
        if let Some(Statement::Ask(Ask { name, .. }) | Statement::Choose(Choose { name, .. })) = statement {
            self.labels.entry(name.text.clone()).or_insert(number);
        }
        let (roads, stops) = match statement {
            Some(statement) => self.statement(statement, number, after, next),
            None => (vec![Road::Node(after)], false),
        };
        self.nodes[number].roads = roads;
        self.nodes[number].stops = stops;
        number
    }

    fn statement(
        &mut self,
        statement: &Statement,
        number: usize,
        after: usize,
        next: usize,
    ) -> (Vec<Road>, bool) {
        let onwards = Road::Node(after);
        match statement {
            Statement::Say { action: Some(action), .. } | Statement::Go(action) => self.action(action, next),
            Statement::If(item) => (self.if_(item, number, after, next), false),
            Statement::Ask(ask) => match &ask.then {
                Then::Nothing => (vec![onwards], true),
                Then::Action(action) => (self.action(action, after).0, true),
                Then::Rules(rules) => (self.rules(rules, number, after, vec![onwards]), true),
            },
            Statement::Choose(choose) => (self.rules(&choose.rules, number, after, vec![onwards]), true),
            Statement::Collect(steps) => {
                let inside = self.block(steps, after, after, Some(number));
                (vec![Road::Node(inside), onwards], true)
            }
            Statement::Call(call) => match &call.then {
                Then::Nothing => (vec![onwards], true),
                Then::Action(action) => (self.action(action, after).0, true),
                Then::Rules(rules) => {
                    let taken =
                        |wanted: fn(&MatcherKind) -> bool| rules.items().any(|rule| takes(rule, wanted));
                    let success = taken(|kind| matches!(kind, MatcherKind::Success));
                    let failure = taken(|kind| matches!(kind, MatcherKind::Failure));
                    let roads =
                        self.rules(rules, number, after, if success { Vec::new() } else { vec![onwards] });
                    (roads, !failure)
                }
            },
            Statement::Transfer(transfer) => match &transfer.rules {
                None => (Vec::new(), true),
                Some(rules) => (self.rules(rules, number, after, Vec::new()), true),
            },
            _ => (vec![onwards], false),
        }
    }

    fn if_(&mut self, item: &If, number: usize, after: usize, next: usize) -> Vec<Road> {
        let mut roads = vec![Road::Node(self.block(&item.then, after, next, Some(number)))];
        match &item.otherwise {
            None => roads.push(Road::Node(after)),
            Some(Else::If(other)) => roads.extend(self.if_(other, number, after, next)),
            Some(Else::Block(block)) => roads.push(Road::Node(self.block(block, after, next, Some(number)))),
        }
        roads
    }

    fn rules(&mut self, rules: &Block<Rule>, number: usize, after: usize, mut roads: Vec<Road>) -> Vec<Road> {
        for rule in rules.items() {
            match &rule.tail.body {
                Body::Short { action: Some(action), .. } => roads.extend(self.action(action, after).0),
                Body::Short { action: None, .. } => roads.push(Road::Node(after)),
                Body::Block(steps) => roads.push(Road::Node(self.block(steps, after, after, Some(number)))),
            }
        }
        roads
    }

    fn action(&mut self, action: &Action, next: usize) -> (Vec<Road>, bool) {
        match &action.target {
            Target::Next => (vec![Road::Node(next)], false),
            Target::Dialog { name, label } => (
                vec![Road::Dialog(name.value.clone(), label.as_ref().map(|label| label.text.clone()))],
                false,
            ),
            Target::Label(label) => (vec![Road::Label(label.text.clone())], false),
            _ => (Vec::new(), true),
        }
    }
}

/// Whether a step is a place on the road: starters and declarations are not.
fn matters(step: &Step) -> bool {
    matches!(step, Step::Do { .. })
}

/// Whether a rule takes every outcome of a kind.
fn takes(rule: &Rule, wanted: fn(&MatcherKind) -> bool) -> bool {
    rule.tail.condition.is_none()
        && match &rule.when {
            When::Fits(fits) => fits.any.iter().any(|matcher| wanted(&matcher.kind)),
            When::Otherwise(_) => true,
            _ => false,
        }
}
