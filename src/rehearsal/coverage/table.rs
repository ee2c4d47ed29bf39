//! Coverage as a table for the terminal: a row a kind, then what is not covered, with its place.

use crate::diagnostics::render::visible::visible;
use crate::rehearsal::parts::{Kind, Part};

use super::{Coverage, Share};

impl Coverage {
    /// A row a kind, then at most so many of the parts that are not covered.
    pub fn table(&self, limit: usize) -> String {
        let mut text = format!("{:<14}{:>7}{:>7}{:>8}\n", "", "covered", "all", "%");
        for kind in Kind::ALL {
            row(kind.plural(), self.of_kind(kind), &mut text);
        }
        row("together", self.total(), &mut text);
        list("not covered:", self.uncovered().map(|(_, part)| part), limit, &mut text);
        let never = self.parts.iter().map(|(_, part)| part).filter(|part| part.never.is_some());
        list("never covered, and not counted:", never, limit, &mut text);
        text
    }
}

fn row(name: &str, share: Share, text: &mut String) {
    let Share { covered, all } = share;
    if all > 0 {
        text.push_str(&format!("{name:<14}{covered:>7}{all:>7}{:>8.1}\n", share.percent()));
    }
}

fn list<'p>(head: &str, parts: impl Iterator<Item = &'p Part>, limit: usize, text: &mut String) {
    let parts: Vec<&Part> = parts.collect();
    if parts.is_empty() {
        return;
    }
    text.push_str(&format!("\n{head}\n"));
    let places: Vec<String> = parts.iter().take(limit).map(|part| part.place()).collect();
    let width = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
    for (part, place) in parts.iter().zip(places) {
        let gap = " ".repeat(width - place.chars().count());
        let why = part.never.map(|why| format!(": {why}")).unwrap_or_default();
        text.push_str(&format!("  {}{gap}  {}{why}\n", visible(&place), visible(&part.address)));
    }
    if parts.len() > limit {
        text.push_str(&format!("  and {} more\n", parts.len() - limit));
    }
}
