//! All tests as one page that needs nothing else: what failed in two columns, what passed as the conversation it was.

use crate::diagnostics::english::count;
use crate::rehearsal::escaped;

use super::{Came, Line, Report, Told, Transcript, Turn, milliseconds};
use crate::cli::columns::words;

/// The page.
pub(super) fn text(report: &Report<'_>) -> String {
    let tally = report.tally;
    let verdict = match tally.failed + tally.left + tally.broken {
        0 => "All is as expected".to_string(),
        _ if tally.failed > 0 => format!("{} failed", count(tally.failed, "test")),
        _ => "Not all was played".to_string(),
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{verdict}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{verdict}</h1>\n"
    );
    filter(&mut page, report);
    for transcript in &report.transcripts {
        section(&mut page, transcript);
    }
    page.push_str(&format!("<p id=\"none\" hidden>No test is like that.</p>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    page
}

/// How many came to what, each a button that shows or hides them; and words to look for.
fn filter(page: &mut String, report: &Report<'_>) {
    let tally = report.tally;
    let outcomes = [
        ("failed", tally.failed),
        ("passed", tally.passed),
        ("skipped", tally.skipped),
        ("unchanged", tally.unchanged),
        ("left", tally.left),
        ("broken", tally.broken),
    ];
    page.push_str("<div class=\"filter\">\n<div class=\"outcomes\" role=\"group\" aria-label=\"Show these outcomes\">\n");
    for (name, number) in outcomes.into_iter().filter(|(name, number)| *number > 0 || *name == "passed") {
        let word = word(name);
        page.push_str(&format!(
            "<button type=\"button\" class=\"{name}\" data-outcome=\"{name}\" aria-pressed=\"true\"><b>{number}</b> {word}</button>\n"
        ));
    }
    page.push_str(&format!(
        "</div>\n<label>Find <input type=\"search\" id=\"find\" placeholder=\"a name, tag, file or word\" autocomplete=\"off\"></label>\n\
         </div>\n<p class=\"how\"><span id=\"shown\" role=\"status\"></span>{} ms, seed {}</p>\n",
        milliseconds(report.took),
        report.seed
    ));
}

/// How an outcome is called.
fn word(outcome: &str) -> &str {
    match outcome {
        "left" => "not played",
        outcome => outcome,
    }
}

fn section(page: &mut String, transcript: &Transcript<'_>) {
    page.push_str(&format!("<section>\n<h2>{}</h2>\n", escaped(transcript.path)));
    if let Some(wrong) = &transcript.wrong {
        page.push_str(&format!(
            "<details class=\"test broken\" data-outcome=\"broken\" open>\n<summary><span class=\"badge\">broken</span> \
             <span class=\"name\">{}</span> <small>line {}</small></summary>\n<pre tabindex=\"0\">{}</pre>\n</details>\n",
            escaped(&wrong.message),
            wrong.line,
            escaped(&wrong.whole)
        ));
    }
    for told in &transcript.tests {
        test(page, told);
    }
    page.push_str("</section>\n");
}

fn test(page: &mut String, told: &Told<'_>) {
    let (outcome, reason) = match told.came {
        Came::Passed(_) => ("passed", ""),
        Came::Failed(_) => ("failed", ""),
        Came::Skipped(reason) | Came::PassedOver(reason) => ("skipped", reason),
        Came::Unchanged => ("unchanged", "nothing has touched it since it passed"),
        Came::Left => ("left", "the time was over"),
    };
    let row = told.row();
    let row = if row.is_empty() { row } else { format!(" <span class=\"row\">{}</span>", escaped(&row)) };
    let tags: String =
        told.tags().map(|tag| format!(" <span class=\"tag\">@{}</span>", escaped(tag))).collect();
    let played = matches!(told.came, Came::Passed(_) | Came::Failed(_));
    let took = if played { format!(", {} ms", milliseconds(told.took)) } else { String::new() };
    let head = format!(
        "<span class=\"badge\">{}</span> <span class=\"name\">{}</span>{row}{tags} <small>line {}{took}</small>",
        word(outcome),
        escaped(told.name()),
        told.line()
    );
    let turns = told.turns();
    if turns.is_empty() {
        let reason = if reason.is_empty() { String::new() } else { format!("<p>{}</p>", escaped(reason)) };
        page.push_str(&format!(
            "<div class=\"test {outcome}\" data-outcome=\"{outcome}\">{head}{reason}</div>\n"
        ));
        return;
    }
    let open = if outcome == "failed" { " open" } else { "" };
    page.push_str(&format!(
        "<details class=\"test {outcome}\" data-outcome=\"{outcome}\"{open}>\n<summary>{head}</summary>\n<div class=\"talk\">\n"
    ));
    for turn in &turns {
        match turn.good {
            true => good(page, turn),
            false => bad(page, turn),
        }
    }
    page.push_str("</div>\n</details>\n");
}

/// What went as expected, as a conversation.
fn good(page: &mut String, turn: &Turn) {
    bubble(page, &turn.happened);
    for said in turn.lines.iter().filter_map(|line| line.said.as_deref()) {
        bubble(page, said);
    }
}

/// What did not, in two columns.
fn bad(page: &mut String, turn: &Turn) {
    bubble(page, &turn.happened);
    page.push_str("<div class=\"bad\">\n");
    if let Some((why, paste)) = &turn.stopped {
        page.push_str(&format!("<p class=\"why\">{}</p>\n", escaped(why)));
        if let Some(paste) = paste {
            page.push_str(&format!(
                "<p>Paste this above the tests, with an answer of yours:</p>\n<pre tabindex=\"0\">{}</pre>\n",
                escaped(paste)
            ));
        }
    }
    if turn.lines.iter().any(|line| !line.good) {
        page.push_str("<table>\n<thead><tr><th scope=\"col\">expected</th><th scope=\"col\">the bot</th></tr></thead>\n<tbody>\n");
        for line in turn.lines.iter().filter(|line| line.expected.is_some() || line.said.is_some()) {
            row(page, line);
        }
        page.push_str("</tbody>\n</table>\n");
    }
    for (claim, why) in &turn.broken {
        page.push_str(&format!("<p class=\"why\"><code>{}</code>: {}</p>\n", escaped(claim), escaped(why)));
    }
    if !turn.why.is_empty() || !turn.changes.is_empty() {
        page.push_str("<dl>\n");
        for (word, text) in &turn.why {
            page.push_str(&format!("<dt>{word}</dt><dd>{}</dd>\n", escaped(text)));
        }
        for (name, before, after) in &turn.changes {
            let change = format!("{name}: {before} → {after}");
            page.push_str(&format!("<dt>changed</dt><dd>{}</dd>\n", escaped(&change)));
        }
        page.push_str("</dl>\n");
    }
    page.push_str("</div>\n");
}

/// A line of both columns, with the words marked that only one of them has.
fn row(page: &mut String, line: &Line) {
    let (expected, said) = match (&line.expected, &line.said) {
        (Some(expected), Some(said)) if !line.good => {
            let (expected, said) = words(expected, said);
            (marked(&expected), marked(&said))
        }
        (expected, said) => {
            let whole = |text: &Option<String>| match text {
                Some(text) if !line.good => marked(&[(true, text.clone())]),
                text => escaped(text.as_deref().unwrap_or_default()),
            };
            (whole(expected), whole(said))
        }
    };
    let nothing = "<i>nothing</i>";
    let expected = if expected.is_empty() { nothing.to_string() } else { expected };
    let said = if said.is_empty() { nothing.to_string() } else { said };
    let class = if line.good { "" } else { " class=\"differs\"" };
    page.push_str(&format!(
        "<tr{class}><td data-column=\"expected\">{expected}</td><td data-column=\"the bot\">{said}</td></tr>\n"
    ));
}

fn marked(words: &[(bool, String)]) -> String {
    let mut out = String::new();
    for (differs, word) in words {
        match differs {
            true => out.push_str(&format!("<mark>{}</mark>", escaped(word))),
            false => out.push_str(&escaped(word)),
        }
    }
    out
}

/// A line of a transcript as something that was said, on the side of the one who said it.
fn bubble(page: &mut String, line: &str) {
    let (label, text) = line.split_once(':').unwrap_or((line, ""));
    let class = match label {
        "user" | "bot" | "agent" if !text.trim_start().starts_with("[accept]") => label,
        _ => "event",
    };
    let (text, choices) = match text.rsplit_once("\nchoices: ") {
        Some((text, choices)) if class == "bot" => (text, Some(choices)),
        _ => (text, None),
    };
    let shown = if class == "event" { escaped(line) } else { escaped(text.trim()) };
    let speaker =
        if class == "event" { String::new() } else { format!("<span class=\"speaker\">{label}</span>") };
    let choices: String = choices
        .into_iter()
        .flat_map(|choices| choices.split(" | "))
        .map(|choice| format!("<span class=\"choice\">{}</span>", escaped(choice)))
        .collect();
    let choices =
        if choices.is_empty() { choices } else { format!("<span class=\"choices\">{choices}</span>") };
    page.push_str(&format!("<p class=\"{class}\">{speaker}{shown}{choices}</p>\n"));
}

const SCRIPT: &str = "
const find = document.querySelector('#find');
const buttons = [...document.querySelectorAll('button[data-outcome]')];
const tests = [...document.querySelectorAll('.test')].map(test =>
  ({ test, text: (test.closest('section').querySelector('h2').textContent + ' ' + test.textContent).toLowerCase() }));
function show() {
  const words = find.value.toLowerCase().split(/\\s+/);
  const wanted = new Set(buttons.filter(one => one.ariaPressed === 'true').map(one => one.dataset.outcome));
  let shown = 0;
  for (const { test, text } of tests) {
    const good = wanted.has(test.dataset.outcome) && words.every(word => text.includes(word));
    test.hidden = !good;
    shown += good;
  }
  for (const section of document.querySelectorAll('section'))
    section.hidden = !section.querySelector('.test:not([hidden])');
  document.querySelector('#none').hidden = shown > 0;
  document.querySelector('#shown').textContent = shown === tests.length ? '' : shown + ' of ' + tests.length + ' shown, ';
}
find.addEventListener('input', show);
for (const button of buttons)
  button.addEventListener('click', () => {
    button.ariaPressed = button.ariaPressed === 'true' ? 'false' : 'true';
    show();
  });
show();
";

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2127; --dim: #5c6572; --page: #fff; --soft: #f3f5f8; --rim: #d9dde3; --good: #14682f; --good-soft: #dff3e4; --bad: #a2201a; --bad-soft: #fde3e1; --some: #7d5400; --some-soft: #fdf0cf; --link: #0b57b8; --user: #dbe9ff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --dim: #99a2ae; --page: #16191d; --soft: #1f242a; --rim: #333a43; --good: #7ddc9b; --good-soft: #12341f; --bad: #ff9d96; --bad-soft: #45191a; --some: #f0c667; --some-soft: #3d2f0c; --link: #82b4ff; --user: #1b3458; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 1rem; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
small, .how { color: var(--dim); font-weight: normal; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.filter { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; position: sticky; top: 0; z-index: 1; background: var(--page); padding: .5rem 0; border-bottom: 1px solid var(--rim); }
.outcomes { display: flex; flex-wrap: wrap; gap: .5rem; }
.filter label { flex: 1 1 16rem; display: flex; gap: .5rem; align-items: center; }
.filter input { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--dim); border-radius: .5rem; padding: .35rem .6rem; }
button { font: inherit; color: var(--ink); background: var(--soft); border: 1px solid var(--dim); border-radius: 2rem; padding: .35rem .8rem; cursor: pointer; }
button.failed, button.left, button.broken { color: var(--bad); background: var(--bad-soft); border-color: var(--bad); }
button.passed { color: var(--good); background: var(--good-soft); border-color: var(--good); }
button.skipped { color: var(--some); background: var(--some-soft); border-color: var(--some); }
button[aria-pressed=false] { color: var(--dim); background: none; border: 1px dashed var(--dim); text-decoration: line-through; }
.how { margin: .5rem 0; font-size: .9rem; }
.test { border: 1px solid var(--rim); border-left: .3rem solid var(--dim); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem; overflow-wrap: anywhere; }
.test p { margin: .25rem 0; }
.test.passed { border-left-color: var(--good); }
.test.failed, .test.left, .test.broken { border-left-color: var(--bad); }
.test.skipped { border-left-color: var(--some); }
summary { cursor: pointer; }
.name { font-weight: 600; }
.row, .tag { font-size: .85rem; background: var(--soft); border: 1px solid var(--rim); border-radius: .3rem; padding: 0 .35rem; }
.tag { color: var(--dim); }
.badge { font-size: .85rem; color: var(--dim); }
.passed .badge { color: var(--good); } .failed .badge, .left .badge, .broken .badge { color: var(--bad); } .skipped .badge { color: var(--some); }
.talk { display: flex; flex-direction: column; gap: .4rem; margin-top: .75rem; }
.talk > p { margin: 0; padding: .4rem .75rem; border-radius: .9rem; max-width: min(85%, 36rem); white-space: pre-line; }
.bot, .agent { align-self: flex-start; background: var(--soft); }
.agent { border: 1px solid var(--rim); }
.user { align-self: flex-end; background: var(--user); }
.talk > .event { align-self: center; color: var(--dim); font-size: .85rem; padding: .1rem; }
.speaker { display: block; font-size: .75rem; color: var(--dim); line-height: 1.2; }
.choices { display: block; }
.choice { display: inline-block; border: 1px solid var(--dim); border-radius: 1rem; padding: 0 .6rem; margin: .3rem .3rem 0 0; font-size: .9rem; }
.bad { border: 1px solid var(--bad); border-radius: .5rem; padding: .5rem .75rem; }
.why { color: var(--bad); }
code, pre { font: .875rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { overflow-x: auto; background: var(--soft); padding: .5rem; border-radius: .3rem; margin: .25rem 0; white-space: pre; overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { text-align: left; font-weight: normal; font-size: .85rem; color: var(--dim); }
th, td { padding: .25rem .5rem; vertical-align: top; border-top: 1px solid var(--rim); white-space: pre-line; }
thead th { border-top: 0; }
td + td, th + th { border-left: 1px solid var(--rim); }
tr:not(.differs) td { color: var(--dim); }
mark { color: inherit; border-radius: .2rem; text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 3px; }
td:first-child mark { background: var(--good-soft); color: var(--good); }
td:last-child mark { background: var(--bad-soft); color: var(--bad); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: .5rem 0 0; font-size: .9rem; color: var(--dim); }
dt { font-weight: 600; } dd { margin: 0; min-width: 0; }
@media (max-width: 40rem) {
  .filter { position: static; }
  thead { position: absolute; clip-path: inset(50%); }
  tr { display: block; border-top: 1px solid var(--rim); padding: .25rem 0; }
  td { display: block; border: 0; padding: .1rem 0; }
  td + td { border: 0; }
  td::before { content: attr(data-column); display: block; font-size: .75rem; color: var(--dim); }
}
";
