//! A test that failed, as a screenplay in two columns: what was expected, what the bot did; and why.

use crate::diagnostics::Sources;
use crate::diagnostics::render::visible::visible;
use crate::program::Program;
use crate::rehearsal::{
    At, Expected, Lived, Pair, Played, Said, Stopped, Test, Why, shown, why_not, written,
};

use crate::cli::columns::{Columns, cut};
use crate::cli::terminal::{Paint, paint};

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
    let failed: Vec<usize> = (0..played.beats.len()).filter(|beat| !played.beats[*beat].passed()).collect();
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
        let apart = lived.pairs.iter().any(|pair| !pair.good);
        if apart {
            self.columns().head(out, "expected", "the bot");
        }
        for pair in &lived.pairs {
            if !apart && pair.expected.is_none() {
                continue; // what may be passed over
            }
            let expected = pair.expected.map(|line| expected_text(self.sources, &written.expected[line]));
            let said = pair.said.map(|said| &lived.said[said]);
            self.row(out, expected.as_deref(), said, *pair);
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

    /// One line of both columns.
    fn row(&self, out: &mut String, expected: Option<&str>, said: Option<&Said>, pair: Pair) {
        let heard = said.map(line);
        self.columns().row(out, expected, heard.as_deref(), pair.good);
    }

    fn columns(&self) -> Columns {
        Columns { width: self.width, color: self.color }
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

/// What is expected as it is written, with the lines that belong to it, on one line.
pub(super) fn expected_text(sources: &Sources, expected: &Expected) -> String {
    text_of(sources, At { span: expected.whole, ..expected.at })
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
        Stopped::TooLong(why) | Stopped::Impossible(why) | Stopped::NotHere(why) => (why.clone(), None),
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
