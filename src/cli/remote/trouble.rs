//! What can go wrong with a server: it is away, it refuses, or it is none of ours.

use serde_json::Value as Json;

use crate::cli::exit::{Exit, Failure};
use crate::diagnostics::render::visible::brief;

/// What went wrong.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli) enum Trouble {
    /// It cannot be reached at the moment; whether it did what was asked, nobody knows.
    Away(String),
    /// It has read what was asked, and says no.
    Refused(Box<Problem>),
    /// It is no server of Parlor, or not the one that was meant.
    Nonsense(String),
}

/// Why a server says no: see RFC 9457.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli) struct Problem {
    pub(in crate::cli) status: u64,
    /// Stable, to be told apart by.
    pub(in crate::cli) code: String,
    /// What it says to people.
    pub(in crate::cli) detail: String,
    /// What of the request it is about; empty, if it is about all of it.
    pub(in crate::cli) field: String,
    /// After how many seconds it may be asked again.
    pub(in crate::cli) again: Option<u64>,
    /// All of it, with what there is to show besides.
    pub(in crate::cli) whole: Json,
}

impl Problem {
    /// Reads one; nothing, if it is none of ours.
    pub(super) fn read(bytes: &[u8], again: Option<u64>) -> Option<Problem> {
        let whole: Json = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| whole[name].as_str().map(str::to_string);
        Some(Problem {
            status: whole["status"].as_u64()?,
            code: text("code")?,
            detail: text("detail").or_else(|| text("title"))?,
            field: text("field").unwrap_or_default(),
            again,
            whole,
        })
    }
}

impl Trouble {
    /// Whether the same may be well in a while.
    pub(in crate::cli) fn passes(&self) -> bool {
        match self {
            Trouble::Away(_) => true,
            Trouble::Refused(problem) => {
                problem.again.is_some()
                    || matches!(problem.code.as_str(), "no-store" | "too-slow" | "too-fast")
            }
            Trouble::Nonsense(_) => false,
        }
    }

    /// After how many seconds the server wants to be asked again.
    pub(in crate::cli) fn seconds(&self) -> Option<u64> {
        match self {
            Trouble::Refused(problem) => problem.again,
            _ => None,
        }
    }

    /// Whether the server says no with this code.
    pub(in crate::cli) fn is(&self, code: &str) -> bool {
        matches!(self, Trouble::Refused(problem) if problem.code == code)
    }

    /// What a person reads: a sentence with its code, and the field if there is one. Safe to print.
    pub(in crate::cli) fn sentence(&self) -> String {
        let said = match self {
            Trouble::Away(why) | Trouble::Nonsense(why) => why.clone(),
            Trouble::Refused(problem) if problem.field.is_empty() => {
                format!("{} ({})", problem.detail, problem.code)
            }
            Trouble::Refused(problem) => {
                format!("{} ({}, in `{}`)", problem.detail, problem.code, problem.field)
            }
        };
        brief(&said).into_owned()
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        let exit = match &trouble {
            Trouble::Refused(problem) if problem.status == 404 => Exit::NotFound,
            Trouble::Refused(_) => Exit::No,
            Trouble::Away(_) | Trouble::Nonsense(_) => Exit::Io,
        };
        Failure::new(exit, trouble.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_sentence() {
        let read = |text: &str| Problem::read(text.as_bytes(), None).map(Box::new).map(Trouble::Refused);
        let whole = r#"{"status": 422, "code": "not-valid", "detail": "that is \u001b none", "field": "skill", "title": "No"}"#;
        let trouble = read(whole).expect("it is one");
        assert_eq!(trouble.sentence(), "that is \\u{1b} none (not-valid, in `skill`)");
        assert!(trouble.is("not-valid") && !trouble.passes());
        assert_eq!(
            read(r#"{"status": 500, "code": "bug", "title": "No"}"#).map(|no| no.sentence()),
            Some("No (bug)".into())
        );
        assert!(["", "[]", "{}", r#"{"status": 500}"#, "<html>"].iter().all(|text| read(text).is_none()));
    }
}
