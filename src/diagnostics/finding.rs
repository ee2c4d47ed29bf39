//! A finding: one thing that is wrong, or looks wrong, in a bot.

use super::{Edit, FileId, Fix, Slug, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The bot cannot be used like this.
    Error,
    /// The bot can be used, but hardly as its author meant it.
    Warning,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A stretch of a file, with a few words on why it is pointed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The stretch.
    pub span: Span,
    /// Why it is pointed at; may be empty.
    pub label: String,
}

/// One thing that is wrong. Prose rules: lower case, no full stop at the end, the author's words in
/// `backticks`; the message says what is wrong, the help says what to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which mistake it is.
    pub slug: Slug,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Other places that explain it.
    pub related: Vec<Place>,
    /// What to type instead.
    pub help: Option<String>,
    /// An edit that mends it, where one is safe.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding with its place; the rest is added with the methods below.
    pub fn new(slug: Slug, file: FileId, span: Span, message: impl Into<String>) -> Finding {
        let place = Place { file, span, label: String::new() };
        Finding { slug, message: message.into(), place, related: Vec::new(), help: None, fix: None }
    }

    /// Error or warning: the slug decides.
    pub fn severity(&self) -> Severity {
        self.slug.severity()
    }

    /// A few words under the carets.
    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.place.label = label.into();
        self
    }

    /// Another place that explains it.
    pub fn related(mut self, file: FileId, span: Span, label: impl Into<String>) -> Finding {
        self.related.push(Place { file, span, label: label.into() });
        self
    }

    /// What to type instead.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// What to type instead, if there is something to say.
    pub fn maybe_help(mut self, help: Option<String>) -> Finding {
        self.help = help.or(self.help);
        self
    }

    /// An edit of the file the finding is in, that mends it.
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<(Span, String)>) -> Finding {
        let file = self.place.file;
        let edits = edits.into_iter().map(|(span, text)| Edit { file, span, text }).collect();
        self.fix = Some(Fix { title: title.into(), edits });
        self
    }
}
