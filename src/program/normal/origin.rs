//! The way back from the normal form to the letters a person typed.

use std::ops::Range;

use super::{fold, push};

/// For each letter of the normal form, where it came from; built only when somebody asks.
#[derive(Debug)]
pub(super) struct Origins {
    /// Ascending: where a stretch of the normal form begins, and the original bytes behind it.
    stretches: Vec<(u32, Range<u32>)>,
}

impl Origins {
    pub(super) fn of(original: &str) -> Origins {
        let mut out = String::new();
        let mut stretches: Vec<(u32, Range<u32>)> = Vec::new();
        fold::segments(original, |range, letters| {
            let typed = range.start as u32..range.end as u32;
            let mut start = out.len();
            for letter in letters.chars() {
                if push(&mut out, letter) {
                    stretches.push((start as u32, typed.clone()));
                } else if let Some((_, space)) = stretches.last_mut() {
                    // A second space: the one that was kept stands for both.
                    space.end = typed.end;
                }
                start = out.len();
            }
        });
        Origins { stretches }
    }

    /// The original bytes behind a stretch of the normal form.
    pub(super) fn typed(&self, stretch: Range<usize>) -> Range<usize> {
        if stretch.is_empty() {
            return 0..0;
        }
        let first = self.stretches.partition_point(|(start, _)| *start as usize <= stretch.start);
        let last = self.stretches.partition_point(|(start, _)| (*start as usize) < stretch.end);
        let side =
            |n: usize| n.checked_sub(1).and_then(|n| self.stretches.get(n)).map(|(_, typed)| typed.clone());
        match (side(first), side(last)) {
            (Some(first), Some(last)) => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }
}
