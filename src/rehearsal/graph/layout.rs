//! Where the boxes of a picture stand: in layers from top to bottom, so that most lines lead down and few cross.
//!
//! The way of Sugiyama: turn lines around until nothing goes in a circle, give every box a layer, put the layers in an
//! order with few crossings, then move boxes towards what they are joined with. Two things are our own: a layer holds a
//! few boxes only, so that a picture of hundreds of dialogs is no strip; and the lines that leave a box for layers
//! further down share one trunk, so that many of them take the room of one.

use std::collections::HashMap;

/// The most boxes side by side.
const ROW_MAX: usize = 7;
/// Between boxes side by side.
const GAP: f64 = 28.0;
/// Between layers: room for lines and what is written on them.
const RISE: f64 = 76.0;
/// The room of a trunk that passes a layer.
const TRUNK: f64 = 10.0;
/// How often the order of layers is looked over.
const SWEEPS: usize = 12;

/// A width and a height.
pub(super) type Size = (f64, f64);
/// A place.
pub(super) type Point = (f64, f64);

/// A picture, or a piece of one.
#[derive(Debug, Default)]
pub(super) struct Laid {
    /// The upper left corner of every box.
    pub boxes: Vec<Point>,
    /// The points every line passes, from its first box to its second.
    pub lines: Vec<Vec<Point>>,
    /// How large it is.
    pub size: Size,
}

/// Boxes that are joined, from top to bottom. No line joins a box with itself.
pub(super) fn layered(boxes: &[Size], lines: &[(usize, usize)]) -> Laid {
    let turned = turned(boxes.len(), lines);
    let down = downwards(lines, &turned);
    let layer = layers(boxes.len(), &down);
    let mut web = Web::new(boxes, &down, &turned, &layer);
    web.order();
    web.spread();
    web.laid(boxes, &down, &turned)
}

fn downwards(lines: &[(usize, usize)], turned: &[bool]) -> Vec<(usize, usize)> {
    let line =
        |(&(from, to), turned): (&(usize, usize), &bool)| if *turned { (to, from) } else { (from, to) };
    lines.iter().zip(turned).map(line).collect()
}

/// Which lines have to be turned around so that nothing goes in a circle.
fn turned(boxes: usize, lines: &[(usize, usize)]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); boxes];
    let mut led_to = vec![false; boxes];
    for (number, &(from, to)) in lines.iter().enumerate() {
        leaving[from].push(number);
        led_to[to] = true;
    }
    let mut turned = vec![false; lines.len()];
    // 0: not seen, 1: on the way, 2: done. A stack of our own: bots can be deep.
    let mut seen = vec![0u8; boxes];
    let starts = (0..boxes).filter(|one| !led_to[*one]).chain(0..boxes).collect::<Vec<_>>();
    for start in starts {
        if seen[start] > 0 {
            continue;
        }
        seen[start] = 1;
        let mut way = vec![(start, 0)];
        while let Some((here, next)) = way.last_mut() {
            match leaving[*here].get(*next) {
                Some(&line) => {
                    *next += 1;
                    let to = lines[line].1;
                    match seen[to] {
                        0 => {
                            seen[to] = 1;
                            way.push((to, 0));
                        }
                        1 => turned[line] = true,
                        _ => {}
                    }
                }
                None => {
                    seen[*here] = 2;
                    way.pop();
                }
            }
        }
    }
    turned
}

/// A layer for every box, below all that lead to it; none with more than so many boxes.
fn layers(boxes: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut above = vec![0usize; boxes];
    let mut below = vec![Vec::new(); boxes];
    for &(from, to) in down {
        above[to] += 1;
        below[from].push(to);
    }
    let mut layer = vec![0usize; boxes];
    let mut room: Vec<usize> = Vec::new();
    let mut ready: std::collections::BTreeSet<(usize, usize)> =
        (0..boxes).filter(|one| above[*one] == 0).map(|one| (0, one)).collect();
    while let Some((earliest, here)) = ready.pop_first() {
        let mut at = earliest;
        loop {
            if room.len() <= at {
                room.resize(at + 1, 0);
            }
            if room[at] < ROW_MAX {
                break;
            }
            at += 1;
        }
        room[at] += 1;
        layer[here] = at;
        for &next in &below[here] {
            above[next] -= 1;
            layer[next] = layer[next].max(at + 1);
            if above[next] == 0 {
                ready.insert((layer[next], next));
            }
        }
    }
    // Boxes that nothing leads to stand near what they lead to.
    for here in (0..boxes).rev() {
        let led_to = down.iter().any(|(_, to)| *to == here);
        let near = below[here].iter().map(|next| layer[*next]).min();
        if let Some(near) = near.filter(|_| !led_to)
            && let Some(at) = (layer[here] + 1..near).rev().find(|at| room[*at] < ROW_MAX)
        {
            room[layer[here]] -= 1;
            room[at] += 1;
            layer[here] = at;
        }
    }
    layer
}

/// Boxes, and the trunks that pass layers, all called knots here.
struct Web {
    /// The width of every knot; boxes first.
    widths: Vec<f64>,
    /// The knots of every layer, from left to right.
    rows: Vec<Vec<usize>>,
    up: Vec<Vec<usize>>,
    down: Vec<Vec<usize>>,
    /// The middle of every knot.
    x: Vec<f64>,
    /// The knots every line passes between its boxes.
    through: Vec<Vec<usize>>,
}

impl Web {
    fn new(boxes: &[Size], lines: &[(usize, usize)], turned: &[bool], layer: &[usize]) -> Web {
        let depth = layer.iter().max().map_or(0, |last| last + 1);
        let mut web = Web {
            widths: boxes.iter().map(|size| size.0).collect(),
            rows: vec![Vec::new(); depth],
            up: vec![Vec::new(); boxes.len()],
            down: vec![Vec::new(); boxes.len()],
            x: Vec::new(),
            through: vec![Vec::new(); lines.len()],
        };
        for (one, at) in layer.iter().enumerate() {
            web.rows[*at].push(one);
        }
        let mut trunks: HashMap<(usize, bool, usize), usize> = HashMap::new();
        for (number, &(from, to)) in lines.iter().enumerate() {
            let mut last = from;
            for at in layer[from] + 1..layer[to] {
                let trunk = *trunks.entry((from, turned[number], at)).or_insert_with(|| {
                    web.widths.push(TRUNK);
                    web.up.push(Vec::new());
                    web.down.push(Vec::new());
                    web.rows[at].push(web.widths.len() - 1);
                    web.widths.len() - 1
                });
                web.join(last, trunk);
                web.through[number].push(trunk);
                last = trunk;
            }
            web.join(last, to);
        }
        web
    }

    fn join(&mut self, above: usize, below: usize) {
        if !self.down[above].contains(&below) {
            self.down[above].push(below);
            self.up[below].push(above);
        }
    }

    /// Orders the layers by the middle of what their knots are joined with, down and up again, and keeps the order with
    /// the fewest crossings.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.rows.clone());
        for sweep in 0..SWEEPS {
            let downwards = sweep % 2 == 0;
            let order: Vec<usize> = match downwards {
                true => (1..self.rows.len()).collect(),
                false => (0..self.rows.len().saturating_sub(1)).rev().collect(),
            };
            for at in order {
                let place = self.places();
                let joined = if downwards { &self.up } else { &self.down };
                let middle = |knot: &usize| {
                    let others = &joined[*knot];
                    match others.is_empty() {
                        true => place[*knot],
                        false => others.iter().map(|other| place[*other]).sum::<f64>() / others.len() as f64,
                    }
                };
                let mut row: Vec<(f64, usize)> =
                    self.rows[at].iter().map(|knot| (middle(knot), *knot)).collect();
                row.sort_by(|one, other| one.0.total_cmp(&other.0));
                self.rows[at] = row.into_iter().map(|(_, knot)| knot).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.rows.clone());
            }
        }
        self.rows = best.1;
    }

    /// Where every knot stands in its layer, between 0 and 1.
    fn places(&self) -> Vec<f64> {
        let mut place = vec![0.0; self.widths.len()];
        for row in &self.rows {
            for (number, knot) in row.iter().enumerate() {
                place[*knot] = (number as f64 + 0.5) / row.len() as f64;
            }
        }
        place
    }

    fn crossings(&self) -> usize {
        let place = self.places();
        let mut crossings = 0;
        for row in &self.rows {
            let joins = row
                .iter()
                .flat_map(|knot| self.down[*knot].iter().map(|below| (place[*knot], place[*below])));
            let joins: Vec<(f64, f64)> = joins.collect();
            for (number, one) in joins.iter().enumerate() {
                crossings += joins[number + 1..]
                    .iter()
                    .filter(|other| (one.0 - other.0) * (one.1 - other.1) < 0.0)
                    .count();
            }
        }
        crossings
    }

    /// Moves every knot towards what it is joined with, as near as its neighbours let it.
    fn spread(&mut self) {
        self.x = vec![0.0; self.widths.len()];
        for row in &self.rows {
            let whole: f64 = row.iter().map(|knot| self.widths[*knot] + GAP).sum();
            let mut left = -whole / 2.0;
            for knot in row {
                self.x[*knot] = left + self.widths[*knot] / 2.0;
                left += self.widths[*knot] + GAP;
            }
        }
        for sweep in 0..SWEEPS {
            let downwards = sweep % 2 == 0;
            for number in 0..self.rows.len() {
                let at = if downwards { number } else { self.rows.len() - 1 - number };
                let joined = if downwards { &self.up } else { &self.down };
                let wanted: Vec<f64> = self.rows[at]
                    .iter()
                    .map(|knot| match joined[*knot].len() {
                        0 => self.x[*knot],
                        others => {
                            joined[*knot].iter().map(|other| self.x[*other]).sum::<f64>() / others as f64
                        }
                    })
                    .collect();
                let widths: Vec<f64> = self.rows[at].iter().map(|knot| self.widths[*knot]).collect();
                for (knot, x) in self.rows[at].iter().zip(apart(&wanted, &widths)) {
                    self.x[*knot] = x;
                }
            }
        }
    }

    fn laid(&self, boxes: &[Size], lines: &[(usize, usize)], turned: &[bool]) -> Laid {
        let left =
            (0..self.x.len()).map(|knot| self.x[knot] - self.widths[knot] / 2.0).fold(f64::MAX, f64::min);
        let right =
            (0..self.x.len()).map(|knot| self.x[knot] + self.widths[knot] / 2.0).fold(f64::MIN, f64::max);
        let mut places = vec![(0.0, 0.0); boxes.len()];
        // The top and the bottom of the layer every knot stands in.
        let mut bands = vec![(0.0, 0.0); self.x.len()];
        let mut y = 0.0;
        for row in &self.rows {
            let real = row.iter().filter(|knot| **knot < boxes.len());
            let height = real.map(|knot| boxes[*knot].1).fold(0.0, f64::max);
            for knot in row {
                bands[*knot] = (y, y + height);
                if let Some(size) = boxes.get(*knot) {
                    places[*knot] = (self.x[*knot] - size.0 / 2.0 - left, y);
                }
            }
            y += height + RISE;
        }
        let ports = Ports::new(self, boxes.len(), lines, turned);
        let line = |number: usize| {
            let (from, to) = lines[number];
            let mut points = vec![(ports.leaving[number] - left, bands[from].0 + boxes[from].1)];
            for trunk in &self.through[number] {
                points.push((self.x[*trunk] - left, bands[*trunk].0 - RISE / 4.0));
                points.push((self.x[*trunk] - left, bands[*trunk].1 + RISE / 4.0));
            }
            points.push((ports.arriving[number] - left, bands[to].0));
            if turned[number] {
                points.reverse();
            }
            points
        };
        let size = match boxes.is_empty() {
            true => (0.0, 0.0),
            false => (right - left, y - RISE),
        };
        Laid { boxes: places, lines: (0..lines.len()).map(line).collect(), size }
    }
}

/// Where lines leave and reach their boxes.
struct Ports {
    leaving: Vec<f64>,
    arriving: Vec<f64>,
}

impl Ports {
    fn new(web: &Web, boxes: usize, lines: &[(usize, usize)], turned: &[bool]) -> Ports {
        let mut ports = Ports { leaving: vec![0.0; lines.len()], arriving: vec![0.0; lines.len()] };
        let mut below: Vec<Vec<(f64, bool, usize, usize)>> = vec![Vec::new(); boxes];
        let mut above = below.clone();
        for (number, &(from, to)) in lines.iter().enumerate() {
            let (first, last) = match web.through[number].as_slice() {
                [] => (to, from),
                [first, .., last] => (*first, *last),
                [only] => (*only, *only),
            };
            below[from].push((web.x[first], turned[number], first, number));
            above[to].push((web.x[last], turned[number], last, number));
        }
        for (knot, mut lines) in below.into_iter().enumerate() {
            lines.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.2.cmp(&other.2)));
            // The lines of a trunk leave in one place.
            let mut slots: Vec<(usize, bool)> = lines.iter().map(|line| (line.2, line.1)).collect();
            slots.dedup();
            for line in lines {
                let slot = slots.iter().position(|slot| *slot == (line.2, line.1)).unwrap_or(0);
                ports.leaving[line.3] = web.port(knot, slot, slots.len());
            }
        }
        for (knot, mut lines) in above.into_iter().enumerate() {
            lines.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.3.cmp(&other.3)));
            let count = lines.len();
            for (slot, line) in lines.into_iter().enumerate() {
                ports.arriving[line.3] = web.port(knot, slot, count);
            }
        }
        ports
    }
}

impl Web {
    fn port(&self, knot: usize, slot: usize, of: usize) -> f64 {
        let width = self.widths[knot] * 0.8;
        self.x[knot] - width / 2.0 + width * (slot as f64 + 0.5) / of as f64
    }
}

/// Places as near to the wanted ones as can be, in the same order and without overlap: neighbours that want the same
/// room share it as a block that stands at the mean of what they want.
fn apart(wanted: &[f64], widths: &[f64]) -> Vec<f64> {
    // Where each stands in a row without gaps to fill; what is left to choose is where the row is torn apart.
    let mut offsets = Vec::with_capacity(widths.len());
    let mut left = 0.0;
    for width in widths {
        offsets.push(left + width / 2.0);
        left += width + GAP;
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        blocks.push((wanted - offset, 1));
        while let [.., one, other] = blocks[..]
            && one.0 > other.0
        {
            let count = one.1 + other.1;
            let mean = (one.0 * one.1 as f64 + other.0 * other.1 as f64) / count as f64;
            blocks.truncate(blocks.len() - 2);
            blocks.push((mean, count));
        }
    }
    let places = blocks.into_iter().flat_map(|(place, count)| std::iter::repeat_n(place, count));
    places.zip(offsets).map(|(place, offset)| place + offset).collect()
}

/// Puts pieces in rows beside each other, in their order, so that the whole is a little wider than high. Gives the upper
/// left corners, and the size of the whole.
pub(super) fn packed(pieces: &[Size], gap: f64) -> (Vec<Point>, Size) {
    let area: f64 = pieces.iter().map(|size| (size.0 + gap) * (size.1 + gap)).sum();
    let widest = pieces.iter().map(|size| size.0).fold(0.0, f64::max);
    let most = widest.max((area * 1.6).sqrt());
    let mut places = Vec::with_capacity(pieces.len());
    let (mut x, mut y, mut row, mut width) = (0.0, 0.0, 0.0f64, 0.0f64);
    for size in pieces {
        if x > 0.0 && x + size.0 > most {
            (x, y, row) = (0.0, y + row + gap, 0.0);
        }
        places.push((x, y));
        x += size.0 + gap;
        row = row.max(size.1);
        width = width.max(x - gap);
    }
    (places, (width, y + row))
}
