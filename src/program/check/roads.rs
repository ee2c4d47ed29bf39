//! Dialogs and steps that nothing leads to, and jumps that never come to rest.

use std::collections::{HashMap, HashSet};

use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::program::facts::{DialogFacts, Sort};
use crate::program::flow::Road;
use crate::program::whole::Whole;

/// Follows every road of the bot.
pub(in crate::program) fn check(whole: &Whole<'_>, out: &mut Vec<Finding>) {
    let map = Map::of(whole);
    map.unreachable_dialogs(whole, out);
    map.unreachable_steps(whole, out);
    map.endless_jumps(whole, out);
}

/// All steps of all dialogs, numbered through.
struct Map<'a> {
    dialogs: Vec<(FileId, &'a DialogFacts)>,
    /// The number of each dialog's first step.
    starts: Vec<usize>,
    by_name: HashMap<&'a str, usize>,
    roads: Vec<Vec<usize>>,
}

impl<'a> Map<'a> {
    fn of(whole: &'a Whole<'_>) -> Map<'a> {
        let mut map =
            Map { dialogs: Vec::new(), starts: Vec::new(), by_name: HashMap::new(), roads: Vec::new() };
        let mut total = 0;
        for (file, facts) in whole.files() {
            for dialog in &facts.dialogs {
                map.by_name.entry(&dialog.name).or_insert(map.dialogs.len());
                map.dialogs.push((file, dialog));
                map.starts.push(total);
                total += dialog.flow.nodes.len();
            }
        }
        map.roads.reserve(total);
        for (number, (_, dialog)) in map.dialogs.iter().enumerate() {
            for node in &dialog.flow.nodes {
                map.roads.push(node.roads.iter().filter_map(|road| map.resolve(number, road)).collect());
            }
        }
        map
    }

    fn resolve(&self, dialog: usize, road: &Road) -> Option<usize> {
        match road {
            Road::Node(node) => Some(self.starts[dialog] + node),
            Road::Label(_) => None,
            Road::Dialog(name, label) => {
                let target = *self.by_name.get(name.as_str())?;
                let flow = &self.dialogs[target].1.flow;
                let node =
                    label.as_ref().and_then(|label| flow.labels.get(label)).copied().unwrap_or(flow.entry);
                Some(self.starts[target] + node)
            }
        }
    }

    fn entry(&self, dialog: usize) -> usize {
        self.starts[dialog] + self.dialogs[dialog].1.flow.entry
    }

    /// Every step that can be reached from these.
    fn reached(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut seen = vec![false; self.roads.len()];
        self.reach_on(&mut seen, from);
        seen
    }

    /// Adds every step that can be reached from these.
    fn reach_on(&self, seen: &mut [bool], from: impl IntoIterator<Item = usize>) {
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(step) = open.pop() {
            if !std::mem::replace(&mut seen[step], true) {
                open.extend(self.roads[step].iter().copied());
            }
        }
    }

    fn unreachable_dialogs(&self, whole: &Whole<'_>, out: &mut Vec<Finding>) {
        // An arrow with a slip in it may be the one that leads here.
        if whole.damaged() || out.iter().any(|finding| finding.slug == Slug::UnknownDialog) {
            return;
        }
        let entry = whole.bot().and_then(|(_, bot)| bot.entry.as_ref()).map(|(name, _)| name.as_str());
        let begins = |dialog: &DialogFacts| {
            dialog.sort != Sort::Plain || dialog.starter.is_some() || entry == Some(dialog.name.as_str())
        };
        let roots = (0..self.dialogs.len())
            .filter(|number| begins(self.dialogs[*number].1))
            .map(|number| self.entry(number));
        let mut seen = self.reached(roots);
        // Dialogs that only such a dialog leads to are no mistake of their own: they are told last, if at all.
        let led_to: HashSet<usize> = (0..self.dialogs.len())
            .filter(|number| !begins(self.dialogs[*number].1))
            .flat_map(|number| self.targets(number).filter(move |target| *target != number))
            .collect();
        let (heads, others): (Vec<usize>, Vec<usize>) =
            (0..self.dialogs.len()).partition(|number| !led_to.contains(number));
        for number in heads.into_iter().chain(others) {
            let (file, dialog) = &self.dialogs[number];
            let any = self.steps(number).any(|step| seen[step]);
            if !any && !begins(dialog) {
                self.reach_on(&mut seen, [self.entry(number)]);
                out.push(
                    Finding::new(Slug::UnreachableDialog, *file, dialog.span, format!("nothing leads to the dialog `{}`", dialog.name))
                        .help(format!("give it a starter with `user says {{ … }}`, go there with `-> dialog \"{}\"`, or take it out", dialog.name)),
                );
            }
        }
    }

    /// The steps of a dialog. Its first node is left out: it is the end, which is reached by itself only.
    fn steps(&self, dialog: usize) -> std::ops::Range<usize> {
        let end = self.starts.get(dialog + 1).copied().unwrap_or(self.roads.len());
        self.starts[dialog] + 1..end
    }

    /// The dialogs that the steps of a dialog lead to.
    fn targets(&self, dialog: usize) -> impl Iterator<Item = usize> + '_ {
        let roads = self.dialogs[dialog].1.flow.nodes.iter().flat_map(|node| &node.roads);
        roads.filter_map(|road| match road {
            Road::Dialog(name, _) => self.by_name.get(name.as_str()).copied(),
            _ => None,
        })
    }

    fn unreachable_steps(&self, whole: &Whole<'_>, out: &mut Vec<Finding>) {
        let misspelt: HashSet<&str> = whole
            .files()
            .flat_map(|(_, facts)| &facts.far_labels)
            .filter(|(dialog, label, _)| {
                let target = self.by_name.get(dialog.as_str()).map(|number| self.dialogs[*number].1);
                target.is_some_and(|dialog| !dialog.labels.iter().any(|(name, _, _)| name == label))
            })
            .map(|(dialog, _, _)| dialog.as_str())
            .collect();
        // What leads to a step may be what could not be read, or one of two steps with its name.
        let damaged: HashSet<FileId> =
            whole.files().filter(|(_, facts)| facts.is_damaged()).map(|(file, _)| file).collect();
        let seen = self.reached((0..self.dialogs.len()).map(|number| self.entry(number)));
        for (number, (file, dialog)) in self.dialogs.iter().enumerate() {
            if damaged.contains(file) || misspelt.contains(dialog.name.as_str()) {
                continue;
            }
            for (at, node) in dialog.flow.nodes.iter().enumerate().skip(1) {
                if seen[self.starts[number] + at] {
                    continue;
                }
                // One finding for a run of steps: the first of them, whose forerunner is reached.
                let first = node.before.is_none_or(|before| seen[self.starts[number] + before]);
                if first {
                    let finding = Finding::new(
                        Slug::UnreachableStep,
                        *file,
                        node.span,
                        "nothing leads to this step",
                    )
                    .help("give it a name and go there, `name: say \"…\"` and `-> name`, or take it out");
                    let blocker = node.before.map(|before| dialog.flow.nodes[before].span);
                    out.push(match blocker {
                        Some(span) if span.end <= node.span.start => {
                            finding.related(*file, span, "after this one the dialog goes elsewhere")
                        }
                        _ => finding,
                    });
                }
            }
        }
    }

    /// Steps from which no road ever comes to a stop.
    fn endless_jumps(&self, whole: &Whole<'_>, out: &mut Vec<Finding>) {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.roads.len()];
        for (from, roads) in self.roads.iter().enumerate() {
            for to in roads {
                back[*to].push(from);
            }
        }
        let nodes = self.dialogs.iter().flat_map(|(_, dialog)| &dialog.flow.nodes);
        let mut rests: Vec<bool> = vec![false; self.roads.len()];
        let mut open: Vec<usize> = nodes
            .enumerate()
            .filter(|(step, node)| node.stops || self.roads[*step].is_empty())
            .map(|(step, _)| step)
            .collect();
        while let Some(step) = open.pop() {
            if !std::mem::replace(&mut rests[step], true) {
                open.extend(back[step].iter().copied());
            }
        }
        let mut told: HashSet<usize> = HashSet::new();
        for (step, rests) in rests.iter().enumerate() {
            if *rests || told.contains(&step) {
                continue;
            }
            let circle = self.circle(step);
            if circle.iter().any(|step| told.contains(step)) {
                told.insert(step);
                continue;
            }
            told.extend(
                self.reached([step]).iter().enumerate().filter(|(_, seen)| **seen).map(|(step, _)| step),
            );
            let places: Vec<(FileId, Span)> = circle.iter().map(|step| self.place(*step)).collect();
            let Some((file, span)) = places.first().copied() else { continue };
            // A line nobody could read may be the question that is missed.
            if places.iter().any(|(file, _)| whole.is_unread(*file)) {
                continue;
            }
            let mut finding = Finding::new(
                Slug::EndlessJump,
                file,
                span,
                "from here the bot goes in a circle and never asks anything",
            )
            .help("put a question into the circle, or leave it with an `if`");
            for (file, span) in places.iter().skip(1).take(3) {
                finding = finding.related(*file, *span, "then here");
            }
            out.push(finding);
        }
    }

    /// The circle that the roads from here end in.
    fn circle(&self, from: usize) -> Vec<usize> {
        let mut path: Vec<usize> = Vec::new();
        let mut at = from;
        loop {
            if let Some(begin) = path.iter().position(|step| *step == at) {
                let mut circle = path.split_off(begin);
                // Begin with the step that is written first, so that the finding stays where it is.
                let first = circle.iter().enumerate().min_by_key(|(_, step)| **step).map_or(0, |(at, _)| at);
                circle.rotate_left(first);
                circle.sort_by_key(|step| self.place(*step));
                return circle;
            }
            path.push(at);
            match self.roads[at].first() {
                Some(next) => at = *next,
                None => return Vec::new(),
            }
        }
    }

    fn place(&self, step: usize) -> (FileId, Span) {
        let number = self.starts.partition_point(|start| *start <= step).saturating_sub(1);
        let (file, dialog) = self.dialogs[number];
        (file, dialog.flow.nodes[step - self.starts[number]].span)
    }
}
