//! What failed as annotations of a GitHub workflow: they appear beside the line in the pull request.

use crate::diagnostics::render::visible::visible;

use super::{Came, Report};

/// A workflow command for each test that failed and each transcript that cannot be played.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut out = String::new();
    for transcript in &report.transcripts {
        if let Some(wrong) = &transcript.wrong {
            out.push_str(&command(transcript.path, wrong.line, "transcript cannot be played", &wrong.message));
        }
        for told in &transcript.tests {
            if let Some(difference) = told.difference() {
                let title = format!("failed: {}", told.name_and_row());
                out.push_str(&command(difference.path, difference.line, &title, &difference.message));
            } else if matches!(told.came, Came::Left) {
                let title = format!("not played: {}", told.name_and_row());
                out.push_str(&command(told.path(), told.line(), &title, "the time was over"));
            }
        }
    }
    out
}

fn command(path: &str, line: usize, title: &str, message: &str) -> String {
    let (path, title) = (property(&visible(path)), property(&visible(title)));
    format!("::error file={path},line={line},title={title}::{}\n", data(&visible(message)))
}

/// Text behind the `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, where a comma or colon would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_is_escaped() {
        assert_eq!(
            command("a,b.transcript", 3, "failed: 100 %", "50 %: a, b"),
            "::error file=a%2Cb.transcript,line=3,title=failed%3A 100 %25::50 %25: a, b\n"
        );
    }
}
