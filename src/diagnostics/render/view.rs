//! The stretches of files a finding shows: a few lines each, cut where they are very long, and safe to print.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lines::{File, Lines};
use super::visible::spelling;
use crate::diagnostics::{FileId, Finding, Place};

/// Lines with more letters than this are cut to a window around the place.
const LINE_LETTERS_MAX: usize = 160;
/// How many letters of a cut line stand before the place, and from it on.
const WINDOW: (usize, usize) = (50, 80);
/// A place over more lines is shown as its first one.
const SPAN_LINES_MAX: usize = 200;
/// Places of one file that are farther apart are shown apart.
const GAP_LINES_MAX: usize = 500;

/// Neighbouring lines of one file, with the places in them.
pub(super) struct View<'a> {
    pub(super) id: FileId,
    file: File<'a>,
    /// First and last line, from 0.
    lines: (usize, usize),
    /// What is shown of the lines that a place begins or ends in.
    windows: BTreeMap<usize, Range<usize>>,
    pub(super) marks: Vec<Mark<'a>>,
}

/// A place inside a view.
pub(super) struct Mark<'a> {
    pub(super) place: &'a Place,
    pub(super) primary: bool,
    start: usize,
    end: usize,
}

/// A view as text, with the places as stretches of it.
pub(super) struct Excerpt {
    pub(super) first_line: usize,
    pub(super) text: String,
    pub(super) marks: Vec<Range<usize>>,
}

/// The views of a finding; the one with its own place comes first.
pub(super) fn views<'a>(lines: &'a Lines<'_>, finding: &'a Finding) -> Vec<View<'a>> {
    let mut views: Vec<View<'a>> = Vec::new();
    let places =
        std::iter::once((&finding.place, true)).chain(finding.related.iter().map(|place| (place, false)));
    for (place, primary) in places {
        let Some(file) = lines.file(place.file) else { continue };
        let mark = Mark::new(file, place, primary);
        match views.iter_mut().find(|view| view.takes(&mark)) {
            Some(view) => view.add(mark),
            None => {
                let line = file.line_of(mark.start);
                let mut view = View {
                    id: place.file,
                    file,
                    lines: (line, line),
                    windows: BTreeMap::new(),
                    marks: Vec::new(),
                };
                view.add(mark);
                views.push(view);
            }
        }
    }
    views
}

impl<'a> Mark<'a> {
    fn new(file: File<'a>, place: &'a Place, primary: bool) -> Mark<'a> {
        let start = file.floor(place.span.start as usize);
        let mut end = file.floor(place.span.end as usize).max(start);
        while end > start && matches!(file.text().as_bytes()[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        let (first, last) = (file.line_of(start), file.line_of(end));
        if last - first > SPAN_LINES_MAX {
            end = file.line(first).1.max(start);
        }
        Mark { place, primary, start, end }
    }
}

impl<'a> View<'a> {
    /// Whether this mark can be shown here: near enough, and not in the part of a long line that was cut off.
    fn takes(&self, mark: &Mark<'_>) -> bool {
        let (first, last) = (self.file.line_of(mark.start), self.file.line_of(mark.end));
        let shown = |line, offset: usize| {
            self.windows
                .get(&line)
                .is_none_or(|window: &Range<usize>| window.start <= offset && offset <= window.end)
        };
        self.id == mark.place.file
            && first.saturating_sub(self.lines.1) <= GAP_LINES_MAX
            && self.lines.0.saturating_sub(last) <= GAP_LINES_MAX
            && shown(first, mark.start)
            && shown(last, mark.end)
    }

    fn add(&mut self, mark: Mark<'a>) {
        let file = self.file;
        let (first, last) = (file.line_of(mark.start), file.line_of(mark.end));
        self.lines = (self.lines.0.min(first), self.lines.1.max(last));
        self.windows.entry(first).or_insert_with(|| window(file, first, mark.start));
        self.windows.entry(last).or_insert_with(|| window(file, last, mark.end));
        self.marks.push(mark);
    }

    /// Line and column of the place this view is about.
    pub(super) fn position(&self) -> (usize, usize) {
        let at = self.marks.first().map_or(0, |mark| mark.place.span.start as usize);
        let position = self.file.position(at);
        (position.line, position.column)
    }

    /// Whether there is nothing to show: the file is empty, or was not read.
    pub(super) fn is_blank(&self) -> bool {
        self.file.text().is_empty()
    }

    /// The view as text.
    pub(super) fn excerpt(&self) -> Excerpt {
        let mut text = String::new();
        let mut shown: Vec<(Range<usize>, usize)> = Vec::new();
        for line in self.lines.0..=self.lines.1 {
            let (start, end) = self.file.line(line);
            let range = self.windows.get(&line).cloned().unwrap_or_else(|| window(self.file, line, start));
            if range.start > start {
                text.push('…');
            }
            shown.push((range.clone(), text.len()));
            for (at, letter) in self.file.text()[range.clone()].char_indices() {
                push(&mut text, range.start + at, letter);
            }
            if range.end < end {
                text.push('…');
            }
            text.push('\n');
        }
        let place = |offset: usize| {
            let (range, at) = &shown[self.file.line_of(offset) - self.lines.0];
            let mut before = String::new();
            for (at, letter) in
                self.file.text()[range.start..offset.clamp(range.start, range.end)].char_indices()
            {
                push(&mut before, range.start + at, letter);
            }
            at + before.len()
        };
        let marks = self.marks.iter().map(|mark| place(mark.start)..place(mark.end)).collect();
        Excerpt { first_line: self.lines.0 + 1, text, marks }
    }
}

/// Adds a letter as it is shown; the byte order mark a file may begin with is not.
fn push(text: &mut String, at: usize, letter: char) {
    match spelling(letter) {
        _ if (at, letter) == (0, '\u{feff}') => {}
        Some(spelled) => text.push_str(&spelled),
        None => text.push(letter),
    }
}

/// What is shown of a line: all of it, or the letters around this byte.
fn window(file: File<'_>, line: usize, around: usize) -> Range<usize> {
    let (start, end) = file.line(line);
    let text = &file.text()[start..end];
    if text.len() <= LINE_LETTERS_MAX || text.chars().nth(LINE_LETTERS_MAX).is_none() {
        return start..end;
    }
    let around = around.clamp(start, end);
    let (before, after) = file.text()[start..end].split_at(around - start);
    let from = before.char_indices().rev().nth(WINDOW.0 - 1).map_or(start, |(at, _)| start + at);
    let to = after.char_indices().nth(WINDOW.1).map_or(end, |(at, _)| around + at);
    from..to
}
