//! Coverage as one page without anything around it: shares, what is left, every file with counts beside its lines, and
//! which test passes through what.

use std::collections::BTreeMap;

use crate::diagnostics::render::visible::visible;
use crate::diagnostics::{Source, Sources, english};
use crate::rehearsal::parts::{Kind, Part, PartId};

use super::{Coverage, Passed, Share};

/// The parts of each line of a file.
type Lines<'c> = BTreeMap<u32, Vec<(PartId, &'c Part)>>;

impl Coverage {
    /// The page: `sources` are the files the bot was made of, `tests` what each test passes through.
    pub fn html(&self, sources: &Sources, tests: &[Passed]) -> String {
        let name = escaped(self.parts.program().name());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Coverage of {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>Coverage of {name}</h1>\n"
        );
        self.summary(&mut page);
        self.left(sources, &mut page);
        page.push_str("<h2>Files</h2>\n");
        for (number, source) in sources.iter() {
            if source.path.ends_with(".dialog") {
                self.file(number.0, source, &mut page);
            }
        }
        self.tests(sources, tests, &mut page);
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    fn summary(&self, page: &mut String) {
        page.push_str("<table class=\"shares\">\n<thead><tr><th scope=\"col\">Parts</th><th scope=\"col\">Covered</th><th scope=\"col\">All</th><th scope=\"col\">Share</th><td class=\"bar none\"></td></tr></thead>\n<tbody>\n");
        let rows = Kind::ALL.iter().map(|kind| (kind.plural(), self.of_kind(*kind)));
        for (name, share) in rows.chain([("together", self.total())]).filter(|(_, share)| share.all > 0) {
            let Share { covered, all } = share;
            let percent = share.percent();
            page.push_str(&format!(
                "<tr><th scope=\"row\">{name}</th><td>{covered}</td><td>{all}</td><td>{percent:.1} %</td><td class=\"bar\"><span style=\"width:{percent}%\"></span></td></tr>\n"
            ));
        }
        page.push_str("</tbody>\n</table>\n");
    }

    /// What is not covered, and what never can be.
    fn left(&self, sources: &Sources, page: &mut String) {
        let left: Vec<&Part> = self.uncovered().map(|(_, part)| part).collect();
        match left.len() {
            0 => page.push_str("<p class=\"all\">Nothing is left: every part is covered.</p>\n"),
            number => page.push_str(&format!(
                "<details open>\n<summary>{} not covered</summary>\n{}</details>\n",
                english::count(number, "part"),
                list(&left, sources)
            )),
        }
        let never: Vec<&Part> =
            self.parts.iter().map(|(_, part)| part).filter(|part| part.never.is_some()).collect();
        if !never.is_empty() {
            page.push_str(&format!(
                "<details>\n<summary>{} never covered, and not counted</summary>\n{}</details>\n",
                english::count(never.len(), "part"),
                list(&never, sources)
            ));
        }
    }

    fn file(&self, number: u32, source: &Source, page: &mut String) {
        let mut lines: Lines<'_> = BTreeMap::new();
        for (id, part) in self.parts.iter().filter(|(_, part)| *part.path == *source.path) {
            lines.entry(part.line).or_default().push((id, part));
        }
        let share = self.share(|part| *part.path == *source.path);
        page.push_str(&format!(
            "<section>\n<h3 id=\"f{number}\">{} <small>{} of {}</small></h3>\n<div class=\"source\">\n",
            escaped(&source.path),
            share.covered,
            share.all
        ));
        for (at, text) in (1u32..).zip(source.text.lines()) {
            let (class, gutter, tip) = self.gutter(lines.get(&at).map_or(&[], Vec::as_slice));
            page.push_str(&format!(
                "<div id=\"f{number}-{at}\" class=\"line{class}\"{tip}><span class=\"count\">{gutter}</span><span class=\"number\">{at}</span><code>{}</code></div>\n",
                escaped(text)
            ));
        }
        page.push_str("</div>\n</section>\n");
    }

    /// What stands beside a line: its class, how often it was passed through, and what of it was not.
    fn gutter(&self, parts: &[(PartId, &Part)]) -> (&'static str, String, String) {
        let parts: Vec<_> = parts.iter().filter(|(_, part)| part.never.is_none()).collect();
        let covered = parts.iter().filter(|(id, _)| self.count(*id) > 0).count();
        let most = parts.iter().map(|(id, _)| self.count(*id)).max().unwrap_or(0);
        let left = parts.iter().filter(|(id, _)| self.count(*id) == 0);
        let left: Vec<&str> = left.map(|(_, part)| part.address.as_str()).collect();
        let tip = match left.is_empty() {
            true => String::new(),
            false => format!(" title=\"{}\"", escaped(&format!("not covered:\n{}", left.join("\n")))),
        };
        match (covered, parts.len()) {
            (_, 0) => ("", String::new(), String::new()),
            (0, _) => (" miss", "0".to_string(), tip),
            (covered, all) if covered == all => (" hit", most.to_string(), tip),
            (covered, all) => (" some", format!("{most} <small>{covered}/{all}</small>"), tip),
        }
    }

    fn tests(&self, sources: &Sources, tests: &[Passed], page: &mut String) {
        if tests.is_empty() {
            return;
        }
        page.push_str("<h2>Tests</h2>\n");
        for test in tests {
            let parts: Vec<&Part> = test.parts.iter().filter_map(|id| self.parts.get(*id)).collect();
            page.push_str(&format!(
                "<details>\n<summary>{} <small>{}</small></summary>\n{}</details>\n",
                escaped(&test.name),
                english::count(parts.len(), "part"),
                list(&parts, sources)
            ));
        }
    }
}

/// Parts with links to their lines.
fn list(parts: &[&Part], sources: &Sources) -> String {
    let mut text = String::from("<ul>\n");
    for part in parts {
        let file = sources.iter().find(|(_, source)| source.path == *part.path).map(|(number, _)| number.0);
        let place = escaped(&part.place());
        let place = match file {
            Some(file) => format!("<a href=\"#f{file}-{}\">{place}</a>", part.line),
            None => place,
        };
        let why = part.never.map(|why| format!(" <small>{why}</small>")).unwrap_or_default();
        text.push_str(&format!("<li>{place} <code>{}</code>{why}</li>\n", escaped(&part.address)));
    }
    text.push_str("</ul>\n");
    text
}

/// A text as HTML: neither markup, nor what steers a terminal or the direction of writing.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for letter in visible(line).chars() {
            match letter {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                letter => out.push(letter),
            }
        }
    }
    out
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2127; --dim: #626b78; --page: #fff; --rim: #d9dde3; --hit: #dff3e4; --hit-ink: #14682f; --miss: #fde3e1; --miss-ink: #a2201a; --some: #fdf0cf; --some-ink: #7d5400; --link: #0b57b8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --dim: #99a2ae; --page: #16191d; --rim: #333a43; --hit: #12341f; --hit-ink: #7ddc9b; --miss: #45191a; --miss-ink: #ff9d96; --some: #3d2f0c; --some-ink: #f0c667; --link: #82b4ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; overflow-wrap: anywhere; }
small { color: var(--dim); font-weight: normal; }
a { color: var(--link); }
code { font: .875rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
.shares { border-collapse: collapse; width: 100%; max-width: 40rem; }
.shares th, .shares td { padding: .25rem .5rem; border-bottom: 1px solid var(--rim); text-align: right; }
.shares th:first-child { text-align: left; padding-left: 0; }
.shares tbody th { font-weight: normal; }
.shares tbody tr:last-child > * { font-weight: bold; }
.shares .bar { width: 35%; padding-right: 0; } .shares .none { background: none; }
.bar span { display: block; height: .6rem; border-radius: .3rem; background: var(--hit-ink); min-width: 1px; }
.bar { background: linear-gradient(var(--rim), var(--rim)) no-repeat .5rem center / calc(100% - .5rem) 1px; }
details { margin: 1rem 0; border: 1px solid var(--rim); border-radius: .5rem; padding: .5rem .75rem; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
ul { list-style: none; margin: .5rem 0 0; padding: 0; max-height: 24rem; overflow: auto; }
li { padding: .15rem 0; overflow-wrap: anywhere; }
.source { border: 1px solid var(--rim); border-radius: .5rem; overflow-x: auto; padding: .25rem 0; }
.line { display: flex; min-width: max-content; scroll-margin-top: 3rem; }
.line:target { outline: 2px solid var(--link); outline-offset: -2px; }
.line code { white-space: pre; padding: 0 .75rem; }
.count, .number { flex: none; text-align: right; font: .8rem/1.65 ui-monospace, Menlo, Consolas, monospace; user-select: none; color: var(--dim); }
.count { width: 4.75rem; padding: 0 .4rem; }
.number { width: 3rem; padding-right: .4rem; border-right: 1px solid var(--rim); }
.count small { color: inherit; }
.hit .count { background: var(--hit); color: var(--hit-ink); }
.miss .count, .miss code { background: var(--miss); }
.miss .count { color: var(--miss-ink); font-weight: bold; }
.miss code { flex: 1; }
.some .count { background: var(--some); color: var(--some-ink); }
@media (max-width: 40rem) {
  .count { width: 3.75rem; padding: 0 .3rem; } .number { width: 2.2rem; }
  .shares .bar { display: none; }
}
";
