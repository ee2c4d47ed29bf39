//! A finding for people: the line, carets under the mistake, what to type instead, and where to read on.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::lines::Lines;
use super::view::{View, views};
use super::visible::{brief, visible};
use super::{Severity, Style};
use crate::diagnostics::Finding;

/// Wider than any line that is shown: long lines are cut in `view`, around the place.
const WIDTH: usize = 2000;

/// Stands around the number of a view while annotate-snippets lays it out; no text that is shown contains it.
const MARK: char = '\u{1}';

/// All findings, each with an empty line below.
pub(super) fn render(lines: &Lines<'_>, findings: &[Finding], style: &Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let mut text = String::new();
    for finding in findings {
        text.push_str(&snippet(&renderer, lines, finding));
        let next = next(finding, style);
        text.push_str(&if style.color {
            format!("\n\u{1b}[2m{next}\u{1b}[0m\n\n")
        } else {
            format!("\n{next}\n\n")
        });
    }
    text
}

/// The title, the places, and the help.
fn snippet(renderer: &Renderer, lines: &Lines<'_>, finding: &Finding) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let views = views(lines, finding);
    let title = level.primary_title(brief(&finding.message)).id(finding.slug.as_str());
    let mut group = Group::with_title(title);
    for (number, view) in views.iter().enumerate() {
        let path = format!("{MARK}{number}{MARK}");
        group = match view.is_blank() {
            true => group.element(Origin::path(path)),
            false => group.element(annotated(view).path(path)),
        };
    }
    let mut report = vec![group];
    if let Some(help) = &finding.help {
        report.push(Group::with_title(Level::HELP.secondary_title(brief(help))));
    }
    with_places(&renderer.render(&report), lines, &views)
}

fn annotated<'a>(view: &View<'a>) -> Snippet<'a, Annotation<'a>> {
    let excerpt = view.excerpt();
    let marks = view.marks.iter().zip(excerpt.marks).map(|(mark, range)| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(range).label(Some(brief(&mark.place.label)).filter(|label| !label.is_empty()))
    });
    Snippet::source(excerpt.text).line_start(excerpt.first_line).annotations(marks)
}

/// Puts path, line and column where each view has its number. annotate-snippets counts the letters it was
/// shown, but where a control character is spelled out, or a long line cut, those are not the file's.
fn with_places(layout: &str, lines: &Lines<'_>, views: &[View<'_>]) -> String {
    let mut pieces = layout.split(MARK);
    let mut text = pieces.next().unwrap_or_default().to_string();
    while let (Some(number), Some(rest)) = (pieces.next(), pieces.next()) {
        if let Some(view) = number.parse().ok().and_then(|number: usize| views.get(number)) {
            let (line, column) = view.position();
            text.push_str(&format!("{}:{line}:{column}", visible(lines.path(view.id))));
        }
        text.push_str(rest.trim_start_matches(|letter: char| letter == ':' || letter.is_ascii_digit()));
    }
    text
}

/// The last line: what mends it, and where it is explained.
fn next(finding: &Finding, style: &Style) -> String {
    let more = format!("more: parlor explain {}", finding.slug);
    match &finding.fix {
        Some(fix) => {
            let bot = if style.bot.is_empty() { "." } else { &style.bot };
            format!("fix: parlor check {} --fix ({})    {more}", visible(bot), brief(&fix.title))
        }
        None => more,
    }
}
