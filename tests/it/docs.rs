//! The manual cannot lie: every example is checked, every command is run, every table is held against the program.
//!
//! - A `dialog` block is completed as the examples of `parlor explain` are, has no findings, and is formatted; after
//!   `dialog wrong some-slug` it has that finding. With `file=some/path` it is written there, for the commands below; with
//!   `is=some/path` that is what the commands above have made of it.
//! - A `yaml account` block is the file of an account without findings, or after `yaml account wrong some-slug` with that one.
//! - A `transcript` block is read in the same way; if it is set in, it is the lines of a test.
//! - A `console` block holds `$ parlor …` lines (or `$ printf '…' | parlor …`) with what they print; `[..]` stands for a part that changes, and alone
//!   on its line for any lines. `UPDATE=1 cargo test` writes down what they print now.
//! - A table is known by its first row.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use parlor::conversation::Value;
use parlor::diagnostics::{FileId, Slug};
use parlor::language::pattern::parse_pattern;
use parlor::language::{transcript, words};
use parlor::platform::{self, Account, Manners};
use parlor::program::expression::{FILTERS, TESTS};
use parlor::program::formula::{Budget, Formula, Names, Template};
use parlor::program::matcher::{Matcher, Scratch};
use parlor::program::normal::Heard;
use parlor::program::phrases::built_in;
use parlor::program::{Checked, Draft, Holds, KINDS, KindOf, Program, RESERVED, Verdict};
use parlor::server;

use crate::check::complete;

/// Two tests write pages down.
static WRITING: Mutex<()> = Mutex::new(());

// ---- Pages, and what stands in them ----

/// A page of the manual.
struct Page {
    /// Its path, from the top of the house.
    path: PathBuf,
    text: String,
}

/// A block between fences.
struct Block {
    /// Number of the line of its first fence, from 1.
    line: usize,
    /// Where its text stands in the page.
    range: std::ops::Range<usize>,
    /// What stands behind the first fence.
    info: Vec<String>,
    /// Its text, without the indentation of the fence.
    text: String,
}

/// A table: its first row, and the others, holes and all.
struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The top page, and all pages of the manual.
fn pages() -> Vec<Page> {
    let entries = fs::read_dir(root().join("docs")).expect("docs is there").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| Path::new("docs").join(entry.file_name())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.extend(root().join("README.md").is_file().then(|| PathBuf::from("README.md")));
    paths.sort();
    let read = |path: PathBuf| Page { text: fs::read_to_string(root().join(&path)).unwrap(), path };
    paths.into_iter().map(read).collect()
}

fn page(name: &str) -> Page {
    pages().into_iter().find(|page| page.path.ends_with(name)).unwrap_or_else(|| panic!("no page {name}"))
}

impl Page {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let (mut at, mut open) = (0, None);
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            let bare = line.trim();
            match (open, bare.strip_prefix("```")) {
                (None, Some(info)) => {
                    open = Some(line.len() - line.trim_start().len());
                    let info = info.split_whitespace().map(str::to_string).collect();
                    let from = at + line.len();
                    blocks.push(Block { line: number + 1, range: from..from, info, text: String::new() });
                }
                (Some(_), Some("")) => open = None,
                (Some(indent), _) => {
                    let block = blocks.last_mut().expect("a block is open");
                    block.text.push_str(if bare.is_empty() { "\n" } else { &line[indent..] });
                    block.range.end = at + line.len();
                }
                (None, None) => {}
            }
            at += line.len();
        }
        assert!(open.is_none(), "{}: a block is not closed", self.path.display());
        blocks
    }

    /// The page without its blocks.
    fn prose(&self) -> String {
        let mut text = self.text.clone();
        for block in self.blocks().iter().rev() {
            text.replace_range(block.range.clone(), "");
        }
        text
    }

    fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        let mut inside = false;
        for line in self.prose().lines() {
            match line.trim().strip_prefix('|') {
                None => inside = false,
                Some(_) if line.trim().trim_matches('|').chars().all(|sign| " -|:".contains(sign)) => {}
                Some(row) if inside => tables.last_mut().expect("a table").rows.push(cells(row)),
                Some(row) => {
                    tables.push(Table { heads: cells(row), rows: Vec::new() });
                    inside = true;
                }
            }
        }
        tables
    }

    /// The rows of all tables with this first row.
    fn rows(&self, heads: &[&str]) -> Vec<Vec<String>> {
        let tables = self.tables().into_iter().filter(|table| table.heads == heads);
        let rows: Vec<Vec<String>> = tables.flat_map(|table| table.rows).collect();
        assert!(!rows.is_empty(), "{} has no table {heads:?}", self.path.display());
        for row in &rows {
            assert_eq!(row.len(), heads.len(), "{}: {row:?}", self.path.display());
        }
        rows
    }

    fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// The cells of a row, without the backticks around a whole cell; `\|` is a bar.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut cell, mut letters) = (Vec::new(), String::new(), row.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'|') => cell.extend(letters.next()),
            '|' => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    let bare = |cell: &String| {
        let cell = cell.trim();
        let code = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        code.filter(|code| !code.contains('`')).unwrap_or(cell).to_string()
    };
    cells.iter().map(bare).collect()
}

/// All pieces of code in a text.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

// ---- Examples ----

/// Words that begin a declaration; what begins with another one are steps of a dialog.
fn declares(example: &str) -> bool {
    example.lines().any(|line| words::DECLARATIONS.iter().any(|word| line.starts_with(&format!("{word} "))))
}

/// The example in the one layout.
fn formatted(example: &str) -> String {
    let layout = |text: &str| parlor::language::format(&parlor::language::parse(text, FileId(0)).0);
    if declares(example) || example.lines().all(|line| line.is_empty() || line.starts_with('#')) {
        return layout(example);
    }
    let inner: String = example
        .lines()
        .map(|line| if line.is_empty() { "\n".into() } else { format!("  {line}\n") })
        .collect();
    let text = layout(&format!("dialog \"Example\" {{\n{inner}}}\n"));
    let lines: Vec<&str> = text.lines().collect();
    lines[1..lines.len() - 1]
        .iter()
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect()
}

/// What a bot needs so that nothing in the example lies idle: what it declares is used once.
fn used(example: &str) -> String {
    let mut text = complete(example);
    let mut steps = String::new();
    for line in example.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let Some(name) = rest.split('"').nth(1) else { continue };
        let quoted = format!("\"{name}\"");
        if example.matches(&quoted).count() > 1 {
            continue;
        }
        match word {
            "integration" => steps.push_str(&format!("  call {quoted} {{\n    when failure -> end\n  }}\n")),
            "hours" => steps.push_str(&format!("  if {quoted} is open {{\n    say \"Open.\"\n  }}\n")),
            "entity" => steps.push_str(&format!("  ask my_{name} {quoted} \"Which one?\"\n")),
            "phrases" if !words::PHRASES.contains(&name) => {
                steps.push_str(&format!("  ask my_{name} \"Well?\" {{\n    when phrases {quoted} -> next\n    when anything -> next\n  }}\n"));
            }
            _ => {}
        }
    }
    if !steps.is_empty() {
        text.push_str(&format!("dialog \"Uses\" {{\n  user says {{\n    words \"uses\"\n  }}\n{steps}}}\n"));
    }
    text
}

fn check(text: &str) -> Checked {
    let mut draft = Draft::new();
    draft.put("example.dialog", text);
    draft.check()
}

fn told(checked: &Checked) -> String {
    let line = |finding: &parlor::diagnostics::Finding| {
        let source = checked.sources.get(finding.place.file).expect("a file");
        let (line, _) = source.line_column(finding.place.span.start as usize);
        let text = source.text.lines().nth(line - 1).unwrap_or("");
        format!("  {}: {}\n    {text}", finding.slug, finding.message)
    };
    checked.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is wrong with an example, given what the check of its bot says.
fn complaint(block: &Block, checked: &Checked) -> Option<String> {
    let wrong = block.info.iter().position(|word| word == "wrong").map(|at| block.info[at + 1].as_str());
    match wrong {
        Some(slug) if !checked.findings.iter().any(|finding| finding.slug.as_str() == slug) => {
            Some(format!("does not have {slug}, but:\n{}", told(checked)))
        }
        None if !checked.findings.is_empty() => Some(format!("has findings:\n{}", told(checked))),
        None if formatted(&block.text) != block.text => {
            Some(format!("is not in the one layout:\n{}", formatted(&block.text)))
        }
        _ => None,
    }
}

#[test]
fn every_example_is_right_and_formatted_or_wrong_as_said() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        for block in
            page.blocks().iter().filter(|block| block.info.first().is_some_and(|word| word == "dialog"))
        {
            seen += 1;
            if block.info.iter().any(|word| word.starts_with("file=")) {
                continue; // part of a bot that the commands of its page are run with
            }
            if let Some(complaint) = complaint(block, &check(&used(&block.text))) {
                wrong.push(format!("{}: this example {complaint}", page.place(block.line)));
            }
        }
    }
    assert!(seen > 40, "{seen} examples");
    assert_none(wrong);
}

#[test]
fn every_transcript_is_right_and_formatted() {
    let (mut wrong, mut examples) = (Vec::new(), String::new());
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.info == ["transcript"]) {
            let head = if block.text.starts_with("  ") { "test \"Example\"\n" } else { "" };
            let text = format!("{head}{}", block.text);
            let (tree, findings) = transcript::parse(&text, FileId(0));
            let formatted = transcript::format(&text, &tree);
            let place = page.place(block.line);
            wrong.extend(findings.iter().map(|finding| format!("{place}: {}", finding.message)));
            if findings.is_empty() && formatted != text {
                wrong.push(format!("{place}: is not in the one layout:\n{formatted}"));
            }
            examples.push_str(&text);
        }
    }
    // Every word a line can begin with has an example, and everything that can be expected.
    let begins = |word: &str, line: &str| {
        line.trim_start().strip_prefix(word).is_some_and(|rest| rest.starts_with(' ') || rest.is_empty())
    };
    let mut known: Vec<String> =
        [words::HEADER, words::SCENES, words::CUES].concat().iter().map(|word| word.to_string()).collect();
    known.extend(words::LABELS.iter().map(|label| format!("{label}:")));
    known.extend(words::EXPECTED.iter().map(|what| format!("expect {what}")));
    for word in known {
        if !examples.lines().any(|line| begins(&word, line)) {
            wrong.push(format!("no transcript has an example of `{word}`"));
        }
    }
    let named = page("transcripts.md").text;
    for name in [words::ANSWERERS, words::REASONS, words::METHODS, words::ENVIRONMENTS].concat() {
        if !named.contains(&format!("`{name}`")) {
            wrong.push(format!("transcripts.md does not name `{name}`"));
        }
    }
    assert_none(wrong);
}

#[test]
fn every_limit_of_a_transcript_has_its_value() {
    let rows = page("transcripts.md").rows(&["a transcript has", "not more than"]);
    let written: Vec<(&str, usize)> = rows
        .iter()
        .map(|row| (row[0].as_str(), row[1].replace(',', "").parse().expect("a number")))
        .collect();
    let known = [
        ("tests and openings", transcript::SCENES_MAX),
        ("lines in a test", transcript::SCENE_LINES_MAX),
        ("rows in a table", transcript::ROWS_MAX),
    ];
    assert_eq!(written, known);
}

// ---- Commands ----

/// A folder of one page, with the example bots in it; gone when the page is done.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Desk {
        let folder = std::env::temp_dir().join(format!("parlor-docs-{}-{name}", std::process::id()));
        copy(&root().join("bots"), &folder.join("bots"));
        Desk(folder)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("the file is written");
    }

    /// The bot that a file belongs to, as it is now.
    fn bot(&self, path: &str) -> Draft {
        let folder = self.0.join(path).parent().expect("a folder").to_path_buf();
        let mut draft = Draft::new();
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".dialog") || name == "env.yaml" {
                draft.put(name, fs::read_to_string(entry.path()).expect("text"));
            }
        }
        draft
    }

    /// Types `parlor …`, with `< file` behind it or `printf '…' |` before it if it stands there; gives what it prints
    /// and how it ends.
    fn run(&self, line: &str) -> (String, i32) {
        let piped = line.strip_prefix("printf '").and_then(|rest| rest.split_once("' | "));
        let (lines, line) = piped.map_or((None, line), |(lines, line)| (Some(lines), line));
        let mut words = typed(line);
        assert_eq!(words.remove(0), "parlor", "{line}");
        let input = words.iter().position(|word| word == "<").map(|at| {
            let path = self.0.join(words.remove(at + 1));
            words.remove(at);
            fs::read(path).expect("the file is there")
        });
        let input = input.or(lines.map(|lines| lines.replace("\\n", "\n").into_bytes()));
        let (mut screen, out) = std::io::pipe().expect("a pipe");
        let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
        command.args(&words).current_dir(&self.0).env("COLUMNS", "100").env_remove("CLICOLOR_FORCE");
        command.stdin(Stdio::piped()).stdout(out.try_clone().expect("a pipe")).stderr(out);
        let mut child = command.spawn().expect("parlor starts");
        drop(command); // and with it our end of the pipe
        let _ = child.stdin.take().expect("an input").write_all(&input.unwrap_or_default()); // most read none
        let mut printed = String::new();
        screen.read_to_string(&mut printed).expect("it prints UTF-8");
        (printed, child.wait().expect("parlor ends").code().unwrap_or(-1))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(&from, &to).map(|_| ()).expect("a copy") }
    }
}

/// The words of a line, as a shell takes them apart.
fn typed(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether lines are as expected, `[..]` standing for anything.
fn same(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"[..]", rest)) => (0..=printed.len()).any(|skipped| same(rest, &printed[skipped..])),
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, more)| line_fits(line, first) && same(rest, more))
        }
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let mut pieces = expected.split("[..]");
    let Some(mut left) = line.strip_prefix(pieces.next().unwrap_or("")) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return left.is_empty() };
    for piece in middle {
        let Some(at) = left.find(piece) else { return false };
        left = &left[at + piece.len()..];
    }
    left.ends_with(last)
}

/// Runs the commands of a block; gives the block with what they print now.
fn rerun(block: &Block, desk: &Desk) -> String {
    let mut now = String::new();
    let mut lines = block.text.lines().peekable();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command"));
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push(line);
        }
        let printed = desk.run(command).0;
        let printed: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
        let kept = if same(&expected, &printed) { &expected } else { &printed };
        now.push_str(&format!("{line}\n"));
        kept.iter().for_each(|line| now.push_str(&format!("{line}\n")));
    }
    now
}

#[test]
fn every_command_prints_what_the_manual_says() {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let update = std::env::var_os("UPDATE").is_some();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let desk = Desk::new(&page.path.to_string_lossy().replace('/', "-"));
        let mut text = page.text.clone();
        let mut moved = 0isize;
        for block in page.blocks() {
            if let Some(path) = block.info.iter().find_map(|word| word.strip_prefix("file=")) {
                desk.write(path, &block.text);
                if path.ends_with(".dialog")
                    && let Some(complaint) = complaint(&block, &desk.bot(path).check())
                {
                    wrong.push(format!("{}: this file {complaint}", page.place(block.line)));
                }
            }
            if let Some(path) = block.info.iter().find_map(|word| word.strip_prefix("is="))
                && fs::read_to_string(desk.0.join(path)).ok().as_ref() != Some(&block.text)
            {
                wrong.push(format!("{}: by now `{path}` is another text", page.place(block.line)));
            }
            // What is typed to a server is played by `operate`.
            if block.info.first().is_none_or(|word| word != "console")
                || block.info.iter().any(|word| word == "server")
            {
                continue;
            }
            seen += 1;
            let now = rerun(&block, &desk);
            if now == block.text {
                continue;
            }
            if update {
                let (start, end) = (block.range.start as isize + moved, block.range.end as isize + moved);
                let fence = page.text[..block.range.start].trim_end().rsplit('\n').next().unwrap_or("");
                let indent = " ".repeat(fence.len() - fence.trim_start().len());
                let lines: String =
                    now.lines().map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect();
                text.replace_range(start as usize..end as usize, &lines);
                moved += lines.len() as isize - (end - start);
            } else {
                wrong.push(format!(
                    "{}: now it prints (UPDATE=1 writes it down):\n{now}",
                    page.place(block.line)
                ));
            }
        }
        if text != page.text {
            fs::write(root().join(&page.path), text).expect("the page can be written");
        }
    }
    assert!(seen > 15, "{seen} blocks of commands");
    assert_none(wrong);
}

#[test]
fn every_command_is_in_the_manual_and_ends_as_it_says() {
    let desk = Desk::new("ends");
    let (help, _) = desk.run("parlor --help");
    let commands = help.split_once("\nCommands:\n").and_then(|(_, rest)| rest.split_once("\n\n")).unwrap().0;
    let listed: Vec<Vec<String>> = commands
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .filter(|(name, _)| *name != "help")
        .map(|(name, about)| vec![format!("parlor {name}"), about.trim().to_string()])
        .collect();
    assert_eq!(page("docs/README.md").rows(&["command", "what it does"]), listed);
    let headings: Vec<String> = page("commands.md")
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("## `"))
        .map(|line| line.trim_end_matches('`').to_string())
        .collect();
    assert_eq!(headings, listed.iter().map(|row| row[0].clone()).collect::<Vec<_>>());
    for row in page("checking.md").rows(&["command", "ends with"]) {
        assert_eq!(desk.run(&row[0]).1.to_string(), row[1], "{}", row[0]);
    }
}

// ---- Tables ----

/// The bot in which these lines start the dialogs "1", "2", …
fn starting(starters: &[&str]) -> Program {
    let mut text = String::from("bot \"Table\" {\n  language en\n  entry \"1\"\n}\n");
    for (number, lines) in starters.iter().enumerate() {
        let lines = lines.replace("; ", "\n    ");
        text.push_str(&format!(
            "dialog \"{}\" {{\n  user says {{\n    {lines}\n  }}\n  say \"Hi.\"\n}}\n",
            number + 1
        ));
    }
    let checked = check(&text);
    let told = told(&checked);
    checked.program.unwrap_or_else(|| panic!("{starters:?}\n{told}"))
}

fn winner(program: &Program, message: &str) -> Option<String> {
    let answers = program.answers(message).expect("a short message");
    answers.into_iter().find(|answer| answer.verdict == Verdict::Wins).map(|answer| answer.dialog)
}

#[test]
fn every_row_about_fitting_is_true() {
    let mut wrong = Vec::new();
    for row in page("patterns.md").rows(&["starter", "message", "fits"]) {
        let fits = if winner(&starting(&[&row[0]]), &row[1]).is_some() { "yes" } else { "no" };
        if fits != row[2] {
            wrong.push(format!("{row:?}: {fits}"));
        }
    }
    for row in page("patterns.md").rows(&["first dialog", "second dialog", "message", "wins"]) {
        let won = match winner(&starting(&[&row[0], &row[1]]), &row[2]).as_deref() {
            Some("1") => "first",
            Some(_) => "second",
            None => "neither",
        };
        if won != row[3] {
            wrong.push(format!("{row:?}: {won}"));
        }
    }
    for row in page("patterns.md").rows(&["pattern", "message", "keeps"]) {
        let heard = Heard::new(&row[1]).expect("a short message");
        let pattern = Matcher::pattern(&parse_pattern(&row[0]).expect("a pattern"));
        let kept = pattern.captures(&heard, &mut Scratch::new());
        let kept: Vec<String> = kept.iter().map(|(name, text)| format!("{name} = {text}")).collect();
        if kept.join(", ") != row[2] {
            wrong.push(format!("{row:?}: {}", kept.join(", ")));
        }
    }
    assert_none(wrong);
}

#[test]
fn the_knownin_the_tables_are_the_knownof_the_language() {
    let language = page("language.md");
    // The first cell of a table, the words its rows begin with, and how other rows of it may begin.
    let sets: &[(&str, &[&str], &[&str])] = &[
        ("declaration", words::DECLARATIONS, &[]),
        ("setting", words::SETTINGS, &[]),
        ("type", words::TYPES, &[]),
        ("step", words::STEPS, &["name:", "there"]),
        ("rule", words::RULES, &["\""]),
        ("matcher", words::MATCHERS, &["\"", "/"]),
        ("next action", words::ACTIONS, &["dialog \"", "a name"]),
        ("event", words::EVENTS, &[]),
        ("unit", words::UNITS, &[]),
        ("kept for later", words::LATER, &[]),
    ];
    let mut wrong = Vec::new();
    let begins = |row: &str, word: &str| row == word || row.starts_with(&format!("{word} "));
    for (head, list, others) in sets {
        let tables: Vec<Table> =
            language.tables().into_iter().filter(|table| table.heads[0] == *head).collect();
        let rows = tables.iter().flat_map(|table| &table.rows);
        let rows: Vec<String> =
            rows.map(|row| row[0].replace('`', "").trim_start_matches("-> ").to_string()).collect();
        for word in list.iter().filter(|word| !rows.iter().any(|row| begins(row, word))) {
            wrong.push(format!("{head}: `{word}` is missing"));
        }
        let known = |row: &String| {
            list.iter().any(|word| begins(row, word)) || others.iter().any(|other| row.starts_with(other))
        };
        wrong.extend(rows.iter().filter(|row| !known(row)).map(|row| format!("{head}: there is no `{row}`")));
    }
    let reserved = language.text.split_once("\n## Reserved names\n").expect("Reserved names").1;
    let reserved = reserved.split("\n## ").next().unwrap_or("");
    let reserved: BTreeSet<&str> = codes(reserved).into_iter().collect();
    for name in RESERVED.iter().filter(|name| !reserved.contains(**name)) {
        wrong.push(format!("reserved names: `{name}` is missing"));
    }
    let given: Vec<String> = page("expressions.md")
        .rows(&["name", "what it holds"])
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(given, words::GIVEN, "the names every expression knows");
    let languages: Vec<&str> = parlor::program::phrases::languages().collect();
    assert_eq!(languages, ["en", "de", "fr", "es"], "patterns.md names these four");
    for row in page("patterns.md").rows(&["list", "in English"]) {
        let phrases = built_in(&row[0], "en").expect("a list of the language");
        if codes(&row[1]) != phrases {
            wrong.push(format!("phrases {}: `{}`", row[0], phrases.join("`, `")));
        }
    }
    assert_none(wrong);
}

#[test]
fn every_word_has_an_example() {
    let mut examples = String::new();
    for page in pages() {
        for block in
            page.blocks().iter().filter(|block| block.info.first().is_some_and(|word| word == "dialog"))
        {
            examples.push_str(&block.text);
        }
    }
    // The words alone: what stands in quotes could be anything.
    let bare: String = examples
        .lines()
        .map(|line| format!("{} \n", line.split('"').step_by(2).collect::<String>()))
        .collect();
    let said: String =
        bare.split_whitespace().map(|word| format!(" {}", word.trim_end_matches(':'))).collect::<String>()
            + " ";
    let more = ["remember", "private", "focused", "domain", "else", "but not", "and if", "save", "for", "or"];
    let lists = [
        words::DECLARATIONS,
        words::STEPS,
        words::RULES,
        words::MATCHERS,
        words::TYPES,
        words::EVENTS,
        words::SETTINGS,
        words::KINDS,
        &more,
    ];
    let mut missing: Vec<String> = lists.into_iter().flatten().map(|word| word.to_string()).collect();
    missing.extend(words::ACTIONS.iter().map(|action| format!("-> {action}")));
    missing.retain(|word| !said.contains(&format!(" {word} ")));
    assert!(missing.is_empty(), "no example has {missing:?}");
}

#[test]
fn every_limit_has_its_value() {
    let code: String = sources(&root().join("src"));
    let constant = |name: &str| -> u64 {
        let line = code
            .lines()
            .find(|line| line.contains(&format!("const {name}:")))
            .unwrap_or_else(|| panic!("no {name}"));
        let value = line.split_once(" = ").expect("a value").1.trim_end_matches(';').replace('_', "");
        value.split(" * ").map(|part| part.parse::<u64>().expect("a number")).product()
    };
    type Limits<'a> = &'a [(&'a str, &'a str, u64)];
    let written: Limits = &[
        ("files of a bot", "FILES_MAX", 1),
        ("all files of a bot together", "BOT_BYTES_MAX", 1024 * 1024),
        ("one file", "FILE_BYTES_MAX", 1024 * 1024),
        ("`env.yaml`", "ENV_BYTES_MAX", 1024),
        ("blocks inside blocks", "DEPTH_MAX", 1),
        ("a message from a visitor", "MESSAGE_BYTES_MAX", 1024),
        ("a pattern", "PATTERN_BYTES_MAX", 1),
        ("parentheses inside parentheses in a pattern", "PATTERN_DEPTH_MAX", 1),
        ("a regex", "REGEX_BYTES_MAX", 1),
        ("an expression", "EXPRESSION_BYTES_MAX", 1),
        ("a text with holes", "TEMPLATE_BYTES_MAX", 1),
        ("a message from the bot", "TEXT_LETTERS_MAX", 1),
        ("a question", "QUESTION_LETTERS_MAX", 1),
        ("the label of a choice", "CHOICE_LETTERS_MAX", 1),
        ("choices of a question", "CHOICES_MAX", 1),
        ("`retry` in rules and in the bot", "RETRY_MAX", 1),
        ("`retry` of an integration", "REPEATS_MAX", 1),
        ("`pause`", "PAUSE_MS_MAX", 1000),
    ];
    let turn: Limits = &[
        ("messages and calls in one dialog without a question", "SAYS_MAX", 1),
        ("jumps from dialog to dialog", "HOPS_MAX", 1),
        ("steps", "STEPS_MAX", 1),
        ("work of all expressions and texts together", "WORK_MAX", 1),
        ("all values that expressions make, together", "MADE_BYTES_MAX", 1024 * 1024),
        ("a value that an expression makes", "VALUE_BYTES_MAX", 1024),
        ("a text with its holes filled", "TEXT_BYTES_MAX", 1024),
        ("a variable", "VARIABLE_BYTES_MAX", 1024),
        ("lists and values inside one another in a variable", "VARIABLE_DEPTH_MAX", 1),
        ("handovers that fail in a row and are answered", "FAILURES_MAX", 1),
        ("the state of a conversation", "STATE_BYTES_MAX", 1024),
    ];
    let conversation: Limits = &[
        ("the length of a message from the bot", "SAID_BYTES_MAX", 1024),
        ("choices that are shown at once", "CHOICES_SHOWN_MAX", 1),
        ("dialogs on the stack", "STACK_MAX", 1),
        ("questions that `-> back` can return to", "TRAIL_MAX", 1),
        ("how long a call keeps the bot from answering what is said meanwhile", "BUSY_MS", 1000),
    ];
    let page = page("language.md");
    let tables: [(&[&str], Limits); 3] = [
        (&["what", "at most", "else"], written),
        (&["in one turn", "at most"], turn),
        (&["in a conversation", "at most"], conversation),
    ];
    for (heads, names) in tables {
        let rows = page.rows(heads);
        for (what, name, unit) in names {
            let said = |row: &&Vec<String>| {
                row[0].split("; ").next().unwrap_or_default().trim_matches('`') == what.trim_matches('`')
            };
            let row = rows.iter().find(said).unwrap_or_else(|| panic!("no limit for {what}"));
            let number: String = row[1].chars().filter(char::is_ascii_digit).collect();
            assert_eq!(number.parse::<u64>().ok(), Some(constant(name) / unit), "{what}");
        }
        assert_eq!(rows.len(), names.len());
    }
}

/// The text of all files below a folder.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let text = |path: PathBuf| {
        if path.is_dir() { sources(&path) } else { fs::read_to_string(path).unwrap_or_default() }
    };
    entries.map(|entry| text(entry.path())).collect::<Vec<_>>().join("\n")
}

/// The values of the page's examples, while the office is open.
struct Given(Value);

impl Names for Given {
    fn value(&self, name: &str) -> Value {
        self.0.member(name)
    }

    fn is_open(&self, hours: &str) -> bool {
        hours == "Office"
    }
}

#[test]
fn every_filter_and_test_gives_what_the_manual_says() {
    let page = page("expressions.md");
    let values =
        page.blocks().into_iter().find(|block| block.info == ["json"]).expect("the values of the examples");
    let values: serde_json::Value = serde_json::from_str(&values.text).expect("values");
    let mut wrong = Vec::new();
    let tables: &[(&[&str], &[&str])] =
        &[(&["filter", "example", "gives"], FILTERS), (&["test", "example", "gives"], TESTS)];
    for (heads, known) in tables {
        let rows = page.rows(heads);
        let named: Vec<&str> =
            rows.iter().flat_map(|row| row[0].split(", ")).map(|name| name.trim_matches('`')).collect();
        let named_set: BTreeSet<&str> = named.iter().copied().collect();
        assert_eq!(named_set, known.iter().copied().collect(), "the names in {heads:?}");
        assert_eq!(named.len(), known.len(), "each once in {heads:?}");
        for row in &rows {
            let name = row[0].split(", ").next().unwrap_or("").trim_matches('`');
            if !row[1].contains(name) {
                wrong.push(format!("{row:?} shows something else"));
            }
        }
    }
    let mut rows = page.rows(&["filter", "example", "gives"]);
    rows.extend(page.rows(&["test", "example", "gives"]));
    rows.extend(page.rows(&["sign", "example", "gives"]));
    let templates = page.rows(&["text", "the visitor reads"]);
    // The checker reads every example, in a bot that knows the names.
    let names = values
        .as_object()
        .expect("values by name")
        .keys()
        .filter(|name| !words::GIVEN.contains(&name.as_str()));
    let vars: String = names.map(|name| format!("  var {name} json\n")).collect();
    for source in rows
        .iter()
        .map(|row| format!("{{{{ {} }}}}", row[1]))
        .chain(templates.iter().map(|row| row[0].clone()))
    {
        let text = format!(
            "dialog \"Example\" {{\n{vars}  say \"\"\"\n    {source}\n  \"\"\"\n}}\nhours \"Office\" {{\n  mon-fri 08:00-17:00\n}}\n"
        );
        let errors: Vec<String> = check(&used(&text))
            .findings
            .iter()
            .filter(|finding| finding.slug.severity() == parlor::diagnostics::Severity::Error)
            .map(|finding| finding.message.clone())
            .collect();
        if !errors.is_empty() {
            wrong.push(format!("{source}: {errors:?}"));
        }
    }
    let names = Given(Value::from(values));
    for row in &rows {
        let gives = Formula::read(&row[1])
            .map_err(|trouble| trouble.message)
            .and_then(|formula| formula.value(&names, &mut Budget::new()).map_err(|fault| fault.message));
        let expected = serde_json::from_str::<Value>(&row[2]);
        let json = gives.as_ref().map(|gives| serde_json::to_string(gives).expect("values are JSON"));
        if !expected
            .is_ok_and(|expected| json == Ok(serde_json::to_string(&expected).expect("values are JSON")))
            && gives.as_ref().ok().and_then(Value::as_text) != Some(row[2].as_str())
        {
            wrong.push(format!("{row:?}: {gives:?}"));
        }
    }
    for row in &templates {
        match Template::read(&row[0]).map(|template| template.say(&names, &mut Budget::new())) {
            Ok(Ok(text)) if text == row[1] => {}
            other => wrong.push(format!("{row:?}: {other:?}")),
        }
    }
    assert_none(wrong);
}

#[test]
fn every_kind_of_integration_has_its_lines() {
    let page = page("integrations.md");
    let kinds: Vec<Vec<String>> =
        KINDS.iter().map(|kind| vec![kind.name.to_string(), kind.purpose.to_string()]).collect();
    assert_eq!(page.rows(&["kind", "what it is for"]), kinds);
    assert_eq!(words::KINDS, KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for kind in KINDS {
        let section = page
            .text
            .split_once(&format!("\n## `{}`", kind.name))
            .unwrap_or_else(|| panic!("no section for {}", kind.name))
            .1;
        let section =
            Page { path: page.path.clone(), text: section.split("\n## ").next().unwrap_or("").to_string() };
        let rows = section.rows(&["line", "holds", "how often"]);
        let expected: Vec<Vec<String>> = kind
            .fields
            .iter()
            .map(|(name, holds)| {
                vec![name.to_string(), word(*holds).to_string(), often(kind, name, *holds).to_string()]
            })
            .collect();
        if rows != expected {
            let rows: Vec<String> =
                expected.iter().map(|row| format!("| `{}` | {} | {} |", row[0], row[1], row[2])).collect();
            wrong.push(format!("{}:\n{}", kind.name, rows.join("\n")));
        }
    }
    assert_none(wrong);
}

fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Text => "a text",
        Holds::Pair => "a name and a value",
        Holds::Time => "a time",
        Holds::Repeats => "a number",
        Holds::Body => "`json`, `form` or `text`, and a text",
        Holds::Save => "a variable `=` a value",
    }
}

/// How often a line may stand in an integration; what may come again is tried.
fn often(kind: &KindOf, name: &str, holds: Holds) -> &'static str {
    let line = match holds {
        Holds::Text => format!("{name} \"https://a.example\""),
        Holds::Pair => format!("{name} \"a\" \"b\""),
        Holds::Time => format!("{name} 5s"),
        Holds::Repeats => format!("{name} 2"),
        Holds::Body => format!("{name} text \"a\""),
        Holds::Save => format!("{name} x = response.body.x"),
    };
    let checked = check(&format!("integration \"X\" {} {{\n  {line}\n  {line}\n}}\n", kind.name));
    let again = !checked.findings.iter().any(|finding| finding.slug == Slug::DuplicateSetting);
    let needed = kind.needs.iter().find(|group| group.contains(&name));
    match (needed.map(|group| group.len()), again) {
        (None, false) => "once at most",
        (None, true) => "any number",
        (Some(1), false) => "once",
        (Some(1), true) => "once or more",
        (Some(_), false) => "one of these",
        (Some(_), true) => "one of these or more",
    }
}

#[test]
fn every_mistake_is_listed() {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut listed = String::new();
    for (heading, severity) in [
        ("Errors", parlor::diagnostics::Severity::Error),
        ("Warnings", parlor::diagnostics::Severity::Warning),
    ] {
        listed.push_str(&format!("\n### {heading}\n\n| name | what it is |\n|---|---|\n"));
        for slug in Slug::ALL.iter().filter(|slug| slug.severity() == severity) {
            listed.push_str(&format!("| `{slug}` | {} |\n", slug.title()));
        }
    }
    let page = page("checking.md");
    let (before, rest) = page.text.split_once("\n## All mistakes\n").expect("All mistakes");
    let (intro, _) = rest.split_once("\n### Errors\n").expect("Errors");
    let whole = format!("{before}\n## All mistakes\n{intro}{listed}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(&page.path), &whole).expect("the page can be written");
    } else {
        assert!(page.text == whole, "the list at the end of checking.md is an old one (UPDATE=1 writes it)");
    }
}

// ---- Accounts ----

#[test]
fn every_account_is_right_or_wrong_as_said() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        for block in
            page.blocks().iter().filter(|block| block.info.starts_with(&["yaml".into(), "account".into()]))
        {
            seen += 1;
            let read = Account::read("example.yaml", block.text.clone().into_bytes());
            let found: Vec<&str> = read.findings.iter().map(|finding| finding.slug.as_str()).collect();
            let slug =
                block.info.iter().position(|word| word == "wrong").map(|at| block.info[at + 1].as_str());
            if slug.map_or(!found.is_empty(), |slug| !found.contains(&slug)) {
                wrong.push(format!(
                    "{}: this account has {found:?}: {:?}",
                    page.place(block.line),
                    read.findings
                ));
            }
        }
    }
    assert!(seen > 6, "{seen} accounts");
    assert_none(wrong);
}

/// What stands below the first word of a table of fields, so that a field nobody knows can be added there.
const FIELDS: &[(&str, &str)] = &[
    ("field of an account", ""),
    ("field of a skill", "skills:\n  x:\n    "),
    ("field of a profile", "profiles:\n  x:\n    "),
    ("field of a user", "users:\n  x:\n    "),
    ("field of an engagement", "campaigns:\n  x:\n    engagements:\n      x:\n        "),
    ("field of an environment", "environments:\n  x:\n    "),
    ("field of a bot", "bots:\n  x:\n    "),
    ("field of a connector", "connectors:\n  x:\n    "),
];

/// The fields that a block of an account has: those that the finding about an unknown one names.
fn fields_of(block: &str) -> Vec<String> {
    let read = Account::read("example.yaml", format!("{block}qqqqqqqqqqqqqqqq: 1\n").into_bytes());
    let found =
        read.findings.iter().find(|finding| finding.slug == Slug::UnknownField).expect("an unknown field");
    codes(found.help.as_deref().unwrap_or_default()).into_iter().map(str::to_string).collect()
}

#[test]
fn every_field_of_an_account_has_its_row() {
    let page = page("accounts.md");
    for (head, block) in FIELDS {
        let rows: Vec<String> = page.rows(&[head, "holds"]).into_iter().map(|row| row[0].clone()).collect();
        assert_eq!(rows, fields_of(block), "{head}");
    }
    let rows = page.rows(&["setting", "default", "what it does"]);
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_end_matches(" *").trim_matches('`')).collect();
    assert_eq!(named, fields_of("connectors:\n  x:\n    settings:\n      "));
    let mut settings = String::new();
    for (name, row) in named.iter().zip(&rows) {
        // The words for a stuck conversation have a meaning only with their switch.
        if *name != "userNotificationMessageOnStuckConversation" {
            settings.push_str(&format!("      {name}: {}\n", row[1]));
        }
    }
    let with = |settings: &str| {
        let text = format!(
            "account: a\nskills: {{Bot: }}\nusers: {{b: {{type: bot, skills: [Bot], max chats: 1}}}}\nbots: {{x: }}\nconnectors:\n  c:\n    bot: x\n    user: b\n    conversation type: Chat\n    settings:\n{settings}"
        );
        let read = Account::read("example.yaml", text.into_bytes());
        let account = read.account.unwrap_or_else(|| panic!("{:?}", read.findings));
        account.connectors[&"c".into()].manners.clone()
    };
    assert_eq!(with(&settings), Manners::default());
    let stuck = with("      userRetryOnStuckConversation: true\n").stuck_message;
    let row = rows.iter().find(|row| row[0].contains("userNotification")).expect("its row");
    assert_eq!(stuck.as_deref(), Some(row[1].as_str()));
}

#[test]
fn who_may_do_what_is_as_the_manual_says() {
    const PROFILES: [&str; 4] = ["Administrator", "Campaign Manager", "Agent Manager", "Agent"];
    let rows = page("accounts.md").rows(&["permission", "who has it"]);
    let users: String =
        PROFILES.iter().map(|profile| format!("  {profile}: {{profile: {profile}}}\n")).collect();
    for row in &rows {
        let text =
            format!("account: a\nprofiles: {{x: {{like: Agent, may: [{}]}}}}\nusers:\n{users}", row[0]);
        let read = Account::read("example.yaml", text.into_bytes());
        let account = read.account.unwrap_or_else(|| panic!("{:?}", read.findings));
        let what = *account.profiles["x"].may.first().expect("a permission");
        let who = PROFILES.iter().filter(|profile| account.may(&(**profile).into(), what)).copied();
        assert_eq!(row[1], who.collect::<Vec<_>>().join(", "), "{}", row[0]);
    }
    let unknown =
        Account::read("a.yaml", b"account: a\nprofiles: {x: {like: Agent, may: [qqqqqqqqqqqq]}}\n".to_vec());
    let named: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(codes(unknown.findings[0].help.as_deref().unwrap_or_default()), named);
}

#[test]
fn every_limit_of_an_account_has_its_value() {
    let rows = page("accounts.md").rows(&["an account file has", "not more than"]);
    let known = [
        ("bytes", platform::limits::ACCOUNT_BYTES_MAX),
        ("levels, one inside of the other", platform::limits::ACCOUNT_DEPTH_MAX),
        ("bytes of a name", parlor::conversation::NAME_BYTES_MAX),
        ("letters in a text", platform::limits::ACCOUNT_TEXT_LETTERS_MAX),
    ];
    let written: Vec<(&str, usize)> = rows
        .iter()
        .map(|row| (row[0].as_str(), row[1].replace(',', "").parse().expect("a number")))
        .collect();
    assert_eq!(written, known);
}

#[test]
fn every_limit_of_secrets_has_its_value() {
    let known = [
        ("bytes of a secret", server::SECRET_BYTES_MAX),
        ("bytes of the name of a secret", server::SECRET_NAME_BYTES_MAX),
        ("bytes of a key file", server::KEY_FILE_BYTES_MAX),
        ("bytes of a password", server::PASSWORD_BYTES_MAX),
        ("wrong passwords for a user from one place", server::TRIES_MAX as usize),
        ("wrong passwords for a user from all strange places", server::TRIES_ELSEWHERE_MAX as usize),
        ("logins that are looked at at once", server::LOGINS_AT_ONCE_MAX),
        ("tokens and API keys of a user", server::TOKENS_OF_USER_MAX),
    ];
    let page = page("secrets.md");
    let rows = page.rows(&["what", "at most"]);
    let number = |text: &str| text.replace(',', "").parse().expect("a number");
    let written: Vec<(&str, usize)> = rows.iter().map(|row| (row[0].as_str(), number(&row[1]))).collect();
    assert_eq!(written, known);
    assert!(page.text.contains("600,000 rounds") && server::PASSWORD_ITERATIONS.get() == 600_000);
    assert!(page.text.contains(&format!("at least {} letters", server::PASSWORD_LETTERS_MIN)));
}

#[test]
fn every_limit_of_a_server_has_its_value() {
    use parlor::server::{http, pass};
    const HOUR_MS: u64 = 3_600_000;
    let known = [
        ("connections", http::CONNECTIONS_MAX as u64),
        ("long polls and event streams", http::STREAMS_MAX.into()),
        ("long polls and event streams of an address", http::STREAMS_OF_ADDRESS_MAX.into()),
        ("bytes of a request's head", http::HEADER_BYTES_MAX as u64),
        ("seconds for a request's head", http::HEADER_SECONDS_MAX.as_secs()),
        ("bytes of a JSON body", http::BODY_BYTES_MAX as u64),
        ("seconds for a body", http::BODY_SECONDS_MAX.as_secs()),
        ("bytes of a query", http::QUERY_BYTES_MAX as u64),
        ("seconds that a long poll waits", http::WAIT_SECONDS_MAX),
        ("seconds that a reader may take nothing", http::READER_SECONDS_MAX.as_secs()),
        ("bytes of a message", platform::limits::CONTENT_BYTES_MAX as u64),
        ("bytes of the context of a conversation", platform::limits::CONTEXT_BYTES_MAX as u64),
        ("open conversations of a connector", platform::limits::CONNECTOR_OPEN_MAX as u64),
        ("conversations that the gate holds again", server::REPLAYED_MAX as u64),
        ("days that a visitor's pass is good", pass::VISITOR_PASS.0 / (24 * HOUR_MS)),
        ("hours that a login is good", pass::USER_PASS.0 / HOUR_MS),
    ];
    let page = page("operating.md");
    let rows = page.rows(&["what", "at most"]);
    let number = |text: &str| text.replace(',', "").parse().expect("a number");
    let written: Vec<(&str, u64)> = rows.iter().map(|row| (row[0].as_str(), number(&row[1]))).collect();
    assert_eq!(written, known);
    assert_eq!(platform::limits::FREE_SPACE_MIN, 256 * 1024 * 1024);
    assert!(page.text.contains("less than 256 MB free"));
}

/// The unit and the container are taken as they are: what they type has to be what the program knows.
#[test]
fn the_examples_of_services_type_what_there_is() {
    let read = |name: &str| fs::read_to_string(root().join("examples").join(name)).expect("it is there");
    let (unit, container) = (read("parlor.service"), read("Containerfile"));
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("it starts something");
    let typed = |name: &str| {
        let line = container.lines().find(|line| line.starts_with(&format!("{name} [")));
        let list = line.unwrap_or_else(|| panic!("no {name}")).split_once(' ').expect("a list").1;
        serde_json::from_str::<Vec<String>>(list).expect("a list of words")
    };
    let entry = [typed("ENTRYPOINT"), typed("CMD")].concat();
    let probe = typed_probe(&container);
    let unit_words: Vec<String> = start.split_whitespace().map(str::to_string).collect();
    let desk = Desk::new("services");
    for words in [&unit_words, &entry, &probe] {
        assert!(words[0] == "parlor" || words[0] == "/usr/local/bin/parlor", "{words:?}");
        let (help, _) = desk.run(&format!("parlor {} --help", words[1]));
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(&format!("{flag} ")), "{words:?}: there is no {flag}");
        }
    }
    let after = |words: &[String], flag: &str| {
        let at = words.iter().position(|word| word == flag).unwrap_or_else(|| panic!("no {flag}: {words:?}"));
        words[at + 1].clone()
    };
    // The folders are those that the unit makes, and the volumes of the container; the key is not in the data.
    let folders = unit.lines().find_map(|line| line.strip_prefix("StateDirectory=")).expect("its folders");
    let folders: Vec<String> = folders.split(' ').map(|name| format!("/var/lib/{name}/")).collect();
    let volumes = typed("VOLUME").iter().map(|volume| format!("{volume}/")).collect::<Vec<_>>();
    for (words, [data, key]) in [
        (&unit_words, <[String; 2]>::try_from(folders).expect("two folders")),
        (&entry, <[String; 2]>::try_from(volumes).expect("two volumes")),
    ] {
        assert!(after(words, "--data").starts_with(&data) && !key.starts_with(&data), "{words:?}");
        assert!(after(words, "--key-file").starts_with(&key), "{words:?}");
    }
    assert_eq!(after(&probe, "--token-file"), format!("{}.token", after(&entry, "--data")));
    // It is given longer to end than it takes at most.
    for text in [&unit, &container] {
        assert!(text.contains("SIGTERM") && text.contains("30"));
    }
    assert!(unit.contains("TimeoutStopSec=30\n") && container.contains("--stop-timeout 30"));
}

/// What the health check of a container types.
fn typed_probe(container: &str) -> Vec<String> {
    let rest = container.split_once("\nHEALTHCHECK ").expect("a health check").1;
    let list = rest.split_once("CMD ").expect("a command").1.lines().next().expect("a line");
    serde_json::from_str(list).expect("a list of words")
}

// ---- Links ----

/// The part of a link behind `#`, as GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let letters = heading.to_lowercase();
    let letters = letters.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    letters.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let mut wrong = Vec::new();
    for page in &pages {
        let prose = page.prose();
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("http") {
                continue;
            }
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let folder = page.path.parent().expect("a folder");
            let path = if file.is_empty() { root().join(&page.path) } else { root().join(folder).join(file) };
            let there = path.exists();
            let heading = |text: &str| {
                text.lines()
                    .any(|line| line.starts_with('#') && anchor(line.trim_start_matches('#').trim()) == part)
            };
            if !there || !part.is_empty() && !fs::read_to_string(&path).is_ok_and(|text| heading(&text)) {
                wrong.push(format!("{}: `{link}` leads nowhere", page.path.display()));
            }
        }
    }
    let contents =
        pages.iter().find(|page| page.path == Path::new("docs/README.md")).expect("a table of contents");
    for page in pages.iter().filter(|page| page.path.starts_with("docs") && page.path != contents.path) {
        let name = page.path.file_name().unwrap().to_string_lossy();
        if !contents.text.contains(&format!("({name})")) {
            wrong.push(format!("docs/README.md does not name {name}"));
        }
    }
    assert_none(wrong);
}

#[test]
fn every_other_block_can_be_read_too() {
    const KNOWN: &[&str] =
        &["dialog", "transcript", "convo", "console", "yaml", "json", "http", "text", "sh", "rust", "toml"];
    let mut wrong = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            let place = page.place(block.line);
            match block.info.first().map(String::as_str) {
                Some("yaml") => {
                    if let Err(error) = serde_yaml::from_str::<serde_yaml::Value>(&block.text) {
                        wrong.push(format!("{place}: {error}"));
                    }
                }
                Some(language) if KNOWN.contains(&language) => {}
                other => wrong.push(format!("{place}: a block of the kind {other:?}")),
            }
        }
        if page.text.contains('!') && page.path.starts_with("docs") {
            let prose = page.prose();
            let loud = prose.lines().find(|line| {
                let bare: String = line.split('`').step_by(2).collect();
                bare.contains('!')
            });
            wrong.extend(loud.map(|line| format!("{}: no exclamation marks: {line}", page.path.display())));
        }
    }
    assert_none(wrong);
}
