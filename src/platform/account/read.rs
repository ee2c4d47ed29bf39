//! An account file, read: the account, or everything that is wrong with it. There is no half of an account.

use crate::diagnostics::{FileId, Finding, Severity, Slug, Source, Sources, Span};
use crate::platform::limits::{ACCOUNT_BYTES_MAX, RETENTION_DAYS_MAX};

use super::block::{Block, Form, Reading, Told, Tree, hear};
use super::yaml::{self, Node};
use super::{Account, whole};

/// What came of an account file.
#[derive(Debug, Clone)]
pub struct ReadAccount {
    /// The file, for whoever shows the findings.
    pub sources: Sources,
    /// What is wrong with it, in the order of its lines.
    pub findings: Vec<Finding>,
    /// The account; nothing, if there is an error among the findings.
    pub account: Option<Account>,
}

impl Account {
    /// Reads a file. `path` is its name as the user says it.
    pub fn read(path: &str, bytes: Vec<u8>) -> ReadAccount {
        let file = FileId(0);
        if bytes.len() > ACCOUNT_BYTES_MAX {
            return refused(Source::new(path, ""), Account::too_large(path, bytes.len() as u64));
        }
        let (source, unread) = Source::from_bytes(path, bytes, file);
        if let Some(unread) = unread {
            return refused(source, unread);
        }
        let node = match yaml::read(&source.text, file) {
            Ok(node) => node,
            Err(finding) => return refused(source, *finding),
        };
        let (mut account, mut reading) = (Account::default(), Reading::new(file));
        hear(&mut account, &node, &mut reading);
        whole::check(&account, &mut reading);
        let mut findings = reading.findings;
        findings.sort_by_key(|finding| (finding.place.span.start, finding.slug));
        let sound = !findings.iter().any(|finding| finding.severity() == Severity::Error);
        ReadAccount { sources: Sources::new(vec![source]), findings, account: sound.then_some(account) }
    }

    /// The finding for a file over the limit, for those who know the size before they read it.
    pub fn too_large(path: &str, bytes: u64) -> Finding {
        let (limit, mib) = (ACCOUNT_BYTES_MAX, ACCOUNT_BYTES_MAX / (1024 * 1024));
        let message =
            format!("`{path}` has {bytes} bytes, and an account file may have at most {limit} ({mib} MiB)");
        Finding::new(Slug::TooLarge, FileId(0), Span::at(0), message)
    }
}

fn refused(source: Source, finding: Finding) -> ReadAccount {
    ReadAccount { sources: Sources::new(vec![source]), findings: vec![finding], account: None }
}

impl Block for Account {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.needed("account", &mut self.name);
        let mut days = Days(self.retention_days);
        form.within("keep conversations", &mut days, Days(1)..=Days(RETENTION_DAYS_MAX));
        self.retention_days = days.0;
        form.field("skills", &mut self.skills);
        form.field("agent groups", &mut self.groups);
        form.field("profiles", &mut self.profiles);
        form.field("users", &mut self.users);
        form.field("campaigns", &mut self.campaigns);
        form.field("environments", &mut self.environments);
        form.field("bots", &mut self.bots);
        form.field("connectors", &mut self.connectors);
    }
}

/// A number of days, written as a time.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Days(u32);

impl Told for Days {
    fn blank() -> Days {
        Days(0)
    }

    fn tell(&self, _: bool) -> Tree {
        Tree::Word(format!("{}d", self.0))
    }

    fn hear(&mut self, node: &Node, reading: &mut Reading) {
        match node.word().and_then(|word| word.strip_suffix('d')?.parse().ok()) {
            Some(days) => self.0 = days,
            None => reading.not_taken(node, "a number of days such as `390d`", None),
        }
    }
}
