//! What stands in `user says`, a matcher a line, with the alternates of its patterns; and which of them a message took.

use crate::language::pattern::{Item, parse_pattern};
use crate::language::pattern_in;
use crate::program::Program;
use crate::program::normal::Heard;
use crate::program::starters::Win;

/// A matcher of `user says`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterLine<'p> {
    /// The dialog it starts.
    pub dialog: &'p str,
    /// The matcher as written: `pattern "(a|b)*"`.
    pub text: &'p str,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether nothing can compare it yet: an intent.
    pub mute: bool,
    /// The alternates of its pattern as written, in their order; those inside of others follow them.
    pub alternates: Vec<String>,
}

impl Program {
    /// What starts dialogs: for each of those that have `user says`, its matchers; none of its `but not`.
    pub fn starter_lines(&self) -> impl Iterator<Item = Vec<StarterLine<'_>>> {
        let dialogs = self.tables.starting.dialogs().iter().zip(&self.tables.places);
        dialogs.map(|(dialog, places)| {
            let lines = dialog.any.iter().zip(places);
            let lines = lines.map(|(said, (_, line))| StarterLine {
                dialog: &dialog.name,
                text: &said.text,
                line: *line,
                mute: said.mute,
                alternates: alternates(&said.text),
            });
            lines.collect()
        })
    }

    /// Which of the matchers of a dialog won, counted from 0 as in [`Program::starter_lines`].
    pub fn starter_line(&self, win: &Win) -> Option<usize> {
        self.tables.starting.dialogs().get(win.starter).map(|_| self.tables.starting.line(win))
    }

    /// Which alternates of the pattern that won the message takes, counted from 0.
    pub fn alternates_taken(&self, win: &Win, message: &str) -> Vec<usize> {
        let starter = self.starters().starters().get(win.starter);
        let matcher = starter.and_then(|starter| starter.any.get(win.matcher));
        match (matcher, Heard::new(message)) {
            (Some(matcher), Ok(heard)) => matcher.alternates(&heard),
            _ => Vec::new(),
        }
    }
}

/// The alternates of a matcher as written.
fn alternates(matcher: &str) -> Vec<String> {
    fn visit(items: &[Item], text: &str, out: &mut Vec<String>) {
        for item in items {
            if let Item::Group { alternates, .. } = item {
                for way in alternates {
                    out.push(text.get(way.span.clone()).unwrap_or_default().trim().to_string());
                    visit(&way.items, text, out);
                }
            }
        }
    }
    let mut out = Vec::new();
    if let Some(text) = pattern_in(matcher)
        && let Ok(pattern) = parse_pattern(&text)
    {
        visit(&pattern.items, &text, &mut out);
    }
    out
}
