//! Files of Botium as written: conversations of sections, lists of utterances, tables of variables.

use crate::diagnostics::Span;

/// What kind of file it is; its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `.convo.txt`: a test.
    Convo,
    /// `.pconvo.txt`: sections that tests include.
    Partial,
    /// `.utterances.txt`: a name, and ways to say it.
    Utterances,
    /// `.scriptingmemory.txt`: a table of variables.
    Memory,
}

impl Sort {
    /// The kind of file with this name; nothing, if it is none of Botium's.
    pub fn of(name: &str) -> Option<Sort> {
        let endings = [
            (".pconvo.txt", Sort::Partial),
            (".convo.txt", Sort::Convo),
            (".utterances.txt", Sort::Utterances),
            (".scriptingmemory.txt", Sort::Memory),
        ];
        let lower = name.to_lowercase();
        endings.iter().find(|(ending, _)| lower.ends_with(ending)).map(|(_, sort)| *sort)
    }
}

/// A conversation, or a part of one.
#[derive(Debug, Clone, Default)]
pub struct Convo {
    /// Its first line, if that is no section; empty, if it has none.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The lines below the name.
    pub about: Vec<String>,
    /// What happens in it, in order.
    pub sections: Vec<Section>,
}

/// `#me`, `#bot` … and the lines below it.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its first line.
    pub head: Span,
    /// From its first line to its last one with letters.
    pub span: Span,
    /// Whose it is.
    pub by: By,
    /// What is said; nothing, if no line of it is text.
    pub text: Option<Said>,
    /// Its hooks, in order.
    pub hooks: Vec<Hook>,
}

/// Whose section it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// `#begin`: hooks before the conversation.
    Begin,
    /// `#include`: names of partial conversations.
    Include,
    /// `#me`: the visitor.
    Me,
    /// `#bot`
    Bot,
    /// `#end`: hooks after the conversation.
    End,
}

/// The text of a section, its lines joined.
#[derive(Debug, Clone)]
pub struct Said {
    /// From its first line to its last.
    pub span: Span,
    /// Without `?` and `!`.
    pub text: String,
    /// `!`: the bot must not say it.
    pub not: bool,
    /// `?`: the bot may say it.
    pub optional: bool,
}

/// `BUTTONS Yes|No`
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its line.
    pub span: Span,
    /// `BUTTONS`
    pub name: String,
    /// What stands between its bars, `\|` resolved.
    pub args: Vec<String>,
    /// `!BUTTONS …`
    pub not: bool,
    /// `?BUTTONS …`
    pub optional: bool,
}

/// A list of ways to say something.
#[derive(Debug, Clone, Default)]
pub struct Utterances {
    /// Its first line.
    pub name: String,
    /// The other lines that are not empty.
    pub samples: Vec<String>,
}

/// A table of variables: a conversation that uses one of them is played with each row.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The names of its columns, each with its `$`.
    pub names: Vec<String>,
    /// Its rows: a value a column.
    pub rows: Vec<Vec<String>>,
}
