//! A transcript as text without places: two files say the same when their outlines are equal.

use crate::diagnostics::FileId;
use crate::language;
use crate::language::outline::without_places;
use crate::language::syntax::Value;
use crate::language::transcript::syntax::*;

/// The outline of a file.
pub fn outline(transcript: &Transcript) -> String {
    let mut tree = transcript.clone();
    for header in &mut tree.header {
        match &mut header.setting {
            Setting::OwnBot(own) => {
                own.lines.clear();
                own.text = bot(&own.text);
            }
            Setting::Given(given) => flat(&mut given.value),
            Setting::Stub(stub) => body(&mut stub.returns),
            _ => {}
        }
    }
    for line in tree.scenes.iter_mut().flat_map(|scene| &mut scene.lines) {
        line.indent = 0;
        match &mut line.does {
            Does::Stub(stub) => body(&mut stub.returns),
            Does::Answer(returns) => body(returns),
            Does::Card(value) | Does::Happens(_, Some(value)) => flat(value),
            _ => {}
        }
    }
    without_places(&format!("{tree:#?}"))
}

/// The outline of a bot, if it can be read; its layout is its own matter.
fn bot(text: &str) -> String {
    let (tree, findings) = language::parse(text, FileId(0));
    if findings.is_empty() { language::outline(&tree) } else { text.to_string() }
}

fn body(returns: &mut Returns) {
    if let Returns::Status(_, Some(value)) | Returns::Success(Some(value)) = returns {
        flat(value);
    }
}

/// What the lines of JSON are set in by is layout.
fn flat(value: &mut Value) {
    value.text = value.text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
}
