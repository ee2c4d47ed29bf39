//! Reading a pattern, and saying what is wrong with it in words its author understands.

use std::ops::Range;

use pest::Parser;
use pest::iterators::Pair;

use super::{Alternate, Item, Pattern};

/// The longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 1_000;

/// How deep parentheses may stand in parentheses.
pub const PATTERN_DEPTH_MAX: usize = 64;

/// What is wrong with a pattern, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternSlip {
    /// The bytes of the pattern's text to point at.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to type instead.
    pub help: Option<String>,
}

impl PatternSlip {
    fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> PatternSlip {
        PatternSlip { span, message: message.into(), help: Some(help.into()) }
    }
}

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/pattern.pest"]
struct Grammar;

/// Reads the text of a pattern; the first slip spoils it.
pub fn parse_pattern(text: &str) -> Result<Pattern, PatternSlip> {
    if text.len() > PATTERN_BYTES_MAX {
        return Err(PatternSlip::new(
            0..text.len(),
            format!("this pattern has {} bytes, and {PATTERN_BYTES_MAX} is the most", text.len()),
            "write several patterns, one a line: any of them may fit",
        ));
    }
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    if trimmed.is_empty() {
        return Err(PatternSlip::new(
            0..text.len(),
            "this pattern is empty",
            "write what a visitor says, for instance `*(order|parcel)*`, or `*` for anything",
        ));
    }
    too_deep(trimmed, start)?;
    let failed =
        || PatternSlip { span: 0..text.len(), message: "this pattern cannot be read".into(), help: None };
    let root =
        Grammar::parse(Rule::pattern, trimmed).ok().and_then(|mut pairs| pairs.next()).ok_or_else(failed)?;
    let items = items(root, start)?;
    let mut names = Vec::new();
    doubles(&items, &mut names)?;
    side_by_side(&items, None)?;
    Ok(Pattern { items })
}

/// Counts parentheses before the grammar is asked, since the grammar calls itself for each of them.
fn too_deep(text: &str, start: usize) -> Result<(), PatternSlip> {
    let mut depth = 0usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > PATTERN_DEPTH_MAX {
            return Err(PatternSlip::new(
                start + at..start + at + 1,
                format!("parentheses stand more than {PATTERN_DEPTH_MAX} deep here"),
                "write several patterns, one a line: any of them may fit",
            ));
        }
    }
    Ok(())
}

fn span(pair: &Pair<Rule>, start: usize) -> Range<usize> {
    let span = pair.as_span();
    start + span.start()..start + span.end()
}

fn items(parent: Pair<Rule>, start: usize) -> Result<Vec<Item>, PatternSlip> {
    let mut out = Vec::new();
    for pair in parent.into_inner() {
        let span = span(&pair, start);
        match pair.as_rule() {
            Rule::star => out.push(Item::Star { span }),
            Rule::letters => out.push(Item::Literal { text: letters(pair, start)?, span }),
            Rule::capture => {
                let name = pair.into_inner().next().map_or("", |name| name.as_str()).to_owned();
                out.push(Item::Capture { name, span });
            }
            Rule::group => out.push(Item::Group { alternates: alternates(pair, start)?, span }),
            Rule::EOI => {}
            rule => return Err(slip(rule, span, pair.as_str())),
        }
    }
    Ok(out)
}

fn alternates(group: Pair<Rule>, start: usize) -> Result<Vec<Alternate>, PatternSlip> {
    let open = start + group.as_span().start();
    let mut out = Vec::new();
    for pair in group.into_inner() {
        let span = span(&pair, start);
        match pair.as_rule() {
            Rule::alternate => out.push(Alternate { items: items(pair, start)?, span }),
            rule => return Err(slip(rule, open..open + 1, pair.as_str())),
        }
    }
    Ok(out)
}

fn letters(run: Pair<Rule>, start: usize) -> Result<String, PatternSlip> {
    let mut out = String::new();
    for pair in run.into_inner() {
        match pair.as_rule() {
            Rule::plain => out.push_str(pair.as_str()),
            Rule::escape => out.push_str(&pair.as_str()[1..]),
            rule => return Err(slip(rule, span(&pair, start), pair.as_str())),
        }
    }
    Ok(out)
}

fn slip(rule: Rule, span: Range<usize>, said: &str) -> PatternSlip {
    match rule {
        Rule::slip_bar => PatternSlip::new(
            span,
            "`|` stands outside parentheses",
            "put the alternates in parentheses, as in `(yes|no)`, or write `\\|` for the letter itself",
        ),
        Rule::slip_close => PatternSlip::new(
            span,
            "this `)` closes nothing",
            "write `(` where the alternates begin, or `\\)` for the letter itself",
        ),
        Rule::slip_open => PatternSlip::new(
            span,
            "this `(` is never closed",
            "write `)` where the alternates end, or `\\(` for the letter itself",
        ),
        Rule::slip_brace => PatternSlip::new(
            span,
            "this `}` closes nothing",
            "write `{` and a name before it, or `\\}` for the letter itself",
        ),
        Rule::slip_capture if said.ends_with('}') => PatternSlip::new(
            span,
            if said.len() == 2 {
                "`{}` has no name".into()
            } else {
                format!("`{said}` is not a name in braces")
            },
            "write a name of letters, digits and `_` only, as in `{order_no}`, or `\\{` for the letter itself",
        ),
        Rule::slip_capture => PatternSlip::new(
            span.start..span.start + 1,
            "this `{` is not followed by a name and `}`",
            "write `{name}` to keep what is said there, or `\\{` for the letter itself",
        ),
        Rule::slip_escape if said.len() == 1 => PatternSlip::new(
            span,
            "`\\` stands at the end of the pattern",
            "write `\\\\` for the letter itself",
        ),
        _ => PatternSlip::new(
            span,
            format!("`{said}` means nothing in a pattern"),
            "`\\` makes a letter of `* ( ) | { } \\` only: write `\\\\` for the letter itself",
        ),
    }
}

/// Every name once a pattern: else it would be open which of the two is kept.
fn doubles<'a>(items: &'a [Item], names: &mut Vec<&'a str>) -> Result<(), PatternSlip> {
    for item in items {
        match item {
            Item::Capture { name, span } => {
                if names.contains(&name.as_str()) {
                    return Err(PatternSlip::new(
                        span.clone(),
                        format!("`{{{name}}}` stands twice in this pattern"),
                        "give the second one another name, or write two patterns",
                    ));
                }
                names.push(name);
            }
            Item::Group { alternates, .. } => {
                for way in alternates {
                    doubles(&way.items, names)?;
                }
            }
            Item::Literal { .. } | Item::Star { .. } => {}
        }
    }
    Ok(())
}

/// No way through the pattern may lead from one capture to the next without a letter between them: nobody could
/// say where the first one ends. Gives back the name of a capture that is still waiting for a letter.
fn side_by_side<'a>(items: &'a [Item], mut waiting: Option<&'a str>) -> Result<Option<&'a str>, PatternSlip> {
    for item in items {
        match item {
            Item::Literal { .. } => waiting = None,
            Item::Star { .. } => {}
            Item::Capture { name, span } => {
                if let Some(other) = waiting {
                    return Err(PatternSlip::new(
                        span.clone(),
                        format!("`{{{other}}}` and `{{{name}}}` stand side by side"),
                        format!("write letters between them, as in `{{{other}}} and {{{name}}}`"),
                    ));
                }
                waiting = Some(name);
            }
            Item::Group { alternates, .. } => {
                let mut after = None;
                for way in alternates {
                    after = side_by_side(&way.items, waiting)?.or(after);
                }
                waiting = after;
            }
        }
    }
    Ok(waiting)
}
