//! All tests as JUnit XML, as CI systems read it: a suite a transcript, a case a test and row.

use std::time::Duration;

use super::{Came, Report, Told, Transcript};

/// The document.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tally = &report.tally;
    out.push_str(&format!(
        "<testsuites name=\"parlor\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
        tally.tests() + tally.broken,
        tally.failed,
        tally.broken + tally.left,
        tally.skipped + tally.unchanged,
        seconds(report.took),
    ));
    for transcript in &report.transcripts {
        suite(&mut out, transcript);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, transcript: &Transcript<'_>) {
    let many =
        |which: fn(&Came<'_>) -> bool| transcript.tests.iter().filter(|told| which(&told.came)).count();
    let broken = usize::from(transcript.wrong.is_some());
    out.push_str(&format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
        escaped(transcript.path),
        transcript.tests.len() + broken,
        many(|came| matches!(came, Came::Failed(_))),
        many(|came| matches!(came, Came::Left)) + broken,
        many(|came| matches!(came, Came::Skipped(_) | Came::PassedOver(_) | Came::Unchanged)),
        seconds(transcript.tests.iter().map(|told| told.took).sum()),
    ));
    if let Some(wrong) = &transcript.wrong {
        out.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{path}\" file=\"{path}\" line=\"{}\" time=\"0\">\n      \
             <error type=\"transcript\" message=\"{}\">{}</error>\n    </testcase>\n",
            escaped(&class(transcript.path)),
            wrong.line,
            escaped(&wrong.message),
            escaped_text(&wrong.whole),
            path = escaped(transcript.path),
        ));
    }
    for told in &transcript.tests {
        case(out, told);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, told: &Told<'_>) {
    out.push_str(&format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
        escaped(&class(told.path())),
        escaped(&told.name_and_row()),
        escaped(told.path()),
        told.line(),
        seconds(told.took),
    ));
    let inside = match told.came {
        Came::Passed(_) => {
            out.push_str("/>\n");
            return;
        }
        Came::Failed(_) => {
            let message = told.difference().map(|difference| difference.message).unwrap_or_default();
            let paper = escaped_text(&told.paper());
            format!("<failure type=\"difference\" message=\"{}\">\n{paper}</failure>", escaped(&message))
        }
        Came::Skipped(reason) | Came::PassedOver(reason) => {
            format!("<skipped message=\"{}\"/>", escaped(reason))
        }
        Came::Unchanged => "<skipped message=\"unchanged since it passed\"/>".to_string(),
        Came::Left => "<error type=\"time\" message=\"not played: the time was over\"/>".to_string(),
    };
    out.push_str(&format!(">\n      {inside}\n    </testcase>\n"));
}

/// A transcript as CI systems group by: folders with dots between them.
fn class(path: &str) -> String {
    let path = path.strip_suffix(".transcript").unwrap_or(path);
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .collect::<Vec<_>>()
        .join(".")
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// The value of an attribute.
fn escaped(text: &str) -> String {
    escaped_text(text).replace('"', "&quot;").replace('\t', "&#9;").replace('\n', "&#10;")
}

/// Text between tags. What XML 1.0 forbids, escaped or not, is spelled out.
fn escaped_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => out.extend(letter.escape_unicode()),
            _ if letter.is_control() => out.extend(letter.escape_unicode()),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_spelled_out() {
        assert_eq!(
            escaped("a<b>\"&\n\u{1b}\u{0}\u{ffff}ü"),
            "a&lt;b&gt;&quot;&amp;&#10;\\u{1b}\\u{0}\\u{ffff}ü"
        );
        assert_eq!(class("./bots/acme/hand off.transcript"), "bots.acme.hand off");
    }
}
