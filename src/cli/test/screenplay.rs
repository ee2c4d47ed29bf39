//! A test that failed, as a screenplay in two columns: what was expected, what the bot did; and why.

use similar::{ChangeTag, TextDiff};
use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostics::render::visible::visible;
use crate::diagnostics::Sources;
use crate::program::Program;
use crate::rehearsal::{At, Lived, Pair, Played, Said, Stopped, Test, Why, shown, why_not, written};

use crate::cli::terminal::{Paint, paint};

/// How wide a screenplay is at least and at most.
const WIDTH_MIN: usize = 60;
const WIDTH_MAX: usize = 160;
/// How many beats before the one that failed are shown.
const BEFORE: usize = 2;
/// How many beats that failed are shown of one test.
const FAILED_MAX: usize = 3;

/// Where and how a screenplay is printed.
pub(super) struct Page<'p> {
    /// Its letters in a line.
    pub(super) width: usize,
    pub(super) color: bool,
    pub(super) program: &'p Program,
    /// The transcript, and what it includes.
    pub(super) sources: &'p Sources,
}

/// The whole of it.
pub(super) fn screenplay(page: &Page<'_>, test: &Test, played: &Played) -> String {
    let mut out = String::new();
    let failed: Vec<usize> =
        (0..played.beats.len()).filter(|beat| !played.beats[*beat].passed()).collect();
    let mut next = 0;
    for beat in failed.iter().take(FAILED_MAX) {
        for before in next.max(beat.saturating_sub(BEFORE))..*beat {
            page.passed(&mut out, &played.beats[before]);
        }
        page.failed(&mut out, test, *beat, played);
        next = beat + 1;
    }
    if failed.len() > FAILED_MAX {
        let more = crate::diagnostics::english::count(failed.len() - FAILED_MAX, "more place");
        out.push_str(&page.dim(&format!("    … and {more} in this test\n")));
    }
    out
}

impl Page<'_> {
    fn dim(&self, text: &str) -> String {
        paint(self.color, Paint::Dim, text)
    }

    /// A beat that went as expected, to see where one is.
    fn passed(&self, out: &mut String, beat: &Lived) {
        let mut lines = vec![beat.happened.clone()];
        lines.extend(beat.said.iter().filter(|said| said.loud).map(line));
        for line in lines {
            let line = line.lines().next().unwrap_or_default();
            out.push_str(&self.dim(&format!("    {}\n", cut(&visible(line), self.width.saturating_sub(4)))));
        }
    }

    fn failed(&self, out: &mut String, test: &Test, number: usize, played: &Played) {
        let (written, lived) = (&test.beats[number], &played.beats[number]);
        out.push_str(&format!("    {}\n", visible(&lived.happened).replace('\n', "\n      ")));
        if let Some(stopped) = &lived.stopped {
            self.stopped(out, stopped);
        }
        let column = (self.width.clamp(WIDTH_MIN, WIDTH_MAX) - 9) / 2;
        let apart = lived.pairs.iter().any(|pair| !pair.good);
        if apart {
            let head = format!("      {:column$} │ {}\n", "expected", "the bot");
            out.push_str(&self.dim(&head));
        }
        for pair in &lived.pairs {
            if !apart && pair.expected.is_none() {
                continue; // what may be passed over
            }
            let expected = pair.expected.map(|line| text_of(self.sources, written.expected[line].at));
            let said = pair.said.map(|said| &lived.said[said]);
            self.row(out, expected.as_deref(), said, *pair, column);
        }
        for (claim, why) in &lived.broken {
            let text = text_of(self.sources, written.claims[*claim].0);
            let mark = paint(self.color, Paint::Red, "≠");
            out.push_str(&format!("    {mark} {}: {}\n", visible(&text), visible(why)));
        }
        self.reasons(out, test, number, lived);
    }

    fn stopped(&self, out: &mut String, stopped: &Stopped) {
        let (why, line) = hindrance(stopped);
        let mark = paint(self.color, Paint::Red, "≠");
        out.push_str(&format!("    {mark} {}\n", visible(&why)));
        if let Some(line) = line {
            let help = paint(self.color, Paint::Cyan, "help");
            out.push_str(&format!("      {help}: paste this above the tests, with an answer of yours\n"));
            out.push_str(&format!("      {}\n", visible(line)));
        }
    }

    /// One line of both columns, on as many lines as it takes.
    fn row(&self, out: &mut String, expected: Option<&str>, said: Option<&Said>, pair: Pair, column: usize) {
        let heard = said.map(line);
        let left = expected.map(|text| visible(text).into_owned()).unwrap_or_default();
        let right = heard.as_deref().map(|text| visible(text).replace('\n', " ")).unwrap_or_default();
        let mark = match (pair.good, expected, said) {
            (true, ..) => " ",
            (false, Some(_), None) => "-",
            (false, None, Some(_)) => "+",
            (false, ..) => "≠",
        };
        let painted = |words: Vec<(bool, String)>, color: Paint| -> Vec<(String, String)> {
            wrap(&words, column)
                .into_iter()
                .map(|line| {
                    let plain: String = line.iter().map(|(_, word)| word.as_str()).collect();
                    let shown = line
                        .iter()
                        .map(|(differs, word)| if *differs { paint(self.color, color, word) } else { word.clone() })
                        .collect();
                    (plain, shown)
                })
                .collect()
        };
        let (left, right) = match (pair.good, expected, said) {
            (false, Some(_), Some(_)) => words(&left, &right),
            (good, ..) => (vec![(!good, left)], vec![(!good, right)]),
        };
        let (left, right) = (painted(left, Paint::Green), painted(right, Paint::Red));
        for line in 0..left.len().max(right.len()) {
            let (plain, shown) = left.get(line).cloned().unwrap_or_default();
            let padding = " ".repeat(column.saturating_sub(letters(&plain)));
            let mark = if line == 0 { mark } else { " " };
            let mark = if mark == " " { mark.to_string() } else { paint(self.color, Paint::Red, mark) };
            let (_, beside) = right.get(line).cloned().unwrap_or_default();
            let row = format!("    {mark} {shown}{padding} │ {beside}");
            out.push_str(row.trim_end());
            out.push('\n');
        }
    }

    fn reasons(&self, out: &mut String, test: &Test, number: usize, lived: &Lived) {
        let mut reasons = answered(lived);
        for (name, before, after) in &lived.changes {
            reasons.push(("changed", format!("{name}: {} → {}", shown(before), shown(after))));
        }
        reasons.extend(missing(self.program, test, number, lived));
        for (word, reason) in reasons {
            out.push_str(&self.dim(&format!("      {word:8}  {}\n", visible(&reason))));
        }
    }
}

/// What answered.
pub(super) fn answered(lived: &Lived) -> Vec<(&'static str, String)> {
    let told = |why: &Why| {
        let place = why.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        ("answered", format!("{}{place}: {}", why.dialog, crate::cli::why::why(why.kind, why.own)))
    };
    lived.why.iter().map(told).collect()
}

/// Why what is expected in a beat was not said, or came too late.
pub(super) fn missing(
    program: &Program,
    test: &Test,
    number: usize,
    lived: &Lived,
) -> Vec<(&'static str, String)> {
    let reason = |pair: &Pair| {
        let expected = &test.beats[number].expected[pair.expected?];
        if let (Some(within), Some(said)) = (expected.within, pair.said.map(|said| &lived.said[said]))
            && said.after > within
        {
            let (after, within) = (written(said.after), written(within));
            return Some(("too late", format!("after {after}, and within {within} is expected")));
        }
        Some(("why not", why_not(program, expected, lived)?))
    };
    lived.pairs.iter().filter(|pair| !pair.good).filter_map(reason).collect()
}

/// A line of a transcript as it is written, on one line.
pub(super) fn text_of(sources: &Sources, at: At) -> String {
    let text = sources.get(at.file).map_or("", |source| source.slice(at.span));
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// What keeps a test from being played, and the line to paste, if that helps.
pub(super) fn hindrance(stopped: &Stopped) -> (String, Option<&str>) {
    match stopped {
        Stopped::Unstubbed(integration, line) => {
            (format!("the call of \"{integration}\" has no stub"), Some(line))
        }
        Stopped::TooLong(why) | Stopped::Impossible(why) => (why.clone(), None),
    }
}

/// Something that was read, as a transcript has it.
pub(super) fn line(said: &Said) -> String {
    let mut line = format!("{}: {}", said.label.word(), said.text);
    if let Some(crate::conversation::Message::Choices(question)) = &said.message
        && !question.choices.is_empty()
    {
        let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
        line.push_str(&format!("\nchoices: {}", labels.join(" | ")));
    }
    line
}

/// Both texts by words, each with whether the other has it.
pub(super) fn words(left: &str, right: &str) -> (Vec<(bool, String)>, Vec<(bool, String)>) {
    let diff = TextDiff::from_words(left, right);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let word = change.value().to_string();
        match change.tag() {
            ChangeTag::Equal => {
                one.push((false, word.clone()));
                other.push((false, word));
            }
            ChangeTag::Delete => one.push((true, word)),
            ChangeTag::Insert => other.push((true, word)),
        }
    }
    (one, other)
}

/// Words on lines of so many letters; a word that is longer is broken.
fn wrap(words: &[(bool, String)], width: usize) -> Vec<Vec<(bool, String)>> {
    let mut lines: Vec<Vec<(bool, String)>> = vec![Vec::new()];
    let mut used = 0;
    for (differs, text) in words {
        for word in text.split_inclusive(' ') {
            let mut rest = word;
            loop {
                let long = letters(rest);
                if used + letters(rest.trim_end()) <= width {
                    if !(used == 0 && rest.trim().is_empty()) {
                        lines.last_mut().into_iter().for_each(|line| line.push((*differs, rest.to_string())));
                        used += long;
                    }
                    break;
                }
                if used > 0 {
                    lines.push(Vec::new());
                    used = 0;
                    continue;
                }
                let cut: usize = rest.graphemes(true).take(width).map(str::len).sum();
                lines.last_mut().into_iter().for_each(|line| line.push((*differs, rest[..cut].to_string())));
                rest = &rest[cut..];
                lines.push(Vec::new());
            }
        }
    }
    lines
}

fn letters(text: &str) -> usize {
    text.graphemes(true).count()
}

fn cut(text: &str, width: usize) -> String {
    if letters(text) <= width {
        return text.to_string();
    }
    let kept: String = text.graphemes(true).take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}
